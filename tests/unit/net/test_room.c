/* unit tests of the server: who gives way when there is no room. Fault H5. */
#include "server_kit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum { SILENT = 3, SPARE = 8, FEW = 64 };

static struct app *
app_with_room_for(size_t most)
{
	struct app *app = app_new();

	app->conf.max_connections = most;
	app->conf.make_room = true;
	app_start(app, NULL, NULL);
	return app;
}

/* The server has taken it. */
static struct client
silent(struct app *app, const char *text)
{
	struct client client = client_of(app);

	client_send(&client, text);
	for (int i = 0; i < 4; i++) {
		client_step(&client);
		turns(app, 1);
	}
	return client;
}

static void
ask(struct app *app, struct client *client)
{
	client_send(client, GET("/x"));
	await(app, client, "hello", count_of(client, "hello") + 1);
}

START_TEST(test_silent_connections_give_way_to_a_newcomer)
{
	static const char *const beginnings[SILENT] = { "", "GET / HT",
		"POST /echo HTTP/1.1\r\nHost: hub\r\nContent-Length: 9\r\n\r\nx" };
	struct app *app = app_with_room_for(SILENT);
	struct client clients[SILENT], newcomer;

	for (size_t i = 0; i < SILENT; i++)
		clients[i] = silent(app, beginnings[i]);
	for (size_t i = 0; i < SILENT; i++) { /* the oldest first, and no other */
		ck_assert_uint_eq(net_server_connections(app->server), SILENT);
		newcomer = client_of(app);
		ask(app, &newcomer);
		await(app, &clients[i], NULL, 0);
		for (size_t k = i + 1; k < SILENT; k++) {
			client_step(&clients[k]);
			ck_assert(!clients[k].eof);
		}
		client_end(&newcomer);
		client_end(&clients[i]);
		while (net_server_connections(app->server) == SILENT)
			net_loop_turn(app->loop, 1);
		clients[i] = silent(app, "");
	}
	for (size_t i = 0; i < SILENT; i++)
		client_end(&clients[i]);
	app_end(app);
}
END_TEST

START_TEST(test_who_asked_already_stays_before_who_did_not)
{
	struct app *app = app_with_room_for(2);
	struct client kept = silent(app, ""), mute, newcomer;

	ask(app, &kept);
	mute = silent(app, "");
	newcomer = client_of(app);
	ask(app, &newcomer);
	await(app, &mute, NULL, 0);
	ask(app, &kept);
	client_end(&mute);
	mute = client_of(app); /* of those that asked the oldest */
	ask(app, &mute);
	await(app, &kept, NULL, 0);
	ask(app, &newcomer);
	client_end(&kept);
	client_end(&mute);
	client_end(&newcomer);
	app_end(app);
}
END_TEST

START_TEST(test_a_request_that_waits_for_its_answer_gives_way_to_nobody)
{
	struct app *app = app_with_room_for(1);
	struct client waiting = silent(app, GET("/wait")), newcomer;

	ck_assert_uint_eq(app->waiting_count, 1);
	newcomer = client_of(app);
	await(app, &newcomer, NULL, 0);
	ck_assert_uint_eq(newcomer.in.len, 0);
	answer(app->waiting[0], 200, STR("at last"));
	await(app, &waiting, "at last", 1);
	client_end(&newcomer);
	client_end(&waiting);
	app_end(app);
}
END_TEST

/* More at once than may leave at once: nobody is served worse than one who came alone. */
START_TEST(test_a_crowd_that_comes_at_once_is_turned_over_in_order)
{
	enum { CROWD = 300 };
	struct app *app = app_with_room_for(16);
	struct client *crowd = rh_alloc(CROWD * sizeof *crowd), last;

	for (int i = 0; i < CROWD; i++)
		crowd[i] = client_of(app);
	turns(app, 50);
	ck_assert_uint_le(net_server_connections(app->server), 16);
	last = client_of(app);
	ask(app, &last);
	client_end(&last);
	for (int i = 0; i < CROWD; i++)
		client_end(&crowd[i]);
	free(crowd);
	app_end(app);
}
END_TEST

static int
fill_descriptors(int *taken, int leave)
{
	int count = 0;

	while (count < FEW && (taken[count] = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
		count++;
	while (leave-- > 0)
		(void)close(taken[--count]);
	return count;
}

START_TEST(test_the_last_descriptors_are_left_to_others)
{
	struct rlimit before, few;
	struct app *app = app_new();
	struct client client;
	int taken[FEW], count;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = before;
	few.rlim_cur = FEW;
	app->conf.spare = SPARE;
	app_start(app, NULL, NULL);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	count = fill_descriptors(taken, SPARE + 1); /* one for the client */
	client = client_of(app);
	await(app, &client, NULL, 0);
	client_end(&client);
	client = silent(app, GET("/x"));
	ck_assert_uint_eq(client.in.len, 0);
	ck_assert(!client.eof); /* it waits in the backlog */
	for (int i = 0; i < 4; i++)
		(void)close(taken[--count]);
	await(app, &client, "hello", 1);
	while (count > 0)
		(void)close(taken[--count]);
	client_end(&client);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
	app_end(app);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("room");

	tcase_add_test(tests, test_silent_connections_give_way_to_a_newcomer);
	tcase_add_test(tests, test_who_asked_already_stays_before_who_did_not);
	tcase_add_test(tests, test_a_request_that_waits_for_its_answer_gives_way_to_nobody);
	tcase_add_test(tests, test_a_crowd_that_comes_at_once_is_turned_over_in_order);
	tcase_add_test(tests, test_the_last_descriptors_are_left_to_others);
	return run_cases("net room", (TCase *const[]){ tests }, 1);
}
