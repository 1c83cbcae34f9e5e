/* look: those who wait for what other processes know.
 *
 * A flood of strangers costs the store as many reads as there may be in a second, the worker as
 * many places as there are, and each of them as much as its request does anyway. */
#include "look.h"

#include "../parties/view.h"

static void
end(struct worker *worker, struct look *look, enum rh_err err)
{
	list_remove(&look->node);
	atomic_fetch_sub(&worker->looking, 1);
	look->done(look, err);
}

/* With store.stale_after = 0 what the hub knows counts for as long as the database is away. */
static enum rh_err
unanswered(const struct worker *worker)
{
	return hub_settings(worker->hub)->stale_ms == 0 ? RH_OK : RH_STALE;
}

static void
looked(struct mail *mail)
{
	struct worker *worker = container_of(mail, struct worker, looked_mail);

	atomic_store(&worker->looked, false);
	list_each_safe (node, next, &worker->looks) {
		struct look *look = container_of(node, struct look, node);
		enum view_read became = view_of(worker->hub, look->read);

		if (became != VIEW_WAITS)
			end(worker, look, became == VIEW_READ ? RH_OK : unanswered(worker));
	}
}

void
look_tick(struct worker *worker)
{
	int64_t now_ms = net_loop_now(worker->loop);

	list_each_safe (node, next, &worker->looks) {
		struct look *look = container_of(node, struct look, node);

		if (look->until_ms <= now_ms)
			end(worker, look, unanswered(worker));
	}
}

bool
look_begin(struct worker *worker, struct look *look)
{
	if (atomic_load(&worker->looking) >= LOOK_MOST)
		return false;
	list_add_tail(&worker->looks, &look->node);
	atomic_fetch_add(&worker->looking, 1);
	look->until_ms = net_loop_now(worker->loop) + LOOK_MS;
	look->read = view_ask(worker->hub);
	return true;
}

void
looks_open(struct worker *worker)
{
	list_init(&worker->looks);
	worker->looked_mail.deliver = looked;
}
