/* client: HTTP/1.1 on a connection that stands: one request, its answer, and whether another may
 * follow.
 *
 * The request's head is built once into the connection's buffer and written together with the
 * caller's body. The answer goes through http_parser, paused at the end of the message: whatever
 * follows is not part of it, and a connection on which something follows is never used again, since
 * it would be taken for the next call's answer. Reading is edge-triggered and therefore goes on
 * until there is nothing more: on a plain connection a short read proves that, in TLS only
 * WIRE_AGAIN does. */
#include "client.h"

#include <http_parser.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

enum {
	HEAD_MAX_BYTES = 32768, /* of an answer, the interim ones before it included */
	INTERIM_MAX = 16,       /* answers 1xx before the final one */
	NAME_MAX_BYTES = 64,    /* a longer header name is not one that is captured */
	FIRST_RESERVE_BYTES = 65536,
	SMALL_BYTES = 32768, /* taken even when memory is short */
	LARGEST_USE = 8      /* times the answer: what may be made of it */
};

struct exchange {
	http_parser parser;
	struct buf out; /* the head; in TLS as much of the body behind it as fills a record */
	size_t head_len, total, sent;
	bool send_failed;
	bool answered; /* a byte came */
	bool head_done, complete, keep;
	size_t head_bytes;
	unsigned interims;
	enum net_result result; /* why the parser was stopped */
	const char *why;
	struct buf body; /* the call's arena */
	char name[NAME_MAX_BYTES];
	size_t name_len;
	bool in_value;
	struct str *captured; /* where the value goes; NULL: nowhere */
	struct buf value;
};

struct exchange *
exchange_new(void)
{
	return rh_alloc(sizeof(struct exchange));
}

void
exchange_free(struct exchange *exchange)
{
	buf_free(&exchange->out);
	buf_free(&exchange->value);
	free(exchange);
}

/* ---- the request ---- */

static struct str
piece(struct str s, size_t offset)
{
	return offset >= s.len ? (struct str){ 0 } : str_from(s, offset);
}

/** A send failed: an answer may wait to be read, and perhaps no event will tell of it. */
static void
look_soon(struct link *link)
{
	struct net_loop *loop = link->pool->client->loop;

	net_timer_set(loop, &link->timer, net_loop_now(loop));
}

static void
link_write(struct link *link)
{
	struct exchange *exchange = link->exchange;
	struct str out = buf_str(&exchange->out), body = link->call->body;

	while (exchange->sent < exchange->total && !exchange->send_failed) {
		size_t in_body =
		        (exchange->sent > out.len ? exchange->sent : out.len) - exchange->head_len;
		ssize_t n =
		        wire_send(&link->wire, piece(out, exchange->sent), piece(body, in_body));

		if (n == WIRE_AGAIN)
			return;
		if (n < 0) {
			exchange->send_failed = true; /* not the end yet */
			look_soon(link);
			return;
		}
		exchange->sent += (size_t)n;
	}
	if (!exchange->send_failed)
		link->call->sent_us = rh_mono_us();
}

void
link_begin(struct link *link)
{
	struct exchange *exchange = link->exchange;
	struct net_call *call = link->call;
	struct buf out = exchange->out, value = exchange->value;

	out.len = value.len = 0;
	*exchange =
	        (struct exchange){ .out = out, .value = value, .body = { .arena = call->arena } };
	request_head(&exchange->out, call, link->pool->host);
	exchange->head_len = exchange->out.len;
	exchange->total = exchange->head_len + call->body.len;
	if (link->wire.tls && exchange->head_len < WIRE_RECORD_BYTES) {
		size_t room = WIRE_RECORD_BYTES - exchange->head_len;

		buf_add(&exchange->out, (struct str){ call->body.p,
		                                call->body.len < room ? call->body.len : room });
	}
	http_parser_init(&exchange->parser, HTTP_RESPONSE);
	exchange->parser.data = link;
	link_write(link);
}

bool
link_sent_any(const struct link *link)
{
	return link->exchange->sent > 0 || (link->wire.tls && link->wire.stands);
}

static bool
is_idempotent(struct str method)
{
	static const char *const methods[] = { "GET", "PUT", "DELETE", "HEAD" };

	for (size_t i = 0; i < COUNT(methods); i++)
		if (str_is(method, methods[i]))
			return true;
	return false;
}

bool
link_may_repeat(const struct link *link)
{
	if (link->exchange->answered)
		return false;
	return !link_sent_any(link) || (!link->call->once && is_idempotent(link->call->method));
}

/* ---- the answer: http_parser's callbacks ---- */

static int
stop(struct exchange *exchange, enum net_result result, const char *why)
{
	exchange->result = result;
	exchange->why = why;
	return -1;
}

static int
on_begin(http_parser *parser)
{
	struct link *link = parser->data;

	memset(link->call->header, 0, sizeof(link->call->header));
	link->exchange->name_len = 0;
	link->exchange->in_value = false;
	return 0;
}

/** The header whose value has just ended, if it is one to capture and the first of its name. */
static void
take_header(struct link *link)
{
	struct exchange *exchange = link->exchange;

	if (exchange->in_value && exchange->captured != NULL)
		*exchange->captured =
		        arena_str(link->call->arena, str_trim(buf_str(&exchange->value)));
	exchange->in_value = false;
	exchange->captured = NULL;
}

/** Where the value goes whose name is complete now; NULL: nobody wants it. */
static struct str *
place_of(struct link *link)
{
	const struct net_client *client = link->pool->client;
	struct exchange *exchange = link->exchange;
	struct str name = { exchange->name, exchange->name_len };

	for (size_t i = 0; i < client->header_count; i++)
		if (name.len == client->headers[i].len && str_ieq(name, client->headers[i]))
			return link->call->header[i].p == NULL ? &link->call->header[i] : NULL;
	return NULL;
}

static int
on_name(http_parser *parser, const char *at, size_t n)
{
	struct link *link = parser->data;
	struct exchange *exchange = link->exchange;

	if (memchr(at, ' ', n) != NULL) /* Debian's http_parser is not built strict */
		return stop(exchange, NET_GARBAGE, "a header name has a space");
	if (exchange->head_done) /* trailers are no headers */
		return 0;
	if (exchange->in_value) {
		take_header(link);
		exchange->name_len = 0;
	}
	if (n > sizeof(exchange->name) - exchange->name_len)
		n = sizeof(exchange->name) - exchange->name_len;
	memcpy(exchange->name + exchange->name_len, at, n);
	exchange->name_len += n;
	return 0;
}

static int
on_value(http_parser *parser, const char *at, size_t n)
{
	struct link *link = parser->data;
	struct exchange *exchange = link->exchange;

	if (exchange->head_done)
		return 0;
	if (!exchange->in_value) {
		exchange->in_value = true;
		exchange->value.len = 0;
		exchange->captured = place_of(link);
	}
	if (exchange->captured != NULL)
		buf_add(&exchange->value, (struct str){ at, n });
	return 0;
}

/** RFC 9112 section 6.3: a Content-Length alone does not make a body. */
static bool
may_have_body(const http_parser *parser, struct str method)
{
	return parser->status_code >= 200 && parser->status_code != 204 &&
	       parser->status_code != 304 && !str_is(method, "HEAD");
}

static int
on_head(http_parser *parser)
{
	struct link *link = parser->data;
	struct exchange *exchange = link->exchange;
	struct net_call *call = link->call;
	bool length_known = parser->content_length != UINT64_MAX;

	take_header(link);
	if (parser->status_code == 101)
		return stop(exchange, NET_GARBAGE, "peer changed the protocol (101)");
	exchange->head_done = parser->status_code >= 200;
	if (!may_have_body(parser, call->method))
		return 1; /* for http_parser: whatever the head says, no body follows */
	if (length_known && parser->content_length > call->max_answer)
		return stop(exchange, NET_ANSWER_TOO_LARGE, "announced body is too large");
	if (length_known && !rh_memory_short())
		buf_reserve(&exchange->body, parser->content_length < FIRST_RESERVE_BYTES
		                                     ? (size_t)parser->content_length
		                                     : FIRST_RESERVE_BYTES);
	return 0;
}

/* docs/adr/0021 */
static bool
has_memory(const struct exchange *exchange, size_t len)
{
	return len <= SMALL_BYTES || len < exchange->body.cap || rh_memory_room(LARGEST_USE * len);
}

static int
on_body(http_parser *parser, const char *at, size_t n)
{
	struct link *link = parser->data;
	struct exchange *exchange = link->exchange;

	if (n > link->call->max_answer - exchange->body.len)
		return stop(exchange, NET_ANSWER_TOO_LARGE, "body is too large");
	if (!has_memory(exchange, exchange->body.len + n))
		return stop(exchange, NET_ANSWER_TOO_LARGE, "there is no memory for it now");
	buf_add(&exchange->body, (struct str){ at, n });
	return 0;
}

static int
on_complete(http_parser *parser)
{
	struct link *link = parser->data;
	struct exchange *exchange = link->exchange;

	if (parser->status_code < 200) {
		if (++exchange->interims > INTERIM_MAX)
			return stop(exchange, NET_GARBAGE, "interim answers (1xx) do not end");
		return 0;
	}
	exchange->complete = true;
	exchange->keep = !link->call->last && /* the rest is known here and nowhere else */
	                 http_should_keep_alive(parser);
	http_parser_pause(parser, 1);
	return 0;
}

static const http_parser_settings callbacks = {
	.on_message_begin = on_begin,
	.on_header_field = on_name,
	.on_header_value = on_value,
	.on_headers_complete = on_head,
	.on_body = on_body,
	.on_message_complete = on_complete,
};

/* ---- reading ---- */

/** Why the parser stopped before the end of the answer. */
static void
explain(struct exchange *exchange)
{
	enum http_errno error = HTTP_PARSER_ERRNO(&exchange->parser);

	if (exchange->why != NULL)
		return;
	if (error == HPE_HEADER_OVERFLOW)
		stop(exchange, NET_ANSWER_TOO_LARGE, "head is too large");
	else
		stop(exchange, error == HPE_INVALID_EOF_STATE ? NET_BROKEN : NET_GARBAGE,
		        http_errno_description(error));
}

/** Take what wire_recv() gave, an end of the stream included. False: exchange->result and why tell
 * the failure. */
static bool
feed(struct exchange *exchange, const char *bytes, ssize_t n)
{
	size_t used;

	if (n == WIRE_FAILED || (n == 0 && !exchange->answered)) {
		stop(exchange, NET_BROKEN,
		        exchange->answered ? "connection lost in the answer"
		                           : "connection lost before an answer");
		return false;
	}
	exchange->answered = true;
	if (!exchange->head_done)
		exchange->head_bytes += (size_t)n;
	used = http_parser_execute(&exchange->parser, &callbacks, bytes, (size_t)n);
	if (exchange->complete) {
		if (n == 0 || used < (size_t)n || exchange->sent < exchange->total)
			exchange->keep =
			        false; /* ended, more than an answer, or one to half a request */
		return true;
	}
	if (HTTP_PARSER_ERRNO(&exchange->parser) != HPE_OK)
		explain(exchange);
	else if (n == 0)
		stop(exchange, NET_BROKEN, "answer is cut short");
	else if (!exchange->head_done && exchange->head_bytes > HEAD_MAX_BYTES)
		stop(exchange, NET_ANSWER_TOO_LARGE, "head is too large");
	return exchange->why == NULL;
}

/** Did the read that gave @n bytes of WIRE_RECORD_BYTES take all there was? */
static bool
is_drained(const struct link *link, ssize_t n)
{
	return !link->wire.tls && !link->hangup && n < WIRE_RECORD_BYTES;
}

static void
tell_answer(struct link *link)
{
	struct exchange *exchange = link->exchange;

	link->call->status = (int)exchange->parser.status_code;
	link->call->answer = buf_str(&exchange->body);
	link->done(link, exchange->keep && !link->hangup);
}

/** Nobody waits for an answer: anything but silence ends the connection. */
static void
read_idle(struct link *link)
{
	char byte;

	if (wire_recv(&link->wire, &byte, 1) != WIRE_AGAIN)
		link->done(link, false);
}

void
link_read(struct link *link)
{
	struct exchange *exchange = link->exchange;
	char bytes[WIRE_RECORD_BYTES];
	ssize_t n;

	if (link->call == NULL) {
		read_idle(link);
		return;
	}
	do {
		n = wire_recv(&link->wire, bytes, sizeof(bytes));
		if (n == WIRE_AGAIN)
			break;
		if (exchange->complete) {
			exchange->keep = false; /* more behind the answer, or the end */
			break;
		}
		if (!feed(exchange, bytes, n)) {
			link->failed(link, exchange->result, exchange->why);
			return;
		}
	} while (!(exchange->complete && !exchange->keep) && !is_drained(link, n));
	if (exchange->complete)
		tell_answer(link);
	else if (exchange->send_failed)
		link->failed(link, NET_BROKEN, "connection lost while the request was sent");
}

void
link_ready(struct wire *wire, uint32_t events)
{
	struct link *link = container_of(wire, struct link, wire);
	uint32_t end = EPOLLRDHUP | EPOLLHUP | EPOLLERR;

	if (events & end)
		link->hangup = true;
	/* Not only on EPOLLOUT: TLS may have had to read before it could write on. */
	if (link->call != NULL && link->exchange->sent < link->exchange->total)
		link_write(link);
	if (events & (EPOLLIN | end))
		link_read(link);
}
