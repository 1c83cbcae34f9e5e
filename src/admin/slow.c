/* slow: who is wrong waits, so that nobody tries much. */
#include "session.h"

enum { SLOW_MS = 1000 };

struct slow {
	struct net_timer timer;
	struct inquiry *inquiry;
	void (*answer)(struct inquiry *inquiry);
};

static void
was_slow(struct net_timer *timer)
{
	struct slow *slow = container_of(timer, struct slow, timer);
	void (*answer)(struct inquiry * inquiry) = slow->answer;
	struct inquiry *inquiry = slow->inquiry; /* slow lies in its memory */

	if (inquiry_resume(inquiry))
		answer(inquiry);
}

void
slow_down(struct inquiry *inquiry, void (*answer)(struct inquiry *inquiry))
{
	struct slow *slow = arena_alloc(inquiry->arena, sizeof *slow);
	struct net_loop *loop = hub_loop(inquiry->admin->hub);

	slow->inquiry = inquiry;
	slow->answer = answer;
	slow->timer.fire = was_slow;
	inquiry_wait(inquiry);
	net_timer_set(loop, &slow->timer, net_loop_now(loop) + SLOW_MS);
}
