/* contract_batches: operations that share a commit, wait for one, or come from several threads. */
#include "contract.h"
#include "share.h"

#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>

START_TEST(test_a_refused_operation_does_not_undo_its_neighbours)
{
	enum { OPS = 60 };
	struct store_relink relinks[OPS];
	struct rig_op ops[OPS] = { 0 };
	struct store_stats stats;
	char ids[OPS][16];
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	for (int i = 0; i < OPS; i++) {
		snprintf(ids[i], sizeof(ids[i]), "id%d",
		        i % 3 == 2 ? i - 1 : i); /* every third is a double */
		relinks[i] = (struct store_relink){
			.id = str_of(ids[i]), .target = STR("u"), .expires_ms = 9
		};
		ops[i].op = (struct store_op){ .verb = STORE_RELINK_PUT,
			.u.relink_put.relink = &relinks[i] };
		rig_submit(&rig, &ops[i]);
	}
	for (int i = 0; i < OPS; i++) {
		rig_wait(&rig, &ops[i]);
		ck_assert_int_eq(ops[i].op.err, i % 3 == 2 ? RH_STORE_FAILED : RH_OK);
		ck_assert_int_eq(ops[i].op.why[0] != '\0', i % 3 == 2);
		ck_assert_int_eq(rig_get(&rig, ids[i], 1, NULL), RH_OK);
	}
	store_stats(rig.store, &stats);
	ck_assert_uint_eq(stats.failures, OPS / 3);
	rig_end(&rig);
}
END_TEST

START_TEST(test_too_many_waiting_writes_are_refused_as_busy)
{
	struct store_op probe = { .verb = STORE_PROBE };
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	rig_close(&rig);
	rig.conf.max_waiting = 0;
	rig_open(&rig);
	ck_assert_int_eq(rig_do(&rig, &probe), RH_BUSY);
	rig_close(&rig);
	rig.conf.max_waiting = 1;
	rig_open(&rig);
	ck_assert_int_eq(rig_do(&rig, &probe), RH_OK);
	ck_assert_int_eq(rig_do(&rig, &probe), RH_OK);
	rig_end(&rig);
}
END_TEST

/* ---- large ones ---- */

enum { LARGE = 9, LARGE_BYTES = 30 << 20 }; /* two are taken at once */

struct gate {
	struct share share;
	sem_t made, open; /* it was reached; it may go on */
};

static enum rh_err
wait_at_gate(void *ctx, struct str old, struct arena *arena, struct str *fresh,
        int64_t *last_updated_ns, struct fault *fault)
{
	struct gate *gate = ctx;

	sem_post(&gate->made);
	sem_wait(&gate->open);
	return share_make(&gate->share, old, arena, fresh, last_updated_ns, fault);
}

static void
begin_at_gate(struct rig *rig, struct gate *gate, struct rig_op *op)
{
	sem_init(&gate->made, 0, 0);
	sem_init(&gate->open, 0, 0);
	gate->share = (struct share){ .body = "first" };
	op->op = share_op("* m A FIRST", &gate->share);
	op->op.u.share.make = wait_at_gate;
	op->op.u.share.ctx = gate;
	rig_submit(rig, op);
	sem_wait(&gate->made);
}

/* What is said of their size counts: a message to a PostgreSQL has a bound. Order stays. */
START_TEST(test_of_large_writes_a_few_are_taken_at_once)
{
	struct rig_op first = { 0 }, ops[LARGE] = { 0 };
	struct share shares[LARGE];
	struct store_stats before, after;
	struct gate gate;
	char keys[LARGE][16];
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	store_stats(rig.store, &before);
	begin_at_gate(&rig, &gate, &first);
	for (int i = 0; i < LARGE; i++) {
		snprintf(keys[i], sizeof(keys[i]), "* m A L%d", i);
		shares[i] = (struct share){ .body = "b" };
		ops[i].op = share_op(keys[i], &shares[i]);
		ops[i].op.u.share.bytes = LARGE_BYTES;
		rig_submit(&rig, &ops[i]);
	}
	sem_post(&gate.open);
	for (int i = 0; i < LARGE; i++) {
		rig_wait(&rig, &ops[i]);
		ck_assert_int_eq(ops[i].op.err, RH_OK);
		ck_assert_int_eq(ops[i].op.u.share.change, first.op.u.share.change + 1 + i);
	}
	store_stats(rig.store, &after);
	ck_assert_uint_eq(after.commits - before.commits, 1 + (LARGE + 1) / 2);
	ck_assert_uint_eq(after.waiting, 0);
	rig_end(&rig);
}
END_TEST

/* One that is larger than a batch may be is taken alone. */
START_TEST(test_a_write_of_any_size_is_taken)
{
	struct share share = { .body = "b" };
	struct store_op op = share_op("* m A X", &share);
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	op.u.share.bytes = 1 << 30;
	ck_assert_int_eq(rig_do(&rig, &op), RH_OK);
	rig_end(&rig);
}
END_TEST

/* ---- from several threads ---- */

enum { THREADS = 4, PUTS_EACH = 1500, IN_FLIGHT = 64 };

struct submitter {
	struct store *store;
	int number;
	size_t done, failed, unseen;
	pthread_t thread;
};
struct slot {
	struct store_op op;
	struct store_relink relink;
	char id[24];
	struct submitter *owner;
	bool busy;
};

static void
put_done(struct store_op *op)
{
	struct slot *slot = container_of(op, struct slot, op);

	slot->owner->done++;
	slot->owner->failed += op->err != RH_OK;
	slot->busy = false;
}

static void
wait_for_mail(struct mailbox *box)
{
	poll(&(struct pollfd){ .fd = mailbox_fd(box), .events = POLLIN }, 1, 1000);
	mailbox_deliver(box);
}

static void
get_done(struct store_op *op)
{
	struct slot *slot = container_of(op, struct slot, op);

	slot->owner->unseen += op->err != RH_OK;
	slot->busy = false;
}

static void
submit_put(struct store_session *session, struct slot *slot, int number)
{
	snprintf(slot->id, sizeof(slot->id), "t%d-%d", slot->owner->number, number);
	slot->relink = (struct store_relink){
		.id = str_of(slot->id), .target = STR("u"), .expires_ms = 9
	};
	slot->op = (struct store_op){
		.verb = STORE_RELINK_PUT, .done = put_done, .u.relink_put.relink = &slot->relink
	};
	slot->busy = true;
	store_submit(session, &slot->op);
}

static void
submit_get(struct store_session *session, struct slot *slot, struct arena *arena)
{
	slot->op = (struct store_op){ .verb = STORE_RELINK_GET,
		.done = get_done,
		.arena = arena,
		.u.relink.id = str_of(slot->id) };
	slot->busy = true;
	store_submit(session, &slot->op);
}

/* Every put is read back by the same session as soon as it is acknowledged. */
static void *
submit_many(void *arg)
{
	struct submitter *self = arg;
	struct mailbox *box = mailbox_new();
	struct arena *arena = arena_new(4096);
	struct store_session *session = store_session_open(self->store, box, NULL);
	struct slot slots[IN_FLIGHT];

	for (int round = 0; round * IN_FLIGHT < PUTS_EACH; round++) {
		for (int i = 0; i < IN_FLIGHT; i++) {
			slots[i].owner = self;
			submit_put(session, &slots[i], round * IN_FLIGHT + i);
		}
		for (int i = 0; i < IN_FLIGHT; i++) {
			while (slots[i].busy)
				wait_for_mail(box);
			submit_get(session, &slots[i], arena);
		}
		for (int i = 0; i < IN_FLIGHT; i++)
			while (slots[i].busy)
				wait_for_mail(box);
		arena_reset(arena);
	}
	store_session_close(session);
	arena_free(arena);
	mailbox_free(box);
	return NULL;
}

START_TEST(test_four_threads_submit_and_commits_are_shared)
{
	struct submitter submitters[THREADS];
	struct store_stats stats;
	size_t done = 0;
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	for (int i = 0; i < THREADS; i++) {
		submitters[i] = (struct submitter){ .store = rig.store, .number = i };
		pthread_create(&submitters[i].thread, NULL, submit_many, &submitters[i]);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(submitters[i].thread, NULL);
		ck_assert_uint_eq(submitters[i].failed, 0);
		ck_assert_uint_eq(submitters[i].unseen, 0);
		done += submitters[i].done;
	}
	store_stats(rig.store, &stats);
	ck_assert_uint_ge(done, THREADS * PUTS_EACH);
	ck_assert_uint_eq(stats.operations, done);
	ck_assert_uint_lt(stats.commits, stats.operations);
	rig_end(&rig);
}
END_TEST

void
contract_batches(TCase *tests)
{
	tcase_add_loop_test(tests, test_a_refused_operation_does_not_undo_its_neighbours,
	        contract_first, contract_end);
	tcase_add_loop_test(tests, test_too_many_waiting_writes_are_refused_as_busy, contract_first,
	        contract_end);
	tcase_add_loop_test(
	        tests, test_of_large_writes_a_few_are_taken_at_once, contract_first, contract_end);
	tcase_add_loop_test(tests, test_a_write_of_any_size_is_taken, contract_first, contract_end);
	tcase_add_loop_test(tests, test_four_threads_submit_and_commits_are_shared, contract_first,
	        contract_end);
}
