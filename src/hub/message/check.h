/* check: step 3, may it, and is the payload sound? */
#pragma once

#include "flight.h"

enum next flight_check(struct flight *flight);
enum next check_receiver(struct flight *flight); /* may flight->receiver get it now? */
