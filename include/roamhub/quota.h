/* quota: how much of its quotas a platform uses. */
#pragma once

#include "roamhub/hub.h"

/** How much is used, of how much; what the store counts (objects, URLs) is not known here, and 0.
 * Of requests a second: of what may come at once; most 0: no limit. */
struct quota_use {
	int64_t used, most;
};
struct quota_use platform_quota(
        const struct hub *hub, const struct platform *platform, enum quota quota);
