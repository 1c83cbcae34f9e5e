/* test_ctl_pure: what roamhubctl works out without a hub: a tar archive. */
#include "../suite.h"
#include "ctl.h"
#include "ctl_tar.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

START_TEST(test_a_tar_archive_is_headers_and_blocks)
{
	struct arena *arena = arena_new(8192);
	struct buf tar = { .arena = arena };

	ctl_tar_add(&tar, "a/one", STR("hello"), 1);
	ctl_tar_add(&tar, "a/empty", STR(""), 1);
	ctl_tar_end(&tar);
	ck_assert_uint_eq(tar.len, 512 + 512 + 512 + 1024);
	ck_assert_str_eq(tar.p, "a/one");
	ck_assert_str_eq(tar.p + 124, "00000000005");
	ck_assert_str_eq(tar.p + 136, "00000000001");
	ck_assert_mem_eq(tar.p + 257, "ustar\00000", 8);
	ck_assert_mem_eq(tar.p + 512, "hello\0", 6);
	ck_assert_str_eq(tar.p + 1024, "a/empty");
	arena_free(arena);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("roamhubctl without a hub");
	TCase *tests = tcase_create("pure");

	suite_add_tcase(suite, tests);
	tcase_add_test(tests, test_a_tar_archive_is_headers_and_blocks);
	return suite_run(suite, CK_FORK_GETENV);
}
