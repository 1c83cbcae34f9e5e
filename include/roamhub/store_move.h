/* store_move: the whole store of a hub that is stopped, as a file. Part of hub.h. */
#pragma once

#include "config.h"
#include "move.h"

/** All that it holds, but the trace, into the new file @path. */
MUST_CHECK enum rh_err hub_move_out(const struct settings *settings, const char *path,
        bool skip_damaged, struct store_moved *moved, struct fault *fault);
/** And from it into the store of @settings, which is empty, and whose key file is there already.
 * All or nothing. */
MUST_CHECK enum rh_err hub_move_in(struct settings *settings, const char *path,
        struct store_moved *moved, struct fault *fault);
