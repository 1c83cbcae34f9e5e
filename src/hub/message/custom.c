/* custom: modules that OCPI does not know (RTE-062, fault O13). Both platforms list the identifier,
 * so both know what it is; the hub does not: whatever has TO goes there as it came, and nothing is
 * kept, checked or rewritten. */
#include "custom.h"

#include <stdio.h>

#include "../parties/may_hub.h"
#include "leg.h"

#define METHODS "GET, POST, PUT, PATCH, DELETE"

static bool
lists(const struct platform *platform, struct str name)
{
	return platform_endpoint(platform, name, IFACE_SENDER) != NULL ||
	       platform_endpoint(platform, name, IFACE_RECEIVER) != NULL;
}

bool
custom_listed(const struct flight *flight, struct str name)
{
	return hub_is_custom(flight_hub(flight), name) && lists(flight->platform, name);
}

/* ---- who is it from, and to whom? ---- */

static enum next
find_from(struct flight *flight)
{
	const struct str *header = flight->request->header;
	const struct platform *platform = flight->platform;

	if (ocpi_routing_pair(header[IN_FROM_COUNTRY], header[IN_FROM_PARTY], "from",
	            &flight->has_from, &flight->from, &flight->fault) != RH_OK)
		return REPLY;
	if (!flight->has_from && platform->party_count == 1) {
		flight->from = platform->parties[0].id;
		flight->has_from = flight->from_inferred = true;
	}
	if (flight->has_from && platform_has_party(platform, &flight->from))
		return NEXT;
	flight->has_from = false;
	return flight_refuse(
	        flight, RH_BAD_FIELD, "OCPI-from-party-id", "expected a party of this platform");
}

static enum next
find_to(struct flight *flight)
{
	const struct str *header = flight->request->header;
	char text[OCPI_ID_TEXT];

	if (ocpi_routing_pair(header[IN_TO_COUNTRY], header[IN_TO_PARTY], "to", &flight->has_to,
	            &flight->to, &flight->fault) != RH_OK)
		return REPLY;
	if (!flight->has_to)
		return flight_refuse(flight, RH_UNKNOWN_PARTY, "OCPI-to-party-id",
		        "missing, and %s is no module of OCPI: expected the receiving party",
		        flight->module->id);
	flight->receiver = directory_holder(flight->directory, &flight->to);
	if (flight->receiver == NULL || flight->receiver->platform == flight->platform ||
	        !may_know(flight->directory, flight->platform_id, flight->receiver))
		return flight_refuse(flight, RH_UNKNOWN_PARTY, "OCPI-to-party-id",
		        "no party %s is connected here on another platform",
		        ocpi_id_text(&flight->to, text));
	return NEXT;
}

/* The tables know no such module: one is made for the flight. */
enum next
custom_route(struct flight *flight, size_t at)
{
	static const struct ocpi_route no_routes[] = { { 0 } };
	struct ocpi_module *module = arena_alloc(flight->arena, sizeof *module);
	enum next next;

	module->id = arena_cstr(flight->arena, flight->path.decoded[at]);
	module->owner = ROLE_NONE;
	module->routes = no_routes;
	flight->module = module;
	flight->match.first = at + 1;
	flight->flow = FLOW_CUSTOM;
	flight->reason = "a custom module that the platform lists";
	if (str_is(flight->request->method, "HEAD") || str_is(flight->request->method, "OPTIONS")) {
		(void)snprintf(flight->allow, sizeof flight->allow, METHODS);
		return flight_refuse(flight, RH_METHOD, "", "allowed: " METHODS);
	}
	next = find_from(flight);
	return next == NEXT ? find_to(flight) : next;
}

/* ---- on its way ---- */

static enum next
answered(struct flight *flight)
{
	return leg_verdict(flight) == RH_OK ? leg_relay(flight) : REPLY;
}

static enum next
check_agreement(struct flight *flight)
{
	struct may_answer answer = may_agree(
	        flight_hub(flight), flight->directory, &flight->from, &flight->to, flight->module);

	if (answer.reason == MAY_YES)
		return NEXT;
	return flight_refuse(
	        flight, may_error(answer.reason), "", "%s", may_reason_text(answer.reason));
}

enum next
flight_custom(struct flight *flight)
{
	const struct platform *to = flight->receiver->platform;
	const struct endpoint *endpoint =
	        platform_endpoint(to, str_of(flight->module->id), flight->interface);

	if (check_agreement(flight) != NEXT)
		return REPLY;
	if (party_state(flight->receiver) != STATE_CONNECTED)
		return flight_refuse_gone(flight, to->name.p, party_state(flight->receiver));
	if (endpoint == NULL)
		return flight_refuse(flight, RH_NO_ENDPOINT, "", "%s has no %s endpoint for %s",
		        to->name.p, ocpi_interface_name(flight->interface), flight->module->id);
	leg_prepare(flight, to, endpoint->origin,
	        ocpi_join(endpoint->target, flight->path.tail[flight->match.first],
	                flight->path.query, flight->arena),
	        true);
	return leg_start(flight, flight->request->method,
	        flight->has_body ? flight->request->body : (struct str){ 0 }, answered);
}
