/* feed: reads the feed of changes and hands each to who may get it.
 *
 * Those in step share one read. Those that lag behind share another, from the place of the last of
 * them, and whoever stands within what was read takes his part of it. */
#include "feed.h"

#include <stdlib.h>

#include "../count.h"
#include "../parties/may_hub.h"
#include "../parties/view.h"
#include "receivers.h"

enum {
	FEED_LIMIT = 64,
	FEED_BEHIND = 16,  /* for those that lag: many read while the others want something */
	FEED_GIVEN = 1024, /* objects of a read times those who take them: given in a turn */
	FEED_BYTES = 1 << 20,
	READ_AGAIN_MS = 250, /* after a read that failed, doubled each time */
	READ_AGAIN_MOST_MS = 10 * 1000,
	LOOK_AGAIN_MS = 2,
	FIRST_BYTES = 16384,
};

/* ---- what was read is handed out ---- */

struct reading {
	struct store_op op;
	struct pusher *pusher;
	struct batch *batch; /* this and the objects lie in it */
	bool step;
	uint64_t view; /* that it waits for */
	struct net_timer timer;
};

static void
owe(struct channel *channel, const struct store_object *object, struct batch *batch,
        const struct ocpi_id *to, bool announces)
{
	struct owing owing = { .to = to, .object = object, .batch = batch, .announces = announces };
	struct str key;
	char text[OCPI_ID_TEXT];

	if (channel->marks.many || channel->marks.keys != NULL) {
		key = receiver_key(
		        announces ? STR("") : str_of(ocpi_id_key(to, text)), &object->key);
		owing.whole = marks_has(&channel->marks, key);
		free((void *)(uintptr_t)key.p);
	}
	if (receiver_owe(&channel->receiver, &owing))
		channel_owes(channel);
}

static void
owe_parties(struct channel *channel, const struct platform *platform,
        const struct store_object *object, struct batch *batch)
{
	const struct hub *hub = channel->pusher->worker->hub;

	if (str_is(object->key.module, "hubclientinfo")) {
		if (platform->party_count > 0 && may_hear(hub, object, platform))
			owe(channel, object, batch, &platform->parties[0].id, true);
		return;
	}
	for (size_t i = 0; i < platform->party_count; i++)
		if (may_get(hub, object, &platform->parties[i]))
			owe(channel, object, batch, &platform->parties[i].id, false);
}

static void
give_in_step(struct channel *channel, const struct store_object *object, struct batch *batch)
{
	const struct platform *platform = channel_open(channel);

	if (platform == NULL) {
		channel_leaves(channel);
	} else if (!receiver_has_room(&channel->receiver)) {
		channel_falls_behind(channel, object->change - 1);
	} else {
		if (channel->pusher->sure > channel->stepped_at)
			channel->receiver.sure = channel->pusher->sure;
		owe_parties(channel, platform, object, batch);
	}
}

static void
give_listeners(struct pusher *pusher, const struct store_object *object, struct batch *batch)
{
	const struct listeners *listeners = receivers_of(pusher, object->key.module);

	for (size_t i = 0; listeners != NULL && i < listeners->count; i++)
		if (listeners->channels[i]->in_step)
			give_in_step(listeners->channels[i], object, batch);
}

static int64_t
end_of(const struct store_feed_args *feed)
{
	if (feed->more)
		return feed->objects[feed->count - 1].change;
	return feed->head > feed->after ? feed->head : feed->after;
}

/* One that lags takes its part of what was read, as far as it has room; so many it has looked at.
 */
static size_t
give_lagging(struct channel *channel, const struct store_feed_args *feed, int64_t end,
        struct batch *batch)
{
	const struct platform *platform = channel_open(channel);
	struct receiver *receiver = &channel->receiver;
	size_t i;

	if (platform == NULL) {
		channel_leaves(channel);
		return 1;
	}
	for (i = 0; i < feed->count && receiver_has_room(receiver); i++) {
		if (feed->objects[i].change <= receiver->read_at)
			continue;
		owe_parties(channel, platform, &feed->objects[i], batch);
		receiver->read_at = feed->objects[i].change;
	}
	if (i < feed->count)
		return i + 1;
	if (receiver->read_at < end)
		receiver->read_at = end;
	if (!feed->more)
		receiver->sure = end;
	channel_moved(channel);
	return i + 1;
}

/* To those who stand within what was read. When a turn's part is given, the rest stay where they
 * are, and have the next read. */
static void
give_all_lagging(struct pusher *pusher, const struct store_feed_args *feed, struct batch *batch)
{
	int64_t end = end_of(feed), now_ms = net_loop_now(pusher->worker->loop);
	size_t given = 0;

	list_each_safe (node, next, &pusher->lagging) {
		struct channel *channel = container_of(node, struct channel, place);

		if (channel->receiver.read_at < feed->after || channel->receiver.read_at >= end ||
		        channel->back_at_ms > now_ms)
			continue;
		given += give_lagging(channel, feed, end, batch);
		if (given >= FEED_GIVEN)
			return;
	}
}

static void
join_in_step(struct pusher *pusher)
{
	list_each_safe (node, next, &pusher->lagging) {
		struct channel *channel = container_of(node, struct channel, place);

		if (channel->receiver.read_at == pusher->head)
			channel_steps(channel);
	}
}

static bool
tells_of_parties(const struct store_feed_args *feed)
{
	for (size_t i = 0; i < feed->count; i++)
		if (str_is(feed->objects[i].key.module, "hubclientinfo"))
			return true;
	return false;
}

static void
hand_out(struct pusher *pusher, const struct reading *reading)
{
	const struct store_feed_args *feed = &reading->op.u.feed;
	int64_t end = end_of(feed);

	if (tells_of_parties(
	            feed)) /* what was shared since others know that one is back is owed to it */
		receivers_return(pusher);
	for (size_t i = 0; reading->step && i < feed->count; i++)
		give_listeners(pusher, &feed->objects[i], reading->batch);
	give_all_lagging(pusher, feed, reading->batch);
	if (reading->step) {
		pusher->head = end;
		pusher->unread = feed->more;
		if (!feed->more)
			pusher->sure = end;
	}
	join_in_step(pusher);
}

/* ---- reading ---- */

static void
read_failed(struct pusher *pusher, const struct store_op *op)
{
	int64_t wait_ms = READ_AGAIN_MS;

	for (unsigned i = 0; i < pusher->read_failures && wait_ms < READ_AGAIN_MOST_MS; i++)
		wait_ms *= 2;
	count_add(&pusher->worker->counters.total[COUNT_PUSH_UNREAD], 1);
	pusher->wait_until_ms = net_loop_now(pusher->worker->loop) + wait_ms;
	if (pusher->read_failures++ == 0)
		LOG(LOG_ERROR, "push", KV("error", "the feed of changes could not be read"),
		        KV("why", op->why));
}

static void
reading_ends(struct reading *reading)
{
	struct pusher *pusher = reading->pusher;
	struct store_op *op = &reading->op;

	if (reading->step)
		pusher->stepping = false;
	else
		pusher->catching_up = false;
	if (op->err != RH_OK) {
		read_failed(pusher, op);
	} else if (!pusher->stopped) {
		if (pusher->read_failures > 0)
			LOG(LOG_INFO, "push", KV("state", "the feed of changes is read again"));
		pusher->read_failures = 0;
		batch_weigh(reading->batch);
		receivers_meet(pusher);
		hand_out(pusher, reading);
	}
	batch_release(reading->batch);
	pusher->turn_soon(pusher);
}

static void
view_awaited(struct net_timer *timer)
{
	struct reading *reading = container_of(timer, struct reading, timer);
	struct pusher *pusher = reading->pusher;
	enum view_read read = view_of(pusher->worker->hub, reading->view);

	if (read == VIEW_WAITS && !pusher->stopped) {
		net_timer_set(pusher->worker->loop, timer,
		        net_loop_now(pusher->worker->loop) + LOOK_AGAIN_MS);
		return;
	}
	pusher->looking--;
	if (read == VIEW_FAILED)
		reading->op.err = RH_STALE;
	reading_ends(reading);
}

/* Who may get an object of a party that came by another process is known when its coming is: what
 * was given to nobody for want of that would never be looked at again. */
static void
feed_read(struct store_op *op)
{
	struct reading *reading = container_of(op, struct reading, op);
	struct pusher *pusher = reading->pusher;

	if (op->err != RH_OK || op->u.feed.count == 0 || pusher->stopped ||
	        pusher->worker->hub->together.view == NULL ||
	        view_has(pusher->worker->hub, op->u.feed.directory)) {
		reading_ends(reading);
		return;
	}
	reading->view = view_ask(pusher->worker->hub);
	reading->timer.fire = view_awaited;
	pusher->looking++;
	view_awaited(&reading->timer);
}

/* One object goes to thousands in a millisecond, so these are read one by one. */
static size_t
read_limit(size_t most, size_t takers)
{
	size_t each = FEED_GIVEN / (takers > 0 ? takers : 1);

	return each > most ? most : each > 0 ? each : 1;
}

static size_t
most_listening(const struct pusher *pusher)
{
	size_t listening = 0;

	for (size_t i = 0; i < pusher->listeners.count; i++)
		if (pusher->listeners.rows[i].count > listening)
			listening = pusher->listeners.rows[i].count;
	return listening;
}

static void
read_feed(struct pusher *pusher, int64_t after, bool step, size_t limit)
{
	struct batch *batch = batch_new(&pusher->held, FIRST_BYTES);
	struct reading *reading = arena_alloc(batch->arena, sizeof *reading);

	reading->pusher = pusher;
	reading->batch = batch;
	reading->step = step;
	reading->op =
	        (struct store_op){ .verb = STORE_FEED, .done = feed_read, .arena = batch->arena };
	reading->op.u.feed.after = after;
	reading->op.u.feed.limit = limit;
	reading->op.u.feed.max_bytes = FEED_BYTES;
	store_submit(pusher->worker->session, &reading->op);
}

/* The place of the last of those that have room and more to come, and how many @stand there;
 * INT64_MAX: none. Who has no room, or only just came back, is not looked at again before that
 * changes. */
static int64_t
last_place(struct pusher *pusher, size_t *stand)
{
	int64_t place = INT64_MAX, head = atomic_load(&pusher->worker->hub->head);

	*stand = 0;
	list_each_safe (node, next, &pusher->lagging) {
		struct channel *channel = container_of(node, struct channel, place);

		if (!receiver_has_room(&channel->receiver) ||
		        channel->back_at_ms > net_loop_now(pusher->worker->loop))
			channel_fills(channel);
		else if (channel->receiver.read_at < place && channel->receiver.read_at < head)
			place = channel->receiver.read_at, *stand = 1;
		else if (channel->receiver.read_at == place)
			(*stand)++;
	}
	return place;
}

/* What is read may be large: it waits for memory as for a failed read (docs/adr/0021). */
static bool
may_read(struct pusher *pusher)
{
	int64_t now_ms = net_loop_now(pusher->worker->loop);

	if (pusher->held >= PUSHER_HELD_MOST || now_ms < pusher->wait_until_ms)
		return false;
	if (rh_memory_short())
		pusher->wait_until_ms = now_ms + READ_AGAIN_MS;
	return now_ms >= pusher->wait_until_ms;
}

/* Where others work beside this process it may have nobody to send to, and reads nothing for
 * nobody. */
static void
pass_over(struct pusher *pusher)
{
	int64_t head = atomic_load(&pusher->worker->hub->head);

	if (pusher->channel_count > 0 || pusher->stepping || pusher->head >= head ||
	        !hub_is_together(pusher->worker->hub))
		return;
	pusher->head = head;
	pusher->unread = false;
}

void
feed_go_on(struct pusher *pusher)
{
	int64_t place;
	size_t stand;

	pass_over(pusher);
	if (!may_read(pusher))
		return;
	if (!pusher->stepping &&
	        (pusher->unread || pusher->head < atomic_load(&pusher->worker->hub->head))) {
		pusher->stepping = true;
		read_feed(
		        pusher, pusher->head, true, read_limit(FEED_LIMIT, most_listening(pusher)));
	}
	if (pusher->catching_up)
		return;
	place = last_place(pusher, &stand);
	if (place == INT64_MAX)
		return;
	pusher->catching_up = true;
	read_feed(pusher, place, false, read_limit(FEED_BEHIND, stand));
}
