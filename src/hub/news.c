/* news: a change is committed; who reads the feed is woken, in this process and in others that work
 * with it. */
#include "news.h"

static void
wake(struct worker *worker)
{
	if (!atomic_exchange(&worker->news_wanted, true)) /* else it is on its way already */
		mailbox_post(net_loop_mailbox(worker->loop), &worker->news_mail);
}

void
news_ring(struct hub *hub)
{
	for (int i = 0; i < hub->worker_count; i++)
		wake(&hub->workers[i]);
}

void
news_head(struct hub *hub, int64_t change)
{
	int64_t head = atomic_load(&hub->head);

	while (head < change && !atomic_compare_exchange_weak(&hub->head, &head, change))
		;
	news_ring(hub);
}

void
news_committed(struct hub *hub, int64_t change)
{
	news_head(hub, change);
	if (hub_is_together(hub))
		store_tell(hub->store, TELL_CHANGE, 0);
}

/* Who pushes to @live is another process, or one that gives it back tells who takes it by what is
 * stored. */
static void
tell_holder(struct hub *hub, const struct live *live, enum store_tell what)
{
	if (hub_is_together(hub) && !hub_holds(hub, live->platform))
		store_tell(hub->store, what, live->platform);
}

static void
tell(struct hub *hub, const struct live *live, _Atomic bool *what)
{
	struct worker *worker = &hub->workers[live->platform % hub->worker_count];

	atomic_store(what, true);
	atomic_store(&worker->parked_news, true);
	wake(worker);
}

void
news_told_parked(struct hub *hub, struct live *live)
{
	tell(hub, live, &live->push.news);
}

void
news_parked(struct hub *hub, struct live *live)
{
	news_told_parked(hub, live);
	tell_holder(hub, live, TELL_PARKED);
}

void
news_told_owed(struct hub *hub, struct live *live)
{
	tell(hub, live, &live->push.more);
}

void
news_owed(struct hub *hub, struct live *live)
{
	news_told_owed(hub, live);
	tell_holder(hub, live, TELL_OWED);
}

void
news_told_woken(struct hub *hub)
{
	for (int i = 0; i < hub->worker_count; i++) {
		atomic_store(&hub->workers[i].marked_news, true);
		wake(&hub->workers[i]);
	}
}

void
news_woken(struct hub *hub)
{
	news_told_woken(hub);
	if (hub_is_together(hub))
		store_tell(hub->store, TELL_WOKEN, 0);
}
