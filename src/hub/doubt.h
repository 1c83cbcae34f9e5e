/* doubt: a share that failed may be committed all the same, when the connection was lost before its
 * answer came. It is then owed to those who are to get it, though nobody was told of it: when the
 * store can be written again, and so what was under way there is over, the feed's head is asked
 * for. Control thread. */
#pragma once

#include "context.h"

void doubt_tick(struct hub *hub, const struct store_stats *stats);
