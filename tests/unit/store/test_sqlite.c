/* test_sqlite: what only a database in a file can do: last, be locked, keep its log short. */
#include "rig.h"

#include "sqlite.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

START_TEST(test_what_was_acknowledged_is_there_after_a_restart)
{
	struct store_token token = { TOKEN_CURRENT, { 1 }, 0 };
	struct store_platform platform = { .name = STR("A"), .tokens = &token, .token_count = 1 };
	struct store_op save = { .verb = STORE_PLATFORM_SAVE, .u.save.platform = &platform };
	struct store_op put = { .verb = STORE_META_PUT, .u.meta = { STR("k"), STR("v") } };
	struct store_op get = { .verb = STORE_META_GET, .u.meta.key = STR("k") };
	struct store_op load = { .verb = STORE_PLATFORMS_LOAD };
	struct rig rig;

	rig_begin(&rig, "sqlite:");
	ck_assert_int_eq(rig_do(&rig, &save), RH_OK);
	ck_assert_int_eq(rig_do(&rig, &put), RH_OK);
	ck_assert_int_eq(rig_put(&rig, "abc", 100), RH_OK);
	rig_trace(&rig, 5, "c", NULL, NULL, NULL);
	rig_close(&rig);
	rig_open(&rig);
	ck_assert_int_eq(rig_do(&rig, &load), RH_OK);
	ck_assert_uint_eq(load.u.load.count, 1);
	ck_assert_int_eq(load.u.load.platforms->id, platform.id);
	ck_assert_uint_eq(load.u.load.platforms->token_count, 1);
	ck_assert_int_eq(rig_do(&rig, &get), RH_OK);
	ck_assert(str_is(get.u.meta.value, "v"));
	ck_assert_int_eq(rig_get(&rig, "abc", 1, NULL), RH_OK);
	ck_assert_uint_eq(
	        rig_find(&rig, &(struct store_op){ .u.trace.limit = 9 }, 0).u.trace.count, 1);
	rig_end(&rig);
}
END_TEST

START_TEST(test_an_id_of_a_platform_is_never_given_again)
{
	struct store_platform first = { .name = STR("A") }, second = { .name = STR("B") };
	struct store_op save = { .verb = STORE_PLATFORM_SAVE, .u.save.platform = &first };
	struct fault fault = { 0 };
	struct rig rig;
	struct db *db;

	rig_begin(&rig, "sqlite:");
	ck_assert_int_eq(rig_do(&rig, &save), RH_OK);
	rig_close(&rig);
	db = db_open(rig_file(&rig), DB_WRITER, &fault);
	ck_assert_int_eq(db_exec(db, "DELETE FROM platform"), OUTCOME_OK);
	db_close(db);
	rig_open(&rig);
	save.u.save.platform = &second;
	ck_assert_int_eq(rig_do(&rig, &save), RH_OK);
	ck_assert_int_gt(second.id, first.id);
	rig_end(&rig);
}
END_TEST

START_TEST(test_every_file_is_readable_by_its_owner_alone)
{
	static const char *const suffixes[] = { "", "-wal", "-shm", "-lock", "-trace", "-trace-wal",
		"-trace-shm" };
	struct store_op probe = { .verb = STORE_PROBE };
	struct store_stats stats;
	mode_t before = umask(0);
	struct rig rig;
	struct stat st;

	rig_begin(&rig, "sqlite:");
	ck_assert_int_eq(rig_do(&rig, &probe), RH_OK);
	rig_trace(&rig, 5, "c", NULL, NULL, NULL);
	rig_find(&rig, &(struct store_op){ .u.trace.limit = 9 }, 1);
	for (size_t i = 0; i < COUNT(suffixes); i++) {
		ck_assert_msg(stat(rig_beside(&rig, suffixes[i]), &st) == 0, "%s", suffixes[i]);
		ck_assert_msg((st.st_mode & 0777) == 0600, "%s: %o", suffixes[i], st.st_mode);
	}
	store_stats(rig.store, &stats);
	ck_assert_int_gt(stats.database_bytes, 0);
	ck_assert_int_gt(stats.trace_bytes, 0);
	umask(before);
	rig_end(&rig);
}
END_TEST

/* ---- one process a file ---- */

START_TEST(test_a_second_process_is_refused_and_told_who_has_the_file)
{
	struct fault fault = { 0 };
	char pid[32];
	struct rig rig;
	int status;
	pid_t child;

	rig_begin(&rig, "sqlite:");
	snprintf(pid, sizeof(pid), "process %d", (int)getpid());
	ck_assert_ptr_null(store_open(&rig.conf, &fault));
	ck_assert_msg(strstr(fault.why, pid) != NULL, "%s", fault.why);
	ck_assert_msg(strstr(fault.why, rig_file(&rig)) != NULL, "%s", fault.why);
	child = fork();
	if (child == 0)
		_exit(store_open(&rig.conf, &fault) == NULL ? 42 : 0);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 42);
	rig_close(&rig);
	rig_open(&rig);
	rig_end(&rig);
}
END_TEST

/* ---- readers ---- */

START_TEST(test_a_reader_cannot_write)
{
	struct fault fault = { 0 };
	struct rig rig;
	struct db *db;

	rig_begin(&rig, "sqlite:");
	db = db_open(rig_file(&rig), DB_READER, &fault);
	ck_assert_ptr_nonnull(db);
	ck_assert_int_ne(db_exec(db, "DELETE FROM relink"), OUTCOME_OK);
	ck_assert_msg(strstr(db_why(db), "readonly") != NULL, "%s", db_why(db));
	db_close(db);
	rig_end(&rig);
}
END_TEST

START_TEST(test_the_log_is_copied_back_and_does_not_grow_without_end)
{
	enum { ROUNDS = 60, PUTS = 200 };
	struct rig_op ops[PUTS] = { 0 };
	struct store_relink relinks[PUTS];
	char ids[PUTS][32];
	struct rig rig;
	struct stat st;

	rig_begin(&rig, "sqlite:");
	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < PUTS; i++) {
			rh_random_text(ids[i], 22);
			relinks[i] = (struct store_relink){ .id = str_of(ids[i]),
				.target = STR("https://x.example/"),
				.expires_ms = 9 };
			ops[i].op = (struct store_op){ .verb = STORE_RELINK_PUT,
				.u.relink_put.relink = &relinks[i] };
			rig_submit(&rig, &ops[i]);
		}
		for (int i = 0; i < PUTS; i++)
			rig_wait(&rig, &ops[i]);
	}
	ck_assert_int_eq(stat(rig_beside(&rig, "-wal"), &st), 0);
	ck_assert_int_lt(st.st_size, 16 << 20);
	ck_assert_int_eq(stat(rig_file(&rig), &st), 0);
	ck_assert_int_gt(st.st_size, 512 << 10);
	rig_end(&rig);
}
END_TEST

/* ---- the trace's own file ---- */

START_TEST(test_a_broken_trace_is_put_aside_and_a_new_one_begun)
{
	struct rig rig;
	struct stat st;
	int fd;

	rig_begin(&rig, "sqlite:");
	rig_trace(&rig, 5, "c", NULL, NULL, NULL);
	rig_close(&rig);
	fd = open(rig_beside(&rig, "-trace"), O_WRONLY | O_TRUNC);
	for (int i = 0; i < 500; i++)
		ck_assert_int_eq(write(fd, "garbage!", 8), 8);
	close(fd);
	rig_open(&rig);
	ck_assert_int_eq(stat(rig_beside(&rig, "-trace.broken"), &st), 0);
	rig_trace(&rig, 6, "d", NULL, NULL, NULL);
	ck_assert_uint_eq(
	        rig_find(&rig, &(struct store_op){ .u.trace.limit = 9 }, 1).u.trace.count, 1);
	ck_assert_int_eq(rig_put(&rig, "abc", 100), RH_OK);
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_trace_of_another_version_is_put_aside)
{
	struct fault fault = { 0 };
	struct rig rig;
	struct stat st;
	struct db *db;

	rig_begin(&rig, "sqlite:");
	rig_trace(&rig, 5, "c", NULL, NULL, NULL);
	rig_close(&rig);
	db = db_open(rig_beside(&rig, "-trace"), DB_TRACE_WRITER, &fault);
	ck_assert_int_eq(db_exec(db, "PRAGMA user_version=77"), OUTCOME_OK);
	db_close(db);
	rig_open(&rig);
	ck_assert_int_eq(stat(rig_beside(&rig, "-trace.broken"), &st), 0);
	ck_assert_uint_eq(
	        rig_find(&rig, &(struct store_op){ .u.trace.limit = 9 }, 0).u.trace.count, 0);
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_trace_that_cannot_be_opened_does_not_stop_the_store)
{
	struct store_op find = { .verb = STORE_TRACE_FIND, .u.trace.limit = 9 };
	struct store_stats stats;
	struct rig rig;

	rig_begin(&rig, "sqlite:");
	rig_close(&rig);
	ck_assert_int_eq(unlink(rig_beside(&rig, "-trace")), 0);
	ck_assert_int_eq(mkdir(rig_beside(&rig, "-trace"), 0700), 0);
	ck_assert_int_eq(mkdir(rig_beside(&rig, "-trace.broken"), 0700), 0);
	ck_assert_int_eq(mkdir(rig_beside(&rig, "-trace.broken/x"), 0700), 0);
	rig_open(&rig);
	rig_trace(&rig, 6, "d", NULL, NULL, NULL);
	ck_assert_int_eq(rig_put(&rig, "abc", 100), RH_OK);
	ck_assert_int_eq(rig_do(&rig, &find), RH_STORE_FAILED);
	do
		store_stats(rig.store, &stats);
	while (stats.trace_dropped == 0);
	ck_assert(!stats.failed);
	rig_end(&rig);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("store sqlite");
	TCase *tests = tcase_create("a file");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tests, 0);
	tcase_add_test(tests, test_what_was_acknowledged_is_there_after_a_restart);
	tcase_add_test(tests, test_an_id_of_a_platform_is_never_given_again);
	tcase_add_test(tests, test_every_file_is_readable_by_its_owner_alone);
	tcase_add_test(tests, test_a_second_process_is_refused_and_told_who_has_the_file);
	tcase_add_test(tests, test_a_reader_cannot_write);
	tcase_add_test(tests, test_the_log_is_copied_back_and_does_not_grow_without_end);
	tcase_add_test(tests, test_a_broken_trace_is_put_aside_and_a_new_one_begun);
	tcase_add_test(tests, test_a_trace_of_another_version_is_put_aside);
	tcase_add_test(tests, test_a_trace_that_cannot_be_opened_does_not_stop_the_store);
	suite_add_tcase(suite, tests);
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
