/* session: browsers that are logged in at a desk. */
#pragma once

#include "inside.h"

enum { SESSION_CHARS = 32 };
struct session {
	uint8_t digest[RH_DIGEST_BYTES]; /* of what stands in the cookie */
	uint8_t token[RH_DIGEST_BYTES];  /* of the named one, or link, that was shown; local: zeros
	                                  */
	int64_t platform;                /* at the portal: whose */
	char csrf[SESSION_CHARS + 1], who[33];
	bool viewer, used;
	int64_t seen_ms; /* rh_boot_ms() */
};
struct sessions *sessions_new(void); /* free() */
/** Of the cookie; NULL: of none, it was idle for too long, or its token is withdrawn. */
struct session *session_of(const struct inquiry *inquiry);
/** Does it come from a browser that is logged in? Into inquiry->who and viewer. */
bool session_known(struct inquiry *inquiry);
/** Does it have the word that no other site knows? */
bool session_meant(const struct inquiry *inquiry);
/** For inquiry->who, of @platform, 0: of none; the one that was not seen for longest gives way, and
 * a platform that has some its own. Its cookie is set by the answer. */
struct session *session_new(struct inquiry *inquiry, int64_t platform);
void session_end(struct inquiry *inquiry); /* of the cookie, which the answer takes back */

/* slow.c: who is wrong waits a second, then @answer */
void slow_down(struct inquiry *inquiry, void (*answer)(struct inquiry *inquiry));

/* login.c */
void login_begin(struct inquiry *inquiry);
void login_show(struct inquiry *inquiry);
void login_end(struct inquiry *inquiry);

/* token.c */
/** The line of who is logged in is still the one that was shown. */
bool token_still_holds(const struct admin *admin, const struct session *session);
