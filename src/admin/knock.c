/* knock: does the OCPI listener take connections? The kernel completes them all, whether a worker
 * accepts them or not. So each knock closes its own side at once, and waits for the hub to close
 * the other, as it does with a connection that will never bring a request. Workers share the port
 * by the hash of addresses: several knocks for each find nearly every one of them. */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "inside.h"

enum { LATE_MS = 2000, KNOCKS_A_WORKER = 4, MOST_KNOCKS = 64 };

struct knocking;
struct knock {
	struct net_watch watch; /* its fd is -1 when it is over */
	struct knocking *all;
};
struct knocking {
	struct knocks result; /* first: what inquiry->work points to */
	struct inquiry *inquiry;
	struct net_timer late;
	int open;
	struct knock each[MOST_KNOCKS];
};

static void
knock_end(struct knock *knock)
{
	struct net_loop *loop = hub_loop(knock->all->inquiry->admin->hub);

	net_watch_remove(loop, &knock->watch);
	(void)close(knock->watch.fd);
	knock->watch.fd = -1;
	knock->all->open--;
}

static void
all_over(struct knocking *all)
{
	struct inquiry *inquiry = all->inquiry;

	net_timer_stop(hub_loop(inquiry->admin->hub), &all->late);
	if (inquiry_resume(inquiry))
		inquiry->ready(inquiry);
}

static void
knock_ready(struct net_watch *watch, uint32_t events)
{
	struct knock *knock = container_of(watch, struct knock, watch);
	struct knocking *all = knock->all;
	char byte;
	ssize_t got = recv(watch->fd, &byte, 1, 0);

	(void)events;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	all->result.taken += got >= 0;
	knock_end(knock);
	if (all->open == 0)
		all_over(all);
}

static void
late(struct net_timer *timer)
{
	struct knocking *all = container_of(timer, struct knocking, late);

	for (int i = 0; i < MOST_KNOCKS; i++)
		if (all->each[i].watch.fd >= 0)
			knock_end(&all->each[i]);
	all_over(all);
}

/* On this machine a connection is made at once, or never. */
static int
connected(const struct addrinfo *to)
{
	int fd = socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	if ((connect(fd, to->ai_addr, to->ai_addrlen) == 0 || errno == EINPROGRESS) &&
	        shutdown(fd, SHUT_WR) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

static void
knock(struct knocking *all, const struct addrinfo *to)
{
	struct net_loop *loop = hub_loop(all->inquiry->admin->hub);
	struct hub_counts counts;
	int wanted;

	hub_count(all->inquiry->admin->hub, &counts);
	wanted = KNOCKS_A_WORKER * counts.workers;
	all->result.made = wanted > 0 && wanted < MOST_KNOCKS ? wanted : MOST_KNOCKS;
	for (int i = 0; i < MOST_KNOCKS; i++) {
		struct knock *one = &all->each[i];

		one->all = all;
		one->watch.ready = knock_ready;
		one->watch.fd = i < all->result.made ? connected(to) : -1;
		if (one->watch.fd < 0)
			continue;
		net_watch_add(loop, &one->watch, EPOLLIN | EPOLLRDHUP);
		all->open++;
	}
}

static struct addrinfo *
listener_of(const struct hub *hub)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
		.ai_socktype = SOCK_STREAM };
	const char *address = hub_address(hub), *colon = strrchr(address, ':');
	struct addrinfo *found;
	char host[64];
	int skip = address[0] == '[';

	(void)snprintf(
	        host, sizeof host, "%.*s", (int)(colon - address) - 2 * skip, address + skip);
	return getaddrinfo(host, colon + 1, &hints, &found) == 0 ? found : NULL;
}

void
knock_ask(struct inquiry *inquiry, void (*ready)(struct inquiry *inquiry))
{
	struct knocking *all = arena_alloc(inquiry->arena, sizeof *all);
	struct addrinfo *to = listener_of(inquiry->admin->hub);

	all->inquiry = inquiry;
	inquiry->work = &all->result;
	inquiry->ready = ready;
	if (to != NULL) {
		knock(all, to);
		freeaddrinfo(to);
	}
	if (all->open == 0) {
		ready(inquiry);
		return;
	}
	all->late.fire = late;
	inquiry_wait(inquiry);
	net_timer_set(hub_loop(inquiry->admin->hub), &all->late, rh_mono_ms() + LATE_MS);
}
