/* test_faults: a disk that is full, fails or forgets.
 *
 * This program's own pwrite64() and fdatasync() stand before libc's for the SQLite library too, and
 * fail on command for files whose name ends in what the test says. Everything else passes through
 * to the kernel. */
#include "../suite.h"
#include "share.h"

#include <check.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define VISIBLE __attribute__((visibility("default")))

static _Atomic(const char *) fail_suffix; /* of the files meant */
static _Atomic int fail_write, fail_sync; /* errno, 0: none */
static _Atomic int64_t room;              /* how long they may become; 0: without end */
static _Atomic int syncs_after_failure, failed_syncs;

static bool
is_meant(int fd)
{
	const char *suffix = atomic_load(&fail_suffix);
	char link[32], path[256];
	ssize_t len;

	if (suffix == NULL)
		return false;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path) - 1);
	if (len < (ssize_t)strlen(suffix))
		return false;
	path[len] = '\0';
	return strcmp(path + len - strlen(suffix), suffix) == 0;
}

VISIBLE ssize_t pwrite64(int fd, const void *p, size_t bytes, off64_t at);
VISIBLE int fdatasync(int fd);
VISIBLE int fsync(int fd);

ssize_t
pwrite64(int fd, const void *p, size_t bytes, off64_t at)
{
	int error = atomic_load(&fail_write);

	int64_t most = atomic_load(&room);

	if (most > 0 && at + (off64_t)bytes > most)
		error = ENOSPC;
	if (error != 0 && is_meant(fd)) {
		errno = error;
		return -1;
	}
	return syscall(SYS_pwrite64, fd, p, bytes, at);
}

static int
sync_or_fail(int fd, long call)
{
	int error = atomic_load(&fail_sync);

	if (error != 0 && is_meant(fd)) {
		atomic_fetch_add(&failed_syncs, 1);
		errno = error;
		return -1;
	}
	if (atomic_load(&failed_syncs) > 0)
		atomic_fetch_add(&syncs_after_failure, 1);
	return (int)syscall(call, fd);
}

int
fdatasync(int fd)
{
	return sync_or_fail(fd, SYS_fdatasync);
}

int
fsync(int fd)
{
	return sync_or_fail(fd, SYS_fsync);
}

static void
reset_faults(void)
{
	atomic_store(&fail_write, 0);
	atomic_store(&fail_sync, 0);
	atomic_store(&room, 0);
	atomic_store(&fail_suffix, NULL);
	atomic_store(&failed_syncs, 0);
	atomic_store(&syncs_after_failure, 0);
}

static void
submit_puts(struct rig *rig, struct rig_op *ops, struct store_relink *relinks, char (*ids)[24],
        int count)
{
	for (int i = 0; i < count; i++) {
		rh_random_text(ids[i], 22);
		relinks[i] = (struct store_relink){
			.id = str_of(ids[i]), .target = STR("u"), .expires_ms = 9
		};
		ops[i].op = (struct store_op){ .verb = STORE_RELINK_PUT,
			.u.relink_put.relink = &relinks[i] };
		rig_submit(rig, &ops[i]);
	}
}

START_TEST(test_a_full_disk_fails_the_batch_and_the_store_works_again_by_itself)
{
	static const int errors[] = { ENOSPC, EDQUOT, EIO };
	struct store_platform platform = { .name = STR("A") };
	struct store_op save = { .verb = STORE_PLATFORM_SAVE, .u.save.platform = &platform };
	struct rig_op ops[30] = { 0 };
	struct store_relink relinks[30];
	struct store_stats stats;
	char ids[30][24];
	struct rig rig;

	rig_begin(&rig, "sqlite:");
	ck_assert_int_eq(rig_put(&rig, "before", 100), RH_OK);
	atomic_store(&fail_suffix, "hub.db-wal");
	atomic_store(&fail_write, errors[_i]);
	ck_assert_int_eq(rig_do(&rig, &save), RH_STORE_FAILED);
	ck_assert_int_eq(platform.id, 0);
	submit_puts(&rig, ops, relinks, ids, 30);
	for (int i = 0; i < 30; i++) {
		rig_wait(&rig, &ops[i]);
		ck_assert_int_eq(ops[i].op.err, RH_STORE_FAILED);
		ck_assert_str_ne(ops[i].op.why, "");
		ck_assert_int_eq(rig_get(&rig, ids[i], 1, NULL), RH_NOT_FOUND);
	}
	ck_assert_int_eq(rig_get(&rig, "before", 1, NULL), RH_OK);
	store_stats(rig.store, &stats);
	ck_assert(!stats.failed);
	ck_assert_uint_eq(stats.failures, 31);
	reset_faults();
	ck_assert_int_eq(rig_put(&rig, "after", 100), RH_OK);
	ck_assert_int_eq(rig_do(&rig, &save), RH_OK);
	rig_close(&rig);
	rig_open(&rig);
	ck_assert_int_eq(rig_get(&rig, "before", 1, NULL), RH_OK);
	ck_assert_int_eq(rig_get(&rig, "after", 1, NULL), RH_OK);
	for (int i = 0; i < 30; i++)
		ck_assert_int_eq(rig_get(&rig, ids[i], 1, NULL), RH_NOT_FOUND);
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_share_on_a_full_disk_is_not_half_stored_and_its_number_is_no_trap)
{
	struct store_page_args page = { .module = STR("locations"), .limit = 10 };
	struct share share = { .body = "lost" };
	struct store_op op;
	int64_t before, after, head;
	struct rig rig;

	rig_begin(&rig, "sqlite:");
	before = share_put(&rig, "* locations A L1", "one", 1);
	atomic_store(&fail_suffix, "-wal");
	atomic_store(&fail_write, ENOSPC);
	op = share_op("* locations A L1", &share);
	ck_assert_int_eq(rig_do(&rig, &op), RH_STORE_FAILED);
	op = share_op("* locations A L2", &share);
	ck_assert_int_eq(rig_do(&rig, &op), RH_STORE_FAILED);
	reset_faults();
	ck_assert_str_eq(share_feed(&rig, 0, 10, &head), "L1:one");
	ck_assert_int_eq(head, before);
	ck_assert_str_eq(share_page(&rig, &page), "L1");
	after = share_put(&rig, "* locations A L3", "three", 1);
	ck_assert_int_gt(after, before);
	rig_close(&rig);
	rig_open(&rig);
	ck_assert_str_eq(share_feed(&rig, before, 10, &head), "L3:three");
	ck_assert_int_eq(head, after);
	ck_assert_str_eq(share_page(&rig, &page), "L1 L3");
	ck_assert_uint_eq(page.total, 2);
	ck_assert_int_gt(share_put(&rig, "* locations A L1", "two", 1), after);
	rig_end(&rig);
}
END_TEST

static int64_t
bytes_of(const char *path)
{
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	return st.st_size;
}

/* fault S14: what is left of the disk has room for a page or two and for no object. */
START_TEST(test_a_probe_fails_where_a_share_has_no_room)
{
	static char body[4096];
	struct store_op probe = { .verb = STORE_PROBE };
	struct share share = { .body = body };
	struct store_op op = share_op("* locations A L1", &share);
	struct rig rig;

	memset(body, 'x', sizeof(body) - 1);
	rig_begin(&rig, "sqlite:");
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(rig_do(&rig, &probe), RH_OK);
	atomic_store(&room, bytes_of(rig_beside(&rig, "-wal")) + 3 * 4120);
	atomic_store(&fail_suffix, "-wal");
	ck_assert_int_eq(rig_do(&rig, &op), RH_STORE_FAILED);
	ck_assert_int_eq(rig_do(&rig, &probe), RH_STORE_FAILED);
	reset_faults();
	ck_assert_int_eq(rig_do(&rig, &probe), RH_OK);
	ck_assert_int_eq(rig_do(&rig, &op), RH_OK);
	rig_end(&rig);
}
END_TEST

START_TEST(test_probes_leave_one_row_behind)
{
	struct store_op probe = { .verb = STORE_PROBE };
	int64_t before = 0;
	struct rig rig;

	rig_begin(&rig, "sqlite:");
	for (int i = 0; i < 300; i++) {
		ck_assert_int_eq(rig_do(&rig, &probe), RH_OK);
		if (i != 10)
			continue;
		rig_close(&rig);
		before = bytes_of(rig_file(&rig));
		rig_open(&rig);
	}
	rig_close(&rig);
	ck_assert_int_le(bytes_of(rig_file(&rig)), before + 4 * 4096);
	rig_end(&rig);
}
END_TEST

START_TEST(test_after_a_failed_fsync_nothing_is_acknowledged_and_nothing_tried_again)
{
	struct store_op probe = { .verb = STORE_PROBE };
	struct rig_op ops[30] = { 0 };
	struct store_relink relinks[30];
	struct store_stats stats;
	char ids[30][24];
	struct rig rig;

	rig_begin(&rig, "sqlite:");
	ck_assert_int_eq(rig_put(&rig, "before", 100), RH_OK);
	atomic_store(&fail_suffix, "hub.db-wal");
	atomic_store(&fail_sync, EIO);
	submit_puts(&rig, ops, relinks, ids, 30);
	for (int i = 0; i < 30; i++) {
		rig_wait(&rig, &ops[i]);
		ck_assert_int_eq(ops[i].op.err, RH_STORE_FAILED);
	}
	store_stats(rig.store, &stats);
	ck_assert(stats.failed);
	ck_assert_str_ne(stats.reason, "");
	atomic_store(&fail_sync, 0); /* the disk is well again, and it does not help */
	ck_assert_int_eq(rig_do(&rig, &probe), RH_STORE_FAILED);
	ck_assert_int_eq(rig_get(&rig, "before", 1, NULL), RH_STORE_FAILED);
	rig_close(&rig);
	ck_assert_int_eq(atomic_load(&failed_syncs), 1);
	ck_assert_int_eq(atomic_load(&syncs_after_failure), 0);
	reset_faults();
	rig_open(&rig);
	ck_assert_int_eq(rig_get(&rig, "before", 1, NULL), RH_OK);
	ck_assert_int_eq(rig_do(&rig, &probe), RH_OK);
	rig_end(&rig);
}
END_TEST

/* The checkpoint comes after the acknowledgement: those puts are safe in the log, the later ones
 * are refused. */
START_TEST(test_a_failed_fsync_of_the_checkpoint_fails_the_store_too)
{
	enum { PUTS = 300 };
	static struct rig_op ops[PUTS];
	static struct store_relink relinks[PUTS];
	static char ids[PUTS][24], acknowledged[100 * PUTS][24];
	struct store_stats stats = { 0 };
	size_t count = 0;
	struct rig rig;

	rig_begin(&rig, "sqlite:");
	atomic_store(&fail_suffix, "hub.db");
	atomic_store(&fail_sync, EIO);
	for (int round = 0; round < 100 && !stats.failed; round++) {
		submit_puts(&rig, ops, relinks, ids, PUTS);
		for (int i = 0; i < PUTS; i++) {
			rig_wait(&rig, &ops[i]);
			if (ops[i].op.err == RH_OK)
				memcpy(acknowledged[count++], ids[i], sizeof(ids[i]));
		}
		store_stats(rig.store, &stats);
	}
	ck_assert(stats.failed);
	ck_assert_int_eq(rig_put(&rig, "late", 100), RH_STORE_FAILED);
	rig_close(&rig);
	ck_assert_int_eq(atomic_load(&failed_syncs), 1);
	reset_faults();
	rig_open(&rig);
	for (size_t i = 0; i < count; i++)
		ck_assert_int_eq(rig_get(&rig, acknowledged[i], 1, NULL), RH_OK);
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_trace_that_cannot_be_written_is_dropped_and_the_hub_goes_on)
{
	struct store_stats stats;
	struct rig rig;

	rig_begin(&rig, "sqlite:");
	rig_trace(&rig, 1, "c", NULL, NULL, NULL);
	rig_find(&rig, &(struct store_op){ .u.trace.limit = 9 }, 1);
	atomic_store(&fail_suffix, "-trace-wal");
	atomic_store(&fail_write, ENOSPC);
	for (int i = 0; i < 10; i++)
		rig_trace(&rig, 2, "c", NULL, NULL, NULL);
	ck_assert_int_eq(rig_put(&rig, "abc", 100), RH_OK);
	do
		store_stats(rig.store, &stats);
	while (stats.trace_dropped < 10);
	ck_assert_uint_eq(stats.trace_rows, 1);
	ck_assert(!stats.failed);
	reset_faults();
	rig_trace(&rig, 3, "c", NULL, NULL, NULL);
	ck_assert_uint_eq(
	        rig_find(&rig, &(struct store_op){ .u.trace.limit = 9 }, 2).u.trace.count, 2);
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_backup_on_a_full_or_failing_disk_fails_alone_and_leaves_nothing)
{
	struct store_op op = { .verb = STORE_BACKUP };
	char path[128], part[140];
	struct rig rig;

	rig_begin(&rig, "sqlite:");
	snprintf(path, sizeof(path), "%s/copy.db", rig.dir);
	snprintf(part, sizeof(part), "%s.part", path);
	op.u.backup.path = path;
	atomic_store(&fail_suffix, ".part");
	atomic_store(_i == 0 ? &fail_write : &fail_sync, _i == 0 ? ENOSPC : EIO);
	ck_assert_int_eq(rig_do(&rig, &op), RH_STORE_FAILED);
	ck_assert_str_ne(op.why, "");
	ck_assert_int_ne(access(path, F_OK), 0);
	ck_assert_int_ne(access(part, F_OK), 0);
	ck_assert_int_eq(rig_put(&rig, "abc", 100), RH_OK);
	reset_faults();
	op = (struct store_op){ .verb = STORE_BACKUP, .u.backup.path = path };
	ck_assert_msg(rig_do(&rig, &op) == RH_OK, "%s", op.why);
	rig_end(&rig);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("store faults");
	TCase *tests = tcase_create("a bad disk");

	tcase_add_checked_fixture(tests, reset_faults, reset_faults);
	tcase_set_timeout(tests, 0);
	tcase_add_loop_test(
	        tests, test_a_full_disk_fails_the_batch_and_the_store_works_again_by_itself, 0, 3);
	tcase_add_test(
	        tests, test_a_share_on_a_full_disk_is_not_half_stored_and_its_number_is_no_trap);
	tcase_add_test(tests, test_a_probe_fails_where_a_share_has_no_room);
	tcase_add_test(tests, test_probes_leave_one_row_behind);
	tcase_add_test(
	        tests, test_after_a_failed_fsync_nothing_is_acknowledged_and_nothing_tried_again);
	tcase_add_test(tests, test_a_failed_fsync_of_the_checkpoint_fails_the_store_too);
	tcase_add_test(tests, test_a_trace_that_cannot_be_written_is_dropped_and_the_hub_goes_on);
	tcase_add_loop_test(tests,
	        test_a_backup_on_a_full_or_failing_disk_fails_alone_and_leaves_nothing, 0, 2);
	suite_add_tcase(suite, tests);
	rh_log_setup(
	        (enum rh_level) - 1, LOG_TEXT); /* the faults are meant: not even errors are said */
	return suite_run(suite, CK_NOFORK);
}
