/* passive: a hub that calls nobody. */
#pragma once

#include "context.h"

/** What the database says, or @wanted: then it says so from now on. Before any client is made; the
 * loop is turned until it is known. */
MUST_CHECK enum rh_err passive_open(struct hub *hub, bool wanted, struct fault *fault);
