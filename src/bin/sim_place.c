/* sim_place: where simulated charge points are. */
#include "sim_place.h"

/* clang-format off */
const struct place sim_places[SIM_PLACES] = {
	{ "DE", "DEU", "Berlin",     "10115",  "52.53210", "13.38490", "Europe/Berlin",     "EUR", 19 },
	{ "NL", "NLD", "Utrecht",    "3511",   "52.09070", "5.12140",  "Europe/Amsterdam",  "EUR", 21 },
	{ "FR", "FRA", "Lyon",       "69002",  "45.76400", "4.83570",  "Europe/Paris",      "EUR", 20 },
	{ "ES", "ESP", "Madrid",     "28013",  "40.41680", "-3.70380", "Europe/Madrid",     "EUR", 21 },
	{ "GB", "GBR", "Leeds",      "LS1",    "53.80080", "-1.54910", "Europe/London",     "GBP", 20 },
	{ "SE", "SWE", "Stockholm",  "11120",  "59.32930", "18.06860", "Europe/Stockholm",  "SEK", 25 },
	{ "NO", "NOR", "Oslo",       "0150",   "59.91390", "10.75220", "Europe/Oslo",       "NOK", 25 },
	{ "PL", "POL", "Krakow",     "31-001", "50.06470", "19.94500", "Europe/Warsaw",     "PLN", 23 },
	{ "AT", "AUT", "Wien",       "1010",   "48.20820", "16.37380", "Europe/Vienna",     "EUR", 20 },
};
/* clang-format on */

const struct place *
sim_place_in(const char *country)
{
	for (size_t i = 0; i < SIM_PLACES; i++)
		if (str_ieq(str_of(sim_places[i].country2), str_of(country)))
			return &sim_places[i];
	return NULL;
}
