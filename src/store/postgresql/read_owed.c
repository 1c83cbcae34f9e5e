/* read_owed: cursors, refusals, parked rows, and what pulls brought. */
#include "parts.h"

static const int64_t FAR_MS = 3600 * 1000;

static struct store_key
key_of(const struct pg_result *rows, int row, int column, struct arena *arena)
{
	return (struct store_key){
		.scope = pg_text(rows, row, column, arena),
		.module = pg_text(rows, row, column + 1, arena),
		.owner = pg_text(rows, row, column + 2, arena),
		.id = pg_text(rows, row, column + 3, arena),
		.type = pg_text(rows, row, column + 4, arena),
	};
}

static void
ask_cursors(struct pg_read *read)
{
	read_add(read, PGS_CURSORS, NULL, 0);
}

static void
take_cursors(struct pg_read *read)
{
	struct store_op *op = read->op;
	const struct pg_result *rows = read->calls[0].result;
	size_t count = (size_t)pg_rows(rows);
	struct store_cursor *cursors = arena_take(op->arena, (count + 1) * sizeof(*cursors));

	for (int i = 0; i < (int)count; i++)
		cursors[i] = (struct store_cursor){
			.receiver = pg_text(rows, i, 0, op->arena),
			.change = pg_int(rows, i, 1),
			.ahead = pg_text(rows, i, 2, op->arena),
		};
	op->u.cursors.cursors = cursors;
	op->u.cursors.count = count;
	op_result(op, RH_OK, "");
}

/* ---- refusals ---- */

#define P_CHOICE(args)                                                                          \
	P_BYTES((args)->receiver), P_BYTES((args)->key.scope), P_BYTES((args)->key.module),     \
	        P_BYTES((args)->key.owner), P_BYTES((args)->key.id), P_BYTES((args)->key.type), \
	        P_INT((args)->since_ms == 0 ? INT64_MIN : (args)->since_ms),                    \
	        P_INT((args)->until_ms == 0 ? INT64_MAX : (args)->until_ms)

static bool
is_object(const struct store_key *key)
{
	return key->module.p != NULL && key->owner.p != NULL && key->id.p != NULL;
}

static void
ask_failures(struct pg_read *read)
{
	const struct store_failures_args *args = &read->op->u.failures;
	enum pg_sql sql;

	if (args->look > 0 && args->receiver.p == NULL && !is_object(&args->key)) {
		READ_ADD(read, PGS_FAILURES_LOOK, P_CHOICE(args), P_INT(args->limit),
		        P_INT(args->look));
		return;
	}
	sql = is_object(&args->key)      ? PGS_FAILURES_OF_OBJECT
	      : args->receiver.p == NULL ? PGS_FAILURES
	                                 : PGS_FAILURES_OF;

	READ_ADD(read, sql, P_CHOICE(args), P_INT(args->limit));
}

static void
take_failures(struct pg_read *read)
{
	struct store_op *op = read->op;
	const struct pg_result *rows = read->calls[0].result;
	size_t count = (size_t)pg_rows(rows);
	struct store_failure *out = arena_take(op->arena, (count + 1) * sizeof(*out));

	for (int i = 0; i < (int)count; i++)
		out[i] = (struct store_failure){
			.key = key_of(rows, i, 0, op->arena),
			.receiver = pg_text(rows, i, 5, op->arena),
			.to = pg_text(rows, i, 6, op->arena),
			.change = pg_int(rows, i, 7),
			.at_ms = pg_int(rows, i, 8),
			.http = (int)pg_int(rows, i, 9),
			.ocpi = (int)pg_int(rows, i, 10),
			.why = pg_text(rows, i, 11, op->arena),
		};
	op->u.failures.failures = out;
	op->u.failures.count = count;
	op_result(op, RH_OK, "");
}

/* ---- parked rows ---- */

enum span { SPAN_DUE = 1, SPAN_FAR, SPAN_NEXT, SPAN_TOTAL };

/* There are not many of them, and an index finds them. */
static bool
is_all_of_object(const struct store_parked_args *args)
{
	return args->now_ms == INT64_MAX && is_object(&args->key);
}

/* One more than looked at tells whether there is another one. */
static void
ask_look(struct pg_read *read)
{
	const struct store_parked_args *args = &read->op->u.parked;

	READ_ADD(read, args->receiver.p == NULL ? PGS_PARKED_LOOK_ALL : PGS_PARKED_LOOK_OF,
	        P_CHOICE(args), P_INT(args->look + 1), P_INT(args->after.due_ms),
	        P_INT(args->after.seq));
}

/* One more than asked for tells when the first is due that there is no room for. */
static void
ask_parked(struct pg_read *read)
{
	const struct store_parked_args *args = &read->op->u.parked;
	int64_t now_ms = args->now_ms;
	int64_t far_ms = now_ms > INT64_MAX - FAR_MS ? INT64_MAX : now_ms + FAR_MS;

	if (is_all_of_object(args)) {
		READ_ADD(read, PGS_PARKED_OF_OBJECT, P_CHOICE(args), P_INT(args->limit + 1));
		return;
	}
	if (args->look > 0) {
		ask_look(read);
		return;
	}
	READ_ADD(read, args->receiver.p == NULL ? PGS_PARKED_ALL : PGS_PARKED_OF, P_CHOICE(args),
	        P_INT(args->limit + 1), P_INT(now_ms), P_INT(far_ms));
}

static struct store_parked
parked_of(const struct pg_result *rows, int row, struct arena *arena)
{
	return (struct store_parked){
		.key = key_of(rows, row, 1, arena),
		.receiver = pg_text(rows, row, 6, arena),
		.to = pg_text(rows, row, 7, arena),
		.kind = (enum store_parked_kind)pg_int(rows, row, 8),
		.seq = pg_int(rows, row, 9),
		.since_ms = pg_int(rows, row, 10),
		.due_ms = pg_int(rows, row, 11),
		.change = pg_int(rows, row, 12),
		.attempts = (int)pg_int(rows, row, 13),
		.http = (int)pg_int(rows, row, 14),
		.ocpi = (int)pg_int(rows, row, 15),
		.why = pg_text(rows, row, 16, arena),
	};
}

/* Spans come one behind the other. */
static void
take_span(struct store_op *op, const struct pg_result *rows, enum span span)
{
	struct store_parked_args *args = &op->u.parked;
	struct store_parked *out = (struct store_parked *)args->rows;

	for (int i = 0; i < pg_rows(rows); i++) {
		int64_t due_ms = pg_int(rows, i, 11);

		if (pg_int(rows, i, 0) != (int64_t)span)
			continue;
		if (span != SPAN_NEXT && args->count < args->limit)
			out[args->count++] = parked_of(rows, i, op->arena);
		else if (args->next_due_ms == 0)
			args->next_due_ms =
			        span == SPAN_NEXT || due_ms < args->now_ms ? due_ms : args->now_ms;
	}
}

static void
take_look(struct store_op *op, const struct pg_result *rows)
{
	struct store_parked_args *args = &op->u.parked;
	struct store_parked *out =
	        arena_take(op->arena, ((size_t)pg_rows(rows) + 1) * sizeof(*out));

	args->rows = out;
	args->count = 0;
	args->more = false;
	for (int i = 0; i < pg_rows(rows) && !args->more; i++) {
		args->more = pg_int(rows, i, 0) > (int64_t)args->look || args->count == args->limit;
		if (args->more)
			break;
		args->after = (struct store_place){ pg_int(rows, i, 11), pg_int(rows, i, 9) };
		if (pg_bool(rows, i, 17))
			out[args->count++] = parked_of(rows, i, op->arena);
	}
	op_result(op, RH_OK, "");
}

static void
take_parked(struct pg_read *read)
{
	struct store_op *op = read->op;
	struct store_parked_args *args = &op->u.parked;
	const struct pg_result *rows = read->calls[0].result;

	if (args->look > 0 && !is_all_of_object(args)) {
		take_look(op, rows);
		return;
	}
	args->rows = arena_take(op->arena, ((size_t)pg_rows(rows) + 1) * sizeof(*args->rows));
	args->count = 0;
	args->next_due_ms = 0;
	args->total = 0;
	for (enum span span = SPAN_DUE; span <= SPAN_NEXT; span++)
		take_span(op, rows, span);
	for (int i = 0; i < pg_rows(rows); i++)
		if (pg_int(rows, i, 0) == SPAN_TOTAL)
			args->total = (uint64_t)pg_int(rows, i, 9);
	op_result(op, RH_OK, "");
}

/* ---- pulls ---- */

static void
ask_pulled(struct pg_read *read)
{
	const struct store_pulled_args *args = &read->op->u.pulled;
	const struct store_key *after = &args->after;

	READ_ADD(read, PGS_PULLED, P_INT(args->platform), P_KEY(args->module), P_KEY(after->owner),
	        P_KEY(after->id), P_KEY(after->type), P_INT(args->limit));
}

static void
take_pulled(struct pg_read *read)
{
	struct store_op *op = read->op;
	const struct pg_result *rows = read->calls[0].result;
	size_t count = (size_t)pg_rows(rows);
	struct store_pulled *out = arena_take(op->arena, (count + 1) * sizeof(*out));

	for (int i = 0; i < (int)count; i++) {
		out[i].key = (struct store_key){
			.scope = STR("*"),
			.module = pg_text(rows, i, 0, op->arena),
			.owner = pg_text(rows, i, 1, op->arena),
			.id = pg_text(rows, i, 2, op->arena),
			.type = pg_text(rows, i, 3, op->arena),
		};
		out[i].missed = (int)pg_int(rows, i, 4);
	}
	op->u.pulled.rows = out;
	op->u.pulled.count = count;
	op_result(op, RH_OK, "");
}

const struct pg_read_verb pg_read_cursors = { ask_cursors, take_cursors, PG_LANE_OWN };
const struct pg_read_verb pg_read_failures = { ask_failures, take_failures, PG_LANE_OWN };
static void
ask_heads(struct pg_read *read)
{
	const struct store_heads_args *args = &read->op->u.heads;

	READ_ADD(read, PGS_PARKED_HEADS, P_INT(args->after.due_ms), P_INT(args->after.seq),
	        P_INT(args->limit + 1));
}

static void
take_heads(struct pg_read *read)
{
	struct store_op *op = read->op;
	struct store_heads_args *args = &op->u.heads;
	const struct pg_result *rows = read->calls[0].result;
	size_t there = (size_t)pg_rows(rows);
	struct store_parked_head *out = arena_take(op->arena, (there + 1) * sizeof(*out));

	args->more = there > args->limit;
	args->count = args->more ? args->limit : there;
	for (int i = 0; i < (int)args->count; i++) {
		out[i] = (struct store_parked_head){
			.receiver = pg_text(rows, i, 0, op->arena),
			.kind = (enum store_parked_kind)pg_int(rows, i, 1),
			.since_ms = pg_int(rows, i, 2),
			.is_object = pg_bool(rows, i, 3),
		};
		args->after = (struct store_place){ pg_int(rows, i, 4), pg_int(rows, i, 5) };
	}
	args->rows = out;
	op_result(op, RH_OK, "");
}

const struct pg_read_verb pg_read_heads = { ask_heads, take_heads, PG_LANE_ASKED };
const struct pg_read_verb pg_read_parked = { ask_parked, take_parked, PG_LANE_OWN };
const struct pg_read_verb pg_read_pulled = { ask_pulled, take_pulled, PG_LANE_OWN };
