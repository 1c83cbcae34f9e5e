/* ages: how old what each platform is owed is, and why it is still owed.
 *
 * What is parked is counted by the census. What is behind a cursor nobody counts, as a change is
 * one row for all who will get it: the changes above the lowest cursor are walked once, in slices,
 * and each is counted for the platforms behind it that are entitled to it. Changes of one owner and
 * module are all alike in that, so it is asked once a slice. */
#include "inside.h"

#include <stdlib.h>

enum { SLICE = 2000, MOST_LOOKED = 100000, MINUTE_MS = 60 * 1000 };

struct aging {
	int64_t bounds_ms[OWED_AGES - 1];
	int64_t after;
	size_t looked;
	struct sent *sent; /* a row of the backlog each */
	void (*ready)(struct inquiry *inquiry);
};

/* Changes above a cursor that its platform has, ascending. */
struct sent {
	int64_t *changes;
	size_t count;
};

/* Changes that make the same requests. */
struct kind {
	const struct store_object *first;
	size_t requests;
	int64_t of; /* the platform that these are of */
};

/* ---- one slice ---- */

static size_t
age_of(const struct aging *aging, int64_t at_ms)
{
	size_t age = 0;

	while (age < OWED_AGES - 1 && at_ms <= aging->bounds_ms[age])
		age++;
	return age;
}

static enum owed_cause
cause_of(const struct platform *platform)
{
	if (platform_state(platform) == STATE_OFFLINE)
		return OWED_AWAY;
	return atomic_load(&platform->live->push.wait_until_ms) > rh_mono_ms() ? OWED_WAITS
	                                                                       : OWED_QUEUED;
}

/** The kind of each change of @args. */
static struct kind **
sort_changes(const struct store_feed_args *args, struct arena *arena)
{
	struct kind **kinds = arena_alloc(arena, (args->count + 1) * sizeof *kinds);
	struct table *known = table_new(64);

	for (size_t i = 0; i < args->count; i++) {
		const struct store_object *object = &args->objects[i];
		struct str owner = object->key.owner;
		/* ClientInfo is of a role, which is its id */
		struct str role =
		        str_is(object->key.module, "hubclientinfo") ? object->key.id : STR("");
		struct str key =
		        arena_printf(arena, "%.*s/%.*s/%.*s/%d", STR_ARG(object->key.module),
		                STR_ARG(owner), STR_ARG(role), object->body.p != NULL);

		kinds[i] = table_get(known, key);
		if (kinds[i] != NULL)
			continue;
		kinds[i] = arena_alloc(arena, sizeof *kinds[i]);
		kinds[i]->first = object;
		(void)table_put(known, key, kinds[i]);
	}
	table_free(known);
	return kinds;
}

static size_t
requests_of(const struct hub *hub, const struct platform *platform, struct kind *kind)
{
	if (kind->of != platform->id)
		kind->requests = hub_requests(hub, platform, kind->first);
	kind->of = platform->id;
	return kind->requests;
}

static int
compare_change(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static bool
has(const struct sent *sent, int64_t change)
{
	return sent->count > 0 && bsearch(&change, sent->changes, sent->count,
	                                  sizeof *sent->changes, compare_change) != NULL;
}

static void
count_for(const struct inquiry *inquiry, struct backlog_row *row, const struct sent *sent,
        const struct store_feed_args *args, struct kind **kinds)
{
	const struct hub *hub = inquiry->admin->hub;
	const struct platform *platform = directory_platform(hub_directory(hub), row->platform);
	uint64_t *counts;

	if (platform == NULL)
		return;
	counts = row->ages->counts[cause_of(platform)];
	for (size_t i = 0; i < args->count; i++) {
		const struct store_object *object = &args->objects[i];

		if (object->change > row->cursor && object->change <= row->head &&
		        !has(sent, object->change))
			counts[age_of(inquiry->work, object->at_ms)] +=
			        requests_of(hub, platform, kinds[i]);
	}
}

static void
count_slice(struct inquiry *inquiry, const struct store_feed_args *args, struct arena *arena)
{
	const struct aging *aging = inquiry->work;
	struct backlog *backlog = &inquiry->backlog;
	struct kind **kinds = sort_changes(args, arena);

	for (size_t i = 0; i < backlog->count; i++)
		if (backlog->rows[i].lag > 0)
			count_for(inquiry, &backlog->rows[i], &aging->sent[i], args, kinds);
}

/* ---- slice after slice ---- */

static void next_slice(struct inquiry *inquiry);

static void
note_partial(struct backlog *backlog)
{
	for (size_t i = 0; i < backlog->count; i++)
		if (backlog->rows[i].lag > 0)
			backlog->rows[i].ages->partial = true;
}

static void
slice_came(struct store_op *op)
{
	struct inquiry *inquiry = container_of(op, struct inquiry, op);
	struct aging *aging = inquiry->work;
	const struct store_feed_args args = op->u.feed;
	bool over = op->err != RH_OK || !args.more;
	struct arena *arena = op->arena;

	if (op->err == RH_OK)
		count_slice(inquiry, &args, arena);
	aging->looked += args.count;
	if (op->err != RH_OK || (!over && aging->looked >= MOST_LOOKED))
		note_partial(&inquiry->backlog);
	over = over || aging->looked >= MOST_LOOKED;
	if (!over)
		aging->after = args.objects[args.count - 1].change;
	arena_free(arena);
	if (!inquiry_resume(inquiry))
		return;
	if (over)
		aging->ready(inquiry);
	else
		next_slice(inquiry);
}

static void
next_slice(struct inquiry *inquiry)
{
	const struct aging *aging = inquiry->work;

	inquiry->op = (struct store_op){ .arena = arena_new(65536) };
	inquiry->op.u.feed.after = aging->after;
	inquiry->op.u.feed.limit = SLICE;
	inquiry->op.u.feed.heads = true;
	inquiry_store(inquiry, STORE_FEED, slice_came);
}

static void
parked_counted(struct inquiry *inquiry)
{
	const struct aging *aging = inquiry->work;
	const struct census *census = inquiry->admin->census;
	struct backlog *backlog = &inquiry->backlog;

	if (census_fault(census)->err != RH_OK) {
		inquiry_fail(inquiry, census_fault(census));
		return;
	}
	for (size_t i = 0; i < backlog->count; i++) {
		const struct parked_counts *parked = census_of(census, backlog->rows[i].platform);

		for (size_t kind = 0; kind < COUNT(parked->by); kind++)
			for (size_t age = 0; age < OWED_AGES; age++)
				backlog->rows[i].ages->counts[OWED_FAILED + kind][age] +=
				        parked->by[kind][age];
	}
	if (aging->after < hub_head(inquiry->admin->hub))
		next_slice(inquiry);
	else
		aging->ready(inquiry);
}

/** "12,15,20" */
static struct sent
read_sent(struct str text, struct arena *arena)
{
	struct sent sent = { arena_alloc(arena, (text.len / 2 + 1) * sizeof *sent.changes), 0 };
	uint64_t change;

	while (text.p != NULL)
		if (str_to_u64(str_cut(&text, ','), INT64_MAX, &change))
			sent.changes[sent.count++] = (int64_t)change;
	return sent;
}

static void
cursors_came(struct store_op *op)
{
	struct inquiry *inquiry;
	struct aging *aging;

	if (!inquiry_stored(op, &inquiry))
		return;
	aging = inquiry->work;
	aging->sent =
	        arena_alloc(inquiry->arena, (inquiry->backlog.count + 1) * sizeof *aging->sent);
	for (size_t i = 0; i < op->u.cursors.count; i++) {
		const struct store_cursor *cursor = &op->u.cursors.cursors[i];
		const struct backlog_row *row = backlog_of(&inquiry->backlog, cursor->receiver);

		if (row != NULL && row->lag > 0)
			aging->sent[row - inquiry->backlog.rows] =
			        read_sent(cursor->ahead, inquiry->arena);
	}
	census_ask(inquiry, parked_counted);
}

void
ages_ask(struct inquiry *inquiry, void (*ready)(struct inquiry *inquiry))
{
	struct aging *aging = arena_alloc(inquiry->arena, sizeof *aging);
	struct backlog *backlog = &inquiry->backlog;
	int64_t now_ms = rh_wall_ms();

	inquiry->work = aging;
	aging->ready = ready;
	aging->after = hub_head(inquiry->admin->hub);
	for (size_t i = 0; i < COUNT(aging->bounds_ms); i++)
		aging->bounds_ms[i] = now_ms - age_minutes[i] * MINUTE_MS;
	for (size_t i = 0; i < backlog->count; i++) {
		struct backlog_row *row = &backlog->rows[i];

		row->ages = arena_alloc(inquiry->arena, sizeof *row->ages);
		if (row->lag > 0 && row->cursor < aging->after)
			aging->after = row->cursor;
	}
	inquiry->op = (struct store_op){ 0 };
	inquiry_store(inquiry, STORE_CURSORS_LOAD, cursors_came);
}

/* ---- as JSON ---- */

static json_t *
counts_tree(const uint64_t counts[OWED_AGES])
{
	json_t *object = tree_object();

	for (size_t i = 0; i < OWED_AGES; i++)
		tree_set_count(object, age_names[i], counts[i]);
	return object;
}

json_t *
ages_tree(const struct owed_ages *ages)
{
	static const char *const names[OWED_CAUSES] = { "queued", "waits", "away", "failed",
		"redrive", "introduced", "pulled" };
	json_t *object = tree_object(), *causes = tree_object();
	uint64_t all[OWED_AGES] = { 0 };

	for (size_t i = 0; i < OWED_CAUSES; i++) {
		uint64_t sum = 0;

		for (size_t age = 0; age < OWED_AGES; age++) {
			all[age] += ages->counts[i][age];
			sum += ages->counts[i][age];
		}
		if (sum > 0)
			tree_set(causes, names[i], counts_tree(ages->counts[i]));
	}
	tree_set(object, "ages", counts_tree(all));
	tree_set(object, "causes", causes);
	tree_set_bool(object, "partial", ages->partial);
	return object;
}
