/* helper: what the test programs of the layer ocpi share. */
#pragma once

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../suite.h"
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

#define RUN(name, ...)                                                         \
	int main(void)                                                         \
	{                                                                      \
		const TTest *const tests[] = { __VA_ARGS__ };                  \
                                                                               \
		return suite_run_tests(name, tests, COUNT(tests), NULL, NULL); \
	}
