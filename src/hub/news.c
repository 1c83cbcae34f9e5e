/* news: a change is committed; who reads the feed is woken. */
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
news_committed(struct hub *hub, int64_t change)
{
	int64_t head = atomic_load(&hub->head);

	while (head < change && !atomic_compare_exchange_weak(&hub->head, &head, change))
		;
	news_ring(hub);
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
news_parked(struct hub *hub, struct live *live)
{
	tell(hub, live, &live->push.news);
}

void
news_owed(struct hub *hub, struct live *live)
{
	tell(hub, live, &live->push.more);
}

void
news_woken(struct hub *hub)
{
	for (int i = 0; i < hub->worker_count; i++) {
		atomic_store(&hub->workers[i].marked_news, true);
		wake(&hub->workers[i]);
	}
}
