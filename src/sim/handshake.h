/* handshake: the credentials exchange, in both directions: versions, details, POST or PUT. */
#pragma once

#include "outgoing.h"

struct handshake;

/** How a handshake that we began went. */
struct handshake_end {
	bool good;
	struct str why;       /* for people, when it is not good */
	struct outgoing *out; /* its last request; the receiver's, call_free() it; may be NULL */
};
typedef void handshake_ended(void *ctx, const struct handshake_end *end);

/** Register at @versions_url with @token_a: GET versions, GET details, POST credentials. */
void handshake_register(struct actor *actor, struct str versions_url, struct str token_a,
        handshake_ended *ended, void *ctx);
/** Fresh tokens by PUT. @lost: act as if the answer had never come. */
void handshake_rotate(struct actor *actor, bool lost, handshake_ended *ended, void *ctx);
/** Credentials object of @actor with @token. */
json_t *credentials_object(const struct actor *actor, const char *token);
