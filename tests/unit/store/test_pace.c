/* test_pace: when the next slice of a backup may come. Fault S10. */
#include "roamhub/base.h"

#include "../suite.h"
#include "pace.h"

#include <check.h>

START_TEST(test_while_somebody_writes_a_backup_has_a_quarter)
{
	struct pace pace = { 0 };
	int64_t now_us = 1000000, copied_us = 0, began_us = now_us;

	for (int i = 0; i < 1000; i++) {
		pace_wrote(&pace, now_us);
		if (pace_next_us(&pace) > now_us)
			now_us = pace_next_us(&pace);
		pace_slice(&pace, now_us, now_us + 4000);
		now_us += 4000;
		copied_us += 4000;
	}
	ck_assert_int_ge(now_us - began_us, 4 * copied_us - 16000);
	ck_assert_int_le(now_us - began_us, 4 * copied_us);
}
END_TEST

START_TEST(test_while_nobody_writes_it_has_all)
{
	struct pace pace = { 0 };

	ck_assert_int_le(pace_next_us(&pace), 0);
	pace_wrote(&pace, 1000);
	pace_slice(&pace, 200000, 204000);
	ck_assert_int_le(pace_next_us(&pace), 204000);
}
END_TEST

START_TEST(test_a_long_slice_rests_until_it_is_quiet_at_most)
{
	struct pace pace = { 0 };

	pace_wrote(&pace, 1000000);
	pace_slice(&pace, 1000000, 1060000);
	ck_assert_int_eq(pace_next_us(&pace), 1100000);
	pace_wrote(&pace, 1090000);
	ck_assert_int_eq(pace_next_us(&pace), 1190000);
	pace_wrote(&pace, 1189000);
	ck_assert_int_eq(pace_next_us(&pace), 1240000);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("store pace");
	TCase *tests = tcase_create("slices and rests");

	tcase_add_test(tests, test_while_somebody_writes_a_backup_has_a_quarter);
	tcase_add_test(tests, test_while_nobody_writes_it_has_all);
	tcase_add_test(tests, test_a_long_slice_rests_until_it_is_quiet_at_most);
	suite_add_tcase(suite, tests);
	return suite_run(suite, CK_NOFORK);
}
