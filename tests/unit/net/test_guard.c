/* The guard as a pure function: heads that two servers in a row could read differently, one row
 * each. A head is written as it comes over the wire and split here much as libmicrohttpd does it,
 * folded lines and NULs included. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "../suite.h"
#include "guard.h"

enum { MOST_HEADERS = 80 };

struct parsed {
	char buffer[16384];
	struct net_header headers[MOST_HEADERS];
	struct guard_head head;
};

static const char *const wanted[] = { "Authorization", "X-Request-ID", "OCPI-to-party-id", "Via",
	NULL };
static struct guard_names names;

/* A line ends at LF, with or without CR before it; strings end at the first NUL. */
static char *
next_line(char **at, size_t *len)
{
	char *line = *at, *end;

	for (end = line; *end != '\n'; end++)
		continue;
	*at = end + 1;
	if (end > line && end[-1] == '\r')
		*end-- = '\0';
	*end = '\0';
	*len = (size_t)(end - line);
	return line;
}

static void
parse(struct parsed *parsed, const char *wire, size_t len)
{
	char *at = parsed->buffer, *line, *space;
	size_t line_len;
	struct guard_head *head = &parsed->head;

	ck_assert_uint_lt(len, sizeof(parsed->buffer));
	memcpy(parsed->buffer, wire, len);
	*head = (struct guard_head){ .headers = parsed->headers };
	line = next_line(&at, &line_len);
	space = memrchr(line, ' ', line_len);
	*space = '\0';
	head->version = str_of(space + 1);
	space = strchr(line, ' ');
	*space = '\0';
	head->method = str_of(line);
	line = space + 1;
	head->target = str_of(line);
	head->target_at = line;
	while (*(line = next_line(&at, &line_len)) != '\0') {
		char *colon = strchr(line, ':');

		*colon = '\0';
		for (colon++; *colon == ' ' || *colon == '\t'; colon++)
			continue;
		ck_assert_uint_lt(head->count, MOST_HEADERS);
		parsed->headers[head->count++] = (struct net_header){ str_of(line), str_of(colon) };
	}
	head->end = at;
}

static enum rh_err
check(const char *wire, size_t len, struct guard_found *found, struct fault *fault)
{
	struct parsed *parsed = rh_alloc(sizeof(*parsed));
	enum rh_err err;

	parse(parsed, wire, len);
	err = guard_check(&parsed->head, &names, found, fault);
	free(parsed);
	return err;
}

#define LINE       "GET /ocpi HTTP/1.1\r\n"
#define HOST       "Host: hub\r\n"
#define WIRE(text) (text "\r\n"), sizeof(text "\r\n") - 1

static const struct {
	const char *wire;
	size_t len;
	const char *why; /* NULL: accepted */
} heads[] = {
	{ WIRE(LINE HOST), NULL },
	{ WIRE(LINE "hOsT: hub\r\nContent-Length: 12\r\n"), NULL },
	{ WIRE(LINE HOST "Transfer-Encoding: chunked\r\n"), NULL },
	{ WIRE(LINE HOST "Transfer-Encoding: Chunked\r\n"), NULL },
	{ WIRE(LINE HOST "Empty:\r\nSpaces:   \r\n"), NULL },
	{ WIRE(LINE HOST "Tab: a\tb\r\nLatin: \xc3\xa9\r\n"), NULL },
	{ WIRE(LINE HOST "X-Other: 1\r\nX-Other: 2\r\n"), NULL },
	{ WIRE(LINE HOST "Via: 1.1 a\r\nVia: 1.1 b\r\n"), NULL },
	{ WIRE("GET / HTTP/1.0\r\n"), NULL },
	{ WIRE("GET http://hub/ocpi HTTP/1.1\r\n" HOST), NULL },
	{ WIRE("OPTIONS * HTTP/1.1\r\n" HOST), NULL },

	{ WIRE(LINE HOST "Content-Length: 5\r\nContent-Length: 5\r\n"),
	        "Content-Length comes twice" },
	{ WIRE(LINE HOST "Content-Length: 5\r\ncontent-length: 6\r\n"),
	        "content-length comes twice" },
	{ WIRE(LINE HOST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
	        "both Content-Length" },
	{ WIRE(LINE HOST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"),
	        "both Content-Length" },
	{ WIRE(LINE HOST "Transfer-Encoding: gzip\r\n"), "must be chunked" },
	{ WIRE(LINE HOST "Transfer-Encoding: gzip, chunked\r\n"), "must be chunked" },
	{ WIRE(LINE HOST "Transfer-Encoding: \r\n"), "must be chunked" },
	{ WIRE(LINE HOST "Transfer-Encoding: xchunked\r\n"), "must be chunked" },
	{ WIRE(LINE HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
	        "comes twice" },
	{ WIRE("POST / HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n"), "needs HTTP/1.1" },
	{ WIRE(LINE HOST "Content-Length: +5\r\n"), "not a number" },
	{ WIRE(LINE HOST "Content-Length: 5, 5\r\n"), "not a number" },
	{ WIRE(LINE HOST "Content-Length: 0x5\r\n"), "not a number" },
	{ WIRE(LINE HOST "Content-Length: \r\n"), "not a number" },
	{ WIRE(LINE HOST "Content-Length: 99999999999999999999\r\n"), "not a number" },
	{ WIRE(LINE HOST "Content-Length : 5\r\n"), "name is not a token" },
	{ WIRE(LINE HOST "Content-Length\t: 5\r\n"), "name is not a token" },
	{ WIRE(LINE HOST "Bad(name): 5\r\n"), "name is not a token" },
	{ WIRE(LINE HOST ": 5\r\n"), "name is not a token" },
	{ WIRE(LINE HOST "A: 1\r\n folded: 2\r\n"), "name is not a token" },
	{ WIRE(LINE HOST "A: 1\0Content-Length: 5\r\n"), "contains NUL" },
	{ WIRE(LINE "A: 1\0\r\n" HOST), "contains NUL" },
	{ WIRE(LINE HOST "A: 1\0\r\n"), "contains NUL" },
	{ WIRE("GET /ocpi\0/x HTTP/1.1\r\n" HOST), "contains NUL" },
	{ WIRE(LINE HOST "A: 1\nB: 2\r\n"), "without CR LF" },
	{ WIRE("GET /ocpi HTTP/1.1\n" HOST), "without CR LF" },
	{ LINE HOST "\n", sizeof(LINE HOST "\n") - 1, "without CR LF" },
	{ LINE "Host: hub\n\r\n", sizeof(LINE "Host: hub\n\r\n") - 1, "without CR LF" },
	{ WIRE(LINE HOST "A: 1\rB: 2\r\n"), "control character" },
	{ WIRE(LINE HOST "A: \x01\r\n"), "control character" },
	{ WIRE(LINE HOST "A: \x7f\r\n"), "control character" },
	{ WIRE(LINE), "Host header is missing" },
	{ WIRE(LINE HOST HOST), "Host comes twice" },
	{ WIRE(LINE HOST "Authorization: Token a\r\nAuthorization: Token b\r\n"), "twice" },
	{ WIRE(LINE HOST "X-Request-ID: a\r\nx-request-id: b\r\n"), "twice" },
	{ WIRE(LINE HOST "OCPI-to-party-id: a\r\nOCPI-To-Party-Id: a\r\n"), "twice" },
	{ WIRE("G(T / HTTP/1.1\r\n" HOST), "method is not a token" },
	{ WIRE("GET /a b HTTP/1.1\r\n" HOST), "contains a space" },
	{ WIRE("GET /a\tb HTTP/1.1\r\n" HOST), "control character" },
	{ WIRE("GET ocpi HTTP/1.1\r\n" HOST), "must be a path" },
	{ WIRE("GET http://hub?a=1 HTTP/1.1\r\n" HOST), "must be a path" },
	{ WIRE("GET / HTTP/1.2\r\n" HOST), "HTTP version" },
	{ WIRE("GET / http/1.1\r\n" HOST), "HTTP version" },
};

START_TEST(test_heads_that_can_be_read_in_two_ways_are_refused)
{
	struct guard_found found;
	struct fault fault = { 0 };
	enum rh_err err = check(heads[_i].wire, heads[_i].len, &found, &fault);

	if (heads[_i].why == NULL) {
		ck_assert_msg(err == RH_OK, "%s: %s", heads[_i].wire, fault.why);
		return;
	}
	ck_assert_msg(err == RH_BAD_HTTP, "accepted: %s", heads[_i].wire);
	ck_assert_msg(
	        strstr(fault.why, heads[_i].why) != NULL, "%s: %s", heads[_i].wire, fault.why);
}
END_TEST

START_TEST(test_captured_headers_are_found_in_any_case_and_absent_ones_are_absent)
{
	struct parsed *parsed = rh_alloc(sizeof(*parsed));
	struct guard_found found;

	parse(parsed,
	        WIRE("PUT http://hub:80/a/b?c=%20d HTTP/1.1\r\n" HOST
	             "AUTHORIZATION:  Token abc \r\nx-request-id:\r\nContent-Length: 007\r\n"));
	ck_assert_int_eq(guard_check(&parsed->head, &names, &found, NULL), RH_OK);
	ck_assert(str_is(found.header[0], "Token abc"));
	ck_assert_ptr_nonnull(found.header[1].p);
	ck_assert_uint_eq(found.header[1].len, 0);
	ck_assert_ptr_null(found.header[2].p);
	ck_assert(str_is(found.target, "/a/b?c=%20d"));
	ck_assert_uint_eq(found.content_length, 7);
	ck_assert(!found.chunked);
	free(parsed);
}
END_TEST

/* Proxies write lines of their own behind those that came. */
START_TEST(test_of_several_lines_of_via_the_last_is_captured)
{
	struct parsed *parsed = rh_alloc(sizeof(*parsed));
	struct guard_found found;

	parse(parsed, WIRE(LINE HOST "Via: 1.1 a\r\nA: b\r\nvia: 1.1 c, 1.1 d\r\n"));
	ck_assert_int_eq(guard_check(&parsed->head, &names, &found, NULL), RH_OK);
	ck_assert(str_is(found.header[3], "1.1 c, 1.1 d"));
	free(parsed);
}
END_TEST

START_TEST(test_an_absolute_target_without_a_path_is_the_root)
{
	struct guard_found found;
	struct fault fault;

	ck_assert_int_eq(
	        check(WIRE("GET https://hub:443 HTTP/1.1\r\n" HOST), &found, &fault), RH_OK);
	ck_assert(str_is(found.target, "/"));
}
END_TEST

START_TEST(test_a_long_target_is_414_and_a_large_head_431)
{
	struct guard_found found;
	struct fault fault;
	struct buf wire = { 0 };

	buf_printf(&wire, "GET /%0*d HTTP/1.1\r\nHost: hub\r\n\r\n", GUARD_MAX_TARGET - 1, 0);
	ck_assert_int_eq(check(wire.p, wire.len, &found, &fault), RH_OK);
	wire.len = 0;
	buf_printf(&wire, "GET /%0*d HTTP/1.1\r\nHost: hub\r\n\r\n", GUARD_MAX_TARGET, 0);
	ck_assert_int_eq(check(wire.p, wire.len, &found, &fault), RH_URL_TOO_LONG);
	wire.len = 0;
	buf_printf(&wire, "GET / HTTP/1.1\r\nHost: hub\r\nA: %0*d\r\n\r\n", GUARD_MAX_HEAD, 0);
	ck_assert_int_eq(check(wire.p, wire.len, &found, &fault), RH_HEADERS_TOO_LARGE);
	wire.len = 0;
	buf_printf(&wire, "GET / HTTP/1.1\r\nHost: hub\r\n");
	for (int i = 0; i < GUARD_MAX_HEADERS; i++)
		buf_printf(&wire, "A: %d\r\n", i);
	buf_printf(&wire, "\r\n");
	ck_assert_int_eq(check(wire.p, wire.len, &found, &fault), RH_HEADERS_TOO_LARGE);
	buf_free(&wire);
}
END_TEST

/* Strings that come from nowhere in particular, as from another parser: judged by what they say. */
START_TEST(test_a_head_without_a_buffer_is_judged_without_its_layout)
{
	struct net_header headers[] = { { STR("Host"), STR("hub") } };
	struct guard_head head = { STR("GET"), STR("/"), STR("HTTP/1.1"), headers, 1 };
	struct guard_found found;

	ck_assert_int_eq(guard_check(&head, &names, &found, NULL), RH_OK);
	headers[0].value = (struct str){ "h\0b", 3 };
	ck_assert_int_eq(guard_check(&head, &names, &found, NULL), RH_BAD_HTTP);
}
END_TEST

/* What proxies add may come in several lines; of very many the last ones count. */
START_TEST(test_a_header_of_several_lines_is_kept_in_order)
{
	struct net_header headers[12] = { { STR("Host"), STR("hub") } };
	struct guard_head head = { STR("GET"), STR("/"), STR("HTTP/1.1"), headers, COUNT(headers) };
	static const char *const values[] = { "1", "2", "3", "4", "5", "6", "7", "8", "9", "10",
		"11" };
	struct guard_names many;
	struct guard_found found;

	guard_names_init(&many, wanted);
	guard_names_many(&many, STR("X-Forwarded-For"));
	for (size_t i = 0; i < COUNT(values); i++)
		headers[i + 1] = (struct net_header){ STR("x-forwarded-for"), str_of(values[i]) };
	ck_assert_int_eq(guard_check(&head, &many, &found, NULL), RH_OK);
	ck_assert_uint_eq(found.line_count, GUARD_LINES);
	ck_assert(str_is(found.lines[0], "4"));
	ck_assert(str_is(found.lines[GUARD_LINES - 1], "11"));
	ck_assert_int_eq(guard_check(&head, &names, &found, NULL), RH_OK);
	ck_assert_uint_eq(found.line_count, 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("net guard");
	TCase *tcase = tcase_create("guard");

	guard_names_init(&names, wanted);
	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(
	        tcase, test_heads_that_can_be_read_in_two_ways_are_refused, 0, (int)COUNT(heads));
	tcase_add_test(
	        tcase, test_captured_headers_are_found_in_any_case_and_absent_ones_are_absent);
	tcase_add_test(tcase, test_of_several_lines_of_via_the_last_is_captured);
	tcase_add_test(tcase, test_an_absolute_target_without_a_path_is_the_root);
	tcase_add_test(tcase, test_a_long_target_is_414_and_a_large_head_431);
	tcase_add_test(tcase, test_a_head_without_a_buffer_is_judged_without_its_layout);
	tcase_add_test(tcase, test_a_header_of_several_lines_is_kept_in_order);
	return suite_run(suite, CK_NOFORK);
}
