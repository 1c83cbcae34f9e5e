/* known: credentials tokens that the hub knows, wherever they stand. */
#pragma once

#include "directory.h"
#include "roamhub/schema.h"

/** Is @text, as it is or in Base64, a token that a platform has or had for this hub? Of those the
 * hub knows digests alone. Any thread, within a turn. */
bool known_token(const struct hub *hub, struct str text, struct arena *arena);
/** What is wrong because a token stands there is told without it. Was there one? */
bool known_hide(const struct hub *hub, const struct json_doc *doc, struct ocpi_flaws *flaws,
        struct arena *arena);
