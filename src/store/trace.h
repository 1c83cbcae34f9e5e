/* trace: the thread that writes the recent history, its queue, and whose rows are kept. Private to
 * the store. */
#pragma once

#include "permits.h"

#include <pthread.h>

enum { TRACE_MINUTES = 7 * 24 * 60 };

/* How much of a minute is there. One begins with the first row after the last one's end. */
struct trace_minute {
	int64_t at_ms; /* wall clock; 0: none yet */
	uint64_t kept, dropped;
};

enum { TRACE_QUEUE = 8192, TRACE_BATCH = 128, TRACE_LINGER_US = 50000 };

struct tracer {
	const struct backend_ops *ops;
	struct backend *backend;
	pthread_t thread;

	pthread_mutex_t lock; /* of all below; never held while a file is touched */
	pthread_cond_t wake;
	struct store_trace *ring[TRACE_QUEUE];
	size_t first, count;
	int64_t waiting_since_us; /* when the ring was last empty */
	bool asleep, stopping;
	bool new_bounds;          /* not yet applied */
	struct store_op *erasing; /* STORE_TRACE_ERASE under way; NULL: none */
	struct trace_bounds bounds;
	uint32_t max_rate;
	uint64_t written, dropped;
	struct trace_minute minutes[TRACE_MINUTES];
	size_t minute;
	int64_t minute_ends_us; /* monotonic */
	struct permits permits;
};
/** False with @fault: there is no thread. */
bool trace_start(struct tracer *tracer, const struct backend_ops *ops, struct backend *backend,
        struct fault *fault);
/** Writes what is queued, for two seconds at most; the rest is dropped and counted. */
void trace_stop(struct tracer *tracer);
void trace_configure(struct tracer *tracer, const struct store_conf *conf);
void trace_stats(struct tracer *tracer, struct store_stats *out); /* what is the trace's */
/** Takes @op, and completes it when all that waited when it came was looked at. False: it has its
 * error. */
bool trace_erase(struct tracer *tracer, struct store_op *op);
/** How much was kept in the time of a STORE_TRACE_FIND. */
void trace_sampled(struct tracer *tracer, struct store_op *op);
