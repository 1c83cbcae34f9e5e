/* trace: what is kept of each flight for `roamhubctl log`. */
#pragma once

#include "flight.h"

bool trace_wanted(struct worker *worker); /* may one more flight be traced in this second? */
void trace_flight(struct flight *flight);
