/* listeners: bound before the database is touched: a hub that cannot be reached must not migrate
 * it. Who connects meanwhile waits in the backlog, but to a hub that stands by: there it is
 * refused.
 *
 * Sockets that were inherited are told apart by the addresses in the configuration. Workers share
 * one when there are not as many as they are, since another cannot join a port that belongs to who
 * opened it. */
#include "listeners.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int
wish(const struct settings *settings)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	if (settings->workers > 0)
		return (int)settings->workers;
	return processors > 0 && processors <= 64 ? (int)processors : 1;
}

/* ---- inherited ---- */

static enum rh_err
sort_out(struct hub *hub, int fd, struct fault *fault)
{
	const struct settings *settings = hub_settings(hub);
	char bound[64];

	if (net_listener_is(fd, settings->http_listen, bound)) {
		hub->inherited.fds[hub->inherited.count++] = fd;
		memcpy(hub->address, bound, sizeof bound);
		return RH_OK;
	}
	if (hub->admin_listener < 0 && net_listener_is(fd, settings->admin_listen, bound)) {
		hub->admin_listener = fd;
		memcpy(hub->admin_address, bound, sizeof bound);
		return RH_OK;
	}
	if (settings->portal_listen != NULL && hub->portal_listener < 0 &&
	        net_listener_is(fd, settings->portal_listen, bound)) {
		hub->portal_listener = fd;
		memcpy(hub->portal_address, bound, sizeof bound);
		return RH_OK;
	}
	return fault_set(fault, RH_BAD_CONFIG, "LISTEN_FDS",
	        "the socket on %s is neither http.listen (%s) nor admin.listen (%s) nor "
	        "portal.listen (%s)",
	        bound, settings->http_listen, settings->admin_listen,
	        settings->portal_listen != NULL ? settings->portal_listen : "unset");
}

static enum rh_err
take_inherited(struct hub *hub, struct fault *fault)
{
	struct net_inherited all;
	enum rh_err err = net_inherit(&all, fault);

	for (size_t i = 0; err == RH_OK && i < all.count; i++)
		err = sort_out(hub, all.fds[i], fault);
	return err;
}

static int
share(struct hub *hub, int index, struct fault *fault)
{
	const struct net_inherited *inherited = &hub->inherited;
	int fd = fcntl(inherited->fds[(size_t)index % inherited->count], F_DUPFD_CLOEXEC, 0);

	if (fd < 0)
		(void)fault_set(fault, RH_SYSTEM, "http.listen", "%s", strerror(errno));
	return fd;
}

/* ---- all ---- */

int
listeners_join(struct hub *hub, int index, struct fault *fault)
{
	char again[64];

	return hub->inherited.count > 0 ? share(hub, index, fault)
	                                : net_listen(hub->address, true, again, fault);
}

static int
bind_one(struct hub *hub, int index, struct fault *fault)
{
	char again[64];

	if (hub->inherited.count > 0)
		return share(hub, index, fault);
	return index == 0 ? net_bind(hub_settings(hub)->http_listen, false, hub->address, fault)
	                  : net_bind(hub->address, true, again, fault);
}

/* Those of the control thread. */
static enum rh_err
bind_desks(struct hub *hub, struct fault *fault)
{
	const struct settings *settings = hub_settings(hub);

	if (hub->admin_listener < 0)
		hub->admin_listener =
		        net_bind(settings->admin_listen, false, hub->admin_address, fault);
	if (hub->admin_listener < 0)
		return fault->err;
	if (settings->portal_listen == NULL || hub->portal_listener >= 0)
		return RH_OK;
	hub->portal_listener = net_bind(settings->portal_listen, false, hub->portal_address, fault);
	return hub->portal_listener >= 0 ? RH_OK : fault->err;
}

enum rh_err
listeners_bind(struct hub *hub, struct fault *fault)
{
	int count = wish(hub_settings(hub));

	if (take_inherited(hub, fault) != RH_OK)
		return fault->err;
	if (hub->inherited.count > (size_t)count)
		return fault_set(fault, RH_BAD_CONFIG, "LISTEN_FDS",
		        "%zu sockets on %s for %d workers: one of them would never be served",
		        hub->inherited.count, hub->address, count);
	if (bind_desks(hub, fault) != RH_OK)
		return fault->err;
	hub->listeners = rh_alloc((size_t)count * sizeof *hub->listeners);
	for (int i = 0; i < count; i++) {
		int fd = bind_one(hub, i, fault);

		if (fd < 0)
			return fault->err;
		hub->listeners[hub->listener_count++] = fd;
	}
	return RH_OK;
}

/* Those that were inherited listen already: once more changes nothing. */
enum rh_err
listeners_listen(struct hub *hub, struct fault *fault)
{
	enum rh_err err = net_listen_on(hub->admin_listener, fault);

	if (err == RH_OK && hub->portal_listener >= 0)
		err = net_listen_on(hub->portal_listener, fault);
	for (int i = 0; err == RH_OK && i < hub->listener_count; i++)
		err = net_listen_on(hub->listeners[i], fault);
	return err;
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
	for (size_t i = 0; i < hub->inherited.count; i++)
		(void)close(hub->inherited.fds[i]);
	if (hub->admin_listener >= 0)
		(void)close(hub->admin_listener);
	if (hub->portal_listener >= 0)
		(void)close(hub->portal_listener);
	free(hub->listeners);
}

/* ---- handed over ---- */

static int
take(int *listener)
{
	int fd = *listener;

	*listener = -1;
	return fd;
}

int
hub_admin_listener(struct hub *hub)
{
	return take(&hub->admin_listener);
}

int
hub_portal_listener(struct hub *hub)
{
	return take(&hub->portal_listener);
}

const char *
hub_portal_address(const struct hub *hub)
{
	return hub->portal_address[0] != '\0' ? hub->portal_address : NULL;
}

size_t
hub_spare_descriptors(void)
{
	return SPARE_DESCRIPTORS;
}
