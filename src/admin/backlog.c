/* backlog: what the hub owes to each platform, how old it is and what keeps it. */
#include <stdlib.h>

#include "inside.h"

/* A receiver that is away has nothing queued: the store knows when the first change was made that
 * it did not get. */
static bool
needs_age(const struct backlog_row *row)
{
	return row->lag > 0 && row->oldest_ms == 0;
}

static void
read_row(const struct hub *hub, const struct platform *platform, struct backlog_row *row)
{
	const struct live *live = platform->live;
	int64_t head = hub_head(hub), cursor = atomic_load(&live->push.cursor);

	if (cursor > head)
		cursor = head; /* it keeps up */
	*row = (struct backlog_row){
		.platform = platform->id,
		.cursor = cursor,
		.head = head,
		.lag = head > cursor ? head - cursor : 0,
		.owed = atomic_load(&live->push.owed),
		.oldest_ms = atomic_load(&live->push.oldest_ms),
	};
}

/* ---- the ages, one read after the other ---- */

static void next_age(struct inquiry *inquiry);

static void
age_came(struct store_op *op)
{
	struct inquiry *inquiry = container_of(op, struct inquiry, op);
	struct backlog *backlog = &inquiry->backlog;

	if (op->err == RH_OK && op->u.feed.count > 0)
		backlog->rows[backlog->at].oldest_ms = op->u.feed.objects[0].at_ms;
	backlog->at++;
	if (inquiry_resume(inquiry))
		next_age(inquiry);
}

static void
next_age(struct inquiry *inquiry)
{
	struct backlog *backlog = &inquiry->backlog;

	while (backlog->at < backlog->count && !needs_age(&backlog->rows[backlog->at]))
		backlog->at++;
	if (backlog->at == backlog->count) {
		inquiry->ready(inquiry);
		return;
	}
	inquiry->op = (struct store_op){ 0 };
	inquiry->op.u.feed.after = backlog->rows[backlog->at].cursor;
	inquiry->op.u.feed.limit = 1;
	inquiry_store(inquiry, STORE_FEED, age_came);
}

void
backlog_rows(struct inquiry *inquiry, int64_t only)
{
	const struct hub *hub = inquiry->admin->hub;
	struct backlog *backlog = &inquiry->backlog;
	const struct platform *platforms;
	size_t count = directory_platforms(hub_directory(hub), &platforms);

	backlog->rows = arena_alloc(inquiry->arena, (count + 1) * sizeof *backlog->rows);
	for (size_t i = 0; i < count; i++)
		if (!platforms[i].removed && platforms[i].state == STATE_CONNECTED &&
		        (only == 0 || platforms[i].id == only))
			read_row(hub, &platforms[i], &backlog->rows[backlog->count++]);
}

void
backlog_ask(struct inquiry *inquiry, int64_t only, void (*ready)(struct inquiry *inquiry))
{
	backlog_rows(inquiry, only);
	inquiry->ready = ready;
	next_age(inquiry);
}

static int
compare_row(const void *key, const void *element)
{
	const int64_t *platform = key;
	const struct backlog_row *row = element;

	return (*platform > row->platform) - (*platform < row->platform);
}

struct backlog_row *
backlog_find(const struct backlog *backlog, int64_t platform)
{
	return bsearch(
	        &platform, backlog->rows, backlog->count, sizeof *backlog->rows, compare_row);
}

int64_t
receiver_platform(struct str receiver)
{
	struct str id = receiver, kind = str_cut(&id, '/');
	uint64_t platform;

	return str_is(kind, "platform") && str_to_u64(id, INT64_MAX, &platform) ? (int64_t)platform
	                                                                        : 0;
}

struct backlog_row *
backlog_of(const struct backlog *backlog, struct str receiver)
{
	return backlog_find(backlog, receiver_platform(receiver));
}

void
backlog_sum(const struct inquiry *inquiry, struct backlog_row *out)
{
	*out = (struct backlog_row){ .head = hub_head(inquiry->admin->hub) };
	for (size_t i = 0; i < inquiry->backlog.count; i++) {
		const struct backlog_row *row = &inquiry->backlog.rows[i];

		out->behind += row->lag > 0;
		out->owed += row->owed;
		out->lag = row->lag > out->lag ? row->lag : out->lag;
		if (row->oldest_ms != 0 && (out->oldest_ms == 0 || row->oldest_ms < out->oldest_ms))
			out->oldest_ms = row->oldest_ms;
	}
}

/* ---- as JSON ---- */

void
age_set(json_t *object, int64_t oldest_ms)
{
	int64_t age_ms = oldest_ms == 0 ? 0 : rh_wall_ms() - oldest_ms;

	tree_set_time(object, "oldest", oldest_ms);
	tree_set_number(object, "age_s", age_ms > 0 ? age_ms / 1000 : 0);
}

/* Until the receiver as a whole is tried again, in seconds. */
static int64_t
wait_s(const struct live *live)
{
	int64_t wait_ms = atomic_load(&live->push.wait_until_ms) - rh_mono_ms();

	return wait_ms > 0 ? (wait_ms + 999) / 1000 : 0;
}

void
backlog_set(json_t *object, const struct backlog_row *row, const struct live *live)
{
	tree_set_number(object, "cursor", row->cursor);
	tree_set_number(object, "head", row->head);
	tree_set_number(object, "lag", row->lag);
	tree_set_count(object, "owed", row->owed);
	age_set(object, row->oldest_ms);
	tree_set_count(object, "syncing", atomic_load(&live->push.syncing));
	tree_set_number(object, "wait_s", wait_s(live));
	tree_set_number(object, "window", atomic_load(&live->push.window));
	tree_set_number(object, "push_failures", atomic_load(&live->push.failures));
}
