/* login: a token of the operator's is shown once, and stands for it from then on a cookie that no
 * script can read and no other site can send.
 *
 * Whoever has the cookie alone may look; what changes something wants the word that came with the
 * login, too, in a header, which a page of another site cannot set. */
#include "inside.h"

enum { SLOW_MS = 1000 }; /* who is wrong waits so long */

/* ---- in and out ---- */

static void
answer(struct inquiry *inquiry, const struct session *session)
{
	json_t *object = tree_object();

	tree_set_text(object, "who", session->who);
	tree_set_text(object, "role", session->viewer ? "viewer" : "admin");
	tree_set_text(object, "csrf", session->csrf);
	tree_set_str(object, "hub", str_of(hub_settings(inquiry->admin->hub)->name));
	tree_set_text(object, "version", inquiry->admin->conf.version);
	inquiry_json(inquiry, 200, object);
}

static void
let_in(struct inquiry *inquiry)
{
	const struct session *session;
	char secret[SESSION_CHARS + 1];

	session = session_new(inquiry, secret);
	inquiry_header(inquiry, "Set-Cookie",
	        arena_printf(inquiry->arena, "roamhub=%.*s; Path=/; HttpOnly; SameSite=Strict",
	                SESSION_CHARS, secret));
	rh_wipe(secret, sizeof secret);
	LOG(LOG_INFO, "admin", KV("verb", "login"), KVS("who", inquiry->who),
	        KV("peer", inquiry->request->peer));
	answer(inquiry, session);
}

struct slow {
	struct net_timer timer;
	struct inquiry *inquiry;
};

static void
was_slow(struct net_timer *timer)
{
	struct inquiry *inquiry = container_of(timer, struct slow, timer)->inquiry;

	if (inquiry_resume(inquiry))
		inquiry_refuse(inquiry, 401, "this is no token of this hub");
}

static void
turn_away(struct inquiry *inquiry)
{
	struct slow *slow = arena_alloc(inquiry->arena, sizeof *slow);
	struct net_loop *loop = hub_loop(inquiry->admin->hub);

	inquiry_log_refusal(inquiry, "not an admin token");
	slow->inquiry = inquiry;
	slow->timer.fire = was_slow;
	inquiry_wait(inquiry);
	net_timer_set(loop, &slow->timer, net_loop_now(loop) + SLOW_MS);
}

void
login_begin(struct inquiry *inquiry)
{
	struct str token = asked_member(inquiry, "token");

	inquiry->who = (struct str){ 0 };
	if (token.p != NULL &&
	        token_known(inquiry, arena_printf(inquiry->arena, "Bearer %.*s", STR_ARG(token))))
		let_in(inquiry);
	else
		turn_away(inquiry);
}

void
login_show(struct inquiry *inquiry)
{
	const struct session *session = session_of(inquiry);

	json_t *nobody;

	if (session != NULL) {
		answer(inquiry, session);
		return;
	}
	nobody = tree_object();
	tree_set_text(nobody, "who", NULL);
	inquiry_json(inquiry, 200, nobody);
}

void
login_end(struct inquiry *inquiry)
{
	struct session *session = session_of(inquiry);

	if (session != NULL)
		*session = (struct session){ 0 };
	inquiry_header(inquiry, "Set-Cookie",
	        STR("roamhub=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0"));
	inquiry_json(inquiry, 200, tree_object());
}
