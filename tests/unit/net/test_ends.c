/* How connections begin and end at the edges: half-closed sockets (fault H3), and descriptors that
 * ran out (fault H8). */
#include "server_kit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CROWD = 1000 };

static void
wait_until_gone(struct app *app)
{
	for (int i = 0; net_server_connections(app->server) > 0; i++) {
		ck_assert_int_lt(i, MOST_TURNS);
		net_loop_turn(app->loop, 1);
	}
}

/* Bytes and FIN are there before the server looks: it hears of both at once. */
static struct client
half_closed(const struct app *app, const char *wire)
{
	struct client client = client_of(app);

	client_send(&client, wire);
	ck_assert_int_eq(shutdown(client.fd, SHUT_WR), 0);
	return client;
}

#define POST(rest) "POST /echo HTTP/1.1\r\nHost: hub\r\n" rest

static const struct {
	const char *wire, *last; /* the last answer's body */
	size_t answers;
} whole[] = {
	{ GET("/x"), "hello", 1 },
	{ GET("/later"), "later", 1 },
	{ GET("/x") GET("/later") GET("/404"), "none", 3 },
	{ POST("Content-Length: 4\r\n\r\nbody"), "body", 1 },
	{ POST("Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n"), "body", 1 },
	{ POST("Content-Length: 4\r\nExpect: 100-continue\r\n\r\nbody"), "body", 1 },
	{ GET("/x") "GET /y HTTP/1.1\r\nHost: ", "hello", 1 },
};

START_TEST(test_H3_a_complete_request_with_FIN_is_answered_then_closed)
{
	struct app *app = app_plain();
	struct client client = half_closed(app, whole[_i].wire);

	await(app, &client, NULL, 0);
	ck_assert_uint_eq(app->requests, whole[_i].answers);
	ck_assert_uint_eq(count_of(&client, whole[_i].last), 1);
	wait_until_gone(app);
	client_end(&client);
	app_end(app);
}
END_TEST

static const char *const parts[] = {
	"",
	"G",
	"GET / HTTP/1.1\r\n",
	"GET / HTTP/1.1\r\nHost: hub\r\nX: y",
	POST("Content-Length: 4\r\n\r\n"),
	POST("Content-Length: 4\r\n\r\nbod"),
	POST("Content-Length: 4\r\nExpect: 100-continue\r\n\r\n"),
	POST("Transfer-Encoding: chunked\r\n\r\n4\r\nbod"),
	POST("Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n"),
};

START_TEST(test_H3_an_incomplete_request_with_FIN_is_closed_at_once)
{
	struct app *app = app_plain(); /* its deadlines are a minute */
	struct client client = half_closed(app, parts[_i]);

	await(app, &client, NULL, 0);
	wait_until_gone(app);
	ck_assert_uint_eq(app->requests, 0);
	client_end(&client);
	app_end(app);
}
END_TEST

START_TEST(test_H3_FIN_that_comes_later_ends_what_waits_rests_or_is_half_there)
{
	static const char *const first[] = { GET("/wait"), GET("/x"), "GET / HT" };
	struct app *app = app_plain();
	struct client clients[COUNT(first)];

	for (size_t i = 0; i < COUNT(first); i++) {
		clients[i] = client_of(app);
		client_send(&clients[i], first[i]);
	}
	await(app, &clients[1], "hello", 1);
	turns(app, 10);
	for (size_t i = 0; i < COUNT(first); i++)
		shutdown(clients[i].fd, SHUT_WR);
	await(app, &clients[1], NULL, 0);
	await(app, &clients[2], NULL, 0);
	ck_assert_uint_eq(net_server_connections(app->server), 1);
	answer(app->waiting[0], 200, STR("still"));
	await(app, &clients[0], NULL, 0);
	ck_assert_uint_eq(count_of(&clients[0], "still"), 1);
	wait_until_gone(app);
	for (size_t i = 0; i < COUNT(first); i++)
		client_end(&clients[i]);
	app_end(app);
}
END_TEST

START_TEST(test_H3_over_TLS_a_handshake_that_ends_is_closed_at_once)
{
	struct app *app = app_new();
	struct tls_pair pair = tls_pair();
	struct client client, silent;

	app_start(app, pair.cert, pair.key);
	client = half_closed(app, "\x16\x03\x01\x01");
	silent = half_closed(app, "");
	await(app, &client, NULL, 0);
	await(app, &silent, NULL, 0);
	wait_until_gone(app);
	client_end(&client);
	client_end(&silent);
	app_end(app);
	tls_pair_free(&pair);
}
END_TEST

static rlim_t
allow_descriptors(rlim_t count)
{
	struct rlimit files;
	rlim_t before;

	getrlimit(RLIMIT_NOFILE, &files);
	before = files.rlim_cur;
	files.rlim_cur = files.rlim_max < count ? files.rlim_max : count;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &files), 0);
	return before;
}

/* Some complete, some not, and among them those that wait. */
START_TEST(test_H3_thousands_of_half_closed_sockets_are_gone_while_others_are_served)
{
	static const char *const kinds[] = { GET("/x"), "GET / HTTP/1.1\r\nHost:", GET("/wait"),
		POST("Content-Length: 4\r\n\r\nbod") };
	struct app *app = app_new();
	struct client *clients = rh_alloc(CROWD * sizeof(*clients)), other;

	allow_descriptors(4096);
	app->conf.max_connections = CROWD + 1;
	app_start(app, NULL, NULL);
	other = client_of(app);
	for (size_t i = 0; i < CROWD; i++) {
		clients[i] = half_closed(app, kinds[i % COUNT(kinds)]);
		if (i % 100 != 99)
			continue;
		client_send(&other, GET("/404"));
		await(app, &other, "none", i / 100 + 1);
	}
	while (app->waiting_count < CROWD / 4 ||
	        net_server_connections(app->server) > CROWD / 4 + 1)
		net_loop_turn(app->loop, 1);
	for (size_t i = 0; i < app->waiting_count; i++)
		answer(app->waiting[i], 200, STR("at last"));
	for (size_t i = 0; i < CROWD; i++) {
		await(app, &clients[i], NULL, 0);
		ck_assert_uint_eq(count_of(&clients[i], "HTTP/1.1 200 OK"), i % 2 == 0);
		client_end(&clients[i]);
	}
	ck_assert_uint_eq(net_server_connections(app->server), 1);
	client_end(&other);
	free(clients);
	app_end(app);
}
END_TEST

static int
lowest_free_descriptor(void)
{
	int fd = dup(STDERR_FILENO);

	close(fd);
	return fd;
}

/* _i: with an old connection that says nothing, and without any. */
START_TEST(test_H8_accepting_goes_on_when_there_are_descriptors_again)
{
	struct app *app = app_plain();
	struct client old, crowd[20];
	rlim_t before;
	int spent = 0;

	if (_i == 0) {
		old = client_of(app);
		client_send(&old, GET("/x"));
		await(app, &old, "hello", 1);
	}
	for (size_t i = 0; i < COUNT(crowd); i++) {
		crowd[i] = client_of(app);
		client_send(&crowd[i], GET("/404"));
	}
	before = allow_descriptors((rlim_t)lowest_free_descriptor());
	for (int64_t until_ms = rh_mono_ms() + 300; rh_mono_ms() < until_ms; spent++)
		net_loop_turn(app->loop, 50);
	ck_assert_int_lt(spent, 50); /* it sleeps meanwhile */
	ck_assert_uint_eq(net_server_connections(app->server), _i == 0);
	allow_descriptors(before);
	for (size_t i = 0; i < COUNT(crowd); i++) {
		await(app, &crowd[i], "none", 1);
		client_end(&crowd[i]);
	}
	if (_i == 0)
		client_end(&old);
	app_end(app);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("ends");

	tcase_add_loop_test(tcase, test_H3_a_complete_request_with_FIN_is_answered_then_closed, 0,
	        (int)COUNT(whole));
	tcase_add_loop_test(tcase, test_H3_an_incomplete_request_with_FIN_is_closed_at_once, 0,
	        (int)COUNT(parts));
	tcase_add_test(tcase, test_H3_FIN_that_comes_later_ends_what_waits_rests_or_is_half_there);
	tcase_add_test(tcase, test_H3_over_TLS_a_handshake_that_ends_is_closed_at_once);
	tcase_add_test(
	        tcase, test_H3_thousands_of_half_closed_sockets_are_gone_while_others_are_served);
	tcase_add_loop_test(
	        tcase, test_H8_accepting_goes_on_when_there_are_descriptors_again, 0, 2);
	return run_cases("net ends", &tcase, 1);
}
