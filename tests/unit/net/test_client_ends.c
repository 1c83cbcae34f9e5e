/* Tests of net/call.c and net/connect.c: how calls end that get no answer: no connection, a gate
 * that refuses, a deadline, a cancel; and what done() may do. */
#include <arpa/inet.h>
#include <check.h>
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

/* ---- no connection ---- */

START_TEST(test_a_refused_port_and_an_unknown_name_are_no_connection)
{
	struct probe probe;

	rig.conf.connect_ms = 3000;
	rig_open(&rig);
	peer_open(&peer, play_numbers, NULL);
	peer_close(&peer);
	ck_assert_int_eq(rig_call(&rig, &peer, "POST", "/", NULL, NULL), NET_NO_CONNECTION);
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
	ck_assert_int_eq(rig_call(&rig, &peer, "GET", "/", NULL, NULL), NET_DONE);
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
	if (probe.ended == 0) /* some resolvers are quick */
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

int
main(void)
{
	Suite *suite = suite_create("client-ends");
	TCase *tests = tcase_create("client-ends");

	tcase_set_timeout(tests, 0);
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, test_a_refused_port_and_an_unknown_name_are_no_connection);
	tcase_add_test(tests, test_an_origin_that_is_none_is_broken);
	tcase_add_test(tests, test_the_gate_refuses_by_the_address_and_tells_the_reason);
	tcase_add_test(tests, test_a_name_whose_first_address_refuses_is_reached_at_the_next);
	tcase_add_test(tests,
	        test_a_connect_that_hangs_is_no_connection_at_its_limit_and_late_at_the_deadline);
	tcase_add_test(tests, test_a_peer_that_hangs_makes_a_call_late_and_those_that_wait_for_it);
	tcase_add_test(tests, test_a_call_can_be_cancelled_wherever_it_is);
	tcase_add_test(tests, test_done_may_start_and_cancel_calls);
	suite_add_tcase(suite, tests);
	return suite_run(suite, CK_NOFORK);
}
