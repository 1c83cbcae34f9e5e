/* inlet: a small HTTP/1.1 server whose every byte is ours.
 *
 * The daemon's server gives well-formed answers and nothing else. A simulated platform must also
 * answer half, answer garbage, never end, or hang up: that needs the socket. So all requests come
 * in here, the good ones too, and a test sees every header that was sent. */
#pragma once

#include "roamhub/net.h"

struct inlet;
struct inlet_connection;

/** One request. The handler owns it and gives it back with inlet_request_free(). */
struct inlet_request {
	struct arena *arena;
	struct str method, target, body;
	const struct net_header *headers;
	size_t header_count;
	int64_t began_us;                    /* monotonic: when it was complete */
	struct inlet_connection *connection; /* NULL: answered, or the peer is gone */
};

enum inlet_then {
	INLET_KEEP,   /* the answer is complete, another request may come */
	INLET_CLOSE,  /* hang up behind the last byte */
	INLET_DEAF,   /* nothing more is read from the connection, and it stays open */
	INLET_ENDLESS /* send the same bytes again and again, as long as the peer takes them */
};

/** Listen on @address ("ADDRESS:PORT", port 0: any free one; "fd:N"); NULL with @fault when that
 * fails. */
struct inlet *inlet_open(struct net_loop *loop, const char *address,
        void (*request)(void *ctx, struct inlet_request *request), void *ctx, struct fault *fault);
const char *inlet_address(const struct inlet *inlet); /* in fact bound */
void inlet_close(struct inlet *inlet); /* hangs up on everybody; requests stay with their owner */

/** First header @name in any case; absent when it was not sent. */
struct str inlet_header(const struct inlet_request *request, const char *name);
/** Answer with raw @bytes, status line and all; they are copied. Nothing happens when the peer is
 * gone. */
void inlet_send(struct inlet_request *request, struct str bytes, enum inlet_then then);
void inlet_request_free(struct inlet_request *request); /* hangs up when it was not answered */
