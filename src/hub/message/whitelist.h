/* whitelist: authorize while the owner of the token is away. */
#pragma once

#include "flight.h"

enum next flight_whitelist(struct flight *flight, const struct store_key *key);
