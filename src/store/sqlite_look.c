/* sqlite_look: what is there, before anything is changed: whose it is, which version wrote it,
 * whose tokens it holds. And the copy of it that is kept when it is to be migrated. */
#include "sqlite_verbs.h"

#include "migrate.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum {
	APPLICATION = 0x52485542, /* migrations/0005_start.sql */
	SEALED_MOST = 100         /* one that opens is enough */
};

static bool
is_empty(const char *path)
{
	struct stat st;

	return stat(path, &st) != 0 || st.st_size == 0;
}

/* In a URI a few characters mean something. Without a log beside it nothing can be missed by saying
 * that the file does not change; then SQLite makes no file beside it either, and sets no lock. */
static void
look_uri(const char *path, struct buf *out)
{
	char log[PATH_BYTES + 8];

	snprintf(log, sizeof(log), "%s-wal", path);
	buf_add(out, STR("file:"));
	for (const char *c = path; *c != '\0'; c++) {
		if (strchr("%?#", *c) != NULL)
			buf_printf(out, "%%%02x", (unsigned)*c);
		else
			buf_addc(out, *c);
	}
	if (is_empty(log))
		buf_add(out, STR("?immutable=1"));
}

static enum rh_err
read_fault(const struct look *look, struct fault *fault)
{
	return fault_set(
	        fault, RH_STORE_FAILED, "store.url", "%s: %s", look->path, db_why(look->db));
}

static enum rh_err
count_tables(struct look *look, int64_t *tables, int64_t *ours, struct fault *fault)
{
	db_bind(look->db, SQL_TABLES, NULL, 0);
	if (db_next(look->db, SQL_TABLES)) {
		*tables = db_int(look->db, SQL_TABLES, 0);
		*ours = db_int(look->db, SQL_TABLES, 1);
	}
	return db_end(look->db, SQL_TABLES) == OUTCOME_OK ? RH_OK : read_fault(look, fault);
}

static enum rh_err
read_application(struct look *look, int64_t *application, struct fault *fault)
{
	db_bind(look->db, SQL_APPLICATION, NULL, 0);
	if (db_next(look->db, SQL_APPLICATION))
		*application = db_int(look->db, SQL_APPLICATION, 0);
	return db_end(look->db, SQL_APPLICATION) == OUTCOME_OK ? RH_OK : read_fault(look, fault);
}

/* Before 0005_start.sql ours had no number either, but a table of migrations. Who has neither, and
 * tables, is somebody else. */
static enum rh_err
whose(struct look *look, int64_t *tables, struct fault *fault)
{
	int64_t application = 0, ours = 0;
	enum rh_err err = read_application(look, &application, fault);

	if (err == RH_OK)
		err = count_tables(look, tables, &ours, fault);
	if (err != RH_OK || application == APPLICATION ||
	        (application == 0 && (*tables == 0 || ours > 0)))
		return err;
	return fault_set(fault, RH_STORE_FAILED, "store.url",
	        "%s is a database of another program (application_id %lld): nothing was changed",
	        look->path, (long long)application);
}

/* ---- the key ---- */

static void
find_tokens(struct look *look)
{
	db_bind(look->db, SQL_TOKENS_ANY, NULL, 0);
	look->found.tokens =
	        db_next(look->db, SQL_TOKENS_ANY) && db_int(look->db, SQL_TOKENS_ANY, 0) != 0;
}

/* Of a damaged one nothing is believed: then it is the tokens that tell the key. */
static enum outcome
find_mark_by(struct look *look, enum sql_id sql)
{
	struct db_value key = TEXT(STR(KEY_MARK));

	db_bind(look->db, sql, &key, 1);
	if (db_next(look->db, sql) && db_int(look->db, sql, 1) != 0)
		look->found.key_mark = db_text(look->db, sql, 0, look->arena);
	return db_end(look->db, sql);
}

static enum outcome
find_mark(struct look *look)
{
	if (digest_define(look->db) == OUTCOME_OK && find_mark_by(look, SQL_META_GET) == OUTCOME_OK)
		return OUTCOME_OK;
	return find_mark_by(look, SQL_META_OLD);
}

static void
find_sealed(struct look *look)
{
	struct str *sealed = arena_alloc(look->arena, SEALED_MOST * sizeof(*sealed));

	db_bind(look->db, SQL_TOKENS_SEALED, NULL, 0);
	while (look->found.key_mark.p == NULL && look->found.sealed_count < SEALED_MOST &&
	        db_next(look->db, SQL_TOKENS_SEALED))
		sealed[look->found.sealed_count++] =
		        db_text(look->db, SQL_TOKENS_SEALED, 0, look->arena);
	look->found.sealed = sealed;
}

static enum rh_err
look_at_key(struct look *look, struct fault *fault)
{
	static const enum sql_id asked[] = { SQL_TOKENS_ANY, SQL_TOKENS_SEALED };
	enum outcome outcome = find_mark(look);

	find_tokens(look);
	find_sealed(look);
	for (size_t i = 0; i < COUNT(asked); i++)
		if (db_end(look->db, asked[i]) != OUTCOME_OK)
			outcome = OUTCOME_LOST;
	if (outcome == OUTCOME_OK)
		return RH_OK;
	return read_fault(look, fault);
}

/* SQLite makes the first page of a database before it has any table. */
static enum rh_err
look_at(struct look *look, struct fault *fault)
{
	int64_t tables = 0;
	enum rh_err err = whose(look, &tables, fault);

	if (err != RH_OK || tables == 0)
		return err;
	err = migrate_look(look->db, migrations, migration_count, &look->applied, fault);
	if (err != RH_OK || look->applied == 0)
		return err;
	look->found.empty = false;
	look->found.pending = migration_count - look->applied;
	return look_at_key(look, fault);
}

enum rh_err
look_open(struct look *look, const char *path, struct fault *fault)
{
	CLEANUP(buf_free) struct buf uri = { 0 };

	look->path = path;
	look->found = (struct store_found){ .empty = true, .pending = migration_count };
	if (is_empty(path))
		return RH_OK;
	look_uri(path, &uri);
	look->arena = arena_new(1024);
	look->db = db_open(uri.p, DB_LOOK, fault);
	return look->db == NULL ? fault->err : look_at(look, fault);
}

void
look_close(struct look *look)
{
	db_close(look->db);
	look->db = NULL;
	arena_free(look->arena);
	look->arena = NULL;
}

/* ---- the copy ---- */

static enum rh_err
copy(struct look *look, const char *name, struct fault *fault)
{
	struct backup *backup = backup_begin(look->db, name, true, fault);
	int64_t bytes = 0;

	if (backup == NULL)
		return fault->err;
	while (backup_step(&backup, &bytes, fault))
		continue;
	if (fault->err == RH_OK)
		LOG(LOG_INFO, "copied", KV("before", migrations[look->applied].name),
		        KV("path", name), KVN("bytes", bytes));
	return fault->err;
}

/* One for all migrations of this start: what goes back is the whole program. A copy of the same
 * name is of an upgrade that was taken back. */
enum rh_err
look_copy(struct look *look, struct fault *fault)
{
	char name[PATH_BYTES + 16];

	if (look->applied == 0 || look->applied == migration_count)
		return RH_OK;
	snprintf(
	        name, sizeof(name), "%s-before-%04d", look->path, migrations[look->applied].number);
	return copy(look, name, fault);
}
