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

/* Two platforms at once are everybody: looking in vain costs little. */
static void
want_parked(struct worker *worker, int64_t platform)
{
	int64_t wanted = PARKED_NOBODY;

	if (!atomic_compare_exchange_strong(&worker->parked_wanted, &wanted, platform) &&
	        wanted != platform)
		atomic_store(&worker->parked_wanted, PARKED_ANYBODY);
	wake(worker);
}

void
news_parked(struct hub *hub, int64_t platform)
{
	if (platform != PARKED_ANYBODY) {
		want_parked(&hub->workers[platform % hub->worker_count], platform);
		return;
	}
	for (int i = 0; i < hub->worker_count; i++)
		want_parked(&hub->workers[i], PARKED_ANYBODY);
}
