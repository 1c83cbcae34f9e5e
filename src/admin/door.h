/* door: what a listener is called, and whom that of the admin API lets in. */
#pragma once

#include "inside.h"

struct door {
	const char *bound, *listen; /* ADDRESS:PORT, as it is and as it was set */
	struct str hosts;           /* names with commas between them */
};
/** Of "name:port", "[::1]:port" or either without a port. */
struct str door_name(struct str host);
/** Is it named in Host by one of its names, if at all, and asked by no page of another site? False:
 * it is not, and that was said. @names: what was expected of Host. */
bool door_is_right(struct inquiry *inquiry, const struct door *door, const char *names);
bool door_is_near(const char *peer); /* of this machine */
/** False: not for this, and that was said. */
bool door_lets_in(struct inquiry *inquiry);
