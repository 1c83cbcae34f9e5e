/* quota: how much a platform may have of what the hub has: by `party set`, or as the configuration
 * says for all. */
#pragma once

#include "roamhub/quota.h"

#include "../context.h"

int64_t quota_of(const struct hub *hub, const struct platform *platform, enum quota quota);
