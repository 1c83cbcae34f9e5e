/* stay: what comes when the story is over: the platforms serve on, until a signal. */
#pragma once

#include "story.h"

/** From here on SIGTERM and SIGINT stop the story. */
void stay_heed_signals(struct story *story);
/** The story is over: say so, and keep nothing more of what is received. @busy: a block of steps is
 * played meanwhile, so there are requests without end, and none is shown. */
void stay_begin(struct story *story, bool busy);
void stay_end(struct story *story);
