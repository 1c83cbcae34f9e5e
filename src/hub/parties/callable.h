/* callable: which URLs of partners the hub calls at all. Any thread. */
#pragma once

#include "../context.h"

/** Does @url lead back to this hub: below its public URL, or to a port that it listens on? */
bool callable_is_own(const struct hub *hub, const struct net_url *url);
/** Read @text, a URL that a partner gave in @field: absolute, https unless egress.allow_http
 * (CRD-049), and neither the hub's own nor of the sandbox of another. @platform: who gave it, 0: it
 * is not known. RH_BAD_FIELD says what is wrong. Memory from @arena. */
MUST_CHECK enum rh_err callable_read(const struct hub *hub, int64_t platform, const char *field,
        struct str text, struct arena *arena, struct net_url *url, struct fault *fault);
