/* pulse: can the store commit? One committed row answers everybody who asks within a second, and a
 * disk that hangs is an answer too: nobody waits for it longer than LATE_MS. */
#include <stdio.h>
#include <string.h>

#include "inside.h"

enum { FRESH_MS = 1000, LATE_MS = 2000 };

static void
answer_waiting(struct pulse *pulse)
{
	while (!list_empty(&pulse->waiting)) {
		struct inquiry *inquiry =
		        container_of(pulse->waiting.next, struct inquiry, waiting);

		list_remove(&inquiry->waiting);
		if (inquiry_resume(inquiry))
			inquiry->ready(inquiry);
	}
}

static void
note(struct pulse *pulse, bool ok, const char *why)
{
	if (pulse->ok != ok || pulse->since_ms == 0)
		pulse->since_ms = rh_wall_ms();
	pulse->ok = ok;
	pulse->ended_ms = rh_mono_ms();
	(void)snprintf(pulse->why, sizeof pulse->why, "%s", why);
	if (!ok)
		LOG(LOG_WARNING, "admin", KV("check", "store"), KV("why", why));
	answer_waiting(pulse);
}

static void
on_late(struct net_timer *timer)
{
	struct pulse *pulse = container_of(timer, struct pulse, late);

	pulse->was_late = true;
	note(pulse, false, "no commit within 2 s");
}

static void
on_committed(struct store_op *op)
{
	struct pulse *pulse = container_of(op, struct pulse, op);
	char why[64];

	net_timer_stop(pulse->loop, &pulse->late);
	pulse->running = pulse->was_late = false;
	pulse->took_us = rh_mono_us() - pulse->began_us;
	(void)snprintf(why, sizeof why, "committed in %lld.%lld ms",
	        (long long)pulse->took_us / 1000, (long long)pulse->took_us / 100 % 10);
	note(pulse, op->err == RH_OK, op->err == RH_OK ? why : op->why);
}

static void
start(struct admin *admin, struct pulse *pulse)
{
	pulse->running = true;
	pulse->began_us = rh_mono_us();
	pulse->loop = hub_loop(admin->hub);
	pulse->late.fire = on_late;
	net_timer_set(pulse->loop, &pulse->late, rh_mono_ms() + LATE_MS);
	pulse->op = (struct store_op){ .verb = STORE_PROBE, .done = on_committed };
	store_submit(hub_session(admin->hub), &pulse->op);
}

void
pulse_ask(struct inquiry *inquiry, void (*ready)(struct inquiry *inquiry))
{
	struct pulse *pulse = &inquiry->admin->pulse;
	bool fresh = pulse->ended_ms != 0 && rh_mono_ms() - pulse->ended_ms < FRESH_MS;

	if (fresh || pulse->was_late) {
		ready(inquiry);
		return;
	}
	inquiry->ready = ready;
	inquiry_wait(inquiry);
	list_add_tail(&pulse->waiting, &inquiry->waiting);
	if (!pulse->running)
		start(inquiry->admin, pulse);
}
