/* patch_find: little is looked for one by one; much in much is looked for in a table.
 *
 * Both sides of a merge may have as many members and elements as a body can hold, and the store's
 * writer waits for it. */
#include "patch_find.h"

enum { FEW = 256 };

/* Ids are CiStrings. */
static struct str
folded(struct str id, struct arena *arena)
{
	char *copy = id.p != NULL ? arena_cstr(arena, id) : NULL;

	for (size_t i = 0; i < id.len; i++)
		if (copy[i] >= 'A' && copy[i] <= 'Z')
			copy[i] = (char)(copy[i] + ('a' - 'A'));
	return (struct str){ copy, id.len };
}

static void
put(struct lookup *lookup, struct str name, uint32_t node)
{
	if (name.p != NULL && table_get(lookup->table, name) == NULL)
		table_put(lookup->table, name, (void *)(uintptr_t)node);
}

static void
put_elements(struct lookup *lookup)
{
	const struct json_doc *doc = lookup->doc;

	for (uint32_t i = lookup->node + 1; i < doc->nodes[lookup->node].next;
	        i = doc->nodes[i].next)
		put(lookup,
		        folded(json_member_string(doc, i, lookup->key, lookup->arena),
		                lookup->arena),
		        i);
}

static void
put_members(struct lookup *lookup)
{
	const struct json_doc *doc = lookup->doc;

	for (uint32_t key = lookup->node + 1; key < doc->nodes[lookup->node].next;
	        key = doc->nodes[key + 1].next)
		put(lookup, json_string(doc, key, lookup->arena), key + 1);
}

struct lookup
lookup_open(const struct json_doc *doc, uint32_t node, const char *key, size_t wanted,
        struct arena *arena)
{
	struct lookup lookup = { doc, node, key, NULL, arena };
	size_t count = doc->nodes[node].count;

	if (doc->nodes[node].type != (key != NULL ? JSON_ARRAY : JSON_OBJECT) || wanted < 2 ||
	        count * wanted <= FEW)
		return lookup;
	lookup.table = table_new(count);
	if (key != NULL)
		put_elements(&lookup);
	else
		put_members(&lookup);
	return lookup;
}

void
lookup_close(struct lookup *lookup)
{
	table_free(lookup->table);
}

static uint32_t
find_element(const struct lookup *lookup, struct str id)
{
	const struct json_doc *doc = lookup->doc;

	if (doc->nodes[lookup->node].type != JSON_ARRAY)
		return 0;
	for (uint32_t i = lookup->node + 1; i < doc->nodes[lookup->node].next;
	        i = doc->nodes[i].next)
		if (str_ieq(json_member_string(doc, i, lookup->key, lookup->arena), id))
			return i;
	return 0;
}

uint32_t
lookup_find(const struct lookup *lookup, struct str name)
{
	if (name.p == NULL)
		return 0;
	if (lookup->table == NULL && lookup->key != NULL)
		return find_element(lookup, name);
	if (lookup->table == NULL)
		return json_member(lookup->doc, lookup->node, arena_cstr(lookup->arena, name));
	if (lookup->key != NULL)
		name = folded(name, lookup->arena);
	return (uint32_t)(uintptr_t)table_get(lookup->table, name);
}
