/* test_str: borrowed strings.
 * Absent and empty are told apart everywhere. */
#include "../suite.h"
#include "roamhub/base.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const struct str absent;

START_TEST(test_absent_and_empty_are_not_equal)
{
	ck_assert(!str_eq(absent, STR("")));
	ck_assert(!str_ieq(STR(""), absent));
	ck_assert(str_eq(absent, str_of(NULL)));
	ck_assert(str_eq(STR(""), str_of("")));
	ck_assert(!str_starts(absent, ""));
	ck_assert(str_starts(STR(""), ""));
}
END_TEST

START_TEST(test_comparison_without_case_folds_ascii_letters_only)
{
	ck_assert(str_ieq(STR("DE*abc"), STR("de*ABC")));
	ck_assert(!str_eq(STR("DE*abc"), STR("de*ABC")));
	ck_assert(!str_ieq(STR("\xc3\x84"), STR("\xc3\xa4")));
	ck_assert(!str_ieq(STR("[@"), STR("{`")));
	ck_assert(!str_ieq(STR("abc"), STR("abcd")));
}
END_TEST

START_TEST(test_comparison_sees_bytes_behind_a_nul)
{
	ck_assert(!str_eq(STR("a\0b"), STR("a\0c")));
	ck_assert(!str_is(STR("a\0"), "a"));
	ck_assert(str_is(STR("a"), "a"));
}
END_TEST

START_TEST(test_a_token_has_no_byte_but_those_of_rfc_9110)
{
	static const char fit[] = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                          "abcdefghijklmnopqrstuvwxyz";

	ck_assert(str_is_token(STR("X-Request-ID")));
	ck_assert(!str_is_token(STR("")));
	ck_assert(!str_is_token(absent));
	for (int byte = 0; byte < 256; byte++) {
		char text[3] = { 'a', (char)byte, 'b' };

		ck_assert_int_eq(str_is_token((struct str){ text, 3 }),
		        byte != 0 && strchr(fit, byte) != NULL);
	}
}
END_TEST

START_TEST(test_trim_takes_spaces_and_tabs_from_both_ends)
{
	ck_assert(str_is(str_trim(STR(" \t a b\t ")), "a b"));
	ck_assert(str_is(str_trim(STR(" \t ")), ""));
	ck_assert(str_is(str_trim(STR("\na\r")), "\na\r"));
	ck_assert_ptr_null(str_trim(absent).p);
}
END_TEST

START_TEST(test_from_never_leaves_the_string)
{
	ck_assert(str_is(str_from(STR("abc"), 1), "bc"));
	ck_assert(str_is(str_from(STR("abc"), 3), ""));
	ck_assert(str_is(str_from(STR("abc"), 99), ""));
	ck_assert_ptr_null(str_from(absent, 1).p);
}
END_TEST

START_TEST(test_cut_walks_all_parts_and_then_leaves_nothing)
{
	static const char *const parts[] = { "a", "", "bc", "" };
	struct str rest = STR("a,,bc,");

	for (size_t i = 0; i < COUNT(parts); i++) {
		ck_assert_ptr_nonnull(rest.p);
		ck_assert(str_is(str_cut(&rest, ','), parts[i]));
	}
	ck_assert_ptr_null(rest.p);
	ck_assert_ptr_null(str_cut(&rest, ',').p);
	rest = STR("whole");
	ck_assert(str_is(str_cut(&rest, ','), "whole"));
	ck_assert_ptr_null(rest.p);
}
END_TEST

START_TEST(test_numbers_are_digits_within_a_bound)
{
	static const struct {
		const char *text;
		uint64_t max, value;
		bool ok;
	} rows[] = {
		{ "0", 10, 0, true },
		{ "007", 10, 7, true },
		{ "10", 10, 10, true },
		{ "11", 10, 0, false },
		{ "100", 10, 0, false },
		{ "18446744073709551615", UINT64_MAX, UINT64_MAX, true },
		{ "18446744073709551616", UINT64_MAX, 0, false },
		{ "99999999999999999999", UINT64_MAX, 0, false },
		{ "0", 0, 0, true },
		{ "1", 0, 0, false },
		{ "5", 3, 0, false },
		{ "", 10, 0, false },
		{ "+1", 10, 0, false },
		{ "-1", 10, 0, false },
		{ " 1", 10, 0, false },
		{ "1 ", 10, 0, false },
		{ "0x1", 10, 0, false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t value = 4711;
		bool ok = str_to_u64(str_of(rows[i].text), rows[i].max, &value);

		ck_assert_msg(ok == rows[i].ok, "%s", rows[i].text);
		ck_assert_msg(value == (ok ? rows[i].value : 4711), "%s", rows[i].text);
	}
	ck_assert(!str_to_u64(absent, 10, &(uint64_t){ 0 }));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("str");
	TCase *tcase = tcase_create("str");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, test_absent_and_empty_are_not_equal);
	tcase_add_test(tcase, test_comparison_without_case_folds_ascii_letters_only);
	tcase_add_test(tcase, test_comparison_sees_bytes_behind_a_nul);
	tcase_add_test(tcase, test_a_token_has_no_byte_but_those_of_rfc_9110);
	tcase_add_test(tcase, test_trim_takes_spaces_and_tabs_from_both_ends);
	tcase_add_test(tcase, test_from_never_leaves_the_string);
	tcase_add_test(tcase, test_cut_walks_all_parts_and_then_leaves_nothing);
	tcase_add_test(tcase, test_numbers_are_digits_within_a_bound);
	return suite_run(suite, CK_NOFORK);
}
