/* share: objects that the hub keeps: shared with everybody, or a copy of what was addressed to one
 * party. */
#pragma once

#include "flight.h"
#include "roamhub/patch.h"

/** A write on a kept object, in memory of its own or of a flight. */
struct share {
	struct store_op op;
	struct ocpi_update update;
	bool is_delete;
	struct flight *flight;   /* that waits; NULL: nobody does */
	_Atomic uint64_t *print; /* of an addressed copy: where its print stands */
	bool check;              /* the whole result is checked against its class */
};
/** Fill @share from the flight's request, for @scope ("*" or "NL*MSP"). False: the request names no
 * object. */
bool share_fill(struct flight *flight, struct share *share, struct str scope, struct arena *arena);
/** Upper case copy of an id: the store's keys. */
struct str share_key(struct arena *arena, struct str text);
/** Is this write one that Broadcast Push may carry? */
bool share_allowed(const struct flight *flight);

/** Keep a copy of a forwarded write for its receiver; nobody waits for it (design.md, section 4).
 */
void share_keep_addressed(struct flight *flight);
