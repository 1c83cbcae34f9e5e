/* test_loop: what Via says (RTE-061, fault O12). */
#include "../../../src/hub/message/loop.h"
#include "../suite.h"

#include <check.h>
#include <stdlib.h>

static const struct str own = { "DE-HUB", 6 };

START_TEST(test_fault_O12_via_that_names_the_hub_is_found)
{
	static const char *const vias[] = { "1.1 DE-HUB", "1.1 de-hub", "1.1 FR-HB2, 1.1 DE-HUB",
		"1.1 DE-HUB,1.1 FR-HB2", "1.1 proxy.example (nginx), , 1.1  DE-HUB (roamhub) ",
		"HTTP/1.1 DE-HUB" };

	for (size_t i = 0; i < COUNT(vias); i++)
		ck_assert_msg(loop_read(str_of(vias[i]), own) == LOOP_OWN, "%s", vias[i]);
}
END_TEST

START_TEST(test_others_are_let_through)
{
	static const char *const vias[] = { "", ",", "1.1", "DE-HUB", "1.1 DE-HUB2", "1.1 FR-HB2",
		"1.1 XDE-HUB, 1.0 fred (DE-HUB)", "1.1 varnish" };

	ck_assert_int_eq(loop_read((struct str){ 0 }, own), LOOP_NONE);
	for (size_t i = 0; i < COUNT(vias); i++)
		ck_assert_msg(loop_read(str_of(vias[i]), own) == LOOP_NONE, "%s", vias[i]);
}
END_TEST

START_TEST(test_more_hubs_than_there_may_be)
{
	struct buf via = { 0 };

	for (int i = 0; i < LOOP_HOPS; i++)
		buf_add(&via, STR("1.1 FR-HB2, "));
	ck_assert_int_eq(loop_read(buf_str(&via), own), LOOP_NONE);
	buf_add(&via, STR("1.1 FR-HB3"));
	ck_assert_int_eq(loop_read(buf_str(&via), own), LOOP_MANY);
	buf_add(&via, STR(", 1.1 DE-HUB"));
	ck_assert_int_eq(loop_read(buf_str(&via), own), LOOP_OWN);
	buf_free(&via);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("loop");
	TCase *tests = tcase_create("via");

	tcase_add_test(tests, test_fault_O12_via_that_names_the_hub_is_found);
	tcase_add_test(tests, test_others_are_let_through);
	tcase_add_test(tests, test_more_hubs_than_there_may_be);
	suite_add_tcase(suite, tests);
	return suite_run(suite, CK_NOFORK);
}
