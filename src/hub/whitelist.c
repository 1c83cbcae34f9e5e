/* whitelist: authorize while the token's owner is away. The hub answers by the token it keeps, as a
 * CPO with a copy would: mod_tokens.asciidoc "WhitelistType enum". NEVER means online or not at
 * all. */
#include <string.h>

#include "share.h"

struct lookup {
	struct store_op op;
	struct flight *flight;
};

static enum next
away(struct flight *flight)
{
	return flight_refuse(flight, RH_RECEIVER_GONE, "",
	        "the token's owner is away and its whitelist does not allow "
	        "an answer without it");
}

static enum next
token_read(struct flight *flight)
{
	const struct lookup *lookup = flight->local_state;
	struct str body = lookup->op.u.get.object.body, whitelist;
	struct json_doc doc;
	uint32_t valid;

	if (lookup->op.err != RH_OK || json_scan(body, 10000, flight->arena, &doc, NULL) != RH_OK)
		return away(flight);
	whitelist = json_member_string(&doc, 0, "whitelist", flight->arena);
	if (!str_is(whitelist, "ALWAYS") && !str_is(whitelist, "ALLOWED") &&
	        !str_is(whitelist, "ALLOWED_OFFLINE"))
		return away(flight);
	valid = json_member(&doc, 0, "valid");
	return flight_answer(flight, 200,
	        arena_printf(flight->arena, "{\"allowed\":\"%s\",\"token\":%.*s}",
	                valid != 0 && doc.nodes[valid].type == JSON_TRUE ? "ALLOWED" : "BLOCKED",
	                STR_ARG(body)));
}

static void
looked_up(struct store_op *op)
{
	struct flight *flight = container_of(op, struct lookup, op)->flight;

	flight->resumed = token_read;
	flight_resume(flight);
}

enum next
flight_whitelist(struct flight *flight, const struct store_key *key)
{
	struct lookup *lookup = arena_alloc(flight->arena, sizeof *lookup);

	flight->reason = "the token's owner is away: by its whitelist";
	lookup->flight = flight;
	lookup->op.verb = STORE_OBJECT_GET;
	lookup->op.done = looked_up;
	lookup->op.arena = flight->arena;
	lookup->op.u.get.key = *key;
	flight->local_state = lookup;
	store_submit(flight->worker->session, &lookup->op);
	return WAIT;
}
