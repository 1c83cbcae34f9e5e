/* test_attempt: what stands in the story of a handshake: no token, the attempt that a request is
 * of, and what is to be done. */
#include "../../../src/hub/parties/advice.h"
#include "../../../src/hub/parties/attempt.h"
#include "../../../src/hub/parties/masks.h"
#include "../suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* ---- tokens ---- */

static const struct {
	const char *said, *shown;
} masked[] = {
	{ "", "" },
	{ "nothing of it", "nothing of it" },
	{ "Token secret-0123", "Token ***********" },
	{ "secret-0123secret-0123", "**********************" },
	/* Base64 of it, with padding and without */
	{ "Token c2VjcmV0LTAxMjM=", "Token ***************=" },
	{ "c2VjcmV0LTAxMjM", "***************" },
	/* whosever it is */
	{ "{\"token\":\"theirs\",\"url\":\"u\"}", "{\"token\":\"******\",\"url\":\"u\"}" },
	{ "{\"token\" : \"theirs\"}", "{\"token\" : \"******\"}" },
	{ "{\"detail\":\"{\\\"token\\\":\\\"theirs\\\"}\"}",
	        "{\"detail\":\"{\\\"token\\\":\\\"******\\\"}\"}" },
	{ "{'token': 'theirs'}", "{'token': '******'}" },
	{ "{\"access_token\":\"theirs\"}", "{\"access_token\":\"******\"}" },
	{ "GET /x?token=theirs&y=1", "GET /x?token=******&y=1" },
	{ "TOKEN=theirs", "TOKEN=******" },
	/* with the escapes of JSON, in a string within a string, too */
	{ "x a\\/b+c/d-01 y", "x *********** y" },
	{ "a\\u002fb\\u002Bc\\/d-01", "*********************" },
	{ "{\\\"t\\\":\\\"a\\\\/b\\\\u002Bc\\\\\\/d-01\\\"}",
	        "{\\\"t\\\":\\\"*********************\\\"}" },
	{ "\\u0061/b+c/d-01\\u0061/b+c/d-01", "******************************" },
	{ "a\\u002gb+c/d-01 a\\u00", "a\\u002gb+c/d-01 a\\u00" },
	{ "{\"token\":\"the\\/ir\\u002Bs\\\\\",\"url\":\"u\"}",
	        "{\"token\":\"****************\",\"url\":\"u\"}" },
	{ "{\"token\":\"\\/the\\\"irs\",\"url\":\"u\"}",
	        "{\"token\":\"**********\",\"url\":\"u\"}" },
	{ "{\\\"token\\\":\\\"a\\\\\\\"b\\\\\\/c\\\\\\\\\\\",\\\"url\\\":1}",
	        "{\\\"token\\\":\\\"***************\\\",\\\"url\\\":1}" },
	{ "{\\u0022token\\u0022:\\u0022th\\\\u002Beirs\\u0022,\\u0022url\\u0022:1}",
	        "{\\u0022token\\u0022:\\u0022*************\\u0022,\\u0022url\\u0022:1}" },
	{ "\\\"x?token=the\\/irs\\\"", "\\\"x?token=********\\\"" },
	{ "\"token\":\"theirs\\", "\"token\":\"*******" },
	/* a sentence is none */
	{ "invalid token: not known", "invalid token: not known" },
	{ "token", "token" },
	{ "\"token\":", "\"token\":" },
	{ "\"token\":\"", "\"token\":\"" },
};

/* A message that cites what was found cites no more than its beginning. */
START_TEST(test_a_token_that_was_cut_is_known)
{
	const struct str secret = STR("0123456789abcdefghijklmnopqrstuv");
	struct arena *arena = arena_new(1024);

	ck_assert(str_is(masks_hide(STR("found \"0123456789abcdefghi...\""), &secret, 1, arena),
	        "found \"*******************...\""));
	ck_assert(str_is(masks_hide(STR("0123456789abcdef0123"), &secret, 1, arena),
	        "****************0123"));
	ck_assert(str_is(masks_hide(STR("found \"\\u00301234567\\u0038\\u0039abcdefgh\\u00"),
	                         &secret, 1, arena),
	        "found \"*********************************\\u00"));
	arena_free(arena);
}
END_TEST

START_TEST(test_no_token_is_shown)
{
	const struct str secrets[] = { STR("secret-0123"), { 0 }, STR("abc"), STR("a/b+c/d-01") };
	struct arena *arena = arena_new(1024);
	struct str shown = masks_hide(str_of(masked[_i].said), secrets, COUNT(secrets), arena);

	ck_assert_msg(str_is(shown, masked[_i].shown), "%s: %.*s", masked[_i].said, STR_ARG(shown));
	arena_free(arena);
}
END_TEST

/* Stars for three letters would stand everywhere. */
START_TEST(test_what_is_too_short_to_be_secret_is_shown)
{
	const struct str secret = STR("abc");
	struct arena *arena = arena_new(1024);

	ck_assert(str_is(masks_hide(STR("abcd"), &secret, 1, arena), "abcd"));
	ck_assert_ptr_null(masks_hide((struct str){ 0 }, &secret, 1, arena).p);
	arena_free(arena);
}
END_TEST

/* ---- attempts ---- */

START_TEST(test_requests_of_a_platform_are_of_one_attempt_until_it_is_over)
{
	struct live *live = rh_alloc(sizeof *live);
	uint64_t first = attempt_of(live), second;

	ck_assert_uint_ne(first, 0);
	ck_assert_uint_eq(attempt_of(live), first);
	for (int i = 0; i < ATTEMPT_READS; i++)
		ck_assert(attempt_reads(live));
	ck_assert(!attempt_reads(live));
	attempt_over(live, first + 1);
	ck_assert_uint_eq(attempt_of(live), first);
	attempt_over(live, first);
	second = attempt_of(live);
	ck_assert_uint_ne(second, first);
	ck_assert(attempt_reads(live));
	atomic_store(&live->attempts.heard_ms, rh_boot_ms() - 2 * 3600 * 1000);
	ck_assert_uint_ne(attempt_of(live), second);
	free(live);
}
END_TEST

/* ---- what is to be done ---- */

static const struct {
	enum net_result result;
	int status;
	enum advice_step step;
	bool invited;
	const char *answer, *says;
} advised[] = {
	{ NET_NO_CONNECTION, 0, ADVICE_VERSIONS, true, "", "reachable" },
	{ NET_FORBIDDEN, 0, ADVICE_VERSIONS, true, "", "egress.allow" },
	{ NET_LATE, 0, ADVICE_VERSIONS, true, "", "its own POST is open" },
	{ NET_LATE, 0, ADVICE_VERSIONS, false, "", "too slow" },
	{ NET_BROKEN, 0, ADVICE_DETAILS, true, "", "ended before" },
	{ NET_GARBAGE, 0, ADVICE_DETAILS, true, "", "no HTTP" },
	{ NET_ANSWER_TOO_LARGE, 0, ADVICE_DETAILS, true, "", "larger" },
	{ NET_NO_ROOM, 0, ADVICE_DETAILS, true, "", "no room" },
	{ NET_DONE, 401, ADVICE_VERSIONS, true, "", "before it POSTs" },
	{ NET_DONE, 403, ADVICE_VERSIONS, false, "", "fresh token A" },
	{ NET_DONE, 404, ADVICE_VERSIONS, true, "", "list of versions" },
	{ NET_DONE, 404, ADVICE_DETAILS, true, "", "version details" },
	{ NET_DONE, 404, ADVICE_CREDENTIALS, false, "", "credentials endpoint" },
	{ NET_DONE, 405, ADVICE_CREDENTIALS, false, "", "registered" },
	{ NET_DONE, 302, ADVICE_DETAILS, true, "", "redirects" },
	{ NET_DONE, 429, ADVICE_DETAILS, true, "", "later" },
	{ NET_DONE, 503, ADVICE_DETAILS, true, "", "later" },
	{ NET_DONE, 500, ADVICE_DETAILS, true, "", "server failed" },
	{ NET_DONE, 422, ADVICE_CREDENTIALS, false, "", "its words" },
	{ NET_DONE, 200, ADVICE_VERSIONS, true, "\r\n <!DOCTYPE html>", "web page" },
	{ NET_DONE, 200, ADVICE_VERSIONS, true, "[]", "status_code 1000" },
	{ NET_DONE, 200, ADVICE_VERSIONS, true, "", "status_code 1000" },
};

START_TEST(test_who_failed_is_told_what_to_do)
{
	struct partner_call call = { .result = PARTNER_UNUSABLE,
		.net = { .result = advised[_i].result,
		        .status = advised[_i].status,
		        .answer = str_of(advised[_i].answer) } };
	const char *says = advice_on_call(&call, advised[_i].step, advised[_i].invited);

	ck_assert_msg(strstr(says, advised[_i].says) != NULL, "%s", says);
}
END_TEST

START_TEST(test_a_refusal_in_an_envelope_speaks_for_itself)
{
	struct partner_call call = { .result = PARTNER_ANSWERED,
		.net = { .result = NET_DONE, .status = 200 } };

	ck_assert_ptr_nonnull(
	        strstr(advice_on_call(&call, ADVICE_CREDENTIALS, false), "its words"));
	for (enum rh_err err = RH_OK + 1; err < RH_ERR_COUNT; err++)
		ck_assert_uint_gt(strlen(advice_on_error(err)), 5);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("attempt");
	TCase *tests = tcase_create("attempt");
	struct fault fault;

	if (rh_crypt_init(&fault) != RH_OK)
		return EXIT_FAILURE;
	tcase_add_loop_test(tests, test_no_token_is_shown, 0, COUNT(masked));
	tcase_add_test(tests, test_a_token_that_was_cut_is_known);
	tcase_add_test(tests, test_what_is_too_short_to_be_secret_is_shown);
	tcase_add_test(tests, test_requests_of_a_platform_are_of_one_attempt_until_it_is_over);
	tcase_add_loop_test(tests, test_who_failed_is_told_what_to_do, 0, COUNT(advised));
	tcase_add_test(tests, test_a_refusal_in_an_envelope_speaks_for_itself);
	suite_add_tcase(suite, tests);
	return suite_run(suite, CK_FORK_GETENV);
}
