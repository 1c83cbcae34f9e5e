/* live: facts about one platform, noted by all threads in atomics; presence acts on them.
 *
 * What an event makes of the facts is a pure function of both and the clock. */
#pragma once

#include "../context.h"

enum live_event {
	LIVE_NOTHING, /* it says nothing about the partner */
	LIVE_HEARD,   /* it spoke, or answered with an envelope */
	LIVE_SLOWER,  /* it answered 429 or 503 and no envelope: it is there and has too much to do
	               */
	LIVE_FAILED,  /* a call failed: reason enough to probe (HCI-020), for nothing more */
	LIVE_LOST,    /* a delivery got no connection, or no complete answer in time */
	LIVE_MISSED,  /* a probe was not answered */
};
struct live_facts {
	enum store_state state; /* CONNECTED or OFFLINE */
	unsigned failures;      /* deliveries lost in a row; those in the air together are one */
	unsigned misses;        /* probes missed in a row */
	int64_t counted_us;     /* when the last of failures was counted */
	bool probe_due;
};
/** The facts after @event, of a call that was started at @started_us (monotonic, as @now_us).
 * @offline_after deliveries in a row make OFFLINE, or two probes: one lost answer is not an absence
 * (HCI-021). */
struct live_facts live_after(struct live_facts facts, enum live_event event, int64_t started_us,
        int64_t now_us, unsigned offline_after);

void live_seen(struct live *live); /* it spoke; any thread */
/** What it uses, and so what it is sent (CRD-020): a raw token, or its Base64. Any thread. */
void live_proved(struct live *live, bool raw);
/** The process that holds it says what it is; not of one that this process holds. */
void live_follows(struct live *live, enum store_state state);
/** What a call that was started at @started_us says; any thread. */
void live_note(
        struct live *live, enum live_event event, int64_t started_us, unsigned offline_after);

/** How often one that was OFFLINE was heard again: another number than before says that there may
 * be somebody. Any thread. */
uint64_t live_returns(void);
uint64_t live_moves(void); /* the same, of each that became OFFLINE, or CONNECTED */

/** Of @platform, found or made; @state: as it was stored. Control thread. */
struct live *live_of(struct hub *hub, int64_t platform, enum store_state state);
void live_free_all(struct hub *hub);
