/* unread: memory of answers that wait to be read, counted and bounded for each platform and in all.
 *
 * An answer is held until the library has given its last byte to the socket, so one that nobody
 * reads holds what it is made of. What is refused for want of room is what may become large, which
 * is the answer to a GET; the answer to a write is relayed, as its receiver acted on it. */
#pragma once

#include "flight.h"

/** May the flow of this request begin? REPLY: refused. */
enum next unread_admit(struct flight *flight);
/** May an answer of @bytes be made? REPLY: refused. */
enum next unread_fits(struct flight *flight, size_t bytes);
/** flight->net is complete. The flight's other memory is gone when there was much of it. It
 * counts until flight_end(). */
void unread_begin(struct flight *flight);
