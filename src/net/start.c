/* Handing requests up, at once or in their turn, see lanes.h. */
#include "start.h"

#include <assert.h>

static void
start(struct inbound *in)
{
	const struct net_server_conf *conf = in->conns->conf;

	conf->request(conf->ctx, &in->request);
	assert(in->answered || in->request.turned_away == RH_OK);
}

static uint64_t
turn_of(const struct conns *conns)
{
	return net_loop_turn_number(conns->loop);
}

/* What is refused in the first call cannot wait. */
static bool
starts_now(struct inbound *in)
{
	struct conns *conns = in->conns;

	return in->conn->linger || lanes_open(&conns->lanes, turn_of(conns), rh_mono_us());
}

void
start_or_wait(struct inbound *in)
{
	struct conns *conns = in->conns;
	const struct net_server_conf *conf = conns->conf;

	in->handed = true;
	conns->handed++;
	conn_enter(in->conn, CONN_HANDED, 0);
	if (starts_now(in))
		start(in);
	else
		lanes_add(&conns->lanes,
		        conf->sender != NULL ? conf->sender(conf->ctx, &in->request) : 0,
		        &in->place);
}

void
start_forget(struct inbound *in)
{
	if (in->place.lane == NULL)
		return;
	lanes_leave(&in->conns->lanes, &in->place);
	in->conns->handed--;
	in->handed = false;
}

bool
start_due(const struct conns *conns)
{
	return lanes_due(&conns->lanes, turn_of(conns));
}

void
start_those_who_wait(struct conns *conns)
{
	struct lane_place *place;

	lanes_begin(&conns->lanes, turn_of(conns), rh_mono_us());
	while ((place = lanes_take(&conns->lanes, rh_mono_us())) != NULL)
		start(container_of(place, struct inbound, place));
}
