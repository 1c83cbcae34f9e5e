/* The server over raw sockets: what it hands up, how it answers, and that nothing is lost among
 * many connections. */
#include "server_kit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- answers ---- */

START_TEST(test_a_request_is_handed_up_whole_and_answered)
{
	struct app *app = app_plain();
	struct client client = client_of(app);

	client_send(&client,
	        "PUT /echo/a%20b?c=d%26&e HTTP/1.1\r\nHost: hub\r\nauthorization: Token abc\r\n"
	        "Content-Length: 4\r\n\r\nbody");
	await(app, &client, "body", 1);
	ck_assert_str_eq(app->seen,
	        "PUT /echo/a%20b?c=d%26&e auth=Token abc id=absent body=4 peer=127.0.0.1");
	ck_assert_uint_eq(count_of(&client, "HTTP/1.1 200 OK\r\n"), 1);
	ck_assert_uint_eq(count_of(&client, "Content-Length: 4\r\n"), 1);
	ck_assert_uint_eq(count_of(&client, "Content-Type: text/plain\r\n"), 1);
	ck_assert_uint_eq(count_of(&client, "X-Test: a, b\r\n"), 1);
	ck_assert_uint_eq(count_of(&client, "Connection"), 0);
	ck_assert_uint_eq(net_server_connections(app->server), 1);
	client_end(&client);
	app_end(app);
}
END_TEST

static const struct {
	const char *wire, *status, *absent;
} accepted[] = {
	{ "HEAD /x HTTP/1.1\r\nHost: hub\r\n\r\n", "Content-Length: 5\r\n", "hello" },
	{ "GET http://hub:80/echo?a HTTP/1.1\r\nHost: hub\r\n\r\n", "HTTP/1.1 200", "hello" },
	{ "GET /404 HTTP/1.1\r\nHost: hub\r\n\r\n", "none", "close" },
	{ "GET /204 HTTP/1.1\r\nHost: hub\r\n\r\n", "HTTP/1.1 204", "Content-Length" },
	{ "POST /echo HTTP/1.1\r\nHost: hub\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200",
	        "close" },
	{ "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "hello", "close" },
	{ "\r\n\r\nGET / HTTP/1.1\r\nHost: hub\r\n\r\n", "hello", "close" },
	{ "POST /echo HTTP/1.1\r\nHost: hub\r\nTransfer-Encoding: chunked\r\n\r\n"
	  "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nTrailer: x\r\n\r\n",
	        "\r\n\r\nhello world", "close" },
};

START_TEST(test_forms_of_requests_that_keep_the_connection)
{
	struct app *app = app_plain();
	struct client client = client_of(app);

	client_send(&client, accepted[_i].wire);
	await(app, &client, "\r\n\r\n", 1);
	await(app, &client, accepted[_i].status, 1);
	ck_assert_uint_eq(count_of(&client, accepted[_i].absent), 0);
	client_send(&client, GET("/again"));
	await(app, &client, "hello", count_of(&client, "hello") + 1);
	ck_assert_uint_eq(app->requests, 2);
	client_end(&client);
	app_end(app);
}
END_TEST

START_TEST(test_expect_100_continue_is_told_to_go_on)
{
	struct app *app = app_plain();
	struct client client = client_of(app);

	client_send(&client, "POST /echo HTTP/1.1\r\nHost: hub\r\nContent-Length: 4\r\nExpect: "
	                     "100-continue\r\n\r\n");
	await(app, &client, "HTTP/1.1 100 Continue\r\n\r\n", 1);
	ck_assert_uint_eq(app->requests, 0);
	client_send(&client, "body");
	await(app, &client, "\r\n\r\nbody", 1);
	client_end(&client);
	app_end(app);
}
END_TEST

START_TEST(test_pipelined_requests_are_answered_in_order)
{
	struct app *app = app_plain();
	struct client client = client_of(app);

	client_send(&client, GET("/later") GET("/x") GET("/later") GET("/404") GET("/later"));
	await(app, &client, "later", 3);
	ck_assert_uint_eq(app->requests, 5);
	ck_assert(strstr(client.in.p, "later") < strstr(client.in.p, "hello"));
	ck_assert(strstr(client.in.p, "hello") < strstr(client.in.p, "none"));
	client_end(&client);
	app_end(app);
}
END_TEST

START_TEST(test_a_head_that_comes_byte_by_byte_is_understood)
{
	struct app *app = app_plain();
	struct client client = client_of(app);
	const char *wire = "POST /echo HTTP/1.1\r\nHost: hub\r\nContent-Length: 3\r\n\r\nabc";

	for (; *wire != '\0'; wire++) {
		send(client.fd, wire, 1, 0);
		turns(app, 2);
	}
	await(app, &client, "\r\n\r\nabc", 1);
	client_end(&client);
	app_end(app);
}
END_TEST

/* ---- many connections, suspended and not ---- */

/* Each client sends its next request when its answer is there; the last to finish ends it. */
static void
run_clients(struct app *app, const char *wire, const char *expected, int count, size_t each)
{
	struct client *clients = rh_alloc((size_t)count * sizeof(*clients));
	int left = count;

	for (int i = 0; i < count; i++) {
		clients[i] = client_of(app);
		client_send(&clients[i], wire);
	}
	for (int turn = 0; left > 0; turn++) {
		ck_assert_int_lt(turn, MOST_TURNS);
		net_loop_turn(app->loop, 1);
		left = 0;
		for (int i = 0; i < count; i++) {
			size_t had = count_of(&clients[i], expected), has;

			client_step(&clients[i]);
			has = count_of(&clients[i], expected);
			ck_assert(!clients[i].eof);
			if (has > had && has < each)
				client_send(&clients[i], wire);
			left += has < each;
		}
	}
	for (int i = 0; i < count; i++)
		client_end(&clients[i]);
	free(clients);
}

static const int crowds[] = { 1, 2, 16, 64 };

START_TEST(test_no_wake_up_is_lost_with_few_or_many_connections)
{
	struct app *app = app_plain();
	int count = crowds[_i];

	run_clients(app, GET("/x"), "hello", count, 50);
	run_clients(app, GET("/later"), "later", count, 20);
	ck_assert_uint_eq(app->requests, (size_t)count * 70);
	app_end(app);
}
END_TEST

START_TEST(test_suspended_connections_do_not_hold_active_ones)
{
	struct app *app = app_plain();
	struct client waiting[400];

	for (size_t i = 0; i < COUNT(waiting); i++) {
		waiting[i] = client_of(app);
		client_send(&waiting[i], GET("/wait"));
		net_loop_turn(app->loop, 0);
	}
	while (app->waiting_count < COUNT(waiting))
		net_loop_turn(app->loop, 1);
	run_clients(app, GET("/x"), "hello", 50, 20);
	run_clients(app, GET("/later"), "later", 50, 10);
	ck_assert_uint_eq(net_server_requests(app->server), COUNT(waiting));
	for (size_t i = 0; i < COUNT(waiting); i++)
		answer(app->waiting[i], 200, STR("at last"));
	for (size_t i = 0; i < COUNT(waiting); i++) {
		await(app, &waiting[i], "at last", 1);
		client_end(&waiting[i]);
	}
	ck_assert_uint_eq(net_server_requests(app->server), 0);
	app_end(app);
}
END_TEST

START_TEST(test_a_client_gone_while_its_request_waits_is_done_with_once)
{
	struct app *app = app_plain();
	struct client client = client_of(app);

	client_send(&client, GET("/wait"));
	while (app->waiting_count == 0)
		net_loop_turn(app->loop, 1);
	client_end(&client);
	turns(app, 20);
	ck_assert_uint_eq(app->dones, 0);
	answer(app->waiting[0], 200, STR("too late"));
	while (net_server_connections(app->server) > 0)
		net_loop_turn(app->loop, 1);
	ck_assert_uint_eq(app->dones, 1);
	app_end(app);
}
END_TEST

START_TEST(test_the_server_may_go_while_answers_are_on_their_way)
{
	struct app *app = app_plain();
	struct client client = client_of(app), idle = client_of(app), half = client_of(app);

	client_send(&half, "POST /echo HTTP/1.1\r\nHost: hub\r\nContent-Length: 9\r\n\r\nhalf");
	client_send(&client, GET("/wait"));
	while (app->waiting_count == 0)
		net_loop_turn(app->loop, 1);
	answer(app->waiting[0], 200, STR("unsent"));
	app_end(app);
	client_end(&client);
	client_end(&idle);
	client_end(&half);
}
END_TEST

/* ---- big things ---- */

START_TEST(test_a_body_of_a_megabyte_comes_back_unchanged)
{
	struct app *app = app_plain();
	struct client client = client_of(app);
	struct buf wire = big_post(1 << 20, "Content-Length: 1048576\r\n");
	struct str body = { wire.p + wire.len - (1 << 20), 1 << 20 }, back;

	client_send(&client, wire.p);
	await(app, &client, "\r\n\r\n", 1);
	for (back = body; client.in.len < (1 << 20) + 100; client_step(&client)) {
		ck_assert(!client.eof);
		net_loop_turn(app->loop, 1);
	}
	back.p = strstr(client.in.p, "\r\n\r\n") + 4;
	ck_assert(str_eq(body, back));
	client_end(&client);
	buf_free(&wire);
	app_end(app);
}
END_TEST

START_TEST(test_a_big_answer_reaches_a_slow_reader)
{
	struct app *app = app_plain();
	struct client client = client_of(app);

	for (int i = 0; i < BIG_ANSWER; i++)
		buf_addc(&app->big, (char)('a' + i % 23));
	client.most_read = 20000;
	client_send(&client, GET("/big") GET("/x"));
	while (client.in.len < BIG_ANSWER) {
		net_loop_turn(app->loop, 1);
		client_step(&client);
		ck_assert(!client.eof);
	}
	await(app, &client, "hello", 1);
	ck_assert_ptr_nonnull(strstr(client.in.p, app->big.p));
	client_end(&client);
	app_end(app);
}
END_TEST

/* ---- limits and the end ---- */

START_TEST(test_connections_above_the_limit_are_refused_at_once)
{
	struct app *app = app_new();
	struct client clients[4];

	app->conf.max_connections = 3;
	app_start(app, NULL, NULL);
	for (size_t i = 0; i < 3; i++) {
		clients[i] = client_of(app);
		client_send(&clients[i], GET("/x"));
		await(app, &clients[i], "hello", 1);
	}
	clients[3] = client_of(app);
	await(app, &clients[3], NULL, 0);
	ck_assert_uint_eq(clients[3].in.len, 0);
	client_end(&clients[0]);
	while (net_server_connections(app->server) == 3)
		net_loop_turn(app->loop, 1);
	client_end(&clients[3]);
	clients[3] = client_of(app);
	client_send(&clients[3], GET("/x"));
	await(app, &clients[3], "hello", 1);
	for (size_t i = 1; i < 4; i++)
		client_end(&clients[i]);
	app_end(app);
}
END_TEST

START_TEST(test_stopping_serves_what_came_and_closes_what_idles)
{
	struct app *app = app_plain();
	struct client idle = client_of(app), waiting = client_of(app), queued[30];
	char bound[64];
	int again;

	client_send(&idle, GET("/x"));
	await(app, &idle, "hello", 1);
	client_send(&waiting, GET("/wait"));
	while (app->waiting_count == 0)
		net_loop_turn(app->loop, 1);
	for (size_t i = 0; i < COUNT(queued); i++) { /* the kernel has accepted them, we have not */
		queued[i] = client_of(app);
		client_send(&queued[i], GET("/x"));
	}
	net_server_stop_accepting(app->server, 0);
	await(app, &idle, NULL, 0);
	for (size_t i = 0; i < COUNT(queued); i++) {
		await(app, &queued[i], NULL, 0);
		ck_assert_uint_eq(count_of(&queued[i], "hello"), 1);
		ck_assert_uint_eq(count_of(&queued[i], "Connection: close"), 1);
		client_end(&queued[i]);
	}
	again = net_listen(app->bound, false, bound, NULL);
	ck_assert_int_ge(again, 0);
	ck_assert_str_eq(bound, app->bound);
	close(again);
	ck_assert_uint_eq(net_server_connections(app->server), 1);
	answer(app->waiting[0], 200, STR("last"));
	await(app, &waiting, NULL, 0);
	ck_assert_uint_eq(count_of(&waiting, "last"), 1);
	ck_assert_uint_eq(count_of(&waiting, "Connection: close"), 1);
	while (net_server_connections(app->server) > 0)
		net_loop_turn(app->loop, 1);
	client_end(&idle);
	client_end(&waiting);
	app_end(app);
}
END_TEST

START_TEST(test_a_port_is_joined_only_when_asked)
{
	struct app *app = app_plain();
	struct fault fault = { 0 };
	char bound[64];
	int fd = net_listen(app->bound, true, bound, &fault);

	ck_assert_int_ge(fd, 0);
	ck_assert_str_eq(bound, app->bound);
	close(fd);
	ck_assert_int_eq(net_listen(app->bound, false, bound, &fault), -1);
	ck_assert_msg(strstr(fault.why, "cannot listen") != NULL, "%s", fault.why);
	ck_assert_int_eq(net_listen("127.0.0.1", false, bound, &fault), -1);
	ck_assert_int_eq(fault.err, RH_BAD_CONFIG);
	ck_assert_int_eq(net_listen("127.0.0.1:x", false, bound, &fault), -1);
	fd = net_listen("[::1]:0", false, bound, &fault);
	if (fd >= 0)
		ck_assert(str_starts(str_of(bound), "[::1]:"));
	close(fd);
	app_end(app);
}
END_TEST

/* ---- TLS, with the openssl command as the other side ---- */

static size_t
run_tls_client(struct app *app, const char *options, struct buf *out)
{
	char command[512], part[4096];
	FILE *pipe;
	size_t n;

	snprintf(command, sizeof(command),
	        "(printf 'GET /x HTTP/1.1\\r\\nHost: h\\r\\n\\r\\n"
	        "GET /later HTTP/1.1\\r\\nHost: h\\r\\nConnection: close\\r\\n\\r\\n') |"
	        " timeout 10 openssl s_client -quiet -connect %s %s 2>&1",
	        app->bound, options);
	pipe = popen(command, "r");
	ck_assert_ptr_nonnull(pipe);
	fcntl(fileno(pipe), F_SETFL, O_NONBLOCK);
	for (int i = 0; i < MOST_TURNS; i++) {
		net_loop_turn(app->loop, 1);
		n = fread(part, 1, sizeof(part), pipe);
		buf_add(out, (struct str){ part, n });
		if (n == 0 && feof(pipe))
			break;
		clearerr(pipe);
	}
	pclose(pipe);
	return out->len;
}

START_TEST(test_TLS_1_2_and_1_3_are_spoken_and_nothing_older)
{
	static const struct {
		const char *option;
		bool works;
	} versions[] = { { "-tls1_3", true }, { "-tls1_2", true },
		{ "-tls1_1 -cipher ALL:@SECLEVEL=0", false } };
	struct app *app = app_new();
	struct tls_pair pair = tls_pair();

	app_start(app, pair.cert, pair.key);
	for (size_t i = 0; i < COUNT(versions); i++) {
		struct client seen = { 0 };

		run_tls_client(app, versions[i].option, &seen.in);
		ck_assert_msg(count_of(&seen, "hello") == versions[i].works, "%s: %s",
		        versions[i].option, seen.in.p);
		ck_assert_uint_eq(count_of(&seen, "later"), versions[i].works);
		buf_free(&seen.in);
	}
	app_end(app);
	tls_pair_free(&pair);
}
END_TEST

START_TEST(test_a_bad_certificate_is_told_and_leaves_the_listener)
{
	struct app *app = app_new();
	struct fault fault = { 0 };

	app->loop = net_loop_new();
	app->conf.listen_fd = net_listen("127.0.0.1:0", false, app->bound, &fault);
	app->conf.tls_cert = app->conf.tls_key = "no certificate";
	ck_assert_ptr_null(net_server_new(app->loop, &app->conf, &fault));
	ck_assert_int_eq(fault.err, RH_SYSTEM);
	ck_assert_int_eq(close(app->conf.listen_fd), 0);
	net_loop_free(app->loop);
	free(app);
}
END_TEST

static TCase *
answers_case(void)
{
	TCase *tcase = tcase_create("answers");

	tcase_add_test(tcase, test_a_request_is_handed_up_whole_and_answered);
	tcase_add_loop_test(
	        tcase, test_forms_of_requests_that_keep_the_connection, 0, (int)COUNT(accepted));
	tcase_add_test(tcase, test_expect_100_continue_is_told_to_go_on);
	tcase_add_test(tcase, test_pipelined_requests_are_answered_in_order);
	tcase_add_test(tcase, test_a_head_that_comes_byte_by_byte_is_understood);
	tcase_add_loop_test(
	        tcase, test_no_wake_up_is_lost_with_few_or_many_connections, 0, (int)COUNT(crowds));
	tcase_add_test(tcase, test_suspended_connections_do_not_hold_active_ones);
	tcase_add_test(tcase, test_a_client_gone_while_its_request_waits_is_done_with_once);
	tcase_add_test(tcase, test_the_server_may_go_while_answers_are_on_their_way);
	tcase_add_test(tcase, test_a_body_of_a_megabyte_comes_back_unchanged);
	tcase_add_test(tcase, test_a_big_answer_reaches_a_slow_reader);
	return tcase;
}

static TCase *
limits_case(void)
{
	TCase *tcase = tcase_create("limits");

	tcase_add_test(tcase, test_connections_above_the_limit_are_refused_at_once);
	tcase_add_test(tcase, test_stopping_serves_what_came_and_closes_what_idles);
	tcase_add_test(tcase, test_a_port_is_joined_only_when_asked);
	tcase_add_test(tcase, test_TLS_1_2_and_1_3_are_spoken_and_nothing_older);
	tcase_add_test(tcase, test_a_bad_certificate_is_told_and_leaves_the_listener);
	return tcase;
}

int
main(void)
{
	TCase *cases[] = { answers_case(), limits_case() };

	return run_cases("net server", cases, COUNT(cases));
}
