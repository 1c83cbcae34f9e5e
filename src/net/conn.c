/* Connections of a server: their deadlines, the refusals that libmicrohttpd cannot give, and
 * requests kept for re-use.
 *
 * The library knows idle time only, so that one byte a second keeps a connection for ever. Here
 * every connection has one deadline, of the state it is in. A sweep a few times a second is cheaper
 * than moving a timer four times a request. A connection that must go is shut down below the
 * library, which then finds the end of file by itself.
 *
 * Nor does the library see the end of what a peer sends when it comes together with the last bytes,
 * since its epoll set is edge-triggered and it reads no further than to a short recv. So the loop
 * watches every connection for that end. A complete request is answered first. */
#include "conn.h"

#include "reader.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>

enum {
	KEPT_BODY_BYTES = 16 * 1024, /* a larger buffer is not kept for the next request */
	KEPT_INBOUNDS = 256,
	REFUSAL_BYTES = 2048,
	LAST_CHANCE_MS = 1000,
	MOST_LOOKS = 3,       /* what the library has read may take two runs to become a request */
	PARTING_TLS_MS = 100, /* for records that wait where nobody can see them */
	SHORTEST_SWEEP_MS = 10,
	LONGEST_SWEEP_MS = 500
};

/* ---- requests kept for their next use ---- */

struct inbound *
inbound_get(struct conn *conn)
{
	struct conns *conns = conn->conns;
	struct inbound *in;

	if (list_empty(&conns->spare)) {
		in = rh_alloc(sizeof(*in));
	} else {
		in = container_of(conns->spare.next, struct inbound, node);
		list_remove(&in->node);
		conns->spare_count--;
	}
	in->conns = conns;
	in->conn = conn;
	return in;
}

static struct str
keep_text(struct buf *head, struct str text)
{
	struct str kept = { head->p + head->len, text.len };

	if (text.p == NULL)
		return text;
	buf_add(head, text);
	return kept;
}

void
inbound_keep_head(
        struct inbound *in, struct str method, const struct str header[NET_REQUEST_HEADERS])
{
	size_t bytes = method.len + 1;

	for (size_t i = 0; i < NET_REQUEST_HEADERS; i++)
		bytes += header[i].len;
	buf_reserve(&in->head, bytes); /* once: the texts must not move */
	in->request.method = keep_text(&in->head, method);
	for (size_t i = 0; i < NET_REQUEST_HEADERS; i++)
		in->request.header[i] = keep_text(&in->head, header[i]);
}

static void
inbound_free(struct inbound *in)
{
	buf_free(&in->target);
	buf_free(&in->head);
	buf_free(&in->body);
	free(in);
}

void
inbound_put(struct inbound *in)
{
	struct conns *conns = in->conns;
	struct buf target = in->target, head = in->head, body = in->body;

	conns->body_bytes -= body.len;
	buf_free(&in->stream.text);
	if (in->in_chunks)
		list_remove(&in->chunked.node);
	if (body.cap > KEPT_BODY_BYTES)
		buf_free(&body);
	target.len = head.len = body.len = 0;
	*in = (struct inbound){ .target = target, .head = head, .body = body };
	if (conns->spare_count >= KEPT_INBOUNDS) {
		inbound_free(in);
		return;
	}
	list_add_head(&conns->spare, &in->node);
	conns->spare_count++;
}

void
inbound_finish(struct inbound *in)
{
	const struct net_server_conf *conf = in->conns->conf;

	in->conns->handed--;
	conf->done(conf->ctx, &in->request);
	inbound_put(in);
}

void
conns_finish_left(struct conns *conns)
{
	list_each_safe (node, next, &conns->left) {
		list_remove(node);
		inbound_finish(container_of(node, struct inbound, node));
	}
}

/* ---- one connection ---- */

static void
write_peer(const struct sockaddr *address, char out[INET6_ADDRSTRLEN])
{
	const struct sockaddr_in *four = (const void *)address;
	const struct sockaddr_in6 *six = (const void *)address;

	if (address->sa_family == AF_INET)
		inet_ntop(AF_INET, &four->sin_addr, out, INET6_ADDRSTRLEN);
	else if (address->sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&six->sin6_addr))
		inet_ntop(AF_INET, &six->sin6_addr.s6_addr[12], out, INET6_ADDRSTRLEN);
	else if (address->sa_family == AF_INET6)
		inet_ntop(AF_INET6, &six->sin6_addr, out, INET6_ADDRSTRLEN);
}

static void
look_again(struct conn *conn)
{
	conn->looks = 0;
	list_remove(&conn->parting);
	list_add_tail(&conn->conns->parting, &conn->parting);
	conns_want_runs(conn->conns, MOST_LOOKS);
}

static void
sends_no_more(struct net_watch *watch, uint32_t events)
{
	struct conn *conn = container_of(watch, struct conn, watch);

	(void)events;
	if (conn->half_closed || conn->state == CONN_DYING)
		return;
	conn->half_closed = true;
	look_again(conn);
}

struct conn *
conn_new(struct conns *conns, struct MHD_Connection *mhd, int fd, const struct sockaddr *peer)
{
	struct conn *conn = rh_alloc(sizeof(*conn));

	conn->conns = conns;
	conn->mhd = mhd;
	conn->fd = fd;
	list_init(&conn->parting);
	conn->watch = (struct net_watch){ fd, sends_no_more };
	net_watch_add(conns->loop, &conn->watch, EPOLLRDHUP | EPOLLET);
	write_peer(peer, conn->peer);
	memcpy(conn->asker, conn->peer, sizeof(conn->asker));
	conn_enter(conn, CONN_IDLE, conns->conf->head_ms);
	list_add_tail(&conns->list, &conn->node);
	conns->count++;
	if (conns->sweep.slot == 0)
		net_timer_set(
		        conns->loop, &conns->sweep, net_loop_now(conns->loop) + conns->sweep_ms);
	return conn;
}

void
conn_free(struct conn *conn)
{
	if (conn->linger)
		linger_on(conn->conns->lingers, conn->fd);
	net_watch_remove(conn->conns->loop, &conn->watch);
	list_remove(&conn->parting);
	list_remove(&conn->node);
	conn->conns->count--;
	conn->conns->dying -= conn->state == CONN_DYING;
	free(conn);
}

/* Of who waits for an answer of ours the deadline is not here. */
static void
conn_hurry(struct conn *conn)
{
	if (conn->conns->end_ms != 0 && conn->deadline_ms > conn->conns->end_ms)
		conn->deadline_ms = conn->conns->end_ms;
}

void
conn_until(struct conn *conn, int64_t at_ms)
{
	conn->deadline_ms = at_ms;
	conn_hurry(conn);
}

void
conn_enter(struct conn *conn, enum conn_state state, int64_t within_ms)
{
	if (conn->state == CONN_DYING)
		return;
	conn->state = state;
	conn->proven |= state == CONN_HANDED;
	conn_until(conn, within_ms == 0 ? 0 : net_loop_now(conn->conns->loop) + within_ms);
}

void
conn_rest(struct conn *conn, int64_t within_ms)
{
	conn_enter(conn, CONN_IDLE, within_ms);
	if (conn->half_closed && conn->state != CONN_DYING)
		look_again(conn);
}

void
conn_kill(struct conn *conn)
{
	conn->conns->dying += conn->state != CONN_DYING;
	conn_enter(conn, CONN_DYING, 0);
	list_remove(&conn->parting);
	shutdown(conn->fd, SHUT_RDWR);
}

static void
conn_part(struct conn *conn)
{
	int64_t last_ms = net_loop_now(conn->conns->loop) + PARTING_TLS_MS;
	int unread = 0;

	if (conn->state == CONN_OPEN) {
		conn->open->stream.left(
		        conn->open); /* who reads on and sends no more has no use here */
		return;
	}
	if (conn->state == CONN_HANDED || conn->state == CONN_SENDING) {
		list_remove(&conn->parting); /* until it rests */
		return;
	}
	ioctl(conn->fd, FIONREAD, &unread);
	conn->looks = unread > 0 ? 0 : conn->looks + 1;
	if (conn->conns->conf->tls_cert == NULL && conn->looks >= MOST_LOOKS)
		conn_kill(conn);
	else if (conn->conns->conf->tls_cert != NULL && conn->deadline_ms > last_ms)
		conn->deadline_ms = last_ms;
}

/* The library takes an answer before the body or after it, not in between, and not while the head
 * is incomplete. There a refusal is written past it; no answer has begun that it could collide
 * with. Through TLS there is no such way. */
void
conn_refuse_raw(struct conn *conn, enum rh_err err, const char *why)
{
	const struct net_server_conf *conf = conn->conns->conf;
	const struct net_refusal refusal = { .err = err, .why = why, .peer = conn->asker };
	static const char *const reasons[] = { [RH_TOO_LARGE] = "Content Too Large",
		[RH_LATE_REQUEST] = "Request Timeout",
		[RH_BUSY] = "Service Unavailable",
		[RH_BAD_HTTP] = "Bad Request" };
	char body[REFUSAL_BYTES], head[256];
	size_t body_len, head_len;
	struct iovec parts[2];
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = COUNT(parts) };

	body_len = conf->refuse(conf->ctx, &refusal, body, sizeof(body));
	if (conf->tls_cert != NULL)
		return;
	head_len = (size_t)snprintf(head, sizeof(head),
	        "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
	        "%sConnection: close\r\n\r\n",
	        rh_err_info(err)->http, reasons[err], body_len,
	        err == RH_BUSY ? "Retry-After: 1\r\n" : "");
	parts[0] = (struct iovec){ head, head_len };
	parts[1] = (struct iovec){ body, body_len };
	sendmsg(conn->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* ---- bodies in chunks ---- */

void
inbound_chunks(struct inbound *in, const char *head_end)
{
	in->in_chunks = true;
	chunk_begin(&in->chunked, head_end, in->conns->run, in->conns->conf->tls_cert != NULL);
	list_add_tail(&in->conns->chunked, &in->chunked.node);
}

void
conns_look_ahead(struct conns *conns)
{
	char ahead[CHUNK_NOTE];

	if (conns->conf->tls_cert != NULL)
		return;
	list_each (node, &conns->chunked) {
		struct inbound *in = container_of(node, struct inbound, chunked.node);
		ssize_t got;

		if (in->conn == NULL || in->conn->state != CONN_BODY)
			continue;
		got = recv(in->conn->fd, ahead, sizeof(ahead), MSG_PEEK | MSG_DONTWAIT);
		chunk_ahead(&in->chunked, ahead, got > 0 ? (size_t)got : 0, conns->run);
	}
}

static void
refuse_chunks(struct conn *conn)
{
	conn_refuse_raw(conn, RH_BAD_HTTP, "chunked body is malformed");
	conn->linger = true;
	conn_kill(conn);
}

/* The library reads no further when its buffer is full of a line that does not end. */
static void
sweep_chunks(struct conns *conns)
{
	list_each (node, &conns->chunked) {
		struct inbound *in = container_of(node, struct inbound, chunked.node);
		struct chunked *chunked = &in->chunked;
		int unread = 0;

		if (in->conn == NULL || in->conn->state != CONN_BODY)
			continue;
		ioctl(in->conn->fd, FIONREAD, &unread);
		chunked->stuck =
		        unread > 0 && chunked->swept == in->body_seen ? chunked->stuck + 1 : 0;
		chunked->swept = in->body_seen;
		if (chunked->stuck > 1 || chunked->bad)
			refuse_chunks(in->conn);
	}
}

/* ---- all of them ---- */

static void
conn_late(struct conn *conn)
{
	if (conn->state == CONN_HEAD)
		conn_refuse_raw(conn, RH_LATE_REQUEST, "head did not arrive in time");
	if (conn->state == CONN_BODY)
		conn_refuse_raw(conn, RH_LATE_REQUEST, "body did not arrive in time");
	conn_kill(conn);
}

static void
sweep(struct net_timer *timer)
{
	struct conns *conns = container_of(timer, struct conns, sweep);
	int64_t now_ms = net_loop_now(conns->loop);

	list_each (node, &conns->list) {
		struct conn *conn = container_of(node, struct conn, node);

		if (conn->deadline_ms != 0 && conn->deadline_ms <= now_ms)
			conn_late(conn);
		else if (conn->state == CONN_SENDING && !reader_keeps_up(conn, now_ms))
			conn_kill(conn);
	}
	sweep_chunks(conns);
	conns_part(conns);
	if (conns->count > 0)
		net_timer_set(conns->loop, &conns->sweep, now_ms + conns->sweep_ms);
}

static int64_t
sweep_every_ms(const struct net_server_conf *conf)
{
	int64_t ms = conf->head_ms < conf->body_ms ? conf->head_ms : conf->body_ms;

	ms = (conf->idle_ms < ms ? conf->idle_ms : ms) / 8;
	if (ms < SHORTEST_SWEEP_MS)
		return SHORTEST_SWEEP_MS;
	return ms > LONGEST_SWEEP_MS ? LONGEST_SWEEP_MS : ms;
}

void
conns_init(struct conns *conns, struct net_loop *loop, const struct net_server_conf *conf)
{
	conns->loop = loop;
	conns->conf = conf;
	conns->lingers = lingers_new(loop);
	conns->sweep_ms = sweep_every_ms(conf);
	conns->sweep.fire = sweep;
	list_init(&conns->list);
	list_init(&conns->spare);
	list_init(&conns->parting);
	list_init(&conns->chunked);
	list_init(&conns->left);
	lanes_init(&conns->lanes);
}

void
conns_want_runs(struct conns *conns, unsigned runs)
{
	if (conns->runs < runs)
		conns->runs = runs;
}

void
conns_end(struct conns *conns)
{
	assert(list_empty(&conns->list) && conns->body_bytes == 0);
	net_timer_stop(conns->loop, &conns->sweep);
	lingers_free(conns->lingers);
	lanes_end(&conns->lanes);
	buf_free(&conns->scratch);
	list_each_safe (node, next, &conns->spare)
		inbound_free(container_of(node, struct inbound, node));
}

void
conns_part(struct conns *conns)
{
	list_each_safe (node, next, &conns->parting)
		conn_part(container_of(node, struct conn, parting));
}

void
conns_hurry(struct conns *conns, int64_t within_ms)
{
	conns->end_ms = net_loop_now(conns->loop) + within_ms;
	conns->sweep_ms = SHORTEST_SWEEP_MS;
	net_timer_set(conns->loop, &conns->sweep, net_loop_now(conns->loop));
	list_each (node, &conns->list)
		conn_hurry(container_of(node, struct conn, node));
}

void
conns_drain(struct conns *conns)
{
	int64_t last_ms = net_loop_now(conns->loop) + LAST_CHANCE_MS;

	list_each (node, &conns->list) {
		struct conn *conn = container_of(node, struct conn, node);
		int unread = 0;

		if (conn->state != CONN_IDLE)
			continue;
		ioctl(conn->fd, FIONREAD, &unread);
		if (conn->used && unread == 0)
			conn_kill(conn);
		else if (conn->deadline_ms > last_ms)
			conn->deadline_ms = last_ms;
	}
}
