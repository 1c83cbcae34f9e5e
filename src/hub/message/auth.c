/* auth: step 1, who is speaking? The token names the platform; which of its parties speaks is the
 * route's question. */
#include "auth.h"

#include "../count.h"
#include "../parties/live.h"
#include "../parties/registry.h"

/* TRP-49: the decoded token first, the raw one second; the variant that matched is remembered. */
static const struct platform *
find_platform(struct flight *flight, const struct ocpi_authorization *given, bool *plain)
{
	const struct hub *hub = flight_hub(flight);
	const struct platform *platform = NULL;

	*plain = false;
	if (given->decoded.p != NULL) {
		rh_digest(hub->digest_key, given->decoded, flight->digest);
		platform = directory_token(flight->directory, flight->digest, &flight->token_kind);
		flight->token = given->decoded;
	}
	if (platform == NULL) {
		rh_digest(hub->digest_key, given->raw, flight->digest);
		platform = directory_token(flight->directory, flight->digest, &flight->token_kind);
		flight->token = given->raw;
		*plain = true;
	}
	return platform;
}

/* CRD-020, CRD-019: what the use of a token tells. */
static void
note_use(struct flight *flight, const struct platform *platform, bool plain)
{
	struct live *live = platform->live;

	if (flight->token_kind != TOKEN_CURRENT && flight->token_kind != TOKEN_PREVIOUS)
		return;
	live_seen(live);
	if (platform->encoding == ENCODING_AUTO &&
	        atomic_load_explicit(&live->plain_token, memory_order_relaxed) != plain)
		atomic_store_explicit(&live->plain_token, plain, memory_order_relaxed);
	if (platform->has_previous && flight->token_kind == TOKEN_CURRENT)
		registry_forget_previous(flight_hub(flight), live, flight->digest);
}

static enum next
take_place(struct flight *flight, const struct platform *platform)
{
	const struct settings *settings = hub_settings(flight_hub(flight));
	size_t in_hub = atomic_load_explicit(&flight_hub(flight)->flights, memory_order_relaxed);
	unsigned in_air =
	        atomic_fetch_add_explicit(&platform->live->flights, 1, memory_order_relaxed);

	flight->live = platform->live; /* from here flight_end() gives the place back */
	if (in_air >= (unsigned)settings->flights_per_platform)
		return flight_refuse(flight, RH_BUSY, "",
		        "%u requests of this platform are in the hub, limits.flights_per_platform "
		        "allows no more",
		        in_air);
	if (in_hub > (size_t)settings->flights)
		return flight_refuse(flight, RH_BUSY, "",
		        "%zu requests of all platforms are in the hub, limits.flights allows no "
		        "more",
		        in_hub - 1);
	count_add(&platform->live->requests, 1);
	return NEXT;
}

enum next
flight_auth(struct flight *flight)
{
	struct ocpi_authorization given;
	const struct platform *platform;
	bool plain;

	if (ocpi_authorization_read(flight->request->header[IN_AUTHORIZATION], flight->arena,
	            &given, &flight->fault) != RH_OK)
		return REPLY;
	platform = find_platform(flight, &given, &plain);
	if (platform == NULL)
		return flight_refuse(flight, RH_UNKNOWN_TOKEN, "Authorization",
		        "expected 'Token <Base64 of the credentials token>' with a token this hub "
		        "issued");
	flight->platform = platform;
	flight->platform_id = platform->id;
	flight->platform_name = arena_str(flight->arena, platform->name);
	if (platform->state == STATE_SUSPENDED)
		return flight_refuse(flight, RH_SUSPENDED, "", "%s", "");
	note_use(flight, platform, plain);
	return take_place(flight, platform);
}
