/* poll: real-time authorization of a token that the hub has never seen: all eMSPs are asked. */
#pragma once

#include "flight.h"

enum next flight_poll(struct flight *flight);
