/* What the server refuses by itself, over raw sockets: too large, too long, too slow, or readable
 * in two ways. */
#include "server_kit.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* ---- bodies that are too large ---- */

START_TEST(test_an_announced_body_that_is_too_large_is_413_before_it_is_read)
{
	struct app *app = app_plain();
	struct client client = client_of(app);

	client_send(&client, "POST /echo HTTP/1.1\r\nHost: hub\r\nContent-Length: "
	                     "2097153\r\nExpect: 100-continue\r\n\r\n");
	await(app, &client, NULL, 0);
	ck_assert_uint_eq(count_of(&client, "HTTP/1.1 413 "), 1);
	ck_assert_uint_eq(count_of(&client, "Connection: close\r\n"), 1);
	ck_assert_uint_eq(count_of(&client, "{\"refused\":\"TOO_LARGE\""), 1);
	ck_assert_uint_eq(count_of(&client, "100 Continue"), 0);
	ck_assert_uint_eq(app->requests, 0);
	client_end(&client);
	app_end(app);
}
END_TEST

/* The peer sends all of its body before it reads: without lingering it would find a reset, not the
 * answer. */
START_TEST(test_the_413_reaches_a_client_that_sends_everything_first)
{
	struct app *app = app_plain();
	struct client client = client_of(app);
	struct buf wire = big_post(3 << 20, _i == 0 ? "Content-Length: 3145728\r\n"
	                                            : "Transfer-Encoding: chunked\r\n\r\n300000");
	int small = 32768;

	setsockopt(client.fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	client.out = buf_str(&wire);
	for (int i = 0; client.out.len > 0; i++) {
		ssize_t n = send(client.fd, client.out.p, client.out.len, MSG_NOSIGNAL);

		ck_assert_int_lt(i, MOST_TURNS);
		ck_assert_msg(n > 0 || errno == EAGAIN, "reset after %zu bytes", client.out.len);
		if (n > 0)
			client.out = str_from(client.out, (size_t)n);
		net_loop_turn(app->loop, 1);
	}
	await(app, &client, NULL, 0);
	ck_assert_uint_eq(count_of(&client, "HTTP/1.1 413 "), 1);
	ck_assert_uint_eq(count_of(&client, "{\"refused\":\"TOO_LARGE\""), 1);
	ck_assert_uint_eq(app->requests, 0);
	buf_free(&wire);
	client_end(&client);
	app_end(app);
}
END_TEST

/* ---- refusals ---- */

#define HEAD(line, rest) line "\r\nHost: hub\r\n" rest "\r\n"
#define SMUGGLED         "GET /smuggled HTTP/1.1\r\nHost: hub\r\n\r\n"
#define WIRE(text)       (text), sizeof(text) - 1

static const struct {
	const char *wire;
	size_t len;
	const char *status, *body; /* body NULL: in libmicrohttpd's words */
} refused[] = {
	{ WIRE(HEAD("POST / HTTP/1.1", "Content-Length: 0\r\nContent-Length: 5\r\n") SMUGGLED),
	        "400", "BAD_HTTP" },
	{ WIRE(HEAD("POST / HTTP/1.1",
	          "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") "0\r\n\r\n" SMUGGLED),
	        "400", "BAD_HTTP" },
	{ WIRE(HEAD("POST / HTTP/1.1", "Transfer-Encoding: gzip\r\n") "0\r\n\r\n"), "400",
	        "BAD_HTTP" },
	{ WIRE(HEAD("POST / HTTP/1.0", "Transfer-Encoding: chunked\r\n") "0\r\n\r\n"), "400",
	        "BAD_HTTP" },
	{ WIRE(HEAD("POST / HTTP/1.1", "Content-Length : 40\r\n") SMUGGLED), "400", "BAD_HTTP" },
	{ WIRE(HEAD("POST / HTTP/1.1", "Content-Length\t: 40\r\n") SMUGGLED), "400", "BAD_HTTP" },
	{ WIRE(HEAD("GET / HTTP/1.1", "A: 1\r\n Transfer-Encoding: chunked\r\n")), "400",
	        "BAD_HTTP" },
	{ WIRE(HEAD("GET / HTTP/1.1", "A: 1\r\n folded\r\n")), "400", "BAD_HTTP" },
	{ WIRE(HEAD("GET / HTTP/1.1", "A: 1\0b\r\n")), "400", "BAD_HTTP" },
	{ WIRE(HEAD("GET / HTTP/1.1", "A: 1\0b\r\nC: d\r\n")), "400", "BAD_HTTP" },
	{ WIRE(HEAD("GET /a\0b HTTP/1.1", "")), "400", "BAD_HTTP" },
	{ WIRE(HEAD("GET / HTTP/1.1", "A: 1\nB: 2\r\n")), "400", "BAD_HTTP" },
	{ WIRE(HEAD("GET / HTTP/1.1", "A: 1\n")), "400", "BAD_HTTP" },
	{ WIRE("GET / HTTP/1.1\nHost: hub\r\n\r\n"), "400", "BAD_HTTP" },
	{ WIRE("GET / HTTP/1.1\r\nHost: hub\r\n\n"), "400", "BAD_HTTP" },
	{ WIRE(HEAD("GET / HTTP/1.1", "A: 1\rB: 2\r\n")), "400", "BAD_HTTP" },
	{ WIRE(HEAD("GET / HTTP/1.1", "A: \x02\r\n")), "400", "BAD_HTTP" },
	{ WIRE(HEAD("GET / HTTP/1.1", ": empty\r\n")), "400", "BAD_HTTP" },
	{ WIRE(HEAD("GET / HTTP/1.1", "Host: other\r\n")), "400", "BAD_HTTP" },
	{ WIRE("GET / HTTP/1.1\r\n\r\n"), "400", "BAD_HTTP" },
	{ WIRE(HEAD("GET / HTTP/1.1", "Authorization: a\r\nAuthorization: b\r\n")), "400",
	        "BAD_HTTP" },
	{ WIRE(HEAD("GET / HTTP/1.1", "X-Request-ID: a\r\nx-request-id: a\r\n")), "400",
	        "BAD_HTTP" },
	{ WIRE(HEAD("GET /a b HTTP/1.1", "")), "400", "BAD_HTTP" },
	{ WIRE(HEAD("GET  / HTTP/1.1", "")), "400", "BAD_HTTP" },
	{ WIRE(HEAD("GET nowhere HTTP/1.1", "")), "400", "BAD_HTTP" },
	{ WIRE(HEAD("GET / HTTP/1.7", "")), "400", "BAD_HTTP" },
	{ WIRE(HEAD("POST / HTTP/1.1", "Content-Length: 5x\r\n") SMUGGLED), "400", NULL },
	{ WIRE(HEAD("POST / HTTP/1.1", "Content-Length: -1\r\n") SMUGGLED), "400", NULL },
	{ WIRE(HEAD("POST / HTTP/1.1", "Content-Length: 99999999999999999999\r\n")), "413", NULL },
	{ WIRE(HEAD("GET / HTTP/1.1", "no colon\r\n")), "400", NULL },
	{ WIRE(HEAD("GET / HTTP/2.0", "")), "505", NULL },
	{ WIRE(HEAD("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\n") "xyz\r\n"), "400", NULL },
};

START_TEST(test_a_request_that_could_be_two_ends_the_connection)
{
	struct app *app = app_plain();
	struct client client = client_of(app);
	char status[32];

	client.out = (struct str){ refused[_i].wire, refused[_i].len };
	await(app, &client, NULL, 0);
	snprintf(status, sizeof(status), "HTTP/1.1 %s ", refused[_i].status);
	ck_assert_msg(client.in.p != NULL && str_starts(buf_str(&client.in), status), "%s: %s",
	        refused[_i].wire, client.in.p);
	ck_assert_uint_ge(count_of(&client, "Connection: close\r\n"), 1);
	ck_assert_uint_eq(app->requests, 0);
	if (refused[_i].body != NULL) {
		ck_assert_uint_eq(count_of(&client, "HTTP/1.1 "), 1);
		ck_assert_uint_eq(count_of(&client, "Content-Type: application/json\r\n"), 1);
		ck_assert_uint_eq(count_of(&client, refused[_i].body), 1);
	}
	client_end(&client);
	app_end(app);
}
END_TEST

static const struct {
	int target, header, count;
	const char *status, *body;
} large[] = {
	{ 4000, 10, 1, "200", "hello" },
	{ 10, 4000, 1, "200", "hello" },
	{ 10, 50, 60, "200", "hello" },
	{ 10, 8100, 1, "200", "hello" },
	{ 4000, 4000, 1, "200", "hello" },
	{ 10, 118, 63, "200", "hello" },
	{ 10, 400, 19, "200", "hello" },
	{ 5000, 10, 1, "414", "URL_TOO_LONG" },
	{ 10, 8200, 1, "431", "HEADERS_TOO_LARGE" },
	{ 10, 10, 70, "431", "HEADERS_TOO_LARGE" },
	{ 20000, 10, 1, "414", NULL },
	{ 10, 20000, 1, "431", NULL },
	{ 10, 500, 60, "431", NULL },
};

START_TEST(test_what_is_too_long_is_told_so)
{
	struct app *app = app_plain();
	struct client client = client_of(app);
	struct buf wire = { 0 };
	char status[32];

	buf_printf(&wire, "GET /%0*d HTTP/1.1\r\nHost: hub\r\n", large[_i].target, 0);
	for (int i = 0; i < large[_i].count; i++)
		buf_printf(&wire, "X-Large: %0*d\r\n", large[_i].header, 0);
	buf_printf(&wire, "\r\n");
	client_send(&client, wire.p);
	snprintf(status, sizeof(status), "HTTP/1.1 %s ", large[_i].status);
	await(app, &client, status, 1);
	if (large[_i].body != NULL)
		await(app, &client, large[_i].body, 1);
	buf_free(&wire);
	client_end(&client);
	app_end(app);
}
END_TEST

/* ---- chunks (fault H4) ---- */

#define CHUNKED HEAD("POST /echo HTTP/1.1", "Transfer-Encoding: chunked\r\n")

static const struct {
	const char *wire;
	size_t len;
} malformed[] = {
	{ WIRE(CHUNKED "4\nbody\r\n0\r\n\r\n") },
	{ WIRE(CHUNKED "4\r\nbody\n0\r\n\r\n") },
	{ WIRE(CHUNKED "4\r\nbody\r\n0\n\r\n") },
	{ WIRE(CHUNKED "4\r\nbody\r\n4\nbody\r\n0\r\n\r\n") },
	{ WIRE(CHUNKED "4;a\0b\r\nbody\r\n0\r\n\r\n") },
	{ WIRE(CHUNKED "4;a\rb\r\nbody\r\n0\r\n\r\n") },
	{ WIRE(CHUNKED "4\r\nbody\r\n0;\x01\r\n\r\n") },
	{ WIRE(CHUNKED "0\n\r\n") },
	{ WIRE(CHUNKED "4\r\nbody\r\n0\r\nContent-Length: 5\r\n\r\n") },
	{ WIRE(CHUNKED "4\r\nbody\r\n0\r\nTransfer-Encoding: gzip\r\n\r\n") },
	{ WIRE(CHUNKED "4\r\nbody\r\n0\r\nauthorization: Token x\r\n\r\n") },
	{ WIRE(CHUNKED "4\r\nbody\r\n0\r\nA: b\nC: d\r\n\r\n") },
	{ WIRE(CHUNKED "4\r\nbody\r\n0\r\nA: \x01\r\n\r\n") },
	{ WIRE(CHUNKED "4\r\nbodyX\r\n0\r\n\r\n") },
	{ WIRE(CHUNKED "4\rbody\r\n0\r\n\r\n") },
	{ WIRE(CHUNKED " 4\r\nbody\r\n0\r\n\r\n") },
	{ WIRE(CHUNKED "\r\n4\r\nbody\r\n0\r\n\r\n") },
};

START_TEST(test_H4_malformed_chunks_are_400_and_closed)
{
	struct app *app = app_plain();
	struct client client = client_of(app);

	client.out = (struct str){ malformed[_i].wire, malformed[_i].len };
	await(app, &client, NULL, 0);
	ck_assert_msg(count_of(&client, "HTTP/1.1 400 ") == 1, "%s", client.in.p);
	ck_assert_uint_eq(count_of(&client, "HTTP/1.1 "), 1);
	ck_assert_uint_eq(app->requests, 0);
	client_end(&client);
	app_end(app);
}
END_TEST

/* The same in two packets, wherever they are parted. One is not seen: what stands behind the size
 * of the last chunk when its line is parted from its end. */
START_TEST(test_H4_malformed_chunks_in_two_packets_are_refused)
{
	size_t at = malformed[_i].len - sizeof(CHUNKED) + 1, head = sizeof(CHUNKED) - 1;

	for (size_t part = 1; part < at; part++) {
		struct app *app = app_plain();
		struct client client = client_of(app);
		bool unseen = malformed[_i].wire[head + part - 1] == '\x01';

		client.out = (struct str){ malformed[_i].wire, head + part };
		client_step(&client);
		turns(app, 10);
		client.out = str_from(
		        (struct str){ malformed[_i].wire, malformed[_i].len }, head + part);
		await(app, &client, "\r\n\r\n", 1);
		ck_assert_msg(unseen || count_of(&client, "HTTP/1.1 400 ") == 1, "%zu: %s", part,
		        client.in.p);
		client_end(&client);
		app_end(app);
	}
}
END_TEST

/* The same, and a request behind it that is longer than what is looked at: of these lines it says
 * what the library has consumed. */
START_TEST(test_H4_a_bare_LF_behind_the_data_is_seen_before_a_long_request)
{
	static const char wire[] = CHUNKED "4\r\nbody\n0\r\n\r\n" HEAD(
	        "GET /0123456789012345678901234567890123456789012345678901234567890123 HTTP/1.1",
	        "");
	size_t at = sizeof(CHUNKED "4\r\nbody") - 1, end = at + sizeof("\n0\r\n\r\n") - 1;

	for (size_t part = at; part < end; part++) {
		struct app *app = app_plain();
		struct client client = client_of(app);

		client.out = (struct str){ wire, part };
		client_step(&client);
		turns(app, 10);
		client.out = str_from(str_of(wire), part);
		await(app, &client, "\r\n\r\n", 1);
		ck_assert_msg(
		        count_of(&client, "HTTP/1.1 400 ") == 1, "%zu: %s", part - at, client.in.p);
		client_end(&client);
		app_end(app);
	}
}
END_TEST

/* Every way to part a good one. */
START_TEST(test_H4_good_chunks_pass_however_they_are_parted)
{
	static const char wire[] = CHUNKED
	        "4\r\nbo\ny\r\n1;x=\"y\"\r\n!\r\n00a\r\n0123\n\r\n89a\r\n0;z\r\nA: b\r\nC: "
	        "d\r\n\r\n" GET("/x0123456789012345678901234567890123456789012345678901234");
	size_t head = sizeof(CHUNKED) - 1;

	for (size_t part = 0; part < sizeof(wire) - 1; part++) {
		struct app *app = app_plain();
		struct client client = client_of(app);

		client.out = (struct str){ wire, head > part ? part : part };
		client_step(&client);
		turns(app, 10);
		client.out = str_from(str_of(wire), part);
		await(app, &client, "hello", 1);
		ck_assert_uint_eq(count_of(&client, "HTTP/1.1 200 OK"), 2);
		client_end(&client);
		app_end(app);
	}
}
END_TEST

START_TEST(test_H4_good_chunks_pass_byte_by_byte)
{
	static const char wire[] = CHUNKED "4\r\nbo\ny\r\n1\r\n!\r\n0\r\n\r\n" GET("/x");
	struct app *app = app_plain();
	struct client client = client_of(app);

	for (size_t i = 0; i < sizeof(wire) - 1; i++) {
		send(client.fd, wire + i, 1, 0);
		turns(app, 3);
	}
	await(app, &client, "hello", 1);
	ck_assert_uint_eq(count_of(&client, "HTTP/1.1 200 OK"), 2);
	client_end(&client);
	app_end(app);
}
END_TEST

/* Its deadlines are a minute. */
START_TEST(test_H4_a_line_that_never_ends_is_no_silence)
{
	struct app *app = app_plain();
	struct client client = client_of(app);
	struct buf wire = { 0 };

	buf_printf(&wire, CHUNKED "4;%0*d", 60000, 0);
	client.out = buf_str(&wire);
	await(app, &client, NULL, 0);
	ck_assert_uint_eq(count_of(&client, "HTTP/1.1 400 "), 1);
	buf_free(&wire);
	client_end(&client);
	app_end(app);
}
END_TEST

/* ---- deadlines ---- */

static const struct {
	const char *first, *drip; /* what comes at once, and then a byte again and again */
	const char *answer;       /* NULL: none, just the end */
} slow[] = {
	{ "", "", NULL },
	{ "G", "E", NULL },
	{ "GET / HTTP/1.1\r\n", "", "408" },
	{ "GET / HTTP/1.1\r\nHost: ", "a", "408" },
	{ "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n", "b", "408" },
	{ "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n", "b", "408" },
	{ "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "", "200" },
	{ "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET", "x", "200" },
};

START_TEST(test_no_drip_keeps_a_connection_beyond_its_deadline)
{
	struct app *app = app_new();
	struct client client;
	char status[32];

	app->conf.head_ms = app->conf.body_ms = app->conf.idle_ms = 80;
	app_start(app, NULL, NULL);
	client = client_of(app);
	client_send(&client, slow[_i].first);
	for (int i = 0; !client.eof; i++) {
		ck_assert_int_lt(i, MOST_TURNS);
		net_loop_turn(app->loop, 1);
		if (slow[_i].drip[0] != '\0')
			client_send(&client, slow[_i].drip);
		else
			client_step(&client);
	}
	if (slow[_i].answer == NULL) {
		ck_assert_uint_eq(client.in.len, 0);
	} else {
		snprintf(status, sizeof(status), "HTTP/1.1 %s ", slow[_i].answer);
		ck_assert_uint_eq(count_of(&client, "HTTP/1.1 "), 1);
		ck_assert_msg(str_starts(buf_str(&client.in), status), "%s", client.in.p);
	}
	while (net_server_connections(app->server) > 0)
		net_loop_turn(app->loop, 1);
	client_end(&client);
	app_end(app);
}
END_TEST

START_TEST(test_a_waiting_request_is_not_cut_by_the_servers_deadlines)
{
	struct app *app = app_new();
	struct client client;
	int64_t until_ms;

	app->conf.head_ms = app->conf.body_ms = app->conf.idle_ms = 20;
	app_start(app, NULL, NULL);
	client = client_of(app);
	client_send(&client, GET("/wait"));
	for (until_ms = rh_mono_ms() + 100; rh_mono_ms() < until_ms;)
		net_loop_turn(app->loop, 1);
	ck_assert_uint_eq(app->waiting_count, 1);
	answer(app->waiting[0], 200, STR("patience"));
	await(app, &client, "patience", 1);
	client_end(&client);
	app_end(app);
}
END_TEST

START_TEST(test_a_client_that_never_reads_its_answer_is_let_go)
{
	struct app *app = app_new();
	struct client client;

	app->conf.head_ms = app->conf.body_ms = app->conf.idle_ms = 50;
	app_start(app, NULL, NULL);
	for (int i = 0; i < 8 * BIG_ANSWER; i++)
		buf_addc(&app->big, 'x');
	client = client_of(app);
	client.out = str_of(GET("/big"));
	send(client.fd, client.out.p, client.out.len, 0);
	for (int i = 0; app->dones == 0; i++) {
		ck_assert_int_lt(i, MOST_TURNS);
		net_loop_turn(app->loop, 1);
	}
	ck_assert_uint_eq(app->requests, 1);
	client_end(&client);
	app_end(app);
}
END_TEST

static TCase *
refusals_case(void)
{
	TCase *tcase = tcase_create("refusals");

	tcase_add_test(tcase, test_an_announced_body_that_is_too_large_is_413_before_it_is_read);
	tcase_add_loop_test(tcase, test_the_413_reaches_a_client_that_sends_everything_first, 0, 2);
	tcase_add_loop_test(tcase, test_a_request_that_could_be_two_ends_the_connection, 0,
	        (int)COUNT(refused));
	tcase_add_loop_test(
	        tcase, test_H4_malformed_chunks_are_400_and_closed, 0, (int)COUNT(malformed));
	tcase_add_loop_test(tcase, test_H4_malformed_chunks_in_two_packets_are_refused, 0,
	        (int)COUNT(malformed));
	tcase_add_test(tcase, test_H4_a_bare_LF_behind_the_data_is_seen_before_a_long_request);
	tcase_add_test(tcase, test_H4_good_chunks_pass_however_they_are_parted);
	tcase_add_test(tcase, test_H4_good_chunks_pass_byte_by_byte);
	tcase_add_test(tcase, test_H4_a_line_that_never_ends_is_no_silence);
	tcase_add_loop_test(tcase, test_what_is_too_long_is_told_so, 0, (int)COUNT(large));
	tcase_add_loop_test(
	        tcase, test_no_drip_keeps_a_connection_beyond_its_deadline, 0, (int)COUNT(slow));
	tcase_add_test(tcase, test_a_waiting_request_is_not_cut_by_the_servers_deadlines);
	tcase_add_test(tcase, test_a_client_that_never_reads_its_answer_is_let_go);
	return tcase;
}

int
main(void)
{
	TCase *cases[] = { refusals_case() };

	return run_cases("net refusal", cases, COUNT(cases));
}
