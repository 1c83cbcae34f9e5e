/* test_move: everything goes from a SQLite to a PostgreSQL and back, and nothing is lost, changed
 * or let in that is not whole. Two exports of the same rows are the same bytes, whichever store had
 * them, so that files are compared. It is started with a server of its own: tests/postgresql/with.
 */
#include "../suite.h"
#include "filled.h"
#include "move.h"
#include "other.h"
#include "sqlite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STORES = 2 };
static const char *const schemes[STORES] = { "sqlite:", "postgresql:" };

/* ---- out and in ---- */

static const char *
file_of(struct rig *rig, const char *name)
{
	snprintf(rig->beside, sizeof(rig->beside), "%s/%s", rig->dir, name);
	return rig->beside;
}

static bool skip_damaged;

static enum rh_err
leave(struct rig *rig, const char *path, struct store_moved *moved, struct fault *fault)
{
	struct store_found found;
	struct store *store = store_look(&rig->conf, &found, fault);
	enum rh_err err;

	if (store == NULL)
		return fault->err;
	err = store_move_out(store, path, skip_damaged, moved, fault);
	store_close(store);
	return err;
}

static enum rh_err
come(struct rig *rig, const char *path, struct store_moved *moved, struct fault *fault)
{
	struct move_file *file = move_file_open(path, fault);
	struct store_found found;
	struct store *store;
	enum rh_err err;

	if (file == NULL)
		return fault->err;
	store = store_look(&rig->conf, &found, fault);
	ck_assert_msg(store != NULL, "%s", fault->why);
	err = store_move_in(store, file, move_file_key_mark(file), moved, fault);
	store_close(store);
	move_file_close(file);
	return err;
}

static struct store_moved
must_leave(struct rig *rig, const char *path)
{
	struct store_moved moved;
	struct fault fault = { 0 };

	unlink(path);
	ck_assert_msg(leave(rig, path, &moved, &fault) == RH_OK, "%s", fault.why);
	return moved;
}

static struct store_moved
must_come(struct rig *rig, const char *path)
{
	struct store_moved moved;
	struct fault fault = { 0 };

	ck_assert_msg(come(rig, path, &moved, &fault) == RH_OK, "%s", fault.why);
	return moved;
}

static void
refused(struct rig *rig, const char *path, const char *why)
{
	struct store_moved moved;
	struct fault fault = { 0 };

	ck_assert_msg(come(rig, path, &moved, &fault) != RH_OK, "%s: expected '%s'", path, why);
	ck_assert_msg(strstr(fault.why, why) != NULL, "'%s' does not say '%s'", fault.why, why);
}

static struct str
content(struct rig *rig, const char *path)
{
	FILE *file = fopen(path, "re");
	struct stat st;
	char *p;

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fstat(fileno(file), &st), 0);
	p = arena_alloc(rig->arena, (size_t)st.st_size + 1);
	ck_assert_uint_eq(fread(p, 1, (size_t)st.st_size, file), (size_t)st.st_size);
	fclose(file);
	return (struct str){ p, (size_t)st.st_size };
}

static void
write_file(const char *path, struct str text)
{
	FILE *file = fopen(path, "we");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(text.p, 1, text.len, file), text.len);
	ck_assert_int_eq(fclose(file), 0);
}

/* A store with some of everything, closed, and a file of it. */
static void
begin_filled(struct rig *rig, const char *scheme, char path[128])
{
	rig_begin(rig, scheme);
	fill_store(rig);
	rig_close(rig);
	snprintf(path, 128, "%s/first", rig->dir);
	must_leave(rig, path);
}

static void
begin_empty(struct rig *rig, const char *scheme)
{
	rig_begin(rig, scheme);
	rig_close(rig);
}

/* Its indexes and triggers, which an import drops and makes. */
static struct str
schema_of(struct rig *rig)
{
	static const char of_sqlite[] =
	        "SELECT group_concat(type || name || sql) FROM (SELECT * FROM sqlite_schema "
	        "WHERE sql IS NOT NULL ORDER BY name)";
	static const char of_postgresql[] =
	        "SELECT string_agg(indexdef, ' ' ORDER BY indexname) FROM pg_indexes WHERE "
	        "schemaname = 'roamhub' AND tablename NOT LIKE 'trace%'";
	struct fault fault = { 0 };
	struct str schema;

	if (rig->database[0] == '\0') {
		struct db *db = db_open(rig_file(rig), DB_READER, &fault);

		ck_assert_int_eq(db_prepare_as(db, SQL_MOVE_READ, of_sqlite), OUTCOME_OK);
		db_bind(db, SQL_MOVE_READ, NULL, 0);
		ck_assert(db_next(db, SQL_MOVE_READ));
		schema = db_text(db, SQL_MOVE_READ, 0, rig->arena);
		db_close(db);
	} else {
		struct pg *pg = connect_to(rig);
		struct pg_result *rows = pg_ask(pg, of_postgresql, NULL);

		ck_assert_msg(rows != NULL, "%s", pg_why(pg));
		schema = pg_text(rows, 0, 0, rig->arena);
		pg_result_free(rows);
		pg_close(pg);
	}
	ck_assert_uint_gt(schema.len, 1000);
	return schema;
}

/* ---- all of it, in both directions ---- */

static void
assert_all_tables_have_rows(struct str file)
{
	ck_assert_msg(memmem(file.p, file.len, "\nrows\t0\t", 8) == NULL,
	        "fill_store() puts nothing into a table");
}

START_TEST(test_everything_moves_and_comes_back_as_it_was)
{
	const char *from = schemes[_i], *to = schemes[1 - _i];
	struct store_moved moved;
	struct rig one, two, three;
	char first[128], second[128];
	struct str before, schema;

	begin_filled(&one, from, first);
	before = content(&one, first);
	assert_all_tables_have_rows(before);
	begin_empty(&two, to);
	schema = schema_of(&two);
	moved = must_come(&two, first);
	ck_assert(str_eq(schema_of(&two), schema));
	ck_assert_uint_gt(moved.rows, 20);
	ck_assert_int_eq(moved.change, FILLED_CHANGE);
	snprintf(second, sizeof(second), "%s/second", two.dir);
	ck_assert_str_eq(must_leave(&two, second).digest, moved.digest);
	ck_assert(str_eq(content(&two, second), before));
	begin_empty(&three, from);
	must_come(&three, second);
	must_leave(&three, second);
	ck_assert(str_eq(content(&three, second), before));
	rig_end(&three);
	rig_end(&two);
	rig_end(&one);
}
END_TEST

START_TEST(test_the_hub_goes_on_with_the_numbers_it_had)
{
	struct rig one, two;
	char first[128];

	begin_filled(&one, schemes[_i], first);
	rig_open(&one);
	begin_empty(&two, schemes[1 - _i]);
	must_come(&two, first);
	rig_open(&two);
	filled_as(&one, &two);
	filled_goes_on(&two);
	rig_end(&two);
	rig_end(&one);
}
END_TEST

START_TEST(test_pages_of_a_long_list_begin_where_they_did)
{
	struct rig one, two;
	char first[128];

	rig_begin(&one, schemes[_i]);
	fill_many(&one);
	rig_close(&one);
	snprintf(first, sizeof(first), "%s/first", one.dir);
	must_leave(&one, first);
	begin_empty(&two, schemes[1 - _i]);
	must_come(&two, first);
	rig_open(&one);
	rig_open(&two);
	filled_many_as(&one, &two);
	rig_end(&two);
	rig_end(&one);
}
END_TEST

/* ---- what is not whole ---- */

START_TEST(test_a_file_that_was_cut_anywhere_is_refused_and_changes_nothing)
{
	struct rig one, two;
	char first[128], cut[128];
	struct str whole;

	begin_filled(&one, "sqlite:", first);
	whole = content(&one, first);
	begin_empty(&two, schemes[_i]);
	snprintf(cut, sizeof(cut), "%s/cut", two.dir);
	for (size_t len = 0; len < whole.len; len += whole.len / 40 + 1) {
		write_file(cut, (struct str){ whole.p, len });
		refused(&two, cut, "was cut");
	}
	write_file(cut, (struct str){ whole.p, whole.len - 1 });
	refused(&two, cut, "was cut");
	must_come(&two, first);
	rig_end(&two);
	rig_end(&one);
}
END_TEST

static size_t
line_of(struct str text, size_t number)
{
	size_t at = 0;

	for (; number > 0; number--)
		at = (size_t)((const char *)memchr(text.p + at, '\n', text.len - at) - text.p) + 1;
	return at;
}

START_TEST(test_a_line_that_is_lost_or_changed_is_noticed)
{
	struct rig one, two;
	char first[128], other[128];
	size_t lines = 0;
	struct str whole;

	begin_filled(&one, "sqlite:", first);
	whole = content(&one, first);
	for (size_t i = 0; i < whole.len; i++)
		lines += whole.p[i] == '\n';
	begin_empty(&two, "sqlite:");
	snprintf(other, sizeof(other), "%s/other", two.dir);
	for (size_t i = 0; i + 1 < lines; i++) {
		size_t from = line_of(whole, i), to = line_of(whole, i + 1);
		struct buf text = { .arena = one.arena };

		buf_add(&text, (struct str){ whole.p, from });
		buf_add(&text, str_from(whole, to));
		write_file(other, buf_str(&text));
		refused(&two, other, "");
		text.len = 0;
		buf_add(&text, whole);
		text.p[to - 2] = text.p[to - 2] == '1' ? '2' : '1';
		write_file(other, buf_str(&text));
		refused(&two, other, "");
	}
	must_come(&two, first);
	rig_end(&two);
	rig_end(&one);
}
END_TEST

START_TEST(test_only_files_of_an_export_come_in)
{
	static const char *const rows[][2] = {
		{ "", "was cut" },
		{ "{}\n", "no file of roamhubd --export" },
		{ "roamhub-move\t1\t\nend\t0\t00\n", "another table" },
		{ "roamhub-move\t2\t\nend\t0\t00\n",
		        "is of format 2, this roamhubd reads format 1" },
		{ "roamhub-note\t1\t\nend\t0\t00\n", "no file of roamhubd --export" },
	};
	struct rig rig;
	char path[128];

	begin_empty(&rig, schemes[_i]);
	snprintf(path, sizeof(path), "%s/file", rig.dir);
	refused(&rig, "/nonexistent/file", "No such file");
	for (size_t i = 0; i < COUNT(rows); i++) {
		write_file(path, str_of(rows[i][0]));
		refused(&rig, path, rows[i][1]);
	}
	rig_end(&rig);
}
END_TEST

/* ---- what may leave, and where it may come ---- */

START_TEST(test_a_store_that_is_not_empty_takes_nothing)
{
	struct rig one, two;
	char first[128];

	begin_filled(&one, "sqlite:", first);
	rig_begin(&two, schemes[_i]);
	share_put(&two, "* locations DE*ABC L1", "there already", 1);
	rig_close(&two);
	refused(&two, first, "the database is not empty (table object)");
	rig_open(&two);
	ck_assert_int_eq(share_get(&two, "* locations DE*ABC L1", NULL), RH_OK);
	ck_assert_int_eq(share_put(&two, "* locations DE*ABC L2", "x", 1), 2);
	rig_end(&two);
	rig_end(&one);
}
END_TEST

START_TEST(test_a_file_that_is_there_stays)
{
	struct store_moved moved;
	struct fault fault = { 0 };
	struct rig rig;
	struct stat st;
	char first[128];

	begin_filled(&rig, schemes[_i], first);
	ck_assert_int_eq(stat(first, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(leave(&rig, first, &moved, &fault), RH_STORE_FAILED);
	ck_assert_ptr_nonnull(strstr(fault.why, "File exists"));
	ck_assert_int_eq(stat(first, &st), 0);
	ck_assert_int_eq(leave(&rig, "/nonexistent/file", &moved, &fault), RH_STORE_FAILED);
	rig_end(&rig);
}
END_TEST

static void
no_export(struct rig *rig, const char *why)
{
	const char *path = file_of(rig, "none");
	struct store_moved moved;
	struct fault fault = { 0 };

	ck_assert_int_eq(leave(rig, path, &moved, &fault), RH_STORE_FAILED);
	ck_assert_msg(strstr(fault.why, why) != NULL, "'%s' does not say '%s'", fault.why, why);
	ck_assert_int_ne(access(path, F_OK), 0);
}

static void
change_file(struct rig *rig, const char *sql)
{
	struct fault fault = { 0 };
	struct db *db = db_open(rig_file(rig), DB_WRITER, &fault);

	ck_assert_ptr_nonnull(db);
	ck_assert_msg(db_exec(db, sql) == OUTCOME_OK, "%s", db_why(db));
	db_close(db);
}

START_TEST(test_an_older_schema_is_brought_up_first)
{
	struct rig rig, other;
	char first[128];

	begin_filled(&other, "sqlite:", first);
	begin_empty(&rig, "sqlite:");
	change_file(
	        &rig, "DELETE FROM migration WHERE number = (SELECT max(number) FROM migration)");
	no_export(&rig, "roamhubd --migrate-only");
	refused(&rig, first, "of an older version");
	ck_assert_int_eq(remove(rig_file(&rig)), 0);
	no_export(&rig, "there is nothing to export");
	rig_end(&rig);
	rig_end(&other);
}
END_TEST

START_TEST(test_a_row_that_the_disk_changed_does_not_become_a_right_one)
{
	static const char *const damage[] = {
		"UPDATE object SET body = 'x' WHERE seq = 1",
		"UPDATE cursor SET change = change + 1",
		"UPDATE relink SET target = 'x'",
		"UPDATE token SET kind = kind + 1",
		"UPDATE version SET body = 'x'",
	};

	for (size_t i = 0; i < COUNT(damage); i++) {
		struct rig rig;
		char first[128];

		begin_filled(&rig, "sqlite:", first);
		change_file(&rig, damage[i]);
		no_export(&rig, "is not what was written");
		rig_end(&rig);
	}
}
END_TEST

/* What a hub can do without, and that alone. */
START_TEST(test_rows_that_the_disk_changed_may_be_left_out)
{
	struct rig rig, other;
	char first[128];

	begin_filled(&rig, "sqlite:", first);
	change_file(&rig, "UPDATE object SET body = 'x' WHERE seq IN (1, 2)");
	skip_damaged = true;
	ck_assert_uint_eq(must_leave(&rig, first).damaged, 2);
	begin_empty(&other, "sqlite:");
	(void)must_come(&other, first);
	change_file(&rig, "UPDATE token SET kind = kind + 1");
	no_export(&rig, "cannot be left out");
	rig_end(&other);
	rig_end(&rig);
}
END_TEST

START_TEST(test_what_is_in_memory_does_not_move)
{
	struct store_moved moved;
	struct fault fault = { 0 };
	struct rig rig;

	begin_empty(&rig, "memory:");
	ck_assert_int_eq(leave(&rig, file_of(&rig, "none"), &moved, &fault), RH_STORE_FAILED);
	rig_end(&rig);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("move");
	TCase *tests = tcase_create("move");

	tcase_set_timeout(tests, 0);
	tcase_add_loop_test(tests, test_everything_moves_and_comes_back_as_it_was, 0, STORES);
	tcase_add_loop_test(tests, test_the_hub_goes_on_with_the_numbers_it_had, 0, STORES);
	tcase_add_loop_test(tests, test_pages_of_a_long_list_begin_where_they_did, 0, STORES);
	tcase_add_loop_test(
	        tests, test_a_file_that_was_cut_anywhere_is_refused_and_changes_nothing, 0, STORES);
	tcase_add_test(tests, test_a_line_that_is_lost_or_changed_is_noticed);
	tcase_add_loop_test(tests, test_only_files_of_an_export_come_in, 0, STORES);
	tcase_add_loop_test(tests, test_a_store_that_is_not_empty_takes_nothing, 0, STORES);
	tcase_add_loop_test(tests, test_a_file_that_is_there_stays, 0, STORES);
	tcase_add_test(tests, test_an_older_schema_is_brought_up_first);
	tcase_add_test(tests, test_a_row_that_the_disk_changed_does_not_become_a_right_one);
	tcase_add_test(tests, test_rows_that_the_disk_changed_may_be_left_out);
	tcase_add_test(tests, test_what_is_in_memory_does_not_move);
	suite_add_tcase(suite, tests);
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	return suite_run(suite, CK_NOFORK);
}
