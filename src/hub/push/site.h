/* site: what the answers say of a receiver as a whole: how many may be in the air, and when it is
 * left alone. Part of the pure machine of receiver.h. */
#pragma once

#include "receiver.h"

unsigned site_window(const struct receiver *receiver); /* as it is now */
bool site_is_blamed(enum verdict verdict);
/** What is parked may be tried before it is due now that an object was taken. One that had failed
 * before
 * (@retried) speaks for the others; the end of a suspicion is worth one try, as the object was
 * perhaps one of those that never failed. */
enum early site_early(bool retried, bool was_suspect, bool is_suspect);
/** @owed was answered: wait, be narrower or wider. */
void site_answered(struct owed *owed, enum verdict verdict, int64_t retry_after_ms, int64_t now_ms);
