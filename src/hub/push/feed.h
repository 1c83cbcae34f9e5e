/* feed: reads the feed of changes and hands each to who may get it. */
#pragma once

#include "pusher.h"

/** Read what is new for those in step and for those that lag, as far as memory reaches;
 * pusher->turn_soon() follows. */
void feed_go_on(struct pusher *pusher);
