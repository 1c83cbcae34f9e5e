/* receiver: what one platform is still owed, and when which part of it may be sent.
 *
 * Pure: no I/O, no clock, nothing of the hub. What was read of the feed or of parked rows goes in
 * by receiver_owe(), what may be sent now comes out of receiver_next(), and its answer goes in by
 * receiver_answered().
 *
 * An object that fails moves behind the others and waits, each time longer; what failed three times
 * is to be parked: a durable row, beside the cursor. So one object that a receiver cannot take
 * delays no other. The receiver as a whole waits only for what says that it is ill: no connection,
 * no answer in time, 429 and 503. When at least 8 of its last 10 distinct objects failed, fewer are
 * in the air at once. */
#pragma once

#include "ahead.h"
#include "batch.h"
#include "roamhub/ocpi.h"

enum {
	RECEIVER_ROOM = 256,           /* objects in memory: from there on it lags behind */
	RECEIVER_ROOM_BYTES = 4 << 20, /* of their bodies */
	RECEIVER_WAITING = 64,         /* more that failed are parked at once */
	RECEIVER_ATTEMPTS = 3,         /* before an object is parked */
	RECEIVER_WINDOW_START = 4,
	RECEIVER_WINDOW_MOST = 64,
	RECEIVER_WINDOW_SUSPECT = 8, /* while 8 of its last 10 objects failed */
	RECEIVER_BACKOFF_MS = 250,
	RECEIVER_SITE_MOST_MS = 300 * 1000,
	RECEIVER_PAUSE_MOST_MS = 3600 * 1000,
	RECEIVER_HOLD_MS = 10 * 1000, /* objects wait for a ClientInfo that fails (HCI-014) */
	RECEIVER_RECOVER_MS = 60 * 1000,
	RECEIVER_RECENT = 10,
	RECEIVER_RECENT_ILL = 8,
};

enum verdict {
	DELIVERED,
	REFUSED,   /* for good: this version */
	DROPPED,   /* it is not owed any more */
	TRY_WHOLE, /* the change cannot be applied there: the object whole, at once */
	FAILED,    /* this object: 5xx, 401, 403, OCPI 3xxx, no usable envelope */
	SLOWER,    /* the site: 429, 503 */
	LATE,      /* the site, and perhaps the object: no complete answer */
	UNREACHED, /* the site: no connection */
	OURS,      /* the hub had no room, or no token: counts for nobody */
};

enum owed_place { OWED_READY, OWED_WAITING, OWED_AIR, OWED_PARKING, OWED_PLACES };

struct owed { /* one object for one party of the receiver */
	struct list node;
	struct receiver *receiver;
	enum owed_place place;
	struct ocpi_id to;
	struct str key; /* party and object */
	struct batch *batch, *next_batch;
	const struct store_object *object; /* the newest version, in batch */
	const struct store_object
	        *next;     /* a newer one that came while this one was in the air, in next_batch */
	int64_t delivered; /* the version that this party got last from us, 0: not known */
	int64_t since; /* the cursor stays below: this version, older than the newest perhaps, was
	                  not delivered */
	int64_t retry_at_ms;
	int64_t kept_since_ms; /* of its parked row, 0: there is none */
	unsigned attempts;     /* failed ones, with those of its row */
	uint64_t epoch, taken; /* the receiver's, when it was sent last, and when it failed last */
	int kind;              /* enum store_parked_kind of its row */
	bool announces;        /* a ClientInfo: goes before the objects behind it (HCI-014) */
	bool extra; /* beside the feed, from a parked row: the cursor does not wait for it */
	bool again; /* the same was owed to another party and forgotten: it is read again */
	bool whole; /* it cannot be sent as it came: a PUT of the newest version instead */
	bool next_whole;
};

struct receiver {
	struct list places[OWED_PLACES];
	struct table *owed;
	size_t count, in_air, extra_in_air, extra_count, waiting, announcing;
	size_t bytes;
	unsigned window, failures;
	int64_t read_at; /* while it lags: changes up to it were read */
	int64_t sure;    /* versions up to it were read while they were the newest, none was passed
	                    over */
	int64_t retry_at_ms, hold_since_ms;
	int64_t introduced_by_ms; /* objects of a newcomer wait until then for the list of parties
	                           */
	uint64_t epoch;           /* of its slow-downs: what was in the air together fails once */
	uint64_t taken;           /* objects delivered */
	struct ahead ahead;
	struct recent {
		uint64_t object;
		bool failed;
	} recent[RECEIVER_RECENT];
	unsigned recent_count, recent_at;
	int64_t recovered_ms; /* when it was said last that it takes again what it did not */
	unsigned jitter;      /* 0 to 40: of the next pause, per cent; the caller draws it */
};

void receiver_init(struct receiver *receiver, int64_t floor);
void receiver_free(struct receiver *receiver); /* nothing may be in the air */

struct owing {
	const struct ocpi_id *to;
	const struct store_object *object;
	struct batch *batch;            /* that it lies in */
	bool announces;                 /* a ClientInfo */
	bool whole;                     /* what it builds upon was refused or is parked */
	const struct store_parked *row; /* it comes from there; NULL: from the feed */
};
/** Names an object of a party, "" for ClientInfo; the caller's to free(). */
struct str receiver_key(struct str to, const struct store_key *key);
/** False: nothing came of it (delivered before, or a row of what is on its way already). */
bool receiver_owe(struct receiver *receiver, const struct owing *owing);
bool receiver_has_room(const struct receiver *receiver);
/** The next that may be sent now; it is in the air from here on. NULL: nothing. */
struct owed *receiver_next(struct receiver *receiver, int64_t now_ms);
/** When receiver_next() may have something without an answer or news; INT64_MAX: never. */
int64_t receiver_next_ms(const struct receiver *receiver, int64_t now_ms);

void receiver_take_back(struct owed *owed); /* it was not sent: nothing happened */
/** True: @owed is to be parked now; receiver_parked() follows. Else it may be gone. */
MUST_CHECK bool receiver_answered(
        struct owed *owed, enum verdict verdict, int64_t retry_after_ms, int64_t now_ms);
/** Its row is written, or could not be (@written false: it is tried again instead). */
void receiver_parked(struct owed *owed, bool written, int64_t now_ms);
int64_t receiver_pause_ms(unsigned attempts, unsigned jitter); /* after so many failed ones */

enum early { EARLY_NONE, EARLY_ONE, EARLY_MANY };

/** Everything up to it was delivered, parked or given up. @head: what was read for it. */
int64_t receiver_floor(const struct receiver *receiver, int64_t head);
/** Forget what is not in the air and read it again from @head or below; away, or memory is short.
 */
void receiver_forget(struct receiver *receiver, int64_t head);
void receiver_hurry(struct receiver *receiver);         /* an operator wants it tried now */
bool receiver_suspect(const struct receiver *receiver); /* 8 of its last 10 objects failed */
/** Is it suspect no more, as it was before an answer? Who wavers is said to once a minute. */
bool receiver_recovered(struct receiver *receiver, bool was_suspect, int64_t now_ms);
int64_t receiver_oldest_ms(const struct receiver *receiver); /* at_ms of the oldest owed, 0: none */
