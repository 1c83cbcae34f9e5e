/* clock: the only place that reads time.
 * Deadlines use the monotonic clock; the wall clock may jump and is for timestamps that people and
 * peers see. What is due in minutes or days uses the schedule's clock, which takes the wall clock's
 * word once. */
#include "roamhub/base.h"

#include <pthread.h>
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

int64_t
rh_boot_ms(void)
{
	struct timespec now = read_clock(CLOCK_BOOTTIME);

	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t
rh_schedule_at(const struct rh_schedule *start, int64_t boot_ms)
{
	return start->wall_ms + (boot_ms - start->boot_ms);
}

static pthread_once_t schedule_once = PTHREAD_ONCE_INIT;
static struct rh_schedule schedule;

static void
start_schedule(void)
{
	schedule = (struct rh_schedule){ rh_wall_ms(), rh_boot_ms() };
}

int64_t
rh_schedule_ms(void)
{
	pthread_once(&schedule_once, start_schedule);
	return rh_schedule_at(&schedule, rh_boot_ms());
}
