/* test_move_tables: every table and column that a migration makes is carried by a move, or named
 * here with the reason why not. And rows as lines. It is started with a server of its own. */
#include "../suite.h"
#include "move.h"
#include "other.h"
#include "sqlite.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

/* A table, or a column of one that is carried: "table.column". */
static const char *const left[] = {
	/* made anew of what is carried */
	"object_count", "platform_count", "parked_count", "stored", "block", "block_count",
	"object.shadows", "object.hides", "object.list", "object.book", "pulled.place",
	"parked.queue", "parked.moment", "push_failure.queue", "event.nth", "event.tale",
	"platform.digest", "meta.digest", "agreement.digest", "object.digest", "version.digest",
	"cursor.digest", "parked.digest", "push_failure.digest", "pulled.digest", "relink.digest",
	"hint.digest",
	/* in "counter" */
	"sequence", "sqlite_sequence", "passed",
	/* an order in which nobody reads */
	"version.seq",
	/* of a process, or a moment */
	"process", "hub", "probe", "directory", "status", "wish", "question", "tally",
	"platform.changed",
	/* the trace stays where it is; and whose schema it is, the other one knows */
	"trace", "migration"
};

static bool
is_left(const char *name)
{
	for (size_t i = 0; i < COUNT(left); i++)
		if (strcmp(left[i], name) == 0)
			return true;
	return false;
}

static const struct move_table *
find_table(const char *name)
{
	for (size_t i = 0; i < MOVE_TABLES; i++)
		if (strcmp(move_tables[i].name, name) == 0)
			return &move_tables[i];
	return NULL;
}

static void
check_column(const char *table_name, const char *column)
{
	const struct move_table *table = find_table(table_name);
	char name[128];

	if (table == NULL) {
		ck_assert_msg(is_left(table_name), "table %s is not carried", table_name);
		return;
	}
	for (size_t i = 0; i < move_columns(table); i++)
		if (strcmp(table->columns[i].name, column) == 0)
			return;
	snprintf(name, sizeof(name), "%s.%s", table_name, column);
	ck_assert_msg(is_left(name), "column %s is not carried", name);
}

START_TEST(test_every_column_of_a_sqlite_is_carried)
{
	struct fault fault = { 0 };
	struct rig rig;
	struct db *db;
	int columns = 0;

	rig_begin(&rig, "sqlite:");
	rig_close(&rig);
	db = db_open(rig_file(&rig), DB_WRITER, &fault);
	ck_assert_ptr_nonnull(db);
	ck_assert_int_eq(db_prepare_as(db, SQL_MOVE_READ,
	                         "SELECT m.name, c.name FROM sqlite_schema m JOIN "
	                         "pragma_table_info(m.name) c WHERE m.type = 'table'"),
	        OUTCOME_OK);
	db_bind(db, SQL_MOVE_READ, NULL, 0);
	while (db_next(db, SQL_MOVE_READ)) {
		char table[64], column[64];

		db_chars(db, SQL_MOVE_READ, 0, table, sizeof(table));
		db_chars(db, SQL_MOVE_READ, 1, column, sizeof(column));
		check_column(table, column);
		columns++;
	}
	ck_assert_int_eq(db_end(db, SQL_MOVE_READ), OUTCOME_OK);
	ck_assert_int_gt(columns, 100);
	db_close(db);
	rig_end(&rig);
}
END_TEST

START_TEST(test_every_column_of_a_postgresql_is_carried)
{
	struct pg_result *rows;
	struct rig rig;
	struct pg *pg;

	rig_begin(&rig, "postgresql:");
	rig_close(&rig);
	pg = connect_to(&rig);
	rows = pg_ask(pg,
	        "SELECT c.relname::text, a.attname::text FROM pg_class c JOIN pg_attribute a "
	        "ON a.attrelid = c.oid WHERE c.relnamespace = 'roamhub'::regnamespace "
	        "AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attnum > 0 "
	        "AND NOT a.attisdropped",
	        NULL);
	ck_assert_msg(rows != NULL, "%s", pg_why(pg));
	ck_assert_int_gt(pg_rows(rows), 100);
	for (int i = 0; i < pg_rows(rows); i++) {
		char table[64], column[64];

		pg_chars(rows, i, 0, table, sizeof(table));
		pg_chars(rows, i, 1, column, sizeof(column));
		check_column(table, column);
	}
	pg_result_free(rows);
	pg_close(pg);
	rig_end(&rig);
}
END_TEST

/* ---- rows as lines ---- */

static const struct move_table shape = { "shape", 1, false,
	{ { "n", MOVE_INT }, { "is", MOVE_BOOL }, { "text", MOVE_TEXT }, { "raw", MOVE_RAW } } };

START_TEST(test_a_row_is_a_line_and_back)
{
	static const struct {
		struct move_value values[4];
		const char *line;
	} rows[] = {
		{ { { .n = 0 }, { .n = 0 }, { .s = { "", 0 } }, { .s = { NULL, 0 } } },
		        "+0\t0\t\t\\N" },
		{ { { .n = INT64_MAX }, { .n = 1 }, { .s = { "a\tb\nc\\d", 7 } },
		          { .s = { "\\N", 2 } } },
		        "+9223372036854775807\t1\ta\\tb\\nc\\\\d\t\\\\N" },
		{ { { .n = INT64_MIN }, { .n = 1 }, { .s = { "\xff\r", 2 } }, { .s = { "+", 1 } } },
		        "+-9223372036854775808\t1\t\xff\r\t+" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		CLEANUP(buf_free) struct buf line = { 0 };
		struct move_value back[MOVE_COLUMNS_MOST];

		move_print(&shape, rows[i].values, &line);
		ck_assert_str_eq(line.p, rows[i].line);
		ck_assert(move_parse(&shape, line.p, line.len, back));
		for (size_t j = 0; j < 4; j++) {
			ck_assert_int_eq(back[j].n, rows[i].values[j].n);
			ck_assert(str_eq(back[j].s, rows[i].values[j].s));
			ck_assert_int_eq(back[j].s.p == NULL, rows[i].values[j].s.p == NULL);
		}
	}
}
END_TEST

START_TEST(test_what_is_no_row_is_none)
{
	static const char *const lines[] = { "", "+", "1\t1\ta\tb", "+1\t1\ta", "+1\t1\ta\tb\tc",
		"+x\t1\ta\tb", "+\t1\ta\tb", "+1\t2\ta\tb", "+1\t-1\ta\tb",
		"+9223372036854775808\t1\ta\tb", "+1\t1\t\\x\tb", "+1\t1\ta\t\\", "+1\t1\ta\\N\tb",
		"+\\N\t1\ta\tb" };

	for (size_t i = 0; i < COUNT(lines); i++) {
		struct move_value values[MOVE_COLUMNS_MOST];
		char line[64];

		snprintf(line, sizeof(line), "%s", lines[i]);
		ck_assert_msg(!move_parse(&shape, line, strlen(line), values), "%s", lines[i]);
	}
}
END_TEST

/* Two rows in the other order are the same, and a row that is there twice is not none. */
START_TEST(test_a_sum_is_of_the_rows_whatever_their_order)
{
	struct move_sum sums[4] = { { 0 } };
	char texts[4][RH_SHA256_TEXT];

	move_sum_add(&sums[0], STR("a")), move_sum_add(&sums[0], STR("b"));
	move_sum_add(&sums[1], STR("b")), move_sum_add(&sums[1], STR("a"));
	move_sum_add(&sums[2], STR("a")), move_sum_add(&sums[2], STR("a"));
	for (size_t i = 0; i < COUNT(sums); i++)
		move_sum_text(&sums[i], texts[i]);
	ck_assert_str_eq(texts[0], texts[1]);
	ck_assert_str_ne(texts[0], texts[2]);
	ck_assert_str_ne(texts[2], texts[3]);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("tables of a move");
	TCase *tests = tcase_create("tables");

	tcase_set_timeout(tests, 0);
	tcase_add_test(tests, test_every_column_of_a_sqlite_is_carried);
	tcase_add_test(tests, test_every_column_of_a_postgresql_is_carried);
	tcase_add_test(tests, test_a_row_is_a_line_and_back);
	tcase_add_test(tests, test_what_is_no_row_is_none);
	tcase_add_test(tests, test_a_sum_is_of_the_rows_whatever_their_order);
	suite_add_tcase(suite, tests);
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	return suite_run(suite, CK_NOFORK);
}
