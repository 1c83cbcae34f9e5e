/* live: facts about one platform, noted by all threads in atomics. */
#include "live.h"

#include "../series.h"
#include "complaints.h"
#include "faulty.h"

#include <assert.h>
#include <stdlib.h>

enum { MOST_MISSES = 2 };

/* ---- what an event makes of the facts ---- */

/* Calls that were in the air together fail together, for one reason: only a call that was started
 * after the last failure was counted is one more. */
static struct live_facts
lost(struct live_facts facts, int64_t started_us, int64_t now_us, unsigned offline_after)
{
	facts.probe_due = true;
	if (started_us <= facts.counted_us)
		return facts;
	facts.counted_us = now_us;
	if (++facts.failures >= offline_after)
		facts.state = STATE_OFFLINE;
	return facts;
}

static struct live_facts
missed(struct live_facts facts)
{
	if (facts.state == STATE_OFFLINE)
		return facts;
	facts.probe_due = ++facts.misses < MOST_MISSES;
	if (!facts.probe_due)
		facts.state = STATE_OFFLINE;
	return facts;
}

struct live_facts
live_after(struct live_facts facts, enum live_event event, int64_t started_us, int64_t now_us,
        unsigned offline_after)
{
	switch (event) {
	case LIVE_HEARD:
		facts.state = STATE_CONNECTED;
		facts.failures = facts.misses = 0;
		break;
	case LIVE_SLOWER:
		facts.failures = facts.misses = 0;
		break;
	case LIVE_FAILED:
		facts.probe_due = true;
		break;
	case LIVE_LOST:
		return lost(facts, started_us, now_us, offline_after);
	case LIVE_MISSED:
		return missed(facts);
	case LIVE_NOTHING:
		break;
	}
	return facts;
}

/* ---- noting it ---- */

/* Of all platforms of the process, so that who looks for those that are back looks when one is. */
static _Atomic uint64_t returns, moves;

uint64_t
live_returns(void)
{
	return atomic_load(&returns);
}

uint64_t
live_moves(void)
{
	return atomic_load(&moves);
}

static void
set_state(struct live *live, enum store_state state)
{
	atomic_store(&live->state, (int)state);
	atomic_fetch_add(&moves, 1);
	if (state == STATE_CONNECTED)
		atomic_fetch_add(&returns, 1);
}

/* Whether it is OFFLINE says one process alone, and the others go by its word. */
static void
come_back(struct live *live)
{
	struct store *others = atomic_load(&live->reports_to);

	if (others == NULL)
		set_state(live, STATE_CONNECTED);
	else
		store_tell(others, TELL_HEARD, live->platform);
}

/* Most of what is heard changes nothing but the time, so nothing else is written. */
void
live_seen(struct live *live)
{
	atomic_store_explicit(&live->heard_ms, rh_boot_ms(), memory_order_relaxed);
	if (atomic_load_explicit(&live->failures, memory_order_relaxed) != 0)
		atomic_store_explicit(&live->failures, 0, memory_order_relaxed);
	if (atomic_load_explicit(&live->misses, memory_order_relaxed) != 0)
		atomic_store_explicit(&live->misses, 0, memory_order_relaxed);
	if (atomic_load_explicit(&live->state, memory_order_relaxed) == STATE_OFFLINE)
		come_back(live);
}

void
live_proved(struct live *live, bool raw)
{
	struct store *others = atomic_load(&live->reports_to);

	if (atomic_load_explicit(&live->plain_token, memory_order_relaxed) == raw)
		return;
	atomic_store_explicit(&live->plain_token, raw, memory_order_relaxed);
	if (others != NULL)
		store_tell(others, raw ? TELL_RAW : TELL_BASE64, live->platform);
}

void
live_follows(struct live *live, enum store_state state)
{
	if (atomic_load(&live->state) != (int)state)
		set_state(live, state);
}

/* Facts are noted by several threads at once and one by one: what counts a failure is to have moved
 * counted_us, which one of those in the air together does. */
void
live_note(struct live *live, enum live_event event, int64_t started_us, unsigned offline_after)
{
	struct live_facts before, after;
	struct store *others = atomic_load_explicit(&live->reports_to, memory_order_relaxed);

	if (event == LIVE_NOTHING)
		return;
	if (event == LIVE_HEARD) {
		live_seen(live);
		return;
	}
	if (others != NULL) {
		if (event != LIVE_SLOWER)
			store_tell(others, TELL_FAILED, live->platform);
		return;
	}
	before = (struct live_facts){ .state = (enum store_state)atomic_load(&live->state),
		.failures = atomic_load(&live->failures),
		.misses = atomic_load(&live->misses),
		.counted_us = atomic_load(&live->counted_us),
		.probe_due = atomic_load(&live->probe_due) };
	after = live_after(before, event, started_us, rh_mono_us(), offline_after);
	if (after.counted_us != before.counted_us &&
	        !atomic_compare_exchange_strong(
	                &live->counted_us, &before.counted_us, after.counted_us))
		return; /* another one that was in the air with it was counted */
	atomic_store(&live->failures, after.failures);
	atomic_store(&live->misses, after.misses);
	if (after.probe_due && !before.probe_due)
		atomic_store(&live->probe_due, true);
	if (after.state != before.state)
		set_state(live, after.state);
}

int64_t
live_heard_wall_ms(const struct live *live)
{
	int64_t heard_ms = atomic_load_explicit(&live->heard_ms, memory_order_relaxed);

	return heard_ms == 0 ? 0 : rh_wall_ms() - (rh_boot_ms() - heard_ms);
}

/* ---- the table of all ---- */

static struct str
key_of(const int64_t *platform)
{
	return (struct str){ (const char *)platform, sizeof *platform };
}

struct live *
live_of(struct hub *hub, int64_t platform, enum store_state state)
{
	struct live *live;

	if (hub->lives == NULL)
		hub->lives = table_new(64);
	live = table_get(hub->lives, key_of(&platform));
	if (live != NULL)
		return live;
	live = rh_alloc(sizeof *live);
	live->platform = platform;
	atomic_init(&live->state, (int)state);
	/* OFF-013: ask before declaring it */
	atomic_init(&live->probe_due, state == STATE_OFFLINE);
	live->presence.met_ms = rh_boot_ms();
	live->presence.announced = live->presence.logged = (int)state;
	if (!hub_holds(hub, platform))
		atomic_init(&live->reports_to, hub->store);
	(void)table_put(hub->lives, key_of(&live->platform), live);
	return live;
}

void
live_free_all(struct hub *hub)
{
	struct str key;
	size_t at = 0;
	void *live;

	if (hub->lives == NULL)
		return;
	while (table_next(hub->lives, &at, &key, &live)) {
		assert(!((struct live *)live)->presence.probing);
		assert(!((struct live *)live)->pull.walking);
		assert(atomic_load(&((struct live *)live)->flights) == 0);
		complaints_free(live);
		faulty_free(live);
		series_forget(((struct live *)live)->series);
		free(((struct live *)live)->status.sandboxes);
		free(live);
	}
	table_free(hub->lives);
}
