/* open: open routing requests (RTE-046..051). Without TO the destination is deduced from the
 * content and from what the hub has seen; then the message is forwarded as if it had been
 * addressed. Nobody, or more than one, is 4001 with the reason. */
#include <string.h>

#include "../parties/may_hub.h"
#include "check.h"
#include "forward.h"
#include "hints.h"
#include "list.h"
#include "open.h"
#include "poll.h"
#include "route.h"
#include "share.h"
#include "whitelist.h"

enum { MOST_FOUND = 1024 }; /* objects of one id, of all owners and in all scopes */

struct search {
	const char *what;     /* of the message led to it, for the reason */
	struct ocpi_id owner; /* by_holder: whose object it is */
	bool by_holder;       /* the receiver it was addressed to, not its owner */
};

/* ---- a destination ---- */

static enum next
nobody(struct flight *flight, const char *what)
{
	return flight_refuse(flight, RH_UNKNOWN_PARTY, "OCPI-to-party-id",
	        "missing, and %s leads to no party of this hub: expected the receiving party",
	        what);
}

static enum next
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
	if (!may_know(flight->directory, flight->platform_id, flight->receiver))
		return nobody(flight, reason);
	if (flight->receiver->platform->id == flight->platform_id &&
	        ocpi_id_same(to, &flight->from))
		return nobody(flight, reason);
	if (check_receiver(flight) != NEXT)
		return REPLY;
	return flight_forward(flight);
}

static bool
candidate_of(struct flight *flight, const struct store_key *key, struct ocpi_id *out)
{
	const struct search *search = flight->local_state;
	struct ocpi_id owner;

	if (!ocpi_id_parse(key->owner, &owner))
		return false;
	if (!search->by_holder) {
		*out = owner;
		return true;
	}
	return ocpi_id_same(&owner, &search->owner) &&
	       share_holder(flight->directory, key->scope, flight->arena, out);
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

/* What the objects that were found lead to. */
struct choice {
	struct ocpi_id to;
	const struct store_key *visible; /* of the object itself, if the requester may see it */
	size_t parties;                  /* 0, 1, or 2 for several */
	bool shared;
};

static bool
leads_to(struct flight *flight, const struct store_key *key, struct ocpi_id *to)
{
	return candidate_of(flight, key, to) && directory_party(flight->directory, to) != NULL &&
	       may_roam(flight_hub(flight), flight->directory, &flight->from, to,
	               str_of(flight->module->id));
}

static struct choice
look_through(struct flight *flight)
{
	const struct store_find_args *found = &flight->op.u.find;
	struct str own = directory_scope(&flight->from, flight->platform_id, flight->arena);
	struct choice choice = { 0 };
	struct ocpi_id to;

	for (size_t i = 0; i < found->count && choice.parties < 2; i++) {
		const struct store_key *key = &found->keys[i];
		bool shared = str_is(key->scope, "*");

		choice.shared |= shared;
		if (!leads_to(flight, key, &to))
			continue;
		if (choice.parties == 0 || !ocpi_id_same(&choice.to, &to))
			choice.parties++;
		choice.to = to;
		if (str_eq(key->scope, own) || (shared && choice.visible == NULL))
			choice.visible = key;
	}
	return choice;
}

static enum next
choose(struct flight *flight)
{
	const struct search *search = flight->local_state;
	bool authorize = (flight->match.route->flags & ROUTE_AUTHORIZE) != 0;
	struct choice choice;

	if (flight->op.err != RH_OK)
		return flight_refuse_store(flight);
	choice = look_through(flight);
	if (choice.parties > 1)
		return flight_refuse(flight, RH_UNKNOWN_PARTY, "OCPI-to-party-id",
		        "missing, and %s fits several parties: expected the receiving party",
		        search->what);
	if (choice.visible != NULL && authorize && is_away(flight, &choice.to))
		return flight_whitelist(flight, choice.visible);
	if (choice.parties == 1)
		return open_forward(flight, &choice.to, search->what);
	if (authorize)
		return search_token_hint(flight);
	if (choice.shared && str_is(flight->request->method, "GET"))
		return flight_list(flight); /* shared with everybody: the hub is who has it */
	return nobody(flight, search->what);
}

/* ---- what the hub has seen ---- */

static enum next
search_objects(struct flight *flight, struct str id)
{
	const struct ocpi_deduction *by = flight->match.route->deduce;
	struct store_find_args *args = &flight->op.u.find;
	struct search *search = flight->local_state;

	search->by_holder = by->by == DEDUCE_BY_HOLDER;
	if (search->by_holder &&
	        !ocpi_id_make(flight->match.cc, flight->match.party, &search->owner))
		return nobody(flight, by->what);
	args->module = str_of(by->module != NULL ? by->module : flight->module->id);
	args->id = arena_upper(flight->arena, id);
	args->limit = MOST_FOUND;
	if (flight->match.route->flags & ROUTE_AUTHORIZE)
		args->type = flight_token_type(flight); /* TOK-004 */
	return flight_store(flight, STORE_OBJECT_FIND, choose);
}

static enum next
hint_found(struct flight *flight)
{
	const struct search *search = flight->local_state;
	struct ocpi_id to;

	if (hints_found(flight, &to))
		return open_forward(flight, &to, search->what);
	return flight->op.err == RH_NOT_FOUND ? nobody(flight, search->what)
	                                      : flight_refuse_store(flight);
}

/* The token moved to another eMSP, or its eMSP gave it up: the hint is over, all are asked. */
static enum next
token_hint_is_over(struct flight *flight)
{
	hints_drop_token(flight);
	flight->fault = (struct fault){ 0 };
	flight->fault_text = (struct str){ 0 };
	flight->unknown_token = NULL;
	flight->has_to = false; /* flight->to is who was asked already */
	return flight_poll(flight);
}

/* A token that an eMSP allowed before, when all of them were asked. */
static enum next
token_hint_found(struct flight *flight)
{
	const struct party *party;
	struct ocpi_id to;

	party = hints_found(flight, &to) ? directory_party(flight->directory, &to) : NULL;
	if (party == NULL || !may_know(flight->directory, flight->platform_id, party) ||
	        is_away(flight, &to))
		return flight_poll(flight);
	flight->unknown_token = token_hint_is_over;
	return open_forward(flight, &to, "an eMSP allowed the token before");
}

static enum next
search_token_hint(struct flight *flight)
{
	return hints_find(
	        flight, HINT_TOKEN, hints_token_key(flight, flight->arena), token_hint_found);
}

/* ---- by content ---- */

static struct str
in_body(struct flight *flight, const char *name)
{
	return flight->has_body && name != NULL
	               ? json_member_string(&flight->body, 0, name, flight->arena)
	               : (struct str){ 0 };
}

/* The party stands in an object of the body: cdr_token of sessions and CDRs. */
static enum next
by_named_party(struct flight *flight)
{
	const struct ocpi_deduction *by = flight->match.route->deduce;
	uint32_t node = flight->has_body ? json_member(&flight->body, 0, by->field) : 0;
	struct ocpi_id to;

	if (node == 0 ||
	        !ocpi_id_make(
	                json_member_string(&flight->body, node, "country_code", flight->arena),
	                json_member_string(&flight->body, node, "party_id", flight->arena), &to))
		return nobody(flight, by->field);
	return open_forward(flight, &to, by->what);
}

enum next
flight_open(struct flight *flight)
{
	const struct ocpi_deduction *by = flight->match.route->deduce;
	struct search *search = arena_alloc(flight->arena, sizeof *search);
	struct str id = flight->match.id;

	if (by == NULL)
		return flight_refuse(flight, RH_UNKNOWN_PARTY, "OCPI-to-party-id",
		        "missing, and nothing in this request tells the receiver: expected "
		        "OCPI-to-country-code and OCPI-to-party-id");
	if (by->by == DEDUCE_BY_PARTY)
		return by_named_party(flight);
	if (id.p == NULL)
		id = in_body(flight, by->field);
	if (id.len == 0)
		return nobody(flight, by->what);
	memset(&flight->op, 0, sizeof flight->op);
	search->what = by->what;
	flight->local_state = search;
	if (by->by == DEDUCE_BY_HINT)
		return hints_find(
		        flight, by->hint, hints_key(&flight->from, id, flight->arena), hint_found);
	return search_objects(flight, id);
}
