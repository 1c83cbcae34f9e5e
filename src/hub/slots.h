/* slots: which slots this process works for (roamhub/together.h), and how it takes and gives them.
 *
 * One that comes is opened when it was read what others knew of its platforms. One that somebody
 * else waits for is closed: nothing is begun any more, what is under way ends, what is to be kept
 * is written, and then it is given back. So nobody is sent anything by two at a time, and whoever
 * has it next begins where this process ended. Control thread. */
#pragma once

#include "context.h"

void slots_open(struct hub *hub); /* before anything is loaded */
void slots_close(struct hub *hub);
/** What the store says now. */
void slots_look(struct hub *hub, const struct store_together *now);
void slots_tick(struct hub *hub);
bool slots_given(const struct hub *hub); /* the hub stops: all are given back */

/* ---- pure; a bit each ---- */

struct slots_state {     /* a slot is in one of them, or in none */
	uint64_t coming, /* given to this process: what is known of them is being read */
	        open,    /* worked for */
	        closing; /* nothing is begun for them any more */
};
struct slots_seen {
	uint64_t held, wanted; /* as the store says */
	uint64_t known;        /* of those coming: it was read */
	uint64_t busy;         /* of those closing: something is under way, or is not written */
	bool stopping;
};
/** What follows from @seen. Returned: those that are to be given back now. */
uint64_t slots_after(struct slots_state *state, const struct slots_seen *seen);
