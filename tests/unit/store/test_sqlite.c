/* test_sqlite: what only a database in a file can do: last, be locked, keep its log short. */
#include "rig.h"

#include "../suite.h"
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
	static const char *const suffixes[] = { "", "-wal", "-shm", "-trace", "-trace-wal",
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

/* fault S5: by any name, in this process or another. */
START_TEST(test_another_name_of_the_file_is_no_way_around)
{
	struct store_conf conf;
	struct fault fault = { 0 };
	char other[96];
	struct rig rig;

	rig_begin(&rig, "sqlite:");
	conf = rig.conf;
	conf.url = other;
	snprintf(other, sizeof(other), "sqlite:%s/other.db", rig.dir);
	ck_assert_int_eq(symlink(rig_file(&rig), other + strlen("sqlite:")), 0);
	ck_assert_ptr_null(store_open(&conf, &fault));
	ck_assert_msg(strstr(fault.why, "in use by process") != NULL, "%s", fault.why);
	ck_assert_int_eq(unlink(other + strlen("sqlite:")), 0);
	ck_assert_int_eq(link(rig_file(&rig), other + strlen("sqlite:")), 0);
	ck_assert_ptr_null(store_open(&conf, &fault));
	ck_assert_msg(strstr(fault.why, "in use by process") != NULL, "%s", fault.why);
	rig_close(&rig);
	ck_assert_ptr_null(store_open(&conf, &fault));
	ck_assert_msg(strstr(fault.why, "several names") != NULL, "%s", fault.why);
	ck_assert_int_eq(unlink(other + strlen("sqlite:")), 0);
	rig_open(&rig);
	rig_end(&rig);
}
END_TEST

/* fault S5: the symbolic link, the log beside the file it leads to, and a stop in between. */
START_TEST(test_a_database_behind_a_link_is_one_database)
{
	char other[96];
	struct rig rig;

	rig_begin(&rig, "sqlite:");
	snprintf(other, sizeof(other), "sqlite:%s/other.db", rig.dir);
	ck_assert_int_eq(symlink(rig_file(&rig), other + strlen("sqlite:")), 0);
	rig_close(&rig);
	rig.conf.url = other;
	rig_open(&rig);
	ck_assert_int_eq(rig_put(&rig, "abc", 100), RH_OK);
	rig_close(&rig);
	rig.conf.url = rig.path;
	rig_open(&rig);
	ck_assert_int_eq(rig_get(&rig, "abc", 1, NULL), RH_OK);
	rig_end(&rig);
}
END_TEST

static void
remove_file(struct rig *rig)
{
	ck_assert_int_eq(unlink(rig_file(rig)), 0);
}

static void
remove_log(struct rig *rig)
{
	ck_assert_int_eq(unlink(rig_beside(rig, "-wal")), 0);
}

static void
replace_file(struct rig *rig)
{
	FILE *file = fopen(rig_beside(rig, "-new"), "w");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(rename(rig_beside(rig, "-new"), rig_file(rig)), 0);
}

static void
move_away(struct rig *rig)
{
	char to[128];

	snprintf(to, sizeof(to), "%s", rig_beside(rig, "-away"));
	ck_assert_int_eq(rename(rig_file(rig), to), 0);
}

/* fault S5: nothing is acknowledged that is written to a file which nobody will find. */
START_TEST(test_a_database_that_vanished_acknowledges_nothing)
{
	static void (*const ways[])(
	        struct rig * rig) = { remove_file, remove_log, replace_file, move_away };

	for (size_t i = 0; i < COUNT(ways); i++) {
		struct store_op probe = { .verb = STORE_PROBE };
		struct store_stats stats;
		struct rig rig;

		rig_begin(&rig, "sqlite:");
		ck_assert_int_eq(rig_put(&rig, "abc", 100), RH_OK);
		ways[i](&rig);
		rh_log_setup((enum rh_level) - 1, LOG_TEXT);
		ck_assert_int_eq(rig_do(&rig, &probe), RH_STORE_FAILED);
		ck_assert_msg(strstr(probe.why, "removed or replaced") != NULL, "%s", probe.why);
		ck_assert_int_eq(rig_put(&rig, "def", 100), RH_STORE_FAILED);
		rh_log_setup(LOG_ERROR, LOG_TEXT);
		store_stats(rig.store, &stats);
		ck_assert(stats.failed);
		rig_end(&rig);
	}
}
END_TEST

/* The log of whoever has the name now is not ours to remove. */
START_TEST(test_a_vanished_database_leaves_the_next_one_alone)
{
	struct store_op probe = { .verb = STORE_PROBE };
	struct rig rig, next;

	rig_begin(&rig, "sqlite:");
	ck_assert_int_eq(rig_put(&rig, "abc", 100), RH_OK);
	remove_file(&rig);
	remove_log(&rig);
	ck_assert_int_eq(unlink(rig_beside(&rig, "-shm")), 0);
	next = rig;
	next.box = mailbox_new();
	rig_open(&next);
	ck_assert_int_eq(rig_put(&next, "def", 100), RH_OK);
	rh_log_setup((enum rh_level) - 1, LOG_TEXT);
	ck_assert_int_eq(rig_do(&rig, &probe), RH_STORE_FAILED);
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	rig_close(&rig);
	ck_assert_int_eq(rig_put(&next, "ghi", 100), RH_OK);
	rig_close(&next);
	rig_open(&rig);
	ck_assert_int_eq(rig_get(&rig, "ghi", 1, NULL), RH_OK);
	mailbox_free(next.box);
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_look_alone_leaves_no_file_behind)
{
	struct fault fault = { 0 };
	struct store_found found;
	struct store *store;
	struct rig rig;

	rig_begin(&rig, "sqlite:");
	rig_close(&rig);
	ck_assert_int_eq(unlink(rig_file(&rig)), 0);
	store = store_look(&rig.conf, &found, &fault);
	ck_assert_ptr_nonnull(store);
	ck_assert(found.empty && found.pending > 0);
	store_close(store);
	ck_assert_int_ne(access(rig_file(&rig), F_OK), 0);
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

	tcase_set_timeout(tests, 0);
	tcase_add_test(tests, test_what_was_acknowledged_is_there_after_a_restart);
	tcase_add_test(tests, test_an_id_of_a_platform_is_never_given_again);
	tcase_add_test(tests, test_every_file_is_readable_by_its_owner_alone);
	tcase_add_test(tests, test_a_second_process_is_refused_and_told_who_has_the_file);
	tcase_add_test(tests, test_another_name_of_the_file_is_no_way_around);
	tcase_add_test(tests, test_a_database_behind_a_link_is_one_database);
	tcase_add_test(tests, test_a_database_that_vanished_acknowledges_nothing);
	tcase_add_test(tests, test_a_vanished_database_leaves_the_next_one_alone);
	tcase_add_test(tests, test_a_look_alone_leaves_no_file_behind);
	tcase_add_test(tests, test_a_reader_cannot_write);
	tcase_add_test(tests, test_the_log_is_copied_back_and_does_not_grow_without_end);
	tcase_add_test(tests, test_a_broken_trace_is_put_aside_and_a_new_one_begun);
	tcase_add_test(tests, test_a_trace_of_another_version_is_put_aside);
	tcase_add_test(tests, test_a_trace_that_cannot_be_opened_does_not_stop_the_store);
	suite_add_tcase(suite, tests);
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	return suite_run(suite, CK_NOFORK);
}
