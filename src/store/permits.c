/* permits: whose rows of the trace are kept when there are more than may be written.
 *
 * A bucket counts what its platform used, and fades by an eighth every eighth of a second; so does
 * the one of everybody together. While that of all is full a second's rate fades in a second, so
 * the rate is the sum that is kept. Nobody gets more than twice of what all have left free: then S
 * noisy platforms get equal shares, 2/(1+2S) of the rate each, and 1/(1+2S) of it stays free for
 * those who say little, however many the noisy ones are. Fixed shares would either waste what the
 * others do not use or add up to more than the rate. One alone gets two thirds; the third is what
 * the burst of another finds. A failure may use four times what is free, so that successes are left
 * out first.
 *
 * Pushes of a platform's changes have a bucket beside that of its own messages: one change makes a
 * row for each of its receivers. They are charged to who shared it and not to who receives it, whom
 * else somebody else's noise would hide.
 *
 * All strangers share one bucket. It holds a sixteenth of a second's rate and fades 64 times as
 * slowly: they would otherwise fill the file, and what is old would go for them. The table never
 * grows: whoever finds its places taken gets that of the one that used least lately, which is
 * nothing as a rule. */
#include "permits.h"

enum {
	ROW = 1024,
	TICK_US = 125000,
	FADE = 8,    /* a tick takes this part */
	FADED = 400, /* ticks after which nothing is left of any rate */
	STRANGERS_TICKS = 64,
	STRANGERS_PART = 16,
	PROBES = 8,
	SUCCESS_TIMES = 2,
	FAILURE_TIMES = 4,
};

static bool
is_strangers(const struct permit_bucket *bucket)
{
	return bucket->platform == 0 && !bucket->pushed;
}

static void
fade(struct permit_bucket *bucket, int64_t tick)
{
	int64_t every = bucket->taken && is_strangers(bucket) ? STRANGERS_TICKS : 1;
	int64_t steps = (tick - bucket->tick) / every;

	if (steps <= 0)
		return;
	bucket->tick += steps * every;
	if (steps >= FADED)
		bucket->used = 0;
	for (; steps > 0 && bucket->used > 0; steps--)
		bucket->used -= (bucket->used + FADE - 1) / FADE;
}

static bool
is_of(const struct permit_bucket *bucket, const struct store_trace_claim *claim)
{
	return bucket->taken && bucket->platform == claim->platform &&
	       bucket->pushed == claim->pushed;
}

static size_t
first_place(const struct store_trace_claim *claim)
{
	uint64_t hash = ((uint64_t)claim->platform * 2 + claim->pushed) * 0x9e3779b97f4a7c15u;

	return (size_t)(hash >> 40) % PERMIT_BUCKETS;
}

static struct permit_bucket *
find(struct permits *permits, const struct store_trace_claim *claim, int64_t tick)
{
	size_t at = first_place(claim);
	struct permit_bucket *least = NULL;

	for (size_t i = 0; i < PROBES; i++) {
		struct permit_bucket *bucket = &permits->buckets[(at + i) % PERMIT_BUCKETS];

		if (is_of(bucket, claim))
			return bucket;
		fade(bucket, tick);
		if (least == NULL || bucket->used < least->used)
			least = bucket;
	}
	*least = (struct permit_bucket){
		.platform = claim->platform, .pushed = claim->pushed, .taken = true, .tick = tick
	};
	return least;
}

bool
permits_take(struct permits *permits, const struct store_trace_claim *claim, uint32_t max_rate,
        int64_t now_us)
{
	int64_t tick = now_us / TICK_US, full = (int64_t)max_rate * ROW;
	struct permit_bucket *bucket = find(permits, claim, tick);
	int64_t most, cost = (int64_t)claim->rows * ROW;

	fade(&permits->all, tick);
	fade(bucket, tick);
	most = (full - permits->all.used) * (claim->failed ? FAILURE_TIMES : SUCCESS_TIMES);
	if (is_strangers(bucket) && most > full / STRANGERS_PART)
		most = full / STRANGERS_PART;
	if (bucket->used >= most)
		return false;
	bucket->used += cost;
	permits->all.used += cost;
	return true;
}
