/* conf_spelling: what a listening address and a URL look like.
 * By form alone: whether anything listens there is found out by whoever uses it. */
#include "conf_value.h"

#include <arpa/inet.h>
#include <string.h>

static bool
is_port(struct str text)
{
	uint64_t port;

	return text.len <= 5 && str_to_u64(text, 65535, &port);
}

static bool
is_ip(int family, struct str text)
{
	char host[INET6_ADDRSTRLEN + 1];
	unsigned char address[sizeof(struct in6_addr)];

	if (text.len >= sizeof(host))
		return false;
	snprintf(host, sizeof(host), "%.*s", STR_ARG(text));
	return inet_pton(family, host, address) == 1;
}

/* Numeric only: a name could mean several addresses, and a listener is one. */
bool
conf_is_address(struct str text)
{
	bool v6 = str_starts(text, "[");
	struct str host, rest = str_from(text, v6);

	if (text.len == 0)
		return false;
	host = str_cut(&rest, v6 ? ']' : ':');
	if (v6 && !str_starts(rest, ":"))
		return false;
	return is_ip(v6 ? AF_INET6 : AF_INET, host) && is_port(str_from(rest, v6));
}

static bool
is_host(struct str host)
{
	for (size_t i = 0; i < host.len; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._",
		            host.p[i]) == NULL)
			return false;
	return host.len > 0;
}

static bool
is_authority(struct str text)
{
	bool v6 = str_starts(text, "[");
	struct str host, rest = str_from(text, v6);

	host = str_cut(&rest, v6 ? ']' : ':');
	if (!v6)
		return is_host(host) && (rest.p == NULL || is_port(rest));
	if (rest.p == NULL || !is_ip(AF_INET6, host))
		return false;
	return rest.len == 0 || (rest.p[0] == ':' && is_port(str_from(rest, 1)));
}

bool
conf_is_url(struct str text)
{
	struct str rest;

	if (!str_starts(text, "http://") && !str_starts(text, "https://"))
		return false;
	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.p[i];

		if (byte <= ' ' || byte >= 0x7f || strchr("?#\\\"<>^`{|}", byte) != NULL)
			return false;
	}
	rest = str_from(text, str_starts(text, "https://") ? 8 : 7);
	return is_authority(str_cut(&rest, '/'));
}
