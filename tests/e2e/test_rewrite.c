/* URLs that the other side will call, in every form that partners write them: Link, Location,
 * response_url.
 *
 * tests/scenario/run starts the hub as for test_partner. */
#include "../unit/suite.h"
#include "peer.h"

#include <check.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define ENDPOINT(identifier, role, url) \
	"{\"identifier\":\"" identifier "\",\"role\":\"" role "\",\"url\":\"%s" url "\"}"
#define TO_CPO                                                  \
	"OCPI-to-country-code: DE\r\nOCPI-to-party-id: CPO\r\n" \
	"OCPI-from-country-code: NL\r\nOCPI-from-party-id: MSP\r\n"
#define TO_MSP                                                  \
	"OCPI-to-country-code: NL\r\nOCPI-to-party-id: MSP\r\n" \
	"OCPI-from-country-code: DE\r\nOCPI-from-party-id: CPO\r\n"
#define GOOD "{\"status_code\":1000,\"data\":[]}"

enum { ID_LEN = 32, DRAWN = 64 };

static struct peer *cpo, *msp, *smart;
static struct wire wire;
static char value[1024];

static const char *
answer_header(const char *name)
{
	return http_header(wire.answer, name, value, sizeof(value));
}

static void
assert_status(const char *http, const char *ocpi)
{
	char code[32];

	snprintf(code, sizeof(code), "\"status_code\":%s", ocpi);
	ck_assert_msg(strncmp(wire.answer + 9, http, 3) == 0 && wire_has(&wire, code),
	        "expected %s %s, got: %s", http, ocpi, wire.answer);
}

static void
assert_request(struct peer *peer, const char *line, const char *body)
{
	const char *request = peer_request(peer, 0);

	ck_assert_msg(
	        strncmp(request, line, strlen(line)) == 0, "expected %s, got: %s", line, request);
	if (body != NULL)
		ck_assert_str_eq(http_body(request), body);
}

/** The URL is the hub's, short enough, and its last segment has 128 bits of chance and more. */
static void
assert_handed_out(const char *url)
{
	const char *base = wire_env("BASE"), *id = strrchr(url, '/');

	ck_assert_msg(
	        strncmp(url, base, strlen(base)) == 0, "expected a URL of the hub, got %s", url);
	ck_assert_uint_le(strlen(url), 255);
	ck_assert_msg(strcspn(id + 1, "?") >= ID_LEN, "%s", url); /* filters may follow */
	for (const char *c = id + 1; *c != '\0' && *c != '?'; c++)
		ck_assert_msg(isalnum((unsigned char)*c) || *c == '-' || *c == '_', "%s", url);
}

START_TEST(test_RTE_057_links_lead_back_to_the_receivers_next_page)
{
	static const struct {
		const char *link, *expected; /* NULL: no Link for the client */
	} rows[] = {
		{ "<%s/list?offset=2&limit=2>; rel=\"next\"", "GET /list?offset=2&limit=2 HTTP" },
		{ "<%s/list?offset=2>;rel=next", "GET /list?offset=2 HTTP" },
		{ "<%s/list?offset=2>; REL=\"NEXT\"", "GET /list?offset=2 HTTP" },
		{ "<%s/list?offset=2>; title=\"a, b\"; rel=\"next\"", "GET /list?offset=2 HTTP" },
		{ "<%s/list?offset=0>; rel=\"first\", <%s/list?offset=4,5>; rel=\"next\", <x>; "
		  "rel=last",
		        "GET /list?offset=4,5 HTTP" },
		{ "<%s/list?a=%%2F%%C3%%A9&date_from=2026-11-23T00:00:00%%2B00:00>; rel=\"next\"",
		        "GET /list?a=%2F%C3%A9&date_from=2026-11-23T00:00:00%2B00:00 HTTP" },
		{ "</elsewhere/list?offset=2>; rel=\"next\"",
		        "GET /elsewhere/list?offset=2 HTTP" }, /* TRP-51 */
		{ "<?offset=2>; rel=\"next\"", "GET /base/locations?offset=2 HTTP" },
		{ "<more?offset=2>; rel=\"next\"", "GET /base/more?offset=2 HTTP" },
		{ "", NULL },
		{ "<%s/list?offset=2>; rel=\"prev\"", NULL },
		{ "nonsense", NULL },
		{ "<>; rel=\"next\"", NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char link[512], header[600], url[256];
		const char *found;

		snprintf(link, sizeof(link), rows[i].link, cpo->base, cpo->base);
		snprintf(header, sizeof(header), "Link: %s\r\nX-Total-Count: 17\r\nX-Limit: 2\r\n",
		        link);
		peer_says(cpo, "200 OK", header, GOOD);
		peer_forget(cpo);
		peer_asks(msp, &wire, "GET", "/ocpi/2.2.1/sender/locations?limit=2", TO_CPO, "");
		assert_status("200", "1000");
		ck_assert_str_eq(answer_header("X-Total-Count"), "17");
		ck_assert_str_eq(answer_header("X-Limit"), "2");
		found = answer_header("Link");
		if (rows[i].expected == NULL) {
			ck_assert_msg(found == NULL, "%s gave %s", link, found);
			continue;
		}
		ck_assert_msg(found != NULL && sscanf(found, "<%255[^>]>; rel=\"next\"", url) == 1,
		        "%s gave %s", link, wire.answer);
		assert_handed_out(url);
		for (int again = 0; again < 2; again++) {
			peer_forget(cpo);
			peer_asks(msp, &wire, "GET", url, again ? "" : TO_CPO, "");
			assert_status("200", "1000");
			assert_request(cpo, rows[i].expected, "");
			ck_assert_str_eq(http_header(peer_request(cpo, 0), "OCPI-to-party-id",
			                         value, sizeof(value)),
			        "CPO");
			ck_assert_str_eq(http_header(peer_request(cpo, 0), "OCPI-from-party-id",
			                         value, sizeof(value)),
			        "MSP");
		}
	}
}
END_TEST

START_TEST(test_CDR_006_locations_of_CDRs_lead_back_to_the_receiver)
{
	static const struct {
		const char *status, *location, *expected, *http;
	} rows[] = {
		{ "201 Created", "Location: %s/my/cdrs/C%%2F1?v=1\r\n",
		        "GET /my/cdrs/C%2F1?v=1 HTTP", "201" },
		{ "200 OK", "Location: %s/my/cdrs/C1\r\n", "GET /my/cdrs/C1 HTTP",
		        "200" }, /* TRP-56 */
		{ "202 Accepted", "Location: %s/my/cdrs/C1\r\n", "GET /my/cdrs/C1 HTTP", "200" },
		{ "201 Created", "Location: /my/cdrs/C1\r\n", "GET /my/cdrs/C1 HTTP", "201" },
		{ "201 Created", "Location: C1\r\n", "GET /base/C1 HTTP", "201" },
		{ "201 Created", "", NULL, "201" },
		{ "201 Created", "Location: \r\n", NULL, "201" },
	};
	static const char cdr[] = "{\"country_code\":\"DE\",\"party_id\":\"CPO\",\"id\":\"C1\"}";

	for (size_t i = 0; i < COUNT(rows); i++) {
		char header[256], url[256];

		snprintf(header, sizeof(header), rows[i].location, msp->base);
		peer_says(msp, rows[i].status, header,
		        "{\"status_code\":1000,\"data\":\"http://10.0.0.1/body\"}");
		peer_forget(msp);
		peer_asks(cpo, &wire, "POST", "/ocpi/2.2.1/receiver/cdrs", TO_MSP, cdr);
		assert_status(rows[i].http, "1000");
		ck_assert(wire_has(
		        &wire, "http://10.0.0.1/body")); /* TRP-57: the body is left alone */
		assert_request(msp, "POST /base/cdrs HTTP", cdr);
		if (rows[i].expected == NULL) {
			ck_assert_msg(answer_header("Location") == NULL, "%s", wire.answer);
			continue;
		}
		ck_assert_ptr_nonnull(http_header(wire.answer, "Location", url, sizeof(url)));
		assert_handed_out(url);
		peer_says(msp, "200 OK", "", GOOD);
		peer_forget(msp);
		peer_asks(cpo, &wire, "GET", url, "", "");
		assert_status("200", "1000");
		assert_request(msp, rows[i].expected, "");
	}
	/* TRP-57: the longer path that some CPOs use */
	peer_says(msp, "201 Created", "", "{\"status_code\":1000}");
	peer_forget(msp);
	peer_asks(cpo, &wire, "POST", "/ocpi/2.2.1/receiver/cdrs/DE/CPO", TO_MSP, cdr);
	assert_status("201", "1000");
	assert_request(msp, "POST /base/cdrs", cdr);
}
END_TEST

START_TEST(test_RTE_016_urls_of_a_refusal_and_of_other_answers_are_not_handed_on)
{
	char header[256];

	snprintf(header, sizeof(header), "Location: %s/x\r\nLink: <%s/y>; rel=\"next\"\r\n",
	        msp->base, msp->base);
	peer_says(msp, "201 Created", header, "{\"status_code\":1000}");
	peer_asks(cpo, &wire, "PUT", "/ocpi/2.2.1/receiver/locations/DE/CPO/L1", TO_MSP,
	        "{\"id\":\"L1\"}");
	assert_status("201", "1000");
	ck_assert_ptr_null(answer_header("Location"));
	ck_assert_ptr_null(answer_header("Link"));
	peer_says(msp, "404 Not Found", header, "{\"status_code\":2003}");
	peer_asks(cpo, &wire, "POST", "/ocpi/2.2.1/receiver/cdrs", TO_MSP,
	        "{\"country_code\":\"DE\",\"party_id\":\"CPO\"}");
	assert_status("404", "2003");
	ck_assert_ptr_null(answer_header("Location"));
	peer_says(msp, "201 Created", "Location: ftp://127.0.0.1/x\r\n", "{\"status_code\":1000}");
	peer_asks(cpo, &wire, "POST", "/ocpi/2.2.1/receiver/cdrs", TO_MSP,
	        "{\"country_code\":\"DE\",\"party_id\":\"CPO\"}");
	ck_assert_msg(!wire_has(&wire, "ftp:"), "%s", wire.answer);
}
END_TEST

START_TEST(test_RTE_059_a_url_that_is_handed_out_cannot_be_guessed_from_others)
{
	static char drawn[DRAWN][ID_LEN + 1];
	char header[256];
	unsigned seen[ID_LEN] = { 0 };

	snprintf(header, sizeof(header), "Link: <%s/list?offset=2>; rel=\"next\"\r\n", cpo->base);
	peer_says(cpo, "200 OK", header, GOOD);
	for (int i = 0; i < DRAWN; i++) {
		const char *end;

		peer_asks(msp, &wire, "GET", "/ocpi/2.2.1/sender/locations", TO_CPO, "");
		ck_assert_ptr_nonnull(answer_header("Link"));
		end = value + strcspn(value, "?>");
		memcpy(drawn[i], end - ID_LEN, ID_LEN);
		for (int j = 0; j < i; j++)
			ck_assert_str_ne(drawn[i], drawn[j]);
	}
	/* Every position varies: a counter or a clock would leave most of them alone. */
	for (int at = 0; at < ID_LEN; at++)
		for (int i = 1; i < DRAWN; i++)
			seen[at] += drawn[i][at] != drawn[0][at];
	for (int at = 0; at < ID_LEN; at++)
		ck_assert_msg(seen[at] > DRAWN / 2, "position %d differs in %u of %d", at, seen[at],
		        DRAWN);
}
END_TEST

/** The value of "response_url" in the body of what @peer received first. */
static const char *
url_received(struct peer *peer)
{
	static char url[256];
	const char *at = strstr(http_body(peer_request(peer, 0)), "\"response_url\":\"");

	ck_assert_ptr_nonnull(at);
	ck_assert_int_eq(sscanf(at, "\"response_url\":\"%255[^\"]", url), 1);
	return url;
}

START_TEST(test_CMD_004_response_url_is_replaced_and_every_other_byte_stays)
{
	static const struct {
		const char *before, *url, *behind, *target;
	} rows[] = {
		{ "{\"response_url\":\"", "%s/cb/1?a=b&c=%%2F", "\",\"session_id\":\"S1\"}",
		        "POST /cb/1?a=b&c=%2F HTTP" },
		{ " { \"x\" : [ 1.10, 1e2 ],\n\"session_id\":\"S\\u0031\", \"response_url\" : \"",
		        "%s\\/cb\\u002f2", "\" } ", "POST /cb/2 HTTP" },
		{ "{\"data\":{\"response_url\":\"http://127.0.0.1/"
		  "not-this\"},\"session_id\":\"S1\",\"response_url\":\"",
		        "%s/cb", "\"}", "POST /cb HTTP" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char url[256], body[1024], expected[1024], handed[256];
		const char *at;

		snprintf(url, sizeof(url), rows[i].url, msp->base);
		snprintf(body, sizeof(body), "%s%s%s", rows[i].before, url, rows[i].behind);
		peer_says(cpo, "200 OK", "",
		        "{\"status_code\":1000,\"data\":{\"result\":\"ACCEPTED\",\"timeout\":30}}");
		peer_forget(cpo);
		peer_asks(msp, &wire, "POST", "/ocpi/2.2.1/receiver/commands/STOP_SESSION", TO_CPO,
		        body);
		assert_status("200", "1000");
		at = http_body(peer_request(cpo, 0));
		ck_assert_msg(strncmp(at, rows[i].before, strlen(rows[i].before)) == 0, "%s", at);
		ck_assert_int_eq(sscanf(at + strlen(rows[i].before), "%255[^\"]", handed), 1);
		assert_handed_out(handed);
		snprintf(expected, sizeof(expected), "%s%s%s", rows[i].before, handed,
		        rows[i].behind);
		ck_assert_str_eq(http_body(peer_request(cpo, 0)), expected);
		peer_says(msp, "200 OK", "", "{\"status_code\":1000}");
		peer_forget(msp);
		peer_asks(cpo, &wire, "POST", handed, "X-Correlation-ID: result\r\n",
		        "{ \"result\":\"ACCEPTED\"}");
		assert_status("200", "1000");
		assert_request(msp, rows[i].target, "{ \"result\":\"ACCEPTED\"}");
		ck_assert_str_eq(
		        http_header(peer_request(msp, 0), "X-Correlation-ID", value, sizeof(value)),
		        "result");
		ck_assert_str_eq(
		        http_header(peer_request(msp, 0), "Authorization", value, sizeof(value)),
		        "Token dG9rZW4tb2YtTkwtTVNQ");
	}
}
END_TEST

START_TEST(test_TRP_50_a_callback_with_foreign_or_useless_headers_goes_where_the_url_says)
{
	static const char *const headers[] = { "", TO_CPO, "OCPI-to-party-id: ZZZ\r\n",
		"OCPI-to-country-code: FR\r\nOCPI-to-party-id: SMT\r\nOCPI-from-country-code: "
		"XX\r\nOCPI-from-party-id: ??\r\n" };
	char url[256], body[300];

	peer_says(cpo, "200 OK", "",
	        "{\"status_code\":1000,\"data\":{\"result\":\"ACCEPTED\"}}"); /* CMD-014, TRP-26 */
	peer_forget(cpo);
	snprintf(body, sizeof(body), "{\"response_url\":\"%s/cb\",\"session_id\":\"S1\"}",
	        msp->base);
	peer_asks(msp, &wire, "POST", "/ocpi/2.2.1/receiver/commands/STOP_SESSION", TO_CPO, body);
	assert_status("200", "1000");
	snprintf(url, sizeof(url), "%s", url_received(cpo));
	peer_says(msp, "200 OK", "", "{\"status_code\":1000}");
	for (size_t i = 0; i < COUNT(headers); i++) {
		peer_forget(msp);
		peer_asks(cpo, &wire, "POST", url, headers[i], "{\"result\":\"FAILED\"}");
		assert_status("200", "1000");
		ck_assert_str_eq(
		        http_header(peer_request(msp, 0), "OCPI-to-party-id", value, sizeof(value)),
		        "MSP");
		ck_assert_str_eq(http_header(peer_request(msp, 0), "OCPI-to-country-code", value,
		                         sizeof(value)),
		        "NL");
		ck_assert_str_eq(http_header(peer_request(msp, 0), "OCPI-from-party-id", value,
		                         sizeof(value)),
		        "CPO");
		ck_assert_str_eq(http_header(peer_request(msp, 0), "OCPI-from-country-code", value,
		                         sizeof(value)),
		        "DE");
	}
}
END_TEST

START_TEST(test_TRP_65_a_host_that_is_not_the_platforms_gets_no_token)
{
	const char *at = strrchr(msp->base, ':');
	char body[300];

	peer_says(cpo, "200 OK", "",
	        "{\"status_code\":1000,\"data\":{\"result\":\"ACCEPTED\",\"timeout\":1}}");
	peer_forget(cpo);
	/* The same machine under a name that the platform did not give. */
	snprintf(body, sizeof(body),
	        "{\"response_url\":\"http://localhost%s/cb\",\"session_id\":\"S1\"}", at);
	peer_asks(msp, &wire, "POST", "/ocpi/2.2.1/receiver/commands/STOP_SESSION", TO_CPO, body);
	assert_status("200", "1000");
	peer_says(msp, "200 OK", "", "{\"status_code\":1000}");
	peer_forget(msp);
	peer_asks(cpo, &wire, "POST", url_received(cpo), "", "{\"result\":\"ACCEPTED\"}");
	assert_status("200", "1000");
	assert_request(msp, "POST /cb HTTP", "{\"result\":\"ACCEPTED\"}");
	ck_assert_ptr_null(
	        http_header(peer_request(msp, 0), "Authorization", value, sizeof(value)));
}
END_TEST

START_TEST(test_CHP_014_an_eMSP_may_receive_profiles_of_a_smart_charging_provider)
{
	char body[400], url[256];

	peer_says(msp, "200 OK", "",
	        "{\"status_code\":1000,\"data\":{\"result\":\"ACCEPTED\",\"timeout\":30}}");
	peer_forget(msp);
	snprintf(body, sizeof(body),
	        "{\"charging_profile\":{\"charging_rate_unit\":\"A\"},\"response_url\":\"%s/cb\"}",
	        smart->base);
	peer_asks(smart, &wire, "PUT", "/ocpi/2.2.1/receiver/chargingprofiles/S1",
	        "OCPI-to-country-code: NL\r\nOCPI-to-party-id: MSP\r\n"
	        "OCPI-from-country-code: FR\r\nOCPI-from-party-id: SMT\r\n",
	        body);
	assert_status("200", "1000");
	assert_request(msp, "PUT /profiles/S1 HTTP", NULL);
	snprintf(url, sizeof(url), "%s", url_received(msp));
	assert_handed_out(url);
	peer_says(smart, "200 OK", "", "{\"status_code\":1000}");
	peer_forget(smart);
	peer_asks(msp, &wire, "POST", url, "", "{\"result\":\"ACCEPTED\"}");
	assert_status("200", "1000");
	assert_request(smart, "POST /cb HTTP", "{\"result\":\"ACCEPTED\"}");
	ck_assert_str_eq(
	        http_header(peer_request(smart, 0), "OCPI-from-party-id", value, sizeof(value)),
	        "MSP");
	/* the same session as the eMSP passes it on to the CPO: another exchange with another URL
	 */
	peer_says(cpo, "200 OK", "",
	        "{\"status_code\":1000,\"data\":{\"result\":\"ACCEPTED\",\"timeout\":30}}");
	peer_forget(cpo);
	snprintf(body, sizeof(body),
	        "{\"charging_profile\":{\"charging_rate_unit\":\"A\"},\"response_url\":\"%s/cb\"}",
	        msp->base);
	peer_asks(msp, &wire, "PUT", "/ocpi/2.2.1/receiver/chargingprofiles/S1-renamed", TO_CPO,
	        body);
	assert_status("200", "1000");
	assert_request(cpo, "PUT /profiles/S1-renamed HTTP", NULL);
	ck_assert_str_ne(url_received(cpo), url);
}
END_TEST

static void
register_all(void)
{
	cpo = peer_start("DE", "CPO", "CPO",
	        ENDPOINT("credentials", "SENDER", "/credentials") "," ENDPOINT("locations",
	                "SENDER", "/base/locations") "," ENDPOINT("commands", "RECEIVER",
	                "/commands") "," ENDPOINT("chargingprofiles", "RECEIVER", "/profiles"));
	msp = peer_start("NL", "MSP", "EMSP",
	        ENDPOINT("credentials", "SENDER", "/credentials") "," ENDPOINT(
	                "locations", "RECEIVER", "/base/locations") "," ENDPOINT("cdrs", "RECEIVER",
	                "/base/cdrs") "," ENDPOINT("chargingprofiles", "RECEIVER", "/profiles"));
	smart = peer_start("FR", "SMT", "SCSP", ENDPOINT("credentials", "SENDER", "/credentials"));
	peer_register(cpo, "CPO");
	peer_register(msp, "MSP");
	peer_register(smart, "THIRD");
}

static void
stop_all(void)
{
	peer_stop(cpo);
	peer_stop(msp);
	peer_stop(smart);
}

int
main(void)
{
	Suite *suite = suite_create("rewrite");
	TCase *tcase = tcase_create("rewrite");

	tcase_set_timeout(tcase, 60);
	tcase_add_unchecked_fixture(tcase, register_all, stop_all);
	tcase_add_test(tcase, test_RTE_057_links_lead_back_to_the_receivers_next_page);
	tcase_add_test(tcase, test_CDR_006_locations_of_CDRs_lead_back_to_the_receiver);
	tcase_add_test(
	        tcase, test_RTE_016_urls_of_a_refusal_and_of_other_answers_are_not_handed_on);
	tcase_add_test(tcase, test_RTE_059_a_url_that_is_handed_out_cannot_be_guessed_from_others);
	tcase_add_test(tcase, test_CMD_004_response_url_is_replaced_and_every_other_byte_stays);
	tcase_add_test(tcase,
	        test_TRP_50_a_callback_with_foreign_or_useless_headers_goes_where_the_url_says);
	tcase_add_test(tcase, test_TRP_65_a_host_that_is_not_the_platforms_gets_no_token);
	tcase_add_test(
	        tcase, test_CHP_014_an_eMSP_may_receive_profiles_of_a_smart_charging_provider);
	suite_add_tcase(suite, tcase);
	return suite_run(suite, CK_NOFORK);
}
