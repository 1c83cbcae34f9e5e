/* census: how much is parked for each platform, in which way and since when. Control thread. */
#pragma once

#include "roamhub/store.h"

struct admin;
struct inquiry;

enum { OWED_AGES = 5 }; /* younger than a minute, ten, an hour, a day; older */
extern const int64_t age_minutes[OWED_AGES - 1];
extern const char *const age_names[OWED_AGES]; /* "1m", younger than that, to "older" */
struct parked_counts {                         /* objects of a platform */
	uint64_t by[PARKED_PULLED + 1][OWED_AGES];
};
struct census *census_new(struct admin *admin);
void census_free(struct census *census);
bool census_works(const struct census *census); /* the store fills its memory */
/** @ready, now or later, when what is parked is counted; the rest is for it alone. */
void census_ask(struct inquiry *inquiry, void (*ready)(struct inquiry *inquiry));
const struct fault *census_fault(const struct census *census); /* err not RH_OK: it failed */
const struct parked_counts *census_of(const struct census *census, int64_t platform);
uint64_t census_objects(const struct census *census); /* of all platforms */
