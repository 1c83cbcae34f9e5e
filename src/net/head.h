/* What libmicrohttpd has read of a request's lines. Private to net. */
#pragma once

#include "guard.h"

#include <microhttpd.h>

struct head_lines {
	struct net_header line[GUARD_MAX_HEADERS];
	size_t count; /* also of those that found no room */
};

void head_lines(struct MHD_Connection *mhd, enum MHD_ValueKind kind, struct head_lines *out);
/** One past the empty line of the head that begins with @method. */
const char *head_end(struct MHD_Connection *mhd, const char *method);
