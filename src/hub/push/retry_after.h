/* retry_after: the header of a 429 or 503 (RFC 9110, 10.2.3). */
#pragma once

#include "roamhub/base.h"

/** Milliseconds to wait from @wall_ms on, from seconds or an HTTP-date; 0: absent, past, or
 * neither. */
int64_t retry_after_ms(struct str value, int64_t wall_ms);
