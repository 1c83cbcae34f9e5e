/* tidings: what becomes of a receiver is told, as events, and not more often than somebody reads
 * them. */
#pragma once

#include "pusher.h"

struct tiding { /* a final refusal */
	const struct store_key *key;
	struct str to; /* empty: ClientInfo */
	int64_t change;
	int http, ocpi;
	struct str why;
};
void tidings_refused(struct channel *channel, const struct tiding *tiding);
/** It does not keep up from here on, or is away. */
void tidings_behind(struct channel *channel, bool away);
/** Nothing is owed to it: told, when it was away, or behind for a minute, and got something since.
 */
void tidings_level(struct channel *channel);
/** May one more be told? *@full_ms is when those that were are paid for, one in @every_ms. */
bool tidings_admit(int64_t *full_ms, int64_t every_ms, int64_t burst, int64_t now_ms);
