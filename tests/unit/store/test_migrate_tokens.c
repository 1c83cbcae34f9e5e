/* test_migrate_tokens: what migration 0008 makes of a database of before. */
#include "../suite.h"
#include "rig.h"

#include <check.h>
#include <stdio.h>

enum { MIGRATION = 8 };

START_TEST(test_tokens_are_as_old_as_their_platform_and_what_it_was_told_is_not_known)
{
	struct store_op load = { .verb = STORE_PLATFORMS_LOAD };
	const struct store_platform *platform;
	struct rig rig;

	rig_begin_before(&rig, MIGRATION,
	        "INSERT INTO platform (id, name, state, removed, created_ms, updated_ms, "
	        "last_contact_ms, claims_bound) VALUES (1, 'P', 1, 0, 4711, 4712, 4713, 0);"
	        "INSERT INTO token VALUES (1, 0, 2, zeroblob(32), 0);"
	        "INSERT INTO token VALUES (1, 1, 3, randomblob(32), 99);");
	ck_assert_int_eq(rig_do(&rig, &load), RH_OK);
	ck_assert_uint_eq(load.u.load.count, 1);
	platform = &load.u.load.platforms[0];
	ck_assert_ptr_null(platform->told.p);
	ck_assert_uint_eq(platform->token_count, 2);
	ck_assert_int_eq(platform->tokens[0].made_ms, 4711);
	ck_assert_int_eq(platform->tokens[1].made_ms, 4711);
	ck_assert_int_eq(platform->tokens[1].expires_ms, 99);
	rig_end(&rig);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("store migrate, tokens");
	TCase *tests = tcase_create("a database of before");

	tcase_add_test(
	        tests, test_tokens_are_as_old_as_their_platform_and_what_it_was_told_is_not_known);
	suite_add_tcase(suite, tests);
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	return suite_run(suite, CK_NOFORK);
}
