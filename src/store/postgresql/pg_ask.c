/* pg_ask: statements one at a time, on a connection that is in no pipeline. */
#include "pg_conn.h"

enum { LONG_MS = 3600000 };

/* @result, or NULL and pg_why() when it is an error. */
static struct pg_result *
good(struct pg *pg, PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_COPY_IN)
		return result;
	pg_note_error(pg, result);
	PQclear(result);
	return NULL;
}

/* False: there is none in time. A connection that was lost has one, its error. */
static bool
wait_for_result(struct pg *pg, int64_t since_ms, int64_t patience_ms)
{
	while (PQisBusy(pg->conn) && PQstatus(pg->conn) == CONNECTION_OK)
		if (!pg_wait(pg, since_ms, patience_ms))
			return false;
	return true;
}

/* The last of what was sent; behind a COPY_IN its rows are due first. */
static struct pg_result *
finish_in(struct pg *pg, int64_t patience_ms)
{
	int64_t since_ms = rh_mono_ms();
	PGresult *last = NULL, *next;

	do {
		if (!wait_for_result(pg, since_ms, patience_ms)) {
			PQclear(last);
			return NULL;
		}
		next = PQgetResult(pg->conn);
		if (next != NULL) {
			PQclear(last);
			last = next;
		}
	} while (next != NULL && PQresultStatus(next) != PGRES_COPY_IN);
	return good(pg, last);
}

struct pg_result *
pg_finish(struct pg *pg)
{
	return finish_in(pg, pg_patience_ms(pg));
}

static bool
was_sent(struct pg *pg, int sent)
{
	if (sent == 1)
		return true;
	pg_note_why(pg, PQerrorMessage(pg->conn));
	return false;
}

bool
pg_begin(struct pg *pg, const char *sql)
{
	return was_sent(pg, PQsendQuery(pg->conn, sql));
}

struct pg_result *
pg_exec(struct pg *pg, const char *sql)
{
	return pg_begin(pg, sql) ? pg_finish(pg) : NULL;
}

bool
pg_do(struct pg *pg, const char *sql)
{
	struct pg_result *result = pg_exec(pg, sql);

	pg_result_free(result);
	return result != NULL;
}

bool
pg_do_long(struct pg *pg, const char *sql)
{
	struct pg_result *result = pg_begin(pg, sql) ? finish_in(pg, LONG_MS) : NULL;

	pg_result_free(result);
	return result != NULL;
}

struct pg_result *
pg_exec_in_time(struct pg *pg, const char *sql, int64_t ms)
{
	pg->warned = false;
	return pg_begin(pg, sql) ? finish_in(pg, ms) : NULL;
}

bool
pg_do_in_time(struct pg *pg, const char *sql, int64_t ms)
{
	struct pg_result *result = pg_exec_in_time(pg, sql, ms);

	pg_result_free(result);
	return result != NULL && !pg->warned;
}

struct pg_result *
pg_ask(struct pg *pg, const char *sql, const struct pg_value *value)
{
	struct pg_wire wire;
	int count = value != NULL ? 1 : 0;

	pg->warned = false;
	pg_put_values(&wire, value, (size_t)count);
	if (!was_sent(pg, PQsendQueryParams(pg->conn, sql, count, NULL, wire.values, wire.lengths,
	                          wire.formats, 1)))
		return NULL;
	return pg_finish(pg);
}

/* libpq takes all of it at once and sends it as the server reads. */
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
	sent = was_sent(pg, PQputCopyData(pg->conn, bytes.p, (int)bytes.len)) &&
	       was_sent(pg, PQputCopyEnd(pg->conn, NULL));
	result = pg_finish(pg);
	PQclear(result);
	return sent && result != NULL && pg->sqlstate[0] == '\0' && !pg_lost(pg);
}
