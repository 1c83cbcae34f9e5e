/* receivers: which platforms this worker sends to, and who listens to which module. */
#pragma once

#include "pusher.h"

/** Take over the directory when it is another one than that which was met last. */
void receivers_meet(struct pusher *pusher);
/** Who came back since; those that are away are asked for nothing else. */
void receivers_return(struct pusher *pusher);
/** The Receiver interface of @module; NULL: nobody lists it. Good until the next receivers_meet().
 */
const struct listeners *receivers_of(const struct pusher *pusher, struct str module);
/** Channels came, or close: the next receivers_meet() is one with a new directory. */
void receivers_forget(struct pusher *pusher);
/** One that came: it goes on from its cursor. */
void receivers_place(struct channel *channel);
void receivers_drop(
        struct pusher *pusher, size_t at); /* one that closed; nobody knows it any more */
void receivers_free(struct pusher *pusher);
