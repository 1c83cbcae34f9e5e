/* own: what the Sender interfaces of a platform answer. */
#pragma once

#include "actor.h"

/** TokenType of the query, else of the body; absent: RFID is meant. */
struct str token_type(struct exchange *exchange);

void own_get(struct exchange *exchange);
void token_authorize(struct exchange *exchange);
void session_preferences(struct exchange *exchange);
