/* sandbox_left: what a sandbox leaves behind is dropped: its own objects, what it was sent, and
 * what it sent to its owner. Control thread. */
#pragma once

#include "context.h"

struct sandbox_left {
	struct hub *hub;
	struct store_op op;
	struct arena *arena;
	struct store_owned_args *scopes; /* in the arena */
	size_t scope_count;
	int64_t platform;
	void (*done)(struct sandbox_left *left); /* perhaps at once */
};
struct sandbox_trace { /* of whom, and as whom; platform 0: it was never there */
	int64_t owner, platform;
	struct ocpi_id party;
};
/** A failure is told to the log: it is dropped when it is begun again. */
void sandbox_left_drop(
        struct sandbox_left *left, struct hub *hub, const struct sandbox_trace *trace);
void sandbox_left_free(struct sandbox_left *left);
