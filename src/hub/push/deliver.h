/* deliver: one request of the push engine and what its answer means. */
#pragma once

#include "../parties/directory.h"
#include "pusher.h"

struct answer { /* good during the call */
	int64_t retry_after_ms;
	int http, ocpi;
	const char *why;
};
typedef void (*deliver_done_fn)(struct channel *channel, struct owed *owed, enum verdict verdict,
        const struct answer *answer);
/** Send @owed to @endpoint; a refusal is recorded before @done. @done is never called from inside.
 */
void deliver_start(struct channel *channel, struct owed *owed, const struct platform *platform,
        const struct endpoint *endpoint, deliver_done_fn done);
/** What is in the air ends soon, undone as far as the hub knows, and counts for nobody. */
void deliver_cut(struct pusher *pusher, bool closing); /* those of channels that close alone */
