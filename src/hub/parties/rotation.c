/* rotation: tokens that are old, and platforms that do not know where the hub is now, get new
 * credentials by PUT: four at a time, and nobody who is away.
 *
 * Nothing is kept of it but facts of the platform: when its token was made, what it was told, and a
 * pending token while an exchange is under way. One that is there without an exchange was left by a
 * hub that died (docs/adr/0020). */
#include "rotation.h"

#include "directory.h"
#include "due.h"
#include "live.h"
#include "registry.h"

enum {
	MOST_AT_ONCE = 4,
	SLICE = 256,        /* platforms looked at in a tick */
	HANDSHAKE_CALLS = 8 /* of one, with those that it may have to repeat */
};

enum action { LEAVE_IT, RECOVER, EXCHANGE };

struct now { /* read once, not for each platform */
	int64_t boot_ms, schedule_ms;
};

static struct now
now_of(void)
{
	return (struct now){ rh_boot_ms(), rh_schedule_ms() };
}

static int64_t
begin_ms(const struct hub *hub, const struct platform *platform, const struct now *now)
{
	return due_begin_ms(
	        platform->id, platform->token_made_ms, due_days(hub, platform), now->schedule_ms);
}

static bool
is_untold(const struct hub *hub, const struct platform *platform)
{
	struct str told = platform->told.p != NULL ? platform->told : str_of(hub->told_first);

	return !str_is(told, hub->told);
}

/* ---- an exchange ---- */

static void
on_ended(void *ctx, enum rh_err err, const struct fault *fault, int64_t platform, struct str token)
{
	struct hub *hub = ctx;

	(void)err, (void)fault, (void)platform, (void)token; /* due.c has noted it */
	hub->rotating--;
}

static void
act(struct hub *hub, const struct platform *platform, enum action action)
{
	hub->rotating++;
	if (action == RECOVER)
		handshake_recover(hub, platform->id, on_ended, hub);
	else
		handshake_connect(hub, platform->id, (struct str){ 0 }, (struct str){ 0 },
		        (struct str){ 0 }, on_ended, hub);
}

/* ---- the tick ---- */

/* A handshake that an operator began may be under way in another process: it is over by then, or
 * that process is. */
static bool
is_left_alone(const struct hub *hub, const struct platform *platform, const struct now *now)
{
	return !hub_is_together(hub) || now->schedule_ms - platform->pending_made_ms >
	                                        HANDSHAKE_CALLS * hub_settings(hub)->call_ms;
}

static enum action
action_for(const struct hub *hub, const struct platform *platform, bool held, const struct now *now)
{
	const struct live_rotation *rotation = &platform->live->rotation;

	if (platform->state != STATE_CONNECTED || platform->token.p == NULL ||
	        rotation->under_way || rotation->retry_ms > now->boot_ms)
		return LEAVE_IT;
	if (platform->has_pending)
		return is_left_alone(hub, platform, now) ? RECOVER : LEAVE_IT;
	if (platform_state(platform) != STATE_CONNECTED)
		return LEAVE_IT;
	if (rotation->failures > 0 || is_untold(hub, platform) ||
	        (!held && begin_ms(hub, platform, now) <= now->schedule_ms))
		return EXCHANGE;
	return LEAVE_IT;
}

static bool
is_expired(const struct platform *platform, const struct now *now)
{
	return platform->state == STATE_PLANNED && platform->invite_until_ms != 0 &&
	       platform->invite_until_ms <= now->schedule_ms;
}

static void
tell_expiry(const struct platform *platform, const struct now *now)
{
	struct live_rotation *rotation = &platform->live->rotation;
	bool expired = is_expired(platform, now);

	if (expired && !rotation->expiry_told)
		LOG(LOG_WARNING, "invite", KVN("platform", platform->id),
		        KVS("name", platform->name), KV("state", "expired"),
		        KV("again", "roamhubctl party invite --replace"));
	rotation->expiry_told = expired;
}

/* A tick looks at a part of them when they are many. */
void
rotation_tick(struct hub *hub, bool held)
{
	const struct platform *platforms;
	size_t count = directory_platforms(hub_directory(hub), &platforms);
	size_t looks = count < SLICE ? count : SLICE;
	const struct now now = now_of();

	for (size_t i = 0; i < looks && hub->rotating < MOST_AT_ONCE; i++) {
		const struct platform *platform = &platforms[hub->rotation_next++ % count];
		enum action action = LEAVE_IT;

		if (!platform->removed && hub_holds(hub, platform->id)) {
			tell_expiry(platform, &now);
			action = action_for(hub, platform, held, &now);
		}
		if (action != LEAVE_IT)
			act(hub, platform, action);
	}
}

bool
platform_invite_expired(const struct platform *platform)
{
	const struct now now = now_of();

	return is_expired(platform, &now);
}

void
hub_rotation(const struct hub *hub, const struct platform *platform, struct hub_rotation *out)
{
	const struct live_rotation *rotation = &platform->live->rotation;
	const struct now now = now_of();
	int64_t at_ms = begin_ms(hub, platform, &now);

	*out = (struct hub_rotation){ .made_ms = platform->token_made_ms,
		.days = due_days(hub, platform),
		.next_ms = at_ms != INT64_MAX ? at_ms : 0,
		.untold = is_untold(hub, platform),
		.overdue = due_is_over(
		        platform->token_made_ms, due_days(hub, platform), now.schedule_ms) };
	if (rotation->failures > 0 && rotation->retry_ms > now.boot_ms)
		out->retry_ms = rh_wall_ms() + rotation->retry_ms - now.boot_ms;
}
