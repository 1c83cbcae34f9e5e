/* push: lets the receivers send in turn.
 *
 * A turn of the loop starts a slice of deliveries and then lets the worker serve requests, however
 * many of the pusher's own turns come in it: answers, news and timers each make one. The channels
 * take turns, one delivery each. */
#include "push.h"

#include <assert.h>
#include <stdlib.h>

#include "../news.h"
#include "cursors.h"
#include "deliver.h"
#include "feed.h"
#include "hold.h"
#include "marked.h"
#include "parked.h"
#include "receivers.h"
#include "rows.h"
#include "site.h"
#include "tidings.h"

enum {
	AIR_MOST = 256,     /* deliveries of the hub */
	AIR_LEAST = 16,     /* of a worker */
	SLICE = 8,          /* deliveries started in a turn of the loop */
	SLICE_BESIDE = 4,   /* while requests are under way */
	RESERVE = 8,        /* one in so many connections of an origin is left to forwards */
	ROOMLESS_MOST = 16, /* that were found without a connection in a turn */
	TOLD = 64,          /* channels that report in a tick */
	LEASE_CUT_MS = 500, /* what is in the air is cut with less of it */
	TICK_MS = 200,      /* and less, when there are many channels */
	TICK_LEAST_MS = 5,
	ROOM_MS = 5, /* no room: asked again, if no answer comes before */
	SWEEP_MS = 60 * 1000,
};

static void
turn_soon(struct pusher *pusher)
{
	if (pusher->going_on || pusher->stopped)
		return;
	pusher->going_on = true;
	mailbox_post(net_loop_mailbox(pusher->worker->loop), &pusher->go_on);
}

/* Memory is short: who holds most of it forgets what is not in the air, and reads it again later.
 */
static void
relieve(struct pusher *pusher)
{
	while (pusher->held >= PUSHER_HELD_MOST) {
		struct channel *most = NULL;

		for (size_t i = 0; i < pusher->channel_count; i++) {
			struct channel *channel = pusher->channels[i];

			if (channel->receiver.count > channel->receiver.in_air &&
			        (most == NULL || channel->receiver.bytes > most->receiver.bytes))
				most = channel;
		}
		if (most == NULL || most->away)
			return;
		channel_lags(most, channel_head(most));
		if (most->receiver.count > most->receiver.in_air)
			return; /* the rest is being parked */
	}
}

/* ---- sending ---- */

/* Who fails together does not come back together. */
static void
draw_jitter(struct receiver *receiver)
{
	uint32_t random;

	rh_random(&random, sizeof random);
	receiver->jitter = random % 41;
}

static void
answered(struct channel *channel, struct owed *owed, enum verdict verdict,
        const struct answer *answer)
{
	struct pusher *pusher = channel->pusher;
	struct receiver *receiver = &channel->receiver;
	bool suspect = receiver_suspect(receiver);
	int64_t now_ms = net_loop_now(pusher->worker->loop);
	bool retried = owed->extra && owed->kind == PARKED_FAILED;

	assert(pusher->in_air > 0);
	pusher->in_air--;
	if (channel->removed)
		verdict = DROPPED; /* nothing more is owed to it, nor written about it */
	if (verdict != DELIVERED)  /* a system call: not for those that make no pause */
		draw_jitter(receiver);
	if (verdict == DELIVERED &&
	        (owed->kept_since_ms != 0 || marks_has(&channel->marks, owed->key)))
		rows_over(channel, owed, true);
	else if (verdict == DROPPED && owed->kept_since_ms != 0)
		rows_over(channel, owed, false);
	else if (verdict == REFUSED)
		marks_add(&channel->marks, owed->key);
	if (receiver_answered(owed, verdict, answer->retry_after_ms, now_ms))
		rows_write(channel, owed, answer);
	if (verdict == DELIVERED)
		parked_early(channel, site_early(retried, suspect,
		                              !receiver_recovered(receiver, suspect, now_ms)));
	if (receiver->extra_count == 0)
		parked_look(channel);
	channel_owes(channel);
	turn_soon(pusher);
}

/* A connection must be free, and some are left to forwards, which cannot wait. */
static bool
has_room(const struct pusher *pusher, struct str origin)
{
	const struct settings *settings = hub_settings(pusher->worker->hub);
	size_t kept =
	        (size_t)(settings->waiting_per_party + settings->connections_per_party / RESERVE);

	return net_client_room(pusher->worker->client, origin) > kept;
}

static bool
start_one(struct channel *channel, const struct platform *platform)
{
	struct pusher *pusher = channel->pusher;
	int64_t now_ms = net_loop_now(pusher->worker->loop);
	struct owed *owed = receiver_next(&channel->receiver, now_ms);
	static const struct answer nothing;
	const struct endpoint *endpoint;

	if (owed == NULL) {
		channel_sleeps(channel, receiver_next_ms(&channel->receiver, now_ms));
		return false;
	}
	pusher->in_air++;
	endpoint = platform_endpoint(platform, owed->object->key.module, IFACE_RECEIVER);
	if (endpoint == NULL || (!owed->announces && !platform_has_party(platform, &owed->to))) {
		answered(channel, owed, DROPPED, &nothing); /* it stopped taking these */
	} else if (!has_room(pusher, endpoint->origin)) {
		pusher->in_air--;
		receiver_take_back(owed);
		pusher->roomless++;
		return false;
	} else {
		deliver_start(channel, owed, platform, endpoint, answered);
	}
	return true;
}

static size_t
air_most(const struct pusher *pusher)
{
	size_t share = AIR_MOST / (size_t)pusher->worker->hub->worker_count;

	return share > AIR_LEAST ? share : AIR_LEAST;
}

static void
rest(struct channel *channel)
{
	list_remove(&channel->busy);
	channel_moved(channel);
	channel_report(channel);
	if (channel->in_step && channel->receiver.count == 0)
		tidings_level(channel);
}

/* One delivery each, until nobody has one that may go. False: the slice is used up. Who had its
 * turn goes behind the one that is last now; those are not counted, for there may be thousands. */
static bool
start_round(struct pusher *pusher, size_t *left, bool *any)
{
	const struct list *last = pusher->busy.prev;
	bool more = !list_empty(&pusher->busy);

	*any = false;
	while (more) {
		struct channel *channel = container_of(pusher->busy.next, struct channel, busy);
		const struct platform *platform;

		if (*left == 0)
			return false;
		if (pusher->in_air >= air_most(pusher) || pusher->roomless >= ROOMLESS_MOST)
			return true;
		more = &channel->busy != last;
		platform = channel_open(channel);
		list_remove(&channel->busy);
		list_add_tail(&pusher->busy, &channel->busy);
		if (platform == NULL && !channel->away)
			channel_leaves(channel);
		if (channel->away || channel->receiver.count == 0) {
			rest(channel);
		} else if (start_one(channel, platform)) {
			*any = true;
			(*left)--;
		}
	}
	return true;
}

/* Where another process may take over, it begins to send when the lease has ended. */
static bool
may_send(const struct hub *hub)
{
	return !atomic_load(&hub->passive) && hub_lease(hub).left_ms >= HUB_LEASE_LEAST_MS;
}

/* How many may still be started in this turn of the loop. */
static size_t
slice_left(struct pusher *pusher)
{
	bool beside = atomic_load_explicit(&pusher->worker->flights, memory_order_relaxed) > 0;
	size_t most = beside ? SLICE_BESIDE : SLICE;
	uint64_t turn = net_loop_turn_number(pusher->worker->loop);

	if (pusher->slice.turn != turn)
		pusher->slice.started = 0;
	pusher->slice.turn = turn;
	return pusher->slice.started < most ? most - pusher->slice.started : 0;
}

static void
start_deliveries(struct pusher *pusher)
{
	size_t left = slice_left(pusher), had = left;
	bool any = true, whole = true;

	pusher->roomless = 0;
	if (!may_send(pusher->worker->hub))
		return;
	while (whole && any && pusher->in_air < air_most(pusher) &&
	        pusher->roomless < ROOMLESS_MOST)
		whole = start_round(pusher, &left, &any);
	pusher->slice.started += had - left;
	if (!whole)
		turn_soon(pusher); /* the rest behind what others want */
}

/* ---- turns ---- */

static void
set_timer(struct pusher *pusher)
{
	int64_t now_ms = net_loop_now(pusher->worker->loop), at_ms = pusher->tick_at_ms;

	if (pusher->going_on && pusher->timer.slot != 0)
		return; /* another turn comes at once, and ends here */
	if (pusher->roomless > 0 && now_ms + ROOM_MS < at_ms)
		at_ms = now_ms + ROOM_MS;
	net_timer_set(pusher->worker->loop, &pusher->timer, at_ms > now_ms ? at_ms : now_ms + 1);
}

static void
turn(struct pusher *pusher)
{
	if (pusher->stopped)
		return;
	hold_look(pusher);
	if (pusher->state != PUSHER_READY) {
		net_timer_set(pusher->worker->loop, &pusher->timer,
		        net_loop_now(pusher->worker->loop) + TICK_MS);
		return;
	}
	receivers_meet(pusher);
	relieve(pusher);
	if (pusher->rows.wanted)
		parked_turn(pusher);
	start_deliveries(pusher);
	feed_go_on(pusher);
	set_timer(pusher);
}

static void
go_on(struct mail *mail)
{
	struct pusher *pusher = container_of(mail, struct pusher, go_on);

	pusher->going_on = false;
	turn(pusher);
}

/* Those that have something to report, and whether they can still be sent to: who sleeps is not
 * asked otherwise. A few in each tick: all of many would be a millisecond of nothing else. */
static void
look_over(struct pusher *pusher)
{
	for (size_t i = 0; i < TOLD && i < pusher->channel_count; i++) {
		struct channel *channel = pusher->channels[pusher->told++ % pusher->channel_count];

		if (channel->coming || (channel->in_step && channel->receiver.count == 0))
			continue;
		if (!channel->away && channel_open(channel) == NULL)
			channel_leaves(channel);
		else
			channel_report(channel);
	}
}

static int64_t
tick_ms(const struct pusher *pusher)
{
	int64_t rounds = (int64_t)(pusher->channel_count / TOLD) + 1;

	return TICK_MS / rounds > TICK_LEAST_MS ? TICK_MS / rounds : TICK_LEAST_MS;
}

static void
tick(struct pusher *pusher, int64_t now_ms)
{
	bool all = now_ms >= pusher->sweep_at_ms;

	pusher->tick_at_ms = now_ms + tick_ms(pusher);
	if (all)
		pusher->sweep_at_ms = now_ms + SWEEP_MS;
	if (hub_lease(pusher->worker->hub).left_ms < LEASE_CUT_MS)
		deliver_cut(pusher, false);
	receivers_return(pusher);
	parked_turn(pusher);
	if (now_ms >= pusher->save_at_ms || all) {
		pusher->save_at_ms = now_ms + TICK_MS;
		channels_save(pusher, all);
	}
	look_over(pusher);
}

static void
fire(struct net_timer *timer)
{
	struct pusher *pusher = container_of(timer, struct pusher, timer);
	int64_t now_ms = net_loop_now(pusher->worker->loop);

	if (pusher->state == PUSHER_READY && now_ms >= pusher->tick_at_ms)
		tick(pusher, now_ms);
	turn(pusher);
}

static void
woken(struct mail *mail)
{
	struct worker *worker = container_of(mail, struct worker, news_mail);
	struct pusher *pusher = worker->pusher;

	atomic_store(&worker->news_wanted, false);
	if (pusher->stopped)
		return;
	if (pusher->state == PUSHER_READY) {
		receivers_meet(pusher);
		if (atomic_exchange(&worker->parked_news, false))
			parked_news(pusher);
		if (atomic_exchange(&worker->marked_news, false))
			parked_woken(pusher);
	}
	turn(pusher);
}

/* ---- start and end ---- */

static void
cursors_there(struct pusher *pusher)
{
	pusher->slots.begun = pusher->slots.coming; /* not sooner: on older cursors */
	receivers_forget(pusher);
	receivers_meet(pusher);
	marked_load(pusher);
}

static void
marks_there(struct pusher *pusher)
{
	pusher->state = PUSHER_READY;
	hold_loaded(pusher);
	turn(pusher);
}

void
push_start(struct worker *worker)
{
	struct pusher *pusher = rh_alloc(sizeof *pusher);

	worker->pusher = pusher;
	pusher->worker = worker;
	list_init(&pusher->busy);
	list_init(&pusher->lagging);
	list_init(&pusher->full);
	list_init(&pusher->away);
	list_init(&pusher->dirty);
	list_init(&pusher->parked);
	list_init(&pusher->air);
	pusher->cursors = table_new(64);
	pusher->arena = arena_new(1024);
	pusher->head = pusher->sure = atomic_load(&worker->hub->head);
	pusher->loaded = cursors_there;
	pusher->ready = marks_there;
	pusher->turn_soon = turn_soon;
	pusher->look_now = parked_look;
	pusher->sweep_at_ms = rh_mono_ms() + SWEEP_MS;
	worker->news_mail.deliver = woken;
	pusher->go_on.deliver = go_on;
	pusher->timer.fire = fire;
	net_timer_set(worker->loop, &pusher->timer, rh_mono_ms());
}

void
push_stop(struct worker *worker)
{
	struct pusher *pusher = worker->pusher;

	if (pusher->state == PUSHER_READY)
		channels_save(pusher, true);
	pusher->stopped = true;
	net_timer_stop(worker->loop, &pusher->timer);
}

bool
push_given(struct worker *worker)
{
	return hold_ended(worker->pusher);
}

bool
push_saved(struct worker *worker)
{
	struct pusher *pusher = worker->pusher;

	if (pusher->state == PUSHER_READY)
		channels_save(pusher, !pusher->saved);
	pusher->saved = true;
	return pusher->save_arena == NULL && pusher->looking == 0;
}

void
push_quiet(struct worker *worker)
{
	worker->pusher->stopped = true;
}

void
push_free(struct worker *worker)
{
	struct pusher *pusher = worker->pusher;

	if (pusher == NULL)
		return;
	assert(pusher->in_air == 0);
	receivers_free(pusher);
	assert(pusher->held == 0);
	while (pusher->spare_count > 0)
		arena_free(pusher->spare[--pusher->spare_count]);
	table_free(pusher->cursors);
	arena_free(pusher->arena);
	arena_free(pusher->load_arena);
	arena_free(pusher->marked.arena);
	arena_free(pusher->save_arena);
	free(pusher);
	worker->pusher = NULL;
}
