/* status: what this process knows of the platforms that it holds is told to the others, and what
 * they know of theirs is taken from them, by way of the store (roamhub/together.h). Control thread.
 */
#pragma once

#include "context.h"

void status_open(struct hub *hub);
void status_close(struct hub *hub);
/** Writes what changed, and reads what the others wrote. */
void status_tick(struct hub *hub);
/** What was written may be gone: all that is held is written anew. */
void status_anew(struct hub *hub);
void status_hint(struct hub *hub); /* somebody wrote: it is read at the next tick */
/** Slots of which this process knows best: what stands in the store of them is its own. */
void status_own(struct hub *hub, uint64_t slots);
/** Of @slots those of which something is not written yet; it is on its way. */
uint64_t status_unwritten(struct hub *hub, uint64_t slots);
/** Reads have numbers: of the last that was begun, and of the last that succeeded. */
uint64_t status_reads_begun(const struct hub *hub);
uint64_t status_reads_ended(const struct hub *hub);
