/* Timers of a loop: a binary heap ordered by deadline, O(log n) to set, move and stop.
 * Each timer knows its slot, so nothing is searched and nothing but the heap's array is allocated.
 */
#include "timer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAP = 64 };

static void
place(struct timers *timers, struct net_timer *timer, size_t slot)
{
	timers->slot[slot] = timer;
	timer->slot = slot;
}

static void
move_up(struct timers *timers, struct net_timer *timer, size_t slot)
{
	while (slot > 1 && timers->slot[slot / 2]->at_ms > timer->at_ms) {
		place(timers, timers->slot[slot / 2], slot);
		slot /= 2;
	}
	place(timers, timer, slot);
}

static void
move_down(struct timers *timers, struct net_timer *timer, size_t slot)
{
	for (size_t child; (child = slot * 2) <= timers->count; slot = child) {
		if (child < timers->count &&
		        timers->slot[child + 1]->at_ms < timers->slot[child]->at_ms)
			child++;
		if (timers->slot[child]->at_ms >= timer->at_ms)
			break;
		place(timers, timers->slot[child], slot);
	}
	place(timers, timer, slot);
}

static void
settle(struct timers *timers, struct net_timer *timer, size_t slot)
{
	if (slot > 1 && timers->slot[slot / 2]->at_ms > timer->at_ms)
		move_up(timers, timer, slot);
	else
		move_down(timers, timer, slot);
}

static void
make_room(struct timers *timers)
{
	size_t cap = timers->cap == 0 ? FIRST_CAP : timers->cap * 2;
	struct net_timer **slot;

	if (timers->count + 1 < timers->cap)
		return;
	slot = rh_alloc(cap * sizeof(*slot));
	if (timers->cap > 0)
		memcpy(slot, timers->slot, timers->cap * sizeof(*slot));
	free(timers->slot);
	timers->slot = slot;
	timers->cap = cap;
}

void
timers_set(struct timers *timers, struct net_timer *timer, int64_t at_ms)
{
	timer->at_ms = at_ms;
	if (timer->slot == 0) {
		make_room(timers);
		timer->slot = ++timers->count;
		timers->slot[timer->slot] = timer;
	}
	assert(timers->slot[timer->slot] == timer);
	settle(timers, timer, timer->slot);
}

void
timers_stop(struct timers *timers, struct net_timer *timer)
{
	size_t slot = timer->slot;
	struct net_timer *last;

	if (slot == 0)
		return;
	assert(slot <= timers->count && timers->slot[slot] == timer);
	timer->slot = 0;
	last = timers->slot[timers->count--];
	if (last != timer)
		settle(timers, last, slot);
}

bool
timers_fire(struct timers *timers, int64_t now_ms)
{
	size_t most = timers->count, fired = 0;

	for (; fired < most && timers->count > 0; fired++) {
		struct net_timer *timer = timers->slot[1];

		if (timer->at_ms > now_ms)
			break;
		timers_stop(timers, timer);
		timer->fire(timer);
	}
	return fired > 0;
}

int64_t
timers_wait_ms(const struct timers *timers, int64_t now_ms)
{
	if (timers->count == 0)
		return -1;
	if (timers->slot[1]->at_ms <= now_ms)
		return 0;
	return timers->slot[1]->at_ms - now_ms;
}

void
timers_free(struct timers *timers)
{
	free(timers->slot);
	*timers = (struct timers){ 0 };
}
