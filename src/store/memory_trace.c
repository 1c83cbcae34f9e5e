/* memory_trace: recent history as an array of the rows that were handed over.
 * Bounded like the other backend's, by age and bytes, a slice at a time. */
#include "memory.h"

#include <stdlib.h>
#include <string.h>

enum { TRIM_ROWS = 256 };

static int64_t
row_bytes(const struct store_trace *row)
{
	return (int64_t)(sizeof(*row) + row->module.len + row->correlation_id.len +
	                 row->request_id.len + row->from.len + row->to.len + row->object.len +
	                 row->doc.len);
}

/* Room at the end: the rows move to the front when half of the array is free there. */
static void
reserve(struct memory_trace *trace, size_t more)
{
	size_t need = trace->count + more;
	struct store_trace **old = trace->rows;

	if (trace->first + need <= trace->cap)
		return;
	if (need > trace->cap / 2) {
		trace->cap = 2 * need;
		trace->rows = rh_alloc(trace->cap * sizeof(*old));
	}
	if (trace->count > 0)
		memmove(trace->rows, old + trace->first, trace->count * sizeof(*old));
	trace->first = 0;
	if (old != trace->rows)
		free(old);
}

void
memory_trace_add(struct memory_trace *trace, struct store_trace **rows, size_t count)
{
	reserve(trace, count);
	for (size_t i = 0; i < count; i++) {
		trace->rows[trace->first + trace->count++] = rows[i];
		trace->bytes += row_bytes(rows[i]);
		rows[i] = NULL;
	}
}

static bool
is_over(const struct memory_trace *trace, const struct trace_bounds *bounds, int64_t now_ms)
{
	if (trace->count == 0)
		return false;
	if (bounds->max_bytes > 0 && trace->bytes > bounds->max_bytes)
		return true;
	return bounds->max_age_ms > 0 &&
	       trace->rows[trace->first]->at_ms < now_ms - bounds->max_age_ms;
}

static void
drop_oldest(struct memory_trace *trace)
{
	struct store_trace *row = trace->rows[trace->first++];

	trace->count--;
	trace->gone++;
	trace->bytes -= row_bytes(row);
	free(row);
}

bool
memory_trace_cut(struct memory_trace *trace, const struct trace_bounds *bounds, int64_t now_ms)
{
	for (size_t i = 0; i < TRIM_ROWS && is_over(trace, bounds, now_ms); i++)
		drop_oldest(trace);
	return is_over(trace, bounds, now_ms);
}

void
memory_trace_drop(struct memory_trace *trace, struct store_trace_erase_args *args)
{
	size_t kept = trace->first;

	if (args->dry_run)
		args->count = 0; /* it begins anew with every slice */
	for (size_t i = trace->first, end = i + trace->count; i < end; i++) {
		struct store_trace *row = trace->rows[i];
		bool goes = store_trace_names(args, row);

		args->count += goes;
		if (!goes || args->dry_run) {
			trace->rows[kept++] = row;
			continue;
		}
		trace->bytes -= row_bytes(row);
		free(row);
	}
	trace->count = kept - trace->first;
}

void
memory_trace_free(struct memory_trace *trace)
{
	while (trace->count > 0)
		drop_oldest(trace);
	free(trace->rows);
}

static struct store_trace
copy_trace(struct arena *arena, const struct store_trace *from)
{
	return (struct store_trace){
		.at_ms = from->at_ms,
		.platform = from->platform,
		.outcome = from->outcome,
		.module = arena_str(arena, from->module),
		.correlation_id = arena_str(arena, from->correlation_id),
		.request_id = arena_str(arena, from->request_id),
		.from = arena_str(arena, from->from),
		.to = arena_str(arena, from->to),
		.object = arena_str(arena, from->object),
		.doc = arena_str(arena, from->doc),
	};
}

/** Does @text stand in @in, whatever the case? */
static bool
stands_in(struct str text, struct str in)
{
	for (size_t i = 0; i + text.len <= in.len; i++)
		if (str_ieq((struct str){ in.p + i, text.len }, text))
			return true;
	return false;
}

static bool
has_text(const struct store_trace *row, struct str text)
{
	return text.p == NULL || stands_in(text, row->doc) || stands_in(text, row->object) ||
	       stands_in(text, row->from) || stands_in(text, row->to) ||
	       stands_in(text, row->correlation_id) || stands_in(text, row->request_id);
}

static bool
is_before(const struct store_op *op, const struct store_trace *row, int64_t id)
{
	int64_t until_ms = op->u.trace.until_ms;

	return until_ms == 0 || row->at_ms < until_ms ||
	       (row->at_ms == until_ms &&
	               (op->u.trace.before_id == 0 || id < op->u.trace.before_id));
}

/* What an index finds elsewhere. */
static bool
is_named(const struct store_op *op, const struct store_trace *row)
{
	struct str correlation_id = op->u.trace.correlation_id;
	struct str party = op->u.trace.party, object = op->u.trace.object;

	return row->at_ms >= op->u.trace.since_ms &&
	       (!op->u.trace.of_platform || op->u.trace.platform == row->platform) &&
	       (op->u.trace.module.p == NULL || str_eq(op->u.trace.module, row->module)) &&
	       (correlation_id.p == NULL || str_eq(correlation_id, row->correlation_id)) &&
	       (object.p == NULL || str_eq(object, row->object)) &&
	       (party.p == NULL || str_eq(party, row->from) || str_eq(party, row->to));
}

static bool
is_wanted(const struct store_op *op, const struct store_trace *row)
{
	return has_text(row, op->u.trace.text) &&
	       (op->u.trace.outcomes == 0 || (op->u.trace.outcomes >> row->outcome & 1));
}

void
memory_trace_find(const struct memory_trace *trace, struct store_op *op)
{
	size_t limit = trace_limit(op);
	struct store_trace *rows = arena_alloc(op->arena, limit * sizeof(*rows)), last = { 0 };
	size_t at = limit, looked = 0;

	op->u.trace.next_ms = op->u.trace.next_id = 0;
	for (size_t i = trace->count; i > 0; i--) {
		const struct store_trace *row = trace->rows[trace->first + i - 1];
		int64_t id = trace->gone + (int64_t)i;

		if (!is_before(op, row, id) || !is_named(op, row))
			continue;
		if (at == 0 || looked == STORE_TRACE_LOOK) {
			op->u.trace.next_ms = last.at_ms;
			op->u.trace.next_id = last.id;
			break;
		}
		looked++;
		last = (struct store_trace){ .at_ms = row->at_ms, .id = id };
		if (!is_wanted(op, row))
			continue;
		rows[--at] = copy_trace(op->arena, row);
		rows[at].id = id;
	}
	op->u.trace.rows = rows + at;
	op->u.trace.count = limit - at;
}
