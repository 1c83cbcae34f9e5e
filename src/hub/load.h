/* load: what the hub knows from before. */
#pragma once

#include "context.h"

/** Platforms, agreements, what was told to whom, and where the feed is: from the store, before
 * anybody asks. The control thread's loop turns meanwhile. RH_STORE_FAILED says why not. */
MUST_CHECK enum rh_err hub_load(struct hub *hub, struct fault *fault);
