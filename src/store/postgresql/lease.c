/* lease: several processes may be there for one database, and one of them leads.
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
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { LEASE_MS = 4000, RENEW_MS = 500, MISSED_MS = 1500, PATIENCE_MS = 2000, LOOK_MS = 200 };

struct pg_lease {
	const char *url, *about;
	_Atomic int64_t until_ms; /* rh_boot_ms() */
	_Atomic bool taken;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stopping; /* under the lock, as this alone is told from outside */
	struct pg *pg; /* the thread's; NULL: not open */
	bool late;     /* it was said once */
};

/* ---- who leads ---- */

static bool
begin_in_time(struct pg_lease *lease)
{
	struct fault fault = { 0 };

	if (lease->pg != NULL)
		return true;
	lease->pg = pg_open(lease->url, PG_LOOK, &fault);
	if (lease->pg == NULL)
		return false;
	/* a standby that is away takes nobody's lease; what a lease guards is committed elsewhere
	 */
	return hold_introduce(lease->pg, lease->about) &&
	       pg_do(lease->pg, "SET synchronous_commit = local");
}

static void
renew(struct pg_lease *lease)
{
	int64_t before_ms = rh_boot_ms();

	if (begin_in_time(lease) && pg_do_in_time(lease->pg, "SELECT hub_renews()", PATIENCE_MS)) {
		atomic_store(&lease->until_ms, before_ms + LEASE_MS);
		if (lease->late)
			LOG(LOG_INFO, "lease", KV("state", "renewed"));
		lease->late = false;
		return;
	}
	if (lease->pg != NULL && pg_error_is(lease->pg, "RH002")) {
		atomic_store(&lease->until_ms, 0);
		atomic_store(&lease->taken, true);
	}
	if (!lease->late)
		LOG(LOG_WARNING, "lease", KV("state", "not renewed"),
		        KV("why", lease->pg != NULL ? pg_why(lease->pg) : "the database is away"));
	lease->late = true;
	pg_close(lease->pg);
	lease->pg = NULL;
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
	atomic_init(&lease->until_ms, hold->led_ms + LEASE_MS);
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

/* ---- who stands by ---- */

/* How long ago who leads was seen, -1: nobody does. A schema of before the leases has no such
 * function: then whoever leads has the lock, and no more is known. */
static int64_t
show_up(struct pg_hold *hold)
{
	struct pg_result *row;
	char sql[64], text[32] = "-1";

	(void)snprintf(sql, sizeof(sql), "SELECT hub_stands_by(%d)", LEASE_MS);
	row = pg_exec_in_time(hold->pg, sql, PATIENCE_MS);
	if (row == NULL && pg_lost(hold->pg))
		hold_lose(hold, pg_why(hold->pg));
	if (row != NULL && pg_rows(row) > 0)
		pg_chars(row, 0, 0, text, sizeof(text));
	pg_result_free(row);
	return strtoll(text, NULL, 10);
}

struct standing {
	struct pg_hold *hold;
	bool away;
	int64_t patient_until_ms; /* who leads has lost its connection, too, and comes back first */
};

/* A lock that is free may be that of a hub whose connection was cut: it is left until some renewals
 * did not come. */
static bool
takes_over(struct standing *standing)
{
	struct pg_hold *hold = standing->hold;
	int64_t seen_ms;

	if (hold->pg == NULL) {
		standing->patient_until_ms = rh_mono_ms() + MISSED_MS;
		if (!hold_reach(hold))
			return false;
	}
	seen_ms = show_up(hold);
	return hold->pg != NULL && (seen_ms < 0 || seen_ms > MISSED_MS) &&
	       rh_mono_ms() >= standing->patient_until_ms && hold_try(hold);
}

static void
tell(struct standing *standing)
{
	bool away = standing->hold->pg == NULL;

	if (away == standing->away)
		return;
	standing->away = away;
	LOG(LOG_WARNING, "stands_by", KV("database", away ? "away" : "there again"),
	        KV("why", away ? standing->hold->why : NULL));
}

enum rh_err
lease_stand_by(struct pg_hold *hold, const struct store_waiting *waiting, struct fault *fault)
{
	struct standing standing = { .hold = hold };

	while (!takes_over(&standing)) {
		tell(&standing);
		if (waiting->wait(waiting->ctx, LOOK_MS))
			continue;
		if (hold->pg != NULL)
			(void)pg_do_in_time(hold->pg, "SELECT hub_leaves()", PATIENCE_MS);
		return fault_set(fault, RH_BUSY, "store.standby", "it stopped standing by");
	}
	return RH_OK;
}
