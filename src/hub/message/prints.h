/* prints: what the copies of addressed objects hold, told without reading them: many stacks PUT the
 * same bytes again and again, and the same again is not written again. Pure; any thread. */
#pragma once

#include "roamhub/objects.h"

struct prints; /* bounded: a print may be forgotten, which costs one write */
struct prints *prints_new(void);
void prints_free(struct prints *prints);

/** Of @body as the whole object under @key; never 0. */
uint64_t print_of(const struct store_key *key, struct str body);
/** Does the store hold just that, and does it know as much of its receiver? @accepted: the receiver
 * took it now. False when it is not known, and while a write of it is under way. */
bool prints_same(struct prints *prints, const struct store_key *key, uint64_t print, bool accepted);
/** A write of any kind is about to be submitted: until its end nothing is known. */
void prints_begin(struct prints *prints, const struct store_key *key);
/** It is committed as @change and left @print there (0: a part was written, or it was deleted);
 * @change 0: it failed. Once for each prints_begin(). */
void prints_end(struct prints *prints, const struct store_key *key, int64_t change, uint64_t print,
        bool accepted);
/** The store was changed beside all this, when @head was the newest change (0: no write can be
 * under way of what was changed): nothing that was known is any more. */
void prints_forget(struct prints *prints, int64_t head);
