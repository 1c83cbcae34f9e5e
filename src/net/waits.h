/* Requests that wait for their answer without being suspended. Private to net.
 *
 * A connection without an answer stays in libmicrohttpd's list of ready ones, and the handler is
 * called again by every run of the daemon. To suspend and resume it costs two epoll_ctl and an
 * empty recv, more than all else that the library does for a request. But every run visits all who
 * wait, and as long as anybody does, the library's timeout is 0 and no longer tells whether there
 * is work, so that the runs that are due are counted (conns_want_runs). Hence few wait, and not for
 * long; the rest is suspended until net_answer(). A connection whose wait was in vain is suspended
 * at once for its next requests, for more of them each time. */
#pragma once

#include "conn.h"

struct waits {
	const struct net_loop *loop;
	struct list list; /* inbounds, the longest first */
	size_t count;
};

void waits_init(struct waits *waits, const struct net_loop *loop);
int64_t waits_ms(const struct waits *waits); /* until the first one waited long; -1: nobody waits */
/** False: @in does not wait but is to be suspended. */
bool wait_begin(struct waits *waits, struct inbound *in);
void wait_end(struct waits *waits, struct inbound *in); /* harmless when it does not wait */
/** Did it wait for long enough? Then it does no longer. */
bool wait_was_in_vain(struct waits *waits, struct inbound *in);
