/* test_refusals: how many lines of log a flood of refusals makes, on a clock of the test's own. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../../src/hub/context.h"
#include "../suite.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND };

static struct refusals *refusals;
static uint64_t dropped;

static void
setup(void)
{
	struct fault fault;

	ck_assert_int_eq(rh_crypt_init(&fault), RH_OK);
	refusals = refusals_new();
}

static void
teardown(void)
{
	refusals_free(refusals);
}

static bool
stranger(const char *address, int64_t now_ms)
{
	const struct refusal refusal = { .err = RH_UNKNOWN_TOKEN, .address = address };

	return refusals_admit(refusals, &refusal, now_ms, &dropped);
}

static bool
platform(int64_t id, int64_t now_ms)
{
	const struct refusal refusal = { RH_BAD_JSON, .address = "192.0.2.1", .platform_id = id };

	return refusals_admit(refusals, &refusal, now_ms, &dropped);
}

START_TEST(test_one_address_has_five_lines_and_one_in_ten_seconds)
{
	size_t lines = 0;

	for (int i = 0; i < 100; i++)
		lines += stranger("192.0.2.1", i);
	ck_assert_uint_eq(lines, 5);
	ck_assert(stranger("192.0.2.2", 100));
	ck_assert_uint_eq(dropped, 0);
	ck_assert(!stranger("192.0.2.1", 9 * SECOND));
	ck_assert(stranger("192.0.2.1", 10 * SECOND + 100));
	ck_assert_uint_eq(dropped, 96);
	ck_assert(!stranger("192.0.2.1", 10 * SECOND + 200));
	for (int i = 0; i < 5; i++) /* after a minute it has all of them again */
		ck_assert(stranger("192.0.2.1", 2 * MINUTE));
}
END_TEST

START_TEST(test_a_network_of_IPv6_is_one_address)
{
	size_t lines = 0;

	for (unsigned i = 0; i < 1000; i++) {
		char address[64];

		(void)snprintf(address, sizeof address, "2001:db8:0:7:%x::%x", i, i * 7);
		lines += stranger(address, 0);
	}
	ck_assert_uint_eq(lines, 5);
	ck_assert(stranger("2001:db8:0:8::1", 0));
}
END_TEST

/* A flood cannot fill a disk: from however many addresses it comes. */
START_TEST(test_all_strangers_have_fifty_lines_and_one_a_second)
{
	size_t lines = 0;

	for (unsigned i = 0; i < 100000; i++) {
		char address[64];

		(void)snprintf(
		        address, sizeof address, "10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
		lines += stranger(address, i / 100); /* a second in all */
	}
	ck_assert_uint_le(lines, 51);
	ck_assert(platform(7, SECOND)); /* whom they do not hide */
}
END_TEST

START_TEST(test_platforms_are_counted_each_for_itself)
{
	size_t lines = 0;

	for (int i = 0; i < 100; i++)
		lines += platform(7, 0) + platform(8, 0);
	ck_assert_uint_eq(lines, 10);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("refusals");
	TCase *tests = tcase_create("refusals");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, test_one_address_has_five_lines_and_one_in_ten_seconds);
	tcase_add_test(tests, test_a_network_of_IPv6_is_one_address);
	tcase_add_test(tests, test_all_strangers_have_fifty_lines_and_one_a_second);
	tcase_add_test(tests, test_platforms_are_counted_each_for_itself);
	suite_add_tcase(suite, tests);
	return suite_run(suite, CK_FORK_GETENV);
}
