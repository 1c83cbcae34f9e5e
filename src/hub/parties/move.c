/* move: what was addressed to a party while one platform held it becomes another's, a slice at a
 * time. Control thread, for `roamhubctl party move`. */
#include "directory.h"

#include <stdlib.h>

struct move {
	struct store_op op;
	struct hub *hub;
	struct arena *arena;
	struct ocpi_id party;
	int64_t to;
	uint64_t moved;
	registry_done_fn done;
	void *ctx;
};

static void
move_end(struct move *move, struct fault *fault)
{
	move->hub->control_work--;
	move->done(move->ctx, fault->err, fault, move->to, (struct str){ 0 });
	arena_free(move->arena); /* it lies in it */
}

static void
slice_moved(struct store_op *op)
{
	struct move *move = container_of(op, struct move, op);
	struct fault fault = { 0 };

	move->moved += op->u.scope.moved;
	if (op->err == RH_OK && op->u.scope.moved > 0) {
		store_submit(move->hub->session, op);
		return;
	}
	if (op->err != RH_OK)
		(void)fault_set(&fault, RH_STORE_FAILED, "store", "%s; %llu objects were moved",
		        op->why, (unsigned long long)move->moved);
	LOG(LOG_INFO, "registry", KVS("moved_from", op->u.scope.from),
	        KVS("moved_to", op->u.scope.to), KVN("objects", (int64_t)move->moved));
	move_end(move, &fault);
}

static bool
is_held(const struct platform *platform, const struct ocpi_id *id)
{
	return platform != NULL && !platform->removed && platform_has_party(platform, id);
}

static enum rh_err
check_move(const struct hub *hub, const struct ocpi_id *id, int64_t from, int64_t to,
        struct fault *fault)
{
	const struct directory *directory = hub_directory(hub);
	const struct platform *source = directory_platform(directory, from);

	if (from == to)
		return fault_set(fault, RH_BAD_FIELD, "to", "is the same platform as from");
	if (source == NULL)
		return fault_set(
		        fault, RH_BAD_FIELD, "from", "there is no platform %lld", (long long)from);
	if (is_held(source, id))
		return fault_set(fault, RH_BAD_FIELD, "from",
		        "platform %lld still holds %s*%s, expected one that was removed or "
		        "dropped it",
		        (long long)from, id->country, id->party);
	if (!is_held(directory_platform(directory, to), id))
		return fault_set(fault, RH_BAD_FIELD, "to",
		        "platform %lld does not hold %s*%s, expected the one that does",
		        (long long)to, id->country, id->party);
	return RH_OK;
}

void
registry_move(struct hub *hub, const struct ocpi_id *party, int64_t from, int64_t to,
        registry_done_fn done, void *ctx)
{
	struct arena *arena = arena_new(512);
	struct move *move = arena_alloc(arena, sizeof *move);
	struct store_scope_args *args = &move->op.u.scope;
	struct fault fault = { 0 };

	move->hub = hub;
	move->arena = arena;
	move->party = *party;
	move->to = to;
	move->done = done;
	move->ctx = ctx;
	hub->control_work++;
	if (check_move(hub, party, from, to, &fault) != RH_OK) {
		move_end(move, &fault);
		return;
	}
	args->from = directory_scope(party, from, arena);
	args->to = directory_scope(party, to, arena);
	move->op.verb = STORE_SCOPE_MOVE;
	move->op.done = slice_moved;
	move->op.arena = arena;
	store_submit(hub->session, &move->op);
}
