/* sqlite_copy: copies of a database, page by page, in steps between transactions. */
#include "sqlite_conn.h"

#include <stdio.h>
#include <stdlib.h>

enum { COPY_CACHE_PAGES = 64 };

struct db_copy {
	sqlite3 *target;
	sqlite3_backup *backup;
};

/* The target is of no use before the caller has synced and renamed it, so it is written without
 * journal and sync; the small cache makes pages go to the file as they are copied and not all at
 * the end. */
struct db_copy *
db_copy_begin(struct db *db, const char *path, struct fault *fault)
{
	char settings[128];
	struct db_copy *copy = rh_alloc(sizeof(*copy));

	if (db->kind != DB_LOOK)
		db_assert_may_write(db);
	snprintf(settings, sizeof(settings),
	        "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=%d",
	        COPY_CACHE_PAGES);
	if (sqlite3_open_v2(path, &copy->target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
	            NULL) == SQLITE_OK &&
	        sqlite3_exec(copy->target, settings, NULL, NULL, NULL) == SQLITE_OK)
		copy->backup = sqlite3_backup_init(copy->target, "main", db->sqlite, "main");
	if (copy->backup != NULL)
		return copy;
	fault_set(fault, RH_STORE_FAILED, "", "%s: %s", path, sqlite3_errmsg(copy->target));
	db_copy_end(copy);
	return NULL;
}

enum rh_err
db_copy_step(struct db_copy *copy, int pages, bool *done, struct fault *fault)
{
	int rc = sqlite3_backup_step(copy->backup, pages);

	*done = rc == SQLITE_DONE;
	if (rc == SQLITE_OK || rc == SQLITE_DONE || rc == SQLITE_BUSY || rc == SQLITE_LOCKED)
		return RH_OK;
	return fault_set(fault, RH_STORE_FAILED, "", "copying: %s (%d)", sqlite3_errstr(rc), rc);
}

void
db_copy_end(struct db_copy *copy)
{
	if (copy->backup != NULL)
		sqlite3_backup_finish(copy->backup);
	sqlite3_close(copy->target);
	free(copy);
}
