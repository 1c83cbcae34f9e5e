/* op: how an operation gets its result and goes home to its owner's thread. */
#include "writer.h"

#include <stdio.h>

void
op_result(struct store_op *op, enum rh_err err, const char *why)
{
	op->err = err;
	snprintf(op->why, sizeof(op->why), "%s", why);
}

size_t
op_bytes(const struct store_op *op)
{
	size_t bytes = sizeof *op;

	if (op->verb == STORE_SHARE)
		bytes += op->u.share.bytes + op->u.share.patch.len + op->u.share.suffix.len;
	else if (op->verb == STORE_META_PUT)
		bytes += op->u.meta.value.len;
	else if (op->verb == STORE_EVENT_PUT)
		bytes += op->u.event.event->data.len;
	return bytes;
}

void
op_deliver(struct store_op *op)
{
	op->session->open--;
	op->done(op);
}

static void
deliver(struct mail *mail)
{
	op_deliver(container_of(mail, struct store_op, mail));
}

void
op_complete(struct store_op *op)
{
	op->mail.deliver = deliver;
	mailbox_post(op->session->home, &op->mail);
}
