/* ranges: networks, as CIDR. Private to net.
 *
 * An IPv4 address is handled as ::ffff:a.b.c.d, so that one kind of range and one comparison serve
 * both families. */
#pragma once

#include "roamhub/net.h"

enum { ADDRESS_BYTES = 16, ADDRESS_BITS = 128, IPV4_AT = 12, IPV4_BITS = 96 };

struct range {
	uint8_t address[ADDRESS_BYTES];
	unsigned bits;
};
struct net_ranges {
	struct range *range;
	size_t count;
};

void range_map_ipv4(const uint8_t ipv4[4], uint8_t address[ADDRESS_BYTES]);
/** "10.0.0.0/8", "fd00::/8", or an address alone, which is a range of one. */
bool range_parse(struct str text, struct range *range);
bool range_holds(const struct range *range, const uint8_t address[ADDRESS_BYTES]);
bool ranges_hold(const struct net_ranges *ranges, const uint8_t address[ADDRESS_BYTES]);
