/* sqlite_verbs: the parts of the SQLite backend. Private to sqlite_*.c; the connection's own header
 * is sqlite.h. */
#pragma once

#include "sqlite.h"

#include <stdatomic.h>

enum { PATH_BYTES = 1024 };

/* The trace: a database of its own that may be lost, so that nothing here ever fails the store. */
struct trace_file {
	char *path;
	struct db *db;               /* the writer's; NULL: could not be opened, nothing is kept */
	bool losing;                 /* the last transaction was lost, and it was said once */
	_Atomic unsigned generation; /* counts the files; a reader of an older one opens anew */
};
void trace_file_open(struct trace_file *trace, const char *path);
void trace_file_close(struct trace_file *trace);
size_t trace_file_write(struct trace_file *trace, struct store_trace **rows, size_t count);
bool trace_file_erase(struct trace_file *trace, struct store_trace_erase_args *args);
bool trace_file_trim(struct trace_file *trace, const struct trace_bounds *bounds, int64_t now_ms);

/* One session's way in. */
struct reader {
	struct trace_file *trace_file;
	struct db *db;
	struct db *trace; /* opened by the first STORE_TRACE_FIND */
	unsigned trace_generation;
};
void trace_find(struct reader *reader, struct store_op *op);

/* Writes: inside the savepoint of the operation; with OK they have set op->err. */
enum outcome platform_save(struct db *db, struct store_op *op);
enum outcome platform_touch(struct db *db, struct store_op *op);
/** With its id: replaced, or made when there is none of it. */
enum outcome platform_put(struct db *db, const struct store_platform *platform);
enum outcome relink_put(struct db *db, struct store_op *op);
enum outcome relink_expire(struct db *db, struct store_op *op);
enum outcome meta_put(struct db *db, struct store_op *op);
enum outcome probe(struct db *db, struct store_op *op);

enum outcome object_share(struct db *db, struct store_op *op);
enum outcome cursors_save(struct db *db, struct store_op *op);
enum outcome failure_put(struct db *db, struct store_op *op);
enum outcome failure_drop(struct db *db, struct store_op *op);
enum outcome park(struct db *db, struct store_op *op);
enum outcome unpark(struct db *db, struct store_op *op);
enum outcome redrive(struct db *db, struct store_op *op);
enum outcome receiver_drop(struct db *db, struct store_op *op);
enum outcome scope_move(struct db *db, struct store_op *op);
enum outcome owned_drop(struct db *db, struct store_op *op);
enum outcome pulled_missed(struct db *db, struct store_op *op);
/* sqlite_import.c */
enum outcome import_all(struct db *db, struct store_op *op);
enum outcome agreement_save(struct db *db, struct store_op *op);
enum outcome agreement_drop(struct db *db, struct store_op *op);
enum outcome quota(struct db *db, struct store_op *op); /* a read */
/** How much @platform has. */
enum outcome quota_count(struct db *db, int64_t platform, struct store_quota *out);
enum outcome hint_put(struct db *db, struct store_op *op);
enum outcome event_put(struct db *db, struct store_op *op);
enum outcome event_trim(struct db *db, struct store_op *op);
enum outcome expire(struct db *db, struct store_op *op);
enum outcome erase(struct db *db, struct store_op *op);

/** The functions that statements and migrations call; once a connection. */
enum outcome digest_define(struct db *db);
/** A row of @table is not what was written: logged and counted. Nobody gets it. */
void note_damaged_row(struct store_op *op, const char *table, int64_t id, struct str name);

/** Something was undone that may have created objects. */
void blocks_forget(struct db *db);
/** At a start: what lists count is what there is. */
enum outcome counts_check(struct db *db);

/** The number of the newest change, saved before a transaction is committed. */
enum outcome changes_save(struct db *db);

/* Reads: with OK they have set op->err. */
enum outcome object_get(struct db *db, struct store_op *op);
enum outcome object_find(struct db *db, struct store_op *op);
enum outcome versions(struct db *db, struct store_op *op);
enum outcome object_page(struct db *db, struct store_op *op);
enum outcome feed(struct db *db, struct store_op *op);
enum outcome cursors_load(struct db *db, struct store_op *op);
enum outcome failures(struct db *db, struct store_op *op);
enum outcome parked(struct db *db, struct store_op *op);
enum outcome parked_heads(struct db *db, struct store_op *op);
enum outcome pulled(struct db *db, struct store_op *op);
enum outcome agreements_load(struct db *db, struct store_op *op);
enum outcome hint_get(struct db *db, struct store_op *op);
enum outcome events(struct db *db, struct store_op *op);
enum outcome platforms_load(struct db *db, struct store_op *op);
enum outcome relink_get(struct db *db, struct store_op *op);
enum outcome meta_get(struct db *db, struct store_op *op);

/* The database before it is opened to be written. */
#define KEY_MARK "key_mark" /* of the meta table */
struct look {
	const char *path; /* borrowed */
	struct db *db;    /* NULL: the file is empty */
	size_t applied;   /* migrations */
	struct arena *arena;
	struct store_found found;
};
/** RH_STORE_FAILED: it is no database of this program or one before it; nothing was changed. */
MUST_CHECK enum rh_err look_open(struct look *look, const char *path, struct fault *fault);
void look_close(struct look *look); /* harmless when it is not open */
/** Copy what the migrations that are due would change, to "PATH-before-NNNN". */
MUST_CHECK enum rh_err look_copy(struct look *look, struct fault *fault);

/* The backup under way, at most one. */
struct backup;
/** @replace: a file that is there already stays until the copy is whole, and gives way then. */
struct backup *backup_begin(struct db *db, const char *path, bool replace, struct fault *fault);
/** True while there is more to do; else *@backup is gone and *@bytes or @fault set. */
bool backup_step(struct backup **backup, int64_t *bytes, struct fault *fault);
void backup_drop(struct backup **backup);
