/* memory: the trace of the memory backend. Private to memory.c and memory_trace.c; the caller holds
 * its lock. */
#pragma once

#include "backend.h"

struct memory_trace {
	struct store_trace **rows; /* oldest first, from @first on */
	size_t first, count, cap;
	int64_t bytes;
};
void memory_trace_free(struct memory_trace *trace);
void memory_trace_add(struct memory_trace *trace, struct store_trace **rows, size_t count);
/** Drop a slice of what is over the bounds; true when there is more. */
bool memory_trace_cut(
        struct memory_trace *trace, const struct trace_bounds *bounds, int64_t now_ms);
void memory_trace_find(const struct memory_trace *trace, struct store_op *op);
