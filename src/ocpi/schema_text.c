/* schema_text: strings of a body compared where they stand.
 *
 * What they are made of was noted when the body was scanned (json_text.c). */
#include <string.h>

#include "schema.h"

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
