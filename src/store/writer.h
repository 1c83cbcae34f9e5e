/* writer: the inside of a store, shared by store.c and writer.c; and the thread that alone commits.
 */
#pragma once

#include "trace.h"

#include <pthread.h>
#include <stdatomic.h>

struct store {
	const struct backend_ops *ops;
	struct backend *backend;
	pthread_t thread;
	bool begun;          /* there is that thread */
	_Atomic bool failed; /* stats.failed, for the hot path */
	_Atomic bool no_backups;

	pthread_mutex_t lock; /* of all below */
	pthread_cond_t wake;
	struct store_op *first, **last;
	bool asleep, stopping;
	size_t sessions;
	struct store_conf conf; /* of the opening */
	struct store_stats stats;

	struct tracer tracer; /* its lock is its own */
};

struct store_session {
	struct store *store;
	struct mailbox *home;
	struct reader *reader;
	size_t open; /* operations submitted and not yet delivered; the session's thread alone
	                counts */
};

void *writer_main(void *store);

/** Hand @op back to its owner's thread; err and why are set. */
void op_complete(struct store_op *op); /* op.c */
/** The same on that thread. */
void op_deliver(struct store_op *op); /* op.c */
/** About how much of it goes to the database. */
size_t op_bytes(const struct store_op *op); /* op.c */
/** A read has its result: count it. */
void op_count_read(struct store_op *op); /* read.c */
