/* passive: a hub that calls nobody. */
#pragma once

#include "context.h"

/** Has an operator said to another process that this is the hub? It is looked for when this one
 * does not think so. */
void passive_look(struct hub *hub);
/** What the database says, or @wanted: then it says so from now on. Before any client is made; the
 * loop is turned until it is known. */
MUST_CHECK enum rh_err passive_open(struct hub *hub, bool wanted, struct fault *fault);
