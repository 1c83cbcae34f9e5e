/* auth: step 1, who is speaking? */
#pragma once

#include "flight.h"

enum next flight_auth(struct flight *flight);
