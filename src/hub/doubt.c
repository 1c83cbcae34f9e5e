#include "doubt.h"

#include "news.h"

enum { AGAIN_MS = 500 };

struct doubt {
	struct hub *hub;
	struct store_op op;
	struct arena *arena; /* it lies in it */
};

static void
end(struct doubt *doubt)
{
	struct hub *hub = doubt->hub;

	if (doubt->op.err != RH_OK) {
		hub->doubt.due = true;
		hub->doubt.at_ms = rh_mono_ms() + AGAIN_MS;
	}
	hub->doubt.asking = false;
	hub->control_work--;
	arena_free(doubt->arena);
}

static void
head_known(struct store_op *op)
{
	struct doubt *doubt = container_of(op, struct doubt, op);

	if (op->err == RH_OK)
		news_committed(doubt->hub, op->u.feed.head);
	end(doubt);
}

/* What the lost connection had sent is committed now, or never will be. */
static void
written(struct store_op *op)
{
	struct doubt *doubt = container_of(op, struct doubt, op);

	if (op->err != RH_OK) {
		end(doubt);
		return;
	}
	*op = (struct store_op){ .verb = STORE_FEED, .done = head_known, .arena = doubt->arena };
	op->u.feed.after = atomic_load(&doubt->hub->head);
	op->u.feed.limit = 1;
	op->u.feed.heads = true;
	store_submit(doubt->hub->session, op);
}

static void
ask(struct hub *hub)
{
	struct arena *arena = arena_new(1024);
	struct doubt *doubt = arena_alloc(arena, sizeof *doubt);

	hub->doubt.due = false;
	hub->doubt.asking = true;
	hub->control_work++;
	*doubt = (struct doubt){ .hub = hub,
		.op = { .verb = STORE_PROBE, .done = written, .arena = arena },
		.arena = arena };
	store_submit(hub->session, &doubt->op);
}

void
doubt_tick(struct hub *hub, const struct store_stats *stats)
{
	if (stats->unsure != hub->doubt.seen) {
		hub->doubt.seen = stats->unsure;
		hub->doubt.due = true;
	}
	if (hub->doubt.due && !hub->doubt.asking && rh_mono_ms() >= hub->doubt.at_ms)
		ask(hub);
}
