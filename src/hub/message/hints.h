/* hints: what only passes by, kept for later requests without TO (CMD-022, CHP-011). */
#pragma once

#include "flight.h"

#define HINT_TOKEN "token" /* kind of the hints that hints_note_token() makes */

/** After a forward was answered: what later requests without TO can be routed by; then go on with
 * @then, where several processes work together when it is committed. */
enum next hints_note(struct flight *flight, enum next (*then)(struct flight *flight));
/** Look it up, then go on with @then, which asks hints_found(). */
enum next hints_find(struct flight *flight, const char *kind, struct str key,
        enum next (*then)(struct flight *));
bool hints_found(const struct flight *flight, struct ocpi_id *to);
/** Keys of the two kinds of hints; memory of @arena. */
struct str hints_key(const struct ocpi_id *party, struct str id, struct arena *arena);
struct str hints_token_key(struct flight *flight, struct arena *arena);

/* ---- the token of an authorization request ---- */

/** @owner allowed it; @then as with hints_note(). */
enum next hints_note_token(struct flight *flight, const struct ocpi_id *owner,
        enum next (*then)(struct flight *flight));
void hints_drop_token(struct flight *flight); /* who allowed it before does not know it now */
/** Nobody knew it: for some seconds the same requester is told so without asking again, unless
 * somebody allows it meanwhile. A token that is shared or kept is found before. */
void hints_note_unknown(struct flight *flight);
bool hints_say_unknown(struct flight *flight);
/** Workers remember the token @uid no more; what is stored of it is the store's. Any thread. */
void hints_forget_token(struct hub *hub, struct str uid, struct arena *arena);
