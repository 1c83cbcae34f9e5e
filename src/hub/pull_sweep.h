/* pull_sweep: what two complete full walks in a row did not find is withdrawn, if it is here by
 * pulls alone. */
#pragma once

#include "roamhub/store.h"

struct pull;

struct pull_seen { /* set of hashes of keys; zeroed is empty */
	uint64_t *slots;
	size_t size, count; /* size: a power of two, or 0 */
};
void pull_seen_add(struct pull_seen *seen, const struct store_key *key);
bool pull_seen_has(const struct pull_seen *seen, const struct store_key *key);
void pull_seen_clear(struct pull_seen *seen); /* frees */

/** Is what a walk did not find too much to be believed? @seen: objects that it found, @kept: those
 * that are here by pulls, @gone: of these, those that would be withdrawn. Pure. */
bool pull_too_much(size_t seen, uint64_t kept, uint64_t gone);

struct pull_sweep {
	struct pull_seen seen; /* objects of the module that the walk found */
	uint64_t kept, gone;
	bool counting, held, failed;
	struct store_op op;
	struct arena *arena, *after_arena; /* of the rows in hand; of after */
	struct store_key after;
	size_t pending;
	void (*swept)(struct pull *pull); /* never from inside pull_sweep_begin() */
};
/** After the last list of the module in hand. */
void pull_sweep_begin(struct pull *pull);
