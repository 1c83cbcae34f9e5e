/* news: a change is committed; who reads the feed is woken. */
#pragma once

#include "context.h"

/** Change @change was committed: raise the head and wake. Any thread. */
void news_committed(struct hub *hub, int64_t change);
/** Something was shared, or somebody came or went: wake who reads the feed. Any thread. */
void news_ring(struct hub *hub);

enum { PARKED_ANYBODY = 0, PARKED_NOBODY = -1 };
/** Parked rows of @platform were written by others than its pusher, or of anybody (0): have them
 * looked at. Any thread. */
void news_parked(struct hub *hub, int64_t platform);
