/* The client's seven files, each knowing those before it alone: bundle.c holds the certificates to
 * believe, connect.c makes connections (door, wire), request.c builds the head of a request,
 * client.c speaks HTTP/1.1 on a connection (exchange), ended.c tells calls that they are over
 * (job), pool.c decides which call gets which connection (pool, link), call.c starts and cancels
 * calls. */
#pragma once

#include <sys/types.h>

#include "roamhub/net.h"

/* ---- bundle.c ---- */

struct bundle { /* zeroed: the system's alone */
	int fd;
	uint64_t hash;
	char path[32]; /* for libcurl, empty when zeroed */
};
/** The certificates of the files @system (may be NULL or missing) and @path; @path NULL: zeroed
 * again. */
MUST_CHECK enum rh_err bundle_load(
        struct bundle *bundle, const char *system, const char *path, struct fault *fault);
void bundle_close(struct bundle *bundle);

/* ---- connect.c ---- */

enum { WIRE_AGAIN = -1, WIRE_FAILED = -2, WIRE_RECORD_BYTES = 16384 };

struct door;  /* libcurl on the loop */
struct wire { /* one connection; embedded and zeroed, its owner fills opened and ready */
	struct door *door;
	const char *origin;     /* its owner's */
	void *easy, *share;     /* libcurl's handles */
	struct net_watch watch; /* the descriptor is libcurl's too: never closed here */
	bool tls, stands;
	bool passed;       /* the gate let an address pass */
	bool crowded;      /* there was no descriptor for it */
	char refused[160]; /* what it said of the last one that it did not */
	char error[256];   /* libcurl's own words */
	/** The connection stands (NET_DONE) or cannot be had: NET_NO_CONNECTION, NET_FORBIDDEN or
	 * NET_NO_ROOM. */
	void (*opened)(struct wire *wire, enum net_result result, const char *why);
	void (*ready)(struct wire *wire, uint32_t events); /* edge-triggered */
};

struct door *door_new(
        struct net_loop *loop, const struct net_client_conf *conf, struct fault *fault);
MUST_CHECK enum rh_err door_configure(
        struct door *door, const struct net_client_conf *conf, struct fault *fault);
void door_free(struct door *door); /* every wire must be closed */

/** False when libcurl takes no more. @origin stays the caller's until wire_close(). opened() is
 * never called from inside. */
bool wire_open(struct wire *wire, struct door *door, const char *origin, bool tls);
void wire_close(struct wire *wire);
/** Bytes taken from @first and then from @second, WIRE_AGAIN or WIRE_FAILED. After WIRE_AGAIN the
 * same bytes at the same place must come again: TLS has them half encrypted. */
ssize_t wire_send(struct wire *wire, struct str first, struct str second);
/** Bytes, 0 at the end of the stream, WIRE_AGAIN or WIRE_FAILED. */
ssize_t wire_recv(struct wire *wire, char *bytes, size_t size);

/* ---- request.c ---- */

/** Why @call cannot be put into a request, or NULL. */
const char *request_fault(const struct net_call *call);
/** The value of Host for the origin of @url. */
struct str request_host(const struct net_url *url, struct arena *arena);
/** Request line, Host, the caller's headers and Content-Length, added to @out. */
void request_head(struct buf *out, const struct net_call *call, struct str host);

/* ---- client.c ---- */

struct exchange; /* one request and its answer */
struct pool;
struct link { /* its owner fills done and failed */
	struct wire wire;
	struct list node; /* among its pool's idle ones */
	struct pool *pool;
	struct net_call *call; /* NULL while idle */
	struct exchange *exchange;
	struct net_timer timer;
	int64_t idle_until_ms;
	size_t served; /* answers received on it */
	bool hangup;   /* the peer will send no more; the edge that said so does not come again */
	/* What becomes of a connection: both may free @link and call the call's done(). */
	void (*done)(struct link *link, bool keep);
	void (*failed)(struct link *link, enum net_result result, const char *why);
};

struct exchange *exchange_new(void);
void exchange_free(struct exchange *exchange);
void link_begin(struct link *link); /* writes link->call's request; ends nothing from inside */
void link_ready(struct wire *wire, uint32_t events);
void link_read(struct link *link); /* looks for an answer without having been told of one */
/** No byte of an answer came and the method says that twice is as good as once, or no byte of the
 * request was taken. */
bool link_may_repeat(const struct link *link);
bool link_sent_any(const struct link *link);

/* ---- ended.c ---- */

struct net_client {
	struct net_loop *loop;
	struct net_client_conf conf;
	struct str headers[NET_ANSWER_HEADERS]; /* conf.headers, measured */
	size_t header_count;
	struct door *door;
	struct table *pools; /* by origin */
	struct pool *last;   /* that was asked for; NULL: it is gone */
	size_t calls;
	struct list jobs;  /* of all calls */
	struct list ended; /* calls whose done() is due */
	struct net_timer ended_timer;
	bool ending;
};

struct job { /* the client's own part of a call */
	struct list node;
	struct net_call *call;
	struct net_client *client;
	struct pool *pool; /* NULL: none was found */
	struct link *link; /* NULL: waiting or ended */
	struct net_timer deadline;
	bool ended;              /* among client->ended */
	bool repeated, sent_any; /* on a connection before this one */
};

struct job *job_of(const struct net_call *call);
void call_set_result(struct net_call *call, enum net_result result, const char *why);
/** The result is set: done() is called. @call and its arena may be gone when this returns. */
void call_finish(struct net_call *call);
/** Set the result and call done() on a later turn. */
void call_finish_later(struct net_call *call, enum net_result result, const char *why);
void calls_finish_ended(struct net_timer *timer); /* fires client->ended_timer */

/* ---- pool.c ---- */

struct pool { /* of one origin */
	struct net_client *client;
	struct arena *arena; /* of the origin and its parts */
	struct str origin, host;
	bool tls;
	struct list idle;    /* links, the last used first */
	struct list waiting; /* calls, the first come first */
	struct list line;    /* of those who ask for room (net_room), the first come first */
	size_t link_count, idle_count, waiting_count, line_count;
	struct net_timer line_timer; /* there is room for the line */
	bool moving;                 /* the line is being told: the pool stays */
};

struct pool *pool_get(struct net_client *client, struct str origin); /* NULL: not an origin */
/** Give @call a connection, or a place in the line, or its end on a later turn. */
void pool_place(struct pool *pool, struct net_call *call);
/** Take @call from where it is, with the connection that works for it. */
void pool_detach(struct net_call *call);
void pool_close_idle(struct pool *pool);
