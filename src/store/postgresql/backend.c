/* backend: PostgreSQL behind store.h. Its hold, its threads, its table of verbs. */
#include "inside.h"

#include "../migrate.h"
#include "../quota.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	FIRST_OPS = 64,
	SIZES_MS = 5000,
	SIZES_WATCHED_MS = 500,
	ROW_BYTES = 700, /* of an object without body and patch, its places in indexes included */
};

struct reader {
	struct backend *backend;
};

static const struct pg_read_verb *const reads[STORE_VERB_COUNT] = {
	[STORE_PLATFORMS_LOAD] = &pg_read_platforms,
	[STORE_RELINK_GET] = &pg_read_relink,
	[STORE_TRACE_FIND] = &pg_read_trace,
	[STORE_META_GET] = &pg_read_meta,
	[STORE_OBJECT_GET] = &pg_read_object,
	[STORE_OBJECT_FIND] = &pg_read_find,
	[STORE_VERSIONS] = &pg_read_versions,
	[STORE_OBJECT_PAGE] = &pg_read_page,
	[STORE_FEED] = &pg_read_feed,
	[STORE_CURSORS_LOAD] = &pg_read_cursors,
	[STORE_FAILURES] = &pg_read_failures,
	[STORE_PARKED] = &pg_read_parked,
	[STORE_PARKED_HEADS] = &pg_read_heads,
	[STORE_PULLED] = &pg_read_pulled,
	[STORE_AGREEMENTS_LOAD] = &pg_read_agreements,
	[STORE_HINT_GET] = &pg_read_hint,
	[STORE_EVENTS] = &pg_read_events,
	[STORE_QUOTA] = &pg_read_quota,
	[STORE_HUBS] = &pg_read_hubs,
	[STORE_DIRECTORY] = &pg_read_directory,
	[STORE_STATUSES] = &pg_read_statuses,
	[STORE_WISHES] = &pg_read_wishes,
	[STORE_TALLIES] = &pg_read_tallies,
};

/* ---- opening ---- */

static void
backend_close(struct backend *backend)
{
	reads_stop(backend->reads);
	pg_trace_close(backend->trace);
	pg_move_free(&backend->move);
	lease_stop(backend->lease);
	hold_close(&backend->hold);
	together_free(backend->hold.together);
	arena_free(backend->arena);
	free(backend->about);
	free(backend->ops);
	free(backend->url);
	free(backend);
}

static enum rh_err
look(struct backend *backend, struct fault *fault)
{
	struct store_found *found = &backend->found;
	size_t applied;
	enum rh_err err = schema_look(backend->hold.pg, migrations_postgresql,
	        migration_postgresql_count, &applied, fault);

	if (err != RH_OK)
		return err;
	*found = (struct store_found){ .empty = applied == 0,
		.pending = migration_postgresql_count - applied,
		.led = backend->hold.led };
	return found->empty ? RH_OK : schema_find(backend->hold.pg, backend->arena, found, fault);
}

/* What stands behind "postgresql:" is what libpq knows: //USER@HOST:PORT/DATABASE?key=value. */
static struct backend *
backend_open(const char *place, const struct store_conf *conf, struct fault *fault)
{
	static const char scheme[] = "postgresql:";
	struct backend *backend;

	if (strncmp(place, "//", 2) != 0) {
		fault_set(fault, RH_STORE_FAILED, "store.url", "expected postgresql://...");
		return NULL;
	}
	backend = rh_alloc(sizeof(*backend));
	backend->url = rh_alloc(sizeof(scheme) + strlen(place));
	(void)stpcpy(stpcpy(backend->url, scheme), place);
	backend->about = rh_strdup(conf->about != NULL ? conf->about : "{}");
	backend->hold.about = backend->about;
	backend->hold.stands_by = conf->stands_by;
	backend->hold.together = conf->together ? together_new() : NULL;
	backend->arena = arena_new(1024);
	if (hold_open(&backend->hold, backend->url, fault) == RH_OK &&
	        look(backend, fault) == RH_OK)
		return backend;
	backend_close(backend);
	return NULL;
}

static void
backend_found(struct backend *backend, struct store_found *found)
{
	*found = backend->found;
}

/* Who led may have migrated it, and made tokens. */
static enum rh_err
backend_stand_by(struct backend *backend, const struct store_waiting *waiting, struct fault *fault)
{
	enum rh_err err = stand_by(&backend->hold, waiting, fault);

	return err == RH_OK ? look(backend, fault) : err;
}

static enum rh_err
migrate_all(struct backend *backend, struct str key_mark, struct fault *fault)
{
	const struct migration *list = migrations_postgresql;
	size_t count = migration_postgresql_count;

	if (backend->hold.together != NULL)
		return join_migrate(&backend->hold, list, count, key_mark, fault);
	return schema_migrate(backend->hold.pg, list, count, fault);
}

static enum rh_err
backend_prepare(struct backend *backend, struct str key_mark, struct fault *fault)
{
	if (migrate_all(backend, key_mark, fault) != RH_OK ||
	        schema_keep_mark(backend->hold.pg, key_mark, fault) != RH_OK ||
	        hold_begin(&backend->hold, fault) != RH_OK)
		return fault->err;
	backend->lease = lease_start(&backend->hold, fault);
	if (backend->lease == NULL)
		return fault->err;
	backend->reads = reads_start(backend->url, fault);
	if (backend->reads == NULL)
		return fault->err;
	backend->trace = pg_trace_open(backend->url);
	return RH_OK;
}

static struct store_lease
backend_lease(const struct backend *backend)
{
	return lease_now(backend->lease);
}

void
backend_hang(struct backend *backend, bool hangs)
{
	lease_hang(backend->lease, hangs);
}

static void
adopt(struct backend *backend)
{
	(void)backend;
}

/* ---- sizes: looked at now and then, since it is the server that knows them ---- */

static void
look_at_sizes(struct backend *backend)
{
	struct pg_value row_bytes = P_INT(ROW_BYTES);
	struct pg_call call = { .sql = PGS_SIZES, .values = &row_bytes, .count = 1 };
	int64_t now_ms = rh_mono_ms();
	bool watched = atomic_load(&backend->max_bytes) != 0;

	if (backend->hold.pg == NULL || now_ms < backend->sizes_at_ms)
		return;
	backend->sizes_at_ms = now_ms + (watched ? SIZES_WATCHED_MS : SIZES_MS);
	if (pg_run(backend->hold.pg, &call, 1) == PG_DONE) {
		atomic_store(&backend->database_bytes, pg_int(call.result, 0, 0));
		atomic_store(&backend->trace_bytes, pg_int(call.result, 0, 1));
		atomic_store(&backend->counted_bytes, pg_int(call.result, 0, 2));
	}
	pg_calls_free(&call, 1);
	if (pg_lost(backend->hold.pg))
		hold_lose(&backend->hold, "the connection was lost");
}

static void
backend_sizes(struct backend *backend, struct store_stats *out)
{
	out->database_bytes = atomic_load(&backend->database_bytes);
	out->trace_bytes = atomic_load(&backend->trace_bytes);
	out->counted_bytes = atomic_load(&backend->counted_bytes);
	out->unsure = atomic_load(&backend->hold.unsure);
}

static int64_t
backend_unheard_ms(struct backend *backend)
{
	return lease_unheard_ms(backend->lease);
}

static void
backend_bound(struct backend *backend, int64_t max_bytes)
{
	atomic_store(&backend->max_bytes, max_bytes);
	atomic_store(&backend->bound, true);
}

static bool
is_full(struct backend *backend)
{
	int64_t max_bytes = atomic_load(&backend->max_bytes);

	if (max_bytes == 0)
		return false;
	if (atomic_exchange(&backend->bound, false)) {
		backend->sizes_at_ms = 0;
		look_at_sizes(backend);
	}
	return atomic_load(&backend->counted_bytes) >= max_bytes;
}

/* ---- writing: gathered, and done as one when it is to be committed ---- */

static enum outcome
backend_begin(struct backend *backend, struct fault *fault)
{
	(void)fault;
	backend->count = 0;
	return OUTCOME_OK;
}

static enum outcome
backend_apply(struct backend *backend, struct store_op *op, struct fault *fault)
{
	(void)fault;
	assert(op->verb == STORE_SHARE || pg_writes[op->verb] != NULL);
	if (quota_finds_no_room(op, is_full(backend)))
		return OUTCOME_REFUSED;
	if (backend->count == backend->room) {
		size_t room = backend->room == 0 ? FIRST_OPS : 2 * backend->room;
		struct store_op **ops = rh_alloc(room * sizeof(struct store_op *));

		if (backend->count > 0)
			memcpy(ops, backend->ops, backend->count * sizeof(struct store_op *));
		free(backend->ops);
		backend->ops = ops;
		backend->room = room;
	}
	backend->ops[backend->count++] = op;
	return OUTCOME_OK;
}

static enum outcome
backend_commit(struct backend *backend, struct fault *fault)
{
	return batch_do(&backend->hold, backend->ops, backend->count, fault);
}

static void
backend_rollback(struct backend *backend)
{
	backend->count = 0;
}

/* A connection that is lost is had again before somebody needs it. */
static enum outcome
backend_tidy(struct backend *backend, struct fault *fault)
{
	enum outcome outcome = hold_again(&backend->hold);

	if (outcome == OUTCOME_FAILED || outcome == OUTCOME_OLDER) {
		fault_set(fault, RH_STORE_FAILED, "", "%s", backend->hold.why);
		return outcome;
	}
	look_at_sizes(backend);
	return OUTCOME_OK;
}

/* ---- backups are the server's own ---- */

static bool
backend_backup_begin(struct backend *backend, struct store_op *op)
{
	(void)backend;
	op_result(op, RH_STORE_FAILED,
	        "a PostgreSQL is backed up by its own means (pg_basebackup): see "
	        "docs/operations.md");
	return false;
}

static bool
backend_backup_step(struct backend *backend, struct store_op *op)
{
	(void)backend, (void)op;
	return false;
}

static void
backend_backup_drop(struct backend *backend)
{
	(void)backend;
}

/* ---- the trace, and reading ---- */

static size_t
backend_trace_write(struct backend *backend, struct store_trace **rows, size_t count)
{
	return pg_trace_write(backend->trace, rows, count);
}

static bool
backend_trace_trim(struct backend *backend, const struct trace_bounds *bounds, int64_t now_ms)
{
	return pg_trace_trim(backend->trace, bounds, now_ms);
}

static bool
backend_trace_erase(struct backend *backend, struct store_trace_erase_args *args)
{
	return pg_trace_erase(backend->trace, args);
}

static struct reader *
reader_open(struct backend *backend, struct fault *fault)
{
	struct reader *reader = rh_alloc(sizeof(*reader));

	(void)fault;
	reader->backend = backend;
	return reader;
}

static void
reader_close(struct reader *reader)
{
	free(reader);
}

static bool
is_read(enum store_verb verb)
{
	return reads[verb] != NULL;
}

static bool
read_later(struct reader *reader, struct store_op *op)
{
	reads_submit(reader->backend->reads, reads[op->verb], op);
	return false;
}

/* ---- the move ---- */

static enum rh_err
move_out(struct backend *backend, struct fault *fault)
{
	backend->move.pg = backend->hold.pg;
	return pg_move_out(&backend->move, fault);
}

/* The connection stays one for statements one by one: hold_begin() is not called. */
static enum rh_err
move_in(struct backend *backend, struct str key_mark, struct fault *fault)
{
	backend->move.pg = backend->hold.pg;
	if (schema_migrate(backend->hold.pg, migrations_postgresql, migration_postgresql_count,
	            fault) != RH_OK ||
	        schema_keep_mark(backend->hold.pg, key_mark, fault) != RH_OK)
		return fault->err;
	return pg_move_in(&backend->move, fault);
}

static enum rh_err
move_read(struct backend *backend, const struct move_table *table, move_row_fn row, void *ctx,
        struct fault *fault)
{
	return pg_move_read(&backend->move, table, row, ctx, fault);
}

static enum rh_err
move_begin(struct backend *backend, const struct move_table *table, struct fault *fault)
{
	return pg_move_begin(&backend->move, table, fault);
}

static enum rh_err
move_put(struct backend *backend, const struct move_table *table, const struct move_value *values,
        struct fault *fault)
{
	(void)table;
	return pg_move_put(&backend->move, values, fault);
}

static enum rh_err
move_complete(struct backend *backend, struct fault *fault)
{
	return pg_move_complete(&backend->move, fault);
}

static enum rh_err
move_commit(struct backend *backend, struct fault *fault)
{
	return pg_move_commit(&backend->move, fault);
}

const struct backend_move move_postgresql = { move_out, move_in, move_read, move_begin, move_put,
	move_complete, move_commit };

const struct backend_ops backend_postgresql = {
	.scheme = "postgresql:",
	.open = backend_open,
	.found = backend_found,
	.stand_by = backend_stand_by,
	.prepare = backend_prepare,
	.lease = backend_lease,
	.together = &pg_backend_together,
	.close = backend_close,
	.sizes = backend_sizes,
	.bound = backend_bound,
	.unheard_ms = backend_unheard_ms,
	.is_read = is_read,
	.adopt = adopt,
	.begin = backend_begin,
	.apply = backend_apply,
	.commit = backend_commit,
	.rollback = backend_rollback,
	.tidy = backend_tidy,
	.backup_begin = backend_backup_begin,
	.backup_step = backend_backup_step,
	.backup_drop = backend_backup_drop,
	.trace_adopt = adopt,
	.trace_write = backend_trace_write,
	.trace_trim = backend_trace_trim,
	.trace_erase = backend_trace_erase,
	.reader_open = reader_open,
	.reader_close = reader_close,
	.read = read_later,
	.move = &move_postgresql,
};
