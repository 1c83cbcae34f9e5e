/* peer: what a handshake asks of the other side, for both directions of it. */
#pragma once

#include "advice.h"
#include "directory.h"
#include "partner.h"
#include "roamhub/schema.h"

/** A Credentials object; credentials.asciidoc "Credentials object". */
struct peer_credentials {
	struct str token, url;
	const struct store_party *parties;
	size_t party_count;
};
/** Read object @node of @doc, given by @platform (0: it is not known yet); RH_BAD_FIELD names the
 * field (CRD-012). */
MUST_CHECK enum rh_err peer_credentials_read(const struct hub *hub, int64_t platform,
        const struct json_doc *doc, uint32_t node, struct arena *arena,
        struct peer_credentials *out, struct fault *fault);
/** "NL*MSP EMSP, NL*MSC CPO" */
struct str peer_credentials_roles(const struct peer_credentials *from, struct arena *arena);
/** The hub's own, with @token for the other side to use. */
void peer_credentials_write(const struct hub *hub, struct str token, struct buf *out);

enum { PEER_MAX_ENDPOINTS = 256 };
/** Versions and details of the other side, fetched with one token. Embedded; the loop is that of
 * @client. */
struct peer_fetch {
	struct hub *hub;
	struct net_client *client;
	struct arena *arena;
	struct str versions_url, token;
	int64_t platform; /* for the trace; 0: it is not known yet */
	bool plain;       /* the token goes out raw; set when the other side refused it in Base64 */
	/* the steps of an attempt (attempt.h), in @live; NULL: they are told nobody. @invited: the
	 * other side began it */
	struct live *live;
	uint64_t attempt;
	struct store_session *session;
	bool invited;
	void (*done)(struct peer_fetch *fetch); /* fault.err is RH_OK or says what failed */

	struct fault fault;
	struct store_endpoint endpoints[PEER_MAX_ENDPOINTS];
	size_t endpoint_count;
	struct str credentials_url;
	const char *advice; /* about the last call; NULL: it was a success */

	struct partner_call call; /* private */
	enum advice_step step;
	void (*answered)(struct partner_call *call);
	struct str refused; /* what it said to the token in Base64; absent: it did not refuse it */
	struct str correlation_id, details_url;
};
void peer_fetch_start(struct peer_fetch *fetch);
/** One request to the other side with the fetch's token; @done gets fetch->call.
 * @secret: of the body, shown to nobody should it come back. */
void peer_call(struct peer_fetch *fetch, struct str method, struct str url, struct str body,
        struct str secret, void (*done)(struct partner_call *call));
/** What it was, for people, when @call is not the success that was hoped for. */
struct str peer_refusal(const struct partner_call *call);
