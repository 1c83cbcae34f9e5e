/* pace: how much of the writer's time a backup may have. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct pace {                  /* monotonic microseconds */
	int64_t rest_until_us; /* no slice before that, as long as somebody writes */
	int64_t wrote_us;      /* when a batch was committed last */
};
/** When the next slice may come: now or later. */
int64_t pace_next_us(const struct pace *pace);
void pace_slice(struct pace *pace, int64_t began_us, int64_t ended_us);
void pace_wrote(struct pace *pace, int64_t now_us);
