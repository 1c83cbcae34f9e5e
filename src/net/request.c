/* request: the head of a request, as bytes. */
#include "client.h"

#include <string.h>

static bool
has_line_break(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] == '\r' || s.p[i] == '\n' || s.p[i] == '\0')
			return true;
	return false;
}

/** RFC 9110 section 5.6.2. */
static bool
is_token(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];
		bool alnum =
		        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

		if (!alnum && (c == '\0' || strchr("!#$%&'*+-.^_`|~", c) == NULL))
			return false;
	}
	return s.len > 0;
}

static bool
is_target(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7f)
			return false;
	return s.len > 0 && s.p[0] == '/';
}

/** Our own code fills a call from what was checked before; this is the last place to keep a line
 * break out. */
const char *
request_fault(const struct net_call *call)
{
	if (!is_token(call->method))
		return "method is not a token";
	if (!is_target(call->target))
		return "target is not a path without spaces and control characters";
	for (size_t i = 0; i < call->header_count; i++) {
		if (!is_token(call->headers[i].name))
			return "a header name is not a token";
		if (has_line_break(call->headers[i].value))
			return "a header value has a line break or a NUL";
	}
	return NULL;
}

struct str
request_host(const struct net_url *url, struct arena *arena)
{
	bool ipv6 = memchr(url->host.p, ':', url->host.len) != NULL;
	struct str host = arena_printf(arena, ipv6 ? "[%.*s]" : "%.*s", STR_ARG(url->host));

	if (url->port == (url->tls ? 443 : 80))
		return host;
	return arena_printf(arena, "%.*s:%u", STR_ARG(host), (unsigned)url->port);
}

static bool
wants_length(const struct net_call *call)
{
	return call->body.p != NULL || str_is(call->method, "POST") ||
	       str_is(call->method, "PUT") || str_is(call->method, "PATCH");
}

void
request_head(struct buf *out, const struct net_call *call, struct str host)
{
	buf_add(out, call->method);
	buf_addc(out, ' ');
	buf_add(out, call->target);
	buf_add(out, STR(" HTTP/1.1\r\nHost: "));
	buf_add(out, host);
	buf_add(out, STR("\r\n"));
	for (size_t i = 0; i < call->header_count; i++) {
		buf_add(out, call->headers[i].name);
		buf_add(out, STR(": "));
		buf_add(out, call->headers[i].value);
		buf_add(out, STR("\r\n"));
	}
	if (wants_length(call))
		buf_printf(out, "Content-Length: %zu\r\n", call->body.len);
	buf_add(out, STR("\r\n"));
}
