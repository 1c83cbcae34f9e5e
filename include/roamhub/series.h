/* series: how much crossed the hub in the last hour, in slots of ten seconds, for each platform and
 * for all. Part of hub.h; the control thread's but for what is noted. */
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SERIES_SLOTS = 360,
	SERIES_SLOT_MS = 10000,
	SERIES_BUCKETS = 16,   /* of latency: <= 2^(i+8) us, the last is open */
	SERIES_PLATFORMS = 500 /* of which slots are kept; the rest is in the sum of all alone */
};

struct series_noted { /* since the start, by all threads; differences count, so it may wrap */
	_Atomic uint32_t in[SERIES_BUCKETS], out[SERIES_BUCKETS];
	_Atomic uint32_t in_failed, out_failed;
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
	unsigned bits = us <= 256 ? 0 : 64 - (unsigned)__builtin_clzll((uint64_t)(us - 1) >> 8);

	return bits < SERIES_BUCKETS ? bits : SERIES_BUCKETS - 1;
}

static inline void
series_note(_Atomic uint32_t buckets[SERIES_BUCKETS], int64_t us)
{
	atomic_fetch_add_explicit(&buckets[series_bucket(us)], 1, memory_order_relaxed);
}

/** Slots that ended @first (0: the newest) to @first + @count - 1 slots ago; @live NULL: of all. */
void series_sum(const struct hub *hub, const struct live *live, unsigned first, unsigned count,
        struct series_sum *out);
/** Wall clock: when the newest slot ended; 0: none did. */
int64_t series_ended_ms(const struct hub *hub);
/** What @permille of the messages did not exceed, in us, as well as buckets tell; -1: there are
 * none. */
int64_t series_quantile_us(const uint64_t buckets[SERIES_BUCKETS], unsigned permille);
