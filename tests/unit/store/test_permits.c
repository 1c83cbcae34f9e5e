/* unit tests of permits: whose rows of the trace are kept (fault S9), by a clock that is given. */
#include "../suite.h"
#include "permits.h"

#include <check.h>
#include <stdlib.h>

enum { RATE = 1000, SECOND_US = 1000000, STEP_US = 1000 };

static struct permits *permits;

static void
setup(void)
{
	permits = rh_alloc(sizeof(*permits));
}

static void
teardown(void)
{
	free(permits);
}

static bool
take(int64_t platform, bool pushed, bool failed, int64_t now_us)
{
	const struct store_trace_claim claim = { platform, pushed, failed, 1 };

	return permits_take(permits, &claim, RATE, now_us);
}

/* How many of @times are kept. */
static size_t
take_some(int64_t platform, bool pushed, bool failed, size_t times, int64_t now_us)
{
	size_t kept = 0;

	for (size_t i = 0; i < times; i++)
		kept += take(platform, pushed, failed, now_us);
	return kept;
}

START_TEST(test_fault_S9_noise_of_all_kinds_hides_nobody_who_says_little)
{
	size_t strangers = 0, noisy = 0, pushes = 0, quiet = 0, said = 0, sum;

	for (int64_t now_us = SECOND_US; now_us < 61LL * SECOND_US; now_us += STEP_US) {
		strangers += take_some(0, false, true, 5, now_us);
		noisy += take_some(1, false, false, 5, now_us);
		pushes += take_some(1, true, false, 50, now_us);
		if (now_us / STEP_US % 100 == 0) {
			int64_t who = 2 + now_us / STEP_US / 100 % 20;

			quiet += take_some(who, false, false, 4, now_us);
			said += 4;
		}
	}
	sum = strangers + noisy + pushes + quiet;
	ck_assert_uint_eq(quiet, said);
	ck_assert_uint_ge(strangers, 60);
	ck_assert_uint_le(strangers, 200);
	ck_assert_uint_ge(noisy, 60 * RATE / 3);
	ck_assert_uint_ge(pushes, 60 * RATE / 3);
	ck_assert_uint_le(sum, 61 * RATE);
}
END_TEST

START_TEST(test_noisy_ones_share_alike_and_leave_some)
{
	size_t kept[16] = { 0 }, quiet = 0;

	for (int64_t now_us = SECOND_US; now_us < 31LL * SECOND_US; now_us += STEP_US) {
		for (int who = 0; who < 16; who++)
			kept[who] += take_some(who + 1, false, false, 2, now_us);
		if (now_us / STEP_US % 200 == 0)
			quiet += take(99, false, false, now_us);
	}
	for (int who = 0; who < 16; who++) {
		ck_assert_uint_ge(kept[who], 30 * RATE / 16 / 2);
		ck_assert_uint_le(kept[who], 30 * RATE / 16 * 2);
	}
	ck_assert_uint_eq(quiet, 30 * 5);
}
END_TEST

START_TEST(test_failures_are_kept_before_successes)
{
	ck_assert_uint_lt(take_some(1, false, false, 2 * RATE, SECOND_US), RATE);
	ck_assert_uint_eq(take_some(1, false, true, 50, SECOND_US), 50);
	ck_assert(!take(1, false, false, SECOND_US));
}
END_TEST

START_TEST(test_one_alone_gets_most_of_the_rate)
{
	size_t kept = 0;

	for (int64_t now_us = SECOND_US; now_us < 11LL * SECOND_US; now_us += STEP_US)
		kept += take_some(1, false, false, 5, now_us);
	ck_assert_uint_ge(kept, 10 * RATE * 6 / 10);
	ck_assert_uint_le(kept, 11 * RATE);
}
END_TEST

START_TEST(test_a_crowd_of_platforms_takes_no_more_room_and_no_more_than_the_rate)
{
	size_t kept = 0;

	for (int64_t who = 1; who <= 100000; who++)
		kept += take(who, who % 2, false, SECOND_US);
	ck_assert_uint_ge(kept, RATE / 2);
	ck_assert_uint_le(kept, RATE + 1);
	ck_assert(take(7, false, false, 10LL * SECOND_US));
}
END_TEST

START_TEST(test_a_rate_of_nothing_keeps_nothing_and_of_one_something)
{
	const struct store_trace_claim claim = { 1, .rows = 2 };

	ck_assert(!permits_take(permits, &claim, 0, SECOND_US));
	ck_assert(permits_take(permits, &claim, 1, SECOND_US));
	ck_assert(!permits_take(permits, &claim, 1, SECOND_US));
	ck_assert(permits_take(permits, &claim, 1000000, SECOND_US));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("store permits");
	TCase *tests = tcase_create("shares");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_set_timeout(tests, 0);
	tcase_add_test(tests, test_fault_S9_noise_of_all_kinds_hides_nobody_who_says_little);
	tcase_add_test(tests, test_noisy_ones_share_alike_and_leave_some);
	tcase_add_test(tests, test_failures_are_kept_before_successes);
	tcase_add_test(tests, test_one_alone_gets_most_of_the_rate);
	tcase_add_test(
	        tests, test_a_crowd_of_platforms_takes_no_more_room_and_no_more_than_the_rate);
	tcase_add_test(tests, test_a_rate_of_nothing_keeps_nothing_and_of_one_something);
	suite_add_tcase(suite, tests);
	return suite_run(suite, CK_NOFORK);
}
