/* erase: what is kept of one driver's token. It is looked at first, like the versions that shares
 * build upon, and written with the rest of its batch. */
#include "parts.h"

enum { ERASE_RECORDS = 300 };

static bool
names_token(const struct store_erase_args *args, struct str *body, struct arena *arena)
{
	struct str without;

	if (body->p == NULL || !args->without(args->ctx, *body, arena, &without))
		return false;
	*body = without;
	return true;
}

static void
erase_in(struct pg_batch *batch, struct store_erase_args *args, const struct pg_result *rows, int i)
{
	struct str body = pg_text(rows, i, 8, batch->arena);
	struct str patch = pg_text(rows, i, 9, batch->arena);
	bool in_body = names_token(args, &body, batch->arena);
	bool in_patch = names_token(args, &patch, batch->arena);

	if (!in_body && !in_patch)
		return;
	if (str_is(pg_peek(rows, i, 1), "cdrs"))
		args->cdrs++;
	else
		args->sessions++;
	if (args->dry_run)
		return;
	batch_add(batch, &(struct pg_part){ .sum = &args->missed }, PGS_ERASE_RECORD,
	        (struct pg_value[]){ P_BYTES(pg_text(rows, i, 0, batch->arena)),
	                P_BYTES(pg_text(rows, i, 1, batch->arena)),
	                P_BYTES(pg_text(rows, i, 2, batch->arena)),
	                P_BYTES(pg_text(rows, i, 3, batch->arena)),
	                P_BYTES(pg_text(rows, i, 4, batch->arena)), P_INT(pg_int(rows, i, 7)),
	                P_BYTES(body), P_BYTES(patch) },
	        8);
}

/* Only when all is committed: a batch may be made more than once. What was written meanwhile is
 * newer now, and so further on. */
static void
take_place(struct store_op *op, const struct pg_result *result)
{
	op->u.erase.after_ms = pg_int(result, 0, 0);
	op->u.erase.after_seq = pg_int(result, 0, 1);
	op->u.erase.done = pg_bool(result, 0, 2) && op->u.erase.missed == 0;
}

static void
erase_records(struct pg_batch *batch, struct store_op *op, const struct pg_result *rows)
{
	struct store_erase_args *args = &op->u.erase;
	int count = pg_rows(rows);
	int64_t after_ms = args->after_ms, after_seq = args->after_seq;

	for (int i = 0; i < count; i++) {
		after_ms = pg_int(rows, i, 5);
		after_seq = pg_int(rows, i, 6);
		erase_in(batch, args, rows, i);
	}
	BATCH_ADD(batch, op, take_place, PGS_ERASE_GO_ON, P_INT(after_ms), P_INT(after_seq),
	        P_BOOL(count < ERASE_RECORDS));
}

static void
erase_token(struct pg_batch *batch, struct store_erase_args *args, const struct pg_result *row)
{
	bool first = args->after_ms == 0 && args->after_seq == 0;

	args->tokens = first ? (uint64_t)pg_int(row, 0, 0) : 0;
	args->owed = first ? (uint64_t)pg_int(row, 0, 1) : 0;
	args->head = pg_int(row, 0, 2);
	if (first && !args->dry_run)
		BATCH_ADD(batch, NULL, NULL, PGS_ERASE_TOKEN, P_KEY(args->owner), P_KEY(args->id));
}

static void
erase_remembered(struct pg_batch *batch, struct store_erase_args *args,
        const struct erase_hints *hints, const struct pg_result *count,
        const struct pg_result *reports)
{
	args->remembered = (uint64_t)pg_int(count, 0, 0);
	if (!args->dry_run)
		BATCH_ADD(batch, NULL, NULL, PGS_ERASE_HINTS, P_KEY(args->hints),
		        P_BYTES(hints->from), P_BYTES(hints->below), P_KEY(args->owner));
	for (int i = 0; i < pg_rows(reports); i++) {
		if (!erase_report(args, pg_peek(reports, i, 1)))
			continue;
		args->remembered++;
		if (!args->dry_run)
			BATCH_ADD(batch, NULL, NULL, PGS_ERASE_REPORT,
			        P_BYTES(pg_text(reports, i, 0, batch->arena)));
	}
}

void
pg_erase(struct pg_batch *batch, struct store_op *op)
{
	struct store_erase_args *args = &op->u.erase;
	struct pg_value token[] = { P_KEY(args->owner), P_KEY(args->id) };
	struct erase_hints of = erase_hints(args, batch->arena);
	struct pg_value hints[] = { P_KEY(args->hints), P_BYTES(of.from), P_BYTES(of.below),
		P_KEY(args->owner) };
	struct pg_value reports[] = { P_KEY(args->reports) };
	struct pg_value place[] = { P_INT(args->after_ms), P_INT(args->after_seq),
		P_INT(ERASE_RECORDS) };
	struct pg_call calls[] = {
		{ .sql = PGS_ERASE_LOOK, .values = token, .count = COUNT(token) },
		{ .sql = PGS_ERASE_RECORDS, .values = place, .count = COUNT(place) },
		{ .sql = PGS_ERASE_HINT_COUNT, .values = hints, .count = COUNT(hints) },
		{ .sql = PGS_ERASE_REPORTS, .values = reports, .count = COUNT(reports) },
	};

	args->missed = 0;
	args->sessions = args->cdrs = args->remembered = args->damaged = 0;
	args->done = false;
	if (pg_run(batch->hold->pg, calls, COUNT(calls)) != PG_DONE) {
		pg_calls_free(calls, COUNT(calls));
		op_result(op, RH_STORE_FAILED, pg_why(batch->hold->pg));
		return;
	}
	erase_token(batch, args, calls[0].result);
	if (args->after_ms == 0 && args->after_seq == 0)
		erase_remembered(batch, args, &of, calls[2].result, calls[3].result);
	erase_records(batch, op, calls[1].result);
	pg_calls_free(calls, COUNT(calls));
}
