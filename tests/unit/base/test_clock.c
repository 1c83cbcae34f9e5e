/* test_clock: the clock of schedules (fault P2), on readings that a test makes up. */
#include "../suite.h"
#include "roamhub/base.h"

#include <check.h>
#include <stdlib.h>

enum { HOUR_MS = 3600 * 1000 };

static const int64_t noon_ms = 1796040000000; /* 2026-11-30T12:00:00Z */

START_TEST(test_the_schedule_starts_with_the_wall_clock)
{
	const struct rh_schedule start = { noon_ms, 5000 };

	ck_assert_int_eq(rh_schedule_at(&start, 5000), noon_ms);
}
END_TEST

/* Fault P2: the wall clock has no way into what is due after the start. */
START_TEST(test_the_schedule_goes_as_fast_as_boot_time)
{
	static const int64_t passed_ms[] = { 1, 999, 300 * 1000, HOUR_MS, 500LL * 24 * HOUR_MS };
	const struct rh_schedule start = { noon_ms, 5000 };

	for (size_t i = 0; i < COUNT(passed_ms); i++)
		ck_assert_int_eq(
		        rh_schedule_at(&start, 5000 + passed_ms[i]), noon_ms + passed_ms[i]);
}
END_TEST

START_TEST(test_a_stored_due_time_is_met_by_the_next_process)
{
	const struct rh_schedule before = { noon_ms, 5000 };
	const struct rh_schedule rebooted = { noon_ms + HOUR_MS, 20 };
	int64_t due_ms = rh_schedule_at(&before, 5000) + 2 * HOUR_MS;

	ck_assert_int_lt(rh_schedule_at(&rebooted, 20 + HOUR_MS - 1), due_ms);
	ck_assert_int_eq(rh_schedule_at(&rebooted, 20 + HOUR_MS), due_ms);
}
END_TEST

/* Readings of boot time lie inside and outside of the schedule's, so that no pause of the machine
 * matters. */
START_TEST(test_the_process_schedule_follows_boot_time)
{
	int64_t outside = rh_boot_ms(), first = rh_schedule_ms();
	int64_t inside = rh_boot_ms(), inside_end = rh_boot_ms();
	int64_t last = rh_schedule_ms(), outside_end = rh_boot_ms();

	ck_assert_int_ge(last - first, inside_end - inside);
	ck_assert_int_le(last - first, outside_end - outside);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("clock");
	TCase *tcase = tcase_create("clock");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, test_the_schedule_starts_with_the_wall_clock);
	tcase_add_test(tcase, test_the_schedule_goes_as_fast_as_boot_time);
	tcase_add_test(tcase, test_a_stored_due_time_is_met_by_the_next_process);
	tcase_add_test(tcase, test_the_process_schedule_follows_boot_time);
	return suite_run(suite, CK_NOFORK);
}
