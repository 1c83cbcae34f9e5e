/* Tests of net/pool.c: how much more an origin takes, and the line of those who ask for it (fault
 * D4). */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../suite.h"
#include "peer.h"

enum { ASKERS = 5 };

struct asker { /* one call to make, as soon as there is room */
	struct net_room room;
	struct probe probe;
	int told, wants; /* wants: how often it takes a place again instead */
	bool idle;       /* it does not use its room */
};

static struct rig rig;
static struct peer peer;
static struct asker askers[ASKERS];
static struct probe first[2];
static char order[64], origin[64];
static bool inside;

static void
set_up(void)
{
	rig_init(&rig);
	rig.conf.max_per_origin = 1;
	rig.conf.max_waiting = 1;
	memset(askers, 0, sizeof(askers));
	memset(order, 0, sizeof(order));
}

static void
tear_down(void)
{
	rig_close(&rig);
}

static size_t
room_left(void)
{
	return net_client_room(rig.client, str_of(origin));
}

/** Two calls that the peer answers when it is told to: no room is left. */
static void
fill(void)
{
	rig_open(&rig);
	peer_open(&peer, play_by_signal, NULL);
	snprintf(origin, sizeof(origin), "http://127.0.0.1:%u", (unsigned)peer.port);
	for (size_t i = 0; i < COUNT(first); i++) {
		probe_init(&first[i], &rig, "GET", &peer, "/1");
		probe_start(&first[i]);
	}
	ck_assert_uint_eq(room_left(), 0);
}

static bool
take_place(struct asker *asker)
{
	bool waits;

	inside = true;
	waits = net_room_wait(rig.client, str_of(origin), &asker->room);
	inside = false;
	return waits;
}

static void
told(struct net_room *room)
{
	struct asker *asker = container_of(room, struct asker, room);

	ck_assert(!inside);
	ck_assert_uint_gt(room_left(), 0);
	asker->told++;
	order[strlen(order)] = (char)('a' + (asker - askers));
	if (asker->wants > 0) {
		asker->wants--;
		take_place(asker);
	} else if (!asker->idle) {
		probe_start(&asker->probe);
	}
}

static void
ask(struct asker *asker)
{
	asker->room.came = told;
	probe_init(&asker->probe, &rig, "GET", &peer, "/1");
	ck_assert(take_place(asker));
}

/** The two calls are answered, and so is whatever comes after them. */
static void
empty(void)
{
	atomic_store(&peer.signal, 1);
	for (size_t i = 0; i < COUNT(first); i++)
		probe_end(&first[i]);
}

static void
expect_answered(struct asker *asker)
{
	probe_wait(&asker->probe);
	ck_assert_int_eq(asker->probe.call.result, NET_DONE);
	ck_assert_int_eq(asker->told, 1);
	probe_end(&asker->probe);
}

static void
drop(struct asker *asker)
{
	ck_assert_int_eq(asker->probe.ended, 0);
	arena_free(asker->probe.arena);
}

START_TEST(test_room_is_what_would_start_or_wait)
{
	struct probe probes[6];

	rig.conf.max_per_origin = 2;
	rig.conf.max_waiting = 3;
	rig_open(&rig);
	peer_open(&peer, play_by_signal, NULL);
	for (size_t i = 0; i < COUNT(probes); i++) {
		probe_init(&probes[i], &rig, "GET", &peer, "/1");
		ck_assert_uint_eq(net_client_room(rig.client, probes[i].call.origin), 5 - i);
		probe_start(&probes[i]);
	}
	ck_assert_uint_eq(net_client_room(rig.client, STR("http://127.0.0.1:1")), 5);
	atomic_store(&peer.signal, 1);
	for (size_t i = 0; i < COUNT(probes); i++) {
		probe_wait(&probes[i]);
		ck_assert_int_eq(probes[i].call.result, i < 5 ? NET_DONE : NET_NO_ROOM);
	}
	/* Two idle connections are room as well as two that could be made. */
	ck_assert_uint_eq(net_client_room(rig.client, probes[0].call.origin), 5);
	for (size_t i = 0; i < COUNT(probes); i++)
		probe_end(&probes[i]);
	peer_close(&peer);
}
END_TEST

START_TEST(test_a_call_that_waits_and_is_cancelled_gives_its_room_back)
{
	fill();
	net_call_cancel(rig.client, &first[1].call);
	ck_assert_uint_eq(room_left(), 1);
	net_call_cancel(rig.client, &first[0].call);
	ck_assert_uint_eq(room_left(), 2);
	empty();
	peer_close(&peer);
}
END_TEST

START_TEST(test_nobody_waits_where_there_is_room)
{
	struct net_room room = { .came = told };

	rig_open(&rig);
	ck_assert(!net_room_wait(rig.client, STR("http://127.0.0.1:1"), &room));
	ck_assert(!net_room_wait(rig.client, STR("no URL"), &room));
	net_room_leave(&room);
}
END_TEST

/* Fault D4: who asks for room before it starts never meets NET_NO_ROOM. */
START_TEST(test_the_line_is_served_in_its_order)
{
	fill();
	for (size_t i = 0; i < ASKERS; i++)
		ask(&askers[i]);
	ck_assert(take_place(&askers[0])); /* it keeps the place that it has */
	rig_turn(&rig, 3);
	ck_assert_str_eq(order, "");
	empty();
	for (size_t i = 0; i < ASKERS; i++)
		expect_answered(&askers[i]);
	ck_assert_str_eq(order, "abcde");
	peer_close(&peer);
}
END_TEST

START_TEST(test_room_that_is_not_used_is_the_next_ones)
{
	fill();
	for (size_t i = 0; i < 4; i++)
		ask(&askers[i]);
	for (size_t i = 0; i < 3; i++)
		askers[i].idle = true;
	net_call_cancel(rig.client, &first[1].call); /* room for one alone */
	while (askers[3].told == 0)
		rig_turn(&rig, 1);
	ck_assert_str_eq(order, "abcd");
	ck_assert_uint_eq(room_left(), 0);
	empty();
	expect_answered(&askers[3]);
	for (size_t i = 0; i < 3; i++)
		drop(&askers[i]);
	peer_close(&peer);
}
END_TEST

START_TEST(test_a_place_taken_again_is_behind_the_others)
{
	fill();
	for (size_t i = 0; i < 3; i++)
		ask(&askers[i]);
	askers[0].wants = 1;
	empty();
	for (size_t i = 1; i < 3; i++)
		expect_answered(&askers[i]);
	probe_wait(&askers[0].probe);
	ck_assert_str_eq(order, "abca");
	probe_end(&askers[0].probe);
	peer_close(&peer);
}
END_TEST

START_TEST(test_who_is_in_line_comes_before_who_finds_room)
{
	fill();
	ask(&askers[0]);
	net_call_cancel(rig.client, &first[1].call);
	ck_assert_uint_eq(room_left(), 1);
	ask(&askers[1]);
	empty();
	expect_answered(&askers[0]);
	expect_answered(&askers[1]);
	ck_assert_str_eq(order, "ab");
	peer_close(&peer);
}
END_TEST

START_TEST(test_who_left_the_line_is_not_told)
{
	fill();
	for (size_t i = 0; i < 3; i++)
		ask(&askers[i]);
	net_room_leave(&askers[0].room);
	net_room_leave(&askers[2].room);
	empty();
	expect_answered(&askers[1]);
	rig_turn(&rig, 3);
	ck_assert_str_eq(order, "b");
	drop(&askers[0]);
	drop(&askers[2]);
	peer_close(&peer);
}
END_TEST

/* The origin has nothing else that keeps it. */
START_TEST(test_the_last_in_line_may_leave_after_all_calls)
{
	fill();
	ask(&askers[0]);
	net_call_cancel(rig.client, &first[0].call);
	net_call_cancel(rig.client, &first[1].call);
	ck_assert_uint_eq(room_left(), 2);
	net_room_leave(&askers[0].room);
	ck_assert_uint_eq(room_left(), 2);
	empty();
	ck_assert_str_eq(order, "");
	drop(&askers[0]);
	peer_close(&peer);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("client room");
	TCase *tcase = tcase_create("client room");

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, test_room_is_what_would_start_or_wait);
	tcase_add_test(tcase, test_a_call_that_waits_and_is_cancelled_gives_its_room_back);
	tcase_add_test(tcase, test_nobody_waits_where_there_is_room);
	tcase_add_test(tcase, test_the_line_is_served_in_its_order);
	tcase_add_test(tcase, test_room_that_is_not_used_is_the_next_ones);
	tcase_add_test(tcase, test_a_place_taken_again_is_behind_the_others);
	tcase_add_test(tcase, test_who_is_in_line_comes_before_who_finds_room);
	tcase_add_test(tcase, test_who_left_the_line_is_not_told);
	tcase_add_test(tcase, test_the_last_in_line_may_leave_after_all_calls);
	return suite_run(suite, CK_NOFORK);
}
