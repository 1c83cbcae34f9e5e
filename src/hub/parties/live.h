/* live: facts about one platform, noted by all threads in atomics; presence judges them. */
#pragma once

#include "../context.h"

void live_seen(struct live *live);   /* it spoke, or answered a call; any thread */
void live_failed(struct live *live); /* a call to it failed; any thread */
/** Of @platform, found or made; @state: as it was stored. Control thread. */
struct live *live_of(struct hub *hub, int64_t platform, enum store_state state);
void live_free_all(struct hub *hub);
