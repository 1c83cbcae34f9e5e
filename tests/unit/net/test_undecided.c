/* Whether who sends a body may is told later: until then none of it is read. */
#include "server_kit.h"

#include <string.h>

enum { SMALL = 300, LARGE = 300000 };

#define PERHAPS "Authorization: perhaps\r\n"
#define POST    "POST /echo HTTP/1.1\r\nHost: hub\r\n" PERHAPS "Content-Length: 5\r\n"

static void
turn_until_asked(struct app *app, struct client *client, size_t count)
{
	for (int i = 0; app->undecided_count < count; i++) {
		ck_assert_int_lt(i, MOST_TURNS);
		client_step(client);
		net_loop_turn(app->loop, 1);
	}
	for (int i = 0; i < 30; i++) {
		client_step(client);
		net_loop_turn(app->loop, 1);
	}
}

static const struct {
	size_t len;
	const char *framing;
	enum rh_err says;
	const char *status, *seen;
	bool closes;
} told_later[] = {
	{ SMALL, PERHAPS "Content-Length: 300\r\n", RH_OK, "HTTP/1.1 200 ", "body=300 " },
	{ LARGE, PERHAPS "Content-Length: 300000\r\n", RH_OK, "HTTP/1.1 200 ", "body=300000 " },
	{ SMALL, PERHAPS "Transfer-Encoding: chunked\r\n\r\n12c", RH_OK, "HTTP/1.1 200 ",
	        "body=300 " },
	{ LARGE, PERHAPS "Transfer-Encoding: chunked\r\n\r\n493e0", RH_OK, "HTTP/1.1 200 ",
	        "body=300000 " },
	{ SMALL, PERHAPS "Content-Length: 300\r\n", RH_UNKNOWN_TOKEN, "HTTP/1.1 401 ", "body=0 " },
	{ LARGE, PERHAPS "Content-Length: 300000\r\n", RH_UNKNOWN_TOKEN, "HTTP/1.1 401 ", "body=0 ",
	        true },
	{ SMALL, PERHAPS "Transfer-Encoding: chunked\r\n\r\n12c", RH_UNKNOWN_TOKEN, "HTTP/1.1 401 ",
	        "body=0 ", true },
	{ LARGE, PERHAPS "Transfer-Encoding: chunked\r\n\r\n493e0", RH_BUSY, "HTTP/1.1 401 ",
	        "body=0 ", true },
};

START_TEST(test_it_is_read_or_refused_when_that_is_told)
{
	struct app *app = app_plain();
	struct client client = client_of(app);
	struct buf wire = big_post(told_later[_i].len, told_later[_i].framing);

	if (strstr(told_later[_i].framing, "chunked") != NULL)
		buf_add(&wire, STR("\r\n0\r\n\r\n"));
	client.out = buf_str(&wire);
	turn_until_asked(app, &client, 1);
	ck_assert_uint_eq(app->requests, 0);
	ck_assert_uint_eq(net_server_requests(app->server), 1);
	net_admit(app->undecided[0], told_later[_i].says);
	await(app, &client, told_later[_i].status, 1);
	ck_assert_uint_eq(app->requests, 1);
	ck_assert_msg(strstr(app->seen, told_later[_i].seen) != NULL, "%s", app->seen);
	if (told_later[_i].closes)
		await(app, &client, NULL, 0);
	ck_assert_uint_eq(net_server_requests(app->server), 0);
	buf_free(&wire);
	client_end(&client);
	app_end(app);
}
END_TEST

START_TEST(test_who_waits_to_be_told_to_continue_is_told_so_when_he_may)
{
	struct app *app = app_plain();
	struct client client = client_of(app);

	client_send(&client, POST "Expect: 100-continue\r\n\r\n");
	turn_until_asked(app, &client, 1);
	ck_assert_uint_eq(count_of(&client, "100 Continue"), 0);
	net_admit(app->undecided[0], _i == 0 ? RH_OK : RH_UNKNOWN_TOKEN);
	if (_i == 0) {
		await(app, &client, "100 Continue", 1);
		client_send(&client, "hello");
		await(app, &client, "HTTP/1.1 200 ", 1);
	} else {
		await(app, &client, "HTTP/1.1 401 ", 1);
		ck_assert_uint_eq(count_of(&client, "100 Continue"), 0);
	}
	client_end(&client);
	app_end(app);
}
END_TEST

START_TEST(test_who_leaves_before_is_forgotten_when_it_is_told)
{
	struct app *app = app_plain();
	struct client client = client_of(app), other = client_of(app);

	client_send(&client, POST "\r\nhel");
	turn_until_asked(app, &client, 1);
	client_end(&client);
	for (int i = 0; i < 20; i++)
		net_loop_turn(app->loop, 1);
	net_admit(app->undecided[0], _i == 0 ? RH_OK : RH_UNKNOWN_TOKEN);
	client_send(&other, GET("/"));
	await(app, &other, "hello", 1);
	for (int i = 0; net_server_connections(app->server) > 1; i++) {
		ck_assert_int_lt(i, MOST_TURNS);
		net_loop_turn(app->loop, 1);
	}
	ck_assert_uint_eq(net_server_requests(app->server), 0);
	client_end(&other);
	app_end(app);
}
END_TEST

/* The next request of the same connection is an ordinary one. */
START_TEST(test_the_connection_goes_on)
{
	struct app *app = app_plain();
	struct client client = client_of(app);

	client_send(&client, POST "\r\nhello" GET("/204") GET("/404"));
	turn_until_asked(app, &client, 1);
	net_admit(app->undecided[0], RH_OK);
	await(app, &client, "HTTP/1.1 404 ", 1);
	ck_assert_uint_eq(count_of(&client, "HTTP/1.1 200 "), 1);
	ck_assert_uint_eq(count_of(&client, "HTTP/1.1 204 "), 1);
	client_end(&client);
	app_end(app);
}
END_TEST

int
main(void)
{
	TCase *all = tcase_create("undecided");

	tcase_set_timeout(all, 120);
	tcase_add_loop_test(
	        all, test_it_is_read_or_refused_when_that_is_told, 0, (int)COUNT(told_later));
	tcase_add_loop_test(
	        all, test_who_waits_to_be_told_to_continue_is_told_so_when_he_may, 0, 2);
	tcase_add_loop_test(all, test_who_leaves_before_is_forgotten_when_it_is_told, 0, 2);
	tcase_add_test(all, test_the_connection_goes_on);
	return run_cases("undecided", (TCase *const[]){ all }, 1);
}
