/* wire: see wire.h. */
#include "wire.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

const char *
wire_env(const char *name)
{
	const char *value = getenv(name);

	ck_assert_msg(value != NULL, "%s is not set: tests/scenario/run starts this program", name);
	return value;
}

const char *
wire_authorization(void)
{
	static char header[256];

	snprintf(header, sizeof(header), "Authorization: Token %s\r\n", wire_env("B64_CPO"));
	return header;
}

void
wire_open(struct wire *wire)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	const char *colon = strrchr(wire_env("ADDRESS"), ':');
	struct sockaddr_in address = { .sin_family = AF_INET };
	int on = 1;

	address.sin_port = htons((uint16_t)atoi(colon + 1));
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	wire->len = 0;
	wire->answer[0] = '\0';
	wire->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_ge(wire->fd, 0);
	setsockopt(wire->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(wire->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	setsockopt(wire->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	ck_assert_int_eq(connect(wire->fd, (struct sockaddr *)&address, sizeof(address)), 0);
}

void
wire_close(struct wire *wire)
{
	close(wire->fd);
	wire->fd = -1;
}

bool
wire_send(struct wire *wire, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len > 0) {
		ssize_t sent = send(wire->fd, at, len, MSG_NOSIGNAL);

		if (sent <= 0)
			return false;
		at += sent;
		len -= (size_t)sent;
	}
	return true;
}

bool
wire_text(struct wire *wire, const char *text)
{
	return wire_send(wire, text, strlen(text));
}

/** Bytes read; 0 when the hub closed or reset the connection. Fails the test when the hub is
 * silent. */
static size_t
read_more(struct wire *wire)
{
	size_t room = sizeof(wire->answer) - 1 - wire->len;
	ssize_t got;

	ck_assert_uint_gt(room, 0);
	got = recv(wire->fd, wire->answer + wire->len, room, 0);
	ck_assert_msg(got >= 0 || errno == ECONNRESET, "no byte within %d s, after: %s", PATIENCE_S,
	        wire->answer);
	if (got <= 0)
		return 0;
	wire->len += (size_t)got;
	wire->answer[wire->len] = '\0';
	return (size_t)got;
}

static bool
is_complete(const char *answer, const char **behind)
{
	const char *body = strstr(answer, "\r\n\r\n"), *length = strstr(answer, "Content-Length: ");

	if (body == NULL)
		return false;
	body += 4;
	if (strncmp(answer, "HTTP/1.1 100 ", 13) == 0) {
		*behind = body;
		return is_complete(body, behind);
	}
	*behind = body + (length != NULL && length < body ? atoi(length + 16) : 0);
	return strlen(body) >= (size_t)(*behind - body);
}

static int
complete_answers(const struct wire *wire)
{
	const char *at = wire->answer;
	int count = 0;

	while (is_complete(at, &at))
		count++;
	return count;
}

void
wire_answers(struct wire *wire, int count)
{
	while (complete_answers(wire) < count)
		ck_assert_msg(
		        read_more(wire) > 0, "expected %d answers, got: %s", count, wire->answer);
}

void
wire_until_closed(struct wire *wire)
{
	while (read_more(wire) > 0)
		continue;
}

bool
wire_has(const struct wire *wire, const char *text)
{
	return strstr(wire->answer, text) != NULL;
}

int
wire_count(const struct wire *wire, const char *text)
{
	int count = 0;

	for (const char *at = strstr(wire->answer, text); at != NULL; at = strstr(at + 1, text))
		count++;
	return count;
}
