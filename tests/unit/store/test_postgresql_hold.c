/* test_postgresql_hold: who writes to a PostgreSQL, and who does not any more.
 * It is started with a server of its own: tests/postgresql/with. */
#include "../suite.h"
#include "other.h"
#include "share.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#define RAISING OTHERS "AND wait_event = 'SyncRep' AND strpos(query, 'UPDATE process') > 0"

START_TEST(test_who_holds_the_lock_and_waits_for_a_client_that_is_gone_is_ended)
{
	struct rig rig;
	struct pg *gone;

	rig_begin(&rig, "postgresql:");
	gone = connect_to(&rig);
	say(gone, "BEGIN");
	say(gone, "SELECT pg_advisory_xact_lock(" LOCK ")");
	share_put(&rig, "* m A X", "b", 1);
	ck_assert(!pg_do(gone, "SELECT 1"));
	pg_close(gone);
	rig_end(&rig);
}
END_TEST

/* The same of the row that tells whose session it is, which a new connection waits for, and of the
 * schema at a start. */
START_TEST(test_who_has_what_a_new_connection_waits_for_is_ended)
{
	struct rig rig;
	struct pg *pg, *gone;

	rig_begin(&rig, "postgresql:");
	pg = connect_to(&rig);
	gone = connect_to(&rig);
	say(gone, "BEGIN");
	say(gone, "SELECT * FROM process FOR UPDATE");
	say(pg, "SELECT pg_terminate_backend(pid) " WRITER);
	share_put(&rig, "* m A X", "b", 1);
	ck_assert(!pg_do(gone, "SELECT 1"));
	pg_close(gone);
	rig_close(&rig);
	gone = connect_to(&rig);
	say(gone, "BEGIN");
	say(gone, "LOCK TABLE migration");
	rig_open(&rig);
	ck_assert(!pg_do(gone, "SELECT 1"));
	pg_close(gone);
	pg_close(pg);
	rig_end(&rig);
}
END_TEST

START_TEST(test_two_hubs_never_share_one_database)
{
	struct fault fault = { 0 };
	struct rig rig;

	rig_begin(&rig, "postgresql:");
	ck_assert_ptr_null(store_open(&rig.conf, &fault));
	ck_assert_msg(strstr(fault.why, "in use by another hub") != NULL, "%s", fault.why);
	rig_end(&rig);
}
END_TEST

START_TEST(test_who_was_taken_over_stops)
{
	struct share share = { .body = "b" };
	struct store_op op = share_op("* m A X", &share);
	struct store_stats stats;
	struct rig rig;
	struct pg *pg;

	rig_begin(&rig, "postgresql:");
	pg = connect_to(&rig);
	say(pg, "UPDATE process SET session = session + 1");
	ck_assert_int_eq(rig_do(&rig, &op), RH_STORE_FAILED);
	store_stats(rig.store, &stats);
	ck_assert(stats.failed);
	ck_assert_msg(strstr(stats.reason, "took this database over") != NULL, "%s", stats.reason);
	ck_assert_int_eq(ask(pg, "SELECT count(*) FROM object"), 0);
	pg_close(pg);
	rig_end(&rig);
}
END_TEST

/* The standby that took over lacks what was acknowledged. */
START_TEST(test_an_older_copy_is_not_gone_on_with)
{
	struct share share = { .body = "b" };
	struct store_op op = share_op("* m A Y", &share);
	struct store_stats stats;
	struct rig rig;
	struct pg *pg;

	rig_begin(&rig, "postgresql:");
	pg = connect_to(&rig);
	share_put(&rig, "* m A X", "b", 1);
	say(pg, "UPDATE process SET batch = batch - 1");
	say(pg, "SELECT pg_terminate_backend(pid) " WRITER);
	ck_assert_int_eq(rig_do(&rig, &op), RH_STORE_FAILED);
	store_stats(rig.store, &stats);
	ck_assert(stats.failed && stats.older);
	ck_assert_msg(strstr(stats.reason, "an older copy") != NULL, "%s", stats.reason);
	ck_assert_int_eq(ask(pg, "SELECT count(*) FROM object"), 1);
	pg_close(pg);
	rig_end(&rig);
}
END_TEST

/* The session was raised, and the answer is lost with the connection, or is a warning that no
 * standby has it. */
START_TEST(test_a_session_that_may_have_been_raised_is_its_own)
{
	static const char *const ends[] = { "SELECT pg_terminate_backend(pid) ",
		"SELECT pg_cancel_backend(pid) " };
	struct share share = { .body = "b" }, later = { .body = "b" };
	struct rig_op op = { .op = share_op("* m A X", &share) };
	int64_t until_ms = rh_mono_ms() + 20000;
	char sql[256];
	struct rig rig;
	struct pg *pg;

	rig_begin(&rig, "postgresql:");
	pg = connect_to(&rig);
	share_put(&rig, "* m A Y", "before", 1);
	await_standby(&rig, pg);
	rig_submit(&rig, &op);
	wait_until(pg, "SELECT count(*) " OTHERS "AND wait_event = 'SyncRep'");
	say(pg, "SELECT pg_terminate_backend(pid) " WRITER);
	wait_until(pg, "SELECT count(*) " RAISING);
	snprintf(sql, sizeof(sql), "%s" RAISING, ends[_i]);
	say(pg, sql);
	rig_wait(&rig, &op);
	ck_assert_int_eq(op.op.err, RH_STORE_FAILED);
	say(pg, "ALTER SYSTEM RESET synchronous_standby_names");
	say(pg, "SELECT pg_reload_conf()");
	do {
		op = (struct rig_op){ .op = share_op("* m A Z", &later) };
		rig_submit(&rig, &op);
		rig_wait(&rig, &op);
	} while (op.op.err != RH_OK && rh_mono_ms() < until_ms);
	ck_assert_msg(op.op.err == RH_OK, "%s", op.op.why);
	pg_close(pg);
	rig_end(&rig);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("hold on PostgreSQL");
	TCase *tests = tcase_create("hold");

	tcase_add_test(tests, test_who_holds_the_lock_and_waits_for_a_client_that_is_gone_is_ended);
	tcase_add_test(tests, test_who_has_what_a_new_connection_waits_for_is_ended);
	tcase_add_test(tests, test_two_hubs_never_share_one_database);
	tcase_add_test(tests, test_who_was_taken_over_stops);
	tcase_add_test(tests, test_an_older_copy_is_not_gone_on_with);
	tcase_add_loop_test(tests, test_a_session_that_may_have_been_raised_is_its_own, 0, 2);
	suite_add_tcase(suite, tests);
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	return suite_run(suite, CK_NOFORK);
}
