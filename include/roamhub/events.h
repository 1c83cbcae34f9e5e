/* events: what happened to the hub, and who did it. Part of store.h.
 *
 * Unlike the trace these rows are never a sample: they are written as everything else is, and stay
 * for longer. What a flood could make many of has a type of its own, since each type is bounded by
 * itself. */
#pragma once

#include "base.h"

enum { STORE_EVENT_TYPES = 4 };

struct store_event {
	int64_t id;       /* 0: new, set when it is committed; grows, and is never used again */
	int64_t at_ms;    /* wall clock */
	struct str type;  /* "admin.verb", "party.status" */
	int64_t platform; /* 0: none */
	struct str who;   /* name of the admin token; empty: the hub itself */
	struct str address;
	struct str what;    /* the verb, or what it became: "party suspend", "OFFLINE" */
	struct str subject; /* "platform 7", "DE*ABC", "agreement 3" */
	struct str data;    /* JSON object */
};
struct store_event_args { /* STORE_EVENT_PUT, write */
	/* Must stay until done. With an id it takes the place of the one that has it: RH_NOT_FOUND
	 * when there is none any more. */
	struct store_event *event;
	bool drop; /* the one with its id goes */
	/* A new one: so many of its type and platform stay, the oldest above them go; 0: all. */
	size_t most;
};
struct store_events_args {                   /* STORE_EVENTS, read */
	struct str types[STORE_EVENT_TYPES]; /* any of them; the first absent: every type */
	struct str who, what;                /* absent: any */
	int64_t platform;                    /* 0: any */
	int64_t since_ms, until_ms;          /* since included; 0: unbounded */
	/* Of those above @after the first @limit; without it the last @limit below @before (0: of
	 * all). By id either way. */
	int64_t after, before;
	size_t limit;
	const struct store_event *rows; /* out */
	size_t count;
};
struct store_event_trim_args { /* STORE_EVENT_TRIM, write: some thousand a call */
	int64_t before_ms;     /* older ones go; 0: none by age */
	size_t most;           /* of each type; the oldest above it go */
	uint64_t dropped;      /* out; 0: there was nothing left to drop */
};
