/* auth: step 1, who is speaking? The token names the platform; which of its parties speaks is the
 * route's question. */
#include "auth.h"

#include "../count.h"
#include "../parties/live.h"
#include "../parties/registry.h"
#include "presented.h"

#include <string.h>

/* ---- the platform of a token: TRP-49, the decoded one first, the raw one second ---- */

static const struct platform *
find_form(struct flight *flight, const struct presented_form *form)
{
	const struct platform *platform =
	        directory_token(flight->directory, form->digest, &flight->token_kind);

	memcpy(flight->digest, form->digest, sizeof flight->digest);
	flight->plain_token = form->plain;
	return platform;
}

static const struct platform *
find_presented(struct flight *flight)
{
	struct presented *presented = presented_find(flight->worker->presented,
	        flight->request->header[IN_AUTHORIZATION], net_loop_now(flight->worker->loop));
	const struct platform *platform = NULL;

	if (presented == NULL)
		return NULL;
	for (size_t i = 0; i < presented->form_count && platform == NULL; i++)
		platform = find_form(flight, &presented->forms[i]);
	if (platform == NULL)
		presented_forget(
		        presented); /* it leads to nobody, or in a form that was not needed */
	return platform;
}

static const struct platform *
find_token(struct flight *flight, const struct ocpi_authorization *given)
{
	const struct str texts[PRESENTED_FORMS] = { given->decoded, given->raw };
	struct presented_form forms[PRESENTED_FORMS];
	const struct platform *platform = NULL;
	size_t count = 0;

	for (size_t i = 0; i < PRESENTED_FORMS && platform == NULL; i++) {
		if (texts[i].p == NULL)
			continue;
		forms[count].plain = i > 0;
		rh_digest(flight_hub(flight)->digest_key, texts[i], forms[count].digest);
		platform = find_form(flight, &forms[count++]);
	}
	if (platform != NULL)
		presented_keep(flight->worker->presented, flight->request->header[IN_AUTHORIZATION],
		        forms, count, net_loop_now(flight->worker->loop));
	return platform;
}

struct str
auth_token(struct flight *flight)
{
	struct ocpi_authorization given;
	struct fault fault;

	if (ocpi_authorization_read(flight->request->header[IN_AUTHORIZATION], flight->arena,
	            &given, &fault) != RH_OK)
		return (struct str){ 0 };
	return flight->plain_token ? given.raw : given.decoded;
}

/* CRD-020, CRD-019: what the use of a token tells. */
static void
note_use(struct flight *flight, const struct platform *platform)
{
	struct live *live = platform->live;
	bool plain = flight->plain_token;

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

/* The platform whose token was presented; NULL: the fault is set. */
static const struct platform *
find_platform(struct flight *flight)
{
	const struct platform *platform = find_presented(flight);
	struct ocpi_authorization given;

	if (platform != NULL || ocpi_authorization_read(flight->request->header[IN_AUTHORIZATION],
	                                flight->arena, &given, &flight->fault) != RH_OK)
		return platform;
	platform = find_token(flight, &given);
	if (platform == NULL)
		(void)flight_refuse(flight, RH_UNKNOWN_TOKEN, "Authorization",
		        "expected 'Token <Base64 of the credentials token>' with a token this hub "
		        "issued");
	return platform;
}

enum next
flight_auth(struct flight *flight)
{
	const struct platform *platform = find_platform(flight);

	if (platform == NULL)
		return REPLY;
	flight->platform = platform;
	flight->platform_id = platform->id;
	flight->platform_name = arena_str(flight->arena, platform->name);
	if (platform->state == STATE_SUSPENDED)
		return flight_refuse(flight, RH_SUSPENDED, "", "%s", "");
	note_use(flight, platform);
	return take_place(flight, platform);
}
