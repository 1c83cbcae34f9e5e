/* memory_objects: objects in two lists, one in the order of creation and one in that of change.
 *
 * Pages are walks that look at every object: simple, and what the index of a database is held
 * against. A version is an arena of its own, replaced as a whole. */
#include "memory.h"

#include <stdlib.h>
#include <string.h>

enum { EXPIRE_ROWS = 2000 };
static const int64_t TOMBSTONE_MS = 30LL * 24 * 3600 * 1000;

struct memory_objects *
memory_objects_new(void)
{
	struct memory_objects *objects = rh_alloc(sizeof(*objects));

	objects->by_name = table_new(64);
	list_init(&objects->by_seq);
	list_init(&objects->by_change);
	return objects;
}

static void
free_object(struct memory_object *object)
{
	list_remove(&object->in_seq);
	list_remove(&object->in_change);
	arena_free(object->arena);
	free(object);
}

void
memory_objects_free(struct memory_objects *objects)
{
	list_each_safe (pos, tmp, &objects->by_change)
		free_object(container_of(pos, struct memory_object, in_change));
	table_free(objects->by_name);
	free(objects);
}

/* ---- names and copies ---- */

/* Each part with its length in front: no two keys give the same name. */
static struct str
name_of(const struct store_key *key, struct arena *arena)
{
	return arena_printf(arena, "%zu:%.*s%zu:%.*s%zu:%.*s%zu:%.*s%.*s", key->module.len,
	        STR_ARG(key->module), key->owner.len, STR_ARG(key->owner), key->id.len,
	        STR_ARG(key->id), key->type.len, STR_ARG(key->type), STR_ARG(key->scope));
}

struct memory_object *
memory_object_find(const struct memory_objects *objects, const struct store_key *key)
{
	struct arena *arena = arena_new(256);
	struct memory_object *object = table_get(objects->by_name, name_of(key, arena));

	arena_free(arena);
	return object;
}

static struct memory_object *
find_live(const struct memory_objects *objects, const struct store_key *key)
{
	struct memory_object *object = memory_object_find(objects, key);

	return object == NULL || object->row.body.p == NULL ? NULL : object;
}

static struct store_object
copy_object(struct arena *arena, const struct store_object *from)
{
	struct store_object to = *from;

	to.key = memory_copy_key(arena, &from->key);
	to.body = arena_str(arena, from->body);
	to.method = arena_str(arena, from->method);
	to.suffix = arena_str(arena, from->suffix);
	to.patch = arena_str(arena, from->patch);
	to.correlation_id = arena_str(arena, from->correlation_id);
	return to;
}

/* ---- writing ---- */

static struct memory_object *
place_for(struct memory_objects *objects, const struct store_key *key)
{
	struct memory_object *object = memory_object_find(objects, key);

	if (object != NULL) {
		table_remove(objects->by_name, object->name);
		return object;
	}
	object = rh_alloc(sizeof(*object));
	list_init(&object->in_seq);
	list_init(&object->in_change);
	return object;
}

void
memory_object_put(struct memory_objects *objects, const struct store_object *fresh)
{
	struct memory_object *object = place_for(objects, &fresh->key);
	struct arena *old = object->arena;

	object->arena = arena_new(1024);
	object->row = copy_object(object->arena, fresh);
	object->name = name_of(&object->row.key, object->arena);
	table_put(objects->by_name, object->name, object);
	list_remove(&object->in_change);
	list_add_tail(&objects->by_change, &object->in_change);
	if (object->row.body.p == NULL)
		list_remove(&object->in_seq);
	else if (list_empty(&object->in_seq))
		list_add_tail(&objects->by_seq, &object->in_seq);
	arena_free(old);
}

void
memory_object_move(struct memory_objects *objects, struct memory_object *object, struct str scope)
{
	table_remove(objects->by_name, object->name);
	object->row.key.scope = arena_str(object->arena, scope);
	object->name = name_of(&object->row.key, object->arena);
	table_put(objects->by_name, object->name, object);
}

void
memory_object_drop(struct memory_objects *objects, struct memory_object *object)
{
	table_remove(objects->by_name, object->name);
	free_object(object);
}

/* ---- reading ---- */

void
memory_get(struct backend *backend, struct store_op *op)
{
	struct memory_object *object = find_live(backend->objects, &op->u.get.key);

	if (object == NULL)
		op_result(op, RH_NOT_FOUND, "no such object");
	else
		op->u.get.object = copy_object(op->arena, &object->row);
}

static int
compare_keys(const void *a, const void *b)
{
	const struct store_key *x = a, *y = b;
	int order = memory_compare_text(x->owner, y->owner);

	if (order == 0)
		order = memory_compare_text(x->type, y->type);
	return order != 0 ? order : memory_compare_text(x->scope, y->scope);
}

void
memory_find(struct backend *backend, struct store_op *op)
{
	struct memory_objects *objects = backend->objects;
	struct store_find_args *args = &op->u.find;
	struct store_key *keys;
	size_t count = 0;

	list_each (pos, &objects->by_seq)
		count++;
	keys = arena_alloc(op->arena, count * sizeof(*keys));
	count = 0;
	list_each (pos, &objects->by_seq) {
		const struct store_key *key =
		        &container_of(pos, struct memory_object, in_seq)->row.key;

		if (str_eq(key->module, args->module) && str_eq(key->id, args->id) &&
		        (args->owner.p == NULL || str_eq(key->owner, args->owner)) &&
		        (args->type.p == NULL || str_eq(key->type, args->type)) &&
		        (args->viewer.p == NULL || str_is(key->scope, "*") ||
		                str_eq(key->scope, args->viewer)))
			keys[count++] = memory_copy_key(op->arena, key);
	}
	qsort(keys, count, sizeof(*keys), compare_keys);
	args->keys = keys;
	args->count = count < args->limit ? count : args->limit;
}

static bool
is_hidden(const struct store_page_args *args, struct str owner)
{
	for (size_t i = 0; i < args->hidden_count; i++)
		if (str_eq(args->hidden[i], owner))
			return true;
	return false;
}

static bool
is_shown(const struct memory_objects *objects, const struct store_page_args *args,
        const struct store_object *row)
{
	bool shared = str_is(row->key.scope, "*");
	struct store_key own = row->key;

	if (!str_eq(row->key.module, args->module) || is_hidden(args, row->key.owner) ||
	        (args->owner.p != NULL && !str_eq(row->key.owner, args->owner)) ||
	        (args->has_from && row->last_updated_ns < args->from_ns) ||
	        (args->has_to && row->last_updated_ns >= args->to_ns))
		return false;
	if (args->viewer.p == NULL || !shared)
		return shared || (args->viewer.p != NULL && str_eq(row->key.scope, args->viewer));
	own.scope = args->viewer;
	return find_live(objects, &own) == NULL;
}

static bool
is_before_page(const struct store_page_args *args, const struct store_object *row)
{
	return args->after_seq > 0 ? row->seq <= args->after_seq : args->total <= args->offset;
}

static bool
is_page_full(const struct store_page_args *args, size_t bytes)
{
	return args->count >= args->limit ||
	       (args->max_bytes > 0 && args->count > 0 && bytes > args->max_bytes);
}

void
memory_page(struct backend *backend, struct store_op *op)
{
	struct memory_objects *objects = backend->objects;
	struct store_page_args *args = &op->u.page;
	size_t cap = table_count(objects->by_name) < args->limit ? table_count(objects->by_name)
	                                                         : args->limit;
	struct store_object *rows = arena_alloc(op->arena, cap * sizeof(*rows));
	size_t bytes = 0;

	args->objects = rows;
	args->count = 0;
	args->total = 0;
	args->more = false;
	args->last_seq = args->after_seq;
	list_each (pos, &objects->by_seq) {
		const struct store_object *row =
		        &container_of(pos, struct memory_object, in_seq)->row;

		if (!is_shown(objects, args, row))
			continue;
		args->total++;
		if (args->more || is_before_page(args, row))
			continue;
		bytes += row->body.len;
		args->more = is_page_full(args, bytes);
		if (args->more)
			continue;
		rows[args->count++] = copy_object(op->arena, row);
		args->last_seq = row->seq;
	}
	args->passed = args->count;
}

static bool
is_full(const struct store_feed_args *args, size_t count, size_t bytes)
{
	return count >= args->limit || (args->max_bytes > 0 && bytes > args->max_bytes);
}

/* Back from the newest to the first that is owed: a receiver that keeps up costs little. */
void
memory_feed(struct backend *backend, struct store_op *op)
{
	struct memory_objects *objects = backend->objects;
	struct store_feed_args *args = &op->u.feed;
	struct list *pos = objects->by_change.prev;
	struct store_object *rows;
	size_t count = 0, owed = 0, bytes = 0;

	for (; pos != &objects->by_change; pos = pos->prev, owed++)
		if (container_of(pos, struct memory_object, in_change)->row.change <= args->after)
			break;
	rows = arena_alloc(op->arena, (owed < args->limit ? owed : args->limit) * sizeof(*rows));
	args->more = false;
	for (pos = pos->next; pos != &objects->by_change; pos = pos->next) {
		const struct memory_object *object =
		        container_of(pos, struct memory_object, in_change);

		if (!str_is(object->row.key.scope, "*"))
			continue;
		args->more = is_full(args, count, bytes);
		if (args->more)
			break;
		rows[count++] = copy_object(op->arena, &object->row);
		bytes += object->row.body.len + object->row.patch.len;
	}
	args->objects = rows;
	args->count = count;
	args->head = objects->change;
}

/* ---- age ---- */

static bool
is_record(const struct store_object *row)
{
	return str_is(row->key.module, "sessions") || str_is(row->key.module, "cdrs");
}

void
memory_expire_objects(struct backend *backend, struct store_op *op)
{
	struct memory_objects *objects = backend->objects;
	int64_t tombstones_ms = op->u.expire.now_ms - TOMBSTONE_MS;
	int64_t records_ms = op->u.expire.before_ms;
	size_t count = 0;

	list_each_safe (pos, tmp, &objects->by_change) {
		struct memory_object *object = container_of(pos, struct memory_object, in_change);
		const struct store_object *row = &object->row;

		if (!(row->body.p == NULL && row->at_ms < tombstones_ms) &&
		        !(records_ms > 0 && is_record(row) && row->at_ms < records_ms))
			continue;
		if (count++ >= EXPIRE_ROWS)
			return;
		memory_pulled_drop(backend, &row->key);
		memory_object_drop(objects, object);
		op->u.expire.dropped++;
	}
}
