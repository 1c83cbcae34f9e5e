/* test_errors: the registry against the status codes that OCPI 2.2.1 defines.
 * Prints the table, so that a run shows what the hub may answer. */
#include "../suite.h"
#include "roamhub/base.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 2.2.1 "Status codes": every code of the four tables that the hub itself has a use for; 2002 (not
 * enough information) is said by who authorizes, and passed on. */
static const int legal_codes[] = { 1000, 2000, 2001, 2003, 2004, 3000, 3001, 3002, 3003, 4000, 4001,
	4002, 4003 };
static const int legal_http[] = { 200, 400, 401, 403, 404, 405, 408, 413, 414, 429, 431, 500, 503 };
static const char *const blames[] = { "caller", "callee", "hub" };

static bool
contains(const int *list, size_t count, int value)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == value)
			return true;
	return false;
}

START_TEST(test_every_error_has_a_legal_ocpi_and_http_status)
{
	for (int err = 0; err < RH_ERR_COUNT; err++) {
		const struct rh_err_info *info = rh_err_info((enum rh_err)err);

		printf("%-20s %d %d %-6s %s\n", info->name, info->http, info->ocpi,
		        blames[info->blame], info->text);
		ck_assert_msg(
		        contains(legal_codes, COUNT(legal_codes), info->ocpi), "%s", info->name);
		ck_assert_msg(
		        contains(legal_http, COUNT(legal_http), info->http), "%s", info->name);
		ck_assert_msg(info->text[0] != '\0', "%s", info->name);
	}
}
END_TEST

START_TEST(test_every_legal_ocpi_status_can_be_answered)
{
	for (size_t i = 0; i < COUNT(legal_codes); i++) {
		int found = 0;

		for (int err = 0; err < RH_ERR_COUNT; err++)
			found += rh_err_info((enum rh_err)err)->ocpi == legal_codes[i];
		ck_assert_msg(found > 0, "%d", legal_codes[i]);
	}
}
END_TEST

START_TEST(test_success_alone_is_1000)
{
	for (int err = 0; err < RH_ERR_COUNT; err++)
		ck_assert_int_eq(rh_err_info((enum rh_err)err)->ocpi == 1000, err == RH_OK);
}
END_TEST

START_TEST(test_http_failures_are_never_the_callees)
{
	for (int err = 0; err < RH_ERR_COUNT; err++) {
		const struct rh_err_info *info = rh_err_info((enum rh_err)err);

		/* fault O5: a receiver's 429 is passed on as one, so that its Retry-After counts */
		if (info->blame == BLAME_CALLEE && err != RH_RECEIVER_SLOWER)
			ck_assert_msg(info->http == 200, "%s", info->name);
	}
}
END_TEST

START_TEST(test_names_are_unique)
{
	for (int a = 0; a < RH_ERR_COUNT; a++)
		for (int b = 0; b < a; b++)
			ck_assert_str_ne(rh_err_info((enum rh_err)a)->name,
			        rh_err_info((enum rh_err)b)->name);
}
END_TEST

START_TEST(test_fault_set_fills_and_returns_the_error)
{
	struct fault fault = { 0 };

	ck_assert_int_eq(
	        fault_set(&fault, RH_BAD_FIELD, "/uid", "expected %s", "text"), RH_BAD_FIELD);
	ck_assert_int_eq(fault.err, RH_BAD_FIELD);
	ck_assert_str_eq(fault.field, "/uid");
	ck_assert_str_eq(fault.why, "expected text");
	ck_assert_int_eq(fault_set(NULL, RH_BUSY, "x", "y"), RH_BUSY);
	ck_assert_int_eq(fault_set(&fault, RH_BUSY, NULL, "busy"), RH_BUSY);
	ck_assert_str_eq(fault.field, "");
}
END_TEST

START_TEST(test_a_fault_may_wrap_its_own_text)
{
	struct fault fault;

	fault_set(&fault, RH_BAD_FIELD, "/a", "inner");
	fault_set(&fault, RH_HUB_FAULT, fault.field, "outer: %s", fault.why);
	ck_assert_str_eq(fault.field, "/a");
	ck_assert_str_eq(fault.why, "outer: inner");
}
END_TEST

/* One byte of offset or the other puts the end of the buffer inside a character. */
START_TEST(test_a_long_fault_does_not_end_in_half_a_character)
{
	char text[600] = "";
	struct fault fault;

	for (int i = 0; i < 200; i++)
		strcat(text, "\xc3\xa4");
	for (int offset = 0; offset < 2; offset++) {
		fault_set(&fault, RH_BAD_FIELD, text + offset * 2, "%s%s", offset == 0 ? "" : "x",
		        text);
		ck_assert_int_ge((int)strlen(fault.why), (int)sizeof(fault.why) - 4);
		ck_assert_int_eq((int)(strlen(fault.why) - (size_t)offset) % 2, 0);
		ck_assert_int_eq((int)strlen(fault.field) % 2, 0);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("errors");
	TCase *tcase = tcase_create("errors");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, test_every_error_has_a_legal_ocpi_and_http_status);
	tcase_add_test(tcase, test_every_legal_ocpi_status_can_be_answered);
	tcase_add_test(tcase, test_success_alone_is_1000);
	tcase_add_test(tcase, test_http_failures_are_never_the_callees);
	tcase_add_test(tcase, test_names_are_unique);
	tcase_add_test(tcase, test_fault_set_fills_and_returns_the_error);
	tcase_add_test(tcase, test_a_fault_may_wrap_its_own_text);
	tcase_add_test(tcase, test_a_long_fault_does_not_end_in_half_a_character);
	return suite_run(suite, CK_NOFORK);
}
