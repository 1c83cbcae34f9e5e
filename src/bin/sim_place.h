/* sim_place: where simulated charge points are. */
#pragma once

#include "roamhub/base.h"

struct place {
	const char *country2, *country3, *city, *postal, *latitude, *longitude, *zone, *currency;
	int vat; /* per cent */
};
enum { SIM_PLACES = 9 };
extern const struct place sim_places[SIM_PLACES];
/** The one in @country ("DE"); NULL: there is none. */
const struct place *sim_place_in(const char *country);
