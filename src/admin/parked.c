/* parked: what platforms are owed beside the feed: what they could not take, what is sent once more
 * and what was there before they were entitled to it. Rows of the store, read one platform after
 * the other, of each those that are due first. */
#include "inside.h"

enum { MOST_LOOKED = 500, PAGE_REFUSED = 500, MOST_REFUSED = 5000 };

/* ---- as JSON ---- */

json_t *
parked_tree(const struct store_parked *row)
{
	static const char *const kinds[] = {
		[PARKED_FAILED] = "failed",
		[PARKED_REDRIVE] = "redrive",
		[PARKED_INTRODUCED] = "introduced",
		[PARKED_PULLED] = "pulled",
	};
	json_t *object = tree_object();

	tree_set_time(object, "since", row->since_ms);
	tree_set_number(object, "age_s", parked_age_ms(row) / 1000);
	tree_set_text(object, "kind", kinds[row->kind]);
	tree_set_str(object, "module", row->key.module);
	tree_set_str(object, "owner", row->key.owner);
	tree_set_str(object, "id", row->key.id);
	if (row->key.type.len > 0)
		tree_set_str(object, "type", row->key.type);
	tree_set_str(object, "to", row->to.len > 0 ? row->to : (struct str){ 0 });
	tree_set_number(object, "change", row->change);
	tree_set_number(object, "attempts", row->attempts);
	tree_set_time(object, "next_try", row->due_ms);
	tree_set_number(object, "http", row->http);
	tree_set_number(object, "ocpi", row->ocpi);
	tree_set_str(object, "why", row->why);
	return object;
}

/* ---- rows ---- */

bool
parked_is_module(const struct store_parked *row)
{
	return row->key.id.len == 0;
}

int64_t
parked_age_ms(const struct store_parked *row)
{
	int64_t age_ms = rh_schedule_ms() - row->since_ms;

	return age_ms > 0 ? age_ms : 0;
}

void
parked_choose(struct inquiry *inquiry, const struct store_parked_args *choice, int64_t platform,
        void (*done)(struct store_op *op))
{
	inquiry->op = (struct store_op){ 0 };
	inquiry->op.u.parked = *choice;
	inquiry->op.u.parked.now_ms = INT64_MAX;
	if (platform != 0)
		inquiry->op.u.parked.receiver =
		        store_receiver(platform, arena_alloc(inquiry->arena, STORE_RECEIVER_TEXT));
	inquiry_store(inquiry, STORE_PARKED, done);
}

void
parked_read(struct inquiry *inquiry, int64_t platform, size_t limit, struct arena *arena,
        void (*done)(struct store_op *op))
{
	inquiry->op = (struct store_op){ .arena = arena };
	if (platform != 0)
		inquiry->op.u.parked.receiver =
		        store_receiver(platform, arena_alloc(arena, STORE_RECEIVER_TEXT));
	inquiry->op.u.parked.now_ms = INT64_MAX;
	inquiry->op.u.parked.limit = limit;
	inquiry_store(inquiry, STORE_PARKED, done);
}

static struct store_parked *
copy_row(const struct store_parked *row, struct arena *arena)
{
	struct store_parked *copy = arena_alloc(arena, sizeof *copy);

	*copy = *row;
	copy->receiver = arena_str(arena, row->receiver);
	copy->to = arena_str(arena, row->to);
	copy->key.scope = arena_str(arena, row->key.scope);
	copy->key.module = arena_str(arena, row->key.module);
	copy->key.owner = arena_str(arena, row->key.owner);
	copy->key.id = arena_str(arena, row->key.id);
	copy->key.type = arena_str(arena, row->key.type);
	copy->why = arena_str(arena, row->why);
	return copy;
}

/* ---- of all platforms of the backlog ---- */

static void next_rows(struct inquiry *inquiry);

static void
take_rows(struct backlog_row *owed, const struct store_parked_args *args, struct arena *arena)
{
	const struct store_parked *oldest = NULL;

	owed->parked = args->total;
	for (size_t i = 0; i < args->count; i++) {
		const struct store_parked *row = &args->rows[i];

		if (parked_is_module(row))
			owed->parked--;
		else if (oldest == NULL || row->since_ms < oldest->since_ms)
			oldest = row;
	}
	if (oldest != NULL)
		owed->parked_oldest = copy_row(oldest, arena);
}

/* Only the oldest of each is kept: all of them together may be many. */
static void
rows_came(struct store_op *op)
{
	struct inquiry *inquiry = container_of(op, struct inquiry, op);
	struct backlog *backlog = &inquiry->backlog;

	if (op->err == RH_OK)
		take_rows(&backlog->rows[backlog->at], &op->u.parked, inquiry->arena);
	arena_free(op->arena);
	backlog->at++;
	if (inquiry_resume(inquiry))
		next_rows(inquiry);
}

static void
next_rows(struct inquiry *inquiry)
{
	struct backlog *backlog = &inquiry->backlog;

	if (backlog->at == backlog->count)
		inquiry->ready(inquiry);
	else
		parked_read(inquiry, backlog->rows[backlog->at].platform, MOST_LOOKED,
		        arena_new(4096), rows_came);
}

static void
first_rows(struct store_op *op)
{
	struct inquiry *inquiry = container_of(op, struct inquiry, op);
	struct backlog *backlog = &inquiry->backlog;

	backlog->at = op->err == RH_OK && op->u.parked.total == 0 ? backlog->count : 0;
	if (inquiry_resume(inquiry))
		next_rows(inquiry);
}

void
parked_ask(struct inquiry *inquiry, void (*ready)(struct inquiry *inquiry))
{
	inquiry->ready = ready;
	parked_read(inquiry, 0, 0, inquiry->arena, first_rows);
}

/* ---- what they refused: page after page, back in time ---- */

struct refusing {
	int64_t until_ms; /* those before it; 0: all */
	size_t left;
};

static void next_refusals(struct inquiry *inquiry);

/* Of the moment at which a page ends there may be others: all of that come with the next one. But
 * where a page is of one moment it has to do. */
static int64_t
end_of_page(const struct store_failures_args *args)
{
	int64_t first_ms = args->failures[0].at_ms, last_ms = args->failures[args->count - 1].at_ms;

	return args->count == PAGE_REFUSED && last_ms < first_ms ? last_ms + 1 : last_ms;
}

/* How many were of the page. */
static size_t
count_refused(struct backlog *backlog, const struct store_failures_args *args, int64_t until_ms)
{
	size_t count = 0;

	for (size_t i = 0; i < args->count && args->failures[i].at_ms >= until_ms; i++) {
		struct backlog_row *row = backlog_of(backlog, args->failures[i].receiver);

		if (row != NULL)
			row->refused++;
		count++;
	}
	return count;
}

static void
refused_came(struct store_op *op)
{
	struct inquiry *inquiry = container_of(op, struct inquiry, op);
	struct refusing *refusing = inquiry->work;
	const struct store_failures_args *args = &op->u.failures;
	bool more = op->err == RH_OK && args->count == PAGE_REFUSED;
	size_t count;

	if (op->err == RH_OK && args->count > 0) {
		refusing->until_ms = end_of_page(args);
		count = count_refused(&inquiry->backlog, args, refusing->until_ms);
		refusing->left -= count < refusing->left ? count : refusing->left;
	}
	arena_free(op->arena);
	if (!inquiry_resume(inquiry))
		return;
	if (more && refusing->left > 0)
		next_refusals(inquiry);
	else
		inquiry->ready(inquiry);
}

static void
next_refusals(struct inquiry *inquiry)
{
	const struct refusing *refusing = inquiry->work;

	inquiry->op = (struct store_op){ .arena = arena_new(4096) };
	inquiry->op.u.failures.until_ms = refusing->until_ms;
	inquiry->op.u.failures.look = PAGE_REFUSED;
	inquiry->op.u.failures.limit = PAGE_REFUSED;
	inquiry_store(inquiry, STORE_FAILURES, refused_came);
}

void
refused_ask(struct inquiry *inquiry, void (*ready)(struct inquiry *inquiry))
{
	struct refusing *refusing = arena_alloc(inquiry->arena, sizeof *refusing);

	refusing->left = MOST_REFUSED;
	inquiry->work = refusing;
	inquiry->ready = ready;
	next_refusals(inquiry);
}
