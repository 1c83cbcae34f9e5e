/* hints: what only passes by, kept for later requests without TO (CMD-022, CHP-011). */
#pragma once

#include "flight.h"

#define HINT_TOKEN "token" /* kind of the hints that hints_note_token() makes */

/** After a forward was answered: what later requests without TO can be routed by. */
void hints_note(struct flight *flight);
void hints_note_token(struct flight *flight, const struct ocpi_id *owner); /* that it allowed it */
/** Keys of the two kinds of hints; memory of @arena. */
struct str hints_key(const struct ocpi_id *party, struct str id, struct arena *arena);
struct str hints_token_key(struct flight *flight, struct arena *arena);
