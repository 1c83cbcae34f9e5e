/* test_crash_objects: a process that is killed while it shares loses no acknowledged version, and
 * no older one comes back. The child writes what was acknowledged into a pipe; the judge is the
 * parent, which is never killed. */
#include "../suite.h"
#include "share.h"

#include <check.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUNDS = 5, OBJECTS = 64, KILL_AFTER_ACKS = 1200, DELETE_EVERY = 7 };

/* One acknowledged version of one object. */
struct ack {
	int object, version;
	int64_t change;
};
struct slot {
	struct store_op op;
	struct share share;
	struct store_session *session;
	char key[32], body[16];
	struct ack ack;
	int ledger;
};

static void acknowledge(struct store_op *op);

static bool
is_deletion(int version)
{
	return version % DELETE_EVERY == DELETE_EVERY - 1;
}

/* Every third object is addressed to one party. */
static void
name_object(char *key, size_t bytes, int object)
{
	snprintf(key, bytes, "%s locations A L%d", object % 3 == 2 ? "V" : "*", object);
}

static void
share_next(struct slot *slot)
{
	slot->ack.version++;
	snprintf(slot->body, sizeof(slot->body), "%d", slot->ack.version);
	slot->share = (struct share){ .body = is_deletion(slot->ack.version) ? NULL : slot->body };
	slot->op = share_op(slot->key, &slot->share);
	slot->op.done = acknowledge;
	store_submit(slot->session, &slot->op);
}

static void
acknowledge(struct store_op *op)
{
	struct slot *slot = container_of(op, struct slot, op);

	slot->ack.change = op->u.share.change;
	if (op->err == RH_OK &&
	        write(slot->ledger, &slot->ack, sizeof(slot->ack)) != sizeof(slot->ack))
		_exit(1);
	share_next(slot);
}

/* Until it is killed. */
static _Noreturn void
work(const struct store_conf *conf, const struct ack *newest, int ledger)
{
	static struct slot slots[OBJECTS];
	struct fault fault = { 0 };
	struct mailbox *box = mailbox_new();
	struct store *store = store_open(conf, &fault);
	struct store_session *session =
	        store == NULL ? NULL : store_session_open(store, box, &fault);

	if (session == NULL)
		_exit(2);
	for (int i = 0; i < OBJECTS; i++) {
		slots[i].session = session;
		slots[i].ledger = ledger;
		/* Above what may be there unacknowledged, and not with a deletion to begin with:
		 * that of what is deleted already is no change. */
		slots[i].ack = (struct ack){ .object = i,
			.version = (newest[i].version / DELETE_EVERY + 2) * DELETE_EVERY };
		name_object(slots[i].key, sizeof(slots[i].key), i);
		share_next(&slots[i]);
	}
	for (;;) {
		poll(&(struct pollfd){ .fd = mailbox_fd(box), .events = POLLIN }, 1, -1);
		mailbox_deliver(box);
	}
}

/* Until @until acks were read or the pipe ends; returns how many. */
static size_t
read_ledger(int fd, struct ack *newest, size_t until)
{
	size_t count = 0;
	struct ack ack;

	for (; count < until; count++) {
		ssize_t len = read(fd, &ack, sizeof(ack));

		if (len <= 0)
			break;
		ck_assert_int_eq(len, sizeof(ack)); /* a pipe keeps writes of this size whole */
		ck_assert_int_gt(ack.version, newest[ack.object].version);
		ck_assert_int_gt(ack.change, newest[ack.object].change);
		newest[ack.object] = ack;
	}
	return count;
}

/* What is there is what was acknowledged last, or the one version after it that was under way. */
static void
judge(struct rig *rig, const struct ack *newest, int round)
{
	int64_t head, most = 0, next;
	uint64_t live = 0;
	struct store_page_args page = {
		.module = STR("locations"), .viewer = STR("V"), .limit = OBJECTS
	};

	for (int i = 0; i < OBJECTS; i++) {
		struct store_object got = { 0 };
		char key[32];
		enum rh_err err;
		int version = newest[i].version + 1;

		name_object(key, sizeof(key), i);
		err = share_get(rig, key, &got);
		most = newest[i].change > most ? newest[i].change : most;
		live += err == RH_OK;
		if (err == RH_OK)
			version = atoi(got.body.p);
		else if (is_deletion(newest[i].version))
			version = newest[i].version;
		ck_assert_msg(version == newest[i].version || version == newest[i].version + 1,
		        "round %d: L%d has version %d, acknowledged was %d", round, i, version,
		        newest[i].version);
		ck_assert_msg((err == RH_NOT_FOUND) == is_deletion(version),
		        "round %d: L%d, version %d, is %s", round, i, version,
		        err == RH_OK ? "there" : "gone");
	}
	share_page(rig, &page);
	ck_assert_uint_eq(page.total, live);
	ck_assert_uint_eq(page.count, live);
	share_feed(rig, 0, 1, &head);
	ck_assert_int_ge(head, most);
	next = share_put(rig, "* tariffs A T1", "x", 1);
	ck_assert_int_gt(next, head);
}

START_TEST(test_kill_under_load_loses_no_acknowledged_share)
{
	struct ack newest[OBJECTS] = { 0 };
	size_t count = 0;
	struct rig rig;

	rig_begin(&rig, "sqlite:");
	rig_close(&rig);
	for (int round = 0; round < ROUNDS; round++) {
		size_t acks, aim = KILL_AFTER_ACKS + (size_t)round * 777;
		int ledger[2], status;
		pid_t child;

		ck_assert_int_eq(pipe(ledger), 0);
		child = fork();
		if (child == 0) {
			close(ledger[0]); /* so that it does not outlive a judge that gave up */
			work(&rig.conf, newest, ledger[1]);
		}
		close(ledger[1]);
		acks = read_ledger(ledger[0], newest, aim);
		ck_assert_int_eq(kill(child, SIGKILL), 0);
		ck_assert_int_eq(waitpid(child, &status, 0), child);
		ck_assert(WIFSIGNALED(status));
		acks += read_ledger(ledger[0], newest, SIZE_MAX);
		close(ledger[0]);
		ck_assert_uint_ge(acks, KILL_AFTER_ACKS);
		count += acks;
		rig_open(&rig);
		judge(&rig, newest, round);
		rig_close(&rig);
	}
	printf("acknowledged %zu lost 0\n", count);
	rig_end(&rig);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("store crash, objects");
	TCase *tests = tcase_create("kill -9");

	tcase_set_timeout(tests, 0);
	tcase_add_test(tests, test_kill_under_load_loses_no_acknowledged_share);
	suite_add_tcase(suite, tests);
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	return suite_run(suite, CK_NOFORK);
}
