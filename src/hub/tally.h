/* tally: what each process counts of a platform is asked of all of them, when an operator asks one
 * (docs/adr/0048). roamhub/tally.h asks; this answers. Control thread. */
#pragma once

#include "context.h"

void tallies_open(struct hub *hub);
void tallies_close(struct hub *hub);
/** Another process was asked about wish->platform. */
void tally_wished(struct hub *hub, const struct store_wish *wish);
