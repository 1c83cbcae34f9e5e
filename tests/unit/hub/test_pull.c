/* test_pull: what a full walk did not find, and when that is too much to be believed (fault L6). */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../../src/hub/pull_sweep.h"
#include "../suite.h"

static struct store_key
key_of(char id[16], int number, const char *type)
{
	int len = snprintf(id, 16, "L%d", number);

	return (struct store_key){ STR("*"), STR("tokens"), STR("DE*CPO"), { id, (size_t)len },
		str_of(type) };
}

START_TEST(test_what_was_seen_is_remembered)
{
	struct pull_seen seen = { 0 };
	char id[16];

	for (int i = 0; i < 10000; i++) {
		struct store_key key = key_of(id, i, "RFID");

		ck_assert(!pull_seen_has(&seen, &key));
		pull_seen_add(&seen, &key);
		pull_seen_add(&seen, &key);
		ck_assert(pull_seen_has(&seen, &key));
	}
	ck_assert_uint_eq(seen.count, 10000);
	for (int i = 0; i < 10000; i++) {
		struct store_key key = key_of(id, i, "RFID"), other = key_of(id, i, "OTHER");

		ck_assert(pull_seen_has(&seen, &key));
		ck_assert(!pull_seen_has(&seen, &other));
	}
	pull_seen_clear(&seen);
	ck_assert_uint_eq(seen.count, 0);
}
END_TEST

static const struct {
	size_t seen;
	uint64_t kept, gone;
	bool too_much;
} walks[] = {
	{ 0, 0, 0, false }, { 0, 5, 0, false }, /* missing for the first time */
	{ 0, 5, 1, true },                      /* an empty list */
	{ 0, 5, 5, true }, { 4, 5, 1, false },  /* a fifth */
	{ 3, 5, 2, true }, { 80, 100, 20, false }, { 79, 100, 21, true }, { 100, 100, 0, false },
	{ 500, 100, 100, true }, /* it sees much, but nothing of what is here */
};

START_TEST(test_much_at_once_is_not_believed)
{
	ck_assert_int_eq(
	        pull_too_much(walks[_i].seen, walks[_i].kept, walks[_i].gone), walks[_i].too_much);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("hub pull");
	TCase *tcase = tcase_create("pull");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, test_what_was_seen_is_remembered);
	tcase_add_loop_test(tcase, test_much_at_once_is_not_believed, 0, COUNT(walks));
	return suite_run(suite, CK_NOFORK);
}
