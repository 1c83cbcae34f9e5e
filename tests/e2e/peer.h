/* peer: a platform that answers with bytes, for what no well-behaved partner would send.
 *
 * It registers as anybody does and serves its versions and details; every other request gets the
 * answer that the test laid out, byte for byte, and is kept as it came. One thread serves all its
 * connections. */
#pragma once

#include "wire.h"

enum { PEER_KEPT = 32, PEER_ROOM = 16 * 1024, PEER_CONNECTIONS = 64 };

enum peer_habit {
	PEER_ANSWERS,     /* and keeps the connection */
	PEER_CLOSES,      /* after the answer */
	PEER_CLOSES_IDLE, /* after the answer, without having said so */
	PEER_HANGS,       /* no answer, the connection stays */
	PEER_DRIPS, /* the answer byte by byte, and more of its last byte until somebody gives up */
};

struct peer {
	char base[64];               /* http://127.0.0.1:PORT */
	const char *role;            /* CPO */
	const char *country, *party; /* DE, CPO */
	const char *endpoints;       /* JSON members of the list in the details; %s in it is base */
	char authorization[256];     /* header line of its requests to the hub, once registered */
	char token[80];              /* what the hub has to send to it */
	struct peer_state *state;    /* of its thread */
};

struct peer *peer_start(
        const char *country, const char *party, const char *role, const char *endpoints);
void peer_stop(struct peer *peer);
/** Register with the invitation that the environment calls B64_@invitation. */
void peer_register(struct peer *peer, const char *invitation);

/** What it answers from now on to all but versions and details. */
void peer_answers(struct peer *peer, enum peer_habit habit, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));
/** An answer with HTTP @status, more header lines and a body. */
void peer_says(struct peer *peer, const char *status, const char *headers, const char *body);

/** How many requests came since the last peer_forget(). */
int peer_count(struct peer *peer);
/** The n-th of them, as it came; fails the test when there are fewer. The copy is good until the
 * next call. */
const char *peer_request(struct peer *peer, int n);
void peer_forget(struct peer *peer);

/** A request of the peer to the hub: a path below the hub's address, or an absolute URL of it. */
void peer_sends(struct peer *peer, struct wire *wire, const char *method, const char *url,
        const char *headers, const char *body);
/** The same, and the answer. */
void peer_asks(struct peer *peer, struct wire *wire, const char *method, const char *url,
        const char *headers, const char *body);

/** Value of a header of an HTTP message, at @out; NULL when it is not there. */
const char *http_header(const char *message, const char *name, char *out, size_t size);
const char *http_body(const char *message);
