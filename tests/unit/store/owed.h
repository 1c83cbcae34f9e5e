/* owed: parked rows and refusals put into a rig's store and listed, in a line each. */
#pragma once

#include "share.h"

/** A row of @receiver and @to for the object @key ("scope module owner id"), since @since_ms. */
struct store_parked owed_row(const char *receiver, const char *to, const char *key);
void owed_park(struct rig *rig, const struct store_parked *rows, size_t count);
void owed_unpark(struct rig *rig, const struct store_parked *rows, size_t count, bool taken);

/** "receiver/to/id" of each that is due, joined by spaces; args as in and out. */
const char *owed_due(struct rig *rig, struct store_parked_args *args);
/** The same of every row, with its due_ms: "receiver/to/id=due". */
const char *owed_all(struct rig *rig, const char *receiver);

void owed_refuse(struct rig *rig, const char *receiver, const char *to, const char *key,
        int64_t change, int64_t at_ms);
/** "receiver/to/id@change" of each refusal, newest first; args as in. */
const char *owed_refused(struct rig *rig, struct store_failures_args *args);
const char *owed_refusals(struct rig *rig, const char *receiver);
