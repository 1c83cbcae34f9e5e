/* guests: platforms somebody of which came to the portal since the start: by which link, and how
 * much they may ask. They are as many as links were handed out at most, and stay until the end. */
#include "portal.h"

#include <stdlib.h>

enum {
	ASK_EVERY_MS = 100,
	ASK_BURST = 120,
	ACT_EVERY_MS = 1000,
	ACT_BURST = 20,
	SEARCH_EVERY_MS = 2000, /* all that is kept of it is looked at, on the control thread */
	SEARCH_BURST = 5,
};

struct guest *
guest_find(struct portal *portal, int64_t platform)
{
	list_each (node, &portal->guests) {
		struct guest *guest = container_of(node, struct guest, node);

		if (guest->platform == platform)
			return guest;
	}
	return NULL;
}

struct guest *
guest_came(struct portal *portal, int64_t platform, const struct portal_link *link)
{
	struct guest *guest = guest_find(portal, platform);

	if (guest == NULL) {
		guest = rh_alloc(sizeof *guest);
		guest->platform = platform;
		list_add_tail(&portal->guests, &guest->node);
	}
	guest->link = *link;
	return guest;
}

void
guest_link(struct portal *portal, int64_t platform, const struct portal_link *link)
{
	struct guest *guest = guest_find(portal, platform);

	portal->changes++;
	if (guest != NULL)
		guest->link = *link;
}

bool
guest_holds(const struct admin *admin, int64_t platform, const struct portal_link *link,
        const uint8_t digest[RH_DIGEST_BYTES])
{
	const struct platform *found = directory_platform(hub_directory(admin->hub), platform);

	return found != NULL && !found->removed && link->expires_ms > rh_schedule_ms() &&
	       rh_same_bytes(link->digest, digest, sizeof link->digest);
}

/* ---- how much ---- */

/* *@paid_ms is when all that was taken is paid for, one in @every_ms. */
static bool
take(int64_t *paid_ms, int64_t every_ms, int64_t burst)
{
	int64_t now_ms = rh_boot_ms(), from_ms = *paid_ms > now_ms ? *paid_ms : now_ms;

	if (from_ms + every_ms > now_ms + burst * every_ms)
		return false;
	*paid_ms = from_ms + every_ms;
	return true;
}

bool
guest_may_ask(struct guest *guest)
{
	return take(&guest->came_ms, ASK_EVERY_MS, ASK_BURST);
}

bool
guest_may_act(struct guest *guest)
{
	return take(&guest->acted_ms, ACT_EVERY_MS, ACT_BURST);
}

bool
guest_may_search(struct guest *guest)
{
	return take(&guest->searched_ms, SEARCH_EVERY_MS, SEARCH_BURST);
}

bool
guest_slower(struct inquiry *inquiry)
{
	inquiry_header(inquiry, "Retry-After", STR("2"));
	return inquiry_refused(inquiry, 429, "that is much at once, try again in some seconds");
}

void
guests_free(struct portal *portal)
{
	list_each_safe (node, next, &portal->guests)
		free(container_of(node, struct guest, node));
}
