/* pull: what parties have and did not push: the hub walks their Sender interfaces and shares what
 * changed.
 *
 * Several walks at once on the control thread, one for each origin. `date_from` is the last
 * success; every tenth walk is a full one. */
#include "pull.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "count.h"
#include "parties/presence.h"
#include "pull_walk.h"
#include "wish.h"

enum {
	MOST_WALKS = 8,
	FULL_EVERY = 10,
	SLICE = 512, /* platforms looked at in a tick */
};

/* ---- the end ---- */

static void
count_report(struct hub *hub, const struct pull_report *report)
{
	const uint64_t counts[COUNT(hub->pull_counts)] = { 1, !report->complete, report->seen,
		report->shared, report->invalid, report->foreign, report->withdrawn };

	for (size_t i = 0; i < COUNT(counts); i++)
		count_add(&hub->pull_counts[i], counts[i]);
}

static void
log_report(int64_t platform, const struct pull_report *report)
{
	bool calm = report->complete && report->held[0] == '\0' && report->invalid == 0 &&
	            report->foreign == 0;

	LOG(calm ? LOG_INFO : LOG_WARNING, "pull", KVN("platform", platform),
	        KV("result", report->complete ? "complete" : "incomplete"),
	        KVN("full", report->full), KVN("seen", report->seen), KVN("shared", report->shared),
	        KVN("unchanged", report->unchanged), KVN("invalid", report->invalid),
	        KVN("foreign", report->foreign), KVN("withdrawn", report->withdrawn),
	        KVN("pages", report->pages), KV("why", report->why[0] != '\0' ? report->why : NULL),
	        KV("held", report->held[0] != '\0' ? report->held : NULL),
	        KV("first_invalid",
	                report->first_invalid[0] != '\0' ? report->first_invalid : NULL),
	        KV("first_foreign",
	                report->first_foreign[0] != '\0' ? report->first_foreign : NULL));
}

/* A later word counts for the next walk. */
static void
accepted(struct hub *hub, const struct pull *pull, struct live_pull *state)
{
	if (pull->wish == state->wish)
		state->accepted = false;
	else
		state->wanted = true;
	if (pull->wish != 0)
		wish_drop(hub, pull->wish);
}

static void
ended(struct pull *pull)
{
	struct hub *hub = pull->hub;
	const struct platform *platform = directory_platform(hub_directory(hub), pull->platform);

	assert(!pull->calling && pull->pending == 0);
	pull->report.at_ms = rh_wall_ms();
	log_report(pull->platform, &pull->report);
	count_report(hub, &pull->report);
	if (platform != NULL) {
		struct live_pull *state = &platform->live->pull;

		if (pull->report.complete)
			state->covered_ms = pull->began_ms;
		if (pull->accepted && pull->report.complete)
			accepted(hub, pull, state);
		state->tried_ms = rh_boot_ms();
		state->walking = false;
		state->walks++;
		if (!pull->full) /* only a full walk can say otherwise */
			memcpy(pull->report.held, state->report.held, sizeof pull->report.held);
		state->report = pull->report;
	}
	list_remove(&pull->node);
	hub->pull_count--;
	hub->control_work--;
	free((void *)(uintptr_t)pull->origin.p);
	free(pull);
}

/* ---- when ---- */

static int64_t
interval_of(const struct hub *hub, const struct platform *platform)
{
	return platform->pull_ms >= 0 ? platform->pull_ms : hub_settings(hub)->pull_ms;
}

/* TRN-038: with a splay, the same for a platform each time. */
static bool
is_due(const struct hub *hub, const struct platform *platform, int64_t now_ms)
{
	const struct live_pull *pull = &platform->live->pull;
	int64_t interval_ms = interval_of(hub, platform);

	if (interval_ms == 0 || pull->walking || !hub_holds(hub, platform->id) ||
	        platform_state(platform) != STATE_CONNECTED || platform->token.p == NULL ||
	        platform->party_count == 0)
		return false;
	return pull->wanted || pull->tried_ms == 0 ||
	       now_ms >= pull->tried_ms + interval_ms + presence_jitter(platform->id, interval_ms);
}

static struct str
first_origin(const struct hub *hub, const struct platform *platform)
{
	for (size_t i = 0; hub->modules[i] != NULL; i++) {
		const struct endpoint *endpoint = pull_endpoint(hub, platform, hub->modules[i]);

		if (endpoint != NULL)
			return endpoint->origin;
	}
	return (struct str){ 0 };
}

static bool
is_walked(const struct hub *hub, struct str origin)
{
	list_each (node, &hub->pulls)
		if (str_eq(container_of(node, struct pull, node)->origin, origin))
			return true;
	return false;
}

static void
begin(struct hub *hub, const struct platform *platform, struct str origin)
{
	struct pull *pull = rh_alloc(sizeof *pull);
	struct live_pull *state = &platform->live->pull;
	char *copy = rh_alloc(origin.len + 1);

	memcpy(copy, origin.p, origin.len);
	pull->origin = (struct str){ copy, origin.len };
	pull->hub = hub;
	pull->platform = platform->id;
	pull->began_ms = rh_wall_ms();
	pull->full = state->covered_ms == 0 || state->walks % FULL_EVERY == 0 || state->accepted;
	pull->report.full = pull->full;
	pull->ended = ended;
	pull->accepted = state->accepted;
	pull->wish = state->wish;
	state->walking = true;
	state->wanted = false;
	list_add_tail(&hub->pulls, &pull->node);
	hub->pull_count++;
	hub->control_work++;
	pull_walk(pull);
}

/* Goes round, so that with short intervals or long walks nobody is passed over. */
void
pull_tick(struct hub *hub)
{
	const struct platform *platforms;
	size_t count = directory_platforms(hub_directory(hub), &platforms);
	size_t looks = count < SLICE ? count : SLICE;
	int64_t now_ms = rh_boot_ms();

	for (size_t i = 0; i < looks && hub->pull_count < MOST_WALKS; i++) {
		const struct platform *platform = &platforms[hub->pull_next++ % count];
		struct str origin;

		if (!is_due(hub, platform, now_ms))
			continue;
		origin = first_origin(hub, platform);
		if (origin.p != NULL && !is_walked(hub, origin))
			begin(hub, platform, origin);
	}
}

void
pull_let_go(struct hub *hub)
{
	list_each (node, &hub->pulls)
		if (!hub_holds(hub, container_of(node, struct pull, node)->platform))
			pull_cancel(container_of(node, struct pull, node));
}

void
pull_stop(struct hub *hub)
{
	list_each (node, &hub->pulls)
		pull_cancel(container_of(node, struct pull, node));
}

void
pull_wished(struct hub *hub, int64_t platform, int64_t nth)
{
	const struct platform *found = directory_platform(hub_directory(hub), platform);

	if (found == NULL)
		return;
	if (found->removed) {
		wish_drop(hub, nth);
		return;
	}
	if (nth <= found->live->pull.wish) /* it is known, and perhaps done */
		return;
	found->live->pull.wish = nth;
	found->live->pull.accepted = found->live->pull.wanted = true;
}

static enum rh_err
check_accept(struct hub *hub, int64_t platform, const struct platform *found, struct fault *fault)
{
	if (found == NULL || found->removed)
		return fault_set(fault, RH_NOT_FOUND, "platform", "there is no platform %lld",
		        (long long)platform);
	if (interval_of(hub, found) == 0)
		return fault_set(fault, RH_BAD_FIELD, "pull", "the platform is not pulled");
	return RH_OK;
}

void
pull_accept(struct hub *hub, int64_t platform, hub_done_fn done, void *ctx)
{
	const struct platform *found = directory_platform(hub_directory(hub), platform);
	struct fault fault = { 0 };
	enum rh_err err = check_accept(hub, platform, found, &fault);

	if (err == RH_OK && hub_is_together(hub)) {
		wish_put(hub, platform, WISH_PULL, done, ctx);
		return;
	}
	if (err == RH_OK)
		found->live->pull.accepted = found->live->pull.wanted = true;
	done(ctx, err, &fault);
}
