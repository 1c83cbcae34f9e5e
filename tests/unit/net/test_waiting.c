/* Requests that wait for their answer, with one, a few and very many connections: a few of them
 * stay in libmicrohttpd's list of ready ones, the rest is suspended, see server.c. Nobody may tell
 * the difference. */
#include "server_kit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE_MS = 30 }; /* far longer than anybody waits before it is suspended */

static const struct crowd {
	int count;
	bool secure; /* through TLS */
} crowds[] = { { 1, false }, { 16, false }, { 1000, false }, { 1, true }, { 16, true },
	{ 1000, true } };

static struct app *
app_for(struct crowd crowd)
{
	static struct tls_pair pair;
	struct app *app = app_new();
	struct rlimit files;

	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max < 4096 ? files.rlim_max : 4096;
	setrlimit(RLIMIT_NOFILE, &files);
	app->conf.max_connections = (size_t)crowd.count + 16;
	if (crowd.secure && pair.cert == NULL)
		pair = tls_pair();
	app->secure = crowd.secure;
	app_start(app, crowd.secure ? pair.cert : NULL, crowd.secure ? pair.key : NULL);
	return app;
}

/* @count clients whose @wire was handed up, and waits. */
static struct client *
crowd(struct app *app, int count, const char *wire)
{
	struct client *clients = rh_alloc((size_t)count * sizeof(*clients));

	for (int i = 0; i < count; i++) {
		clients[i] = client_of(app);
		client_send(&clients[i], wire);
		if (i % 64 == 63)
			turns(app, 4);
	}
	while (app->waiting_count < (size_t)count) {
		net_loop_turn(app->loop, 1);
		for (int i = 0; i < count; i++)
			if (clients[i].out.len > 0)
				client_step(&clients[i]);
	}
	return clients;
}

static void
answer_all(struct app *app, const char *text)
{
	size_t count = app->waiting_count;

	app->waiting_count = 0;
	for (size_t i = 0; i < count; i++)
		answer(app->waiting[i], 200, str_of(text));
}

static void
crowd_end(struct client *clients, int count)
{
	for (int i = 0; i < count; i++)
		client_end(&clients[i]);
	free(clients);
}

static void
pass_ms(struct app *app, int ms)
{
	for (int64_t until_ms = rh_mono_ms() + ms; rh_mono_ms() < until_ms;)
		net_loop_turn(app->loop, 1);
}

/* Once at once, once after all were suspended. */
static const int waits_ms[] = { 0, PATIENCE_MS };

START_TEST(test_whoever_waits_is_answered_again_and_again)
{
	const struct crowd *crowd_of = &crowds[_i % (int)COUNT(crowds)];
	int count = crowd_of->count;
	struct app *app = app_for(*crowd_of);
	struct client *clients = crowd(app, count, GET("/wait"));

	for (size_t round = 1; round <= 4; round++) {
		pass_ms(app, waits_ms[_i / (int)COUNT(crowds)]);
		answer_all(app, "at last");
		for (int i = 0; i < count; i++) {
			await(app, &clients[i], "at last", round);
			client_send(&clients[i], GET("/wait"));
		}
		while (app->waiting_count < (size_t)count)
			net_loop_turn(app->loop, 1);
	}
	answer_all(app, "bye");
	for (int i = 0; i < count; i++)
		await(app, &clients[i], "bye", 1);
	ck_assert_uint_eq(app->requests, 5 * (size_t)count);
	crowd_end(clients, count);
	app_end(app);
}
END_TEST

START_TEST(test_pipelined_requests_that_wait_are_answered_in_order)
{
	int count = crowds[_i].count;
	struct app *app = app_for(crowds[_i]);
	struct client *clients = crowd(app, count, GET("/wait") GET("/404") GET("/wait") GET("/x"));

	answer_all(app, "first");
	while (app->waiting_count < (size_t)count)
		net_loop_turn(app->loop, 1);
	pass_ms(app, _i == 1 ? PATIENCE_MS : 0);
	answer_all(app, "third");
	for (int i = 0; i < count; i++) {
		await(app, &clients[i], "hello", 1);
		ck_assert(strstr(clients[i].in.p, "first") < strstr(clients[i].in.p, "none"));
		ck_assert(strstr(clients[i].in.p, "none") < strstr(clients[i].in.p, "third"));
		ck_assert(strstr(clients[i].in.p, "third") < strstr(clients[i].in.p, "hello"));
	}
	ck_assert_uint_eq(app->requests, 4 * (size_t)count);
	crowd_end(clients, count);
	app_end(app);
}
END_TEST

/* Beside those who wait: the library tells no longer whether there is work. */
static void
serve_beside(struct app *app)
{
	struct client quick = client_of(app), slow = client_of(app), poster = client_of(app);
	struct buf wire = big_post(300000, "Content-Length: 300000\r\n");

	for (int i = 0; i < BIG_ANSWER; i++)
		buf_addc(&app->big, (char)('a' + i % 23));
	slow.most_read = 60000;
	client_send(&slow, GET("/big") GET("/x"));
	poster.out = buf_str(&wire);
	for (size_t i = 1; i <= 20; i++) {
		client_send(&quick, GET("/x"));
		await(app, &quick, "hello", i);
		client_step(&poster);
	}
	while (poster.in.len < 300000 || slow.in.len < BIG_ANSWER) {
		net_loop_turn(app->loop, 1);
		client_step(&poster);
		client_step(&slow);
		ck_assert(!poster.eof && !slow.eof);
	}
	await(app, &slow, "hello", 1);
	client_end(&quick);
	client_end(&slow);
	client_end(&poster);
	buf_free(&wire);
}

START_TEST(test_big_bodies_and_slow_readers_go_on_beside_those_who_wait)
{
	int count = crowds[_i].count;
	struct app *app = app_for(crowds[_i]);
	struct client *clients = crowd(app, count, GET("/wait"));

	serve_beside(app);
	ck_assert_uint_eq(net_server_requests(app->server), (size_t)count);
	answer_all(app, "at last");
	for (int i = 0; i < count; i++)
		await(app, &clients[i], "at last", 1);
	crowd_end(clients, count);
	app_end(app);
}
END_TEST

/* One that waits is always there: its answer is followed by the next request. What the library
 * refuses in its own words needs dozens of runs and calls nobody meanwhile. */
START_TEST(test_a_giant_head_is_refused_within_a_second_beside_those_who_wait)
{
	int count = crowds[_i].count;
	struct app *app = app_for(crowds[_i]);
	struct client *clients = crowd(app, count, GET("/wait"));
	struct client giant = client_of(app);
	struct buf wire = { 0 };
	int64_t late_ms = rh_mono_ms() + 1000;

	buf_printf(&wire, "GET / HTTP/1.1\r\nHost: hub\r\nX-Large: %0*d\r\n\r\n", 30000, 0);
	giant.out = buf_str(&wire);
	for (size_t round = 1; count_of(&giant, "HTTP/1.1 431 ") == 0; round++) {
		answer_all(app, "again");
		await(app, &clients[0], "again", round);
		client_send(&clients[0], GET("/wait"));
		while (app->waiting_count == 0)
			net_loop_turn(app->loop, 1);
		client_step(&giant);
		ck_assert_int_lt(rh_mono_ms(), late_ms + 20000); /* of a machine that is busy */
		if (rh_mono_ms() > late_ms)
			ck_assert_uint_lt(round, 1000);
	}
	answer_all(app, "bye");
	await(app, &clients[0], "bye", 1);
	buf_free(&wire);
	client_end(&giant);
	crowd_end(clients, count);
	app_end(app);
}
END_TEST

/* The loop sleeps between the few milliseconds in which it looks once more. */
START_TEST(test_waiting_costs_no_turns)
{
	int count = crowds[_i].count, spent = 0;
	struct app *app = app_for(crowds[_i]);
	struct client *clients = crowd(app, count, GET("/wait"));

	turns(app, 20);
	for (int64_t until_ms = rh_mono_ms() + 200; rh_mono_ms() < until_ms; spent++)
		net_loop_turn(app->loop, 50);
	ck_assert_int_lt(spent, 30);
	answer_all(app, "at last");
	for (int i = 0; i < count; i++)
		await(app, &clients[i], "at last", 1);
	crowd_end(clients, count);
	app_end(app);
}
END_TEST

/* faults H1, H4: its buffer is full of what it can make nothing of, and the library would look
 * again at once until the body is late. */
START_TEST(test_a_chunk_that_never_begins_costs_no_turns)
{
	struct app *app = app_for(crowds[0]);
	struct client endless = client_of(app);
	struct buf wire = { 0 };
	int spent = 0;

	buf_printf(&wire,
	        "POST /echo HTTP/1.1\r\nHost: hub\r\nTransfer-Encoding: chunked\r\n\r\n5;%0*d",
	        30000, 0);
	endless.out = buf_str(&wire);
	for (int i = 0; i < 100; i++) {
		client_step(&endless);
		net_loop_turn(app->loop, 0);
	}
	for (int64_t until_ms = rh_mono_ms() + 200; rh_mono_ms() < until_ms; spent++)
		net_loop_turn(app->loop, 50);
	ck_assert_int_lt(spent, 400);
	buf_free(&wire);
	client_end(&endless);
	app_end(app);
}
END_TEST

static void
reset(struct client *client)
{
	struct linger hard = { .l_onoff = 1 };

	setsockopt(client->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	client_end(client);
}

/* While they wait the library sees them go, and before the answer is there nobody may be done. */
START_TEST(test_a_peer_gone_while_it_waits_is_done_with_once_it_is_answered)
{
	int count = crowds[_i].count;
	struct app *app = app_for(crowds[_i]);
	struct client *clients = crowd(app, count, GET("/wait"));

	for (int i = 0; i < count; i++)
		reset(&clients[i]);
	pass_ms(app, PATIENCE_MS);
	ck_assert_uint_eq(app->dones, 0);
	ck_assert_uint_eq(net_server_requests(app->server), (size_t)count);
	answer_all(app, "too late");
	ck_assert_uint_eq(app->dones, 0);
	while (net_server_requests(app->server) + net_server_connections(app->server) > 0)
		net_loop_turn(app->loop, 1);
	ck_assert_uint_eq(app->dones, (size_t)count);
	free(clients);
	app_end(app);
}
END_TEST

/* The library frees what it received with the connection: what a request says is the server's. */
START_TEST(test_what_a_request_says_outlives_its_connection)
{
	int count = crowds[_i].count;
	struct app *app = app_for(crowds[_i]);
	struct client *clients = crowd(app, count,
	        "GET /wait HTTP/1.1\r\nHost: hub\r\nX-Request-ID: 0815\r\nAuthorization: "
	        "me\r\n\r\n");

	for (int i = 0; i < count; i++)
		reset(&clients[i]);
	pass_ms(app, PATIENCE_MS);
	for (int i = 0; i < count; i++) {
		const struct net_request *request = app->waiting[i];

		ck_assert(str_is(request->method, "GET") && str_is(request->target, "/wait"));
		ck_assert(str_is(request->header[0], "me") && str_is(request->header[1], "0815"));
	}
	answer_all(app, "too late");
	free(clients);
	app_end(app);
}
END_TEST

START_TEST(test_the_server_may_go_when_all_who_waited_are_answered)
{
	int count = crowds[_i].count;
	struct app *app = app_for(crowds[_i]);
	struct client *clients = crowd(app, count, GET("/wait"));

	reset(&clients[0]);
	turns(app, 5);
	answer_all(app, "unsent");
	app_end(app);
	for (int i = 1; i < count; i++)
		client_end(&clients[i]);
	free(clients);
}
END_TEST

START_TEST(test_stopping_answers_all_who_wait)
{
	int count = crowds[_i].count;
	struct app *app = app_for(crowds[_i]);
	struct client *clients = crowd(app, count, GET("/wait"));

	net_server_stop_accepting(app->server, 0);
	turns(app, 5);
	ck_assert_uint_eq(net_server_connections(app->server), (size_t)count);
	answer_all(app, "last");
	for (int i = 0; i < count; i++) {
		await(app, &clients[i], NULL, 0);
		ck_assert_uint_eq(count_of(&clients[i], "last"), 1);
		ck_assert_uint_eq(count_of(&clients[i], "Connection: close"), 1);
	}
	while (net_server_connections(app->server) > 0)
		net_loop_turn(app->loop, 1);
	crowd_end(clients, count);
	app_end(app);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("waiting");
	int many = (int)COUNT(crowds);

	tcase_set_timeout(tcase, 100);
	tcase_add_loop_test(tcase, test_whoever_waits_is_answered_again_and_again, 0,
	        (int)COUNT(waits_ms) * many);
	tcase_add_loop_test(
	        tcase, test_pipelined_requests_that_wait_are_answered_in_order, 0, many);
	tcase_add_loop_test(
	        tcase, test_big_bodies_and_slow_readers_go_on_beside_those_who_wait, 0, many);
	tcase_add_loop_test(
	        tcase, test_a_giant_head_is_refused_within_a_second_beside_those_who_wait, 0, many);
	tcase_add_loop_test(tcase, test_waiting_costs_no_turns, 0, many);
	tcase_add_test(tcase, test_a_chunk_that_never_begins_costs_no_turns);
	tcase_add_loop_test(
	        tcase, test_a_peer_gone_while_it_waits_is_done_with_once_it_is_answered, 0, many);
	tcase_add_loop_test(tcase, test_what_a_request_says_outlives_its_connection, 0, many);
	tcase_add_loop_test(
	        tcase, test_the_server_may_go_when_all_who_waited_are_answered, 0, many);
	tcase_add_loop_test(tcase, test_stopping_answers_all_who_wait, 0, many);
	return run_cases("net waiting", &tcase, 1);
}
