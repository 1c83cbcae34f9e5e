/* shelf: a table by key for finding and a list by age for listing. */
#include "shelf.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct shelf {
	struct table *by_key;
	struct list by_age;
};

struct shelf_item {
	struct list node;
	struct buf key;
	char module[32];
	struct ocpi_id owner;
	json_t *object;
};

struct shelf *
shelf_new(void)
{
	struct shelf *shelf = rh_alloc(sizeof(*shelf));

	shelf->by_key = table_new(64);
	list_init(&shelf->by_age);
	return shelf;
}

static void
item_free(struct shelf *shelf, struct shelf_item *item)
{
	table_remove(shelf->by_key, buf_str(&item->key));
	list_remove(&item->node);
	json_decref(item->object);
	buf_free(&item->key);
	free(item);
}

void
shelf_free(struct shelf *shelf)
{
	list_each_safe (node, next, &shelf->by_age)
		item_free(shelf, container_of(node, struct shelf_item, node));
	table_free(shelf->by_key);
	free(shelf);
}

size_t
shelf_count(const struct shelf *shelf)
{
	return table_count(shelf->by_key);
}

static struct buf
key_text(const struct shelf_key *key)
{
	struct buf text = { 0 };
	char owner[OCPI_ID_TEXT];

	buf_printf(&text, "%s/%s/%.*s", key->module, ocpi_id_key(&key->owner, owner),
	        STR_ARG(key->id));
	if (strcmp(key->module, "tokens") == 0)
		buf_printf(&text, "/%.*s", STR_ARG(key->type.p == NULL ? STR("RFID") : key->type));
	for (size_t i = strlen(key->module); i < text.len; i++)
		text.p[i] = (char)toupper((unsigned char)text.p[i]);
	return text;
}

static struct shelf_item *
find(struct shelf *shelf, const struct shelf_key *key)
{
	struct buf text = key_text(key);
	struct shelf_item *item = table_get(shelf->by_key, buf_str(&text));

	buf_free(&text);
	return item;
}

/* ---- parts of a location ---- */

/** Element of array @object.@list whose member @name is @id, any case. */
static json_t *
part_find(json_t *object, const char *list, const char *name, struct str id)
{
	json_t *part;
	size_t i;

	json_array_foreach(json_object_get(object, list), i, part)
	{
		if (str_ieq(str_of(json_string_value(json_object_get(part, name))), id))
			return part;
	}
	return NULL;
}

/** What @place means inside @object; the ways to it get @last_updated unless that is NULL. */
static json_t *
place_find(json_t *object, const struct shelf_place *place, json_t *last_updated)
{
	if (place == NULL || place->evse.p == NULL)
		return object;
	if (last_updated != NULL)
		json_object_set(object, "last_updated", last_updated);
	object = part_find(object, "evses", "uid", place->evse);
	if (object == NULL || place->connector.p == NULL)
		return object;
	if (last_updated != NULL)
		json_object_set(object, "last_updated", last_updated);
	return part_find(object, "connectors", "id", place->connector);
}

json_t *
shelf_get(struct shelf *shelf, const struct shelf_key *key, const struct shelf_place *place)
{
	struct shelf_item *item = find(shelf, key);

	return item == NULL ? NULL : place_find(item->object, place, NULL);
}

static enum shelf_put
part_put(json_t *location, const struct shelf_place *place, const json_t *part)
{
	const struct shelf_place evse = { .evse = place->evse };
	json_t *updated = json_object_get(part, "last_updated");
	json_t *there = place_find(location, place, updated);
	json_t *parent = place->connector.p == NULL ? location : place_find(location, &evse, NULL);
	const char *list = place->connector.p == NULL ? "evses" : "connectors";
	json_t *copy;

	if (parent == NULL)
		return SHELF_NO_PARENT;
	copy = json_deep_copy(part);
	if (there != NULL) {
		json_object_clear(there);
		json_object_update_new(there, copy);
		return SHELF_REPLACED;
	}
	if (json_object_get(parent, list) == NULL)
		json_object_set_new(parent, list, json_array());
	json_array_append_new(json_object_get(parent, list), copy);
	return SHELF_CREATED;
}

enum shelf_put
shelf_put(struct shelf *shelf, const struct shelf_key *key, const struct shelf_place *place,
        const json_t *object)
{
	struct shelf_item *item = find(shelf, key);

	if (place != NULL && place->evse.p != NULL)
		return item == NULL ? SHELF_NO_PARENT : part_put(item->object, place, object);
	if (item != NULL) {
		json_decref(item->object);
		item->object = json_deep_copy(object);
		return SHELF_REPLACED;
	}
	item = rh_alloc(sizeof(*item));
	item->key = key_text(key);
	item->owner = key->owner;
	strncpy(item->module, key->module, sizeof(item->module) - 1);
	item->object = json_deep_copy(object);
	list_add_tail(&shelf->by_age, &item->node);
	table_put(shelf->by_key, buf_str(&item->key), item);
	return SHELF_CREATED;
}

/* ---- merging ---- */

static void merge(json_t *object, const json_t *patch);

static void
merge_parts(json_t *object, const char *list, const char *name, json_t *patches)
{
	json_t *patch, *part;
	size_t i;

	if (json_object_get(object, list) == NULL)
		json_object_set_new(object, list, json_array());
	json_array_foreach(patches, i, patch)
	{
		part = part_find(object, list, name,
		        str_of(json_string_value(json_object_get(patch, name))));
		if (part == NULL)
			json_array_append_new(json_object_get(object, list), json_deep_copy(patch));
		else
			merge(part, patch);
	}
}

static void
merge(json_t *object, const json_t *patch)
{
	const char *name;
	json_t *value, *was;

	json_object_foreach((json_t *)patch, name, value)
	{
		was = json_object_get(object, name);
		if (strcmp(name, "evses") == 0 && json_is_array(value))
			merge_parts(object, name, "uid", value);
		else if (strcmp(name, "connectors") == 0 && json_is_array(value))
			merge_parts(object, name, "id", value);
		else if (strcmp(name, "charging_periods") == 0 && json_is_array(value) &&
		         json_is_array(was))
			json_array_extend(was, value);
		else
			json_object_set_new(object, name, json_deep_copy(value));
	}
}

bool
shelf_patch(struct shelf *shelf, const struct shelf_key *key, const struct shelf_place *place,
        const json_t *patch)
{
	struct shelf_item *item = find(shelf, key);
	json_t *object;

	if (item == NULL || place_find(item->object, place, NULL) == NULL)
		return false;
	object = place_find(item->object, place, json_object_get(patch, "last_updated"));
	merge(object, patch);
	return true;
}

bool
shelf_remove(struct shelf *shelf, const struct shelf_key *key)
{
	struct shelf_item *item = find(shelf, key);

	if (item != NULL)
		item_free(shelf, item);
	return item != NULL;
}

const struct shelf_item *
shelf_next(const struct shelf *shelf, const char *module, const struct shelf_item *after)
{
	const struct list *node = after == NULL ? shelf->by_age.next : after->node.next;

	for (; node != &shelf->by_age; node = node->next) {
		const struct shelf_item *item = container_of(node, struct shelf_item, node);

		if (strcmp(item->module, module) == 0)
			return item;
	}
	return NULL;
}

json_t *
shelf_object(const struct shelf_item *item)
{
	return item->object;
}

const struct ocpi_id *
shelf_owner(const struct shelf_item *item)
{
	return &item->owner;
}
