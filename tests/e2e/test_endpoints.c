/* An endpoint is called as its partner listed it, with the slash and the query that stand there:
 * frameworks answer 307 to a path without its slash (fault O15).
 *
 * tests/scenario/run starts the hub as for test_partner. */
#include "../unit/suite.h"
#include "peer.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define ENDPOINT(identifier, role, url) \
	"{\"identifier\":\"" identifier "\",\"role\":\"" role "\",\"url\":\"%s" url "\"}"
#define FROM_CPO "OCPI-from-country-code: DE\r\nOCPI-from-party-id: CPO\r\n"
#define FROM_MSP "OCPI-from-country-code: NL\r\nOCPI-from-party-id: MSP\r\n"
#define TO_CPO   "OCPI-to-country-code: DE\r\nOCPI-to-party-id: CPO\r\n"
#define TO_MSP   "OCPI-to-country-code: NL\r\nOCPI-to-party-id: MSP\r\n"
#define GOOD     "{\"status_code\":1000,\"data\":[]}"
#define BODY \
	"{\"id\":\"X\",\"uid\":\"X\",\"type\":\"RFID\",\"last_updated\":\"2026-11-23T08:00:00Z\"}"

static struct peer *cpo, *msp;
static struct wire wire;

static const struct call {
	const char *what;
	struct peer **from, **to;
	const char *method, *path, *headers, *body;
	const char *line; /* what the partner gets */
} calls[] = {
	{ "list", &msp, &cpo, "GET", "/ocpi/2.2.1/sender/locations", FROM_MSP TO_CPO, "",
	        "GET /api/locations/ HTTP" },
	{ "list with a slash of ours", &msp, &cpo, "GET", "/ocpi/2.2.1/sender/locations/",
	        FROM_MSP TO_CPO, "", "GET /api/locations/ HTTP" },
	{ "list with a query", &msp, &cpo, "GET", "/ocpi/2.2.1/sender/locations?limit=5",
	        FROM_MSP TO_CPO, "", "GET /api/locations/?limit=5 HTTP" },
	{ "object", &msp, &cpo, "GET", "/ocpi/2.2.1/sender/locations/L1", FROM_MSP TO_CPO, "",
	        "GET /api/locations/L1 HTTP" },
	{ "endpoint with a query", &msp, &cpo, "GET", "/ocpi/2.2.1/sender/tariffs?limit=5",
	        FROM_MSP TO_CPO, "", "GET /api/tariffs/?key=a%2Fb&limit=5 HTTP" },
	{ "CDR", &cpo, &msp, "POST", "/ocpi/2.2.1/receiver/cdrs", FROM_CPO TO_MSP, BODY,
	        "POST /emsp/cdrs/ HTTP" },
	{ "object of the receiver", &cpo, &msp, "PUT", "/ocpi/2.2.1/receiver/sessions/DE/CPO/X",
	        FROM_CPO TO_MSP, BODY, "PUT /emsp/sessions/DE/CPO/X HTTP" },
	{ "share", &cpo, &msp, "PUT", "/ocpi/2.2.1/receiver/locations/DE/CPO/X", FROM_CPO, BODY,
	        "PUT /emsp/locations/DE/CPO/X HTTP" },
	{ "all are asked", &cpo, &msp, "POST", "/ocpi/2.2.1/sender/tokens/X/authorize", FROM_CPO,
	        "", "POST /emsp/tokens/X/authorize?key=1 HTTP" },
};

static void
assert_received(struct peer *peer, const char *line, const char *what)
{
	for (int i = 0; i < 500 && peer_count(peer) == 0; i++)
		usleep(10000); /* a share is pushed behind its answer */
	ck_assert_int_gt(peer_count(peer), 0);
	ck_assert_msg(strncmp(peer_request(peer, 0), line, strlen(line)) == 0,
	        "%s: expected %s, got %s", what, line, peer_request(peer, 0));
}

START_TEST(test_fault_O15_an_endpoint_is_called_as_it_was_listed)
{
	const struct call *call = &calls[_i];

	peer_says(*call->to, "200 OK", "", GOOD);
	peer_forget(*call->to);
	peer_asks(*call->from, &wire, call->method, call->path, call->headers, call->body);
	assert_received(*call->to, call->line, call->what);
}
END_TEST

START_TEST(test_fault_O15_a_link_is_followed_as_it_stands)
{
	char header[256], url[512];

	(void)snprintf(header, sizeof header,
	        "Link: <%s/api/locations/?offset=2&key=1>; rel=\"next\"\r\n", cpo->base);
	peer_says(cpo, "200 OK", header, GOOD);
	peer_asks(msp, &wire, "GET", "/ocpi/2.2.1/sender/locations", FROM_MSP TO_CPO, "");
	ck_assert_ptr_nonnull(http_header(wire.answer, "Link", url, sizeof url));
	*strchr(url, '>') = '\0';
	peer_forget(cpo);
	peer_asks(msp, &wire, "GET", url + 1, "", "");
	assert_received(cpo, "GET /api/locations/?offset=2&key=1 HTTP", "Link");
}
END_TEST

static void
register_all(void)
{
	cpo = peer_start("DE", "CPO", "CPO",
	        ENDPOINT("credentials", "SENDER", "/credentials") "," ENDPOINT(
	                "locations", "SENDER", "/api/locations/") "," ENDPOINT("tariffs", "SENDER",
	                "/api/tariffs/?key=a%2Fb"));
	msp = peer_start("NL", "MSP", "EMSP",
	        ENDPOINT("credentials", "SENDER", "/credentials") "," ENDPOINT(
	                "locations", "RECEIVER", "/emsp/locations/") "," ENDPOINT("sessions",
	                "RECEIVER", "/emsp/sessions/") "," ENDPOINT("cdrs", "RECEIVER",
	                "/emsp/cdrs/") "," ENDPOINT("tokens", "SENDER", "/emsp/tokens/?key=1"));
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
	Suite *suite = suite_create("endpoints");
	TCase *tcase = tcase_create("endpoints");

	tcase_set_timeout(tcase, 60);
	tcase_add_unchecked_fixture(tcase, register_all, stop_all);
	tcase_add_loop_test(
	        tcase, test_fault_O15_an_endpoint_is_called_as_it_was_listed, 0, (int)COUNT(calls));
	tcase_add_test(tcase, test_fault_O15_a_link_is_followed_as_it_stands);
	suite_add_tcase(suite, tcase);
	return suite_run(suite, CK_NOFORK);
}
