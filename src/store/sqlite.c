/* sqlite: the one door to SQLite, and the keeper of its rules.
 *
 * The packaged SQLite can lose commits when one connection checkpoints while another commits and
 * resets the log (fixed in 3.51.3). So there is exactly one connection a file that commits and
 * checkpoints, the writer's, and it does both on one thread; this file asserts it. Readers are
 * query_only, never checkpoint, also not when they are closed, and map no memory. One process a
 * file is the backend's business (its lock).
 *
 * SQLite's automatic checkpoint runs inside COMMIT and hides its errors. Here a hook only notes how
 * long the log is, and the writer calls db_checkpoint() after it has acknowledged the commit:
 * nobody waits for it, and a failed fsync is seen. After one, nothing is tried again: what the
 * kernel dropped it does not report twice. */
#include "sqlite_conn.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	CHECKPOINT_PAGES = 1000,      /* of 4 KiB; more makes the worst commit longer */
	TRACE_CHECKPOINT_PAGES = 256, /* short, as it happens between two commits */
	WRITER_BUSY_MS = 2000,        /* a foreign process (a shell) holds a lock */
	READER_BUSY_MS = 200,
	ARGUMENTS = 32, /* of a function */
};

static bool
is_reader(enum db_kind kind)
{
	return kind == DB_READER || kind == DB_LOOK;
}

void
db_assert_may_write(const struct db *db)
{
	assert(!is_reader(db->kind));
	assert(pthread_equal(db->owner, pthread_self()));
	(void)db;
}

static bool
is_fsync(int rc)
{
	return rc == SQLITE_IOERR_FSYNC || rc == SQLITE_IOERR_DIR_FSYNC;
}

void
db_leave(struct db *db)
{
	db->failed = true;
	sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
}

/* The trace is written without fsync, so a failed one can only be the main database's. */
static enum outcome
outcome_of(struct db *db, int rc)
{
	if (rc == SQLITE_OK || rc == SQLITE_ROW || rc == SQLITE_DONE)
		return OUTCOME_OK;
	snprintf(db->why, sizeof(db->why), "%s (%d)", sqlite3_errmsg(db->sqlite), rc);
	db->broken = (rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB;
	if (is_fsync(rc) && db->kind == DB_WRITER) {
		db_leave(db);
		return OUTCOME_FAILED;
	}
	if (rc == SQLITE_CORRUPT_INDEX)
		return OUTCOME_REFUSED; /* one row contradicts its index: the others are well */
	switch (rc & 0xff) {
	case SQLITE_CONSTRAINT:
	case SQLITE_TOOBIG:
	case SQLITE_MISMATCH:
		return OUTCOME_REFUSED;
	default:
		return OUTCOME_LOST;
	}
}

static int
note_log_pages(void *ctx, sqlite3 *sqlite, const char *name, int pages)
{
	struct db *db = ctx;

	(void)sqlite, (void)name;
	db_assert_may_write(db);
	db->log_pages = pages;
	return SQLITE_OK;
}

/* SQLite calls it for commits that write. A reader's cannot come, and does not go through if it
 * does. */
static int
refuse_commit(void *ctx)
{
	(void)ctx;
	assert(!"a reader commits");
	return 1;
}

/* Where WAL cannot be had (some network file systems), SQLite stays with another journal and says
 * nothing. */
static bool
has_log(struct db *db)
{
	char mode[8] = "";

	db_bind(db, SQL_JOURNAL_MODE, NULL, 0);
	if (db_next(db, SQL_JOURNAL_MODE))
		db_chars(db, SQL_JOURNAL_MODE, 0, mode, sizeof(mode));
	if (db_end(db, SQL_JOURNAL_MODE) != OUTCOME_OK)
		return false;
	if (strcmp(mode, "wal") == 0)
		return true;
	snprintf(db->why, sizeof(db->why),
	        "no write-ahead log on this file system (journal_mode=%s)", mode);
	return false;
}

static bool
configure(struct db *db)
{
	static const char *const settings[] = {
		[DB_WRITER] =
		        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
		        "PRAGMA cache_size=-16384; PRAGMA journal_size_limit=67108864",
		[DB_READER] = "PRAGMA query_only=1; PRAGMA wal_autocheckpoint=0",
		[DB_LOOK] = "PRAGMA query_only=1; PRAGMA wal_autocheckpoint=0",
		[DB_TRACE_WRITER] = "PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL; "
		                    "PRAGMA synchronous=OFF; PRAGMA journal_size_limit=16777216",
	};
	bool reader = is_reader(db->kind);

	sqlite3_extended_result_codes(db->sqlite, 1);
	sqlite3_busy_timeout(db->sqlite, reader ? READER_BUSY_MS : WRITER_BUSY_MS);
	sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, reader ? 1 : 0, NULL);
	sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	/* Without it a statement that compares a value with the column of a partial index is parsed
	 * anew whenever the value is another one: at every share. */
	sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_ENABLE_QPSG, 1, NULL);
	if (reader)
		sqlite3_commit_hook(db->sqlite, refuse_commit, db);
	else
		sqlite3_wal_hook(db->sqlite, note_log_pages, db);
	if (db_exec(db,
	            "PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF") !=
	                OUTCOME_OK ||
	        db_exec(db, settings[db->kind]) != OUTCOME_OK)
		return false;
	return reader || has_log(db);
}

/* The -wal and -shm files get the mode of the database. */
static bool
make_file(const char *path, struct fault *fault)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0) {
		fault_set(fault, RH_STORE_FAILED, "", "%s: %s", path, strerror(errno));
		return false;
	}
	close(fd);
	return true;
}

/* SQLite counts its memory under one mutex that every thread takes at every allocation; nobody asks
 * for the sum. Only the first call of a process counts, before SQLite is in use. */
static void
without_statistics(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

struct db *
db_open(const char *path, enum db_kind kind, struct fault *fault)
{
	struct db *db;
	int rc;

	if (!is_reader(kind) && !make_file(path, fault))
		return NULL;
	db = rh_alloc(sizeof(*db));
	db->kind = kind;
	db->owner = pthread_self();
	without_statistics();
	rc = sqlite3_open_v2(path, &db->sqlite,
	        (kind == DB_LOOK ? SQLITE_OPEN_READONLY | SQLITE_OPEN_URI : SQLITE_OPEN_READWRITE) |
	                SQLITE_OPEN_NOMUTEX,
	        NULL);
	if (rc == SQLITE_OK && configure(db))
		return db;
	fault_set(fault, RH_STORE_FAILED, "", "%s: %s", path,
	        rc == SQLITE_OK ? db->why : sqlite3_errmsg(db->sqlite));
	db_close(db);
	return NULL;
}

void
db_close(struct db *db)
{
	int rc;

	if (db == NULL)
		return;
	for (size_t i = 0; i < SQL_COUNT; i++)
		sqlite3_finalize(db->stmts[i]);
	table_free(db->numbers.lists);
	arena_free(db->numbers.arena);
	rc = sqlite3_close(db->sqlite);
	assert(rc == SQLITE_OK);
	(void)rc;
	free(db);
}

void
db_adopt(struct db *db)
{
	db->owner = pthread_self();
}

/* ---- statements ---- */

static sqlite3_stmt *
statement(struct db *db, enum sql_id id)
{
	if (db->stmts[id] == NULL)
		db->last[id] = sqlite3_prepare_v3(db->sqlite, sql_text[id], -1,
		        SQLITE_PREPARE_PERSISTENT, &db->stmts[id], NULL);
	return db->stmts[id];
}

enum outcome
db_prepare_as(struct db *db, enum sql_id id, const char *sql)
{
	sqlite3_finalize(db->stmts[id]);
	db->stmts[id] = NULL;
	db->last[id] = sqlite3_prepare_v2(db->sqlite, sql, -1, &db->stmts[id], NULL);
	return outcome_of(db, db->last[id]);
}

static int
bind_value(sqlite3_stmt *stmt, int at, const struct db_value *value)
{
	if (value->type == DB_INT)
		return sqlite3_bind_int64(stmt, at, value->n);
	if (value->s.p == NULL)
		return sqlite3_bind_null(stmt, at);
	if (value->type == DB_BLOB)
		return sqlite3_bind_blob64(stmt, at, value->s.p, value->s.len, SQLITE_STATIC);
	return sqlite3_bind_text64(stmt, at, value->s.p, value->s.len, SQLITE_STATIC, SQLITE_UTF8);
}

/* An error stays in last[id] and is what db_next() finds and db_end() reports. */
void
db_bind(struct db *db, enum sql_id id, const struct db_value *values, size_t count)
{
	sqlite3_stmt *stmt = statement(db, id);

	if (stmt == NULL)
		return;
	assert(sqlite3_bind_parameter_count(stmt) <= (int)count);
	db->last[id] = SQLITE_OK;
	for (size_t i = 0; i < count && db->last[id] == SQLITE_OK; i++)
		db->last[id] = bind_value(stmt, (int)i + 1, &values[i]);
}

bool
db_next(struct db *db, enum sql_id id)
{
	if (db->last[id] != SQLITE_OK && db->last[id] != SQLITE_ROW)
		return false;
	if (!sqlite3_stmt_readonly(db->stmts[id]))
		db_assert_may_write(db);
	db->last[id] = sqlite3_step(db->stmts[id]);
	return db->last[id] == SQLITE_ROW;
}

int64_t
db_int(struct db *db, enum sql_id id, int column)
{
	return sqlite3_column_int64(db->stmts[id], column);
}

static struct str
peek(struct db *db, enum sql_id id, int column)
{
	const char *p = sqlite3_column_blob(db->stmts[id], column);

	if (p != NULL)
		return (struct str){ p, (size_t)sqlite3_column_bytes(db->stmts[id], column) };
	if (sqlite3_column_type(db->stmts[id], column) == SQLITE_NULL)
		return (struct str){ 0 };
	return STR("");
}

struct str
db_text(struct db *db, enum sql_id id, int column, struct arena *arena)
{
	return arena_str(arena, peek(db, id, column));
}

void
db_chars(struct db *db, enum sql_id id, int column, char *out, size_t size)
{
	struct str s = peek(db, id, column);
	size_t len = s.len < size ? s.len : size - 1;

	if (len > 0)
		memcpy(out, s.p, len);
	out[len] = '\0';
}

/* The outcome is taken before the reset, which may overwrite the message. */
enum outcome
db_end(struct db *db, enum sql_id id)
{
	enum outcome outcome = outcome_of(db, db->last[id]);

	if (db->stmts[id] == NULL)
		return outcome;
	sqlite3_reset(db->stmts[id]);
	sqlite3_clear_bindings(db->stmts[id]);
	return outcome;
}

enum outcome
db_run(struct db *db, enum sql_id id, const struct db_value *values, size_t count)
{
	db_bind(db, id, values, count);
	while (db_next(db, id))
		continue;
	return db_end(db, id);
}

enum outcome
db_do(struct db *db, enum sql_id id)
{
	return db_run(db, id, NULL, 0);
}

enum outcome
db_exec(struct db *db, const char *sql)
{
	return outcome_of(db, sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL));
}

static struct db_value
argument(sqlite3_value *value)
{
	const char *p;

	switch (sqlite3_value_type(value)) {
	case SQLITE_NULL:
		return TEXT(((struct str){ 0 }));
	case SQLITE_INTEGER:
		return INT(sqlite3_value_int64(value));
	default:
		p = sqlite3_value_blob(value);
		return TEXT(
		        ((struct str){ p == NULL ? "" : p, (size_t)sqlite3_value_bytes(value) }));
	}
}

static void
call_function(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	const struct db_definition *definition = sqlite3_user_data(context);
	struct db_value values[ARGUMENTS];
	uint8_t digest[RH_DIGEST_BYTES];

	for (int i = 0; i < count && i < ARGUMENTS; i++)
		values[i] = argument(arguments[i]);
	if (count <= ARGUMENTS && definition->function(values, (size_t)count, digest))
		sqlite3_result_blob(context, digest, definition->bytes, SQLITE_TRANSIENT);
	else
		sqlite3_result_null(context);
}

enum outcome
db_define(struct db *db, const struct db_definition *definition)
{
	assert(definition->count <= ARGUMENTS);
	return outcome_of(
	        db, sqlite3_create_function(db->sqlite, definition->name, definition->count,
	                    SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY,
	                    (void *)(uintptr_t)definition, call_function, NULL, NULL));
}

int64_t
db_changes(const struct db *db)
{
	return sqlite3_changes64(db->sqlite);
}

struct db_numbers *
db_numbers(struct db *db)
{
	return &db->numbers;
}

int64_t
db_last_id(const struct db *db)
{
	return sqlite3_last_insert_rowid(db->sqlite);
}

const char *
db_why(const struct db *db)
{
	return db->why;
}

bool
db_broken(const struct db *db)
{
	return db->broken;
}

bool
db_in_transaction(const struct db *db)
{
	return sqlite3_get_autocommit(db->sqlite) == 0;
}

/* A PASSIVE one gives up where a reader is in the way (SQLITE_BUSY cannot be: there is no other
 * writer), and the next commit tries again. */
enum outcome
db_checkpoint(struct db *db, bool all)
{
	int limit = db->kind == DB_WRITER ? CHECKPOINT_PAGES : TRACE_CHECKPOINT_PAGES;

	db_assert_may_write(db);
	if (db->failed || (!all && db->log_pages < limit))
		return OUTCOME_OK;
	db->log_pages = 0;
	return outcome_of(db,
	        sqlite3_wal_checkpoint_v2(db->sqlite, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL));
}
