/* counterpart: a platform that lives: at its charge points sessions run and are billed, its drivers
 * charge. One driver comes by himself, to the first party that has something for him: with the
 * first token to an own charge point, or with an own token to the first charge point. */
#pragma once

#include "charge.h"

struct outgoing;
struct counterpart {
	struct actor *actor;
	int64_t charge_ms; /* how long a driver stays */
	struct list charges;
	size_t charge_count;
	uint64_t charged; /* so far, for ids */
	struct net_timer driver;
	bool came;
	struct ocpi_id own, other; /* of the driver that comes by himself */
	json_t *wanted;            /* his token, or the location that he goes to */
};

/** From now on @actor lives; harmless when it does. */
void counterpart_begin(struct actor *actor, int64_t charge_ms);

/* life.c */
/** Is there room for one more object? */
bool life_has_room(const struct actor *actor);
/** A request to the other side's endpoint of @module, with @path behind it and @body (consumed);
 * @done gets it with @ctx, or it is not made at all (false). */
bool life_call(const struct counterpart *counterpart, const char *method, const char *module,
        const char *interface, struct str path, const struct ocpi_id *from,
        const struct ocpi_id *to, json_t *body, void (*done)(struct outgoing *out), void *ctx);
