/* migrate: numbered SQL files, applied in order, their checksums remembered.
 * A file that changed after it ran, or one from a newer program, stops the start: neither can be
 * put right silently. */
#include "migrate.h"

#include "sqlite_verbs.h"

#include <stdio.h>
#include <string.h>

static const char migration_table[] =
        "CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL, "
        "digest BLOB NOT NULL, applied_ms INTEGER NOT NULL)";

void
migration_digest(const struct migration *migration, char out[RH_DIGEST_BYTES])
{
	static const uint8_t no_key[RH_KEY_BYTES] = { 0 };

	rh_digest(no_key, str_of(migration->sql), (uint8_t *)out);
}

enum rh_err
migration_check(const struct migration_row *row, size_t expected, const struct migration *list,
        size_t count, struct fault *fault)
{
	char own[RH_DIGEST_BYTES];

	if (row->number > (int64_t)count)
		return fault_set(fault, RH_STORE_FAILED, row->name,
		        "the database has migration %s, which this program does not know (it knows "
		        "%zu): "
		        "it was written by a newer roamhub",
		        row->name, count);
	if (row->number != (int64_t)expected)
		return fault_set(fault, RH_STORE_FAILED, list[expected - 1].name,
		        "the database lacks migration %s but has %s", list[expected - 1].name,
		        row->name);
	migration_digest(&list[row->number - 1], own);
	if (!str_eq(row->digest, (struct str){ own, sizeof(own) }))
		return fault_set(fault, RH_STORE_FAILED, list[row->number - 1].name,
		        "migration %s was changed after it was applied to this database",
		        list[row->number - 1].name);
	return RH_OK;
}

/* The row that stands in SQL_MIGRATIONS. */
static enum rh_err
check_row(struct db *db, size_t expected, const struct migration *list, size_t count,
        struct fault *fault)
{
	char digest[RH_DIGEST_BYTES + 1];
	struct migration_row row = { .number = db_int(db, SQL_MIGRATIONS, 0),
		.digest = { digest, RH_DIGEST_BYTES } };

	db_chars(db, SQL_MIGRATIONS, 1, row.name, sizeof(row.name));
	db_chars(db, SQL_MIGRATIONS, 2, digest, sizeof(digest));
	return migration_check(&row, expected, list, count, fault);
}

enum rh_err
migrate_look(struct db *db, const struct migration *list, size_t count, size_t *applied,
        struct fault *fault)
{
	enum rh_err err = RH_OK;

	*applied = 0;
	db_bind(db, SQL_MIGRATIONS, NULL, 0);
	while (err == RH_OK && db_next(db, SQL_MIGRATIONS))
		err = check_row(db, ++*applied, list, count, fault);
	if (db_end(db, SQL_MIGRATIONS) != OUTCOME_OK)
		return fault_set(
		        fault, RH_STORE_FAILED, "", "reading the migrations: %s", db_why(db));
	return err;
}

static bool
run(struct db *db, const struct migration *migration)
{
	char digest[RH_DIGEST_BYTES];

	migration_digest(migration, digest);
	return db_do(db, SQL_BEGIN) == OUTCOME_OK && db_exec(db, migration->sql) == OUTCOME_OK &&
	       DB_RUN(db, SQL_MIGRATION_ADD, INT(migration->number), TEXT(str_of(migration->name)),
	               BLOB(((struct str){ digest, sizeof(digest) })),
	               INT(rh_wall_ms())) == OUTCOME_OK &&
	       db_do(db, SQL_COMMIT) == OUTCOME_OK;
}

static enum rh_err
apply(struct db *db, const struct migration *migration, struct fault *fault)
{
	if (run(db, migration)) {
		LOG(LOG_INFO, "migrated", KV("migration", migration->name));
		return RH_OK;
	}
	fault_set(fault, RH_STORE_FAILED, migration->name, "migration %s: %s", migration->name,
	        db_why(db));
	if (db_in_transaction(db))
		db_do(db, SQL_ROLLBACK);
	return RH_STORE_FAILED;
}

enum rh_err
migrate(struct db *db, const struct migration *list, size_t count, struct fault *fault)
{
	enum rh_err err;
	size_t applied;

	if (digest_define(db) != OUTCOME_OK || db_exec(db, migration_table) != OUTCOME_OK)
		return fault_set(fault, RH_STORE_FAILED, "", "%s", db_why(db));
	err = migrate_look(db, list, count, &applied, fault);
	for (size_t i = applied; err == RH_OK && i < count; i++)
		err = apply(db, &list[i], fault);
	return err;
}
