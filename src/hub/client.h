/* client: the pooled client as the settings want it, of workers and of the control thread. */
#pragma once

#include "context.h"

/** A client on @loop with an egress gate of its own, which stays the caller's; NULL with @fault. */
struct net_client *client_make(
        struct hub *hub, struct net_loop *loop, struct net_egress **egress, struct fault *fault);
/** One for one call at a time, which reads @headers of answers: those of ocpi_answer_headers in
 * their order, and others behind them. It does not take over settings. */
struct net_client *client_make_alone(struct hub *hub, struct net_loop *loop,
        const char *const *headers, struct net_egress **egress, struct fault *fault);
/** Take over the settings of now; *egress is replaced. On the thread of the client's loop. */
void client_configure(struct hub *hub, struct net_client *client, struct net_egress **egress);
