/* trace: what is kept of each flight for `roamhubctl log`. */
#pragma once

#include "flight.h"

/** Are steps worth their clock readings? They are while the platform's messages are kept. */
bool trace_times_steps(const struct flight *flight);
/** How the requester's leg ended: its answer is made. */
enum store_trace_outcome trace_outcome(const struct flight *flight);
void trace_flight(struct flight *flight, enum store_trace_outcome outcome);
