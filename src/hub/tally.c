/* tally: what each process counts of a platform, and nobody stores.
 *
 * The question is a wish that all of them find. Each writes its answer down once, and who asked
 * looks for them until all are there or it has waited long enough. Nothing is written while nobody
 * asks. */
#include "tally.h"

#include "roamhub/tally.h"

#include "wish.h"

#include <assert.h>
#include <stdlib.h>

enum {
	PATIENCE_MS = 1000,
	LOOK_MS = 20,
	ASKED_MOST = 64, /* at once; who comes beyond is told what this process counts */
	FIRST_BYTES = 4096
};

struct tallies {
	hub_tally_fn make;
	void *ctx;
	int64_t who; /* this process, among those that answer */
	size_t asked;
};

/* ---- to answer ---- */

struct answering {
	struct store_op op;
	struct buf doc;
};

static void
answered(struct store_op *op)
{
	struct answering *answering = container_of(op, struct answering, op);

	buf_free(&answering->doc); /* one that was not stored is missed, and that is told */
	free(answering);
}

void
tally_wished(struct hub *hub, const struct store_wish *wish)
{
	const struct tallies *tallies = hub->tallies;
	struct answering *answering;

	if (tallies->make == NULL)
		return;
	answering = rh_alloc(sizeof *answering);
	tallies->make(tallies->ctx, wish->platform, &answering->doc);
	answering->op = (struct store_op){ .verb = STORE_TALLY_PUT, .done = answered };
	answering->op.u.tallies = (struct store_tallies_args){
		.nth = wish->nth, .who = tallies->who, .doc = buf_str(&answering->doc)
	};
	store_submit(hub->session, &answering->op);
}

void
hub_tally_by(struct hub *hub, hub_tally_fn fn, void *ctx)
{
	hub->tallies->make = fn;
	hub->tallies->ctx = ctx;
}

/* ---- to ask ---- */

struct asking {
	struct hub *hub;
	struct store_op op;
	struct net_timer timer; /* of the next look */
	struct arena *arena;
	int64_t nth, until_ms; /* until_ms: rh_mono_ms() */
	unsigned others;
	hub_tallies_fn done;
	void *ctx;
};

static void
end(struct asking *asking, const struct str *docs, size_t count)
{
	struct hub *hub = asking->hub;

	if (asking->nth != 0)
		wish_drop(hub, asking->nth);
	hub->tallies->asked--;
	hub->control_work--;
	asking->done(asking->ctx, docs, count,
	        asking->others > count ? asking->others - (unsigned)count : 0);
	arena_free(asking->arena);
	free(asking);
}

static void
looked(struct store_op *op)
{
	struct asking *asking = container_of(op, struct asking, op);
	const struct store_tallies_args *found = &op->u.tallies;

	if (op->err != RH_OK)
		end(asking, NULL, 0);
	else if (found->count >= asking->others || rh_mono_ms() >= asking->until_ms ||
	         asking->hub->stopping)
		end(asking, found->docs, found->count);
	else
		net_timer_set(asking->hub->loop, &asking->timer, rh_mono_ms() + LOOK_MS);
}

static void
look(struct net_timer *timer)
{
	struct asking *asking = container_of(timer, struct asking, timer);

	arena_reset(asking->arena);
	asking->op =
	        (struct store_op){ .verb = STORE_TALLIES, .done = looked, .arena = asking->arena };
	asking->op.u.tallies =
	        (struct store_tallies_args){ .nth = asking->nth, .who = asking->hub->tallies->who };
	store_submit(asking->hub->session, &asking->op);
}

static void
put(struct store_op *op)
{
	struct asking *asking = container_of(op, struct asking, op);

	if (op->err != RH_OK) {
		end(asking, NULL, 0);
		return;
	}
	asking->nth = op->u.wishes.wish.nth;
	store_tell(asking->hub->store, TELL_WISH, 0);
	net_timer_set(asking->hub->loop, &asking->timer, rh_mono_ms() + LOOK_MS);
}

static void
ask(struct hub *hub, int64_t platform, unsigned others, hub_tallies_fn done, void *ctx)
{
	struct asking *asking = rh_alloc(sizeof *asking);

	*asking = (struct asking){ .hub = hub,
		.timer.fire = look,
		.arena = arena_new(FIRST_BYTES),
		.until_ms = rh_mono_ms() + PATIENCE_MS,
		.others = others,
		.done = done,
		.ctx = ctx };
	asking->op = (struct store_op){ .verb = STORE_WISH_PUT, .done = put };
	asking->op.u.wishes.wish = (struct store_wish){ .platform = platform, .kind = WISH_TALLY };
	hub->tallies->asked++;
	hub->control_work++;
	store_submit(hub->session, &asking->op);
}

void
hub_tallies(struct hub *hub, int64_t platform, hub_tallies_fn done, void *ctx)
{
	unsigned others =
	        hub_is_together(hub) && hub->together.hubs > 0 ? hub->together.hubs - 1 : 0;

	if (others == 0 || hub->stopping || hub->tallies->asked == ASKED_MOST)
		done(ctx, NULL, 0, others);
	else
		ask(hub, platform, others, done, ctx);
}

/* ---- of the hub ---- */

void
tallies_open(struct hub *hub)
{
	uint64_t who;

	rh_random(&who, sizeof who);
	hub->tallies = rh_alloc(sizeof *hub->tallies);
	hub->tallies->who = (int64_t)(who >> 1);
}

void
tallies_close(struct hub *hub)
{
	if (hub->tallies == NULL)
		return;
	assert(hub->tallies->asked == 0);
	free(hub->tallies);
	hub->tallies = NULL;
}
