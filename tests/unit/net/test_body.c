/* Bodies: whose are read at all, how much is held of all of them, how fast they must come (fault
 * H1). */
#include "server_kit.h"

#include <string.h>

#define STRANGER(rest) "POST /echo HTTP/1.1\r\nHost: hub\r\nAuthorization: stranger\r\n" rest

/* Each is a head, and nothing of its body comes. */
static const char *const refused[] = {
	STRANGER("Content-Length: 1000000\r\n\r\n"),
	STRANGER("Content-Length: 20\r\nExpect: 100-continue\r\n\r\n"),
	STRANGER("Transfer-Encoding: chunked\r\n\r\n"),
	STRANGER("Transfer-Encoding: chunked\r\n\r\n5\r\nhel"),
};

START_TEST(test_H1_a_stranger_is_refused_before_the_body_is_read)
{
	struct app *app = app_plain();
	struct client client = client_of(app);

	client_send(&client, refused[_i]);
	await(app, &client, NULL, 0);
	ck_assert_uint_eq(count_of(&client, "HTTP/1.1 "), 1);
	ck_assert_uint_eq(count_of(&client, "HTTP/1.1 401 "), 1);
	ck_assert_uint_eq(count_of(&client, "Connection: close\r\n"), 1);
	ck_assert_uint_eq(count_of(&client, "who are you?"), 1);
	ck_assert_uint_eq(app->turned_away, 1);
	ck_assert_ptr_nonnull(strstr(app->seen, "body=0 "));
	client_end(&client);
	app_end(app);
}
END_TEST

/* It sends all of it before it reads: without lingering it would find a reset, not the answer. */
START_TEST(test_H1_the_refusal_reaches_a_stranger_that_sends_everything_first)
{
	struct app *app = app_plain();
	struct client client = client_of(app);
	struct buf wire =
	        big_post(1 << 20, "Authorization: stranger\r\nContent-Length: 1048576\r\n");

	client.out = buf_str(&wire);
	await(app, &client, NULL, 0);
	ck_assert_uint_eq(count_of(&client, "who are you?"), 1);
	ck_assert_ptr_nonnull(strstr(app->seen, "body=0 "));
	buf_free(&wire);
	client_end(&client);
	app_end(app);
}
END_TEST

START_TEST(test_H1_a_strangers_small_body_is_dropped_and_the_connection_stays)
{
	struct app *app = app_plain();
	struct client client = client_of(app);

	client_send(&client, STRANGER("Content-Length: 4\r\n\r\nbody") GET("/x"));
	await(app, &client, "hello", 1);
	ck_assert_uint_eq(count_of(&client, "HTTP/1.1 401 "), 1);
	ck_assert_uint_eq(count_of(&client, "body"), 0);
	ck_assert_uint_eq(app->turned_away, 1);
	ck_assert_uint_eq(app->requests, 2);
	client_end(&client);
	app_end(app);
}
END_TEST

START_TEST(test_H1_nobody_is_asked_about_a_request_without_a_body)
{
	struct app *app = app_plain();
	struct client client = client_of(app);

	client_send(
	        &client, "GET /x HTTP/1.1\r\nHost: hub\r\nAuthorization: stranger\r\n\r\n" STRANGER(
	                         "Content-Length: 0\r\n\r\n"));
	await(app, &client, "Content-Length: 0", 1);
	ck_assert_uint_eq(count_of(&client, "hello"), 1);
	ck_assert_uint_eq(app->asked, 0);
	client_end(&client);
	app_end(app);
}
END_TEST

static struct app *
app_with_room(size_t bytes)
{
	struct app *app = app_new();

	app->conf.max_bodies = bytes;
	app_start(app, NULL, NULL);
	return app;
}

#define HALF  "POST /wait HTTP/1.1\r\nHost: hub\r\nContent-Length: 60\r\n\r\n"
#define SIXTY "012345678901234567890123456789012345678901234567890123456789"

/* What is half there and what waits for its answer count, and nothing does afterwards. */
START_TEST(test_H1_all_bodies_together_have_a_limit)
{
	struct app *app = app_with_room(100);
	struct client half = client_of(app), other = client_of(app);

	for (size_t round = 1; round <= 3; round++) {
		client_send(&half, HALF SIXTY);
		while (app->waiting_count == 0)
			net_loop_turn(app->loop, 1);
		client_send(&other, HALF SIXTY);
		await(app, &other, NULL, 0);
		ck_assert_uint_eq(count_of(&other, "HTTP/1.1 503 "), 1);
		ck_assert_uint_eq(count_of(&other, "{\"refused\":\"BUSY\""), 1);
		ck_assert_uint_eq(count_of(&other, "Retry-After: 1\r\n"), 1);
		client_end(&other);
		answer(app->waiting[0], 200, STR("taken"));
		app->waiting_count = 0;
		await(app, &half, "taken", round);
		other = client_of(app);
	}
	client_send(&other, "POST /echo HTTP/1.1\r\nHost: hub\r\nContent-Length: 60\r\n\r\n" SIXTY);
	await(app, &other, SIXTY, 1);
	client_end(&half);
	client_end(&other);
	app_end(app);
}
END_TEST

START_TEST(test_H1_who_goes_before_the_body_is_complete_gives_its_room_back)
{
	struct app *app = app_with_room(100);
	struct client client;

	for (int i = 0; i < 5; i++) {
		client = client_of(app);
		client_send(&client, HALF "0123456789012345678901234567890123456789");
		turns(app, 10);
		client_end(&client);
		while (net_server_connections(app->server) > 0)
			net_loop_turn(app->loop, 1);
	}
	client = client_of(app);
	client_send(
	        &client, "POST /echo HTTP/1.1\r\nHost: hub\r\nContent-Length: 60\r\n\r\n" SIXTY);
	await(app, &client, SIXTY, 1);
	client_end(&client);
	app_end(app);
}
END_TEST

/* Its deadlines are a minute. */
START_TEST(test_H1_a_body_that_drips_is_too_slow)
{
	struct app *app = app_new();
	struct client client;

	app->conf.body_grace_ms = 50;
	app_start(app, NULL, NULL);
	client = client_of(app);
	client_send(&client, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
	for (int i = 0; !client.eof; i++) {
		ck_assert_int_lt(i, MOST_TURNS);
		net_loop_turn(app->loop, 2);
		if (i % 8 == 0)
			client_send(&client, "b");
		else
			client_step(&client);
	}
	ck_assert_uint_eq(count_of(&client, "HTTP/1.1 408 "), 1);
	client_end(&client);
	app_end(app);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("body");

	tcase_add_loop_test(tcase, test_H1_a_stranger_is_refused_before_the_body_is_read, 0,
	        (int)COUNT(refused));
	tcase_add_test(tcase, test_H1_the_refusal_reaches_a_stranger_that_sends_everything_first);
	tcase_add_test(tcase, test_H1_a_strangers_small_body_is_dropped_and_the_connection_stays);
	tcase_add_test(tcase, test_H1_nobody_is_asked_about_a_request_without_a_body);
	tcase_add_test(tcase, test_H1_all_bodies_together_have_a_limit);
	tcase_add_test(tcase, test_H1_who_goes_before_the_body_is_complete_gives_its_room_back);
	tcase_add_test(tcase, test_H1_a_body_that_drips_is_too_slow);
	return run_cases("net body", &tcase, 1);
}
