/* sim_visit: a location, its tariff, a token, a session that it charged and the CDR of that, which
 * agree in everything that they say of each other. */
#pragma once

#include "roamhub/ocpi.h"

enum visit_object {
	VISIT_LOCATION,
	VISIT_TARIFF,
	VISIT_TOKEN,
	VISIT_SESSION,
	VISIT_CDR,
	VISIT_OBJECTS
};
/** Names of their classes, in the order of the enum. */
extern const char *const sim_visit_classes[VISIT_OBJECTS];
/** Whose they are; the place is in the country of the CPO, where there is one. */
struct visit_parties {
	struct ocpi_id cpo, emsp;
};
/** Add @object of visit number @seed to @out: the same seed tells the same visit. @parties: NULL:
 * CPO and MSP of the country that it is in. */
void sim_visit(uint64_t seed, const struct visit_parties *parties, enum visit_object object,
        struct buf *out);
