/* objects: what parties shared with everybody or addressed to one party, and what is owed to whom.
 * Part of store.h.
 *
 * State, not messages: an object's row holds its newest bytes and the number of the change that
 * made them. A receiver has a cursor; what it is owed are the objects whose change is above it.
 * Writing costs the same for any number of receivers. */
#pragma once

#include "base.h"

/** Keys are in upper case where OCPI compares without case: owner "DE*ABC", id, scope. */
struct store_key {
	struct str scope; /* "*": shared with everybody; else the receiving party, "NL*MSP" */
	struct str module, owner, id;
	struct str type; /* token type; empty elsewhere */
};
struct store_object {
	struct store_key key;
	struct str body; /* absent: deleted */
	int64_t last_updated_ns;
	int64_t change, previous; /* number of the newest change, and of the one before (0: none) */
	int64_t seq;              /* order of creation: lists are in this order (TRN-033) */
	/* the newest change as it came */
	struct str method, suffix, patch; /* suffix: raw path behind the endpoint, with the query:
	                                     "DE/CPO/L1/E1?x=1" */
	int64_t sender_platform;
	struct str correlation_id;
	int64_t at_ms;
};

/** Makes the new bytes out of the old ones, inside the writer: pure, no I/O. @old absent: there is
 * no such object. Sets *fresh (absent: delete), *last_updated_ns. An error is the operation's:
 * nothing is written. Memory from @arena. */
typedef enum rh_err (*store_make_fn)(void *ctx, struct str old, struct arena *arena,
        struct str *fresh, int64_t *last_updated_ns, struct fault *fault);

struct store_share_args { /* STORE_SHARE, write */
	struct store_key key;
	store_make_fn make;
	void *ctx;
	struct str method, suffix, patch, correlation_id;
	int64_t sender_platform, at_ms;
	struct fault fault; /* out, of make */
	bool created;       /* out */
	int64_t change;     /* out */
};
struct store_get_args { /* STORE_OBJECT_GET, read: RH_NOT_FOUND when absent or deleted */
	struct store_key key;
	struct store_object object; /* out */
};
struct store_find_args { /* STORE_OBJECT_FIND, read: who owns an object of this id, in any scope
	                    (open routing) */
	struct str module, id;
	struct str type; /* absent: any */
	size_t limit;
	const struct store_key
	        *keys; /* out: distinct (owner, scope, type), deleted ones left out */
	size_t count;
};
struct store_page_args {           /* STORE_OBJECT_PAGE, read */
	struct str module, viewer; /* scope '*' and this scope; the viewer's own version hides the
	                              shared one */
	struct str owner;          /* absent: every owner */
	const struct str *hidden;  /* owners that this viewer may not see */
	size_t hidden_count;
	bool has_from, has_to;
	int64_t from_ns, to_ns; /* last_updated in [from, to) */
	int64_t after_seq;      /* key set: above 0, offset is not used to find the place */
	uint64_t offset, limit;
	const struct store_object *objects; /* out, in order of seq */
	size_t count;
	uint64_t total;   /* out: matching the filters, whatever the page */
	int64_t last_seq; /* out: of the last object */
};
struct store_feed_args { /* STORE_FEED, read: objects of scope "*" with change above @after, by
	                    change, deleted ones too */
	int64_t after;
	size_t limit;
	const struct store_object *objects; /* out */
	size_t count;
	int64_t head; /* out: the newest change of all */
};
struct store_cursor {
	struct str receiver; /* "NL*MSP/EMSP" */
	int64_t change;      /* everything up to it was delivered or given up */
};
struct store_cursors_args { /* STORE_CURSORS_LOAD (read, out), STORE_CURSORS_SAVE (write, in) */
	const struct store_cursor *cursors;
	size_t count;
};
struct store_failure { /* a version that a receiver finally refused */
	struct str receiver;
	struct store_key key;
	int64_t change, at_ms;
	int http, ocpi;
	struct str why;
};
struct store_failures_args {  /* STORE_FAILURE_PUT (write, failures[0]), STORE_FAILURES (read),
	                         STORE_FAILURE_DROP (write) */
	struct str receiver;  /* of FAILURES and DROP; absent: all */
	struct store_key key; /* of DROP; module absent: all of the receiver */
	size_t limit;
	const struct store_failure *failures;
	size_t count;
};
struct store_agreement {
	int64_t id;
	char cpo_country[3], cpo_party[4], emsp_country[3], emsp_party[4];
	struct str modules;        /* "locations,tokens"; absent: all */
	int64_t from_ms, until_ms; /* 0: unbounded */
};
struct store_agreements_args { /* STORE_AGREEMENT_SAVE (write, agreements[0], sets id),
	STORE_AGREEMENT_DROP (write, id), STORE_AGREEMENTS_LOAD (read) */
	struct store_agreement *agreements;
	size_t count;
	int64_t id;
};
struct store_hint {      /* what the hub has seen: id -> party, for open routing */
	struct str kind; /* "reservation", "profile" */
	struct str key;  /* "NL*MSP/R1" */
	char country[3], party[4];
	int64_t expires_ms;
};
struct store_hint_args { /* STORE_HINT_PUT (write, in), STORE_HINT_GET (read, kind and key in, rest
	                    out) */
	struct store_hint hint;
};
