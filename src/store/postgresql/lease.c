/* lease: several processes may be there for one database, and one of them leads. Is the database
 * there? Who renews a lease hears it.
 *
 * Who leads has the lock of hold.c, and beside it a lease, which a thread of its own renews on a
 * connection of its own. Who stands by waits for the lock. A process that hangs keeps its lock:
 * when it was not seen for as long as a lease is, by the server's clock, its session is ended. It
 * knows by its own clock that its lease has ended, and earlier: counted from before the renewal was
 * sent, by a clock that goes on while the machine sleeps. Until then nobody else pushes, and from
 * then on it does not. What it still writes is refused, as the session was raised (hold.c). */
#include "parts.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

enum { RENEW_MS = 250, TOLD_MS = 2000, PATIENCE_MS = 2000 };

struct pg_lease {
	const char *url, *about;
	_Atomic int64_t until_ms; /* rh_boot_ms() */
	_Atomic int64_t heard_ms; /* rh_mono_ms(): when it was asked what it answered */
	_Atomic bool taken;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stopping; /* under the lock, as this alone is told from outside */
	struct pg *pg; /* the thread's; NULL: not open */
	bool told;     /* that nothing is heard */
};

static bool
reach(struct pg_lease *lease)
{
	struct fault fault = { 0 };

	if (lease->pg != NULL)
		return true;
	lease->pg = pg_open(lease->url, PG_PULSE, &fault);
	/* a standby that is away takes nobody's lease; what a lease guards is committed elsewhere
	 */
	return lease->pg != NULL && hold_introduce(lease->pg, lease->about) &&
	       pg_do(lease->pg, "SET synchronous_commit = local");
}

static void
tell(struct pg_lease *lease)
{
	int64_t unheard_ms = lease_unheard_ms(lease);
	bool away = unheard_ms >= TOLD_MS;

	if (away && !lease->told)
		LOG(LOG_ERROR, "database_silent", KVN("ms", unheard_ms));
	else if (!away && lease->told)
		LOG(LOG_INFO, "database_heard", KV("what", "it answers again"));
	lease->told = away;
}

/* What was answered tells how it was when it was asked, so the time of the question counts. */
static void
renew(struct pg_lease *lease)
{
	bool reached = reach(lease);
	int64_t boot_ms = rh_boot_ms(), mono_ms = rh_mono_ms();

	if (reached && pg_do_in_time(lease->pg, "SELECT hub_renews()", PATIENCE_MS)) {
		atomic_store(&lease->until_ms, boot_ms + PG_LEASE_MS);
		atomic_store(&lease->heard_ms, mono_ms);
	} else {
		if (lease->pg != NULL && pg_error_is(lease->pg, "RH002")) {
			atomic_store(&lease->until_ms, 0);
			atomic_store(&lease->taken, true);
		}
		pg_close(lease->pg);
		lease->pg = NULL;
	}
	tell(lease);
}

/* False: it stops. */
static bool
pause_until(struct pg_lease *lease, int64_t until_ms)
{
	struct timespec until = { until_ms / 1000, until_ms % 1000 * 1000000 };
	bool goes_on;

	pthread_mutex_lock(&lease->lock);
	while (!lease->stopping && rh_mono_ms() < until_ms)
		(void)pthread_cond_timedwait(&lease->wake, &lease->lock, &until);
	goes_on = !lease->stopping;
	pthread_mutex_unlock(&lease->lock);
	return goes_on;
}

static void *
lease_main(void *arg)
{
	struct pg_lease *lease = arg;
	int64_t at_ms;
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, NULL);
	pthread_setname_np(pthread_self(), "store-lease");
	do {
		at_ms = rh_mono_ms() + RENEW_MS;
		renew(lease);
	} while (!atomic_load(&lease->taken) && pause_until(lease, at_ms));
	if (lease->pg != NULL)
		(void)pg_do_in_time(lease->pg, "SELECT hub_leaves()", PATIENCE_MS);
	pg_close(lease->pg);
	lease->pg = NULL;
	return NULL;
}

struct pg_lease *
lease_start(struct pg_hold *hold, struct fault *fault)
{
	struct pg_lease *lease = rh_alloc(sizeof(*lease));
	pthread_condattr_t attr;

	lease->url = hold->url;
	lease->about = hold->about;
	atomic_init(&lease->until_ms, hold->led_ms + PG_LEASE_MS);
	atomic_init(&lease->heard_ms, rh_mono_ms());
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&lease->wake, &attr);
	pthread_condattr_destroy(&attr);
	pthread_mutex_init(&lease->lock, NULL);
	if (pthread_create(&lease->thread, NULL, lease_main, lease) == 0)
		return lease;
	fault_set(fault, RH_SYSTEM, "", "the thread of the lease could not be made");
	pthread_cond_destroy(&lease->wake);
	pthread_mutex_destroy(&lease->lock);
	free(lease);
	return NULL;
}

struct store_lease
lease_now(const struct pg_lease *lease)
{
	return (struct store_lease){ .left_ms = atomic_load(&lease->until_ms) - rh_boot_ms(),
		.taken = atomic_load(&lease->taken) };
}

int64_t
lease_unheard_ms(const struct pg_lease *lease)
{
	return rh_mono_ms() - atomic_load(&lease->heard_ms);
}

void
lease_stop(struct pg_lease *lease)
{
	if (lease == NULL)
		return;
	pthread_mutex_lock(&lease->lock);
	lease->stopping = true;
	pthread_cond_signal(&lease->wake);
	pthread_mutex_unlock(&lease->lock);
	pthread_join(lease->thread, NULL);
	pthread_cond_destroy(&lease->wake);
	pthread_mutex_destroy(&lease->lock);
	free(lease);
}
