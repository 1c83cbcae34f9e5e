/* The head of a request, judged before anything is done for it. Private to net. */
#pragma once

#include "conn.h"
#include "guard.h"

/** As guard_check() has it, of what the library received of @in. */
MUST_CHECK enum rh_err judge_head(struct inbound *in, const char *method, const char *version,
        const struct guard_names *names, struct guard_found *found, struct fault *fault);
/** May its body be as long as it says? */
MUST_CHECK enum rh_err judge_length(
        struct inbound *in, const struct guard_found *found, struct fault *fault);
