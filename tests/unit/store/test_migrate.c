/* test_migrate: numbered migrations run once and in order; what cannot be right refuses the start.
 */
#include "rig.h"

#include "../suite.h"
#include "migrate.h"
#include "sqlite.h"

#include <check.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static const struct migration three[] = {
	{ 1, "0001_one.sql", "CREATE TABLE one (a);" },
	{ 2, "0002_two.sql", "CREATE TABLE two (a); INSERT INTO two VALUES (1);" },
	{ 3, "0003_three.sql", "ALTER TABLE two ADD COLUMN b; UPDATE two SET b = a;" },
};

static struct db *
empty_database(struct rig *rig)
{
	struct fault fault = { 0 };
	struct db *db;

	rig_begin(rig, "sqlite:");
	rig_close(rig);
	db = db_open(rig_beside(rig, "-other"), DB_WRITER, &fault);
	ck_assert_ptr_nonnull(db);
	return db;
}

START_TEST(test_migrations_run_once_in_order_and_go_on_where_they_stopped)
{
	struct fault fault = { 0 };
	struct rig rig;
	struct db *db = empty_database(&rig);

	ck_assert_int_eq(migrate(db, three, 2, &fault), RH_OK);
	ck_assert_int_eq(migrate(db, three, 2, &fault), RH_OK);
	ck_assert_int_eq(migrate(db, three, 3, &fault), RH_OK);
	ck_assert_int_eq(db_exec(db, "SELECT b FROM two"), OUTCOME_OK);
	db_bind(db, SQL_MIGRATIONS, NULL, 0);
	for (int i = 1; i <= 3; i++) {
		ck_assert(db_next(db, SQL_MIGRATIONS));
		ck_assert_int_eq(db_int(db, SQL_MIGRATIONS, 0), i);
	}
	ck_assert(!db_next(db, SQL_MIGRATIONS));
	db_end(db, SQL_MIGRATIONS);
	db_close(db);
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_migration_that_was_changed_refuses_the_start)
{
	struct migration changed[COUNT(three)];
	struct fault fault = { 0 };
	struct rig rig;
	struct db *db = empty_database(&rig);

	memcpy(changed, three, sizeof(three));
	changed[1].sql = "CREATE TABLE two (a); INSERT INTO two VALUES (2);";
	ck_assert_int_eq(migrate(db, three, 3, &fault), RH_OK);
	ck_assert_int_eq(migrate(db, changed, 3, &fault), RH_STORE_FAILED);
	ck_assert_msg(strstr(fault.why, "0002_two.sql") != NULL, "%s", fault.why);
	ck_assert_msg(strstr(fault.why, "changed") != NULL, "%s", fault.why);
	db_close(db);
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_database_from_the_future_refuses_the_start)
{
	struct fault fault = { 0 };
	struct rig rig;
	struct db *db = empty_database(&rig);

	ck_assert_int_eq(migrate(db, three, 3, &fault), RH_OK);
	ck_assert_int_eq(migrate(db, three, 2, &fault), RH_STORE_FAILED);
	ck_assert_msg(strstr(fault.why, "0003_three.sql") != NULL, "%s", fault.why);
	ck_assert_msg(strstr(fault.why, "newer") != NULL, "%s", fault.why);
	db_close(db);
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_missing_migration_refuses_the_start)
{
	struct fault fault = { 0 };
	struct rig rig;
	struct db *db = empty_database(&rig);

	ck_assert_int_eq(migrate(db, three, 3, &fault), RH_OK);
	ck_assert_int_eq(db_exec(db, "DELETE FROM migration WHERE number = 2"), OUTCOME_OK);
	ck_assert_int_eq(migrate(db, three, 3, &fault), RH_STORE_FAILED);
	ck_assert_msg(strstr(fault.why, "0002_two.sql") != NULL, "%s", fault.why);
	db_close(db);
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_migration_that_fails_leaves_nothing_behind)
{
	static const struct migration broken[] = {
		{ 1, "0001_one.sql", "CREATE TABLE one (a);" },
		{ 2, "0002_two.sql", "CREATE TABLE two (a); INSERT INTO nowhere VALUES (1);" },
	};
	struct fault fault = { 0 };
	struct rig rig;
	struct db *db = empty_database(&rig);

	ck_assert_int_eq(migrate(db, broken, 2, &fault), RH_STORE_FAILED);
	ck_assert_msg(strstr(fault.why, "0002_two.sql") != NULL, "%s", fault.why);
	ck_assert(!db_in_transaction(db));
	ck_assert_int_eq(migrate(db, three, 3, &fault), RH_OK); /* table two is not there yet */
	db_close(db);
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_store_refuses_a_database_of_a_newer_program)
{
	struct fault fault = { 0 };
	struct rig rig;
	struct db *db;

	rig_begin(&rig, "sqlite:");
	rig_close(&rig);
	db = db_open(rig_file(&rig), DB_WRITER, &fault);
	ck_assert_int_eq(
	        db_exec(db, "INSERT INTO migration VALUES (9999, '9999_flying.sql', x'00', 0)"),
	        OUTCOME_OK);
	db_close(db);
	ck_assert_ptr_null(store_open(&rig.conf, &fault));
	ck_assert_msg(strstr(fault.why, "9999_flying.sql") != NULL, "%s", fault.why);
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_file_that_is_no_database_refuses_the_start)
{
	struct fault fault = { 0 };
	struct rig rig;
	int fd;

	rig_begin(&rig, "sqlite:");
	rig_close(&rig);
	fd = open(rig_file(&rig), O_WRONLY | O_TRUNC);
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(
		        write(fd, "this is not a database, whatever its name says. ", 48), 48);
	close(fd);
	ck_assert_ptr_null(store_open(&rig.conf, &fault));
	ck_assert_msg(strstr(fault.why, "not a database") != NULL, "%s", fault.why);
	rig_end(&rig);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("store migrate");
	TCase *tests = tcase_create("migrations");

	tcase_set_timeout(tests, 0);
	tcase_add_test(tests, test_migrations_run_once_in_order_and_go_on_where_they_stopped);
	tcase_add_test(tests, test_a_migration_that_was_changed_refuses_the_start);
	tcase_add_test(tests, test_a_database_from_the_future_refuses_the_start);
	tcase_add_test(tests, test_a_missing_migration_refuses_the_start);
	tcase_add_test(tests, test_a_migration_that_fails_leaves_nothing_behind);
	tcase_add_test(tests, test_a_store_refuses_a_database_of_a_newer_program);
	tcase_add_test(tests, test_a_file_that_is_no_database_refuses_the_start);
	suite_add_tcase(suite, tests);
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	return suite_run(suite, CK_NOFORK);
}
