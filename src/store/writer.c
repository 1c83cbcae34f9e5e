/* writer: one thread that commits.
 *
 * It takes all writes that wait, of large ones as many as have BATCH_BYTES together, applies each
 * in its savepoint, commits once and hands all back; whatever arrived meanwhile is the next batch.
 * Nothing waits for a batch to fill: under load it fills by itself. Between two commits come, each
 * bounded to a few milliseconds, the checkpoint and one step of a backup. The trace is another
 * thread's (trace.c).
 *
 * Three ways to fail. An operation that is refused is undone alone. An error of the disk loses the
 * batch, whose operations all hear so; the next batch tries afresh. After a failed fsync nothing is
 * known about the disk any more: the store is failed from then on, and only a restart, which reads
 * what is really there, helps. */
#include "writer.h"

#include "pace.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A message to a PostgreSQL has less than 1 GB, and what is lost with a connection should not be
 * all. */
enum { IDLE_US = 5000000, BATCH_BYTES = 64 << 20 };

/* What one turn has to do. */
struct turn {
	struct store_op *batch;
	bool stop;
};
/* What stays from turn to turn. */
struct writer {
	struct store *store;
	struct store_op *left;   /* taken from those who wait, for the next batches */
	struct store_op *backup; /* under way */
	struct pace pace;        /* of it */
	bool losing;             /* the last batch was lost, and it was said once */
};

/* ---- batches ---- */

struct tally {
	size_t operations, failures;
	uint64_t damaged;
	int64_t took_us;
	bool committed;
};

static enum outcome
apply_all(struct store *store, struct store_op *batch, struct fault *fault)
{
	enum outcome outcome = store->ops->begin(store->backend, fault);

	for (struct store_op *op = batch; op != NULL && outcome == OUTCOME_OK; op = op->next) {
		outcome = store->ops->apply(store->backend, op, fault);
		if (outcome == OUTCOME_REFUSED)
			outcome = OUTCOME_OK;
	}
	if (outcome == OUTCOME_OK)
		outcome = store->ops->commit(store->backend, fault);
	if (outcome != OUTCOME_OK)
		store->ops->rollback(store->backend);
	return outcome;
}

/* The id of a new row is its owner's business only when the row is sure to stay. */
static void
settle(struct store_op *op, enum outcome outcome, const struct fault *fault)
{
	if (outcome != OUTCOME_OK)
		op_result(op, RH_STORE_FAILED, fault->why);
	else if (op->verb == STORE_PLATFORM_SAVE && op->err == RH_OK)
		op->u.save.platform->id = op->made_id;
	else if (op->verb == STORE_AGREEMENT_SAVE && op->err == RH_OK)
		op->u.agreements.agreements[0].id = op->u.agreements.id = op->made_id;
	else if (op->verb == STORE_EVENT_PUT && op->err == RH_OK)
		op->u.event.event->id = op->made_id;
}

static bool
is_end(enum outcome outcome)
{
	return outcome == OUTCOME_FAILED || outcome == OUTCOME_OLDER;
}

static void
set_failed(struct store *store, enum outcome outcome, const char *why)
{
	pthread_mutex_lock(&store->lock);
	store->stats.failed = true;
	store->stats.older = outcome == OUTCOME_OLDER;
	snprintf(store->stats.reason, sizeof(store->stats.reason), "%s", why);
	pthread_mutex_unlock(&store->lock);
	atomic_store(&store->failed, true);
	LOG(LOG_ERROR, "store_failed", KV("why", why));
}

/* The counters are brought up to date before the owners hear of it, so that who has its answer also
 * finds it counted. An operation's memory is its owner's from op_complete() on. */
static void
hand_back(struct store *store, struct store_op *batch, const struct tally *tally)
{
	struct store_stats *stats = &store->stats;

	pthread_mutex_lock(&store->lock);
	stats->waiting -= tally->operations;
	stats->operations += tally->operations;
	stats->failures += tally->failures;
	stats->damaged += tally->damaged;
	if (tally->committed) {
		stats->commits++;
		stats->commit_us_last = tally->took_us;
		if (tally->took_us > stats->commit_us_max)
			stats->commit_us_max = tally->took_us;
	}
	pthread_mutex_unlock(&store->lock);
	while (batch != NULL) {
		struct store_op *op = batch;

		batch = op->next;
		op_complete(op);
	}
}

static void
run_batch(struct writer *writer, struct store_op *batch)
{
	struct store *store = writer->store;
	struct tally tally = { 0 };
	struct fault fault = { 0 };
	int64_t began_us = rh_mono_us();
	enum outcome outcome = OUTCOME_FAILED;

	if (atomic_load(&store->failed))
		fault_set(&fault, RH_STORE_FAILED, "", "%s", store->stats.reason);
	else
		outcome = apply_all(store, batch, &fault);
	if (is_end(outcome) && !atomic_load(&store->failed))
		set_failed(store, outcome, fault.why);
	if (outcome == OUTCOME_LOST && !writer->losing)
		LOG(LOG_ERROR, "batch_lost", KV("why", fault.why));
	writer->losing = outcome == OUTCOME_LOST;
	for (struct store_op *op = batch; op != NULL; op = op->next) {
		settle(op, outcome, &fault);
		tally.operations++;
		tally.failures += op->err == RH_STORE_FAILED;
		tally.damaged += op->damaged;
	}
	tally.took_us = rh_mono_us() - began_us;
	tally.committed = outcome == OUTCOME_OK;
	hand_back(store, batch, &tally);
}

static void
tidy(struct store *store)
{
	struct fault fault = { 0 };
	enum outcome outcome;

	if (atomic_load(&store->failed))
		return;
	outcome = store->ops->tidy(store->backend, &fault);
	if (is_end(outcome))
		set_failed(store, outcome, fault.why);
	else if (outcome != OUTCOME_OK)
		LOG(LOG_WARNING, "checkpoint_failed", KV("why", fault.why));
}

/* ---- backup ---- */

/* Backups begin after the commit of the batch they came with, so they hold what was submitted
 * before them. */
static struct store_op *
take_backups(struct store_op **batch)
{
	struct store_op *backups = NULL, **last = &backups;

	while (*batch != NULL) {
		struct store_op *op = *batch;

		if (op->verb != STORE_BACKUP) {
			batch = &op->next;
			continue;
		}
		*batch = op->next;
		op->next = NULL;
		*last = op;
		last = &op->next;
	}
	return backups;
}

static void
end_backup(struct store *store, struct store_op *op)
{
	struct tally tally = { .operations = 1, .failures = op->err != RH_OK };

	op->next = NULL;
	hand_back(store, op, &tally);
}

static void
begin_backups(struct writer *writer, struct store_op *ops)
{
	struct store *store = writer->store;

	while (ops != NULL) {
		struct store_op *op = ops;

		ops = op->next;
		if (atomic_load(&store->failed))
			op_result(op, RH_STORE_FAILED, "the store has failed");
		else if (atomic_load(&store->no_backups))
			op_result(op, RH_BUSY, "the hub stops");
		else if (writer->backup != NULL)
			op_result(op, RH_BUSY, "another backup is under way");
		else if (store->ops->backup_begin(store->backend, op))
			writer->backup = op;
		if (writer->backup != op)
			end_backup(store, op);
	}
}

/* It is to end. */
static bool
backup_hurries(const struct store *store)
{
	return atomic_load(&store->failed) || atomic_load(&store->no_backups);
}

static void
step_backup(struct writer *writer)
{
	struct store *store = writer->store;
	struct store_op *op = writer->backup;

	int64_t began_us = rh_mono_us();

	if (op == NULL || (!backup_hurries(store) && began_us < pace_next_us(&writer->pace)))
		return;
	if (atomic_load(&store->failed)) {
		store->ops->backup_drop(store->backend);
		op_result(op, RH_STORE_FAILED, store->stats.reason);
	} else if (atomic_load(&store->no_backups)) {
		store->ops->backup_drop(store->backend);
		op_result(op, RH_BUSY, "the hub stops");
	} else if (store->ops->backup_step(store->backend, op)) {
		pace_slice(&writer->pace, began_us, rh_mono_us());
		return;
	}
	writer->backup = NULL;
	end_backup(store, op);
}

/* ---- the thread ---- */

static int64_t
backup_due_us(const struct writer *writer)
{
	if (writer->backup == NULL)
		return INT64_MAX;
	return backup_hurries(writer->store) ? 0 : pace_next_us(&writer->pace);
}

static bool
has_work(const struct writer *writer)
{
	const struct store *store = writer->store;

	return writer->left != NULL || store->first != NULL || store->stopping ||
	       backup_due_us(writer) <= rh_mono_us();
}

/* Now and then without any: a checkpoint that readers kept from its end is tried again. */
static void
sleep_until_work(struct writer *writer)
{
	struct store *store = writer->store;
	int64_t idle_us = rh_mono_us() + IDLE_US;

	store->asleep = true;
	while (!has_work(writer)) {
		int64_t due_us = backup_due_us(writer);
		int64_t until_us = due_us < idle_us ? due_us : idle_us;
		struct timespec until = { until_us / 1000000, until_us % 1000000 * 1000 };

		if (pthread_cond_timedwait(&store->wake, &store->lock, &until) == ETIMEDOUT)
			break;
	}
	store->asleep = false;
}

/* The first of @ops, however large, and what fits behind it; the rest is left. */
static struct store_op *
cut_batch(struct store_op *ops, struct store_op **left)
{
	struct store_op *last = ops;
	size_t bytes = ops != NULL ? op_bytes(ops) : 0;

	*left = NULL;
	while (last != NULL && last->next != NULL) {
		bytes += op_bytes(last->next);
		if (bytes > BATCH_BYTES) {
			*left = last->next;
			last->next = NULL;
		}
		last = last->next;
	}
	return ops;
}

static void
next_turn(struct writer *writer, struct turn *turn)
{
	struct store *store = writer->store;
	struct store_op *ops = writer->left;

	pthread_mutex_lock(&store->lock);
	sleep_until_work(writer);
	if (ops == NULL) {
		ops = store->first;
		store->first = NULL;
		store->last = &store->first;
	}
	turn->stop = store->stopping && ops == NULL && writer->backup == NULL;
	pthread_mutex_unlock(&store->lock);
	turn->batch = cut_batch(ops, &writer->left);
}

/* Signals are for the thread that waits for them. */
static void
settle_in(struct store *store)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, NULL);
	pthread_setname_np(pthread_self(), "store-writer");
	store->ops->adopt(store->backend);
}

void *
writer_main(void *arg)
{
	struct writer writer = { .store = arg };
	struct turn turn = { 0 };

	settle_in(writer.store);
	for (next_turn(&writer, &turn); !turn.stop; next_turn(&writer, &turn)) {
		struct store_op *backups = take_backups(&turn.batch);

		if (turn.batch != NULL) {
			run_batch(&writer, turn.batch);
			pace_wrote(&writer.pace, rh_mono_us());
		}
		tidy(writer.store);
		begin_backups(&writer, backups);
		step_backup(&writer);
	}
	return NULL;
}
