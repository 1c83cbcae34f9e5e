/* marked: of those that come, of which objects the store has rows. */
#include "marked.h"

#include <stdlib.h>

enum {
	MOST = 20000
}; /* rows, and refusals, that are read at once; with more, receiver by receiver */

static void
mark(struct pusher *pusher, struct str receiver, struct str to, const struct store_key *key)
{
	struct channel *channel = NULL;
	struct str id = receiver, text;
	uint64_t platform;

	(void)str_cut(&id, '/');
	if (id.p != NULL && str_to_u64(id, INT64_MAX, &platform))
		channel = channel_find(pusher, (int64_t)platform);
	if (channel == NULL || !channel->coming)
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
done(struct pusher *pusher)
{
	arena_free(pusher->marked.arena);
	pusher->marked.arena = NULL;
	pusher->ready(pusher);
}

static void load(struct pusher *pusher);

/* Those of all did not fit: the next one's own are read, by id. */
static void
load_next(struct pusher *pusher)
{
	const struct channel *before = pusher->marked.of;

	for (size_t i = 0; i < pusher->channel_count; i++)
		if (pusher->channels[i]->coming &&
		        (before == NULL || pusher->channels[i]->platform > before->platform)) {
			pusher->marked.of = pusher->channels[i];
			load(pusher);
			return;
		}
	done(pusher);
}

static bool
is_whole(const struct pusher *pusher, const struct store_op *op, size_t count)
{
	return op->err == RH_OK && count < (pusher->marked.of == NULL ? MOST : MARKS_MOST);
}

static void
refusals_came(struct store_op *op)
{
	struct pusher *pusher = container_of(op, struct pusher, load_op);
	const struct store_failures_args *args = &op->u.failures;
	struct channel *of = pusher->marked.of;
	bool whole = pusher->marked.whole && is_whole(pusher, op, args->count);

	if (!whole && of != NULL)
		of->marks.many = true;
	if (!whole) {
		load_next(pusher);
		return;
	}
	for (size_t i = 0; i < pusher->marked.count; i++)
		mark(pusher, pusher->marked.rows[i].receiver, pusher->marked.rows[i].to,
		        &pusher->marked.rows[i].key);
	for (size_t i = 0; i < args->count; i++)
		mark(pusher, args->failures[i].receiver, args->failures[i].to,
		        &args->failures[i].key);
	if (of == NULL)
		done(pusher);
	else
		load_next(pusher);
}

static struct str
receiver_of(const struct pusher *pusher)
{
	return pusher->marked.of == NULL ? (struct str){ 0 } : str_of(pusher->marked.of->key);
}

static void
rows_came(struct store_op *op)
{
	struct pusher *pusher = container_of(op, struct pusher, load_op);

	pusher->marked.rows = op->u.parked.rows;
	pusher->marked.count = op->u.parked.count;
	pusher->marked.whole = is_whole(pusher, op, op->u.parked.count);
	pusher->load_op = (struct store_op){
		.verb = STORE_FAILURES, .done = refusals_came, .arena = pusher->marked.arena
	};
	pusher->load_op.u.failures.receiver = receiver_of(pusher);
	pusher->load_op.u.failures.limit = pusher->marked.of == NULL ? MOST : MARKS_MOST;
	store_submit(pusher->worker->session, &pusher->load_op);
}

static void
load(struct pusher *pusher)
{
	arena_reset(pusher->marked.arena);
	pusher->load_op = (struct store_op){
		.verb = STORE_PARKED, .done = rows_came, .arena = pusher->marked.arena
	};
	pusher->load_op.u.parked.receiver = receiver_of(pusher);
	pusher->load_op.u.parked.now_ms = INT64_MAX;
	pusher->load_op.u.parked.limit = pusher->marked.of == NULL ? MOST : MARKS_MOST;
	store_submit(pusher->worker->session, &pusher->load_op);
}

void
marked_load(struct pusher *pusher)
{
	pusher->marked.arena = arena_new(16384);
	pusher->marked.of = NULL;
	load(pusher);
}
