/* Tests of net/pool.c: which connection a call gets, what is repeated on another, and that no
 * request ever reaches another's peer. */
#include <check.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../suite.h"
#include "peer.h"

static struct rig rig;
static struct peer peer;

static void
set_up(void)
{
	rig_init(&rig);
}

static void
tear_down(void)
{
	rig_close(&rig);
}

/* ---- reuse ---- */

START_TEST(test_calls_one_after_the_other_share_a_connection)
{
	int number;
	bool anew;

	rig_open(&rig);
	peer_open(&peer, play_numbers, NULL);
	for (int i = 0; i < 20; i++) {
		ck_assert_int_eq(rig_call(&rig, &peer, i % 2 ? "POST" : "GET", "/", &number, &anew),
		        NET_DONE);
		ck_assert_int_eq(number, 1);
		ck_assert_int_eq(anew, i == 0);
	}
	ck_assert_int_eq(peer.accepted, 1);
	peer_close(&peer);
}
END_TEST

START_TEST(test_the_connection_that_became_idle_last_is_used_first)
{
	static const char *const targets[] = { "/1", "/2", "/3" };
	struct probe probes[3];
	int last, number;

	rig_open(&rig);
	peer_open(&peer, play_by_signal, NULL);
	for (int i = 0; i < 3; i++) {
		probe_init(&probes[i], &rig, "GET", &peer, targets[i]);
		probe_start(&probes[i]);
	}
	for (int i = 0; i < 3; i++) {
		atomic_store(&peer.signal, i + 1);
		probe_wait(&probes[i]);
		last = atoi(arena_cstr(probes[i].arena, probes[i].call.answer));
		probe_end(&probes[i]);
	}
	ck_assert_int_eq(peer.accepted, 3);
	for (int i = 0; i < 5; i++) {
		ck_assert_int_eq(rig_call(&rig, &peer, "GET", "/", &number, NULL), NET_DONE);
		ck_assert_int_eq(number, last);
	}
	peer_close(&peer);
}
END_TEST

static void
play_counting(struct peer_conn *conn)
{
	struct peer *at = conn->peer;

	while (peer_request(conn)) {
		int now = atomic_fetch_add(&at->at_once, 1) + 1;

		if (now > atomic_load(&at->most_at_once))
			atomic_store(&at->most_at_once, now);
		peer_await(&at->signal, 1);
		atomic_fetch_sub(&at->at_once, 1);
		if (!peer_say_number(conn))
			return;
	}
}

START_TEST(test_sixteen_calls_at_once_share_four_connections)
{
	struct probe probes[16];

	rig_open(&rig);
	peer_open(&peer, play_counting, NULL);
	for (size_t i = 0; i < COUNT(probes); i++) {
		probe_init(&probes[i], &rig, "POST", &peer, "/");
		probe_start(&probes[i]);
	}
	ck_assert_uint_eq(net_client_calls(rig.client), 16);
	for (int turns = 0; peer.at_once < 4; turns++) {
		rig_turn(&rig, 1);
		ck_assert_int_lt(turns, 20000);
	}
	atomic_store(&peer.signal, 1);
	for (size_t i = 0; i < COUNT(probes); i++) {
		probe_wait(&probes[i]);
		ck_assert_int_eq(probes[i].call.result, NET_DONE);
		probe_end(&probes[i]);
	}
	ck_assert_int_eq(peer.accepted, 4);
	ck_assert_int_eq(peer.requests, 16);
	ck_assert_int_eq(peer.most_at_once, 4);
	peer_close(&peer);
}
END_TEST

START_TEST(test_calls_beyond_the_line_are_refused_and_the_line_keeps_its_order)
{
	struct probe probes[5];

	rig.conf.max_per_origin = 1;
	rig.conf.max_waiting = 2;
	rig_open(&rig);
	peer_open(&peer, play_counting, NULL);
	for (size_t i = 0; i < COUNT(probes); i++) {
		probe_init(&probes[i], &rig, "GET", &peer, "/");
		probe_start(&probes[i]);
	}
	for (size_t i = 3; i < 5; i++) {
		probe_wait(&probes[i]);
		probe_expect(&probes[i], NET_NO_ROOM, 0, NULL);
	}
	ck_assert_int_eq(probes[0].ended + probes[1].ended + probes[2].ended, 0);
	atomic_store(&peer.signal, 1);
	for (size_t i = 0; i < 3; i++) {
		probe_wait(&probes[i]);
		ck_assert_int_eq(probes[i].call.result, NET_DONE);
		if (i > 0)
			ck_assert_int_ge(probes[i].call.done_us, probes[i - 1].call.done_us);
	}
	for (size_t i = 0; i < COUNT(probes); i++)
		probe_end(&probes[i]);
	peer_close(&peer);
}
END_TEST

START_TEST(test_an_idle_connection_is_closed_after_its_time)
{
	int64_t end = rh_mono_ms() + 20000;

	rig.conf.idle_ms = 20;
	rig_open(&rig);
	peer_open(&peer, play_numbers, NULL);
	ck_assert_int_eq(rig_call(&rig, &peer, "GET", "/", NULL, NULL), NET_DONE);
	while (peer.ended == 0) {
		ck_assert_int_lt(rh_mono_ms(), end);
		rig_turn(&rig, 1);
	}
	ck_assert_int_eq(rig_call(&rig, &peer, "GET", "/", NULL, NULL), NET_DONE);
	ck_assert_int_eq(peer.accepted, 2);
	peer_close(&peer);
}
END_TEST

/* ---- closed and spoilt connections ---- */

START_TEST(test_a_connection_closed_while_idle_is_never_used_not_even_before_its_event)
{
	bool anew;

	rig_open(&rig);
	peer_open(&peer, play_once, NULL);
	for (int i = 1; i <= 10; i++) {
		ck_assert_int_eq(rig_call(&rig, &peer, "POST", "/", NULL, &anew), NET_DONE);
		ck_assert(anew);
		peer_await(&peer.ended, i);
		if (i % 2)
			rig_turn(&rig, 3);
	}
	ck_assert_int_eq(peer.accepted, 10);
	peer_close(&peer);
}
END_TEST

/** Answers the first request, then sends an answer that nobody asked for. */
static void
play_unasked(struct peer_conn *conn)
{
	if (!peer_request(conn) || !peer_say_number(conn))
		return;
	peer_await(&conn->peer->signal, conn->nth);
	peer_say(conn, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
	atomic_fetch_add(&conn->peer->most_at_once, 1);
	peer_wait_gone(conn);
}

START_TEST(test_an_answer_that_nobody_asked_for_is_nobodys_answer)
{
	int number;

	rig_open(&rig);
	peer_open(&peer, play_unasked, NULL);
	for (int i = 1; i <= 10; i++) {
		ck_assert_int_eq(rig_call(&rig, &peer, i % 3 ? "GET" : "POST", "/", &number, NULL),
		        NET_DONE);
		ck_assert_int_eq(number, i);
		atomic_store(&peer.signal, i);
		peer_await(&peer.most_at_once, i);
		if (i % 2)
			rig_turn(&rig, 3);
	}
	peer_close(&peer);
}
END_TEST

/** The late idle close: the request has arrived, the connection ends without a byte of an answer.
 */
static void
play_late_close(struct peer_conn *conn)
{
	bool reset = conn->peer->script != NULL;

	if (conn->nth == 1 && peer_request(conn) && peer_say_number(conn) && peer_request(conn)) {
		if (reset)
			peer_reset(conn);
		return;
	}
	play_numbers(conn);
}

START_TEST(test_only_idempotent_requests_are_repeated_after_a_late_idle_close)
{
	static const struct {
		const char *method;
		bool repeated;
	} rows[] = { { "GET", true }, { "PUT", true }, { "DELETE", true }, { "HEAD", true },
		{ "POST", false }, { "PATCH", false }, { "OPTIONS", false } };

	rig_open(&rig);
	for (size_t i = 0; i < 2 * COUNT(rows); i++) {
		bool repeated = rows[i / 2].repeated, anew;

		peer_open(&peer, play_late_close, i % 2 ? "reset" : NULL);
		ck_assert_int_eq(rig_call(&rig, &peer, "GET", "/first", NULL, NULL), NET_DONE);
		ck_assert_int_eq(rig_call(&rig, &peer, rows[i / 2].method, "/", NULL, &anew),
		        repeated ? NET_DONE : NET_BROKEN);
		ck_assert_int_eq(anew, repeated);
		ck_assert_int_eq(peer.requests, repeated ? 3 : 2);
		ck_assert_int_eq(peer.accepted, repeated ? 2 : 1);
		peer_close(&peer);
	}
}
END_TEST

/** The first connection serves once, every later request is dropped. */
static void
play_drop(struct peer_conn *conn)
{
	if (peer_request(conn) && conn->nth == 1 && peer_say_number(conn) && peer_request(conn) &&
	        conn->peer->script != NULL)
		peer_say(conn, conn->peer->script);
}

START_TEST(test_a_request_is_repeated_once_and_never_after_a_byte_of_an_answer)
{
	rig_open(&rig);
	peer_open(&peer, play_drop, NULL);
	ck_assert_int_eq(rig_call(&rig, &peer, "GET", "/", NULL, NULL), NET_DONE);
	ck_assert_int_eq(rig_call(&rig, &peer, "PUT", "/", NULL, NULL), NET_BROKEN);
	ck_assert_int_eq(peer.requests, 3);
	ck_assert_int_eq(rig_call(&rig, &peer, "PUT", "/", NULL, NULL),
	        NET_BROKEN); /* a fresh connection: no repetition */
	ck_assert_int_eq(peer.requests, 4);
	peer_close(&peer);
	peer_open(&peer, play_drop, "H");
	ck_assert_int_eq(rig_call(&rig, &peer, "GET", "/", NULL, NULL), NET_DONE);
	ck_assert_int_eq(rig_call(&rig, &peer, "PUT", "/", NULL, NULL), NET_BROKEN);
	ck_assert_int_eq(peer.requests, 2);
	peer_close(&peer);
}
END_TEST

/** Serves once; the second request ends the connection and the listener with it. */
static void
play_vanish(struct peer_conn *conn)
{
	if (peer_request(conn) && peer_say_number(conn) && peer_request(conn))
		shutdown(conn->peer->listen_fd, SHUT_RDWR);
}

START_TEST(test_a_sent_request_whose_repetition_finds_no_peer_is_broken_not_unsent)
{
	rig_open(&rig);
	peer_open(&peer, play_vanish, NULL);
	ck_assert_int_eq(rig_call(&rig, &peer, "GET", "/", NULL, NULL), NET_DONE);
	ck_assert_int_eq(rig_call(&rig, &peer, "PUT", "/", NULL, NULL), NET_BROKEN);
	peer_close(&peer);
}
END_TEST

/* ---- no request ever reaches another's peer ---- */

static struct peer other_peer;
static atomic_int strays;

static void
play_own_requests_only(struct peer_conn *conn)
{
	const char *own = conn->peer->script;

	while (peer_request(conn)) {
		if (strstr(conn->request, own) == NULL)
			atomic_fetch_add(&strays, 1);
		if (!peer_say_number(conn))
			return;
	}
}

/* libcurl, left to itself, looks once a second for connections of its cache whose peers have
 * closed, and closes them; the connection just being made gets the descriptor's number. It must
 * look before the loop has seen the end of the first connection, so the second call starts from a
 * hook, behind the events of its turn. */
struct trap {
	struct net_hook hook;
	struct probe *second;
	bool sprung;
};

static bool
spring(struct net_hook *hook)
{
	struct trap *trap = container_of(hook, struct trap, hook);

	if (trap->sprung)
		return false;
	trap->sprung = true;
	atomic_store(&peer.signal, 1);
	peer_await(&peer.ended, 1);
	probe_start(trap->second);
	return true;
}

static void
play_wait_for_trap(struct peer_conn *conn)
{
	if (conn->nth > 1) {
		play_own_requests_only(conn);
		return;
	}
	if (!peer_request(conn) || !peer_say_number(conn))
		return;
	peer_await(&conn->peer->signal, 1);
}

START_TEST(test_a_request_never_goes_out_on_the_descriptor_of_another_party)
{
	struct probe second, third;
	struct trap trap = { .hook.run = spring, .second = &second };

	rig_open(&rig);
	atomic_store(&strays, 0);
	peer_open(&peer, play_wait_for_trap, "/for-a");
	peer_open(&other_peer, play_own_requests_only, "/for-b");
	ck_assert_int_eq(rig_call(&rig, &peer, "GET", "/for-a", NULL, NULL), NET_DONE);
	usleep(1300000); /* libcurl looks once a second */
	probe_init(&second, &rig, "GET", &other_peer, "/for-b");
	net_hook_add(rig.loop, NET_SERVE, &trap.hook);
	rig_turn(&rig, 1);
	net_hook_remove(&trap.hook);
	probe_init(&third, &rig, "GET", &peer, "/for-a");
	probe_start(&third);
	probe_wait(&second);
	probe_wait(&third);
	probe_expect(&second, NET_DONE, 200, "01");
	probe_expect(&third, NET_DONE, 200, "02");
	ck_assert_int_eq(strays, 0);
	probe_end(&second);
	probe_end(&third);
	peer_close(&peer);
	peer_close(&other_peer);
}
END_TEST

static int
open_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	while (readdir(dir) != NULL)
		count++;
	closedir(dir);
	return count;
}

START_TEST(test_connections_come_and_go_without_a_descriptor_left)
{
	int before = 0;

	rig_open(&rig);
	for (int round = 0; round < 4; round++) {
		peer_open(&peer, play_once, NULL);
		for (int i = 0; i < 50; i++)
			ck_assert_int_eq(rig_call(&rig, &peer, "GET", "/", NULL, NULL), NET_DONE);
		peer_await(&peer.ended, 50);
		peer_close(&peer);
		rig_turn(&rig, 5);
		if (round == 0)
			before = open_descriptors();
	}
	ck_assert_int_eq(open_descriptors(), before);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("client-pool");
	TCase *tests = tcase_create("client-pool");

	tcase_set_timeout(tests, 0);
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, test_calls_one_after_the_other_share_a_connection);
	tcase_add_test(tests, test_the_connection_that_became_idle_last_is_used_first);
	tcase_add_test(tests, test_sixteen_calls_at_once_share_four_connections);
	tcase_add_test(tests, test_calls_beyond_the_line_are_refused_and_the_line_keeps_its_order);
	tcase_add_test(tests, test_an_idle_connection_is_closed_after_its_time);
	tcase_add_test(
	        tests, test_a_connection_closed_while_idle_is_never_used_not_even_before_its_event);
	tcase_add_test(tests, test_an_answer_that_nobody_asked_for_is_nobodys_answer);
	tcase_add_test(tests, test_only_idempotent_requests_are_repeated_after_a_late_idle_close);
	tcase_add_test(tests, test_a_request_is_repeated_once_and_never_after_a_byte_of_an_answer);
	tcase_add_test(
	        tests, test_a_sent_request_whose_repetition_finds_no_peer_is_broken_not_unsent);
	tcase_add_test(tests, test_a_request_never_goes_out_on_the_descriptor_of_another_party);
	tcase_add_test(tests, test_connections_come_and_go_without_a_descriptor_left);
	suite_add_tcase(suite, tests);
	return suite_run(suite, CK_NOFORK);
}
