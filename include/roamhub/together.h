/* together: several processes on one database share the work. Any of them takes any request; what
 * is done for a platform unasked (pushes, probes, pulls, rotation) is done by one of them.
 *
 * Platforms lie in slots, and a process holds some of them. It holds a slot until it gives it
 * back, or is put out with all it has. Where nobody can share, it holds them all. */
#pragma once

#include "base.h"

struct store;

enum { STORE_SLOTS = 64 };
/** The slot of a platform: a bit of struct store_together. What the hub does as a whole belongs to
 * whoever holds slot 0. */
static inline unsigned
store_slot(int64_t platform)
{
	return platform == 0 ? 0 : (unsigned)((uint64_t)platform * 0x9e3779b97f4a7c15u >> 58);
}

struct store_together {
	bool together;     /* else this process is alone, and nothing changes beside it */
	unsigned hubs;     /* processes, with this one */
	uint64_t held;     /* slots, a bit each */
	uint64_t wanted;   /* of those, that another one waits for: store_release() is due, when
	                      nothing is under way for them any more and what is to be kept is */
	int64_t head;      /* the newest change that is known to be committed, by anybody */
	int64_t directory; /* the same of platforms and agreements: store_directory_args.changed */
};
/** What is known now. Any thread. */
void store_together(const struct store *store, struct store_together *out);
/** Gives slots back; others may have them at once. Any thread. */
void store_release(struct store *store, uint64_t slots);
/** It stops: it is given no slots any more, and those that it has are all wanted. Any thread. */
void store_leave(struct store *store);

/* What one process tells the others: a hint. One that is lost costs time, never more: what it says
 * is found by looking, too. */
enum store_tell {
	TELL_CHANGE,    /* something was shared */
	TELL_DIRECTORY, /* platforms or agreements changed */
	TELL_PARKED,    /* rows for a platform, as by news_parked() */
	TELL_OWED,      /* as by news_owed() */
	TELL_WOKEN,     /* as by news_woken() */
	TELL_HEARD,     /* a platform spoke, or answered, and was thought to be OFFLINE */
	TELL_FAILED,    /* a call to a platform failed: it is to be probed */
	TELL_RAW,       /* a platform proved to want raw tokens */
	TELL_BASE64,    /* or others again */
	TELL_WISH,      /* an operator asked for something: struct store_wish, or hub_resume() */
	TELL_ALL,       /* some may have been lost: look at everything */
};
struct store_told {
	enum store_tell what;
	int64_t platform; /* 0: of none, or of all */
};
/** Tells them soon, a few milliseconds later; the same again meanwhile is one. Does nothing while
 * there are no others. Any thread. */
void store_tell(struct store *store, enum store_tell what, int64_t platform);
/** What was told since, at most @most; the process's own is not among it. TELL_CHANGE and
 * TELL_DIRECTORY never are: struct store_together has moved then. */
size_t store_told(struct store *store, struct store_told *out, size_t most);
/** @fn is called on a thread of the store, when something of all this moved; it must return at
 * once. Before there are sessions; NULL: no more. */
void store_watch(struct store *store, void (*fn)(void *ctx), void *ctx);

/* ---- what is known of platforms by the process that holds their slot: for all others ---- */

struct store_status {
	int64_t platform;
	int state;      /* enum store_state: CONNECTED or OFFLINE, as the hub routes by it */
	int64_t at_ms;  /* wall clock of who wrote it */
	struct str doc; /* JSON object: everything else */
};
struct store_statuses_args {             /* STORE_STATUS_SAVE, write, and STORE_STATUSES, read */
	int64_t since;                   /* in, of the read: those with a number above it */
	int64_t newest;                  /* out, of the read: the next @since */
	const struct store_status *rows; /* in, out: at most a row for each platform */
	size_t count;
};

/* ---- what an operator asked for at one of them, for who has to do it ---- */

enum store_wish_kind {
	WISH_PULL = 1, /* pull_accept(): for who holds the platform, who drops it when it is done */
	/* for each of them; it stays, and a later one is new */
	WISH_EXPIRY, /* expiry_resume() */
	WISH_FORGET, /* hub_erase(): what is shown and may name a token that was erased elsewhere.
	                Which one that was is not told: it would be kept here */
	/* for each of them to answer; it stays until who asks has the answers and drops it, or a
	 * minute; a later one is another one */
	WISH_TALLY, /* struct store_tallies_args */
	WISH_KINDS
};
struct store_wish {
	int64_t platform; /* 0: of the hub */
	enum store_wish_kind kind;
	int64_t nth; /* above 0; a later word, which takes the place of the same of before, is above
	                it */
};
struct store_wishes_args { /* STORE_WISH_PUT, STORE_WISH_DROP, writes, and STORE_WISHES, read */
	struct store_wish wish; /* of a write; nth is out of PUT, and all that DROP looks at */
	const struct store_wish *rows; /* out, of the read: in their order */
	size_t count;
};

/* ---- what each of them counts of a platform, when one was asked about it ---- */

struct store_tallies_args { /* STORE_TALLY_PUT, write, and STORE_TALLIES, read */
	int64_t nth;    /* of the WISH_TALLY that asks; what is written is not kept when that was
	                   dropped */
	int64_t who;    /* of a write: who answers; of a read: whose answer is left out */
	struct str doc; /* of a write: JSON object */
	const struct str *docs; /* out, of a read: one of each that answered */
	size_t count;
};
