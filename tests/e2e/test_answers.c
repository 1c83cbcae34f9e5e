/* What a receiver's failure is to the requester: HTTP counts before the envelope.
 *
 * tests/scenario/run starts the hub as for test_partner. */
#include "../unit/suite.h"
#include "peer.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENDPOINT(identifier, role, url) \
	"{\"identifier\":\"" identifier "\",\"role\":\"" role "\",\"url\":\"%s" url "\"}"
#define ROUTING                                                 \
	"OCPI-to-country-code: NL\r\nOCPI-to-party-id: MSP\r\n" \
	"OCPI-from-country-code: DE\r\nOCPI-from-party-id: CPO\r\n"
#define GOOD "{\"status_code\":1000,\"data\":{\"id\":\"L1\"}}"

static struct peer *cpo, *msp;
static struct wire wire;
static char value[256];

static void
ask(const char *status, const char *headers, const char *body)
{
	peer_says(msp, status, headers, body);
	peer_asks(cpo, &wire, "GET", "/ocpi/2.2.1/receiver/locations/DE/CPO/L1", ROUTING, "");
}

static void
assert_answer(const char *http, const char *ocpi, const char *has)
{
	ck_assert_msg(strncmp(wire.answer + 9, http, 3) == 0 && wire_has(&wire, ocpi) &&
	                      strstr(http_body(wire.answer), has) != NULL,
	        "expected %s %s %s, got: %s", http, ocpi, has, wire.answer);
}

START_TEST(test_fault_O6_an_http_failure_is_3000_whatever_the_envelope_says)
{
	static const struct {
		const char *status, *body, *reason;
	} rows[] = {
		{ "500 Internal Server Error", GOOD, "HTTP 500" },
		{ "500 Internal Server Error", "{\"status_code\":2001,\"status_message\":\"oh\"}",
		        "HTTP 500: oh" },
		{ "503 Service Unavailable", "{\"status_code\":3000}", "HTTP 503" },
		{ "502 Bad Gateway", "<html><body>Bad Gateway</body></html>", "Bad Gateway" },
		{ "403 Forbidden", GOOD, "HTTP 403" },
	};

	ask(rows[_i].status, "", rows[_i].body);
	assert_answer("200", "\"status_code\":3000", rows[_i].reason);
	ck_assert_str_eq(
	        http_header(wire.answer, "OCPI-from-party-id", value, sizeof value), "HUB");
}
END_TEST

START_TEST(test_fault_O5_too_many_requests_is_relayed_with_its_retry_after)
{
	static const struct {
		const char *body, *from; /* who made the envelope */
	} rows[] = { { "{\"status_code\":3000}", "MSP" }, { "slow down", "HUB" }, { GOOD, "HUB" },
		{ "", "HUB" } };

	ask("429 Too Many Requests", "Retry-After: 7\r\n", rows[_i].body);
	assert_answer("429", "\"status_code\":3000", "");
	ck_assert_str_eq(http_header(wire.answer, "Retry-After", value, sizeof value), "7");
	ck_assert_str_eq(
	        http_header(wire.answer, "OCPI-from-party-id", value, sizeof value), rows[_i].from);
}
END_TEST

START_TEST(test_fault_O19_a_refusal_in_other_words_is_told_in_them)
{
	char body[1024];
	int len = snprintf(body, sizeof body, "{\"detail\": \"field required\", \"x\": \"");

	memset(body + len, 'x', 900);
	body[len + 900] = '\0';
	ask("422 Unprocessable Entity", "", body);
	assert_answer("200", "\"status_code\":4000", "field required");
	ck_assert_uint_lt(strlen(http_body(wire.answer)), 600);
}
END_TEST

/* What a partner shows of the request that it failed at holds the hub's token, which neither the
 * requester nor the log may see. */
START_TEST(test_a_token_that_a_partner_sends_back_is_seen_by_nobody)
{
	static const struct {
		const char *status, *format;
	} rows[] = {
		{ "500 Internal Server Error", "GET /locations Authorization: Token %s" },
		{ "422 Unprocessable Entity", "{\"detail\": {\"token\": \"%s\"}}" },
		{ "200 OK", "{\"status_code\": 2001, \"status_message\": \"not for %s\"}" },
	};
	const char *base64 = "dG9rZW4tb2YtTkwtTVNQ"; /* of token-of-NL-MSP */
	char body[256];

	ck_assert_str_eq(msp->token, "token-of-NL-MSP");
	snprintf(body, sizeof body, rows[_i / 2].format, _i % 2 == 0 ? base64 : msp->token);
	ask(rows[_i / 2].status, "", body);
	assert_answer("200", "\"status_code\"", "****");
	ck_assert_msg(!wire_has(&wire, base64) && !wire_has(&wire, msp->token), "%s", wire.answer);
}
END_TEST

static void
register_all(void)
{
	cpo = peer_start("DE", "CPO", "CPO", ENDPOINT("credentials", "SENDER", "/credentials"));
	msp = peer_start("NL", "MSP", "EMSP",
	        ENDPOINT("credentials", "SENDER", "/credentials") "," ENDPOINT(
	                "locations", "RECEIVER", "/locations"));
	peer_register(cpo, "CPO");
	peer_register(msp, "MSP");
}

static void
stop_all(void)
{
	peer_stop(cpo);
	peer_stop(msp);
}

int
main(void)
{
	Suite *suite = suite_create("answers");
	TCase *tcase = tcase_create("answers");

	tcase_set_timeout(tcase, 60);
	tcase_add_unchecked_fixture(tcase, register_all, stop_all);
	tcase_add_loop_test(
	        tcase, test_fault_O6_an_http_failure_is_3000_whatever_the_envelope_says, 0, 5);
	tcase_add_loop_test(
	        tcase, test_fault_O5_too_many_requests_is_relayed_with_its_retry_after, 0, 4);
	tcase_add_test(tcase, test_fault_O19_a_refusal_in_other_words_is_told_in_them);
	tcase_add_loop_test(tcase, test_a_token_that_a_partner_sends_back_is_seen_by_nobody, 0, 6);
	suite_add_tcase(suite, tcase);
	return suite_run(suite, CK_NOFORK);
}
