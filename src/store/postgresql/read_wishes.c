/* read_wishes: what operators asked for and is not done yet. */
#include "parts.h"

static void
ask_wishes(struct pg_read *read)
{
	read_add(read, PGS_WISHES, NULL, 0);
}

static void
take_wishes(struct pg_read *read)
{
	struct store_op *op = read->op;
	const struct pg_result *rows = read->calls[0].result;
	size_t count = (size_t)pg_rows(rows);
	struct store_wish *list = arena_take(op->arena, (count + 1) * sizeof(*list));

	for (int i = 0; i < (int)count; i++)
		list[i] = (struct store_wish){ .platform = pg_int(rows, i, 0),
			.kind = (enum store_wish_kind)pg_int(rows, i, 1),
			.nth = pg_int(rows, i, 2) };
	op->u.wishes.rows = list;
	op->u.wishes.count = count;
	op_result(op, RH_OK, "");
}

const struct pg_read_verb pg_read_wishes = { ask_wishes, take_wishes };
