/* presence: who is alive, kept from live traffic and from still-alive probes of the versions
 * endpoint.
 *
 * Workers only note what they saw, in atomics; the control thread decides once a tick. A message
 * received makes a party CONNECTED. A failed call asks for a probe (HCI-020); two failed probes in
 * a row, or push.offline_after failures in a row, make it OFFLINE; then it is probed every
 * push.retry_interval until it answers. mod_hub_client_info.asciidoc "Still alive check." */
#include "presence.h"

#include "../count.h"
#include "live.h"
#include "partner.h"
#include "registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- a probe: GET of the versions endpoint (VER-023) ---- */

struct probe {
	struct partner_call call;
	struct arena *arena;
};

enum { PROBE_ANSWER_BYTES = 64 * 1024, TOUCH_EVERY_MS = 60 * 1000 };

static void
go_offline(struct hub *hub, struct live *live, const char *why)
{
	if (atomic_load(&live->state) == STATE_OFFLINE)
		return;
	LOG(LOG_WARNING, "presence", KVN("platform", live->platform), KV("state", "OFFLINE"),
	        KV("why", why));
	atomic_store(&live->state, STATE_OFFLINE);
	(void)hub;
}

/* HCI-021: one lost answer is not an absence; what fails is asked once more. */
static void
probe_missed(struct hub *hub, struct live *live, const char *why)
{
	if (atomic_load(&live->state) != STATE_OFFLINE && live->probe_misses++ == 0) {
		atomic_store(&live->probe_due, true);
		return;
	}
	live->probe_misses = 0;
	(void)snprintf(live->last_failure, sizeof live->last_failure, "probe: %.140s", why);
	live->last_failure_ms = rh_wall_ms();
	go_offline(hub, live, live->last_failure);
}

static void
probe_done(struct partner_call *call)
{
	struct probe *probe = container_of(call, struct probe, call);
	struct hub *hub = call->hub;
	struct live *live = call->live;

	live->probing = false;
	hub->control_work--;
	if (call->result == PARTNER_ANSWERED) {
		live->probe_misses = 0;
		live_seen(live);
	} else if (call->result != PARTNER_OURS) {
		count_add(&hub->probe_failures, 1);
		probe_missed(hub, live, call->why);
	}
	arena_free(probe->arena);
	free(probe);
}

static void
probe_start(struct hub *hub, const struct platform *platform)
{
	struct probe *probe = rh_alloc(sizeof *probe);
	struct arena *arena = probe->arena = arena_new(2048);
	struct net_url url;

	if (net_url_parse(platform->versions_url, arena, &url, NULL) != RH_OK) {
		arena_free(arena);
		free(probe);
		return;
	}
	partner_prepare(&probe->call, hub, platform->live, PARTNER_PROBE, arena);
	partner_address(&probe->call, url.origin, url.target, platform_authorization(platform),
	        (struct str){ 0 });
	probe->call.done = probe_done;
	platform->live->probing = true;
	hub->control_work++;
	count_add(&hub->probes, 1);
	partner_start(&probe->call, hub->client, STR("GET"), (struct str){ 0 },
	        hub_settings(hub)->call_ms, PROBE_ANSWER_BYTES, false);
}

/* ---- the tick ---- */

static bool
probe_is_due(const struct hub *hub, struct live *live, int64_t wall_ms)
{
	const struct settings *settings = hub_settings(hub);
	int64_t since_probe = wall_ms - live->probe_at_ms;

	if (live->probing)
		return false;
	if (atomic_load(&live->state) == STATE_OFFLINE)
		return since_probe >= settings->retry_ms || live->probe_at_ms == 0;
	if (atomic_exchange(&live->probe_due, false))
		return true;
	return wall_ms - atomic_load(&live->seen_ms) >= settings->still_alive_ms &&
	       since_probe >= settings->still_alive_ms;
}

static void
touched(struct store_op *op)
{
	free(op);
}

static void
record_state(struct hub *hub, struct live *live)
{
	int state = atomic_load(&live->state);

	if (state == live->recorded)
		return;
	live->recorded = state;
	live->pull_wanted |= state == STATE_CONNECTED && hub_settings(hub)->pull_ms > 0;
	if (state == STATE_CONNECTED)
		LOG(LOG_INFO, "presence", KVN("platform", live->platform),
		        KV("state", "CONNECTED"));
	registry_state_changed(
	        hub, live, (enum store_state)state); /* HCI-028: only with a change */
}

/* The last contact survives a restart; written now and then, not with every message. */
static void
record_contact(struct hub *hub, struct live *live, int64_t wall_ms)
{
	struct store_op *op;
	int64_t seen_ms = atomic_load(&live->seen_ms);

	if (seen_ms <= live->touched_ms || wall_ms - live->touched_ms < TOUCH_EVERY_MS)
		return;
	live->touched_ms = seen_ms;
	op = rh_alloc(sizeof *op);
	op->verb = STORE_PLATFORM_TOUCH;
	op->done = touched;
	op->u.touch.platform = live->platform;
	op->u.touch.at_ms = seen_ms;
	store_submit(hub->session, op);
}

static void
tick_platform(struct hub *hub, const struct platform *platform, int64_t wall_ms)
{
	struct live *live = platform->live;

	if (platform->state != STATE_CONNECTED || platform->token.p == NULL)
		return;
	if (atomic_load(&live->failures) >= (unsigned)hub_settings(hub)->offline_after)
		go_offline(hub, live, "failed calls in a row");
	if (probe_is_due(hub, live, wall_ms)) {
		live->probe_at_ms = wall_ms;
		probe_start(hub, platform);
	}
	record_state(hub, live);
	record_contact(hub, live, wall_ms);
}

void
presence_tick(struct hub *hub)
{
	const struct platform *platforms;
	size_t count = directory_platforms(hub_directory(hub), &platforms);

	for (size_t i = 0; i < count; i++)
		tick_platform(hub, &platforms[i], rh_wall_ms());
}
