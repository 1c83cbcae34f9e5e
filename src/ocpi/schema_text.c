/* schema_text: strings of a body measured and compared where they stand.
 *
 * Nearly every string of a body is plain ASCII without escapes: one loop over its bytes tells all.
 * The others are walked character by character. */
#include <string.h>

#include "schema.h"

/** Controls of ASCII and Latin-1, and the two line breaks of Unicode. */
static bool
unit_printable(const char *unit, size_t size)
{
	unsigned char c = (unsigned char)unit[0], d = (unsigned char)unit[size > 1];

	if (size == 1)
		return c >= 0x20 && c != 0x7f;
	if (size == 2)
		return c != 0xc2 || d >= 0xa0;
	return memcmp(unit, "\xe2\x80\xa8", 3) != 0 && memcmp(unit, "\xe2\x80\xa9", 3) != 0;
}

static struct text
measure_slowly(struct str content)
{
	struct text text = { .ascii = true, .printable = true };
	const char *p = content.p, *end = content.p + content.len;

	while (p < end) {
		char unit[4];
		size_t size = json_unit(&p, end, unit);

		text.characters++;
		text.printable &= unit_printable(unit, size);
		text.ascii &= size == 1 && unit_printable(unit, size);
	}
	return text;
}

struct text
text_measure(const struct json_doc *doc, uint32_t node)
{
	struct str content = text_content(doc, node);
	unsigned high = 0, del = 0;

	if (doc->nodes[node].escaped)
		return measure_slowly(content);
	for (size_t i = 0; i < content.len; i++) {
		high |= (unsigned char)content.p[i];
		del |= content.p[i] == 0x7f;
	}
	if (high & 0x80)
		return measure_slowly(content);
	return (struct text){ content.len, del == 0, del == 0 };
}

struct str
text_decoded(const struct json_doc *doc, uint32_t node, char *buf, size_t size)
{
	struct str content = text_content(doc, node);
	const char *p = content.p, *end = content.p + content.len;
	size_t len = 0;

	if (!doc->nodes[node].escaped)
		return content;
	while (p < end) {
		char unit[4];
		size_t more = json_unit(&p, end, unit);

		if (more > size - len)
			return (struct str){ 0 };
		memcpy(buf + len, unit, more);
		len += more;
	}
	return (struct str){ buf, len };
}

bool
text_value_is(const struct json_doc *doc, uint32_t node, const char *value)
{
	char buf[64];

	if (doc->nodes[node].type == JSON_STRING)
		return text_is(text_decoded(doc, node, buf, sizeof(buf)), value);
	return text_is(json_raw(doc, node), value);
}

bool
enum_has(const char *const *values, struct str text)
{
	for (; values != NULL && *values != NULL; values++)
		if (text_is(text, *values))
			return true;
	return false;
}

bool
has_content(const struct json_doc *doc, uint32_t node)
{
	const struct json_node *n = &doc->nodes[node];

	if (node == 0 || n->type == JSON_NULL)
		return false;
	if (n->type == JSON_ARRAY)
		return n->count > 0;
	return n->type != JSON_STRING || n->end - n->at > 2;
}
