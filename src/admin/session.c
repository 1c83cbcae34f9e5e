/* session: browsers that are logged in. A cookie is known by its digest alone. */
#include <stdio.h>
#include <string.h>

#include "inside.h"

enum { MOST_SESSIONS = 64, IDLE_MS = 12 * 3600 * 1000 };
struct sessions {
	struct session rows[MOST_SESSIONS];
};

struct sessions *
sessions_new(void)
{
	return rh_alloc(sizeof(struct sessions));
}

/* ---- whose it is ---- */

static struct str
cookie_of(const struct inquiry *inquiry)
{
	struct str left = inquiry->request->header[COOKIE];

	while (left.p != NULL && left.len > 0) {
		struct str value = str_trim(str_cut(&left, ';')), name = str_cut(&value, '=');

		if (str_is(name, "roamhub"))
			return value;
	}
	return (struct str){ 0 };
}

/** The digest of @who's line is still the one that was shown. */
static bool
still_holds(const struct admin *admin, const struct session *session)
{
	const struct admin_named *named = named_of(admin->named, session->who);

	return strcmp(session->who, "local") == 0 ||
	       (named != NULL &&
	               rh_same_bytes(named->digest, session->token, sizeof session->token));
}

struct session *
session_of(const struct inquiry *inquiry)
{
	struct str cookie = cookie_of(inquiry);
	uint8_t digest[RH_DIGEST_BYTES];

	if (cookie.p == NULL || cookie.len != SESSION_CHARS)
		return NULL;
	rh_digest(inquiry->admin->digest_key, cookie, digest);
	for (size_t i = 0; i < MOST_SESSIONS; i++) {
		struct session *session = &inquiry->admin->sessions->rows[i];

		if (session->used && rh_boot_ms() - session->seen_ms < IDLE_MS &&
		        rh_same_bytes(session->digest, digest, sizeof digest) &&
		        still_holds(inquiry->admin, session))
			return session;
	}
	return NULL;
}

bool
session_known(struct inquiry *inquiry)
{
	struct session *session = session_of(inquiry);

	if (session == NULL)
		return false;
	session->seen_ms = rh_boot_ms();
	inquiry->who = arena_str(inquiry->arena, str_of(session->who));
	inquiry->viewer = session->viewer;
	return true;
}

bool
session_meant(const struct inquiry *inquiry)
{
	const struct session *session = session_of(inquiry);
	struct str given = inquiry->request->header[CSRF];

	return session != NULL && given.len == SESSION_CHARS &&
	       rh_same_bytes(given.p, session->csrf, SESSION_CHARS);
}

/* ---- a new one ---- */

static struct session *
oldest(struct sessions *sessions)
{
	struct session *found = &sessions->rows[0];

	for (size_t i = 0; i < MOST_SESSIONS; i++) {
		struct session *session = &sessions->rows[i];

		if (!session->used)
			return session;
		if (session->seen_ms < found->seen_ms)
			found = session;
	}
	return found;
}

struct session *
session_new(struct inquiry *inquiry, char secret[SESSION_CHARS + 1])
{
	struct session *session = oldest(inquiry->admin->sessions);
	const struct admin_named *named;

	rh_random_text(secret, SESSION_CHARS);
	*session = (struct session){
		.viewer = inquiry->viewer, .used = true, .seen_ms = rh_boot_ms()
	};
	rh_random_text(session->csrf, SESSION_CHARS);
	(void)snprintf(session->who, sizeof session->who, "%.*s", STR_ARG(inquiry->who));
	named = named_of(inquiry->admin->named, session->who);
	if (named != NULL)
		memcpy(session->token, named->digest, sizeof session->token);
	rh_digest(
	        inquiry->admin->digest_key, (struct str){ secret, SESSION_CHARS }, session->digest);
	return session;
}
