/* due: when the hub is to exchange its token of a platform, and how it notes what came of it. */
#include "due.h"

#include "presence.h"

#include <stdio.h>
#include <string.h>

enum { HOUR_MS = 3600 * 1000, DAY_MS = 24 * HOUR_MS, PAUSE_MOST_MS = 12 * HOUR_MS };

/* ---- pure ---- */

int64_t
due_begin_ms(int64_t platform, int64_t made_ms, int64_t days, int64_t now_ms)
{
	int64_t span_ms = days * DAY_MS;

	if (days == 0 || made_ms == 0)
		return INT64_MAX;
	if (made_ms > now_ms + HOUR_MS)
		return now_ms;
	return made_ms + span_ms - span_ms / 16 - presence_jitter(platform, span_ms / 2);
}

bool
due_is_over(int64_t made_ms, int64_t days, int64_t now_ms)
{
	return days > 0 && made_ms != 0 && now_ms - made_ms > days * DAY_MS;
}

int64_t
due_pause_ms(int64_t retry_ms, unsigned failures)
{
	int64_t pause_ms = retry_ms;

	for (unsigned i = 1; i < failures && pause_ms < PAUSE_MOST_MS; i++)
		pause_ms *= 2;
	return pause_ms < PAUSE_MOST_MS ? pause_ms : PAUSE_MOST_MS;
}

/* ---- of a platform ---- */

int64_t
due_days(const struct hub *hub, const struct platform *platform)
{
	return platform->rotate_days >= 0 ? platform->rotate_days : hub_settings(hub)->rotate_days;
}

void
due_note(struct hub *hub, struct live *live, const struct fault *fault)
{
	struct live_rotation *rotation = &live->rotation;

	if (fault->err == RH_OK) {
		rotation->failures = 0;
		rotation->last_failure_ms = 0;
		rotation->last_failure[0] = '\0';
		LOG(LOG_INFO, "rotation", KVN("platform", live->platform), KV("state", "done"));
		return;
	}
	rotation->failures++;
	rotation->retry_ms =
	        rh_boot_ms() + due_pause_ms(hub_settings(hub)->retry_ms, rotation->failures);
	rotation->last_failure_ms = rh_wall_ms();
	(void)snprintf(rotation->last_failure, sizeof rotation->last_failure, "%s%s%.390s",
	        fault->field, fault->field[0] != '\0' ? ": " : "",
	        fault->why[0] != '\0' ? fault->why : rh_err_info(fault->err)->text);
	LOG(LOG_WARNING, "rotation", KVN("platform", live->platform), KV("state", "failed"),
	        KV("why", rotation->last_failure), KVN("failures", rotation->failures),
	        KVN("again_in_s", (rotation->retry_ms - rh_boot_ms()) / 1000));
}
