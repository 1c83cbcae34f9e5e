/* peer: see peer.h. */
#include "peer.h"

#include <arpa/inet.h>
#include <check.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DRIPS = 4000, DRIP_US = 2000 };

struct connection {
	int fd;
	size_t len;
	char text[PEER_ROOM];
};

struct peer_state {
	pthread_t thread;
	pthread_mutex_t lock; /* of what stands below it */
	enum peer_habit habit;
	char answer[PEER_ROOM];
	size_t answer_len;
	char kept[PEER_KEPT][PEER_ROOM];
	int count;

	int listening, stop;
	struct connection connections[PEER_CONNECTIONS];
	char shown[PEER_ROOM]; /* of the test's thread */
};

/* ---- HTTP as text ---- */

const char *
http_header(const char *message, const char *name, char *out, size_t size)
{
	const char *end = strstr(message, "\r\n\r\n");
	size_t len = strlen(name);

	for (const char *at = strstr(message, "\r\n"); at != NULL && at < end;
	        at = strstr(at + 2, "\r\n")) {
		if (strncasecmp(at + 2, name, len) != 0 || at[2 + len] != ':')
			continue;
		at += 3 + len;
		at += strspn(at, " ");
		snprintf(out, size, "%.*s", (int)strcspn(at, "\r"), at);
		return out;
	}
	return NULL;
}

const char *
http_body(const char *message)
{
	const char *end = strstr(message, "\r\n\r\n");

	return end == NULL ? "" : end + 4;
}

static bool
is_whole(const char *message)
{
	char length[32];
	size_t expected = 0;

	if (strstr(message, "\r\n\r\n") == NULL)
		return false;
	if (http_header(message, "Content-Length", length, sizeof(length)) != NULL)
		expected = (size_t)atoi(length);
	return strlen(http_body(message)) >= expected;
}

/* ---- the thread of the platform ---- */

static void
drop(struct connection *connection)
{
	close(connection->fd);
	connection->fd = -1;
	connection->len = 0;
}

static bool
send_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t sent = send(fd, bytes, len, MSG_NOSIGNAL);

		if (sent <= 0)
			return false;
		bytes += sent;
		len -= (size_t)sent;
	}
	return true;
}

static void
drip(int fd, const char *bytes, size_t len)
{
	for (size_t i = 0; i < DRIPS; i++) {
		if (!send_all(fd, i < len ? bytes + i : bytes + len - 1, 1))
			return;
		usleep(DRIP_US);
	}
}

/** The list of the details, with base in place of each %s. */
static void
write_endpoints(const struct peer *peer, char *out, size_t size)
{
	const char *from = peer->endpoints, *mark;
	size_t at = 0;

	while ((mark = strstr(from, "%s")) != NULL) {
		at += (size_t)snprintf(
		        out + at, size - at, "%.*s%s", (int)(mark - from), from, peer->base);
		from = mark + 2;
	}
	snprintf(out + at, size - at, "%s", from);
}

static bool
serve_configuration(const struct peer *peer, struct connection *connection)
{
	char body[PEER_ROOM / 2], endpoints[PEER_ROOM / 4], answer[PEER_ROOM];
	int len;

	write_endpoints(peer, endpoints, sizeof(endpoints));
	if (strncmp(connection->text, "GET /versions ", 14) == 0)
		len = snprintf(body, sizeof(body),
		        "{\"status_code\":1000,\"data\":[{\"version\":\"2.2.1\",\"url\":\"%s/"
		        "2.2.1\"}]}",
		        peer->base);
	else if (strncmp(connection->text, "GET /2.2.1 ", 11) == 0)
		len = snprintf(body, sizeof(body),
		        "{\"status_code\":1000,\"data\":{\"version\":\"2.2.1\",\"endpoints\":[%s]}"
		        "}",
		        endpoints);
	else
		return false;
	len = snprintf(answer, sizeof(answer),
	        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
	        len, body);
	send_all(connection->fd, answer, (size_t)len);
	return true;
}

static void
serve(const struct peer *peer, struct connection *connection)
{
	struct peer_state *state = peer->state;
	enum peer_habit habit;
	char answer[PEER_ROOM];
	size_t len;

	if (serve_configuration(peer, connection))
		return;
	pthread_mutex_lock(&state->lock);
	if (state->count < PEER_KEPT)
		memcpy(state->kept[state->count], connection->text, connection->len + 1);
	state->count++;
	habit = state->habit;
	len = state->answer_len;
	memcpy(answer, state->answer, len);
	pthread_mutex_unlock(&state->lock);
	if (habit == PEER_DRIPS)
		drip(connection->fd, answer, len);
	else if (habit != PEER_HANGS)
		send_all(connection->fd, answer, len);
	if (habit != PEER_ANSWERS && habit != PEER_HANGS)
		drop(connection);
}

static void
read_request(const struct peer *peer, struct connection *connection)
{
	ssize_t got = recv(connection->fd, connection->text + connection->len,
	        sizeof(connection->text) - 1 - connection->len, 0);

	if (got <= 0) {
		drop(connection);
		return;
	}
	connection->len += (size_t)got;
	connection->text[connection->len] = '\0';
	if (!is_whole(connection->text))
		return;
	serve(peer, connection);
	connection->len = 0;
}

static void
take_connection(struct peer_state *state)
{
	int fd = accept4(state->listening, NULL, NULL, SOCK_CLOEXEC);

	for (int i = 0; i < PEER_CONNECTIONS && fd >= 0; i++) {
		if (state->connections[i].fd >= 0)
			continue;
		state->connections[i].fd = fd;
		return;
	}
	close(fd);
}

static void *
run(void *ctx)
{
	const struct peer *peer = ctx;
	struct peer_state *state = peer->state;

	for (;;) {
		struct pollfd polled[PEER_CONNECTIONS + 2];

		for (int i = 0; i < PEER_CONNECTIONS; i++)
			polled[i] = (struct pollfd){ state->connections[i].fd, POLLIN, 0 };
		polled[PEER_CONNECTIONS] = (struct pollfd){ state->listening, POLLIN, 0 };
		polled[PEER_CONNECTIONS + 1] = (struct pollfd){ state->stop, POLLIN, 0 };
		if (poll(polled, PEER_CONNECTIONS + 2, -1) < 0)
			continue;
		if (polled[PEER_CONNECTIONS + 1].revents != 0)
			return NULL;
		for (int i = 0; i < PEER_CONNECTIONS; i++)
			if (polled[i].revents != 0)
				read_request(peer, &state->connections[i]);
		if (polled[PEER_CONNECTIONS].revents != 0)
			take_connection(state);
	}
}

struct peer *
peer_start(const char *country, const char *party, const char *role, const char *endpoints)
{
	struct peer *peer = calloc(1, sizeof(*peer));
	struct peer_state *state = calloc(1, sizeof(*state));
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t size = sizeof(address);

	ck_assert_ptr_nonnull(peer);
	ck_assert_ptr_nonnull(state);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	state->listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(state->listening, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(state->listening, PEER_CONNECTIONS), 0);
	ck_assert_int_eq(getsockname(state->listening, (struct sockaddr *)&address, &size), 0);
	state->stop = eventfd(0, EFD_CLOEXEC);
	for (int i = 0; i < PEER_CONNECTIONS; i++)
		state->connections[i].fd = -1;
	pthread_mutex_init(&state->lock, NULL);
	snprintf(peer->base, sizeof(peer->base), "http://127.0.0.1:%d", ntohs(address.sin_port));
	snprintf(peer->token, sizeof(peer->token), "token-of-%s-%s", country, party);
	peer->country = country;
	peer->party = party;
	peer->role = role;
	peer->endpoints = endpoints;
	peer->state = state;
	peer_says(peer, "200 OK", "", "{\"status_code\":1000}");
	ck_assert_int_eq(pthread_create(&state->thread, NULL, run, peer), 0);
	return peer;
}

void
peer_stop(struct peer *peer)
{
	struct peer_state *state = peer->state;
	uint64_t one = 1;

	ck_assert_int_eq(write(state->stop, &one, sizeof(one)), sizeof(one));
	pthread_join(state->thread, NULL);
	for (int i = 0; i < PEER_CONNECTIONS; i++)
		if (state->connections[i].fd >= 0)
			close(state->connections[i].fd);
	close(state->listening);
	close(state->stop);
	pthread_mutex_destroy(&state->lock);
	free(state);
	free(peer);
}

/* ---- what the test does with it ---- */

void
peer_answers(struct peer *peer, enum peer_habit habit, const char *fmt, ...)
{
	struct peer_state *state = peer->state;
	va_list args;
	int len;

	pthread_mutex_lock(&state->lock);
	va_start(args, fmt);
	len = vsnprintf(state->answer, sizeof(state->answer), fmt, args);
	va_end(args);
	state->answer_len = (size_t)len;
	state->habit = habit;
	pthread_mutex_unlock(&state->lock);
	ck_assert_int_lt(len, PEER_ROOM);
}

void
peer_says(struct peer *peer, const char *status, const char *headers, const char *body)
{
	peer_answers(peer, PEER_ANSWERS,
	        "HTTP/1.1 %s\r\nContent-Type: application/json\r\n%sContent-Length: %zu\r\n\r\n%s",
	        status, headers, strlen(body), body);
}

int
peer_count(struct peer *peer)
{
	int count;

	pthread_mutex_lock(&peer->state->lock);
	count = peer->state->count;
	pthread_mutex_unlock(&peer->state->lock);
	return count;
}

const char *
peer_request(struct peer *peer, int n)
{
	struct peer_state *state = peer->state;
	int count = peer_count(peer);

	ck_assert_msg(n < count && n < PEER_KEPT, "%s received %d requests, expected more than %d",
	        peer->party, count, n);
	pthread_mutex_lock(&state->lock);
	memcpy(state->shown, state->kept[n], sizeof(state->shown));
	pthread_mutex_unlock(&state->lock);
	return state->shown;
}

void
peer_forget(struct peer *peer)
{
	pthread_mutex_lock(&peer->state->lock);
	peer->state->count = 0;
	pthread_mutex_unlock(&peer->state->lock);
}

void
peer_sends(struct peer *peer, struct wire *wire, const char *method, const char *url,
        const char *headers, const char *body)
{
	const char *base = wire_env("BASE");
	char request[PEER_ROOM];
	int len;

	if (strncmp(url, base, strlen(base)) == 0)
		url += strlen(base);
	len = snprintf(request, sizeof(request),
	        "%s %s HTTP/1.1\r\nHost: hub\r\n%s%sContent-Length: %zu\r\n\r\n%s", method, url,
	        peer->authorization, headers, strlen(body), body);
	ck_assert_int_lt(len, (int)sizeof(request));
	wire_open(wire);
	ck_assert(wire_text(wire, request));
}

void
peer_asks(struct peer *peer, struct wire *wire, const char *method, const char *url,
        const char *headers, const char *body)
{
	peer_sends(peer, wire, method, url, headers, body);
	wire_answers(wire, 1);
	wire_close(wire);
}

/** Base64, as the hub wants its token back. */
static void
encode(const char *text, char *out)
{
	static const char digits[] =
	        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t len = strlen(text);

	for (size_t i = 0; i < len; i += 3) {
		unsigned value = (unsigned)(unsigned char)text[i] << 16;

		value |= i + 1 < len ? (unsigned)(unsigned char)text[i + 1] << 8 : 0;
		value |= i + 2 < len ? (unsigned)(unsigned char)text[i + 2] : 0;
		*out++ = digits[value >> 18];
		*out++ = digits[value >> 12 & 63];
		*out++ = i + 1 < len ? digits[value >> 6 & 63] : '=';
		*out++ = i + 2 < len ? digits[value & 63] : '=';
	}
	*out = '\0';
}

void
peer_register(struct peer *peer, const char *invitation)
{
	char name[64], body[512], token[128], encoded[200];
	const char *at;
	struct wire *wire = calloc(1, sizeof(*wire));

	ck_assert_ptr_nonnull(wire);
	snprintf(name, sizeof(name), "B64_%s", invitation);
	snprintf(peer->authorization, sizeof(peer->authorization), "Authorization: Token %s\r\n",
	        wire_env(name));
	snprintf(body, sizeof(body),
	        "{\"token\":\"%s\",\"url\":\"%s/"
	        "versions\",\"roles\":[{\"role\":\"%s\",\"country_code\":\"%s\","
	        "\"party_id\":\"%s\",\"business_details\":{\"name\":\"Peer\"}}]}",
	        peer->token, peer->base, peer->role, peer->country, peer->party);
	peer_asks(peer, wire, "POST", "/ocpi/2.2.1/credentials", "", body);
	at = strstr(wire->answer, "\"token\":\"");
	ck_assert_msg(at != NULL, "registration failed: %s", wire->answer);
	snprintf(token, sizeof(token), "%.*s", (int)strcspn(at + 9, "\""), at + 9);
	encode(token, encoded);
	snprintf(peer->authorization, sizeof(peer->authorization), "Authorization: Token %s\r\n",
	        encoded);
	free(wire);
}
