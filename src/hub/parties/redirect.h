/* redirect: where a partner's 3xx may lead. A framework that answers one form of a URL with the
 * other is followed; whoever sends us elsewhere is not, since our token would go to a stranger.
 * Pure. */
#pragma once

#include "roamhub/net.h"

/** 307 and 308 do for every method, 301 and 302 for GET alone, as clients make a GET of anything
 * else (RFC 9110 section 15.4). */
bool redirect_keeps_method(const struct net_call *call);
/** Does the answer to @call lead to another target of the same scheme, host and port, by its own
 * method? @target is from the call's arena. */
bool redirect_leads(const struct net_call *call, struct str *target);
