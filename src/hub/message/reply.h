/* reply: step 5, exactly one answer. */
#pragma once

#include "flight.h"

enum next flight_reply(struct flight *flight);
