/* join: how a process comes to those who work on a database. It is migrated while nobody else does.
 *
 * Until now it has the lock of hold.c with the others, and has changed nothing. To migrate it needs
 * that lock alone, and gives its part back to try: of two that begin at once one has it all, and
 * the other waits for that. Who works on a schema of before does so until it is stopped. */
#include "parts.h"

#include "../migrate.h"

#include <time.h>

enum { ALONE_MS = 10000, STEP_MS = 50 };

static void
rest(void)
{
	struct timespec pause = { .tv_nsec = STEP_MS * 1000000 };

	(void)nanosleep(&pause, NULL);
}

static bool
is_alone(struct pg *pg)
{
	struct pg_result *row = pg_ask(pg, "SELECT pg_try_advisory_lock(1380472130, 2)", NULL);
	bool alone = row != NULL && pg_bool(row, 0, 0);

	pg_result_free(row);
	return alone;
}

static enum rh_err
migrate_alone(struct pg_hold *hold, const struct migration *list, size_t count, struct str key_mark,
        struct fault *fault)
{
	if (schema_migrate(hold->pg, list, count, fault) != RH_OK ||
	        schema_keep_mark(hold->pg, key_mark, fault) != RH_OK)
		return fault->err;
	return hold_share(hold) && pg_do(hold->pg, "SELECT pg_advisory_unlock(1380472130, 2)")
	               ? RH_OK
	               : hold_refuse(hold, fault);
}

static enum rh_err
refuse_pending(size_t pending, struct fault *fault)
{
	return fault_set(fault, RH_STORE_FAILED, "store.url",
	        "other hubs of the version before work on the database, and %zu migrations are "
	        "due: stop all of those hubs first",
	        pending);
}

/* Who was first made tokens, maybe, with a key that was looked at before there was one. */
static enum rh_err
check_mark(struct pg_hold *hold, struct str key_mark, struct fault *fault)
{
	struct pg_value key = P_BYTES(STR(PG_KEY_MARK));
	struct pg_result *row = pg_ask(hold->pg, "SELECT value FROM meta WHERE key = $1", &key);
	bool same = row != NULL && (key_mark.p == NULL || pg_rows(row) == 0 ||
	                                   str_eq(pg_peek(row, 0, 0), key_mark));

	pg_result_free(row);
	if (row == NULL)
		return fault_set(fault, RH_STORE_FAILED, "store.url", "%s", pg_why(hold->pg));
	return same ? RH_OK
	            : fault_set(fault, RH_STORE_FAILED, "store.url",
	                      "another hub has just begun on the database with another key: those "
	                      "that work together have the same one");
}

/* Who migrated it has the lock alone for a moment more. */
static enum rh_err
come_in(struct pg_hold *hold, int64_t until_ms, struct str key_mark, struct fault *fault)
{
	while (!hold_share(hold)) {
		if (rh_mono_ms() >= until_ms || pg_lost(hold->pg))
			return hold_refuse(hold, fault);
		rest();
	}
	return check_mark(hold, key_mark, fault);
}

enum rh_err
join_migrate(struct pg_hold *hold, const struct migration *list, size_t count, struct str key_mark,
        struct fault *fault)
{
	int64_t until_ms = rh_mono_ms() + ALONE_MS;
	size_t applied;

	if (schema_look(hold->pg, list, count, &applied, fault) != RH_OK || applied == count)
		return fault->err;
	if (!pg_do(hold->pg, "SELECT pg_advisory_unlock_shared(1380472130, 2)"))
		return fault_set(fault, RH_STORE_FAILED, "store.url", "%s", pg_why(hold->pg));
	while (!is_alone(hold->pg)) {
		if (schema_look(hold->pg, list, count, &applied, fault) != RH_OK)
			return fault->err;
		if (applied == count)
			return come_in(hold, rh_mono_ms() + ALONE_MS, key_mark, fault);
		if (rh_mono_ms() >= until_ms)
			return refuse_pending(count - applied, fault);
		rest();
	}
	return migrate_alone(hold, list, count, key_mark, fault);
}
