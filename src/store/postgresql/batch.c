/* batch: what the writer took at once becomes one transaction, sent as one message.
 *
 * Shares come first: they are read, made, and written by one statement. What else is to be written
 * follows in its order, a statement an operation. A transaction that is refused is halved until the
 * operation it was refused for is alone; savepoints would cost every row. What was overtaken
 * between reading and writing is made anew.
 *
 * When the connection is lost on the way nothing is known, and nothing is guessed: hold.c finds out
 * which batch was the last that was committed. If it was this one, its shares are told what they
 * would have been told, as that stands beside its number. Of the others those that have nothing to
 * be told are done; one that has, and whose own answer did not come any more, fails though it was
 * done. */
#include "parts.h"

#include <stdlib.h>

enum { SCRATCH_BYTES = 65536 };

/* ---- its results ---- */

static void
take_one(const struct pg_part *part, const struct pg_result *result)
{
	op_result(part->op, RH_OK, "");
	if (part->take != NULL && result != NULL)
		part->take(part->op, result);
}

static void
fail_untold(const struct pg_batch *batch)
{
	for (size_t i = 0; i < batch->count; i++)
		if (batch->parts[i].take != NULL && batch->calls[i].result == NULL)
			op_result(batch->parts[i].op, RH_STORE_FAILED,
			        "the connection to the database was lost before its answer came: "
			        "it was done");
}

static void
take_all(struct pg_batch *batch)
{
	for (size_t i = 0; i < batch->count; i++) {
		const struct pg_part *part = &batch->parts[i];

		if (part->sum != NULL && batch->calls[i].result != NULL)
			*part->sum += (size_t)pg_int(batch->calls[i].result, 0, 0);
		else if (part->op != NULL)
			take_one(part, batch->calls[i].result);
	}
	fail_untold(batch);
}

/* ---- one transaction ---- */

struct doing {
	struct pg_hold *hold;
	struct fault *fault;
	bool committed; /* some of it */
	bool retried;   /* after the connection was lost */
	bool blind;     /* to old bodies */
};

static enum outcome
lost(struct doing *d, const char *why)
{
	fault_set(d->fault, RH_STORE_FAILED, "", "%s", why);
	return OUTCOME_LOST;
}

static enum outcome
connect_again(struct doing *d)
{
	enum outcome outcome = hold_again(d->hold);

	if (outcome != OUTCOME_OK)
		lost(d, d->hold->why);
	return outcome;
}

/* The answer to batch @mine was lost. */
static enum outcome
look_up(struct doing *d, int64_t mine)
{
	enum outcome outcome;

	hold_lose(d->hold, pg_why(d->hold->pg));
	d->hold->retry_at_ms = 0;
	outcome = connect_again(d);
	if (outcome != OUTCOME_OK)
		atomic_fetch_add(&d->hold->unsure, 1);
	if (outcome != OUTCOME_OK || d->hold->batch == mine)
		return outcome;
	return lost(d, "the connection to the database was lost, and the batch with it");
}

/* A server that undid it for a reason of its own may have become another one: it is looked at anew.
 */
static enum outcome
undone(struct doing *d, enum pg_end end)
{
	struct pg_hold *hold = d->hold;

	lost(d, pg_why(hold->pg));
	if (pg_error_is(hold->pg, "RH001"))
		return OUTCOME_FAILED;
	if (end == PG_REFUSED)
		return OUTCOME_REFUSED;
	hold_lose(hold, d->fault->why);
	return OUTCOME_LOST;
}

/* What its shares were told stands beside the number of a batch; here it came with the answer. */
static void
note_numbers(struct pg_hold *hold, const struct pg_call *first)
{
	if (first->sql != PGS_SHARE)
		return;
	arena_reset(hold->arena);
	hold->first = pg_int(first->result, 0, 0);
	hold->missed = pg_ints(first->result, 0, 1, hold->arena, &hold->missed_count);
}

static enum outcome
commit(struct doing *d, struct pg_batch *batch)
{
	int64_t mine = d->hold->batch + 1;
	enum pg_end end = pg_run(d->hold->pg, batch->calls, batch->count);

	if (end == PG_UNKNOWN)
		return look_up(d, mine);
	if (end != PG_DONE)
		return undone(d, end);
	d->hold->batch = mine;
	note_numbers(d->hold, &batch->calls[0]);
	return OUTCOME_OK;
}

/* Those that write nothing need no transaction. */
static enum outcome
write_calls(struct doing *d, struct pg_batch *batch)
{
	enum outcome outcome = OUTCOME_OK;
	bool empty = batch->count == 1 && batch->calls[0].sql == PGS_BEGIN;

	if (!empty)
		outcome = commit(d, batch);
	if (outcome == OUTCOME_OK && !empty) {
		d->committed = true;
		take_all(batch);
	}
	pg_calls_free(batch->calls, batch->count);
	return outcome;
}

static size_t
count_shares(struct store_op **ops, size_t count)
{
	size_t shares = 0;

	while (shares < count && ops[shares]->verb == STORE_SHARE)
		shares++;
	return shares;
}

/* With OK *@count operations are left in @ops, to be made anew. */
static enum outcome
attempt_in(struct doing *d, struct pg_batch *batch, struct store_op **ops, size_t *count)
{
	size_t share_count = count_shares(ops, *count);
	struct pg_shares *shares = NULL;
	enum pg_end end = PG_DONE;
	enum outcome outcome;

	BATCH_ADD(batch, NULL, NULL, PGS_BEGIN, P_BYTES(str_of(d->hold->name)),
	        P_INT(d->hold->session), P_INT(d->hold->batch + 1));
	if (share_count > 0)
		end = shares_make(batch, ops, share_count, &shares);
	if (end == PG_UNKNOWN)
		return look_up(d, -1);
	if (end != PG_DONE)
		return undone(d, end);
	for (size_t i = share_count; i < *count; i++)
		pg_writes[ops[i]->verb](batch, ops[i]);
	outcome = write_calls(d, batch);
	if (outcome == OUTCOME_OK)
		*count = shares == NULL ? 0
		                        : shares_take(shares, d->hold->first, d->hold->missed,
		                                  d->hold->missed_count, ops);
	return outcome;
}

static enum outcome
attempt(struct doing *d, struct store_op **ops, size_t *count)
{
	struct pg_batch batch = { .hold = d->hold, .blind = d->blind };
	enum outcome outcome = connect_again(d);

	if (outcome != OUTCOME_OK)
		return outcome;
	batch.arena = arena_new(SCRATCH_BYTES);
	outcome = attempt_in(d, &batch, ops, count);
	arena_free(batch.arena);
	return outcome;
}

/* ---- all of it ---- */

/* A batch that was lost with its connection, and is sure not to be there, is tried once more. */
static bool
may_retry(struct doing *d, enum outcome outcome)
{
	if (outcome != OUTCOME_LOST || d->retried || d->hold->pg == NULL)
		return false;
	d->retried = true;
	return true;
}

static enum outcome
attempt_all(struct doing *d, struct store_op **ops, size_t *count)
{
	enum outcome outcome;

	do
		outcome = attempt(d, ops, count);
	while ((outcome == OUTCOME_OK && *count > 0) || may_retry(d, outcome));
	return outcome;
}

/* It says all of the object by itself. */
static bool
needs_no_body(const struct store_op *op)
{
	return op->verb == STORE_SHARE && op->u.share.patch.p == NULL &&
	       !str_is(op->u.share.method, "DELETE");
}

/* What is there may be damaged: a whole object takes its place without a look at it. */
static enum outcome
run_alone(struct doing *d, struct store_op **op)
{
	enum outcome outcome = OUTCOME_REFUSED;
	size_t count = 1;

	d->blind = needs_no_body(*op);
	if (d->blind)
		outcome = attempt_all(d, op, &count);
	d->blind = false;
	if (outcome != OUTCOME_REFUSED)
		return outcome;
	(*op)->overtaken = pg_error_is(d->hold->pg, "RH003");
	op_result(*op, (*op)->overtaken ? RH_BUSY : RH_STORE_FAILED, d->fault->why);
	return OUTCOME_OK;
}

static enum outcome
run_ops(struct doing *d, struct store_op **ops, size_t count)
{
	enum outcome outcome = attempt_all(d, ops, &count);
	size_t half;

	if (outcome != OUTCOME_REFUSED)
		return outcome;
	if (count == 1)
		return run_alone(d, ops);
	half = count / 2;
	outcome = run_ops(d, ops, half);
	return outcome == OUTCOME_OK ? run_ops(d, ops + half, count - half) : outcome;
}

/* A share reads and writes as many rows as a statement is good for. */
static enum outcome
run_chunks(struct doing *d, struct store_op **ops, size_t count)
{
	enum outcome outcome = OUTCOME_OK;

	while (outcome == OUTCOME_OK && count_shares(ops, count) > PG_BATCH_SHARES) {
		outcome = run_ops(d, ops, PG_BATCH_SHARES);
		ops += PG_BATCH_SHARES;
		count -= PG_BATCH_SHARES;
	}
	return outcome == OUTCOME_OK ? run_ops(d, ops, count) : outcome;
}

static void
shares_first(struct store_op **ops, size_t count, struct store_op **out)
{
	size_t at = 0;

	for (size_t pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < count; i++)
			if ((ops[i]->verb == STORE_SHARE) == (pass == 0))
				out[at++] = ops[i];
}

/* Those that were reached before it was lost have their results. */
static void
fail_rest(struct store_op **ops, size_t count, const char *why)
{
	for (size_t i = 0; i < count; i++)
		if (ops[i]->err == RH_STORE_FAILED && ops[i]->why[0] == '\0')
			op_result(ops[i], RH_STORE_FAILED, why);
}

enum outcome
batch_do(struct pg_hold *hold, struct store_op **ops, size_t count, struct fault *fault)
{
	struct doing d = { .hold = hold, .fault = fault };
	struct store_op **ordered = rh_alloc((count + 1) * sizeof(struct store_op *));
	enum outcome outcome;

	shares_first(ops, count, ordered);
	for (size_t i = 0; i < count; i++)
		op_result(ordered[i], RH_STORE_FAILED, "");
	outcome = count == 0 ? OUTCOME_OK : run_chunks(&d, ordered, count);
	free(ordered);
	if (outcome != OUTCOME_LOST || !d.committed)
		return outcome;
	LOG(LOG_ERROR, "batch_lost", KV("why", fault->why), KV("what", "the rest of a batch"));
	fail_rest(ops, count, fault->why);
	return OUTCOME_OK;
}
