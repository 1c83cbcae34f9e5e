/* memory: the same verbs without a disk, for tests and benchmarks.
 *
 * Everything is a copy under one lock: the writer changes it, sessions copy out of it into their
 * arenas. A batch cannot fail, so a write is in force when it is applied; an operation that is
 * refused is refused before it changed anything. The trace is in memory_trace.c. */
#include "memory.h"

#include "quota.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { EXPIRE_ROWS = 2000 };

struct relink {
	struct arena *arena;
	struct store_relink row;
};
struct reader {
	struct backend *backend;
};

/* ---- relinks ---- */

static struct store_relink
copy_relink(struct arena *arena, const struct store_relink *from)
{
	struct store_relink to = *from;

	to.id = arena_str(arena, from->id);
	to.target = arena_str(arena, from->target);
	to.module = arena_str(arena, from->module);
	to.correlation_id = arena_str(arena, from->correlation_id);
	return to;
}

static void
free_relink(struct relink *relink)
{
	if (relink != NULL)
		arena_free(relink->arena);
	free(relink);
}

static int64_t
count_relinks(const struct backend *backend, int64_t platform)
{
	struct str key;
	size_t at = 0;
	void *relink;
	int64_t count = 0;

	while (table_next(backend->relinks, &at, &key, &relink))
		count += quota_platform(&((struct relink *)relink)->row) == platform;
	return count;
}

static void
quota(struct backend *backend, struct store_op *op)
{
	struct store_quota_args *args = &op->u.quota;
	struct memory_object *object = args->key.module.p == NULL
	                                       ? NULL
	                                       : memory_object_find(backend->objects, &args->key);

	args->has = (struct store_quota){ memory_count_objects(backend->objects, args->platform),
		count_relinks(backend, args->platform) };
	args->there = object != NULL && object->row.body.p != NULL;
}

static bool
relink_put(struct backend *backend, struct store_op *op)
{
	const struct store_relink *from = op->u.relink_put.relink;
	struct relink *relink;

	if (table_get(backend->relinks, from->id) != NULL) {
		op_result(op, RH_STORE_FAILED, "UNIQUE: this id was handed out already");
		return false;
	}
	if (op->u.relink_put.limited &&
	        (int64_t)table_count(backend->relinks) >= op->u.relink_put.quota &&
	        !quota_allows(op, count_relinks(backend, quota_platform(from)),
	                op->u.relink_put.quota, "URLs handed out", NULL))
		return false;
	relink = rh_alloc(sizeof(*relink));
	relink->arena = arena_new(256);
	relink->row = copy_relink(relink->arena, from);
	table_put(backend->relinks, relink->row.id, relink);
	return true;
}

static void
relink_get(struct backend *backend, struct store_op *op)
{
	struct relink *relink = table_get(backend->relinks, op->u.relink.id);

	if (relink == NULL || relink->row.expires_ms <= op->u.relink.now_ms)
		op_result(op, RH_NOT_FOUND, "no such URL was handed out, or it expired");
	else
		op->u.relink.relink = copy_relink(op->arena, &relink->row);
}

/* Gathered first: the table must not change under its cursor. */
static bool
expire(struct backend *backend, struct store_op *op)
{
	struct relink *expired[EXPIRE_ROWS];
	size_t cursor = 0, count = 0;
	struct str key;
	void *value;

	while (count < EXPIRE_ROWS && table_next(backend->relinks, &cursor, &key, &value)) {
		struct relink *relink = value;

		if (relink->row.expires_ms <= op->u.expire.now_ms)
			expired[count++] = relink;
	}
	for (size_t i = 0; i < count; i++) {
		table_remove(backend->relinks, expired[i]->row.id);
		free_relink(expired[i]);
	}
	op->u.expire.dropped = count;
	memory_expire_owed(backend, op);
	memory_expire_objects(backend, op);
	memory_expire_versions(backend, op);
	return true;
}

static bool
import(struct backend *backend, struct store_op *op)
{
	const struct store_import_args *args = &op->u.import;
	struct store_op meta = { .u.meta = { args->meta_key, args->meta_value } };

	if (!memory_platforms_import(backend, op))
		return false;
	for (size_t i = 0; i < args->agreement_count; i++) {
		struct store_op save = { .u.agreements.agreements = &args->agreements[i] };

		args->agreements[i].id = 0;
		(void)memory_agreement_save(backend, &save);
		args->agreements[i].id = save.made_id;
	}
	return args->meta_key.p == NULL || memory_meta_put(backend, &meta);
}

static bool
probe(struct backend *backend, struct store_op *op)
{
	(void)backend, (void)op;
	return true;
}

/* ---- the backend ---- */

static void
trace_find(struct backend *backend, struct store_op *op)
{
	memory_trace_find(&backend->trace, op);
}

static bool (*const writes[STORE_VERB_COUNT])(struct backend *backend, struct store_op *op) = {
	[STORE_PLATFORM_SAVE] = memory_platform_save,
	[STORE_PLATFORM_TOUCH] = memory_platform_touch,
	[STORE_IMPORT] = import,
	[STORE_RELINK_PUT] = relink_put,
	[STORE_EXPIRE] = expire,
	[STORE_META_PUT] = memory_meta_put,
	[STORE_PROBE] = probe,
	[STORE_SHARE] = memory_share,
	[STORE_CURSORS_SAVE] = memory_cursors_save,
	[STORE_FAILURE_PUT] = memory_failure_put,
	[STORE_FAILURE_DROP] = memory_failure_drop,
	[STORE_PARK] = memory_park,
	[STORE_UNPARK] = memory_unpark,
	[STORE_REDRIVE] = memory_redrive,
	[STORE_RECEIVER_DROP] = memory_receiver_drop,
	[STORE_SCOPE_MOVE] = memory_scope_move,
	[STORE_OWNED_DROP] = memory_owned_drop,
	[STORE_PULLED_MISSED] = memory_pulled_missed,
	[STORE_AGREEMENT_SAVE] = memory_agreement_save,
	[STORE_AGREEMENT_DROP] = memory_agreement_drop,
	[STORE_HINT_PUT] = memory_hint_put,
	[STORE_EVENT_PUT] = memory_event_put,
	[STORE_EVENT_TRIM] = memory_event_trim,
	[STORE_ERASE] = memory_erase,
};
static void (*const reads[STORE_VERB_COUNT])(struct backend *backend, struct store_op *op) = {
	[STORE_PLATFORMS_LOAD] = memory_platforms_load,
	[STORE_RELINK_GET] = relink_get,
	[STORE_TRACE_FIND] = trace_find,
	[STORE_META_GET] = memory_meta_get,
	[STORE_OBJECT_GET] = memory_get,
	[STORE_OBJECT_FIND] = memory_find,
	[STORE_VERSIONS] = memory_versions,
	[STORE_OBJECT_PAGE] = memory_page,
	[STORE_FEED] = memory_feed,
	[STORE_CURSORS_LOAD] = memory_cursors_load,
	[STORE_FAILURES] = memory_failures,
	[STORE_PARKED] = memory_parked,
	[STORE_PARKED_HEADS] = memory_parked_heads,
	[STORE_PULLED] = memory_pulled,
	[STORE_QUOTA] = quota,
	[STORE_AGREEMENTS_LOAD] = memory_agreements_load,
	[STORE_HINT_GET] = memory_hint_get,
	[STORE_EVENTS] = memory_events,
};

static struct backend *
memory_open(const char *place, const struct store_conf *conf, struct fault *fault)
{
	struct backend *backend;

	(void)conf;
	if (place[0] != '\0') {
		fault_set(fault, RH_STORE_FAILED, "store.url",
		        "expected memory: with nothing behind it");
		return NULL;
	}
	backend = rh_alloc(sizeof(*backend));
	pthread_mutex_init(&backend->lock, NULL);
	list_init(&backend->platforms);
	memory_owed_open(backend);
	backend->relinks = table_new(64);
	backend->metas = table_new(16);
	backend->objects = memory_objects_new();
	return backend;
}

static void
memory_found(struct backend *backend, struct store_found *found)
{
	(void)backend;
	*found = (struct store_found){ .empty = true };
}

static enum rh_err
memory_prepare(struct backend *backend, struct str key_mark, struct fault *fault)
{
	(void)backend, (void)key_mark, (void)fault;
	return RH_OK;
}

static void
memory_close(struct backend *backend)
{
	struct str key;
	void *value;

	memory_platforms_free(backend);
	for (size_t cursor = 0; table_next(backend->relinks, &cursor, &key, &value);)
		free_relink(value);
	table_free(backend->relinks);
	memory_metas_close(backend);
	memory_trace_free(&backend->trace);
	memory_objects_free(backend->objects);
	memory_owed_close(backend);
	pthread_mutex_destroy(&backend->lock);
	free(backend);
}

static void
no_bound(struct backend *backend, int64_t max_bytes)
{
	(void)backend, (void)max_bytes;
}

static void
memory_sizes(struct backend *backend, struct store_stats *out)
{
	pthread_mutex_lock(&backend->lock);
	out->database_bytes = out->counted_bytes = 0;
	out->trace_bytes = backend->trace.bytes;
	pthread_mutex_unlock(&backend->lock);
}

static void
nothing(struct backend *backend)
{
	(void)backend;
}

static enum outcome
always_ok(struct backend *backend, struct fault *fault)
{
	(void)backend, (void)fault;
	return OUTCOME_OK;
}

static bool
memory_is_read(enum store_verb verb)
{
	return reads[verb] != NULL;
}

static enum outcome
memory_apply(struct backend *backend, struct store_op *op, struct fault *fault)
{
	bool applied;

	(void)fault;
	assert(writes[op->verb] != NULL);
	op_result(op, RH_OK, "");
	pthread_mutex_lock(&backend->lock);
	applied = writes[op->verb](backend, op);
	pthread_mutex_unlock(&backend->lock);
	return applied ? OUTCOME_OK : OUTCOME_REFUSED;
}

static bool
memory_backup_begin(struct backend *backend, struct store_op *op)
{
	(void)backend;
	op_result(op, RH_STORE_FAILED, "backup: a store in memory has no file to copy");
	return false;
}

static size_t
memory_trace_write(struct backend *backend, struct store_trace **rows, size_t count)
{
	pthread_mutex_lock(&backend->lock);
	memory_trace_add(&backend->trace, rows, count);
	pthread_mutex_unlock(&backend->lock);
	return count;
}

static bool
memory_trace_trim(struct backend *backend, const struct trace_bounds *bounds, int64_t now_ms)
{
	bool more;

	pthread_mutex_lock(&backend->lock);
	more = memory_trace_cut(&backend->trace, bounds, now_ms);
	pthread_mutex_unlock(&backend->lock);
	return more;
}

static bool
memory_trace_erase(struct backend *backend, struct store_trace_erase_args *args)
{
	pthread_mutex_lock(&backend->lock);
	memory_trace_drop(&backend->trace, args);
	pthread_mutex_unlock(&backend->lock);
	return false;
}

static struct reader *
memory_reader_open(struct backend *backend, struct fault *fault)
{
	struct reader *reader = rh_alloc(sizeof(*reader));

	(void)fault;
	reader->backend = backend;
	return reader;
}

static void
memory_reader_close(struct reader *reader)
{
	free(reader);
}

static bool
memory_read(struct reader *reader, struct store_op *op)
{
	struct backend *backend = reader->backend;

	assert(reads[op->verb] != NULL);
	op_result(op, RH_OK, "");
	pthread_mutex_lock(&backend->lock);
	reads[op->verb](backend, op);
	pthread_mutex_unlock(&backend->lock);
	return true;
}

/* A backup never begins, so its other two verbs are never asked for. */
const struct backend_ops backend_memory = {
	.scheme = "memory:",
	.open = memory_open,
	.found = memory_found,
	.prepare = memory_prepare,
	.close = memory_close,
	.sizes = memory_sizes,
	.bound = no_bound,
	.is_read = memory_is_read,
	.adopt = nothing,
	.begin = always_ok,
	.apply = memory_apply,
	.commit = always_ok,
	.rollback = nothing,
	.tidy = always_ok,
	.backup_begin = memory_backup_begin,
	.trace_adopt = nothing,
	.trace_write = memory_trace_write,
	.trace_trim = memory_trace_trim,
	.trace_erase = memory_trace_erase,
	.reader_open = memory_reader_open,
	.reader_close = memory_reader_close,
	.read = memory_read,
};
