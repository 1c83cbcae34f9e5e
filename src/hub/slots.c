/* slots: which slots this process works for, and how it takes and gives them. */
#include "slots.h"

#include <stdlib.h>

#include "news.h"
#include "parties/live.h"
#include "pull.h"
#include "sandbox.h"
#include "status.h"

/* ---- pure ---- */

uint64_t
slots_after(struct slots_state *state, const struct slots_seen *seen)
{
	uint64_t give = seen->stopping ? UINT64_MAX : seen->wanted, ended, fresh;

	state->coming &= seen->held; /* else this process is put out, and ends */
	state->open &= seen->held;
	state->closing &= seen->held;
	ended = state->closing & ~seen->busy;
	fresh = seen->held & ~(state->coming | state->open | state->closing);
	state->closing = (state->closing & ~ended) | (state->open & give);
	state->open = (state->open & ~give) | (state->coming & seen->known & ~give);
	ended |= (fresh | state->coming) & give; /* nothing was begun for them */
	state->coming = (state->coming | fresh) & ~state->open & ~give;
	return ended;
}

/* ---- of the hub ---- */

struct slots {
	struct slots_state state;
	uint64_t held, wanted;
	uint64_t read_after; /* number of the last read that is too old for those coming */
};

/* What is met of a platform here is told to who holds it. */
static void
tell_lives(struct hub *hub)
{
	struct str key;
	size_t at = 0;
	void *found;

	while (hub->lives != NULL && table_next(hub->lives, &at, &key, &found)) {
		struct live *live = found;
		bool held = hub_holds(hub, live->platform);

		atomic_store(&live->reports_to, held ? NULL : hub->store);
		if (held) { /* nobody else does anything for it now */
			live->rotation.elsewhere = live->status.probing = false;
		} else { /* what an operator accepted is done once, by who holds it next */
			live->pull.accepted = false;
			live->pull.wish = 0;
		}
	}
}

static void
publish(struct hub *hub, uint64_t before, uint64_t open)
{
	atomic_store(&hub->together.held, open);
	tell_lives(hub);
	pull_let_go(hub);
	sandbox_slots_came(hub, open & ~before);
	if (hub->workers != NULL)
		news_ring(hub);
	LOG(LOG_INFO, "slots", KVN("held", __builtin_popcountll(open)));
}

/* Of the control thread itself. */
static uint64_t
own_work(const struct hub *hub, uint64_t closing)
{
	uint64_t busy = sandbox_slots(hub);
	struct str key;
	size_t at = 0;
	void *found;

	while (hub->lives != NULL && table_next(hub->lives, &at, &key, &found)) {
		const struct live *live = found;

		if (live->presence.probing || live->pull.walking || live->rotation.under_way)
			busy |= (uint64_t)1 << store_slot(live->platform);
	}
	return busy & closing;
}

static uint64_t
busy(struct hub *hub, uint64_t closing)
{
	uint64_t under_way = 0;

	if (closing == 0)
		return 0;
	for (int i = 0; i < hub->worker_count; i++)
		under_way |= atomic_load(&hub->workers[i].slots);
	under_way = (under_way & closing) | own_work(hub, closing);
	return under_way | status_unwritten(hub, closing & ~under_way);
}

static void
step(struct hub *hub)
{
	struct slots *slots = hub->slots;
	struct slots_state before = slots->state;
	struct slots_seen seen = { .held = slots->held,
		.wanted = slots->wanted,
		.busy = busy(hub, slots->state.closing),
		.stopping = hub->stopping };
	uint64_t give;

	if (status_reads_ended(hub) > slots->read_after)
		seen.known = slots->state.coming;
	give = slots_after(&slots->state, &seen);
	if ((slots->state.coming & ~before.coming) != 0)
		slots->read_after = status_reads_begun(hub);
	if (slots->state.coming != 0)
		status_hint(hub);
	status_own(hub, slots->state.open | slots->state.closing);
	if (slots->state.open != before.open)
		publish(hub, before.open, slots->state.open);
	if (give != 0) {
		slots->held &= ~give; /* until the store says otherwise */
		store_release(hub->store, give);
	}
}

void
slots_look(struct hub *hub, const struct store_together *now)
{
	hub->slots->held = now->held;
	hub->slots->wanted = now->wanted;
	if (hub_is_together(hub))
		step(hub);
}

void
slots_tick(struct hub *hub)
{
	if (hub_is_together(hub))
		step(hub);
}

bool
slots_given(const struct hub *hub)
{
	const struct slots_state *state = &hub->slots->state;

	return !hub_is_together(hub) || (state->coming | state->open | state->closing) == 0;
}

void
slots_open(struct hub *hub)
{
	hub->slots = rh_alloc(sizeof *hub->slots);
	atomic_store(&hub->together.held, hub_is_together(hub) ? 0 : UINT64_MAX);
}

void
slots_close(struct hub *hub)
{
	free(hub->slots);
	hub->slots = NULL;
}
