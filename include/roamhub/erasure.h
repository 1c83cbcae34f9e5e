/* erasure: what is kept of one driver's token goes (src/hub/message/erase.c). Control thread. */
#pragma once

#include "hub.h"

struct hub_erasure {
	struct ocpi_id owner;
	struct str uid; /* in any case of letters */
	bool dry_run;   /* count alone */
	/* out: copies of the token, rows of what was owed or refused of it, records that named it,
	 * legs, what was remembered of it (hints, reports, samples of faulty fields, refusals);
	 * records that are damaged, and were left as they are */
	uint64_t tokens, owed, sessions, cdrs, legs, remembered, damaged;
};
/** What is kept of it goes, and nobody is told. @erasure stays until @done; after an error it has
 * what was done before it. */
void hub_erase(struct hub *hub, struct hub_erasure *erasure, hub_done_fn done, void *ctx);
