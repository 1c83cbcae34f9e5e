/* lines: the headers that are the same in every delivery to a party, as they are written. */
#pragma once

#include "../context.h"

struct lines { /* zeroed: none yet */
	struct ocpi_id to, from;
	bool announces;
	struct str authorization; /* a part of text */
	struct buf text;
};

/** Those of a delivery of @from to @to; of a ClientInfo (@announces), which carries no routing
 * headers (RTE-031). Made anew when the party or what it is authorized by is another one than last
 * time. Absent when they are unfit for a request. Good until the next call. */
struct str lines_of(struct lines *lines, const struct ocpi_id *from, const struct ocpi_id *to,
        bool announces, struct str authorization);
void lines_free(struct lines *lines); /* there is a token in them */
