/* share: objects that the hub keeps: shared with everybody, or a copy of what was addressed to one
 * party. */
#pragma once

#include "flight.h"
#include "roamhub/patch.h"

/** How the bytes of a write become those of the object; `ctx` of the store's make. */
struct share {
	struct ocpi_update update;
	bool is_delete;
	bool check; /* the whole result is checked against its class */
};
/** Fill @share and @args from the flight's request, for @scope ("*" or "NL*MSP"). False: the
 * request names no object. Texts are copied into @arena. */
bool share_fill(struct flight *flight, struct share *share, struct store_share_args *args,
        struct str scope, struct arena *arena);
/** The key that the flight's object has in @scope, in the flight's arena; false: it names none. */
bool share_key_of(struct flight *flight, struct str scope, struct store_key *key);
/** Upper case copy of an id: the store's keys. */
struct str share_key(struct arena *arena, struct str text);

enum next flight_share(struct flight *flight); /* Broadcast Push */
/** Keep a copy of a forwarded write for its receiver; nobody waits for it (design.md, section 4).
 */
void share_keep_addressed(struct flight *flight);
