/* fetch: the whole of an object of which a part came, from the one who sent that part. */
#pragma once

#include "flight.h"

struct fetch { /* in the flight's arena */
	struct ocpi_id owner;
	struct str id;           /* as it was written; ids have no case */
	struct str object;       /* out: its bytes; absent: it could not be had */
	struct ocpi_id from, to; /* of the flight, meanwhile */
	enum next (*then)(struct flight *flight);
};
/** Can it be asked for: does OCPI have a GET of one object for the module, does the sender list the
 * endpoint, and did it answer lately? */
bool fetch_possible(struct flight *flight);
/** Ask; @then goes on with flight->local_state, which is @fetch. */
enum next fetch_start(
        struct flight *flight, struct fetch *fetch, enum next (*then)(struct flight *flight));
