/* test_json_put: JSON written as text, member by member. */
#include "helper.h"

static void
expect_json(struct buf *buf, const char *expected)
{
	struct arena *arena = arena_new(4096);
	struct json_doc doc;
	struct fault fault;

	expect_str(buf_str(buf), expected, expected);
	ck_assert_msg(json_scan(buf_str(buf), 100, arena, &doc, &fault) == RH_OK, "%s: %s",
	        expected, fault.why);
	arena_free(arena);
	buf_free(buf);
}

START_TEST(test_members_of_every_kind)
{
	struct buf buf = { 0 };

	json_put_object(&buf, NULL);
	json_put_text(&buf, "text", STR("a \"b\"\n"));
	json_put_text(&buf, "empty", STR(""));
	json_put_number(&buf, "least", INT64_MIN);
	json_put_bool(&buf, "yes", true);
	json_put_bool(&buf, "no", false);
	json_put_null(&buf, "nothing");
	json_put_time(&buf, "at", 1000);
	json_put_raw(&buf, "raw", STR("[1.10]"));
	json_end_object(&buf);
	expect_json(&buf, "{\"text\":\"a \\\"b\\\"\\n\",\"empty\":\"\","
	                  "\"least\":-9223372036854775808,\"yes\":true,\"no\":false,"
	                  "\"nothing\":null,\"at\":\"1970-01-01T00:00:01.000Z\","
	                  "\"raw\":[1.10]}");
}
END_TEST

START_TEST(test_what_is_absent_is_left_out_with_its_key)
{
	const struct str absent = { 0 };
	struct buf buf = { 0 };

	json_put_object(&buf, NULL);
	json_put_text(&buf, "first", absent);
	json_put_number(&buf, "n", 1);
	json_put_raw(&buf, "raw", absent);
	json_put_text(&buf, "last", absent);
	json_end_object(&buf);
	expect_json(&buf, "{\"n\":1}");
}
END_TEST

START_TEST(test_objects_and_lists_stand_in_each_other)
{
	struct buf buf = { 0 };

	json_put_list(&buf, NULL);
	json_put_list(&buf, NULL);
	json_end_list(&buf);
	json_put_object(&buf, NULL);
	json_end_object(&buf);
	json_put_object(&buf, NULL);
	json_put_list(&buf, "a");
	json_put_number(&buf, NULL, 1);
	json_put_text(&buf, NULL, STR("{["));
	json_put_text(&buf, NULL, STR("["));
	json_end_list(&buf);
	json_put_object(&buf, "b");
	json_put_null(&buf, "c{");
	json_end_object(&buf);
	json_end_object(&buf);
	json_put_bool(&buf, NULL, true);
	json_end_list(&buf);
	expect_json(&buf, "[[],{},{\"a\":[1,\"{[\",\"[\"],\"b\":{\"c{\":null}},true]");
}
END_TEST

START_TEST(test_a_value_may_be_the_whole)
{
	struct buf buf = { 0 };

	json_put_text(&buf, NULL, STR("x"));
	expect_json(&buf, "\"x\"");
}
END_TEST

START_TEST(test_keys_are_escaped_too)
{
	struct buf buf = { 0 };

	json_put_object(&buf, NULL);
	json_put_number(&buf, "a\"b", 1);
	json_end_object(&buf);
	expect_json(&buf, "{\"a\\\"b\":1}");
}
END_TEST

RUN("ocpi json put", test_members_of_every_kind, test_what_is_absent_is_left_out_with_its_key,
        test_objects_and_lists_stand_in_each_other, test_a_value_may_be_the_whole,
        test_keys_are_escaped_too)
