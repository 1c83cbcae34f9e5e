/* custom: modules that OCPI does not know, passed between platforms that both list them (RTE-062).
 */
#pragma once

#include "flight.h"

bool custom_listed(const struct flight *flight, struct str name); /* by the platform that asks */
/** Instead of the tables' rows; @at: the segment of the path that names the module. */
enum next custom_route(struct flight *flight, size_t at);
enum next flight_custom(struct flight *flight);
