/* test_crash: a process that is killed in the middle of its work loses nothing that it
 * acknowledged. The child writes the id of every acknowledged put into a pipe; the judge is the
 * parent, which is never killed. */
#include "../suite.h"
#include "rig.h"

#include <check.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUNDS = 5, IN_FLIGHT = 64, ID_BYTES = 16, KILL_AFTER_ACKS = 1500, MOST_ACKS = 200000 };

struct slot {
	struct store_op op;
	struct store_relink relink;
	char id[ID_BYTES];
	struct store_session *session;
	int *next, ledger;
};

static void acknowledge(struct store_op *op);

static void
put(struct slot *slot)
{
	snprintf(slot->id, sizeof(slot->id), "%015d", (*slot->next)++);
	slot->relink = (struct store_relink){
		.id = str_of(slot->id), .target = STR("u"), .expires_ms = 9
	};
	slot->op = (struct store_op){
		.verb = STORE_RELINK_PUT, .done = acknowledge, .u.relink_put.relink = &slot->relink
	};
	store_submit(slot->session, &slot->op);
}

static void
acknowledge(struct store_op *op)
{
	struct slot *slot = container_of(op, struct slot, op);

	if (op->err == RH_OK && write(slot->ledger, slot->id, ID_BYTES) != ID_BYTES)
		_exit(1);
	put(slot);
}

/* Until it is killed. */
static _Noreturn void
work(const struct store_conf *conf, int first, int ledger)
{
	struct fault fault = { 0 };
	struct mailbox *box = mailbox_new();
	struct store *store = store_open(conf, &fault);
	struct store_session *session =
	        store == NULL ? NULL : store_session_open(store, box, &fault);
	struct slot slots[IN_FLIGHT];

	if (session == NULL)
		_exit(2);
	for (int i = 0; i < IN_FLIGHT; i++) {
		slots[i].session = session;
		slots[i].next = &first;
		slots[i].ledger = ledger;
		put(&slots[i]);
	}
	for (;;) {
		poll(&(struct pollfd){ .fd = mailbox_fd(box), .events = POLLIN }, 1, -1);
		mailbox_deliver(box);
	}
}

static size_t
read_ledger(int fd, char (*acks)[ID_BYTES], size_t count, size_t until)
{
	while (count < until) {
		ssize_t len = read(fd, acks[count], ID_BYTES);

		if (len <= 0)
			break;
		ck_assert_int_eq(len, ID_BYTES); /* a pipe keeps writes of this size whole */
		count++;
	}
	return count;
}

START_TEST(test_kill_under_load_loses_no_acknowledged_put)
{
	char(*acks)[ID_BYTES] = calloc(MOST_ACKS, ID_BYTES);
	size_t count = 0;
	struct rig rig;

	rig_begin(&rig, "sqlite:");
	rig_close(&rig);
	for (int round = 0; round < ROUNDS; round++) {
		size_t before = count, aim = count + KILL_AFTER_ACKS + (size_t)round * 777;
		int ledger[2], status;
		pid_t child;

		ck_assert_int_eq(pipe(ledger), 0);
		child = fork();
		if (child == 0)
			work(&rig.conf, (round + 1) * 10000000, ledger[1]);
		close(ledger[1]);
		count = read_ledger(ledger[0], acks, count, aim);
		ck_assert_int_eq(kill(child, SIGKILL), 0);
		ck_assert_int_eq(waitpid(child, &status, 0), child);
		ck_assert(WIFSIGNALED(status));
		count = read_ledger(ledger[0], acks, count, MOST_ACKS);
		close(ledger[0]);
		ck_assert_uint_ge(count - before, KILL_AFTER_ACKS);
		rig_open(&rig);
		for (size_t i = 0; i < count; i++) {
			ck_assert_msg(rig_get(&rig, acks[i], 1, NULL) == RH_OK,
			        "round %d: %s is lost", round, acks[i]);
			if (i % 1000 == 0)
				arena_reset(rig.arena);
		}
		rig_close(&rig);
	}
	printf("acknowledged %zu lost 0\n", count);
	rig_end(&rig);
	free(acks);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("store crash");
	TCase *tests = tcase_create("kill -9");

	tcase_set_timeout(tests, 0);
	tcase_add_test(tests, test_kill_under_load_loses_no_acknowledged_put);
	suite_add_tcase(suite, tests);
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	return suite_run(suite, CK_NOFORK);
}
