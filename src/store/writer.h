/* writer: the inside of a store, shared by store.c and writer.c; and the thread that alone commits.
 */
#pragma once

#include "backend.h"

#include <pthread.h>
#include <stdatomic.h>

enum { TRACE_QUEUE = 8192, TRACE_BATCH = 128, TRACE_LINGER_US = 50000 };

/* Rows on their way to the writer: a ring, and a bucket of permits that fills at the configured
 * rate. */
struct trace_queue {
	struct store_trace *ring[TRACE_QUEUE];
	size_t first, count;
	int64_t waiting_since_us; /* when the ring was last empty */
	int64_t permits_us,
	        filled_at_us; /* a row costs as many microseconds as the rate gives it */
};

struct store {
	const struct backend_ops *ops;
	struct backend *backend;
	pthread_t thread;
	_Atomic bool failed; /* stats.failed, for the hot path */

	pthread_mutex_t lock; /* of all below */
	pthread_cond_t wake;
	struct store_op *first, **last;
	bool asleep, stopping;
	bool new_bounds; /* of the trace, not yet applied */
	size_t sessions;
	struct store_conf conf;
	struct store_stats stats;
	struct trace_queue trace;
};

struct store_session {
	struct store *store;
	struct mailbox *home;
	struct reader *reader;
	size_t open; /* operations submitted and not yet delivered; the session's thread alone
	                counts */
};

void *writer_main(void *store);

/** Hand @op back to its owner's thread; err and why are set. */
void op_complete(struct store_op *op); /* op.c */

/** Lock held. False when the rate or the ring is exceeded: the row is still the caller's. */
bool trace_queue_add(
        struct trace_queue *queue, struct store_trace *row, uint32_t max_rate, int64_t now_us);
/** The rows make a batch, or have waited long enough. */
bool trace_queue_due(const struct trace_queue *queue, int64_t now_us);
int64_t trace_queue_due_at(const struct trace_queue *queue); /* INT64_MAX when there are none */
size_t trace_queue_take(struct trace_queue *queue, struct store_trace **rows, size_t most);
