/* milestones: how old the changes are that platforms did not get.
 *
 * Changes are numbered as they are made, so the newest of those that are an hour old parts all
 * changes, for everybody. It is found by halving: some dozens of reads of one row, however much is
 * owed to however many. Objects that are parked are counted by the census. */
#include "metrics.h"

enum { MINUTE_MS = 60 * 1000 };

struct search {
	struct milestones found; /* first: it is what inquiry->work leads to */
	int64_t now_ms, lowest, head;
	size_t at;         /* of found.change */
	int64_t low, high; /* it is above low or there, and high or below */
	void (*ready)(struct inquiry *inquiry);
};

/* ---- what is parked ---- */

/* Of a store that fails its own metrics tell. */
static void
parked_counted(struct inquiry *inquiry)
{
	const struct census *census = inquiry->admin->census;
	struct search *search = inquiry->work;
	const struct backlog *backlog = &inquiry->backlog;

	search->found.parked_objects = census_objects(census);
	for (size_t i = 0; i < backlog->count; i++) {
		const struct parked_counts *parked = census_of(census, backlog->rows[i].platform);

		for (size_t kind = 0; kind < COUNT(parked->by); kind++)
			for (size_t age = 0; age < OWED_AGES; age++)
				search->found.parked[i][age] += parked->by[kind][age];
	}
	search->ready(inquiry);
}

/* ---- the changes ---- */

static void look(struct inquiry *inquiry);

static void
ask_behind(struct inquiry *inquiry, int64_t change, void (*done)(struct store_op *op))
{
	inquiry->op = (struct store_op){ .arena = arena_new(4096) };
	inquiry->op.u.feed.after = change;
	inquiry->op.u.feed.limit = 1;
	inquiry_store(inquiry, STORE_FEED, done);
}

/* Of an object that changed again the change is gone: the next one that is there is looked at. */
static void
halve(struct search *search, const struct store_feed_args *feed)
{
	int64_t middle = search->low + (search->high - search->low) / 2;
	int64_t before_ms = search->now_ms - age_minutes[search->at] * MINUTE_MS;

	if (feed->count > 0 && feed->objects[0].at_ms <= before_ms)
		search->low = feed->objects[0].change < search->high ? feed->objects[0].change
		                                                     : search->high;
	else
		search->high = middle;
}

static void
looked(struct store_op *op)
{
	struct inquiry *inquiry = container_of(op, struct inquiry, op);
	struct search *search = inquiry->work;

	if (op->err == RH_OK)
		halve(search, &op->u.feed);
	else
		search->high =
		        search->low; /* as if all were younger: the store's own metrics tell */
	arena_free(op->arena);
	if (inquiry_resume(inquiry))
		look(inquiry);
}

/* An older one is no further. */
static void
look(struct inquiry *inquiry)
{
	struct search *search = inquiry->work;

	while (search->at < OWED_AGES - 1 && search->low == search->high) {
		search->found.change[search->at++] = search->low;
		search->low = search->lowest;
	}
	if (search->at < OWED_AGES - 1)
		ask_behind(inquiry, search->low + (search->high - search->low) / 2, looked);
	else
		census_ask(inquiry, parked_counted);
}

static void
oldest_came(struct store_op *op)
{
	struct inquiry *inquiry = container_of(op, struct inquiry, op);
	struct search *search = inquiry->work;
	int64_t *oldest_ms = &search->found.oldest_ms;

	if (op->err == RH_OK && op->u.feed.count > 0)
		if (*oldest_ms == 0 || op->u.feed.objects[0].at_ms < *oldest_ms)
			*oldest_ms = op->u.feed.objects[0].at_ms;
	arena_free(op->arena);
	if (inquiry_resume(inquiry))
		look(inquiry);
}

void
milestones_ask(struct inquiry *inquiry, void (*ready)(struct inquiry *inquiry))
{
	struct search *search = arena_alloc(inquiry->arena, sizeof *search);
	struct backlog_row sum;

	backlog_sum(inquiry, &sum);
	inquiry->work = search;
	search->ready = ready;
	search->now_ms = rh_wall_ms();
	search->found.oldest_ms = sum.oldest_ms;
	search->found.parked = arena_alloc(
	        inquiry->arena, (inquiry->backlog.count + 1) * sizeof *search->found.parked);
	search->high = sum.head;
	search->low = search->lowest = sum.head - sum.lag;
	if (sum.lag > 0)
		ask_behind(inquiry, search->low, oldest_came);
	else
		look(inquiry);
}

void
milestones_count(const struct milestones *milestones, const struct backlog_row *row,
        uint64_t counts[OWED_AGES])
{
	int64_t above = row->head;

	for (size_t i = 0; i < OWED_AGES; i++) {
		int64_t below = i < OWED_AGES - 1 ? milestones->change[i] : row->cursor;

		below = below > row->cursor ? below : row->cursor;
		counts[i] = above > below ? (uint64_t)(above - below) : 0;
		above = below < above ? below : above;
	}
}
