/* announce: ClientInfo changes become rows of the same log as everything shared. */
#pragma once

#include "../context.h"

/** Record what differs between the parties of @before (NULL: none) and @after, and @why (NULL:
 * nothing to say). Control thread. */
void announce_changes(struct hub *hub, const struct store_platform *before,
        const struct store_platform *after, const char *why);
/** A platform finished its handshake: its cursor begins at the head. Control thread. */
void announce_newcomer(struct hub *hub, struct live *live);
/** The same beforehand: what keeps it of @count platforms, for @op and from @arena. Returns where
 * it begins, for live->joined. */
int64_t announce_place(struct hub *hub, const int64_t *platforms, size_t count, struct store_op *op,
        struct arena *arena);
