/* attempted: a request that belongs to a handshake is a step of it. */
#pragma once

#include "flight.h"

/** @flight, which is about to be answered, if it does. */
void attempted_flight(struct flight *flight);
