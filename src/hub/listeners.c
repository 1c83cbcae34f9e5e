/* listeners: bound before the database is touched: a hub that cannot be reached must not migrate
 * it. Who connects meanwhile waits in the backlog. */
#include "listeners.h"

#include <stdlib.h>
#include <unistd.h>

static int
wish(const struct settings *settings)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	if (settings->workers > 0)
		return (int)settings->workers;
	return processors > 0 && processors <= 64 ? (int)processors : 1;
}

enum rh_err
listeners_open(struct hub *hub, struct fault *fault)
{
	int count = wish(hub_settings(hub));
	char again[64];

	hub->listeners = rh_alloc((size_t)count * sizeof *hub->listeners);
	for (int i = 0; i < count; i++) {
		int fd = i == 0 ? net_listen(hub_settings(hub)->http_listen, false, hub->address,
		                          fault)
		                : net_listen(hub->address, true, again, fault);

		if (fd < 0)
			return fault->err;
		hub->listeners[hub->listener_count++] = fd;
	}
	return RH_OK;
}

int
listeners_take(struct hub *hub, int index)
{
	int fd = hub->listeners[index];

	hub->listeners[index] = -1;
	return fd;
}

void
listeners_close(struct hub *hub)
{
	for (int i = 0; i < hub->listener_count; i++)
		if (hub->listeners[i] >= 0)
			(void)close(hub->listeners[i]);
	free(hub->listeners);
}
