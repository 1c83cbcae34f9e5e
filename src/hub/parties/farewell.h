/* farewell: DELETE of the credentials at a platform that is none any more (CRD-045, fault O8). */
#pragma once

#include "partner.h"

/** What came of it, for people; never absent. */
typedef void (*farewell_fn)(void *ctx, const char *outcome);
struct farewell_to {
	int64_t platform;           /* for the log */
	struct str credentials_url; /* the partner's; absent: there is none, and @done says so */
	struct str token;           /* that the partner takes */
	bool plain;
};
/** Once, for five seconds at most; @done comes in a later turn. The texts of @to are copied.
 * Control thread. */
void farewell_send(struct hub *hub, const struct farewell_to *to, farewell_fn done, void *ctx);
/** The same for @platform as it is registered now; NULL: it holds nothing that it could be told to
 * forget. To be sent when it is removed, freed with it. */
struct farewell_to *farewell_of(const struct platform *platform, struct arena *arena);
