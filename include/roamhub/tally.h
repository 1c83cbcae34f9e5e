/* tally: what is counted of a platform by each of the processes that share the work
 * (src/hub/tally.c). Control thread. */
#pragma once

#include "hub.h"

/** Writes a JSON object of what this process counts of @platform. */
typedef void (*hub_tally_fn)(void *ctx, int64_t platform, struct buf *doc);
/** @fn makes it when another process is asked. NULL: nobody does any more. */
void hub_tally_by(struct hub *hub, hub_tally_fn fn, void *ctx);

/** @docs of other processes, good until this returns; @silent of them said nothing in time. */
typedef void (*hub_tallies_fn)(void *ctx, const struct str *docs, size_t count, unsigned silent);
/** What the others count of @platform: @done comes within about a second, and before this returns
 * when there are none. */
void hub_tallies(struct hub *hub, int64_t platform, hub_tallies_fn done, void *ctx);
