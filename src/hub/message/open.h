/* open: requests without TO go by their content. */
#pragma once

#include "flight.h"

enum next flight_open(struct flight *flight);
