/* rows: what a receiver is owed beside the feed is written to the store, and ends. */
#include "rows.h"

#include "../count.h"

struct writing {
	struct store_op op;
	struct arena *arena;
	struct channel *channel;
	struct owed *owed; /* of a row that is written */
};

static struct writing *
writing_new(struct channel *channel, enum store_verb verb, void (*done)(struct store_op *op))
{
	struct arena *arena = arena_new(1024);
	struct writing *writing = arena_alloc(arena, sizeof *writing);

	writing->arena = arena;
	writing->channel = channel;
	writing->op.verb = verb;
	writing->op.done = done;
	return writing;
}

static void
submit(struct writing *writing, const struct store_parked *row)
{
	writing->op.u.parked.rows = row;
	writing->op.u.parked.count = 1;
	store_submit(writing->channel->pusher->worker->session, &writing->op);
}

static void
written(struct store_op *op)
{
	struct writing *writing = container_of(op, struct writing, op);
	struct channel *channel = writing->channel;
	struct owed *owed = writing->owed;

	if (op->err == RH_OK) {
		marks_add(&channel->marks, owed->key);
		count_add(&channel->pusher->worker->counters.total[COUNT_PARKED], 1);
	}
	receiver_parked(owed, op->err == RH_OK, net_loop_now(channel->pusher->worker->loop));
	channel_owes(channel);
	channel_look(channel, rh_schedule_ms() + ROWS_SOON_MS);
	channel->pusher->turn_soon(channel->pusher);
	arena_free(writing->arena); /* it lies in it */
}

static void
ended(struct store_op *op)
{
	struct writing *writing = container_of(op, struct writing, op);
	struct channel *channel = writing->channel;

	channel->rows.ending--;
	if (op->err == RH_OK)
		count_add(&channel->pusher->worker->counters.total[COUNT_UNPARKED], 1);
	channel_look(channel, rh_schedule_ms() + ROWS_SOON_MS);
	channel->pusher->look_now(channel);
	arena_free(writing->arena); /* it lies in it */
}

static struct str
to_of(const struct owed *owed, struct arena *arena)
{
	char to[OCPI_ID_TEXT] = "";

	if (!owed->announces)
		(void)ocpi_id_key(&owed->to, to);
	return arena_str(arena, str_of(to));
}

struct store_key
rows_copy_key(const struct store_key *key, struct arena *arena)
{
	return (struct store_key){
		.scope = arena_str(arena, key->scope),
		.module = arena_str(arena, key->module),
		.owner = arena_str(arena, key->owner),
		.id = arena_str(arena, key->id),
		.type = arena_str(arena, key->type),
	};
}

void
rows_write(struct channel *channel, struct owed *owed, const struct answer *answer)
{
	struct writing *writing = writing_new(channel, STORE_PARK, written);
	struct store_parked *row = arena_alloc(writing->arena, sizeof *row);
	int64_t now_ms = rh_schedule_ms();

	writing->owed = owed;
	*row = (struct store_parked){
		.receiver = str_of(channel->key),
		.to = to_of(owed, writing->arena),
		.key = owed->object->key, /* in the object's batch, which stays */
		.kind = PARKED_FAILED,
		.since_ms = owed->kept_since_ms != 0 ? owed->kept_since_ms : now_ms,
		.due_ms = now_ms + receiver_pause_ms(owed->attempts, channel->receiver.jitter),
		.change = owed->object->change,
		.attempts = (int)owed->attempts,
		.http = answer->http,
		.ocpi = answer->ocpi,
		.why = arena_str(writing->arena, str_of(answer->why)),
	};
	submit(writing, row);
}

void
rows_end(struct channel *channel, const struct store_parked *row, bool taken)
{
	struct writing *writing = writing_new(channel, STORE_UNPARK, ended);
	struct store_parked *copy = arena_alloc(writing->arena, sizeof *copy);

	copy->receiver = str_of(channel->key);
	copy->to = arena_str(writing->arena, row->to);
	copy->key = rows_copy_key(&row->key, writing->arena);
	copy->change = row->change;
	writing->op.u.parked.taken = taken;
	channel->rows.ending++;
	if (!channel->marks.many) /* else hardly any of them has a row */
		channel->rows.changes++;
	submit(writing, copy);
}

void
rows_over(struct channel *channel, const struct owed *owed, bool taken)
{
	struct store_parked row = { .key = owed->object->key, .change = owed->object->change };
	char to[OCPI_ID_TEXT] = "";

	if (!owed->announces)
		(void)ocpi_id_key(&owed->to, to);
	row.to = str_of(to);
	if (taken)
		marks_drop(&channel->marks, owed->key);
	rows_end(channel, &row, taken);
}

void
rows_unread(struct channel *channel, const struct store_parked *unread, const char *why)
{
	struct writing *writing = writing_new(channel, STORE_PARK, ended);
	struct store_parked *row = arena_alloc(writing->arena, sizeof *row);

	*row = *unread;
	row->receiver = str_of(channel->key);
	row->to = arena_str(writing->arena, unread->to);
	row->key = rows_copy_key(&unread->key, writing->arena);
	row->attempts++;
	row->due_ms = rh_schedule_ms() +
	              receiver_pause_ms((unsigned)row->attempts, channel->receiver.jitter);
	row->http = row->ocpi = 0;
	row->why = arena_str(writing->arena, str_of(why));
	channel->rows.ending++;
	submit(writing, row);
}
