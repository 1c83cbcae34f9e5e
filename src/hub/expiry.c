/* expiry: what is old goes, in slices, until nothing is left; then it looks again every minute. */
#include "expiry.h"

#include "wish.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	EVERY_MS = 60 * 1000,
	JUMP_MS = 5 * 60 * 1000, /* of the wall clock against CLOCK_BOOTTIME, between two looks */
	HOUR_MS = 3600 * 1000,
	DAY_MS = 24 * HOUR_MS,
};
#define STORED_KEY "wall_ms" /* of the store's META */

/* ---- pure ---- */

static int64_t
distance(int64_t a, int64_t b)
{
	return a > b ? a - b : b - a;
}

static void
hold(struct expiry_clock *clock, int64_t boot_ms, int64_t off_ms, const char *what)
{
	int64_t minutes = distance(off_ms, 0) / 60000;

	clock->held = true;
	clock->agreed_boot_ms = boot_ms;
	(void)snprintf(clock->why, sizeof clock->why,
	        "%s by %" PRId64 " days %" PRId64 " h %" PRId64 " min (%s)", what, minutes / 1440,
	        minutes / 60 % 24, minutes % 60, off_ms > 0 ? "forward" : "back");
}

void
expiry_clock_start(struct expiry_clock *clock, int64_t stored_ms, int64_t wall_ms, int64_t boot_ms)
{
	*clock = (struct expiry_clock){ .wall_ms = wall_ms, .boot_ms = boot_ms };
	if (stored_ms != 0 && distance(wall_ms, stored_ms) > HOUR_MS)
		hold(clock, boot_ms, wall_ms - stored_ms,
		        "at the start the clock is off the time at which the hub last ran");
}

void
expiry_clock_look(
        struct expiry_clock *clock, int64_t wall_ms, int64_t boot_ms, size_t agree, size_t differ)
{
	int64_t off_ms = (wall_ms - clock->wall_ms) - (boot_ms - clock->boot_ms);

	clock->wall_ms = wall_ms;
	clock->boot_ms = boot_ms;
	if (distance(off_ms, 0) > JUMP_MS)
		hold(clock, boot_ms, off_ms, "the clock was set while the hub ran");
	if (agree <= differ)
		clock->agreed_boot_ms = boot_ms;
	if (clock->held && boot_ms - clock->agreed_boot_ms >= DAY_MS)
		clock->held = false;
}

int64_t
expiry_next(bool ok, uint64_t dropped, int64_t boot_ms)
{
	return ok && dropped > 0 ? boot_ms : boot_ms + EVERY_MS;
}

/* ---- acting on it ---- */

struct expiry {
	struct hub *hub;
	struct expiry_clock clock;
	int64_t held_wall_ms; /* since when it is held */
	bool asked, known;    /* for the stored time */
	struct store_op meta, op;
	struct arena *arena;
	char stored[24];
	bool storing, running;
	int64_t store_at_ms, run_at_ms, count_at_ms;
	size_t agree, differ;
};

static void
tell(struct expiry *expiry, bool was_held)
{
	if (expiry->clock.held == was_held)
		return;
	expiry->held_wall_ms = rh_wall_ms();
	if (expiry->clock.held)
		LOG(LOG_ERROR, "expiry", KV("state", "held"), KV("why", expiry->clock.why),
		        KV("until", "roamhubctl expiry resume, or a day in which partners' clocks "
		                    "agree"));
	else
		LOG(LOG_INFO, "expiry", KV("state", "goes on"));
}

static void
stored_known(struct store_op *op)
{
	struct expiry *expiry = container_of(op, struct expiry, meta);
	uint64_t stored_ms = 0;

	if (op->err == RH_OK && !str_to_u64(op->u.meta.value, INT64_MAX, &stored_ms))
		stored_ms = 0;
	expiry_clock_start(&expiry->clock, (int64_t)stored_ms, rh_wall_ms(), rh_boot_ms());
	tell(expiry, false);
	expiry->known = true;
	expiry->storing = false;
}

static void
time_stored(struct store_op *op)
{
	container_of(op, struct expiry, meta)->storing = false;
}

/* While it is held the last time that could be believed stays, for the next start. */
static void
store_time(struct expiry *expiry, int64_t boot_ms)
{
	if (expiry->storing || expiry->clock.held || boot_ms < expiry->store_at_ms)
		return;
	expiry->store_at_ms = boot_ms + EVERY_MS;
	expiry->storing = true;
	(void)snprintf(expiry->stored, sizeof expiry->stored, "%lld", (long long)rh_wall_ms());
	expiry->meta = (struct store_op){ .verb = STORE_META_PUT, .done = time_stored };
	expiry->meta.u.meta.key = STR(STORED_KEY);
	expiry->meta.u.meta.value = str_of(expiry->stored);
	store_submit(expiry->hub->session, &expiry->meta);
}

/* What partners said in `Date` is noted against CLOCK_BOOTTIME, so it is good whatever the wall
 * clock did since. */
static void
count_partners(struct expiry *expiry, int64_t boot_ms)
{
	const struct platform *platforms;
	size_t count = directory_platforms(hub_directory(expiry->hub), &platforms);

	if (!expiry->clock.held || boot_ms < expiry->count_at_ms)
		return;
	expiry->count_at_ms = boot_ms + EVERY_MS;
	expiry->agree = expiry->differ = 0;
	for (size_t i = 0; i < count; i++) {
		int64_t date_ms = atomic_load(&platforms[i].live->date_ms);

		if (date_ms == 0)
			continue;
		if (distance(date_ms + boot_ms, rh_wall_ms()) <= HOUR_MS)
			expiry->agree++;
		else
			expiry->differ++;
	}
}

static void
expired(struct store_op *op)
{
	struct expiry *expiry = container_of(op, struct expiry, op);

	expiry->running = false;
	expiry->run_at_ms = expiry_next(op->err == RH_OK, op->u.expire.dropped, rh_boot_ms());
}

static void
run(struct expiry *expiry, int64_t boot_ms)
{
	int64_t wall_ms = rh_wall_ms();

	if (expiry->running || expiry->clock.held || boot_ms < expiry->run_at_ms)
		return;
	expiry->running = true;
	expiry->op = (struct store_op){ .verb = STORE_EXPIRE, .done = expired };
	expiry->op.u.expire.now_ms = wall_ms;
	expiry->op.u.expire.before_ms = /* sessions and CDRs */
	        wall_ms - hub_settings(expiry->hub)->retention_days * DAY_MS;
	store_submit(expiry->hub->session, &expiry->op);
}

static void
ask_stored(struct expiry *expiry)
{
	expiry->asked = expiry->storing = true;
	expiry->meta = (struct store_op){
		.verb = STORE_META_GET, .done = stored_known, .arena = expiry->arena
	};
	expiry->meta.u.meta.key = STR(STORED_KEY);
	store_submit(expiry->hub->session, &expiry->meta);
}

void
expiry_tick(struct hub *hub)
{
	struct expiry *expiry = hub->expiry;
	bool was_held = expiry->clock.held;
	int64_t boot_ms = rh_boot_ms();

	if (!expiry->asked)
		ask_stored(expiry);
	if (!expiry->known)
		return;
	count_partners(expiry, boot_ms);
	expiry_clock_look(&expiry->clock, rh_wall_ms(), boot_ms, expiry->agree, expiry->differ);
	tell(expiry, was_held);
	if (!hub_holds(hub, 0))
		return;
	store_time(expiry, boot_ms);
	run(expiry, boot_ms);
}

void
expiry_open(struct hub *hub)
{
	hub->expiry = rh_alloc(sizeof *hub->expiry);
	hub->expiry->hub = hub;
	hub->expiry->arena = arena_new(256);
}

void
expiry_close(struct hub *hub)
{
	if (hub->expiry == NULL)
		return;
	assert(!hub->expiry->storing && !hub->expiry->running);
	arena_free(hub->expiry->arena);
	free(hub->expiry);
	hub->expiry = NULL;
}

bool
expiry_goes_on(const struct hub *hub)
{
	return hub->expiry->known && !hub->expiry->clock.held;
}

struct hub_expiry
hub_expiry(const struct hub *hub)
{
	const struct expiry *expiry = hub->expiry;
	struct hub_expiry out = { .held = expiry->clock.held };

	if (out.held) {
		out.since_ms = expiry->held_wall_ms;
		(void)snprintf(out.why, sizeof out.why, "%s", expiry->clock.why);
	}
	return out;
}

void
expiry_resumed(struct hub *hub)
{
	bool was_held = hub->expiry->clock.held;

	hub->expiry->clock.held = false;
	hub->expiry->store_at_ms = hub->expiry->run_at_ms = 0;
	tell(hub->expiry, was_held);
}

void
expiry_resume(struct hub *hub, hub_done_fn done, void *ctx)
{
	struct fault none = { 0 };

	if (hub_is_together(hub)) {
		wish_put(hub, 0, WISH_EXPIRY, done, ctx);
		return;
	}
	expiry_resumed(hub);
	done(ctx, RH_OK, &none);
}
