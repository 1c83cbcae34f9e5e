/* count: what happened, counted by each worker for itself and summed when somebody asks. */
#pragma once

#include "context.h"

static inline void
count_add(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}
