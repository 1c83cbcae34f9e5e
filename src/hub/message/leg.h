/* leg: a request to a party in the course of a flight, and what its answer means to the requester.
 */
#pragma once

#include "flight.h"

/** Address, ids and routing headers of a call to @to; the texts are copied, so that it may start in
 * a later turn. */
void leg_prepare(struct flight *flight, const struct platform *to, struct str origin,
        struct str target, bool with_token);
/** Start it; @answered continues the flow on a later turn. */
enum next leg_start(struct flight *flight, struct str method, struct str body,
        enum next (*answered)(struct flight *flight));
/** The same with a deadline of its own. */
enum next leg_start_within(struct flight *flight, struct str method, struct str body,
        int64_t within_ms, enum next (*answered)(struct flight *flight));
/** In @answered: RH_OK and flight->call.envelope when there is a usable envelope, else
 * flight->fault says what to answer. */
MUST_CHECK enum rh_err leg_verdict(struct flight *flight);
/** Relay the answer that leg_verdict() found usable. */
enum next leg_relay(struct flight *flight);
