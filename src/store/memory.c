/* memory: the same verbs without a disk, for tests and benchmarks.
 *
 * Everything is a copy under one lock: the writer changes it, sessions copy out of it into their
 * arenas. A batch cannot fail, so a write is in force when it is applied; an operation that is
 * refused is refused before it changed anything. The trace is in memory_trace.c. */
#include "memory.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { EXPIRE_ROWS = 2000 };

struct platform {
	struct list link;
	struct arena *arena; /* of this version of the platform */
	struct store_platform row;
};
struct relink {
	struct arena *arena;
	struct store_relink row;
};
struct meta {
	struct arena *arena;
	struct str key, value;
};
struct backend {
	pthread_mutex_t lock;
	struct list platforms; /* by id */
	int64_t last_id;
	struct table *relinks, *metas;
	struct memory_trace trace;
	struct memory_objects *objects;
};
struct reader {
	struct backend *backend;
};

/* ---- copies ---- */

static void *
copy_array(struct arena *arena, const void *rows, size_t count, size_t bytes)
{
	void *copy;

	if (count == 0)
		return NULL;
	copy = arena_take(arena, count * bytes);
	return memcpy(copy, rows, count * bytes);
}

static struct store_platform
copy_platform(struct arena *arena, const struct store_platform *from)
{
	struct store_platform to = *from;
	struct store_party *parties =
	        copy_array(arena, from->parties, from->party_count, sizeof(*parties));
	struct store_endpoint *endpoints =
	        copy_array(arena, from->endpoints, from->endpoint_count, sizeof(*endpoints));

	to.name = arena_str(arena, from->name);
	to.version = arena_str(arena, from->version);
	to.versions_url = arena_str(arena, from->versions_url);
	to.token_sealed = arena_str(arena, from->token_sealed);
	to.token_old_sealed = arena_str(arena, from->token_old_sealed);
	to.settings = arena_str(arena, from->settings);
	for (size_t i = 0; i < from->party_count; i++)
		parties[i].business = arena_str(arena, from->parties[i].business);
	for (size_t i = 0; i < from->endpoint_count; i++) {
		endpoints[i].module = arena_str(arena, from->endpoints[i].module);
		endpoints[i].url = arena_str(arena, from->endpoints[i].url);
	}
	to.parties = parties;
	to.endpoints = endpoints;
	to.tokens = copy_array(arena, from->tokens, from->token_count, sizeof(*from->tokens));
	return to;
}

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

/* ---- platforms ---- */

static struct platform *
find_platform(struct backend *backend, int64_t id)
{
	list_each (pos, &backend->platforms) {
		struct platform *platform = container_of(pos, struct platform, link);

		if (platform->row.id == id)
			return platform;
	}
	return NULL;
}

static bool
has_digest(const struct store_platform *platform, size_t first, const uint8_t *digest)
{
	for (size_t i = first; i < platform->token_count; i++)
		if (memcmp(platform->tokens[i].digest, digest, RH_DIGEST_BYTES) == 0)
			return true;
	return false;
}

/* A digest may stand once in the whole store; what @id had before is replaced. */
static bool
tokens_are_unique(struct backend *backend, const struct store_platform *saved)
{
	for (size_t i = 0; i < saved->token_count; i++) {
		const uint8_t *digest = saved->tokens[i].digest;

		if (has_digest(saved, i + 1, digest))
			return false;
		list_each (pos, &backend->platforms) {
			struct platform *other = container_of(pos, struct platform, link);

			if (other->row.id != saved->id && has_digest(&other->row, 0, digest))
				return false;
		}
	}
	return true;
}

static bool
platform_save(struct backend *backend, struct store_op *op)
{
	const struct store_platform *saved = op->u.save.platform;
	struct platform *platform = saved->id == 0 ? NULL : find_platform(backend, saved->id);

	if (saved->id != 0 && platform == NULL) {
		op_result(op, RH_NOT_FOUND, "no platform has this id");
		return true;
	}
	if (!tokens_are_unique(backend, saved)) {
		op_result(op, RH_STORE_FAILED, "UNIQUE: a token names one platform");
		return false;
	}
	if (platform == NULL) {
		platform = rh_alloc(sizeof(*platform));
		platform->row.id = ++backend->last_id;
		list_add_tail(&backend->platforms, &platform->link);
	}
	op->made_id = platform->row.id;
	arena_free(platform->arena);
	platform->arena = arena_new(1024);
	platform->row = copy_platform(platform->arena, saved);
	platform->row.id = op->made_id;
	return true;
}

static bool
platform_touch(struct backend *backend, struct store_op *op)
{
	struct platform *platform = find_platform(backend, op->u.touch.platform);

	if (platform == NULL)
		op_result(op, RH_NOT_FOUND, "no platform has this id");
	else
		platform->row.last_contact_ms = op->u.touch.at_ms;
	return true;
}

static void
platforms_load(struct backend *backend, struct store_op *op)
{
	struct store_platform *rows;
	size_t count = 0;

	list_each (pos, &backend->platforms)
		count++;
	rows = arena_alloc(op->arena, count * sizeof(*rows));
	op->u.load.platforms = rows;
	op->u.load.count = count;
	list_each (pos, &backend->platforms)
		*rows++ = copy_platform(op->arena, &container_of(pos, struct platform, link)->row);
}

/* ---- relinks and meta ---- */

static void
free_relink(struct relink *relink)
{
	if (relink != NULL)
		arena_free(relink->arena);
	free(relink);
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

static bool
relink_drop(struct backend *backend, struct store_op *op)
{
	struct relink *relink = table_remove(backend->relinks, op->u.relink.id);

	if (relink == NULL)
		op_result(op, RH_NOT_FOUND, "no such URL was handed out");
	free_relink(relink);
	return true;
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
	memory_expire_objects(backend->objects, op);
	return true;
}

static void
free_meta(struct meta *meta)
{
	if (meta != NULL)
		arena_free(meta->arena);
	free(meta);
}

static bool
meta_put(struct backend *backend, struct store_op *op)
{
	struct meta *meta = rh_alloc(sizeof(*meta));

	meta->arena = arena_new(256);
	meta->key = arena_str(meta->arena, op->u.meta.key);
	meta->value = arena_str(meta->arena, op->u.meta.value);
	free_meta(table_remove(backend->metas, meta->key));
	table_put(backend->metas, meta->key, meta);
	return true;
}

static void
meta_get(struct backend *backend, struct store_op *op)
{
	struct meta *meta = table_get(backend->metas, op->u.meta.key);

	if (meta == NULL)
		op_result(op, RH_NOT_FOUND, "no such key");
	else
		op->u.meta.value = arena_str(op->arena, meta->value);
}

static bool
probe(struct backend *backend, struct store_op *op)
{
	(void)backend, (void)op;
	return true;
}

/* ---- the backend ---- */

struct memory_objects *
memory_objects_of(struct backend *backend)
{
	return backend->objects;
}

static void
trace_find(struct backend *backend, struct store_op *op)
{
	memory_trace_find(&backend->trace, op);
}

static bool (*const writes[STORE_VERB_COUNT])(struct backend *backend, struct store_op *op) = {
	[STORE_PLATFORM_SAVE] = platform_save,
	[STORE_PLATFORM_TOUCH] = platform_touch,
	[STORE_RELINK_PUT] = relink_put,
	[STORE_RELINK_DROP] = relink_drop,
	[STORE_EXPIRE] = expire,
	[STORE_META_PUT] = meta_put,
	[STORE_PROBE] = probe,
	[STORE_SHARE] = memory_share,
	[STORE_CURSORS_SAVE] = memory_cursors_save,
	[STORE_FAILURE_PUT] = memory_failure_put,
	[STORE_FAILURE_DROP] = memory_failure_drop,
	[STORE_AGREEMENT_SAVE] = memory_agreement_save,
	[STORE_AGREEMENT_DROP] = memory_agreement_drop,
	[STORE_HINT_PUT] = memory_hint_put,
};
static void (*const reads[STORE_VERB_COUNT])(struct backend *backend, struct store_op *op) = {
	[STORE_PLATFORMS_LOAD] = platforms_load,
	[STORE_RELINK_GET] = relink_get,
	[STORE_TRACE_FIND] = trace_find,
	[STORE_META_GET] = meta_get,
	[STORE_OBJECT_GET] = memory_get,
	[STORE_OBJECT_FIND] = memory_find,
	[STORE_OBJECT_PAGE] = memory_page,
	[STORE_FEED] = memory_feed,
	[STORE_CURSORS_LOAD] = memory_cursors_load,
	[STORE_FAILURES] = memory_failures,
	[STORE_AGREEMENTS_LOAD] = memory_agreements_load,
	[STORE_HINT_GET] = memory_hint_get,
};

static struct backend *
memory_open(const char *place, struct fault *fault)
{
	struct backend *backend;

	if (place[0] != '\0') {
		fault_set(fault, RH_STORE_FAILED, "store.url",
		        "expected memory: with nothing behind it");
		return NULL;
	}
	backend = rh_alloc(sizeof(*backend));
	pthread_mutex_init(&backend->lock, NULL);
	list_init(&backend->platforms);
	backend->relinks = table_new(64);
	backend->metas = table_new(16);
	backend->objects = memory_objects_new();
	return backend;
}

static void
memory_close(struct backend *backend)
{
	struct str key;
	void *value;

	list_each_safe (pos, tmp, &backend->platforms) {
		arena_free(container_of(pos, struct platform, link)->arena);
		free(container_of(pos, struct platform, link));
	}
	for (size_t cursor = 0; table_next(backend->relinks, &cursor, &key, &value);)
		free_relink(value);
	for (size_t cursor = 0; table_next(backend->metas, &cursor, &key, &value);)
		free_meta(value);
	table_free(backend->relinks);
	table_free(backend->metas);
	memory_trace_free(&backend->trace);
	memory_objects_free(backend->objects);
	pthread_mutex_destroy(&backend->lock);
	free(backend);
}

static void
memory_sizes(struct backend *backend, int64_t *database, int64_t *trace)
{
	pthread_mutex_lock(&backend->lock);
	*database = 0;
	*trace = backend->trace.bytes;
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

static void
memory_read(struct reader *reader, struct store_op *op)
{
	struct backend *backend = reader->backend;

	assert(reads[op->verb] != NULL);
	op_result(op, RH_OK, "");
	pthread_mutex_lock(&backend->lock);
	reads[op->verb](backend, op);
	pthread_mutex_unlock(&backend->lock);
}

/* A backup never begins, so its other two verbs are never asked for. */
const struct backend_ops backend_memory = {
	.scheme = "memory:",
	.open = memory_open,
	.close = memory_close,
	.sizes = memory_sizes,
	.adopt = nothing,
	.begin = always_ok,
	.apply = memory_apply,
	.commit = always_ok,
	.rollback = nothing,
	.tidy = always_ok,
	.backup_begin = memory_backup_begin,
	.trace_write = memory_trace_write,
	.trace_trim = memory_trace_trim,
	.reader_open = memory_reader_open,
	.reader_close = memory_reader_close,
	.read = memory_read,
};
