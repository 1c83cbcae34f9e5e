/* inlet: requests read from a socket, raw bytes written back.
 * One request at a time on a connection; what comes behind it waits in the buffer. */
#include "inlet.h"

#include "inlet_parse.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { READ_BYTES = 16384, MOST_BYTES = 64 << 20 };

struct inlet {
	struct net_loop *loop;
	struct net_watch watch;
	char address[64];
	void (*request)(void *ctx, struct inlet_request *request);
	void *ctx;
	struct list connections;
};

struct inlet_connection {
	struct list node;
	struct inlet *inlet;
	struct net_watch watch;
	uint32_t events;
	struct buf in, out;
	size_t sent;
	enum inlet_then then;
	struct inlet_request *request; /* handed out, not yet answered */
	bool told_to_continue;
};

static void
connection_close(struct inlet_connection *connection)
{
	if (connection->request != NULL)
		connection->request->connection = NULL;
	net_watch_remove(connection->inlet->loop, &connection->watch);
	close(connection->watch.fd);
	list_remove(&connection->node);
	buf_free(&connection->in);
	buf_free(&connection->out);
	free(connection);
}

static void
connection_want(struct inlet_connection *connection, uint32_t events)
{
	if (connection->events == events)
		return;
	connection->events = events;
	net_watch_change(connection->inlet->loop, &connection->watch, events);
}

static void
consume(struct buf *buf, size_t bytes)
{
	memmove(buf->p, buf->p + bytes, buf->len - bytes);
	buf->len -= bytes;
}

/* ---- writing ---- */

/** False when the connection is no more. */
static bool
connection_write(struct inlet_connection *connection)
{
	while (connection->sent < connection->out.len) {
		ssize_t wrote = send(connection->watch.fd, connection->out.p + connection->sent,
		        connection->out.len - connection->sent, MSG_NOSIGNAL);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote < 0 && errno == EAGAIN) {
			connection_want(connection, EPOLLIN | EPOLLOUT);
			return true;
		}
		if (wrote < 0) {
			connection_close(connection);
			return false;
		}
		connection->sent += (size_t)wrote;
	}
	if (connection->then == INLET_CLOSE) {
		connection_close(connection);
		return false;
	}
	if (connection->then == INLET_ENDLESS) {
		connection->sent = 0; /* the next turn of the loop sends them again */
		connection_want(connection, EPOLLIN | EPOLLOUT);
		return true;
	}
	connection->sent = connection->out.len = 0;
	connection_want(connection, EPOLLIN);
	return true;
}

/* ---- reading ---- */

static void
refuse(struct inlet_connection *connection, const char *why)
{
	connection->in.len = 0;
	connection->then = INLET_CLOSE;
	buf_printf(&connection->out,
	        "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n"
	        "Connection: close\r\n\r\n%s",
	        strlen(why), why);
	connection_write(connection);
}

static void
hand_over(struct inlet_connection *connection, const struct inlet_head *head)
{
	struct arena *arena = arena_new(4096);
	struct inlet_request *request = arena_alloc(arena, sizeof(*request));

	request->arena = arena;
	request->connection = connection;
	request->began_us = rh_mono_us();
	inlet_copy(head, buf_str(&connection->in), request);
	consume(&connection->in, head->bytes + head->body_bytes);
	connection->request = request;
	connection->told_to_continue = false;
	connection->inlet->request(connection->inlet->ctx, request);
}

/** Hand over the next request when it is complete. */
static void
connection_advance(struct inlet_connection *connection)
{
	struct str in = buf_str(&connection->in);
	struct inlet_head head;
	const char *why = NULL;

	if (connection->request != NULL || connection->out.len > 0 ||
	        connection->then == INLET_DEAF)
		return;
	if (!inlet_head_read(in, &head, &why)) {
		if (why != NULL)
			refuse(connection, why);
		return;
	}
	if (in.len >= head.bytes + head.body_bytes) {
		hand_over(connection, &head);
	} else if (head.expects_continue && !connection->told_to_continue) {
		connection->told_to_continue = true;
		buf_add(&connection->out, STR("HTTP/1.1 100 Continue\r\n\r\n"));
		connection_write(connection);
	}
}

/** False when the peer has hung up, or sends more than anybody should. */
static bool
connection_read(struct inlet_connection *connection)
{
	for (;;) {
		ssize_t got;

		buf_reserve(&connection->in, READ_BYTES);
		got = recv(
		        connection->watch.fd, connection->in.p + connection->in.len, READ_BYTES, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno == EAGAIN;
		if (got == 0)
			return false;
		connection->in.len += (size_t)got;
		if (connection->in.len > MOST_BYTES)
			return false;
	}
}

static void
connection_ready(struct net_watch *watch, uint32_t events)
{
	struct inlet_connection *connection = container_of(watch, struct inlet_connection, watch);

	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR) && !connection_read(connection)) {
		connection_close(connection);
		return;
	}
	if (events & EPOLLOUT && !connection_write(connection))
		return;
	connection_advance(connection);
}

/* ---- listening ---- */

static void
inlet_ready(struct net_watch *watch, uint32_t events)
{
	struct inlet *inlet = container_of(watch, struct inlet, watch);
	struct inlet_connection *connection;
	int fd;

	(void)events;
	while ((fd = accept4(watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
		connection = rh_alloc(sizeof(*connection));
		connection->inlet = inlet;
		connection->events = EPOLLIN;
		connection->watch = (struct net_watch){ fd, connection_ready };
		list_add_tail(&inlet->connections, &connection->node);
		net_watch_add(inlet->loop, &connection->watch, EPOLLIN);
	}
}

/* "fd:N" is a socket that listens already, given by who started this process. */
static int
take_listener(const char *address, char bound[64], struct fault *fault)
{
	uint64_t fd;

	if (strncmp(address, "fd:", 3) != 0)
		return net_listen(address, false, bound, fault);
	if (!str_to_u64(str_of(address + 3), 1024, &fd) ||
	        fcntl((int)fd, F_SETFL, O_NONBLOCK) != 0) {
		fault_set(fault, RH_SYSTEM, address, "expected a socket that listens");
		return -1;
	}
	(void)net_listener_is((int)fd, "127.0.0.1:0", bound);
	return (int)fd;
}

struct inlet *
inlet_open(struct net_loop *loop, const char *address,
        void (*request)(void *ctx, struct inlet_request *request), void *ctx, struct fault *fault)
{
	char bound[64];
	int fd = take_listener(address, bound, fault);
	struct inlet *inlet;

	if (fd < 0)
		return NULL;
	inlet = rh_alloc(sizeof(*inlet));
	inlet->loop = loop;
	inlet->request = request;
	inlet->ctx = ctx;
	inlet->watch = (struct net_watch){ fd, inlet_ready };
	memcpy(inlet->address, bound, sizeof(bound));
	list_init(&inlet->connections);
	net_watch_add(loop, &inlet->watch, EPOLLIN);
	return inlet;
}

const char *
inlet_address(const struct inlet *inlet)
{
	return inlet->address;
}

void
inlet_close(struct inlet *inlet)
{
	if (inlet == NULL)
		return;
	list_each_safe (node, next, &inlet->connections)
		connection_close(container_of(node, struct inlet_connection, node));
	net_watch_remove(inlet->loop, &inlet->watch);
	close(inlet->watch.fd);
	free(inlet);
}

/* ---- requests ---- */

struct str
inlet_header(const struct inlet_request *request, const char *name)
{
	for (size_t i = 0; i < request->header_count; i++)
		if (str_ieq(request->headers[i].name, str_of(name)))
			return request->headers[i].value;
	return (struct str){ 0 };
}

void
inlet_send(struct inlet_request *request, struct str bytes, enum inlet_then then)
{
	struct inlet_connection *connection = request->connection;

	if (connection == NULL)
		return;
	request->connection = NULL;
	connection->request = NULL;
	connection->then = then;
	buf_add(&connection->out, bytes);
	/* From the loop and not from here: the next request must not be handed over while the
	 * handler of this one is still on the stack. */
	connection_want(connection, EPOLLIN | EPOLLOUT);
}

void
inlet_request_free(struct inlet_request *request)
{
	inlet_send(request, STR(""), INLET_CLOSE);
	arena_free(request->arena);
}
