/* The body of a request while it comes in: how much of it may be held, alone and together with all
 * others of the server, and how fast it must come.
 *
 * A body has http.body_timeout as a whole, and beyond its first seconds it must come at a least
 * rate, so that few bytes do not hold a place for as long as many. */
#include "body.h"

enum {
	FIRST_BYTES = 64 * 1024, /* taken on the word of Content-Length */
	SMALL_BYTES = 32 * 1024, /* taken even when memory is short */
	MOST_BODIES = 128,       /* of the largest size, held at once */
	LEAST_OF_ALL = 64 << 20, /* that may be held however small the largest size is */
	LARGEST_FLIGHT = 16,     /* times its body: what a message may take while it is worked on */
};

static void
set_deadline(struct inbound *in)
{
	const struct net_server_conf *conf = in->conns->conf;
	int64_t ms = conn_grace_ms(conf) + (int64_t)in->body_seen * 1000 / CONN_BYTES_A_SECOND;

	if (in->conn->state == CONN_BODY)
		conn_until(in->conn, in->body_ms + (ms < conf->body_ms ? ms : conf->body_ms));
}

void
body_begin(struct inbound *in, uint64_t announced)
{
	const struct net_server_conf *conf = in->conns->conf;

	if (in->request.turned_away == RH_OK && announced > 0 && !rh_memory_short())
		buf_reserve(&in->body, announced < FIRST_BYTES ? announced : FIRST_BYTES);
	conn_enter(in->conn, CONN_BODY, conf->body_ms);
	in->body_ms = net_loop_now(in->conns->loop);
	set_deadline(in);
}

static size_t
most_of_all(const struct net_server_conf *conf)
{
	size_t most = conf->max_body * MOST_BODIES;

	if (conf->max_bodies > 0)
		return conf->max_bodies;
	return most > LEAST_OF_ALL ? most : LEAST_OF_ALL;
}

void
body_drop(struct inbound *in, enum rh_err err, size_t len)
{
	if (in->dropped == 0)
		in->drop_err = err;
	in->dropped += len;
	body_end(in);
}

/* What is refused here is refused before anything was begun (docs/adr/0021). A small body comes in
 * even when memory is short, so that the hub stays alive for who does not need much of it. */
static bool
has_memory(const struct inbound *in, size_t more)
{
	size_t len = in->body.len + more;

	return len <= SMALL_BYTES || len < in->body.cap || rh_memory_room(LARGEST_FLIGHT * len);
}

void
body_add(struct inbound *in, struct str data)
{
	struct conns *conns = in->conns;

	in->body_seen += data.len;
	set_deadline(in);
	if (in->request.turned_away != RH_OK)
		return;
	if (in->dropped > 0 || data.len > in->body_most - in->body.len) {
		body_drop(in, RH_TOO_LARGE, data.len);
	} else if (conns->body_bytes + data.len > most_of_all(conns->conf)) {
		body_drop(in, RH_BUSY, data.len);
	} else if (!has_memory(in, data.len)) {
		in->no_memory = true;
		body_drop(in, RH_BUSY, data.len);
	} else {
		buf_add(&in->body, data);
		conns->body_bytes += data.len;
	}
}

const char *
body_why(const struct inbound *in)
{
	if (in->drop_err == RH_BAD_HTTP)
		return "chunked body is malformed";
	if (in->no_memory)
		return "there is no memory for a body of this size now";
	return in->drop_err == RH_TOO_LARGE ? "body is too large"
	                                    : "too many bodies are held at once";
}

bool
body_goes_on(struct inbound *in)
{
	const struct net_server_conf *conf = in->conns->conf;

	if (in->dropped == 0)
		return true;
	if (conf->tls_cert != NULL)
		return in->dropped <= in->body_most;
	conn_refuse_raw(in->conn, in->drop_err, body_why(in));
	in->conn->linger = true;
	return false;
}

void
body_end(struct inbound *in)
{
	in->conns->body_bytes -= in->body.len;
	buf_free(&in->body);
}
