/* lease: several processes may be there for one database, and one of them leads. Is the database
 * there? Who renews a lease hears it.
 *
 * Who leads has the lock of hold.c, and beside it a lease, which a thread of its own renews on a
 * connection of its own. Who stands by waits for the lock. A process that hangs keeps its lock:
 * when it was not seen for as long as a lease is, by the server's clock, its session is ended. It
 * knows by its own clock that its lease has ended, and earlier: counted from before the renewal was
 * sent, by a clock that goes on while the machine sleeps. Until then nobody else pushes, and from
 * then on it does not. What it still writes is refused, as the session was raised (hold.c).
 *
 * Each of several processes that work together has such a lease, and with it some slots. Others put
 * it out (together.c). */
#include "parts.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { RENEW_MS = 250, TOLD_MS = 2000, PATIENCE_MS = 2000 };

struct pg_lease {
	const char *url, *about, *name;
	struct pg_together *together; /* NULL: it leads, and no others work beside it */
	_Atomic int64_t until_ms;     /* rh_boot_ms() */
	_Atomic int64_t heard_ms;     /* rh_mono_ms(): when it was asked what it answered */
	_Atomic bool taken, hangs;
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
	       pg_do(lease->pg, "SET synchronous_commit = local") &&
	       (lease->together == NULL || together_reach(lease->together, lease->pg));
}

static bool
say_that_it_lives(struct pg_lease *lease)
{
	return lease->together != NULL
	               ? together_renew(lease->together, lease->name, lease->pg)
	               : pg_do_in_time(lease->pg, "SELECT hub_renews()", PATIENCE_MS);
}

static void
drop(struct pg_lease *lease)
{
	pg_close(lease->pg);
	lease->pg = NULL;
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

	if (reached && say_that_it_lives(lease)) {
		atomic_store(&lease->until_ms, boot_ms + PG_LEASE_MS);
		atomic_store(&lease->heard_ms, mono_ms);
	} else {
		if (lease->pg != NULL && pg_error_is(lease->pg, "RH002")) {
			atomic_store(&lease->until_ms, 0);
			atomic_store(&lease->taken, true);
			if (lease->together != NULL)
				together_end(lease->together);
		}
		drop(lease);
	}
	tell(lease);
}

/* False: it stops. */
static bool
pause_alone(struct pg_lease *lease, int64_t until_ms)
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

static bool
goes_on(struct pg_lease *lease)
{
	bool stopping;

	pthread_mutex_lock(&lease->lock);
	stopping = lease->stopping;
	pthread_mutex_unlock(&lease->lock);
	return !stopping;
}

static bool
pause_until(struct pg_lease *lease, int64_t until_ms)
{
	if (lease->together == NULL || atomic_load(&lease->hangs))
		return pause_alone(lease, until_ms);
	if (!together_attend(lease->together, lease->pg, until_ms))
		drop(lease);
	return goes_on(lease);
}

static void
leave(struct pg_lease *lease)
{
	char sql[64] = "SELECT hub_leaves()";

	if (lease->together != NULL)
		(void)snprintf(sql, sizeof(sql), "SELECT hub_ends('%s')", lease->name);
	if (lease->pg != NULL)
		(void)pg_do_in_time(lease->pg, sql, PATIENCE_MS);
	drop(lease);
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
		if (!atomic_load(&lease->hangs))
			renew(lease);
	} while (!atomic_load(&lease->taken) && pause_until(lease, at_ms));
	leave(lease);
	return NULL;
}

static void
lease_free(struct pg_lease *lease)
{
	pg_close(lease->pg);
	pthread_cond_destroy(&lease->wake);
	pthread_mutex_destroy(&lease->lock);
	free(lease);
}

static struct pg_lease *
lease_new(struct pg_hold *hold)
{
	struct pg_lease *lease = rh_alloc(sizeof(*lease));
	pthread_condattr_t attr;

	lease->url = hold->url;
	lease->about = hold->about;
	lease->name = hold->name;
	lease->together = hold->together;
	atomic_init(&lease->until_ms, hold->led_ms + PG_LEASE_MS);
	atomic_init(&lease->heard_ms, rh_mono_ms());
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&lease->wake, &attr);
	pthread_condattr_destroy(&attr);
	pthread_mutex_init(&lease->lock, NULL);
	return lease;
}

/* Who works beside others is to know what it holds before it does anything. */
struct pg_lease *
lease_start(struct pg_hold *hold, struct fault *fault)
{
	struct pg_lease *lease = lease_new(hold);

	if (lease->together != NULL)
		renew(lease);
	if (lease->together != NULL && lease->pg == NULL)
		fault_set(fault, RH_STORE_FAILED, "store.url",
		        "its place among those who work on the database could not be taken");
	else if (pthread_create(&lease->thread, NULL, lease_main, lease) == 0)
		return lease;
	else
		fault_set(fault, RH_SYSTEM, "", "the thread of the lease could not be made");
	lease_free(lease);
	return NULL;
}

void
lease_hang(struct pg_lease *lease, bool hangs)
{
	atomic_store(&lease->hangs, hangs);
	if (lease->together != NULL)
		together_hurry(lease->together);
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
	if (lease->together != NULL)
		together_hurry(lease->together);
	pthread_join(lease->thread, NULL);
	lease_free(lease);
}
