/* Answers that stay open: what is added arrives, and nobody is waited for. */
#include "server_kit.h"

#include <string.h>

static struct app *
app_with_streams(size_t most)
{
	struct app *app = app_new();

	app->conf.max_connections = 2;
	app->conf.max_streams = most;
	app_start(app, NULL, NULL);
	return app;
}

/** A client whose request waits for its answer. */
static struct client
asking(struct app *app)
{
	struct client client = client_of(app);
	size_t before = app->waiting_count;

	client.out = STR(GET("/wait"));
	while (app->waiting_count == before) {
		client_step(&client);
		net_loop_turn(app->loop, 1);
	}
	return client;
}

static bool
open_last(struct app *app)
{
	static const struct net_header headers[] = { { STR("Content-Type"), STR("text/plain") } };
	const struct net_answer answer = { 200, headers, 1, STR("first,") };

	return net_stream(app->waiting[app->waiting_count - 1], &answer);
}

static void
await_dones(struct app *app, size_t count)
{
	for (int i = 0; app->dones < count; i++) {
		ck_assert_int_lt(i, MOST_TURNS);
		net_loop_turn(app->loop, 2);
	}
}

START_TEST(test_what_is_added_arrives_until_the_end)
{
	struct app *app = app_with_streams(1);
	struct client client = asking(app);
	struct net_request *request = app->waiting[0];

	ck_assert(open_last(app));
	await(app, &client, "first,", 1);
	ck_assert_uint_eq(app->dones, 0);
	turns(app, 50);
	net_stream_add(request, STR("second,"));
	await(app, &client, "second,", 1);
	net_stream_add(request, STR("third"));
	net_stream_end(request);
	await(app, &client, "third\r\n0\r\n\r\n", 1);
	await_dones(app, 1);
	client.out = STR(GET("/hello")); /* the connection lives on */
	await(app, &client, "hello", 1);
	client_end(&client);
	app_end(app);
}
END_TEST

START_TEST(test_who_leaves_is_noticed)
{
	struct app *app = app_with_streams(1);
	struct client client = asking(app);

	ck_assert(open_last(app));
	await(app, &client, "first,", 1);
	client_end(&client);
	await_dones(app, 1);
	client = asking(app);
	ck_assert(open_last(app)); /* its place is free */
	client_end(&client);
	await_dones(app, 2);
	app_end(app);
}
END_TEST

START_TEST(test_who_does_not_read_is_gone)
{
	struct app *app = app_with_streams(1);
	struct client client = asking(app);
	struct net_request *request = app->waiting[0];
	static char lines[8192];

	memset(lines, 'x', sizeof lines);
	ck_assert(open_last(app));
	for (int i = 0; app->dones == 0; i++) {
		ck_assert_int_lt(i, MOST_TURNS);
		net_stream_add(request, (struct str){ lines, sizeof lines });
		net_loop_turn(app->loop, 0);
	}
	client_end(&client);
	app_end(app);
}
END_TEST

START_TEST(test_streams_are_bounded_and_take_no_place_of_others)
{
	struct app *app = app_with_streams(2);
	struct client one = asking(app), two, three;

	ck_assert(open_last(app));
	await(app, &one, "first,", 1);
	two = asking(app);
	ck_assert(open_last(app));
	await(app, &two, "first,", 1);
	three = asking(app); /* two connections are there, and room for two */
	ck_assert(!open_last(app));
	answer(app->waiting[2], 503, STR("full"));
	await(app, &three, "full", 1);
	client_end(&one);
	client_end(&two);
	client_end(&three);
	await_dones(app, 3);
	app_end(app);
}
END_TEST

int
main(void)
{
	TCase *streams = tcase_create("streams");

	tcase_add_test(streams, test_what_is_added_arrives_until_the_end);
	tcase_add_test(streams, test_who_leaves_is_noticed);
	tcase_add_test(streams, test_who_does_not_read_is_gone);
	tcase_add_test(streams, test_streams_are_bounded_and_take_no_place_of_others);
	return run_cases("net streams", &streams, 1);
}
