/* forget: what the store keeps of a receiver goes when its platform is removed. */
#pragma once

#include "../context.h"

/** Its cursor, its parked objects and its refusals, in slices. Control thread. */
void forget_receiver(struct hub *hub, int64_t platform);
/** The same of all that were removed: at start. */
void forget_removed(struct hub *hub);
