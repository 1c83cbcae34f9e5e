/* Tests of the client over TLS: who is believed, and the same answers, closes and uploads as
 * without. The peers speak GnuTLS, the client OpenSSL, with certificates made here. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../suite.h"
#include "identity.h"
#include "peer.h"

enum { MEGABYTE = 1 << 20 };
#define ANY "NORMAL"

/* ---- peers ---- */

struct tls_script {
	const struct identity *identity;
	const char *priority;
	void (*play)(struct peer_conn *conn);
	const char *answer; /* for play_answer */
	size_t piece;
	bool cut; /* TCP ends without TLS's good-bye */
};

static ssize_t
tls_recv(struct peer_conn *conn, char *bytes, size_t size)
{
	ssize_t n;

	while ((n = gnutls_record_recv(conn->tls, bytes, size)) == GNUTLS_E_INTERRUPTED ||
	        n == GNUTLS_E_AGAIN)
		;
	return n;
}

static ssize_t
tls_send(struct peer_conn *conn, const char *bytes, size_t len)
{
	return gnutls_record_send(conn->tls, bytes, len);
}

static void
play_tls(struct peer_conn *conn)
{
	const struct tls_script *script = conn->peer->script;
	gnutls_datum_t protocols[] = { { (unsigned char *)(uintptr_t) "h2", 2 },
		{ (unsigned char *)(uintptr_t) "http/1.1", 8 } };
	gnutls_datum_t chosen = { 0 };
	gnutls_session_t session;

	gnutls_init(&session, GNUTLS_SERVER);
	gnutls_priority_set_direct(session, script->priority, NULL);
	gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, script->identity->credentials);
	gnutls_alpn_set_protocols(
	        session, protocols, COUNT(protocols), GNUTLS_ALPN_SERVER_PRECEDENCE);
	gnutls_transport_set_int(session, conn->fd);
	conn->tls = session;
	conn->recv = tls_recv;
	conn->send = tls_send;
	if (gnutls_handshake(session) == 0) {
		gnutls_alpn_get_selected_protocol(session, &chosen);
		if (chosen.size == 2)
			atomic_fetch_add(&conn->peer->signal, 1000);
		script->play(conn);
		if (!script->cut)
			gnutls_bye(session, GNUTLS_SHUT_WR);
	}
	gnutls_deinit(session);
}

static void
play_answer(struct peer_conn *conn)
{
	const struct tls_script *script = conn->peer->script;
	struct str rest = str_of(script->answer);

	if (!peer_request(conn))
		return;
	while (conn->nth == 1 && rest.len > 0) {
		size_t n =
		        script->piece == 0 || script->piece > rest.len ? rest.len : script->piece;

		if (!peer_send(conn, (struct str){ rest.p, n }))
			return;
		rest = str_from(rest, n);
	}
	if (conn->nth == 1 && (script->cut || strstr(script->answer, "Content-Length: 9") != NULL ||
	                              !peer_request(conn)))
		return;
	while (peer_say(conn, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond") &&
	        peer_request(conn))
		;
}

static void
play_echo_length(struct peer_conn *conn)
{
	char line[128];

	while (peer_request(conn)) {
		snprintf(line, sizeof(line), "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n%07zu",
		        conn->body_len);
		if (!peer_say(conn, line))
			return;
	}
}

static void
play_large(struct peer_conn *conn)
{
	char *bytes = rh_alloc(MEGABYTE);

	memset(bytes, 'x', MEGABYTE);
	while (peer_request(conn) &&
	        peer_say(conn, "HTTP/1.1 200 OK\r\nContent-Length: 1048576\r\n\r\n"))
		peer_send(conn, (struct str){ bytes, MEGABYTE });
	free(bytes);
}

/** The first connection serves once and drops the second request. */
static void
play_late_close(struct peer_conn *conn)
{
	if (conn->nth == 1 && peer_request(conn) &&
	        peer_say(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") &&
	        peer_request(conn))
		return;
	play_echo_length(conn);
}

static struct rig rig;
static struct peer peer;

static void
set_up(void)
{
	rig_init(&rig);
	rig.conf.ca_file = ca_path;
}

static void
tear_down(void)
{
	rig_close(&rig);
}

static void
tls_probe(struct probe *probe, const char *method, const char *target)
{
	probe_init(probe, &rig, method, &peer, target);
	probe->call.origin =
	        arena_printf(probe->arena, "https://127.0.0.1:%u", (unsigned)peer.port);
	probe_start(probe);
}

static enum net_result
call_once(const char *method, bool *anew)
{
	struct probe probe;
	enum net_result result;

	tls_probe(&probe, method, "/");
	probe_wait(&probe);
	result = probe.call.result;
	if (anew != NULL)
		*anew = probe.call.connected_anew;
	probe_end(&probe);
	return result;
}

/* ---- tests ---- */

START_TEST(test_only_a_known_authority_and_the_right_name_are_believed)
{
	static const struct {
		const char *name;
		const struct identity *identity;
		const char *priority;
		enum net_result result;
	} rows[] = {
		{ "good", &good, ANY, NET_DONE },
		{ "tls 1.3", &good, "NORMAL:-VERS-ALL:+VERS-TLS1.3", NET_DONE },
		{ "tls 1.2", &good, "NORMAL:-VERS-ALL:+VERS-TLS1.2", NET_DONE },
		{ "tls 1.1", &good, "NORMAL:-VERS-ALL:+VERS-TLS1.1", NET_NO_CONNECTION },
		{ "wrong name", &wrong_name, ANY, NET_NO_CONNECTION },
		{ "self-signed", &self_signed, ANY, NET_NO_CONNECTION },
		{ "expired", &expired, ANY, NET_NO_CONNECTION },
		{ "another authority", &foreign, ANY, NET_NO_CONNECTION },
	};

	rig_open(&rig);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct tls_script script = { rows[i].identity, rows[i].priority, play_echo_length };
		struct probe probe;

		peer_open(&peer, play_tls, &script);
		tls_probe(&probe, "POST", "/");
		probe_wait(&probe);
		ck_assert_msg(probe.call.result == rows[i].result, "%s: %d %s", rows[i].name,
		        probe.call.result, probe.call.why);
		ck_assert_int_eq(probe.call.sent_us != 0, rows[i].result == NET_DONE);
		ck_assert_int_eq(peer.requests, rows[i].result == NET_DONE);
		ck_assert_int_lt(peer.signal, 1000); /* never HTTP/2 */
		probe_end(&probe);
		peer_close(&peer);
	}
}
END_TEST

START_TEST(test_connections_over_tls_are_kept)
{
	struct tls_script script = { &good, ANY, play_echo_length };
	bool anew;

	rig_open(&rig);
	peer_open(&peer, play_tls, &script);
	for (int i = 0; i < 20; i++) {
		ck_assert_int_eq(call_once(i % 2 ? "GET" : "POST", &anew), NET_DONE);
		ck_assert_int_eq(anew, i == 0);
		rig_turn(&rig, i % 3);
	}
	peer_close(&peer);
}
END_TEST

START_TEST(test_bodies_of_every_size_pass_in_both_directions)
{
	static const size_t sizes[] = { 0, 1, 300, 16000, 16200, 16300, 16383, 16384, 16385, 33000,
		4 * MEGABYTE };
	struct tls_script up = { &good, ANY, play_echo_length }, down = { &good, ANY, play_large };
	char *bytes = rh_alloc(4 * MEGABYTE);
	struct probe probe;

	rig_open(&rig);
	peer_open(&peer, play_tls, &up);
	for (size_t i = 0; i < COUNT(sizes); i++) {
		char want[16];

		snprintf(want, sizeof(want), "%07zu", sizes[i]);
		probe_init(&probe, &rig, "POST", &peer, "/up");
		probe.call.origin =
		        arena_printf(probe.arena, "https://127.0.0.1:%u", (unsigned)peer.port);
		probe.call.body = (struct str){ bytes, sizes[i] };
		probe_start(&probe);
		probe_wait(&probe);
		probe_expect(&probe, NET_DONE, 200, want);
		probe_end(&probe);
	}
	ck_assert_int_eq(peer.accepted, 1);
	peer_close(&peer);
	peer_open(&peer, play_tls, &down);
	for (int i = 0; i < 3; i++) {
		tls_probe(&probe, "GET", "/down");
		probe_wait(&probe);
		ck_assert_int_eq(probe.call.result, NET_DONE);
		ck_assert_uint_eq(probe.call.answer.len, MEGABYTE);
		ck_assert_uint_eq(
		        strspn(arena_cstr(probe.arena, probe.call.answer), "x"), MEGABYTE);
		probe_end(&probe);
	}
	ck_assert_int_eq(peer.accepted, 1);
	peer_close(&peer);
	free(bytes);
}
END_TEST

START_TEST(test_every_answer_over_tls_has_its_result_and_never_spoils_the_next)
{
	static const struct {
		const char *answer;
		size_t piece;
		bool cut;
		enum net_result result;
		const char *body;
		bool reused;
	} rows[] = {
		{ "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", 0, false, NET_DONE, "hi",
		        true },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", 1, false, NET_DONE, "hi",
		        true },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Trace: "
		  "t\r\n\r\n",
		        1, false, NET_DONE, "hi", true },
		{ "HTTP/1.1 100 C\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", 5, false,
		        NET_DONE, "hi", true },
		/* libcurl does not tell a good-bye from a cut; only answers until the end of the
		   stream suffer */
		{ "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhi", 0, true, NET_DONE, "hi",
		        false },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi", 0, false, NET_BROKEN, NULL,
		        false },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi", 0, true, NET_BROKEN, NULL,
		        false },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 "
		  "OK\r\nContent-Length: 4\r\n\r\nevil",
		        0, false, NET_DONE, "hi", false },
		{ "HTTP/1.1 101 S\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n", 0, false,
		        NET_GARBAGE, NULL, false },
	};

	rig_open(&rig);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct tls_script script = { &good, ANY, play_answer, rows[i].answer, rows[i].piece,
			rows[i].cut };
		struct probe probe;
		bool anew;

		peer_open(&peer, play_tls, &script);
		tls_probe(&probe, "GET", "/");
		probe_wait(&probe);
		probe_expect(&probe, rows[i].result, 200, rows[i].body);
		probe_end(&probe);
		if (!rows[i].reused)
			rig_turn(&rig, 2);
		ck_assert_int_eq(call_once("POST", &anew), NET_DONE);
		ck_assert_msg(anew == !rows[i].reused, "row %zu", i);
		peer_close(&peer);
	}
}
END_TEST

START_TEST(test_a_late_idle_close_over_tls_is_repeated_for_put_and_not_for_post)
{
	struct tls_script script = { &good, ANY, play_late_close };

	rig_open(&rig);
	for (int cut = 0; cut < 2; cut++) {
		script.cut = cut;
		peer_open(&peer, play_tls, &script);
		ck_assert_int_eq(call_once("GET", NULL), NET_DONE);
		ck_assert_int_eq(call_once("PUT", NULL), NET_DONE);
		ck_assert_int_eq(peer.requests, 3);
		peer_close(&peer);
		peer_open(&peer, play_tls, &script);
		ck_assert_int_eq(call_once("GET", NULL), NET_DONE);
		ck_assert_int_eq(call_once("POST", NULL), NET_BROKEN);
		ck_assert_int_eq(peer.requests, 2);
		peer_close(&peer);
	}
}
END_TEST

static void
play_plain_text(struct peer_conn *conn)
{
	char bytes[16];

	if (conn->recv(conn, bytes, 1) == 1)
		peer_say(conn, "HTTP/1.1 400 Bad Request\r\n\r\n");
}

static void
play_close_at_once(struct peer_conn *conn)
{
	(void)conn;
}

START_TEST(test_a_handshake_that_fails_or_hangs_is_no_connection)
{
	void (*const plays[])(
	        struct peer_conn *) = { play_plain_text, play_close_at_once, peer_wait_gone };
	struct probe probe;

	rig.conf.connect_ms = 300;
	rig_open(&rig);
	for (size_t i = 0; i < COUNT(plays); i++) {
		peer_open(&peer, plays[i], NULL);
		ck_assert_int_eq(call_once("POST", NULL), NET_NO_CONNECTION);
		peer_close(&peer);
	}
	rig.conf.connect_ms = 60000;
	net_client_configure(rig.client, &rig.conf);
	peer_open(&peer, peer_wait_gone, NULL);
	tls_probe(&probe, "POST", "/");
	for (int turns = 0; peer.accepted == 0; turns++) {
		rig_turn(&rig, 1);
		ck_assert_int_lt(turns, 20000);
	}
	rig_turn(&rig, 3);
	net_call_cancel(rig.client, &probe.call);
	probe_end(&probe);
	ck_assert_int_eq(probe.call.result, NET_CANCELLED);
	peer_close(&peer);
}
END_TEST

START_TEST(test_a_new_ca_file_counts_for_new_connections)
{
	struct tls_script mine = { &good, ANY, play_echo_length },
	                  theirs = { &foreign, ANY, play_echo_length };
	const char *const paths[] = { ca_path, other_ca_path, ca_path, ca_path, NULL, other_ca_path,
		"/nowhere/ca.pem" };
	const char *now = ca_path;

	rig_open(&rig);
	for (size_t i = 0; i < COUNT(paths); i++) {
		rig.conf.ca_file = paths[i];
		net_client_configure(rig.client, &rig.conf);
		if (paths[i] == NULL ||
		        paths[i][1] == 't') /* a file that cannot be read changes nothing */
			now = paths[i];
		peer_open(&peer, play_tls, &mine);
		ck_assert_int_eq(
		        call_once("GET", NULL), now == ca_path ? NET_DONE : NET_NO_CONNECTION);
		peer_close(&peer);
		peer_open(&peer, play_tls, &theirs);
		ck_assert_int_eq(call_once("GET", NULL),
		        now == other_ca_path ? NET_DONE : NET_NO_CONNECTION);
		peer_close(&peer);
	}
}
END_TEST

START_TEST(test_a_ca_file_that_is_none_is_a_fault)
{
	static const char *const paths[] = { "/nowhere/ca.pem", "/dev/null", "/proc/self/status",
		"/tmp" };

	for (size_t i = 0; i < COUNT(paths); i++) {
		struct fault fault = { 0 };

		rig.conf.ca_file = paths[i];
		ck_assert_ptr_null(net_client_new(rig.loop, &rig.conf, &fault));
		ck_assert_int_eq(fault.err, RH_BAD_CONFIG);
		ck_assert_str_eq(fault.field, "egress.ca_file");
	}
	rig.conf.ca_file = ca_path;
	rig_open(&rig);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("client-tls");
	TCase *tests = tcase_create("client-tls");

	tcase_set_timeout(tests, 0);
	tcase_add_unchecked_fixture(tests, identities_make, identities_drop);
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, test_only_a_known_authority_and_the_right_name_are_believed);
	tcase_add_test(tests, test_connections_over_tls_are_kept);
	tcase_add_test(tests, test_bodies_of_every_size_pass_in_both_directions);
	tcase_add_test(tests, test_every_answer_over_tls_has_its_result_and_never_spoils_the_next);
	tcase_add_test(tests, test_a_late_idle_close_over_tls_is_repeated_for_put_and_not_for_post);
	tcase_add_test(tests, test_a_handshake_that_fails_or_hangs_is_no_connection);
	tcase_add_test(tests, test_a_new_ca_file_counts_for_new_connections);
	tcase_add_test(tests, test_a_ca_file_that_is_none_is_a_fault);
	suite_add_tcase(suite, tests);
	return suite_run(suite, CK_NOFORK);
}
