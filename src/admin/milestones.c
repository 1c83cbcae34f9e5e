/* milestones: how old the changes are that platforms did not get.
 *
 * Changes are numbered as they are made, so the newest of those that are an hour old parts all
 * changes, for everybody. It is found by halving: some dozens of reads of one row, however much is
 * owed to however many. Objects that are parked are looked at themselves. */
#include "metrics.h"

enum { MINUTE_MS = 60 * 1000, MOST_PARKED = 2000 };

static const int64_t minutes[AGES - 1] = { 1, 10, 60, 24 * 60 };

const char *const milestones_ages[AGES] = { "1m", "10m", "1h", "1d", "older" };

struct search {
	struct milestones found; /* first: it is what inquiry->work leads to */
	int64_t now_ms, lowest, head;
	size_t at;         /* of found.change */
	int64_t low, high; /* it is above low or there, and high or below */
	void (*ready)(struct inquiry *inquiry);
};

/* ---- what is parked ---- */

/** The row of the backlog that is of "platform/7"; NULL: there is none. */
static struct backlog_row *
row_of(const struct backlog *backlog, struct str receiver)
{
	uint64_t platform;

	(void)str_cut(&receiver, '/');
	return receiver.p != NULL && str_to_u64(receiver, INT64_MAX, &platform)
	               ? backlog_find(backlog, (int64_t)platform)
	               : NULL;
}

static void
count_parked(
        const struct backlog *backlog, struct milestones *found, const struct store_parked *parked)
{
	const struct backlog_row *row = row_of(backlog, parked->receiver);
	size_t age = 0;

	if (row == NULL || parked_is_module(parked))
		return;
	while (age < AGES - 1 && parked_age_ms(parked) >= minutes[age] * MINUTE_MS)
		age++;
	found->parked[row - backlog->rows][age]++;
}

static void
parked_came(struct store_op *op)
{
	struct inquiry *inquiry = container_of(op, struct inquiry, op);
	struct search *search = inquiry->work;
	const struct store_parked_args *args = &op->u.parked;

	for (size_t i = 0; op->err == RH_OK && i < args->count; i++)
		count_parked(&inquiry->backlog, &search->found, &args->rows[i]);
	inquiry->backlog.parked = op->err == RH_OK ? args->total : 0;
	arena_free(op->arena);
	if (inquiry_resume(inquiry))
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
	int64_t before_ms = search->now_ms - minutes[search->at] * MINUTE_MS;

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

	while (search->at < AGES - 1 && search->low == search->high) {
		search->found.change[search->at++] = search->low;
		search->low = search->lowest;
	}
	if (search->at < AGES - 1)
		ask_behind(inquiry, search->low + (search->high - search->low) / 2, looked);
	else
		parked_read(inquiry, 0, MOST_PARKED, arena_new(65536), parked_came);
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
milestones_count(
        const struct milestones *milestones, const struct backlog_row *row, uint64_t counts[AGES])
{
	int64_t above = row->head;

	for (size_t i = 0; i < AGES; i++) {
		int64_t below = i < AGES - 1 ? milestones->change[i] : row->cursor;

		below = below > row->cursor ? below : row->cursor;
		counts[i] = above > below ? (uint64_t)(above - below) : 0;
		above = below < above ? below : above;
	}
}
