/* test_call: a receiver's answer as the requester gets it (faults O5, O6, O19), and where its
 * redirects lead (fault O17). */
#include "../../../src/hub/message/verdict.h"
#include "../../../src/hub/parties/redirect.h"
#include "../../../src/hub/parties/words.h"
#include "../suite.h"
#include "roamhub/ocpi.h"

#include <check.h>
#include <stdlib.h>

static const struct {
	int http, code; /* 0: no usable envelope */
	enum rh_err err;
	int relayed; /* status, when it is passed on */
} cases[] = {
	/* fault O6: HTTP counts, whatever the envelope says */
	{ 500, 1000, RH_RECEIVER_FAILED, 0 },
	{ 500, 2001, RH_RECEIVER_FAILED, 0 },
	{ 503, 3000, RH_RECEIVER_FAILED, 0 },
	{ 502, 0, RH_RECEIVER_FAILED, 0 },
	{ 599, 1000, RH_RECEIVER_FAILED, 0 },
	/* fault O5: "slower" stays what it is */
	{ 429, 3000, RH_OK, 429 },
	{ 429, 2000, RH_OK, 429 },
	{ 429, 1000, RH_RECEIVER_SLOWER, 0 },
	{ 429, 0, RH_RECEIVER_SLOWER, 0 },
	/* an error of the receiver's is an answer */
	{ 400, 2001, RH_OK, 200 },
	{ 403, 3001, RH_OK, 200 },
	{ 404, 2003, RH_OK, 404 },
	{ 405, 2000, RH_OK, 405 },
	{ 422, 2001, RH_OK, 200 },
	{ 400, 4001, RH_OK, 200 },
	/* a success under a status of failure is none */
	{ 400, 1000, RH_RECEIVER_FAILED, 0 },
	{ 404, 1000, RH_RECEIVER_FAILED, 0 },
	{ 302, 1000, RH_RECEIVER_FAILED, 0 },
	/* no envelope */
	{ 200, 0, RH_BAD_ANSWER, 0 },
	{ 204, 0, RH_BAD_ANSWER, 0 },
	{ 302, 0, RH_BAD_ANSWER, 0 },
	{ 401, 0, RH_BAD_ANSWER, 0 },
	{ 404, 0, RH_BAD_ANSWER, 0 },
	{ 422, 0, RH_BAD_ANSWER, 0 },
	{ 499, 0, RH_BAD_ANSWER, 0 },
	{ 999, 0, RH_BAD_ANSWER, 0 },
	/* what is usual */
	{ 200, 1000, RH_OK, 200 },
	{ 201, 1000, RH_OK, 201 },
	{ 202, 1000, RH_OK, 200 },
	{ 200, 2004, RH_OK, 200 },
	{ 200, 3000, RH_OK, 200 },
	{ 200, 4950, RH_OK, 200 },
};

START_TEST(test_what_the_requester_gets)
{
	struct verdict verdict = verdict_of(cases[_i].http, cases[_i].code);

	ck_assert_msg(verdict.err == cases[_i].err, "HTTP %d, %d: error %d", cases[_i].http,
	        cases[_i].code, (int)verdict.err);
	if (verdict.err == RH_OK)
		ck_assert_int_eq(verdict.http, cases[_i].relayed);
}
END_TEST

static const struct {
	const char *body, *line;
} excerpts[] = {
	{ "{\"detail\": \"no\"}", "{\"detail\": \"no\"}" },
	{ "\r\n<html>\n\t<b>\x01 gone\x7f</b>\n", "<html> <b> gone </b>" },
	{ "", "" },
	{ "\xc3\xbc", "\xc3\xbc" },
};

START_TEST(test_an_excerpt_is_one_printable_line)
{
	struct arena *arena = arena_new(1024);
	struct str line = words_excerpt(str_of(excerpts[_i].body), arena);

	ck_assert_msg(
	        line.len == 0 ? excerpts[_i].line[0] == '\0' : str_is(line, excerpts[_i].line),
	        "%.*s", STR_ARG(line));
	arena_free(arena);
}
END_TEST

START_TEST(test_an_excerpt_is_bounded)
{
	struct arena *arena = arena_new(8192);
	struct str body = { arena_alloc(arena, 4096), 4096 };

	for (size_t i = 0; i < body.len; i++)
		((char *)(uintptr_t)body.p)[i] = 'x';
	ck_assert_uint_eq(words_excerpt(body, arena).len, WORDS_MOST_BYTES);
	arena_free(arena);
}
END_TEST

static const struct {
	const char *method;
	int status;
	const char *location, *target; /* target NULL: not followed */
} redirects[] = {
	{ "POST", 307, "https://cpo.example/a/?b=c", "/a/?b=c" },
	{ "PUT", 308, "https://CPO.example:443/a/", "/a/" },
	{ "GET", 301, "/a/", "/a/" },
	{ "GET", 302, "../c#d", "/c" },
	{ "GET", 307, "//cpo.example/a", "/a" },
	{ "POST", 301, "/a/", NULL },
	{ "DELETE", 302, "/a/", NULL },
	{ "POST", 303, "/a/", NULL },
	{ "GET", 304, "/a/", NULL },
	{ "GET", 200, "/a/", NULL },
	{ "GET", 307, "", NULL },
	{ "GET", 307, "http://cpo.example/a/", NULL },
	{ "GET", 307, "https://cpo.example:8443/a/", NULL },
	{ "GET", 307, "https://cpo.example.evil/a/", NULL },
	{ "GET", 307, "https://cpo.example@evil.example/a/", NULL },
	{ "GET", 307, "//evil.example/a/", NULL },
	{ "GET", 307, "ftp://cpo.example/a/", NULL },
};

START_TEST(test_a_redirect_leads_to_the_same_host_or_nowhere)
{
	struct net_call call = { .origin = STR("https://cpo.example:443"),
		.target = STR("/b/a?x=y"),
		.arena = arena_new(1024),
		.method = str_of(redirects[_i].method),
		.status = redirects[_i].status };
	struct str target = { 0 };

	call.header[OUT_LOCATION] = str_of(redirects[_i].location);
	ck_assert_int_eq(redirect_leads(&call, &target), redirects[_i].target != NULL);
	if (redirects[_i].target != NULL)
		ck_assert_msg(str_is(target, redirects[_i].target), "%.*s", STR_ARG(target));
	arena_free(call.arena);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("hub call");
	TCase *tcase = tcase_create("verdict");

	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, test_what_the_requester_gets, 0, COUNT(cases));
	tcase_add_loop_test(tcase, test_an_excerpt_is_one_printable_line, 0, COUNT(excerpts));
	tcase_add_test(tcase, test_an_excerpt_is_bounded);
	tcase_add_loop_test(
	        tcase, test_a_redirect_leads_to_the_same_host_or_nowhere, 0, COUNT(redirects));
	return suite_run(suite, CK_NOFORK);
}
