/* push: reads the feed of changes, once for all receivers of a worker that keep up, for itself for
 * one that lags. */
#include "push.h"
#include "../parties/directory.h"

#include <stdio.h>
#include <stdlib.h>

enum { FEED_LIMIT = 64, TICK_MS = 200 };

static void pusher_turn(struct worker *worker);

void
batch_release(struct batch *batch)
{
	if (batch == NULL || --batch->refs > 0)
		return;
	arena_free(batch->arena);
	free(batch);
}

/* ---- who gets what ---- */

/* ---- the feed ---- */

struct receiver *
push_receiver(struct worker *worker, int64_t platform)
{
	list_each (node, &worker->pusher->receivers) {
		struct receiver *receiver = container_of(node, struct receiver, node);

		if (receiver->platform == platform)
			return receiver;
	}
	return NULL;
}

static void
give(struct receiver *receiver, struct batch *batch)
{
	const struct platform *platform =
	        directory_platform(hub_directory(receiver->worker->hub), receiver->platform);

	if (platform != NULL && !receiver->gone)
		receiver_take(receiver, platform, batch);
	receiver_go(receiver);
}

static void
feed_read(struct store_op *op)
{
	struct batch *batch = container_of(op, struct batch, op);
	struct worker *worker = batch->worker;
	struct pusher *pusher = worker->pusher;
	struct store_feed_args *feed = &op->u.feed;

	if (batch->platform == 0) {
		pusher->reading = false;
		if (op->err == RH_OK) {
			list_each_safe (node, next, &pusher->receivers) {
				struct receiver *receiver =
				        container_of(node, struct receiver, node);

				if (receiver->read_at == batch->after && !receiver->reading)
					give(receiver, batch);
			}
			pusher->more |= feed->count == FEED_LIMIT;
			pusher->head = feed->count == FEED_LIMIT
			                       ? feed->objects[feed->count - 1].change
			                       : feed->head;
		}
	} else {
		struct receiver *receiver = push_receiver(worker, batch->platform);

		if (receiver != NULL)
			receiver->reading = false;
		if (receiver != NULL && op->err == RH_OK && receiver->read_at == batch->after)
			give(receiver, batch);
	}
	batch_release(batch);
	pusher_turn(worker);
}

static void
read_feed(struct worker *worker, int64_t platform, int64_t after)
{
	struct batch *batch = rh_alloc(sizeof *batch);

	batch->refs = 1;
	batch->arena = arena_new(16384);
	batch->worker = worker;
	batch->platform = platform;
	batch->after = after;
	batch->op =
	        (struct store_op){ .verb = STORE_FEED, .done = feed_read, .arena = batch->arena };
	batch->op.u.feed.after = after;
	batch->op.u.feed.limit = FEED_LIMIT;
	store_submit(worker->session, &batch->op);
}

void
push_read(struct receiver *receiver)
{
	struct pusher *pusher = receiver->worker->pusher;

	if (receiver->reading || pusher->stopped || receiver->read_at >= pusher->head ||
	        !receiver_has_room(receiver))
		return;
	receiver->reading = true;
	read_feed(receiver->worker, receiver->platform, receiver->read_at);
}

/* ---- receivers come and go with the directory ---- */

static bool
is_mine(const struct worker *worker, int64_t platform)
{
	return platform % worker->hub->worker_count == worker->index;
}

static int64_t
cursor_of(struct worker *worker, const struct platform *platform)
{
	char key[32];
	const int64_t *stored;

	(void)snprintf(key, sizeof key, "platform/%lld", (long long)platform->id);
	stored = table_get(worker->pusher->cursors, str_of(key));
	return stored != NULL ? *stored : atomic_load(&platform->live->joined);
}

static void
meet_platform(struct worker *worker, const struct platform *platform)
{
	struct receiver *receiver = push_receiver(worker, platform->id);

	if (receiver == NULL) {
		receiver = receiver_new(worker, platform, cursor_of(worker, platform));
		list_add_tail(&worker->pusher->receivers, &receiver->node);
		if (table_get(worker->pusher->cursors, str_of(receiver->key)) == NULL)
			push_introduce(receiver);
	}
	receiver->seen = true;
	if (platform_state(platform) != STATE_CONNECTED) {
		receiver_pause(receiver);
	} else if (receiver->gone) {
		receiver->gone = false;
		receiver->window = 1;
		if (platform->catch_up_skip)
			receiver->floor = receiver->read_at = receiver->sure = worker->pusher->head;
	}
}

static void
meet_directory(struct worker *worker)
{
	struct pusher *pusher = worker->pusher;
	const struct directory *directory = hub_directory(worker->hub);
	const struct platform *platforms;
	size_t count = directory_platforms(directory, &platforms);

	list_each (node, &pusher->receivers)
		container_of(node, struct receiver, node)->seen = false;
	for (size_t i = 0; i < count; i++)
		if (is_mine(worker, platforms[i].id) && platforms[i].state == STATE_CONNECTED)
			meet_platform(worker, &platforms[i]);
	list_each_safe (node, next, &pusher->receivers) {
		struct receiver *receiver = container_of(node, struct receiver, node);

		if (receiver->seen)
			continue;
		receiver_pause(receiver);
		if (receiver->in_air == 0 && !receiver->reading)
			receiver_free(receiver);
	}
}

/* ---- cursors ---- */

static void
saved(struct store_op *op)
{
	struct pusher *pusher = container_of(op, struct pusher, save_op);

	pusher->saving = false;
	arena_free(pusher->save_arena);
	pusher->save_arena = NULL;
}

static void
save_cursors(struct worker *worker)
{
	struct pusher *pusher = worker->pusher;
	struct store_cursor *cursors;
	size_t count = 0;

	if (pusher->saving)
		return;
	list_each (node, &pusher->receivers)
		count++;
	pusher->save_arena = arena_new(1024);
	cursors = arena_alloc(pusher->save_arena, (count + 1) * sizeof *cursors);
	count = 0;
	list_each (node, &pusher->receivers) {
		struct receiver *receiver = container_of(node, struct receiver, node);
		int64_t floor = receiver_floor(receiver);

		if (floor == receiver->saved)
			continue;
		receiver->saved = floor;
		cursors[count].receiver = arena_str(pusher->save_arena, str_of(receiver->key));
		cursors[count++].change = floor;
	}
	if (count == 0) {
		arena_free(pusher->save_arena);
		pusher->save_arena = NULL;
		return;
	}
	pusher->saving = true;
	pusher->save_op = (struct store_op){ .verb = STORE_CURSORS_SAVE, .done = saved };
	pusher->save_op.u.cursors.cursors = cursors;
	pusher->save_op.u.cursors.count = count;
	store_submit(worker->session, &pusher->save_op);
}

static void
cursors_loaded(struct store_op *op)
{
	struct pusher *pusher = container_of(op, struct pusher, load_op);
	struct worker *worker = pusher->worker;

	pusher->loading = false;
	if (op->err != RH_OK) { /* asked again at the next tick */
		LOG(LOG_ERROR, "push", KV("error", "cursors could not be read"),
		        KV("why", op->why));
		return;
	}
	pusher->loaded = true;
	for (size_t i = 0; i < op->u.cursors.count; i++) {
		const struct store_cursor *cursor = &op->u.cursors.cursors[i];

		(void)table_put(
		        pusher->cursors, cursor->receiver, (void *)(uintptr_t)&cursor->change);
	}
	pusher_turn(worker);
}

static void
load_cursors(struct worker *worker)
{
	struct pusher *pusher = worker->pusher;

	if (pusher->loading)
		return;
	pusher->loading = true;
	pusher->load_op = (struct store_op){
		.verb = STORE_CURSORS_LOAD, .done = cursors_loaded, .arena = pusher->arena
	};
	store_submit(worker->session, &pusher->load_op);
}

/* ---- turns ---- */

static void
pusher_turn(struct worker *worker)
{
	struct pusher *pusher = worker->pusher;

	if (pusher->stopped)
		return;
	if (!pusher->loaded) {
		load_cursors(worker);
		return;
	}
	meet_directory(worker);
	list_each_safe (node, next, &pusher->receivers) {
		struct receiver *receiver = container_of(node, struct receiver, node);

		receiver_go(receiver);
		push_read(receiver);
		receiver_report(receiver);
	}
	if (!pusher->reading && (pusher->more || pusher->head < atomic_load(&worker->hub->head))) {
		pusher->reading = true;
		pusher->more = false;
		read_feed(worker, 0, pusher->head);
	}
}

static void
tick(struct net_timer *timer)
{
	struct pusher *pusher = container_of(timer, struct pusher, timer);
	struct worker *worker = pusher->worker;

	pusher_turn(worker);
	save_cursors(worker);
	if (!pusher->stopped)
		net_timer_set(worker->loop, timer, net_loop_now(worker->loop) + TICK_MS);
}

static void
woken(struct mail *mail)
{
	struct worker *worker = container_of(mail, struct worker, news_mail);

	atomic_store(&worker->news_wanted, false);
	pusher_turn(worker);
}

void
push_start(struct worker *worker)
{
	struct pusher *pusher = rh_alloc(sizeof *pusher);

	worker->pusher = pusher;
	pusher->worker = worker;
	list_init(&pusher->receivers);
	pusher->cursors = table_new(64);
	pusher->arena = arena_new(1024);
	pusher->head = atomic_load(&worker->hub->head);
	worker->news_mail.deliver = woken;
	pusher->timer.fire = tick;
	net_timer_set(worker->loop, &pusher->timer, rh_mono_ms());
}

void
push_stop(struct worker *worker)
{
	save_cursors(worker);
	worker->pusher->stopped = true;
	net_timer_stop(worker->loop, &worker->pusher->timer);
}

void
push_free(struct worker *worker)
{
	struct pusher *pusher = worker->pusher;

	if (pusher == NULL)
		return;
	list_each_safe (node, next, &pusher->receivers)
		receiver_free(container_of(node, struct receiver, node));
	table_free(pusher->cursors);
	arena_free(pusher->arena);
	arena_free(pusher->save_arena);
	free(pusher);
	worker->pusher = NULL;
}
