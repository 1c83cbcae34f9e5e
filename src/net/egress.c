/* egress: which addresses the hub may call.
 *
 * A party writes the URLs that the hub calls, so a URL must not lead to the hub's own network or to
 * the machine that serves a cloud's metadata. A name says nothing about that, an address does: the
 * check is made on the resolved address, in the moment in which the socket for it is made, and so
 * covers every spelling and every change of a name.
 *
 * An IPv6 address that carries an IPv4 address is judged by the address inside. What is in no range
 * passes when it is IPv4 or lies in 2000::/3, the only space that is given out for public use. */
#include <stdlib.h>
#include <string.h>

#include "ranges.h"

/* IANA's special-purpose registries and the metadata services that lie outside of them; the first
 * match counts. */
static const struct refused {
	const char *cidr, *why;
} refused[] = {
	{ "0.0.0.0/32", "unspecified" },
	{ "0.0.0.0/8", "this network" },
	{ "10.0.0.0/8", "private" },
	{ "100.100.100.200/32", "metadata" },
	{ "100.64.0.0/10", "carrier-grade NAT" },
	{ "127.0.0.0/8", "loopback" },
	{ "168.63.129.16/32", "metadata" },
	{ "169.254.169.254/32", "metadata" },
	{ "169.254.0.0/16", "link-local" },
	{ "172.16.0.0/12", "private" },
	{ "192.0.0.0/24", "protocol assignments" },
	{ "192.0.2.0/24", "documentation" },
	{ "192.88.99.0/24", "6to4 relay" },
	{ "192.168.0.0/16", "private" },
	{ "198.18.0.0/15", "benchmarking" },
	{ "198.51.100.0/24", "documentation" },
	{ "203.0.113.0/24", "documentation" },
	{ "224.0.0.0/4", "multicast" },
	{ "255.255.255.255/32", "broadcast" },
	{ "240.0.0.0/4", "reserved" },
	{ "::/128", "unspecified" },
	{ "::1/128", "loopback" },
	{ "64:ff9b:1::/48", "local NAT64" },
	{ "100::/64", "discard" },
	{ "2001:2::/48", "benchmarking" },
	{ "2001:10::/28", "ORCHID" },
	{ "2001:20::/28", "ORCHID" },
	{ "2001:db8::/32", "documentation" },
	{ "3fff::/20", "documentation" },
	{ "5f00::/16", "segment routing" },
	{ "fd00:ec2::254/128", "metadata" },
	{ "fc00::/7", "private" },
	{ "fe80::/10", "link-local" },
	{ "fec0::/10", "site-local" },
	{ "ff00::/8", "multicast" },
};

/* IPv6 ranges with an IPv4 address inside: where it begins, and what each of its bytes is combined
 * with. */
static const struct carrier {
	const char *cidr;
	size_t at;
	uint8_t mask;
} carriers[] = {
	{ "::/96", IPV4_AT, 0 },           /* compatible */
	{ "::ffff:0:0:0/96", IPV4_AT, 0 }, /* translated */
	{ "64:ff9b::/96", IPV4_AT, 0 },    /* NAT64 */
	{ "2002::/16", 2, 0 },             /* 6to4 */
	{ "2001::/32", 4, 0 },             /* Teredo's server */
	{ "2001::/32", IPV4_AT, 0xff },    /* Teredo's client, inverted */
};

struct net_egress {
	bool allow_private;
	struct range refused[COUNT(refused)];
	struct range carriers[COUNT(carriers)];
	struct range ipv4, global, orphans;
	struct net_ranges *allowed;
};

/** The tables of this file are right or the program is not: no fault to report. */
static void
parse_known(const char *cidr, struct range *range)
{
	if (!range_parse(str_of(cidr), range))
		abort();
}

struct net_egress *
net_egress_new(bool allow_private, const char *allow, struct fault *fault)
{
	struct net_egress *egress = rh_alloc(sizeof(*egress));

	egress->allow_private = allow_private;
	for (size_t i = 0; i < COUNT(refused); i++)
		parse_known(refused[i].cidr, &egress->refused[i]);
	for (size_t i = 0; i < COUNT(carriers); i++)
		parse_known(carriers[i].cidr, &egress->carriers[i]);
	parse_known("::ffff:0:0/96", &egress->ipv4);
	parse_known("2000::/3", &egress->global);
	parse_known("2001::/23", &egress->orphans);
	egress->allowed = net_ranges_new(allow, "egress.allow", fault);
	if (egress->allowed == NULL) {
		net_egress_free(egress);
		return NULL;
	}
	return egress;
}

void
net_egress_free(struct net_egress *egress)
{
	if (egress == NULL)
		return;
	net_ranges_free(egress->allowed);
	free(egress);
}

static bool
read_address(const struct sockaddr *from, uint8_t address[ADDRESS_BYTES])
{
	struct sockaddr_in ipv4;
	struct sockaddr_in6 ipv6;

	switch (from->sa_family) {
	case AF_INET:
		memcpy(&ipv4, from, sizeof(ipv4));
		range_map_ipv4((const uint8_t *)&ipv4.sin_addr, address);
		return true;
	case AF_INET6:
		memcpy(&ipv6, from, sizeof(ipv6));
		memcpy(address, &ipv6.sin6_addr, ADDRESS_BYTES);
		return true;
	default:
		return false;
	}
}

static const char *
refused_why(const struct net_egress *egress, const uint8_t address[ADDRESS_BYTES])
{
	for (size_t i = 0; i < COUNT(refused); i++)
		if (range_holds(&egress->refused[i], address))
			return refused[i].why;
	return NULL;
}

/** Why the hub may not call @address, NULL when it may. */
static const char *
classify(const struct net_egress *egress, const uint8_t address[ADDRESS_BYTES])
{
	const char *why = refused_why(egress, address);
	bool carried = false;

	for (size_t i = 0; i < COUNT(carriers) && why == NULL; i++) {
		uint8_t inside[ADDRESS_BYTES], ipv4[4];

		if (!range_holds(&egress->carriers[i], address))
			continue;
		carried = true;
		for (size_t k = 0; k < sizeof(ipv4); k++)
			ipv4[k] = address[carriers[i].at + k] ^ carriers[i].mask;
		range_map_ipv4(ipv4, inside);
		why = refused_why(egress, inside);
	}
	if (why != NULL || carried || range_holds(&egress->ipv4, address))
		return why;
	if (range_holds(&egress->orphans, address))
		return "protocol assignments";
	return range_holds(&egress->global, address) ? NULL : "not global";
}

static bool
is_never_allowed(const char *why)
{
	return strcmp(why, "unspecified") == 0 || strcmp(why, "multicast") == 0;
}

static bool
is_allowed(const struct net_egress *egress, const uint8_t address[ADDRESS_BYTES])
{
	return egress->allow_private || ranges_hold(egress->allowed, address);
}

const char *
net_egress_cure(const char *why)
{
	return is_never_allowed(why) ? "" : "; the hub allows it with egress.allow_private=true";
}

bool
net_egress_check(const struct net_egress *egress, const struct sockaddr *address, const char **why)
{
	uint8_t bytes[ADDRESS_BYTES];

	if (!read_address(address, bytes)) {
		*why = "not an internet address";
		return false;
	}
	*why = classify(egress, bytes);
	if (*why == NULL)
		return true;
	if (is_never_allowed(*why) || !is_allowed(egress, bytes))
		return false;
	*why = NULL;
	return true;
}
