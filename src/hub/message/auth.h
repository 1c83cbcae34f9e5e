/* auth: step 1, who is speaking? */
#pragma once

#include "flight.h"

enum next flight_auth(struct flight *flight);
struct str auth_token(struct flight *flight); /* as it was presented, decoded */
