/* parked: what a receiver is owed whatever its cursor says, as rows of the store. */
#include "parked.h"

#include <stdlib.h>

#include "../count.h"
#include "../parties/may_hub.h"
#include "expand.h"

enum {
	SLICE = 64,          /* rows of a read */
	READING_MOST = 1024, /* rows of a worker that are read at once, with their objects */
	SOON_MS = 200,       /* rows changed: when the next is due is asked again */
	FAILED_MS = 1000,    /* the store did not answer */
	FIRST_BYTES = 4096,
};

/* ---- rows are written and end ---- */

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
	channel_look(channel, rh_schedule_ms() + SOON_MS);
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
	channel_look(channel, rh_schedule_ms() + SOON_MS);
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

static struct store_key
copy_key(const struct store_key *key, struct arena *arena)
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
parked_write(struct channel *channel, struct owed *owed, const struct answer *answer)
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

/* A row is over; @taken: the refusals of its object too. */
static void
parked_end(struct channel *channel, const struct store_parked *row, bool taken)
{
	struct writing *writing = writing_new(channel, STORE_UNPARK, ended);
	struct store_parked *copy = arena_alloc(writing->arena, sizeof *copy);

	copy->receiver = str_of(channel->key);
	copy->to = arena_str(writing->arena, row->to);
	copy->key = copy_key(&row->key, writing->arena);
	writing->op.u.parked.taken = taken;
	channel->rows.ending++;
	if (!channel->marks.many) /* else hardly any of them has a row */
		channel->rows.changes++;
	submit(writing, copy);
}

void
parked_over(struct channel *channel, const struct owed *owed, bool taken)
{
	struct store_parked row = { .key = owed->object->key };
	char to[OCPI_ID_TEXT] = "";

	if (!owed->announces)
		(void)ocpi_id_key(&owed->to, to);
	row.to = str_of(to);
	if (taken)
		marks_drop(&channel->marks, owed->key);
	parked_end(channel, &row, taken);
}

/* ---- a row's object, as it is now ---- */

struct fetch {
	struct store_op op;
	struct batch *batch; /* this and the object lie in it */
	struct channel *channel;
	struct store_parked row;
};

static void
fetch_end(struct fetch *fetch)
{
	fetch->channel->rows.fetching--;
	channel_has_read(fetch->channel, 1);
	batch_release(fetch->batch);
}

static const struct party *
party_of(const struct platform *platform, struct str to)
{
	struct ocpi_id id;

	if (!ocpi_id_parse(to, &id))
		return NULL;
	for (size_t i = 0; i < platform->party_count; i++)
		if (ocpi_id_same(&platform->parties[i].id, &id) &&
		        platform->parties[i].state != STATE_SUSPENDED)
			return &platform->parties[i];
	return NULL;
}

/* Whom it goes to; NULL: it is entitled to it no more. */
static const struct party *
entitled(const struct hub *hub, const struct platform *platform, struct str to,
        const struct store_object *object)
{
	const struct party *party;

	if (to.len == 0)
		return platform->party_count > 0 && may_hear(hub, object, platform)
		               ? &platform->parties[0]
		               : NULL;
	party = party_of(platform, to);
	return party != NULL && may_get(hub, object, party) ? party : NULL;
}

static void
owe_row(struct fetch *fetch, const struct store_object *object)
{
	struct channel *channel = fetch->channel;
	const struct platform *platform = channel_open(channel);
	const struct party *party;
	struct owing owing = { .object = object, .batch = fetch->batch, .row = &fetch->row };

	if (platform == NULL || object->change > channel_head(channel)) {
		channel->rows.look_at_ms = rh_schedule_ms() + SOON_MS;
		return; /* the row stays; the feed brings what is newer than its head */
	}
	party = entitled(channel->pusher->worker->hub, platform, fetch->row.to, object);
	if (party == NULL) {
		parked_end(channel, &fetch->row, false);
		return;
	}
	owing.to = &party->id;
	owing.announces = fetch->row.to.len == 0;
	if (receiver_owe(&channel->receiver, &owing))
		channel_owes(channel);
}

static bool
same_key(const struct store_key *a, const struct store_key *b)
{
	return str_eq(a->module, b->module) && str_eq(a->owner, b->owner) && str_eq(a->id, b->id) &&
	       str_eq(a->type, b->type);
}

/* A deletion is a version, too: it is owed as long as it is the newest. */
static void
deletion_found(struct store_op *op)
{
	struct fetch *fetch = container_of(op, struct fetch, op);
	const struct store_object *object = op->u.feed.objects;

	if (op->err == RH_OK && op->u.feed.count == 1 && same_key(&object->key, &fetch->row.key))
		owe_row(fetch, object);
	else if (op->err == RH_OK)
		parked_end(fetch->channel, &fetch->row, false);
	fetch_end(fetch);
}

static void
find_deletion(struct fetch *fetch)
{
	fetch->op = (struct store_op){
		.verb = STORE_FEED, .done = deletion_found, .arena = fetch->batch->arena
	};
	fetch->op.u.feed.after = fetch->row.change - 1;
	fetch->op.u.feed.limit = 1;
	store_submit(fetch->channel->pusher->worker->session, &fetch->op);
}

/* It waits like one that was not taken, so that it neither is read all the time nor stands before
 * the others. */
static void
row_unread(struct fetch *fetch, const char *why)
{
	struct channel *channel = fetch->channel;
	struct writing *writing = writing_new(channel, STORE_PARK, ended);
	struct store_parked *row = arena_alloc(writing->arena, sizeof *row);

	*row = fetch->row;
	row->receiver = str_of(channel->key);
	row->to = arena_str(writing->arena, fetch->row.to);
	row->key = copy_key(&fetch->row.key, writing->arena);
	row->attempts++;
	row->due_ms = rh_schedule_ms() +
	              receiver_pause_ms((unsigned)row->attempts, channel->receiver.jitter);
	row->http = row->ocpi = 0;
	row->why = arena_str(writing->arena, str_of(why));
	channel->rows.ending++;
	submit(writing, row);
}

static void
fetched(struct store_op *op)
{
	struct fetch *fetch = container_of(op, struct fetch, op);

	if (fetch->channel->pusher->stopped) {
		fetch_end(fetch);
		return;
	}
	if (op->err == RH_NOT_FOUND && fetch->row.change > 0) {
		find_deletion(fetch);
		return;
	}
	if (op->err == RH_OK) {
		batch_weigh(fetch->batch);
		owe_row(fetch, &op->u.get.object);
	} else if (op->err == RH_NOT_FOUND) {
		parked_end(fetch->channel, &fetch->row, false);
	} else {
		row_unread(fetch, op->why);
	}
	fetch_end(fetch);
}

static void
fetch_start(struct channel *channel, const struct store_parked *row)
{
	struct batch *batch = batch_new(&channel->pusher->held, FIRST_BYTES);
	struct fetch *fetch = arena_alloc(batch->arena, sizeof *fetch);

	fetch->batch = batch;
	fetch->channel = channel;
	fetch->row = *row;
	fetch->row.to = arena_str(batch->arena, row->to);
	fetch->row.key = copy_key(&row->key, batch->arena);
	fetch->op = (struct store_op){
		.verb = STORE_OBJECT_GET, .done = fetched, .arena = batch->arena
	};
	fetch->op.u.get.key = fetch->row.key;
	channel->rows.fetching++;
	channel_reads(channel, 1);
	store_submit(channel->pusher->worker->session, &fetch->op);
}

/* ---- what is due ---- */

struct look {
	struct store_op op;
	struct arena *arena;
	struct channel *channel;
};

static bool
is_on_its_way(const struct channel *channel, const struct store_parked *row)
{
	struct str key = receiver_key(row->to, &row->key);
	bool found = table_get(channel->receiver.owed, key) != NULL;

	free((void *)(uintptr_t)key.p);
	return found;
}

static void
take_rows(struct channel *channel, const struct store_parked *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (rows[i].key.id.len == 0)
			expand_start(channel, &rows[i]);
		else if (!is_on_its_way(channel, &rows[i]))
			fetch_start(channel, &rows[i]);
	}
}

/* A newcomer knows who is there: what they have may follow (HCI-014). */
static void
introduced(struct channel *channel)
{
	channel->rows.introducing = false;
	channel->receiver.introduced_by_ms = 0;
	channel_owes(channel);
	channel->pusher->turn_soon(channel->pusher);
}

static void
use_rows(struct channel *channel, const struct store_parked_args *args)
{
	int64_t now_ms = rh_schedule_ms();

	take_rows(channel, args->rows, args->count);
	if (channel->rows.fetching > 0)
		channel->rows.look_at_ms = now_ms; /* when these are over */
	else
		channel->rows.look_at_ms = args->count > 0 ? now_ms + SOON_MS : args->next_due_ms;
	if (args->count == 0 && channel->rows.introducing)
		introduced(channel);
	if (args->total == 0) {
		atomic_store(&channel->live->push.syncing, 0);
		list_remove(&channel->parked);
	}
}

static void
looked(struct store_op *op)
{
	struct look *look = container_of(op, struct look, op);
	struct channel *channel = look->channel;

	channel->rows.looking = false;
	channel_has_read(channel, SLICE);
	if (op->err != RH_OK)
		channel->rows.look_at_ms = rh_schedule_ms() + FAILED_MS;
	else if (channel->rows.changes != channel->rows.changes_seen)
		channel->rows.look_at_ms = rh_schedule_ms(); /* some came or ended meanwhile */
	else if (!channel->pusher->stopped)
		use_rows(channel, &op->u.parked);
	arena_free(look->arena);
}

static bool
may_look(const struct channel *channel)
{
	const struct receiver *receiver = &channel->receiver;

	if (list_empty(&channel->parked) || channel->pusher->stopped || channel->rows.looking ||
	        channel->rows.look_at_ms > rh_schedule_ms())
		return false;
	/* one slice after the other, so that nothing is read that just ends */
	if (channel->away || channel->rows.fetching > 0 || channel->rows.ending > 0 ||
	        receiver->extra_count > 0)
		return false;
	return net_loop_now(channel->pusher->worker->loop) >= receiver->retry_at_ms;
}

/* Many may have rows at once: what is read for them is bounded in all, and they take turns. */
static bool
has_room(struct pusher *pusher)
{
	bool room = pusher->rows.reading + SLICE <= READING_MOST && pusher->held < PUSHER_HELD_MOST;

	pusher->rows.wanted |= !room;
	return room;
}

void
parked_look(struct channel *channel)
{
	struct pusher *pusher = channel->pusher;
	struct arena *arena;
	struct look *look;

	if (!may_look(channel) || !has_room(pusher))
		return;
	list_remove(&channel->parked);
	list_add_tail(&pusher->parked, &channel->parked);
	channel_reads(channel, SLICE);
	arena = arena_new(FIRST_BYTES);
	look = arena_alloc(arena, sizeof *look);
	look->arena = arena;
	look->channel = channel;
	look->op.arena = arena;
	look->op.verb = STORE_PARKED;
	look->op.done = looked;
	look->op.u.parked.receiver = str_of(channel->key);
	look->op.u.parked.now_ms = channel->rows.early != EARLY_NONE ? INT64_MAX : rh_schedule_ms();
	look->op.u.parked.limit = channel->rows.early == EARLY_ONE ? 1 : SLICE;
	channel->rows.changes_seen = channel->rows.changes;
	channel->rows.early = EARLY_NONE;
	channel->rows.looking = true;
	store_submit(channel->pusher->worker->session, &look->op);
}

void
parked_early(struct channel *channel, enum early early)
{
	if (early == EARLY_NONE)
		return;
	if (channel->rows.early < early)
		channel->rows.early = early;
	channel_look(channel, 0);
}

void
parked_turn(struct pusher *pusher)
{
	pusher->rows.wanted = false;
	list_each_safe (node, next, &pusher->parked)
		parked_look(container_of(node, struct channel, parked));
}

/* A look that is under way may have missed them. */
static void
look_anew(struct channel *channel)
{
	channel->rows.changes++;
	channel_look(channel, 0);
	parked_look(channel);
}

void
parked_news(struct pusher *pusher)
{
	for (size_t i = 0; i < pusher->channel_count; i++) {
		struct channel *channel = pusher->channels[i];

		if (!atomic_exchange(&channel->live->push.news, false))
			continue;
		receiver_hurry(&channel->receiver);
		channel_owes(channel);
		look_anew(channel);
	}
}

void
parked_woken(struct pusher *pusher)
{
	for (size_t i = 0; i < pusher->channel_count; i++)
		if (pusher->channels[i]->marks.many || pusher->channels[i]->marks.keys != NULL)
			look_anew(pusher->channels[i]);
}
