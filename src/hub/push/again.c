/* again: what is owed beside the feed: the whole list of ClientInfo to a newcomer, and what is
 * redriven on command. The cursor does not wait for it. */
#include <stdlib.h>
#include <string.h>

#include "../parties/directory.h"
#include "push.h"

enum { INTRODUCE_MOST = 2000 };

/* ---- a read whose objects go to one receiver ---- */

static struct batch *
extra_batch(struct worker *worker, int64_t platform)
{
	struct batch *batch = rh_alloc(sizeof *batch);

	batch->refs = 1;
	batch->arena = arena_new(8192);
	batch->worker = worker;
	batch->platform = platform;
	batch->op.arena = batch->arena;
	return batch;
}

static void
hand_over(struct batch *batch, const struct store_object *objects, size_t count)
{
	struct receiver *receiver = push_receiver(batch->worker, batch->platform);
	const struct platform *platform =
	        directory_platform(hub_directory(batch->worker->hub), batch->platform);

	batch->op.u.feed.objects = objects;
	batch->op.u.feed.count = count;
	if (receiver != NULL && platform != NULL && !receiver->gone)
		receiver_take_extra(receiver, platform, batch);
	if (receiver != NULL)
		receiver_go(receiver);
	batch_release(batch);
}

static void
introduced(struct store_op *op)
{
	struct batch *batch = container_of(op, struct batch, op);
	const struct store_object *objects = op->u.page.objects;
	size_t count = op->err == RH_OK ? op->u.page.count : 0;

	hand_over(batch, objects, count);
}

void
push_introduce(struct receiver *receiver)
{
	struct batch *batch = extra_batch(receiver->worker, receiver->platform);

	batch->op.verb = STORE_OBJECT_PAGE;
	batch->op.done = introduced;
	batch->op.u.page.module = STR("hubclientinfo");
	batch->op.u.page.viewer = STR("");
	batch->op.u.page.limit = INTRODUCE_MOST;
	store_submit(receiver->worker->session, &batch->op);
}

/* ---- redrive ---- */

struct redrive {
	struct mail mail;
	struct worker *worker;
	struct arena *arena;
	int64_t platform;
	struct store_key *keys;
	size_t count;
};

static void
fetched(struct store_op *op)
{
	struct batch *batch = container_of(op, struct batch, op);
	struct store_object *object = arena_alloc(batch->arena, sizeof *object);

	*object = op->u.get.object;
	hand_over(batch, object, op->err == RH_OK ? 1 : 0);
}

static void
on_worker(struct mail *mail)
{
	struct redrive *redrive = container_of(mail, struct redrive, mail);

	for (size_t i = 0; i < redrive->count && !redrive->worker->pusher->stopped; i++) {
		struct batch *batch = extra_batch(redrive->worker, redrive->platform);
		struct store_key *key = &batch->op.u.get.key;

		batch->op.verb = STORE_OBJECT_GET;
		batch->op.done = fetched;
		key->scope = arena_str(batch->arena, redrive->keys[i].scope);
		key->module = arena_str(batch->arena, redrive->keys[i].module);
		key->owner = arena_str(batch->arena, redrive->keys[i].owner);
		key->id = arena_str(batch->arena, redrive->keys[i].id);
		key->type = arena_str(batch->arena, redrive->keys[i].type);
		store_submit(redrive->worker->session, &batch->op);
	}
	arena_free(redrive->arena); /* it lies in it */
}

void
push_redrive(struct hub *hub, int64_t platform, const struct store_key *keys, size_t count)
{
	struct arena *arena = arena_new(4096);
	struct redrive *redrive = arena_alloc(arena, sizeof *redrive);

	redrive->arena = arena;
	redrive->worker = &hub->workers[platform % hub->worker_count];
	redrive->platform = platform;
	redrive->count = count;
	redrive->keys = arena_alloc(arena, (count + 1) * sizeof *redrive->keys);
	for (size_t i = 0; i < count; i++) {
		redrive->keys[i].scope = arena_str(arena, keys[i].scope);
		redrive->keys[i].module = arena_str(arena, keys[i].module);
		redrive->keys[i].owner = arena_str(arena, keys[i].owner);
		redrive->keys[i].id = arena_str(arena, keys[i].id);
		redrive->keys[i].type = arena_str(arena, keys[i].type);
	}
	redrive->mail.deliver = on_worker;
	mailbox_post(net_loop_mailbox(redrive->worker->loop), &redrive->mail);
}
