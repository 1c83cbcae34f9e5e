/* login: a token of the operator's is shown once, and stands for it from then on a cookie that no
 * script can read and no other site can send.
 *
 * Whoever has the cookie alone may look; what changes something wants the word that came with the
 * login, too, in a header, which a page of another site cannot set. */
#include "session.h"

#include <string.h>

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
	struct session *session = session_new(inquiry, 0);
	const struct admin_named *named = named_of(inquiry->admin->named, session->who);

	if (named != NULL)
		memcpy(session->token, named->digest, sizeof session->token);
	LOG(LOG_INFO, "admin", KV("verb", "login"), KVS("who", inquiry->who),
	        KV("peer", inquiry->request->peer));
	answer(inquiry, session);
}

static void
is_wrong(struct inquiry *inquiry)
{
	inquiry_refuse(inquiry, 401, "this is no token of this hub");
}

void
login_begin(struct inquiry *inquiry)
{
	struct str token = asked_member(inquiry, "token");

	inquiry->who = (struct str){ 0 };
	if (token.p != NULL &&
	        token_known(inquiry, arena_printf(inquiry->arena, "Bearer %.*s", STR_ARG(token)))) {
		let_in(inquiry);
	} else {
		inquiry_log_refusal(inquiry, "not an admin token");
		slow_down(inquiry, is_wrong);
	}
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
	session_end(inquiry);
	inquiry_json(inquiry, 200, tree_object());
}
