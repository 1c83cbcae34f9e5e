/* Requests that wait for their turn, in lanes that are served round robin. Private to net.
 *
 * What is started at once delays everybody behind it, and of 256 connections that are ready
 * together each is read before the loop looks at anything else: who has one connection waited for
 * the 256 of another (fault H6). So a turn of the loop starts requests for a short while; what is
 * read beyond that waits in the lane of whoever sent it, and in each turn to come every lane gives
 * one, then every lane a second one, until that turn's time is over. Who asks little is so at most
 * a turn behind, however much is asked by others, and who is alone is served as fast as ever, in
 * shorter turns.
 *
 * Requests differ: a page of a list takes as long as hundreds of forwards. A lane that took more
 * than a turn lets the others have as much time as it took, if they have something to do.
 *
 * The answers of what was started come at the same pace, and so do the next requests of these
 * connections: nothing else needs a bound. Time is a parameter. */
#pragma once

#include "roamhub/base.h"

enum {
	LANES_TURN_US = 100,
	LANES_BUCKETS = 64,
	LANES_RESTING = 8 /* that are passed over at a time */
};

struct lane { /* of one sender, as long as something of it waits */
	struct list node, bucket, waiting;
	uint64_t sender;
	int64_t rests_until_us;
};
struct lane_place { /* embedded in what waits; zeroed: it does not */
	struct list node;
	struct lane *lane;
};
struct lanes {
	struct list ring; /* of lanes: the next one first */
	struct list buckets[LANES_BUCKETS];
	size_t waiting;
	uint64_t turn;      /* in which something was started last */
	int64_t until_us;   /* and for how long */
	struct lane *spare; /* for the next one; NULL: none */
	struct lane *last;  /* what it gave is being started, since then; NULL: it has no more */
	int64_t last_us;
};

void lanes_init(struct lanes *lanes);
void lanes_end(struct lanes *lanes); /* nothing waits */
/** Is something to be started in @turn at @now_us, or has it to wait? */
bool lanes_open(struct lanes *lanes, uint64_t turn, int64_t now_us);
void lanes_add(struct lanes *lanes, uint64_t sender, struct lane_place *place);
void lanes_leave(struct lanes *lanes, struct lane_place *place); /* harmless when it is not there */
/** Is a place to be given in @turn? Once a turn: lanes_begin() says that it is now. */
bool lanes_due(const struct lanes *lanes, uint64_t turn);
void lanes_begin(struct lanes *lanes, uint64_t turn, int64_t now_us);
/** The next one, which waits no longer; NULL: nobody waits, or the time of this turn is over. */
struct lane_place *lanes_take(struct lanes *lanes, int64_t now_us);
