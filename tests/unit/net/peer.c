/* Scripted peers and probes: see peer.h. */
#include "peer.h"

#include <arpa/inet.h>
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATIENCE_MS = 20000 };

/* ---- peers ---- */

static ssize_t
plain_recv(struct peer_conn *conn, char *bytes, size_t size)
{
	return recv(conn->fd, bytes, size, 0);
}

static ssize_t
plain_send(struct peer_conn *conn, const char *bytes, size_t len)
{
	return send(conn->fd, bytes, len, MSG_NOSIGNAL);
}

static void *
run_conn(void *arg)
{
	struct peer_conn *conn = arg;
	struct peer *peer = conn->peer;

	peer->play(conn);
	pthread_mutex_lock(&peer->lock);
	if (conn->fd >= 0)
		close(conn->fd);
	conn->fd = -1;
	pthread_mutex_unlock(&peer->lock);
	atomic_fetch_add(&peer->ended, 1);
	return NULL;
}

static void *
run_peer(void *arg)
{
	struct peer *peer = arg;
	int fd;

	while ((fd = accept(peer->listen_fd, NULL, NULL)) >= 0) {
		int nth = atomic_load(&peer->accepted);
		struct peer_conn *conn = &peer->conns[nth];

		if (nth == PEER_CONNS)
			abort();
		pthread_mutex_lock(&peer->lock);
		*conn = (struct peer_conn){ .peer = peer,
			.fd = fd,
			.nth = nth + 1,
			.recv = plain_recv,
			.send = plain_send };
		pthread_mutex_unlock(&peer->lock);
		atomic_fetch_add(&peer->accepted, 1);
		pthread_create(&conn->thread, NULL, run_conn, conn);
	}
	return NULL;
}

void
peer_open(struct peer *peer, void (*play)(struct peer_conn *conn), const void *script)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);

	memset(peer, 0, sizeof(*peer));
	peer->play = play;
	peer->script = script;
	pthread_mutex_init(&peer->lock, NULL);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	peer->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(peer->listen_fd, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(peer->listen_fd, 64), 0);
	ck_assert_int_eq(getsockname(peer->listen_fd, (struct sockaddr *)&address, &len), 0);
	peer->port = ntohs(address.sin_port);
	pthread_create(&peer->thread, NULL, run_peer, peer);
}

void
peer_close(struct peer *peer)
{
	shutdown(peer->listen_fd, SHUT_RDWR);
	pthread_join(peer->thread, NULL);
	close(peer->listen_fd);
	pthread_mutex_lock(&peer->lock);
	for (int i = 0; i < peer->accepted; i++)
		if (peer->conns[i].fd >= 0)
			shutdown(peer->conns[i].fd, SHUT_RDWR);
	pthread_mutex_unlock(&peer->lock);
	for (int i = 0; i < peer->accepted; i++)
		pthread_join(peer->conns[i].thread, NULL);
	pthread_mutex_destroy(&peer->lock);
}

/** Byte by byte, so that nothing behind the head is taken. */
bool
peer_head(struct peer_conn *conn)
{
	size_t len = 0;
	const char *length;

	while (len + 1 < sizeof(conn->request)) {
		if (conn->recv(conn, conn->request + len, 1) != 1)
			return false;
		conn->request[++len] = '\0';
		if (len >= 4 && memcmp(conn->request + len - 4, "\r\n\r\n", 4) == 0)
			break;
	}
	length = strstr(conn->request, "Content-Length: ");
	conn->body_len = length == NULL ? 0 : strtoul(length + 16, NULL, 10);
	atomic_fetch_add(&conn->peer->requests, 1);
	return true;
}

bool
peer_request(struct peer_conn *conn)
{
	char bytes[16384];
	size_t left;

	if (!peer_head(conn))
		return false;
	for (left = conn->body_len; left > 0;) {
		ssize_t n = conn->recv(conn, bytes, left < sizeof(bytes) ? left : sizeof(bytes));

		if (n <= 0)
			return false;
		left -= (size_t)n;
	}
	return true;
}

bool
peer_send(struct peer_conn *conn, struct str bytes)
{
	while (bytes.len > 0) {
		ssize_t n = conn->send(conn, bytes.p, bytes.len);

		if (n <= 0)
			return false;
		bytes = str_from(bytes, (size_t)n);
	}
	return true;
}

bool
peer_say(struct peer_conn *conn, const char *text)
{
	return peer_send(conn, str_of(text));
}

void
peer_reset(struct peer_conn *conn)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	pthread_mutex_lock(&conn->peer->lock);
	setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(conn->fd);
	conn->fd = -1;
	pthread_mutex_unlock(&conn->peer->lock);
}

void
peer_wait_gone(struct peer_conn *conn)
{
	char bytes[4096];

	while (conn->recv(conn, bytes, sizeof(bytes)) > 0)
		;
}

/** Called by plays too, and Check's assertions belong to the test's own thread. */
void
peer_await(atomic_int *value, int least)
{
	int64_t end = rh_mono_ms() + PATIENCE_MS;

	while (atomic_load(value) < least) {
		if (rh_mono_ms() > end) {
			fprintf(stderr, "a peer or a test never came to %d\n", least);
			abort();
		}
		usleep(500);
	}
}

/* ---- plays ---- */

/** Answers with the number of its connection. */
bool
peer_say_number(struct peer_conn *conn)
{
	char line[96];

	snprintf(line, sizeof(line), "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n%02d", conn->nth);
	return peer_say(conn, line);
}

void
play_numbers(struct peer_conn *conn)
{
	while (peer_request(conn) && peer_say_number(conn))
		;
}

/** Answers once, closes, and says so. */
void
play_once(struct peer_conn *conn)
{
	if (peer_request(conn))
		peer_say_number(conn);
}

/** Answers the request /N when the test has sent the signal N. */
void
play_by_signal(struct peer_conn *conn)
{
	while (peer_request(conn)) {
		const char *slash = strchr(conn->request, '/');

		if (slash != NULL && slash[1] >= '1' && slash[1] <= '9')
			peer_await(&conn->peer->signal, slash[1] - '0');
		if (!peer_say_number(conn))
			return;
	}
}

/* ---- rig and probes ---- */

void
rig_init(struct rig *rig)
{
	static const char *const captured[] = { "X-Trace", "location", "Link", NULL };

	memset(rig, 0, sizeof(*rig));
	ck_assert_int_eq(rh_crypt_init(NULL), RH_OK);
	rig->loop = net_loop_new();
	rig->egress = net_egress_new(false, "127.0.0.0/8", NULL);
	rig->conf = (struct net_client_conf){ .connect_ms = 10000,
		.egress = rig->egress,
		.headers = captured,
		.max_per_origin = 4,
		.max_waiting = 64,
		.idle_ms = 60000 };
}

void
rig_open(struct rig *rig)
{
	struct fault fault = { 0 };

	rig->client = net_client_new(rig->loop, &rig->conf, &fault);
	ck_assert_msg(rig->client != NULL, "%s", fault.why);
}

void
rig_close(struct rig *rig)
{
	ck_assert_uint_eq(net_client_calls(rig->client), 0);
	net_client_free(rig->client);
	net_egress_free(rig->egress);
	net_loop_free(rig->loop);
}

void
rig_turn(struct rig *rig, int turns)
{
	while (turns-- > 0)
		net_loop_turn(rig->loop, 1);
}

static void
probe_done(struct net_call *call)
{
	struct probe *probe = container_of(call, struct probe, call);

	ck_assert_msg(!probe->in_start, "done() came from inside net_call_start()");
	probe->ended++;
	if (probe->after != NULL)
		probe->after(probe);
}

void
probe_init(struct probe *probe, struct rig *rig, const char *method, const struct peer *peer,
        const char *target)
{
	memset(probe, 0, sizeof(*probe));
	probe->rig = rig;
	probe->arena = arena_new(1024);
	probe->call = (struct net_call){ .method = str_of(method),
		.origin = arena_printf(probe->arena, "http://127.0.0.1:%u", (unsigned)peer->port),
		.target = str_of(target),
		.deadline_ms = rh_mono_ms() + PATIENCE_MS,
		.max_answer = 1 << 20,
		.arena = probe->arena,
		.done = probe_done };
	if (strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0 ||
	        strcmp(method, "PATCH") == 0)
		probe->call.body = STR("{\"a\":1}");
}

void
probe_start(struct probe *probe)
{
	probe->in_start = true;
	net_call_start(probe->rig->client, &probe->call);
	probe->in_start = false;
}

void
probe_wait(struct probe *probe)
{
	int64_t end = rh_mono_ms() + 2 * PATIENCE_MS;

	while (probe->ended == 0) {
		ck_assert_msg(rh_mono_ms() < end, "the call never ended");
		net_loop_turn(probe->rig->loop, 50);
	}
}

void
probe_end(struct probe *probe)
{
	probe_wait(probe);
	ck_assert_int_eq(probe->ended, 1);
	arena_free(probe->arena);
}

static const char *
result_name(enum net_result result)
{
	static const char *const names[] = { "DONE", "NO_CONNECTION", "FORBIDDEN", "NO_ROOM",
		"LATE", "BROKEN", "GARBAGE", "ANSWER_TOO_LARGE", "CANCELLED" };

	return names[result];
}

void
probe_expect(const struct probe *probe, enum net_result result, int status, const char *body)
{
	const struct net_call *call = &probe->call;

	ck_assert_msg(call->result == result, "%.*s: %s (%s), not %s", STR_ARG(call->target),
	        result_name(call->result), call->why, result_name(result));
	if (result != NET_DONE) {
		ck_assert_str_ne(call->why, "");
		return;
	}
	ck_assert_msg(call->status == status, "%.*s: %d, not %d", STR_ARG(call->target),
	        call->status, status);
	ck_assert_msg(str_is(call->answer, body), "%.*s: body '%.*s', not '%s'",
	        STR_ARG(call->target), STR_ARG(call->answer), body);
}

enum net_result
rig_call(struct rig *rig, const struct peer *peer, const char *method, const char *target,
        int *number, bool *anew)
{
	struct probe probe;
	enum net_result result;

	probe_init(&probe, rig, method, peer, target);
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
