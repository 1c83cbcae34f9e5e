#include "wish.h"

#include <stdlib.h>

struct wishing {
	struct hub *hub;
	struct store_op op;
	hub_done_fn done; /* NULL: nobody waits */
	void *ctx;
};

static void
end(struct store_op *op)
{
	struct wishing *wishing = container_of(op, struct wishing, op);
	struct fault fault = { 0 };

	if (op->err != RH_OK)
		(void)fault_set(&fault, op->err, "", "%s", op->why);
	if (wishing->done != NULL)
		wishing->done(wishing->ctx, op->err, &fault);
	free(wishing);
}

static void
put(struct store_op *op)
{
	struct wishing *wishing = container_of(op, struct wishing, op);

	if (op->err == RH_OK) {
		wishing->hub->wished(wishing->hub, &op->u.wishes.wish);
		store_tell(wishing->hub->store, TELL_WISH, 0);
	}
	end(op);
}

static void
submit(struct hub *hub, enum store_verb verb, const struct store_wish *wish, hub_done_fn done,
        void *ctx)
{
	struct wishing *wishing = rh_alloc(sizeof *wishing);

	wishing->hub = hub;
	wishing->done = done;
	wishing->ctx = ctx;
	wishing->op = (struct store_op){ .verb = verb, .done = verb == STORE_WISH_PUT ? put : end };
	wishing->op.u.wishes.wish = *wish;
	store_submit(hub->session, &wishing->op);
}

void
wish_put(struct hub *hub, int64_t platform, enum store_wish_kind kind, hub_done_fn done, void *ctx)
{
	const struct store_wish wish = { .platform = platform, .kind = kind };

	submit(hub, STORE_WISH_PUT, &wish, done, ctx);
}

/* One that stays, as the store failed, is asked for again by who holds the platform next. */
void
wish_drop(struct hub *hub, int64_t nth)
{
	const struct store_wish wish = { .nth = nth };

	submit(hub, STORE_WISH_DROP, &wish, NULL, NULL);
}
