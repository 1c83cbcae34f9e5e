/* What arrives at the hub in pieces, malformed, too large or too slowly: the daemon over raw
 * sockets.
 *
 * tests/scenario/run starts it with `--invite cpo`, http.max_body=4K and short http.head_timeout
 * and http.body_timeout. */
#include "../unit/suite.h"
#include "wire.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define BYTES(text)  (text), sizeof(text) - 1

enum { MANY = 200, REQUEST_ROOM = 32 * 1024 };

/** GET of the versions with the registered token A and @more headers; at @out. */
static const char *
get_versions(char *out, const char *more)
{
	snprintf(out, REQUEST_ROOM, "GET /ocpi/versions HTTP/1.1\r\nHost: hub\r\n%s%s\r\n",
	        wire_authorization(), more);
	return out;
}

static size_t
post_credentials(char *out, const char *body, size_t len)
{
	int head = snprintf(out, REQUEST_ROOM,
	        "POST /ocpi/2.2.1/credentials HTTP/1.1\r\nHost: hub\r\n%sContent-Length: "
	        "%zu\r\n\r\n",
	        wire_authorization(), len);

	memcpy(out + head, body, len);
	return (size_t)head + len;
}

/** The hub serves somebody else as if nothing had happened. */
static void
assert_hub_is_well(void)
{
	struct wire wire;
	char request[REQUEST_ROOM];

	wire_open(&wire);
	ck_assert(wire_text(&wire, get_versions(request, "")));
	wire_answers(&wire, 1);
	ck_assert_msg(wire_has(&wire, "HTTP/1.1 200 "), "%s", wire.answer);
	wire_close(&wire);
}

/** A refusal with an envelope of the hub, and nothing behind it. */
static void
assert_refused(const struct wire *wire, const char *status)
{
	char line[32];

	snprintf(line, sizeof(line), "HTTP/1.1 %s ", status);
	ck_assert_msg(strncmp(wire->answer, line, strlen(line)) == 0, "expected %s, got: %s",
	        status, wire->answer);
	ck_assert_msg(
	        wire_count(wire, "HTTP/1.1 ") == 1, "expected one answer, got: %s", wire->answer);
	ck_assert_msg(wire_has(wire, "Content-Type: application/json"), "%s", wire->answer);
	ck_assert_msg(wire_has(wire, "{\"status_code\":200"), "%s", wire->answer);
	ck_assert_msg(wire_has(wire, "\"status_message\":\""), "%s", wire->answer);
	ck_assert_msg(wire_has(wire, "\"timestamp\":\"20"), "%s", wire->answer);
}

/* ---- pieces ---- */

START_TEST(test_a_request_may_come_byte_by_byte)
{
	struct wire wire;
	char request[REQUEST_ROOM];
	size_t len = post_credentials(request, BYTES("{\"token\":\"b\",\"roles\":[]}"));

	wire_open(&wire);
	for (size_t i = 0; i < len; i++)
		ck_assert(wire_send(&wire, request + i, 1));
	wire_answers(&wire, 1);
	ck_assert_msg(wire_has(&wire, "HTTP/1.1 200 "), "%s", wire.answer);
	ck_assert_msg(wire_has(&wire, "\"status_code\":2001"), "%s", wire.answer);
	wire_close(&wire);
}
END_TEST

START_TEST(test_TRN_050_requests_in_one_packet_are_answered_in_order_each_with_its_id)
{
	struct wire wire;
	char first[REQUEST_ROOM], second[REQUEST_ROOM];

	wire_open(&wire);
	get_versions(first, "X-Request-ID: first\r\n");
	strcat(first, get_versions(second, "X-Request-ID: second\r\n"));
	ck_assert(wire_text(&wire, first));
	wire_answers(&wire, 2);
	ck_assert_int_eq(wire_count(&wire, "HTTP/1.1 200 "), 2);
	ck_assert_int_eq(wire_count(&wire, "X-Request-ID: first\r\n"), 1);
	ck_assert_int_eq(wire_count(&wire, "X-Request-ID: second\r\n"), 1);
	ck_assert(strstr(wire.answer, "first") < strstr(wire.answer, "second"));
	wire_close(&wire);
}
END_TEST

START_TEST(test_a_connection_serves_one_request_after_the_other)
{
	struct wire wire;
	char request[REQUEST_ROOM];

	wire_open(&wire);
	for (int i = 1; i <= 3; i++) {
		ck_assert(wire_text(
		        &wire, get_versions(request, i == 3 ? "Connection: close\r\n" : "")));
		wire_answers(&wire, i);
	}
	ck_assert_int_eq(wire_count(&wire, "HTTP/1.1 200 "), 3);
	wire_until_closed(&wire);
	wire_close(&wire);
}
END_TEST

START_TEST(test_TRN_006_names_of_headers_come_in_any_case_and_with_any_blanks)
{
	struct wire wire;
	char request[1024];

	wire_open(&wire);
	snprintf(request, sizeof(request),
	        "GET /ocpi/versions HTTP/1.1\r\nhOST:hub\r\nAUTHORIZATION:\t Token %s "
	        "\t\r\nx-request-id:abc\r\n"
	        "X-CORRELATION-ID:    def\r\n\r\n",
	        wire_env("B64_CPO"));
	ck_assert(wire_text(&wire, request));
	wire_answers(&wire, 1);
	ck_assert_msg(wire_has(&wire, "HTTP/1.1 200 "), "%s", wire.answer);
	ck_assert_msg(wire_has(&wire, "X-Request-ID: abc\r\n"), "%s", wire.answer);
	ck_assert_msg(wire_has(&wire, "X-Correlation-ID: def\r\n"), "%s", wire.answer);
	wire_close(&wire);
}
END_TEST

/* ---- bodies ---- */

static const struct {
	const char *bytes;
	size_t len;
} no_json[] = {
	{ BYTES("{\"token\":\"a\0b\"}") },
	{ BYTES("{\"token\":\"a\"}\0") },
	{ BYTES("\0") },
	{ BYTES("{\"token\":\"\xc3\x28\"}") },         /* no continuation */
	{ BYTES("{\"token\":\"\xc0\xaf\"}") },         /* overlong */
	{ BYTES("{\"token\":\"\xed\xa0\x80\"}") },     /* surrogate */
	{ BYTES("{\"token\":\"\xf4\x90\x80\x80\"}") }, /* above U+10FFFF */
	{ BYTES("{\"token\":\"\xff\"}") },
	{ BYTES("{\"token\":\"a\nb\"}") },
	{ BYTES("\xfe\xff\0{\0}") }, /* UTF-16 */
	{ BYTES("{\"a\":1,\"a\":2}") },
	{ BYTES("{\"a\":\"\\u0000\"}") },
	{ BYTES("{'a':1}") },
	{ BYTES("\r\n") },
};

START_TEST(test_TRN_009_TRP_67_bytes_that_are_no_JSON_get_400)
{
	struct wire wire;
	char request[REQUEST_ROOM];

	wire_open(&wire);
	ck_assert(wire_send(
	        &wire, request, post_credentials(request, no_json[_i].bytes, no_json[_i].len)));
	wire_answers(&wire, 1);
	assert_refused(&wire, "400");
	ck_assert_msg(wire_has(&wire, "\"status_code\":2001"), "%s", wire.answer);
	wire_close(&wire);
}
END_TEST

START_TEST(test_TRP_67_an_announced_body_that_is_too_large_is_413_before_a_byte_of_it_is_sent)
{
	struct wire wire;
	char request[1024];

	wire_open(&wire);
	snprintf(request, sizeof(request),
	        "POST /ocpi/2.2.1/credentials HTTP/1.1\r\nHost: hub\r\n%sContent-Length: "
	        "1000000000\r\n\r\n",
	        wire_authorization());
	ck_assert(wire_text(&wire, request));
	wire_answers(&wire, 1);
	assert_refused(&wire, "413");
	wire_close(&wire);
	assert_hub_is_well();
}
END_TEST

/* Fault H1: nothing of the bodies is sent, so that only a refusal that waits for none can come. */
static const char *const of_strangers[] = {
	"Authorization: Token bm9ib2R5\r\nContent-Length: 100\r\nExpect: 100-continue\r\n",
	"Authorization: Token bm9ib2R5\r\nTransfer-Encoding: chunked\r\n",
	"Transfer-Encoding: chunked\r\n",
};

START_TEST(test_H1_a_stranger_gets_the_401_of_everybody_before_the_body_is_read)
{
	struct wire wire;
	char request[REQUEST_ROOM];

	wire_open(&wire);
	snprintf(request, sizeof(request),
	        "POST /ocpi/2.2.1/credentials HTTP/1.1\r\nHost: hub\r\nX-Request-ID: "
	        "h1-%d\r\n%s\r\n",
	        _i, of_strangers[_i]);
	ck_assert(wire_text(&wire, request));
	wire_until_closed(&wire);
	assert_refused(&wire, "401");
	ck_assert_msg(wire_has(&wire, "WWW-Authenticate: Token"), "%s", wire.answer);
	ck_assert_msg(wire_has(&wire, "X-Request-ID: h1-"), "%s", wire.answer);
	wire_close(&wire);
	assert_hub_is_well();
}
END_TEST

START_TEST(test_TRP_67_a_chunked_body_that_grows_too_large_is_413)
{
	static const char chunk[] = "400\r\n"; /* 1 KB each */
	struct wire wire;
	char head[1024], kilobyte[1024 + 2];

	memset(kilobyte, ' ', sizeof(kilobyte));
	memcpy(kilobyte + 1024, "\r\n", 2);
	wire_open(&wire);
	snprintf(head, sizeof(head),
	        "POST /ocpi/2.2.1/credentials HTTP/1.1\r\nHost: hub\r\n%sTransfer-Encoding: "
	        "chunked\r\n\r\n",
	        wire_authorization());
	ck_assert(wire_text(&wire, head));
	for (int i = 0; i < 6; i++)
		if (!wire_text(&wire, chunk) || !wire_send(&wire, kilobyte, sizeof(kilobyte)))
			break;
	wire_answers(&wire, 1);
	assert_refused(&wire, "413");
	wire_close(&wire);
	assert_hub_is_well();
}
END_TEST

START_TEST(test_a_chunked_body_is_as_good_as_another)
{
	struct wire wire;
	char request[1024];

	wire_open(&wire);
	snprintf(request, sizeof(request),
	        "POST /ocpi/2.2.1/credentials HTTP/1.1\r\nHost: hub\r\n%sTransfer-Encoding: "
	        "chunked\r\n\r\n"
	        "5\r\n{\"tok\r\n8\r\nen\":\"b\"}\r\n0\r\n\r\n",
	        wire_authorization());
	ck_assert(wire_text(&wire, request));
	wire_answers(&wire, 1);
	ck_assert_msg(wire_has(&wire, "HTTP/1.1 200 "), "%s", wire.answer);
	ck_assert_msg(wire_has(&wire, "\"status_code\":2001"), "%s", wire.answer);
	wire_close(&wire);
}
END_TEST

/* ---- heads ---- */

#define SMUGGLED "GET /ocpi/versions HTTP/1.1\r\nHost: hub\r\n\r\n"

static const struct {
	const char *bytes;
	size_t len;
	const char *status;
} heads[] = {
	{ BYTES("GET /ocpi/versions HTTP/1.1\r\n\r\n"), "400" },
	{ BYTES("GET /ocpi/versions HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), "400" },
	{ BYTES("GET /ocpi/versions HTTP/1.1\r\nHost: hub\r\nAuthorization: Token "
	        "YQ==\r\nAuthorization: Token Yg==\r\n\r\n"),
	        "400" },
	{ BYTES("GET /ocpi/versions HTTP/1.1\r\nHost: hub\r\nX-Request-ID: a\r\nX-Request-ID: "
	        "b\r\n\r\n"),
	        "400" },
	{ BYTES("GET /ocpi/versions HTTP/1.1\r\nHost: hub\r\nX-Request-ID: a\0b\r\n\r\n"), "400" },
	{ BYTES("GET /ocpi/versions HTTP/1.1\r\nHost: hub\r\nX-Request-ID: a\r\n b\r\n\r\n"),
	        "400" },
	{ BYTES("GET /ocpi/versions HTTP/1.1\r\nHost: hub\nX-Request-ID: a\r\n\r\n"), "400" },
	{ BYTES("GET /ocpi/ver sions HTTP/1.1\r\nHost: hub\r\n\r\n"), "400" },
	{ BYTES("POST /ocpi/2.2.1/credentials HTTP/1.1\r\nHost: hub\r\nContent-Length: "
	        "5\r\nContent-Length: 6\r\n\r\n" SMUGGLED),
	        "400" },
	{ BYTES("POST /ocpi/2.2.1/credentials HTTP/1.1\r\nHost: hub\r\nContent-Length: 5\r\n"
	        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" SMUGGLED),
	        "400" },
	{ BYTES("POST /ocpi/2.2.1/credentials HTTP/1.1\r\nHost: hub\r\nTransfer-Encoding: gzip, "
	        "chunked\r\n\r\n" SMUGGLED),
	        "400" },
};

START_TEST(test_TRN_015_a_head_that_can_be_read_in_two_ways_is_refused_with_an_envelope)
{
	struct wire wire;

	wire_open(&wire);
	ck_assert(wire_send(&wire, heads[_i].bytes, heads[_i].len));
	wire_until_closed(&wire);
	assert_refused(&wire, heads[_i].status);
	wire_close(&wire);
	assert_hub_is_well();
}
END_TEST

/* libmicrohttpd finds these before it asks us, and answers in its own words. */
START_TEST(test_a_length_that_is_no_number_is_refused_and_what_follows_is_not_a_request)
{
	static const char *const lengths[] = { "-1", "0x5", "5 5", "99999999999999999999999" };
	struct wire wire;
	char request[1024];

	snprintf(request, sizeof(request),
	        "POST /ocpi/2.2.1/credentials HTTP/1.1\r\nHost: hub\r\nContent-Length: "
	        "%s\r\n\r\n" SMUGGLED,
	        lengths[_i]);
	wire_open(&wire);
	ck_assert(wire_text(&wire, request));
	wire_until_closed(&wire);
	ck_assert_msg(strncmp(wire.answer, "HTTP/1.1 4", 10) == 0, "%s", wire.answer);
	ck_assert_msg(!wire_has(&wire, "HTTP/1.1 401 ") && !wire_has(&wire, "HTTP/1.1 200 "), "%s",
	        wire.answer);
	wire_close(&wire);
	assert_hub_is_well();
}
END_TEST

START_TEST(test_a_target_or_a_head_that_is_too_long_is_refused)
{
	static const char *const statuses[] = { "414", "431" };
	struct wire wire;
	char request[REQUEST_ROOM], long_text[5000];

	memset(long_text, 'x', sizeof(long_text));
	long_text[sizeof(long_text) - 1] = '\0';
	snprintf(request, REQUEST_ROOM, "GET /%s HTTP/1.1\r\nHost: hub\r\n",
	        _i == 0 ? long_text : "ocpi/versions");
	for (int i = 0; _i == 1 && i < 70; i++)
		snprintf(request + strlen(request), REQUEST_ROOM - strlen(request), "X-%d: y\r\n",
		        i);
	strcat(request, "\r\n");
	wire_open(&wire);
	ck_assert(wire_text(&wire, request));
	wire_until_closed(&wire);
	assert_refused(&wire, statuses[_i]);
	wire_close(&wire);
	assert_hub_is_well();
}
END_TEST

/* ---- time, and connections that lead nowhere ---- */

static const char *const beginnings[] = {
	"",
	"GET /ocpi/vers",
	"GET /ocpi/versions HTTP/1.1\r\nHost: hub\r\nX-Half",
	"POST /ocpi/2.2.1/credentials HTTP/1.1\r\nHost: hub\r\nContent-Length: 10\r\n\r\n{\"a\"",
};

START_TEST(test_who_begins_a_request_and_stops_is_disconnected_while_others_are_served)
{
	struct wire wire;

	wire_open(&wire);
	ck_assert(wire_text(&wire, beginnings[_i]));
	assert_hub_is_well();
	wire_until_closed(&wire);
	ck_assert_msg(!wire_has(&wire, "HTTP/1.1 200 "), "%s", wire.answer);
	wire_close(&wire);
	assert_hub_is_well();
}
END_TEST

START_TEST(test_many_connections_that_break_off_leave_nothing_behind)
{
	static struct wire wires[MANY];

	for (int i = 0; i < MANY; i++) {
		wire_open(&wires[i]);
		ck_assert(wire_text(&wires[i], beginnings[(size_t)i % COUNT(beginnings)]));
	}
	for (int i = 0; i < MANY; i++)
		wire_close(&wires[i]);
	assert_hub_is_well();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("wire");
	TCase *tcase = tcase_create("wire");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, test_a_request_may_come_byte_by_byte);
	tcase_add_test(
	        tcase, test_TRN_050_requests_in_one_packet_are_answered_in_order_each_with_its_id);
	tcase_add_test(tcase, test_a_connection_serves_one_request_after_the_other);
	tcase_add_test(tcase, test_TRN_006_names_of_headers_come_in_any_case_and_with_any_blanks);
	tcase_add_loop_test(
	        tcase, test_TRN_009_TRP_67_bytes_that_are_no_JSON_get_400, 0, COUNT(no_json));
	tcase_add_test(tcase,
	        test_TRP_67_an_announced_body_that_is_too_large_is_413_before_a_byte_of_it_is_sent);
	tcase_add_loop_test(tcase,
	        test_H1_a_stranger_gets_the_401_of_everybody_before_the_body_is_read, 0,
	        (int)COUNT(of_strangers));
	tcase_add_test(tcase, test_TRP_67_a_chunked_body_that_grows_too_large_is_413);
	tcase_add_test(tcase, test_a_chunked_body_is_as_good_as_another);
	tcase_add_loop_test(tcase,
	        test_TRN_015_a_head_that_can_be_read_in_two_ways_is_refused_with_an_envelope, 0,
	        COUNT(heads));
	tcase_add_loop_test(tcase,
	        test_a_length_that_is_no_number_is_refused_and_what_follows_is_not_a_request, 0, 4);
	tcase_add_loop_test(tcase, test_a_target_or_a_head_that_is_too_long_is_refused, 0, 2);
	tcase_add_loop_test(tcase,
	        test_who_begins_a_request_and_stops_is_disconnected_while_others_are_served, 0,
	        COUNT(beginnings));
	tcase_add_test(tcase, test_many_connections_that_break_off_leave_nothing_behind);
	return suite_run(suite, CK_NOFORK);
}
