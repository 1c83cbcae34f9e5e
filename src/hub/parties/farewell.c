/* farewell: DELETE of the credentials at a platform that is none any more: best effort, once, and
 * said to the log.
 *
 * A partner that is not told goes on to hold a dead token for a living one: it calls, is refused,
 * and when it is invited again it answers 405, for it thinks that it is registered. */
#include "farewell.h"

#include <stdio.h>
#include <stdlib.h>

enum { WITHIN_MS = 5000, ANSWER_BYTES = 64 * 1024 };

struct farewell {
	struct hub *hub;
	struct arena *arena;
	int64_t platform;
	struct partner_call call;
	farewell_fn done;
	void *ctx;
};

static void
farewell_end(struct farewell *farewell, bool taken, const char *outcome)
{
	LOG(taken ? LOG_INFO : LOG_WARNING, "farewell", KVN("platform", farewell->platform),
	        KV("result", outcome));
	farewell->hub->control_work--;
	farewell->done(farewell->ctx, outcome);
	arena_free(farewell->arena);
	free(farewell);
}

/* 401, 404 and 405 say that it forgot already, or never knew (CRD-046). */
static void
answered(struct partner_call *call)
{
	struct farewell *farewell = container_of(call, struct farewell, call);
	const struct ocpi_envelope *envelope = &call->envelope;
	char outcome[300];
	bool taken = call->result == PARTNER_ANSWERED && call->net.status >= 200 &&
	             call->net.status <= 299 && envelope->code / 1000 == 1;

	if (taken)
		(void)snprintf(outcome, sizeof outcome, "it was told, by DELETE");
	else if (call->net.result != NET_DONE)
		(void)snprintf(outcome, sizeof outcome, "it was not told: %.250s", call->why);
	else if (call->result != PARTNER_ANSWERED)
		(void)snprintf(outcome, sizeof outcome, "it refused the DELETE: %.250s", call->why);
	else
		(void)snprintf(outcome, sizeof outcome,
		        "it refused the DELETE: HTTP %d, OCPI status %d", call->net.status,
		        envelope->code);
	farewell_end(farewell, taken, outcome);
}

void
farewell_send(struct hub *hub, const struct farewell_to *to, farewell_fn done, void *ctx)
{
	struct farewell *farewell = rh_alloc(sizeof *farewell);
	struct arena *arena = farewell->arena = arena_new(2048);
	int64_t within_ms = hub_settings(hub)->call_ms;
	struct net_url url = { 0 };

	hub->control_work++;
	farewell->hub = hub;
	farewell->platform = to->platform;
	farewell->done = done;
	farewell->ctx = ctx;
	partner_prepare(&farewell->call, hub, NULL, PARTNER_HANDSHAKE, arena);
	if (net_url_parse(arena_str(arena, to->credentials_url), arena, &url, NULL) != RH_OK)
		url.origin = (struct str){ 0 }; /* the call fails with what is wrong */
	partner_address(&farewell->call, url.origin, url.target,
	        ocpi_authorization_write(to->token, to->plain, arena), (struct str){ 0 });
	farewell->call.done = answered;
	partner_start(&farewell->call, hub->client, STR("DELETE"), (struct str){ 0 },
	        within_ms < WITHIN_MS ? within_ms : WITHIN_MS, ANSWER_BYTES, false);
}

struct farewell_to *
farewell_of(const struct platform *platform, struct arena *arena)
{
	const struct endpoint *endpoint =
	        platform_endpoint(platform, STR("credentials"), IFACE_SENDER);
	struct farewell_to *to;

	if (platform->token.p == NULL || endpoint == NULL)
		return NULL;
	to = arena_alloc(arena, sizeof *to);
	to->platform = platform->id;
	to->credentials_url = arena_str(arena, endpoint->url);
	to->token = arena_str(arena, platform->token);
	to->plain = str_eq(platform_authorization(platform), platform->auth_plain);
	return to;
}
