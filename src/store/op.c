/* op: how an operation gets its result and goes home to its owner's thread. */
#include "writer.h"

#include <stdio.h>

void
op_result(struct store_op *op, enum rh_err err, const char *why)
{
	op->err = err;
	snprintf(op->why, sizeof(op->why), "%s", why);
}

static void
deliver(struct mail *mail)
{
	struct store_op *op = container_of(mail, struct store_op, mail);

	op->session->open--;
	op->done(op);
}

void
op_complete(struct store_op *op)
{
	op->mail.deliver = deliver;
	mailbox_post(op->session->home, &op->mail);
}

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
	deliver(&op->mail);
}
