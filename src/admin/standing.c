/* standing: since when a platform is what it is, why, and how it did lately. */
#include "inside.h"

enum { WINDOW_SLOTS = 30, SLOT_S = SERIES_SLOT_MS / 1000 };

int64_t
standing_since_ms(const struct platform *platform)
{
	int64_t seen_ms = platform->live->presence.since_ms, latest_ms = 0;

	if (platform->state == STATE_PLANNED)
		return platform->created_ms;
	for (size_t i = 0; i < platform->party_count; i++) {
		int64_t ms = party_updated_ms(&platform->parties[i]);

		latest_ms = ms > latest_ms ? ms : latest_ms;
	}
	if (platform->state != STATE_CONNECTED)
		return latest_ms != 0 ? latest_ms : platform->updated_ms;
	return seen_ms != 0 ? seen_ms : latest_ms;
}

/** "suspended by the operator: REASON" */
static json_t *
suspended(const struct platform *platform)
{
	struct str why = platform->suspension.reason;
	CLEANUP(buf_free) struct buf text = { 0 };

	buf_printf(&text, "suspended by the operator%s%.*s", why.len > 0 ? ": " : "", STR_ARG(why));
	return tree_str(buf_str(&text));
}

/** NULL: it needs none. */
static const char *
reason(const struct platform *platform)
{
	const struct live_presence *presence = &platform->live->presence;

	if (platform->removed)
		return "removed by the operator";
	switch (platform_state(platform)) {
	case STATE_PLANNED:
		return platform_invite_expired(platform) ? "its invite expired"
		                                         : "invited, did not register yet";
	case STATE_OFFLINE:
		return presence->last_failure_ms != 0 ? presence->last_failure
		                                      : "was away when the hub started";
	default:
		return NULL;
	}
}

/** Of both directions together, of the last five minutes; null: nothing was measured yet. */
static json_t *
window(const struct hub *hub, const struct live *live)
{
	struct series_sum sum;
	uint64_t both[SERIES_BUCKETS], count, failed;
	int64_t p99_us;
	json_t *object;

	series_sum(hub, live, 0, WINDOW_SLOTS, &sum);
	if (sum.slots == 0)
		return json_null();
	for (size_t i = 0; i < SERIES_BUCKETS; i++)
		both[i] = sum.in[i] + sum.out[i];
	count = sum.in_count + sum.out_count;
	failed = sum.in_failed + sum.out_failed;
	p99_us = series_quantile_us(both, 990);
	object = tree_object();
	tree_set_number(object, "measured_s", (int64_t)sum.slots * SLOT_S);
	tree_set_count(object, "count", count);
	tree_set_count(object, "failed", failed);
	tree_set(object, "rate", json_real((double)count / (sum.slots * SLOT_S)));
	tree_set(object, "errors",
	        count == 0 ? json_null() : json_real((double)failed / (double)count));
	tree_set(object, "p99_ms", p99_us < 0 ? json_null() : json_real((double)p99_us / 1000));
	return object;
}

void
standing_set(json_t *object, const struct hub *hub, const struct platform *platform)
{
	tree_set_time(object, "since", standing_since_ms(platform));
	tree_set(object, "reason",
	        platform->state == STATE_SUSPENDED && !platform->removed
	                ? suspended(platform)
	                : tree_text(reason(platform)));
	tree_set(object, "recent", window(hub, platform->live));
}
