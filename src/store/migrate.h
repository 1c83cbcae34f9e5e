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
extern const struct migration migrations_postgresql[];
extern const size_t migration_postgresql_count;

struct migration_row { /* of one that ran, as a database tells it */
	int64_t number;
	char name[64];
	struct str digest;
};
void migration_digest(const struct migration *migration, char out[RH_DIGEST_BYTES]);
/** Whether @row is what this program would have applied as number @expected. The faults of
 * migrate(). */
MUST_CHECK enum rh_err migration_check(const struct migration_row *row, size_t expected,
        const struct migration *list, size_t count, struct fault *fault);

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
