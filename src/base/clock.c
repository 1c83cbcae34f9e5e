/* clock: the only place that reads time.
 * Deadlines use the monotonic clock; the wall clock may jump and is for timestamps that people and
 * peers see. */
#include "roamhub/base.h"

#include <time.h>

static struct timespec
read_clock(clockid_t id)
{
	struct timespec now = { 0 };

	clock_gettime(id, &now);
	return now;
}

int64_t
rh_mono_us(void)
{
	struct timespec now = read_clock(CLOCK_MONOTONIC);

	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t
rh_mono_ms(void)
{
	return rh_mono_us() / 1000;
}

int64_t
rh_wall_coarse_ms(void)
{
	struct timespec now = read_clock(CLOCK_REALTIME_COARSE);

	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t
rh_wall_ms(void)
{
	struct timespec now = read_clock(CLOCK_REALTIME);

	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
