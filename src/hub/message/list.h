/* list: pages and single objects from the hub's own store. */
#pragma once

#include "flight.h"

enum next flight_list(struct flight *flight);
