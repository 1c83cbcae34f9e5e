/* busiest: which platforms are named in the metrics, and what all others did together.
 *
 * A name for each of thousands would be hundreds of thousands of series, so the busiest of about a
 * day have one. What the others did is added up as it grows: were it the sum of their counters, it
 * would jump with everybody who gets a name or loses it, and a counter must not. */
#include "metrics.h"

#include <stdlib.h>

enum { RANK_MS = 10 * 60 * 1000, MEMORY = 144 /* rankings: a day */ };

struct entry { /* of a platform; it stays when that is removed */
	int64_t platform;
	const struct platform *now; /* NULL: it is removed */
	const struct live *live;
	bool named, was_named;
	bool told;                /* under its name or in the others' sum */
	uint64_t busy, counted;   /* messages, those of long ago less; at the last ranking */
	struct busiest_row *seen; /* what the others' sum has of it; NULL: nothing */
};
struct busiest {
	size_t most;
	struct table *entries;
	struct busiest_row others;
	int64_t ranked_ms;
};

/* ---- counters ---- */

static uint64_t
load(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

static void
read_way(const struct series_way *way, struct tally *out)
{
	uint64_t failed = 0;

	*out = (struct tally){ .us = load(&way->us) };
	for (size_t i = 0; i < TRACE_OUTCOMES; i++)
		failed += out->ended[i] = load(&way->ended[i]);
	for (size_t i = 0; i < SERIES_BUCKETS; i++)
		out->count += out->buckets[i] = load(&way->buckets[i]);
	out->ended[TRACE_OK] = out->count > failed ? out->count - failed : 0;
}

static void
read_live(const struct live *live, struct busiest_row *out)
{
	read_way(&live->noted.in, &out->in);
	read_way(&live->noted.out, &out->out);
}

/** @sum grows by what @now is above @seen. */
static void
grow(struct tally *sum, const struct tally *now, const struct tally *seen)
{
	sum->us += now->us - seen->us;
	sum->count += now->count - seen->count;
	for (size_t i = 0; i < SERIES_BUCKETS; i++)
		sum->buckets[i] += now->buckets[i] - seen->buckets[i];
	/* read after its failures, what ended well may seem to be less by a moment */
	for (size_t i = 0; i < TRACE_OUTCOMES; i++)
		if (now->ended[i] > seen->ended[i])
			sum->ended[i] += now->ended[i] - seen->ended[i];
}

/* ---- those without a name ---- */

static void
see(struct busiest *busiest, struct entry *entry)
{
	static const struct busiest_row nothing;
	const struct busiest_row *seen = entry->seen != NULL ? entry->seen : &nothing;
	struct busiest_row now = { 0 };

	read_live(entry->live, &now);
	if (now.in.count + now.out.count == seen->in.count + seen->out.count)
		return;
	grow(&busiest->others.in, &now.in, &seen->in);
	grow(&busiest->others.out, &now.out, &seen->out);
	if (entry->seen == NULL)
		entry->seen = rh_alloc(sizeof *entry->seen);
	*entry->seen = now;
}

static void
forget(struct entry *entry)
{
	free(entry->seen);
	entry->seen = NULL;
}

/** It got a name, or lost it: what comes from here on is in the others' sum. */
static void
change_name(struct entry *entry)
{
	entry->was_named = entry->named;
	entry->told = true;
	forget(entry);
	if (entry->named)
		return;
	entry->seen = rh_alloc(sizeof *entry->seen);
	read_live(entry->live, entry->seen);
}

/* ---- ranking ---- */

static uint64_t
messages(const struct live *live)
{
	return load(&live->requests) + load(&live->calls);
}

static int
compare(const void *a, const void *b)
{
	const struct entry *x = *(struct entry *const *)a, *y = *(struct entry *const *)b;

	if ((x->now == NULL) != (y->now == NULL))
		return x->now == NULL ? 1 : -1;
	if (x->busy != y->busy)
		return x->busy < y->busy ? 1 : -1;
	return (x->platform > y->platform) - (x->platform < y->platform);
}

static void
rank(struct busiest *busiest, struct entry **entries, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct entry *entry = entries[i];
		uint64_t now = messages(entry->live);

		entry->busy -= entry->busy / MEMORY;
		entry->busy += now - entry->counted;
		entry->counted = now;
	}
	qsort(entries, count, sizeof *entries, compare);
	for (size_t i = 0; i < count; i++) {
		entries[i]->named = i < busiest->most && entries[i]->now != NULL;
		if (entries[i]->named != entries[i]->was_named)
			change_name(entries[i]);
	}
}

/* ---- everybody ---- */

static struct entry *
entry_of(struct busiest *busiest, const struct platform *platform)
{
	struct str key = { (const char *)&platform->id, sizeof platform->id };
	struct entry *entry = table_get(busiest->entries, key);

	if (entry == NULL) {
		entry = rh_alloc(sizeof *entry);
		entry->platform = platform->id;
		key.p = (const char *)&entry->platform;
		(void)table_put(busiest->entries, key, entry);
	}
	entry->now = platform->removed ? NULL : platform;
	entry->live = platform->live;
	return entry;
}

struct everybody {
	struct entry **entries;
	size_t count, present, named;
};

static struct everybody
meet(struct busiest *busiest, const struct hub *hub, struct arena *arena)
{
	const struct platform *platforms;
	size_t count = directory_platforms(hub_directory(hub), &platforms);
	struct everybody all = { arena_alloc(arena, (count + 1) * sizeof *all.entries), count, 0,
		0 };

	for (size_t i = 0; i < count; i++) {
		struct entry *entry = entry_of(busiest, &platforms[i]);

		all.entries[i] = entry;
		all.present += entry->now != NULL;
		all.named += entry->named && entry->now != NULL;
	}
	return all;
}

static void
see_others(struct busiest *busiest, const struct everybody *all, bool newcomers)
{
	for (size_t i = 0; i < all->count; i++) {
		struct entry *entry = all->entries[i];

		if (entry->named || !(entry->told || newcomers))
			continue;
		entry->told = true;
		see(busiest, entry);
	}
}

static bool
rank_is_due(const struct busiest *busiest, const struct everybody *all, int64_t now_ms)
{
	size_t could = all->present < busiest->most ? all->present : busiest->most;

	return all->named < could || now_ms - busiest->ranked_ms >= RANK_MS;
}

static int
compare_rows(const void *a, const void *b)
{
	const struct busiest_row *x = a, *y = b;

	return (x->platform->id > y->platform->id) - (x->platform->id < y->platform->id);
}

const struct busiest_row *
busiest_take(struct busiest *busiest, const struct hub *hub, int64_t now_ms, struct arena *arena,
        size_t *count)
{
	struct everybody all = meet(busiest, hub, arena);
	size_t room = all.count < busiest->most ? all.count : busiest->most;
	struct busiest_row *rows = arena_alloc(arena, (room + 1) * sizeof *rows);

	if (rank_is_due(busiest, &all, now_ms)) {
		see_others(busiest, &all, false);
		rank(busiest, all.entries, all.count);
		busiest->ranked_ms = now_ms;
	}
	see_others(busiest, &all, true);
	*count = 0;
	for (size_t i = 0; i < all.count; i++)
		if (all.entries[i]->named && all.entries[i]->now != NULL) {
			rows[*count].platform = all.entries[i]->now;
			read_live(all.entries[i]->now->live, &rows[(*count)++]);
		}
	qsort(rows, *count, sizeof *rows, compare_rows);
	rows[(*count)++] = busiest->others;
	return rows;
}

struct busiest *
busiest_new(size_t most)
{
	struct busiest *busiest = rh_alloc(sizeof *busiest);

	busiest->most = most;
	busiest->entries = table_new(64);
	return busiest;
}

void
busiest_free(struct busiest *busiest)
{
	struct str key;
	size_t at = 0;
	void *entry;

	while (table_next(busiest->entries, &at, &key, &entry)) {
		forget(entry);
		free(entry);
	}
	table_free(busiest->entries);
	free(busiest);
}
