/* look: who would be refused by what this process knows waits until it knows what others committed
 * before he came (parties/view.h), and is judged again. Where no others can be nobody waits. */
#pragma once

#include "../context.h"

struct look { /* embedded, one worker's own */
	struct list node;
	uint64_t read;    /* that it waits for */
	int64_t until_ms; /* monotonic */
	/** On the worker's thread, never from inside look_begin(). @err: RH_OK, or what it is to be
	 * refused with: RH_STALE, as the database could not be asked. */
	void (*done)(struct look *look, enum rh_err err);
};
enum { LOOK_MOST = 2048, LOOK_MS = 3000 }; /* of a worker at once; what one waits for at most */

void looks_open(struct worker *worker);
/** False: too many wait. */
bool look_begin(struct worker *worker, struct look *look);
void look_tick(struct worker *worker); /* who waited for too long does so no more */
