/* Tests of net/pool.c, net/call.c and net/connect.c: which connection a call gets, what is
 * repeated, how calls end that get no answer, and that no request ever reaches another's peer. */
#include <arpa/inet.h>
#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/** Answers with the number of its connection. */
static bool
say_number(struct peer_conn *conn)
{
	char line[96];

	snprintf(line, sizeof(line), "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n%02d", conn->nth);
	return peer_say(conn, line);
}

static void
play_numbers(struct peer_conn *conn)
{
	while (peer_request(conn) && say_number(conn))
		;
}

/** One call, start to end. */
static enum net_result
call_once(const char *method, const char *target, int *number, bool *anew)
{
	struct probe probe;
	enum net_result result;

	probe_init(&probe, &rig, method, &peer, target);
	probe_start(&probe);
	probe_wait(&probe);
	result = probe.call.result;
	if (number != NULL)
		*number = result == NET_DONE ? atoi(arena_cstr(probe.arena, probe.call.answer)) : 0;
	if (anew != NULL)
		*anew = probe.call.connected_anew;
	probe_end(&probe);
	return result;
}

/* ---- reuse ---- */

START_TEST(test_calls_one_after_the_other_share_a_connection)
{
	int number;
	bool anew;

	rig_open(&rig);
	peer_open(&peer, play_numbers, NULL);
	for (int i = 0; i < 20; i++) {
		ck_assert_int_eq(call_once(i % 2 ? "POST" : "GET", "/", &number, &anew), NET_DONE);
		ck_assert_int_eq(number, 1);
		ck_assert_int_eq(anew, i == 0);
	}
	ck_assert_int_eq(peer.accepted, 1);
	peer_close(&peer);
}
END_TEST

/** Answers the request /N when the test has sent the signal N. */
static void
play_by_signal(struct peer_conn *conn)
{
	while (peer_request(conn)) {
		const char *slash = strchr(conn->request, '/');

		if (slash != NULL && slash[1] >= '1' && slash[1] <= '9')
			peer_await(&conn->peer->signal, slash[1] - '0');
		if (!say_number(conn))
			return;
	}
}

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
		ck_assert_int_eq(call_once("GET", "/", &number, NULL), NET_DONE);
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
		if (!say_number(conn))
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
	ck_assert_int_eq(call_once("GET", "/", NULL, NULL), NET_DONE);
	while (peer.ended == 0) {
		ck_assert_int_lt(rh_mono_ms(), end);
		rig_turn(&rig, 1);
	}
	ck_assert_int_eq(call_once("GET", "/", NULL, NULL), NET_DONE);
	ck_assert_int_eq(peer.accepted, 2);
	peer_close(&peer);
}
END_TEST

/* ---- closed and spoilt connections ---- */

/** Answers once, closes, and says so. */
static void
play_once(struct peer_conn *conn)
{
	if (peer_request(conn))
		say_number(conn);
}

START_TEST(test_a_connection_closed_while_idle_is_never_used_not_even_before_its_event)
{
	bool anew;

	rig_open(&rig);
	peer_open(&peer, play_once, NULL);
	for (int i = 1; i <= 10; i++) {
		ck_assert_int_eq(call_once("POST", "/", NULL, &anew), NET_DONE);
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
	if (!peer_request(conn) || !say_number(conn))
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
		ck_assert_int_eq(call_once(i % 3 ? "GET" : "POST", "/", &number, NULL), NET_DONE);
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

	if (conn->nth == 1 && peer_request(conn) && say_number(conn) && peer_request(conn)) {
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
		ck_assert_int_eq(call_once("GET", "/first", NULL, NULL), NET_DONE);
		ck_assert_int_eq(call_once(rows[i / 2].method, "/", NULL, &anew),
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
	if (peer_request(conn) && conn->nth == 1 && say_number(conn) && peer_request(conn) &&
	        conn->peer->script != NULL)
		peer_say(conn, conn->peer->script);
}

START_TEST(test_a_request_is_repeated_once_and_never_after_a_byte_of_an_answer)
{
	rig_open(&rig);
	peer_open(&peer, play_drop, NULL);
	ck_assert_int_eq(call_once("GET", "/", NULL, NULL), NET_DONE);
	ck_assert_int_eq(call_once("PUT", "/", NULL, NULL), NET_BROKEN);
	ck_assert_int_eq(peer.requests, 3);
	ck_assert_int_eq(call_once("PUT", "/", NULL, NULL),
	        NET_BROKEN); /* a fresh connection: no repetition */
	ck_assert_int_eq(peer.requests, 4);
	peer_close(&peer);
	peer_open(&peer, play_drop, "H");
	ck_assert_int_eq(call_once("GET", "/", NULL, NULL), NET_DONE);
	ck_assert_int_eq(call_once("PUT", "/", NULL, NULL), NET_BROKEN);
	ck_assert_int_eq(peer.requests, 2);
	peer_close(&peer);
}
END_TEST

/** Serves once; the second request ends the connection and the listener with it. */
static void
play_vanish(struct peer_conn *conn)
{
	if (peer_request(conn) && say_number(conn) && peer_request(conn))
		shutdown(conn->peer->listen_fd, SHUT_RDWR);
}

START_TEST(test_a_sent_request_whose_repetition_finds_no_peer_is_broken_not_unsent)
{
	rig_open(&rig);
	peer_open(&peer, play_vanish, NULL);
	ck_assert_int_eq(call_once("GET", "/", NULL, NULL), NET_DONE);
	ck_assert_int_eq(call_once("PUT", "/", NULL, NULL), NET_BROKEN);
	peer_close(&peer);
}
END_TEST

/* ---- no connection ---- */

START_TEST(test_a_refused_port_and_an_unknown_name_are_no_connection)
{
	struct probe probe;

	rig.conf.connect_ms = 3000;
	rig_open(&rig);
	peer_open(&peer, play_numbers, NULL);
	peer_close(&peer);
	ck_assert_int_eq(call_once("POST", "/", NULL, NULL), NET_NO_CONNECTION);
	probe_init(&probe, &rig, "GET", &peer, "/");
	probe.call.origin = STR("http://no-such-host.invalid:80");
	probe_start(&probe);
	probe_wait(&probe);
	probe_expect(&probe, NET_NO_CONNECTION, 0, NULL);
	ck_assert_int_eq(probe.call.sent_us, 0);
	probe_end(&probe);
}
END_TEST

START_TEST(test_an_origin_that_is_none_is_broken)
{
	static const char *const origins[] = { "", "ftp://x:21", "http://user@127.0.0.1:80",
		"http://127.0.0.1:0", "x" };

	rig_open(&rig);
	for (size_t i = 0; i < COUNT(origins); i++) {
		struct probe probe;

		probe_init(&probe, &rig, "GET", &peer, "/");
		probe.call.origin = str_of(origins[i]);
		probe_start(&probe);
		probe_wait(&probe);
		probe_expect(&probe, NET_BROKEN, 0, NULL);
		probe_end(&probe);
	}
}
END_TEST

START_TEST(test_the_gate_refuses_by_the_address_and_tells_the_reason)
{
	static const char *const hosts[] = { "127.0.0.1", "localhost", "0x7f.1",
		"[::ffff:127.0.0.1]", "[::1]" };

	rig.conf.egress = net_egress_new(false, NULL, NULL);
	rig_open(&rig);
	peer_open(&peer, play_numbers, NULL);
	for (size_t i = 0; i < COUNT(hosts); i++) {
		struct probe probe;

		probe_init(&probe, &rig, "GET", &peer, "/");
		probe.call.origin =
		        arena_printf(probe.arena, "http://%s:%u", hosts[i], (unsigned)peer.port);
		probe_start(&probe);
		probe_wait(&probe);
		probe_expect(&probe, NET_FORBIDDEN, 0, NULL);
		ck_assert_msg(strstr(probe.call.why, "loopback") != NULL, "%s", probe.call.why);
		probe_end(&probe);
	}
	ck_assert_int_eq(peer.accepted, 0);
	net_egress_free((struct net_egress *)(uintptr_t)rig.conf.egress);
	rig.conf.egress = rig.egress; /* a reload that opens the gate */
	net_client_configure(rig.client, &rig.conf);
	ck_assert_int_eq(call_once("GET", "/", NULL, NULL), NET_DONE);
	peer_close(&peer);
}
END_TEST

/** libcurl's second attempt mostly gets the descriptor's number of the first. */
START_TEST(test_a_name_whose_first_address_refuses_is_reached_at_the_next)
{
	struct net_egress *egress = net_egress_new(false, "127.0.0.0/8,::1", NULL);

	rig.conf.egress = egress;
	rig_open(&rig);
	peer_open(&peer, play_once, NULL);
	for (int i = 0; i < 5; i++) {
		struct probe probe;

		probe_init(&probe, &rig, "GET", &peer, "/");
		probe.call.origin =
		        arena_printf(probe.arena, "http://localhost:%u", (unsigned)peer.port);
		probe_start(&probe);
		probe_wait(&probe);
		ck_assert_msg(probe.call.result == NET_DONE, "%s", probe.call.why);
		probe_end(&probe);
	}
	peer_close(&peer);
	net_egress_free(egress);
}
END_TEST

/** A listener whose queue is full, so that connects to it hang. */
struct deaf {
	struct peer peer; /* its port only */
	int fds[8];
};

static void
deaf_open(struct deaf *deaf)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	deaf->fds[0] = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(deaf->fds[0], (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(deaf->fds[0], 0), 0);
	ck_assert_int_eq(getsockname(deaf->fds[0], (struct sockaddr *)&address, &len), 0);
	deaf->peer.port = ntohs(address.sin_port);
	for (size_t i = 1; i < COUNT(deaf->fds); i++) {
		deaf->fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)!connect(deaf->fds[i], (struct sockaddr *)&address, sizeof(address));
	}
}

static void
deaf_close(struct deaf *deaf)
{
	for (size_t i = 0; i < COUNT(deaf->fds); i++)
		close(deaf->fds[i]);
}

START_TEST(test_a_connect_that_hangs_is_no_connection_at_its_limit_and_late_at_the_deadline)
{
	struct deaf deaf;
	struct probe probe;

	rig.conf.connect_ms = 100;
	rig_open(&rig);
	deaf_open(&deaf);
	probe_init(&probe, &rig, "GET", &deaf.peer, "/");
	probe_start(&probe);
	probe_wait(&probe);
	probe_expect(&probe, NET_NO_CONNECTION, 0, NULL);
	probe_end(&probe);
	rig.conf.connect_ms = 60000;
	net_client_configure(rig.client, &rig.conf);
	probe_init(&probe, &rig, "GET", &deaf.peer, "/");
	probe.call.deadline_ms = rh_mono_ms() + 100;
	probe_start(&probe);
	probe_wait(&probe);
	probe_expect(&probe, NET_LATE, 0, NULL);
	probe_end(&probe);
	deaf_close(&deaf);
}
END_TEST

/* ---- deadlines and cancels ---- */

static void
play_hang(struct peer_conn *conn)
{
	if (conn->peer->script != NULL) /* does not even read */
		peer_await(&conn->peer->signal, 1);
	else
		peer_wait_gone(conn);
}

START_TEST(test_a_peer_that_hangs_makes_a_call_late_and_those_that_wait_for_it)
{
	struct probe probes[3];

	rig.conf.max_per_origin = 1;
	rig_open(&rig);
	peer_open(&peer, play_hang, NULL);
	for (size_t i = 0; i < COUNT(probes); i++) {
		probe_init(&probes[i], &rig, "GET", &peer, "/");
		probes[i].call.deadline_ms = rh_mono_ms() + (i == 2 ? -1 : 100);
		probe_start(&probes[i]);
	}
	for (size_t i = 0; i < COUNT(probes); i++) {
		probe_wait(&probes[i]);
		probe_expect(&probes[i], NET_LATE, 0, NULL);
		probe_end(&probes[i]);
	}
	ck_assert_uint_eq(net_client_calls(rig.client), 0);
	peer_close(&peer);
}
END_TEST

/** Turn until the probe's call is where the test wants it. */
static void
turn_until(atomic_int *value, int least)
{
	for (int turns = 0; atomic_load(value) < least; turns++) {
		rig_turn(&rig, 1);
		ck_assert_int_lt(turns, 20000);
	}
}

static void
cancel(struct probe *probe)
{
	net_call_cancel(rig.client, &probe->call);
	ck_assert_int_eq(probe->ended, 0);
	probe_wait(probe);
	probe_expect(probe, NET_CANCELLED, 0, NULL);
	probe_end(probe);
	ck_assert_uint_eq(net_client_calls(rig.client), 0);
}

START_TEST(test_a_call_can_be_cancelled_wherever_it_is)
{
	char *bytes = rh_alloc(8 << 20);
	struct probe probe, other;
	struct deaf deaf;

	rig.conf.max_per_origin = 1;
	rig.conf.max_waiting = 1;
	rig_open(&rig);
	deaf_open(&deaf);
	probe_init(&probe, &rig, "GET", &deaf.peer, "/"); /* before its first turn */
	probe_start(&probe);
	cancel(&probe);
	probe_init(&probe, &rig, "GET", &deaf.peer, "/"); /* connecting */
	probe_start(&probe);
	rig_turn(&rig, 5);
	cancel(&probe);
	probe_init(&probe, &rig, "GET", &deaf.peer, "/"); /* resolving */
	probe.call.origin = STR("http://no-such-host.invalid:80");
	probe_start(&probe);
	rig_turn(&rig, 1);
	net_call_cancel(rig.client, &probe.call);
	probe_end(&probe);
	deaf_close(&deaf);

	peer_open(&peer, play_hang, NULL); /* reading */
	probe_init(&probe, &rig, "GET", &peer, "/");
	probe_start(&probe);
	turn_until(&peer.accepted, 1);
	rig_turn(&rig, 3);
	ck_assert_int_gt(probe.call.sent_us, 0);
	probe_init(&other, &rig, "GET", &peer, "/"); /* waiting */
	probe_start(&other);
	net_call_cancel(rig.client, &other.call);
	probe_end(&other);
	ck_assert_int_eq(other.call.result, NET_CANCELLED);
	cancel(&probe);
	peer_close(&peer);

	peer_open(&peer, play_hang, "deaf"); /* sending */
	probe_init(&probe, &rig, "POST", &peer, "/");
	probe.call.body = (struct str){ bytes, 8 << 20 };
	probe_start(&probe);
	turn_until(&peer.accepted, 1);
	rig_turn(&rig, 3);
	ck_assert_int_eq(probe.call.sent_us, 0);
	cancel(&probe);
	atomic_store(&peer.signal, 1);
	peer_close(&peer);

	probe_init(&probe, &rig, "GET", &peer, "no target"); /* already about to end */
	probe_start(&probe);
	cancel(&probe);
	free(bytes);
}
END_TEST

static void
start_next(struct probe *probe)
{
	if (probe->other != NULL)
		probe_start(probe->other);
}

static void
cancel_other(struct probe *probe)
{
	net_call_cancel(rig.client, &probe->other->call);
}

START_TEST(test_done_may_start_and_cancel_calls)
{
	struct probe probes[6], reader, hanging;

	rig.conf.max_per_origin = 1;
	rig_open(&rig);
	peer_open(&peer, play_by_signal, NULL);
	for (size_t i = 0; i < COUNT(probes); i++) {
		probe_init(&probes[i], &rig, "POST", &peer, "/");
		probes[i].after = start_next;
		probes[i].other = i + 1 < COUNT(probes) ? &probes[i + 1] : NULL;
	}
	probe_start(&probes[0]);
	for (size_t i = 0; i < COUNT(probes); i++) {
		probe_wait(&probes[i]);
		ck_assert_int_eq(probes[i].call.result, NET_DONE);
		probe_end(&probes[i]);
	}
	ck_assert_int_eq(peer.accepted, 1);
	/* done() of the first cancels the second, which has just been given the same connection. */
	probe_init(&reader, &rig, "GET", &peer, "/");
	probe_init(&hanging, &rig, "GET", &peer, "/9");
	reader.after = cancel_other;
	reader.other = &hanging;
	probe_start(&reader);
	probe_start(&hanging);
	probe_wait(&reader);
	ck_assert_int_eq(reader.call.result, NET_DONE);
	probe_end(&hanging);
	ck_assert_int_eq(hanging.call.result, NET_CANCELLED);
	probe_end(&reader);
	atomic_store(&peer.signal, 9);
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
		if (!say_number(conn) ||
		        (conn->nth == 1 && conn->peer->signal == 0 && conn->peer == &peer))
			return;
	}
}

/* libcurl, left to itself, looks once a second for connections of its cache whose peers have
 * closed, and closes them; the connection just being made gets the descriptor's number. It must
 * look before the loop has seen the end of the first connection, so the second call starts from a
 * hook, behind the events of its turn. */
struct trap {
	struct net_hook hook;
	struct probe *second, *third;
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
	shutdown(peer.conns[0].fd, SHUT_RDWR);
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
	if (!peer_request(conn) || !say_number(conn))
		return;
	peer_await(&conn->peer->signal, 1);
}

START_TEST(test_a_request_never_goes_out_on_the_descriptor_of_another_party)
{
	struct probe second, third;
	struct trap trap = { .hook.run = spring, .second = &second, .third = &third };

	rig_open(&rig);
	atomic_store(&strays, 0);
	peer_open(&peer, play_wait_for_trap, "/for-a");
	peer_open(&other_peer, play_own_requests_only, "/for-b");
	ck_assert_int_eq(call_once("GET", "/for-a", NULL, NULL), NET_DONE);
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
			ck_assert_int_eq(call_once("GET", "/", NULL, NULL), NET_DONE);
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
	SRunner *runner = srunner_create(suite);
	int failed;

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
	tcase_add_test(tests, test_a_refused_port_and_an_unknown_name_are_no_connection);
	tcase_add_test(tests, test_an_origin_that_is_none_is_broken);
	tcase_add_test(tests, test_the_gate_refuses_by_the_address_and_tells_the_reason);
	tcase_add_test(tests, test_a_name_whose_first_address_refuses_is_reached_at_the_next);
	tcase_add_test(tests,
	        test_a_connect_that_hangs_is_no_connection_at_its_limit_and_late_at_the_deadline);
	tcase_add_test(tests, test_a_peer_that_hangs_makes_a_call_late_and_those_that_wait_for_it);
	tcase_add_test(tests, test_a_call_can_be_cancelled_wherever_it_is);
	tcase_add_test(tests, test_done_may_start_and_cancel_calls);
	tcase_add_test(tests, test_a_request_never_goes_out_on_the_descriptor_of_another_party);
	tcase_add_test(tests, test_connections_come_and_go_without_a_descriptor_left);
	suite_add_tcase(suite, tests);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
