/* unit tests of the trees behind the admin API: what jansson would not take, integers, order. */
#include "../suite.h"
#include "roamhub/tree.h"

#include <check.h>
#include <string.h>

static struct str
printed(const json_t *tree, struct buf *out)
{
	out->len = 0;
	tree_print(tree, out);
	return buf_str(out);
}

START_TEST(test_an_object_keeps_the_order_and_the_type_of_what_was_set)
{
	CLEANUP(tree_drop) json_t *tree = tree_object();
	CLEANUP(buf_free) struct buf out = { 0 };
	json_t *list = tree_list();

	tree_set_text(tree, "z", "one \"two\"");
	tree_set_number(tree, "most", INT64_MAX);
	tree_set_number(tree, "least", INT64_MIN);
	tree_set_count(tree, "more", UINT64_MAX);
	tree_set_bool(tree, "yes", true);
	tree_set_str(tree, "absent", (struct str){ 0 });
	tree_set_text(tree, "empty", "");
	tree_set_time(tree, "never", 0);
	tree_set_time(tree, "then", 1600000000000);
	tree_add(list, tree_text("a"));
	tree_set(tree, "list", list);
	ck_assert_str_eq(printed(tree, &out).p,
	        "{\"z\":\"one \\\"two\\\"\",\"most\":9223372036854775807,"
	        "\"least\":-9223372036854775808,\"more\":9223372036854775807,\"yes\":true,"
	        "\"absent\":null,\"empty\":\"\",\"never\":null,"
	        "\"then\":\"2020-09-13T12:26:40.000Z\",\"list\":[\"a\"]}");
}
END_TEST

/* A reason that a partner gave and that was cut in the middle of a letter is shown nevertheless. */
START_TEST(test_bytes_that_are_no_text_become_replacement_characters)
{
	static const struct str given[] = { STR("caf\xc3"), STR("\xff"), STR("a\xed\xa0\x80z") };
	CLEANUP(buf_free) struct buf out = { 0 };

	for (size_t i = 0; i < COUNT(given); i++) {
		CLEANUP(tree_drop) json_t *tree = tree_str(given[i]);

		ck_assert(json_is_string(tree));
		ck_assert_ptr_nonnull(strstr(printed(tree, &out).p, "\xef\xbf\xbd"));
	}
}
END_TEST

START_TEST(test_text_is_read_strictly)
{
	static const char *const bad[] = { "", "{", "{} {}", "{\"a\":1,\"a\":2}", "[1,]",
		"\"\\u0000\"", "{\"a\":\"\xff\"}", "nul" };
	struct fault fault;

	for (size_t i = 0; i < COUNT(bad); i++) {
		fault = (struct fault){ 0 };
		ck_assert_msg(tree_read(str_of(bad[i]), &fault) == NULL, "%s", bad[i]);
		ck_assert_int_eq(fault.err, RH_BAD_JSON);
		ck_assert_uint_gt(strlen(fault.why), 0);
	}
}
END_TEST

START_TEST(test_a_string_member_is_absent_when_it_is_no_string)
{
	CLEANUP(tree_drop)
	json_t *tree = tree_read(STR("{\"a\":\"x\",\"n\":5,\"null\":null}"), NULL);

	ck_assert(str_is(tree_get_str(tree, "a"), "x"));
	ck_assert_ptr_null(tree_get_str(tree, "n").p);
	ck_assert_ptr_null(tree_get_str(tree, "null").p);
	ck_assert_ptr_null(tree_get_str(tree, "b").p);
	ck_assert_ptr_null(tree_get_str(NULL, "a").p);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("tree");
	TCase *cases = tcase_create("tree");

	tcase_add_test(cases, test_an_object_keeps_the_order_and_the_type_of_what_was_set);
	tcase_add_test(cases, test_bytes_that_are_no_text_become_replacement_characters);
	tcase_add_test(cases, test_text_is_read_strictly);
	tcase_add_test(cases, test_a_string_member_is_absent_when_it_is_no_string);
	suite_add_tcase(suite, cases);
	return suite_run(suite, CK_NOFORK);
}
