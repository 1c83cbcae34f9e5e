/* read_tallies: what other processes count of a platform. */
#include "parts.h"

static void
ask_tallies(struct pg_read *read)
{
	const struct store_tallies_args *args = &read->op->u.tallies;

	READ_ADD(read, PGS_TALLIES, P_INT(args->nth), P_INT(args->who));
}

static void
take_tallies(struct pg_read *read)
{
	struct store_op *op = read->op;
	const struct pg_result *rows = read->calls[0].result;
	size_t count = (size_t)pg_rows(rows);
	struct str *docs = arena_take(op->arena, (count + 1) * sizeof(*docs));

	for (int i = 0; i < (int)count; i++)
		docs[i] = pg_text(rows, i, 0, op->arena);
	op->u.tallies.docs = docs;
	op->u.tallies.count = count;
	op_result(op, RH_OK, "");
}

const struct pg_read_verb pg_read_tallies = { ask_tallies, take_tallies };
