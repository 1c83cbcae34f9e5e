/* forward: a message to one party; its answer is relayed. Body and query go on byte for byte but
 * for response_url. */
#include "forward.h"

#include "hints.h"
#include "keep.h"
#include "leg.h"
#include "rewrite.h"

#include <string.h>

/* ---- what becomes of it ---- */

static enum next
relay(struct flight *flight)
{
	unsigned flags = flight->match.route->flags;

	return rewrite_answer(flight, (flags & ROUTE_LINK) != 0, (flags & ROUTE_LOCATION) != 0);
}

static enum next
refused(struct flight *flight)
{
	(void)flight; /* its fault is set */
	return REPLY;
}

/* A receiver that is away finds it in its lists when it is back. */
static enum next
undelivered(struct flight *flight)
{
	return keep_copy(flight, false, refused);
}

/* TRP-04: 404, 2004 or both. */
static bool
token_is_unknown(const struct flight *flight, enum rh_err verdict)
{
	return (flight->match.route->flags & ROUTE_AUTHORIZE) &&
	       flight->call.net.result == NET_DONE &&
	       (flight->call.net.status == 404 ||
	               (verdict == RH_OK && flight->call.envelope.code == 2004));
}

static enum next
keep_and_relay(struct flight *flight)
{
	return flight->call.envelope.code / 1000 == 1 ? keep_copy(flight, true, relay)
	                                              : relay(flight);
}

static enum next
forward_answered(struct flight *flight)
{
	enum rh_err err = leg_verdict(flight);

	if (flight->unknown_token != NULL && token_is_unknown(flight, err))
		return flight->unknown_token(flight);
	if (err == RH_OK)
		return hints_note(flight, keep_and_relay);
	if (err == RH_RECEIVER_GONE || err == RH_RECEIVER_LATE)
		return undelivered(flight);
	if (err == RH_BAD_ANSWER && token_is_unknown(flight, err))
		return flight_refuse(flight, RH_UNKNOWN_AUTH_TOKEN, "", "%s", "");
	return REPLY;
}

static enum next
forward_send(struct flight *flight)
{
	return leg_start(flight, flight->request->method,
	        flight->has_body ? flight->body_out : (struct str){ 0 }, forward_answered);
}

/* ---- a CDR is never changed after sending (CDR-012): the same again is forwarded again, another
 * one is refused once the receiver took the first, also while that is away ---- */

static enum next
unless_changed(struct flight *flight, enum next (*then)(struct flight *))
{
	const struct store_op *op = &flight->op;

	if (op->err == RH_OK && op->u.get.object.accepted &&
	        !str_eq(str_trim(op->u.get.object.body), str_trim(flight->request->body)))
		return flight_refuse(flight, RH_BAD_FIELD, "/id",
		        "a CDR of this id with other content was sent before, expected a credit "
		        "CDR and a new id");
	return then(flight); /* one that cannot be read is replaced */
}

/* @looked is called with the copy that is there, or at once when any may be sent. */
static enum next
look_at_copy(struct flight *flight, enum next (*looked)(struct flight *),
        enum next (*at_once)(struct flight *))
{
	if (!(flight->match.route->flags & ROUTE_BODY_OWNER) || flight->keep == NULL)
		return at_once(flight);
	memset(&flight->op, 0, sizeof flight->op);
	flight->op.u.get.key = keep_key(flight);
	return flight_store(flight, STORE_OBJECT_GET, looked);
}

static enum next
send_if_kept(struct flight *flight)
{
	return keep_ready(flight, forward_send);
}

static enum next
send_unless_changed(struct flight *flight)
{
	return unless_changed(flight, send_if_kept);
}

static enum next
undelivered_unless_changed(struct flight *flight)
{
	return unless_changed(flight, undelivered);
}

/* The callback comes from the receiver, so it is the receiver who may call the URL; it leads back
 * to the sender. */
static enum next
forward_rewritten(
        struct flight *flight, const struct endpoint *endpoint, struct rewrite_place *place)
{
	struct arena *arena = flight->arena;
	struct str query = flight->path.query;
	const struct platform *to = flight->receiver->platform;

	rewrite_draw(flight, RELINK_RESPONSE_URL, place->url);
	rewrite_bind(flight, to->id, &flight->to, flight->platform_id, &flight->from);
	if (place->in_body) {
		place->splice.with = arena_printf(arena, "\"%.*s\"", STR_ARG(flight->rewritten));
		flight->body_out = splice_apply(flight->body_out, &place->splice, 1, arena);
	} else {
		place->splice.with = ocpi_percent_encode(flight->rewritten, arena); /* TRP-24 */
		query = splice_apply(query, &place->splice, 1, arena);
	}
	leg_prepare(flight, to, endpoint->origin,
	        ocpi_join(endpoint->target, flight->path.tail[flight->match.first], query, arena),
	        true);
	return rewrite_store(flight, forward_send);
}

static enum next
forward_to(struct flight *flight, const struct endpoint *endpoint)
{
	struct rewrite_place place;

	flight->body_out = flight->request->body;
	if (rewrite_find(flight, &place) != NEXT)
		return REPLY;
	if (place.in_body || place.in_query)
		return forward_rewritten(flight, endpoint, &place);
	leg_prepare(flight, flight->receiver->platform, endpoint->origin,
	        ocpi_join(endpoint->target, flight->path.tail[flight->match.first],
	                flight->path.query, flight->arena),
	        true);
	return look_at_copy(flight, send_unless_changed, send_if_kept);
}

enum next
flight_forward(struct flight *flight)
{
	const struct platform *to = flight->receiver->platform;
	const struct endpoint *endpoint;
	enum store_state state = party_state(flight->receiver);
	char text[OCPI_ID_TEXT];

	keep_begin(flight, to->id);
	if (state != STATE_CONNECTED) {
		(void)flight_refuse_gone(flight, ocpi_id_text(&flight->to, text), state);
		return state == STATE_OFFLINE
		               ? look_at_copy(flight, undelivered_unless_changed, undelivered)
		               : REPLY;
	}
	endpoint = platform_endpoint(to, str_of(flight->module->id), flight->interface);
	if (endpoint == NULL)
		return flight_refuse(flight, RH_NO_ENDPOINT, "", "%s has no %s endpoint for %s",
		        to->name.p, ocpi_interface_name(flight->interface), flight->module->id);
	return forward_to(flight, endpoint);
}
