/* live: the facts about one platform that change without a new directory, and what a pull found. */
#pragma once

#include <stdatomic.h>

#include "complaints.h"
#include "series.h"
#include "store.h"

/** What a pull of one platform's Sender interfaces found. */
struct pull_report {
	int64_t at_ms; /* wall clock, when it ended; 0: there was none */
	bool complete, full;
	/* objects: unchanged is what the hub has as new, foreign is of no party of the platform, or
	 * for no party of the hub */
	uint64_t seen, shared, unchanged, invalid, foreign, withdrawn;
	uint64_t faults; /* of what was shared, let through (lenient) */
	uint64_t pages, bytes;
	/* for people, empty: none: what made it incomplete, why nothing was withdrawn, the first
	 * of each kind */
	char why[160], held[160], first_invalid[160], first_foreign[160];
};

enum { LIVE_SANDBOXES = 2 };
/** What changes without a new directory: lives as long as the hub. The members of struct live
 * itself are facts, noted by all threads; each of its structs has one owner, others read. */
struct live {
	int64_t platform;
	_Atomic int state; /* enum store_state of a registered platform: CONNECTED or OFFLINE */
	_Atomic int64_t status_ms;  /* wall clock: when state was recorded last; 0: as stored */
	_Atomic int64_t heard_ms;   /* rh_boot_ms(): it spoke, or answered; 0: not yet */
	_Atomic unsigned failures;  /* deliveries in a row that did not reach it */
	_Atomic int64_t counted_us; /* monotonic: when the last of them was counted */
	_Atomic unsigned misses;    /* probes in a row that were not answered */
	_Atomic bool probe_due;     /* a call failed: ask its versions endpoint */
	_Atomic int64_t date_ms;    /* its last Date, less rh_boot_ms() at that moment; 0: none */
	_Atomic int64_t dated_s;    /* the monotonic second in which that came */
	_Atomic bool untraced;      /* its last message was not kept in the trace */
	_Atomic bool plain_token;   /* it proved to want raw tokens */
	_Atomic bool previous_unneeded; /* its current token was used: the previous one can go */
	_Atomic unsigned flights;       /* its requests in the hub now */
	_Atomic size_t unread;          /* bytes of answers that it did not read yet */
	_Atomic bool has_room;         /* message/keep.c: for one more object, as far as is known */
	_Atomic int64_t pace_until_us; /* message/limits.c: requests a second */
	_Atomic int64_t asked_until_ms; /* message/poll.c: what it may still have asked of all */
	/* redirects: of its answers, that were followed; flaws: of what it sent, let through
	 * (lenient) or only reported */
	_Atomic uint64_t requests, calls, redirects, refused, flaws;
	struct live_faulty *_Atomic faulty; /* the flaws by field: parties/faulty.c; NULL: none */
	struct series_noted noted;
	struct live_complaints *_Atomic complaints; /* parties/complaints.c; NULL: none */
	_Atomic int64_t joined; /* changes up to it are not owed: they were there before it came */
	/* another process holds it (together.h): it is told what is met of it here, and says what
	 * state is; NULL: this one does */
	_Atomic(struct store *) reports_to;

	struct live_attempts {                 /* at handshakes: parties/attempt.c. Any thread */
		_Atomic uint64_t theirs, ours; /* that are under way, 0: none */
		_Atomic int64_t heard_ms;      /* rh_boot_ms(): of theirs */
		_Atomic unsigned reads;        /* GETs in it */
		_Atomic int64_t full_ms;       /* rh_boot_ms(): its rows are paid for */
		_Atomic unsigned left_out;     /* rows that were too many */
	} attempts;
	struct live_push { /* the report of the worker that pushes to it */
		_Atomic int64_t cursor,
		        oldest_ms; /* delivered up to, INT64_MAX: it keeps up; when
		                      the oldest change that is owed was made, or 0 */
		_Atomic unsigned owed, window, failures;
		_Atomic int64_t wait_until_ms; /* rh_mono_ms(): it is left alone, as it is ill */
		_Atomic unsigned syncing;      /* modules that are not gone through yet */
		_Atomic bool news, more;       /* of rows: news_parked(), news_owed() */
	} push;
	struct live_presence {  /* the control thread's: parties/presence.c. Times: rh_boot_ms() */
		int64_t met_ms; /* since when the hub knows it */
		int64_t probed_ms; /* when the last probe was sent; 0: none yet */
		unsigned probes;   /* sent since logged became what it is */
		int64_t lift_ms;   /* suspension.c: its end is not asked for again before */
		bool probing;
		int64_t stored_ms;             /* heard_ms as it was stored last */
		int announced;                 /* state as the registry knows and tells it */
		int64_t announced_ms, hold_ms; /* since when, and for how long at least */
		int logged;                    /* state as the log has it, which is not damped */
		char last_failure[160];
		int64_t last_failure_ms; /* wall clock */
		int64_t since_ms;        /* wall clock: when logged became what it is; 0: before
		                            the start */
	} presence;
	/* the control thread's: series.c. Slots, and while there are none the counters as they
	 * were seen last */
	struct series *series;
	struct series_slot unkept;
	struct live_rotation {     /* the control thread's: parties/rotation.c, initiate.c */
		bool under_way;    /* a handshake that the hub began */
		bool elsewhere;    /* the same, in the process that holds it */
		bool expiry_told;  /* the log has it that its invite expired */
		unsigned failures; /* handshakes in a row that the hub began and that failed */
		int64_t retry_ms;  /* rh_boot_ms(): the next one is not begun before */
		char last_failure[512];
		int64_t last_failure_ms; /* wall clock */
		char farewell[300]; /* what came of the DELETE when it was removed; empty: none was
		                       sent */
	} rotation;
	struct live_survey {       /* the control thread's: survey/survey.c */
		int64_t shaken_ms; /* rh_boot_ms(): its last handshake; 0: was looked at since */
		bool under_way;
	} survey;
	struct live_pull {   /* the control thread's: pull.c. Times: rh_boot_ms() */
		bool wanted; /* it came back from OFFLINE */
		bool walking;
		int64_t tried_ms;   /* when the last pull ended; 0: none yet */
		int64_t covered_ms; /* wall clock: all that changed before it was seen */
		unsigned walks;
		bool accepted; /* the next full walk may withdraw whatever it does not find */
		int64_t wish;  /* the newest struct store_wish of this that was taken; 0: none */
		struct pull_report report; /* of the last one that ended */
	} pull;
	struct live_status {          /* the control thread's: status.c */
		uint64_t written;     /* digest of what the others were told last; 0: nothing */
		int state;            /* as they were told */
		bool raw;             /* plain_token, as this process was told */
		int64_t heard_ms;     /* the same of heard_ms */
		bool probing;         /* a probe is under way in the process that holds it */
		struct live_sandbox { /* that it runs, as CPO and as eMSP; zeroed: none */
			int64_t platform;
			int role, pid;
			uint16_t port;
			unsigned deaths;
			char place[64], state[16], why[200];
		} * sandboxes; /* LIVE_SANDBOXES, or NULL */
	} status;
};
