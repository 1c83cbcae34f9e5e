/* parked: what a receiver is owed whatever its cursor says, as rows of the store. */
#include "parked.h"

#include <stdlib.h>

#include "../parties/may_hub.h"
#include "expand.h"
#include "rows.h"

enum {
	SLICE = 64,          /* rows of a read */
	LOOKED = 64,         /* channels that may look in a turn */
	READING_MOST = 1024, /* rows of a worker that are read at once, with their objects */
	FAILED_MS = 1000,    /* the store did not answer */
	FIRST_BYTES = 4096,
};

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

	if (platform == NULL ||
	        (str_is(object->key.scope, "*") && object->change > channel_head(channel))) {
		channel->rows.look_at_ms = rh_schedule_ms() + ROWS_SOON_MS;
		return; /* the row stays; the feed brings what is newer than its head */
	}
	party = entitled(channel->pusher->worker->hub, platform, fetch->row.to, object);
	if (party == NULL) {
		rows_end(channel, &fetch->row, false);
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
		rows_end(fetch->channel, &fetch->row, false);
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
		rows_end(fetch->channel, &fetch->row, false);
	} else {
		rows_unread(fetch->channel, &fetch->row, op->why);
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
	fetch->row.key = rows_copy_key(&row->key, batch->arena);
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
		channel->rows.look_at_ms =
		        args->count > 0 ? now_ms + ROWS_SOON_MS : args->next_due_ms;
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
	else if (!channel->pusher->stopped && !channel->closing)
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
	const struct list *last = pusher->parked.prev;
	bool more = !list_empty(&pusher->parked);

	pusher->rows.wanted = false;
	for (size_t i = 0; i < LOOKED && more; i++) {
		struct channel *channel = container_of(pusher->parked.next, struct channel, parked);

		more = &channel->parked != last;
		list_remove(&channel->parked);
		list_add_tail(&pusher->parked, &channel->parked);
		parked_look(channel);
	}
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
		bool more = atomic_exchange(&channel->live->push.more, false);

		if (atomic_exchange(&channel->live->push.news, false)) {
			receiver_hurry(&channel->receiver);
			channel_owes(channel);
		} else if (!more) {
			continue;
		}
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
