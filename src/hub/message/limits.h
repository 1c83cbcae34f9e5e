/* limits: how much one platform may ask of the hub: at once, and in a second. */
#pragma once

#include "flight.h"

/* ---- requests a second: pure, the clock is a parameter ---- */

/* As much as @window_s brings may come at once, @per_second in the long run: each request takes its
 * time of the window, which ends at *until_us when nothing more comes. */
struct limits_pace {
	int64_t per_second; /* 0: none */
	int64_t window_s;
};
struct limits_taken {
	bool granted;
	int64_t left;   /* that may come at once */
	int64_t wait_s; /* refused: until one is granted; granted: until all may come again */
};
/** Take one of @pace at @now_us (monotonic); any thread, for one *@until_us (0 at first) is shared
 * by all. What is refused takes nothing. */
struct limits_taken limits_take(
        _Atomic int64_t *until_us, const struct limits_pace *pace, int64_t now_us);

/* ---- of a flight ---- */

/** Take a place for it, which flight_end() gives back; or refuse it. */
enum next limits_enter(struct flight *flight, const struct platform *platform);
/** That its platform may have. */
int64_t limits_quota(const struct flight *flight, enum quota quota);
/** It is refused for @limit. */
void limits_note(struct flight *flight, enum limit limit);
/** RateLimit-Policy, RateLimit and, of a refusal, Retry-After. */
void limits_headers(struct flight *flight);
