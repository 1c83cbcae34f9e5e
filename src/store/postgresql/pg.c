/* pg: the one door to libpq: connections, and statements one at a time. In a pipeline: pg_run.c.
 *
 * Where it connects to, and what it finds there, is waited for with a bound. */
#include "pg_conn.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of a session, whatever the server's configuration says. Plans are made once and for no value,
 * often when a table is empty and all ways are as good: every statement is meant to walk an index
 * in its order, row by row. A change that is acknowledged is on the disk. */
static const char session_settings[] =
        "SET search_path = roamhub; SET client_min_messages = warning; "
        "SET plan_cache_mode = force_generic_plan; SET jit = off; "
        "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off; "
        "SET enable_hashjoin = off; SET enable_mergejoin = off; "
        "SET statement_timeout = 0; SET lock_timeout = 0; SET idle_session_timeout = 0; "
        "SET idle_in_transaction_session_timeout = 0; "
        "SET default_transaction_isolation = 'read committed'; "
        "SELECT set_config('synchronous_commit', 'on', false) "
        "WHERE current_setting('synchronous_commit') IN ('off', 'local', 'remote_write'); "
        "SELECT pg_backend_pid()";

/* ---- what went wrong ---- */

/* A message of libpq has lines. */
void
pg_note_why(struct pg *pg, const char *message)
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

void
pg_note_error(struct pg *pg, const PGresult *result)
{
	const char *state = result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *primary =
	        result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	snprintf(pg->sqlstate, sizeof(pg->sqlstate), "%s", state == NULL ? "" : state);
	if (primary != NULL)
		snprintf(pg->why, sizeof(pg->why), "%s (%s)", primary, pg->sqlstate);
	else
		pg_note_why(pg, PQerrorMessage(pg->conn));
}

static void
note_notice(void *ctx, const PGresult *result)
{
	const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
	const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	struct pg *pg = ctx;

	if (severity == NULL || message == NULL || strcmp(severity, "WARNING") != 0)
		return;
	pg->warned = true;
	pg_note_why(pg, message);
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
pg_warned(const struct pg *pg)
{
	return pg->warned;
}

bool
pg_lost(const struct pg *pg)
{
	return pg->broken || PQstatus(pg->conn) != CONNECTION_OK;
}

/* ---- connecting ---- */

/* False: neither readable nor writable in time. */
bool
pg_wait_for(int fd, short events, int64_t until_ms)
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

/* What stands in the URL comes behind, and counts. Each host has its own time: one that does not
 * answer keeps nobody from the next. */
static PGconn *
connect_to(const char *url)
{
	static const char *const names[] = { "application_name", "tcp_user_timeout",
		"keepalives_idle", "keepalives_interval", "keepalives_count", "client_encoding",
		"connect_timeout", "dbname", NULL };
	const char *values[] = { "roamhub", "10000", "5", "2", "3", "UTF8", "3", url, NULL };

	return PQconnectdbParams(names, values, 1);
}

/* What the connection tells is the pooler's number where one stands between. */
static bool
begin_session(struct pg *pg)
{
	struct pg_result *pid = pg_exec(pg, session_settings);

	if (pid != NULL)
		pg->server_pid = atoi(PQgetvalue(pid, 0, 0));
	pg_result_free(pid);
	return pid != NULL;
}

struct pg *
pg_open(const char *url, enum pg_kind kind, struct fault *fault)
{
	struct pg *pg = rh_alloc(sizeof(*pg));

	pg->kind = kind;
	pg->conn = connect_to(url);
	if (PQstatus(pg->conn) == CONNECTION_OK) {
		PQsetNoticeReceiver(pg->conn, note_notice, pg);
		if (begin_session(pg))
			return pg;
	} else {
		pg_note_why(pg, PQerrorMessage(pg->conn));
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
	return pg->server_pid;
}

/* ---- one at a time ---- */

struct pg_result *
pg_good(struct pg *pg, PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_COPY_IN)
		return result;
	pg_note_error(pg, result);
	PQclear(result);
	return NULL;
}

struct pg_result *
pg_exec(struct pg *pg, const char *sql)
{
	return pg_good(pg, PQexec(pg->conn, sql));
}

bool
pg_begin(struct pg *pg, const char *sql)
{
	if (PQsendQuery(pg->conn, sql) == 1)
		return true;
	pg_note_why(pg, PQerrorMessage(pg->conn));
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
	return pg_good(pg, last);
}

bool
pg_do(struct pg *pg, const char *sql)
{
	struct pg_result *result = pg_exec(pg, sql);

	pg_result_free(result);
	return result != NULL;
}

struct pg_result *
pg_exec_in_time(struct pg *pg, const char *sql, int64_t ms)
{
	pg->warned = false;
	if (!pg_begin(pg, sql))
		return NULL;
	if (pg_wait_for(pg_fd(pg), POLLIN, rh_mono_ms() + ms))
		return pg_finish(pg);
	pg_note_why(pg, "no answer");
	pg->broken = true;
	return NULL;
}

bool
pg_do_in_time(struct pg *pg, const char *sql, int64_t ms)
{
	struct pg_result *result = pg_exec_in_time(pg, sql, ms);

	pg_result_free(result);
	return result != NULL && !pg->warned;
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
	result = pg_good(pg, PQgetResult(pg->conn));
	PQclear(result);
	while ((result = PQgetResult(pg->conn)) != NULL)
		PQclear(result);
	return sent && pg->sqlstate[0] == '\0' && !pg_lost(pg);
}
