/* trace: the thread that writes the recent history, and the rows on their way to it.
 *
 * It has a file, a queue and a lock of its own, so that neither a commit nor a message waits for a
 * record. Whether a row is kept is asked before its texts are made (permits.c); what exceeds the
 * rate or the ring is dropped and counted. Rows linger until they make a batch or the first is 50
 * ms old: nobody waits for them, and a transaction for each would cost a good part of a processor.
 */
#include "trace.h"

#include "writer.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { IDLE_US = 5000000, TRIM_EVERY_MS = 1000, STOP_WITHIN_US = 2000000, MINUTE_US = 60000000 };

/* What one turn has to do. */
struct turn {
	struct store_trace *rows[TRACE_BATCH];
	size_t count;
	struct trace_bounds bounds;
	struct store_op *erasing;
	bool stop;
};
/* What stays from turn to turn. */
struct upkeep {
	bool trimming;      /* the last slice left something over */
	int64_t trim_at_ms; /* monotonic */
};

/* ---- the queue; lock held ---- */

static int64_t
due_at(const struct tracer *tracer)
{
	return tracer->count == 0 ? INT64_MAX : tracer->waiting_since_us + TRACE_LINGER_US;
}

/* The rows make a batch, or have waited long enough. */
static bool
is_due(const struct tracer *tracer)
{
	return tracer->count >= TRACE_BATCH || due_at(tracer) <= rh_mono_us();
}

static bool
add(struct tracer *tracer, struct store_trace *row)
{
	if (tracer->count == TRACE_QUEUE)
		return false;
	if (tracer->count == 0)
		tracer->waiting_since_us = rh_mono_us();
	tracer->ring[(tracer->first + tracer->count++) % TRACE_QUEUE] = row;
	return true;
}

static void
take(struct tracer *tracer, struct turn *turn)
{
	turn->count = tracer->count < TRACE_BATCH ? tracer->count : TRACE_BATCH;
	for (size_t i = 0; i < turn->count; i++) {
		turn->rows[i] = tracer->ring[tracer->first];
		tracer->first = (tracer->first + 1) % TRACE_QUEUE;
	}
	tracer->count -= turn->count;
}

static void
count(struct tracer *tracer, uint64_t kept, uint64_t dropped, int64_t now_us)
{
	if (now_us >= tracer->minute_ends_us) {
		tracer->minute = (tracer->minute + 1) % TRACE_MINUTES;
		tracer->minutes[tracer->minute] = (struct trace_minute){ rh_wall_ms(), 0, 0 };
		tracer->minute_ends_us = now_us + MINUTE_US;
	}
	tracer->minutes[tracer->minute].kept += kept;
	tracer->minutes[tracer->minute].dropped += dropped;
	tracer->written += kept;
	tracer->dropped += dropped;
}

/* ---- what a turn does ---- */

static void
write_rows(struct tracer *tracer, struct turn *turn)
{
	size_t written;

	if (turn->count == 0)
		return;
	written = tracer->ops->trace_write(tracer->backend, turn->rows, turn->count);
	for (size_t i = 0; i < turn->count; i++)
		free(turn->rows[i]);
	pthread_mutex_lock(&tracer->lock);
	count(tracer, written, turn->count - written, rh_mono_us());
	pthread_mutex_unlock(&tracer->lock);
}

/* At once while a slice left something over, else now and then. A turn that wrote a batch may
 * delete two of them, so a full trace keeps its size. */
static void
trim(struct tracer *tracer, struct upkeep *upkeep, const struct turn *turn)
{
	int64_t now_ms = rh_mono_ms();

	if (turn->stop || (!upkeep->trimming && now_ms < upkeep->trim_at_ms))
		return;
	upkeep->trimming = tracer->ops->trace_trim(tracer->backend, &turn->bounds, rh_wall_ms());
	upkeep->trim_at_ms = now_ms + TRIM_EVERY_MS;
}

/* What waited for the disk when this began is on it when a turn leaves nothing behind: a batch that
 * is not full was the last. */
static void
erase(struct tracer *tracer, const struct turn *turn)
{
	struct store_op *op = turn->erasing;
	bool more;

	if (op == NULL)
		return;
	more = tracer->ops->trace_erase(tracer->backend, &op->u.trace_erase) ||
	       turn->count == TRACE_BATCH;
	if (more && !op->u.trace_erase.failed)
		return;
	pthread_mutex_lock(&tracer->lock);
	tracer->erasing = NULL;
	pthread_mutex_unlock(&tracer->lock);
	if (op->u.trace_erase.failed)
		op_result(op, RH_STORE_FAILED, "the trace could not be read or written");
	op_complete(op);
}

bool
trace_erase(struct tracer *tracer, struct store_op *op)
{
	bool taken;

	op->u.trace_erase.after = 0;
	op->u.trace_erase.count = 0;
	op->u.trace_erase.failed = false;
	pthread_mutex_lock(&tracer->lock);
	taken = tracer->erasing == NULL;
	if (taken)
		tracer->erasing = op;
	if (taken && tracer->asleep)
		pthread_cond_signal(&tracer->wake);
	pthread_mutex_unlock(&tracer->lock);
	if (!taken)
		op_result(op, RH_BUSY, "something is being erased in the trace");
	return taken;
}

/* ---- the thread ---- */

static void
sleep_until_work(struct tracer *tracer, const struct upkeep *upkeep)
{
	int64_t idle_us = rh_mono_us() + IDLE_US;

	tracer->asleep = true;
	while (!tracer->stopping && !tracer->new_bounds && !upkeep->trimming &&
	        tracer->erasing == NULL && !is_due(tracer)) {
		int64_t due_us = due_at(tracer);
		int64_t until_us = due_us < idle_us ? due_us : idle_us;
		struct timespec until = { until_us / 1000000, until_us % 1000000 * 1000 };

		if (pthread_cond_timedwait(&tracer->wake, &tracer->lock, &until) == ETIMEDOUT)
			break;
	}
	tracer->asleep = false;
}

static void
next_turn(struct tracer *tracer, struct upkeep *upkeep, struct turn *turn)
{
	pthread_mutex_lock(&tracer->lock);
	sleep_until_work(tracer, upkeep);
	turn->count = 0;
	turn->erasing = tracer->erasing;
	if (tracer->stopping || turn->erasing != NULL || is_due(tracer))
		take(tracer, turn);
	upkeep->trimming = upkeep->trimming || tracer->new_bounds;
	tracer->new_bounds = false;
	turn->bounds = tracer->bounds;
	turn->stop = tracer->stopping;
	pthread_mutex_unlock(&tracer->lock);
}

/* Signals are for the thread that waits for them. */
static void
settle_in(struct tracer *tracer)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, NULL);
	pthread_setname_np(pthread_self(), "store-trace");
	tracer->ops->trace_adopt(tracer->backend);
}

/* What a disk that hangs does not take in time is dropped: it is no reason to hold up a stop. */
static void
write_rest(struct tracer *tracer, struct upkeep *upkeep, struct turn *turn)
{
	int64_t until_us = rh_mono_us() + STOP_WITHIN_US;

	do {
		write_rows(tracer, turn);
		next_turn(tracer, upkeep, turn);
	} while (turn->count > 0 && rh_mono_us() < until_us);
	for (; turn->count > 0; next_turn(tracer, upkeep, turn)) {
		tracer->dropped += turn->count;
		for (size_t i = 0; i < turn->count; i++)
			free(turn->rows[i]);
	}
}

static void *
trace_main(void *arg)
{
	struct tracer *tracer = arg;
	struct upkeep upkeep = { 0 };
	struct turn turn = { 0 };

	settle_in(tracer);
	for (next_turn(tracer, &upkeep, &turn); !turn.stop; next_turn(tracer, &upkeep, &turn)) {
		write_rows(tracer, &turn);
		erase(tracer, &turn);
		trim(tracer, &upkeep, &turn);
	}
	write_rest(tracer, &upkeep, &turn);
	return NULL;
}

bool
trace_start(struct tracer *tracer, const struct backend_ops *ops, struct backend *backend,
        struct fault *fault)
{
	pthread_condattr_t attr;
	int rc;

	tracer->ops = ops;
	tracer->backend = backend;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&tracer->wake, &attr);
	pthread_condattr_destroy(&attr);
	pthread_mutex_init(&tracer->lock, NULL);
	rc = pthread_create(&tracer->thread, NULL, trace_main, tracer);
	if (rc == 0)
		return true;
	fault_set(fault, RH_SYSTEM, "", "trace thread: %s", strerror(rc));
	pthread_cond_destroy(&tracer->wake);
	pthread_mutex_destroy(&tracer->lock);
	return false;
}

void
trace_stop(struct tracer *tracer)
{
	pthread_mutex_lock(&tracer->lock);
	tracer->stopping = true;
	pthread_cond_signal(&tracer->wake);
	pthread_mutex_unlock(&tracer->lock);
	pthread_join(tracer->thread, NULL);
	pthread_cond_destroy(&tracer->wake);
	pthread_mutex_destroy(&tracer->lock);
}

void
trace_configure(struct tracer *tracer, const struct store_conf *conf)
{
	pthread_mutex_lock(&tracer->lock);
	tracer->bounds = (struct trace_bounds){ conf->trace_max_age_ms, conf->trace_max_bytes };
	tracer->max_rate = conf->trace_max_rate;
	tracer->new_bounds = true;
	if (tracer->asleep)
		pthread_cond_signal(&tracer->wake);
	pthread_mutex_unlock(&tracer->lock);
}

void
trace_stats(struct tracer *tracer, struct store_stats *out)
{
	pthread_mutex_lock(&tracer->lock);
	out->trace_rows = tracer->written;
	out->trace_dropped = tracer->dropped;
	pthread_mutex_unlock(&tracer->lock);
}

void
trace_sampled(struct tracer *tracer, struct store_op *op)
{
	int64_t until_ms = op->u.trace.until_ms > 0 ? op->u.trace.until_ms : INT64_MAX;

	op->u.trace.kept = op->u.trace.dropped = 0;
	pthread_mutex_lock(&tracer->lock);
	for (size_t i = 0; i < TRACE_MINUTES; i++) {
		const struct trace_minute *minute = &tracer->minutes[i];

		if (minute->at_ms > until_ms ||
		        minute->at_ms + MINUTE_US / 1000 <= op->u.trace.since_ms)
			continue;
		op->u.trace.kept += minute->kept;
		op->u.trace.dropped += minute->dropped;
	}
	pthread_mutex_unlock(&tracer->lock);
}

/* ---- rows, as the hub hands them over ---- */

static struct str
copy_text(struct str s, char **at)
{
	char *p = *at;

	if (s.p == NULL)
		return s;
	if (s.len > 0)
		memcpy(p, s.p, s.len);
	*at += s.len;
	return (struct str){ p, s.len };
}

struct store_trace *
store_trace_new(const struct store_trace *from)
{
	size_t bytes = from->module.len + from->correlation_id.len + from->request_id.len +
	               from->from.len + from->to.len + from->object.len + from->doc.len;
	struct store_trace *row = rh_alloc(sizeof(*row) + bytes);
	char *at = (char *)(row + 1);

	*row = (struct store_trace){
		.at_ms = from->at_ms,
		.platform = from->platform,
		.outcome = from->outcome,
		.module = copy_text(from->module, &at),
		.correlation_id = copy_text(from->correlation_id, &at),
		.request_id = copy_text(from->request_id, &at),
		.from = copy_text(from->from, &at),
		.to = copy_text(from->to, &at),
		.object = copy_text(from->object, &at),
		.doc = copy_text(from->doc, &at),
	};
	return row;
}

bool
store_trace_wanted(struct store *store, const struct store_trace_claim *claim)
{
	struct tracer *tracer = &store->tracer;
	int64_t now_us = rh_mono_us();
	bool wanted;

	pthread_mutex_lock(&tracer->lock);
	wanted = tracer->count + claim->rows <= TRACE_QUEUE &&
	         permits_take(&tracer->permits, claim, tracer->max_rate, now_us);
	if (!wanted)
		count(tracer, 0, claim->rows, now_us);
	pthread_mutex_unlock(&tracer->lock);
	return wanted;
}

void
store_trace_put(struct store *store, struct store_trace **row)
{
	struct tracer *tracer = &store->tracer;
	struct store_trace *mine = *row;

	*row = NULL;
	pthread_mutex_lock(&tracer->lock);
	if (add(tracer, mine))
		mine = NULL;
	else
		count(tracer, 0, 1, rh_mono_us());
	if (tracer->asleep && (tracer->count == 1 || tracer->count == TRACE_BATCH))
		pthread_cond_signal(&tracer->wake);
	pthread_mutex_unlock(&tracer->lock);
	free(mine);
}
