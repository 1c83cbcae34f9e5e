/* ranges: networks, as CIDR. */
#include "ranges.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t mapped_prefix[IPV4_AT] = { [10] = 0xff, [11] = 0xff };

void
range_map_ipv4(const uint8_t ipv4[4], uint8_t address[ADDRESS_BYTES])
{
	memcpy(address, mapped_prefix, sizeof(mapped_prefix));
	memcpy(address + IPV4_AT, ipv4, 4);
}

bool
range_parse(struct str text, struct range *range)
{
	struct str bits = text, host = str_cut(&bits, '/');
	char name[INET6_ADDRSTRLEN];
	uint8_t ipv4[4];
	uint64_t count = 0;
	unsigned base = 0;

	if (host.len == 0 || host.len >= sizeof(name))
		return false;
	memcpy(name, host.p, host.len);
	name[host.len] = 0;
	if (inet_pton(AF_INET, name, ipv4) == 1) {
		range_map_ipv4(ipv4, range->address);
		base = IPV4_BITS;
	} else if (inet_pton(AF_INET6, name, range->address) != 1) {
		return false;
	}
	if (bits.p == NULL)
		count = ADDRESS_BITS - base;
	else if (!str_to_u64(bits, ADDRESS_BITS - base, &count))
		return false;
	range->bits = base + (unsigned)count;
	return true;
}

bool
range_holds(const struct range *range, const uint8_t address[ADDRESS_BYTES])
{
	size_t whole = range->bits / 8;
	unsigned rest = range->bits % 8;

	if (memcmp(range->address, address, whole) != 0)
		return false;
	return rest == 0 || ((range->address[whole] ^ address[whole]) >> (8 - rest)) == 0;
}

bool
ranges_hold(const struct net_ranges *ranges, const uint8_t address[ADDRESS_BYTES])
{
	for (size_t i = 0; i < ranges->count; i++)
		if (range_holds(&ranges->range[i], address))
			return true;
	return false;
}

static bool
add_range(struct net_ranges *ranges, struct str item)
{
	ranges->range = rh_realloc(ranges->range, (ranges->count + 1) * sizeof(*ranges->range));
	return range_parse(item, &ranges->range[ranges->count++]);
}

struct net_ranges *
net_ranges_new(const char *list, const char *key, struct fault *fault)
{
	struct net_ranges *ranges = rh_alloc(sizeof(*ranges));
	struct str left = str_of(list);

	while (left.p != NULL) {
		struct str item = str_trim(str_cut(&left, ','));

		if (item.len == 0 || add_range(ranges, item))
			continue;
		fault_set(fault, RH_BAD_CONFIG, key,
		        "'%.*s' is not a range of addresses such as 10.0.0.0/8", STR_ARG(item));
		net_ranges_free(ranges);
		return NULL;
	}
	return ranges;
}

void
net_ranges_free(struct net_ranges *ranges)
{
	if (ranges == NULL)
		return;
	free(ranges->range);
	free(ranges);
}
