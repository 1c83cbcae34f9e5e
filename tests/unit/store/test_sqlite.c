/* test_sqlite: what only a database in a file can do: last, be locked, be migrated, be copied. */
#include "rig.h"

#include "migrate.h"
#include "sqlite.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *
file_of(const struct rig *rig)
{
	return rig->path + strlen("sqlite:");
}

static const char *
beside(const struct rig *rig, const char *suffix)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s%s", file_of(rig), suffix);
	return path;
}

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
	ck_assert_uint_eq(rig_find(&rig, &(struct store_op){ .u.trace.limit = 9 }, 0).u.trace.count, 1);
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
	db = db_open(file_of(&rig), DB_WRITER, &fault);
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
	static const char *const suffixes[] = { "", "-wal", "-shm", "-lock", "-trace", "-trace-wal", "-trace-shm" };
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
		ck_assert_msg(stat(beside(&rig, suffixes[i]), &st) == 0, "%s", suffixes[i]);
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
	ck_assert_msg(strstr(fault.why, file_of(&rig)) != NULL, "%s", fault.why);
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

/* ---- migrations ---- */

static const struct migration three[] = {
	{ 1, "0001_one.sql", "CREATE TABLE one (a);" },
	{ 2, "0002_two.sql", "CREATE TABLE two (a); INSERT INTO two VALUES (1);" },
	{ 3, "0003_three.sql", "ALTER TABLE two ADD COLUMN b; UPDATE two SET b = a;" },
};

static struct db *
empty_database(struct rig *rig)
{
	struct fault fault = { 0 };
	struct db *db;

	rig_begin(rig, "sqlite:");
	rig_close(rig);
	db = db_open(beside(rig, "-other"), DB_WRITER, &fault);
	ck_assert_ptr_nonnull(db);
	return db;
}

START_TEST(test_migrations_run_once_in_order_and_go_on_where_they_stopped)
{
	struct fault fault = { 0 };
	struct rig rig;
	struct db *db = empty_database(&rig);

	ck_assert_int_eq(migrate(db, three, 2, &fault), RH_OK);
	ck_assert_int_eq(migrate(db, three, 2, &fault), RH_OK);
	ck_assert_int_eq(migrate(db, three, 3, &fault), RH_OK);
	ck_assert_int_eq(db_exec(db, "SELECT b FROM two"), OUTCOME_OK);
	db_bind(db, SQL_MIGRATIONS, NULL, 0);
	for (int i = 1; i <= 3; i++) {
		ck_assert(db_next(db, SQL_MIGRATIONS));
		ck_assert_int_eq(db_int(db, SQL_MIGRATIONS, 0), i);
	}
	ck_assert(!db_next(db, SQL_MIGRATIONS));
	db_end(db, SQL_MIGRATIONS);
	db_close(db);
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_migration_that_was_changed_refuses_the_start)
{
	struct migration changed[COUNT(three)];
	struct fault fault = { 0 };
	struct rig rig;
	struct db *db = empty_database(&rig);

	memcpy(changed, three, sizeof(three));
	changed[1].sql = "CREATE TABLE two (a); INSERT INTO two VALUES (2);";
	ck_assert_int_eq(migrate(db, three, 3, &fault), RH_OK);
	ck_assert_int_eq(migrate(db, changed, 3, &fault), RH_STORE_FAILED);
	ck_assert_msg(strstr(fault.why, "0002_two.sql") != NULL, "%s", fault.why);
	ck_assert_msg(strstr(fault.why, "changed") != NULL, "%s", fault.why);
	db_close(db);
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_database_from_the_future_refuses_the_start)
{
	struct fault fault = { 0 };
	struct rig rig;
	struct db *db = empty_database(&rig);

	ck_assert_int_eq(migrate(db, three, 3, &fault), RH_OK);
	ck_assert_int_eq(migrate(db, three, 2, &fault), RH_STORE_FAILED);
	ck_assert_msg(strstr(fault.why, "0003_three.sql") != NULL, "%s", fault.why);
	ck_assert_msg(strstr(fault.why, "newer") != NULL, "%s", fault.why);
	db_close(db);
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_missing_migration_refuses_the_start)
{
	struct fault fault = { 0 };
	struct rig rig;
	struct db *db = empty_database(&rig);

	ck_assert_int_eq(migrate(db, three, 3, &fault), RH_OK);
	ck_assert_int_eq(db_exec(db, "DELETE FROM migration WHERE number = 2"), OUTCOME_OK);
	ck_assert_int_eq(migrate(db, three, 3, &fault), RH_STORE_FAILED);
	ck_assert_msg(strstr(fault.why, "0002_two.sql") != NULL, "%s", fault.why);
	db_close(db);
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_migration_that_fails_leaves_nothing_behind)
{
	static const struct migration broken[] = {
		{ 1, "0001_one.sql", "CREATE TABLE one (a);" },
		{ 2, "0002_two.sql", "CREATE TABLE two (a); INSERT INTO nowhere VALUES (1);" },
	};
	struct fault fault = { 0 };
	struct rig rig;
	struct db *db = empty_database(&rig);

	ck_assert_int_eq(migrate(db, broken, 2, &fault), RH_STORE_FAILED);
	ck_assert_msg(strstr(fault.why, "0002_two.sql") != NULL, "%s", fault.why);
	ck_assert(!db_in_transaction(db));
	ck_assert_int_eq(migrate(db, three, 3, &fault), RH_OK); /* table two is not there yet */
	db_close(db);
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_store_refuses_a_database_of_a_newer_program)
{
	struct fault fault = { 0 };
	struct rig rig;
	struct db *db;

	rig_begin(&rig, "sqlite:");
	rig_close(&rig);
	db = db_open(file_of(&rig), DB_WRITER, &fault);
	ck_assert_int_eq(db_exec(db, "INSERT INTO migration VALUES (9999, '9999_flying.sql', x'00', 0)"), OUTCOME_OK);
	db_close(db);
	ck_assert_ptr_null(store_open(&rig.conf, &fault));
	ck_assert_msg(strstr(fault.why, "9999_flying.sql") != NULL, "%s", fault.why);
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_file_that_is_no_database_refuses_the_start)
{
	struct fault fault = { 0 };
	struct rig rig;
	int fd;

	rig_begin(&rig, "sqlite:");
	rig_close(&rig);
	fd = open(file_of(&rig), O_WRONLY | O_TRUNC);
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(write(fd, "this is not a database, whatever its name says. ", 48), 48);
	close(fd);
	ck_assert_ptr_null(store_open(&rig.conf, &fault));
	ck_assert_msg(strstr(fault.why, "not a database") != NULL, "%s", fault.why);
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
	db = db_open(file_of(&rig), DB_READER, &fault);
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
			relinks[i] = (struct store_relink){
				.id = str_of(ids[i]), .target = STR("https://x.example/"), .expires_ms = 9
			};
			ops[i].op = (struct store_op){ .verb = STORE_RELINK_PUT, .u.relink_put.relink = &relinks[i] };
			rig_submit(&rig, &ops[i]);
		}
		for (int i = 0; i < PUTS; i++)
			rig_wait(&rig, &ops[i]);
	}
	ck_assert_int_eq(stat(beside(&rig, "-wal"), &st), 0);
	ck_assert_int_lt(st.st_size, 16 << 20);
	ck_assert_int_eq(stat(file_of(&rig), &st), 0);
	ck_assert_int_gt(st.st_size, 512 << 10);
	rig_end(&rig);
}
END_TEST

/* ---- backup ---- */

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
	char path[128], id[16];
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
			ops[i].op = (struct store_op){ .verb = STORE_RELINK_PUT, .u.relink_put.relink = &relinks[i] };
			rig_submit(rig, &ops[i]);
		}
		for (int i = 0; i < 64; i++) {
			rig_wait(rig, &ops[i]);
			ck_assert_int_eq(ops[i].op.err, RH_OK);
		}
	}
	free(text);
}

/* Commits go on while the copy is made, and those that were acknowledged before it are in it. */
START_TEST(test_a_backup_is_made_while_commits_go_on)
{
	struct rig_op backup = { 0 }, second = { 0 };
	struct rig rig, restored;
	struct store_stats stats;
	int64_t longest_us = 0;
	char path[128], id[16];
	int puts = 0;

	rig_begin(&rig, "sqlite:");
	fill(&rig, 12800, 2000);
	snprintf(path, sizeof(path), "%s/copy.db", rig.dir);
	backup.op = (struct store_op){ .verb = STORE_BACKUP, .u.backup.path = path };
	second.op = backup.op;
	rig_submit(&rig, &backup);
	rig_submit(&rig, &second);
	while (!backup.done) {
		int64_t began_us = rh_mono_us(), took_us;

		snprintf(id, sizeof(id), "during%d", puts++);
		ck_assert_int_eq(rig_put(&rig, id, 100), RH_OK);
		took_us = rh_mono_us() - began_us;
		longest_us = took_us > longest_us ? took_us : longest_us;
	}
	rig_wait(&rig, &second);
	ck_assert_int_eq(second.op.err, RH_BUSY);
	ck_assert_msg(backup.op.err == RH_OK, "%s", backup.op.why);
	ck_assert_int_gt(puts, 1);
	store_stats(rig.store, &stats);
	printf("backup of %lld KiB: %d puts meanwhile, the longest took %lld us\n",
		(long long)backup.op.u.backup.bytes / 1024, puts, (long long)longest_us);

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

/* ---- the trace's own file ---- */

START_TEST(test_a_broken_trace_is_put_aside_and_a_new_one_begun)
{
	struct rig rig;
	struct stat st;
	int fd;

	rig_begin(&rig, "sqlite:");
	rig_trace(&rig, 5, "c", NULL, NULL, NULL);
	rig_close(&rig);
	fd = open(beside(&rig, "-trace"), O_WRONLY | O_TRUNC);
	for (int i = 0; i < 500; i++)
		ck_assert_int_eq(write(fd, "garbage!", 8), 8);
	close(fd);
	rig_open(&rig);
	ck_assert_int_eq(stat(beside(&rig, "-trace.broken"), &st), 0);
	rig_trace(&rig, 6, "d", NULL, NULL, NULL);
	ck_assert_uint_eq(rig_find(&rig, &(struct store_op){ .u.trace.limit = 9 }, 1).u.trace.count, 1);
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
	db = db_open(beside(&rig, "-trace"), DB_TRACE_WRITER, &fault);
	ck_assert_int_eq(db_exec(db, "PRAGMA user_version=77"), OUTCOME_OK);
	db_close(db);
	rig_open(&rig);
	ck_assert_int_eq(stat(beside(&rig, "-trace.broken"), &st), 0);
	ck_assert_uint_eq(rig_find(&rig, &(struct store_op){ .u.trace.limit = 9 }, 0).u.trace.count, 0);
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
	ck_assert_int_eq(unlink(beside(&rig, "-trace")), 0);
	ck_assert_int_eq(mkdir(beside(&rig, "-trace"), 0700), 0);
	ck_assert_int_eq(mkdir(beside(&rig, "-trace.broken"), 0700), 0);
	ck_assert_int_eq(mkdir(beside(&rig, "-trace.broken/x"), 0700), 0);
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
	tcase_add_test(tests, test_migrations_run_once_in_order_and_go_on_where_they_stopped);
	tcase_add_test(tests, test_a_migration_that_was_changed_refuses_the_start);
	tcase_add_test(tests, test_a_database_from_the_future_refuses_the_start);
	tcase_add_test(tests, test_a_missing_migration_refuses_the_start);
	tcase_add_test(tests, test_a_migration_that_fails_leaves_nothing_behind);
	tcase_add_test(tests, test_a_store_refuses_a_database_of_a_newer_program);
	tcase_add_test(tests, test_a_file_that_is_no_database_refuses_the_start);
	tcase_add_test(tests, test_a_reader_cannot_write);
	tcase_add_test(tests, test_the_log_is_copied_back_and_does_not_grow_without_end);
	tcase_add_test(tests, test_a_backup_opens_as_a_store_and_holds_everything);
	tcase_add_test(tests, test_a_backup_that_cannot_be_written_fails_alone);
	tcase_add_test(tests, test_a_backup_is_made_while_commits_go_on);
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
