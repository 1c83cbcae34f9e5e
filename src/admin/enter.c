/* enter: a link is opened once, and stands from then on behind a cookie: so it is in no address
 * bar, in no history that others see, and in no Referer. */
#include "portal.h"

#include <string.h>

#include "session.h"

enum { TOKEN = 1 }; /* segment of "/p/{token}" */

struct entering {
	int64_t platform;
	uint8_t digest[RH_DIGEST_BYTES];
	uint64_t changes; /* of links, when it began to read this one */
};

/* ---- in ---- */

static void
say_nothing(struct inquiry *inquiry)
{
	console_headers(inquiry);
	buf_add(&inquiry->text, STR("<!doctype html>\n<html lang=\"en\">\n<title>404</title>\n"
	                            "<p>404: there is nothing here.</p>\n</html>\n"));
	inquiry_answer(inquiry, 404, "text/html; charset=utf-8");
}

static void
turn_away(struct inquiry *inquiry)
{
	inquiry->desk->turned_away++;
	inquiry_log_refusal(inquiry, "not a link that is good");
	slow_down(inquiry, say_nothing);
}

static void
let_in(struct inquiry *inquiry, const struct portal_link *link)
{
	const struct entering *entering = inquiry->work;
	struct session *session;

	(void)guest_came(inquiry->admin->portal, entering->platform, link);
	inquiry->who = arena_printf(inquiry->arena, "portal/%lld", (long long)entering->platform);
	inquiry->desk->came_in++;
	session = session_new(inquiry, entering->platform);
	memcpy(session->token, link->digest, sizeof session->token);
	LOG(LOG_INFO, "portal", KV("verb", "enter"), KVN("platform", entering->platform),
	        KV("peer", inquiry->request->peer));
	inquiry_header(inquiry, "Location", STR("/"));
	inquiry_header(inquiry, "Referrer-Policy", STR("no-referrer"));
	inquiry_answer(inquiry, 303, "text/plain; charset=utf-8");
}

static void look(struct inquiry *inquiry);

static void
found(struct store_op *op)
{
	struct inquiry *inquiry = container_of(op, struct inquiry, op);
	const struct entering *entering = inquiry->work;
	struct portal_link link;

	if (!inquiry_resume(inquiry))
		return;
	if (entering->changes != inquiry->admin->portal->changes)
		look(inquiry);
	else if (op->err == RH_OK && portal_link_read(op->u.meta.value, &link) &&
	         guest_holds(inquiry->admin, entering->platform, &link, entering->digest))
		let_in(inquiry, &link);
	else
		turn_away(inquiry);
}

static void
look(struct inquiry *inquiry)
{
	struct entering *entering = inquiry->work;

	entering->changes = inquiry->admin->portal->changes;
	inquiry->op = (struct store_op){ 0 };
	inquiry->op.u.meta.key = portal_link_key(entering->platform, inquiry->arena);
	inquiry_store(inquiry, STORE_META_GET, found);
}

static void
looked(struct hub_look *known)
{
	struct inquiry *inquiry = container_of(known, struct inquiry, look);

	if (inquiry_resume(inquiry))
		look(inquiry);
}

/* Its platform may have come by another process just now. */
static void
look_with_others(struct inquiry *inquiry)
{
	inquiry->look.done = looked;
	if (hub_look(inquiry->admin->hub, &inquiry->look))
		inquiry_wait(inquiry);
	else
		look(inquiry);
}

void
portal_enter(struct inquiry *inquiry)
{
	struct entering *entering = arena_alloc(inquiry->arena, sizeof *entering);
	struct str token = inquiry->path.decoded[TOKEN];

	inquiry->work = entering;
	hub_digest(inquiry->admin->hub, token, entering->digest);
	if (portal_link_parse(token, &entering->platform))
		look_with_others(inquiry);
	else
		turn_away(inquiry);
}

/* ---- who it is, and out ---- */

void
portal_who(struct inquiry *inquiry)
{
	struct admin *admin = inquiry->admin;
	const struct platform *platform = platform_present(inquiry);
	json_t *object;

	if (platform == NULL)
		return;
	object = tree_object();
	tree_set_str(object, "who", platform->name);
	tree_set_text(object, "role", "partner");
	tree_set_text(object, "csrf", session_of(inquiry)->csrf);
	tree_set_text(object, "hub", hub_settings(admin->hub)->name);
	tree_set_str(object, "hub_versions_url", hub_link(admin->hub, "versions", inquiry->arena));
	tree_set_time(object, "expires", inquiry->guest->link.expires_ms);
	tree_set_str(object, "versions_url", platform->versions_url);
	tree_set(object, "partner", platform_tree(admin, platform, false));
	inquiry_json(inquiry, 200, object);
}

void
portal_leave(struct inquiry *inquiry)
{
	session_end(inquiry);
	inquiry_json(inquiry, 200, tree_object());
}
