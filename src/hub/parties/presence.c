/* presence: who is alive, kept from live traffic and from still-alive probes of the versions
 * endpoint.
 *
 * Workers only note what they saw, in atomics; live.h says what makes a party OFFLINE. The control
 * thread probes who was silent for push.still_alive_interval or whose calls fail (HCI-020), and who
 * is OFFLINE every push.retry_interval until it answers, at most MOST_PROBES at once. What others
 * are told is damped, what the hub routes by is not. mod_hub_client_info.asciidoc "Still alive
 * check." */
#include "presence.h"

#include "../count.h"
#include "live.h"
#include "partner.h"
#include "registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	PROBE_ANSWER_BYTES = 64 * 1024,
	TOUCH_EVERY_MS = 60 * 1000,
	PROBES_APART_MS = 1000,
	HOLD_LEAST_MS = 1000,
	HOLD_MOST_MS = 5 * 60 * 1000,
	QUIET_MS = 60 * 1000, /* beyond twice the hold: what was flapping has come to rest */
	SLICE = 512,          /* platforms looked at in a tick */
};

/* ---- pure ---- */

int64_t
presence_jitter(int64_t platform, int64_t span_ms)
{
	uint64_t mixed = (uint64_t)platform * 0x9e3779b97f4a7c15u >> 32;

	return (int64_t)(mixed * (uint64_t)(span_ms / 8) >> 32);
}

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t
most(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

int64_t
presence_probe_at(const struct live *live, const struct presence_times *times)
{
	const struct live_presence *presence = &live->presence;
	int64_t probed_ms = presence->probed_ms, heard_ms;

	if (atomic_load(&live->state) == STATE_OFFLINE)
		return probed_ms == 0 ? 0
		                      : probed_ms + times->retry_ms +
		                                presence_jitter(live->platform, times->retry_ms);
	if (atomic_load(&live->probe_due))
		return probed_ms == 0
		               ? 0
		               : probed_ms + least(PROBES_APART_MS,
		                                     least(times->retry_ms, times->still_alive_ms));
	heard_ms = most(atomic_load(&live->heard_ms), presence->met_ms);
	return most(heard_ms, probed_ms) + times->still_alive_ms +
	       presence_jitter(live->platform, times->still_alive_ms);
}

bool
presence_announce_now(struct live_presence *presence, int state, int64_t now_ms)
{
	int64_t held_ms = now_ms - presence->announced_ms;

	if (state == presence->announced || held_ms < presence->hold_ms)
		return false;
	if (presence->hold_ms == 0 || held_ms >= 2 * presence->hold_ms + QUIET_MS)
		presence->hold_ms = HOLD_LEAST_MS;
	else
		presence->hold_ms = least(2 * presence->hold_ms, HOLD_MOST_MS);
	presence->announced = state;
	presence->announced_ms = now_ms;
	return true;
}

/* ---- a probe: GET of the versions endpoint (VER-023) ---- */

static bool
is_probed(const struct platform *platform)
{
	return platform->state == STATE_CONNECTED && platform->token.p != NULL;
}

struct probe {
	struct partner_call call;
	struct arena *arena;
};

static void
tell_failure(struct live *live, const char *what, const char *why)
{
	struct live_presence *presence = &live->presence;

	(void)snprintf(
	        presence->last_failure, sizeof presence->last_failure, "%s%.140s", what, why);
	presence->last_failure_ms = rh_wall_ms();
}

/* What it says of the partner's presence was noted when it came (partner.c). */
static void
probe_done(struct partner_call *call)
{
	struct probe *probe = container_of(call, struct probe, call);
	struct hub *hub = call->hub;

	call->live->presence.probing = false;
	hub->probing--;
	hub->control_work--;
	if (call->result == PARTNER_UNUSABLE || call->result == PARTNER_UNREACHABLE) {
		count_add(&hub->probe_failures, 1);
		tell_failure(call->live, "probe: ", call->why);
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
	platform->live->presence.probing = true;
	platform->live->presence.probes++;
	hub->probing++;
	hub->control_work++;
	count_add(&hub->probes, 1);
	partner_start(&probe->call, hub->client, STR("GET"), (struct str){ 0 },
	        hub_settings(hub)->call_ms, PROBE_ANSWER_BYTES, false);
}

void
hub_probe(const struct hub *hub, const struct platform *platform, struct hub_probe *out)
{
	const struct settings *settings = hub_settings(hub);
	const struct presence_times times = { settings->still_alive_ms, settings->retry_ms };
	const struct live_presence *presence = &platform->live->presence;
	int64_t left_ms;

	*out = (struct hub_probe){ .count = presence->probes,
		.under_way = presence->probing || platform->live->status.probing };
	if (!is_probed(platform) || atomic_load(&hub->passive))
		return;
	left_ms = presence_probe_at(platform->live, &times) - rh_boot_ms();
	out->next_ms = rh_wall_ms() + most(left_ms, 0);
}

void
presence_told(struct hub *hub, struct live *live, enum live_event event)
{
	if (hub_holds(hub, live->platform))
		live_note(live, event, rh_mono_us(), (unsigned)hub_settings(hub)->offline_after);
}

/* ---- the tick ---- */

static void
touched(struct store_op *op)
{
	free(op);
}

static void
store_contact(struct hub *hub, const struct live *live)
{
	struct store_op *op = rh_alloc(sizeof *op);

	op->verb = STORE_PLATFORM_TOUCH;
	op->done = touched;
	op->u.touch.platform = live->platform;
	op->u.touch.at_ms = live_heard_wall_ms(live);
	store_submit(hub->session, op);
}

/* To who holds it. Not what that one said itself, nor, of one that went away since, what was heard
 * before: either would seem to be heard now. One that is back is told of at once (live.c). */
static bool
is_told(const struct live *live, int64_t heard_ms)
{
	return heard_ms > live->status.heard_ms && atomic_load(&live->state) == STATE_CONNECTED;
}

/* The last contact survives a restart; written now and then, not with every message. Who holds the
 * platform is told as often, and does not take it for silent. */
static void
record_contact(struct hub *hub, struct live *live, int64_t now_ms)
{
	struct live_presence *presence = &live->presence;
	int64_t heard_ms = atomic_load(&live->heard_ms);
	bool held = hub_holds(hub, live->platform);

	if (heard_ms <= presence->stored_ms || (!held && !is_told(live, heard_ms)) ||
	        now_ms - most(presence->stored_ms, presence->met_ms) < TOUCH_EVERY_MS)
		return;
	presence->stored_ms = heard_ms;
	if (held)
		store_contact(hub, live);
	else
		store_tell(hub->store, TELL_HEARD, live->platform);
}

static void
log_state(struct live *live, int state)
{
	struct live_presence *presence = &live->presence;
	char count[16];

	if (state == presence->logged)
		return;
	presence->logged = state;
	presence->since_ms = rh_wall_ms();
	presence->probes = 0;
	if (state == STATE_CONNECTED) {
		LOG(LOG_INFO, "presence", KVN("platform", live->platform),
		        KV("state", "CONNECTED"));
		return;
	}
	if (atomic_load(&live->misses) == 0) {
		(void)snprintf(count, sizeof count, "%u", atomic_load(&live->failures));
		tell_failure(live, count, " deliveries in a row did not reach it");
	}
	LOG(LOG_WARNING, "presence", KVN("platform", live->platform), KV("state", "OFFLINE"),
	        KV("why", presence->last_failure));
}

static void
announce_state(struct hub *hub, struct live *live, int state, int64_t now_ms)
{
	if (!presence_announce_now(&live->presence, state, now_ms))
		return;
	live->pull.wanted |= state == STATE_CONNECTED;
	registry_state_changed(
	        hub, live, (enum store_state)state); /* HCI-028: only with a change */
}

/* False: it is due, and as many as may be are in the air. */
static bool
probe_if_due(struct hub *hub, const struct platform *platform, int64_t now_ms)
{
	const struct settings *settings = hub_settings(hub);
	struct presence_times times = { settings->still_alive_ms, settings->retry_ms };
	struct live *live = platform->live;

	if (live->presence.probing || presence_probe_at(live, &times) > now_ms)
		return true;
	if (hub->probing >= MOST_PROBES)
		return false;
	atomic_store(&live->probe_due, false);
	live->presence.probed_ms = now_ms;
	probe_start(hub, platform);
	return true;
}

static bool
tick_platform(struct hub *hub, const struct platform *platform, int64_t now_ms)
{
	struct live *live = platform->live;
	int state;

	if (!is_probed(platform))
		return true;
	if (!hub_holds(hub, platform->id)) {
		record_contact(hub, live, now_ms);
		return true;
	}
	state = atomic_load(&live->state);
	log_state(live, state);
	announce_state(hub, live, state, now_ms);
	record_contact(hub, live, now_ms);
	return probe_if_due(hub, platform, now_ms);
}

/* A tick looks at a part of them when they are many. Who found no room for its probe is the first
 * one of the next tick, so that those who are away hold up nobody. */
void
presence_tick(struct hub *hub)
{
	const struct platform *platforms;
	size_t count = directory_platforms(hub_directory(hub), &platforms);
	size_t looks = count < SLICE ? count : SLICE, at = hub->presence_next;
	int64_t now_ms = rh_boot_ms();
	bool full = false;

	for (size_t i = 0; i < looks; i++, at++) {
		bool room = tick_platform(hub, &platforms[at % count], now_ms);

		if (!room && !full)
			hub->presence_next = at % count;
		full |= !room;
	}
	if (!full)
		hub->presence_next = count == 0 ? 0 : at % count;
}
