/* batch: the objects of one read of the store, kept while somebody points into them. */
#pragma once

#include "roamhub/store.h"

struct batch {
	unsigned refs;
	struct arena *arena; /* holds the objects */
	size_t weight, *sum; /* bytes held; of all batches of a worker */
};

/** One reference is the caller's. */
struct batch *batch_new(size_t *sum, size_t first_bytes);
void batch_weigh(struct batch *batch); /* it was read: its memory counts from now on */
struct batch *batch_hold(struct batch *batch);
void batch_release(struct batch *batch); /* NULL is fine */
