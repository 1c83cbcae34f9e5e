/* loop: a message that comes back through another hub is refused, before it goes round for ever.
 * Only platforms with the role HUB are looked at, on either side. */
#pragma once

#include "flight.h"

#define LOOP_KIND "loop" /* in the memo, until the flight ends: flight->outbound */
enum { LOOP_HOPS = 16 }; /* entries of Via */

/** The call goes to another hub: note it, and say in Via that it was here. */
void loop_leave(struct flight *flight, struct partner_call *call);
/** A request of another hub: RH_LOOP when it was here before. */
enum next loop_check(struct flight *flight);

/** Was it at the hub that calls itself @own, or at more than LOOP_HOPS? RFC 9110 section 7.6.3. */
enum loop_found { LOOP_NONE, LOOP_OWN, LOOP_MANY };
enum loop_found loop_read(struct str via, struct str own);
