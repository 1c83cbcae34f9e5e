/* leave: the operator removes a platform, and it is told. What it may do ends first: whether it
 * listens decides nothing. */
#include "farewell.h"
#include "registry.h"

#include <stdio.h>
#include <stdlib.h>

struct leave {
	struct hub *hub;
	struct arena *arena;
	struct live *live;
	struct farewell_to *to; /* NULL: there is nobody to tell */
	int64_t platform;
	registry_done_fn done;
	void *ctx;
};

static void
leave_end(struct leave *leave, enum rh_err err, const struct fault *fault)
{
	leave->hub->control_work--;
	leave->done(leave->ctx, err, fault, leave->platform, (struct str){ 0 });
	arena_free(leave->arena);
	free(leave);
}

static void
on_told(void *ctx, const char *outcome)
{
	struct leave *leave = ctx;

	(void)snprintf(leave->live->rotation.farewell, sizeof leave->live->rotation.farewell, "%s",
	        outcome);
	leave_end(leave, RH_OK, &(struct fault){ 0 });
}

static void
on_removed(
        void *ctx, enum rh_err err, const struct fault *fault, int64_t platform, struct str token)
{
	struct leave *leave = ctx;

	(void)platform, (void)token;
	if (err != RH_OK || leave->to == NULL)
		leave_end(leave, err, fault);
	else
		farewell_send(leave->hub, leave->to, on_told, leave);
}

void
handshake_remove(struct hub *hub, int64_t platform, registry_done_fn done, void *ctx)
{
	const struct platform *known = directory_platform(hub_directory(hub), platform);
	struct leave *leave = rh_alloc(sizeof *leave);

	hub->control_work++;
	leave->hub = hub;
	leave->arena = arena_new(512);
	leave->platform = platform;
	leave->done = done;
	leave->ctx = ctx;
	if (known != NULL) {
		leave->live = known->live;
		leave->to = farewell_of(known, leave->arena);
	}
	registry_remove(hub, platform, on_removed, leave);
}
