/* bodies: what the trace keeps of what was said in full (trace.bodies). */
#pragma once

#include "../context.h"

enum { BODIES_MOST = 4096 }; /* bytes of a leg, request and answer together */

/** Of a message that ended well or did not. */
static inline bool
bodies_wanted(const struct hub *hub, bool failed)
{
	int bodies = hub_settings(hub)->trace_bodies;

	return bodies == TRACE_BODIES_ALL || (bodies == TRACE_BODIES_FAILURES && failed);
}
struct bodies {
	struct str asked, answered; /* absent or empty: left out */
	const struct str *secrets;  /* hidden wherever they stand, as what is named like a token */
	size_t secret_count;
};
/** As "body" and "answer" of @doc, and where one was cut how long it was. */
void bodies_put(struct buf *doc, const struct bodies *bodies, struct arena *arena);
