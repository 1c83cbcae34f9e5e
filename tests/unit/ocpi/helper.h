/* helper: what the test programs of the layer ocpi share. */
#pragma once

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "roamhub/ocpi.h"

/** A copy without a byte to spare, so that the address sanitizer sees a read beyond the end. The
 * caller frees s.p. */
static inline struct str
exact(struct str s)
{
	char *copy;

	if (s.p == NULL)
		return s;
	copy = malloc(s.len + (s.len == 0));
	ck_assert_ptr_nonnull(copy);
	if (s.len > 0)
		memcpy(copy, s.p, s.len);
	return (struct str){ copy, s.len };
}

static inline void
drop(struct str s)
{
	free((void *)(uintptr_t)s.p);
}

/** @expected NULL wants an absent string. */
static inline void
expect_str(struct str found, const char *expected, const char *where)
{
	ck_assert_msg(str_eq(found, str_of(expected)), "%s: found %s'%.*s', expected %s", where,
	        found.p == NULL ? "nothing " : "", found.p == NULL ? 0 : (int)found.len,
	        found.p == NULL ? "" : found.p, expected == NULL ? "nothing" : expected);
}

static inline int
run(const char *name, const TTest *const *tests, size_t count)
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 120);
	for (size_t i = 0; i < count; i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}

#define RUN(name, ...)                                        \
	int main(void)                                        \
	{                                                     \
		const TTest *const tests[] = { __VA_ARGS__ }; \
                                                              \
		return run(name, tests, COUNT(tests));        \
	}
