/* channel: one platform as a worker sends to it: in step, behind, or away. */
#include "tidings.h"

#include <assert.h>

struct channel *
channel_find(const struct pusher *pusher, int64_t platform)
{
	size_t low = 0, high = pusher->channel_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (pusher->channels[middle]->platform < platform)
			low = middle + 1;
		else
			high = middle;
	}
	return low < pusher->channel_count && pusher->channels[low]->platform == platform
	               ? pusher->channels[low]
	               : NULL;
}

int64_t
channel_head(const struct channel *channel)
{
	return channel->in_step ? channel->pusher->head : channel->receiver.read_at;
}

void
channel_moved(struct channel *channel)
{
	if (list_empty(&channel->dirty))
		list_add_tail(&channel->pusher->dirty, &channel->dirty);
}

/* It takes what lies behind its place again once half of its room is free: a read for each answer
 * would be one for each object. */
static void
read_on(struct channel *channel)
{
	const struct receiver *receiver = &channel->receiver;

	if (!channel->full || receiver->count > RECEIVER_ROOM / 2 ||
	        receiver->bytes > RECEIVER_ROOM_BYTES / 2 ||
	        channel->back_at_ms > net_loop_now(channel->pusher->worker->loop))
		return;
	channel->full = false;
	list_remove(&channel->place);
	list_add_tail(&channel->pusher->lagging, &channel->place);
}

/* Nobody has two timers: the sooner one counts, and what is too early sleeps again. */
static void
wake_at(struct channel *channel, int64_t at_ms)
{
	if (at_ms < INT64_MAX && (channel->wake.slot == 0 || channel->wake.at_ms > at_ms))
		net_timer_set(channel->pusher->worker->loop, &channel->wake, at_ms);
}

void
channel_fills(struct channel *channel)
{
	channel->full = true;
	list_remove(&channel->place);
	list_add_tail(&channel->pusher->full, &channel->place);
	if (channel->back_at_ms > net_loop_now(channel->pusher->worker->loop))
		wake_at(channel, channel->back_at_ms);
}

void
channel_owes(struct channel *channel)
{
	if (list_empty(&channel->busy) && !channel->closing)
		list_add_tail(&channel->pusher->busy, &channel->busy);
	read_on(channel);
	channel_moved(channel);
}

void
channel_wakes(struct net_timer *timer)
{
	struct channel *channel = container_of(timer, struct channel, wake);

	channel_owes(channel);
	channel->pusher->turn_soon(channel->pusher);
}

void
channel_sleeps(struct channel *channel, int64_t at_ms)
{
	list_remove(&channel->busy);
	wake_at(channel, at_ms);
}

void
channel_look(struct channel *channel, int64_t at_ms)
{
	if (channel->coming || channel->closing)
		return;
	if (list_empty(&channel->parked)) {
		list_add_tail(&channel->pusher->parked, &channel->parked);
		channel->rows.look_at_ms = at_ms;
	} else if (channel->rows.look_at_ms > at_ms) {
		channel->rows.look_at_ms = at_ms;
	}
}

void
channel_reads(struct channel *channel, size_t rows)
{
	channel->pusher->rows.reading += rows;
}

void
channel_has_read(struct channel *channel, size_t rows)
{
	struct pusher *pusher = channel->pusher;

	assert(pusher->rows.reading >= rows);
	pusher->rows.reading -= rows;
	if (pusher->rows.wanted)
		pusher->turn_soon(pusher);
}

const struct platform *
channel_open(const struct channel *channel)
{
	const struct platform *platform =
	        directory_platform(hub_directory(channel->pusher->worker->hub), channel->platform);

	return platform != NULL && !platform->removed && platform->token.p != NULL &&
	                       platform_state(platform) == STATE_CONNECTED
	               ? platform
	               : NULL;
}

void
channel_report(const struct channel *channel)
{
	const struct receiver *receiver = &channel->receiver;
	struct live *live = channel->live;
	bool level = channel->in_step && receiver->count == 0;
	int64_t floor = level ? INT64_MAX : receiver_floor(receiver, channel_head(channel));

	atomic_store_explicit(&live->push.cursor, floor, memory_order_relaxed);
	atomic_store_explicit(
	        &live->push.oldest_ms, receiver_oldest_ms(receiver), memory_order_relaxed);
	atomic_store_explicit(&live->push.owed, (unsigned)(receiver->count - receiver->extra_count),
	        memory_order_relaxed);
	atomic_store_explicit(&live->push.window, receiver->window, memory_order_relaxed);
	atomic_store_explicit(&live->push.failures, receiver->failures, memory_order_relaxed);
	atomic_store_explicit(
	        &live->push.wait_until_ms, receiver->retry_at_ms, memory_order_relaxed);
}

/* ---- from one place to another ----
 *
 * Nobody looks again at one that has nothing queued: each move is reported at once. */

void
channel_falls_behind(struct channel *channel, int64_t read_at)
{
	channel->receiver.read_at = read_at;
	channel->receiver.sure = channel->pusher->sure;
	channel->in_step = false;
	tidings_behind(channel, false);
	channel_fills(channel);
	channel_moved(channel);
	channel_report(channel);
}

void
channel_lags(struct channel *channel, int64_t head)
{
	receiver_forget(&channel->receiver, head);
	channel->in_step = channel->full = channel->away = false;
	tidings_behind(channel, false);
	list_remove(&channel->place);
	list_add_tail(&channel->pusher->lagging, &channel->place);
	channel_look(channel, rh_schedule_ms());
	channel_moved(channel);
	channel_report(channel);
}

void
channel_leaves(struct channel *channel)
{
	channel_lags(channel, channel_head(channel));
	channel->away = true;
	tidings_behind(channel, true);
	list_remove(&channel->place);
	list_add_tail(&channel->pusher->away, &channel->place);
}

void
channel_steps(struct channel *channel)
{
	channel->in_step = true;
	channel->full = false;
	if (hub_is_together(channel->pusher->worker->hub))
		channel->stepped_at = channel->pusher->head;
	list_remove(&channel->place);
	channel_moved(channel);
	channel_report(channel);
	if (channel->receiver.count == 0)
		tidings_level(channel);
}
