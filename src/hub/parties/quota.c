/* quota: how much a platform may have of what the hub has. */
#include "quota.h"

int64_t
hub_quota(const struct hub *hub, enum quota quota)
{
	const struct settings *settings = hub_settings(hub);
	const int64_t most[QUOTA_COUNT] = {
		[QUOTA_REQUESTS_PER_SECOND] = settings->requests_per_second,
		[QUOTA_FLIGHTS] = settings->flights_per_platform,
		[QUOTA_OBJECTS] = settings->objects,
		[QUOTA_RELINKS] = settings->relinks,
	};

	return most[quota];
}

int64_t
quota_of(const struct hub *hub, const struct platform *platform, enum quota quota)
{
	int64_t own = platform->quotas[quota];

	return own >= 0 ? own : hub_quota(hub, quota);
}
