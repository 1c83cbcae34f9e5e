/* tree: JSON text to jansson's trees. */
#include "tree.h"

json_t *
tree_text(const char *text)
{
	return json_stringn(text, strlen(text));
}

/* jansson refuses integers beyond 64 bits, which are JSON all the same: they become reals. */
json_t *
tree_read(struct str text)
{
	json_t *tree;

	if (text.len == 0)
		return NULL;
	tree = json_loadb(text.p, text.len, JSON_DECODE_ANY, NULL);
	if (tree == NULL)
		tree = json_loadb(
		        text.p, text.len, JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, NULL);
	return tree;
}
