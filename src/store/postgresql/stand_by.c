/* stand_by: who stands by waits for the lock of hold.c, and for the lease of who leads (lease.c).
 */
#include "parts.h"

#include <stdio.h>
#include <stdlib.h>

enum { MISSED_MS = 1500, PATIENCE_MS = 2000, LOOK_MS = 200 };

/* How long ago who leads was seen, -1: nobody does. A schema of before the leases has no such
 * function: then whoever leads has the lock, and no more is known. */
static int64_t
show_up(struct pg_hold *hold)
{
	struct pg_result *row;
	char sql[64], text[32] = "-1";

	(void)snprintf(sql, sizeof(sql), "SELECT hub_stands_by(%d)", PG_LEASE_MS);
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
stand_by(struct pg_hold *hold, const struct store_waiting *waiting, struct fault *fault)
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
