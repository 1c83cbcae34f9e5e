/* presence: still-alive probes, and who is CONNECTED or OFFLINE by what live notes. */
#pragma once

#include "../context.h"

void presence_tick(struct hub *hub); /* control thread */
