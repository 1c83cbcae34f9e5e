/* test_lines: the headers of a delivery are made once for a party and its token, and anew for any
 * other. */
#include "../../../src/hub/push/lines.h"
#include "../suite.h"

#include <check.h>
#include <stdlib.h>

static const struct ocpi_id hub = { "DE", "HUB" }, cpo = { "DE", "CPO" }, msp = { "NL", "MSP" },
                            other = { "NL", "OTH" };
static const struct str token = { "Token abc", 9 }, fresh = { "Token abd", 9 };
static struct lines lines;

static void
setup(void)
{
	lines = (struct lines){ 0 };
}

static void
teardown(void)
{
	lines_free(&lines);
	ck_assert_ptr_null(lines.text.p);
}

#define ROUTED_FROM(from, to, token)                                                        \
	"\r\nAuthorization: " token "\r\nOCPI-to-country-code: NL\r\nOCPI-to-party-id: " to \
	"\r\nOCPI-from-country-code: DE\r\nOCPI-from-party-id: " from
#define ROUTED(to, token) ROUTED_FROM("HUB", to, token)

static void
expect(const struct ocpi_id *to, bool announces, struct str authorization, const char *text)
{
	ck_assert_str_eq(lines_of(&lines, &hub, to, announces, authorization).p, text);
	ck_assert(str_eq(lines.authorization, authorization));
}

START_TEST(test_the_same_again_is_not_made_again)
{
	const char *first;

	expect(&msp, false, token, ROUTED("MSP", "Token abc"));
	first = lines.text.p;
	expect(&msp, false, token, ROUTED("MSP", "Token abc"));
	ck_assert_ptr_eq(lines.text.p, first);
}
END_TEST

START_TEST(test_another_token_party_or_kind_makes_other_lines)
{
	expect(&msp, false, token, ROUTED("MSP", "Token abc"));
	expect(&msp, false, fresh, ROUTED("MSP", "Token abd"));
	expect(&other, false, fresh, ROUTED("OTH", "Token abd"));
	expect(&other, true, fresh, "\r\nAuthorization: Token abd");
	expect(&other, false, fresh, ROUTED("OTH", "Token abd"));
	expect(&msp, false, token, ROUTED("MSP", "Token abc"));
}
END_TEST

/* TRP-09: a receiver may want the owner of what is pushed as FROM, which is another one each time.
 */
START_TEST(test_another_sender_makes_other_lines)
{
	expect(&msp, false, token, ROUTED("MSP", "Token abc"));
	ck_assert_str_eq(lines_of(&lines, &cpo, &msp, false, token).p,
	        ROUTED_FROM("CPO", "MSP", "Token abc"));
	expect(&msp, false, token, ROUTED("MSP", "Token abc"));
}
END_TEST

START_TEST(test_what_is_unfit_for_a_request_makes_none)
{
	static const struct str unfit[] = { { "Token a\r\nX: y", 13 }, { "Token a\0b", 9 }, { 0 } };

	for (size_t i = 0; i < COUNT(unfit); i++) {
		expect(&msp, false, token, ROUTED("MSP", "Token abc"));
		ck_assert_ptr_null(lines_of(&lines, &hub, &msp, false, unfit[i]).p);
		ck_assert_ptr_null(lines.text.p);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("lines");
	TCase *tests = tcase_create("lines");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, test_the_same_again_is_not_made_again);
	tcase_add_test(tests, test_another_token_party_or_kind_makes_other_lines);
	tcase_add_test(tests, test_another_sender_makes_other_lines);
	tcase_add_test(tests, test_what_is_unfit_for_a_request_makes_none);
	suite_add_tcase(suite, tests);
	return suite_run(suite, CK_NOFORK);
}
