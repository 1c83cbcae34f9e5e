/* credentials: the hub as receiver of the handshake. */
#pragma once

#include "flight.h"

enum next local_credentials(struct flight *flight);
