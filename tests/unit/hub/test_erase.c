/* test_erase: sessions and CDRs without one driver's token. */
#include "../../../src/hub/message/erase.h"
#include "../suite.h"

#include <check.h>
#include <stdlib.h>

#define TOKEN(rest) "{\"country_code\":\"NL\",\"party_id\":\"MSP\"," rest "}"

static const struct {
	const char *body, *without; /* NULL: it does not name the token */
} rows[] = {
	{ "{\"id\":\"S\",\"cdr_token\":" TOKEN(
	          "\"uid\":\"U1\",\"contract_id\":\"C1\"") ",\"kwh\":1.50}",
	        "{\"id\":\"S\",\"cdr_token\":" TOKEN(
	                "\"uid\":\"ERASED\",\"contract_id\":\"ERASED\"") ",\"kwh\":1.50}" },
	{ "{\"cdr_token\": " TOKEN("\"contract_id\" : \"C1\", \"uid\": \"u1\", \"x\":1") " }",
	        "{\"cdr_token\": " TOKEN(
	                "\"contract_id\" : \"ERASED\", \"uid\": \"ERASED\", \"x\":1") " }" },
	{ "{\"cdr_token\":" TOKEN("\"uid\":\"\\u00551\"") "}",
	        "{\"cdr_token\":" TOKEN("\"uid\":\"ERASED\"") "}" },
	{ "{\"cdr_token\":{\"country_code\":\"nl\",\"party_id\":\"msp\",\"uid\":\"U1\"}}",
	        "{\"cdr_token\":{\"country_code\":\"nl\",\"party_id\":\"msp\",\"uid\":\"ERASED\"}"
	        "}" },
	{ "{\"cdr_token\":" TOKEN("\"uid\":\"U12\"") "}", NULL },
	{ "{\"cdr_token\":{\"country_code\":\"FR\",\"party_id\":\"MSP\",\"uid\":\"U1\"}}", NULL },
	{ "{\"cdr_token\":{\"uid\":\"U1\"}}", NULL },
	{ "{\"cdr_token\":\"U1\"}", NULL },
	{ "{\"token\":" TOKEN("\"uid\":\"U1\"") "}", NULL },
	{ "{\"cdr_token\":" TOKEN("\"uid\":1") "}", NULL },
	{ "U1", NULL },
	{ "", NULL },
};

START_TEST(test_a_record_names_a_token_no_more_and_is_the_same_otherwise)
{
	const struct erase_token token = { { "NL", "MSP" }, STR("U1") };
	struct arena *arena = arena_new(1024);
	struct str without = { 0 };
	bool named = erase_without(&token, str_of(rows[_i].body), arena, &without);

	ck_assert_int_eq(named, rows[_i].without != NULL);
	if (named)
		ck_assert_msg(str_is(without, rows[_i].without), "%.*s", STR_ARG(without));
	arena_free(arena);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("hub erase");
	TCase *tcase = tcase_create("erase");

	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, test_a_record_names_a_token_no_more_and_is_the_same_otherwise, 0,
	        COUNT(rows));
	return suite_run(suite, CK_NOFORK);
}
