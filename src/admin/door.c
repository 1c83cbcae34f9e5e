/* door: whom the admin listener answers. A page of the web cannot read what it fetches from here
 * unless its own name leads to this address (DNS rebinding), so a request has to name the listener
 * by an address of its own or by a name that the operator gave it. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "inside.h"

struct literal {    /* an IP address */
	int family; /* 0: it is none */
	unsigned char bytes[16];
};

/* "name:port", "[::1]:port" or either without a port. */
static struct str
without_port(struct str host)
{
	struct str left = host;

	if (host.len > 0 && host.p[0] == '[') {
		left = str_from(host, 1);
		return str_cut(&left, ']');
	}
	return str_cut(&left, ':');
}

static struct literal
literal_of(struct str text)
{
	struct literal literal = { 0 };
	char copy[INET6_ADDRSTRLEN];

	if (text.len >= sizeof copy)
		return literal;
	(void)snprintf(copy, sizeof copy, "%.*s", STR_ARG(text));
	if (inet_pton(AF_INET, copy, literal.bytes) == 1)
		literal.family = AF_INET;
	else if (inet_pton(AF_INET6, copy, literal.bytes) == 1)
		literal.family = AF_INET6;
	return literal;
}

static bool
is_everywhere(const struct literal *bound)
{
	static const unsigned char zeroes[16];

	return bound->family != 0 && memcmp(bound->bytes, zeroes, sizeof zeroes) == 0;
}

static bool
is_loopback(const struct literal *bound)
{
	return bound->family == AF_INET
	               ? bound->bytes[0] == 127
	               : bound->family == AF_INET6 &&
	                         IN6_IS_ADDR_LOOPBACK((const struct in6_addr *)bound->bytes);
}

static bool
is_named(const char *hosts, struct str name)
{
	struct str left = str_of(hosts);

	while (left.p != NULL)
		if (str_ieq(str_trim(str_cut(&left, ',')), name))
			return true;
	return false;
}

bool
door_is_ours(const struct hub *hub, struct str host)
{
	const struct settings *settings = hub_settings(hub);
	struct str name = without_port(host);
	struct literal bound = literal_of(without_port(str_of(hub_admin_address(hub)))),
	               asked = literal_of(name);

	if (host.p == NULL)
		return true; /* HTTP/1.0: no browser's */
	if (name.len > 0 && name.p[name.len - 1] == '.')
		name.len--;
	if (name.len == 0)
		return false;
	if (asked.family != 0 &&
	        (is_everywhere(&bound) || memcmp(&asked, &bound, sizeof asked) == 0))
		return true;
	if (str_ieq(name, STR("localhost")) && (is_everywhere(&bound) || is_loopback(&bound)))
		return true;
	return str_ieq(name, without_port(str_of(settings->admin_listen))) ||
	       is_named(settings->admin_hosts, name);
}

bool
door_is_near(const char *peer)
{
	return strncmp(peer, "127.", 4) == 0 || strcmp(peer, "::1") == 0;
}
