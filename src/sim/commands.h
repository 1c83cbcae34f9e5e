/* commands: response URLs that a platform was given, and calls to them. */
#pragma once

#include "actor.h"

struct callback {
	struct list node;
	struct actor *actor;
	char *what; /* START_SESSION..., chargingprofiles */
	char *url;
	bool has_from, has_to;
	struct ocpi_id from, to;
	json_t *result; /* of the first call */
	struct net_timer timer;
};

/** The newest response URL given with command @what; NULL: there was none. */
struct callback *callback_last(const struct actor *actor, const char *what);
struct outgoing;
/** A POST of @result to the callback's URL, not yet started. */
struct outgoing *callback_call(struct callback *callback, const json_t *result);
