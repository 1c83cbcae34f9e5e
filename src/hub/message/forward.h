/* forward: a message to one party; its answer is relayed. */
#pragma once

#include "flight.h"

enum next flight_forward(struct flight *flight);
