/* rows: what a receiver is owed beside the feed is written to the store, and ends. When it is read
 * and tried says parked.h. */
#pragma once

#include "deliver.h"
#include "pusher.h"

enum { ROWS_SOON_MS = 200 }; /* rows changed: when the next is due is asked again */

/** Write the row of @owed, which is OWED_PARKING; receiver_parked() and channel_owes() follow. */
void rows_write(struct channel *channel, struct owed *owed, const struct answer *answer);
/** The rows of @owed are over; @taken: its refusals too. */
void rows_over(struct channel *channel, const struct owed *owed, bool taken);
/** The same of the object and the party that @row names. */
void rows_end(struct channel *channel, const struct store_parked *row, bool taken);
/** The object of @row cannot be read: it waits like one that was not taken, so that it neither is
 * read all the time nor stands before the others. */
void rows_unread(struct channel *channel, const struct store_parked *row, const char *why);
struct store_key rows_copy_key(const struct store_key *key, struct arena *arena);
