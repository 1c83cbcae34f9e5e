/* keys: the key file. */
#pragma once

#include "context.h"

enum { KEYS_MARK_BYTES = 2 * RH_DIGEST_BYTES + 1 };

/** Into hub->digest_key and hub->seal_key, made where no database needs the one there was. @mark is
 * what the database is to know them by. RH_BAD_CONFIG: they are not those of the database that was
 * @found, and @new_key does not say that this is meant. */
MUST_CHECK enum rh_err keys_open(struct hub *hub, const struct store_found *found, bool new_key,
        char mark[KEYS_MARK_BYTES], struct fault *fault);
