/* What a partner answers, and what the requester gets of it: the daemon between two platforms of
 * bytes.
 *
 * tests/scenario/run starts the hub with `--invite cpo --invite msp --invite third`,
 * http.workers=1, egress.timeout=0.5, egress.max_answer=64K and
 * validation.mode=off. */
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
#define PARTIES                                                 \
	"OCPI-to-country-code: NL\r\nOCPI-to-party-id: MSP\r\n" \
	"OCPI-from-country-code: DE\r\nOCPI-from-party-id: CPO\r\n"
#define GOOD "{\"status_code\":1000,\"data\":{\"id\":\"L1\"}}"

static const char location[] = "/ocpi/2.2.1/receiver/locations/DE/CPO/L1";

static struct peer *cpo, *msp, *third;
static struct wire wire;
static char value[512];

static void
ask(const char *method, const char *path, const char *body)
{
	peer_forget(msp);
	peer_asks(cpo, &wire, method, path,
	        PARTIES "X-Request-ID: request-1\r\nX-Correlation-ID: story-1\r\nContent-Type: "
	                "application/json\r\n",
	        body);
}

static int
http_status(void)
{
	return atoi(wire.answer + sizeof("HTTP/1.1 ") - 1);
}

static int
ocpi_status(void)
{
	const char *at = strstr(http_body(wire.answer), "\"status_code\":");

	return at == NULL ? 0 : atoi(at + 14);
}

static void
assert_header(const char *name, const char *expected)
{
	const char *found = http_header(wire.answer, name, value, sizeof(value));

	if (expected == NULL)
		ck_assert_msg(found == NULL, "expected no %s, got: %s", name, wire.answer);
	else
		ck_assert_msg(found != NULL && strcmp(found, expected) == 0,
		        "expected %s: %s, got: %s", name, expected, wire.answer);
}

static void
assert_status(int http, int ocpi, const char *about)
{
	ck_assert_msg(http_status() == http && (ocpi_status() == ocpi || ocpi == 0),
	        "%s: expected %d %d, got: %s", about, http, ocpi, wire.answer);
}

/** What the hub refuses is its own answer, in its name. */
static void
assert_refused(int ocpi, const char *about)
{
	assert_status(200, ocpi, about);
	assert_header("OCPI-from-country-code", "DE");
	assert_header("OCPI-from-party-id", "HUB");
	assert_header("OCPI-to-party-id", "CPO");
}

/** One request came since the last peer_forget(), and no second one before what is asked now (fault
 * T2). */
static void
assert_came_once(const char *about)
{
	peer_says(msp, "200 OK", "", GOOD);
	peer_asks(cpo, &wire, "GET", location,
	        PARTIES "X-Request-ID: fence\r\nX-Correlation-ID: fence\r\n", "");
	assert_status(200, 1000, about);
	ck_assert_msg(peer_count(msp) == 2, "%s: came %d times before", about, peer_count(msp) - 1);
	ck_assert_str_eq(
	        http_header(peer_request(msp, 1), "X-Correlation-ID", value, sizeof(value)),
	        "fence");
}

START_TEST(test_RTE_016_statuses_that_mean_something_are_kept_others_become_200)
{
	static const struct {
		const char *status;
		const char *body;
		int http, ocpi;
	} rows[] = {
		{ "200 OK", GOOD, 200, 1000 },
		{ "201 Created", "{\"status_code\":1000}", 201, 1000 },
		{ "202 Accepted", GOOD, 200, 1000 },
		{ "404 Not Found", "{\"status_code\":2003,\"status_message\":\"gone\"}", 404,
		        2003 },
		{ "405 Method Not Allowed", "{\"status_code\":2000}", 405, 2000 },
		{ "400 Bad Request", "{\"status_code\":2001}", 200, 2001 }, /* TRP-54 */
		{ "401 Unauthorized", "{\"status_code\":2000}", 200, 2000 },
		{ "429 Too Many Requests", "{\"status_code\":3000}", 429, 3000 },
		{ "200 OK", "{\"status_code\":1901,\"data\":[1]}", 200,
		        1901 }, /* custom codes, TRN-024 */
		{ "200 OK", "{\"status_code\":2999}", 200, 2999 },
		{ "200 OK", "{\"status_code\":3999}", 200, 3999 },
		{ "200 OK", "{\"status_code\":4003}", 200, 4003 },
		{ "200 OK", "{\"status_code\":2001,\"data\":{\"result\":\"REJECTED\"}}", 200,
		        2001 }, /* TRP-26 */
		{ "200 OK", " {\"x\":1.10, \"data\" : [ {} ] ,\"status_code\":1000 } ", 200,
		        1000 }, /* TRP-52 */
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		peer_says(msp, rows[i].status, "", rows[i].body);
		ask("GET", location, "");
		assert_status(rows[i].http, rows[i].ocpi, rows[i].status);
		ck_assert_str_eq(http_body(wire.answer), rows[i].body);
		assert_header("Content-Type", "application/json");
		assert_header("OCPI-from-party-id", "MSP");
		assert_came_once(rows[i].status);
	}
}
END_TEST

START_TEST(test_RTE_018_what_is_no_envelope_is_4000_with_the_status_that_came)
{
	static const struct {
		const char *status, *body;
	} rows[] = {
		{ "200 OK", "" },
		{ "200 OK", "{}" },
		{ "200 OK", "[{\"status_code\":1000}]" },
		{ "200 OK", "null" },
		{ "200 OK", "{\"status_code\":1000" },
		{ "200 OK", "{\"status_code\":1000}{" },
		{ "200 OK", "{\"status_code\":1000,\"status_code\":2000}" },
		{ "200 OK", "{\"status_code\":1000,\"data\":\"\xff\"}" },
		{ "200 OK", "{\"status_code\":\"yes\"}" },
		{ "200 OK", "{\"status_code\":200}" },
		{ "422 Unprocessable Entity", "{\"detail\":[{\"loc\":[\"body\"],\"msg\":\"field "
		                              "required\"}]}" }, /* TRP-53
		                                                  */
		{ "404 Not Found", "{\"message\":\"no Route matched\"}" },
		{ "302 Found", "" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char expected[32];

		peer_says(msp, rows[i].status, "Location: http://127.0.0.1:1/\r\n", rows[i].body);
		ask("GET", location, "");
		assert_refused(4000, rows[i].body);
		snprintf(expected, sizeof(expected), "HTTP %.3s", rows[i].status);
		ck_assert_msg(strstr(http_body(wire.answer), expected) != NULL, "expected %s in %s",
		        expected, wire.answer);
		ck_assert(strstr(http_body(wire.answer), "\"data\"") == NULL);
		assert_header("Location", NULL);
	}
	peer_answers(msp, PEER_ANSWERS, "HTTP/1.1 204 No Content\r\n\r\n");
	ask("GET", location, "");
	assert_refused(4000, "204");
}
END_TEST

START_TEST(test_TRP_58_an_answer_is_judged_by_parsing_not_by_its_content_type)
{
	static const char *const types[] = { "", "Content-Type: text/html\r\n",
		"Content-Type: nonsense\r\n", "Content-Type: application/json; charset=utf-8\r\n" };

	for (size_t i = 0; i < COUNT(types); i++) {
		peer_answers(msp, PEER_ANSWERS,
		        "HTTP/1.1 200 OK\r\n%sContent-Length: %zu\r\n\r\n%s", types[i],
		        strlen(GOOD), GOOD);
		ask("GET", location, "");
		assert_status(200, 1000, types[i]);
		ck_assert_str_eq(http_body(wire.answer), GOOD);
		assert_header("Content-Type", "application/json");
	}
}
END_TEST

START_TEST(test_RTE_009_headers_of_the_answer_are_the_hubs_own_whatever_the_receiver_wrote)
{
	static const char *const headers[] = { "",
		"OCPI-to-party-id: ZZZ\r\nOCPI-to-country-code: XX\r\nOCPI-from-party-id: "
		"HUB\r\nOCPI-from-country-code: \r\n",
		"OCPI-to-party-id: \x80\x81\r\nOCPI-from-party-id: a very long one indeed\r\n",
		"X-Request-ID: another\r\nX-Correlation-ID: another\r\nSet-Cookie: a=b\r\nServer: "
		"x\r\nX-Own: 1\r\n" };

	for (size_t i = 0; i < COUNT(headers); i++) {
		peer_says(msp, "200 OK", headers[i], GOOD);
		ask("GET", location, "");
		assert_status(200, 1000, headers[i]);
		assert_header("OCPI-to-country-code", "DE");
		assert_header("OCPI-to-party-id", "CPO");
		assert_header("OCPI-from-country-code", "NL");
		assert_header("OCPI-from-party-id", "MSP");
		assert_header("X-Request-ID", "request-1");
		assert_header("X-Correlation-ID", "story-1");
		assert_header("Set-Cookie", NULL);
		assert_header("Server", NULL);
	}
	peer_says(msp, "405 Method Not Allowed", "Allow: GET, PUT\r\n", "{\"status_code\":2000}");
	ask("GET", location, "");
	assert_header("Allow", "GET, PUT");
}
END_TEST

START_TEST(test_RTE_023_the_request_carries_the_receivers_token_and_nothing_of_the_hop_before)
{
	static const char body[] = "{\"a\": 1.10 ,\"a\\u0062\":[ ]}";
	const char *request;
	char expected[160];

	peer_says(msp, "200 OK", "", GOOD);
	peer_forget(msp);
	peer_asks(cpo, &wire, "PATCH", "/ocpi/2.2.1/receiver/locations/DE/CPO/L1?x=%2F&y=a+b",
	        PARTIES "X-Request-ID: request-1\r\nCookie: a=b\r\nX-Forwarded-For: "
	                "10.0.0.1\r\nProxy-Authorization: x\r\n"
	                "Content-Type: text/plain\r\nAccept-Encoding: gzip\r\n",
	        body);
	assert_status(200, 1000, "PATCH");
	request = peer_request(msp, 0);
	ck_assert_msg(strncmp(request, "PATCH /base/locations/DE/CPO/L1?x=%2F&y=a+b HTTP/1.1\r\n",
	                      52) == 0,
	        "%s", request);
	ck_assert_str_eq(http_body(request), body);
	ck_assert_str_eq(
	        http_header(request, "Content-Type", value, sizeof(value)), "application/json");
	snprintf(expected, sizeof(expected), "%s", msp->base + strlen("http://"));
	ck_assert_str_eq(http_header(request, "Host", value, sizeof(value)), expected);
	ck_assert_str_eq(http_header(request, "Authorization", value, sizeof(value)),
	        "Token dG9rZW4tb2YtTkwtTVNQ");
	ck_assert_str_ne(http_header(request, "X-Request-ID", value, sizeof(value)), "request-1");
	ck_assert_ptr_nonnull(http_header(request, "X-Correlation-ID", value, sizeof(value)));
	ck_assert_ptr_null(http_header(request, "Cookie", value, sizeof(value)));
	ck_assert_ptr_null(http_header(request, "X-Forwarded-For", value, sizeof(value)));
	ck_assert_ptr_null(http_header(request, "Proxy-Authorization", value, sizeof(value)));
	ck_assert_ptr_null(http_header(request, "Accept-Encoding", value, sizeof(value)));
	ck_assert_ptr_null(http_header(request, "Transfer-Encoding", value, sizeof(value)));
}
END_TEST

START_TEST(test_TRP_15_endpoints_join_with_one_slash_whether_they_end_in_one_or_not)
{
	static const struct {
		const char *path, *expected;
	} rows[] = {
		{ "/ocpi/2.2.1/receiver/locations/DE/CPO/L1",
		        "GET /base/locations/DE/CPO/L1 HTTP" },
		{ "/ocpi/2.2.1/receiver/locations/DE/CPO/L1/", "GET /base/locations/DE/CPO/L1" },
		{ "/ocpi/2.2.1/receiver/tariffs/DE/CPO/T1", "GET /base/tariffs/DE/CPO/T1 HTTP" },
		{ "/ocpi/2.2.1/sender/tokens", "GET /other/tokens" },
		{ "/ocpi/2.2.1/sender/tokens/?limit=1", "GET /other/tokens" },
		{ "/ocpi/2.2.1/receiver/sessions/DE/CPO/S%2F1",
		        "GET /sessions%20of/us/DE/CPO/S%2F1 HTTP" }, /* TRP-68 */
	};

	peer_says(msp, "200 OK", "", GOOD);
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *request;

		ask("GET", rows[i].path, "");
		assert_status(200, 1000, rows[i].path);
		request = peer_request(msp, 0);
		ck_assert_msg(strncmp(request, rows[i].expected, strlen(rows[i].expected)) == 0,
		        "expected %s, got: %s", rows[i].expected, request);
		ck_assert_msg(strstr(request, "//base") == NULL && strstr(request, "s//") == NULL,
		        "%s", request);
	}
}
END_TEST

START_TEST(test_RTE_016_answers_come_in_chunks_after_an_interim_one_and_until_the_end)
{
	peer_answers(msp, PEER_ANSWERS,
	        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	        "5\r\n{\"sta\r\n12;x=y\r\ntus_code\":1000,\"da\r\n7\r\nta\":{}}\r\n0\r\nX-Trailer: "
	        "1\r\n\r\n");
	ask("POST", "/ocpi/2.2.1/sender/tokens/U1/authorize", "{}");
	assert_status(200, 1000, "chunked");
	ck_assert_str_eq(http_body(wire.answer), "{\"status_code\":1000,\"data\":{}}");
	peer_answers(msp, PEER_CLOSES, "HTTP/1.0 200 OK\r\n\r\n%s", GOOD);
	ask("GET", location, "");
	assert_status(200, 1000, "until the end");
	ck_assert_str_eq(http_body(wire.answer), GOOD);
}
END_TEST

START_TEST(test_RTE_012_half_an_answer_and_none_are_4002_and_a_write_arrives_once)
{
	static const struct {
		enum peer_habit habit;
		const char *answer;
	} rows[] = {
		{ PEER_CLOSES, "" },
		{ PEER_CLOSES, "HTTP/1.1 200 OK\r\nContent-Le" },
		{ PEER_CLOSES, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" GOOD },
		{ PEER_CLOSES, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"st" },
		{ PEER_HANGS, "" },
		{ PEER_DRIPS, "HTTP/1.1 200 OK\r\nX: y" },
		{ PEER_DRIPS, "HTTP/1.1 200 OK\r\nContent-Length: "
		              "60000\r\n\r\n{\"status_code\":1000,\"data\":\"aaaaaaaaaa" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		/* A connection that was used before is the one on which a client is tempted to try
		 * again. */
		peer_says(msp, "200 OK", "", GOOD);
		ask("GET", location, "");
		assert_status(200, 1000, "before");
		peer_answers(msp, rows[i].habit, "%s", rows[i].answer);
		ask(i % 2 == 0 ? "PUT" : "PATCH", location, "{}");
		assert_refused(4002, rows[i].answer);
		assert_came_once(rows[i].answer); /* RTE-026 */
	}
	peer_says(msp, "200 OK", "", GOOD);
	ask("GET", location, "");
	assert_status(200, 1000, "after");
}
END_TEST

START_TEST(test_RTE_013_bytes_that_are_no_HTTP_and_answers_without_end_are_refused)
{
	static const char *const answers[] = {
		"SSH-2.0-OpenSSH_9.2p1\r\n",
		"HTTP/9.9 999\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: "
		"50\r\n\r\n{\"status_code\":1000}",
		"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n{",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\n",
		"\x16\x03\x01\x02",
	};

	for (size_t i = 0; i < COUNT(answers); i++) {
		peer_answers(msp, PEER_CLOSES, "%s", answers[i]);
		ask("PUT", location, "{}");
		ck_assert_msg(
		        http_status() == 200 && (ocpi_status() == 4000 || ocpi_status() == 4002),
		        "%s gave: %s", answers[i], wire.answer);
		assert_header("OCPI-from-party-id", "HUB");
		assert_came_once(answers[i]);
	}
}
END_TEST

START_TEST(test_RTE_026_an_idle_connection_that_went_away_costs_nobody_an_answer)
{
	for (int i = 0; i < 20; i++) {
		peer_answers(msp, PEER_CLOSES_IDLE,
		        "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen(GOOD), GOOD);
		ask("GET", location, "");
		assert_status(200, 1000, "GET");
		usleep(2000);
		ask("GET", location, "");
		assert_status(200, 1000, "GET on a fresh connection");
		assert_came_once("GET on a fresh connection");
	}
}
END_TEST

START_TEST(test_RTE_012_one_that_hangs_or_drips_holds_up_nobody_else)
{
	static struct wire slow[3];

	peer_answers(msp, PEER_HANGS, "%s", "");
	peer_says(third, "200 OK", "", GOOD);
	for (size_t i = 0; i < COUNT(slow); i++)
		peer_sends(cpo, &slow[i], "GET", location, PARTIES, "");
	for (int i = 0; i < 50; i++) {
		peer_asks(cpo, &wire, "GET", location,
		        "OCPI-to-country-code: FR\r\nOCPI-to-party-id: TRD\r\n"
		        "OCPI-from-country-code: DE\r\nOCPI-from-party-id: CPO\r\n",
		        "");
		assert_status(200, 1000, "another receiver");
	}
	for (size_t i = 0; i < COUNT(slow); i++) {
		wire_answers(&slow[i], 1);
		ck_assert_msg(wire_has(&slow[i], "\"status_code\":4002"), "%s", slow[i].answer);
		wire_close(&slow[i]);
	}
}
END_TEST

START_TEST(test_TRP_04_an_unknown_token_is_404_and_2004_together)
{
	static const struct {
		const char *status, *body;
		int http, ocpi;
	} rows[] = {
		{ "404 Not Found", "{\"status_code\":2004}", 404, 2004 },
		{ "200 OK", "{\"status_code\":2004}", 404, 2004 },
		{ "404 Not Found", "{\"status_code\":2003, \"x\":1}", 404, 2004 },
		{ "404 Not Found", "nothing here", 404, 2004 },
		{ "200 OK", "{\"status_code\":2002}", 200, 2002 },
		{ "200 OK", "{\"status_code\":1000,\"data\":{\"allowed\":\"EXPIRED\"}}", 200,
		        1000 },
		{ "500 Oops", "nothing here", 200, 3000 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		peer_says(msp, rows[i].status, "", rows[i].body);
		ask("POST", "/ocpi/2.2.1/sender/tokens/U1/authorize?type=RFID", "");
		assert_status(rows[i].http, rows[i].ocpi, rows[i].body);
	}
}
END_TEST

static void
register_all(void)
{
	cpo = peer_start("DE", "CPO", "CPO", ENDPOINT("credentials", "SENDER", "/credentials"));
	msp = peer_start("NL", "MSP", "EMSP",
	        ENDPOINT("credentials", "RECEIVER", "/credentials") "," ENDPOINT(
	                "locations", "RECEIVER", "/base/locations") "," ENDPOINT("tariffs",
	                "RECEIVER", "/base/tariffs/") "," ENDPOINT("tokens", "SENDER",
	                "/other/tokens/") "," ENDPOINT("sessions", "RECEIVER",
	                "/sessions%20of/us/"));
	third = peer_start("FR", "TRD", "EMSP",
	        ENDPOINT("credentials", "SENDER", "/credentials") "," ENDPOINT(
	                "locations", "RECEIVER", "/locations"));
	peer_register(cpo, "CPO");
	peer_register(msp, "MSP");
	peer_register(third, "THIRD");
}

static void
stop_all(void)
{
	peer_stop(cpo);
	peer_stop(msp);
	peer_stop(third);
}

static TCase *
cases(void)
{
	TCase *tcase = tcase_create("partner");

	tcase_set_timeout(tcase, 60);
	tcase_add_unchecked_fixture(tcase, register_all, stop_all);
	tcase_add_test(tcase, test_RTE_016_statuses_that_mean_something_are_kept_others_become_200);
	tcase_add_test(tcase, test_RTE_018_what_is_no_envelope_is_4000_with_the_status_that_came);
	tcase_add_test(tcase, test_TRP_58_an_answer_is_judged_by_parsing_not_by_its_content_type);
	tcase_add_test(tcase,
	        test_RTE_009_headers_of_the_answer_are_the_hubs_own_whatever_the_receiver_wrote);
	tcase_add_test(tcase,
	        test_RTE_023_the_request_carries_the_receivers_token_and_nothing_of_the_hop_before);
	tcase_add_test(
	        tcase, test_TRP_15_endpoints_join_with_one_slash_whether_they_end_in_one_or_not);
	tcase_add_test(
	        tcase, test_RTE_016_answers_come_in_chunks_after_an_interim_one_and_until_the_end);
	tcase_add_test(
	        tcase, test_RTE_012_half_an_answer_and_none_are_4002_and_a_write_arrives_once);
	tcase_add_test(
	        tcase, test_RTE_013_bytes_that_are_no_HTTP_and_answers_without_end_are_refused);
	tcase_add_test(
	        tcase, test_RTE_026_an_idle_connection_that_went_away_costs_nobody_an_answer);
	tcase_add_test(tcase, test_RTE_012_one_that_hangs_or_drips_holds_up_nobody_else);
	tcase_add_test(tcase, test_TRP_04_an_unknown_token_is_404_and_2004_together);
	return tcase;
}

int
main(void)
{
	Suite *suite = suite_create("partner");

	suite_add_tcase(suite, cases());
	return suite_run(suite, CK_NOFORK);
}
