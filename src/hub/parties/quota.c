/* quota: how much a platform may have of what the hub has. */
#include "quota.h"

enum { US_IN_S = 1000000 };

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

/* The window is used up to the moment at which nothing of it would be left. */
static int64_t
pace_used(const struct live *live, int64_t per_second, int64_t most)
{
	int64_t until_us = atomic_load_explicit(&live->pace_until_us, memory_order_relaxed);
	int64_t ahead_us = until_us - rh_mono_us();
	int64_t used = ahead_us > 0 ? (ahead_us * per_second + US_IN_S - 1) / US_IN_S : 0;

	return used < most ? used : most;
}

struct quota_use
platform_quota(const struct hub *hub, const struct platform *platform, enum quota quota)
{
	struct quota_use use = { .most = quota_of(hub, platform, quota) };
	int64_t per_second = use.most;

	if (quota == QUOTA_FLIGHTS)
		use.used = atomic_load_explicit(&platform->live->flights, memory_order_relaxed);
	if (quota == QUOTA_REQUESTS_PER_SECOND) {
		use.most = per_second * hub_settings(hub)->burst_s;
		use.used = pace_used(platform->live, per_second, use.most);
	}
	return use;
}
