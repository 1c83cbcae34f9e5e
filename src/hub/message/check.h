/* check: step 3, may it, and is the payload sound? */
#pragma once

#include "flight.h"

enum next flight_check(struct flight *flight);
enum next check_receiver(struct flight *flight); /* may the two roam? */
/** The result of an asynchronous request against its class, by the validation mode of who sends it;
 * @class NULL: nothing is known of it. */
enum next check_result(struct flight *flight, const struct ocpi_class *class);
