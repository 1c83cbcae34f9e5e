/* fetch: the whole of an object of which a part came (fault O3), from the Sender interface of the
 * platform that sent the part and waits for the answer. A sender that serves one request at a time
 * cannot answer meanwhile: it is asked for a short time, and then not again for a while. */
#include "fetch.h"

#include <string.h>

#include "leg.h"
#include "memo.h"

#define UNFETCHED "unfetched" /* kind: the platform did not answer */
enum { FETCH_MOST_MS = 3000, UNFETCHED_LIFE_MS = 60000 };

/* ---- is there any use in asking? ---- */

static bool
has_get(const struct ocpi_module *module)
{
	for (const struct ocpi_route *route = module->routes; route->interface != IFACE_NONE;
	        route++)
		if (route->interface == IFACE_SENDER && strcmp(route->method, "GET") == 0 &&
		        strcmp(route->path, "{id}") == 0)
			return true;
	return false;
}

static struct str
platform_key(const struct flight *flight)
{
	return arena_printf(flight->arena, "%lld", (long long)flight->platform_id);
}

static bool
was_silent(const struct flight *flight)
{
	struct ocpi_id nobody;

	return memo_get(flight_hub(flight)->memo, UNFETCHED, platform_key(flight),
	               net_loop_now(flight->worker->loop), &nobody) != MEMO_NOTHING;
}

static const struct endpoint *
endpoint_of(const struct flight *flight, const struct platform **platform)
{
	*platform = directory_platform(flight->directory, flight->platform_id);
	if (*platform == NULL || platform_state(*platform) != STATE_CONNECTED)
		return NULL;
	return platform_endpoint(*platform, str_of(flight->module->id), IFACE_SENDER);
}

bool
fetch_possible(struct flight *flight)
{
	const struct platform *platform;

	return has_get(flight->module) && endpoint_of(flight, &platform) != NULL &&
	       !was_silent(flight);
}

/* ---- what came ---- */

/* It says of itself that it is what was asked for. */
static bool
is_it(const struct flight *flight, const struct fetch *fetch)
{
	const struct ocpi_envelope *envelope = &flight->call.envelope;
	const struct json_doc *doc = &envelope->doc;
	struct ocpi_id owner;
	struct str id = json_member_string(doc, envelope->data, "id", flight->arena);

	return ocpi_id_make(json_member_string(doc, envelope->data, "country_code", flight->arena),
	               json_member_string(doc, envelope->data, "party_id", flight->arena),
	               &owner) &&
	       ocpi_id_same(&owner, &fetch->owner) && id.p != NULL && str_ieq(id, fetch->id);
}

static void
take_object(struct flight *flight, struct fetch *fetch)
{
	const struct partner_call *call = &flight->call;
	const struct ocpi_envelope *envelope = &call->envelope;

	if (call->result != PARTNER_ANSWERED || call->net.status / 100 != 2 ||
	        envelope->code / 1000 != 1 || envelope->data == 0 ||
	        envelope->doc.nodes[envelope->data].type != JSON_OBJECT || !is_it(flight, fetch))
		return;
	fetch->object = json_raw(&envelope->doc, envelope->data);
}

static enum next
fetched(struct flight *flight)
{
	struct fetch *fetch = flight->local_state;

	flight->from = fetch->from;
	flight->to = fetch->to;
	if (flight->call.result == PARTNER_UNREACHABLE)
		memo_put(flight_hub(flight)->memo, UNFETCHED, platform_key(flight), NULL,
		        net_loop_now(flight->worker->loop) + UNFETCHED_LIFE_MS);
	take_object(flight, fetch);
	return fetch->then(flight);
}

/* ---- asking ---- */

enum next
fetch_start(struct flight *flight, struct fetch *fetch, enum next (*then)(struct flight *flight))
{
	const struct hub *hub = flight_hub(flight);
	const struct platform *platform;
	const struct endpoint *endpoint = endpoint_of(flight, &platform);
	int64_t most_ms = hub_settings(hub)->call_ms;

	fetch->then = then;
	fetch->from = flight->from;
	fetch->to = flight->to;
	flight->local_state = fetch;
	flight->from = hub->id;
	flight->to = fetch->owner;
	leg_prepare(flight, platform, endpoint->origin,
	        ocpi_join(endpoint->target, ocpi_percent_encode(fetch->id, flight->arena),
	                (struct str){ 0 }, flight->arena),
	        true);
	flight->call.purpose = PARTNER_ASIDE;
	return leg_start_within(flight, STR("GET"), (struct str){ 0 },
	        most_ms < FETCH_MOST_MS ? most_ms : FETCH_MOST_MS, fetched);
}
