/* open: open routing requests (RTE-046..051). Without TO the destination is deduced from the
 * content and from what the hub has seen; then the message is forwarded as if it had been
 * addressed. Nobody, or more than one, is 4001 with the reason. */
#include <string.h>

#include "agreement.h"
#include "share.h"

struct search {
	struct store_op op;
	struct flight *flight;
	const char *what;     /* of the message led to it, for the reason */
	struct ocpi_id owner; /* by_scope: whose object it is */
	bool by_scope;        /* the receiver it was addressed to, not its owner */
};

/* ---- a destination ---- */

static enum next
nobody(struct flight *flight, const char *what)
{
	return flight_refuse(flight, RH_UNKNOWN_PARTY, "OCPI-to-party-id",
	        "missing, and %s leads to no party of this hub: expected the receiving party",
	        what);
}

enum next
open_forward(struct flight *flight, const struct ocpi_id *to, const char *reason)
{
	const struct party *candidates = directory_party(flight->directory, to);

	if (candidates == NULL)
		return nobody(flight, reason);
	flight->to = *to;
	flight->has_to = flight->to_deduced = true;
	flight->reason = reason;
	flight->flow = FLOW_FORWARD;
	flight->receiver = route_receiver(candidates, flight->module, flight->interface);
	if (flight->receiver->platform->id == flight->platform_id &&
	        ocpi_id_same(to, &flight->from))
		return nobody(flight, reason);
	if (check_receiver(flight) != NEXT)
		return REPLY;
	return flight_forward(flight);
}

static bool
candidate_of(const struct search *search, const struct store_key *key, struct ocpi_id *out)
{
	struct ocpi_id owner;

	if (!ocpi_id_parse(key->owner, &owner))
		return false;
	if (!search->by_scope) {
		*out = owner;
		return true;
	}
	return ocpi_id_same(&owner, &search->owner) && ocpi_id_parse(key->scope, out);
}

/* The owner of a token cannot be asked now, and did not forbid the hub to answer for it. */
static bool
is_away(struct flight *flight, const struct ocpi_id *owner)
{
	const struct party *party = route_receiver(
	        directory_party(flight->directory, owner), flight->module, flight->interface);

	return party_state(party) != STATE_CONNECTED && !party->platform->no_offline_authorize;
}

static enum next search_token_hint(struct flight *flight);
static struct str token_type(struct flight *flight);

static enum next
choose(struct flight *flight)
{
	const struct search *search = flight->local_state;
	const struct store_find_args *found = &search->op.u.find;
	const struct store_key *key = NULL;
	struct ocpi_id chosen = { 0 }, candidate;
	bool shared = false;

	if (search->op.err != RH_OK)
		return flight_refuse(flight, RH_STORE_FAILED, "", "%s", search->op.why);
	for (size_t i = 0; i < found->count; i++) {
		shared |= str_is(found->keys[i].scope, "*");
		if (!candidate_of(search, &found->keys[i], &candidate) ||
		        directory_party(flight->directory, &candidate) == NULL ||
		        !agreement_allows(flight_hub(flight), flight->directory, &flight->from,
		                &candidate, str_of(flight->module->id)))
			continue;
		if (chosen.country[0] != '\0' && !ocpi_id_same(&chosen, &candidate))
			return flight_refuse(flight, RH_UNKNOWN_PARTY, "OCPI-to-party-id",
			        "missing, and %s fits several parties: expected the receiving "
			        "party",
			        search->what);
		chosen = candidate;
		key = &found->keys[i];
	}
	if (key != NULL && (flight->match.route->flags & ROUTE_AUTHORIZE) &&
	        is_away(flight, &chosen))
		return flight_whitelist(flight, key);
	if (key != NULL)
		return open_forward(flight, &chosen, search->what);
	if (flight->match.route->flags & ROUTE_AUTHORIZE)
		return search_token_hint(flight);
	if (shared && str_is(flight->request->method, "GET"))
		return flight_list(flight); /* shared with everybody: the hub is who has it */
	return nobody(flight, search->what);
}

/* ---- what the hub has seen ---- */

static void
search_done(struct store_op *op)
{
	struct flight *flight = container_of(op, struct search, op)->flight;

	flight->resumed = flight->answered_by;
	flight_resume(flight);
}

static enum next
submit(struct flight *flight, struct search *search, enum store_verb verb,
        enum next (*then)(struct flight *))
{
	search->flight = flight;
	search->op.verb = verb;
	search->op.done = search_done;
	search->op.arena = flight->arena;
	flight->local_state = search;
	flight->answered_by = then;
	store_submit(flight->worker->session, &search->op);
	return WAIT;
}

static enum next
search_objects(
        struct flight *flight, const char *module, struct str id, const char *what, bool by_scope)
{
	struct search *search = arena_alloc(flight->arena, sizeof *search);

	if (id.p == NULL || id.len == 0)
		return nobody(flight, what);
	search->what = what;
	search->by_scope = by_scope;
	if (by_scope && !ocpi_id_make(flight->match.cc, flight->match.party, &search->owner))
		return nobody(flight, what);
	search->op.u.find.module = str_of(module);
	search->op.u.find.id = share_key(flight->arena, id);
	search->op.u.find.limit = 64;
	if (flight->match.route->deduce == DEDUCE_TOKEN)
		search->op.u.find.type = token_type(flight); /* TOK-004 */
	return submit(flight, search, STORE_OBJECT_FIND, choose);
}

static enum next
hint_found(struct flight *flight)
{
	const struct search *search = flight->local_state;
	const struct store_hint *hint = &search->op.u.hint.hint;
	struct ocpi_id to;

	if (search->op.err != RH_OK ||
	        !ocpi_id_make(str_of(hint->country), str_of(hint->party), &to))
		return nobody(flight, search->what);
	return open_forward(flight, &to, search->what);
}

struct str
open_hint_key(const struct ocpi_id *party, struct str id, struct arena *arena)
{
	char text[OCPI_ID_TEXT];
	struct str key = share_key(arena, id);

	return arena_printf(arena, "%s/%.*s", ocpi_id_key(party, text), STR_ARG(key));
}

static enum next
search_hint(struct flight *flight, const char *kind, struct str id, const char *what)
{
	struct search *search = arena_alloc(flight->arena, sizeof *search);

	if (id.p == NULL || id.len == 0)
		return nobody(flight, what);
	search->what = what;
	search->op.u.hint.hint.kind = str_of(kind);
	search->op.u.hint.hint.key = open_hint_key(&flight->from, id, flight->arena);
	return submit(flight, search, STORE_HINT_GET, hint_found);
}

/* A token that an eMSP allowed before, when all of them were asked. */
static enum next
token_hint_found(struct flight *flight)
{
	const struct search *search = flight->local_state;
	const struct store_hint *hint = &search->op.u.hint.hint;
	struct ocpi_id to;

	if (search->op.err != RH_OK ||
	        !ocpi_id_make(str_of(hint->country), str_of(hint->party), &to) ||
	        directory_party(flight->directory, &to) == NULL || is_away(flight, &to))
		return flight_poll(flight);
	return open_forward(flight, &to, "an eMSP allowed the token before");
}

static struct str
token_type(struct flight *flight)
{
	struct ocpi_query_value type;

	return ocpi_query_find(flight->path.query, "type", flight->arena, &type) ? type.decoded
	                                                                         : STR("RFID");
}

static struct str
token_hint_key(struct flight *flight, struct arena *arena)
{
	struct str uid = share_key(arena, flight->match.id), type = token_type(flight);

	return arena_printf(arena, "%.*s/%.*s", STR_ARG(uid), STR_ARG(type));
}

static enum next
search_token_hint(struct flight *flight)
{
	struct search *search = arena_alloc(flight->arena, sizeof *search);

	search->op.u.hint.hint.kind = STR("token");
	search->op.u.hint.hint.key = token_hint_key(flight, flight->arena);
	return submit(flight, search, STORE_HINT_GET, token_hint_found);
}

/* ---- by content ---- */

static struct str
in_body(struct flight *flight, const char *name)
{
	return flight->has_body ? json_member_string(&flight->body, 0, name, flight->arena)
	                        : (struct str){ 0 };
}

static enum next
by_cdr_token(struct flight *flight)
{
	uint32_t token = flight->has_body ? json_member(&flight->body, 0, "cdr_token") : 0;
	struct ocpi_id to;

	if (token == 0 ||
	        !ocpi_id_make(
	                json_member_string(&flight->body, token, "country_code", flight->arena),
	                json_member_string(&flight->body, token, "party_id", flight->arena), &to))
		return nobody(flight, "cdr_token");
	return open_forward(flight, &to, "cdr_token names the eMSP");
}

static enum next
by_session(struct flight *flight)
{
	bool on_sessions = strcmp(flight->module->id, "sessions") == 0;
	bool on_profiles = strcmp(flight->module->id, "chargingprofiles") == 0;

	if (on_sessions && flight->interface == IFACE_RECEIVER)
		return search_objects(flight, "sessions", flight->match.id,
		        "the session's earlier receiver", true);
	if (on_profiles && flight->interface == IFACE_SENDER)
		return search_hint(flight, "profile", flight->match.id,
		        "who set a profile on the session"); /* CHP-011 */
	return search_objects(flight, "sessions",
	        flight->match.id.p != NULL ? flight->match.id : in_body(flight, "session_id"),
	        "session_id", false);
}

enum next
flight_open(struct flight *flight)
{
	switch (flight->match.route->deduce) {
	case DEDUCE_CDR_TOKEN:
		return by_cdr_token(flight);
	case DEDUCE_LOCATION_ID:
		return search_objects(
		        flight, "locations", in_body(flight, "location_id"), "location_id", false);
	case DEDUCE_SESSION_ID:
		return by_session(flight);
	case DEDUCE_RESERVATION_ID:
		return search_hint(
		        flight, "reservation", in_body(flight, "reservation_id"), "reservation_id");
	case DEDUCE_TOKEN:
		return search_objects(flight, "tokens", flight->match.id, "the token", false);
	case DEDUCE_OBJECT:
		return search_objects(flight, flight->module->id, flight->match.id,
		        "the object's id", flight->interface == IFACE_RECEIVER);
	default:
		return flight_refuse(flight, RH_UNKNOWN_PARTY, "OCPI-to-party-id",
		        "missing, and nothing in this request tells the receiver: expected "
		        "OCPI-to-country-code and "
		        "OCPI-to-party-id");
	}
}

/* ---- remembering what only passes by: who reserved where, who set a profile (CMD-022, CHP-011)
 * ---- */

static void
remembered(struct store_op *op)
{
	arena_free(op->arena); /* the operation lies in it */
}

static void
remember(struct flight *flight, const char *kind, struct str key, const struct ocpi_id *party,
        struct arena *arena)
{
	struct store_op *op = arena_alloc(arena, sizeof *op);
	struct store_hint *hint = &op->u.hint.hint;

	hint->kind = str_of(kind);
	hint->key = key;
	memcpy(hint->country, party->country, sizeof hint->country);
	memcpy(hint->party, party->party, sizeof hint->party);
	hint->expires_ms = rh_wall_ms() + 30 * 24 * 3600 * 1000LL;
	op->verb = STORE_HINT_PUT;
	op->done = remembered;
	op->arena = arena;
	store_submit(flight->worker->session, op);
}

void
open_remember_token(struct flight *flight, const struct ocpi_id *owner)
{
	struct arena *arena = arena_new(512);

	remember(flight, "token", token_hint_key(flight, arena), owner, arena);
}

void
open_remember(struct flight *flight)
{
	const struct ocpi_route *route = flight->match.route;
	struct arena *arena;

	if (route == NULL || flight->answered.code / 1000 != 1)
		return;
	if (strcmp(flight->module->id, "commands") == 0 &&
	        strcmp(route->path, "RESERVE_NOW") == 0) {
		struct str id = in_body(flight, "reservation_id");

		if (id.len == 0)
			return;
		arena = arena_new(512);
		remember(flight, "reservation", open_hint_key(&flight->from, id, arena),
		        &flight->to, arena);
	} else if (strcmp(flight->module->id, "chargingprofiles") == 0 &&
	           str_is(flight->request->method, "PUT") && flight->interface == IFACE_RECEIVER) {
		arena = arena_new(512);
		remember(flight, "profile", open_hint_key(&flight->to, flight->match.id, arena),
		        &flight->from, arena);
	}
}
