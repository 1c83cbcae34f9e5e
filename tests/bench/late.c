/* late: a partner that answers every request with the same body, a while after it is complete.
 *
 * One thread, thousands of connections, and as few system calls a request as there can be, so that
 * it is not what is measured. A port has one delay, so who came first is answered first and a list
 * is all the timer there is. Usage: late BODY PORT:MS... */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST_PORTS = 16, REQUEST_BYTES = 1 << 16, EVENTS = 512 };

struct port {
	bool listens; /* first in port and conn: what an event belongs to */
	int fd;
	int64_t delay_us;
	struct conn *first, **last; /* who waits, in the order of their due times */
};
struct conn {
	bool listens;
	bool waits, gone;
	int fd;
	struct port *port;
	struct conn *next;
	int64_t due_us;
	size_t len;
	char request[REQUEST_BYTES + 1];
};

static struct port ports[MOST_PORTS];
static size_t port_count;
static char answer[4096];
static size_t answer_len;
static int epoll_fd;

static void
die(const char *why)
{
	fprintf(stderr, "late: %s: %s\n", why, strerror(errno));
	exit(1);
}

static int64_t
now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void
watch(int fd, void *whose)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = whose };

	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0)
		die("epoll_ctl");
}

static void
open_port(const char *text)
{
	struct port *port = &ports[port_count++];
	char *delay;
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)strtoul(text, &delay, 10)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int yes = 1;

	port->listens = true;
	port->last = &port->first;
	port->delay_us = *delay == ':' ? strtol(delay + 1, NULL, 10) * 1000 : 0;
	port->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	setsockopt(port->fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(port->fd, (struct sockaddr *)&at, sizeof(at)) != 0 || listen(port->fd, 4096) != 0)
		die(text);
	watch(port->fd, port);
}

static void
take(struct port *port)
{
	int fd, yes = 1;

	while ((fd = accept4(port->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		struct conn *conn = calloc(1, sizeof(*conn));

		if (conn == NULL)
			die("calloc");
		conn->fd = fd;
		conn->port = port;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
		watch(fd, conn);
	}
}

/* Somebody who waits is freed when the turn comes. */
static void
hang_up(struct conn *conn)
{
	close(conn->fd);
	conn->gone = true;
	if (!conn->waits)
		free(conn);
}

static void
answer_it(struct conn *conn)
{
	conn->waits = false;
	if (conn->gone)
		free(conn);
	else if (write(conn->fd, answer, answer_len) != (ssize_t)answer_len)
		hang_up(conn);
}

static void
wait_for_it(struct conn *conn)
{
	struct port *port = conn->port;

	conn->waits = true;
	conn->len = 0;
	if (port->delay_us == 0) {
		answer_it(conn);
		return;
	}
	conn->due_us = now_us() + port->delay_us;
	conn->next = NULL;
	*port->last = conn;
	port->last = &conn->next;
}

static bool
is_complete(struct conn *conn)
{
	char *end, *length;

	conn->request[conn->len] = '\0';
	end = strstr(conn->request, "\r\n\r\n");
	if (end == NULL)
		return false;
	length = strcasestr(conn->request, "\r\nContent-Length:");
	if (length == NULL || length > end)
		return true;
	return conn->len >= (size_t)(end + 4 - conn->request) + strtoul(length + 17, NULL, 10);
}

static void
hear(struct conn *conn)
{
	ssize_t got = read(conn->fd, conn->request + conn->len, REQUEST_BYTES - conn->len);

	if (got <= 0) {
		if (got == 0 || errno != EAGAIN)
			hang_up(conn);
		return;
	}
	conn->len += (size_t)got;
	if (!conn->waits && is_complete(conn))
		wait_for_it(conn);
}

/* Answers who is due; the time until the next one is, -1: nobody waits. */
static int64_t
answer_due(void)
{
	int64_t now = now_us(), next = INT64_MAX;

	for (struct port *port = ports; port < ports + port_count; port++) {
		while (port->first != NULL && port->first->due_us <= now) {
			struct conn *conn = port->first;

			port->first = conn->next;
			if (port->first == NULL)
				port->last = &port->first;
			answer_it(conn);
		}
		if (port->first != NULL && port->first->due_us < next)
			next = port->first->due_us;
	}
	return next == INT64_MAX ? -1 : next - now;
}

static void
turn(void)
{
	static struct epoll_event events[EVENTS];
	int64_t left_us = answer_due();
	struct timespec left = { left_us / 1000000, left_us % 1000000 * 1000 };
	int count = epoll_pwait2(epoll_fd, events, EVENTS, left_us < 0 ? NULL : &left, NULL);

	for (int i = 0; i < count; i++) {
		bool listens = *(const bool *)events[i].data.ptr;

		if (listens)
			take(events[i].data.ptr);
		else
			hear(events[i].data.ptr);
	}
}

int
main(int argc, char **argv)
{
	if (argc < 3 || argc > 2 + MOST_PORTS || strlen(argv[1]) > sizeof(answer) / 2) {
		fprintf(stderr, "usage: late BODY PORT:MS...\n");
		return 2;
	}
	answer_len = (size_t)snprintf(answer, sizeof(answer),
	        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
	        "%zu\r\n\r\n%s",
	        strlen(argv[1]), argv[1]);
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	for (int i = 2; i < argc; i++)
		open_port(argv[i]);
	for (;;)
		turn();
}
