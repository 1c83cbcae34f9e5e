/* door: whom the admin listener answers. A page of the web cannot read what it fetches from here
 * unless its own name leads to this address (DNS rebinding), so a request has to name the listener
 * by an address of its own or by a name that the operator gave it. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "door.h"
#include "session.h"

struct literal {    /* an IP address */
	int family; /* 0: it is none */
	unsigned char bytes[16];
};

struct str
door_name(struct str host)
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
is_named(struct str hosts, struct str name)
{
	while (hosts.p != NULL)
		if (str_ieq(str_trim(str_cut(&hosts, ',')), name))
			return true;
	return false;
}

static bool
is_ours(const struct door *door, struct str host)
{
	struct str name = door_name(host);
	struct literal bound = literal_of(door_name(str_of(door->bound))), asked = literal_of(name);

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
	return str_ieq(name, door_name(str_of(door->listen))) || is_named(door->hosts, name);
}

bool
door_is_near(const char *peer)
{
	return strncmp(peer, "127.", 4) == 0 || strcmp(peer, "::1") == 0;
}

/* A page says where it is from when it asks for something of another one, or changes something. */
static bool
is_from_here(const struct inquiry *inquiry)
{
	struct str origin = inquiry->request->header[ORIGIN], host = inquiry->request->header[HOST],
	           left = origin;

	if (origin.p == NULL)
		return true;
	(void)str_cut(&left, ':');
	return str_starts(left, "//") && str_ieq(str_from(left, 2), host);
}

bool
door_is_right(struct inquiry *inquiry, const struct door *door, const char *names)
{
	if (!is_ours(door, inquiry->request->header[HOST]))
		return inquiry_refused(inquiry, 403, names);
	return is_from_here(inquiry) ||
	       inquiry_refused(
	               inquiry, 403, "a page of another site asks this: its Origin is not ours");
}

/* ---- who asks the admin API ---- */

static bool
is_for_this_door(struct inquiry *inquiry, unsigned flags)
{
	const struct hub *hub = inquiry->admin->hub;
	const struct settings *settings = hub_settings(hub);
	const struct door door = { hub_admin_address(hub), settings->admin_listen,
		str_of(settings->admin_hosts) };

	return (flags & VERB_ANY_HOST) != 0 ||
	       door_is_right(inquiry, &door,
	               "this is not what the admin listener is called: expected its address, or "
	               "in Host a name of admin.hosts");
}

/** False, and who it was stands in the log. */
static bool
refuse_login(struct inquiry *inquiry)
{
	bool given = inquiry->request->header[AUTHORIZATION].len > 0;

	inquiry_log_refusal(inquiry, given ? "not an admin token" : "no admin token");
	return inquiry_refused(inquiry, 401,
	        "expected 'Authorization: Bearer' with the token of admin.token_file, or one of "
	        "admin.tokens_file");
}

/* A token in the header is the word itself; a cookie is sent by the browser whoever asks it to. */
static bool
is_known(struct inquiry *inquiry, bool *meant)
{
	struct str given = inquiry->request->header[AUTHORIZATION];

	*meant = true;
	if (given.p != NULL)
		return token_known(inquiry, given);
	*meant = session_meant(inquiry);
	return session_known(inquiry);
}

bool
door_lets_in(struct inquiry *inquiry)
{
	unsigned flags = inquiry->verb != NULL ? inquiry->verb->flags : 0;
	bool looks = inquiry_looks(inquiry), meant, known = is_known(inquiry, &meant);

	if (!is_for_this_door(inquiry, flags))
		return false;
	if ((flags & VERB_OPEN) != 0 ||
	        ((flags & VERB_NEAR) != 0 && door_is_near(inquiry->request->peer)))
		return true;
	if (!known)
		return refuse_login(inquiry);
	if (!looks && !meant)
		return inquiry_refused(
		        inquiry, 403, "X-CSRF-Token is missing or not that of this login");
	if (!looks && inquiry->viewer && (flags & VERB_VIEWER) == 0)
		return inquiry_refused(
		        inquiry, 403, "this token may look and change nothing: its role is viewer");
	return true;
}
