/* forget: what the store keeps of a receiver goes when its platform is removed. A slice at a time,
 * so that the writer's other work goes between. */
#include "forget.h"

#include "directory.h"

#include <stdlib.h>

struct forgetting {
	struct store_op op;
	struct hub *hub;
	char receiver[STORE_RECEIVER_TEXT];
};

static void
dropped(struct store_op *op)
{
	struct forgetting *forgetting = container_of(op, struct forgetting, op);

	if (op->err == RH_OK && op->u.receiver.dropped > 0 && !forgetting->hub->stopping) {
		store_submit(forgetting->hub->session, op);
		return;
	}
	if (op->err != RH_OK)
		LOG(LOG_ERROR, "registry", KV("error", "what was owed to a removed platform stays"),
		        KV("receiver", forgetting->receiver), KV("why", op->why));
	forgetting->hub->control_work--;
	free(forgetting);
}

void
forget_receiver(struct hub *hub, int64_t platform)
{
	struct forgetting *forgetting = rh_alloc(sizeof *forgetting);

	forgetting->hub = hub;
	forgetting->op.verb = STORE_RECEIVER_DROP;
	forgetting->op.done = dropped;
	forgetting->op.u.receiver.receiver = store_receiver(platform, forgetting->receiver);
	hub->control_work++;
	store_submit(hub->session, &forgetting->op);
}

/* The hub may have stopped in the middle of it. */
void
forget_removed(struct hub *hub)
{
	const struct platform *platforms;
	size_t count = directory_platforms(hub_directory(hub), &platforms);

	for (size_t i = 0; i < count; i++)
		if (platforms[i].removed)
			forget_receiver(hub, platforms[i].id);
}
