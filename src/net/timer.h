/* The timers of one loop: a binary heap of embedded timers, private to loop.c and timer.c.
 * Slot 0 is unused, so that a zeroed timer is a stopped one. */
#pragma once

#include "roamhub/net.h"

struct timers {
	struct net_timer **slot; /* slot[1] is due first */
	size_t count, cap;
};

void timers_set(struct timers *timers, struct net_timer *timer, int64_t at_ms);
void timers_stop(struct timers *timers, struct net_timer *timer);
/** Fire what is due at @now_ms, at most as many as run now: a timer that sets itself again cannot
 * hold the loop. */
bool timers_fire(struct timers *timers, int64_t now_ms);
/** Milliseconds until the first timer is due, 0 when one is, -1 when none runs. */
int64_t timers_wait_ms(const struct timers *timers, int64_t now_ms);
void timers_free(struct timers *timers);
