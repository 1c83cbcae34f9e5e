/* local: what the hub answers by itself. */
#pragma once

#include "flight.h"

enum next local_versions(struct flight *flight);
enum next local_details(struct flight *flight);
enum next local_clientinfo(struct flight *flight);
