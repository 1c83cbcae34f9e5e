/* schema_unique: lists whose elements have an id each: no two the same (RULE_UNIQUE).
 *
 * Nearly all lists are short and are compared pair by pair; a long one, which nobody can be kept
 * from sending, goes through a table. */
#include <stdlib.h>
#include <string.h>

#include "schema.h"

enum { SHORT_LIST = 32, MOST_ID = 64 };

static uint32_t
id_of(const struct check *check, const struct ocpi_rule *rule, uint32_t element)
{
	uint32_t node = check->doc->nodes[element].type == JSON_OBJECT
	                        ? json_member(check->doc, element, rule->third)
	                        : 0;

	return node != 0 && check->doc->nodes[node].type == JSON_STRING ? node : 0;
}

static void
refuse(struct check *check, const struct object *object, const struct ocpi_rule *rule, uint32_t id)
{
	flaw_add(check,
	        (struct ocpi_flaw){ FLAW_RULE, .node = id, .class = object->class, .rule = rule });
}

static struct str
id_text(const struct check *check, uint32_t id, char buf[MOST_ID])
{
	return text_decoded(check->doc, id, buf, MOST_ID);
}

/** Ids of one list are mostly as long as each other, and differ at their end. */
static bool
same_id(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || ((a.p[a.len - 1] ^ b.p[b.len - 1]) & ~0x20) == 0) &&
	       str_ieq(a, b);
}

/** The text of an id in lower case, in @arena. */
static struct str
folded(const struct check *check, uint32_t id, struct arena *arena)
{
	char buf[MOST_ID];
	struct str text = id_text(check, id, buf);
	char *copy = arena_take(arena, text.len + 1);

	for (size_t i = 0; i < text.len; i++)
		copy[i] =
		        (char)(text.p[i] >= 'A' && text.p[i] <= 'Z' ? text.p[i] | 0x20 : text.p[i]);
	return (struct str){ copy, text.len };
}

static void
check_long(struct check *check, const struct object *object, const struct ocpi_rule *rule,
        uint32_t list)
{
	const struct json_node *nodes = check->doc->nodes;
	struct table *seen = table_new(nodes[list].count);
	struct arena *arena = arena_new(4096);

	for (uint32_t element = list + 1; element < nodes[list].next;
	        element = nodes[element].next) {
		uint32_t id = id_of(check, rule, element);

		if (id != 0 && table_put(seen, folded(check, id, arena), seen) != NULL)
			refuse(check, object, rule, id);
	}
	table_free(seen);
	arena_free(arena);
}

static bool
is_among(const struct str *ids, size_t count, struct str id)
{
	for (size_t i = 0; i < count; i++)
		if (same_id(ids[i], id))
			return true;
	return false;
}

static void
check_short(struct check *check, const struct object *object, const struct ocpi_rule *rule,
        uint32_t list)
{
	const struct json_node *nodes = check->doc->nodes;
	char decoded[SHORT_LIST][MOST_ID]; /* of those with escapes */
	struct str ids[SHORT_LIST];
	size_t count = 0;

	for (uint32_t element = list + 1; element < nodes[list].next;
	        element = nodes[element].next) {
		uint32_t id = id_of(check, rule, element);

		if (id == 0)
			continue;
		ids[count] = id_text(check, id, decoded[count]);
		if (is_among(ids, count, ids[count]))
			refuse(check, object, rule, id);
		count++;
	}
}

void
check_unique(struct check *check, const struct object *object, const struct ocpi_rule *rule,
        uint32_t list)
{
	if (list == 0 || check->doc->nodes[list].count < 2)
		return;
	if (check->doc->nodes[list].count > SHORT_LIST)
		check_long(check, object, rule, list);
	else
		check_short(check, object, rule, list);
}
