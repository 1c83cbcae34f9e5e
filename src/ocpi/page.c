/* page: the parameters of a list request and the link to its next page.
 *
 * Spec: 2.2.1 transport_and_format.asciidoc "Pagination"; RFC 8288 section 3 for Link. */
#include <string.h>

#include "roamhub/ocpi.h"

/* ---- Link ---- */

static void
skip_blanks(struct str *s)
{
	while (s->len > 0 && (s->p[0] == ' ' || s->p[0] == '\t'))
		*s = str_from(*s, 1);
}

/** Whether @c comes next behind blanks; it is taken then. */
static bool
take(struct str *s, char c)
{
	skip_blanks(s);
	if (s->len == 0 || s->p[0] != c)
		return false;
	*s = str_from(*s, 1);
	return true;
}

/** A token, up to what may end a parameter's name or value. */
static struct str
take_token(struct str *s)
{
	struct str token;
	size_t len = 0;

	skip_blanks(s);
	while (len < s->len && strchr(" \t,;=\"", s->p[len]) == NULL)
		len++;
	token = (struct str){ s->p, len };
	*s = str_from(*s, len);
	return token;
}

/** Bytes up to the quote that ends a quoted string. */
static size_t
quoted_len(struct str s)
{
	size_t len = 0;

	while (len < s.len && s.p[len] != '"')
		len += s.p[len] == '\\' && s.len - len > 1 ? 2 : 1;
	return len;
}

/** The rest of a quoted string, behind its first quote; one without an end reaches to the end of
 * the header. */
static struct str
take_quoted(struct str *s, struct arena *arena)
{
	char *out = arena_take(arena, quoted_len(*s) + 1);
	size_t len = 0;

	while (s->len > 0 && s->p[0] != '"') {
		if (s->p[0] == '\\' && s->len > 1)
			*s = str_from(*s, 1);
		out[len++] = s->p[0];
		*s = str_from(*s, 1);
	}
	take(s, '"');
	return (struct str){ out, len };
}

/** What a parser lost in: on to the next ';' or ','. */
static void
skip_junk(struct str *s)
{
	while (s->len > 0 && s->p[0] != ';' && s->p[0] != ',')
		*s = str_from(*s, 1);
}

/** Whether the space separated @values hold @wanted. */
static bool
relation_in(struct str values, const char *wanted)
{
	while (values.p != NULL)
		if (str_ieq(str_cut(&values, ' '), str_of(wanted)))
			return true;
	return false;
}

/** The parameters of one link, up to its ','. Only the first rel counts; a link with an anchor
 * speaks of something else than this page (RFC 8288, 3.2 and 3.3). */
static bool
parameters_say_next(struct str *s, struct arena *arena)
{
	bool next = false, rel_seen = false, anchored = false;

	for (skip_junk(s); take(s, ';'); skip_junk(s)) {
		struct str name = take_token(s), value = { 0 };

		if (take(s, '='))
			value = take(s, '"') ? take_quoted(s, arena) : take_token(s);
		if (str_ieq(name, STR("anchor")))
			anchored = true;
		if (!str_ieq(name, STR("rel")) || rel_seen)
			continue;
		rel_seen = true;
		next = relation_in(value, "next");
	}
	return next && !anchored;
}

struct str
ocpi_link_next(struct str header, struct arena *arena)
{
	while (header.len > 0) {
		struct str target;

		if (!take(&header, '<')) {
			parameters_say_next(&header, arena);
			take(&header, ',');
			continue;
		}
		if (header.len == 0 || memchr(header.p, '>', header.len) == NULL)
			break;
		target = str_trim(str_cut(&header, '>'));
		if (parameters_say_next(&header, arena) && target.len > 0)
			return target;
		take(&header, ',');
	}
	return (struct str){ 0 };
}

/* ---- parameters ---- */

/** A whole number; one that is beyond every list counts as the largest there is (TRP-63). */
static bool
read_number(struct str text, uint64_t *out)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
	if (text.len > 0 && !str_to_u64(text, INT64_MAX, out))
		*out = INT64_MAX;
	return text.len > 0;
}

static enum rh_err
read_date(struct str query, const char *name, struct arena *arena, bool *has, int64_t *ns,
        struct fault *fault)
{
	struct ocpi_query_value value;

	*has = ocpi_query_find(query, name, arena, &value);
	if (*has && !ocpi_datetime_parse(value.decoded, ns))
		return fault_set(fault, RH_BAD_FIELD, name,
		        "expected a DateTime such as 2026-11-23T08:00:00Z");
	return RH_OK;
}

static enum rh_err
read_count(struct str query, const char *name, uint64_t least, struct arena *arena, bool *has,
        uint64_t *out, struct fault *fault)
{
	struct ocpi_query_value value;

	*has = ocpi_query_find(query, name, arena, &value);
	if (*has && (!read_number(value.decoded, out) || *out < least))
		return fault_set(fault, RH_BAD_FIELD, name, "expected a whole number from %u on",
		        (unsigned)least);
	return RH_OK;
}

enum rh_err
ocpi_page_query_read(
        struct str query, struct arena *arena, struct ocpi_page_query *page, struct fault *fault)
{
	enum rh_err err;
	bool has_offset;

	*page = (struct ocpi_page_query){ 0 };
	err = read_date(query, "date_from", arena, &page->has_from, &page->from_ns, fault);
	if (err == RH_OK)
		err = read_date(query, "date_to", arena, &page->has_to, &page->to_ns, fault);
	if (err == RH_OK)
		err = read_count(query, "offset", 0, arena, &has_offset, &page->offset, fault);
	if (err == RH_OK)
		err = read_count(query, "limit", 1, arena, &page->has_limit, &page->limit, fault);
	return err;
}
