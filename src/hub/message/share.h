/* share: objects that the hub keeps: shared with everybody, or a copy of what was addressed to one
 * party. */
#pragma once

#include "flight.h"
#include "roamhub/patch.h"

/** How the bytes of a write become those of the object; `ctx` of the store's make. */
struct share {
	struct ocpi_update update;
	const struct json_doc *came; /* the body of the request, as it was scanned */
	struct str whole; /* the object as its sender has it, older or newer than the update
	                     (fetch.h); absent: was not asked for */
	bool is_delete;
	bool check;   /* the whole result is checked against its class */
	char *faults; /* with check: room for what is wrong with it */
};
/** Fill @share and @args from the flight's request, for @scope ("*" or directory_scope()). False:
 * the request names no object. Texts are borrowed from the flight, which waits for the operation.
 */
bool share_fill(struct flight *flight, struct share *share, struct store_share_args *args,
        struct str scope);
/** The party of such a scope, if its platform is still the one that holds it. */
bool share_holder(const struct directory *directory, struct str scope, struct arena *arena,
        struct ocpi_id *holder);

enum next flight_share(struct flight *flight); /* Broadcast Push */
