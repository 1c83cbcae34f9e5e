/* sqlite: the one door to SQLite. Connections, prepared statements by number, values in and out.
 *
 * A connection is used by one thread at a time. A statement is named by its number in enum sql_id,
 * which is also its handle: it is prepared when first used and reset by db_run() and db_end(). */
#pragma once

#include "backend.h"

struct db;

enum db_kind {
	DB_WRITER,       /* commits and checkpoints; synchronous=FULL */
	DB_READER,       /* query_only, never checkpoints */
	DB_LOOK,         /* before a writer: reads what is there, makes and changes nothing */
	DB_TRACE_WRITER, /* synchronous=OFF */
};
/** NULL with @fault. A writer makes the file, mode 0600, when it is absent; the others need it. For
 * a look @path is a URI. */
struct db *db_open(const char *path, enum db_kind kind, struct fault *fault);
void db_close(struct db *db); /* NULL is fine */
/** Its file is not to be trusted any more: it is left as it is when this is closed, log and all. */
void db_leave(struct db *db);
void db_adopt(struct db *db); /* only the calling thread may write from now on */

enum sql_id {
	SQL_BEGIN,
	SQL_COMMIT,
	SQL_ROLLBACK,
	SQL_SAVE,
	SQL_RELEASE,
	SQL_UNDO,
	SQL_SNAPSHOT,
	SQL_JOURNAL_MODE,

	SQL_APPLICATION,
	SQL_TABLES, /* how many, and how many of them are the one of the migrations */
	SQL_TOKENS_ANY,
	SQL_TOKENS_SEALED,
	SQL_MIGRATIONS,
	SQL_MIGRATION_ADD,

	SQL_PLATFORM_INSERT,
	SQL_PLATFORM_UPDATE,
	SQL_PLATFORM_SEAL,
	SQL_PLATFORM_TOUCH,
	SQL_PLATFORMS,
	SQL_PARTY_DELETE,
	SQL_PARTY_INSERT,
	SQL_PARTIES,
	SQL_ENDPOINT_DELETE,
	SQL_ENDPOINT_INSERT,
	SQL_ENDPOINTS,
	SQL_TOKEN_DELETE,
	SQL_TOKEN_INSERT,
	SQL_TOKENS,

	SQL_RELINK_PUT,
	SQL_RELINK_GET,
	SQL_RELINK_EXPIRE,
	SQL_META_GET,
	SQL_META_OLD, /* before 0010_digests.sql */
	SQL_META_PUT,
	SQL_PROBE_PUT,
	SQL_QUOTA,
	SQL_PROBE_DROP,

	SQL_OBJECT_OLD,
	SQL_OBJECT_INSERT,
	SQL_OBJECT_UPDATE,
	SQL_OBJECT_BURY,
	SQL_OBJECT_DROP,
	SQL_OBJECT_GET,
	SQL_OBJECT_BY_SEQ,
	SQL_OBJECT_FIND,
	SQL_OBJECT_COUNT,
	SQL_OBJECT_RECOUNT,
	SQL_OBJECT_MOVE,
	SQL_BLOCK_TAIL,
	SQL_BLOCK_LAST,
	SQL_BLOCK_OF,
	SQL_BLOCK_INSERT,
	SQL_BLOCK_LIVE,
	SQL_BLOCK_HIDDEN,
	SQL_BLOCK_ADD,
	SQL_BLOCK_SHOW,
	SQL_BLOCK_RECOUNT,
	SQL_BLOCK_RECOUNT_OWNED,
	SQL_BLOCKS,
	SQL_BLOCKS_OWNED,
	SQL_COUNTS_WRONG,
	SQL_PLATFORMS_WRONG,
	SQL_BLOCKS_WRONG,
	SQL_COUNTS_DROP,
	SQL_COUNTS_MAKE,
	SQL_SCOPE_FIRST,
	SQL_SHADOW_FIND,
	SQL_SHADOW_CAST,
	SQL_SHADOW_LIFT,
	SQL_SHADOW_COUNT,
	SQL_SEQUENCE,
	SQL_SEQUENCE_SAVE,
	SQL_PAGE_TOTALS,
	SQL_PAGE_COUNT,
	SQL_PAGE_SAMPLE,
	SQL_PAGE_ALL,
	SQL_PAGE_ONE,
	SQL_PAGE_BOTH,
	SQL_PAGE_FEW,
	SQL_FEED,
	SQL_FEED_HEADS,
	SQL_TOMBSTONE_EXPIRE,
	SQL_RECORDS_OLD,
	SQL_VERSION_KEEP,
	SQL_VERSION_CUT,
	SQL_VERSION_EXPIRE,
	SQL_VERSION_DROP,
	SQL_VERSIONS,
	SQL_ERASE_TOKEN,
	SQL_ERASE_RECORDS,
	SQL_ERASE_OWED_COUNT,
	SQL_ERASE_PARKED,
	SQL_ERASE_REFUSED,
	SQL_ERASE_HINT_COUNT,
	SQL_ERASE_HINTS,
	SQL_ERASE_REPORTS,
	SQL_ERASE_REPORT,
	SQL_OBJECTS_IN_SCOPE,
	SQL_OBJECTS_OF_OWNER,
	SQL_CURSORS,
	SQL_CURSOR_SAVE,
	SQL_CURSOR_DROP,
	SQL_FAILURE_PUT,
	SQL_FAILURES,
	SQL_FAILURES_CHOSEN, /* by receiver, key and time */
	SQL_FAILURES_LOOK,
	SQL_FAILURES_OF_OBJECT,
	SQL_FAILURE_DROP_ONE,
	SQL_FAILURE_DROP,
	SQL_FAILURE_DROP_SOME,
	SQL_FAILURE_EXPIRE,
	SQL_PARK,
	SQL_UNPARK,
	SQL_PARKED_OF,
	SQL_PARKED_ALL,
	SQL_PARKED_LOOK_OF,
	SQL_PARKED_LOOK_ALL,
	SQL_PARKED_OF_OBJECT,
	SQL_PARKED_TOTAL_OF,
	SQL_PARKED_TOTAL_ALL,
	SQL_PARKED_HEADS,
	SQL_PARKED_DROP_SOME,
	SQL_WAKE_PARKED,
	SQL_WAKE_REFUSED,
	SQL_REDRIVE_COUNT,
	SQL_REDRIVE_PARKED,
	SQL_REDRIVE_REFUSED,
	SQL_PULLED_PUT,
	SQL_PULLED_FOUND,
	SQL_PULLED_HAS,
	SQL_PULLED_DROP,
	SQL_PULLED_MISSED,
	SQL_PULLED,
	SQL_AGREEMENT_INSERT,
	SQL_AGREEMENT_UPDATE,
	SQL_AGREEMENT_SEAL,
	SQL_AGREEMENT_DROP,
	SQL_AGREEMENTS,
	SQL_HINT_PUT,
	SQL_HINT_GET,
	SQL_HINT_EXPIRE,
	SQL_EVENT_INSERT,
	SQL_EVENT_UPDATE,
	SQL_EVENT_DROP,
	SQL_EVENT_TYPES,
	SQL_EVENT_TRIM,
	SQL_EVENT_MOST, /* of a type and platform */
	SQL_EVENT_EXPIRE,
	SQL_EVENTS_OF_TYPE, /* the last ones */
	SQL_EVENTS_OF_BOTH, /* of a type and platform */
	SQL_EVENTS_OF_PLATFORM,
	SQL_EVENTS_ALL,
	SQL_EVENTS_OF_TYPE_AFTER, /* the first ones, in the same order */
	SQL_EVENTS_OF_BOTH_AFTER,
	SQL_EVENTS_OF_PLATFORM_AFTER,
	SQL_EVENTS_ALL_AFTER,

	SQL_TRACE_VERSION,
	SQL_TRACE_ENDS,
	SQL_TRACE_PAGES,
	SQL_TRACE_INSERT,
	SQL_TRACE_DELETE_OLD,
	SQL_TRACE_DELETE_OLDEST,
	SQL_TRACE_AFTER,
	SQL_TRACE_DELETE,
	SQL_TRACE_VACUUM,
	SQL_TRACE_BY_CORRELATION,
	SQL_TRACE_BY_OBJECT,
	SQL_TRACE_BY_PARTY,
	SQL_TRACE_BY_PLATFORM,
	SQL_TRACE_FAILED,
	SQL_TRACE_FAILED_PLATFORM,
	SQL_TRACE_BY_MODULE,
	SQL_TRACE_ALL,

	SQL_MOVE_READ, /* of db_prepare_as() */
	SQL_MOVE_PUT,
	SQL_COUNT
};
extern const char *const sql_text[SQL_COUNT]; /* sqlite_sql.c */

/** Give @id, which has no text of its own, this one. */
enum outcome db_prepare_as(struct db *db, enum sql_id id, const char *sql);

struct db_value {
	enum { DB_INT, DB_TEXT, DB_BLOB } type;
	int64_t n;
	struct str s; /* absent: NULL. Borrowed until the statement is run or ended. */
};
#define INT(num)  ((struct db_value){ .type = DB_INT, .n = (int64_t)(num) })
#define TEXT(str) ((struct db_value){ .type = DB_TEXT, .s = (str) })
#define BLOB(str) ((struct db_value){ .type = DB_BLOB, .s = (str) })

/** Run a statement that gives no rows. OUTCOME_REFUSED: a constraint or a bound; the transaction
 * goes on. */
enum outcome db_run(struct db *db, enum sql_id id, const struct db_value *values, size_t count);
#define DB_RUN(db, id, ...)                                \
	db_run(db, id, (struct db_value[]){ __VA_ARGS__ }, \
	        sizeof((struct db_value[]){ __VA_ARGS__ }) / sizeof(struct db_value))
enum outcome db_do(struct db *db, enum sql_id id); /* the same without values */

/** Rows: db_bind(), then db_next() until it is false, then db_end(), which says whether that was
 * the end or an error. */
void db_bind(struct db *db, enum sql_id id, const struct db_value *values, size_t count);
bool db_next(struct db *db, enum sql_id id);
int64_t db_int(struct db *db, enum sql_id id, int column);
struct str db_text(struct db *db, enum sql_id id, int column, struct arena *arena);
void db_chars(
        struct db *db, enum sql_id id, int column, char *out, size_t size); /* cut when too long */
enum outcome db_end(struct db *db, enum sql_id id);

/** Statements that are not in the table: schema and settings. */
enum outcome db_exec(struct db *db, const char *sql);
/** A function that those may call, of @count values (-1: of any) to the first @bytes of a digest
 * (false: NULL). */
typedef bool (*db_function)(
        const struct db_value *values, size_t count, uint8_t out[RH_DIGEST_BYTES]);
struct db_definition {
	const char *name;
	int count, bytes;
	db_function function;
};
/** @definition stays. */
enum outcome db_define(struct db *db, const struct db_definition *definition);
int64_t db_changes(const struct db *db);
int64_t db_last_id(const struct db *db);
const char *db_why(const struct db *db); /* of the last outcome that was not OK */
bool db_broken(const struct db *db);     /* that one said that the file is damaged or no database */
bool db_in_transaction(const struct db *db);

/** Numbers of changes that the writer hands out: kept here, as they live as long as its connection,
 * by those who hand them out. */
struct db_numbers {
	int64_t newest, saved; /* 0: not known */
	/* sqlite_block.c: of objects created since the last block ended, or of more */
	int64_t created;     /* how many */
	struct table *lists; /* "SCOPE\nMODULE"; NULL: not known, nor is created */
	struct arena *arena; /* of lists */
};
struct db_numbers *db_numbers(struct db *db);

/** Copy what was committed to the log back into the file when there is much of it, or @all there
 * is: then the next commit begins a new log, unless somebody reads. Never waits for readers. */
enum outcome db_checkpoint(struct db *db, bool all);

/* A copy of the database of a writer or a look into the empty file @path, in steps between
 * transactions; the writer's own commits in between find their way into it. Errors are the copy's
 * alone. */
struct db_copy;
struct db_copy *db_copy_begin(struct db *db, const char *path, struct fault *fault);
/** Copies @pages; sets *@done after the last. */
enum rh_err db_copy_step(struct db_copy *copy, int pages, bool *done, struct fault *fault);
void db_copy_end(struct db_copy *copy);
