/* owed: one object for one party, in one of its receiver's places. */
#include "owed.h"

#include <stdlib.h>

static void
count_place(struct receiver *receiver, const struct owed *owed, size_t one)
{
	receiver->in_air += owed->place == OWED_AIR ? one : 0;
	receiver->extra_in_air += owed->place == OWED_AIR && owed->extra ? one : 0;
	receiver->waiting += owed->place == OWED_WAITING ? one : 0;
	receiver->announcing += owed->announces && owed->place != OWED_PARKING ? one : 0;
	receiver->extra_count += owed->extra ? one : 0;
}

/* Every change of what count_place() counts happens between these two. */
void
owed_leave(struct owed *owed)
{
	count_place(owed->receiver, owed, (size_t)-1);
	list_remove(&owed->node);
}

void
owed_enter(struct owed *owed, enum owed_place place)
{
	owed->place = place;
	list_add_tail(&owed->receiver->places[place], &owed->node);
	count_place(owed->receiver, owed, 1);
}

static size_t
weight(const struct store_object *object)
{
	return object == NULL ? 0 : object->body.len + object->patch.len;
}

void
owed_set_object(struct owed *owed, struct batch *batch, const struct store_object *object)
{
	owed->receiver->bytes += weight(object) - weight(owed->object);
	batch_release(owed->batch);
	owed->batch = batch;
	owed->object = object;
}

void
owed_free(struct owed *owed)
{
	struct receiver *receiver = owed->receiver;

	owed_leave(owed);
	owed_set_object(owed, NULL, NULL);
	batch_release(owed->next_batch);
	(void)table_remove(receiver->owed, owed->key);
	receiver->count--;
	free((void *)(uintptr_t)owed->key.p);
	free(owed);
}
