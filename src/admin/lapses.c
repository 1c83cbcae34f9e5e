/* lapses: what the hub could not do lately. The store's probing row is easier to write than a share
 * is: a disk may be full for the one and not for the other. So `check` goes by what was refused in
 * fact too, from counts that stand still as long as all is well. */
#include "inside.h"

enum { LATELY_MS = 300000, LOOK_MS = 5000 };

/* A failed backup is counted by the store first and left out of the count a moment later. */
static void
take_back(struct lapse *lapse, uint64_t less)
{
	lapse->count -= less < lapse->count ? less : lapse->count;
	lapse->seen -= less;
}

void
lapse_look(struct lapse *lapse, uint64_t count, int64_t now_ms)
{
	if (count < lapse->seen)
		take_back(lapse, lapse->seen - count);
	if (count == lapse->seen)
		return;
	if (!lapse_lately(lapse, now_ms))
		lapse->count = 0;
	lapse->count += count - lapse->seen;
	lapse->seen = count;
	lapse->last_ms = now_ms;
}

bool
lapse_lately(const struct lapse *lapse, int64_t now_ms)
{
	return lapse->count > 0 && now_ms - lapse->last_ms < LATELY_MS;
}

void
lapses_look(struct admin *admin)
{
	struct lapses *lapses = &admin->lapses;
	int64_t now_ms = rh_mono_ms();
	struct store_stats store;
	struct hub_counts hub;

	hub_count(admin->hub, &hub);
	store_stats(hub_store(admin->hub), &store);
	lapse_look(&lapses->operations, store.failures - admin->failed_backups, now_ms);
	lapse_look(&lapses->unstored, hub.by_error[RH_STORE_FAILED], now_ms);
	lapse_look(&lapses->no_room, hub.by_error[RH_BUSY], now_ms);
	lapse_look(&lapses->unkept, hub.total[COUNT_UNKEPT], now_ms);
	trouble_tick(&admin->trouble, &store, store.failures - admin->failed_backups, now_ms);
}

static void
on_time(struct net_timer *timer)
{
	struct admin *admin = container_of(timer, struct admin, lapses.timer);

	lapses_look(admin);
	refusals_tick(admin->refusals, rh_mono_ms());
	net_timer_set(hub_loop(admin->hub), timer, rh_mono_ms() + LOOK_MS);
}

void
lapses_start(struct admin *admin)
{
	struct store_stats store;

	store_stats(hub_store(admin->hub), &store);
	trouble_open(&admin->trouble, admin, store.failures);
	admin->lapses.timer.fire = on_time;
	on_time(&admin->lapses.timer);
}

void
lapses_stop(struct admin *admin)
{
	net_timer_stop(hub_loop(admin->hub), &admin->lapses.timer);
}
