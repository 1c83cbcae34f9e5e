/* test_due: when tokens are exchanged, by the calendar and after failures. */
#include <check.h>
#include <stdlib.h>

#include "../../../src/hub/parties/due.h"
#include "../suite.h"

static const int64_t hour = 3600 * 1000, day = 24 * (int64_t)3600 * 1000, now = 1795000000000;

/* CRD-034: not all at once, and none late: between 7/8 and 15/16 of its days. */
START_TEST(test_CRD_034_an_exchange_begins_before_its_time_is_over)
{
	int64_t first = INT64_MAX, last = 0;

	for (int64_t platform = 1; platform <= 500; platform++) {
		int64_t at = due_begin_ms(platform, now, 30, now);

		ck_assert_int_ge(at, now + 30 * day * 7 / 8);
		ck_assert_int_le(at, now + 30 * day * 15 / 16);
		ck_assert_int_eq(at, due_begin_ms(platform, now, 30, now + 20 * day));
		first = at < first ? at : first;
		last = at > last ? at : last;
	}
	ck_assert_int_gt(last - first, day);
}
END_TEST

static const struct {
	const char *what;
	int64_t made, days; /* made: before now */
	bool begins, over;
} calendar[] = {
	{ "made just now", 0, 30, false, false },
	{ "half of its time", 15, 30, false, false },
	{ "in its last day", 29, 30, true, false },
	{ "its time is over", 31, 30, true, true },
	{ "no calendar", 4000, 0, false, false },
	{ "the clock was 500 days back", 500, 30, true, true },
	{ "of tomorrow: the clock was ahead when it was made", -1, 30, true, false },
	{ "of 500 days from now", -500, 30, true, false },
};

/* fault P2: whatever the clock did, a token is exchanged once and then is of now */
START_TEST(test_a_clock_that_moved_makes_no_token_immortal)
{
	int64_t made_ms = now - calendar[_i].made * day, days = calendar[_i].days;

	ck_assert_msg((due_begin_ms(7, made_ms, days, now) <= now) == calendar[_i].begins, "%s",
	        calendar[_i].what);
	ck_assert_msg(
	        due_is_over(made_ms, days, now) == calendar[_i].over, "%s", calendar[_i].what);
	if (days > 0)
		ck_assert_int_gt(due_begin_ms(7, now, days, now), now);
}
END_TEST

START_TEST(test_what_is_not_known_is_not_due)
{
	ck_assert_int_eq(due_begin_ms(7, 0, 30, now), INT64_MAX);
	ck_assert(!due_is_over(0, 30, now));
}
END_TEST

START_TEST(test_pauses_double_up_to_half_a_day)
{
	ck_assert_int_eq(due_pause_ms(30000, 1), 30000);
	ck_assert_int_eq(due_pause_ms(30000, 2), 60000);
	ck_assert_int_eq(due_pause_ms(30000, 5), 480000);
	ck_assert_int_eq(due_pause_ms(30000, 12), 12 * hour);
	ck_assert_int_eq(due_pause_ms(30000, 4000000000u), 12 * hour);
	ck_assert_int_eq(due_pause_ms(7 * day, 1), 12 * hour);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("due");
	TCase *tests = tcase_create("due");

	tcase_add_test(tests, test_CRD_034_an_exchange_begins_before_its_time_is_over);
	tcase_add_loop_test(
	        tests, test_a_clock_that_moved_makes_no_token_immortal, 0, (int)COUNT(calendar));
	tcase_add_test(tests, test_what_is_not_known_is_not_due);
	tcase_add_test(tests, test_pauses_double_up_to_half_a_day);
	suite_add_tcase(suite, tests);
	return suite_run(suite, CK_FORK_GETENV);
}
