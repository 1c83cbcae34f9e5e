/* inherited: listening sockets that whoever started the process keeps open over its restarts, so
 * that those who connect meanwhile wait in the backlog: LISTEN_FDS and LISTEN_PID of
 * sd_listen_fds(3).
 *
 * They come blocking, and open in every process that this one would start. */
#include "roamhub/net.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_FD = 3 };

static size_t
handed_over(void)
{
	const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
	uint64_t for_pid, fds;

	if (pid == NULL || count == NULL || !str_to_u64(str_of(pid), INT32_MAX, &for_pid) ||
	        for_pid != (uint64_t)getpid() ||
	        !str_to_u64(str_of(count), NET_INHERITED_MOST, &fds))
		return 0;
	return (size_t)fds;
}

static bool
is_listening(int fd)
{
	struct sockaddr_storage own = { 0 };
	socklen_t len = sizeof(own), on_len = sizeof(int);
	int on = 0;

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &on_len) == 0 && on != 0 &&
	       getsockname(fd, (struct sockaddr *)&own, &len) == 0 &&
	       (own.ss_family == AF_INET || own.ss_family == AF_INET6);
}

enum rh_err
net_inherit(struct net_inherited *inherited, struct fault *fault)
{
	inherited->count = handed_over();
	for (size_t i = 0; i < inherited->count; i++) {
		int fd = FIRST_FD + (int)i;

		if (!is_listening(fd) || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 ||
		        fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
			return fault_set(fault, RH_SYSTEM, "LISTEN_FDS",
			        "descriptor %d is no socket that listens on TCP", fd);
		inherited->fds[i] = fd;
	}
	return RH_OK;
}
