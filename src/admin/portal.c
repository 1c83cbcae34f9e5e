/* portal: the desk for partners, from open to close, and whom it lets in. */
#include "portal.h"

#include <stdlib.h>
#include <string.h>

#include "door.h"
#include "roamhub/portal.h"
#include "session.h"

enum { MOST_CONNECTIONS = 32, MAX_BODY = 256 << 10 };

/* ---- who asks ---- */

static bool
is_for_this_door(struct inquiry *inquiry)
{
	const struct hub *hub = inquiry->admin->hub;
	const struct door door = { hub_portal_address(hub), hub_settings(hub)->portal_listen,
		inquiry->admin->portal->host };

	if (door_is_right(inquiry, &door, "this is not what the portal is called"))
		return true;
	inquiry_log_refusal(inquiry, "Host or Origin is another one's");
	return false;
}

static bool
may_change(struct inquiry *inquiry)
{
	const struct platform *platform =
	        directory_platform(hub_directory(inquiry->admin->hub), inquiry->id);

	if (!session_meant(inquiry))
		return inquiry_refused(
		        inquiry, 403, "X-CSRF-Token is missing or not that of this link");
	if (inquiry->verb == NULL || (inquiry->verb->flags & VERB_LOOKS) != 0)
		return true;
	if (platform == NULL || platform->state == STATE_SUSPENDED)
		return inquiry_refused(inquiry, 403, "you are suspended by the hub's operator");
	return guest_may_act(inquiry->guest) || guest_slower(inquiry);
}

static bool
lets_in(struct inquiry *inquiry)
{
	unsigned flags = inquiry->verb != NULL ? inquiry->verb->flags : 0;
	const struct session *session = session_of(inquiry);

	if (!is_for_this_door(inquiry))
		return false;
	if ((flags & VERB_OPEN) != 0)
		return true;
	if (session == NULL && inquiry->verb == NULL)
		return inquiry_refused(inquiry, 404, inquiry->desk->nothing);
	if (session == NULL || !session_known(inquiry))
		return inquiry_refused(inquiry, 401, LINK_WANTED);
	inquiry->guest = guest_find(inquiry->admin->portal, session->platform);
	inquiry->id = session->platform;
	if (!guest_may_ask(inquiry->guest))
		return guest_slower(inquiry);
	return inquiry_looks(inquiry) || may_change(inquiry);
}

/** Its link is the one that it came by, and still good. */
static bool
still_holds(const struct admin *admin, const struct session *session)
{
	const struct guest *guest = guest_find(admin->portal, session->platform);

	return guest != NULL && guest_holds(admin, session->platform, &guest->link, session->token);
}

/* ---- open and close ---- */

static void
set_origin(struct portal *portal, const struct hub *hub)
{
	const char *url = hub_settings(hub)->portal_url;
	CLEANUP(buf_free) struct buf made = { 0 };

	if (url != NULL) {
		struct str left = str_of(url);

		(void)str_cut(&left, '/');
		(void)str_cut(&left, '/'); /* of "https://" */
		portal->host = door_name(left);
		portal->desk.secure = strncmp(url, "https:", 6) == 0;
		portal->origin = rh_strdup(url);
		return;
	}
	buf_printf(&made, "http://%s", hub_portal_address(hub));
	portal->origin = rh_strdup(made.p);
}

bool
portal_open(struct admin *admin, int listen_fd, struct fault *fault)
{
	struct portal *portal = rh_alloc(sizeof *portal);

	portal->desk = (struct desk){
		.admin = admin,
		.name = "portal",
		.cookie = "roamhub-portal",
		.for_guests = true,
		.verbs = portal_verbs,
		.nothing = "there is nothing here",
		.let_in = lets_in,
		.holds = still_holds,
		.look = link_look,
		.max_body = MAX_BODY,
		.max_connections = MOST_CONNECTIONS,
		.spare = hub_spare_descriptors(),
	};
	list_init(&portal->guests);
	set_origin(portal, admin->hub);
	admin->portal = portal;
	return desk_open(&portal->desk, listen_fd, fault);
}

void
portal_close(struct portal *portal)
{
	if (portal == NULL)
		return;
	desk_close(&portal->desk);
	guests_free(portal);
	free((char *)(uintptr_t)portal->origin);
	free(portal);
}
