/* hold: channels are there for those platforms alone whose slot this process holds (slots.h).
 *
 * A slot that comes is read anew: cursors and marks, as whoever held it before left them. One that
 * goes is sent nothing more; what is in the air ends, or is cut after a while; what is owed and was
 * not sent is forgotten here, and the cursors say so in the store, where the next one finds them.
 * worker->slots tells the control thread for which slots anything of this may be under way. */
#pragma once

#include "pusher.h"

/** What the hub holds now: a load or an end begins, or goes on. */
void hold_look(struct pusher *pusher);
void hold_loaded(struct pusher *pusher); /* cursors and marks of those that come are there */
/** The hub stops: of what closes nothing is left. False: it goes on. */
bool hold_ended(struct pusher *pusher);

/* ---- pure ---- */

enum hold_next { HOLD_WAIT, HOLD_CUT, HOLD_SAVE, HOLD_FREE };
struct hold_seen {    /* of a channel that closes */
	bool sending; /* something is in the air */
	bool writing; /* rows are read or written */
	bool saved;   /* its cursor as it stands, or it is kept no more */
	int64_t now_ms, cut_at_ms;
};
enum hold_next hold_next(const struct hold_seen *seen);
