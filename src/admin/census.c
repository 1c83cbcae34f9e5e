/* census: how much is parked for each platform, in which way and since when.
 *
 * All rows are walked, in slices with other work between. A walk that took more than one slice
 * answers everybody who asks while it is under way, and for ten times as long afterwards: however
 * many are parked and however often it is asked, counting takes a tenth of the thread at most. */
#include "inside.h"

#include <stdlib.h>

enum { SLICE = 2000, REST_TIMES = 10, MINUTE_MS = 60 * 1000, FIRST_BYTES = 65536 };

const int64_t age_minutes[OWED_AGES - 1] = { 1, 10, 60, 24 * 60 };
const char *const age_names[OWED_AGES] = { "1m", "10m", "1h", "1d", "older" };

struct census {
	struct admin *admin;
	struct list waiting; /* struct inquiry */
	size_t asked;        /* of them, those who asked before the walk began */
	struct store_op op;
	struct arena *slice; /* what a slice gives; NULL: no walk is under way */
	struct arena *arena; /* of rows */
	struct table *rows;  /* receiver -> struct parked_counts, of the last walk */
	struct fault fault;  /* of that */
	uint64_t objects;    /* in it */
	int64_t bounds_ms[OWED_AGES - 1];
	int64_t began_ms, ended_ms; /* monotonic */
	size_t slices;
};

struct census *
census_new(struct admin *admin)
{
	struct census *census = rh_alloc(sizeof *census);

	census->admin = admin;
	census->arena = arena_new(1024);
	census->rows = table_new(64);
	list_init(&census->waiting);
	return census;
}

void
census_free(struct census *census)
{
	table_free(census->rows);
	arena_free(census->arena);
	free(census);
}

bool
census_works(const struct census *census)
{
	return census->slice != NULL;
}

/* ---- what was counted ---- */

const struct fault *
census_fault(const struct census *census)
{
	return &census->fault;
}

uint64_t
census_objects(const struct census *census)
{
	return census->objects;
}

const struct parked_counts *
census_of(const struct census *census, int64_t platform)
{
	static const struct parked_counts none;
	char receiver[STORE_RECEIVER_TEXT];
	const struct parked_counts *counts =
	        table_get(census->rows, store_receiver(platform, receiver));

	return counts != NULL ? counts : &none;
}

static struct parked_counts *
counts_of(struct census *census, struct str receiver)
{
	struct parked_counts *counts = table_get(census->rows, receiver);

	if (counts == NULL) {
		counts = arena_alloc(census->arena, sizeof *counts);
		(void)table_put(census->rows, arena_str(census->arena, receiver), counts);
	}
	return counts;
}

static void
count_head(struct census *census, const struct store_parked_head *head)
{
	size_t age = 0;

	if (!head->is_object || head->kind > PARKED_PULLED)
		return;
	while (age < OWED_AGES - 1 && head->since_ms <= census->bounds_ms[age])
		age++;
	counts_of(census, head->receiver)->by[head->kind][age]++;
	census->objects++;
}

/* ---- a walk ---- */

static void begin(struct census *census);

static bool
was_long(const struct census *census)
{
	return census->slices > 1;
}

static bool
is_fresh(const struct census *census)
{
	int64_t took_ms = census->ended_ms - census->began_ms;

	return census->slice == NULL && was_long(census) && census->fault.err == RH_OK &&
	       rh_mono_ms() - census->ended_ms < REST_TIMES * took_ms;
}

static size_t
waiting(const struct census *census)
{
	size_t count = 0;

	list_each (node, &census->waiting)
		count++;
	return count;
}

static void
end(struct census *census)
{
	size_t left = was_long(census) ? waiting(census) : census->asked;

	arena_free(census->slice);
	census->slice = NULL;
	census->ended_ms = rh_mono_ms();
	while (left-- > 0) {
		struct inquiry *inquiry =
		        container_of(census->waiting.next, struct inquiry, waiting);

		list_remove(&inquiry->waiting);
		if (inquiry_resume(inquiry))
			inquiry->ready(inquiry);
	}
	if (!list_empty(&census->waiting) && census->slice == NULL)
		begin(census);
}

static void go_on(struct census *census);

static void
slice_came(struct store_op *op)
{
	struct census *census = container_of(op, struct census, op);
	const struct store_heads_args *args = &op->u.heads;

	census->slices++;
	if (op->err != RH_OK)
		(void)fault_set(&census->fault, op->err, "", "%s", op->why);
	for (size_t i = 0; op->err == RH_OK && i < args->count; i++)
		count_head(census, &args->rows[i]);
	arena_reset(census->slice);
	if (op->err == RH_OK && args->more && !census->admin->stopping)
		go_on(census);
	else
		end(census);
}

static void
go_on(struct census *census)
{
	struct store_place after = census->op.u.heads.after;

	census->op = (struct store_op){
		.verb = STORE_PARKED_HEADS, .done = slice_came, .arena = census->slice
	};
	census->op.u.heads.after = after;
	census->op.u.heads.limit = SLICE;
	store_submit(hub_session(census->admin->hub), &census->op);
}

static void
begin(struct census *census)
{
	int64_t now_ms = rh_schedule_ms();

	table_free(census->rows);
	arena_reset(census->arena);
	census->rows = table_new(64);
	census->objects = 0;
	census->fault = (struct fault){ 0 };
	census->slices = 0;
	census->asked = waiting(census);
	census->began_ms = rh_mono_ms();
	for (size_t i = 0; i < COUNT(census->bounds_ms); i++)
		census->bounds_ms[i] = now_ms - age_minutes[i] * MINUTE_MS;
	census->slice = arena_new(FIRST_BYTES);
	census->op.u.heads.after = (struct store_place){ 0 };
	go_on(census);
}

void
census_ask(struct inquiry *inquiry, void (*ready)(struct inquiry *inquiry))
{
	struct census *census = inquiry->admin->census;

	if (is_fresh(census)) {
		ready(inquiry);
		return;
	}
	inquiry->ready = ready;
	inquiry_wait(inquiry);
	list_add_tail(&census->waiting, &inquiry->waiting);
	if (census->slice == NULL)
		begin(census);
}
