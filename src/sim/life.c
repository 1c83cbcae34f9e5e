/* life: what charges and counterparts have in common: requests of their own, and room for what they
 * are told. */
#include "counterpart.h"

#include "outgoing.h"

enum { MOST_KEPT = 5000 };

bool
life_has_room(const struct actor *actor)
{
	return actor->counterpart == NULL || shelf_count(actor->shelf) < MOST_KEPT;
}

bool
life_call(const struct counterpart *counterpart, const char *method, const char *module,
        const char *interface, struct str path, const struct ocpi_id *from,
        const struct ocpi_id *to, json_t *body, void (*done)(struct outgoing *out), void *ctx)
{
	struct actor *actor = counterpart->actor;
	const char *endpoint = actor_peer_endpoint(actor, module, interface);
	struct fault fault = { 0 };
	struct outgoing *out;
	bool started = false;

	if (endpoint != NULL) {
		out = outgoing_new(actor, str_of(method), str_of(endpoint), actor->token_out);
		out->call.target = arena_printf(out->arena, "%s%.*s", endpoint, STR_ARG(path));
		outgoing_routing(out, from, to);
		outgoing_body(out, json_text(body, out->arena));
		out->done = done;
		out->ctx = ctx;
		started = outgoing_start(out, &fault) == RH_OK;
		if (!started)
			outgoing_free(out);
	}
	json_decref(body);
	return started;
}
