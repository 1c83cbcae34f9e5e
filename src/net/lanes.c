/* Requests that wait for their turn, see lanes.h. */
#include "lanes.h"

#include <stdlib.h>

void
lanes_init(struct lanes *lanes)
{
	*lanes = (struct lanes){ 0 };
	list_init(&lanes->ring);
	for (size_t i = 0; i < LANES_BUCKETS; i++)
		list_init(&lanes->buckets[i]);
}

void
lanes_begin(struct lanes *lanes, uint64_t turn, int64_t now_us)
{
	lanes->turn = turn;
	lanes->until_us = now_us + LANES_TURN_US;
}

bool
lanes_open(struct lanes *lanes, uint64_t turn, int64_t now_us)
{
	if (lanes->waiting > 0)
		return false;
	if (lanes->turn != turn)
		lanes_begin(lanes, turn, now_us);
	return now_us < lanes->until_us;
}

/* Most are there for one request, again and again. */
static struct lane *
lane_new(struct lanes *lanes)
{
	struct lane *lane = lanes->spare;

	if (lane == NULL)
		return rh_alloc(sizeof(*lane));
	lanes->spare = NULL;
	*lane = (struct lane){ 0 };
	return lane;
}

static void
lane_free(struct lanes *lanes, struct lane *lane)
{
	free(lanes->spare);
	lanes->spare = lane;
}

void
lanes_end(struct lanes *lanes)
{
	free(lanes->spare);
}

static struct lane *
lane_of(struct lanes *lanes, uint64_t sender)
{
	struct list *bucket = &lanes->buckets[sender % LANES_BUCKETS];
	struct lane *lane;

	list_each (node, bucket) {
		lane = container_of(node, struct lane, bucket);
		if (lane->sender == sender)
			return lane;
	}
	lane = lane_new(lanes);
	lane->sender = sender;
	list_init(&lane->waiting);
	list_add_tail(bucket, &lane->bucket);
	list_add_tail(&lanes->ring, &lane->node);
	return lane;
}

void
lanes_add(struct lanes *lanes, uint64_t sender, struct lane_place *place)
{
	place->lane = lane_of(lanes, sender);
	list_add_tail(&place->lane->waiting, &place->node);
	lanes->waiting++;
}

void
lanes_leave(struct lanes *lanes, struct lane_place *place)
{
	struct lane *lane = place->lane;

	if (lane == NULL)
		return;
	place->lane = NULL;
	list_remove(&place->node);
	lanes->waiting--;
	if (!list_empty(&lane->waiting))
		return;
	list_remove(&lane->bucket);
	list_remove(&lane->node);
	if (lanes->last == lane)
		lanes->last = NULL;
	lane_free(lanes, lane);
}

bool
lanes_due(const struct lanes *lanes, uint64_t turn)
{
	return lanes->waiting > 0 && lanes->turn != turn;
}

/* What was taken last is started by now. */
static void
note_cost(struct lanes *lanes, int64_t now_us)
{
	int64_t cost_us = now_us - lanes->last_us;

	if (lanes->last != NULL && cost_us > LANES_TURN_US)
		lanes->last->rests_until_us = now_us + cost_us;
	lanes->last = NULL;
}

/* The next lane, behind which the others come; one that rests only when the others do. */
static struct lane *
next_lane(struct lanes *lanes, int64_t now_us)
{
	struct lane *lane = NULL;

	for (int i = 0; i < LANES_RESTING; i++) {
		lane = container_of(lanes->ring.next, struct lane, node);
		list_remove(&lane->node);
		list_add_tail(&lanes->ring, &lane->node);
		if (lane->rests_until_us <= now_us)
			break;
	}
	return lane;
}

struct lane_place *
lanes_take(struct lanes *lanes, int64_t now_us)
{
	struct lane_place *place;
	struct lane *lane;

	note_cost(lanes, now_us);
	if (lanes->waiting == 0 || now_us >= lanes->until_us)
		return NULL;
	lane = next_lane(lanes, now_us);
	place = container_of(lane->waiting.next, struct lane_place, node);
	lanes->last = lane;
	lanes->last_us = now_us;
	lanes_leave(lanes, place); /* and with the last of them the lane */
	return place;
}
