/* pg: the one door to libpq, and the keeper of its rules.
 *
 * Whether a transaction is committed is known when the answer to its Sync is there, and not before:
 * each call has its own answer, but they are undone together. A connection that is lost before that
 * leaves it open, and so does a WARNING, as a commit whose wait for the standby was cancelled says
 * that it is done.
 *
 * Whatever waits here waits with a bound: a server that says nothing for half a minute is lost. */
#include "pg.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONNECT_MS = 5000, SLOW_MS = 2000, PATIENCE_MS = 30000, SQLSTATE_BYTES = 6, NAME_BYTES = 8 };

struct pg {
	PGconn *conn;
	enum pg_kind kind;
	bool warned; /* since pg_run() began */
	char sqlstate[SQLSTATE_BYTES];
	char why[400];
};

/* Of a session, whatever the server's configuration says. Plans are made once and for no value; a
 * change that is acknowledged is on the disk. */
static const char session_settings[] =
        "SET search_path = roamhub; SET client_min_messages = warning; "
        "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET jit = off; "
        "SET statement_timeout = 0; SET lock_timeout = 0; SET idle_session_timeout = 0; "
        "SET idle_in_transaction_session_timeout = 0; "
        "SET default_transaction_isolation = 'read committed'; "
        "SELECT set_config('synchronous_commit', 'on', false) "
        "WHERE current_setting('synchronous_commit') IN ('off', 'local')";

/* ---- what went wrong ---- */

/* A message of libpq has lines. */
static void
note_why(struct pg *pg, const char *message)
{
	size_t len;

	snprintf(pg->why, sizeof(pg->why), "%s", message);
	len = strlen(pg->why);
	while (len > 0 && (pg->why[len - 1] == '\n' || pg->why[len - 1] == ' '))
		pg->why[--len] = '\0';
	for (char *c = pg->why; *c != '\0'; c++)
		if (*c == '\n' || *c == '\t')
			*c = ' ';
}

static void
note_error(struct pg *pg, const PGresult *result)
{
	const char *state = result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *primary =
	        result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	snprintf(pg->sqlstate, sizeof(pg->sqlstate), "%s", state == NULL ? "" : state);
	if (primary != NULL)
		snprintf(pg->why, sizeof(pg->why), "%s (%s)", primary, pg->sqlstate);
	else
		note_why(pg, PQerrorMessage(pg->conn));
}

static void
note_notice(void *ctx, const PGresult *result)
{
	const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
	const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	struct pg *pg = ctx;

	if (severity == NULL || strcmp(severity, "WARNING") != 0)
		return;
	pg->warned = true;
	LOG(LOG_WARNING, "database_warns", KV("what", message));
}

const char *
pg_why(const struct pg *pg)
{
	return pg->why;
}

bool
pg_error_is(const struct pg *pg, const char *sqlstate)
{
	return strcmp(pg->sqlstate, sqlstate) == 0;
}

bool
pg_lost(const struct pg *pg)
{
	return PQstatus(pg->conn) != CONNECTION_OK;
}

/* Of the transaction's own making. What the server is in no state to do is no row's fault. */
static bool
is_refusal(const struct pg *pg)
{
	static const char *const classes[] = { "0A", "21", "22", "23", "42", "54", "P0", "RH" };

	if (pg_error_is(pg, "42501")) /* insufficient_privilege */
		return false;
	for (size_t i = 0; i < COUNT(classes); i++)
		if (strncmp(pg->sqlstate, classes[i], 2) == 0)
			return true;
	return false;
}

/* ---- connecting ---- */

/* False: neither readable nor writable in time. */
static bool
wait_for(int fd, short events, int64_t until_ms)
{
	struct pollfd pollfd = { .fd = fd, .events = events };
	int64_t left_ms = until_ms - rh_mono_ms();
	int rc;

	do {
		rc = poll(&pollfd, 1, left_ms > 0 ? (int)left_ms : 0);
		left_ms = until_ms - rh_mono_ms();
	} while (rc < 0 && errno == EINTR && left_ms > 0);
	return rc > 0;
}

static bool
connect_in_time(struct pg *pg)
{
	int64_t until_ms = rh_mono_ms() + CONNECT_MS;
	PostgresPollingStatusType status = PGRES_POLLING_WRITING;

	if (PQstatus(pg->conn) == CONNECTION_BAD)
		return false;
	while (status != PGRES_POLLING_OK && status != PGRES_POLLING_FAILED) {
		short events = status == PGRES_POLLING_READING ? POLLIN : POLLOUT;

		if (!wait_for(PQsocket(pg->conn), events, until_ms)) {
			note_why(pg, "no answer while connecting");
			return false;
		}
		status = PQconnectPoll(pg->conn);
	}
	return status == PGRES_POLLING_OK;
}

/* What stands in the URL comes behind, and counts. */
static PGconn *
begin_connecting(const char *url)
{
	static const char *const names[] = { "application_name", "tcp_user_timeout",
		"keepalives_idle", "keepalives_interval", "keepalives_count", "client_encoding",
		"dbname", NULL };
	const char *values[] = { "roamhub", "10000", "5", "2", "3", "UTF8", url, NULL };

	return PQconnectStartParams(names, values, 1);
}

struct pg *
pg_open(const char *url, enum pg_kind kind, struct fault *fault)
{
	struct pg *pg = rh_alloc(sizeof(*pg));

	pg->kind = kind;
	pg->conn = begin_connecting(url);
	if (connect_in_time(pg)) {
		PQsetNoticeReceiver(pg->conn, note_notice, pg);
		if (pg_do(pg, session_settings))
			return pg;
	} else if (pg->why[0] == '\0') {
		note_why(pg, PQerrorMessage(pg->conn));
	}
	fault_set(fault, RH_STORE_FAILED, "store.url", "%s", pg->why);
	pg_close(pg);
	return NULL;
}

void
pg_close(struct pg *pg)
{
	if (pg == NULL)
		return;
	PQfinish(pg->conn);
	free(pg);
}

int
pg_fd(const struct pg *pg)
{
	return PQsocket(pg->conn);
}

int
pg_server_pid(const struct pg *pg)
{
	return PQbackendPID(pg->conn);
}

/* ---- one at a time ---- */

static struct pg_result *
good(struct pg *pg, PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_COPY_IN)
		return result;
	note_error(pg, result);
	PQclear(result);
	return NULL;
}

struct pg_result *
pg_exec(struct pg *pg, const char *sql)
{
	return good(pg, PQexec(pg->conn, sql));
}

bool
pg_begin(struct pg *pg, const char *sql)
{
	if (PQsendQuery(pg->conn, sql) == 1)
		return true;
	note_why(pg, PQerrorMessage(pg->conn));
	return false;
}

struct pg_result *
pg_finish(struct pg *pg)
{
	struct pg_result *last = NULL, *next;

	while ((next = PQgetResult(pg->conn)) != NULL) {
		PQclear(last);
		last = next;
	}
	return good(pg, last);
}

bool
pg_do(struct pg *pg, const char *sql)
{
	struct pg_result *result = pg_exec(pg, sql);

	pg_result_free(result);
	return result != NULL;
}

bool
pg_copy(struct pg *pg, const char *sql, struct str bytes)
{
	struct pg_result *result;
	bool sent;

	pg->sqlstate[0] = '\0';
	result = pg_exec(pg, sql);
	if (result == NULL)
		return false;
	PQclear(result);
	sent = PQputCopyData(pg->conn, bytes.p, (int)bytes.len) == 1 &&
	       PQputCopyEnd(pg->conn, NULL) == 1;
	result = good(pg, PQgetResult(pg->conn));
	PQclear(result);
	while ((result = PQgetResult(pg->conn)) != NULL)
		PQclear(result);
	return sent && pg->sqlstate[0] == '\0' && !pg_lost(pg);
}

/* ---- values ---- */

struct wire {
	const char *values[PG_VALUES_MOST];
	int lengths[PG_VALUES_MOST], formats[PG_VALUES_MOST];
	uint64_t numbers[PG_VALUES_MOST];
	char bools[PG_VALUES_MOST];
};

static void
put_value(struct wire *wire, size_t i, const struct pg_value *value)
{
	wire->formats[i] = 1;
	switch (value->type) {
	case PG_INT:
		wire->numbers[i] = htobe64((uint64_t)value->n);
		wire->values[i] = (const char *)&wire->numbers[i];
		wire->lengths[i] = sizeof(wire->numbers[i]);
		break;
	case PG_BOOL:
		wire->bools[i] = (char)value->n;
		wire->values[i] = &wire->bools[i];
		wire->lengths[i] = 1;
		break;
	default:
		wire->values[i] = value->s.p;
		wire->lengths[i] = (int)value->s.len;
	}
}

static void
put_values(struct wire *wire, const struct pg_value *values, size_t count)
{
	assert(count <= PG_VALUES_MOST);
	for (size_t i = 0; i < count; i++)
		put_value(wire, i, &values[i]);
}

struct pg_result *
pg_ask(struct pg *pg, const char *sql, const struct pg_value *value)
{
	struct wire wire;
	int count = value != NULL ? 1 : 0;

	put_values(&wire, value, (size_t)count);
	return good(pg, PQexecParams(pg->conn, sql, count, NULL, wire.values, wire.lengths,
	                        wire.formats, 1));
}

/* ---- the pipeline ---- */

static void
name_of(enum pg_sql sql, char out[NAME_BYTES])
{
	snprintf(out, NAME_BYTES, "s%d", (int)sql);
}

bool
pg_prepare(struct pg *pg, enum pg_sql first, enum pg_sql last)
{
	char name[NAME_BYTES];

	for (enum pg_sql sql = first; sql <= last; sql++) {
		PGresult *result;

		name_of(sql, name);
		result = good(pg, PQprepare(pg->conn, name, pg_sql_text[sql], 0, NULL));
		PQclear(result);
		if (result == NULL)
			return false;
	}
	return PQsetnonblocking(pg->conn, 1) == 0 && PQenterPipelineMode(pg->conn) == 1;
}

static bool
send_call(struct pg *pg, const struct pg_call *call)
{
	struct wire wire;
	char name[NAME_BYTES];

	name_of(call->sql, name);
	put_values(&wire, call->values, call->count);
	return PQsendQueryPrepared(pg->conn, name, (int)call->count, wire.values, wire.lengths,
	               wire.formats, 1) == 1;
}

bool
pg_send(struct pg *pg, const struct pg_call *calls, size_t count)
{
	bool sent = true;

	for (size_t i = 0; i < count && sent; i++)
		sent = send_call(pg, &calls[i]);
	sent = sent && PQpipelineSync(pg->conn) == 1;
	if (!sent)
		note_why(pg, PQerrorMessage(pg->conn));
	return sent;
}

bool
pg_flush(struct pg *pg)
{
	return PQflush(pg->conn) == 1;
}

bool
pg_read(struct pg *pg)
{
	if (PQconsumeInput(pg->conn) == 1)
		return true;
	note_why(pg, PQerrorMessage(pg->conn));
	return false;
}

static enum pg_step
step_of(struct pg *pg, PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
		return PG_STEP_RESULT;
	if (status == PGRES_PIPELINE_SYNC) {
		PQclear(result);
		return PG_STEP_SYNC;
	}
	if (status == PGRES_FATAL_ERROR)
		note_error(pg, result);
	PQclear(result);
	return pg_lost(pg) ? PG_STEP_LOST : PG_STEP_ERROR;
}

/* Behind the result of each call comes one that is NULL; two of those are the end. */
enum pg_step
pg_step(struct pg *pg, struct pg_result **out)
{
	for (int i = 0; i < 2; i++) {
		PGresult *result;
		enum pg_step step;

		if (PQisBusy(pg->conn))
			return PG_STEP_NONE;
		result = PQgetResult(pg->conn);
		if (result == NULL)
			continue;
		step = step_of(pg, result);
		if (step == PG_STEP_RESULT)
			*out = result;
		return step;
	}
	if (!pg_lost(pg))
		return PG_STEP_NONE;
	note_why(pg, PQerrorMessage(pg->conn));
	return PG_STEP_LOST;
}

/* ---- one transaction ---- */

struct running {
	struct pg *pg;
	struct pg_call *calls;
	size_t count, at;
	bool failed;
	void (*slow)(void *);
	void *ctx;
};

static bool
wait_more(struct running *run, int64_t since_ms)
{
	short events = pg_flush(run->pg) ? POLLIN | POLLOUT : POLLIN;

	while (!wait_for(pg_fd(run->pg), events, rh_mono_ms() + SLOW_MS)) {
		if (rh_mono_ms() - since_ms >= PATIENCE_MS) {
			note_why(run->pg, "no answer");
			return false;
		}
		if (run->slow != NULL)
			run->slow(run->ctx);
	}
	return pg_read(run->pg);
}

static void
take_step(struct running *run, enum pg_step step, struct pg_result *result)
{
	if (step == PG_STEP_ERROR)
		run->failed = true;
	if (run->at < run->count)
		run->calls[run->at++].result = step == PG_STEP_RESULT ? result : NULL;
	else
		pg_result_free(step == PG_STEP_RESULT ? result : NULL);
}

/* True: its Sync was answered. */
static bool
run_to_sync(struct running *run)
{
	int64_t since_ms = rh_mono_ms();

	for (;;) {
		struct pg_result *result = NULL;
		enum pg_step step = pg_step(run->pg, &result);

		if (step == PG_STEP_SYNC)
			return true;
		if (step == PG_STEP_LOST || (step == PG_STEP_NONE && !wait_more(run, since_ms)))
			return false;
		if (step != PG_STEP_NONE)
			take_step(run, step, result);
	}
}

enum pg_end
pg_run(struct pg *pg, struct pg_call *calls, size_t count, void (*slow)(void *), void *ctx)
{
	struct running run = { .pg = pg, .calls = calls, .count = count, .slow = slow, .ctx = ctx };

	pg->warned = false;
	pg->sqlstate[0] = '\0';
	for (size_t i = 0; i < count; i++)
		calls[i].result = NULL;
	if (!pg_send(pg, calls, count) || !run_to_sync(&run))
		return PG_UNKNOWN;
	if (run.failed) {
		pg_calls_free(calls, count);
		return is_refusal(pg) ? PG_REFUSED : PG_ABORTED;
	}
	return pg->warned ? PG_UNKNOWN : PG_DONE;
}

void
pg_calls_free(struct pg_call *calls, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		pg_result_free(calls[i].result);
		calls[i].result = NULL;
	}
}
