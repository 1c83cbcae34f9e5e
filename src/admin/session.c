/* session: browsers that are logged in. A cookie is known by its digest alone. */
#include <stdio.h>
#include <string.h>

#include "session.h"

enum { MOST_SESSIONS = 256, MOST_OF_PLATFORM = 8, IDLE_MS = 12 * 3600 * 1000 };
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

		if (str_is(name, inquiry->desk->cookie))
			return value;
	}
	return (struct str){ 0 };
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
		struct session *session = &inquiry->desk->sessions->rows[i];

		if (session->used && rh_boot_ms() - session->seen_ms < IDLE_MS &&
		        rh_same_bytes(session->digest, digest, sizeof digest) &&
		        inquiry->desk->holds(inquiry->admin, session))
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

static size_t
count_of(const struct sessions *sessions, int64_t platform)
{
	size_t count = 0;

	for (size_t i = 0; i < MOST_SESSIONS; i++)
		count += sessions->rows[i].used && sessions->rows[i].platform == platform;
	return count;
}

/* A platform that has as many as it may gives up one of its own. */
static struct session *
place_for(struct sessions *sessions, int64_t platform)
{
	bool own = platform != 0 && count_of(sessions, platform) >= MOST_OF_PLATFORM;
	struct session *found = NULL;

	for (size_t i = 0; i < MOST_SESSIONS; i++) {
		struct session *session = &sessions->rows[i];

		if (own && session->platform != platform)
			continue;
		if (!session->used)
			return session;
		if (found == NULL || session->seen_ms < found->seen_ms)
			found = session;
	}
	return found;
}

/* The hub does not speak TLS here, but a proxy before it may. */
static void
set_cookie(struct inquiry *inquiry, const char *value, const char *more)
{
	inquiry_header(inquiry, "Set-Cookie",
	        arena_printf(inquiry->arena, "%s=%s; Path=/; HttpOnly; SameSite=Strict%s%s",
	                inquiry->desk->cookie, value, inquiry->desk->secure ? "; Secure" : "",
	                more));
}

struct session *
session_new(struct inquiry *inquiry, int64_t platform)
{
	struct session *session = place_for(inquiry->desk->sessions, platform);
	char secret[SESSION_CHARS + 1];

	rh_random_text(secret, SESSION_CHARS);
	*session = (struct session){ .platform = platform,
		.viewer = inquiry->viewer,
		.used = true,
		.seen_ms = rh_boot_ms() };
	rh_random_text(session->csrf, SESSION_CHARS);
	(void)snprintf(session->who, sizeof session->who, "%.*s", STR_ARG(inquiry->who));
	rh_digest(
	        inquiry->admin->digest_key, (struct str){ secret, SESSION_CHARS }, session->digest);
	set_cookie(inquiry, secret, "");
	rh_wipe(secret, sizeof secret);
	return session;
}

void
session_end(struct inquiry *inquiry)
{
	struct session *session = session_of(inquiry);

	if (session != NULL)
		*session = (struct session){ 0 };
	set_cookie(inquiry, "", "; Max-Age=0");
}
