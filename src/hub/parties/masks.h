/* masks: what a partner says may hold a token: ours that it repeats, or its own. Where it is shown
 * or written down stars stand instead. Pure. */
#pragma once

#include "roamhub/ocpi.h"

/** Overwrites @secret in @text with stars, also where JSON's escapes spell it, and where it was cut
 * behind its first @known bytes. Whether it stood there. */
bool masks_blot(struct str text, struct str secret, size_t known);

/** A copy of @text without @secrets, raw or in Base64, and without what is named like a token
 * there, whosever it is. Absent secrets are passed over. */
struct str masks_hide(
        struct str text, const struct str *secrets, size_t count, struct arena *arena);
