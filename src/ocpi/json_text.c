/* json_text: what of the scanned text is not plain: white space, escapes and characters beyond
 * ASCII.
 *
 * Strings that have such are looked at character by character, once; what nobody shall have to
 * measure again is noted in the string's node. */
#include <string.h>

#include "json.h"
#include "json_run.h"

const char *
json_refuse(struct fault *fault, size_t offset, const char *why)
{
	fault_set(fault, RH_BAD_JSON, "", "offset %zu: %s", offset, why);
	return NULL;
}

const char *
json_blank_end(const char *p, const char *end)
{
	for (; end - p >= RUN; p += RUN) {
		const char *dark = find_dark(p);

		if (dark != NULL)
			return dark;
	}
	while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
		p++;
	return p;
}

struct text {
	const char *start, *end;
	struct json_node *node;
	struct fault *fault;
};

static const char *
refuse(const struct text *text, const char *at, const char *why)
{
	return json_refuse(text->fault, (size_t)(at - text->start), why);
}

/** Count the character @point that takes @bytes of the text. */
static void
note(const struct text *text, uint32_t point, size_t bytes)
{
	struct json_node *node = text->node;
	bool printable = point >= 0x20 && (point < 0x7f || point > 0x9f) && point != 0x2028 &&
	                 point != 0x2029;

	node->count -= (uint32_t)bytes - 1;
	node->printable &= printable;
	node->ascii &= printable && point < 0x80;
}

static const char *
unicode_escape(const struct text *text, const char *p)
{
	int32_t unit = text->end - p >= 6 ? json_hex4(p + 2) : -1;
	int32_t low;

	if (unit < 0)
		return refuse(text, p, "expected four hexadecimal digits behind \\u");
	if (unit == 0)
		return refuse(text, p, "\\u0000 is not allowed");
	if (unit < 0xd800 || unit > 0xdfff) {
		note(text, (uint32_t)unit, 6);
		return p + 6;
	}
	low = unit < 0xdc00 && text->end - p >= 12 && p[6] == '\\' && p[7] == 'u' ? json_hex4(p + 8)
	                                                                          : -1;
	if (low < 0xdc00 || low > 0xdfff)
		return refuse(text, p, "half of a surrogate pair");
	note(text, 0x10000, 12); /* all beyond are alike */
	return p + 12;
}

static const char *
escape(const struct text *text, const char *p)
{
	bool more = text->end - p >= 2 && p[1] != '\0';

	text->node->escaped = true;
	if (more && p[1] == 'u')
		return unicode_escape(text, p);
	if (!more || strchr("\"\\/bfnrt", p[1]) == NULL)
		return refuse(text, p, "unknown escape in a string");
	note(text, strchr("bfnrt", p[1]) != NULL ? '\n' : '/', 2);
	return p + 2;
}

/** Characters beyond ASCII, as many as follow each other. */
static const char *
beyond_ascii(const struct text *text, const char *p)
{
	while (p < text->end && (unsigned char)*p >= 0x80) {
		size_t size = utf8_size(p, text->end);

		if (size == 0)
			return refuse(text, p, "invalid UTF-8");
		note(text, utf8_point(p, size), size);
		p += size;
	}
	return p;
}

static const char *
odd(const struct text *text, const char *p)
{
	if (*p == '\\')
		return escape(text, p);
	if ((unsigned char)*p >= 0x80)
		return beyond_ascii(text, p);
	if (*p < 0x20)
		return refuse(text, p, "control character in a string");
	note(text, 0x7f, 1);
	return p + 1;
}

const char *
json_text_end(struct str whole, const char *p, struct json_node *node, struct fault *fault)
{
	const struct text text = { whole.p, whole.p + whole.len, node, fault };
	const char *from = p;

	node->ascii = node->printable = true;
	node->count = 0;
	while (p != NULL) {
		p = plain_end(p, text.end);
		if (p == NULL)
			return refuse(&text, text.end, "string without an end");
		if (*p == '"') {
			node->count += (uint32_t)(p - from);
			return p;
		}
		p = odd(&text, p);
	}
	return NULL;
}
