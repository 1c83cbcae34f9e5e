/* news: a change is committed; who reads the feed is woken. */
#include "news.h"

void
news_ring(struct hub *hub)
{
	for (int i = 0; i < hub->worker_count; i++) {
		struct worker *worker = &hub->workers[i];

		if (atomic_exchange(&worker->news_wanted, true))
			continue; /* on its way already */
		mailbox_post(net_loop_mailbox(worker->loop), &worker->news_mail);
	}
}

void
news_committed(struct hub *hub, int64_t change)
{
	int64_t head = atomic_load(&hub->head);

	while (head < change && !atomic_compare_exchange_weak(&hub->head, &head, change))
		;
	news_ring(hub);
}
