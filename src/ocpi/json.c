/* json: one strict pass over a text, noting where every value stands.
 *
 * There is no tree and no recursion: nodes lie in one array in document order, open containers on a
 * stack of JSON_MAX_DEPTH. Functions that take a position return the position behind what they
 * read, or NULL after they have filled the fault. Strings are skipped eight bytes at a time; only
 * what is not plain ASCII is looked at singly. */
#include <endian.h>
#include <string.h>

#include "json.h"

struct scan {
	const char *start, *end;
	struct json_node *nodes;
	uint32_t count, cap, max;
	uint32_t depth, open[JSON_MAX_DEPTH];
	struct arena *arena;
	struct fault *fault;
};

static const char *
refuse(const struct scan *scan, const char *at, const char *why)
{
	fault_set(scan->fault, RH_BAD_JSON, "", "offset %zu: %s", (size_t)(at - scan->start), why);
	return NULL;
}

static uint32_t
offset(const struct scan *scan, const char *at)
{
	return (uint32_t)(at - scan->start);
}

/* Pretty-printed bodies are half spaces, hence the leap. */
static inline const char *
blanks(const struct scan *scan, const char *p)
{
	static const char eight[8] = { ' ', ' ', ' ', ' ', ' ', ' ', ' ', ' ' };

	while (p < scan->end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t')) {
		p++;
		while (scan->end - p >= 8 && memcmp(p, eight, 8) == 0)
			p += 8;
	}
	return p;
}

/* ---- nodes ---- */

static void
grow(struct scan *scan)
{
	uint32_t cap = scan->cap > scan->max / 2 ? scan->max : scan->cap * 2;
	struct json_node *nodes = arena_take(scan->arena, cap * sizeof(*nodes));

	memcpy(nodes, scan->nodes, scan->count * sizeof(*nodes));
	scan->nodes = nodes;
	scan->cap = cap;
}

/** The next node, of one value that starts at @at; NULL when there are too many. */
static inline struct json_node *
add(struct scan *scan, enum json_type type, const char *at)
{
	struct json_node *node;

	if (scan->count == scan->cap) {
		if (scan->cap == scan->max) {
			refuse(scan, at, "too many values");
			return NULL;
		}
		grow(scan);
	}
	node = &scan->nodes[scan->count++];
	*node = (struct json_node){
		.at = offset(scan, at), .next = scan->count, .type = (uint8_t)type
	};
	return node;
}

/* ---- strings ---- */

/** A bit for the first byte of @word that is a quote, a backslash, a control character or not
 * ASCII. Bits above the lowest one may be false: a borrow runs upwards from a true one. */
static inline uint64_t
odd_bytes(uint64_t word)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t quote = word ^ (ones * '"'), backslash = word ^ (ones * '\\');

	return (word | ((quote - ones) & ~quote) | ((backslash - ones) & ~backslash) |
	               ((word - ones * 0x20) & ~word)) &
	       (ones * 0x80);
}

static inline const char *
plain(const char *p, const char *end)
{
	while (end - p >= 8) {
		uint64_t word, odd;

		memcpy(&word, p, sizeof(word));
		odd = odd_bytes(le64toh(word));
		if (odd != 0)
			return p + __builtin_ctzll(odd) / 8;
		p += 8;
	}
	while (p < end && *p >= 0x20 && *p < 0x7f && *p != '"' && *p != '\\')
		p++;
	return p;
}

static const char *
unicode_escape(const struct scan *scan, const char *p)
{
	int32_t unit = scan->end - p >= 6 ? json_hex4(p + 2) : -1;
	int32_t low;

	if (unit < 0)
		return refuse(scan, p, "expected four hexadecimal digits behind \\u");
	if (unit == 0)
		return refuse(scan, p, "\\u0000 is not allowed");
	if (unit < 0xd800 || unit > 0xdfff)
		return p + 6;
	low = unit < 0xdc00 && scan->end - p >= 12 && p[6] == '\\' && p[7] == 'u' ? json_hex4(p + 8)
	                                                                          : -1;
	if (low < 0xdc00 || low > 0xdfff)
		return refuse(scan, p, "half of a surrogate pair");
	return p + 12;
}

static const char *
escape(const struct scan *scan, const char *p)
{
	if (scan->end - p >= 2 && p[1] == 'u')
		return unicode_escape(scan, p);
	if (scan->end - p >= 2 && p[1] != '\0' && strchr("\"\\/bfnrt", p[1]) != NULL)
		return p + 2;
	return refuse(scan, p, "unknown escape in a string");
}

/** From behind the opening quote to behind the closing one. */
static const char *
string_rest(const struct scan *scan, const char *p, bool *escaped)
{
	for (;;) {
		size_t size;

		p = plain(p, scan->end);
		if (p == scan->end)
			return refuse(scan, p, "string without an end");
		if (*p == '"')
			return p + 1;
		if (*p == '\\') {
			*escaped = true;
			p = escape(scan, p);
			if (p == NULL)
				return NULL;
			continue;
		}
		if ((unsigned char)*p < 0x20)
			return refuse(scan, p, "control character in a string");
		size = utf8_size(p, scan->end);
		if (size == 0)
			return refuse(scan, p, "invalid UTF-8");
		p += size;
	}
}

static const char *
string(struct scan *scan, const char *p)
{
	struct json_node *node = add(scan, JSON_STRING, p);
	bool escaped = false;

	if (node == NULL)
		return NULL;
	p = string_rest(scan, p + 1, &escaped);
	if (p == NULL)
		return NULL;
	node->end = offset(scan, p);
	node->escaped = escaped;
	return p;
}

/* ---- numbers and words ---- */

static inline bool
digit_at(const struct scan *scan, const char *p)
{
	return p < scan->end && *p >= '0' && *p <= '9';
}

static const char *
digits(const struct scan *scan, const char *p)
{
	if (!digit_at(scan, p))
		return refuse(scan, p, "expected a digit");
	while (digit_at(scan, p))
		p++;
	return p;
}

static const char *
number_rest(const struct scan *scan, const char *p)
{
	if (*p == '-')
		p++;
	if (digit_at(scan, p) && *p == '0')
		p++;
	else
		p = digits(scan, p);
	if (p != NULL && digit_at(scan, p))
		return refuse(scan, p, "leading zero in a number");
	if (p != NULL && p < scan->end && *p == '.')
		p = digits(scan, p + 1);
	if (p == NULL || p == scan->end || (*p != 'e' && *p != 'E'))
		return p;
	p++;
	if (p < scan->end && (*p == '+' || *p == '-'))
		p++;
	return digits(scan, p);
}

static const char *
number(struct scan *scan, const char *p)
{
	struct json_node *node = add(scan, JSON_NUMBER, p);

	p = node == NULL ? NULL : number_rest(scan, p);
	if (p != NULL)
		node->end = offset(scan, p);
	return p;
}

static const char *
word(struct scan *scan, const char *p, enum json_type type, struct str text)
{
	struct json_node *node;

	if ((size_t)(scan->end - p) < text.len || memcmp(p, text.p, text.len) != 0)
		return refuse(scan, p, "expected a value");
	node = add(scan, type, p);
	if (node == NULL)
		return NULL;
	node->end = offset(scan, p + text.len);
	return p + text.len;
}

/* ---- containers ---- */

/** A key and its colon; the position before a value. */
static const char *
key(struct scan *scan, const char *p)
{
	p = blanks(scan, p);
	if (p == scan->end || *p != '"')
		return refuse(scan, p, "expected a key in quotes");
	scan->nodes[scan->open[scan->depth - 1]].count++;
	p = string(scan, p);
	if (p == NULL)
		return NULL;
	p = blanks(scan, p);
	if (p == scan->end || *p != ':')
		return refuse(scan, p, "expected ':' behind a key");
	return p + 1;
}

static const char *
close_object(const struct scan *scan, uint32_t object, const char *p)
{
	struct json_doc doc = { { scan->start, (size_t)(scan->end - scan->start) }, scan->nodes,
		scan->count };
	struct str name;
	uint32_t twice;

	if (json_keys_unique(&doc, object, scan->arena, &twice))
		return p;
	name = json_content(&doc, twice);
	fault_set(scan->fault, RH_BAD_JSON, "",
	        "offset %u: key \"%.*s\" stands twice in one object", scan->nodes[twice].at,
	        (int)(name.len < 64 ? name.len : 64), name.p);
	return NULL;
}

/** Behind the bracket that closes the innermost container. */
static const char *
shut(struct scan *scan, const char *p)
{
	uint32_t index = scan->open[--scan->depth];
	struct json_node *node = &scan->nodes[index];

	node->end = offset(scan, p + 1);
	node->next = scan->count;
	return node->type == JSON_OBJECT ? close_object(scan, index, p + 1) : p + 1;
}

static const char *
opened(struct scan *scan, const char *p, enum json_type type)
{
	if (scan->depth == JSON_MAX_DEPTH)
		return refuse(scan, p, "nested too deep");
	if (add(scan, type, p) == NULL)
		return NULL;
	scan->open[scan->depth++] = scan->count - 1;
	return p + 1;
}

/** What follows '{' or '[': the position before a value, or the closing bracket, which after()
 * takes. */
static const char *
opening(struct scan *scan, const char *p, bool *empty)
{
	bool object = *p == '{';

	p = opened(scan, p, object ? JSON_OBJECT : JSON_ARRAY);
	if (p == NULL)
		return NULL;
	p = blanks(scan, p);
	*empty = p < scan->end && *p == (object ? '}' : ']');
	if (*empty)
		return p;
	if (object)
		return key(scan, p);
	scan->nodes[scan->count - 1].count = 1;
	return p;
}

/** One scalar, or all that opens before the first scalar. */
static const char *
value(struct scan *scan, const char *p)
{
	bool empty = false;

	for (;;) {
		p = blanks(scan, p);
		if (p == scan->end)
			return refuse(scan, p, "expected a value");
		if (*p != '{' && *p != '[')
			break;
		p = opening(scan, p, &empty);
		if (p == NULL || empty)
			return p;
	}
	switch (*p) {
	case '"':
		return string(scan, p);
	case 't':
		return word(scan, p, JSON_TRUE, STR("true"));
	case 'f':
		return word(scan, p, JSON_FALSE, STR("false"));
	case 'n':
		return word(scan, p, JSON_NULL, STR("null"));
	default:
		if (*p != '-' && !digit_at(scan, p))
			return refuse(scan, p, "expected a value");
		return number(scan, p);
	}
}

/** Behind a value: close what closes here. The position before the next value, or the end at depth
 * 0. */
static const char *
after(struct scan *scan, const char *p)
{
	while (scan->depth > 0) {
		struct json_node *node = &scan->nodes[scan->open[scan->depth - 1]];
		bool object = node->type == JSON_OBJECT;

		p = blanks(scan, p);
		if (p < scan->end && *p == (object ? '}' : ']')) {
			p = shut(scan, p);
			if (p == NULL)
				return NULL;
			continue;
		}
		if (p == scan->end || *p != ',')
			return refuse(
			        scan, p, object ? "expected ',' or '}'" : "expected ',' or ']'");
		if (object)
			return key(scan, p + 1);
		node->count++;
		return p + 1;
	}
	return p;
}

enum rh_err
json_scan(struct str text, uint32_t max_nodes, struct arena *arena, struct json_doc *doc,
        struct fault *fault)
{
	struct scan scan = { .start = text.p, .end = text.p + text.len, .max = max_nodes };
	const char *p = text.p;

	if (text.p == NULL || text.len > INT32_MAX || max_nodes == 0)
		return fault_set(fault, RH_BAD_JSON, "", "%s",
		        text.p == NULL ? "no text" : "text is too long");
	scan.arena = arena;
	scan.fault = fault;
	scan.cap = (uint32_t)(text.len / 12) + 16;
	if (scan.cap > max_nodes)
		scan.cap = max_nodes;
	scan.nodes = arena_take(arena, scan.cap * sizeof(*scan.nodes));
	do {
		p = value(&scan, p);
		p = p == NULL ? NULL : after(&scan, p);
	} while (p != NULL && scan.depth > 0);
	if (p == NULL)
		return RH_BAD_JSON;
	p = blanks(&scan, p);
	if (p != scan.end) {
		refuse(&scan, p, "expected the end of the text");
		return RH_BAD_JSON;
	}
	*doc = (struct json_doc){ text, scan.nodes, scan.count };
	return RH_OK;
}
