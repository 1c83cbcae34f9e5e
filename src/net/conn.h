/* Connections of a server and the requests on them, as far as libmicrohttpd is not needed for it.
 * Private to net. */
#pragma once

#include "chunk.h"
#include "lanes.h"
#include "linger.h"
#include "roamhub/net.h"

struct MHD_Connection;

enum conn_state {
	CONN_IDLE,    /* no request line yet */
	CONN_HEAD,    /* request line seen */
	CONN_BODY,    /* head complete */
	CONN_HANDED,  /* waits for net_answer(), whose owner has the deadline */
	CONN_SENDING, /* answer queued */
	CONN_OPEN,    /* an answer that stays open, stream.c */
	CONN_DYING    /* shut down, the library is about to notice */
};

struct conns { /* of one server */
	struct net_loop *loop;
	const struct net_server_conf *conf;
	struct list list, spare;           /* spare: inbounds for the next requests */
	struct list left;                  /* inbounds without a connection, answered by now */
	struct list chunked;               /* bodies that come in chunks */
	struct list parting;               /* half-closed ones without a complete request */
	size_t count, spare_count, handed; /* handed: to request(), done() not yet called */
	size_t dying;                      /* of count */
	size_t streams;                    /* answers that stay open */
	struct net_timer sweep;
	int64_t sweep_ms;
	int64_t end_ms; /* no deadline is later; 0: none */
	struct lingers *lingers;
	struct buf scratch;
	struct lanes lanes;
	size_t body_bytes; /* held by all requests together */
	unsigned runs;     /* of the daemon that are due */
	uint64_t run;      /* number of the one in hand, or of the last */
	bool stopping;
};

struct conn {
	struct list node;
	struct list parting; /* while it is looked at after each run */
	struct net_watch watch;
	struct conns *conns;
	struct MHD_Connection *mhd;
	int fd;
	enum conn_state state;
	int64_t deadline_ms;    /* 0: none */
	bool used;              /* had a request line */
	bool proven;            /* had a complete request */
	bool half_closed;       /* the peer sends no more */
	unsigned looks;         /* in a row that found nothing to come of it */
	uint64_t taken;         /* bytes that the peer acknowledged, while an answer is sent */
	int64_t taken_since_ms; /* when that was; 0: not looked yet */
	bool linger;            /* refused while the peer may still be sending */
	struct inbound *open;   /* its answer stays open; NULL: none does */
	unsigned slow;          /* so many requests to come are suspended at once, see server.c */
	unsigned slowness;      /* what slow starts at when one more outlives its wait */
	char peer[INET6_ADDRSTRLEN];
	char asker[INET6_ADDRSTRLEN]; /* the same, or whom a trusted proxy spoke for */
};

struct inbound;
struct stream {          /* an answer that stays open */
	struct buf text; /* that the library did not take yet, from sent on */
	size_t sent;
	bool open, ended;
	void (*left)(struct inbound *in); /* its peer did */
};
struct inbound { /* one request, from its request line until it is completed */
	struct net_request request;
	struct list node; /* in the one list of its state: spare, waiting or left */
	struct conns *conns;
	struct conn *conn;             /* NULL: gone before its answer came */
	struct buf target, head, body; /* head: method and headers */
	const char *target_at;         /* where the target stood in the library's buffer */
	struct chunked chunked;
	struct net_answer answer;
	struct stream stream;
	size_t body_most;     /* bytes of it that are taken */
	size_t body_seen;     /* that came */
	int64_t body_ms;      /* when its head was complete */
	size_t dropped;       /* bytes of a body that is refused already */
	enum rh_err drop_err; /* why */
	int64_t handed_ms;
	uint64_t announced;      /* bytes of it, by Content-Length */
	bool no_memory;          /* for it */
	struct lane_place place; /* while it was handed up and is not started, see lanes.h */
	bool chunks_come;        /* it is chunked, as its head says */
	bool in_chunks, begun, held, handed, waiting, suspended, answered;
};

/** Bodies must come, and answers be taken, at this rate at least, after a time of grace. */
enum { CONN_BYTES_A_SECOND = 1000, CONN_GRACE_MS = 10000 };
static inline int64_t
conn_grace_ms(const struct net_server_conf *conf)
{
	return conf->body_grace_ms > 0 ? conf->body_grace_ms : CONN_GRACE_MS;
}

void conns_init(struct conns *conns, struct net_loop *loop, const struct net_server_conf *conf);
void conns_end(struct conns *conns); /* every connection is gone */
/** Close what waits between two requests, and give those without any request a last chance. */
void conns_drain(struct conns *conns);
void conns_hurry(struct conns *conns, int64_t within_ms); /* no deadline is later */

/* room.c */
/** As many as there may be at once, with those that gave way to others and are about to end. */
size_t conns_most(const struct net_server_conf *conf);
/** Is there room for one more, or was it made? */
bool conns_have_room(struct conns *conns);

enum { RUNS_OF_ANSWER = 3 }; /* queue it, send it, be ready for the next request */
/** The daemon has work, which it may be unable to tell: see waits.h. */
void conns_want_runs(struct conns *conns, unsigned runs);

struct conn *conn_new(
        struct conns *conns, struct MHD_Connection *mhd, int fd, const struct sockaddr *peer);
void conn_free(struct conn *conn);
void conn_enter(struct conn *conn, enum conn_state state, int64_t within_ms); /* 0: no deadline */
/** Before every run: look ahead at what comes in chunks. */
void conns_look_ahead(struct conns *conns);
void conn_until(struct conn *conn, int64_t at_ms); /* in the same state */
void conn_kill(struct conn *conn);                 /* shut down, the library will notice */
/** Between two requests. */
void conn_rest(struct conn *conn, int64_t within_ms);
/** Close those whose peer sends no more and has no complete request here. After every run. */
void conns_part(struct conns *conns);
/** Write a refusal past the library, see conn.c. */
void conn_refuse_raw(struct conn *conn, enum rh_err err, const char *why);

struct inbound *inbound_get(struct conn *conn);
/** Method and headers of the request: a copy of its own, for the library frees what it received
 * with the connection, while an answer may still be waited for. */
void inbound_keep_head(
        struct inbound *in, struct str method, const struct str header[NET_REQUEST_HEADERS]);
void inbound_chunks(struct inbound *in, const char *head_end); /* its body comes in chunks */
void inbound_put(struct inbound *in);
void inbound_finish(struct inbound *in); /* one that was handed up and answered */
void conns_finish_left(struct conns *conns);
