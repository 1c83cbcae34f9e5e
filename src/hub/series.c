/* series: the slots of the last hour, for each platform and for all.
 *
 * A message costs two additions. Every ten seconds the control thread takes what the counters grew
 * by. Slots are kept of a platform from its first message on, until an hour passed without one; of
 * so many at once that a large hub holds 27 MB for them. */
#include "series.h"

#include <stdlib.h>
#include <string.h>

const uint32_t series_most_us[SERIES_BUCKETS - 1] = { 250, 500, 1000, 2500, 5000, 10000, 25000,
	50000, 100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000, 30000000 };

struct series {                                 /* of one platform, or of all */
	struct series_slot seen;                /* the counters at the end of the newest slot */
	uint64_t first, busy;                   /* the first slot, and the last with a message */
	struct series_slot slots[SERIES_SLOTS]; /* by number */
};
struct serieses {
	struct series all;
	uint64_t number; /* of the slot in hand */
	size_t kept;     /* platforms */
	int64_t end_ms;  /* of the slot in hand: rh_boot_ms() */
	int64_t ended_ms;
};

/* ---- a slot ends ---- */

static uint32_t
count_of(const _Atomic uint64_t *noted)
{
	return (uint32_t)atomic_load_explicit(noted, memory_order_relaxed);
}

/* Differences count, so 32 bits do. */
static bool
take_one(_Atomic uint64_t *noted, uint32_t *seen, uint32_t *slot, uint32_t *all)
{
	uint32_t now = count_of(noted), grew = now - *seen;

	*seen = now;
	*slot = grew;
	*all += grew;
	return grew > 0;
}

/** What @noted grew by since @seen. False: by nothing. */
static bool
take(struct series_noted *noted, struct series_slot *seen, struct series_slot *slot,
        struct series_slot *all)
{
	bool grew = false;

	for (size_t i = 0; i < SERIES_BUCKETS; i++) {
		grew |= take_one(&noted->in.buckets[i], &seen->in[i], &slot->in[i], &all->in[i]);
		grew |= take_one(
		        &noted->out.buckets[i], &seen->out[i], &slot->out[i], &all->out[i]);
	}
	grew |= take_one(&noted->in.failed, &seen->in_failed, &slot->in_failed, &all->in_failed);
	grew |= take_one(
	        &noted->out.failed, &seen->out_failed, &slot->out_failed, &all->out_failed);
	return grew;
}

static bool
has_messages(const struct live *live)
{
	for (size_t i = 0; i < SERIES_BUCKETS; i++)
		if (count_of(&live->noted.in.buckets[i]) != live->unkept.in[i] ||
		        count_of(&live->noted.out.buckets[i]) != live->unkept.out[i])
			return true;
	return false;
}

/* One beyond those that fit is measured by its counters alone, in the sum of all. */
static bool
keep(struct serieses *serieses, struct live *live)
{
	if (live->series != NULL)
		return true;
	if (serieses->kept == SERIES_PLATFORMS || !has_messages(live))
		return false;
	live->series = rh_alloc(sizeof *live->series);
	live->series->seen = live->unkept;
	live->series->first = live->series->busy = serieses->number;
	serieses->kept++;
	return true;
}

static void
end_slot_of(struct serieses *serieses, struct live *live, struct series_slot *all)
{
	size_t at = (size_t)(serieses->number % SERIES_SLOTS);
	struct series_slot none;

	if (!keep(serieses, live)) {
		(void)take(&live->noted, &live->unkept, &none, all);
		return;
	}
	if (take(&live->noted, &live->series->seen, &live->series->slots[at], all))
		live->series->busy = serieses->number;
	if (serieses->number - live->series->busy < SERIES_SLOTS)
		return;
	live->unkept = live->series->seen;
	series_forget(live->series);
	live->series = NULL;
	serieses->kept--;
}

static void
end_slot(struct hub *hub)
{
	struct serieses *serieses = hub->serieses;
	struct series_slot *all = &serieses->all.slots[serieses->number % SERIES_SLOTS];
	struct str key;
	size_t at = 0;
	void *live;

	memset(all, 0, sizeof *all);
	while (hub->lives != NULL && table_next(hub->lives, &at, &key, &live))
		end_slot_of(serieses, live, all);
	serieses->number++;
	serieses->ended_ms = rh_wall_ms();
}

/* A process that was stopped for long measured nothing meanwhile: what came then is in one slot. */
void
series_tick(struct hub *hub, int64_t now_ms)
{
	struct serieses *serieses = hub->serieses;

	if (now_ms < serieses->end_ms)
		return;
	end_slot(hub);
	serieses->end_ms += SERIES_SLOT_MS;
	if (serieses->end_ms <= now_ms)
		serieses->end_ms = now_ms + SERIES_SLOT_MS;
}

void
series_open(struct hub *hub)
{
	hub->serieses = rh_alloc(sizeof *hub->serieses);
	hub->serieses->end_ms = rh_boot_ms() + SERIES_SLOT_MS;
}

void
series_close(struct hub *hub)
{
	free(hub->serieses);
	hub->serieses = NULL;
}

void
series_forget(struct series *series)
{
	free(series);
}

/* ---- what is asked ---- */

int64_t
series_ended_ms(const struct hub *hub)
{
	return hub->serieses->ended_ms;
}

static void
add(struct series_sum *sum, const struct series_slot *slot)
{
	for (size_t i = 0; i < SERIES_BUCKETS; i++) {
		sum->in[i] += slot->in[i];
		sum->out[i] += slot->out[i];
		sum->in_count += slot->in[i];
		sum->out_count += slot->out[i];
	}
	sum->in_failed += slot->in_failed;
	sum->out_failed += slot->out_failed;
}

void
series_sum(const struct hub *hub, const struct live *live, unsigned first, unsigned count,
        struct series_sum *out)
{
	const struct serieses *serieses = hub->serieses;
	const struct series *series = live != NULL ? live->series : &serieses->all;

	*out = (struct series_sum){ 0 };
	for (unsigned ago = first; ago < first + count && ago < SERIES_SLOTS; ago++) {
		if (ago >= serieses->number)
			break;
		out->slots++;
		if (series != NULL && serieses->number - 1 - ago >= series->first)
			add(out, &series->slots[(serieses->number - 1 - ago) % SERIES_SLOTS]);
	}
}

int64_t
series_quantile_us(const uint64_t buckets[SERIES_BUCKETS], unsigned permille)
{
	uint64_t count = 0, below = 0, wanted;

	for (size_t i = 0; i < SERIES_BUCKETS; i++)
		count += buckets[i];
	wanted = (count * permille + 999) / 1000;
	for (size_t i = 0; i < SERIES_BUCKETS && count > 0; i++) {
		int64_t low = i == 0 ? 0 : series_most_us[i - 1];
		int64_t high = i + 1 < SERIES_BUCKETS ? series_most_us[i] : 2 * low;

		if (below + buckets[i] >= wanted)
			return low + (high - low) * (int64_t)(wanted - below) / (int64_t)buckets[i];
		below += buckets[i];
	}
	return -1;
}
