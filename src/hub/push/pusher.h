/* pusher: what a worker's half of the push engine keeps. Everything here is the worker's own.
 *
 * A channel is one platform as this worker sends to it. One that keeps up is *in step*: it has no
 * place of its own on the feed but the pusher's head, so that an idle platform costs nothing. One
 * that lags has its own place, one that is away is asked for nothing until it is back. */
#pragma once

#include "../context.h"
#include "lines.h"
#include "marks.h"
#include "receiver.h"

struct channel {
	struct receiver receiver;
	struct pusher *pusher;
	int64_t platform;
	struct live *live;
	char key[STORE_RECEIVER_TEXT]; /* of the cursor and of rows */
	struct list busy;              /* it may be sent something now */
	struct list place;             /* lagging, full or away; neither: in step */
	struct list dirty;             /* its cursor may have moved since it was stored */
	struct list parked;            /* it has rows, or may have */
	struct net_timer wake;         /* when it may be sent something, or read again */
	bool in_step, full, away, removed;
	bool coming, closing; /* hold.h */
	int64_t back_at_ms;   /* it came back: nothing is read for it before */
	int64_t stepped_at; /* where others work beside this process: what of it is read behind may
	                       build upon what was passed over before */

	struct saved { /* the cursor as last stored */
		int64_t floor, ahead_last;
		size_t ahead_count;
	} saved;

	struct {                 /* tidings.c */
		int64_t full_ms; /* when what was told is paid for; rh_boot_ms() */
		unsigned left_out;
		int64_t behind_ms; /* since when it is behind; 0: it is not */
		uint64_t taken;    /* objects, then */
		bool away;         /* since */
	} told;

	struct lines lines; /* deliver.c */
	struct marks marks;
	struct {                    /* parked.c */
		int64_t look_at_ms; /* rh_schedule_ms() */
		size_t fetching;    /* objects of rows */
		size_t ending;      /* rows whose end, or pause, is being written */
		uint64_t changes,
		        changes_seen; /* that rows came or ended, and those that a look knew of */
		enum early early;     /* before they are due */
		bool looking;
		bool introducing; /* the row of a newcomer's list of parties was met */
	} rows;
};

enum {
	PUSHER_HELD_MOST = 32 << 20, /* bytes of batches of a worker */
	PUSHER_SPARE = 64            /* arenas */
};

struct listeners { /* who lists the Receiver interface of a module */
	struct str module;
	struct channel **channels; /* by id */
	size_t count;
};

struct pusher {
	struct worker *worker;
	struct channel **channels; /* by id */
	size_t channel_count;
	struct list busy, lagging, full, away, dirty, parked;
	size_t told;       /* channels[told] reports next */
	int64_t told_ms;   /* tidings.c: when what was told of all is paid for */
	unsigned returned; /* so many in a row */
	struct {
		uint64_t returns, generation; /* live_returns(), of the directory */
	} looked;                             /* when those that are away were looked at */
	struct {
		uint64_t generation; /* of the directory that was met last; 0: none */
		struct arena *arena;
		struct listeners *rows;
		size_t count;
	} listeners;

	int64_t head,
	        sure; /* of those in step: read up to, and all of it while it was the newest */
	int64_t wait_until_ms; /* a read failed */
	bool stepping, catching_up, stopped;
	bool saved;                        /* for the last time: it was begun */
	bool unread;                       /* the last step left something behind */
	unsigned read_failures, looking;   /* looking: reads that wait for what others changed */
	size_t held;                       /* bytes of batches */
	size_t in_air;                     /* deliveries */
	struct list air;                   /* deliver.c: those whose request was begun */
	struct arena *spare[PUSHER_SPARE]; /* deliver.c: of deliveries that are over */
	size_t spare_count;
	struct {
		size_t reading; /* rows that may come of looks, and objects that are read for rows
		                 */
		bool wanted;    /* somebody may look when there is room again */
	} rows;
	struct net_timer timer;
	struct mail go_on; /* the rest of a turn, behind what others want */
	bool going_on;
	struct {
		uint64_t turn; /* of the loop */
		size_t started;
	} slice;
	unsigned roomless; /* channels of this turn that found no connection free */
	int64_t sweep_at_ms, tick_at_ms, save_at_ms;

	enum { PUSHER_NEW, PUSHER_READY } state;
	void (*loaded)(struct pusher *pusher); /* cursors */
	void (*ready)(struct pusher *pusher);  /* and marks, of those that come */
	void (*turn_soon)(struct pusher *pusher);
	void (*look_now)(struct channel *channel); /* at its rows */
	struct {                                   /* hold.c; a bit each */
		uint64_t open,                     /* slots whose channels are sent to */
		        coming,     /* cursors and marks of whose channels are being read */
		        begun,      /* of these, with cursors that are there: they have channels */
		        closing;    /* of whose channels the last is being written */
		int64_t load_at_ms; /* not before */
		int64_t cut_at_ms;  /* then what is in the air for them is cut */
	} slots;
	struct table *cursors;            /* as loaded: key -> const struct store_cursor * */
	struct arena *arena, *load_arena; /* of what was loaded; of what is being loaded */
	struct store_op load_op, save_op;
	struct {                    /* marked.c: of channels that come */
		struct channel *of; /* whose are read; NULL: those of all */
		const struct store_parked *rows;
		size_t count;
		bool whole;
		struct arena *arena;
	} marked;
	struct arena *save_arena; /* while cursors are saved */
};

static inline bool
pusher_awaits(const struct pusher *pusher, int64_t platform) /* its slot comes */
{
	return (pusher->slots.coming >> store_slot(platform) & 1) != 0;
}
static inline bool
pusher_serves(const struct pusher *pusher, int64_t platform) /* its slot is there, or begun */
{
	return ((pusher->slots.open | pusher->slots.begun) >> store_slot(platform) & 1) != 0;
}

/* channel.c */
struct channel *channel_find(const struct pusher *pusher, int64_t platform); /* NULL: none */
int64_t channel_head(const struct channel *channel);                         /* read up to */
void channel_owes(struct channel *channel); /* something is owed: its turn comes */
/** Nothing is asked of it before @at_ms, or before its next answer or object. */
void channel_sleeps(struct channel *channel, int64_t at_ms);
void channel_wakes(struct net_timer *timer);
/** It lags, and nothing is read for it before it wakes, or has room again. */
void channel_fills(struct channel *channel);
void channel_reads(struct channel *channel, size_t rows); /* for rows: looks, objects, pages */
void channel_has_read(struct channel *channel, size_t rows);
void channel_moved(struct channel *channel); /* its cursor may have moved */
void channel_look(
        struct channel *channel, int64_t at_ms); /* at its rows, then or sooner; rh_schedule_ms() */
/** It has no room for what comes behind @read_at; what it has is kept. */
void channel_falls_behind(struct channel *channel, int64_t read_at);
/** It goes on from where it is in memory: behind the others, or nothing at all while it is away. */
void channel_lags(struct channel *channel, int64_t head);
void channel_leaves(struct channel *channel);
void channel_steps(struct channel *channel); /* it was read up to the pusher's head */
/** What platform it is now; NULL: it cannot be sent to: away, suspended, or without a token. */
const struct platform *channel_open(const struct channel *channel);
void channel_report(const struct channel *channel); /* into its live, for the operator */
