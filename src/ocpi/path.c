/* path: request targets, taken apart and put together.
 *
 * A path is split on its raw bytes and decoded afterwards, for ids may hold an encoded slash
 * (TRN-047, TRP-68). What is forwarded is built from the raw bytes again. */
#include <string.h>

#include "json.h"

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* ---- percent encoding ---- */

static bool
unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_' || c == '~';
}

struct str
ocpi_percent_encode(struct str s, struct arena *arena)
{
	static const char digits[] = "0123456789ABCDEF";
	char *start = arena_take(arena, s.len * 3 + 1), *out = start;

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (unreserved(s.p[i])) {
			*out++ = s.p[i];
			continue;
		}
		*out++ = '%';
		*out++ = digits[c >> 4];
		*out++ = digits[c & 15];
	}
	*out = '\0';
	return (struct str){ start, (size_t)(out - start) };
}

bool
ocpi_percent_decode(struct str s, bool plus_is_space, struct arena *arena, struct str *out)
{
	char *start;
	size_t len = 0;

	*out = s;
	if (s.len == 0 || (memchr(s.p, '%', s.len) == NULL &&
	                          (!plus_is_space || memchr(s.p, '+', s.len) == NULL)))
		return true;
	start = arena_take(arena, s.len);
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (c == '%') {
			if (s.len - i < 3 || hex(s.p[i + 1]) < 0 || hex(s.p[i + 2]) < 0)
				return false;
			c = (char)(hex(s.p[i + 1]) << 4 | hex(s.p[i + 2]));
			i += 2;
		} else if (c == '+' && plus_is_space) {
			c = ' ';
		}
		start[len++] = c;
	}
	*out = (struct str){ start, len };
	return true;
}

/** Text that may go on: UTF-8 without control characters. */
static bool
clean(struct str s)
{
	bool ascii = true;

	for (size_t i = 0; i < s.len; i++) {
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return false;
		ascii &= (unsigned char)s.p[i] < 0x80;
	}
	return ascii || utf8_ok(s);
}

/* ---- paths ---- */

/** What no target has: spaces, control characters, a fragment. One that is @plain has no escapes
 * and nothing but ASCII either, so that its segments are what they mean. */
static bool
target_ok(struct str target, bool *plain)
{
	*plain = true;
	for (size_t i = 0; i < target.len; i++) {
		unsigned char c = (unsigned char)target.p[i];

		if (c > 0x20 && c < 0x7f && c != '#' && c != '%')
			continue;
		if (c != '%' && c < 0x80)
			return false;
		*plain = false;
	}
	return true;
}

static bool
decode_segment(struct str raw, struct arena *arena, struct str *decoded)
{
	return ocpi_percent_decode(raw, false, arena, decoded) && clean(*decoded);
}

static bool
is_dots(struct str s)
{
	return s.p[0] == '.' && (s.len == 1 || (s.len == 2 && s.p[1] == '.'));
}

static enum rh_err
add_segment(struct str raw, bool plain, struct arena *arena, struct ocpi_path *path,
        struct fault *fault)
{
	struct str decoded = raw;

	if (path->count == OCPI_MAX_SEGMENTS)
		return fault_set(fault, RH_NOT_FOUND, "", "more than %d segments in the path",
		        OCPI_MAX_SEGMENTS);
	if (!plain && !decode_segment(raw, arena, &decoded))
		return fault_set(fault, RH_BAD_FIELD, "path",
		        "segment %zu: expected UTF-8 without control characters, percent-encoded",
		        path->count);
	if (is_dots(decoded))
		return fault_set(fault, RH_NOT_FOUND, "", "dot segment in the path");
	path->raw[path->count] = raw;
	path->decoded[path->count++] = decoded;
	return RH_OK;
}

/** fault O23: partners put a slash of their own behind an endpoint's, or before one: many are one.
 */
static struct str
single_slashes(struct str path, struct arena *arena)
{
	char *copy;
	size_t len = 0;

	if (memmem(path.p, path.len, "//", 2) == NULL)
		return path;
	copy = arena_take(arena, path.len);
	for (size_t i = 0; i < path.len; i++)
		if (path.p[i] != '/' || i == 0 || path.p[i - 1] != '/')
			copy[len++] = path.p[i];
	return (struct str){ copy, len };
}

enum rh_err
ocpi_path_split(struct str target, struct arena *arena, struct ocpi_path *path, struct fault *fault)
{
	struct str rest = target, all;
	bool plain;

	*path = (struct ocpi_path){ 0 };
	if (target.len == 0 || target.p[0] != '/')
		return fault_set(fault, RH_NOT_FOUND, "", "expected a path that starts with '/'");
	if (!target_ok(target, &plain))
		return fault_set(fault, RH_BAD_FIELD, "path",
		        "space, control character or '#' in the target");
	all = single_slashes(str_cut(&rest, '?'), arena);
	path->query = rest;
	all = str_from(all, 1);
	rest = (struct str){ 0 };
	if (all.len > 0) {
		all.len -= all.p[all.len - 1] == '/';
		rest = all;
	}
	path->tail[0] = all;
	while (rest.p != NULL) {
		enum rh_err err = add_segment(str_cut(&rest, '/'), plain, arena, path, fault);

		if (err != RH_OK)
			return err;
		path->tail[path->count] = rest.p != NULL ? rest : str_from(all, all.len);
	}
	return RH_OK;
}

/* ---- queries ---- */

static bool
name_is(struct str raw, const char *name, struct arena *arena)
{
	struct str decoded;

	return str_is(raw, name) ||
	       (memchr(raw.p, '%', raw.len) != NULL &&
	               ocpi_percent_decode(raw, true, arena, &decoded) && str_is(decoded, name));
}

/** Raw value of the first @name, and in *rest the query from that value on. */
static bool
find_raw(struct str query, const char *name, struct arena *arena, struct str *raw, struct str *rest)
{
	while (query.p != NULL) {
		struct str pair = str_cut(&query, '&');
		struct str key = str_cut(&pair, '=');

		if (!name_is(key, name, arena))
			continue;
		*raw = pair.p != NULL ? pair : str_from(key, key.len);
		*rest = *raw;
		if (query.p != NULL)
			rest->len = (size_t)(query.p + query.len - raw->p);
		return true;
	}
	return false;
}

static void
decode_value(struct ocpi_query_value *value, struct arena *arena)
{
	if (!ocpi_percent_decode(value->raw, true, arena, &value->decoded) ||
	        !clean(value->decoded))
		value->decoded = (struct str){ 0 };
}

bool
ocpi_query_find(
        struct str query, const char *name, struct arena *arena, struct ocpi_query_value *value)
{
	struct str rest;

	*value = (struct ocpi_query_value){ 0 };
	if (!find_raw(query, name, arena, &value->raw, &rest))
		return false;
	decode_value(value, arena);
	return true;
}

/** The bare '?' of an URL that nobody encoded; NULL when @raw is not such an URL. */
static const char *
nested_query(struct str raw)
{
	if (raw.p == NULL || memmem(raw.p, raw.len, "://", 3) == NULL)
		return NULL;
	return memchr(raw.p, '?', raw.len);
}

bool
ocpi_query_find_last(
        struct str query, const char *name, struct arena *arena, struct ocpi_query_value *value)
{
	struct str rest, nested;
	const char *mark;

	*value = (struct ocpi_query_value){ 0 };
	if (!find_raw(query, name, arena, &value->raw, &rest))
		return false;
	mark = nested_query(value->raw);
	if (mark == NULL) {
		decode_value(value, arena);
		return true;
	}
	value->raw = rest;
	nested = str_from(rest, (size_t)(mark - rest.p));
	/* A bare '=' or '&' shows that its own query was never encoded: what looks like an escape
	 * is the URL's. */
	if (memchr(nested.p, '=', nested.len) == NULL && memchr(nested.p, '&', nested.len) == NULL)
		decode_value(value, arena);
	else if (clean(rest))
		value->decoded = rest;
	return true;
}

/* ---- joining ---- */

/** The first of all that are present begins with '?', and '&' stands between two. */
static void
add_queries(struct buf *buf, const struct str *parts, size_t count)
{
	size_t begin = 0;

	for (size_t i = 0; i < count; i++) {
		if (parts[i].p == NULL)
			continue;
		if (begin == 0) {
			buf_addc(buf, '?');
			begin = buf->len;
		} else if (parts[i].len > 0 && buf->len > begin && buf->p[buf->len - 1] != '&') {
			buf_addc(buf, '&');
		}
		buf_add(buf, parts[i]);
	}
}

/* A path that nothing follows keeps its own end: to many servers "/cdrs" and "/cdrs/" are two
 * resources, and they answer the one that was not listed with a redirect. */
struct str
ocpi_join(struct str base, struct str tail, struct str query, struct arena *arena)
{
	struct buf buf = { .arena = arena };
	struct str of_base = base, of_tail = tail;
	struct str path = str_cut(&of_base, '?'), rest = str_cut(&of_tail, '?');

	while (rest.len > 0 && rest.p[0] == '/')
		rest = str_from(rest, 1);
	while (rest.len > 0 && path.len > 0 && path.p[path.len - 1] == '/')
		path.len--;
	buf_reserve(&buf, base.len + tail.len + query.len + 4);
	buf_add(&buf, path);
	if (rest.len > 0) {
		buf_addc(&buf, '/');
		buf_add(&buf, rest);
	}
	add_queries(&buf, (const struct str[]){ of_base, of_tail, query }, 3);
	return buf_str(&buf);
}
