/* Closing a connection after a refusal without losing the answer. Private to net. */
#pragma once

#include "roamhub/net.h"

struct lingers;
struct lingers *lingers_new(struct net_loop *loop);
void lingers_free(struct lingers *lingers); /* closes what still lingers */
/** Keep the connection behind @fd open, by a descriptor of its own, until the peer closes, a few
 * seconds at most. */
void linger_on(struct lingers *lingers, int fd);
