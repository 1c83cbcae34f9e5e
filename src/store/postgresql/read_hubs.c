/* read_hubs: the processes that share the database. */
#include "parts.h"

enum { HUBS_MOST = 64 };

static void
ask_hubs(struct pg_read *read)
{
	READ_ADD(read, PGS_HUBS, P_INT(HUBS_MOST));
}

static void
take_hubs(struct pg_read *read)
{
	struct store_op *op = read->op;
	const struct pg_result *rows = read->calls[0].result;
	size_t count = (size_t)pg_rows(rows);
	struct store_hub *out = arena_take(op->arena, (count + 1) * sizeof(*out));

	for (size_t i = 0; i < count; i++)
		out[i] = (struct store_hub){ .about = pg_text(rows, (int)i, 0, op->arena),
			.leads = pg_bool(rows, (int)i, 1),
			.since_ms = pg_int(rows, (int)i, 2),
			.seen_ms = pg_int(rows, (int)i, 3),
			.works = pg_bool(rows, (int)i, 4),
			.leaves = pg_bool(rows, (int)i, 5),
			.slots = (unsigned)pg_int(rows, (int)i, 6),
			.behind = pg_int(rows, (int)i, 7) };
	op->u.hubs.rows = out;
	op->u.hubs.count = count;
	op_result(op, RH_OK, "");
}

const struct pg_read_verb pg_read_hubs = { ask_hubs, take_hubs };
