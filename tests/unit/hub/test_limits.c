/* test_limits: requests a second, with a clock that the test moves (fault H6). */
#include "../../../src/hub/message/limits.h"
#include "../suite.h"

#include <check.h>
#include <stdlib.h>

enum { SECOND = 1000000 };

/* So many come at once at this moment; so many are granted; what is told of the last one. */
static const struct {
	const char *what;
	struct limits_pace pace;
	struct {
		int64_t at_us;
		int come, granted;
		int64_t left, wait_s;
	} step[6];
} rows[] = {
	{ "what a window brings may come at once", { 10, 2 },
	        { { 0, 20, 20, 0, 2 }, { 0, 1, 0, 0, 1 }, { SECOND / 10, 2, 1, 0, 1 },
	                { SECOND, 20, 9, 0, 1 }, { 60 * SECOND, 30, 20, 0, 1 } } },
	{ "what is refused takes nothing", { 1, 1 },
	        { { 0, 100, 1, 0, 1 }, { SECOND - 1, 100, 0, 0, 1 }, { SECOND, 1, 1, 0, 1 } } },
	{ "what is left is told", { 10, 1 },
	        { { 0, 1, 1, 9, 1 }, { 0, 4, 4, 5, 1 }, { SECOND / 2, 1, 1, 9, 1 } } },
	{ "a long window", { 2, 60 },
	        { { 0, 1, 1, 119, 1 }, { 0, 119, 119, 0, 60 }, { 0, 1, 0, 0, 1 },
	                { 30 * SECOND, 1, 1, 59, 31 }, { 30 * SECOND, 60, 59, 0, 1 } } },
	{ "one in a second is asked to wait for one", { 1, 2 },
	        { { 0, 2, 2, 0, 2 }, { 1, 1, 0, 0, 1 }, { SECOND / 2, 1, 0, 0, 1 } } },
	{ "more than can be told apart", { 1000000000, 1 }, { { 0, 1000, 1000, 999000, 1 } } },
};

START_TEST(test_fault_H6_a_platform_is_held_to_its_pace)
{
	_Atomic int64_t until_us = 0;

	for (size_t i = 0; i < COUNT(rows[_i].step) && rows[_i].step[i].come > 0; i++) {
		struct limits_taken taken = { 0 };
		int granted = 0;

		for (int k = 0; k < rows[_i].step[i].come; k++) {
			taken = limits_take(&until_us, &rows[_i].pace,
			        100 * (int64_t)SECOND + rows[_i].step[i].at_us);
			granted += taken.granted;
		}
		ck_assert_msg(granted == rows[_i].step[i].granted, "%s, step %zu: %d",
		        rows[_i].what, i, granted);
		ck_assert_msg(taken.left == rows[_i].step[i].left &&
		                      taken.wait_s == rows[_i].step[i].wait_s,
		        "%s, step %zu: %lld left, wait %lld", rows[_i].what, i,
		        (long long)taken.left, (long long)taken.wait_s);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("limits");
	TCase *all = tcase_create("all");

	tcase_add_loop_test(all, test_fault_H6_a_platform_is_held_to_its_pace, 0, COUNT(rows));
	suite_add_tcase(suite, all);
	return suite_run(suite, CK_FORK_GETENV);
}
