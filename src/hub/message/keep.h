/* keep: copies of what was addressed to one party (addressed pushes): the receiver finds them in
 * its lists, later messages without TO are led by them. */
#pragma once

#include "flight.h"

/** What would be kept of this forward to flight->to on @platform: nothing (flight->keep is NULL)
 * unless it writes an object. */
void keep_begin(struct flight *flight, int64_t platform);
/** Of the object, when flight->keep is not NULL. */
struct store_key keep_key(const struct flight *flight);
/** Before it is sent on: with @then, at once when nothing is to be kept or nothing is known against
 * the store; else the store has to commit a row first, and it is refused when that fails. */
enum next keep_ready(struct flight *flight, enum next (*then)(struct flight *flight));
/** Keep it, and go on with @then when it is committed. @accepted: the receiver took it; else it
 * could not be delivered. A copy that cannot be kept is counted, and @then follows all the same. */
enum next keep_copy(struct flight *flight, bool accepted, enum next (*then)(struct flight *flight));
