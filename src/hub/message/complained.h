/* complained: what the hub refused of a platform is kept among the last of it. */
#pragma once

#include "flight.h"

/** @text: as the platform is told. */
void complained_flight(struct flight *flight, struct str text);
