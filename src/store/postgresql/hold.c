/* hold: one process writes to a database, on one connection, or several do that know of one
 * another.
 *
 * An advisory lock of the connection's session says who that is; a second hub finds it taken and
 * does not start. Those that work together share it, each with a row of its own (join.c). When the
 * connection is lost the lock is too, and whatever it had under way may still be committed. So each
 * connection changes the session in the table process: that write waits for a transaction of before
 * that has got so far, and shuts out one that has not. What it reads back is the number of the last
 * batch that was committed. */
#include "parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	RETRY_MS = 500,
	PREDECESSOR_MS = 2000,
	OTHERS_MS = 10000, /* while they migrate it */
	OLD_ONE_MS = 5000,
	STEP_MS = 50,
	VERSION_LEAST = 150000,
};

#define TRY_LOCK   "SELECT pg_try_advisory_lock(1380472130, 2)"
#define TRY_SHARED "SELECT pg_try_advisory_lock_shared(1380472130, 2)"
#define HAVE_LOCK                                                          \
	"SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' " \
	"AND classid = 1380472130 AND objid = 2 AND pid = pg_backend_pid())"
/* A session waits for its client while it has what is waited for: nothing of the server ends that.
 */
#define UNBLOCK                                                                            \
	"SELECT a.pid::bigint, pg_terminate_backend(a.pid) FROM pg_stat_activity a WHERE " \
	"a.pid = ANY (pg_blocking_pids($1::bigint::int)) AND a.wait_event = 'ClientRead'"

/* ---- what is told at a start ---- */

static enum rh_err
refuse(struct pg_hold *hold, struct fault *fault, const char *why)
{
	(void)hold;
	return fault_set(fault, RH_STORE_FAILED, "store.url", "%s", why);
}

static enum rh_err
check_state(struct pg_hold *hold, const struct pg_result *state, struct fault *fault)
{
	if (pg_int(state, 0, 0) < VERSION_LEAST)
		return refuse(hold, fault, "the server is older than PostgreSQL 15");
	if (pg_bool(state, 0, 1))
		return refuse(hold, fault,
		        "the server is a standby (pg_is_in_recovery): name the primary, or add "
		        "target_session_attrs=primary");
	if (pg_bool(state, 0, 2))
		return refuse(
		        hold, fault, "default_transaction_read_only is on: nothing can be written");
	if (!pg_bool(state, 0, 3))
		return refuse(hold, fault,
		        "the database has another encoding than UTF8: make it with ENCODING "
		        "'UTF8'");
	if (!pg_bool(state, 0, 4))
		LOG(LOG_WARNING, "database_at_risk",
		        KV("what", "fsync or full_page_writes is off: a crash of the server loses "
		                   "what was acknowledged"));
	if (!pg_bool(state, 0, 5))
		LOG(LOG_WARNING, "database_at_risk",
		        KV("what", "data_checksums is off: damage is served as it is"));
	return RH_OK;
}

static enum rh_err
check_server(struct pg_hold *hold, struct fault *fault)
{
	static const char asked[] =
	        "SELECT current_setting('server_version_num')::bigint, pg_is_in_recovery(), "
	        "current_setting('default_transaction_read_only')::boolean, "
	        "current_setting('server_encoding') = 'UTF8', "
	        "current_setting('fsync')::boolean AND "
	        "current_setting('full_page_writes')::boolean, "
	        "current_setting('data_checksums')::boolean, (SELECT (extract(epoch FROM "
	        "backend_start) * 1000000)::bigint FROM pg_stat_activity WHERE pid = "
	        "pg_backend_pid())";
	struct pg_result *state = pg_ask(hold->pg, asked, NULL);
	enum rh_err err;

	if (state == NULL)
		return refuse(hold, fault, pg_why(hold->pg));
	err = check_state(hold, state, fault);
	hold->server_began_us = err == RH_OK ? pg_int(state, 0, 6) : 0;
	pg_result_free(state);
	return err;
}

bool
hold_introduce(struct pg *pg, const char *about)
{
	struct pg_value value = P_BYTES(str_of(about));
	struct pg_result *set = pg_ask(pg, "SELECT set_config('roamhub.about', $1, false)", &value);

	pg_result_free(set);
	return set != NULL;
}

/* ---- the lock ---- */

static bool
says(struct pg *pg, const char *question, bool expected)
{
	struct pg_result *result = pg_ask(pg, question, NULL);
	bool as_expected = result != NULL && pg_bool(result, 0, 0) == expected;

	pg_result_free(result);
	return as_expected;
}

static bool
try_lock(struct pg_hold *hold)
{
	return says(hold->pg, hold->together ? TRY_SHARED : TRY_LOCK, true);
}

/* Which session has it. */
static void
note_locked(struct pg_hold *hold)
{
	hold->server_pid = pg_server_pid(hold->pg);
	hold->lock_began_us = hold->server_began_us;
}

static void
rest(int64_t ms)
{
	struct timespec pause = { ms / 1000, ms % 1000 * 1000000 };

	(void)nanosleep(&pause, NULL);
}

/* The server may not have noticed yet that the hub of before was killed, in the midst of a commit.
 */
static bool
lock_in_time(struct pg_hold *hold)
{
	int64_t until_ms = rh_mono_ms() + (hold->together ? OTHERS_MS : PREDECESSOR_MS);

	while (!try_lock(hold)) {
		if (rh_mono_ms() >= until_ms)
			return false;
		rest(STEP_MS);
	}
	return true;
}

/* A pooler may lend a session for a transaction only. Then the next one who begins has that with
 * our lock, or has left us another. */
static enum rh_err
check_session(struct pg_hold *hold, struct fault *fault)
{
	struct pg *other = pg_open(hold->url, PG_LOOK, fault);
	bool ours = other != NULL && pg_do(other, "BEGIN") && says(other, HAVE_LOCK, false) &&
	            says(hold->pg, HAVE_LOCK, true);

	if (other == NULL)
		return fault->err;
	pg_close(other);
	return ours ? RH_OK
	            : refuse(hold, fault,
	                      "the pooler before the database lends sessions for a transaction: "
	                      "locks and prepared statements need pool_mode = session");
}

enum rh_err
hold_refuse(struct pg_hold *hold, struct fault *fault)
{
	static const char asked[] =
	        "SELECT a.pid::bigint, coalesce(host(a.client_addr), 'this machine') FROM pg_locks "
	        "l "
	        "JOIN pg_stat_activity a USING (pid) WHERE l.locktype = 'advisory' "
	        "AND l.classid = 1380472130 AND l.objid = 2 "
	        "AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())";
	struct pg_result *holder = pg_ask(hold->pg, asked, NULL);
	char address[64] = "(unknown)";
	int64_t pid = 0;

	if (holder != NULL && pg_rows(holder) > 0) {
		pid = pg_int(holder, 0, 0);
		pg_chars(holder, 0, 1, address, sizeof(address));
	}
	pg_result_free(holder);
	return fault_set(fault, RH_STORE_FAILED, "store.url",
	        "the database is in use by another hub, from %s (server process %lld): processes "
	        "share one database when store.together is set for each of them, and only then",
	        address, (long long)pid);
}

/* ---- an answer that does not come ---- */

static void
note_freed(const struct pg_result *ended)
{
	for (int i = 0; ended != NULL && i < pg_rows(ended); i++)
		LOG(LOG_WARNING, "lock_freed", KVN("server_process", pg_int(ended, i, 0)),
		        KV("what", "it kept the hub waiting while its own client slept"));
}

/* Either somebody has what we wait for, or the server is silent to everybody. */
static bool
free_lock(void *ctx)
{
	struct pg_hold *hold = ctx;
	struct pg_value mine = P_INT(pg_server_pid(hold->pg));
	struct fault fault = { 0 };
	struct pg_result *ended;
	struct pg *pg;

	if (!pg_answers(hold->url))
		return false;
	pg = pg_open(hold->url, PG_LOOK, &fault);
	if (pg == NULL)
		return true;
	ended = pg_ask(pg, UNBLOCK, &mine);
	note_freed(ended);
	pg_result_free(ended);
	pg_close(pg);
	return true;
}

static bool
open_pg(struct pg_hold *hold, struct fault *fault)
{
	hold->pg = pg_open(hold->url, PG_WRITER, fault);
	if (hold->pg != NULL)
		pg_when_slow(hold->pg, free_lock, hold);
	return hold->pg != NULL;
}

static void
name_it(struct pg_hold *hold)
{
	uint64_t random;

	rh_random(&random, sizeof(random));
	(void)snprintf(hold->name, sizeof(hold->name), hold->together ? "hub-%016llx" : "hub",
	        (unsigned long long)random);
}

enum rh_err
hold_open(struct pg_hold *hold, const char *url, struct fault *fault)
{
	enum rh_err err;

	hold->url = url;
	name_it(hold);
	hold->arena = arena_new(1024);
	if (!open_pg(hold, fault))
		return fault->err;
	err = check_server(hold, fault);
	note_locked(hold);
	if (err == RH_OK && !hold_introduce(hold->pg, hold->about))
		err = refuse(hold, fault, pg_why(hold->pg));
	if (err != RH_OK)
		return err;
	hold->led = !(hold->stands_by ? try_lock(hold) : lock_in_time(hold));
	if (!hold->led)
		return check_session(hold, fault);
	return hold->stands_by ? RH_OK : hold_refuse(hold, fault);
}

bool
hold_share(struct pg_hold *hold)
{
	if (!try_lock(hold))
		return false;
	note_locked(hold);
	return true;
}

bool
hold_try(struct pg_hold *hold)
{
	if (!hold_share(hold))
		return false;
	hold->led = false;
	return true;
}

bool
hold_reach(struct pg_hold *hold)
{
	struct fault fault = { 0 };

	if (open_pg(hold, &fault) && check_server(hold, &fault) == RH_OK &&
	        hold_introduce(hold->pg, hold->about))
		return true;
	hold_lose(hold, fault.why);
	return false;
}

void
hold_close(struct pg_hold *hold)
{
	pg_close(hold->pg);
	arena_free(hold->arena);
}

/* ---- the session ---- */

/* It is chosen once, until one is accepted: when its answer is lost it may be the one that is
 * there.
 */
static int64_t
session_to_try(struct pg_hold *hold)
{
	uint64_t random;

	if (hold->trying)
		return hold->tried;
	rh_random(&random, sizeof(random));
	hold->tried = (int64_t)(random >> 1);
	hold->trying = true;
	return hold->tried;
}

static bool
raise_session(struct pg_hold *hold, int64_t *before)
{
	static const char raise[] =
	        "WITH o AS (SELECT session FROM process WHERE name = '%s' FOR UPDATE) "
	        "UPDATE process p SET session = $1 FROM o WHERE p.name = '%s' "
	        "RETURNING o.session, p.batch, p.first, p.missed";
	struct pg_value session = P_INT(session_to_try(hold));
	struct pg_result *row;
	char sql[sizeof(raise) + 2 * sizeof(hold->name)];

	(void)snprintf(sql, sizeof(sql), raise, hold->name, hold->name);
	row = pg_ask(hold->pg, sql, &session);
	hold->put_out = hold->together && row != NULL && pg_rows(row) == 0;
	/* A warning: the wait for the standby was cancelled, and it may lack this. */
	if (row == NULL || pg_rows(row) == 0 || pg_warned(hold->pg)) {
		pg_result_free(row);
		return false;
	}
	arena_reset(hold->arena);
	*before = pg_int(row, 0, 0);
	hold->batch = pg_int(row, 0, 1);
	hold->first = pg_int(row, 0, 2);
	hold->missed = pg_ints(row, 0, 3, hold->arena, &hold->missed_count);
	pg_result_free(row);
	return true;
}

/* Of a process that works beside others (migration "together"). */
static bool
call(struct pg_hold *hold, const char *function)
{
	char sql[64];

	(void)snprintf(sql, sizeof(sql), "SELECT %s('%s')", function, hold->name);
	return pg_do(hold->pg, sql);
}

static bool
enter(struct pg_hold *hold)
{
	return hold->together == NULL || (call(hold, "hub_enters") && call(hold, "hub_joins"));
}

static bool
lead(struct pg_hold *hold)
{
	hold->led_ms = rh_boot_ms();
	return hold->together ? call(hold, "hub_works") : pg_do(hold->pg, "SELECT hub_leads()");
}

static bool
accept_session(struct pg_hold *hold)
{
	hold->session = hold->tried;
	hold->trying = false;
	return pg_prepare(hold->pg, 0, PGS_WRITER_LAST);
}

enum rh_err
hold_begin(struct pg_hold *hold, struct fault *fault)
{
	int64_t before;

	if (enter(hold) && raise_session(hold, &before) && lead(hold) && accept_session(hold)) {
		hold->prepared = true;
		return RH_OK;
	}
	return fault_set(fault, RH_STORE_FAILED, "store.url", "%s", pg_why(hold->pg));
}

/* ---- again ---- */

void
hold_lose(struct pg_hold *hold, const char *why)
{
	snprintf(hold->why, sizeof(hold->why), "the database is away: %.360s", why);
	pg_close(hold->pg);
	hold->pg = NULL;
}

/* What was lost may be there still, waiting for a network that is cut. It is our own: another
 * session that has its number since began at another time. */
static bool
end_old_one(struct pg_hold *hold)
{
	int64_t until_ms = rh_mono_ms() + OLD_ONE_MS;
	char sql[320];

	if (!hold->together && try_lock(hold))
		return true;
	snprintf(sql, sizeof(sql),
	        "SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_stat_activity a USING "
	        "(pid) WHERE l.pid = %d AND l.locktype = 'advisory' AND l.classid = 1380472130 AND "
	        "l.objid = 2 AND (extract(epoch FROM a.backend_start) * 1000000)::bigint = %lld",
	        hold->server_pid, (long long)hold->lock_began_us);
	while (rh_mono_ms() < until_ms && pg_do(hold->pg, sql)) {
		if (try_lock(hold))
			return true;
		rest(STEP_MS);
	}
	return false;
}

static enum outcome
still_away(struct pg_hold *hold, const char *why)
{
	hold_lose(hold, why);
	hold->retry_at_ms = rh_mono_ms() + RETRY_MS;
	return OUTCOME_LOST;
}

static enum outcome
take_hold(struct pg_hold *hold)
{
	struct fault fault = { 0 };
	int64_t known = hold->batch, before;
	bool mine;

	if (check_server(hold, &fault) != RH_OK)
		return still_away(hold, fault.why);
	if (!end_old_one(hold))
		return still_away(hold, "another hub, or an old connection, has it");
	note_locked(hold);                        /* whatever becomes of it */
	if (check_session(hold, &fault) != RH_OK) /* a pooler may have been told otherwise since */
		return still_away(hold, fault.why);
	if (!raise_session(hold, &before) && !hold->put_out)
		return still_away(hold, pg_why(hold->pg));
	if (hold->put_out) {
		hold_lose(hold, "another process put this one out");
		return OUTCOME_FAILED;
	}
	mine = before == hold->session || before == hold->tried;
	if (mine && hold->batch >= known)
		return hold_introduce(hold->pg, hold->about) && lead(hold) && accept_session(hold)
		               ? OUTCOME_OK
		               : still_away(hold, pg_why(hold->pg));
	hold_lose(hold, hold->batch < known
	                        ? "it lacks what was acknowledged: an older copy of the database"
	                        : "another hub took it over");
	return hold->batch < known ? OUTCOME_OLDER : OUTCOME_FAILED;
}

enum outcome
hold_again(struct pg_hold *hold)
{
	struct fault fault = { 0 };
	enum outcome outcome;

	if (hold->pg != NULL)
		return OUTCOME_OK;
	if (rh_mono_ms() < hold->retry_at_ms)
		return OUTCOME_LOST;
	if (!open_pg(hold, &fault))
		return still_away(hold, fault.why);
	outcome = take_hold(hold);
	if (outcome == OUTCOME_OK)
		LOG(LOG_INFO, "database_back", KVN("batch", hold->batch));
	return outcome;
}
