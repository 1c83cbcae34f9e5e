/* push: what the hub owes to each platform, and how it gets there (docs/adr/0010).
 *
 * Read in this order: receiver (what one platform is owed; pure), pusher.h and channel (a platform
 * as a worker sends to it), push (the feed, and who sends next), deliver (one request), parked,
 * rows and expand (what is owed beside the feed), receivers, cursors, marked (what comes and goes),
 * sync (what the control thread asks for). */
#pragma once

#include "../context.h"

void push_start(struct worker *worker); /* on its thread, or before it runs */
void push_stop(struct worker *worker);  /* nothing new is sent; on its thread */
/** Whoever holds its platforms next may begin: nothing of this one's is under way. False: not yet.
 */
bool push_given(struct worker *worker);
/** Store how far all got, when nothing is in the air any more; false: it is under way. */
bool push_saved(struct worker *worker);
void push_quiet(struct worker *worker); /* from here on wake-ups do nothing; joined */
void push_free(struct worker *worker);  /* nothing may be in the air */
