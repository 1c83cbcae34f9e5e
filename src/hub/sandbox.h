/* sandbox: simulated counterparts of platforms, in processes of their own
 * (docs/adr/0030-sandbox.md). Control thread. */
#pragma once

#include "roamhub/sandbox.h"

#include "context.h"

void sandbox_open(struct hub *hub); /* those that were there before are begun again */
void sandbox_tick(struct hub *hub); /* what died is begun again */
void sandbox_due(struct hub *hub);  /* sandbox=auto (sandbox_due.c) */
void sandbox_slots_came(struct hub *hub, uint64_t slots); /* this process holds them now */
uint64_t sandbox_slots(const struct hub *hub); /* of whose owners' something is under way */
void sandbox_end(struct hub *hub);             /* the hub stops: every process ends now */
void sandbox_close(struct hub *hub);           /* and is gone */
