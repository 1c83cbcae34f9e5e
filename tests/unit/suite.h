/* suite: what every test program does with its tests. */
#pragma once

#include <check.h>

/** Run @suite and free it.
 *
 * @fork   CK_NOFORK: in this process, which is what a debugger and the sanitizers want;
 *         CK_FORK_GETENV: each test in one of its own, so that it may end it.
 * Returns the exit status of the program. */
static inline int
suite_run(Suite *suite, enum fork_status fork)
{
	SRunner *runner = srunner_create(suite);
	int failed;

	srunner_set_fork_status(runner, fork);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}

/** The same of a list of tests, in this process. @setup and @teardown go before and behind each of
 * them, and may be NULL. */
static inline int
suite_run_tests(const char *name, const TTest *const *tests, size_t count, void (*setup)(void),
        void (*teardown)(void))
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, setup, teardown);
	for (size_t i = 0; i < count; i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	return suite_run(suite, CK_NOFORK);
}
