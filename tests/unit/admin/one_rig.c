/* one_rig: see one_rig.h. */
#include "one_rig.h"

struct rig *rig;

void
one_rig(void)
{
	rig = rig_new();
}

void
one_rig_end(void)
{
	rig_end(rig);
}

void
invite(size_t count)
{
	for (size_t i = 0; i < count; i++)
		ck_assert_int_eq(
		        rig_ask(rig, "POST", "/admin/v1/platforms", "{\"name\":\"One\"}").status,
		        201);
}

struct put {
	struct store_op *op;
	bool done;
};
static struct put put; /* one at a time */

static void
on_put(struct store_op *op)
{
	put.done = op == put.op;
}

enum rh_err
store_do(struct store_op *op)
{
	put = (struct put){ .op = op };
	op->done = on_put;
	op->arena = rig->arena;
	store_submit(hub_session(rig->hub), op);
	while (!put.done)
		net_loop_turn(hub_loop(rig->hub), 1000);
	return op->err;
}

void
put_parked(const struct store_parked *rows, size_t count)
{
	struct store_op op = { .verb = STORE_PARK };

	op.u.parked.rows = rows;
	op.u.parked.count = count;
	ck_assert_int_eq(store_do(&op), RH_OK);
}
