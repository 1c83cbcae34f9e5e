/* desk: a listener of the operator's side: that of the admin API, and that of the portal. What is
 * asked at one is an inquiry. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct admin;
struct fault;
struct inquiry;
struct net_request;
struct net_server;
struct session;
struct sessions;
struct verb;

enum { DESK_STATUSES = 16 };
extern const int desk_statuses[DESK_STATUSES]; /* HTTP; 0: any other */

struct desk { /* fill the first part, then desk_open() */
	struct admin *admin;
	const char *name;         /* for the log */
	const char *cookie;       /* by which a browser is known again; no other desk's */
	bool secure;              /* browsers reach it by https alone */
	bool for_guests;          /* partners with a link: it is the portal */
	const struct verb *verbs; /* ends with a row without a method */
	const char *nothing;      /* what is said of a path that is none of theirs */
	/** False: it is refused, and that was said. */
	bool (*let_in)(struct inquiry *inquiry);
	/** Is that which @session stands for still good? */
	bool (*holds)(const struct admin *admin, const struct session *session);
	/** Of a guest, where other processes may have changed what holds: looks at that, and @then
	 * comes, or it is refused. */
	void (*look)(struct inquiry *inquiry, void (*then)(struct inquiry *inquiry));
	/** NULL: max_body; @ctx is the desk. */
	size_t (*most_body)(void *ctx, const struct net_request *request);
	size_t max_body, max_connections, max_streams, spare; /* as net_server_conf has them */

	uint64_t requests, refused;
	uint64_t answers[DESK_STATUSES]; /* by desk_statuses; the last of all others */
	uint64_t came_in, turned_away;   /* of those who wanted to be let in */
	struct net_server *server;       /* NULL: not open */
	struct sessions *sessions;
};
/** @listen_fd is the desk's, also when it does not open. */
bool desk_open(struct desk *desk, int listen_fd, struct fault *fault);
void desk_count(struct desk *desk, int http); /* one answer */
size_t desk_requests(const struct desk *desk);
void desk_stop_accepting(struct desk *desk);
void desk_close(struct desk *desk); /* when all is answered */
