/* together: this process among the others that share its database (roamhub/together.h): which slots
 * it holds, and what the others did. */
#pragma once

#include "context.h"

/** Before the hub loads what it knows. Control thread. */
void together_open(struct hub *hub);
/** It has loaded what it knows: what moved meanwhile is taken up. */
void together_loaded(struct hub *hub);
void together_close(struct hub *hub); /* before the store is closed */
