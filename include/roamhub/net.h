/* net: one epoll loop a thread, an HTTP server on it and a pooled HTTP client. Knows bytes and
 * addresses, no OCPI.
 *
 * Everything here belongs to the thread that runs the loop, except net_loop_stop(). Callbacks run
 * on that thread, never from inside the call that started the work. */
#pragma once

#include <netinet/in.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "base.h"

/* ---- loop (loop.c), timers (timer.c) ---- */

struct net_loop;
struct net_loop *net_loop_new(void);
void net_loop_free(struct net_loop *loop);
void net_loop_run(struct net_loop *loop);  /* until net_loop_stop() */
void net_loop_stop(struct net_loop *loop); /* any thread; the turn in hand is finished */
/** One turn: wait at most @wait_ms (-1: until something happens), then everything that is due. */
void net_loop_turn(struct net_loop *loop, int wait_ms);
int64_t net_loop_now(const struct net_loop *loop); /* monotonic ms, read once a turn */
struct mailbox *net_loop_mailbox(
        struct net_loop *loop); /* delivered by the loop; post from any thread */
/** The turn in hand. The loop's thread. */
uint64_t net_loop_turn_number(const struct net_loop *loop);
/** Turns finished, for snapshot reclaim: UINT64_MAX while the loop sleeps in epoll. Any thread. */
uint64_t net_loop_turns(const struct net_loop *loop);

struct net_watch {
	int fd;
	void (*ready)(struct net_watch *watch, uint32_t events); /* EPOLLIN ... */
	bool patient; /* its events wait for those of others, and are some in a turn */

	uint32_t held; /* private from here: events that wait */
	struct list node;
};
void net_watch_add(struct net_loop *loop, struct net_watch *watch,
        uint32_t events); /* EPOLLET if you say so */
void net_watch_change(struct net_loop *loop, struct net_watch *watch, uint32_t events);
/** After this the watch gets no event any more, not even one of the batch in hand. */
void net_watch_remove(struct net_loop *loop, struct net_watch *watch);

struct net_timer { /* embedded; zeroed is stopped */
	int64_t at_ms;
	size_t slot; /* 0: not running */
	void (*fire)(struct net_timer *timer);
};
void net_timer_set(
        struct net_loop *loop, struct net_timer *timer, int64_t at_ms); /* moves a running one */
void net_timer_stop(struct net_loop *loop, struct net_timer *timer);

/** Work at fixed places of every turn: events -> mailbox -> timers -> NET_SERVE -> NET_SEND. A hook
 * returns true when it did something, then the phases run again before the loop sleeps. wait_ms
 * (may be NULL): how long it may sleep. */
enum net_phase { NET_SERVE, NET_SEND };
struct net_hook {
	struct list node;
	bool (*run)(struct net_hook *hook);
	int64_t (*wait_ms)(struct net_hook *hook); /* -1: as long as it likes */
};
void net_hook_add(struct net_loop *loop, enum net_phase phase, struct net_hook *hook);
void net_hook_remove(struct net_hook *hook);

/* ---- server (server.c, the door to libmicrohttpd; listener.c; guard.c) ---- */

enum { NET_REQUEST_HEADERS = 16, NET_ANSWER_HEADERS = 16 };

struct net_header {
	struct str name, value;
};
struct net_request { /* lives until done() */
	struct str method;
	struct str target; /* raw, as it stood in the request line: path and query, not decoded */
	struct str header[NET_REQUEST_HEADERS]; /* by index into conf.headers; p NULL: not sent */
	struct str body;
	enum rh_err turned_away;     /* what admit() said: refuse it so, whatever is known by now */
	bool undecided;              /* admit() said so: net_admit() is due, in a later turn */
	int64_t began_us;            /* monotonic: when the head was complete */
	char peer[INET6_ADDRSTRLEN]; /* who asks, behind proxies that are trusted */
	void *user;                  /* yours */
	uint64_t mark;               /* yours, 0 at first */
};
struct net_answer {
	int status;
	const struct net_header *headers; /* Content-Length, Connection and Date are the server's */
	size_t header_count;
	struct str body;
};
struct net_refusal { /* of the server itself */
	enum rh_err err;
	const char *why, *peer;
	struct str method, target; /* absent: not known */
};
struct net_server_conf {
	int listen_fd;                  /* the server's: closed with it */
	const char *tls_cert, *tls_key; /* PEM text, NULL: plain HTTP */
	size_t max_body, max_connections;
	/* Above max_connections the oldest that has sent no complete request gives way to a
	 * newcomer, else the oldest that waits for its next one; false: newcomers are refused. */
	bool make_room;
	size_t max_streams; /* beside max_connections: answers that stay open */
	size_t spare;       /* descriptors of the process that are left to others */
	int64_t head_ms, body_ms,
	        idle_ms;       /* head complete within; body complete within; keep-alive idle */
	size_t max_bodies;     /* bytes of all bodies held at once; 0: 128 of the largest, at least
	                          64 MB */
	int64_t body_grace_ms; /* after which a body must come, and an answer be taken, at 1 kB a
	                          second; 0: 10 s */
	const char *const *headers; /* names to capture, any case, NULL-terminated, at most
	                               NET_REQUEST_HEADERS */
	/** May this request, of which a body is to come, send it? NULL: everybody may. Not RH_OK:
	 * request() gets it without its body, and answers before it returns. Who makes it undecided
	 * says it later: until then nothing of the body is read. */
	enum rh_err (*admit)(void *ctx, struct net_request *request);
	/** Bytes of body that this request may send, of which some are to come. NULL: max_body. */
	size_t (*most_body)(void *ctx, const struct net_request *request);
	/** Who sent it, for requests are taken from all senders in turn. 0: a stranger. NULL: all
	 * are one. Asked when more comes at once than is taken in one turn. */
	uint64_t (*sender)(void *ctx, struct net_request *request);
	/** A complete request. Answer now or later with net_answer(), exactly once. */
	void (*request)(void *ctx, struct net_request *request);
	/** The answer was sent or the peer is gone: release what is yours. Once for each request().
	 */
	void (*done)(void *ctx, struct net_request *request);
	/** Body of an answer that the server gives by itself (malformed head, 408, 413, 414, 431);
	 * writes at most @size bytes into @out and returns the length. Content-Type is
	 * application/json. */
	size_t (*refuse)(void *ctx, const struct net_refusal *refusal, char *out, size_t size);
	/* Reverse proxies that are believed what they say of who asks, in X-Forwarded-For, or in
	 * Forwarded (RFC 7239); NULL: nobody is. Stays the caller's. */
	const struct net_ranges *trusted;
	bool forwarded_7239;
	void *ctx;
};
struct net_server;
/** NULL with @fault when libmicrohttpd refuses (bad certificate, no memory). */
struct net_server *net_server_new(
        struct net_loop *loop, const struct net_server_conf *conf, struct fault *fault);
/** Of a request that admit() left undecided: what it would have said. The request may end in this
 * call. */
void net_admit(struct net_request *request, enum rh_err err);
/** @answer's memory must stay until done(). */
void net_answer(struct net_request *request, const struct net_answer *answer);
/** The same for an answer that stays open: @answer's body is its beginning, more follows by
 * net_stream_add(), until net_stream_end() or until done() says that the peer is gone or reads too
 * slowly. False: there are max_streams of them already, so answer something else. (stream.c) */
MUST_CHECK bool net_stream(struct net_request *request, const struct net_answer *answer);
void net_stream_add(struct net_request *request, struct str text); /* copied */
void net_stream_end(struct net_request *request);
/** Closes the listener; keep-alives end with their answer. Nothing is read or sent longer than
 * @within_ms from now; 0: as long as at other times. May be said again, with another bound. */
void net_server_stop_accepting(struct net_server *server, int64_t within_ms);
size_t net_server_connections(const struct net_server *server);
size_t net_server_requests(
        const struct net_server *server); /* handed to request(), done() not yet called */
/** Every request must be answered before. */
void net_server_free(struct net_server *server);

/** Listening socket on "ADDRESS:PORT" (port 0: any free one) that others may join with @join.
 * @join false: fails when somebody listens there already; true: one more socket for the same port
 * (SO_REUSEPORT).
 * @bound (room for 64) gets the address in fact bound, as ADDRESS:PORT. Returns the descriptor or
 * -1 with @fault. */
int net_listen(const char *address, bool join, char bound[64], struct fault *fault);
/** The first half of it: the address is taken, and who connects is refused. */
int net_bind(const char *address, bool join, char bound[64], struct fault *fault);
MUST_CHECK enum rh_err net_listen_on(int fd, struct fault *fault); /* the second half */

/** Is @fd bound to @address? @bound gets what it is bound to. */
bool net_listener_is(int fd, const char *address, char bound[64]);

/* inherited.c */
enum { NET_INHERITED_MOST = 64 };
struct net_inherited {
	int fds[NET_INHERITED_MOST];
	size_t count;
};
/** The listening sockets that were handed over to this process (LISTEN_FDS); RH_SYSTEM: one is
 * none. */
MUST_CHECK enum rh_err net_inherit(struct net_inherited *inherited, struct fault *fault);

/* ---- URLs (url.c: the parser of libcurl, so that what is checked is what is connected to) ---- */

struct net_url {
	bool tls;
	uint16_t port;
	struct str host;   /* lower case, IPv6 without brackets */
	struct str origin; /* "https://host:port", key of the connection pool */
	struct str target; /* "/path?query", never empty */
};
/** @text must be absolute http or https, without user info, fragment dropped; memory from @arena.
 */
MUST_CHECK enum rh_err net_url_parse(
        struct str text, struct arena *arena, struct net_url *url, struct fault *fault);
/** RFC 3986 section 5: @reference (relative or absolute) against @base, as text from @arena. */
MUST_CHECK enum rh_err net_url_resolve(struct str base, struct str reference, struct arena *arena,
        struct str *url, struct fault *fault);

/* ---- networks (ranges.c) ---- */

struct net_ranges; /* immutable once made */
/** @list: CIDRs with commas between them, may be NULL; NULL with @fault, of @key, when one is none.
 */
struct net_ranges *net_ranges_new(const char *list, const char *key, struct fault *fault);
void net_ranges_free(struct net_ranges *ranges); /* NULL is fine */

/* ---- egress: which addresses may be called (egress.c) ---- */

struct net_egress; /* immutable once made */
/** @allow: comma separated CIDR list, may be NULL; @allow_private lets everything pass but
 * unspecified and multicast. */
struct net_egress *net_egress_new(bool allow_private, const char *allow, struct fault *fault);
void net_egress_free(struct net_egress *egress);
/** May this address be called? False with the reason ("loopback", "private", "metadata"...) in
 * *@why. */
bool net_egress_check(
        const struct net_egress *egress, const struct sockaddr *address, const char **why);
/** What the operator may do about a refusal for that reason, to stand behind it; "" is nothing. */
const char *net_egress_cure(const char *why);

/* ---- exemptions: origins of this machine that may be called all the same (exempt.c) ---- */

enum { NET_EXEMPT_MOST = 64 };
struct net_exempt { /* embedded, zeroed. One thread writes, all may read */
	struct net_exempt_slot {
		_Atomic uint16_t port; /* of http://127.0.0.1; 0: the slot is free */
		_Atomic int64_t platform;
	} slot[NET_EXEMPT_MOST];
};
/** False: all slots are taken. @platform: whose origin it is, above 0. */
bool net_exempt_add(struct net_exempt *exempt, uint16_t port, int64_t platform);
void net_exempt_remove(struct net_exempt *exempt, uint16_t port);
/** Whose origin that is; 0: it is none of these. */
int64_t net_exempt_platform(const struct net_exempt *exempt, struct str origin);
/** May @address be called for @origin because of it? */
bool net_exempt_allows(
        const struct net_exempt *exempt, struct str origin, const struct sockaddr *address);

/* ---- client (client.c: pool and HTTP/1.1 framing, connect.c: the door to libcurl) ---- */

enum net_result {
	NET_DONE,          /* a complete answer */
	NET_NO_CONNECTION, /* name, TCP or TLS failed: nothing was sent */
	NET_FORBIDDEN,     /* the egress gate refused every address: nothing was sent */
	NET_NO_ROOM,       /* too many calls wait for this origin, or no descriptor is left for it:
	                      nothing was sent */
	NET_LATE,          /* the deadline passed */
	NET_BROKEN,        /* dropped, or half an answer */
	NET_GARBAGE,       /* what came is no HTTP answer, a 1xx that never ends, 101 */
	NET_ANSWER_TOO_LARGE,
	NET_CANCELLED
};
struct net_call { /* embedded in its owner; zero it, fill the first part, start it */
	struct str method, origin, target;
	const struct net_header *headers; /* without Host and Content-Length */
	size_t header_count;
	struct str lines;    /* of net_header_lines(), before headers; p NULL: none */
	struct str body;     /* p NULL: none */
	int64_t deadline_ms; /* monotonic, for everything: connect, send, answer */
	size_t max_answer;   /* bytes of body */
	bool once;           /* not repeated unless provably unsent, whatever the method */
	bool last;           /* its connection is closed after the answer, and the peer told so */
	bool patient;        /* nobody waits for its answer: it is read behind those of others */
	struct arena *arena; /* for the answer and this call's own memory; one thread, must outlive
	                        done() */
	void (*done)(struct net_call *call); /* once; never from inside net_call_start() */

	enum net_result result;
	int status;
	struct str header[NET_ANSWER_HEADERS]; /* by index into conf.headers */
	struct str answer;
	char why[192];                      /* for people: what failed */
	bool connected_anew;                /* a connection was made for it */
	int64_t start_us, sent_us, done_us; /* monotonic; sent_us: the request was written */

	struct list node; /* private from here */
	void *priv;
};
struct net_client_conf {
	int64_t connect_ms;
	const struct net_egress *egress;    /* must outlive the client or the next configure */
	const struct net_exempt *exempt;    /* what egress must let pass, or NULL; outlives it */
	const char *ca_file;                /* CA bundle beside the system's, or NULL */
	const char *const *headers;         /* answer headers to capture, NULL-terminated */
	size_t max_per_origin, max_waiting; /* connections and waiting calls for one origin */
	size_t spare;    /* descriptors of the process that are left to others: then NET_NO_ROOM */
	int64_t idle_ms; /* an idle connection is closed after */
};
struct net_client;
struct net_client *net_client_new(
        struct net_loop *loop, const struct net_client_conf *conf, struct fault *fault);
void net_client_configure(
        struct net_client *client, const struct net_client_conf *conf); /* for new connections */
void net_client_free(struct net_client *client); /* every call must be done */
void net_call_start(struct net_client *client, struct net_call *call);
/** Headers that are the same in many calls, made once: added to @out as a net_call takes them.
 * False when one is unfit for a request; nothing is added then. (request.c) */
MUST_CHECK bool net_header_lines(
        struct buf *out, const struct net_header *headers, size_t header_count);
/** done() comes with NET_CANCELLED, on a later turn. */
void net_call_cancel(struct net_client *client, struct net_call *call);
/** What is in the air, and all that is started from now on, ends with NET_CANCELLED on a later
 * turn.
 */
void net_client_end(struct net_client *client);
size_t net_client_calls(const struct net_client *client); /* in the air */

/* Room (pool.c). Who has more to send than an origin takes asks before it starts a call, so that
 * NET_NO_ROOM is left to those who cannot wait. */

/** How many more calls to @origin would start or wait if they were started now, instead of ending
 * with NET_NO_ROOM. */
size_t net_client_room(struct net_client *client, struct str origin);
struct net_room { /* a place in line, embedded in its owner: zero it and fill came */
	/** There is room, once for each place taken: start one call or more, or take a place again
	 * behind the others. Whatever room it leaves is the next one's. Never from inside another
	 * function of the client. */
	void (*came)(struct net_room *room);

	struct list node; /* private from here */
	void *pool;       /* NULL: not in line */
};
/** Take the last place in line for room at @origin; a place that was taken already is kept. False
 * when there is room and nobody in line before it: start the call, nothing will come. There are as
 * many places as there are owners, and before the client is freed all must be left. */
MUST_CHECK bool net_room_wait(struct net_client *client, struct str origin, struct net_room *room);
void net_room_leave(struct net_room *room); /* harmless when it is not in line */
