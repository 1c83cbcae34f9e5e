/* attempt: how each handshake goes, in either direction, step by step: what was asked, what came,
 * what was concluded, what is to be done. Each step is an event of its platform, at once, so that
 * what a hub or a partner died in is told too. */
#pragma once

#include "../context.h"

enum {
	ATTEMPT_ROWS = 160,     /* steps of a platform that are kept */
	ATTEMPT_READS = 24,     /* of an attempt: GETs of the platform that are written down */
	ATTEMPT_TEXT_MOST = 300 /* bytes of what came */
};

struct attempt_step {
	struct live *live;
	uint64_t attempt; /* attempt_new(), attempt_of() */
	bool ours;        /* the hub asked; else the platform did */
	bool ok, end;     /* end: the attempt is over */
	struct str method, url;
	const char *token; /* how it was presented: "Base64", "raw"; NULL: not at all */
	int http, ocpi;    /* 0: none came */
	int64_t us;        /* 0: it is not over */
	/* absent: nothing to say. No secrets: their owner hid them. */
	struct str found;     /* in what came: "2.1.1, 2.2.1" */
	struct str came;      /* its first bytes */
	struct str concluded; /* why it is not ok; at the end what became of it */
	struct str advice;
};

uint64_t attempt_new(void);
/** The one in which the platform is: begun when it is in none, or was silent for an hour. Any
 * thread. */
uint64_t attempt_of(struct live *live);
/** It is over; any thread. */
void attempt_over(struct live *live, uint64_t attempt);
/** May one more of its GETs in this attempt be written down? Any thread. */
bool attempt_reads(struct live *live);
/** Write @step down, unless there were too many of this platform lately, which the next row says.
 * On the thread of @session. */
void attempt_note(struct hub *hub, struct store_session *session, const struct attempt_step *step);
