/* limits: how much one platform may ask of the hub: at once, and in a second. */
#include "limits.h"

#include "../count.h"
#include "../parties/quota.h"

enum { SECOND_US = 1000000 };

static int64_t
seconds_up(int64_t us)
{
	return (us + SECOND_US - 1) / SECOND_US;
}

struct limits_taken
limits_take(_Atomic int64_t *until_us, const struct limits_pace *pace, int64_t now_us)
{
	int64_t window_us = pace->window_s * SECOND_US;
	int64_t each_us = pace->per_second < SECOND_US ? SECOND_US / pace->per_second : 1;
	int64_t before_us = atomic_load_explicit(until_us, memory_order_relaxed), after_us;

	do {
		after_us = (before_us > now_us ? before_us : now_us) + each_us;
		if (after_us > now_us + window_us)
			return (struct limits_taken){ .wait_s = seconds_up(
				                              after_us - now_us - window_us) };
	} while (!atomic_compare_exchange_weak(until_us, &before_us, after_us));
	return (struct limits_taken){ .granted = true,
		.left = (now_us + window_us - after_us) / each_us,
		.wait_s = seconds_up(after_us - now_us) };
}

void
limits_note(struct flight *flight, enum limit limit)
{
	count_add(&flight->worker->counters.by_limit[limit], 1);
}

int64_t
limits_quota(const struct flight *flight, enum quota quota)
{
	const struct platform *platform =
	        directory_platform(flight->directory, flight->platform_id);

	return platform != NULL ? quota_of(flight_hub(flight), platform, quota) : 0;
}

/* ---- at once ---- */

static enum next
enter_hub(struct flight *flight, const struct platform *platform)
{
	struct hub *hub = flight_hub(flight);
	size_t in_hub = atomic_load_explicit(&hub->flights, memory_order_relaxed);
	unsigned in_air =
	        atomic_fetch_add_explicit(&platform->live->flights, 1, memory_order_relaxed);

	flight->live = platform->live; /* from here flight_end() gives the place back */
	if (in_air >= (uint64_t)quota_of(hub, platform, QUOTA_FLIGHTS)) {
		limits_note(flight, LIMIT_FLIGHTS_PER_PLATFORM);
		return flight_refuse(flight, RH_BUSY, "",
		        "%u requests of this platform are in the hub, limits.flights_per_platform "
		        "allows no more",
		        in_air);
	}
	if (in_hub > (size_t)hub_settings(hub)->flights) {
		limits_note(flight, LIMIT_FLIGHTS);
		return flight_refuse(flight, RH_BUSY, "",
		        "%zu requests of all platforms are in the hub, limits.flights allows no "
		        "more",
		        in_hub - 1);
	}
	return NEXT;
}

/* ---- in a second ---- */

static enum next
keep_pace(struct flight *flight, const struct platform *platform)
{
	struct hub *hub = flight_hub(flight);
	struct limits_pace pace = { quota_of(hub, platform, QUOTA_REQUESTS_PER_SECOND),
		hub_settings(hub)->burst_s };
	struct limits_taken taken;

	if (pace.per_second == 0)
		return NEXT;
	taken = limits_take(&platform->live->pace_until_us, &pace, rh_mono_us());
	flight->rate = (struct flight_rate){ .policy = "platform",
		.most = pace.per_second * pace.window_s,
		.window_s = pace.window_s,
		.left = taken.left,
		.wait_s = taken.wait_s };
	if (taken.granted)
		return NEXT;
	limits_note(flight, LIMIT_REQUESTS_PER_SECOND);
	return flight_refuse(flight, RH_TOO_MANY, "",
	        "limits.requests_per_second allows this platform %lld, and %lld at once",
	        (long long)pace.per_second, (long long)flight->rate.most);
}

enum next
limits_enter(struct flight *flight, const struct platform *platform)
{
	enum next next = enter_hub(flight, platform);

	if (next == NEXT)
		next = keep_pace(flight, platform);
	if (next == NEXT)
		count_add(&platform->live->requests, 1);
	return next;
}

/* ---- what it is told: draft-ietf-httpapi-ratelimit-headers ---- */

void
limits_headers(struct flight *flight)
{
	const struct flight_rate *rate = &flight->rate;

	if (rate->policy == NULL)
		return;
	flight_header(flight, "RateLimit-Policy",
	        arena_printf(flight->arena, "\"%s\";q=%lld;w=%lld", rate->policy,
	                (long long)rate->most, (long long)rate->window_s));
	flight_header(flight, "RateLimit",
	        arena_printf(flight->arena, "\"%s\";r=%lld;t=%lld", rate->policy,
	                (long long)rate->left, (long long)rate->wait_s));
}
