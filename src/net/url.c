/* url: URLs by the parser of libcurl, so that what is checked is what is connected to.
 *
 * libcurl is generous where RFC 3986 is not: one or three slashes, percent-encoded hosts, numbers
 * for addresses. It normalises the numbers, which is welcome; the rest is refused before it sees
 * the text. */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <string.h>

#include "roamhub/net.h"

enum { URL_MAX = 8192, HOST_MAX = 253 };

static void
url_drop(CURLU **url)
{
	curl_url_cleanup(*url);
}

static void
text_drop(char **text)
{
	curl_free(*text);
}

static enum rh_err
refuse(struct fault *fault, const char *why)
{
	return fault_set(fault, RH_BAD_FIELD, "url", "%s", why);
}

/** Visible ASCII only, and no backslash, which browsers take for a slash and libcurl does not. */
static enum rh_err
check_text(struct str text, struct fault *fault)
{
	if (text.len > URL_MAX)
		return refuse(fault, "URL is too long");
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c <= ' ' || c >= 0x7f || c == '\\')
			return refuse(fault, "URL has a character that must be percent-encoded");
	}
	return RH_OK;
}

/** What libcurl would let pass: user info, an encoded host, more or fewer slashes than two, a user
 * given as empty. */
static enum rh_err
check_authority(struct str text, struct fault *fault)
{
	static const char *const schemes[] = { "http://", "https://" };
	struct str rest = { NULL, 0 };

	for (size_t i = 0; i < COUNT(schemes); i++) {
		struct str scheme = str_of(schemes[i]);

		if (text.len > scheme.len && str_ieq((struct str){ text.p, scheme.len }, scheme))
			rest = str_from(text, scheme.len);
	}
	if (rest.p == NULL)
		return refuse(fault, "URL must begin with http:// or https://");
	for (size_t i = 0; i < rest.len && strchr("/?#", rest.p[i]) == NULL; i++) {
		if (rest.p[i] == '@')
			return refuse(fault, "URL must not contain user info");
		if (rest.p[i] == '%')
			return refuse(fault, "host must not be percent-encoded");
	}
	if (strchr("/?#:", rest.p[0]) != NULL)
		return refuse(fault, "URL has no host");
	return RH_OK;
}

/** Lower case; the one spelling of an IPv6 address; of names only what the DNS and its users know.
 */
static enum rh_err
read_host(const char *text, struct arena *arena, struct str *host, struct fault *fault)
{
	struct str raw = str_of(text);
	struct in6_addr ipv6;
	char *lower;

	if (raw.len == 0 || raw.len > HOST_MAX)
		return refuse(fault, "host is missing or too long");
	if (raw.p[0] == '[') {
		lower = arena_take(arena, INET6_ADDRSTRLEN);
		if (inet_pton(AF_INET6, arena_cstr(arena, (struct str){ raw.p + 1, raw.len - 2 }),
		            &ipv6) != 1)
			return refuse(fault, "host is not an IPv6 address");
		inet_ntop(AF_INET6, &ipv6, lower, INET6_ADDRSTRLEN);
		*host = str_of(lower);
		return RH_OK;
	}
	lower = arena_cstr(arena, raw);
	for (size_t i = 0; i < raw.len; i++) {
		char c = lower[i];

		if (c >= 'A' && c <= 'Z')
			lower[i] = c = (char)(c - 'A' + 'a');
		if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && strchr("-._", c) == NULL)
			return refuse(fault, "host has a character that no name has");
	}
	*host = (struct str){ lower, raw.len };
	return RH_OK;
}

static enum rh_err
read_port(CURLU *parsed, struct net_url *url, struct fault *fault)
{
	CLEANUP(text_drop) char *text = NULL;
	uint64_t port = 0;

	if (curl_url_get(parsed, CURLUPART_PORT, &text, CURLU_DEFAULT_PORT) != CURLUE_OK ||
	        !str_to_u64(str_of(text), UINT16_MAX, &port) || port == 0)
		return refuse(fault, "port is not a number from 1 to 65535");
	url->port = (uint16_t)port;
	return RH_OK;
}

static enum rh_err
read_target(CURLU *parsed, struct arena *arena, struct net_url *url, struct fault *fault)
{
	CLEANUP(text_drop) char *path = NULL;
	CLEANUP(text_drop) char *query = NULL;

	if (curl_url_get(parsed, CURLUPART_PATH, &path, 0) != CURLUE_OK)
		return refuse(fault, "URL has no usable path");
	if (curl_url_get(parsed, CURLUPART_QUERY, &query, 0) == CURLUE_OK)
		url->target = arena_printf(arena, "%s?%s", path, query);
	else
		url->target = arena_printf(arena, "%s", path);
	return RH_OK;
}

static enum rh_err
read_parts(CURLU *parsed, struct arena *arena, struct net_url *url, struct fault *fault)
{
	CLEANUP(text_drop) char *scheme = NULL;
	CLEANUP(text_drop) char *host = NULL;
	enum rh_err err;

	if (curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
	        curl_url_get(parsed, CURLUPART_HOST, &host, 0) != CURLUE_OK)
		return refuse(fault, "URL has no host");
	url->tls = strcmp(scheme, "https") == 0;
	err = read_host(host, arena, &url->host, fault);
	if (err == RH_OK)
		err = read_port(parsed, url, fault);
	if (err == RH_OK)
		err = read_target(parsed, arena, url, fault);
	if (err != RH_OK)
		return err;
	url->origin = arena_printf(arena, host[0] == '[' ? "%s://[%.*s]:%u" : "%s://%.*s:%u",
	        scheme, STR_ARG(url->host), (unsigned)url->port);
	return RH_OK;
}

enum rh_err
net_url_parse(struct str text, struct arena *arena, struct net_url *url, struct fault *fault)
{
	CLEANUP(url_drop) CURLU *parsed = curl_url();
	enum rh_err err = check_text(text, fault);
	CURLUcode rc;

	if (err == RH_OK)
		err = check_authority(text, fault);
	if (err != RH_OK)
		return err;
	rc = curl_url_set(parsed, CURLUPART_URL, arena_cstr(arena, text), CURLU_DISALLOW_USER);
	if (rc != CURLUE_OK)
		return refuse(fault, curl_url_strerror(rc));
	return read_parts(parsed, arena, url, fault);
}

/** An absolute reference must be what net_url_parse() takes; a colon behind the first slash is no
 * scheme's. */
static enum rh_err
check_reference(struct str reference, struct fault *fault)
{
	enum rh_err err = check_text(reference, fault);

	if (err != RH_OK)
		return err;
	for (size_t i = 0; i < reference.len && strchr("/?#", reference.p[i]) == NULL; i++)
		if (reference.p[i] == ':')
			return check_authority(reference, fault);
	return RH_OK;
}

enum rh_err
net_url_resolve(struct str base, struct str reference, struct arena *arena, struct str *url,
        struct fault *fault)
{
	CLEANUP(url_drop) CURLU *parsed = curl_url();
	CLEANUP(text_drop) char *text = NULL;
	enum rh_err err = check_text(base, fault);
	CURLUcode rc;

	reference = str_cut(&reference, '#');
	if (err == RH_OK)
		err = check_reference(reference, fault);
	if (err == RH_OK)
		err = check_authority(base, fault);
	if (err != RH_OK)
		return err;
	rc = curl_url_set(parsed, CURLUPART_URL, arena_cstr(arena, base), 0);
	if (rc == CURLUE_OK && reference.len > 0)
		rc = curl_url_set(parsed, CURLUPART_URL, arena_cstr(arena, reference), 0);
	if (rc == CURLUE_OK)
		rc = curl_url_set(parsed, CURLUPART_FRAGMENT, NULL, 0);
	if (rc == CURLUE_OK)
		rc = curl_url_get(parsed, CURLUPART_URL, &text, 0);
	if (rc != CURLUE_OK)
		return refuse(fault, curl_url_strerror(rc));
	*url = arena_str(arena, str_of(text));
	return RH_OK;
}
