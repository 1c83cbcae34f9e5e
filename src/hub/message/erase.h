/* erase: what is kept of one driver's token goes: hub_erase() of erasure.h. */
#pragma once

#include "../context.h"

struct erase_token { /* whose cdr_token it is */
	struct ocpi_id owner;
	struct str uid;
};
/** store_without_fn: a session or a CDR whose cdr_token is this one. Its uid and contract_id become
 * "ERASED", the rest stays byte for byte. */
bool erase_without(const void *token, struct str body, struct arena *arena, struct str *without);
/** What is shown of platforms and is remembered until the next start, samples of faulty fields and
 * refusals: those that name one of @names go, NULL: all of them; how many there are. Control
 * thread. */
size_t erase_shown(struct hub *hub, const struct str *names, bool dry_run);
