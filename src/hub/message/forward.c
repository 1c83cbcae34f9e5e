/* forward: a message to one party; its answer is relayed. Body and query go on byte for byte but
 * for response_url. */
#include "forward.h"

#include "call.h"
#include "hints.h"
#include "rewrite.h"
#include "share.h"

#include <string.h>

static enum next
forward_answered(struct flight *flight)
{
	unsigned flags = flight->match.route->flags;

	if (call_verdict(flight) == RH_OK) {
		hints_note(flight);
		if (flight->call.envelope.code / 1000 == 1)
			share_keep_addressed(flight);
		return rewrite_answer(
		        flight, (flags & ROUTE_LINK) != 0, (flags & ROUTE_LOCATION) != 0);
	}
	if (flight->fault.err == RH_RECEIVER_GONE || flight->fault.err == RH_RECEIVER_LATE)
		share_keep_addressed(
		        flight); /* it could not be delivered: the receiver finds it here */
	if ((flags & ROUTE_AUTHORIZE) && flight->call.net.result == NET_DONE &&
	        flight->call.net.status == 404)
		return flight_refuse(flight, RH_UNKNOWN_AUTH_TOKEN, "", "%s", ""); /* TRP-04 */
	return REPLY;
}

static enum next
forward_send(struct flight *flight)
{
	bool has_body = flight->has_body || flight->request->body.len > 0;
	struct str method = flight->request->method;

	if (str_is(method, "GET") || str_is(method, "DELETE"))
		has_body = false;
	return call_start(
	        flight, method, has_body ? flight->body_out : (struct str){ 0 }, forward_answered);
}

/* ---- a CDR is never changed after sending (CDR-012): the same again is forwarded again, another
 * one is refused ---- */

static enum next
forward_unless_changed(struct flight *flight)
{
	const struct store_op *op = &flight->op;

	if (op->err == RH_OK &&
	        !str_eq(str_trim(op->u.get.object.body), str_trim(flight->request->body)))
		return flight_refuse(flight, RH_BAD_FIELD, "/id",
		        "a CDR of this id with other content was sent before, expected a credit "
		        "CDR and a new id");
	return forward_send(flight);
}

static enum next
forward_cdr(struct flight *flight)
{
	char text[OCPI_ID_TEXT];

	memset(&flight->op, 0, sizeof flight->op);
	if (!share_key_of(flight, str_of(ocpi_id_key(&flight->to, text)), &flight->op.u.get.key))
		return forward_send(flight);
	return flight_store(flight, STORE_OBJECT_GET, forward_unless_changed);
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
	call_prepare(flight, to, endpoint->origin,
	        ocpi_join(endpoint->target, flight->path.tail[flight->match.first], query, arena),
	        true);
	return rewrite_store(flight, forward_send);
}

enum next
flight_forward(struct flight *flight)
{
	const struct platform *to = flight->receiver->platform;
	const struct endpoint *endpoint =
	        platform_endpoint(to, str_of(flight->module->id), flight->interface);
	struct rewrite_place place;

	if (endpoint == NULL)
		return flight_refuse(flight, RH_NO_ENDPOINT, "", "%s has no %s endpoint for %s",
		        to->name.p, ocpi_interface_name(flight->interface), flight->module->id);
	flight->body_out = flight->request->body;
	if (rewrite_find(flight, &place) != NEXT)
		return REPLY;
	if (place.in_body || place.in_query)
		return forward_rewritten(flight, endpoint, &place);
	call_prepare(flight, to, endpoint->origin,
	        ocpi_join(endpoint->target, flight->path.tail[flight->match.first],
	                flight->path.query, flight->arena),
	        true);
	return flight->match.route->flags & ROUTE_BODY_OWNER ? forward_cdr(flight)
	                                                     : forward_send(flight);
}
