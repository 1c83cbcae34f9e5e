/* expand: a row that stands for a whole module becomes rows, page by page, for who is entitled to
 * what is there. */
#pragma once

#include "pusher.h"

/* Its reason ends with the change up to which it reaches: what came later is on the feed. */
#define MARKER_WHY "what was there at change "

void expand_start(struct channel *channel, const struct store_parked *marker);
