/* fence: what must not arrive has had its chance. A platform shares an object made for the purpose;
 * once the others have it, they have whatever the hub was asked to pass on before, and `received
 * no` is no matter of time. */
#include "steps.h"

#include "narrator.h"

static const char tariff[] =
        "{\"country_code\": \"%s\", \"party_id\": \"%s\", \"id\": \"%.*s\", \"currency\": \"EUR\", "
        "\"elements\": [{\"price_components\": [{\"type\": \"FLAT\", \"price\": 1, \"step_size\": "
        "1}]}], "
        "\"last_updated\": \"%s\"}";
static const char token[] =
        "{\"country_code\": \"%s\", \"party_id\": \"%s\", \"uid\": \"%.*s\", \"type\": \"RFID\", "
        "\"contract_id\": \"FENCE\", \"issuer\": \"FENCE\", \"valid\": true, \"whitelist\": "
        "\"NEVER\", "
        "\"last_updated\": \"%s\"}";

static struct str
make_object(struct story *story, const struct party *party, struct str id)
{
	char now[OCPI_DATETIME_LEN + 1];

	ocpi_datetime_print(rh_wall_ms(), now);
	if (party->role == ROLE_EMSP)
		return arena_printf(
		        story->arena, token, party->id.country, party->id.party, STR_ARG(id), now);
	return arena_printf(
	        story->arena, tariff, party->id.country, party->id.party, STR_ARG(id), now);
}

/** The other side: the hub, which is who a share is addressed to. */
static bool
read_peer(const struct actor *actor, struct ocpi_id *id)
{
	const json_t *role = json_array_get(actor->peer_roles, 0);

	return ocpi_id_make(str_of(json_string_value(json_object_get(role, "country_code"))),
	        str_of(json_string_value(json_object_get(role, "party_id"))), id);
}

static void
share(struct story *story, struct actor *actor, struct str id)
{
	const struct party *party = &actor->parties[0];
	const char *module = party->role == ROLE_EMSP ? "tokens" : "tariffs";
	const char *base = actor_peer_endpoint(actor, module, "RECEIVER");
	struct outgoing *out;
	struct ocpi_id peer;

	outcome_clear(story);
	if (base == NULL) {
		story_fail(story,
		        "expected the other side of %s to have a RECEIVER endpoint for %s, got "
		        "none",
		        actor->name, module);
		return;
	}
	out = outgoing_new(actor, STR("PUT"),
	        arena_printf(story->arena, "%s/%s/%s/%.*s", base, party->id.country,
	                party->id.party, STR_ARG(id)),
	        actor->token_out);
	outgoing_routing(out, &party->id, read_peer(actor, &peer) ? &peer : NULL);
	outgoing_body(out, make_object(story, party, id));
	story_call(story, out);
}

struct arriving {
	struct story *story;
	struct str id;
	const char *missing; /* name of a platform that has not got it */
};

static bool
is_about(const struct exchange *exchange, struct str id)
{
	size_t segments = exchange->path.count;

	return segments > 0 && str_eq(exchange->path.decoded[segments - 1], id);
}

/** Claim the object with @id, once for each party of @actor; false when none came. */
static bool
claim(struct actor *actor, struct str id)
{
	bool came = false;

	list_each (node, &actor->received) {
		struct exchange *exchange = container_of(node, struct exchange, node);

		if (!is_about(exchange, id))
			continue;
		exchange->claimed = came = true;
	}
	return came;
}

static bool
has_arrived(void *ctx)
{
	struct arriving *arriving = ctx;
	struct str name;

	/* The first platform of the line is the one that shares. */
	for (size_t i = 1; (name = story_arg_at(arriving->story, "P", i)).p != NULL; i++) {
		struct actor *actor = actor_find(arriving->story->sim, name);

		if (!actor->met)
			actor->met = claim(actor, arriving->id);
		if (actor->met)
			continue;
		arriving->missing = actor->name;
		return false;
	}
	return true;
}

void
step_fence(struct story *story)
{
	struct actor *actor = story_actor(story);
	struct arriving arriving = { .story = story };
	int64_t began_us = rh_mono_us();
	bool good;

	arriving.id = arena_printf(story->arena, "FENCE-%llu", (unsigned long long)++story->fences);
	share(story, actor, arriving.id);
	good = story->outcome.came && outgoing_good(story->outcome.out) &&
	       story_pump(story, has_arrived, &arriving, rh_mono_ms() + story_wait_ms(story));
	if (arriving.missing != NULL && !good)
		story_fail(story, "expected %s to have received the fence, got none",
		        arriving.missing);
	narrate(story, str_of(actor->name), STR("fence: what was sent before has arrived"),
	        good ? STR("received") : STR("missing"), good, rh_mono_us() - began_us);
}
