/* memory_objects: objects in two lists, one in the order of creation and one in that of change.
 *
 * Pages are walks that look at every object: simple, and what the index of a database is held
 * against. A version is an arena of its own, replaced as a whole. */
#include "memory.h"

#include <stdlib.h>
#include <string.h>

enum { EXPIRE_ROWS = 2000, SCRATCH_BYTES = 16384 };
static const int64_t TOMBSTONE_MS = 30LL * 24 * 3600 * 1000;

struct object {
	struct list in_seq; /* while it lives */
	struct list in_change;
	struct arena *arena; /* of row and name */
	struct str name;
	struct store_object row;
};
struct memory_objects {
	struct table *by_name;
	struct list by_seq, by_change;
	int64_t change;
	struct memory_owed *owed;
};

struct memory_objects *
memory_objects_new(void)
{
	struct memory_objects *objects = rh_alloc(sizeof(*objects));

	objects->by_name = table_new(64);
	list_init(&objects->by_seq);
	list_init(&objects->by_change);
	objects->owed = memory_owed_new();
	return objects;
}

struct memory_owed *
memory_owed_of(struct backend *backend)
{
	return memory_objects_of(backend)->owed;
}

static void
free_object(struct object *object)
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
		free_object(container_of(pos, struct object, in_change));
	table_free(objects->by_name);
	memory_owed_free(objects->owed);
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

static struct object *
find(const struct memory_objects *objects, const struct store_key *key)
{
	struct arena *arena = arena_new(256);
	struct object *object = table_get(objects->by_name, name_of(key, arena));

	arena_free(arena);
	return object;
}

static struct object *
find_live(const struct memory_objects *objects, const struct store_key *key)
{
	struct object *object = find(objects, key);

	return object == NULL || object->row.body.p == NULL ? NULL : object;
}

static struct str
copy_part(struct arena *arena, struct str part)
{
	return arena_str(arena, part.p == NULL ? STR("") : part);
}

struct store_key
memory_copy_key(struct arena *arena, const struct store_key *from)
{
	return (struct store_key){
		.scope = copy_part(arena, from->scope),
		.module = copy_part(arena, from->module),
		.owner = copy_part(arena, from->owner),
		.id = copy_part(arena, from->id),
		.type = copy_part(arena, from->type),
	};
}

/* Absent is the same as empty here. */
static bool
same_part(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

bool
memory_same_key(const struct store_key *a, const struct store_key *b)
{
	return same_part(a->scope, b->scope) && same_part(a->module, b->module) &&
	       same_part(a->owner, b->owner) && same_part(a->id, b->id) &&
	       same_part(a->type, b->type);
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

/* ---- sharing ---- */

static struct object *
place_for(struct memory_objects *objects, const struct store_key *key)
{
	struct object *object = find(objects, key);

	if (object != NULL) {
		table_remove(objects->by_name, object->name);
		return object;
	}
	object = rh_alloc(sizeof(*object));
	list_init(&object->in_seq);
	list_init(&object->in_change);
	return object;
}

static void
put_version(struct memory_objects *objects, const struct store_object *fresh)
{
	struct object *object = place_for(objects, &fresh->key);
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

static bool
changes_nothing(const struct store_object *old, struct str fresh, const struct store_key *key)
{
	if (fresh.p == NULL)
		return old->body.p == NULL;
	return str_eq(fresh, old->body) && old->body.p != NULL && !str_is(key->scope, "*");
}

static void
write_version(struct memory_objects *objects, struct store_share_args *args,
        const struct store_object *old, struct str body, int64_t last_updated_ns)
{
	args->created = false;
	args->change = old->change;
	if (changes_nothing(old, body, &args->key))
		return;
	args->created = old->body.p == NULL;
	args->change = ++objects->change;
	put_version(objects, &(struct store_object){
	                             .key = args->key,
	                             .body = body,
	                             .last_updated_ns = last_updated_ns,
	                             .change = args->change,
	                             .previous = old->change,
	                             .seq = args->created ? args->change : old->seq,
	                             .method = args->method,
	                             .suffix = args->suffix,
	                             .patch = args->patch,
	                             .sender_platform = args->sender_platform,
	                             .correlation_id = args->correlation_id,
	                             .at_ms = args->at_ms,
	                     });
}

bool
memory_share(struct backend *backend, struct store_op *op)
{
	struct memory_objects *objects = memory_objects_of(backend);
	struct store_share_args *args = &op->u.share;
	struct arena *arena = arena_new(SCRATCH_BYTES);
	struct object *object = find(objects, &args->key);
	struct store_object old = { 0 };
	int64_t last_updated_ns = 0;
	struct str body = { 0 };
	enum rh_err err;

	if (object != NULL)
		old = object->row;
	err = args->make(args->ctx, old.body, arena, &body, &last_updated_ns, &args->fault);
	if (err == RH_OK) {
		write_version(objects, args, &old, body, last_updated_ns);
	} else {
		args->fault.err = err;
		op_result(op, err, args->fault.why);
	}
	arena_free(arena);
	return true;
}

/* ---- reading ---- */

void
memory_get(struct backend *backend, struct store_op *op)
{
	struct object *object = find_live(memory_objects_of(backend), &op->u.get.key);

	if (object == NULL)
		op_result(op, RH_NOT_FOUND, "no such object");
	else
		op->u.get.object = copy_object(op->arena, &object->row);
}

static int
compare_str(struct str a, struct str b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len == 0 ? 0 : memcmp(a.p, b.p, len);

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int
compare_keys(const void *a, const void *b)
{
	const struct store_key *x = a, *y = b;
	int order = compare_str(x->owner, y->owner);

	if (order == 0)
		order = compare_str(x->type, y->type);
	return order != 0 ? order : compare_str(x->scope, y->scope);
}

void
memory_find(struct backend *backend, struct store_op *op)
{
	struct memory_objects *objects = memory_objects_of(backend);
	struct store_find_args *args = &op->u.find;
	struct store_key *keys;
	size_t count = 0;

	list_each (pos, &objects->by_seq)
		count++;
	keys = arena_alloc(op->arena, count * sizeof(*keys));
	count = 0;
	list_each (pos, &objects->by_seq) {
		const struct store_key *key = &container_of(pos, struct object, in_seq)->row.key;

		if (str_eq(key->module, args->module) && str_eq(key->id, args->id) &&
		        (args->type.p == NULL || str_eq(key->type, args->type)))
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
is_on_page(const struct store_page_args *args, const struct store_object *row)
{
	if (args->count >= args->limit)
		return false;
	if (args->after_seq > 0)
		return row->seq > args->after_seq;
	return args->total > args->offset;
}

void
memory_page(struct backend *backend, struct store_op *op)
{
	struct memory_objects *objects = memory_objects_of(backend);
	struct store_page_args *args = &op->u.page;
	size_t cap = table_count(objects->by_name) < args->limit ? table_count(objects->by_name)
	                                                         : args->limit;
	struct store_object *rows = arena_alloc(op->arena, cap * sizeof(*rows));

	args->objects = rows;
	args->count = 0;
	args->total = 0;
	args->last_seq = args->after_seq;
	list_each (pos, &objects->by_seq) {
		const struct store_object *row = &container_of(pos, struct object, in_seq)->row;

		if (!is_shown(objects, args, row))
			continue;
		args->total++;
		if (!is_on_page(args, row))
			continue;
		rows[args->count++] = copy_object(op->arena, row);
		args->last_seq = row->seq;
	}
}

/* Back from the newest to the first that is owed: a receiver that keeps up costs little. */
void
memory_feed(struct backend *backend, struct store_op *op)
{
	struct memory_objects *objects = memory_objects_of(backend);
	struct store_feed_args *args = &op->u.feed;
	struct list *pos = objects->by_change.prev;
	struct store_object *rows;
	size_t count = 0, owed = 0;

	for (; pos != &objects->by_change; pos = pos->prev, owed++)
		if (container_of(pos, struct object, in_change)->row.change <= args->after)
			break;
	rows = arena_alloc(op->arena, (owed < args->limit ? owed : args->limit) * sizeof(*rows));
	for (pos = pos->next; pos != &objects->by_change && count < args->limit; pos = pos->next) {
		const struct object *object = container_of(pos, struct object, in_change);

		if (str_is(object->row.key.scope, "*"))
			rows[count++] = copy_object(op->arena, &object->row);
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
memory_expire_objects(struct memory_objects *objects, struct store_op *op)
{
	int64_t tombstones_ms = op->u.expire.now_ms - TOMBSTONE_MS;
	int64_t records_ms = op->u.expire.before_ms;
	size_t count = 0;

	memory_expire_hints(objects->owed, op);
	list_each_safe (pos, tmp, &objects->by_change) {
		struct object *object = container_of(pos, struct object, in_change);
		const struct store_object *row = &object->row;

		if (!(row->body.p == NULL && row->at_ms < tombstones_ms) &&
		        !(records_ms > 0 && is_record(row) && row->at_ms < records_ms))
			continue;
		if (count++ >= EXPIRE_ROWS)
			return;
		table_remove(objects->by_name, object->name);
		free_object(object);
		op->u.expire.dropped++;
	}
}
