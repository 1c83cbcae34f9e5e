/* move: the rows of a PostgreSQL on their way out, by a cursor, and in, by COPY.
 *
 * What comes in is written without indexes, which are made again behind it. The session plans
 * nothing but walks along an index (pg.c); for these statements, which read whole tables, that is
 * taken back. */
#include "move.h"

#include <arpa/inet.h>
#include <endian.h>
#include <stdio.h>
#include <string.h>

enum { FETCH_ROWS = 200, COPY_BYTES = 1 << 20 };

/* clang-format off */
#define COUNTER(table) \
	"SELECT '" table "' AS name, greatest(coalesce(max(id), 0), coalesce(pg_sequence_last_value(" \
	"pg_get_serial_sequence('" table "', 'id')::regclass), 0)) AS value FROM " table " "

static const char as_others_plan[] =
	"SET LOCAL enable_seqscan = on; SET LOCAL enable_bitmapscan = on; SET LOCAL enable_sort = on; "
	"SET LOCAL enable_hashjoin = on; SET LOCAL enable_mergejoin = on; SET LOCAL cursor_tuple_fraction = 1; "
	"SET LOCAL work_mem = '64MB'";
/* clang-format on */

/* What a PostgreSQL has otherwise than by the names of table and columns. */
static const struct {
	const char *name, *from;
} sources[] = {
	{ "meta", "(SELECT * FROM meta WHERE key <> 'key_mark') m" },
	{ "counter", "(" COUNTER("agreement") "UNION ALL " COUNTER("event") "UNION ALL " COUNTER(
	                     "platform") "UNION ALL SELECT 'change', coalesce(greatest("
	                                 "newest_change(), (SELECT max(change) FROM cursor), "
	                                 "(SELECT max(change) FROM parked)), 0)) c" },
};

static enum rh_err
failed(const struct pg_move *move, const char *what, struct fault *fault)
{
	return fault_set(fault, RH_STORE_FAILED, "store.url", "%s: %s", what, pg_why(move->pg));
}

/* ---- out ---- */

enum rh_err
pg_move_out(struct pg_move *move, struct fault *fault)
{
	if (pg_do(move->pg, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY") &&
	        pg_do(move->pg, as_others_plan))
		return RH_OK;
	return failed(move, "reading", fault);
}

/* In the order of bytes, whatever the database's. */
static void
cursor_text(const struct move_table *table, struct buf *out)
{
	const char *from = table->name;

	for (size_t i = 0; i < COUNT(sources); i++)
		if (strcmp(sources[i].name, table->name) == 0)
			from = sources[i].from;
	buf_add(out, STR("DECLARE moved NO SCROLL CURSOR FOR SELECT "));
	move_names(table, out);
	buf_printf(out, " FROM %s ORDER BY ", from);
	for (size_t i = 0; i < table->order; i++)
		buf_printf(out, "%s%s%s", i == 0 ? "" : ", ", table->columns[i].name,
		        table->columns[i].kind == MOVE_TEXT ? " COLLATE \"C\"" : "");
}

static enum rh_err
give_rows(const struct pg_result *rows, const struct move_table *table, move_row_fn row, void *ctx,
        struct fault *fault)
{
	struct move_value values[MOVE_COLUMNS_MOST];
	size_t count = move_columns(table);
	enum rh_err err = RH_OK;

	for (int i = 0; err == RH_OK && i < pg_rows(rows); i++) {
		for (size_t j = 0; j < count; j++) {
			enum move_kind kind = table->columns[j].kind;
			int column = (int)j;

			values[j] = (struct move_value){ 0 };
			if (kind == MOVE_INT)
				values[j].n = pg_int(rows, i, column);
			else if (kind == MOVE_BOOL)
				values[j].n = pg_bool(rows, i, column);
			else
				values[j].s = pg_peek(rows, i, column);
		}
		err = row(ctx, table, values, false, fault);
	}
	return err;
}

static enum rh_err
fetch_all(struct pg_move *move, const struct move_table *table, move_row_fn row, void *ctx,
        struct fault *fault)
{
	enum rh_err err = RH_OK;
	char sql[48];
	int got = FETCH_ROWS;

	(void)snprintf(sql, sizeof(sql), "FETCH %d FROM moved", FETCH_ROWS);
	while (err == RH_OK && got == FETCH_ROWS) {
		struct pg_result *rows = pg_ask(move->pg, sql, NULL);

		if (rows == NULL)
			return failed(move, table->name, fault);
		got = pg_rows(rows);
		err = give_rows(rows, table, row, ctx, fault);
		pg_result_free(rows);
	}
	return err;
}

enum rh_err
pg_move_read(struct pg_move *move, const struct move_table *table, move_row_fn row, void *ctx,
        struct fault *fault)
{
	CLEANUP(buf_free) struct buf sql = { 0 };

	cursor_text(table, &sql);
	if (!pg_do(move->pg, sql.p))
		return failed(move, table->name, fault);
	if (fetch_all(move, table, row, ctx, fault) != RH_OK)
		return fault->err;
	return pg_do(move->pg, "CLOSE moved") ? RH_OK : failed(move, table->name, fault);
}

/* ---- in ---- */

/* Those of constraints stay: they are of few columns, and other tables refer to them. */
static void
drop_indexes_text(struct buf *out)
{
	buf_add(out,
	        STR("CREATE TEMP TABLE moved_index ON COMMIT DROP AS SELECT c.oid::regclass::text "
	            "AS name, pg_get_indexdef(c.oid) AS make FROM pg_index i "
	            "JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid "
	            "WHERE t.relnamespace = 'roamhub'::regnamespace AND t.relname IN ("));
	move_table_names(out);
	buf_add(out, STR(") AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid); "
	                 "DO $$ DECLARE r record; BEGIN FOR r IN SELECT * FROM moved_index LOOP "
	                 "EXECUTE 'DROP INDEX ' || r.name; END LOOP; END $$"));
}

enum rh_err
pg_move_in(struct pg_move *move, struct fault *fault)
{
	CLEANUP(buf_free) struct buf sql = { 0 };

	drop_indexes_text(&sql);
	if (pg_do(move->pg, "BEGIN") && pg_do(move->pg, as_others_plan) &&
	        pg_do(move->pg, "SELECT batch_lock()") &&
	        pg_do(move->pg, "CREATE TEMP TABLE counter (name text COLLATE \"C\", value bigint) "
	                        "ON COMMIT DROP") &&
	        pg_do(move->pg, sql.p))
		return RH_OK;
	return failed(move, "beginning", fault);
}

static void
add_int2(struct buf *buf, int n)
{
	uint16_t wire = htons((uint16_t)n);

	buf_add(buf, (struct str){ (const char *)&wire, sizeof(wire) });
}

static void
add_field(struct buf *buf, const void *bytes, size_t len)
{
	uint32_t wire = htonl((uint32_t)len);

	buf_add(buf, (struct str){ (const char *)&wire, sizeof(wire) });
	buf_add(buf, (struct str){ bytes, len });
}

static void
add_value(struct buf *buf, enum move_kind kind, const struct move_value *value)
{
	static const uint32_t absent = UINT32_MAX; /* -1 */
	uint64_t number = htobe64((uint64_t)value->n);
	char is = value->n != 0;

	if (kind == MOVE_INT)
		add_field(buf, &number, sizeof(number));
	else if (kind == MOVE_BOOL)
		add_field(buf, &is, sizeof(is));
	else if (value->s.p == NULL)
		buf_add(buf, (struct str){ (const char *)&absent, sizeof(absent) });
	else
		add_field(buf, value->s.p, value->s.len);
}

static void
begin_rows(struct pg_move *move)
{
	static const struct str head = { "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19 };

	move->rows.len = 0;
	buf_add(&move->rows, head);
}

static enum rh_err
copy_rows(struct pg_move *move, struct fault *fault)
{
	CLEANUP(buf_free) struct buf sql = { 0 };

	if (move->table == NULL)
		return RH_OK;
	add_int2(&move->rows, -1);
	buf_printf(&sql, "COPY %s (", move->table->name);
	move_names(move->table, &sql);
	buf_add(&sql, STR(") FROM STDIN (FORMAT binary)"));
	if (!pg_copy(move->pg, sql.p, buf_str(&move->rows)))
		return failed(move, move->table->name, fault);
	begin_rows(move);
	return RH_OK;
}

enum rh_err
pg_move_begin(struct pg_move *move, const struct move_table *table, struct fault *fault)
{
	enum rh_err err = copy_rows(move, fault);

	move->table = table;
	begin_rows(move);
	return err;
}

enum rh_err
pg_move_put(struct pg_move *move, const struct move_value *values, struct fault *fault)
{
	size_t count = move_columns(move->table);

	add_int2(&move->rows, (int)count);
	for (size_t i = 0; i < count; i++)
		add_value(&move->rows, move->table->columns[i].kind, &values[i]);
	return move->rows.len < COPY_BYTES ? RH_OK : copy_rows(move, fault);
}

/* ---- what follows from the rows; what is parked counts itself ---- */

/* clang-format off */
#define NUMBER(table) \
	"SELECT setval(pg_get_serial_sequence('" table "', 'id'), value) FROM counter WHERE name = '" table "' AND value > 0; "

static const char derived[] =
	"DO $$ DECLARE r record; BEGIN FOR r IN SELECT * FROM moved_index LOOP EXECUTE r.make; END LOOP; END $$; "
	"UPDATE object o SET hides = true FROM object s WHERE o.scope <> '*' AND o.live AND s.module = o.module AND s.id = o.id "
	"AND s.owner = o.owner AND s.type = o.type AND s.scope = '*' AND s.live; "
	"DELETE FROM object_count; "
	"INSERT INTO object_count (scope, module, owner, live, shadowing) "
	"SELECT scope, module, owner, count(*), count(*) FILTER (WHERE hides) FROM object WHERE live GROUP BY scope, module, owner; "
	"DELETE FROM platform_count; "
	"INSERT INTO platform_count (platform, objects, relinks) SELECT platform, sum(objects), sum(relinks) FROM ("
	"SELECT sender_platform AS platform, count(*) AS objects, 0 AS relinks FROM object WHERE live GROUP BY sender_platform "
	"UNION ALL SELECT CASE WHEN kind = 0 THEN target_platform ELSE caller_platform END, 0, count(*) FROM relink GROUP BY 1) c "
	"GROUP BY platform; "
	NUMBER("agreement") NUMBER("event") NUMBER("platform")
	"SELECT setval(pg_get_serial_sequence('parked', 'seq'), max(seq)) FROM parked HAVING max(seq) IS NOT NULL; "
	"SELECT setval('change_number', greatest(value, 1), value > 0) FROM counter WHERE name = 'change'; "
	"UPDATE passed SET change = value FROM counter WHERE name = 'change'; SELECT stored_recount()";
/* clang-format on */

enum rh_err
pg_move_complete(struct pg_move *move, struct fault *fault)
{
	enum rh_err err = copy_rows(move, fault);

	move->table = NULL;
	if (err != RH_OK || pg_do_long(move->pg, derived))
		return err;
	return failed(move, "completing", fault);
}

/* A warning: the wait for a standby was cancelled, and it may lack all of it. */
enum rh_err
pg_move_commit(struct pg_move *move, struct fault *fault)
{
	struct pg_result *result = pg_ask(move->pg, "COMMIT", NULL);
	bool done = result != NULL && !pg_warned(move->pg);

	pg_result_free(result);
	return done ? RH_OK : failed(move, "committing", fault);
}

void
pg_move_free(struct pg_move *move)
{
	buf_free(&move->rows);
}
