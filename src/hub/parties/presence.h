/* presence: still-alive probes, and who is CONNECTED or OFFLINE by what live notes. */
#pragma once

#include "live.h"

enum { MOST_PROBES = 32 }; /* in the air at once */

void presence_tick(struct hub *hub); /* control thread */
/** Another process heard of it, or failed to reach it. Nothing of one that this process does not
 * hold. */
void presence_told(struct hub *hub, struct live *live, enum live_event event);

/* ---- pure; times: rh_boot_ms() ---- */

/** Between 0 and an eighth of @span_ms, the same for a platform each time. */
int64_t presence_jitter(int64_t platform, int64_t span_ms);
struct presence_times { /* of the settings */
	int64_t still_alive_ms, retry_ms;
};
/** When @live is to be probed next, which may be in the past. */
int64_t presence_probe_at(const struct live *live, const struct presence_times *times);
/** Is @state to be announced at @now_ms? A status that was announced holds for a while, which
 * doubles when it was followed by another one soon, up to some minutes. When it says yes it has
 * taken note of it. */
bool presence_announce_now(struct live_presence *presence, int state, int64_t now_ms);
