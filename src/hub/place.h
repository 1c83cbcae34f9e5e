/* place: the addresses and the database of a hub. */
#pragma once

#include "context.h"

struct store_conf place_conf(const struct hub *hub, const struct settings *settings);
/** Binds, waits while another hub leads if it stands by, opens the store, listens. RH_BUSY:
 * @choices gave up waiting. */
MUST_CHECK enum rh_err place_take(
        struct hub *hub, const struct hub_choices *choices, struct fault *fault);
