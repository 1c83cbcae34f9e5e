/* permits: whose rows of the trace are kept when there are more than may be written. */
#pragma once

#include "backend.h"

enum { PERMIT_BUCKETS = 4096 };

/* What one platform used of the rate lately, in 1024ths of a row; it fades. */
struct permit_bucket {
	int64_t platform;
	bool pushed, taken;
	int64_t used, tick;
};
struct permits {
	struct permit_bucket all; /* of everybody together */
	struct permit_bucket buckets[PERMIT_BUCKETS];
};
/** Take what @claim asks for, of @max_rate rows a second; @now_us monotonic. */
bool permits_take(struct permits *permits, const struct store_trace_claim *claim, uint32_t max_rate,
        int64_t now_us);
