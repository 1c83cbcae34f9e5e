/* wish: what an operator asked for at one of several processes, and another one has to do, or each
 * of them: it is stored before the operator is answered. wishes.h finds it. Control thread. */
#pragma once

#include "context.h"

/** It is stored, done here as far as it is for this process, and told to the others; then @done. */
void wish_put(
        struct hub *hub, int64_t platform, enum store_wish_kind kind, hub_done_fn done, void *ctx);
void wish_drop(struct hub *hub, int64_t nth); /* it is done */
