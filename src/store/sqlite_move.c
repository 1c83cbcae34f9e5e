/* sqlite_move: the rows of a SQLite on their way out and in.
 *
 * What leaves is looked at as everywhere: a row whose digest is not right is no row to carry, since
 * it would get a right one where it comes to. What comes in is written without indexes and
 * triggers, which are made again behind it: a million objects into seven indexes one by one, in no
 * order, takes several times as long. */
#include "sqlite_move.h"

#include "sqlite_anew.h"
#include "sqlite_text.h"
#include "sqlite_version.h"

#include <string.h>

enum { ROW_BYTES = 16384 };

/* clang-format off */
#define COUNTER(table) \
	"SELECT '" table "' AS name, max(ifnull((SELECT max(id) FROM " table "), 0), " \
	"ifnull((SELECT seq FROM sqlite_sequence WHERE name = '" table "'), 0)) AS value "
#define OBJECT_VALUES \
	"scope, module, owner, id, type, live, body, last_updated_ns, change, previous, seq, method, suffix, patch, " \
	"sender_platform, correlation_id, at_ms, accepted"
/* clang-format on */

/* What a SQLite has otherwise than by the names of table and columns. */
struct sqlite_table {
	const char *name;
	const char *from;   /* instead of the table */
	const char *digest; /* of its rows, by their columns */
	bool late;          /* it is over other tables, too */
	const char *right;  /* whether that of a row is, where it has had other forms */
};
static const struct sqlite_table tables[] = {
	{ "platform", "platform p", PLATFORM_DIGEST, true },
	{ "meta", "(SELECT * FROM meta WHERE key <> 'key_mark')", META_DIGEST, false },
	{ "agreement", NULL, AGREEMENT_DIGEST, false },
	{ "object", NULL, "object_digest(" OBJECT_VALUES ")", false,
	        "written_digest(digest, " OBJECT_VALUES ") IS NOT NULL" },
	{ "version", NULL, VERSION_DIGEST, false },
	{ "cursor", NULL, CURSOR_DIGEST, false },
	{ "parked", NULL, PARKED_DIGEST("due_ms"), false },
	{ "push_failure", NULL, FAILURE_DIGEST, false },
	{ "pulled", NULL, PULLED_DIGEST, false },
	{ "relink", NULL,
	        "relink_digest(id, kind, target, caller_platform, target_platform, "
	        "caller_country, caller_party, target_country, target_party, module, interface, "
	        "correlation_id, created_ms, expires_ms)",
	        false },
	{ "hint", NULL, HINT_DIGEST, false },
	{ "counter",
	        "(" COUNTER("agreement") "UNION ALL " COUNTER("event") "UNION ALL " COUNTER(
	                "platform") "UNION ALL SELECT 'change', max(ifnull((SELECT change FROM "
	                            "sequence WHERE twin = ~change), 0), ifnull(" NEWEST_CHANGE
	                            ", 0)))",
	        NULL, false },
};

static enum rh_err
failed(const struct db *db, const char *what, struct fault *fault)
{
	return fault_set(fault, RH_STORE_FAILED, "store.url", "%s: %s", what, db_why(db));
}

static const struct sqlite_table *
own_table(const struct move_table *table)
{
	static const struct sqlite_table plain;

	for (size_t i = 0; i < COUNT(tables); i++)
		if (strcmp(tables[i].name, table->name) == 0)
			return &tables[i];
	return &plain;
}

/* ---- out ---- */

enum rh_err
sqlite_move_out(struct db *db, struct fault *fault)
{
	return db_do(db, SQL_SNAPSHOT) == OUTCOME_OK ? RH_OK : failed(db, "reading", fault);
}

static void
select_text(const struct move_table *table, struct buf *out)
{
	const struct sqlite_table *own = own_table(table);

	buf_add(out, STR("SELECT "));
	move_names(table, out);
	if (own->right != NULL)
		buf_printf(out, ", %s", own->right);
	else if (own->digest != NULL)
		buf_printf(out, ", digest IS %s", own->digest);
	else
		buf_add(out, STR(", 1"));
	buf_printf(out, " FROM %s ORDER BY ", own->from != NULL ? own->from : table->name);
	for (size_t i = 0; i < table->order; i++)
		buf_printf(out, "%s%s", i == 0 ? "" : ", ", table->columns[i].name);
}

/* False: it is damaged. */
static bool
read_row(struct db *db, const struct move_table *table, size_t count, struct arena *arena,
        struct move_value *values)
{
	for (size_t i = 0; i < count; i++) {
		enum move_kind kind = table->columns[i].kind;

		values[i] = (struct move_value){ 0 };
		if (kind == MOVE_INT || kind == MOVE_BOOL)
			values[i].n = db_int(db, SQL_MOVE_READ, (int)i);
		else
			values[i].s = db_text(db, SQL_MOVE_READ, (int)i, arena);
	}
	return db_int(db, SQL_MOVE_READ, (int)count) != 0;
}

static enum rh_err
read_rows(struct db *db, const struct move_table *table, move_row_fn row, void *ctx,
        struct fault *fault)
{
	struct move_value values[MOVE_COLUMNS_MOST];
	struct arena *arena = arena_new(ROW_BYTES);
	size_t count = move_columns(table);
	enum rh_err err = RH_OK;

	db_bind(db, SQL_MOVE_READ, NULL, 0);
	while (err == RH_OK && db_next(db, SQL_MOVE_READ)) {
		bool sound;

		arena_reset(arena);
		sound = read_row(db, table, count, arena, values);
		err = row(ctx, table, values, !sound, fault);
	}
	if (db_end(db, SQL_MOVE_READ) != OUTCOME_OK && err == RH_OK)
		err = failed(db, table->name, fault);
	arena_free(arena);
	return err;
}

enum rh_err
sqlite_move_read(struct db *db, const struct move_table *table, move_row_fn row, void *ctx,
        struct fault *fault)
{
	CLEANUP(buf_free) struct buf sql = { 0 };

	select_text(table, &sql);
	if (db_prepare_as(db, SQL_MOVE_READ, sql.p) != OUTCOME_OK)
		return failed(db, table->name, fault);
	return read_rows(db, table, row, ctx, fault);
}

/* ---- in ---- */

/* Indexes and triggers of the tables, as statements that drop them, and make them. Indexes of some
 * rows alone stay: to fill one costs less than to look for these rows in all, but for the feed,
 * which has nearly all. */
static enum outcome
schema_script(struct db *db, struct buf *drop, struct buf *make)
{
	CLEANUP(buf_free) struct buf sql = { 0 };
	struct arena *arena = arena_new(ROW_BYTES);
	enum outcome outcome;

	buf_add(&sql, STR("SELECT type, name, sql FROM sqlite_schema WHERE type IN ('index', "
	                  "'trigger') AND sql IS NOT NULL AND tbl_name IN ("));
	move_table_names(&sql);
	buf_add(&sql, STR(") AND (type = 'trigger' OR sql NOT LIKE '%) WHERE %' OR name = "
	                  "'object_feed') "
	                  "ORDER BY rowid"));
	outcome = db_prepare_as(db, SQL_MOVE_READ, sql.p);
	if (outcome == OUTCOME_OK) {
		db_bind(db, SQL_MOVE_READ, NULL, 0);
		while (db_next(db, SQL_MOVE_READ)) {
			struct str type = db_text(db, SQL_MOVE_READ, 0, arena);
			struct str name = db_text(db, SQL_MOVE_READ, 1, arena);

			buf_printf(drop, "DROP %.*s %.*s;", STR_ARG(type), STR_ARG(name));
			buf_add(make, db_text(db, SQL_MOVE_READ, 2, arena));
			buf_addc(make, ';');
		}
		outcome = db_end(db, SQL_MOVE_READ);
	}
	arena_free(arena);
	return outcome;
}

static enum outcome
drop_schema(struct db *db)
{
	CLEANUP(buf_free) struct buf drop = { 0 }, make = { 0 };
	enum outcome outcome = schema_script(db, &drop, &make);

	if (outcome == OUTCOME_OK)
		outcome = db_prepare_as(
		        db, SQL_MOVE_PUT, "INSERT INTO temp.moved_schema (make) VALUES (?1)");
	if (outcome == OUTCOME_OK)
		outcome = DB_RUN(db, SQL_MOVE_PUT, TEXT(buf_str(&make)));
	return outcome == OUTCOME_OK ? db_exec(db, drop.p) : outcome;
}

/* Sorting for indexes is done in files: a million rows are more than memory is for. */
enum rh_err
sqlite_move_in(struct db *db, struct fault *fault)
{
	static const char made[] = "CREATE TEMP TABLE counter (name TEXT, value INTEGER); "
	                           "CREATE TEMP TABLE moved_schema (make TEXT)";

	if (db_exec(db, "PRAGMA temp_store=FILE; PRAGMA cache_size=-65536") == OUTCOME_OK &&
	        db_do(db, SQL_BEGIN) == OUTCOME_OK && db_exec(db, made) == OUTCOME_OK &&
	        drop_schema(db) == OUTCOME_OK)
		return RH_OK;
	return failed(db, "beginning", fault);
}

static void
insert_text(const struct move_table *table, struct buf *out)
{
	const struct sqlite_table *own = own_table(table);
	bool digest = own->digest != NULL && !own->late;

	buf_printf(out, "INSERT INTO %s (", table->name);
	move_names(table, out);
	buf_printf(out, "%s) SELECT ", digest ? ", digest" : "");
	move_names(table, out);
	buf_printf(out, "%s%s FROM (SELECT ", digest ? ", " : "", digest ? own->digest : "");
	for (size_t i = 0; i < move_columns(table); i++)
		buf_printf(out, "%s?%zu AS %s", i == 0 ? "" : ", ", i + 1, table->columns[i].name);
	buf_addc(out, ')');
}

enum rh_err
sqlite_move_begin(struct db *db, const struct move_table *table, struct fault *fault)
{
	CLEANUP(buf_free) struct buf sql = { 0 };

	insert_text(table, &sql);
	if (db_prepare_as(db, SQL_MOVE_PUT, sql.p) == OUTCOME_OK)
		return RH_OK;
	return failed(db, table->name, fault);
}

enum rh_err
sqlite_move_put(struct db *db, const struct move_table *table, const struct move_value *values,
        struct fault *fault)
{
	struct db_value bound[MOVE_COLUMNS_MOST];
	size_t count = move_columns(table);

	for (size_t i = 0; i < count; i++) {
		enum move_kind kind = table->columns[i].kind;

		bound[i] = kind == MOVE_INT || kind == MOVE_BOOL ? INT(values[i].n)
		           : kind == MOVE_BLOB                   ? BLOB(values[i].s)
		                                                 : TEXT(values[i].s);
	}
	if (db_run(db, SQL_MOVE_PUT, bound, count) == OUTCOME_OK)
		return RH_OK;
	return failed(db, table->name, fault);
}

/* ---- what follows from the rows ---- */

/* clang-format off */
static const char derived[] =
	"UPDATE platform AS p SET digest = " PLATFORM_DIGEST "; "
	/* Of one object all versions are neighbours there: few rows are looked at. */
	"UPDATE object SET shadows = m.shared FROM (SELECT a.seq AS own, s.seq AS shared FROM object a INDEXED BY object_key "
	"JOIN object s INDEXED BY object_key ON s.module = a.module AND s.id = a.id AND s.owner = a.owner AND s.type = a.type "
	"AND s.scope = '*' WHERE a.scope <> '*') m WHERE object.seq = m.own AND object.live = 1 "
	"AND (SELECT live FROM object WHERE seq = m.shared) = 1; "
	"DELETE FROM object_count; "
	"INSERT INTO object_count (scope, module, owner, live, shadowing) SELECT scope, module, owner, count(*), 0 "
	"FROM object INDEXED BY object_date WHERE live = 1 GROUP BY scope, module, owner; "
	"INSERT INTO object_count (scope, module, owner, live, shadowing) SELECT scope, module, owner, 0, count(*) "
	"FROM object INDEXED BY object_shadow WHERE shadows IS NOT NULL GROUP BY scope, module, owner "
	"ON CONFLICT (module, scope, owner) DO UPDATE SET shadowing = excluded.shadowing; "
	"DELETE FROM parked_count; "
	"INSERT INTO parked_count (receiver, total) SELECT receiver, count(*) FROM parked GROUP BY receiver; "
	"DELETE FROM sqlite_sequence WHERE name IN (SELECT name FROM temp.counter); "
	"INSERT INTO sqlite_sequence (name, seq) SELECT name, value FROM temp.counter WHERE name <> 'change' AND value > 0; "
	"INSERT INTO sequence (id, change, twin) SELECT 1, value, ~value FROM temp.counter WHERE name = 'change' "
	"ON CONFLICT (id) DO UPDATE SET change = excluded.change, twin = excluded.twin";
/* clang-format on */

static enum outcome
make_schema(struct db *db)
{
	CLEANUP(buf_free) struct buf make = { 0 };
	struct arena *arena = arena_new(ROW_BYTES);
	enum outcome outcome =
	        db_prepare_as(db, SQL_MOVE_READ, "SELECT make FROM temp.moved_schema");

	if (outcome == OUTCOME_OK) {
		db_bind(db, SQL_MOVE_READ, NULL, 0);
		while (db_next(db, SQL_MOVE_READ))
			buf_add(&make, db_text(db, SQL_MOVE_READ, 0, arena));
		outcome = db_end(db, SQL_MOVE_READ);
	}
	arena_free(arena);
	return outcome == OUTCOME_OK ? db_exec(db, make.p) : outcome;
}

enum rh_err
sqlite_move_complete(struct db *db, struct fault *fault)
{
	if (make_schema(db) == OUTCOME_OK && db_exec(db, derived) == OUTCOME_OK &&
	        db_exec(db, sqlite_platforms_anew) == OUTCOME_OK &&
	        db_exec(db, sqlite_blocks_anew) == OUTCOME_OK)
		return RH_OK;
	return failed(db, "completing", fault);
}

enum rh_err
sqlite_move_commit(struct db *db, struct fault *fault)
{
	if (db_do(db, SQL_COMMIT) == OUTCOME_OK && db_checkpoint(db, true) == OUTCOME_OK)
		return RH_OK;
	return failed(db, "committing", fault);
}
