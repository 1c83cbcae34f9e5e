/* relink: a call of a URL that the hub handed out. */
#pragma once

#include "flight.h"

enum next flight_relink(struct flight *flight);
