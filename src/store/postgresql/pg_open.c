/* pg_open: a connection as the hub wants it. */
#include "pg_conn.h"

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
	pg->url = url;
	if (pg_connect(pg, url)) {
		PQsetNoticeReceiver(pg->conn, note_notice, pg);
		if (begin_session(pg))
			return pg;
	}
	fault_set(fault, RH_STORE_FAILED, "store.url", "%s", pg->why);
	pg_close(pg);
	return NULL;
}
