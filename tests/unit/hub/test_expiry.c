/* test_expiry: when the wall clock is believed, and how slices follow each other. */
#include <check.h>
#include <stdlib.h>

#include "../../../src/hub/expiry.h"
#include "../suite.h"

enum { MINUTE = 60000, HOUR = 60 * MINUTE };
static const int64_t day = 24 * (int64_t)HOUR, wall = 1795000000000, boot = 5000000;

static const struct {
	const char *what;
	int64_t stored, now;
	bool held;
} starts[] = {
	{ "the first start", 0, 0, false },
	{ "at once", 0, 5, false },
	{ "after half an hour", 1, 30 * MINUTE, false },
	{ "after an hour", 1, HOUR + 1, false },
	{ "after more", 1, HOUR + 2, true },
	{ "after 500 days", 1, 500LL * 24 * HOUR, true },
	{ "the clock lost some minutes", 1, -30 * MINUTE, false },
	{ "the clock lost its battery", 1, -500LL * 24 * HOUR, true },
};

/* Fault P2: what deletes by the wall clock waits when that clock is not what it was. */
START_TEST(test_a_start_far_from_the_stored_time_holds)
{
	struct expiry_clock clock;

	expiry_clock_start(&clock, starts[_i].stored == 0 ? 0 : wall + starts[_i].stored,
	        wall + starts[_i].now, boot);
	ck_assert_msg(clock.held == starts[_i].held, "%s: %s", starts[_i].what, clock.why);
	ck_assert(clock.held == (clock.why[0] != '\0'));
}
END_TEST

static const struct {
	const char *what;
	int64_t wall, boot; /* passed since the last look */
	bool held;
} looks[] = {
	{ "time passes", 100, 100, false },
	{ "the machine slept: both clocks go on", 9LL * HOUR, 9LL * HOUR, false },
	{ "NTP slews", 61000, 60000, false },
	{ "four minutes", 4 * MINUTE + 100, 100, false },
	{ "six minutes", 6 * MINUTE + 100, 100, true },
	{ "six minutes back", -6 * MINUTE + 100, 100, true },
	{ "500 days for a minute", 500LL * 24 * HOUR, 100, true },
};

/* fault P2 */
START_TEST(test_a_jump_holds)
{
	struct expiry_clock clock;

	expiry_clock_start(&clock, 0, wall, boot);
	expiry_clock_look(&clock, wall + looks[_i].wall, boot + looks[_i].boot, 0, 0);
	ck_assert_msg(clock.held == looks[_i].held, "%s: %s", looks[_i].what, clock.why);
	/* set right again: that is one more jump, and no reason to go on */
	expiry_clock_look(&clock, wall + looks[_i].boot + 100, boot + looks[_i].boot + 100, 0, 0);
	ck_assert_msg(clock.held == looks[_i].held, "%s, back: %s", looks[_i].what, clock.why);
}
END_TEST

static bool
held_after(int64_t passed, size_t agree, size_t differ, struct expiry_clock *clock)
{
	int64_t from = clock->boot_ms;

	for (int64_t at = MINUTE; at <= passed; at += MINUTE)
		expiry_clock_look(clock, wall + from - boot + at, from + at, agree, differ);
	return clock->held;
}

START_TEST(test_partners_clocks_end_it_after_a_day)
{
	struct expiry_clock clock;

	expiry_clock_start(&clock, wall - 2 * day, wall, boot);
	ck_assert(clock.held);
	ck_assert(held_after(2 * day, 0, 0, &clock)); /* nobody says anything */
	ck_assert(held_after(2 * day, 2, 3, &clock));
	ck_assert(held_after(day - HOUR, 3, 2, &clock));
	ck_assert(held_after(HOUR, 1, 1, &clock)); /* it begins anew */
	ck_assert(held_after(day - HOUR, 3, 2, &clock));
	ck_assert(!held_after(HOUR, 3, 2, &clock));
	ck_assert(!held_after(day, 0, 5, &clock)); /* believed until it jumps */
}
END_TEST

/* Fault S1: what is left is taken at once and not a minute later. */
/* fault S1 */
START_TEST(test_slices_follow_each_other_until_nothing_is_left)
{
	ck_assert_int_eq(expiry_next(true, 2000, boot), boot);
	ck_assert_int_eq(expiry_next(true, 1, boot), boot);
	ck_assert_int_eq(expiry_next(true, 0, boot), boot + MINUTE);
	ck_assert_int_eq(expiry_next(false, 2000, boot), boot + MINUTE);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("hub expiry");
	TCase *tcase = tcase_create("expiry");

	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, test_a_start_far_from_the_stored_time_holds, 0, COUNT(starts));
	tcase_add_loop_test(tcase, test_a_jump_holds, 0, COUNT(looks));
	tcase_add_test(tcase, test_partners_clocks_end_it_after_a_day);
	tcase_add_test(tcase, test_slices_follow_each_other_until_nothing_is_left);
	return suite_run(suite, CK_NOFORK);
}
