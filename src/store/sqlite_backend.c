/* sqlite_backend: the default backend. Its lock, its connections, its table of verbs. */
#include "sqlite_verbs.h"

#include "migrate.h"
#include "quota.h"
#include "sqlite_file.h"
#include "sqlite_move.h"

#include <assert.h>
#include <errno.h>
#include <libgen.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct backend {
	struct db_file file;
	struct look look;
	struct db *db;
	struct trace_file trace;
	struct backup *backup;
	_Atomic int64_t max_bytes;
	bool full; /* of the transaction in hand */
};

static enum outcome (*const writes[STORE_VERB_COUNT])(struct db *db, struct store_op *op) = {
	[STORE_PLATFORM_SAVE] = platform_save,
	[STORE_PLATFORM_TOUCH] = platform_touch,
	[STORE_IMPORT] = import_all,
	[STORE_RELINK_PUT] = relink_put,
	[STORE_EXPIRE] = expire,
	[STORE_META_PUT] = meta_put,
	[STORE_PROBE] = probe,
	[STORE_SHARE] = object_share,
	[STORE_CURSORS_SAVE] = cursors_save,
	[STORE_FAILURE_PUT] = failure_put,
	[STORE_FAILURE_DROP] = failure_drop,
	[STORE_PARK] = park,
	[STORE_UNPARK] = unpark,
	[STORE_REDRIVE] = redrive,
	[STORE_RECEIVER_DROP] = receiver_drop,
	[STORE_SCOPE_MOVE] = scope_move,
	[STORE_OWNED_DROP] = owned_drop,
	[STORE_PULLED_MISSED] = pulled_missed,
	[STORE_AGREEMENT_SAVE] = agreement_save,
	[STORE_AGREEMENT_DROP] = agreement_drop,
	[STORE_HINT_PUT] = hint_put,
	[STORE_EVENT_PUT] = event_put,
	[STORE_EVENT_TRIM] = event_trim,
	[STORE_ERASE] = erase,
};
static enum outcome (*const reads[STORE_VERB_COUNT])(struct db *db, struct store_op *op) = {
	[STORE_PLATFORMS_LOAD] = platforms_load,
	[STORE_RELINK_GET] = relink_get,
	[STORE_META_GET] = meta_get,
	[STORE_OBJECT_GET] = object_get,
	[STORE_OBJECT_FIND] = object_find,
	[STORE_VERSIONS] = versions,
	[STORE_OBJECT_PAGE] = object_page,
	[STORE_FEED] = feed,
	[STORE_CURSORS_LOAD] = cursors_load,
	[STORE_FAILURES] = failures,
	[STORE_PARKED] = parked,
	[STORE_PARKED_HEADS] = parked_heads,
	[STORE_PULLED] = pulled,
	[STORE_AGREEMENTS_LOAD] = agreements_load,
	[STORE_HINT_GET] = hint_get,
	[STORE_EVENTS] = events,
	[STORE_QUOTA] = quota,
};

/* ---- opening ---- */

static void
sqlite_close(struct backend *backend)
{
	assert(backend->backup == NULL);
	look_close(&backend->look);
	db_close(backend->db);
	if (backend->trace.path != NULL)
		trace_file_close(&backend->trace);
	db_file_close(&backend->file);
	free(backend);
}

/* SQLite makes files beside it, and the rights to do so are tried before that. */
static bool
may_write(const char *path, struct fault *fault)
{
	char folder[PATH_BYTES];

	snprintf(folder, sizeof(folder), "%s", path);
	if (access(dirname(folder), W_OK | X_OK) == 0 &&
	        (access(path, F_OK) != 0 || access(path, R_OK | W_OK) == 0))
		return true;
	fault_set(fault, RH_STORE_FAILED, "store.url", "%s: %s", path, strerror(errno));
	return false;
}

static bool
open_all(struct backend *backend, const char *path, struct fault *fault)
{
	if (!may_write(path, fault))
		return false;
	return db_file_open(&backend->file, path, fault) == RH_OK &&
	       db_log_judge(backend->file.log, fault) == RH_OK &&
	       look_open(&backend->look, backend->file.path, fault) == RH_OK;
}

static struct backend *
sqlite_open(const char *path, const struct store_conf *conf, struct fault *fault)
{
	struct backend *backend;

	(void)conf;
	if (path[0] == '\0' || path[0] == ':' || strlen(path) >= PATH_BYTES) {
		fault_set(fault, RH_STORE_FAILED, "store.url", "expected sqlite:PATH");
		return NULL;
	}
	backend = rh_alloc(sizeof(*backend));
	backend->file.fd = -1;
	if (open_all(backend, path, fault))
		return backend;
	sqlite_close(backend);
	return NULL;
}

static void
sqlite_found(struct backend *backend, struct store_found *found)
{
	*found = backend->look.found;
}

static enum rh_err
keep_key_mark(struct backend *backend, struct str mark, struct fault *fault)
{
	if (mark.p == NULL ||
	        DB_RUN(backend->db, SQL_META_PUT, TEXT(STR(KEY_MARK)), TEXT(mark)) == OUTCOME_OK)
		return RH_OK;
	return fault_set(fault, RH_STORE_FAILED, "", "%s", db_why(backend->db));
}

/* What a crash left in the log goes into the database, and the log begins anew: see sqlite_log.c.
 */
static enum rh_err
begin_log(struct db *db, struct fault *fault)
{
	if (db_checkpoint(db, true) == OUTCOME_OK)
		return RH_OK;
	return fault_set(fault, RH_STORE_FAILED, "store.url", "%s", db_why(db));
}

static enum rh_err
check_counts(struct db *db, struct fault *fault)
{
	if (counts_check(db) == OUTCOME_OK)
		return RH_OK;
	return fault_set(fault, RH_STORE_FAILED, "store.url", "%s", db_why(db));
}

static enum rh_err
sqlite_prepare(struct backend *backend, struct str key_mark, struct fault *fault)
{
	char trace[PATH_BYTES + 8];
	enum rh_err err = look_copy(&backend->look, fault);

	look_close(&backend->look);
	if (err != RH_OK)
		return err;
	db_file_used(&backend->file);
	backend->db = db_open(backend->file.path, DB_WRITER, fault);
	if (backend->db == NULL || begin_log(backend->db, fault) != RH_OK ||
	        migrate(backend->db, migrations, migration_count, fault) != RH_OK ||
	        check_counts(backend->db, fault) != RH_OK ||
	        keep_key_mark(backend, key_mark, fault) != RH_OK ||
	        db_file_opened(&backend->file, fault) != RH_OK)
		return fault->err;
	snprintf(trace, sizeof(trace), "%s-trace", backend->file.path);
	trace_file_open(&backend->trace, trace);
	return RH_OK;
}

static void
sqlite_adopt(struct backend *backend)
{
	db_adopt(backend->db);
}

static void
sqlite_trace_adopt(struct backend *backend)
{
	if (backend->trace.db != NULL)
		db_adopt(backend->trace.db);
}

static int64_t
file_bytes(const char *path)
{
	static const char *const suffixes[] = { "", "-wal" };
	char name[PATH_BYTES + 16];
	int64_t sum = 0;
	struct stat st;

	for (size_t i = 0; i < COUNT(suffixes); i++) {
		snprintf(name, sizeof(name), "%s%s", path, suffixes[i]);
		if (stat(name, &st) == 0)
			sum += st.st_size;
	}
	return sum;
}

static void
sqlite_sizes(struct backend *backend, struct store_stats *out)
{
	out->database_bytes = out->counted_bytes = file_bytes(backend->file.path);
	out->trace_bytes = file_bytes(backend->trace.path);
}

/* ---- writing ---- */

static void
sqlite_bound(struct backend *backend, int64_t max_bytes)
{
	atomic_store(&backend->max_bytes, max_bytes);
}

/* What was deleted gives its pages back to the database, not to the disk: they are no more in use.
 */
static bool
is_full(struct backend *backend)
{
	int64_t max_bytes = atomic_load(&backend->max_bytes), used = 0;

	if (max_bytes == 0)
		return false;
	db_bind(backend->db, SQL_TRACE_PAGES, NULL, 0);
	if (db_next(backend->db, SQL_TRACE_PAGES))
		used = db_int(backend->db, SQL_TRACE_PAGES, 1);
	return db_end(backend->db, SQL_TRACE_PAGES) == OUTCOME_OK && used >= max_bytes;
}

static enum outcome
note(struct backend *backend, enum outcome outcome, struct fault *fault)
{
	if (outcome != OUTCOME_OK)
		fault_set(fault, RH_STORE_FAILED, "", "%s", db_why(backend->db));
	return outcome;
}

static enum outcome
sqlite_begin(struct backend *backend, struct fault *fault)
{
	backend->full = is_full(backend);
	return note(backend, db_do(backend->db, SQL_BEGIN), fault);
}

/* Some errors end the whole transaction behind our back; then the others are undone as well, and
 * have to hear it. */
static enum outcome
undo(struct db *db)
{
	blocks_forget(db);
	if (!db_in_transaction(db))
		return OUTCOME_LOST;
	if (db_do(db, SQL_UNDO) != OUTCOME_OK || db_do(db, SQL_RELEASE) != OUTCOME_OK)
		return OUTCOME_LOST;
	return OUTCOME_REFUSED;
}

static enum outcome
sqlite_apply(struct backend *backend, struct store_op *op, struct fault *fault)
{
	enum outcome outcome;

	assert(writes[op->verb] != NULL);
	if (quota_finds_no_room(op, backend->full))
		return OUTCOME_REFUSED;
	outcome = db_do(backend->db, SQL_SAVE);
	op_result(op, RH_OK, "");
	if (outcome == OUTCOME_OK)
		outcome = writes[op->verb](backend->db, op);
	if (outcome == OUTCOME_OK)
		outcome = db_do(backend->db, SQL_RELEASE);
	if (outcome == OUTCOME_REFUSED) {
		op_result(op, RH_STORE_FAILED, db_why(backend->db));
		outcome = undo(backend->db);
	}
	return outcome == OUTCOME_REFUSED ? outcome : note(backend, outcome, fault);
}

/* Whatever is committed to a file that nobody will find is not acknowledged. */
static enum outcome
sqlite_commit(struct backend *backend, struct fault *fault)
{
	enum outcome outcome = changes_save(backend->db);
	const char *lost;

	if (outcome == OUTCOME_OK)
		outcome = db_do(backend->db, SQL_COMMIT);
	if (outcome != OUTCOME_OK)
		return note(backend, outcome, fault);
	lost = db_file_lost(&backend->file);
	if (lost == NULL)
		return OUTCOME_OK;
	db_leave(backend->db);
	fault_set(fault, RH_STORE_FAILED, "", "%s", lost);
	return OUTCOME_FAILED;
}

static void
sqlite_rollback(struct backend *backend)
{
	blocks_forget(backend->db);
	if (db_in_transaction(backend->db))
		db_do(backend->db, SQL_ROLLBACK);
}

static enum outcome
sqlite_tidy(struct backend *backend, struct fault *fault)
{
	return note(backend, db_checkpoint(backend->db, false), fault);
}

static bool
sqlite_backup_begin(struct backend *backend, struct store_op *op)
{
	struct fault fault = { 0 };

	backend->backup = backup_begin(backend->db, op->u.backup.path, false, &fault);
	if (backend->backup == NULL)
		op_result(op, RH_STORE_FAILED, fault.why);
	return backend->backup != NULL;
}

static bool
sqlite_backup_step(struct backend *backend, struct store_op *op)
{
	struct fault fault = { 0 };

	if (backup_step(&backend->backup, &op->u.backup.bytes, &fault))
		return true;
	op_result(op, fault.err, fault.why);
	return false;
}

static void
sqlite_backup_drop(struct backend *backend)
{
	backup_drop(&backend->backup);
}

static size_t
sqlite_trace_write(struct backend *backend, struct store_trace **rows, size_t count)
{
	return trace_file_write(&backend->trace, rows, count);
}

static bool
sqlite_trace_trim(struct backend *backend, const struct trace_bounds *bounds, int64_t now_ms)
{
	return trace_file_trim(&backend->trace, bounds, now_ms);
}

static bool
sqlite_trace_erase(struct backend *backend, struct store_trace_erase_args *args)
{
	return trace_file_erase(&backend->trace, args);
}

/* ---- reading ---- */

static struct reader *
sqlite_reader_open(struct backend *backend, struct fault *fault)
{
	struct reader *reader = rh_alloc(sizeof(*reader));

	reader->trace_file = &backend->trace;
	reader->db = db_open(backend->file.path, DB_READER, fault);
	if (reader->db != NULL && digest_define(reader->db) == OUTCOME_OK)
		return reader;
	if (reader->db != NULL)
		fault_set(fault, RH_STORE_FAILED, "", "%s", db_why(reader->db));
	db_close(reader->db);
	free(reader);
	return NULL;
}

static void
sqlite_reader_close(struct reader *reader)
{
	db_close(reader->db);
	db_close(reader->trace);
	free(reader);
}

static bool
sqlite_is_read(enum store_verb verb)
{
	return verb == STORE_TRACE_FIND || reads[verb] != NULL;
}

static bool
sqlite_read(struct reader *reader, struct store_op *op)
{
	if (op->verb == STORE_TRACE_FIND) {
		trace_find(reader, op);
		return true;
	}
	assert(reads[op->verb] != NULL);
	if (reads[op->verb](reader->db, op) != OUTCOME_OK)
		op_result(op, RH_STORE_FAILED, db_why(reader->db));
	return true;
}

/* ---- the move ---- */

static enum rh_err
move_out(struct backend *backend, struct fault *fault)
{
	return sqlite_move_out(backend->look.db, fault);
}

static enum rh_err
move_in(struct backend *backend, struct str key_mark, struct fault *fault)
{
	enum rh_err err = sqlite_prepare(backend, key_mark, fault);

	return err == RH_OK ? sqlite_move_in(backend->db, fault) : err;
}

static enum rh_err
move_read(struct backend *backend, const struct move_table *table, move_row_fn row, void *ctx,
        struct fault *fault)
{
	struct db *db = backend->db != NULL ? backend->db : backend->look.db;

	return sqlite_move_read(db, table, row, ctx, fault);
}

static enum rh_err
move_begin(struct backend *backend, const struct move_table *table, struct fault *fault)
{
	return sqlite_move_begin(backend->db, table, fault);
}

static enum rh_err
move_put(struct backend *backend, const struct move_table *table, const struct move_value *values,
        struct fault *fault)
{
	return sqlite_move_put(backend->db, table, values, fault);
}

static enum rh_err
move_complete(struct backend *backend, struct fault *fault)
{
	return sqlite_move_complete(backend->db, fault);
}

static enum rh_err
move_commit(struct backend *backend, struct fault *fault)
{
	return sqlite_move_commit(backend->db, fault);
}

const struct backend_move move_sqlite = { move_out, move_in, move_read, move_begin, move_put,
	move_complete, move_commit };

const struct backend_ops backend_sqlite = {
	.scheme = "sqlite:",
	.open = sqlite_open,
	.found = sqlite_found,
	.prepare = sqlite_prepare,
	.close = sqlite_close,
	.sizes = sqlite_sizes,
	.bound = sqlite_bound,
	.is_read = sqlite_is_read,
	.adopt = sqlite_adopt,
	.begin = sqlite_begin,
	.apply = sqlite_apply,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.tidy = sqlite_tidy,
	.backup_begin = sqlite_backup_begin,
	.backup_step = sqlite_backup_step,
	.backup_drop = sqlite_backup_drop,
	.trace_adopt = sqlite_trace_adopt,
	.trace_write = sqlite_trace_write,
	.trace_trim = sqlite_trace_trim,
	.trace_erase = sqlite_trace_erase,
	.reader_open = sqlite_reader_open,
	.reader_close = sqlite_reader_close,
	.read = sqlite_read,
	.move = &move_sqlite,
};
