/* sqlite_trace: the recent history, in a database file of its own.
 *
 * It is written without fsync, so after a power cut it may be damaged, and it is never worth
 * stopping for: whatever goes wrong drops rows, and the writer counts them. A damaged file, or one
 * of another program version, is put aside as PATH-trace.broken and a new one begun. Deleted rows
 * leave free pages that new rows fill; the file itself is given back to the system, in slices, only
 * while it is larger than its bound. */
#include "sqlite_verbs.h"

#include "migrate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	TRACE_VERSION = 2, /* of migrations/trace.sql, which sets it: one more with every change */
	TRIM_ROWS = 256,   /* a slice: about 2 ms */
	ERASE_ROWS = 1000,
	ERASE_ARENA = 1 << 20,
};

static void
put_aside(const char *path)
{
	static const char *const suffixes[] = { "-wal", "-shm", "" };
	char from[PATH_BYTES], to[PATH_BYTES + 8];

	for (size_t i = 0; i < COUNT(suffixes); i++) {
		snprintf(from, sizeof(from), "%s%s", path, suffixes[i]);
		snprintf(to, sizeof(to), "%s.broken%s", path, suffixes[i]);
		rename(from, to);
	}
}

/* Both ends of the table are read, which finds what is no database and most of what a power cut
 * leaves; the rest is found when it is met, by drop_broken(). */
static bool
is_usable(struct db *db)
{
	int64_t version = -1;

	db_bind(db, SQL_TRACE_VERSION, NULL, 0);
	if (db_next(db, SQL_TRACE_VERSION))
		version = db_int(db, SQL_TRACE_VERSION, 0);
	if (db_end(db, SQL_TRACE_VERSION) != OUTCOME_OK)
		return false;
	if (version == 0)
		return db_do(db, SQL_BEGIN) == OUTCOME_OK &&
		       db_exec(db, trace_schema) == OUTCOME_OK &&
		       db_do(db, SQL_COMMIT) == OUTCOME_OK;
	return version == TRACE_VERSION && db_do(db, SQL_TRACE_ENDS) == OUTCOME_OK;
}

static struct db *
open_usable(const char *path, struct fault *fault)
{
	struct db *db = db_open(path, DB_TRACE_WRITER, fault);

	if (db == NULL || is_usable(db))
		return db;
	fault_set(fault, RH_STORE_FAILED, "", "%s: not a usable trace: %s", path, db_why(db));
	db_close(db);
	return NULL;
}

static void
begin_file(struct trace_file *trace)
{
	struct fault fault = { 0 };

	trace->db = open_usable(trace->path, &fault);
	if (trace->db == NULL) {
		LOG(LOG_WARNING, "trace_put_aside", KV("why", fault.why));
		put_aside(trace->path);
		trace->db = open_usable(trace->path, &fault);
	}
	if (trace->db == NULL)
		LOG(LOG_WARNING, "trace_off", KV("why", fault.why));
	atomic_fetch_add(&trace->generation, 1);
}

void
trace_file_open(struct trace_file *trace, const char *path)
{
	trace->path = rh_strdup(path);
	begin_file(trace);
}

void
trace_file_close(struct trace_file *trace)
{
	db_close(trace->db);
	free(trace->path);
}

/* After an error in the middle of a transaction; a file that is damaged is left behind. */
static void
give_up(struct trace_file *trace)
{
	if (!trace->losing)
		LOG(LOG_WARNING, "trace_lost", KV("why", db_why(trace->db)));
	trace->losing = true;
	if (db_in_transaction(trace->db))
		db_do(trace->db, SQL_ROLLBACK);
	if (!db_broken(trace->db))
		return;
	db_close(trace->db);
	put_aside(trace->path);
	begin_file(trace);
	if (trace->db != NULL)
		db_adopt(trace->db);
}

static enum outcome
insert(struct db *db, const struct store_trace *row)
{
	return DB_RUN(db, SQL_TRACE_INSERT, INT(row->at_ms), INT(row->platform), INT(row->outcome),
	        TEXT(row->module), TEXT(row->correlation_id), TEXT(row->request_id),
	        TEXT(row->from), TEXT(row->to), TEXT(row->object), TEXT(row->doc));
}

size_t
trace_file_write(struct trace_file *trace, struct store_trace **rows, size_t count)
{
	enum outcome outcome;
	size_t written = 0;

	if (trace->db == NULL)
		return 0;
	outcome = db_do(trace->db, SQL_BEGIN);
	for (size_t i = 0; i < count && outcome == OUTCOME_OK; i++) {
		outcome = insert(trace->db, rows[i]);
		if (outcome == OUTCOME_REFUSED)
			outcome = OUTCOME_OK;
		else
			written++;
	}
	if (outcome == OUTCOME_OK)
		outcome = db_do(trace->db, SQL_COMMIT);
	if (outcome == OUTCOME_OK)
		outcome = db_checkpoint(trace->db, false);
	else
		written = 0;
	if (outcome == OUTCOME_OK)
		trace->losing = false;
	else
		give_up(trace);
	return written;
}

/* ---- bounds ---- */

static enum outcome
read_sizes(struct db *db, int64_t *file_bytes, int64_t *used_bytes)
{
	*file_bytes = *used_bytes = 0;
	db_bind(db, SQL_TRACE_PAGES, NULL, 0);
	if (db_next(db, SQL_TRACE_PAGES)) {
		*file_bytes = db_int(db, SQL_TRACE_PAGES, 0);
		*used_bytes = db_int(db, SQL_TRACE_PAGES, 1);
	}
	return db_end(db, SQL_TRACE_PAGES);
}

static enum outcome
trim_slice(struct db *db, const struct trace_bounds *bounds, int64_t now_ms, bool *more)
{
	int64_t file_bytes, used_bytes, deleted = 0;
	enum outcome outcome = read_sizes(db, &file_bytes, &used_bytes);

	if (outcome == OUTCOME_OK && bounds->max_age_ms > 0) {
		outcome = DB_RUN(
		        db, SQL_TRACE_DELETE_OLD, INT(now_ms - bounds->max_age_ms), INT(TRIM_ROWS));
		deleted = db_changes(db);
	}
	if (outcome == OUTCOME_OK && bounds->max_bytes > 0 && used_bytes > bounds->max_bytes &&
	        deleted == 0) {
		outcome = DB_RUN(db, SQL_TRACE_DELETE_OLDEST, INT(TRIM_ROWS));
		deleted = db_changes(db);
	}
	*more = deleted == TRIM_ROWS;
	if (outcome != OUTCOME_OK || bounds->max_bytes <= 0 || file_bytes <= bounds->max_bytes ||
	        file_bytes == used_bytes)
		return outcome;
	*more = true;
	return db_do(db, SQL_TRACE_VACUUM);
}

bool
trace_file_trim(struct trace_file *trace, const struct trace_bounds *bounds, int64_t now_ms)
{
	bool more = false;

	if (trace->db == NULL)
		return false;
	if (trim_slice(trace->db, bounds, now_ms, &more) == OUTCOME_OK &&
	        db_checkpoint(trace->db, false) == OUTCOME_OK)
		return more;
	give_up(trace);
	return false;
}

/* ---- rows ---- */

static void
read_row(struct db *db, enum sql_id sql, struct arena *arena, struct store_trace *out)
{
	*out = (struct store_trace){
		.id = db_int(db, sql, 0),
		.at_ms = db_int(db, sql, 1),
		.platform = db_int(db, sql, 2),
		.outcome = (enum store_trace_outcome)db_int(db, sql, 3),
		.module = db_text(db, sql, 4, arena),
		.correlation_id = db_text(db, sql, 5, arena),
		.request_id = db_text(db, sql, 6, arena),
		.from = db_text(db, sql, 7, arena),
		.to = db_text(db, sql, 8, arena),
		.object = db_text(db, sql, 9, arena),
		.doc = db_text(db, sql, 10, arena),
	};
}

/* ---- erasing ---- */

/* Ids of those that name it, of the next rows; how many were looked at. */
static enum outcome
find_named(struct db *db, struct store_trace_erase_args *args, struct arena *arena, int64_t *ids,
        size_t *count, size_t *looked)
{
	struct db_value values[] = { INT(args->after), INT(ERASE_ROWS) };
	enum sql_id sql = SQL_TRACE_AFTER;

	*count = *looked = 0;
	db_bind(db, sql, values, COUNT(values));
	while (*looked < ERASE_ROWS && db_next(db, sql)) {
		struct store_trace row;

		read_row(db, sql, arena, &row);
		args->after = db_int(db, sql, 0);
		(*looked)++;
		if (store_trace_names(args, &row))
			ids[(*count)++] = args->after;
	}
	return db_end(db, sql);
}

static enum outcome
delete_named(struct db *db, const int64_t *ids, size_t count)
{
	enum outcome outcome = db_exec(db, "PRAGMA secure_delete = ON");

	for (size_t i = 0; i < count && outcome == OUTCOME_OK; i++)
		outcome = DB_RUN(db, SQL_TRACE_DELETE, INT(ids[i]));
	(void)db_exec(db, "PRAGMA secure_delete = OFF");
	return outcome;
}

static enum outcome
erase_slice(struct db *db, struct store_trace_erase_args *args, size_t *looked)
{
	struct arena *arena = arena_new(ERASE_ARENA);
	int64_t *ids = arena_take(arena, ERASE_ROWS * sizeof(*ids));
	enum outcome outcome = db_do(db, SQL_BEGIN);
	size_t count = 0;

	if (outcome == OUTCOME_OK)
		outcome = find_named(db, args, arena, ids, &count, looked);
	if (outcome == OUTCOME_OK && !args->dry_run)
		outcome = delete_named(db, ids, count);
	if (outcome == OUTCOME_OK)
		outcome = db_do(db, SQL_COMMIT);
	args->count += count;
	arena_free(arena);
	return outcome;
}

/* What was deleted stands in the log until that begins anew, which is tried at the end. */
bool
trace_file_erase(struct trace_file *trace, struct store_trace_erase_args *args)
{
	size_t looked = 0;
	bool more;

	if (trace->db == NULL)
		return false;
	if (erase_slice(trace->db, args, &looked) != OUTCOME_OK) {
		args->failed = true;
		give_up(trace);
		return false;
	}
	more = looked == ERASE_ROWS;
	if (!more && !args->dry_run)
		(void)db_checkpoint(trace->db, true);
	return more;
}

/* ---- finding ---- */

/* The writer may have begun a new file since this session opened its own. */
static bool
open_reader(struct reader *reader, struct fault *fault)
{
	unsigned generation = atomic_load(&reader->trace_file->generation);

	if (reader->trace != NULL && reader->trace_generation == generation)
		return true;
	db_close(reader->trace);
	reader->trace = db_open(reader->trace_file->path, DB_READER, fault);
	reader->trace_generation = generation;
	return reader->trace != NULL;
}

/* Failures are few, as a rule. */
static enum sql_id
best_index(const struct store_op *op)
{
	if (op->u.trace.correlation_id.p != NULL)
		return SQL_TRACE_BY_CORRELATION;
	if (op->u.trace.object.p != NULL)
		return SQL_TRACE_BY_OBJECT;
	if (op->u.trace.outcomes != 0 && !(op->u.trace.outcomes & 1U << TRACE_OK))
		return op->u.trace.of_platform ? SQL_TRACE_FAILED_PLATFORM : SQL_TRACE_FAILED;
	if (op->u.trace.party.p != NULL)
		return SQL_TRACE_BY_PARTY;
	if (op->u.trace.of_platform)
		return SQL_TRACE_BY_PLATFORM;
	return op->u.trace.module.p != NULL ? SQL_TRACE_BY_MODULE : SQL_TRACE_ALL;
}

/* Text as LIKE takes it, anywhere. */
static struct str
like_text(struct str text, struct arena *arena)
{
	struct buf like = { .arena = arena };

	if (text.p == NULL)
		return text;
	buf_addc(&like, '%');
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] != '\0' && strchr("%_\\", text.p[i]) != NULL)
			buf_addc(&like, '\\');
		buf_addc(&like, text.p[i]);
	}
	buf_addc(&like, '%');
	return buf_str(&like);
}

/* Where to go on: behind the row that was looked at last, if there is another one. */
static void
note_next(
        struct reader *reader, enum sql_id sql, struct store_op *op, const struct store_trace *last)
{
	op->u.trace.next_ms = op->u.trace.next_id = 0;
	if (last->id == 0 || !db_next(reader->trace, sql))
		return;
	op->u.trace.next_ms = last->at_ms;
	op->u.trace.next_id = last->id;
}

/* The newest rows are wanted, so they are read newest first, into the array from its end. */
static size_t
look(struct reader *reader, enum sql_id sql, struct store_op *op, struct store_trace *rows,
        size_t limit)
{
	struct store_trace last = { 0 };
	size_t at = limit;

	for (size_t looked = 0; at > 0 && looked < STORE_TRACE_LOOK && db_next(reader->trace, sql);
	        looked++) {
		last.id = db_int(reader->trace, sql, 0);
		last.at_ms = db_int(reader->trace, sql, 1);
		if (db_int(reader->trace, sql, 11) != 0)
			read_row(reader->trace, sql, op->arena, &rows[--at]);
	}
	note_next(reader, sql, op, &last);
	return at;
}

void
trace_find(struct reader *reader, struct store_op *op)
{
	size_t limit = trace_limit(op), at;
	struct store_trace *rows = arena_alloc(op->arena, limit * sizeof(*rows));
	struct db_value values[] = { TEXT(op->u.trace.correlation_id), TEXT(op->u.trace.party),
		TEXT(op->u.trace.object), INT(op->u.trace.since_ms),
		INT(op->u.trace.until_ms > 0 ? op->u.trace.until_ms : INT64_MAX),
		op->u.trace.of_platform ? INT(op->u.trace.platform) : TEXT((struct str){ 0 }),
		TEXT(op->u.trace.module),
		INT(op->u.trace.outcomes != 0 ? op->u.trace.outcomes : UINT32_MAX),
		INT(STORE_TRACE_LOOK + 1),
		INT(op->u.trace.before_id > 0 ? op->u.trace.before_id : INT64_MAX),
		TEXT(like_text(op->u.trace.text, op->arena)) };
	enum sql_id sql = best_index(op);
	struct fault fault = { 0 };

	if (!open_reader(reader, &fault)) {
		op_result(op, RH_STORE_FAILED, fault.why);
		return;
	}
	db_bind(reader->trace, sql, values, COUNT(values));
	at = look(reader, sql, op, rows, limit);
	if (db_end(reader->trace, sql) != OUTCOME_OK) {
		op_result(op, RH_STORE_FAILED, db_why(reader->trace));
		return;
	}
	op->u.trace.rows = rows + at;
	op->u.trace.count = limit - at;
	op_result(op, RH_OK, "");
}
