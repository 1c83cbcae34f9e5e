/* test_objects: objects in a file. What a restart keeps, and bytes that the disk changed. */
#include "owed.h"

#include "../suite.h"
#include "sqlite.h"

#include <check.h>
#include <string.h>

static void
reopen(struct rig *rig)
{
	rig_close(rig);
	rig_open(rig);
}

START_TEST(test_change_numbers_go_on_after_a_restart_also_when_their_rows_are_gone)
{
	struct store_op expire = { .verb = STORE_EXPIRE,
		.u.expire = { .now_ms = INT64_MAX / 2, .before_ms = INT64_MAX } };
	int64_t last, head, next;
	struct rig rig;

	rig_begin(&rig, "sqlite:");
	share_put(&rig, "* locations A L1", "1", 1);
	share_put(&rig, "* locations A L1", "2", 1);
	reopen(&rig);
	share_feed(&rig, 0, 10, &head);
	ck_assert_int_eq(head, 2);
	share_put(&rig, "* locations A L1", NULL, 1);
	last = share_put(&rig, "V cdrs A C1", "3", 1);
	ck_assert_int_eq(rig_do(&rig, &expire), RH_OK);
	ck_assert_uint_eq(expire.u.expire.dropped, 2);
	reopen(&rig);
	share_feed(&rig, 0, 10, &head);
	ck_assert_int_eq(head, last);
	next = share_put(&rig, "* locations A L1", "4", 1);
	ck_assert_int_gt(next, last);
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_restart_keeps_objects_totals_and_cursors)
{
	struct store_page_args args = {
		.module = STR("locations"), .viewer = STR("V"), .limit = 10
	};
	struct store_cursor cursor = { STR("platform/7"), 2, STR("4,9") };
	struct store_op save = { .verb = STORE_CURSORS_SAVE, .u.cursors = { &cursor, 1 } };
	struct store_op load = { .verb = STORE_CURSORS_LOAD };
	struct rig rig;

	rig_begin(&rig, "sqlite:");
	share_put(&rig, "* locations A L1", "1", 1);
	share_put(&rig, "* locations A L2", "1", 1);
	share_put(&rig, "V locations A L1", "1", 1);
	ck_assert_int_eq(rig_do(&rig, &save), RH_OK);
	reopen(&rig);
	ck_assert_str_eq(share_page(&rig, &args), "L2 L1");
	ck_assert_uint_eq(args.total, 2);
	ck_assert_int_eq(rig_do(&rig, &load), RH_OK);
	ck_assert_uint_eq(load.u.cursors.count, 1);
	ck_assert_int_eq(load.u.cursors.cursors[0].change, 2);
	ck_assert(str_is(load.u.cursors.cursors[0].ahead, "4,9"));
	rig_end(&rig);
}
END_TEST

/* fault D8: what is to be tried again is not lost with the process. */
START_TEST(test_a_restart_keeps_what_is_parked_and_what_was_redriven)
{
	const struct store_parked row = owed_row("platform/7", "NL*MSP", "* m A L1");
	struct store_op redrive = { .verb = STORE_REDRIVE,
		.u.redrive = { .receiver = STR("platform/7"), .now_ms = 500 } };
	struct store_parked_args args = {
		.receiver = STR("platform/7"), .now_ms = 1000, .limit = 9
	};
	struct rig rig;

	rig_begin(&rig, "sqlite:");
	owed_park(&rig, &row, 1);
	owed_refuse(&rig, "platform/7", "NL*MSP", "* m A L2", 4, 100);
	ck_assert_int_eq(rig_do(&rig, &redrive), RH_OK);
	reopen(&rig);
	ck_assert_str_eq(owed_due(&rig, &args), "platform/7/NL*MSP/L1 platform/7/NL*MSP/L2");
	ck_assert_uint_eq(args.total, 2);
	ck_assert_str_eq(owed_refusals(&rig, NULL), "platform/7/NL*MSP/L2@4");
	rig_end(&rig);
}
END_TEST

START_TEST(test_damaged_bytes_are_never_served_and_a_put_puts_them_right)
{
	static const char *const damages[] = {
		"UPDATE object SET body = 'twO' WHERE id = 'L2'",
		"UPDATE object SET body = '' WHERE id = 'L2'",
		"UPDATE object SET body = NULL WHERE id = 'L2'",
		"UPDATE object SET digest = NULL WHERE id = 'L2'",
		"UPDATE object SET digest = x'00' WHERE id = 'L2'",
		"UPDATE object SET digest = zeroblob(32) WHERE id = 'L2'",
	};
	struct store_page_args args = { .module = STR("locations"), .limit = 10 };
	struct rig rig;

	for (size_t i = 0; i < COUNT(damages); i++) {
		struct share share = { .body = "mended" };
		struct store_op patch = share_op("* locations A L2", &share);
		struct store_stats stats;

		rig_begin(&rig, "sqlite:");
		rh_log_setup((enum rh_level) - 1, LOG_TEXT);
		share_put(&rig, "* locations A L1", "one", 1);
		share_put(&rig, "* locations A L2", "two", 1);
		share_put(&rig, "* locations A L3", "three", 1);
		rig_tamper(&rig, damages[i]);
		ck_assert_int_eq(share_get(&rig, "* locations A L2", NULL), RH_STORE_FAILED);
		ck_assert_str_eq(share_page(&rig, &args), "L1 L3");
		ck_assert_uint_eq(args.total, 3);
		ck_assert_str_eq(share_feed(&rig, 0, 2, NULL), "L1:one L3:three");
		patch.u.share.method = STR("PATCH");
		ck_assert_int_eq(rig_do(&rig, &patch), RH_STORE_FAILED);
		ck_assert_int_eq(patch.u.share.fault.err, RH_STORE_FAILED);
		ck_assert_uint_eq(share.calls, 0);
		store_stats(rig.store, &stats);
		ck_assert_uint_eq(stats.damaged, 4);
		ck_assert_uint_eq(stats.failures, 2);
		share_put(&rig, "* locations A L2", "mended", 1);
		ck_assert_int_eq(share_get(&rig, "* locations A L2", NULL), RH_OK);
		ck_assert_str_eq(share_page(&rig, &args), "L1 L2 L3");
		ck_assert_uint_eq(args.total, 3);
		rh_log_setup(LOG_ERROR, LOG_TEXT);
		rig_end(&rig);
	}
}
END_TEST

/* Half a share is never kept: an error behind the first of its statements undoes the others. */
START_TEST(test_a_share_that_fails_half_way_leaves_nothing_behind)
{
	struct store_page_args args = { .module = STR("locations"), .limit = 10 };
	struct share share = { .body = "new" };
	struct store_op op = share_op("* locations A L2", &share);
	int64_t before, after;
	struct rig rig;

	rig_begin(&rig, "sqlite:");
	before = share_put(&rig, "* locations A L1", "one", 1);
	rig_tamper(&rig, "CREATE TRIGGER t BEFORE UPDATE ON object_count "
	                 "BEGIN SELECT raise(ABORT, 'no'); END");
	ck_assert_int_eq(rig_do(&rig, &op), RH_STORE_FAILED);
	share_feed(&rig, 0, 10, &after);
	ck_assert_int_ge(after, before);
	ck_assert_int_eq(share_get(&rig, "* locations A L2", NULL), RH_NOT_FOUND);
	ck_assert_str_eq(share_page(&rig, &args), "L1");
	ck_assert_uint_eq(args.total, 1);
	ck_assert_int_gt(share_put(&rig, "* locations A L1", "two", 1), after);
	rig_end(&rig);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("store objects");
	TCase *tests = tcase_create("in a file");

	tcase_add_test(
	        tests, test_change_numbers_go_on_after_a_restart_also_when_their_rows_are_gone);
	tcase_add_test(tests, test_a_restart_keeps_objects_totals_and_cursors);
	tcase_add_test(tests, test_a_restart_keeps_what_is_parked_and_what_was_redriven);
	tcase_add_test(tests, test_damaged_bytes_are_never_served_and_a_put_puts_them_right);
	tcase_add_test(tests, test_a_share_that_fails_half_way_leaves_nothing_behind);
	suite_add_tcase(suite, tests);
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	return suite_run(suite, CK_NOFORK);
}
