/* partner: one request of the hub to a partner: built, counted and judged here for everybody who
 * asks. Whose fault a failure is decides what becomes of it: a partner's counts for its presence,
 * the hub's own for nobody. */
#pragma once

#include "live.h"

enum partner_result {
	PARTNER_ANSWERED,    /* with an OCPI envelope, whatever it says */
	PARTNER_UNUSABLE,    /* it answered, but no envelope: a proxy's page, half a JSON */
	PARTNER_UNREACHABLE, /* no connection, no complete answer in time: perhaps it is away */
	PARTNER_OURS,        /* the hub had no room, or gave up: says nothing about the partner */
};

enum partner_purpose {
	PARTNER_FORWARD,   /* for a requester: a failure is a reason to probe, no more */
	PARTNER_DELIVERY,  /* of the push engine: those that do not reach it make OFFLINE */
	PARTNER_PROBE,     /* is it alive? */
	PARTNER_PULL,      /* of a Sender interface */
	PARTNER_ASIDE,     /* asked in passing, of who waits for the hub himself: no answer says
	                      nothing about him */
	PARTNER_HANDSHAKE, /* with somebody who is not registered yet, or anew */
};

enum { PARTNER_HEADERS = 12 };

struct partner_call {        /* embedded in its owner; partner_prepare() first */
	struct net_call net; /* status, header, answer and times are for everybody to read */
	struct net_header headers[PARTNER_HEADERS];
	struct hub *hub;
	struct net_client *client;
	struct live *live; /* of the platform that is called; NULL: it has none */
	enum partner_purpose purpose;
	struct str authorization;  /* what is sent; hidden where the partner sends it back */
	struct str secret;         /* of the body, hidden likewise; absent: none */
	struct str request_id;     /* fresh for each call: TRN-052 */
	struct str correlation_id; /* its owner's, or request_id */
	void (*done)(struct partner_call *call);

	struct str redirected_from; /* the target that was asked first; absent: no redirect was
	                               followed */
	enum partner_result result;
	struct ocpi_envelope envelope; /* PARTNER_ANSWERED */
	char why[400];                 /* otherwise, for people */
};

/** Begin to build a request; texts of the call come from @arena, which must outlive done(). */
void partner_prepare(struct partner_call *call, struct hub *hub, struct live *live,
        enum partner_purpose purpose, struct arena *arena);
/** Where it goes, and the ids (TRN-050..053). @authorization: the header's value; absent: a
 * stranger's host, which never gets a token (TRP-65). @correlation_id absent: the request's own.
 * The texts are copied, so that the call may start in a later turn. */
void partner_address(struct partner_call *call, struct str origin, struct str target,
        struct str authorization, struct str correlation_id);
/** Message routing headers (RTE-005, RTE-006); copied. */
void partner_route(struct partner_call *call, struct str to_country, struct str to_party,
        struct str from_country, struct str from_party);
void partner_header(struct partner_call *call, const char *name, struct str value); /* not copied */
/** Send it: @within_ms is the time for everything, @once: never written twice (RTE-026). @body
 * absent: none; it and @method stay the caller's until done(). done() is never called from
 * inside. */
void partner_start(struct partner_call *call, struct net_client *client, struct str method,
        struct str body, int64_t within_ms, size_t max_answer, bool once);
void partner_cut(struct partner_call *call); /* that was started: done() comes with PARTNER_OURS */
/** The token that was sent, as it stood there and decoded: what may come back. How many. */
enum { PARTNER_SECRETS = 2 };
size_t partner_secrets(const struct partner_call *call, struct str out[PARTNER_SECRETS]);
/** What an outcome says about the partner's presence: pure. @status: of the HTTP answer, if there
 * was one. */
enum live_event partner_says(enum partner_purpose purpose, enum partner_result result, int status);
