/* cursors: how far each receiver got, loaded once, kept in memory and stored in batches.
 *
 * The cursor of a platform that nothing is sent to moves with every change; it is stored once a
 * minute and when the hub stops. After a crash that part of the feed is read again, for nothing. */
#include "cursors.h"

enum {
	FIRST_BYTES = 4096,
	SAVE_MOST = 500, /* cursors of a save: more would hold up the commits behind it */
};

/* ---- load ---- */

/* What was loaded before is over. */
static void
take_loaded(struct pusher *pusher)
{
	table_free(pusher->cursors);
	arena_free(pusher->arena);
	pusher->cursors = table_new(64);
	pusher->arena = pusher->load_arena;
	pusher->load_arena = NULL;
}

static void
cursors_loaded(struct store_op *op)
{
	struct pusher *pusher = container_of(op, struct pusher, load_op);

	if (op->err != RH_OK) { /* asked again at the next tick */
		LOG(LOG_ERROR, "push", KV("error", "cursors could not be read"),
		        KV("why", op->why));
		arena_free(pusher->load_arena);
		pusher->load_arena = NULL;
		return;
	}
	take_loaded(pusher);
	for (size_t i = 0; i < op->u.cursors.count; i++) {
		const struct store_cursor *cursor = &op->u.cursors.cursors[i];

		(void)table_put(pusher->cursors, cursor->receiver, (void *)(uintptr_t)cursor);
	}
	pusher->loaded(pusher);
}

void
channels_load(struct pusher *pusher)
{
	pusher->load_arena = arena_new(1024);
	pusher->load_op = (struct store_op){
		.verb = STORE_CURSORS_LOAD, .done = cursors_loaded, .arena = pusher->load_arena
	};
	store_submit(pusher->worker->session, &pusher->load_op);
}

void
channel_begin(struct channel *channel)
{
	const struct store_cursor *cursor =
	        table_get(channel->pusher->cursors, str_of(channel->key));
	int64_t floor = cursor != NULL ? cursor->change : atomic_load(&channel->live->joined);

	receiver_init(&channel->receiver, floor);
	if (cursor != NULL)
		ahead_read(&channel->receiver.ahead, cursor->ahead);
	channel->saved.floor = cursor != NULL ? floor : -1;
}

/* ---- save ---- */

static struct saved
state_of(struct channel *channel)
{
	struct ahead *ahead = &channel->receiver.ahead;
	struct saved state = { .floor = receiver_floor(&channel->receiver, channel_head(channel)) };

	ahead_passed(ahead, state.floor);
	state.ahead_count = ahead->count;
	state.ahead_last = ahead->count > 0 ? ahead->changes[ahead->count - 1] : 0;
	return state;
}

static bool
same(const struct saved *a, const struct saved *b)
{
	return a->floor == b->floor && a->ahead_count == b->ahead_count &&
	       a->ahead_last == b->ahead_last;
}

bool
channel_is_saved(struct channel *channel)
{
	struct saved state = state_of(channel);

	return channel->pusher->save_arena == NULL && list_empty(&channel->dirty) &&
	       same(&state, &channel->saved);
}

static void
saved(struct store_op *op)
{
	struct pusher *pusher = container_of(op, struct pusher, save_op);

	if (op->err != RH_OK &&
	        !pusher->stopped) /* what is not stored is sent twice after a crash, no more */
		for (size_t i = 0; i < pusher->channel_count; i++)
			pusher->channels[i]->saved.floor = -1;
	arena_free(pusher->save_arena);
	pusher->save_arena = NULL;
}

static void
submit(struct pusher *pusher, const struct store_cursor *cursors, size_t count)
{
	if (count == 0) {
		arena_free(pusher->save_arena);
		pusher->save_arena = NULL;
		return;
	}
	pusher->save_op = (struct store_op){ .verb = STORE_CURSORS_SAVE, .done = saved };
	pusher->save_op.u.cursors.cursors = cursors;
	pusher->save_op.u.cursors.count = count;
	store_submit(pusher->worker->session, &pusher->save_op);
}

void
channels_save(struct pusher *pusher, bool all)
{
	struct store_cursor *cursors;
	size_t count = 0, left = 0;

	if (pusher->save_arena != NULL)
		return;
	for (size_t i = 0; all && i < pusher->channel_count; i++)
		channel_moved(pusher->channels[i]);
	if (list_empty(&pusher->dirty))
		return;
	pusher->save_arena = arena_new(FIRST_BYTES);
	list_each (node, &pusher->dirty)
		left++;
	cursors = arena_alloc(
	        pusher->save_arena, (left < SAVE_MOST ? left : SAVE_MOST) * sizeof *cursors);
	for (; left > 0 && count < SAVE_MOST; left--) {
		struct channel *channel = container_of(pusher->dirty.next, struct channel, dirty);
		struct saved state = state_of(channel);

		list_remove(&channel->dirty);
		if (!list_empty(&channel->busy)) /* it moves on: behind the others */
			channel_moved(channel);
		if (channel->removed || same(&state, &channel->saved))
			continue;
		channel->saved = state;
		cursors[count++] = (struct store_cursor){
			.receiver = arena_str(pusher->save_arena, str_of(channel->key)),
			.change = state.floor,
			.ahead = ahead_text(&channel->receiver.ahead, pusher->save_arena),
		};
	}
	submit(pusher, cursors, count);
}
