/* rewrite: URLs that the other side will call become URLs of the hub (RTE-058): response_url, Link,
 * Location.
 *
 * Each is random, bound to the two platforms and committed before it is handed out; it may be used
 * again and again until it expires (CMD-006). */
#include "rewrite.h"

#include "../count.h"
#include "../parties/callable.h"
#include "leg.h"
#include "limits.h"

#include <stdio.h>
#include <string.h>

enum { ID_CHARS = 32, MAX_URL = 255 };
static const int64_t DAY_MS = 24 * 3600 * 1000LL;

static int64_t
life_ms(const struct flight *flight, enum store_relink_kind kind)
{
	const struct settings *settings = hub_settings(flight_hub(flight));

	switch (kind) {
	case RELINK_RESPONSE_URL:
		return 30 * DAY_MS;
	case RELINK_LINK:
		return DAY_MS;
	default:
		return settings->retention_days * DAY_MS; /* CDR-008: as long as the CDR is kept */
	}
}

void
rewrite_draw(struct flight *flight, enum store_relink_kind kind, struct str target)
{
	struct store_relink *relink = &flight->relink;
	const struct ocpi_class *callback =
	        kind == RELINK_RESPONSE_URL ? flight->match.route->callback : NULL;
	char random[ID_CHARS + 1];

	rh_random_text(random, ID_CHARS);
	*relink = (struct store_relink){
		.id = arena_printf(flight->arena, "%s%s%s", random, callback != NULL ? "-" : "",
		        callback != NULL ? callback->name : ""),
		.kind = kind,
		.target = target,
		.module = str_of(flight->module->id),
		.interface = (int)flight->interface,
		.correlation_id = flight->correlation_id,
		.created_ms = rh_wall_ms(),
	};
	relink->expires_ms = relink->created_ms + life_ms(flight, kind);
	flight->rewritten = hub_link(flight_hub(flight),
	        arena_printf(flight->arena, OCPI_VERSION "/relink/%s", relink->id.p).p,
	        flight->arena);
}

/* Its name stands behind the random part of the id. URLs of older builds have none. */
const struct ocpi_class *
rewrite_callback(const struct flight *flight)
{
	struct str id = flight->relink.id;

	if (id.len <= ID_CHARS + 1)
		return NULL;
	for (const struct ocpi_route *route = flight->module->routes; route->interface != 0;
	        route++)
		if (route->callback != NULL &&
		        str_is(str_from(id, ID_CHARS + 1), route->callback->name))
			return route->callback;
	return NULL;
}

/* Of a sandbox nothing is to be left that leads anywhere. */
static void
shorten(const struct hub *hub, struct store_relink *relink)
{
	const int64_t sides[] = { relink->caller_platform, relink->target_platform };

	for (size_t i = 0; i < COUNT(sides); i++) {
		const struct platform *side = directory_platform(hub_directory(hub), sides[i]);

		if (side != NULL && side->sandbox_of != 0)
			relink->expires_ms = relink->created_ms + DAY_MS;
	}
}

void
rewrite_bind(struct flight *flight, int64_t caller_platform, const struct ocpi_id *caller,
        int64_t target_platform, const struct ocpi_id *target)
{
	struct store_relink *relink = &flight->relink;

	relink->caller_platform = caller_platform;
	relink->target_platform = target_platform;
	memcpy(relink->caller_country, caller->country, sizeof relink->caller_country);
	memcpy(relink->caller_party, caller->party, sizeof relink->caller_party);
	memcpy(relink->target_country, target->country, sizeof relink->target_country);
	memcpy(relink->target_party, target->party, sizeof relink->target_party);
	shorten(flight_hub(flight), relink);
}

static enum next
relink_stored(struct flight *flight)
{
	enum next (*stored)(struct flight *) = flight->rewrite_stored;

	if (flight->op.err == RH_OK)
		return stored(flight);
	if (flight->op.err == RH_STORE_FAILED)
		atomic_store(&flight_hub(flight)->store_fails, true);
	if (flight->op.err == RH_QUOTA)
		limits_note(flight, LIMIT_RELINKS);
	if (flight->relink.kind != RELINK_LOCATION)
		return flight_refuse_store(flight);
	flight->rewritten = (struct str){ 0 }; /* the receiver has the object: its answer stands */
	return leg_relay(flight);
}

enum next
rewrite_store(struct flight *flight, enum next (*stored)(struct flight *flight))
{
	memset(&flight->op, 0, sizeof flight->op);
	flight->op.u.relink_put.relink = &flight->relink;
	flight->op.u.relink_put.limited = true;
	flight->op.u.relink_put.quota = limits_quota(flight, QUOTA_RELINKS);
	flight->rewrite_stored = stored;
	count_add(&flight->worker->counters.total[COUNT_RELINKED], 1);
	return flight_store(flight, STORE_RELINK_PUT, relink_stored);
}

/* ---- response_url ---- */

static enum next
check_response_url(struct flight *flight, const char *field, struct str url)
{
	struct net_url parsed;

	if (url.p == NULL)
		return flight_refuse(flight, RH_BAD_FIELD, field,
		        "missing, expected the URL that gets the result");
	if (url.len > MAX_URL)
		return flight_refuse(flight, RH_BAD_FIELD, field,
		        "has %zu characters, expected at most %d", url.len, MAX_URL);
	return callable_read(flight_hub(flight), flight->platform_id, field, url, flight->arena,
	               &parsed, &flight->fault) == RH_OK
	               ? NEXT
	               : REPLY;
}

static enum next
find_in_body(struct flight *flight, struct rewrite_place *place)
{
	uint32_t node = json_member(&flight->body, 0, "response_url");

	if (node == 0)
		return check_response_url(flight, "/response_url", (struct str){ 0 });
	place->url = json_string(&flight->body, node, flight->arena);
	place->splice.at = flight->body.nodes[node].at;
	place->splice.end = flight->body.nodes[node].end;
	place->in_body = true;
	return check_response_url(flight, "/response_url", place->url);
}

static enum next
find_in_query(struct flight *flight, struct rewrite_place *place)
{
	struct str query = flight->path.query;
	struct ocpi_query_value value;

	if (!ocpi_query_find_last(query, "response_url", flight->arena, &value))
		return check_response_url(flight, "response_url", (struct str){ 0 });
	place->url = value.decoded;
	place->splice.at = (size_t)(value.raw.p - query.p);
	place->splice.end = place->splice.at + value.raw.len;
	place->in_query = true;
	return check_response_url(flight, "response_url", place->url);
}

enum next
rewrite_find(struct flight *flight, struct rewrite_place *place)
{
	unsigned flags = flight->match.route->flags;

	memset(place, 0, sizeof *place);
	if ((flags & ROUTE_RESPONSE_URL_BODY) && flight->has_body)
		return find_in_body(flight, place);
	return flags & ROUTE_RESPONSE_URL_QUERY ? find_in_query(flight, place) : NEXT;
}

/* ---- Link and Location of an answer ---- */

static enum next
relay_link(struct flight *flight)
{
	flight_header(flight, "Link",
	        arena_printf(flight->arena, "<%.*s>; rel=\"next\"", STR_ARG(flight->rewritten)));
	return leg_relay(flight);
}

static enum next
relay_location(struct flight *flight)
{
	flight_header(flight, "Location", flight->rewritten);
	return leg_relay(flight);
}

/* TRN-026: the filters of this page hold for the next one, and clients read them there. They decide
 * nothing: the URL that is called is the partner's. What its own Link says goes before what was
 * asked for (fault O11). What makes it longer than a URL may be is left out (RTE-059). */
static void
repeat_filters(struct flight *flight, struct str theirs)
{
	static const char *const names[] = { "offset", "limit", "date_from", "date_to" };
	struct buf url = { .arena = flight->arena };
	struct ocpi_query_value value;
	char before = '?';

	(void)str_cut(&theirs, '?');
	theirs = str_cut(&theirs, '#');
	buf_add(&url, flight->rewritten);
	for (size_t i = 0; i < COUNT(names); i++) {
		bool said = ocpi_query_find(theirs, names[i], flight->arena, &value);

		if (!said && i > 0) /* the offset of this page is not the next one's */
			said = ocpi_query_find(flight->path.query, names[i], flight->arena, &value);
		if (!said || value.raw.len == 0 ||
		        url.len + strlen(names[i]) + value.raw.len + 2 > MAX_URL ||
		        memchr(value.raw.p, '>', value.raw.len) != NULL)
			continue;
		buf_printf(&url, "%c%s=%.*s", before, names[i], STR_ARG(value.raw));
		before = '&';
	}
	flight->rewritten = buf_str(&url);
}

/* CDR-006, TRP-51: relative references are resolved against the URL that was called. */
static struct str
absolute(struct flight *flight, struct str reference, struct fault *fault)
{
	const struct net_call *call = &flight->call.net;
	struct str base = arena_printf(
	        flight->arena, "%.*s%.*s", STR_ARG(call->origin), STR_ARG(call->target));
	struct net_url checked;
	struct str url;

	if (net_url_resolve(base, reference, flight->arena, &url, fault) != RH_OK ||
	        callable_read(flight_hub(flight), flight->leg.platform, "", url, flight->arena,
	                &checked, fault) != RH_OK)
		return (struct str){ 0 };
	return url;
}

/* The receiver did what it was asked for, so its success stands without this header (fault O11). */
static enum next
drop_header(struct flight *flight, const char *name, const struct fault *fault)
{
	flight->dropped = arena_printf(flight->arena, "%s: %s", name, fault->why);
	return leg_relay(flight);
}

enum next
rewrite_answer(struct flight *flight, bool link, bool location)
{
	const struct net_call *call = &flight->call.net;
	struct fault fault = { 0 };
	struct str next = { 0 };

	if (call->status < 200 || call->status > 299 || flight->call.envelope.code / 1000 != 1)
		return leg_relay(flight);
	if (link)
		next = ocpi_link_next(call->header[OUT_LINK], flight->arena);
	else if (location)
		next = str_trim(call->header[OUT_LOCATION]);
	if (next.p == NULL || next.len == 0)
		return leg_relay(flight);
	next = absolute(flight, next, &fault);
	if (next.p == NULL)
		return drop_header(flight, link ? "Link" : "Location", &fault);
	rewrite_draw(flight, link ? RELINK_LINK : RELINK_LOCATION, next);
	if (link)
		repeat_filters(flight, next);
	rewrite_bind(flight, flight->platform_id, &flight->from, flight->leg.platform, &flight->to);
	return rewrite_store(flight, link ? relay_link : relay_location);
}
