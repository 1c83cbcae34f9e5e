/* exempt: origins of this machine that the hub may call whatever egress says: those that it gave
 * away itself, and for one platform each.
 *
 * One is http://127.0.0.1:PORT, spelled so and in no other way: a name that leads there is somebody
 * else's and is judged by egress as ever. Few slots, atomics: written by the control thread, read
 * by whoever calls. */
#include "roamhub/net.h"

#include <netinet/in.h>
#include <string.h>

#define ORIGIN "http://127.0.0.1:"

static uint16_t
port_of(struct str origin)
{
	uint64_t port;

	if (!str_starts(origin, ORIGIN) ||
	        !str_to_u64(str_from(origin, sizeof(ORIGIN) - 1), UINT16_MAX, &port) ||
	        origin.p[sizeof(ORIGIN) - 1] == '0')
		return 0;
	return (uint16_t)port;
}

static const struct net_exempt_slot *
find_slot(const struct net_exempt *exempt, uint16_t port)
{
	for (size_t i = 0; exempt != NULL && port != 0 && i < NET_EXEMPT_MOST; i++)
		if (atomic_load(&exempt->slot[i].port) == port)
			return &exempt->slot[i];
	return NULL;
}

bool
net_exempt_add(struct net_exempt *exempt, uint16_t port, int64_t platform)
{
	for (size_t i = 0; i < NET_EXEMPT_MOST; i++) {
		struct net_exempt_slot *slot = &exempt->slot[i];

		if (atomic_load(&slot->port) != 0)
			continue;
		atomic_store(&slot->platform, platform);
		atomic_store(&slot->port, port);
		return true;
	}
	return false;
}

void
net_exempt_remove(struct net_exempt *exempt, uint16_t port)
{
	for (size_t i = 0; i < NET_EXEMPT_MOST; i++)
		if (atomic_load(&exempt->slot[i].port) == port)
			atomic_store(&exempt->slot[i].port, 0);
}

int64_t
net_exempt_platform(const struct net_exempt *exempt, struct str origin)
{
	const struct net_exempt_slot *slot = find_slot(exempt, port_of(origin));

	return slot != NULL ? atomic_load(&slot->platform) : 0;
}

bool
net_exempt_allows(
        const struct net_exempt *exempt, struct str origin, const struct sockaddr *address)
{
	uint16_t port = port_of(origin);
	struct sockaddr_in ipv4;

	if (address->sa_family != AF_INET || find_slot(exempt, port) == NULL)
		return false;
	memcpy(&ipv4, address, sizeof(ipv4));
	return ntohl(ipv4.sin_addr.s_addr) == INADDR_LOOPBACK && ntohs(ipv4.sin_port) == port;
}
