/* test_secret_file: the file is made whole, for its owner alone, or not at all. */
#include "../suite.h"
#include "roamhub/base.h"

#include <check.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[] = "/tmp/test_secret_XXXXXX";
static char path[sizeof(dir) + 8];

static void
setup(void)
{
	strcpy(dir + sizeof(dir) - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/secret", dir);
}

/* Removes what is in the directory, and tells how much that was. */
static int
clear(void)
{
	DIR *entries = opendir(dir);
	int count = 0;

	for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
		if (entry->d_name[0] == '.')
			continue;
		ck_assert_int_eq(unlinkat(dirfd(entries), entry->d_name, 0), 0);
		count++;
	}
	closedir(entries);
	return count;
}

static void
teardown(void)
{
	clear();
	rmdir(dir);
}

static void
expect_content(const char *content)
{
	char text[64] = "";
	FILE *file = fopen(path, "r");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fread(text, 1, sizeof(text) - 1, file), strlen(content));
	fclose(file);
	ck_assert_str_eq(text, content);
}

START_TEST(test_only_its_owner_may_read_it)
{
	mode_t mask = umask(0);
	struct fault fault;
	struct stat info;

	ck_assert_int_eq(rh_secret_file(path, STR("open sesame\n"), &fault), RH_OK);
	umask(mask);
	ck_assert_int_eq(stat(path, &info), 0);
	ck_assert_int_eq(info.st_mode & 07777, 0600);
	expect_content("open sesame\n");
	ck_assert_int_eq(clear(), 1);
}
END_TEST

START_TEST(test_a_file_that_is_there_stays_as_it_is)
{
	struct fault fault;

	ck_assert_int_eq(rh_secret_file(path, STR("first"), &fault), RH_OK);
	ck_assert_int_eq(rh_secret_file(path, STR("second"), &fault), RH_OK);
	expect_content("first");
	ck_assert_int_eq(clear(), 1);
}
END_TEST

START_TEST(test_nothing_is_left_of_a_failure)
{
	const struct rlimit small = { 4, RLIM_INFINITY }, any = { RLIM_INFINITY, RLIM_INFINITY };
	struct fault fault;
	enum rh_err err;

	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &small);
	err = rh_secret_file(path, STR("open sesame\n"), &fault);
	setrlimit(RLIMIT_FSIZE, &any);
	signal(SIGXFSZ, SIG_DFL);
	ck_assert_int_eq(err, RH_SYSTEM);
	ck_assert_str_eq(fault.field, path);
	ck_assert_str_eq(fault.why, "cannot be made: File too large");
	ck_assert_int_eq(clear(), 0);
}
END_TEST

START_TEST(test_a_directory_that_is_missing_is_named)
{
	struct fault fault;
	char missing[sizeof(dir) + 16];

	snprintf(missing, sizeof(missing), "%s/none/secret", dir);
	ck_assert_int_eq(rh_secret_file(missing, STR("x"), &fault), RH_SYSTEM);
	ck_assert_str_eq(fault.field, missing);
	ck_assert_str_eq(fault.why, "cannot be made: No such file or directory");
}
END_TEST

/* A process that the kernel ends in the middle of the key: half a key would be refused at every
 * later start. */
START_TEST(test_a_crash_while_it_is_made_leaves_the_next_start_free)
{
	uint8_t key[32];
	struct fault fault;
	int status;
	pid_t child = fork();

	if (child == 0) {
		const struct rlimit small = { 4, 4 };

		setrlimit(RLIMIT_FSIZE, &small);
		_exit(rh_key_file(path, key, sizeof(key), &fault) == RH_OK);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ);
	ck_assert_int_ne(access(path, F_OK), 0);
	ck_assert_int_eq(rh_key_file(path, key, sizeof(key), &fault), RH_OK);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("secret file");
	TCase *tcase = tcase_create("secret file");

	if (rh_crypt_init(NULL) != RH_OK)
		return EXIT_FAILURE;
	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_only_its_owner_may_read_it);
	tcase_add_test(tcase, test_a_file_that_is_there_stays_as_it_is);
	tcase_add_test(tcase, test_nothing_is_left_of_a_failure);
	tcase_add_test(tcase, test_a_directory_that_is_missing_is_named);
	tcase_add_test(tcase, test_a_crash_while_it_is_made_leaves_the_next_start_free);
	return suite_run(suite, CK_NOFORK);
}
