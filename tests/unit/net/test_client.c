/* Tests of net/client.c: every kind of answer that a peer can think of. */
#include <check.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../suite.h"
#include "peer.h"

#define SECOND "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond"

static struct rig rig;
static struct peer peer;

static void
set_up(void)
{
	rig_init(&rig);
	rig_open(&rig);
}

static void
tear_down(void)
{
	rig_close(&rig);
}

/* ---- answers ---- */

enum after { KEEP, CLOSE, RESET };
struct answer {
	const char *name, *method, *bytes;
	size_t piece; /* bytes of one send, 0: all */
	enum after after;
	const char *endless; /* sent again and again behind @bytes */
	/* what becomes of it */
	enum net_result result;
	int status;
	const char *body;
	bool reused; /* the connection serves the next call */
};

#define OK2  "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
#define HEAD "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

static const struct answer answers[] = {
	{ "/length", "GET", OK2, 0, KEEP, NULL, NET_DONE, 200, "hi", true },
	{ "/length-drip", "GET", OK2, 1, KEEP, NULL, NET_DONE, 200, "hi", true },
	{ "/empty", "POST", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0, KEEP, NULL, NET_DONE,
	        200, "", true },
	{ "/chunked", "GET", HEAD "2\r\nhi\r\n0\r\n\r\n", 0, KEEP, NULL, NET_DONE, 200, "hi",
	        true },
	{ "/chunked-drip", "GET", HEAD "1\r\nh\r\n1;x=y\r\ni\r\n0\r\n\r\n", 1, KEEP, NULL, NET_DONE,
	        200, "hi", true },
	{ "/trailer", "GET", HEAD "2\r\nhi\r\n0\r\nX-Trace: t\r\nX-More: u\r\n\r\n", 3, KEEP, NULL,
	        NET_DONE, 200, "hi", true },
	{ "/100", "POST", "HTTP/1.1 100 Continue\r\n\r\n" OK2, 0, KEEP, NULL, NET_DONE, 200, "hi",
	        true },
	{ "/100-drip", "POST", "HTTP/1.1 100 Continue\r\n\r\n" OK2, 1, KEEP, NULL, NET_DONE, 200,
	        "hi", true },
	{ "/103", "GET", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" OK2, 0, KEEP, NULL,
	        NET_DONE, 200, "hi", true },
	{ "/102-103", "GET", "HTTP/1.1 102 P\r\n\r\nHTTP/1.1 103 E\r\n\r\n" OK2, 7, KEEP, NULL,
	        NET_DONE, 200, "hi", true },
	{ "/100-length", "GET", "HTTP/1.1 100 C\r\nContent-Length: 5\r\n\r\n" OK2, 0, KEEP, NULL,
	        NET_DONE, 200, "hi", true },
	{ "/204", "DELETE", "HTTP/1.1 204 No Content\r\n\r\n", 0, KEEP, NULL, NET_DONE, 204, "",
	        true },
	{ "/304", "GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", 0, KEEP, NULL,
	        NET_DONE, 304, "", true },
	{ "/head", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", 0, KEEP, NULL,
	        NET_DONE, 200, "", true },
	{ "/head-chunked", "HEAD", HEAD, 0, KEEP, NULL, NET_DONE, 200, "", true },
	{ "/302", "GET", "HTTP/1.1 302 F\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", 0, KEEP,
	        NULL, NET_DONE, 302, "", true },
	{ "/500", "GET", "HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno", 0, KEEP, NULL, NET_DONE,
	        500, "no", true },
	{ "/1.0-keep", "GET",
	        "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nhi", 0, KEEP,
	        NULL, NET_DONE, 200, "hi", true },
	{ "/1.0", "GET", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", 0, KEEP, NULL, NET_DONE,
	        200, "hi", false },
	{ "/close", "GET", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi", 0,
	        KEEP, NULL, NET_DONE, 200, "hi", false },
	{ "/closes", "GET", OK2, 0, CLOSE, NULL, NET_DONE, 200, "hi", false },
	{ "/until-eof", "GET", "HTTP/1.1 200 OK\r\n\r\nall of it", 0, CLOSE, NULL, NET_DONE, 200,
	        "all of it", false },
	{ "/until-eof-drip", "GET", "HTTP/1.1 200 OK\r\n\r\nall of it", 1, CLOSE, NULL, NET_DONE,
	        200, "all of it", false },
	{ "/until-reset", "GET", "HTTP/1.1 200 OK\r\n\r\nall", 0, RESET, NULL, NET_BROKEN },
	{ "/nothing", "GET", "", 0, CLOSE, NULL, NET_BROKEN },
	{ "/nothing-reset", "GET", "", 0, RESET, NULL, NET_BROKEN },
	{ "/half-a-line", "GET", "HTTP/1.", 0, CLOSE, NULL, NET_BROKEN },
	{ "/half-a-head", "GET", "HTTP/1.1 200 OK\r\nContent-Le", 0, CLOSE, NULL, NET_BROKEN },
	{ "/truncated", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi", 0, CLOSE, NULL,
	        NET_BROKEN },
	{ "/truncated-chunk", "GET", HEAD "9\r\nhi", 0, CLOSE, NULL, NET_BROKEN },
	{ "/no-last-chunk", "GET", HEAD "2\r\nhi\r\n", 0, CLOSE, NULL, NET_BROKEN },
	{ "/reset", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi", 0, RESET, NULL,
	        NET_BROKEN },
	{ "/only-100", "POST", "HTTP/1.1 100 Continue\r\n\r\n", 0, CLOSE, NULL, NET_BROKEN },
	{ "/101", "GET", "HTTP/1.1 101 S\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n", 0, KEEP,
	        NULL, NET_GARBAGE },
	{ "/garbage", "GET", "hello, world\r\n\r\n", 0, KEEP, NULL, NET_GARBAGE },
	{ "/binary", "GET", "\x16\x03\x01\x02", 0, KEEP, NULL, NET_GARBAGE },
	{ "/no-status", "GET", "HTTP/1.1 abc\r\n\r\n", 0, KEEP, NULL, NET_GARBAGE },
	{ "/bad-name", "GET", "HTTP/1.1 200 OK\r\nbad name: x\r\n\r\n", 0, KEEP, NULL,
	        NET_GARBAGE },
	{ "/spaced-length", "GET", "HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nhi", 0, KEEP, NULL,
	        NET_GARBAGE },
	{ "/bad-length", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 2x\r\n\r\nhi", 0, KEEP, NULL,
	        NET_GARBAGE },
	{ "/huge-length", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
	        0, KEEP, NULL, NET_GARBAGE },
	{ "/two-lengths", "GET",
	        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi", 0, KEEP,
	        NULL, NET_GARBAGE },
	{ "/length-and-chunks", "GET",
	        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: "
	        "chunked\r\n\r\n0\r\n\r\n",
	        0, KEEP, NULL, NET_GARBAGE },
	{ "/bad-chunk", "GET", HEAD "zz\r\nhi", 0, KEEP, NULL, NET_GARBAGE },
	{ "/answer-behind", "GET", OK2 "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", 0, KEEP,
	        NULL, NET_DONE, 200, "hi", false },
	{ "/byte-behind", "POST", OK2 "x", 0, KEEP, NULL, NET_DONE, 200, "hi", false },
	{ "/body-of-head", "HEAD", OK2, 0, KEEP, NULL, NET_DONE, 200, "", false },
	{ "/body-of-204", "GET", "HTTP/1.1 204 N\r\nContent-Length: 2\r\n\r\nhi", 0, KEEP, NULL,
	        NET_DONE, 204, "", false },
	{ "/announced", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n", 0, KEEP, NULL,
	        NET_ANSWER_TOO_LARGE },
	{ "/endless-body", "GET", "HTTP/1.1 200 OK\r\n\r\n", 0, CLOSE,
	        "0123456789abcdef0123456789abcdef", NET_ANSWER_TOO_LARGE },
	{ "/endless-chunks", "GET", HEAD, 0, CLOSE, "8\r\n01234567\r\n", NET_ANSWER_TOO_LARGE },
	{ "/endless-head", "GET", "HTTP/1.1 200 OK\r\n", 0, CLOSE, "X-Again: and again\r\n",
	        NET_ANSWER_TOO_LARGE },
	{ "/endless-name", "GET", "HTTP/1.1 200 OK\r\n", 0, CLOSE, "X-Again-and-again-",
	        NET_ANSWER_TOO_LARGE },
	{ "/endless-value", "GET", "HTTP/1.1 200 OK\r\nX-Trace: ", 0, CLOSE, "X-Again-and-again-",
	        NET_ANSWER_TOO_LARGE },
	{ "/endless-trailer", "GET", HEAD "0\r\n", 0, CLOSE, "X-Again: and again\r\n",
	        NET_ANSWER_TOO_LARGE },
	{ "/endless-102", "GET", "", 0, CLOSE, "HTTP/1.1 102 Processing\r\n\r\n", NET_GARBAGE },
};

static bool
say_in_pieces(struct peer_conn *conn, const struct answer *answer)
{
	struct str rest = str_of(answer->bytes);

	while (rest.len > 0) {
		size_t n =
		        answer->piece == 0 || answer->piece > rest.len ? rest.len : answer->piece;

		if (!peer_send(conn, (struct str){ rest.p, n }))
			return false;
		rest = str_from(rest, n);
	}
	return true;
}

static void
play_answer(struct peer_conn *conn)
{
	const struct answer *answer = conn->peer->script;
	int none = 1;

	setsockopt(conn->fd, IPPROTO_TCP, TCP_NODELAY, &none, sizeof(none));
	if (!peer_request(conn))
		return;
	if (conn->nth == 1) {
		if (!say_in_pieces(conn, answer))
			return;
		while (answer->endless != NULL)
			if (!peer_say(conn, answer->endless))
				return;
		if (answer->after == RESET)
			peer_reset(conn);
		if (answer->after != KEEP || !peer_request(conn))
			return;
	}
	while (peer_say(conn, SECOND) && peer_request(conn))
		;
}

START_TEST(test_every_answer_has_its_result_and_never_spoils_the_next)
{
	for (size_t i = 0; i < COUNT(answers); i++) {
		const struct answer *answer = &answers[i];
		struct probe first, second;

		peer_open(&peer, play_answer, answer);
		probe_init(&first, &rig, answer->method, &peer, answer->name);
		probe_start(&first);
		probe_wait(&first);
		probe_expect(&first, answer->result, answer->status, answer->body);
		ck_assert(first.call.connected_anew);
		ck_assert_int_eq(peer.accepted, 1);
		if (answer->after != KEEP)
			peer_await(&peer.ended, 1);
		probe_init(&second, &rig, "POST", &peer, answer->name);
		probe_start(&second);
		probe_wait(&second);
		probe_expect(&second, NET_DONE, 200, "second");
		ck_assert_msg(second.call.connected_anew == !answer->reused, "%s: reused %d",
		        answer->name, !second.call.connected_anew);
		probe_end(&first);
		probe_end(&second);
		peer_close(&peer);
	}
}
END_TEST

/* ---- bodies ---- */

enum { MEGABYTE = 1 << 20 };

static void
play_echo_length(struct peer_conn *conn)
{
	char line[128];

	while (peer_request(conn)) {
		snprintf(line, sizeof(line), "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%07zu",
		        7, conn->body_len);
		if (!peer_say(conn, line))
			return;
	}
}

START_TEST(test_a_body_larger_than_every_buffer_arrives)
{
	static const size_t sizes[] = { 0, 1, 16000, 16384, 17000, 4 * MEGABYTE };
	char *bytes = rh_alloc(4 * MEGABYTE);

	peer_open(&peer, play_echo_length, NULL);
	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct probe probe;
		char want[16];

		snprintf(want, sizeof(want), "%07zu", sizes[i]);
		probe_init(&probe, &rig, "POST", &peer, "/up");
		probe.call.body = (struct str){ bytes, sizes[i] };
		probe_start(&probe);
		probe_wait(&probe);
		probe_expect(&probe, NET_DONE, 200, want);
		ck_assert_int_gt(probe.call.sent_us, 0);
		ck_assert_int_ge(probe.call.done_us, probe.call.sent_us);
		probe_end(&probe);
	}
	ck_assert_int_eq(peer.accepted, 1);
	peer_close(&peer);
	free(bytes);
}
END_TEST

static void
play_early_413(struct peer_conn *conn)
{
	if (!peer_head(conn))
		return;
	if (conn->nth == 1) {
		peer_say(conn, "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig");
		peer_await(&conn->peer->signal, 1);
		return;
	}
	peer_say(conn, SECOND);
	peer_wait_gone(conn);
}

START_TEST(test_an_answer_in_the_middle_of_an_upload_counts_and_ends_the_connection)
{
	char *bytes = rh_alloc(8 * MEGABYTE);
	struct probe first, second;

	peer_open(&peer, play_early_413, NULL);
	probe_init(&first, &rig, "POST", &peer, "/up");
	first.call.body = (struct str){ bytes, 8 * MEGABYTE };
	probe_start(&first);
	probe_wait(&first);
	probe_expect(&first, NET_DONE, 413, "big");
	ck_assert_int_eq(first.call.sent_us, 0);
	probe_init(&second, &rig, "GET", &peer, "/next");
	probe_start(&second);
	probe_wait(&second);
	probe_expect(&second, NET_DONE, 200, "second");
	ck_assert(second.call.connected_anew);
	probe_end(&first);
	probe_end(&second);
	atomic_store(&peer.signal, 1);
	peer_close(&peer);
	free(bytes);
}
END_TEST

static void
play_large_answer(struct peer_conn *conn)
{
	char *bytes = rh_alloc(MEGABYTE);

	memset(bytes, 'x', MEGABYTE);
	while (peer_request(conn)) {
		peer_say(conn, strstr(conn->request, "chunked") != NULL
		                       ? HEAD "100000\r\n"
		                       : "HTTP/1.1 200 OK\r\nContent-Length: 1048576\r\n\r\n");
		peer_send(conn, (struct str){ bytes, MEGABYTE });
		if (strstr(conn->request, "chunked") != NULL)
			peer_say(conn, "\r\n0\r\n\r\n");
	}
	free(bytes);
}

START_TEST(test_an_answer_of_exactly_the_limit_is_taken)
{
	static const char *const targets[] = { "/length", "/chunked" };

	peer_open(&peer, play_large_answer, NULL);
	for (size_t i = 0; i < COUNT(targets); i++) {
		for (size_t less = 0; less < 2; less++) {
			struct probe probe;

			probe_init(&probe, &rig, "GET", &peer, targets[i]);
			probe.call.max_answer = MEGABYTE - less;
			probe_start(&probe);
			probe_wait(&probe);
			ck_assert_int_eq(
			        probe.call.result, less == 0 ? NET_DONE : NET_ANSWER_TOO_LARGE);
			if (less == 0)
				ck_assert_uint_eq(probe.call.answer.len, MEGABYTE);
			probe_end(&probe);
		}
	}
	peer_close(&peer);
}
END_TEST

/* ---- headers ---- */

START_TEST(test_headers_are_captured_by_index_in_any_case_the_first_value_wins)
{
	static const struct answer script = { "/headers", "GET",
		"HTTP/1.1 103 E\r\nLink: </interim>\r\nX-Trace: interim\r\n\r\n"
		"HTTP/1.1 200 OK\r\nx-tRACE:   first value \t\r\nX-Trace: second\r\nX-Trace-More: "
		"no\r\nLOCATION:\r\n"
		"X-0123456789-0123456789-0123456789-0123456789-0123456789-0123456789-0123456789: "
		"no\r\n"
		"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nLink: </trailer>\r\n\r\n",
		.after = KEEP };
	struct answer pieces = script;

	for (pieces.piece = 0; pieces.piece < 9; pieces.piece++) {
		struct probe probe;

		peer_open(&peer, play_answer, &pieces);
		probe_init(&probe, &rig, "GET", &peer, "/headers");
		probe_start(&probe);
		probe_wait(&probe);
		probe_expect(&probe, NET_DONE, 200, "hi");
		ck_assert(str_is(probe.call.header[0], "first value"));
		ck_assert_ptr_nonnull(probe.call.header[1].p);
		ck_assert_uint_eq(probe.call.header[1].len, 0);
		ck_assert_ptr_null(probe.call.header[2].p);
		probe_end(&probe);
		peer_close(&peer);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("client");
	TCase *tests = tcase_create("client");

	tcase_set_timeout(tests, 0);
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, test_every_answer_has_its_result_and_never_spoils_the_next);
	tcase_add_test(tests, test_a_body_larger_than_every_buffer_arrives);
	tcase_add_test(
	        tests, test_an_answer_in_the_middle_of_an_upload_counts_and_ends_the_connection);
	tcase_add_test(tests, test_an_answer_of_exactly_the_limit_is_taken);
	tcase_add_test(tests, test_headers_are_captured_by_index_in_any_case_the_first_value_wins);
	suite_add_tcase(suite, tests);
	return suite_run(suite, CK_NOFORK);
}
