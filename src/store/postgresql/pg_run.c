/* pg_run: values on their way, statements in a pipeline, and one transaction of them.
 *
 * Whether a transaction is committed is known when the answer to its Sync is there, and not before:
 * each call has its own answer, but they are undone together. A connection that is lost before that
 * leaves it open, and so does a WARNING, as a commit whose wait for the standby was cancelled says
 * that it is done. So does a server that is silent for too long. */
#include "pg_conn.h"

#include <assert.h>
#include <endian.h>
#include <stdio.h>
#include <string.h>

enum { NAME_BYTES = 8 };

/* ---- values ---- */

static void
put_value(struct pg_wire *wire, size_t i, const struct pg_value *value)
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

void
pg_put_values(struct pg_wire *wire, const struct pg_value *values, size_t count)
{
	assert(count <= PG_VALUES_MOST);
	for (size_t i = 0; i < count; i++)
		put_value(wire, i, &values[i]);
}

/* ---- the pipeline ---- */

static void
name_of(enum pg_sql sql, char out[NAME_BYTES])
{
	snprintf(out, NAME_BYTES, "s%d", (int)sql);
}

static bool
send_call(struct pg *pg, const struct pg_call *call)
{
	struct pg_wire wire;
	char name[NAME_BYTES];

	name_of(call->sql, name);
	pg_put_values(&wire, call->values, call->count);
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

		if (PQisBusy(pg->conn) && PQstatus(pg->conn) == CONNECTION_OK)
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

/* Of the transaction's own making: of a row that does not fit, of one that is damaged where it
 * lies, or that is too much for the server's memory. What it is in no state to do is no row's
 * fault. */
static bool
is_refusal(const struct pg *pg)
{
	static const char *const classes[] = { "0A", "21", "22", "23", "42", "53200", "54", "58",
		"P0", "RH", "XX" };

	if (pg_error_is(pg, "42501")) /* insufficient_privilege */
		return false;
	for (size_t i = 0; i < COUNT(classes); i++)
		if (strncmp(pg->sqlstate, classes[i], strlen(classes[i])) == 0)
			return true;
	return false;
}

struct running {
	struct pg *pg;
	struct pg_call *calls;
	size_t count, at;
	bool failed;
};

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
		if (step == PG_STEP_LOST)
			return false;
		if (step == PG_STEP_NONE && !pg_wait(run->pg, since_ms, pg_patience_ms(run->pg)))
			return false;
		if (step != PG_STEP_NONE)
			take_step(run, step, result);
	}
}

static bool
send_prepares(struct pg *pg, enum pg_sql first, enum pg_sql last)
{
	char name[NAME_BYTES];
	bool sent = PQenterPipelineMode(pg->conn) == 1;

	for (enum pg_sql sql = first; sql <= last && sent; sql++) {
		name_of(sql, name);
		sent = PQsendPrepare(pg->conn, name, pg_sql_text[sql], 0, NULL) == 1;
	}
	return pg_send(pg, NULL, 0) && sent;
}

/* All in one go: a network has its time for each. */
bool
pg_prepare(struct pg *pg, enum pg_sql first, enum pg_sql last)
{
	struct running run = { .pg = pg };

	return send_prepares(pg, first, last) && run_to_sync(&run) && !run.failed;
}

enum pg_end
pg_run(struct pg *pg, struct pg_call *calls, size_t count)
{
	struct running run = { .pg = pg, .calls = calls, .count = count };

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
