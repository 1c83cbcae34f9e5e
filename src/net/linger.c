/* Closing a connection after a refusal without losing the answer.
 *
 * A socket that is closed while the peer still sends answers with a reset, and a reset throws away
 * what the peer has not read yet: the very answer that says why. So a second descriptor keeps the
 * connection, the first one's close sends FIN only, and what arrives is read and dropped until the
 * peer has closed too, some seconds have passed or enough is enough. */
#include "linger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { MOST = 256, LINGER_MS = 5000, LINGER_BYTES = 4 << 20 };

struct lingers {
	struct net_loop *loop;
	struct list list;
	size_t count;
};

struct lingering {
	struct list node;
	struct net_watch watch;
	struct net_timer timer;
	struct lingers *owner;
	size_t bytes;
};

static void
linger_end(struct lingering *linger)
{
	net_watch_remove(linger->owner->loop, &linger->watch);
	net_timer_stop(linger->owner->loop, &linger->timer);
	close(linger->watch.fd);
	list_remove(&linger->node);
	linger->owner->count--;
	free(linger);
}

static void
linger_late(struct net_timer *timer)
{
	linger_end(container_of(timer, struct lingering, timer));
}

static void
linger_ready(struct net_watch *watch, uint32_t events)
{
	struct lingering *linger = container_of(watch, struct lingering, watch);
	char dropped[16384];
	ssize_t got = recv(watch->fd, dropped, sizeof(dropped), MSG_DONTWAIT);

	(void)events;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got > 0)
		linger->bytes += (size_t)got;
	if (got <= 0 || linger->bytes > LINGER_BYTES)
		linger_end(linger);
}

void
linger_on(struct lingers *lingers, int fd)
{
	struct lingering *linger;
	int own = lingers->count < MOST ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1;

	if (own < 0)
		return;
	linger = rh_alloc(sizeof(*linger));
	linger->owner = lingers;
	linger->watch = (struct net_watch){ own, linger_ready };
	linger->timer.fire = linger_late;
	list_add_tail(&lingers->list, &linger->node);
	lingers->count++;
	net_watch_add(lingers->loop, &linger->watch, EPOLLIN);
	net_timer_set(lingers->loop, &linger->timer, net_loop_now(lingers->loop) + LINGER_MS);
}

struct lingers *
lingers_new(struct net_loop *loop)
{
	struct lingers *lingers = rh_alloc(sizeof(*lingers));

	lingers->loop = loop;
	list_init(&lingers->list);
	return lingers;
}

void
lingers_free(struct lingers *lingers)
{
	list_each_safe (node, next, &lingers->list)
		linger_end(container_of(node, struct lingering, node));
	free(lingers);
}
