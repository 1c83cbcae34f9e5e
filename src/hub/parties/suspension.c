/* suspension: one that has an end ends by itself. Its end is a change of the registry like the
 * operator's: asked for again until one was committed. */
#include "suspension.h"

#include "registry.h"

enum { SLICE = 512 /* platforms looked at in a tick */, AGAIN_MS = 10000 };

static void
end(struct hub *hub, const struct platform *platform, int64_t now_ms)
{
	struct live_presence *presence = &platform->live->presence;

	if (presence->lift_ms > now_ms)
		return;
	presence->lift_ms = now_ms + AGAIN_MS;
	LOG(LOG_INFO, "suspension", KVN("platform", platform->id), KVS("name", platform->name),
	        KV("state", "over"));
	registry_lift(hub, platform->id);
}

void
suspension_tick(struct hub *hub)
{
	const struct platform *platforms;
	size_t count = directory_platforms(hub_directory(hub), &platforms);
	size_t looks = count < SLICE ? count : SLICE;
	int64_t now_ms = rh_boot_ms();

	for (size_t i = 0; i < looks; i++) {
		const struct platform *platform = &platforms[hub->suspension_next++ % count];

		if (!platform->removed && hub_holds(hub, platform->id) &&
		        suspension_is_over(platform->state, &platform->suspension))
			end(hub, platform, now_ms);
	}
}
