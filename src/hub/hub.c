/* hub: start, tick, reload, drain and stop of all threads. The caller's thread is the control
 * thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "certificate.h"
#include "client.h"
#include "doubt.h"
#include "event.h"
#include "expiry.h"
#include "keys.h"
#include "listeners.h"
#include "load.h"
#include "message/memo.h"
#include "message/prints.h"
#include "parties/directory.h"
#include "parties/forget.h"
#include "parties/live.h"
#include "parties/presence.h"
#include "parties/registry.h"
#include "parties/rotation.h"
#include "parties/suspension.h"
#include "parties/view.h"
#include "passive.h"
#include "place.h"
#include "pull.h"
#include "push/sync.h"
#include "sandbox.h"
#include "series.h"
#include "slots.h"
#include "status.h"
#include "survey/tick.h"
#include "tally.h"
#include "together.h"
#include "wishes.h"
#include "worker.h"

enum { TICK_MS = 100, RESERVE_BYTES = 32 << 20 };

/* ---- start ---- */

static enum rh_err
make_url(struct hub *hub, struct fault *fault)
{
	const struct settings *settings = hub_settings(hub);
	struct arena *arena = arena_new(1024);
	struct net_url url;
	struct str text;
	enum rh_err err;

	text = settings->public_url != NULL
	               ? str_of(settings->public_url)
	               : arena_printf(arena, "%s://%s",
	                         atomic_load(&hub->certificate) != NULL ? "https" : "http",
	                         hub->address);
	err = net_url_parse(text, arena, &url, fault);
	if (err == RH_OK) {
		while (text.len > 0 && text.p[text.len - 1] == '/')
			text.len--;
		while (url.target.len > 0 && url.target.p[url.target.len - 1] == '/')
			url.target.len--;
		hub->url = rh_strdup(arena_cstr(arena, text));
		hub->prefix = str_of(rh_strdup(arena_cstr(arena, url.target)));
		hub->origin = str_of(rh_strdup(arena_cstr(arena, url.origin)));
	}
	arena_free(arena);
	return err;
}

static enum rh_err
open_workers(struct hub *hub, struct fault *fault)
{
	if (make_url(hub, fault) != RH_OK)
		return fault->err;
	hub->proxies =
	        net_ranges_new(hub_settings(hub)->trusted_proxies, "http.trusted_proxies", fault);
	if (hub->proxies == NULL)
		return fault->err;
	hub->workers = rh_alloc((size_t)hub->listener_count * sizeof *hub->workers);
	for (int i = 0; i < hub->listener_count; i++) {
		hub->worker_count++;
		if (worker_open(&hub->workers[i], hub, i, listeners_take(hub, i), fault) != RH_OK)
			return fault->err;
	}
	return RH_OK;
}

static void tick(struct net_timer *timer);

static enum rh_err
open_certificate(struct hub *hub, struct fault *fault)
{
	struct certificate *certificate;

	if (certificate_read(hub_settings(hub), &certificate, fault) != RH_OK)
		return fault->err;
	atomic_store(&hub->certificate, certificate);
	return certificate == NULL || certificate_works(hub->loop, certificate, fault) ? RH_OK
	                                                                               : fault->err;
}

static enum rh_err
open_all(struct hub *hub, const struct hub_choices *choices, struct fault *fault)
{
	const struct settings *settings = hub_settings(hub);

	if (!ocpi_id_make(str_of(settings->country_code), str_of(settings->party_id), &hub->id))
		return fault_set(fault, RH_BAD_CONFIG, "hub.party_id",
		        "expected a country_code of 2 and a party_id of 3 characters");
	hub->loop = net_loop_new();
	if (open_certificate(hub, fault) != RH_OK || place_take(hub, choices, fault) != RH_OK)
		return fault->err;
	together_open(hub);
	hub->session = store_session_open(hub->store, net_loop_mailbox(hub->loop), fault);
	if (hub->session == NULL || passive_open(hub, choices->passive, fault) != RH_OK)
		return fault->err;
	hub->client = client_make(hub, hub->loop, &hub->egress, fault);
	if (hub->client == NULL || open_workers(hub, fault) != RH_OK)
		return fault->err;
	if (hub_load(hub, fault) != RH_OK)
		return fault->err;
	together_loaded(hub);
	return RH_OK;
}

struct hub *
hub_open(struct settings *settings, const struct hub_choices *choices,
        const struct ocpi_module *const *modules, struct fault *fault)
{
	struct hub *hub = rh_alloc(sizeof *hub);
	enum rh_err err;

	atomic_init(&hub->settings, settings);
	hub->modules = modules;
	hub->admin_listener = hub->portal_listener = -1;
	hub->started_ms = rh_mono_ms();
	rh_memory_hold(RESERVE_BYTES);
	hub->prints = prints_new();
	hub->memo = memo_new(MEMO_MOST);
	list_init(&hub->pulls);
	list_init(&hub->surveys);
	hub->result = survey_result;
	hub->entitled = push_entitled;
	registry_init(hub);
	err = open_all(hub, choices, fault);
	if (err == RH_OK)
		expiry_open(hub);
	if (err == RH_OK)
		event_open(hub);
	if (err == RH_OK)
		series_open(hub);
	for (int i = 0; err == RH_OK && i < hub->worker_count; i++)
		err = worker_start(&hub->workers[i], fault);
	if (err != RH_OK) {
		for (int i = 0; i < hub->worker_count; i++)
			if (hub->workers[i].started)
				net_loop_stop(hub->workers[i].loop);
		atomic_store(&hub->settings, NULL); /* stay the caller's */
		hub_close(hub);
		return NULL;
	}
	forget_removed(hub);
	sandbox_open(hub);
	hub->tick.fire = tick;
	net_timer_set(hub->loop, &hub->tick, rh_mono_ms());
	return hub;
}

/* ---- the tick of the control thread ---- */

/* A failed fsync is not tried again: stop, and recover at the next start (docs/adr/0003). */
static void
watch_store(struct hub *hub, const struct store_stats *stats)
{
	if (hub->stopping)
		return;
	if (store_lease(hub->store).taken) {
		LOG(LOG_ERROR, "store",
		        KV("error", "another hub took the database over, this one stops"));
		hub_stop(hub, 1);
		return;
	}
	if (!stats->failed)
		return;
	LOG(LOG_ERROR, "store",
	        KV("error", "the database cannot be written safely any more, the hub stops"),
	        KV("why", stats->reason));
	hub_stop(hub, stats->older ? HUB_EXIT_OLDER : 1);
}

/* Told once a shortage; the counter says how often. The reserve is taken back here, or by whoever
 * asks for something large before. */
static void
watch_memory(struct hub *hub)
{
	uint64_t shortages = rh_memory_shortages();

	(void)rh_memory_short();
	if (shortages != hub->shortages)
		LOG(LOG_ERROR, "hub",
		        KV("error", "memory was refused: large requests and lists are answered "
		                    "503 until the reserve is held again"));
	hub->shortages = shortages;
}

/* Who waits for a party is told that it did not answer in time; unread answers are the servers'
 * business. */
static void
cut_off(struct hub *hub)
{
	hub->cut = true;
	LOG(LOG_WARNING, "hub", KV("stop", "what is still under way is cut off"));
	net_client_end(hub->client);
	for (int i = 0; i < hub->worker_count; i++)
		if (hub->workers[i].started)
			worker_cut(&hub->workers[i]);
}

static void
stop_when_drained(struct hub *hub)
{
	if (atomic_load(&hub->workers_draining) == 0 && hub->control_work == 0 &&
	        registry_idle(hub) && slots_given(hub) &&
	        store_session_open_operations(hub->session) == 0) {
		net_loop_stop(hub->loop);
	} else if (rh_mono_ms() > hub->stop_by_ms) {
		/* a disk that hangs, or a fault of ours; what was acknowledged is on the disk */
		LOG(LOG_ERROR, "hub", KV("stop", "not everything ended within http.stop_timeout"));
		_exit(hub->exit_status > 0 ? hub->exit_status : 1);
	} else if (rh_mono_ms() >= hub->cut_at_ms && !hub->cut) {
		cut_off(hub);
	}
}

static void
tick(struct net_timer *timer)
{
	struct hub *hub = container_of(timer, struct hub, tick);
	struct store_stats stats;

	store_stats(hub->store, &stats);
	directory_reclaim(hub, false);
	watch_store(hub, &stats);
	watch_memory(hub);
	slots_tick(hub);
	status_tick(hub);
	wishes_tick(hub);
	if (hub->stopping) {
		stop_when_drained(hub);
	} else {
		if (!atomic_load(&hub->passive)) {
			presence_tick(hub);
			pull_tick(hub);
			survey_tick(hub);
			rotation_tick(hub, !expiry_goes_on(hub));
			if (expiry_goes_on(hub))
				suspension_tick(hub);
			sandbox_tick(hub);
			sandbox_due(hub);
		}
		expiry_tick(hub);
		event_tick(hub, hub_expiry(hub).held);
		doubt_tick(hub, &stats);
		series_tick(hub, rh_boot_ms());
	}
	net_timer_set(hub->loop, timer, rh_mono_ms() + TICK_MS);
}

void
hub_run(struct hub *hub)
{
	net_loop_run(hub->loop);
}

void
hub_stop(struct hub *hub, int exit_status)
{
	if (exit_status > hub->exit_status)
		hub->exit_status = exit_status;
	if (hub->stopping)
		return;
	LOG(LOG_INFO, "hub", KV("state", "draining"));
	event_note(hub, hub->session,
	        &(struct store_event){ .type = STR("hub.stop"),
	                .what = exit_status == 0 ? STR("stopping") : STR("failed"),
	                .subject = STR("hub") });
	hub->stopping = true;
	hub->stop_by_ms = rh_mono_ms() + hub_settings(hub)->stop_ms;
	hub->cut_at_ms = rh_mono_ms() + hub_settings(hub)->stop_ms * 3 / 4;
	pull_stop(hub);
	survey_stop(hub);
	sandbox_end(hub);
	store_end_backups(hub->store);
	store_leave(hub->store);
	atomic_store(&hub->workers_draining, hub->worker_count);
	for (int i = 0; i < hub->worker_count; i++)
		worker_drain(&hub->workers[i]);
}

/* ---- reload ---- */

/* Plain HTTP stays plain and HTTPS stays HTTPS: the public URL was handed out. */
static enum rh_err
renew_certificate(struct hub *hub, const struct settings *fresh, struct fault *fault)
{
	struct certificate *now = atomic_load(&hub->certificate), *renewed;

	if (certificate_read(fresh, &renewed, fault) != RH_OK)
		return RH_BAD_CONFIG;
	if ((now == NULL) != (renewed == NULL)) {
		certificate_free(renewed);
		return fault_set(fault, RH_BAD_CONFIG, "http.tls_certificate",
		        "HTTPS is turned on and off by a restart alone");
	}
	if (renewed == NULL)
		return RH_OK;
	if (certificate_same(now, renewed)) {
		certificate_free(renewed);
	} else if (!certificate_works(hub->loop, renewed, fault)) {
		certificate_free(renewed);
		return RH_BAD_CONFIG;
	} else {
		renewed->before = now;
		atomic_store(&hub->certificate, renewed);
	}
	return RH_OK;
}

enum rh_err
hub_take_settings(struct hub *hub, struct settings *fresh, struct fault *fault)
{
	struct store_conf conf = place_conf(hub, fresh);

	if (renew_certificate(hub, fresh, fault) != RH_OK)
		return RH_BAD_CONFIG;
	atomic_store_explicit(&hub->settings, fresh, memory_order_release);
	store_configure(hub->store, &conf);
	client_configure(hub, hub->client, &hub->egress);
	for (int i = 0; i < hub->worker_count; i++)
		worker_configure(&hub->workers[i]);
	return RH_OK;
}

/* A loop sleeps between two turns, and is stuck when the turn is the one that was seen last. */
bool
hub_turns(struct hub *hub)
{
	bool all = true;

	for (int i = 0; i < hub->worker_count; i++) {
		struct worker *worker = &hub->workers[i];
		uint64_t turns = net_loop_turns(worker->loop);

		all = all && (turns == UINT64_MAX || turns != worker->turns_seen);
		worker->turns_seen = turns;
	}
	return all;
}

/* ---- the end ---- */

void
hub_close(struct hub *hub)
{
	for (int i = 0; i < hub->worker_count; i++)
		worker_close(&hub->workers[i]);
	if (hub->client != NULL)
		net_client_free(hub->client);
	net_egress_free(hub->egress);
	net_ranges_free(hub->proxies);
	if (hub->store != NULL)
		together_close(hub);
	if (hub->session != NULL)
		store_session_close(hub->session);
	sandbox_close(hub);
	expiry_close(hub);
	event_close(hub);
	series_close(hub);
	slots_close(hub);
	status_close(hub);
	wishes_close(hub);
	tallies_close(hub);
	if (hub->store != NULL)
		store_close(hub->store);
	directory_free((struct directory *)(uintptr_t)hub_directory(hub));
	directory_reclaim(hub, true);
	view_close(hub);
	registry_free(hub);
	live_free_all(hub);
	if (hub->loop != NULL)
		net_loop_free(hub->loop);
	listeners_close(hub);
	free((void *)(uintptr_t)hub->prefix.p);
	free((void *)(uintptr_t)hub->origin.p);
	free(hub->url);
	free(hub->about);
	prints_free(hub->prints);
	memo_free(hub->memo);
	certificate_free(atomic_load(&hub->certificate));
	free(hub->workers);
	free(hub);
}
