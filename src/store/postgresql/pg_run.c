/* pg_run: values on their way, statements in a pipeline, and one transaction of them.
 *
 * Whether a transaction is committed is known when the answer to its Sync is there, and not before:
 * each call has its own answer, but they are undone together. A connection that is lost before that
 * leaves it open, and so does a WARNING, as a commit whose wait for the standby was cancelled says
 * that it is done. A server that says nothing for half a minute is lost. */
#include "pg_conn.h"

#include <assert.h>
#include <endian.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

enum { SLOW_MS = 2000, PATIENCE_MS = 30000, NAME_BYTES = 8 };

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

	pg->warned = false;
	put_values(&wire, value, (size_t)count);
	return pg_good(pg, PQexecParams(pg->conn, sql, count, NULL, wire.values, wire.lengths,
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
		result = pg_good(pg, PQprepare(pg->conn, name, pg_sql_text[sql], 0, NULL));
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
		pg_note_why(pg, PQerrorMessage(pg->conn));
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
	pg_note_why(pg, PQerrorMessage(pg->conn));
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
		pg_note_error(pg, result);
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
	pg_note_why(pg, PQerrorMessage(pg->conn));
	return PG_STEP_LOST;
}

/* ---- one transaction ---- */

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

	while (!pg_wait_for(pg_fd(run->pg), events, rh_mono_ms() + SLOW_MS)) {
		if (rh_mono_ms() - since_ms >= PATIENCE_MS) {
			pg_note_why(run->pg, "no answer");
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
	/* What comes late would be taken for the answers of the next one. */
	if (pg->broken || !pg_send(pg, calls, count) || !run_to_sync(&run)) {
		pg->broken = true;
		return PG_UNKNOWN;
	}
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
