/* migrate: numbered SQL files, embedded into the program, applied in order. */
#pragma once

#include "roamhub/base.h"

struct db;

struct migration {
	int number;       /* 1, 2, 3 ... */
	const char *name; /* of the file */
	const char *sql;
};
extern const struct migration migrations[];
extern const size_t migration_count;
extern const char *const trace_schema;

/** How many of @list ran on this database, which has their table. The faults of migrate(). */
MUST_CHECK enum rh_err migrate_look(struct db *db, const struct migration *list, size_t count,
        size_t *applied, struct fault *fault);
/**
 * Bring the database of writer @db to the last of @list.
 *
 * Each migration is one transaction and leaves a row with its checksum. RH_STORE_FAILED with the
 * file's name in @fault: one that ran on this database was changed since, or the database has one
 * that this program does not know.
 */
MUST_CHECK enum rh_err migrate(
        struct db *db, const struct migration *list, size_t count, struct fault *fault);
