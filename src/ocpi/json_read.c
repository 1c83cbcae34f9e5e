/* json_read: what callers ask a scanned text for: members, strings, integers, pointers.
 *
 * Texts were checked by json_scan(), so nothing here can fail on their grammar. */
#include <assert.h>
#include <string.h>

#include "json.h"

struct str
json_raw(const struct json_doc *doc, uint32_t node)
{
	const struct json_node *n = &doc->nodes[node];

	assert(node < doc->count);
	return (struct str){ doc->text.p + n->at, n->end - n->at };
}

struct str
json_content(const struct json_doc *doc, uint32_t node)
{
	const struct json_node *n = &doc->nodes[node];

	return (struct str){ doc->text.p + n->at + 1, n->end - n->at - 2 };
}

/** Whether the key at @node is @name, escapes decoded as they come. */
static bool
key_is(const struct json_doc *doc, uint32_t node, struct str name)
{
	struct str key = json_content(doc, node);
	const char *p = key.p, *end = key.p + key.len;
	size_t at = 0;

	if (!doc->nodes[node].escaped)
		return key.len == name.len && memcmp(key.p, name.p, name.len) == 0;
	while (p < end) {
		char unit[4];
		size_t size = json_unit(&p, end, unit);

		if (name.len - at < size || memcmp(name.p + at, unit, size) != 0)
			return false;
		at += size;
	}
	return at == name.len;
}

uint32_t
json_member(const struct json_doc *doc, uint32_t object, const char *name)
{
	struct str wanted = str_of(name);
	uint32_t node = object + 1;

	if (doc->nodes[object].type != JSON_OBJECT)
		return 0;
	for (uint32_t i = 0; i < doc->nodes[object].count; i++) {
		if (key_is(doc, node, wanted))
			return node + 1;
		node = doc->nodes[node + 1].next;
	}
	return 0;
}

struct str
json_string(const struct json_doc *doc, uint32_t node, struct arena *arena)
{
	struct str content;
	const char *p, *end;
	char *out;
	size_t len = 0;

	if (doc->nodes[node].type != JSON_STRING)
		return (struct str){ 0 };
	content = json_content(doc, node);
	if (!doc->nodes[node].escaped)
		return content;
	out = arena_take(arena, content.len); /* no escape is shorter than what it means */
	p = content.p;
	end = p + content.len;
	while (p < end) {
		char unit[4];
		size_t size = json_unit(&p, end, unit);

		memcpy(out + len, unit, size);
		len += size;
	}
	return (struct str){ out, len };
}

struct str
json_member_string(
        const struct json_doc *doc, uint32_t object, const char *name, struct arena *arena)
{
	uint32_t node = json_member(doc, object, name);

	return node == 0 ? (struct str){ 0 } : json_string(doc, node, arena);
}

/* ---- integers: the digits and a power of ten, so that 1000, 1000.0 and 1e3 are one number ---- */

/** The exponent of a number's text, cut at +-100 000, where nothing but zero is an int64_t any
 * more. */
static int64_t
exponent(struct str text)
{
	int64_t value = 0;
	bool negative = false;

	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] == '-')
			negative = true;
		if (text.p[i] >= '0' && text.p[i] <= '9' && value < 100000)
			value = value * 10 + (text.p[i] - '0');
	}
	return negative ? -value : value;
}

static bool
add_digit(uint64_t *value, unsigned digit)
{
	return !__builtin_mul_overflow(*value, (uint64_t)10, value) &&
	       !__builtin_add_overflow(*value, (uint64_t)digit, value);
}

/** Value of @digits, a point among them or not, times ten to the power of @scale. */
static bool
scaled(struct str digits, int64_t scale, uint64_t *value)
{
	const char *point = memchr(digits.p, '.', digits.len);

	*value = 0;
	scale -= point == NULL ? 0 : digits.p + digits.len - point - 1;
	while (digits.len > 0 &&
	        (digits.p[digits.len - 1] == '0' || digits.p[digits.len - 1] == '.'))
		scale += digits.p[--digits.len] == '0';
	for (size_t i = 0; i < digits.len; i++)
		if (digits.p[i] != '.' && !add_digit(value, (unsigned)(digits.p[i] - '0')))
			return false;
	if (*value == 0)
		return true;
	for (; scale > 0; scale--)
		if (!add_digit(value, 0))
			return false;
	return scale == 0;
}

/** Digits alone that cannot be too many: what nearly all integers are. */
static bool
plain_int(struct str text, int64_t *out)
{
	int64_t value = 0;

	if (text.len > 18)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		unsigned digit = (unsigned)(unsigned char)text.p[i] - '0';

		if (digit > 9)
			return false;
		value = value * 10 + digit;
	}
	*out = value;
	return true;
}

bool
json_int(const struct json_doc *doc, uint32_t node, int64_t *out)
{
	struct str text = json_raw(doc, node);
	bool negative = text.p[0] == '-';
	uint64_t value;
	size_t mantissa = 0;

	if (doc->nodes[node].type != JSON_NUMBER)
		return false;
	if (plain_int(text, out))
		return true;
	if (negative)
		text = str_from(text, 1);
	while (mantissa < text.len && (text.p[mantissa] | 0x20) != 'e')
		mantissa++;
	if (!scaled((struct str){ text.p, mantissa }, exponent(str_from(text, mantissa)), &value))
		return false;
	if (value > (uint64_t)INT64_MAX + negative)
		return false;
	*out = negative ? (int64_t)(0 - value) : (int64_t)value;
	return true;
}

/* ---- pointers ---- */

struct pointer {
	char *out;
	size_t size, len;
	bool full;
};

/** Whole characters or nothing: a pointer that is cut remains valid UTF-8. */
static void
pointer_add(struct pointer *pointer, const char *bytes, size_t size)
{
	if (pointer->full || size + 1 > pointer->size - pointer->len) {
		pointer->full = true;
		return;
	}
	memcpy(pointer->out + pointer->len, bytes, size);
	pointer->len += size;
	pointer->out[pointer->len] = '\0';
}

static void
pointer_key(struct pointer *pointer, const struct json_doc *doc, uint32_t node)
{
	struct str key = json_content(doc, node);
	const char *p = key.p, *end = key.p + key.len;

	pointer_add(pointer, "/", 1);
	while (p < end) {
		char unit[4];
		size_t size = json_unit(&p, end, unit);

		if (size == 1 && (unit[0] == '~' || unit[0] == '/'))
			pointer_add(pointer, unit[0] == '~' ? "~0" : "~1", 2);
		else
			pointer_add(pointer, unit, size);
	}
}

static void
pointer_index(struct pointer *pointer, uint32_t index)
{
	char digits[12], *p = digits + sizeof(digits);

	do
		*--p = (char)('0' + index % 10);
	while ((index /= 10) > 0);
	*--p = '/';
	pointer_add(pointer, p, (size_t)(digits + sizeof(digits) - p));
}

/** The child of @parent in whose subtree @node is, a key counting as its value; its step is added
 * to @pointer. */
static uint32_t
pointer_step(struct pointer *pointer, const struct json_doc *doc, uint32_t parent, uint32_t node)
{
	bool object = doc->nodes[parent].type == JSON_OBJECT;
	uint32_t child = parent + 1, index = 0;

	while (doc->nodes[child + object].next <= node) {
		child = doc->nodes[child + object].next;
		index++;
	}
	if (object)
		pointer_key(pointer, doc, child);
	else
		pointer_index(pointer, index);
	return child == node ? node : child + object;
}

void
json_pointer(const struct json_doc *doc, uint32_t node, char *out, size_t size)
{
	struct pointer pointer = { .out = out, .size = size };
	uint32_t at = 0;

	assert(size > 0 && node < doc->count);
	out[0] = '\0';
	while (at != node)
		at = pointer_step(&pointer, doc, at, node);
}
