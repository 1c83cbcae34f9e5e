/* audit: who did what, written down before it is done and again before it is answered. */
#pragma once

#include "roamhub/tree.h" /* before what includes ocpi.h */

#include "roamhub/admin.h"

/* How many refusals may still be written down. */
struct allowance {
	int64_t tenths; /* of a row */
	int64_t at_ms;  /* monotonic: when that was so */
	uint64_t left_out;
};
struct audits { /* of the admin API */
	struct allowance strangers, known, guests;
};

enum audit_step {
	AUDIT_NONE,  /* nothing is written down, or that is over */
	AUDIT_BEGUN, /* what is done is written down, how it ends is not yet */
	AUDIT_ENDING
};
/* Of one request, embedded in its inquiry. */
struct audit {
	enum audit_step step;
	bool running; /* the store has op */
	struct store_op op;
	struct store_event event;
	json_t *data;   /* of the event: an object */
	json_t *before; /* what the verb may change; NULL: nothing that can be shown */
	json_t *said;   /* the answer, as far as it is JSON */
	int status;
	const char *content_type;
	/** The store is done with op: go on, or it answers why not. */
	void (*done)(struct audit *audit);
};
