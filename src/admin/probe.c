/* probe: can the store commit? One committed row answers everybody who asks within a second, and a
 * disk that hangs is an answer too: nobody waits for it longer than LATE_MS. */
#include <stdio.h>
#include <string.h>

#include "inside.h"

enum { FRESH_MS = 1000, LATE_MS = 2000 };

static void
answer_waiting(struct probe *probe)
{
	while (!list_empty(&probe->waiting)) {
		struct inquiry *inquiry =
		        container_of(probe->waiting.next, struct inquiry, waiting);

		list_remove(&inquiry->waiting);
		if (inquiry_resume(inquiry))
			inquiry->ready(inquiry);
	}
}

static void
note(struct probe *probe, bool ok, const char *why)
{
	if (probe->ok != ok || probe->since_ms == 0)
		probe->since_ms = rh_wall_ms();
	probe->ok = ok;
	probe->ended_ms = rh_mono_ms();
	(void)snprintf(probe->why, sizeof probe->why, "%s", why);
	if (!ok)
		LOG(LOG_WARNING, "admin", KV("check", "store"), KV("why", why));
	answer_waiting(probe);
}

static void
on_late(struct net_timer *timer)
{
	struct probe *probe = container_of(timer, struct probe, late);

	probe->was_late = true;
	note(probe, false, "no commit within 2 s");
}

static void
on_probed(struct store_op *op)
{
	struct probe *probe = container_of(op, struct probe, op);
	char why[64];

	net_timer_stop(probe->loop, &probe->late);
	probe->running = probe->was_late = false;
	probe->took_us = rh_mono_us() - probe->began_us;
	(void)snprintf(why, sizeof why, "committed in %lld.%lld ms",
	        (long long)probe->took_us / 1000, (long long)probe->took_us / 100 % 10);
	note(probe, op->err == RH_OK, op->err == RH_OK ? why : op->why);
}

static void
start(struct admin *admin, struct probe *probe)
{
	probe->running = true;
	probe->began_us = rh_mono_us();
	probe->loop = hub_loop(admin->hub);
	probe->late.fire = on_late;
	net_timer_set(probe->loop, &probe->late, rh_mono_ms() + LATE_MS);
	probe->op = (struct store_op){ .verb = STORE_PROBE, .done = on_probed };
	store_submit(hub_session(admin->hub), &probe->op);
}

void
probe_ask(struct inquiry *inquiry, void (*ready)(struct inquiry *inquiry))
{
	struct probe *probe = &inquiry->admin->probe;
	bool fresh = probe->ended_ms != 0 && rh_mono_ms() - probe->ended_ms < FRESH_MS;

	if (fresh || probe->was_late) {
		ready(inquiry);
		return;
	}
	inquiry->ready = ready;
	inquiry_wait(inquiry);
	list_add_tail(&probe->waiting, &inquiry->waiting);
	if (!probe->running)
		start(inquiry->admin, probe);
}
