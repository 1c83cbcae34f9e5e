/* Taking connections from a listener.
 *
 * When descriptors run out the listener is left alone for a moment: it stays readable and would
 * keep the loop from sleeping, and nobody tells when there are descriptors again. libmicrohttpd
 * waits for the end of one of its own connections instead, which may be hours away while others
 * gave theirs back, so it does not accept by itself.
 *
 * The last descriptors may be left to others. That shows when a connection was accepted: it is
 * reset, and those behind it wait in the backlog until there are enough. */
#include "accept.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
	ACCEPTS = 64, /* of one turn, then others are served */
	LAST_ACCEPTS = 4096,
	PAUSE_MS = 100
};

static void
starve(struct acceptor *acceptor, int error)
{
	if (!acceptor->starved)
		LOG(LOG_WARNING, "accept-paused", KV("why", strerror(error)));
	acceptor->starved = true;
	net_watch_change(acceptor->loop, &acceptor->watch, 0);
	net_timer_set(acceptor->loop, &acceptor->pause, net_loop_now(acceptor->loop) + PAUSE_MS);
}

static void
leave_spare(struct acceptor *acceptor, int fd)
{
	struct linger reset = { .l_onoff = 1 };

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(fd);
	starve(acceptor, EMFILE);
}

/* Errors of a single connection say nothing about the next one. */
static bool
is_over(int error)
{
	return error == EAGAIN || error == EMFILE || error == ENFILE || error == ENOBUFS ||
	       error == ENOMEM || error == EBADF || error == EINVAL;
}

static void
accept_some(struct acceptor *acceptor, int most)
{
	struct sockaddr_storage peer;

	for (int i = 0; i < most; i++) {
		socklen_t len = sizeof(peer);
		int fd = accept4(acceptor->watch.fd, (struct sockaddr *)&peer, &len,
		        SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0 && spare_has(&acceptor->spare, fd, net_loop_now(acceptor->loop))) {
			leave_spare(acceptor, fd);
			return;
		}
		if (fd >= 0) {
			acceptor->starved = false;
			acceptor->take(acceptor->ctx, fd, (struct sockaddr *)&peer, len);
		} else if (is_over(errno)) {
			if (errno != EAGAIN)
				starve(acceptor, errno);
			return;
		}
	}
}

static void
listener_ready(struct net_watch *watch, uint32_t events)
{
	(void)events;
	accept_some(container_of(watch, struct acceptor, watch), ACCEPTS);
}

static void
pause_is_over(struct net_timer *timer)
{
	struct acceptor *acceptor = container_of(timer, struct acceptor, pause);
	int64_t now_ms = net_loop_now(acceptor->loop);

	if (acceptor->spare.count > 0 &&
	        spare_is_next(&acceptor->spare, acceptor->watch.fd, now_ms))
		net_timer_set(acceptor->loop, timer, now_ms + PAUSE_MS);
	else
		net_watch_change(acceptor->loop, &acceptor->watch, EPOLLIN);
}

void
acceptor_start(struct acceptor *acceptor, int listen_fd)
{
	acceptor->watch = (struct net_watch){ listen_fd, listener_ready };
	acceptor->pause.fire = pause_is_over;
	net_watch_add(acceptor->loop, &acceptor->watch, EPOLLIN);
}

void
acceptor_finish(struct acceptor *acceptor)
{
	accept_some(acceptor, LAST_ACCEPTS);
	acceptor_close(acceptor);
}

void
acceptor_close(struct acceptor *acceptor)
{
	if (acceptor->watch.ready == NULL)
		return;
	net_timer_stop(acceptor->loop, &acceptor->pause);
	net_watch_remove(acceptor->loop, &acceptor->watch);
	close(acceptor->watch.fd);
	acceptor->watch.ready = NULL;
}
