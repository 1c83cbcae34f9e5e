/* fault H6: work is taken round robin between those who send it. The order as a table, with the
 * clock and the turns as parameters; then a server with many connections of one sender and one of
 * another. */
#include "server_kit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lanes.h"

/* ---- the order ---- */

struct asked { /* by whom */
	struct lane_place place;
	char who;
};

/* Who waits, in the order they came; each takes so long; the order in which they are started, a
 * blank between two turns. */
static const struct {
	const char *came;
	int64_t each_us;
	const char *started;
} orders[] = {
	{ "", 10, "" },
	{ "a", 10, "a" },
	{ "aaaa", 10, "aaaa" },
	{ "aaaab", 10, "abaaa" },
	{ "aaabbbc", 10, "abcabab" },
	{ "aaaaaaaab", 30, "abaa aaaa a" },
	{ "aaaabc", LANES_TURN_US, "a b c a a a" },      /* each one is a whole turn's work */
	{ "aabbcc", 10 * LANES_TURN_US, "a b c a b c" }, /* and more: one is taken all the same */
	{ "abababab", LANES_TURN_US / 2, "ab ab ab ab" },
};

static struct lane_place *
come(struct lanes *lanes, struct asked *asked, char who)
{
	asked->who = who;
	lanes_add(lanes, (uint64_t)who, &asked->place);
	return &asked->place;
}

START_TEST(test_each_lane_gives_one_in_its_turn)
{
	CLEANUP(lanes_end) struct lanes lanes;
	struct asked asked[16] = { 0 };
	char started[64] = "";
	size_t at = 0;
	int64_t now_us = 0;

	lanes_init(&lanes);
	for (size_t i = 0; i < strlen(orders[_i].came); i++)
		come(&lanes, &asked[i], orders[_i].came[i]);
	for (uint64_t turn = 1; lanes.waiting > 0; turn++) {
		struct lane_place *place;

		if (at > 0)
			started[at++] = ' ';
		ck_assert(lanes_due(&lanes, turn));
		lanes_begin(&lanes, turn, now_us);
		for (; (place = lanes_take(&lanes, now_us)) != NULL; now_us += orders[_i].each_us)
			started[at++] = container_of(place, struct asked, place)->who;
		ck_assert(!lanes_due(&lanes, turn));
	}
	ck_assert_str_eq(started, orders[_i].started);
	ck_assert(list_empty(&lanes.ring));
}
END_TEST

/* Pages of a list beside forwards: each side has half of the time. */
START_TEST(test_a_lane_whose_requests_are_dear_lets_others_have_as_much_time)
{
	enum { DEAR_US = 1000, CHEAP_US = 10, PAGES = 8, FORWARDS = 500 };
	CLEANUP(lanes_end) struct lanes lanes;
	struct asked asked[PAGES + FORWARDS] = { 0 };
	int64_t now_us = 0, dear_us = 0, cheap_us = 0;

	lanes_init(&lanes);
	for (size_t i = 0; i < COUNT(asked); i++)
		come(&lanes, &asked[i], i < PAGES ? 'd' : 'c');
	for (uint64_t turn = 1; lanes.waiting > 0; turn++) {
		struct lane_place *place;

		lanes_begin(&lanes, turn, now_us);
		while ((place = lanes_take(&lanes, now_us)) != NULL) {
			bool dear = container_of(place, struct asked, place)->who == 'd';

			if (dear && cheap_us < FORWARDS * CHEAP_US)
				ck_assert_int_le(dear_us, cheap_us + CHEAP_US);
			*(dear ? &dear_us : &cheap_us) += dear ? DEAR_US : CHEAP_US;
			now_us += dear ? DEAR_US : CHEAP_US;
		}
	}
	ck_assert_int_eq(dear_us + cheap_us, PAGES * DEAR_US + FORWARDS * CHEAP_US);
}
END_TEST

START_TEST(test_what_comes_beyond_the_time_of_a_turn_waits)
{
	CLEANUP(lanes_end) struct lanes lanes;
	struct asked asked = { 0 };

	lanes_init(&lanes);
	ck_assert(lanes_open(&lanes, 1, 1000));
	ck_assert(lanes_open(&lanes, 1, 1000 + LANES_TURN_US - 1));
	ck_assert(!lanes_open(&lanes, 1, 1000 + LANES_TURN_US));
	ck_assert(lanes_open(&lanes, 2, 1000 + LANES_TURN_US));
	come(&lanes, &asked, 'a');
	ck_assert(!lanes_open(&lanes, 3, 9000)); /* nobody overtakes who waits */
	lanes_leave(&lanes, &asked.place);
	lanes_leave(&lanes, &asked.place);
	ck_assert_uint_eq(lanes.waiting, 0);
	ck_assert(lanes_open(&lanes, 3, 9000));
}
END_TEST

START_TEST(test_many_senders_have_a_lane_each)
{
	enum { SENDERS = 3 * LANES_BUCKETS };
	CLEANUP(lanes_end) struct lanes lanes;
	struct asked asked[2 * SENDERS] = { 0 };

	lanes_init(&lanes);
	for (size_t i = 0; i < 2 * SENDERS; i++)
		lanes_add(&lanes, i / 2, &asked[i].place);
	lanes_begin(&lanes, 1, 0);
	for (size_t i = 0; i < 2 * SENDERS; i++)
		ck_assert_ptr_eq(
		        lanes_take(&lanes, 0), &asked[i % SENDERS * 2 + i / SENDERS].place);
	ck_assert_ptr_null(lanes_take(&lanes, 0));
}
END_TEST

/* ---- a server ---- */

enum { GREEDY = 256, SPEND_US = LANES_TURN_US / 4 };

#define OF(who, target) "GET " target " HTTP/1.1\r\nHost: hub\r\nAuthorization: " who "\r\n\r\n"

static uint64_t
sender_of(void *ctx, struct net_request *request)
{
	(void)ctx;
	return request->header[0].len > 0 ? (uint64_t)request->header[0].p[0] : 0;
}

static struct app *
app_with_lanes(void)
{
	struct app *app = app_new();

	app->conf.sender = sender_of;
	app_start(app, NULL, NULL);
	app->spend_us = SPEND_US;
	return app;
}

/* Connections that are accepted; nothing was sent yet. */
static void
crowd_of(struct app *app, struct client *clients, int count)
{
	for (int i = 0; i < count; i++) {
		clients[i] = client_of(app);
		turns(app, 2);
	}
}

START_TEST(test_one_request_does_not_wait_for_256_of_another)
{
	static const struct {
		const char *greedy, *quiet;
	} rows[] = { { OF("greedy", "/x"), OF("quiet", "/quiet") },
		{ OF("greedy", "/wait"), OF("quiet", "/quiet") },
		{ "POST /echo HTTP/1.1\r\nHost: hub\r\nAuthorization: greedy\r\n"
		  "Content-Length: 4\r\n\r\nbody",
		        OF("quiet", "/quiet") },
		{ OF("stranger", "/x"), OF("quiet", "/quiet") } };
	struct app *app = app_with_lanes();
	struct client *clients = rh_alloc((GREEDY + 1) * sizeof(*clients));
	const char *at;

	crowd_of(app, clients, GREEDY + 1);
	for (int i = 0; i <= GREEDY; i++)
		client_send(&clients[i], i == GREEDY / 2 ? rows[_i].quiet : rows[_i].greedy);
	await(app, &clients[GREEDY / 2], "hello", 1);
	while (app->requests <= GREEDY)
		turns(app, 1);
	at = strchr(app->order, 'q');
	ck_assert_ptr_nonnull(at);
	/* those of the first turn, and its lane's turn */
	ck_assert_int_le(at - app->order, LANES_TURN_US / SPEND_US + 3);
	for (size_t i = 0; i < app->waiting_count; i++)
		answer(app->waiting[i], 200, STR("at last"));
	for (int i = 0; i <= GREEDY; i++) {
		if (i != GREEDY / 2)
			await(app, &clients[i], "200 OK", 1);
		client_end(&clients[i]);
	}
	free(clients);
	app_end(app);
}
END_TEST

/* With a reset: who merely sends no more gets its answer. */
static void
leave(struct client *client)
{
	struct linger at_once = { .l_onoff = 1 };

	setsockopt(client->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	client_end(client);
}

START_TEST(test_whoever_leaves_while_it_waits_takes_no_turn)
{
	struct app *app = app_with_lanes();
	struct client clients[64];

	crowd_of(app, clients, 64);
	for (int i = 0; i < 64; i++)
		client_send(&clients[i], OF("greedy", "/x"));
	turns(app, 1);
	for (int i = 0; i < 64; i++)
		leave(&clients[i]);
	while (net_server_connections(app->server) > 0)
		turns(app, 1);
	ck_assert_uint_eq(net_server_requests(app->server), 0);
	ck_assert_uint_lt(app->requests, 64);
	app_end(app);
}
END_TEST

START_TEST(test_a_stop_waits_for_those_who_wait)
{
	struct app *app = app_with_lanes();
	struct client clients[64];

	crowd_of(app, clients, 64);
	for (int i = 0; i < 64; i++)
		client_send(&clients[i], OF("greedy", "/x") OF("greedy", "/404"));
	turns(app, 1);
	net_server_stop_accepting(app->server, 60000);
	for (int i = 0; i < 64; i++) {
		await(app, &clients[i], NULL, 0);
		ck_assert_uint_ge(count_of(&clients[i], "hello"), 1);
		client_end(&clients[i]);
	}
	app_end(app);
}
END_TEST

int
main(void)
{
	TCase *order = tcase_create("the order"), *server = tcase_create("a server");

	tcase_add_loop_test(order, test_each_lane_gives_one_in_its_turn, 0, COUNT(orders));
	tcase_add_test(order, test_a_lane_whose_requests_are_dear_lets_others_have_as_much_time);
	tcase_add_test(order, test_what_comes_beyond_the_time_of_a_turn_waits);
	tcase_add_test(order, test_many_senders_have_a_lane_each);
	tcase_set_timeout(server, 60);
	tcase_add_loop_test(server, test_one_request_does_not_wait_for_256_of_another, 0, 4);
	tcase_add_test(server, test_whoever_leaves_while_it_waits_takes_no_turn);
	tcase_add_test(server, test_a_stop_waits_for_those_who_wait);
	return run_cases("lanes", (TCase *[]){ order, server }, 2);
}
