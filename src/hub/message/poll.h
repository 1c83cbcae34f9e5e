/* poll: real-time authorization of a token that the hub has never seen: all eMSPs are asked. */
#pragma once

#include <stdatomic.h>

#include "flight.h"

/** flight->to, when it is set, was asked before. */
enum next flight_poll(struct flight *flight);

/** One platform's requests may make the hub ask so many a second, and so many at once: @until_ms is
 * when all that was taken will be made up for. False: @count are too many at @now_ms. */
enum { POLL_ASKS_A_SECOND = 1000, POLL_ASKS_AT_ONCE = 8192 };
bool poll_take(_Atomic int64_t *until_ms, int64_t now_ms, size_t count);
