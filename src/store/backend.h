/* backend: what the writer and the sessions ask of a place that keeps things. Private to the store.
 */
#pragma once

#include "roamhub/store.h"

struct backend;
struct backend_move; /* move.h */
struct reader;       /* what one session reads through */

enum outcome {
	OUTCOME_OK,
	OUTCOME_REFUSED, /* this operation alone */
	OUTCOME_LOST,    /* this transaction with all its operations; a later one may work */
	OUTCOME_FAILED, /* the store: an fsync failed, and what is on the disk is not known any more
	                 */
	OUTCOME_OLDER,  /* the same: what is there lacks what was acknowledged */
};
/* Parked rows or refusals, as an operation asks for them: an absent part is any. */
struct choice {
	struct str receiver;
	struct store_key key;
	int64_t since_ms, until_ms; /* 0: whenever */
};
#define CHOICE_OF(args) \
	((struct choice){ (args)->receiver, (args)->key, (args)->since_ms, (args)->until_ms })
struct trace_bounds {
	int64_t max_age_ms, max_bytes; /* not positive: none */
};

struct backend_together { /* together.h, which says what each does */
	void (*look)(const struct backend *backend, struct store_together *out);
	void (*release)(struct backend *backend, uint64_t slots);
	void (*leave)(struct backend *backend);
	void (*tell)(struct backend *backend, enum store_tell what, int64_t platform);
	size_t (*told)(struct backend *backend, struct store_told *out, size_t most);
	void (*watch)(struct backend *backend, void (*fn)(void *ctx), void *ctx);
};
struct backend_ops {
	const char *scheme; /* "sqlite:" */
	/** Lock it and look at it: nothing is changed before prepare(). */
	struct backend *(*open)(
	        const char *place, const struct store_conf *conf, struct fault *fault);
	void (*found)(struct backend *backend, struct store_found *found);
	/** store_stand_by(), store_lease(); both NULL: it is one process's alone. */
	enum rh_err (*stand_by)(
	        struct backend *backend, const struct store_waiting *waiting, struct fault *fault);
	struct store_lease (*lease)(const struct backend *backend);
	const struct backend_together *together; /* NULL: the same */
	enum rh_err (*prepare)(struct backend *backend, struct str key_mark, struct fault *fault);
	void (*close)(struct backend *backend);
	/** Its database_bytes, trace_bytes, counted_bytes and unsure. Any thread. */
	void (*sizes)(struct backend *backend, struct store_stats *out);
	/** Refuse shares, URLs handed out and probes above so many bytes; 0: none. Any thread. */
	void (*bound)(struct backend *backend, int64_t max_bytes);
	/** Since when it was not heard of; NULL: it cannot be away. Any thread. */
	int64_t (*unheard_ms)(struct backend *backend);
	bool (*is_read)(enum store_verb verb); /* else it is the writer's */

	/* The rest up to the trace is called on the writer's thread, which says so first. */
	void (*adopt)(struct backend *backend);
	enum outcome (*begin)(struct backend *backend, struct fault *fault);
	/** One write. OK and REFUSED have set op->err, and a refusal op->why; it has left no trace.
	 */
	enum outcome (*apply)(struct backend *backend, struct store_op *op, struct fault *fault);
	enum outcome (*commit)(struct backend *backend, struct fault *fault);
	void (*rollback)(struct backend *backend);
	/** What may be done after a commit was acknowledged. */
	enum outcome (*tidy)(struct backend *backend, struct fault *fault);

	/** False with op->err and op->why when it could not begin. */
	bool (*backup_begin)(struct backend *backend, struct store_op *op);
	/** A few milliseconds of it. True while there is more to do; else op has its result. */
	bool (*backup_step)(struct backend *backend, struct store_op *op);
	void (*backup_drop)(struct backend *backend);

	/* On the trace's own thread, which says so first, while the writer goes on. */
	void (*trace_adopt)(struct backend *backend);
	/** Write @count rows and return how many were; a row that is kept as it is becomes NULL in
	 * @rows. */
	size_t (*trace_write)(struct backend *backend, struct store_trace **rows, size_t count);
	/** Delete a slice of what is over the bounds. True when there may be more. */
	bool (*trace_trim)(
	        struct backend *backend, const struct trace_bounds *bounds, int64_t now_ms);
	/** A slice of it, from args->after on. True when there is more. */
	bool (*trace_erase)(struct backend *backend, struct store_trace_erase_args *args);

	/* On the session's thread. */
	struct reader *(*reader_open)(struct backend *backend, struct fault *fault);
	void (*reader_close)(struct reader *reader);
	/** Sets op->err and op->why. False: later, by mail to the session's thread that ends with
	 * op_read(). */
	bool (*read)(struct reader *reader, struct store_op *op);

	const struct backend_move *move; /* NULL: nothing of it outlives the process */
};
extern const struct backend_ops backend_sqlite, backend_memory, backend_postgresql;

/** Keys of hints of the token: from @from on and below @below, bytewise. erase.c */
struct erase_hints {
	struct str from, below;
};
struct erase_hints erase_hints(const struct store_erase_args *args, struct arena *arena);
/** Does it name the token? */
bool erase_report(const struct store_erase_args *args, struct str report);

/** Set op->err, and op->why to @why (cut when it is too long). */
void op_result(struct store_op *op, enum rh_err err, const char *why); /* op.c */
/** A read has its result: it is counted, and its owner hears of it. The session's thread. */
void op_read(struct store_op *op); /* read.c */

/** How many rows a STORE_TRACE_FIND may give. */
static inline size_t
trace_limit(const struct store_op *op)
{
	return op->u.trace.limit < STORE_TRACE_LOOK ? op->u.trace.limit : STORE_TRACE_LOOK;
}
