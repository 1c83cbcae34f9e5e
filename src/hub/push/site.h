/* site: what the answers say of a receiver as a whole: how many may be in the air, and when it is
 * left alone. Part of the pure machine of receiver.h. */
#pragma once

#include "receiver.h"

unsigned site_window(const struct receiver *receiver); /* as it is now */
bool site_is_blamed(enum verdict verdict);
/** @owed was answered: wait, be narrower or wider. */
void site_answered(struct owed *owed, enum verdict verdict, int64_t retry_after_ms, int64_t now_ms);
