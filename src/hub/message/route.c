/* route: step 2, to whom and by which flow? Pure: path, headers, sender and directory in, one flow
 * out. */
#include "route.h"

#include "../parties/may_hub.h"
#include "credentials.h"
#include "custom.h"
#include "local.h"

#include <stdio.h>
#include <string.h>

static int
receiver_score(
        const struct party *party, const struct ocpi_module *module, enum ocpi_interface interface)
{
	int score = 0;

	if (!party->platform->removed)
		score += 8;
	if (platform_endpoint(party->platform, str_of(module->id), interface) != NULL)
		score += 4;
	if (may_be_called(party->role, module, interface))
		score += 2;
	if (party_state(party) == STATE_CONNECTED)
		score += 1;
	return score;
}

const struct party *
route_receiver(const struct party *candidates, const struct ocpi_module *module,
        enum ocpi_interface interface)
{
	const struct party *best = NULL;
	int best_score = -1;

	for (const struct party *party = candidates; party != NULL; party = party->same) {
		int score = receiver_score(party, module, interface);

		if (score > best_score)
			best = party, best_score = score;
	}
	return best;
}

/* ---- the sender ---- */

/* RTE-020: without FROM headers the platform must leave one choice. */
static enum next
infer_from(struct flight *flight)
{
	const struct platform *platform = flight->platform;
	const struct party *only = NULL;

	for (size_t i = 0; i < platform->party_count; i++) {
		const struct party *party = &platform->parties[i];

		if (!platform_has_party(platform, &party->id) ||
		        !may_call(party->role, flight->module, flight->interface))
			continue;
		if (only != NULL && !ocpi_id_same(&only->id, &party->id))
			return flight_refuse(flight, RH_BAD_FIELD, "OCPI-from-party-id",
			        "missing, and several parties of this platform may call %s: "
			        "expected the sending party",
			        flight->module->id);
		only = party;
	}
	if (only == NULL)
		return flight_refuse(flight, RH_BAD_FIELD, "OCPI-from-party-id",
		        "missing, and no party of this platform has a role that calls this "
		        "interface of %s",
		        flight->module->id);
	flight->from = only->id;
	flight->has_from = flight->from_inferred = true;
	return NEXT;
}

static enum next
find_sender(struct flight *flight)
{
	const struct str *header = flight->request->header;
	char text[OCPI_ID_TEXT];

	if (ocpi_routing_pair(header[IN_FROM_COUNTRY], header[IN_FROM_PARTY], "from",
	            &flight->has_from, &flight->from, &flight->fault) != RH_OK)
		return REPLY;
	if (!flight->has_from)
		return infer_from(flight);
	if (!platform_has_party(flight->platform, &flight->from)) { /* RTE-019 */
		ocpi_id_text(&flight->from, text);
		flight->has_from = false; /* a foreign name is not repeated in the answer's TO */
		return flight_refuse(flight, RH_BAD_FIELD, "OCPI-from-party-id",
		        "%s is not a party of this platform, expected one of its own", text);
	}
	return NEXT;
}

/* ---- the receiver ---- */

static enum next
choose_flow(struct flight *flight, enum flow flow, const char *reason)
{
	flight->flow = flow;
	flight->reason = reason;
	return NEXT;
}

/* RTE-004: TO = hub. What may be shared is, a GET is answered from the store, the rest goes by its
 * content (RTE-041, RTE-042). */
static enum next
address_hub(struct flight *flight)
{
	const struct ocpi_deduction *deduce = flight->match.route->deduce;

	if (flight->match.route->flags & ROUTE_SHARE)
		return choose_flow(flight, FLOW_SHARE, "TO is the hub: shared with everybody");
	if (str_is(flight->request->method, "GET") && (deduce == NULL || deduce->module == NULL))
		return choose_flow(flight, FLOW_LIST, "TO is the hub: from its store");
	return choose_flow(flight, FLOW_OPEN, "TO is the hub: by content");
}

/* Four of eight clients of the field list without TO, some with themselves as TO. It is asked of
 * the hub then, which has what they may see (a deviation from RTE-049, see docs/conformance.md). */
static bool
lists_everything(const struct flight *flight)
{
	return (flight->match.route->flags & ROUTE_LIST) && !flight->platform->lists_want_to;
}

enum next
route_nobody(struct flight *flight)
{
	char text[OCPI_ID_TEXT];

	return flight_refuse(flight, RH_UNKNOWN_PARTY, "OCPI-to-party-id",
	        "no party %s is connected here", ocpi_id_text(&flight->to, text));
}

static enum next
address(struct flight *flight)
{
	const struct hub *hub = flight_hub(flight);
	const struct party *candidates;
	char text[OCPI_ID_TEXT];

	ocpi_id_text(&flight->to, text);
	if (ocpi_id_same(&flight->to, &hub->id))
		return address_hub(flight);
	candidates = directory_party(flight->directory, &flight->to);
	if (candidates == NULL)
		return route_nobody(flight);
	flight->receiver = route_receiver(candidates, flight->module, flight->interface);
	if (!may_know(flight->directory, flight->platform_id, flight->receiver))
		return route_nobody(
		        flight); /* word for word: it is not to learn that there is one */
	if (flight->receiver->platform == flight->platform && lists_everything(flight))
		return choose_flow(
		        flight, FLOW_LIST, "TO is a party of the requester: from the hub's store");
	if (flight->receiver->platform == flight->platform &&
	        ocpi_id_same(&flight->to, &flight->from))
		return flight_refuse(flight, RH_UNKNOWN_PARTY, "OCPI-to-party-id",
		        "%s is the sending party itself", text); /* RTE-027 */
	flight->flow = FLOW_FORWARD;
	flight->reason = "TO names a party";
	return NEXT;
}

/* Many clients follow a Link with their token alone. `after` is of the hub's own Links, see list.c.
 */
static bool
follows_own_link(const struct flight *flight)
{
	struct ocpi_query_value after;

	return (flight->match.route->flags & ROUTE_LIST) &&
	       ocpi_query_find(flight->path.query, "after", flight->arena, &after);
}

static enum next
find_receiver(struct flight *flight)
{
	const struct str *header = flight->request->header;

	if (ocpi_routing_pair(header[IN_TO_COUNTRY], header[IN_TO_PARTY], "to", &flight->has_to,
	            &flight->to, &flight->fault) != RH_OK)
		return REPLY;
	if (flight->has_to)
		return address(flight);
	if (flight->match.route->flags & ROUTE_SHARE)
		return choose_flow(flight, FLOW_SHARE, "no TO on data for everybody: shared");
	if (lists_everything(flight))
		return choose_flow(flight, FLOW_LIST, "a list without TO: from the hub's store");
	if (follows_own_link(flight))
		return choose_flow(
		        flight, FLOW_LIST, "no TO, but it follows the Link of a list of the hub's");
	return choose_flow(flight, FLOW_OPEN, "no TO: by content");
}

/* ---- functional modules ---- */

static enum next
route_functional(struct flight *flight)
{
	const struct hub *hub = flight_hub(flight);
	struct ocpi_path *path = &flight->path;
	size_t first = flight->first + 2;
	enum next next;

	flight->interface = str_is(path->decoded[first], "sender") ? IFACE_SENDER : IFACE_RECEIVER;
	if (path->count > first + 1)
		flight->module = ocpi_module_find(hub->modules, path->decoded[first + 1]);
	if (flight->module == NULL && path->count > first + 1 &&
	        custom_listed(flight, path->decoded[first + 1]))
		return custom_route(flight, first + 1);
	if (flight->module == NULL)
		return flight_refuse(flight, RH_NOT_FOUND, "URL", "there is no such module here");
	for (int i = 0; hub->modules[i] != NULL; i++)
		if (hub->modules[i] == flight->module)
			flight->module_index = i;
	switch (ocpi_route_match(flight->module, flight->interface, flight->request->method, path,
	        first + 2, &flight->match)) {
	case MATCH_NO_METHOD:
		memcpy(flight->allow, flight->match.allow, sizeof flight->allow);
		return flight_refuse(flight, RH_METHOD, "", "allowed: %s", flight->allow);
	case MATCH_NO_PATH:
		if (flight->module->no_such != NULL && path->count == first + 3)
			return flight_refuse(
			        flight, RH_UNKNOWN_COMMAND, "URL", "%s", flight->module->no_such);
		return flight_refuse(flight, RH_NOT_FOUND, "URL",
		        "%s has no such path on this interface", flight->module->id);
	case MATCH_FOUND:
		break;
	}
	next = find_sender(flight);
	return next == NEXT ? find_receiver(flight) : next;
}

/* ---- configuration modules and handed out URLs ---- */

static const struct local_path {
	const char *name; /* behind the version; NULL: the version itself */
	const char *methods;
	enum store_token_kind least; /* CRD-004, CRD-039: what a token of this kind may call */
	enum next (*run)(struct flight *flight);
} local_paths[] = {
	{ NULL, "GET", TOKEN_PENDING, local_details },
	{ "credentials", "GET, POST, PUT, DELETE", TOKEN_A, local_credentials },
	{ "hubclientinfo", "GET", TOKEN_CURRENT, local_clientinfo },
};

/* CRD-043: one that is pending is as good as the current one while a registered platform is offered
 * it by PUT: it may use it before its answer is here. */
static bool
token_suffices(const struct flight *flight, enum store_token_kind least)
{
	bool registered = flight->platform->state == STATE_CONNECTED;

	switch (flight->token_kind) {
	case TOKEN_A:
		return least == TOKEN_A || least == TOKEN_PENDING;
	case TOKEN_PENDING:
		return registered || least == TOKEN_PENDING;
	default:
		return true;
	}
}

static bool
method_listed(const char *methods, struct str method)
{
	struct str left = str_of(methods);

	while (left.p != NULL)
		if (str_eq(str_trim(str_cut(&left, ',')), method))
			return true;
	return false;
}

static enum next
refuse_token(struct flight *flight)
{
	return flight_refuse(flight, RH_UNKNOWN_TOKEN, "Authorization",
	        "this token is for registration alone, expected the one of the finished "
	        "credentials exchange");
}

static enum next
route_local(struct flight *flight, const char *methods, enum store_token_kind least,
        enum next (*run)(struct flight *flight))
{
	if (!token_suffices(flight, least))
		return refuse_token(flight);
	if (!method_listed(methods, flight->request->method)) {
		(void)snprintf(flight->allow, sizeof flight->allow, "%s", methods);
		return flight_refuse(flight, RH_METHOD, "", "allowed: %s", methods);
	}
	flight->flow = FLOW_LOCAL;
	flight->reason = "configuration module";
	flight->local = run;
	return NEXT;
}

static enum next
route_version(struct flight *flight)
{
	const struct ocpi_path *path = &flight->path;
	size_t first = flight->first;
	struct str name = path->count > first + 2 ? path->decoded[first + 2] : (struct str){ 0 };

	for (size_t i = 0; i < COUNT(local_paths); i++) {
		const struct local_path *row = &local_paths[i];

		if (path->count <= first + 3 &&
		        (row->name == NULL ? name.p == NULL : str_is(name, row->name)))
			return route_local(flight, row->methods, row->least, row->run);
	}
	if (!token_suffices(flight, TOKEN_CURRENT))
		return refuse_token(flight);
	if (str_is(name, "sender") || str_is(name, "receiver"))
		return route_functional(flight);
	if (str_is(name, "relink") && path->count == first + 4) {
		flight->flow = FLOW_RELINK;
		flight->reason = "a URL that the hub handed out";
		return NEXT;
	}
	return flight_refuse(flight, RH_NOT_FOUND, "URL", "there is nothing at this path");
}

/* The hub serves under its prefix, and without it for a proxy that strips it. */
static struct str
without_prefix(const struct hub *hub, struct str target)
{
	if (hub->prefix.len > 0 && str_starts(target, hub->prefix.p) &&
	        (target.len == hub->prefix.len || target.p[hub->prefix.len] == '/'))
		return str_from(target, hub->prefix.len);
	return target;
}

enum next
flight_route(struct flight *flight)
{
	struct str target = without_prefix(flight_hub(flight), flight->request->target);
	struct ocpi_path *path = &flight->path;

	if (target.len == 0 || target.p[0] != '/')
		return flight_refuse(flight, RH_NOT_FOUND, "URL", "expected a path below /ocpi");
	if (ocpi_path_split(target, flight->arena, path, &flight->fault) != RH_OK)
		return REPLY;
	flight->first = 0;
	if (path->count < 2 || !str_is(path->decoded[0], "ocpi"))
		return flight_refuse(flight, RH_NOT_FOUND, "URL", "expected a path below /ocpi");
	if (str_is(path->decoded[1], "versions") && path->count == 2)
		return route_local(flight, "GET", TOKEN_PENDING, local_versions);
	if (!str_is(path->decoded[1], OCPI_VERSION))
		return flight_refuse(
		        flight, RH_NOT_FOUND, "URL", "this hub serves version " OCPI_VERSION);
	return route_version(flight);
}
