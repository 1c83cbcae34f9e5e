/* read_statuses: what others wrote down of the platforms whose slots they hold. */
#include "parts.h"

static void
ask_statuses(struct pg_read *read)
{
	READ_ADD(read, PGS_STATUSES, P_INT(read->op->u.statuses.since));
}

static void
take_statuses(struct pg_read *read)
{
	struct store_op *op = read->op;
	struct store_statuses_args *out = &op->u.statuses;
	const struct pg_result *rows = read->calls[0].result;
	size_t count = (size_t)pg_rows(rows);
	struct store_status *list = arena_take(op->arena, (count + 1) * sizeof(*list));

	for (int i = 0; i < (int)count; i++)
		list[i] = (struct store_status){ .platform = pg_int(rows, i, 0),
			.state = (int)pg_int(rows, i, 1),
			.at_ms = pg_int(rows, i, 2),
			.doc = pg_text(rows, i, 3, op->arena) };
	out->newest = count > 0 ? pg_int(rows, (int)count - 1, 4) : out->since;
	out->rows = list;
	out->count = count;
	op_result(op, RH_OK, "");
}

const struct pg_read_verb pg_read_statuses = { ask_statuses, take_statuses };
