/* The framing of chunked bodies, as far as it can be seen. Private to net.
 *
 * libmicrohttpd takes the chunks apart and accepts what other servers read differently: bare LF,
 * anything in an extension. What it hands out are pieces of one buffer, which lies behind the head,
 * and each time that it has read, what is left over is moved to the buffer's start. So what stands
 * between two pieces, or before the first one of a run, is framing. What follows the last piece of
 * a run is noted before it is moved, and believed when the library has consumed it. What comes
 * without any piece is looked at in the socket, ahead of the library. So nothing passes that comes
 * in one packet. What is parted within a line may: controls in an extension of the last chunk, and
 * through TLS whatever comes without a piece. */
#pragma once

#include "roamhub/base.h"

enum { CHUNK_NOTE = 64 };
#define CHUNK_UNKNOWN UINT64_MAX

struct chunked {
	struct list node;   /* while the body comes in */
	const char *buffer; /* where it starts */
	const char *end;    /* of the last piece */
	uint64_t run;       /* of the daemon, in which it came */
	char behind[CHUNK_NOTE], ahead[CHUNK_NOTE];
	size_t ahead_len;
	uint64_t ahead_run;
	bool pieces;    /* there was one */
	char last;      /* byte of them */
	bool between;   /* lines came since the last piece, or since the head */
	bool sealed;    /* nobody looks ahead */
	bool bad;       /* what was read ahead is malformed */
	uint64_t left;  /* bytes of the chunk in hand; CHUNK_UNKNOWN */
	size_t swept;   /* bytes of the body at the last sweep */
	unsigned stuck; /* sweeps at which bytes waited and the library read none */
};

/** @sealed: by TLS. */
void chunk_begin(struct chunked *chunked, const char *buffer, uint64_t run, bool sealed);
/** A piece of a body. False: the framing before it is malformed. */
MUST_CHECK bool chunk_piece(struct chunked *chunked, struct str piece, uint64_t run);
/** What is in the socket before @run. What was there before the last one is judged now:
 * @chunked->bad is told by the next piece or the end. */
void chunk_ahead(struct chunked *chunked, const char *bytes, size_t len, uint64_t run);
/** The body is complete. False: the framing of its end is malformed. */
MUST_CHECK bool chunk_end(struct chunked *chunked, uint64_t run);
