/* receiver: what one platform is owed: order per object and party, a window that adapts, back-off
 * with jitter. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../parties/may.h"
#include "push.h"

enum {
	ROOM = 256,
	WINDOW_START = 4,
	WINDOW_MOST = 64,
	BACKOFF_FIRST_MS = 250,
	BACKOFF_MOST_MS = 300 * 1000,
};

struct receiver *
receiver_new(struct worker *worker, const struct platform *platform, int64_t floor)
{
	struct receiver *receiver = rh_alloc(sizeof *receiver);

	receiver->worker = worker;
	receiver->platform = platform->id;
	receiver->live = platform->live;
	(void)snprintf(
	        receiver->key, sizeof receiver->key, "platform/%lld", (long long)platform->id);
	list_init(&receiver->queue);
	receiver->owed = table_new(64);
	receiver->window = WINDOW_START;
	receiver->floor = receiver->saved = receiver->read_at = receiver->sure = floor;
	return receiver;
}

static void
owed_free(struct owed *owed)
{
	struct receiver *receiver = owed->receiver;

	(void)table_remove(receiver->owed, owed->key);
	list_remove(&owed->node);
	receiver->owed_count--;
	batch_release(owed->batch);
	batch_release(owed->next_batch);
	free((void *)(uintptr_t)owed->key.p);
	free(owed);
}

void
receiver_free(struct receiver *receiver)
{
	list_each_safe (node, next, &receiver->queue)
		owed_free(container_of(node, struct owed, node));
	table_free(receiver->owed);
	list_remove(&receiver->node);
	free(receiver);
}

bool
receiver_has_room(const struct receiver *receiver)
{
	return receiver->owed_count < ROOM;
}

int64_t
receiver_floor(const struct receiver *receiver)
{
	int64_t floor = receiver->read_at;

	list_each (node, &receiver->queue) {
		const struct owed *owed = container_of(node, struct owed, node);

		if (!owed->extra && owed->since - 1 < floor)
			floor = owed->since - 1;
	}
	return floor;
}

/* ---- taking from the feed ---- */

static struct str
owed_key(const struct store_object *object, const struct ocpi_id *to)
{
	struct buf key = { 0 };
	char text[OCPI_ID_TEXT];

	buf_printf(&key, "%s %.*s/%.*s/%.*s/%.*s", ocpi_id_key(to, text),
	        STR_ARG(object->key.module), STR_ARG(object->key.owner), STR_ARG(object->key.id),
	        STR_ARG(object->key.type));
	return buf_str(&key); /* its memory becomes the owed's */
}

/* The feed has the newest version of an object alone. One that it builds upon was passed over when
 * it was superseded before its part of the feed was read: then the object is sent whole, now and
 * after a restart too. */
static struct owed *
owed_new(struct receiver *receiver, const struct party *party, struct str key,
        const struct store_object *object, bool extra)
{
	struct owed *owed = rh_alloc(sizeof *owed);

	owed->receiver = receiver;
	owed->to = party->id;
	owed->key = key;
	owed->extra = extra;
	owed->whole = extra || object->previous > receiver->sure;
	owed->since = owed->whole ? object->previous : object->change;
	list_add_tail(&receiver->queue, &owed->node);
	(void)table_put(receiver->owed, owed->key, owed);
	receiver->owed_count++;
	return owed;
}

static void
owe(struct receiver *receiver, const struct party *party, struct batch *batch,
        const struct store_object *object, bool extra)
{
	struct str key = owed_key(object, &party->id);
	struct owed *owed = table_get(receiver->owed, key);

	batch->refs++;
	if (owed == NULL) {
		owed = owed_new(receiver, party, key, object, extra);
	} else {
		free((void *)(uintptr_t)key.p);
		owed->extra &= extra;
		if (owed->flying) { /* order per object: the newer one waits for the answer to this
			               one */
			owed->next_whole = owed->next != NULL;
			batch_release(owed->next_batch);
			owed->next_batch = batch;
			owed->next = object;
			return;
		}
		owed->whole = true; /* a version that it builds upon was never sent */
		batch_release(owed->batch);
	}
	owed->change = object->change;
	owed->announces = str_is(object->key.module, "hubclientinfo");
	owed->batch = batch;
	owed->object = object;
}

static void
owe_parties(struct receiver *receiver, const struct platform *platform, struct batch *batch,
        const struct store_object *object, bool extra)
{
	const struct hub *hub = receiver->worker->hub;

	if (str_is(object->key.module, "hubclientinfo")) {
		if (platform->party_count > 0 && may_hear(hub, object, platform))
			owe(receiver, &platform->parties[0], batch, object, extra);
		return;
	}
	for (size_t k = 0; k < platform->party_count; k++)
		if (may_get(hub, object, &platform->parties[k]))
			owe(receiver, &platform->parties[k], batch, object, extra);
}

void
receiver_take_extra(struct receiver *receiver, const struct platform *platform, struct batch *batch)
{
	const struct store_feed_args *feed = &batch->op.u.feed;

	for (size_t i = 0; i < feed->count; i++)
		owe_parties(receiver, platform, batch, &feed->objects[i], true);
}

void
receiver_take(struct receiver *receiver, const struct platform *platform, struct batch *batch)
{
	const struct store_feed_args *feed = &batch->op.u.feed;
	size_t i;

	for (i = 0; i < feed->count && receiver_has_room(receiver); i++) {
		const struct store_object *object = &feed->objects[i];

		if (object->change <= receiver->read_at)
			continue;
		owe_parties(receiver, platform, batch, object, false);
		receiver->read_at = object->change;
	}
	if (i < feed->count || feed->count == feed->limit)
		return;
	if (receiver->read_at <
	        feed->head) /* that was all there is, though other changes moved the head */
		receiver->read_at = feed->head;
	receiver->sure = receiver->read_at;
}

void
receiver_report(const struct receiver *receiver)
{
	struct live *live = receiver->live;
	int64_t oldest = 0;

	if (!list_empty(&receiver->queue))
		oldest = container_of(receiver->queue.next, struct owed, node)->object->at_ms;
	atomic_store_explicit(&live->push.cursor, receiver_floor(receiver), memory_order_relaxed);
	atomic_store_explicit(&live->push.oldest_ms, oldest, memory_order_relaxed);
	atomic_store_explicit(
	        &live->push.owed, (unsigned)receiver->owed_count, memory_order_relaxed);
	atomic_store_explicit(&live->push.window, receiver->window, memory_order_relaxed);
	atomic_store_explicit(&live->push.failures, receiver->failures, memory_order_relaxed);
}

void
receiver_pause(struct receiver *receiver)
{
	int64_t floor = receiver_floor(receiver);

	list_each_safe (node, next, &receiver->queue) {
		struct owed *owed = container_of(node, struct owed, node);

		if (!owed->flying)
			owed_free(owed);
	}
	receiver->gone = true;
	receiver->floor = receiver->read_at = receiver->sure =
	        floor; /* read again, as it is then, when the platform is back */
	receiver->failures = 0;
	receiver->retry_at_ms = 0;
}

/* ---- sending ---- */

void
receiver_go(struct receiver *receiver)
{
	bool announcing = false;

	if (receiver->gone || receiver->worker->pusher->stopped ||
	        net_loop_now(receiver->worker->loop) < receiver->retry_at_ms)
		return;
	receiver->floor = receiver_floor(receiver);
	list_each_safe (node, next, &receiver->queue) {
		struct owed *owed = container_of(node, struct owed, node);

		if (receiver->in_air >= receiver->window)
			return;
		if (announcing && !owed->announces)
			return; /* HCI-014: who it is comes before what it has */
		announcing |= owed->announces;
		if (owed->flying)
			continue;
		owed->flying = true;
		receiver->in_air++;
		deliver_start(owed);
	}
}

static void
slow_down(struct receiver *receiver, int64_t retry_after_ms)
{
	int64_t wait = BACKOFF_FIRST_MS, now_ms = net_loop_now(receiver->worker->loop);
	uint32_t jitter;

	if (now_ms < receiver->retry_at_ms && retry_after_ms == 0)
		return; /* what was in the air together fails together: that is one failure */
	for (unsigned i = 0; i < receiver->failures && wait < BACKOFF_MOST_MS; i++)
		wait *= 2;
	rh_random(&jitter, sizeof jitter);
	wait = wait * (80 + jitter % 41) / 100;
	if (retry_after_ms > wait)
		wait = retry_after_ms;
	if (wait > BACKOFF_MOST_MS)
		wait = BACKOFF_MOST_MS;
	receiver->failures++;
	receiver->window = receiver->window > 1 ? receiver->window / 2 : 1;
	receiver->retry_at_ms = now_ms + wait;
}

static void
speed_up(struct receiver *receiver)
{
	receiver->failures = 0;
	receiver->retry_at_ms = 0;
	if (receiver->window < WINDOW_MOST)
		receiver->window++;
}

static void
owe_next(struct owed *owed, bool settled)
{
	batch_release(owed->batch);
	owed->batch = owed->next_batch;
	owed->object = owed->next;
	owed->change = owed->next->change;
	owed->whole = owed->next_whole || owed->next->previous != owed->delivered;
	if (settled)
		owed->since = owed->whole ? owed->next->previous : owed->next->change;
	owed->next_batch = NULL;
	owed->next = NULL;
}

void
receiver_delivered(struct owed *owed, enum verdict verdict, int64_t retry_after_ms)
{
	struct receiver *receiver = owed->receiver;
	bool settled = verdict == DELIVERED || verdict == REFUSED;

	receiver->in_air--;
	owed->flying = false;
	owed->whole = verdict == TRY_WHOLE || (verdict == TRY_AGAIN && owed->whole);
	if (verdict == TRY_AGAIN)
		slow_down(receiver, retry_after_ms);
	else
		speed_up(receiver);
	if (owed->next != NULL)
		owe_next(owed, settled); /* whatever became of the older version */
	else if (settled)
		owed_free(owed);
	if (receiver->gone)
		receiver_pause(receiver);
	receiver_go(receiver);
	push_read(receiver);
}
