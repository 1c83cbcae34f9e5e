/* pace: a backup takes a quarter of the writer's time while somebody writes, and all of it while
 * nobody does.
 *
 * One slice after each commit doubled and more what every share waited for, since each found a
 * slice in its way. With a rest of three times the slice, three shares of four meet none, and the
 * fourth waits for one slice at most. */
#include "pace.h"

enum { REST = 3, QUIET_US = 100000 };

int64_t
pace_next_us(const struct pace *pace)
{
	int64_t quiet_us = pace->wrote_us + QUIET_US;

	return pace->rest_until_us < quiet_us ? pace->rest_until_us : quiet_us;
}

void
pace_slice(struct pace *pace, int64_t began_us, int64_t ended_us)
{
	pace->rest_until_us = ended_us + REST * (ended_us - began_us);
}

void
pace_wrote(struct pace *pace, int64_t now_us)
{
	pace->wrote_us = now_us;
}
