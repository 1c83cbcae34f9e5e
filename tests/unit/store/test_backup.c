/* test_backup: a copy is whole or not there, and nobody waits for it. */
#include "../suite.h"
#include "rig.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static enum rh_err
back_up(struct rig *rig, const char *path, struct store_op *op)
{
	*op = (struct store_op){ .verb = STORE_BACKUP, .u.backup.path = path };
	return rig_do(rig, op);
}

START_TEST(test_a_backup_opens_as_a_store_and_holds_everything)
{
	struct rig rig, restored;
	struct store_op op;
	char path[128], id[32];
	struct stat st;

	rig_begin(&rig, "sqlite:");
	for (int i = 0; i < 300; i++) {
		snprintf(id, sizeof(id), "r%d", i);
		ck_assert_int_eq(rig_put(&rig, id, 100), RH_OK);
	}
	snprintf(path, sizeof(path), "%s/copy.db", rig.dir);
	ck_assert_msg(back_up(&rig, path, &op) == RH_OK, "%s", op.why);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_size, op.u.backup.bytes);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(back_up(&rig, path, &op), RH_STORE_FAILED);
	ck_assert_msg(strstr(op.why, "exists") != NULL, "%s", op.why);

	restored = rig;
	restored.box = mailbox_new();
	snprintf(restored.path, sizeof(restored.path), "sqlite:%s/copy.db", rig.dir);
	restored.conf.url = restored.path;
	rig_open(&restored);
	for (int i = 0; i < 300; i++) {
		snprintf(id, sizeof(id), "r%d", i);
		ck_assert_int_eq(rig_get(&restored, id, 1, NULL), RH_OK);
	}
	rig_close(&restored);
	mailbox_free(restored.box);
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_backup_that_cannot_be_written_fails_alone)
{
	struct store_op op;
	struct rig rig;

	rig_begin(&rig, "sqlite:");
	ck_assert_int_eq(back_up(&rig, "/nonexistent-directory/copy.db", &op), RH_STORE_FAILED);
	ck_assert_str_ne(op.why, "");
	ck_assert_int_eq(rig_put(&rig, "abc", 100), RH_OK);
	rig_end(&rig);
}
END_TEST

static void
fill(struct rig *rig, int64_t count, size_t text_bytes)
{
	char *text = rh_alloc(text_bytes);
	struct store_relink relink = { .target = { text, text_bytes }, .expires_ms = 1000 };
	struct rig_op ops[64] = { 0 };
	struct store_relink relinks[64];
	char ids[64][24];

	memset(text, 'x', text_bytes);
	for (int64_t at = 0; at < count; at += 64) {
		for (int i = 0; i < 64; i++) {
			snprintf(ids[i], sizeof(ids[i]), "f%lld", (long long)(at + i));
			relinks[i] = relink;
			relinks[i].id = str_of(ids[i]);
			ops[i].op = (struct store_op){ .verb = STORE_RELINK_PUT,
				.u.relink_put.relink = &relinks[i] };
			rig_submit(rig, &ops[i]);
		}
		for (int i = 0; i < 64; i++) {
			rig_wait(rig, &ops[i]);
			ck_assert_int_eq(ops[i].op.err, RH_OK);
		}
	}
	free(text);
}

static int
by_length(const void *a, const void *b)
{
	const int64_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

enum { PUTS_MOST = 100000 };

/* One put after the other until @until ends, or @least of them; how long they took, sorted. */
static int
put_on(struct rig *rig, const char *prefix, const struct rig_op *until, int least, int64_t *took_us)
{
	int puts = 0;
	char id[32];

	for (; puts < PUTS_MOST && (until != NULL ? !until->done : puts < least); puts++) {
		int64_t began_us = rh_mono_us();

		snprintf(id, sizeof(id), "%s%d", prefix, puts);
		ck_assert_int_eq(rig_put(rig, id, 100), RH_OK);
		took_us[puts] = rh_mono_us() - began_us;
	}
	qsort(took_us, (size_t)puts, sizeof(*took_us), by_length);
	return puts;
}

static void
tell(const char *what, const int64_t *took_us, int puts)
{
	printf("%s: %d puts, p50 %lld us, p99 %lld us, the longest %lld us\n", what, puts,
	        (long long)took_us[puts / 2], (long long)took_us[puts * 99LL / 100],
	        (long long)took_us[puts - 1]);
}

/* fault S10. Commits go on while the copy is made, and those that were acknowledged before it are
 * in it. */
START_TEST(test_a_backup_is_made_while_commits_go_on)
{
	struct rig_op backup = { 0 }, second = { 0 };
	struct rig rig, restored;
	int64_t *took_us = rh_alloc(PUTS_MOST * sizeof(*took_us));
	char path[128];
	int puts;

	rig_begin(&rig, "sqlite:");
	fill(&rig, 12800, 2000);
	snprintf(path, sizeof(path), "%s/copy.db", rig.dir);
	backup.op = (struct store_op){ .verb = STORE_BACKUP, .u.backup.path = path };
	second.op = backup.op;
	rig_submit(&rig, &backup);
	rig_submit(&rig, &second);
	puts = put_on(&rig, "during", &backup, 0, took_us);
	tell("while a backup is made", took_us, puts);
	rig_wait(&rig, &second);
	ck_assert_int_eq(second.op.err, RH_BUSY);
	ck_assert_msg(backup.op.err == RH_OK, "%s", backup.op.why);
	ck_assert_int_gt(puts, 1);
	tell("without one", took_us, put_on(&rig, "after", NULL, 500, took_us));
	free(took_us);

	restored = rig;
	restored.box = mailbox_new();
	snprintf(restored.path, sizeof(restored.path), "sqlite:%s/copy.db", rig.dir);
	restored.conf.url = restored.path;
	rig_open(&restored);
	ck_assert_int_eq(rig_get(&restored, "f0", 1, NULL), RH_OK);
	ck_assert_int_eq(rig_get(&restored, "f12799", 1, NULL), RH_OK);
	rig_close(&restored);
	mailbox_free(restored.box);
	rig_end(&rig);
}
END_TEST

/* fault S7: it may take minutes, which a stop has not. */
START_TEST(test_a_backup_ends_when_the_hub_stops)
{
	struct rig_op backup = { 0 };
	struct store_op later;
	struct rig rig;
	char path[128], part[136];
	struct stat st;

	rig_begin(&rig, "sqlite:");
	fill(&rig, 6400, 2000);
	snprintf(path, sizeof(path), "%s/copy.db", rig.dir);
	snprintf(part, sizeof(part), "%s.part", path);
	backup.op = (struct store_op){ .verb = STORE_BACKUP, .u.backup.path = path };
	rig_submit(&rig, &backup);
	ck_assert_int_eq(rig_put(&rig, "abc", 100), RH_OK); /* it has begun */
	store_end_backups(rig.store);
	rig_wait(&rig, &backup);
	ck_assert_int_eq(backup.op.err, RH_BUSY);
	ck_assert_str_eq(backup.op.why, "the hub stops");
	ck_assert_int_ne(stat(path, &st), 0);
	ck_assert_int_ne(stat(part, &st), 0);
	ck_assert_int_eq(back_up(&rig, path, &later), RH_BUSY);
	ck_assert_int_eq(rig_put(&rig, "def", 100), RH_OK);
	rig_end(&rig);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("store backup");
	TCase *tests = tcase_create("a copy");

	tcase_set_timeout(tests, 0);
	tcase_add_test(tests, test_a_backup_opens_as_a_store_and_holds_everything);
	tcase_add_test(tests, test_a_backup_that_cannot_be_written_fails_alone);
	tcase_add_test(tests, test_a_backup_is_made_while_commits_go_on);
	tcase_add_test(tests, test_a_backup_ends_when_the_hub_stops);
	suite_add_tcase(suite, tests);
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	return suite_run(suite, CK_NOFORK);
}
