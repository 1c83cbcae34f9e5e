/* patch: a write applied to stored bytes. Everything becomes a list of splices over the old text,
 * sorted once.
 *
 * Merging never prints a tree: a value that the write brings stands in the result as it was
 * written, and every byte that it does not touch stays, number spelling, white space and unknown
 * fields included. */
#include "roamhub/patch.h"

#include <stdlib.h>
#include <string.h>

#include "patch_find.h"

enum { MAX_NODES = 400000 };

struct edit {
	struct splice splice;
	size_t order; /* inserts at one place keep the order they were made in */
};
struct merge {
	struct json_doc old, fresh;
	struct arena *arena;
	struct edit *edits;
	size_t count, room;
	bool *taken; /* by node of the old object: an element that the update named */
	bool twice;  /* it named one again */
};
/** The end of an old list or object; at 0: not looked for yet. */
struct place {
	uint32_t node;
	size_t at;
};

static void
add_edit(struct merge *merge, size_t at, size_t end, struct str with)
{
	if (merge->count == merge->room) {
		size_t room = merge->room == 0 ? 32 : merge->room * 2;
		struct edit *grown = arena_take(merge->arena, room * sizeof *grown);

		if (merge->count > 0)
			memcpy(grown, merge->edits, merge->count * sizeof *grown);
		merge->edits = grown;
		merge->room = room;
	}
	merge->edits[merge->count] = (struct edit){ { at, end, with }, merge->count };
	merge->count++;
}

static int
by_place(const void *a, const void *b)
{
	const struct edit *left = a, *right = b;

	if (left->splice.at != right->splice.at)
		return left->splice.at < right->splice.at ? -1 : 1;
	return left->order < right->order ? -1 : left->order > right->order;
}

static enum rh_err
apply_edits(struct merge *merge, struct str *fresh, struct fault *fault)
{
	struct splice *splices = arena_take(merge->arena, (merge->count + 1) * sizeof *splices);

	if (merge->count > 1)
		qsort(merge->edits, merge->count, sizeof *merge->edits, by_place);
	for (size_t i = 0; i < merge->count; i++) {
		splices[i] = merge->edits[i].splice;
		if (i > 0 && splices[i].at < splices[i - 1].end)
			merge->twice = true;
	}
	if (merge->twice)
		return fault_set(
		        fault, RH_BAD_FIELD, "", "the same element is named twice in one PATCH");
	*fresh = splice_apply(merge->old.text, splices, merge->count, merge->arena);
	return RH_OK;
}

/* ---- inserting ---- */

static size_t
end_of(const struct json_doc *doc, uint32_t node)
{
	uint32_t last = 0;

	for (uint32_t i = node + 1; i < doc->nodes[node].next; i = doc->nodes[i].next)
		last = i; /* of an object every second one is a value */
	return last != 0 ? doc->nodes[last].end : doc->nodes[node].at + 1;
}

/* Behind the last child of a list or object; @text goes in as it is. All that goes into an empty
 * one goes to the same place, one edit after the other. */
static void
insert_last(struct merge *merge, struct place *end, struct str text)
{
	bool more = merge->old.nodes[end->node].count > 0;

	if (end->at == 0)
		end->at = end_of(&merge->old, end->node);
	if (more || (merge->count > 0 && merge->edits[merge->count - 1].splice.at == end->at))
		add_edit(merge, end->at, end->at, STR(","));
	add_edit(merge, end->at, end->at, text);
}

static struct str
member_text(struct merge *merge, struct str key, struct str value)
{
	return arena_printf(merge->arena, "%.*s:%.*s", STR_ARG(key), STR_ARG(value));
}

/* ---- merging ---- */

static const struct ocpi_field *
find_field(const struct ocpi_class *class, struct str name)
{
	if (class == NULL || class->fields == NULL)
		return NULL;
	for (const struct ocpi_field *field = class->fields; field->name[0] != '\0'; field++)
		if (str_is(name, field->name))
			return field;
	return NULL;
}

static const char *
key_name(const struct ocpi_class *class)
{
	for (const struct ocpi_field *field = class->fields; field->name[0] != '\0'; field++)
		if (field->flags & FIELD_KEY)
			return field->name;
	return NULL;
}

static void merge_object(
        struct merge *merge, uint32_t old, uint32_t fresh, const struct ocpi_class *class);

/* Once: an element that could be named again and again would be merged again and again. */
static bool
take_element(struct merge *merge, uint32_t element)
{
	if (merge->taken == NULL)
		merge->taken = arena_alloc(merge->arena, merge->old.count * sizeof *merge->taken);
	merge->twice |= merge->taken[element];
	merge->taken[element] = true;
	return !merge->twice;
}

static void
merge_list(struct merge *merge, uint32_t old, uint32_t fresh, const struct ocpi_class *class)
{
	const struct json_doc *patch = &merge->fresh;
	CLEANUP(lookup_close)
	struct lookup elements = lookup_open(
	        &merge->old, old, key_name(class), patch->nodes[fresh].count, merge->arena);
	struct place end = { .node = old };

	for (uint32_t i = fresh + 1; i < patch->nodes[fresh].next && !merge->twice;
	        i = patch->nodes[i].next) {
		uint32_t found = lookup_find(
		        &elements, json_member_string(patch, i, elements.key, merge->arena));

		if (found == 0)
			insert_last(merge, &end, json_raw(patch, i));
		else if (take_element(merge, found))
			merge_object(merge, found, i, class);
	}
}

/* The elements of a list, without its brackets. */
static struct str
inside(const struct json_doc *doc, uint32_t list)
{
	struct str raw = json_raw(doc, list);

	return (struct str){ raw.p + 1, raw.len - 2 };
}

static void
merge_member(struct merge *merge, uint32_t old, uint32_t value, const struct ocpi_field *field)
{
	const struct json_doc *patch = &merge->fresh;
	const struct json_node *at = &merge->old.nodes[old];
	unsigned flags = field != NULL ? field->flags : 0;
	bool both_lists = at->type == JSON_ARRAY && patch->nodes[value].type == JSON_ARRAY;

	if ((flags & FIELD_MERGED) && both_lists)
		merge_list(merge, old, value, field->object);
	else if ((flags & FIELD_APPENDED) && patch->nodes[value].count == 0)
		return; /* SES-007: an empty list leaves the stored ones alone */
	else if ((flags & FIELD_APPENDED) && both_lists)
		insert_last(merge, &(struct place){ .node = old }, inside(patch, value));
	else
		add_edit(merge, at->at, at->end, json_raw(patch, value));
}

static void
merge_object(struct merge *merge, uint32_t old, uint32_t fresh, const struct ocpi_class *class)
{
	const struct json_doc *patch = &merge->fresh;
	CLEANUP(lookup_close)
	struct lookup members =
	        lookup_open(&merge->old, old, NULL, patch->nodes[fresh].count, merge->arena);
	struct place end = { .node = old };

	for (uint32_t key = fresh + 1; key < patch->nodes[fresh].next;
	        key = patch->nodes[key + 1].next) {
		struct str name = json_string(patch, key, merge->arena);
		uint32_t value = key + 1;
		uint32_t there = lookup_find(&members, name);

		if (patch->nodes[value].type == JSON_NULL)
			continue; /* TYP-016 */
		if (there != 0)
			merge_member(merge, there, value, find_field(class, name));
		else
			insert_last(merge, &end,
			        member_text(merge, json_raw(patch, key), json_raw(patch, value)));
	}
}

/* ---- depths of a Location ---- */

static void
set_member(struct merge *merge, uint32_t object, const char *name, struct str value)
{
	uint32_t there = json_member(&merge->old, object, name);

	if (there != 0)
		add_edit(merge, merge->old.nodes[there].at, merge->old.nodes[there].end, value);
	else
		insert_last(merge, &(struct place){ .node = object },
		        arena_printf(merge->arena, "\"%s\":%.*s", name, STR_ARG(value)));
}

/* LOC-007: the parents take the last_updated of what was pushed. */
static void
lift_stamp(struct merge *merge, uint32_t parent)
{
	uint32_t stamp = json_member(&merge->fresh, 0, "last_updated");

	if (stamp != 0)
		set_member(merge, parent, "last_updated", json_raw(&merge->fresh, stamp));
}

static uint32_t
find_element(const struct merge *merge, uint32_t list, const char *key, struct str id)
{
	CLEANUP(lookup_close)
	struct lookup elements = lookup_open(&merge->old, list, key, 1, merge->arena);

	return list != 0 ? lookup_find(&elements, id) : 0;
}

/* Element @id of member @list of @parent: replaced, merged into, or put there when it is new. */
static enum rh_err
update_element(struct merge *merge, uint32_t parent, const struct ocpi_field *list, struct str id,
        bool patch, struct fault *fault)
{
	uint32_t at = json_member(&merge->old, parent, list->name);
	uint32_t found = find_element(merge, at, key_name(list->object), id);

	if (found == 0 && patch)
		return fault_set(fault, RH_UNKNOWN_OBJECT, "URL",
		        "there is no %s \"%.*s\" to patch, expected a PUT first",
		        list->object->name, (int)(id.len > 40 ? 40 : id.len), id.p);
	if (at != 0 && merge->old.nodes[at].type != JSON_ARRAY &&
	        merge->old.nodes[at].type != JSON_NULL)
		return fault_set(fault, RH_BAD_FIELD, "URL", "%s of the stored object is no list",
		        list->name);
	if (found != 0 && patch)
		merge_object(merge, found, 0, list->object);
	else if (found != 0)
		add_edit(merge, merge->old.nodes[found].at, merge->old.nodes[found].end,
		        json_raw(&merge->fresh, 0));
	else if (at != 0 && merge->old.nodes[at].type == JSON_ARRAY)
		insert_last(merge, &(struct place){ .node = at }, json_raw(&merge->fresh, 0));
	else
		set_member(merge, parent, list->name,
		        arena_printf(merge->arena, "[%.*s]", STR_ARG(json_raw(&merge->fresh, 0))));
	lift_stamp(merge, parent);
	return RH_OK;
}

static enum rh_err
update_inside(struct merge *merge, const struct ocpi_update *update, struct fault *fault)
{
	const struct ocpi_field *evses = find_field(update->class, STR("evses"));
	const struct ocpi_field *connectors =
	        evses != NULL ? find_field(evses->object, STR("connectors")) : NULL;
	uint32_t evse;
	enum rh_err err;

	if (connectors == NULL)
		return fault_set(fault, RH_BAD_FIELD, "URL", "this object has no parts of its own");
	if (update->connector.p == NULL)
		return update_element(merge, 0, evses, update->evse, update->patch, fault);
	evse = find_element(merge, json_member(&merge->old, 0, "evses"), "uid", update->evse);
	if (evse == 0)
		return fault_set(fault, RH_UNKNOWN_OBJECT, "URL",
		        "there is no EVSE \"%.*s\", expected a PUT of it first",
		        (int)(update->evse.len > 40 ? 40 : update->evse.len), update->evse.p);
	err = update_element(merge, evse, connectors, update->connector, update->patch, fault);
	if (err == RH_OK)
		lift_stamp(merge, 0);
	return err;
}

enum rh_err
ocpi_update_apply(const struct ocpi_update *update, struct str old, struct arena *arena,
        struct str *fresh, struct fault *fault)
{
	struct merge merge = { .arena = arena };
	enum rh_err err = RH_OK;

	if (!update->patch && update->evse.p == NULL) {
		*fresh = update->body;
		return RH_OK;
	}
	if (old.p == NULL)
		return fault_set(fault, RH_UNKNOWN_OBJECT, "URL",
		        "the hub does not have it, expected a PUT of it first");
	if (json_scan(old, MAX_NODES, arena, &merge.old, fault) != RH_OK ||
	        json_scan(update->body, MAX_NODES, arena, &merge.fresh, fault) != RH_OK)
		return RH_BAD_JSON;
	if (merge.old.nodes[0].type != JSON_OBJECT || merge.fresh.nodes[0].type != JSON_OBJECT)
		return fault_set(fault, RH_BAD_FIELD, "", "expected an object");
	if (update->evse.p != NULL)
		err = update_inside(&merge, update, fault);
	else
		merge_object(&merge, 0, 0, update->class);
	return err == RH_OK ? apply_edits(&merge, fresh, fault) : err;
}
