/* sqlite_file: the database as a file that one process has, and that stays where it was. */
#pragma once

#include "roamhub/base.h"

#include <sys/types.h>

struct file_id {
	dev_t device;
	ino_t number; /* 0: not known */
};
struct db_file { /* zero it */
	int fd;  /* has the lock; -1: not open */
	char *path;
	char *log; /* where SQLite keeps it: beside the file that a link may lead to */
	bool made; /* nobody wrote to it yet */
	struct file_id file_is, log_is;
};
/** Before SQLite opens it; made when it is absent. RH_STORE_FAILED: another process has it, or it
 * has several names. db_file_close() is due in either case, after SQLite has closed it. */
MUST_CHECK enum rh_err db_file_open(struct db_file *file, const char *path, struct fault *fault);
/** SQLite is about to write to it: it stays. */
void db_file_used(struct db_file *file);
/** SQLite has opened it and its log. RH_STORE_FAILED: it opened another one. */
MUST_CHECK enum rh_err db_file_opened(struct db_file *file, struct fault *fault);
/** Why what is written is not under the name any more; NULL: it is. */
const char *db_file_lost(const struct db_file *file);
void db_file_close(struct db_file *file);

/** The log at @path before SQLite reads it. RH_STORE_FAILED: it is damaged, and not by a crash.
 * sqlite_log.c. */
MUST_CHECK enum rh_err db_log_judge(const char *path, struct fault *fault);
