/* sqlite_parked: what receivers are owed beside their cursors.
 *
 * A read walks one index: what is due, then what is due so far ahead that the clock must have been
 * set back since. How many there are in all is counted along by triggers. */
#include "sqlite_objects.h"

enum { DROP_ROWS = 2000 }; /* a call: more would hold up the commits behind it */
static const int64_t FAR_MS = 3600 * 1000;

enum outcome
park_one(struct db *db, const struct store_parked *p)
{
	return DB_RUN(db, SQL_PARK, KEY_VALUES(&p->key), KEY_TEXT(p->receiver), KEY_TEXT(p->to),
	        INT(p->kind), INT(p->since_ms), INT(p->due_ms), INT(p->attempts), INT(p->change),
	        INT(p->http), INT(p->ocpi), TEXT(p->why));
}

enum outcome
park(struct db *db, struct store_op *op)
{
	const struct store_parked_args *args = &op->u.parked;
	enum outcome outcome = OUTCOME_OK;

	for (size_t i = 0; i < args->count && outcome == OUTCOME_OK; i++)
		outcome = park_one(db, &args->rows[i]);
	return outcome;
}

static enum outcome
unpark_one(struct db *db, const struct store_parked *p, bool taken)
{
	enum outcome outcome = DB_RUN(db, SQL_UNPARK, KEY_VALUES(&p->key), KEY_TEXT(p->receiver),
	        KEY_TEXT(p->to), INT(p->change));

	if (outcome == OUTCOME_OK && taken)
		outcome = DB_RUN(db, SQL_FAILURE_DROP_ONE, KEY_VALUES(&p->key),
		        KEY_TEXT(p->receiver), KEY_TEXT(p->to));
	return outcome;
}

enum outcome
unpark(struct db *db, struct store_op *op)
{
	const struct store_parked_args *args = &op->u.parked;
	enum outcome outcome = OUTCOME_OK;

	for (size_t i = 0; i < args->count && outcome == OUTCOME_OK; i++)
		outcome = unpark_one(db, &args->rows[i], args->taken);
	return outcome;
}

/* ---- due now ---- */

enum outcome
parked_wake(struct db *db, const struct store_key *key, int64_t now_ms, size_t *woken)
{
	struct db_value values[] = { KEY_VALUES(key), INT(now_ms) };
	enum outcome outcome = db_run(db, SQL_WAKE_PARKED, values, COUNT(values));

	if (outcome != OUTCOME_OK)
		return outcome;
	*woken = (size_t)db_changes(db);
	outcome = db_run(db, SQL_WAKE_REFUSED, values, COUNT(values));
	*woken += (size_t)db_changes(db);
	return outcome;
}

static enum outcome
count_redrive(struct db *db, const struct db_value *values, size_t count, uint64_t *out)
{
	db_bind(db, SQL_REDRIVE_COUNT, values, count - 1); /* it is the same at any time */
	if (db_next(db, SQL_REDRIVE_COUNT))
		*out = (uint64_t)db_int(db, SQL_REDRIVE_COUNT, 0);
	return db_end(db, SQL_REDRIVE_COUNT);
}

enum outcome
redrive(struct db *db, struct store_op *op)
{
	struct store_redrive_args *args = &op->u.redrive;
	const struct choice choice = CHOICE_OF(args);
	struct db_value values[] = { CHOICE_VALUES(&choice), INT(args->now_ms) };
	enum outcome outcome = count_redrive(db, values, COUNT(values), &args->count);

	if (outcome != OUTCOME_OK || args->dry_run)
		return outcome;
	outcome = db_run(db, SQL_REDRIVE_PARKED, values, COUNT(values));
	if (outcome == OUTCOME_OK)
		outcome = db_run(db, SQL_REDRIVE_REFUSED, values, COUNT(values));
	return outcome;
}

/* ---- a platform that was removed ---- */

enum outcome
receiver_drop(struct db *db, struct store_op *op)
{
	static const enum sql_id slices[] = { SQL_PARKED_DROP_SOME, SQL_FAILURE_DROP_SOME };
	struct store_receiver_args *args = &op->u.receiver;
	enum outcome outcome = DB_RUN(db, SQL_CURSOR_DROP, TEXT(args->receiver));

	args->dropped = (uint64_t)db_changes(db);
	for (size_t i = 0; i < COUNT(slices) && outcome == OUTCOME_OK; i++) {
		outcome = DB_RUN(db, slices[i], TEXT(args->receiver), INT(DROP_ROWS));
		args->dropped += (uint64_t)db_changes(db);
	}
	return outcome;
}

/* ---- reading ---- */

static struct store_parked
parked_row(struct db *db, enum sql_id sql, struct arena *arena)
{
	return (struct store_parked){
		.key = key_row(db, sql, 0, arena),
		.receiver = db_text(db, sql, 5, arena),
		.to = db_text(db, sql, 6, arena),
		.kind = (enum store_parked_kind)db_int(db, sql, 7),
		.seq = db_int(db, sql, 8),
		.since_ms = db_int(db, sql, 9),
		.due_ms = db_int(db, sql, 10),
		.change = db_int(db, sql, 11),
		.attempts = (int)db_int(db, sql, 12),
		.http = (int)db_int(db, sql, 13),
		.ocpi = (int)db_int(db, sql, 14),
		.why = db_text(db, sql, 15, arena),
	};
}

/* Adds a row if it is what was written. */
static void
take_row(struct db *db, enum sql_id sql, struct store_op *op)
{
	struct store_parked_args *args = &op->u.parked;
	struct store_parked *rows = (struct store_parked *)args->rows;

	rows = rows_grow(op->arena, rows, args->count, sizeof(*rows));
	rows[args->count] = parked_row(db, sql, op->arena);
	args->rows = rows;
	if (db_int(db, sql, 16) != 0)
		args->count++;
	else
		note_damaged_row(op, "parked", rows[args->count].seq, (struct str){ 0 });
}

struct span {
	int64_t above_ms, up_to_ms;
};

/* Adds what is due within @span; the first that there is no room for says when the next is due. */
static enum outcome
read_span(struct db *db, struct store_op *op, struct span span, size_t limit)
{
	struct store_parked_args *args = &op->u.parked;
	struct db_value values[] = { TEXT(args->receiver), INT(span.above_ms), INT(span.up_to_ms),
		INT(limit - args->count + 1) };
	enum sql_id sql = args->receiver.p == NULL ? SQL_PARKED_ALL : SQL_PARKED_OF;

	if (args->next_due_ms != 0)
		return OUTCOME_OK;
	db_bind(db, sql, values, COUNT(values));
	while (args->count < limit && db_next(db, sql))
		take_row(db, sql, op);
	if (args->count == limit && db_next(db, sql))
		args->next_due_ms = db_int(db, sql, 10);
	return db_end(db, sql);
}

/* It is found by the index over keys, and there are not many of them. */
static enum outcome
read_of_object(struct db *db, struct store_op *op, const struct choice *choice)
{
	struct store_parked_args *args = &op->u.parked;
	struct db_value values[] = { CHOICE_VALUES(choice), INT(args->limit) };
	enum sql_id sql = SQL_PARKED_OF_OBJECT;

	db_bind(db, sql, values, COUNT(values));
	while (db_next(db, sql))
		take_row(db, sql, op);
	return db_end(db, sql);
}

/* Which rows are chosen no index knows: a read ends after so many, whether they are or not. */
static enum outcome
read_chosen(struct db *db, struct store_op *op, const struct choice *choice)
{
	struct store_parked_args *args = &op->u.parked;
	struct db_value values[] = { CHOICE_VALUES(choice),
		INT(args->look > 0 ? (int64_t)args->look + 1 : -1),
		INT(args->look > 0 ? args->after.due_ms : INT64_MIN), INT(args->after.seq) };
	enum sql_id sql = choice->receiver.p != NULL ? SQL_PARKED_LOOK_OF : SQL_PARKED_LOOK_ALL;
	size_t looked = 0;

	db_bind(db, sql, values, COUNT(values));
	while ((args->more = db_next(db, sql))) {
		if (args->count == args->limit || (args->look > 0 && looked == args->look))
			break;
		looked++;
		args->after = (struct store_place){ db_int(db, sql, 10), db_int(db, sql, 8) };
		if (db_int(db, sql, 16) != 2)
			take_row(db, sql, op);
	}
	return db_end(db, sql);
}

static enum outcome
read_total(struct db *db, struct store_parked_args *args)
{
	struct db_value values[] = { TEXT(args->receiver) };
	enum sql_id sql = args->receiver.p == NULL ? SQL_PARKED_TOTAL_ALL : SQL_PARKED_TOTAL_OF;

	args->total = 0;
	db_bind(db, sql, values, COUNT(values));
	if (db_next(db, sql))
		args->total = (uint64_t)db_int(db, sql, 0);
	return db_end(db, sql);
}

static enum outcome
read_parked(struct db *db, struct store_op *op)
{
	struct store_parked_args *args = &op->u.parked;
	int64_t now_ms = args->now_ms,
	        far_ms = now_ms > INT64_MAX - FAR_MS ? now_ms : now_ms + FAR_MS;
	const struct choice choice = CHOICE_OF(args);
	enum outcome outcome = read_total(db, args);

	args->rows = NULL;
	args->count = 0;
	args->next_due_ms = 0;
	if (outcome == OUTCOME_OK && now_ms == INT64_MAX && choice_has_object(&choice))
		return read_of_object(db, op, &choice);
	if (outcome == OUTCOME_OK && now_ms == INT64_MAX &&
	        (args->look > 0 || !choice_is_plain(&choice)))
		return read_chosen(db, op, &choice);
	if (outcome == OUTCOME_OK)
		outcome = read_span(db, op, (struct span){ INT64_MIN, now_ms }, args->limit);
	if (outcome == OUTCOME_OK)
		outcome = read_span(db, op, (struct span){ far_ms, INT64_MAX }, args->limit);
	if (args->next_due_ms > now_ms)
		args->next_due_ms = now_ms;
	if (outcome == OUTCOME_OK)
		outcome = read_span(db, op, (struct span){ now_ms, far_ms }, args->count);
	return outcome;
}

/* In the order of the table: no row moves in it. */
enum outcome
parked_heads(struct db *db, struct store_op *op)
{
	struct store_heads_args *args = &op->u.heads;
	struct db_value values[] = { INT(args->after.seq), INT(args->limit + 1) };
	enum sql_id sql = SQL_PARKED_HEADS;
	struct store_parked_head *rows = arena_take(op->arena, (args->limit + 1) * sizeof(*rows));

	args->rows = rows;
	args->count = 0;
	db_bind(db, sql, values, COUNT(values));
	while ((args->more = db_next(db, sql)) && args->count < args->limit) {
		rows[args->count++] = (struct store_parked_head){
			.receiver = db_text(db, sql, 0, op->arena),
			.kind = (enum store_parked_kind)db_int(db, sql, 1),
			.since_ms = db_int(db, sql, 2),
			.is_object = db_int(db, sql, 3) != 0,
		};
		args->after.seq = db_int(db, sql, 4);
	}
	op_result(op, RH_OK, "");
	return db_end(db, sql);
}

/* Those that are due and damaged stay, and are not asked for again at once. */
static void
come_back_later(struct store_op *op)
{
	struct store_parked_args *args = &op->u.parked;

	if (op->damaged > 0 && args->count == 0 && args->next_due_ms == 0 &&
	        args->now_ms <= INT64_MAX - FAR_MS)
		args->next_due_ms = args->now_ms + FAR_MS;
}

/* One snapshot. It is ended by ROLLBACK: a reader never says COMMIT. */
enum outcome
parked(struct db *db, struct store_op *op)
{
	enum outcome outcome = db_do(db, SQL_SNAPSHOT);

	if (outcome != OUTCOME_OK)
		return outcome;
	outcome = read_parked(db, op);
	come_back_later(op);
	op_result(op, RH_OK, "");
	db_do(db, SQL_ROLLBACK);
	return outcome;
}
