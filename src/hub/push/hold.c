/* hold: channels are there for those platforms alone whose slot this process holds. */
#include "hold.h"

#include "cursors.h"
#include "deliver.h"
#include "receivers.h"

enum { CUT_MS = 5000, LOAD_AGAIN_MS = 200 };

/* ---- pure ---- */

enum hold_next
hold_next(const struct hold_seen *seen)
{
	if (seen->sending)
		return seen->now_ms >= seen->cut_at_ms ? HOLD_CUT : HOLD_WAIT;
	if (seen->writing)
		return HOLD_WAIT;
	return seen->saved ? HOLD_FREE : HOLD_SAVE;
}

/* ---- slots ---- */

/* The control thread reads it when it has published what the hub holds, and this one reads that
 * when it has told: so a slot is never given back while something of it begins here. */
static void
tell(const struct pusher *pusher)
{
	atomic_store(&pusher->worker->slots,
	        pusher->slots.open | pusher->slots.coming | pusher->slots.closing);
}

/* ---- that come ---- */

void
hold_loaded(struct pusher *pusher)
{
	pusher->slots.open |= pusher->slots.coming;
	pusher->slots.coming = pusher->slots.begun = 0;
	for (size_t i = 0; i < pusher->channel_count; i++)
		if (pusher->channels[i]->coming)
			receivers_place(pusher->channels[i]);
}

/* Those that are wanted back before anything of them was read are left alone; one that goes in the
 * moment in which it comes, too. */
static void
come(struct pusher *pusher)
{
	const _Atomic uint64_t *held = &pusher->worker->hub->together.held;
	int64_t now_ms = net_loop_now(pusher->worker->loop);

	if (pusher->load_arena != NULL || pusher->marked.arena != NULL)
		return; /* under way */
	pusher->slots.coming = atomic_load(held) & ~(pusher->slots.open | pusher->slots.closing);
	tell(pusher);
	pusher->slots.coming &= atomic_load(held);
	tell(pusher);
	if (pusher->slots.coming == 0 || now_ms < pusher->slots.load_at_ms)
		return;
	pusher->slots.load_at_ms = now_ms + LOAD_AGAIN_MS;
	channels_load(pusher);
}

/* ---- that go ---- */

static void
close_channel(struct channel *channel)
{
	channel->closing = true;
	channel_leaves(channel);
	net_timer_stop(channel->pusher->worker->loop, &channel->wake);
	list_remove(&channel->busy);
	list_remove(&channel->parked);
}

static void
go(struct pusher *pusher, uint64_t gone)
{
	pusher->slots.open &= ~gone;
	pusher->slots.closing |= gone;
	pusher->slots.cut_at_ms = net_loop_now(pusher->worker->loop) + CUT_MS;
	for (size_t i = 0; i < pusher->channel_count; i++)
		if ((gone >> store_slot(pusher->channels[i]->platform) & 1) != 0)
			close_channel(pusher->channels[i]);
	receivers_forget(pusher);
}

static bool
is_sending(const struct channel *channel)
{
	return channel->receiver.in_air > 0;
}

static bool
is_writing(const struct channel *channel)
{
	return !list_empty(&channel->receiver.places[OWED_PARKING]) || channel->rows.looking ||
	       channel->rows.fetching > 0 || channel->rows.ending > 0;
}

/* What failed meanwhile waits here for nothing. */
static bool
is_saved(struct channel *channel)
{
	if (channel->receiver.count > 0)
		receiver_forget(&channel->receiver, channel->receiver.read_at);
	return channel->removed || channel_is_saved(channel);
}

static enum hold_next
next_of(struct channel *channel)
{
	struct hold_seen seen = { .sending = is_sending(channel),
		.writing = is_writing(channel),
		.now_ms = net_loop_now(channel->pusher->worker->loop),
		.cut_at_ms = channel->pusher->slots.cut_at_ms };

	if (!seen.sending && !seen.writing)
		seen.saved = is_saved(channel);
	return hold_next(&seen);
}

/* True: the channel stays. */
static bool
end_channel(struct channel *channel, bool *cut)
{
	enum hold_next next = next_of(channel);

	if (next == HOLD_SAVE)
		channel_moved(channel);
	*cut |= next == HOLD_CUT;
	return next != HOLD_FREE;
}

static void
end_channels(struct pusher *pusher)
{
	uint64_t left = 0;
	bool cut = false;

	for (size_t i = pusher->channel_count; i-- > 0;) {
		struct channel *channel = pusher->channels[i];

		if (!channel->closing)
			continue;
		if (end_channel(channel, &cut))
			left |= (uint64_t)1 << store_slot(channel->platform);
		else
			receivers_drop(pusher, i);
	}
	if (cut)
		deliver_cut(pusher, true);
	channels_save(pusher, false);
	pusher->slots.closing = left;
	tell(pusher);
}

/* ---- both ---- */

void
hold_look(struct pusher *pusher)
{
	uint64_t held = atomic_load(&pusher->worker->hub->together.held),
	         gone = pusher->slots.open & ~held;

	if (held == pusher->slots.open && (pusher->slots.coming | pusher->slots.closing) == 0)
		return;
	if (gone != 0)
		go(pusher, gone);
	if (pusher->slots.closing != 0)
		end_channels(pusher);
	come(pusher);
}

bool
hold_ended(struct pusher *pusher)
{
	if (!hub_is_together(pusher->worker->hub))
		return true;
	hold_look(pusher);
	return (pusher->slots.open | pusher->slots.coming | pusher->slots.closing) == 0;
}
