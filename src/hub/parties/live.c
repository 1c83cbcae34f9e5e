/* live: facts about one platform, noted by all threads in atomics. */
#include "live.h"

#include <stdlib.h>

void
live_seen(struct live *live)
{
	atomic_store_explicit(&live->seen_ms, rh_wall_coarse_ms(), memory_order_relaxed);
	if (atomic_load_explicit(&live->failures, memory_order_relaxed) != 0)
		atomic_store_explicit(&live->failures, 0, memory_order_relaxed);
	if (atomic_load_explicit(&live->state, memory_order_relaxed) == STATE_OFFLINE)
		atomic_store_explicit(&live->state, STATE_CONNECTED, memory_order_relaxed);
}

void
live_failed(struct live *live)
{
	atomic_fetch_add_explicit(&live->failures, 1, memory_order_relaxed);
	atomic_store_explicit(&live->probe_due, true, memory_order_relaxed);
}

struct live *
live_of(struct hub *hub, int64_t platform, enum store_state state)
{
	struct live *live = atomic_load(&hub->lives);

	for (; live != NULL; live = live->next)
		if (live->platform == platform)
			return live;
	live = rh_alloc(sizeof *live);
	live->platform = platform;
	atomic_init(&live->state, (int)state);
	atomic_init(&live->seen_ms, rh_wall_ms());
	live->touched_ms = rh_wall_ms();
	atomic_init(
	        &live->probe_due, state == STATE_OFFLINE); /* OFF-013: ask before declaring it */
	live->recorded = (int)state;
	live->next = atomic_load(&hub->lives);
	atomic_store(&hub->lives, live);
	return live;
}

void
live_free_all(struct hub *hub)
{
	struct live *live = atomic_load(&hub->lives);

	while (live != NULL) {
		struct live *next = live->next;

		free(live);
		live = next;
	}
}
