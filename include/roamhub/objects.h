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
	/* "*": shared with everybody; else the receiving party and the platform that holds it,
	 * "NL*MSP@7": who registers the id of a removed party does not inherit its objects */
	struct str scope;
	struct str module, owner, id;
	struct str type; /* token type; empty elsewhere */
};
/** The scope of what is addressed to @party ("NL*MSP") while @platform holds it. */
struct str store_scope(struct str party, int64_t platform, struct arena *arena);
/** The party of such a scope; absent for "*". Borrows. */
struct str store_scope_party(struct str scope);

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
	bool accepted; /* of an addressed one: its receiver took this version */
};

/** Makes the new bytes out of the old ones, inside the writer: pure, no I/O. @old absent: there is
 * no such object. Sets *fresh (absent: delete), *last_updated_ns. An error is the operation's:
 * nothing is written. Memory from @arena. */
typedef enum rh_err (*store_make_fn)(void *ctx, struct str old, struct arena *arena,
        struct str *fresh, int64_t *last_updated_ns, struct fault *fault);

struct store_parked;
struct store_share_args { /* STORE_SHARE, write */
	struct store_key key;
	store_make_fn make;
	void *ctx;
	struct str method, suffix, patch, correlation_id;
	size_t bytes; /* about how large what is made will be: so much is not taken at once that a
	                 database gets too much in a message */
	int64_t sender_platform, at_ms;
	bool accepted; /* kept with the version; the same bytes again never take it back */
	bool pulled;   /* it came by a pull of sender_platform; see STORE_PULLED */
	/* A PUT of the bytes that are there already writes nothing. Receivers that refused the
	 * object get it parked, due at at_ms, and what they have parked of it becomes due. */
	bool skip_unchanged;
	bool limited;  /* refuse an object that is not there yet with RH_QUOTA when sender_platform
	                */
	int64_t quota; /* has so many */
	const struct store_parked *owe; /* parked with a version that is new, by the same commit;
	                                   its key is @key. May be NULL */

	struct fault fault; /* out, of make */
	bool created;       /* out */
	bool unchanged;     /* out: nothing was written, the bytes were there already */
	bool full;          /* out, of one that is limited and created or refused: no more fit */
	size_t woken;       /* out: rows that skip_unchanged made due */
	int64_t change;     /* out; when nothing was written that of the version there is */
};
struct store_quota {     /* how much a platform has */
	int64_t objects; /* that live and that it wrote last */
	int64_t relinks; /* handed out for it: it is the target of a response_url, or the caller */
};
struct store_quota_args { /* STORE_QUOTA, read */
	int64_t platform;
	struct store_key key;   /* module absent: not asked for */
	struct store_quota has; /* out */
	bool there;             /* out: is there an object of this key? */
};
struct store_get_args { /* STORE_OBJECT_GET, read: RH_NOT_FOUND when absent or deleted */
	struct store_key key;
	struct store_object object; /* out */
};
struct store_version {              /* what an object was until it became something else */
	struct store_object object; /* without suffix and patch */
	int64_t until_ms;           /* when the next one came, or it was deleted */
};
struct store_versions_args {  /* STORE_VERSIONS, read: of a tariff, in any scope, newest first,
	                         without the one of now; as many as are kept */
	struct store_key key; /* scope and type do not count */
	int64_t at_ms;        /* the one that was it at that moment; 0: all */
	size_t limit;
	const struct store_version *rows; /* out */
	size_t count;
};
struct store_find_args { /* STORE_OBJECT_FIND, read: who owns an object of this id, in any scope
	                    (open routing) */
	struct str module, id;
	struct str owner;  /* absent: any */
	struct str type;   /* absent: any */
	struct str viewer; /* a scope; absent: any. Present: this scope and "*" alone */
	size_t limit;
	const struct store_key
	        *keys; /* out: distinct (owner, scope, type), deleted ones left out */
	size_t count;
};
struct store_page_args {           /* STORE_OBJECT_PAGE, read */
	struct str module, viewer; /* scope "*" and this scope; the viewer's own version hides the
	                              shared one */
	struct str owner;          /* absent: every owner */
	const struct str *hidden;  /* owners that this viewer may not see */
	size_t hidden_count;
	bool has_from, has_to;
	int64_t from_ns, to_ns; /* last_updated in [from, to) */
	int64_t after_seq;      /* key set: above 0, offset is not used to find the place */
	uint64_t offset, limit;
	size_t max_bytes; /* of the bodies; the first one comes whatever its size. 0: none */
	const struct store_object *objects; /* out, in order of seq */
	size_t count;
	uint64_t total;   /* out: matching the filters, whatever the page */
	uint64_t passed;  /* out: count, and damaged ones, which leave a gap */
	int64_t last_seq; /* out: of the last object that was passed */
	bool more;        /* out: others follow it */
};
struct store_feed_args { /* STORE_FEED, read: objects of scope "*" with change above @after, by
	                    change, deleted ones too */
	int64_t after;
	size_t limit;
	size_t max_bytes; /* of body and patch; it ends with the object that exceeds it. 0: none */
	bool heads;       /* key, change and at_ms are wanted alone: a body may be any text, and is
	                     absent when it is deleted; nobody looks whether a row is damaged */
	const struct store_object *objects; /* out */
	size_t count;
	bool more;         /* out: there are changes behind the last of them */
	int64_t head;      /* out: the newest change of all */
	int64_t directory; /* out: of platforms and agreements then, where several processes may
	                      work on the store (struct store_directory_args); 0 elsewhere */
};

/* ---- what receivers are owed ---- */

enum { STORE_RECEIVER_TEXT = 32 };
/** A platform as it stands in `receiver` of the rows below: "platform/7", in @out. */
struct str store_receiver(int64_t platform, char out[STORE_RECEIVER_TEXT]);

struct store_cursor {
	struct str receiver;
	int64_t change;   /* everything up to it was delivered, parked or given up */
	struct str ahead; /* changes above it that were, too: "12,15,20"; the caller bounds it */
};
struct store_cursors_args { /* STORE_CURSORS_LOAD (read, out), STORE_CURSORS_SAVE (write, in) */
	const struct store_cursor *cursors;
	size_t count;
};
struct store_failure { /* a version that a receiver finally refused */
	struct str receiver;
	struct str to; /* the party it was sent to, "NL*MSP"; empty for ClientInfo */
	struct store_key key;
	int64_t change, at_ms;
	int http, ocpi;
	struct str why;
};
struct store_failures_args {
	/* STORE_FAILURE_PUT (write): all of failures, one a receiver, party and key; a parked row
	 * of the same three ends by it.
	 * STORE_FAILURE_DROP (write): those of failures (receiver, to and key count) when there are
	 * any, else those of receiver and key.
	 * STORE_FAILURES (read, out): newest first. */
	struct str receiver;        /* of FAILURES and DROP; absent: all */
	struct store_key key;       /* of DROP; module absent: all of the receiver. Of FAILURES: an
	                               absent part is any */
	int64_t since_ms, until_ms; /* of FAILURES: then or later, and before then; 0: whenever */
	size_t look; /* of FAILURES of all receivers: so many of that time are looked at, whether
	                they are chosen or not; 0: all */
	size_t limit;
	const struct store_failure *failures;
	size_t count;
};

enum store_parked_kind {
	PARKED_FAILED,     /* tried several times: beside the cursor from then on */
	PARKED_REDRIVE,    /* an operator, or the same bytes again, want a refused one tried */
	PARKED_INTRODUCED, /* there before the receiver was entitled to it */
	PARKED_PULLED,     /* addressed to it in a list that the hub walked */
};
struct store_parked { /* one object that a receiver is owed whatever its cursor says */
	struct str receiver;
	struct str to; /* as of store_failure */
	struct store_key key;
	enum store_parked_kind kind;
	int64_t seq; /* out: order of parking */
	int64_t since_ms, due_ms;
	int64_t change; /* the version last tried, or that made it; 0: none */
	int attempts, http, ocpi;
	struct str why;
};
struct store_place { /* of a parked row; what of it counts is the backend's */
	int64_t due_ms, seq;
};
struct store_parked_args {
	/* STORE_PARK (write): rows, one a receiver, party and key; one that is there already keeps
	 * seq and since_ms and takes the rest.
	 * STORE_UNPARK (write): rows (receiver, to, key and change count) are over, those of a
	 * newer version excepted.
	 * STORE_PARKED (read): those due at now_ms, by due_ms and seq. One that is due more than an
	 * hour behind now_ms is due as well: the clock was set back since. */
	struct str receiver; /* of PARKED; absent: all */
	int64_t now_ms;      /* of PARKED; INT64_MAX: whether due or not */
	/* of PARKED, when now_ms is INT64_MAX: an absent part is any; parked then or later, and
	 * before then, 0: whenever */
	struct store_key key;
	int64_t since_ms, until_ms;
	/* so many rows are looked at from behind @after on, whether they are chosen or not; 0: all.
	 * Then @after says where the next read begins, and @more whether there is anything */
	size_t look;
	struct store_place after;
	bool more;
	size_t limit;
	bool taken; /* of UNPARK: the receiver took them, so its refusals of them are over too */
	const struct store_parked *rows;
	size_t count;
	uint64_t total;      /* out of PARKED without look: of the receiver, due or not */
	int64_t next_due_ms; /* out of PARKED: when the first that is not among rows is due (at most
	                        now_ms when the limit cut it off); 0: there is none */
};
struct store_parked_head { /* what is counted of a parked row */
	struct str receiver;
	enum store_parked_kind kind;
	int64_t since_ms;
	bool is_object; /* else it stands for a whole module */
};
struct store_heads_args { /* STORE_PARKED_HEADS, read: of all parked rows, in slices. One that is
	                     put off between two of them may come twice */
	struct store_place after; /* {0}: the first slice; out: where the next one begins */
	size_t limit;
	const struct store_parked_head *rows; /* out */
	size_t count;
	bool more; /* out: there is a next one */
};
struct store_redrive_args {   /* STORE_REDRIVE, write: refusals get a parked row beside them, due at
	                         now_ms, and parked rows become due. A refusal stays until the
	                         object is taken. */
	struct str receiver;  /* absent: all */
	struct store_key key; /* an absent part is any */
	int64_t since_ms,
	        until_ms; /* refused or parked then or later, and before then; 0: whenever */
	int64_t now_ms;
	bool dry_run;   /* count alone */
	uint64_t count; /* out: objects of a receiver and party */
};
struct store_receiver_args { /* STORE_RECEIVER_DROP, write: the cursor of a platform that was
	                        removed, its parked rows and refusals, some thousand a call */
	struct str receiver;
	uint64_t dropped; /* out; 0: there was nothing left to drop */
};

struct store_scope_args {    /* STORE_SCOPE_MOVE, write: objects addressed to one holder of a party
	                        become the other's, some hundred a call. Where both have one the
	                        newer version stays. */
	struct str from, to; /* neither is "*", and they differ */
	uint64_t moved;      /* out, with those that gave way; 0: there was nothing left to move */
};

struct store_owned_args { /* STORE_OWNED_DROP, write: objects of one owner in one scope go, as if
	                     they had never been: nobody is owed their deletion. What was said
	                     of the owner itself (hubclientinfo) stays. Some hundred a call. */
	struct str scope; /* "*", or that of who they were addressed to */
	struct str owner; /* absent: of all owners; then scope is not "*" */
	uint64_t dropped; /* out; 0: there was nothing left to drop */
};

struct store_pulled { /* a shared object that nobody but a pull of its platform brought here */
	struct store_key key;
	int missed; /* complete walks in a row that did not find it */
};
struct store_pulled_args {
	/* A share with `pulled` makes such a row when it creates the object, and resets missed of
	 * one that is there. A share without it, and the deletion of the object, end the row.
	 * A deletion with `pulled` where there is none writes nothing: RH_UNKNOWN_OBJECT.
	 * STORE_PULLED (read): of platform and module, in the order of owner, id and type, from
	 * behind @after on.
	 * STORE_PULLED_MISSED (write): set missed of rows; those that are not there are left out */
	int64_t platform;
	struct str module;
	struct store_key after; /* of PULLED; absent: from the first on */
	size_t limit;
	const struct store_pulled *rows; /* out of PULLED, in of PULLED_MISSED */
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
struct store_platform;     /* store.h */
struct store_import_args { /* STORE_IMPORT; all must stay until done */
	/* with their ids: made where there is none of the id, else replaced */
	const struct store_platform *platforms;
	size_t platform_count;
	struct store_agreement *agreements; /* made, which sets their ids */
	size_t agreement_count;
	struct str meta_key, meta_value; /* absent: none */
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
