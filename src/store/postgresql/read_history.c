/* read_history: what happened to the hub, and to messages. */
#include "parts.h"

/* ---- events ---- */

static enum pg_sql
events_sql(const struct store_events_args *args)
{
	bool after = args->after > 0;

	if (args->types[0].p != NULL && args->platform != 0)
		return after ? PGS_EVENTS_OF_BOTH_AFTER : PGS_EVENTS_OF_BOTH;
	if (args->types[0].p != NULL)
		return after ? PGS_EVENTS_OF_TYPE_AFTER : PGS_EVENTS_OF_TYPE;
	if (args->platform != 0)
		return after ? PGS_EVENTS_OF_PLATFORM_AFTER : PGS_EVENTS_OF_PLATFORM;
	return after ? PGS_EVENTS_ALL_AFTER : PGS_EVENTS_ALL;
}

static struct str
types_of(const struct store_events_args *args, struct arena *arena)
{
	size_t count = 0;
	struct pg_array types;

	while (count < STORE_EVENT_TYPES && args->types[count].p != NULL)
		count++;
	if (count == 0)
		return (struct str){ 0 };
	types = pg_array(arena, PG_OF_TEXT, count);
	for (size_t i = 0; i < count; i++)
		pg_array_add(&types, args->types[i]);
	return buf_str(&types.buf);
}

static void
ask_events(struct pg_read *read)
{
	const struct store_events_args *args = &read->op->u.events;

	READ_ADD(read, events_sql(args), P_BYTES(types_of(args, read->arena)),
	        P_INT(args->platform), P_BYTES(args->who), P_BYTES(args->what),
	        P_INT(args->since_ms), P_INT(args->until_ms > 0 ? args->until_ms : INT64_MAX),
	        P_INT(args->after), P_INT(args->before > 0 ? args->before : INT64_MAX),
	        P_INT(args->limit));
}

static void
take_events(struct pg_read *read)
{
	struct store_op *op = read->op;
	const struct pg_result *rows = read->calls[0].result;
	size_t count = (size_t)pg_rows(rows);
	struct store_event *out = arena_take(op->arena, (count + 1) * sizeof(*out));

	for (int i = 0; i < (int)count; i++)
		out[i] = (struct store_event){
			.id = pg_int(rows, i, 0),
			.at_ms = pg_int(rows, i, 1),
			.type = pg_text(rows, i, 2, op->arena),
			.platform = pg_int(rows, i, 3),
			.who = pg_text(rows, i, 4, op->arena),
			.address = pg_text(rows, i, 5, op->arena),
			.what = pg_text(rows, i, 6, op->arena),
			.subject = pg_text(rows, i, 7, op->arena),
			.data = pg_text(rows, i, 8, op->arena),
		};
	op->u.events.rows = out;
	op->u.events.count = count;
	op_result(op, RH_OK, "");
}

/* ---- the trace ---- */

/* Failures are few, as a rule. */
static enum pg_sql
trace_sql(const struct store_op *op)
{
	if (op->u.trace.correlation_id.p != NULL)
		return PGS_TRACE_BY_CORRELATION;
	if (op->u.trace.object.p != NULL)
		return PGS_TRACE_BY_OBJECT;
	if (op->u.trace.outcomes != 0 && !(op->u.trace.outcomes & 1U << TRACE_OK))
		return op->u.trace.of_platform ? PGS_TRACE_FAILED_PLATFORM : PGS_TRACE_FAILED;
	if (op->u.trace.party.p != NULL)
		return PGS_TRACE_BY_PARTY;
	if (op->u.trace.of_platform)
		return PGS_TRACE_BY_PLATFORM;
	return op->u.trace.module.p != NULL ? PGS_TRACE_BY_MODULE : PGS_TRACE_ALL;
}

static void
ask_trace(struct pg_read *read)
{
	const struct store_op *op = read->op;
	struct pg_value none = P_BYTES((struct str){ 0 });

	READ_ADD(read, trace_sql(op), P_BYTES(op->u.trace.correlation_id),
	        P_BYTES(op->u.trace.party), P_BYTES(op->u.trace.object),
	        P_INT(op->u.trace.since_ms),
	        P_INT(op->u.trace.until_ms > 0 ? op->u.trace.until_ms : INT64_MAX),
	        op->u.trace.of_platform ? P_INT(op->u.trace.platform) : none,
	        P_BYTES(op->u.trace.module),
	        P_INT(op->u.trace.outcomes != 0 ? op->u.trace.outcomes : UINT32_MAX),
	        P_INT(trace_limit(op) + 1),
	        P_INT(op->u.trace.before_id > 0 ? op->u.trace.before_id : INT64_MAX),
	        P_BYTES(op->u.trace.text), P_INT(STORE_TRACE_LOOK + 1));
}

static struct store_trace
leg_of(const struct pg_result *rows, int row, struct arena *arena)
{
	return (struct store_trace){
		.id = pg_int(rows, row, 0),
		.at_ms = pg_int(rows, row, 1),
		.platform = pg_int(rows, row, 2),
		.outcome = (enum store_trace_outcome)pg_int(rows, row, 3),
		.module = pg_text(rows, row, 4, arena),
		.correlation_id = pg_text(rows, row, 5, arena),
		.request_id = pg_text(rows, row, 6, arena),
		.from = pg_text(rows, row, 7, arena),
		.to = pg_text(rows, row, 8, arena),
		.object = pg_text(rows, row, 9, arena),
		.doc = pg_text(rows, row, 10, arena),
	};
}

/* Newest first as they come, newest last as they are wanted. */
static void
take_trace(struct pg_read *read)
{
	struct store_op *op = read->op;
	const struct pg_result *rows = read->calls[0].result;
	size_t limit = trace_limit(op), at = limit;
	struct store_trace *out = arena_take(op->arena, (limit + 1) * sizeof(*out));
	int last = -1;
	bool more = false;

	for (int i = 0; i < pg_rows(rows) && !more; i++) {
		more = at == 0 || pg_int(rows, i, 11) > STORE_TRACE_LOOK;
		if (more)
			break;
		last = i;
		if (pg_bool(rows, i, 12))
			out[--at] = leg_of(rows, i, op->arena);
	}
	op->u.trace.next_ms = more && last >= 0 ? pg_int(rows, last, 1) : 0;
	op->u.trace.next_id = more && last >= 0 ? pg_int(rows, last, 0) : 0;
	op->u.trace.rows = out + at;
	op->u.trace.count = limit - at;
	op_result(op, RH_OK, "");
}

const struct pg_read_verb pg_read_events = { ask_events, take_events, PG_LANE_ASKED };
const struct pg_read_verb pg_read_trace = { ask_trace, take_trace, PG_LANE_ASKED };
