/* news: a change is committed; who reads the feed is woken. */
#pragma once

#include "context.h"

/** Change @change was committed: raise the head and wake. Any thread. */
void news_committed(struct hub *hub, int64_t change);
/** Something was shared, or somebody came or went: wake who reads the feed. Any thread. */
void news_ring(struct hub *hub);
