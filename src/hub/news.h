/* news: a change is committed; who reads the feed is woken. */
#pragma once

#include "context.h"

/** Change @change was committed: raise the head and wake. Any thread. */
void news_committed(struct hub *hub, int64_t change);
/** Something was shared, or somebody came or went: wake who reads the feed. Any thread. */
void news_ring(struct hub *hub);

/** An operator, or the registry, wrote rows for the platform of @live: they are due now, whatever
 * it was waiting for. Any thread. */
void news_parked(struct hub *hub, struct live *live);
/** A pull wrote rows for the platform of @live: they are due, but nobody's wait ends. Any thread.
 */
void news_owed(struct hub *hub, struct live *live);
/** A share made rows due: of whom is not known. Nobody's wait ends. Any thread. */
void news_woken(struct hub *hub);

/* ---- the same of what another process did: it is not told on ---- */

void news_head(struct hub *hub, int64_t change);
void news_told_parked(struct hub *hub, struct live *live);
void news_told_owed(struct hub *hub, struct live *live);
void news_told_woken(struct hub *hub);
