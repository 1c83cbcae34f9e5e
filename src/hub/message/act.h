/* act: step 4, the flow that the route chose. */
#pragma once

#include "flight.h"

enum next flight_act(struct flight *flight);
