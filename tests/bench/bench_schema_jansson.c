/* bench_schema_jansson: what a reader that builds a tree takes for the same bytes. */
#include "bench_schema.h"

#include <jansson.h>

void
jansson_read(struct str text)
{
	json_t *root = json_loadb(text.p, text.len, 0, NULL);

	if (root == NULL)
		abort();
	json_decref(root);
}
