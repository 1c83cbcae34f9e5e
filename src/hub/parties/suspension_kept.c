/* suspension_kept: what is kept of a suspension, beside the settings of its platform. */
#include "suspension.h"

#include "settings.h"

const char *const registry_notes[] = { SUSPENSION_REASON, SUSPENSION_UNTIL, SETTING_TOKEN_RAW,
	NULL };

bool
suspension_is_key(struct str key)
{
	return str_is(key, SUSPENSION_REASON) || str_is(key, SUSPENSION_UNTIL);
}

void
suspension_read(const struct json_doc *doc, struct arena *arena, struct suspension *suspension)
{
	struct str until = json_member_string(doc, 0, SUSPENSION_UNTIL, arena);
	uint64_t until_ms;

	suspension->reason = json_member_string(doc, 0, SUSPENSION_REASON, arena);
	if (str_to_u64(until, INT64_MAX, &until_ms))
		suspension->until_ms = (int64_t)until_ms;
}

bool
suspension_is_over(enum store_state state, const struct suspension *suspension)
{
	return state == STATE_SUSPENDED && suspension->until_ms != 0 &&
	       suspension->until_ms <= rh_schedule_ms();
}
