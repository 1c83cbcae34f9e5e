/* erase: what is kept of one driver's token goes: hub_erase() of erasure.h. */
#pragma once

#include "roamhub/ocpi.h"
#include "roamhub/store.h"

struct erase_token { /* whose cdr_token it is */
	struct ocpi_id owner;
	struct str uid;
};
/** store_without_fn: a session or a CDR whose cdr_token is this one. Its uid and contract_id become
 * "ERASED", the rest stays byte for byte. */
bool erase_without(const void *token, struct str body, struct arena *arena, struct str *without);
