/* service: messages of sd_notify(3), whose protocol is a datagram (docs/adr/0024).
 *
 * The watchdog is for a thread that loops or hangs, not for a disk that does: a store that cannot
 * commit answers 3000 and says so, and a restart would not mend it. */
#include "service.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { BEATS_IN_TIME = 3 }; /* one that comes late costs nothing */

/* An address that begins with '@' is one without a file. */
static socklen_t
address_of(const char *name, struct sockaddr_un *address)
{
	size_t len = strlen(name);

	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if ((name[0] != '/' && name[0] != '@') || len >= sizeof(address->sun_path))
		return 0;
	(void)stpcpy(address->sun_path, name);
	if (name[0] == '@')
		address->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

/* What cannot be said is not: systemd then does what it does to a service that is silent. */
static void
notify(const char *state)
{
	const char *name = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address;
	socklen_t len = name == NULL ? 0 : address_of(name, &address);
	int fd = len == 0 ? -1 : socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	if (sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&address, len) < 0)
		LOG(LOG_WARNING, "service", KV("told", state), KV("error", strerror(errno)));
	(void)close(fd);
}

void
service_stands_by(void)
{
	notify("READY=1\nSTATUS=stands by: another hub has the database");
}

void
service_leads(void)
{
	notify("STATUS=leads");
}

void
service_beat(void)
{
	notify("WATCHDOG=1");
}

static int64_t
watchdog_ms(void)
{
	const char *time = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	uint64_t us, for_pid;

	if (time == NULL || !str_to_u64(str_of(time), INT64_MAX, &us))
		return 0;
	if (pid != NULL &&
	        (!str_to_u64(str_of(pid), INT32_MAX, &for_pid) || for_pid != (uint64_t)getpid()))
		return 0;
	return (int64_t)us / 1000;
}

static void
on_beat(struct net_timer *timer)
{
	struct service *service = container_of(timer, struct service, beat);
	struct net_loop *loop = hub_loop(service->hub);

	if (hub_turns(service->hub))
		service_beat();
	net_timer_set(loop, timer, net_loop_now(loop) + service->beat_ms);
}

void
service_ready(struct service *service, struct hub *hub)
{
	service->hub = hub;
	service->beat.fire = on_beat;
	service->beat_ms = watchdog_ms() / BEATS_IN_TIME;
	notify("READY=1");
	if (service->beat_ms > 0)
		on_beat(&service->beat);
}

void
service_stopping(void)
{
	notify("STOPPING=1");
}

void
service_end(struct service *service)
{
	net_timer_stop(hub_loop(service->hub), &service->beat);
}
