/* Listening sockets: one for each worker on the same port, the kernel shares out the connections
 * (SO_REUSEPORT). That option must be set on all of them, so the first one looks by itself whether
 * somebody else has the port. */
#include "roamhub/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BACKLOG = 1024 };

static bool
resolve(const char *address, struct sockaddr_storage *out, socklen_t *out_len, struct fault *fault)
{
	struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICSERV,
		.ai_socktype = SOCK_STREAM };
	struct addrinfo *found;
	const char *colon = strrchr(address, ':');
	char host[256];
	struct str name = { address, colon == NULL ? 0 : (size_t)(colon - address) };
	int failed;

	if (name.len >= 2 && name.p[0] == '[' && name.p[name.len - 1] == ']')
		name = (struct str){ name.p + 1, name.len - 2 };
	if (colon == NULL || name.len >= sizeof(host)) {
		fault_set(fault, RH_BAD_CONFIG, address, "expected ADDRESS:PORT");
		return false;
	}
	snprintf(host, sizeof(host), "%.*s", STR_ARG(name));
	failed = getaddrinfo(name.len == 0 ? NULL : host, colon + 1, &hints, &found);
	if (failed) {
		fault_set(fault, RH_BAD_CONFIG, address, "%s", gai_strerror(failed));
		return false;
	}
	memcpy(out, found->ai_addr, found->ai_addrlen);
	*out_len = found->ai_addrlen;
	freeaddrinfo(found);
	return true;
}

static int
bound_socket(const struct sockaddr_storage *address, socklen_t len, bool shared)
{
	int fd = socket(address->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (shared)
		setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
	if (bind(fd, (const struct sockaddr *)address, len) == 0)
		return fd;
	on = errno;
	close(fd);
	errno = on;
	return -1;
}

static bool
port_is_free(const struct sockaddr_storage *address, socklen_t len)
{
	int fd = bound_socket(address, len, false);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static void
write_address(const struct sockaddr *address, socklen_t len, char out[64])
{
	char host[INET6_ADDRSTRLEN], port[8];

	getnameinfo(address, len, host, sizeof(host), port, sizeof(port),
	        NI_NUMERICHOST | NI_NUMERICSERV);
	snprintf(out, 64, address->sa_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

static void
write_bound(int fd, char bound[64])
{
	struct sockaddr_storage own = { 0 };
	socklen_t len = sizeof(own);

	getsockname(fd, (struct sockaddr *)&own, &len);
	write_address((const struct sockaddr *)&own, len, bound);
}

static enum rh_err
refuse(const char *address, struct fault *fault)
{
	return fault_set(fault, RH_SYSTEM, address, "cannot listen: %s", strerror(errno));
}

int
net_bind(const char *address, bool join, char bound[64], struct fault *fault)
{
	struct sockaddr_storage wanted;
	socklen_t len;
	int fd = -1;

	if (!resolve(address, &wanted, &len, fault))
		return -1;
	if (join || port_is_free(&wanted, len))
		fd = bound_socket(&wanted, len, true);
	if (fd < 0)
		(void)refuse(address, fault);
	else
		write_bound(fd, bound);
	return fd;
}

enum rh_err
net_listen_on(int fd, struct fault *fault)
{
	char bound[64];

	if (listen(fd, BACKLOG) == 0)
		return RH_OK;
	write_bound(fd, bound);
	return refuse(bound, fault);
}

int
net_listen(const char *address, bool join, char bound[64], struct fault *fault)
{
	int fd = net_bind(address, join, bound, fault);

	if (fd < 0 || net_listen_on(fd, fault) == RH_OK)
		return fd;
	close(fd);
	return -1;
}

bool
net_listener_is(int fd, const char *address, char bound[64])
{
	struct sockaddr_storage wanted;
	socklen_t len;
	char text[64];

	write_bound(fd, bound);
	if (!resolve(address, &wanted, &len, NULL))
		return false;
	write_address((const struct sockaddr *)&wanted, len, text);
	return strcmp(bound, text) == 0;
}
