/* masks: what a partner says may hold a token: ours that it repeats, or its own. Where it is shown
 * or written down stars stand instead. Pure. */
#pragma once

#include "roamhub/ocpi.h"

/** A copy of @text without @secrets, raw or in Base64, and without what is named like a token
 * there, whosever it is. Absent secrets are passed over. */
struct str masks_hide(
        struct str text, const struct str *secrets, size_t count, struct arena *arena);
