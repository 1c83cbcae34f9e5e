/* Taking connections from a listener. Private to net. */
#pragma once

#include "spare.h"

struct acceptor { /* embedded; zero it, fill loop, take, ctx and spare.count */
	struct net_loop *loop;
	/** A connection, non-blocking, @fd is now yours. */
	void (*take)(void *ctx, int fd, const struct sockaddr *peer, socklen_t len);
	void *ctx;
	struct spare spare; /* it takes none of these */

	struct net_watch watch; /* private from here */
	struct net_timer pause;
	bool starved;
};

void acceptor_start(struct acceptor *acceptor, int listen_fd); /* which it closes in the end */
/** What the kernel has accepted for us is ours to serve: the listener is emptied before it goes. */
void acceptor_finish(struct acceptor *acceptor);
void acceptor_close(struct acceptor *acceptor); /* at once; harmless when it is closed */
