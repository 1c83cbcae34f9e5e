/* Who waits for an answer, see waits.h. */
#include "waits.h"

enum { WAIT_MS = 10, MOST_WAITING = 512, MOST_SLOW = 15 };

void
waits_init(struct waits *waits, const struct net_loop *loop)
{
	waits->loop = loop;
	list_init(&waits->list);
}

static int64_t
ms_left(const struct waits *waits, const struct inbound *in)
{
	int64_t ms = in->handed_ms + WAIT_MS - net_loop_now(waits->loop);

	return ms < 0 ? 0 : ms;
}

int64_t
waits_ms(const struct waits *waits)
{
	return waits->count == 0
	               ? -1
	               : ms_left(waits, container_of(waits->list.next, struct inbound, node));
}

bool
wait_begin(struct waits *waits, struct inbound *in)
{
	if (in->conn->slow > 0) {
		in->conn->slow--;
		return false;
	}
	if (waits->count >= MOST_WAITING)
		return false;
	in->waiting = true;
	in->handed_ms = net_loop_now(waits->loop);
	list_add_tail(&waits->list, &in->node);
	waits->count++;
	return true;
}

static void
leave(struct waits *waits, struct inbound *in)
{
	in->waiting = false;
	list_remove(&in->node);
	waits->count--;
}

void
wait_end(struct waits *waits, struct inbound *in)
{
	if (!in->waiting)
		return;
	leave(waits, in);
	in->conn->slowness = 0;
}

bool
wait_was_in_vain(struct waits *waits, struct inbound *in)
{
	struct conn *conn = in->conn;

	if (!in->waiting || ms_left(waits, in) > 0)
		return false;
	leave(waits, in);
	conn->slowness = conn->slowness < MOST_SLOW ? 2 * conn->slowness + 1 : MOST_SLOW;
	conn->slow = conn->slowness;
	return true;
}
