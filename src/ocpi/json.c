/* json: one strict pass over a text, noting where every value stands.
 *
 * There is no tree and no recursion: nodes lie in one array in document order, open containers on a
 * stack of JSON_MAX_DEPTH. Functions that take a position return the position behind what they
 * read, or NULL after they have filled the fault. Strings are skipped RUN bytes at a time; only
 * what is not plain ASCII is looked at singly, and what was seen of it is noted in the string's
 * node, so that nobody has to measure it again. */
#include <string.h>

#include "json.h"
#include "json_run.h"

/** An object or list that is not closed yet. */
struct level {
	uint64_t seen; /* a bit for the print of each key so far */
	uint32_t node, count;
	char close;   /* bracket */
	bool suspect; /* a key may stand twice: to be found out when the object is closed */
};

struct scan {
	const char *start, *end;
	struct json_node *nodes;
	uint32_t count, cap, max;
	struct arena *arena;
	struct fault *fault;
	struct level *inmost, open[JSON_MAX_DEPTH + 1]; /* open[0]: what is around the value */
};

static const char *
refuse(const struct scan *scan, const char *at, const char *why)
{
	return json_refuse(scan->fault, (size_t)(at - scan->start), why);
}

static inline uint32_t
offset(const struct scan *scan, const char *at)
{
	return (uint32_t)(at - scan->start);
}

/* Most places have no white space or one space. */
static inline const char *
blanks(const struct scan *scan, const char *p)
{
	if (p == scan->end || (unsigned char)*p > ' ')
		return p;
	if (*p == ' ' && scan->end - p >= 2 && (unsigned char)p[1] > ' ')
		return p + 1;
	return json_blank_end(p, scan->end);
}

/* ---- nodes ---- */

static bool
grow(struct scan *scan, const char *at)
{
	uint32_t cap = scan->cap > scan->max / 2 ? scan->max : scan->cap * 2;
	struct json_node *nodes;

	if (scan->cap == scan->max) {
		refuse(scan, at, "too many values");
		return false;
	}
	nodes = arena_take(scan->arena, cap * sizeof(*nodes));
	memcpy(nodes, scan->nodes, scan->count * sizeof(*nodes));
	scan->nodes = nodes;
	scan->cap = cap;
	return true;
}

/** Whether there is room for one more node, of the value at @at. */
static inline bool
room(struct scan *scan, const char *at)
{
	return scan->count < scan->cap || grow(scan, at);
}

/** The next node, of the value at @p, once there is room(). Where it ends is said by finish(): in
 * one go the compiler gathers four words in a vector, which takes it twice as many instructions. */
static inline struct json_node *
begin(struct scan *scan, const char *p)
{
	struct json_node *node = &scan->nodes[scan->count++];

	node->at = offset(scan, p);
	node->next = scan->count;
	return node;
}

static inline void
finish(struct json_node *node, enum json_type type, uint32_t size, uint32_t count, bool plain)
{
	node->end = node->at + size;
	node->count = count;
	node->type = (uint8_t)type;
	node->escaped = false;
	node->ascii = node->printable = plain;
}

/* ---- scalars ---- */

/** A string that has more than plain characters, or no end. */
static const char *
odd_string(const struct scan *scan, const char *p, struct json_node *node)
{
	const struct str text = { scan->start, (size_t)(scan->end - scan->start) };
	const char *close;

	finish(node, JSON_STRING, 0, 0, true);
	close = json_text_end(text, p + 1, node, scan->fault);
	if (close == NULL)
		return NULL;
	node->end = offset(scan, close + 1);
	return close + 1;
}

static inline const char *
string(struct scan *scan, const char *p)
{
	struct json_node *node;
	const char *close;
	uint32_t size;

	if (!room(scan, p))
		return NULL;
	node = begin(scan, p);
	close = plain_end(p + 1, scan->end);
	if (close == NULL || *close != '"')
		return odd_string(scan, p, node);
	size = (uint32_t)(close + 1 - p);
	finish(node, JSON_STRING, size, size - 2, true);
	return close + 1;
}

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
	const char *end = room(scan, p) ? number_rest(scan, p) : NULL;

	if (end != NULL)
		finish(begin(scan, p), JSON_NUMBER, (uint32_t)(end - p), 0, false);
	return end;
}

static const char *
word(struct scan *scan, const char *p, enum json_type type, struct str text)
{
	if ((size_t)(scan->end - p) < text.len || memcmp(p, text.p, text.len) != 0)
		return refuse(scan, p, "expected a value");
	if (!room(scan, p))
		return NULL;
	finish(begin(scan, p), type, (uint32_t)text.len, 0, false);
	return p + text.len;
}

/* ---- keys ---- */

/** Whether the key at @key, as it is spelled, stood in @level before. */
static bool
stood_before(const struct scan *scan, const struct level *level, uint32_t key)
{
	const struct json_node *nodes = scan->nodes;
	uint32_t size = nodes[key].end - nodes[key].at;

	for (uint32_t node = level->node + 1; node < key; node = nodes[node + 1].next)
		if (nodes[node].end - nodes[node].at == size &&
		        memcmp(scan->start + nodes[node].at, scan->start + nodes[key].at, size) ==
		                0)
			return true;
	return false;
}

/* Nearly all keys have a print of their own in their object; those that share one are compared. The
 * factors are those that tell most of OCPI's keys apart. This only raises the suspicion:
 * json_keys_unique() judges, over keys of any spelling and number, when the object is closed. @p to
 * @end is the key with its quotes. */
static inline void
note_key(const struct scan *scan, const char *p, const char *end)
{
	struct level *level = scan->inmost;
	uint32_t key = scan->count - 1;
	unsigned first = (unsigned char)p[1], last = (unsigned char)end[-2];
	uint64_t bit = UINT64_C(1) << (8 * first + 4 * last + 9 * (unsigned)(end - p)) % 64;

	if (scan->nodes[key].escaped)
		level->suspect = true;
	if (level->seen & bit)
		level->suspect |= level->count > JSON_FEW_KEYS || stood_before(scan, level, key);
	level->seen |= bit;
}

/** A key and its colon; the position before a value. */
static inline const char *
key(struct scan *scan, const char *p)
{
	const char *from = blanks(scan, p);

	if (from == scan->end || *from != '"')
		return refuse(scan, from, "expected a key in quotes");
	p = string(scan, from);
	if (p == NULL)
		return NULL;
	note_key(scan, from, p);
	p = blanks(scan, p);
	if (p == scan->end || *p != ':')
		return refuse(scan, p, "expected ':' behind a key");
	return p + 1;
}

static const char *
judge_keys(const struct scan *scan, uint32_t object, const char *p)
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

/* ---- containers ---- */

/** Behind the bracket that closes the inmost container. */
static const char *
shut(struct scan *scan, const char *p)
{
	const struct level *level = scan->inmost--;
	struct json_node *node = &scan->nodes[level->node];

	node->end = offset(scan, p + 1);
	node->next = scan->count;
	node->count = level->count;
	if (level->suspect || (level->count > JSON_FEW_KEYS && level->close == '}'))
		return judge_keys(scan, level->node, p + 1);
	return p + 1;
}

/** Behind the bracket at @p, or before the one that closes it at once, which after() takes. */
static const char *
opened(struct scan *scan, const char *p)
{
	bool object = *p == '{';

	if (scan->inmost == &scan->open[JSON_MAX_DEPTH])
		return refuse(scan, p, "nested too deep");
	if (!room(scan, p))
		return NULL;
	finish(begin(scan, p), object ? JSON_OBJECT : JSON_ARRAY, 0, 0, false);
	*++scan->inmost = (struct level){ .node = scan->count - 1, .close = object ? '}' : ']' };
	p = blanks(scan, p + 1);
	if (p == scan->end || *p != scan->inmost->close)
		scan->inmost->count = 1;
	return p;
}

static const char *
number_or_word(struct scan *scan, const char *p)
{
	switch (*p) {
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

/** One scalar, or all that opens before the first scalar. */
static inline const char *
value(struct scan *scan, const char *p)
{
	for (;;) {
		if (scan->inmost->close == '}') {
			p = key(scan, p);
			if (p == NULL)
				return NULL;
		}
		p = blanks(scan, p);
		if (p == scan->end)
			return refuse(scan, p, "expected a value");
		if (*p == '"')
			return string(scan, p);
		if (*p != '{' && *p != '[')
			return number_or_word(scan, p);
		p = opened(scan, p);
		if (p == NULL || scan->inmost->count == 0)
			return p;
	}
}

/** Behind a value: close what closes here. True when another value is due at *p; otherwise *p is
 * behind the outmost one. */
static inline bool
after(struct scan *scan, const char **at)
{
	const char *p = *at;

	while (p != NULL && scan->inmost != scan->open) {
		struct level *level = scan->inmost;

		p = blanks(scan, p);
		if (p < scan->end && *p == ',') {
			level->count++;
			*at = p + 1;
			return true;
		}
		if (p < scan->end && *p == level->close)
			p = shut(scan, p);
		else
			p = refuse(scan, p,
			        level->close == '}' ? "expected ',' or '}'"
			                            : "expected ',' or ']'");
	}
	*at = p;
	return false;
}

bool
json_has_mark(struct str text)
{
	return str_starts(text, "\xef\xbb\xbf");
}

enum rh_err
json_scan(struct str text, uint32_t max_nodes, struct arena *arena, struct json_doc *doc,
        struct fault *fault)
{
	struct scan scan; /* its stack is large and need not be cleared */
	const char *p;

	if (text.p == NULL || text.len > INT32_MAX || max_nodes == 0)
		return fault_set(fault, RH_BAD_JSON, "", "%s",
		        text.p == NULL ? "no text" : "text is too long");
	if (json_has_mark(text))
		return fault_set(fault, RH_BAD_JSON, "",
		        "offset 0: a byte order mark (U+FEFF) stands before the value");
	scan.start = text.p;
	scan.end = text.p + text.len;
	scan.count = 0;
	scan.inmost = scan.open;
	scan.open[0].close = '\0';
	scan.max = max_nodes;
	scan.arena = arena;
	scan.fault = fault;
	scan.cap = (uint32_t)(text.len / 10) + 16;
	if (scan.cap > max_nodes)
		scan.cap = max_nodes;
	scan.nodes = arena_take(arena, scan.cap * sizeof(*scan.nodes));
	p = text.p;
	do
		p = value(&scan, p);
	while (after(&scan, &p));
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
