/* Handing requests up, at once or in their turn, see lanes.h. Private to net. */
#pragma once

#include "conn.h"

/** Hand up @in, which is complete, or let it wait in its lane. */
void start_or_wait(struct inbound *in);
/** The connection of @in is gone: has it waited, it does so no longer and is nobody's. */
void start_forget(struct inbound *in);
bool start_due(const struct conns *conns);
void start_those_who_wait(struct conns *conns);
