/* read: what follows when a read has its result. */
#include "writer.h"

void
op_count_read(struct store_op *op)
{
	struct store *store = op->session->store;

	if (op->verb == STORE_TRACE_FIND)
		trace_sampled(&store->tracer, op);
	if (op->err == RH_STORE_FAILED || op->damaged > 0) {
		pthread_mutex_lock(&store->lock);
		store->stats.failures += op->err == RH_STORE_FAILED;
		store->stats.damaged += op->damaged;
		pthread_mutex_unlock(&store->lock);
	}
}

void
op_read(struct store_op *op)
{
	op_count_read(op);
	op_deliver(op);
}
