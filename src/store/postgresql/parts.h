/* parts: what the files of the PostgreSQL backend share. */
#pragma once

#include "pg.h"

#include <stdatomic.h>

struct migration;

/* ---- the hold on the database (hold.c): a process writes to it on one connection ---- */

enum { PG_NAME_BYTES = 24 };
struct pg_hold {
	const char *url, *about;      /* about: what this process says of itself */
	struct pg *pg;                /* NULL: lost */
	int server_pid;               /* of the session that has, or had, the lock */
	int64_t lock_began_us;        /* when that session began, and */
	int64_t server_began_us;      /* this one */
	struct pg_together *together; /* NULL: no others work beside it */
	char name[PG_NAME_BYTES];     /* of its row of table process: of this start */
	bool put_out;                 /* it has none any more */
	bool stands_by;               /* it may be found led by another process */
	bool led;                     /* it is, and has no lock */
	int64_t led_ms;               /* rh_boot_ms() before it said that this process leads */
	int64_t session, batch;       /* of table process */
	_Atomic uint64_t unsure;      /* batches that failed, and of which nobody could be asked */
	int64_t tried;                /* the session that may be there already, while @trying */
	bool trying;
	int64_t first;   /* of the last batch that was found there */
	int64_t *missed; /* in arena */
	size_t missed_count;
	struct arena *arena;
	bool prepared;
	int64_t retry_at_ms;
	char why[400]; /* while pg is NULL */
};
/** Each session whose process matters says which it is (migration "hubs"). */
bool hold_introduce(struct pg *pg, const char *about);
/** Connects, looks whether it can be written to, and locks it (hold->led: another process did).
 * Changes nothing. */
MUST_CHECK enum rh_err hold_open(struct pg_hold *hold, const char *url, struct fault *fault);
/** The schema is right: nobody who wrote before writes any more. */
MUST_CHECK enum rh_err hold_begin(struct pg_hold *hold, struct fault *fault);
/** After a loss. OUTCOME_LOST: it is still away (hold->why). OUTCOME_FAILED: another process took
 * it over meanwhile. OUTCOME_OLDER: it lacks what was acknowledged. With OK hold->batch is the last
 * that was committed. */
enum outcome hold_again(struct pg_hold *hold);
void hold_lose(struct pg_hold *hold, const char *why);
/** Of one that is led, and was lost: connected again. False: hold->why. */
bool hold_reach(struct pg_hold *hold);
bool hold_try(struct pg_hold *hold); /* the lock is free: it is not led any more */
void hold_close(struct pg_hold *hold);
/** Of one that could not be locked. */
MUST_CHECK enum rh_err hold_refuse(struct pg_hold *hold, struct fault *fault);
bool hold_share(struct pg_hold *hold); /* its lock, with those it works beside */

/* ---- coming to those who work on the database (join.c), and what they tell (together.c) ---- */

/** Migrates it while nobody else works on it, or waits for somebody who does. */
MUST_CHECK enum rh_err join_migrate(struct pg_hold *hold, const struct migration *list,
        size_t count, struct str key_mark, struct fault *fault);

struct pg_together *together_new(void);
void together_free(struct pg_together *together); /* NULL is fine */
/* On the thread of the lease, with its connection. */
bool together_reach(struct pg_together *together, struct pg *pg); /* it is new */
bool together_renew(struct pg_together *together, const char *name, struct pg *pg);
void together_end(struct pg_together *together); /* this process was put out */
/** Until @until_ms, or a renewal is due earlier. False: the connection is lost. NULL: it is. */
bool together_attend(struct pg_together *together, struct pg *pg, int64_t until_ms);
void together_hurry(struct pg_together *together); /* any thread: a renewal is due */
/* backend_together.c, of one that may be NULL */
extern const struct backend_together pg_backend_together;
void pg_together_look(const struct pg_together *together, struct store_together *out);
void pg_together_release(struct pg_together *together, uint64_t slots);
void pg_together_leave(struct pg_together *together);
void pg_together_tell(struct pg_together *together, enum store_tell what, int64_t platform);
size_t pg_together_told(struct pg_together *together, struct store_told *out, size_t most);
void pg_together_watch(struct pg_together *together, void (*fn)(void *ctx), void *ctx);

/* ---- the lease of who leads, and who stands by (lease.c, stand_by.c) ---- */

enum { PG_LEASE_MS = 4000, PG_GONE_MS = 1500 };
struct pg_lease;
/** Behind hold_begin(). */
struct pg_lease *lease_start(struct pg_hold *hold, struct fault *fault);
void lease_stop(struct pg_lease *lease); /* NULL is fine */
void lease_hang(struct pg_lease *lease, bool hangs);
void backend_hang(struct backend *backend, bool hangs);     /* for tests: it renews nothing */
struct store_lease lease_now(const struct pg_lease *lease); /* any thread */
/** Since the database was asked last what it answered: is it there? Any thread. */
int64_t lease_unheard_ms(const struct pg_lease *lease);
/** Until it has the lock. RH_BUSY: it was told to stop. */
MUST_CHECK enum rh_err stand_by(
        struct pg_hold *hold, const struct store_waiting *waiting, struct fault *fault);

/* ---- the schema (schema.c) ---- */

/** What is there, with nothing changed. */
MUST_CHECK enum rh_err schema_look(struct pg *pg, const struct migration *list, size_t count,
        size_t *applied, struct fault *fault);
MUST_CHECK enum rh_err schema_migrate(
        struct pg *pg, const struct migration *list, size_t count, struct fault *fault);
#define PG_KEY_MARK "key_mark" /* of the meta table */
MUST_CHECK enum rh_err schema_keep_mark(struct pg *pg, struct str mark, struct fault *fault);
/** Of a schema that is not empty. */
MUST_CHECK enum rh_err schema_find(
        struct pg *pg, struct arena *arena, struct store_found *found, struct fault *fault);

/* ---- a batch of the writer (batch.c) ---- */

enum { PG_BATCH_SHARES = 512 };
typedef void (*pg_take)(struct store_op *op, const struct pg_result *result);
struct pg_batch {
	struct pg_hold *hold;
	bool blind;          /* to what is there of the bodies */
	struct arena *arena; /* of one attempt */
	struct pg_call *calls;
	struct pg_part { /* whose call it is */
		struct store_op *op;
		pg_take take; /* NULL: it says nothing */
		size_t *sum;  /* to add what it says to; else NULL */
	} * parts;
	size_t count, room;
};
/** One statement more (batch_calls.c). Values are copied, what they point to stays. */
void batch_add(struct pg_batch *batch, const struct pg_part *part, enum pg_sql sql,
        const struct pg_value *values, size_t count);
#define BATCH_ADD(batch, op, take, sql, ...)                       \
	batch_add(batch, &(struct pg_part){ op, take, NULL }, sql, \
	        (struct pg_value[]){ __VA_ARGS__ },                \
	        sizeof((struct pg_value[]){ __VA_ARGS__ }) / sizeof(struct pg_value))
/** Do them all; each has its result. LOST and FAILED: nothing is known to be
 * committed, and it may be. */
enum outcome batch_do(
        struct pg_hold *hold, struct store_op **ops, size_t count, struct fault *fault);

/** Adds the statements of a write. */
typedef void (*pg_write)(struct pg_batch *batch, struct store_op *op);
extern const pg_write pg_writes[STORE_VERB_COUNT]; /* write.c; shares are share.c's */
/* write_owed.c */
void pg_cursors_save(struct pg_batch *batch, struct store_op *op);
void pg_failure_put(struct pg_batch *batch, struct store_op *op);
void pg_failure_drop(struct pg_batch *batch, struct store_op *op);
void pg_park(struct pg_batch *batch, struct store_op *op);
void pg_unpark(struct pg_batch *batch, struct store_op *op);
void pg_redrive(struct pg_batch *batch, struct store_op *op);
void pg_receiver_drop(struct pg_batch *batch, struct store_op *op);
void pg_erase(struct pg_batch *batch, struct store_op *op); /* erase.c */

/* ---- shares (share.c) ---- */

struct pg_shares;
/** Reads what is there, makes the new versions, and adds what writes them: the first statement of
 * @batch, and others. */
enum pg_end shares_make(
        struct pg_batch *batch, struct store_op **ops, size_t count, struct pg_shares **out);
/** They are committed, or wrote nothing. Leaves in @ops those that have to be made anew, and
 * returns how many. */
size_t shares_take(struct pg_shares *shares, int64_t first, const int64_t *missed,
        size_t missed_count, struct store_op **ops);

/* ---- reads (reads.c; what they ask for: read_*.c) ---- */

enum { PG_READ_CALLS = 8 };
struct pg_read {
	struct store_op *op;
	struct arena *arena; /* of the values */
	struct pg_call calls[PG_READ_CALLS];
	size_t count;
};
/** Adds a statement of a read. Values are copied. */
void read_add(struct pg_read *read, enum pg_sql sql, const struct pg_value *values, size_t count);
#define READ_ADD(read, sql, ...)                                \
	read_add(read, sql, (struct pg_value[]){ __VA_ARGS__ }, \
	        sizeof((struct pg_value[]){ __VA_ARGS__ }) / sizeof(struct pg_value))
enum pg_lane {
	PG_LANE_POINT, /* answered in a moment */
	PG_LANE_OWN,   /* of the hub's own, and long */
	PG_LANE_ASKED, /* a list that somebody asked for */
	PG_LANES
};
struct pg_read_verb {
	void (*ask)(struct pg_read *read);  /* on the session's thread */
	void (*take)(struct pg_read *read); /* the same, when all is there: sets op->err */
	enum pg_lane lane;
	const char *none; /* of what is one row: why there may be none, and take is not called */
};
extern const struct pg_read_verb pg_read_platforms, pg_read_relink, pg_read_meta, pg_read_quota,
        pg_read_object, pg_read_find, pg_read_page, pg_read_feed, pg_read_cursors, pg_read_failures,
        pg_read_parked, pg_read_heads, pg_read_pulled, pg_read_agreements, pg_read_hint,
        pg_read_events, pg_read_versions, pg_read_trace, pg_read_hubs, pg_read_directory,
        pg_read_statuses, pg_read_tallies, pg_read_wishes;

struct pg_reads; /* the thread, and its connections */
struct pg_reads *reads_start(const char *url, struct fault *fault);
void reads_stop(struct pg_reads *reads); /* NULL is fine */
void reads_submit(struct pg_reads *reads, const struct pg_read_verb *verb, struct store_op *op);

/* ---- the trace (trace.c) ---- */

struct pg_trace;
struct pg_trace *pg_trace_open(const char *url);
void pg_trace_close(struct pg_trace *trace); /* NULL is fine */
size_t pg_trace_write(struct pg_trace *trace, struct store_trace **rows, size_t count);
bool pg_trace_trim(struct pg_trace *trace, const struct trace_bounds *bounds, int64_t now_ms);
bool pg_trace_erase(struct pg_trace *trace, struct store_trace_erase_args *args);
