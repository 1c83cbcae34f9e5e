/* request: the head of a request, as bytes. */
#include "bytes.h"
#include "client.h"

enum {
	FIXED_BYTES = 96, /* of a head beside what it is given, the length of the body included */
	LINE_BYTES = 4,   /* of a header beside its name and value */
};

/** In a word of bytes below 14, which are rare, there may be one of the three. */
static bool
has_line_break(struct str s)
{
	for (size_t i = 0; i < s.len; i += WORD) {
		uint64_t word = word_at(s.p + i, s.len - i);

		if (word_below(word, '\r' + 1) != 0 &&
		        (word_has(word, '\0') | word_has(word, '\r') | word_has(word, '\n')) != 0)
			return true;
	}
	return false;
}

static bool
is_target(struct str s)
{
	for (size_t i = 0; i < s.len; i += WORD) {
		uint64_t word = word_at(s.p + i, s.len - i);

		if ((word_below(word, ' ' + 1) | word_has(word, 0x7f)) != 0)
			return false;
	}
	return s.len > 0 && s.p[0] == '/';
}

static const char *
header_fault(const struct net_header *headers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!str_is_token(headers[i].name))
			return "a header name is not a token";
		if (has_line_break(headers[i].value))
			return "a header value has a line break or a NUL";
	}
	return NULL;
}

/** Our own code fills a call from what was checked before; this is the last place to keep a line
 * break out. */
const char *
request_fault(const struct net_call *call)
{
	if (!str_is_token(call->method))
		return "method is not a token";
	if (!is_target(call->target))
		return "target is not a path without spaces and control characters";
	return header_fault(call->headers, call->header_count);
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

static char *
put(char *at, struct str s)
{
	return s.len > 0 ? mempcpy(at, s.p, s.len) : at;
}

/* A line begins with the end of the one before it. */

static size_t
lines_bytes(const struct net_header *headers, size_t count)
{
	size_t bytes = 0;

	for (size_t i = 0; i < count; i++)
		bytes += headers[i].name.len + headers[i].value.len + LINE_BYTES;
	return bytes;
}

static char *
put_lines(char *at, const struct net_header *headers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		at = put(at, STR("\r\n"));
		at = put(at, headers[i].name);
		at = put(at, STR(": "));
		at = put(at, headers[i].value);
	}
	return at;
}

bool
net_header_lines(struct buf *out, const struct net_header *headers, size_t header_count)
{
	size_t bytes = lines_bytes(headers, header_count);

	if (header_fault(headers, header_count) != NULL)
		return false;
	buf_reserve(out, bytes);
	*put_lines(out->p + out->len, headers, header_count) = '\0';
	out->len += bytes;
	return true;
}

static char *
put_number(char *at, size_t number)
{
	char digits[20];
	size_t i = sizeof(digits);

	do
		digits[--i] = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	return mempcpy(at, digits + i, sizeof(digits) - i);
}

static size_t
head_bytes(const struct net_call *call, struct str host)
{
	return call->method.len + call->target.len + host.len + call->lines.len +
	       lines_bytes(call->headers, call->header_count) + FIXED_BYTES;
}

/** Measured first, so that it is written without a look at the room that is left. */
void
request_head(struct buf *out, const struct net_call *call, struct str host)
{
	char *at;

	buf_reserve(out, head_bytes(call, host));
	at = out->p + out->len;
	at = put(at, call->method);
	*at++ = ' ';
	at = put(at, call->target);
	at = put(at, STR(" HTTP/1.1\r\nHost: "));
	at = put(at, host);
	at = put(at, call->lines);
	at = put_lines(at, call->headers, call->header_count);
	if (wants_length(call)) {
		at = put(at, STR("\r\nContent-Length: "));
		at = put_number(at, call->body.len);
	}
	if (call->last)
		at = put(at, STR("\r\nConnection: close"));
	at = put(at, STR("\r\n\r\n"));
	*at = '\0';
	out->len = (size_t)(at - out->p);
}
