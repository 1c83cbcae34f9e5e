/* batch: the objects of one read of the store, kept while somebody points into them. */
#include "batch.h"

#include <assert.h>
#include <stdlib.h>

struct batch *
batch_new(size_t *sum, size_t first_bytes)
{
	struct batch *batch = rh_alloc(sizeof *batch);

	batch->refs = 1;
	batch->arena = arena_new(first_bytes);
	batch->sum = sum;
	return batch;
}

void
batch_weigh(struct batch *batch)
{
	assert(batch->weight == 0);
	batch->weight = arena_bytes(batch->arena);
	*batch->sum += batch->weight;
}

struct batch *
batch_hold(struct batch *batch)
{
	batch->refs++;
	return batch;
}

void
batch_release(struct batch *batch)
{
	if (batch == NULL || --batch->refs > 0)
		return;
	assert(*batch->sum >= batch->weight);
	*batch->sum -= batch->weight;
	arena_free(batch->arena);
	free(batch);
}
