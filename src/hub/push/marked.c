/* marked: at start, of which objects the store has rows. */
#include "marked.h"

#include <stdlib.h>

enum { MOST = 20000 }; /* with more every object is taken for marked */

static void
mark(struct pusher *pusher, struct str receiver, struct str to, const struct store_key *key)
{
	struct channel *channel = NULL;
	struct str id = receiver, text;
	uint64_t platform;

	(void)str_cut(&id, '/');
	if (id.p != NULL && str_to_u64(id, INT64_MAX, &platform))
		channel = channel_find(pusher, (int64_t)platform);
	if (channel == NULL)
		return;
	if (key->id.len == 0) {
		atomic_fetch_add(&channel->live->push.syncing, 1);
		return;
	}
	text = receiver_key(to, key);
	marks_add(&channel->marks, text);
	free((void *)(uintptr_t)text.p);
}

static void
mark_all(struct pusher *pusher, bool many)
{
	for (size_t i = 0; many && i < pusher->channel_count; i++)
		pusher->channels[i]->marks.many = true;
}

static void
done(struct pusher *pusher)
{
	arena_free(pusher->save_arena);
	pusher->save_arena = NULL;
	pusher->state = PUSHER_READY;
	pusher->ready(pusher);
}

static void
refusals_came(struct store_op *op)
{
	struct pusher *pusher = container_of(op, struct pusher, load_op);
	const struct store_failures_args *args = &op->u.failures;

	for (size_t i = 0; i < args->count && op->err == RH_OK; i++)
		mark(pusher, args->failures[i].receiver, args->failures[i].to,
		        &args->failures[i].key);
	mark_all(pusher, op->err != RH_OK || args->count == MOST);
	done(pusher);
}

static void
rows_came(struct store_op *op)
{
	struct pusher *pusher = container_of(op, struct pusher, load_op);
	const struct store_parked_args *args = &op->u.parked;

	for (size_t i = 0; i < args->count && op->err == RH_OK; i++)
		mark(pusher, args->rows[i].receiver, args->rows[i].to, &args->rows[i].key);
	mark_all(pusher, op->err != RH_OK || args->count == MOST);
	pusher->load_op = (struct store_op){
		.verb = STORE_FAILURES, .done = refusals_came, .arena = pusher->save_arena
	};
	pusher->load_op.u.failures.limit = MOST;
	store_submit(pusher->worker->session, &pusher->load_op);
}

void
marked_load(struct pusher *pusher)
{
	pusher->save_arena = arena_new(16384);
	pusher->load_op = (struct store_op){
		.verb = STORE_PARKED, .done = rows_came, .arena = pusher->save_arena
	};
	pusher->load_op.u.parked.now_ms = INT64_MAX;
	pusher->load_op.u.parked.limit = MOST;
	store_submit(pusher->worker->session, &pusher->load_op);
}
