/* schema_text: strings of a body compared where they stand.
 *
 * What they are made of was noted when the body was scanned (json_text.c). */
#include <string.h>

#include "schema.h"

struct str
text_unescaped(const struct json_doc *doc, uint32_t node, char *buf, size_t size)
{
	struct str content = text_content(doc, node);
	const char *p = content.p, *end = content.p + content.len;
	size_t len = 0;

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
		return str_is(text_decoded(doc, node, buf, sizeof(buf)), value);
	return str_is(json_raw(doc, node), value);
}

bool
escaped_in_enum(const struct json_doc *doc, uint32_t node, const char (*values)[OCPI_VALUE_SIZE])
{
	char buf[OCPI_VALUE_SIZE];

	return enum_has(values, text_unescaped(doc, node, buf, sizeof(buf)));
}

bool
escaped_has_form(const struct json_doc *doc, uint32_t node, const struct ocpi_form *form)
{
	char buf[1024]; /* the longest text with a form is a URL of 255 characters */
	struct str text = text_unescaped(doc, node, buf, sizeof(buf));

	return text.p != NULL && form->ok(text);
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
