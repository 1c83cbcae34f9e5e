/* callable: which URLs of partners the hub calls at all. */
#include "callable.h"

#include <string.h>

static bool
is_wildcard(struct str host)
{
	return str_is(host, "0.0.0.0") || str_is(host, "::");
}

static bool
is_loopback(struct str host)
{
	return str_is(host, "localhost") || str_is(host, "::1") || str_starts(host, "127.");
}

/* @address as the listener has it: "127.0.0.1:8080", "[::]:8080". One that listens everywhere is
 * met at every address of the machine; those that need no look-up are known. */
static bool
is_listener(const char *address, const struct net_url *url)
{
	const char *colon = strrchr(address, ':');
	struct str host;
	uint64_t port;

	if (colon == NULL || !str_to_u64(str_of(colon + 1), UINT16_MAX, &port) || port != url->port)
		return false;
	host = (struct str){ address, (size_t)(colon - address) };
	if (host.len > 1 && host.p[0] == '[')
		host = (struct str){ host.p + 1, host.len - 2 };
	if (str_eq(host, url->host))
		return true;
	return (is_wildcard(host) || is_loopback(host)) &&
	       (is_wildcard(url->host) || is_loopback(url->host));
}

static bool
is_public(const struct hub *hub, const struct net_url *url)
{
	struct str rest;

	if (!str_eq(url->origin, hub->origin) ||
	        !str_starts(url->target, hub->prefix.p != NULL ? hub->prefix.p : ""))
		return false;
	rest = str_from(url->target, hub->prefix.len);
	return hub->prefix.len == 0 || rest.len == 0 || rest.p[0] == '/' || rest.p[0] == '?';
}

bool
callable_is_own(const struct hub *hub, const struct net_url *url)
{
	return is_public(hub, url) || is_listener(hub->address, url) ||
	       is_listener(hub->admin_address, url);
}

enum rh_err
callable_read(const struct hub *hub, int64_t platform, const char *field, struct str text,
        struct arena *arena, struct net_url *url, struct fault *fault)
{
	struct net_url parsed;
	struct fault inner = { 0 };
	int64_t sandbox;

	if (net_url_parse(text, arena, &parsed, &inner) != RH_OK)
		return fault_set(fault, RH_BAD_FIELD, field,
		        "%s: expected an absolute http or https URL", inner.why);
	sandbox = net_exempt_platform(&hub->exempt, parsed.origin);
	if (sandbox == 0 && !parsed.tls && !hub_settings(hub)->allow_http)
		return fault_set(fault, RH_BAD_FIELD, field, "is http, expected https");
	if (callable_is_own(hub, &parsed) || (sandbox != 0 && sandbox != platform))
		return fault_set(fault, RH_BAD_FIELD, field,
		        "is this hub's own, expected one of the partner's");
	*url = parsed;
	return RH_OK;
}
