/* route: step 2, to whom and by which flow? */
#pragma once

#include "flight.h"

enum next flight_route(struct flight *flight);
/** Choose the party that a call on @interface of @module addresses among those with its id
 * (RTE-024). NULL: there is none. */
const struct party *route_receiver(const struct party *candidates, const struct ocpi_module *module,
        enum ocpi_interface interface);
/** 4001: no such party is connected here. Also where it is, and the requester is not to know. */
enum next route_nobody(struct flight *flight);
