/* sandbox: a simulated counterpart of one platform, which it alone meets: `roamhubctl sandbox`. On
 * the control thread. */
#pragma once

#include "hub.h"

/** A counterpart of @role (CPO, EMSP) for @owner, that it alone meets; one that is there is left as
 * it is. @done gets the platform that it is. RH_BAD_FIELD: sandbox.most, say. RH_SYSTEM: it cannot
 * be begun, and is not there. */
void sandbox_start(
        struct hub *hub, int64_t owner, enum ocpi_role role, registry_done_fn done, void *ctx);
/** It ends, and all that it left is gone when @done comes; RH_NOT_FOUND. */
void sandbox_stop(
        struct hub *hub, int64_t owner, enum ocpi_role role, registry_done_fn done, void *ctx);
struct hub_sandbox {
	const struct list *node;
	int64_t owner, platform; /* platform 0: it has none yet */
	enum ocpi_role role;
	struct ocpi_id party;
	const char *state; /* "starting", "running", "waiting", "stopping" */
	const char *why;   /* of its last end; empty: there was none */
	int pid;
	uint16_t port; /* of 127.0.0.1; 0: its process is not there */
	unsigned deaths;
};
/** Walk over all: zeroed it begins, false: it is through. */
bool sandbox_each(const struct hub *hub, struct hub_sandbox *at);
