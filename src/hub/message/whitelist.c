/* whitelist: authorize while the token's owner is away. The hub answers by the token it keeps, as a
 * CPO with a copy would: mod_tokens.asciidoc "WhitelistType enum". NEVER means online or not at
 * all. */
#include <string.h>

#include "whitelist.h"

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
	struct str body = flight->op.u.get.object.body, whitelist;
	struct json_doc doc;
	uint32_t valid;

	if (flight->op.err != RH_OK || json_scan(body, 10000, flight->arena, &doc, NULL) != RH_OK)
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

enum next
flight_whitelist(struct flight *flight, const struct store_key *key)
{
	struct store_key wanted = *key; /* of the operation before */

	flight->reason = "the token's owner is away: by its whitelist";
	memset(&flight->op, 0, sizeof flight->op);
	flight->op.u.get.key = wanted;
	return flight_store(flight, STORE_OBJECT_GET, token_read);
}
