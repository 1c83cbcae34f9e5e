/* wishes: what operators asked for, at whichever process (wish.h), is looked for and done: a hint
 * only makes that sooner. Control thread. */
#pragma once

#include "context.h"

void wishes_open(struct hub *hub);
/** What was there before this process began: what is over is none of its business. */
void wishes_loaded(struct hub *hub, const struct store_wishes_args *found);
void wishes_tick(struct hub *hub);
void wishes_hint(struct hub *hub); /* there may be new ones */
void wishes_close(struct hub *hub);
