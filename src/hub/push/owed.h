/* owed: one object for one party, in one of its receiver's places. Part of the pure machine of
 * receiver.h. */
#pragma once

#include "receiver.h"

/** Every change of what the receiver counts by place happens between these two. */
void owed_leave(struct owed *owed);
void owed_enter(struct owed *owed, enum owed_place place); /* behind what is there */
/** Takes the reference to @batch. */
void owed_set_object(struct owed *owed, struct batch *batch, const struct store_object *object);
void owed_free(struct owed *owed);
