/* series: how much crossed the hub in the last hour, in slots of ten seconds, for each platform and
 * for all. Part of hub.h; the control thread's but for what is noted. */
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "store.h"

enum {
	SERIES_SLOTS = 360,
	SERIES_SLOT_MS = 10000,
	SERIES_BUCKETS = 17,   /* of latency: <= series_most_us[i], the last is open */
	SERIES_PLATFORMS = 500 /* of which slots are kept; the rest is in the sum of all alone */
};

extern const uint32_t series_most_us[SERIES_BUCKETS - 1];

struct series_way { /* since the start, by all threads */
	_Atomic uint64_t us, buckets[SERIES_BUCKETS];
	_Atomic uint64_t failed;
	_Atomic uint64_t ended[TRACE_OUTCOMES]; /* all but TRACE_OK */
};
struct series_noted {
	struct series_way in, out;
};
struct series_slot {
	uint32_t in[SERIES_BUCKETS], out[SERIES_BUCKETS]; /* messages by latency */
	uint32_t in_failed, out_failed;
};
struct series_sum { /* of slots */
	uint64_t in[SERIES_BUCKETS], out[SERIES_BUCKETS];
	uint64_t in_count, out_count, in_failed, out_failed;
	unsigned slots; /* that were measured */
};

struct hub;
struct live;

/** How long @us is, as a bucket. */
static inline unsigned
series_bucket(int64_t us)
{
	unsigned bucket = 0;

	while (bucket < SERIES_BUCKETS - 1 && us > series_most_us[bucket])
		bucket++;
	return bucket;
}

static inline void
series_add(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

/** A message took @us. What ended well costs two additions. */
static inline void
series_note(struct series_way *way, int64_t us, enum store_trace_outcome outcome)
{
	series_add(&way->buckets[series_bucket(us)], 1);
	series_add(&way->us, us > 0 ? (uint64_t)us : 0);
	if (outcome != TRACE_OK)
		series_add(&way->ended[outcome], 1);
}

/** Slots that ended @first (0: the newest) to @first + @count - 1 slots ago; @live NULL: of all. */
void series_sum(const struct hub *hub, const struct live *live, unsigned first, unsigned count,
        struct series_sum *out);
/** Wall clock: when the newest slot ended; 0: none did. */
int64_t series_ended_ms(const struct hub *hub);
/** What @permille of the messages did not exceed, in us, as well as buckets tell; -1: there are
 * none. */
int64_t series_quantile_us(const uint64_t buckets[SERIES_BUCKETS], unsigned permille);
