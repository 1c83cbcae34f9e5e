/* schema: the migrations of PostgreSQL, and what is there before anything is changed.
 *
 * All is in a schema of its own, roamhub: whose it is, is told by its table of migrations. Hubs
 * that start at once are kept apart by an advisory lock. */
#include "parts.h"

#include "../migrate.h"

#include <stdio.h>
#include <string.h>

enum { SEALED_MOST = 100 /* one that opens is enough */ };

static const char migration_table[] =
        "CREATE SCHEMA IF NOT EXISTS roamhub; "
        "CREATE TABLE IF NOT EXISTS migration (number bigint PRIMARY KEY, name text NOT NULL, "
        "digest bytea NOT NULL, applied_ms bigint NOT NULL)";

static enum rh_err
failed(const struct pg *pg, struct fault *fault)
{
	return fault_set(fault, RH_STORE_FAILED, "store.url", "%s", pg_why(pg));
}

static bool
ask_bool(struct pg *pg, const char *sql, bool *out)
{
	struct pg_result *result = pg_ask(pg, sql, NULL);

	*out = result != NULL && pg_rows(result) > 0 && pg_bool(result, 0, 0);
	pg_result_free(result);
	return result != NULL;
}

/* ---- which migrations ran ---- */

static enum rh_err
check_rows(const struct pg_result *rows, const struct migration *list, size_t count,
        struct fault *fault)
{
	for (int i = 0; i < pg_rows(rows); i++) {
		struct migration_row row = { .number = pg_int(rows, i, 0),
			.digest = pg_peek(rows, i, 2) };
		enum rh_err err;

		pg_chars(rows, i, 1, row.name, sizeof(row.name));
		err = migration_check(&row, (size_t)i + 1, list, count, fault);
		if (err != RH_OK)
			return err;
	}
	return RH_OK;
}

static enum rh_err
refuse_foreign(struct fault *fault)
{
	return fault_set(fault, RH_STORE_FAILED, "store.url",
	        "the database has a schema roamhub that is not a hub's: nothing was changed");
}

/* A schema that somebody made for the hub is as good as none. Both are read of one snapshot, and
 * not by to_regclass(), which asks what the session remembers: one that another process makes
 * meanwhile is seen by neither, or is found to be ours. */
static enum rh_err
find_schema(struct pg *pg, bool *ours, struct fault *fault)
{
	static const char asked[] =
	        "SELECT count(*) > 0, coalesce(bool_or(c.relname = 'migration' AND c.relkind = "
	        "'r'), false) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE "
	        "n.nspname = 'roamhub'";
	struct pg_result *row = pg_ask(pg, asked, NULL);
	bool used;

	if (row == NULL)
		return failed(pg, fault);
	used = pg_bool(row, 0, 0);
	*ours = pg_bool(row, 0, 1);
	pg_result_free(row);
	return used && !*ours ? refuse_foreign(fault) : RH_OK;
}

enum rh_err
schema_look(struct pg *pg, const struct migration *list, size_t count, size_t *applied,
        struct fault *fault)
{
	struct pg_result *rows;
	bool ours = false;
	enum rh_err err = find_schema(pg, &ours, fault);

	*applied = 0;
	if (err != RH_OK || !ours)
		return err;
	/* By its full name: to a role that may not look into the schema it says so. */
	rows = pg_ask(
	        pg, "SELECT number, name, digest FROM roamhub.migration ORDER BY number", NULL);
	if (rows == NULL)
		return failed(pg, fault);
	*applied = (size_t)pg_rows(rows);
	err = check_rows(rows, list, count, fault);
	pg_result_free(rows);
	return err;
}

/* ---- running them ---- */

static bool
note(struct pg *pg, const struct migration *migration)
{
	char digest[RH_DIGEST_BYTES], hex[2 * RH_DIGEST_BYTES + 1], sql[512];

	migration_digest(migration, digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(hex + 2 * i, 3, "%02x", (unsigned char)digest[i]);
	snprintf(sql, sizeof(sql),
	        "INSERT INTO migration (number, name, digest, applied_ms) VALUES (%d, '%s', "
	        "'\\x%s', %lld)",
	        migration->number, migration->name, hex, (long long)rh_wall_ms());
	return pg_do(pg, sql);
}

static enum rh_err
apply(struct pg *pg, const struct migration *migration, struct fault *fault)
{
	if (pg_do_long(pg, migration->sql) && note(pg, migration)) {
		LOG(LOG_INFO, "migrated", KV("migration", migration->name));
		return RH_OK;
	}
	return fault_set(fault, RH_STORE_FAILED, migration->name, "migration %s: %s",
	        migration->name, pg_why(pg));
}

static enum rh_err
apply_all(struct pg *pg, const struct migration *list, size_t count, struct fault *fault)
{
	size_t applied;
	enum rh_err err;

	if (!pg_do(pg, "SELECT pg_advisory_xact_lock(1380472130, 3)") ||
	        !pg_do(pg, migration_table))
		return failed(pg, fault);
	err = schema_look(pg, list, count, &applied, fault);
	for (size_t i = applied; err == RH_OK && i < count; i++)
		err = apply(pg, &list[i], fault);
	return err;
}

/* All that are due, or none. */
enum rh_err
schema_migrate(struct pg *pg, const struct migration *list, size_t count, struct fault *fault)
{
	size_t applied;
	enum rh_err err = schema_look(pg, list, count, &applied, fault);

	if (err != RH_OK || applied == count)
		return err;
	if (!pg_do(pg, "BEGIN"))
		return failed(pg, fault);
	err = apply_all(pg, list, count, fault);
	if (err == RH_OK && !pg_do(pg, "COMMIT"))
		err = failed(pg, fault);
	if (err != RH_OK)
		pg_do(pg, "ROLLBACK");
	return err;
}

/* ---- what the key is compared with ---- */

static enum rh_err
find_mark(struct pg *pg, struct arena *arena, struct store_found *found, struct fault *fault)
{
	struct pg_value key = P_BYTES(STR(PG_KEY_MARK));
	struct pg_result *mark = pg_ask(pg, "SELECT value FROM meta WHERE key = $1", &key);

	if (mark == NULL)
		return failed(pg, fault);
	if (pg_rows(mark) > 0)
		found->key_mark = pg_text(mark, 0, 0, arena);
	pg_result_free(mark);
	return RH_OK;
}

static enum rh_err
find_sealed(struct pg *pg, struct arena *arena, struct store_found *found, struct fault *fault)
{
	struct pg_value most = P_INT(SEALED_MOST);
	struct pg_result *rows = pg_ask(pg,
	        "SELECT token_sealed FROM platform WHERE token_sealed IS NOT NULL ORDER BY id "
	        "LIMIT $1",
	        &most);
	struct str *sealed;

	if (rows == NULL)
		return failed(pg, fault);
	sealed = arena_alloc(arena, SEALED_MOST * sizeof(*sealed));
	for (int i = 0; i < pg_rows(rows); i++)
		sealed[found->sealed_count++] = pg_text(rows, i, 0, arena);
	found->sealed = sealed;
	pg_result_free(rows);
	return RH_OK;
}

enum rh_err
schema_find(struct pg *pg, struct arena *arena, struct store_found *found, struct fault *fault)
{
	enum rh_err err = find_mark(pg, arena, found, fault);

	if (err == RH_OK && !ask_bool(pg,
	                            "SELECT EXISTS (SELECT FROM token) OR EXISTS (SELECT FROM "
	                            "platform WHERE token_sealed IS NOT NULL)",
	                            &found->tokens))
		err = failed(pg, fault);
	if (err == RH_OK && found->key_mark.p == NULL)
		err = find_sealed(pg, arena, found, fault);
	return err;
}

enum rh_err
schema_keep_mark(struct pg *pg, struct str mark, struct fault *fault)
{
	static const char keep[] = "INSERT INTO meta (key, value) VALUES ('" PG_KEY_MARK "', $1) "
	                           "ON CONFLICT (key) DO UPDATE SET value = excluded.value";
	struct pg_value value = P_BYTES(mark);
	struct pg_result *result;

	if (mark.p == NULL)
		return RH_OK;
	result = pg_ask(pg, keep, &value);
	pg_result_free(result);
	return result != NULL ? RH_OK : failed(pg, fault);
}
