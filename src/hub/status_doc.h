/* status_doc: the facts about a platform that operators see and the next one who holds it needs, as
 * a JSON object and back. Pure. */
#pragma once

#include "roamhub/live.h"

struct status_clock { /* what makes wall time of rh_boot_ms() and of rh_mono_ms() */
	int64_t boot_ms, mono_ms;
};
void status_doc_put(const struct live *live, const struct status_clock *clock, struct buf *doc);
/** What is not said in @doc is nothing, and what it says beside is passed over. */
void status_doc_take(struct live *live, struct str doc, const struct status_clock *clock);
bool status_doc_has_sandbox(const struct live *live); /* of a platform as owner */
