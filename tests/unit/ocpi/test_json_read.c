/* test_json_read: members, strings, integers, pointers, quoting and splicing. */
#include "helper.h"

static struct arena *
scanned(const char *text, struct json_doc *doc)
{
	struct arena *arena = arena_new(4096);
	struct fault fault = { 0 };

	ck_assert_msg(json_scan(str_of(text), 1000000, arena, doc, &fault) == RH_OK, "%s: %s", text,
	        fault.why);
	return arena;
}

START_TEST(test_members_are_found_by_their_decoded_key)
{
	static const struct {
		const char *text, *name, *raw; /* raw NULL: absent */
	} cases[] = {
		{ "{}", "a", NULL },
		{ "[]", "a", NULL },
		{ "[\"a\",1]", "a", NULL },
		{ "\"a\"", "a", NULL },
		{ "{\"a\":1}", "a", "1" },
		{ "{\"a\":1}", "A", NULL }, /* TRN-057 */
		{ "{\"a\":1}", "aa", NULL },
		{ "{\"aa\":1}", "a", NULL },
		{ "{\"x\":{\"a\":1},\"a\":{\"b\":[2, 3]}}", "a", "{\"b\":[2, 3]}" },
		{ "{\"x\":[\"a\",{\"a\":1}],\"y\":\"a\"}", "a", NULL },
		{ "{\"\\u0061\":1}", "a", "1" },
		{ "{\"\\u0061b\":1}", "a", NULL },
		{ "{\"\\u0061\":1}", "ab", NULL },
		{ "{\"a\\nb\":null}", "a\nb", "null" },
		{ "{\"\\ud83d\\ude00\":true}", "\xf0\x9f\x98\x80", "true" },
		{ "{\"\":\"x\"}", "", "\"x\"" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct json_doc doc;
		struct arena *arena = scanned(cases[i].text, &doc);
		uint32_t node = json_member(&doc, 0, cases[i].name);

		ck_assert_msg((node == 0) == (cases[i].raw == NULL), "%s", cases[i].text);
		if (node != 0)
			expect_str(json_raw(&doc, node), cases[i].raw, cases[i].text);
		arena_free(arena);
	}
}
END_TEST

START_TEST(test_strings_are_decoded)
{
	static const struct {
		const char *text, *content;
	} cases[] = {
		{ "\"\"", "" },
		{ "\"abc\"", "abc" },
		{ "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t" },
		{ "\"a\\u0041z\"", "aAz" },
		{ "\"\\u007f\\u0080\\u07ff\\u0800\\uffff\"",
		        "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf" },
		{ "\"\\ud800\\udc00\\uDBFF\\uDFFF\"", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf" },
		{ "\"\xc3\xa9\\u00e9\xc3\xa9\"", "\xc3\xa9\xc3\xa9\xc3\xa9" },
		{ "1", NULL },
		{ "null", NULL },
		{ "{}", NULL },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct json_doc doc;
		struct arena *arena = scanned(cases[i].text, &doc);

		expect_str(json_string(&doc, 0, arena), cases[i].content, cases[i].text);
		arena_free(arena);
	}
}
END_TEST

START_TEST(test_a_string_without_escapes_is_not_copied)
{
	struct json_doc doc;
	struct arena *arena = scanned("{\"a\":\"plain\"}", &doc);

	ck_assert_ptr_eq(json_member_string(&doc, 0, "a", arena).p, doc.text.p + 6);
	expect_str(json_member_string(&doc, 0, "b", arena), NULL, "no member");
	arena_free(arena);
}
END_TEST

START_TEST(test_TYP_010_integers_are_integral_numbers_that_fit)
{
	static const struct {
		const char *text;
		bool good;
		int64_t value;
	} cases[] = {
		{ "0", true, 0 },
		{ "-0", true, 0 },
		{ "1000", true, 1000 },
		{ "-7", true, -7 },
		{ "1000.0", true, 1000 },
		{ "1000.000000000000000000000000000000", true, 1000 },
		{ "1e3", true, 1000 },
		{ "1.5e1", true, 15 },
		{ "1.50E+2", true, 150 },
		{ "10000e-3", true, 10 },
		{ "0e999999999999", true, 0 },
		{ "0.000e-5", true, 0 },
		{ "9223372036854775807", true, INT64_MAX },
		{ "-9223372036854775808", true, INT64_MIN },
		{ "9223372036854775807.0", true, INT64_MAX },
		{ "100000000000000000000e-20", true, 1 },
		{ "9223372036854775808", false, 0 },
		{ "-9223372036854775809", false, 0 },
		{ "18446744073709551616", false, 0 },
		{ "1e19", false, 0 },
		{ "1e99999999999999999999", false, 0 },
		{ "1e-99999999999999999999", false, 0 },
		{ "1.5", false, 0 },
		{ "15e-1", false, 0 },
		{ "0.1", false, 0 },
		{ "\"1\"", false, 0 },
		{ "true", false, 0 },
		{ "null", false, 0 },
		{ "[1]", false, 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct json_doc doc;
		struct arena *arena = scanned(cases[i].text, &doc);
		int64_t value = 0;

		ck_assert_msg(json_int(&doc, 0, &value) == cases[i].good, "%s", cases[i].text);
		ck_assert_msg(value == cases[i].value, "%s: %lld", cases[i].text, (long long)value);
		arena_free(arena);
	}
}
END_TEST

START_TEST(test_pointers_lead_to_every_node)
{
	static const char *const expected[] = { "", "/a", "/a", "/a/0", "/a/1", "/a/1/x~1y",
		"/a/1/x~1y", "/a/2", "/a/2/0", "/m~0n", "/m~0n", "/", "/", "/\xc3\xa9",
		"/\xc3\xa9" };
	struct json_doc doc;
	struct arena *arena =
	        scanned("{\"a\":[1,{\"x/y\":2},[3]],\"m~n\":null,\"\":{},\"\\u00e9\":4}", &doc);
	char out[64];

	ck_assert_uint_eq(doc.count, COUNT(expected));
	for (uint32_t i = 0; i < doc.count; i++) {
		json_pointer(&doc, i, out, sizeof(out));
		ck_assert_msg(strcmp(out, expected[i]) == 0, "node %u: %s", i, out);
	}
	arena_free(arena);
}
END_TEST

START_TEST(test_pointers_are_cut_between_characters)
{
	static const char *const cut[] = { "", "/", "/a", "/a", "/a\xc3\xa9", "/a\xc3\xa9",
		"/a\xc3\xa9~1", "/a\xc3\xa9~1", "/a\xc3\xa9~1", "/a\xc3\xa9~1/10",
		"/a\xc3\xa9~1/10" };
	struct json_doc doc;
	struct arena *arena = scanned("{\"a\xc3\xa9/\":[0,0,0,0,0,0,0,0,0,0,1]}", &doc);
	char out[16];

	for (size_t size = 1; size <= COUNT(cut); size++) {
		memset(out, 'x', sizeof(out));
		json_pointer(&doc, doc.count - 1, out, size);
		ck_assert_msg(strcmp(out, cut[size - 1]) == 0, "size %zu: %s", size, out);
		ck_assert_int_eq(out[size], 'x');
	}
	arena_free(arena);
}
END_TEST

START_TEST(test_quoting_makes_valid_JSON_of_any_bytes)
{
	static const struct {
		const char *text, *quoted;
	} cases[] = {
		{ "", "\"\"" },
		{ "plain", "\"plain\"" },
		{ "a\"b\\c/d", "\"a\\\"b\\\\c/d\"" },
		{ "\b\f\n\r\t\x01\x1f\x7f", "\"\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\"" },
		{ "\xc3\xa9", "\"\xc3\xa9\"" },
		{ "a\xff"
		  "b",
		        "\"a\xef\xbf\xbd"
		        "b\"" },
		{ "\xe2\x82", "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
	};
	struct buf all = { 0 };
	struct buf back = { 0 };
	struct json_doc doc;
	struct arena *arena;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf buf = { 0 };

		json_quote(&buf, str_of(cases[i].text));
		expect_str(buf_str(&buf), cases[i].quoted, cases[i].quoted);
		buf_free(&buf);
	}
	for (int c = 1; c < 256; c++)
		buf_addc(&all, (char)c);
	json_quote(&back, buf_str(&all));
	arena = scanned(back.p, &doc);
	ck_assert_mem_eq(json_string(&doc, 0, arena).p, all.p, 0x7f);
	arena_free(arena);
	buf_free(&all);
	buf_free(&back);
}
END_TEST

START_TEST(test_TRP_066_splicing_leaves_every_other_byte)
{
	static const struct {
		struct splice splices[3];
		size_t count;
		const char *result;
	} cases[] = {
		{ { { 0 } }, 0, "0123456789" },
		{ { { 0, 0, { "ab", 2 } } }, 1, "ab0123456789" },
		{ { { 10, 10, { "ab", 2 } } }, 1, "0123456789ab" },
		{ { { 0, 10, { "", 0 } } }, 1, "" },
		{ { { 0, 10, { NULL, 0 } } }, 1, "" },
		{ { { 2, 5, { "x", 1 } } }, 1, "01x56789" },
		{ { { 0, 1, { "aa", 2 } }, { 1, 2, { "", 0 } }, { 9, 10, { "zzz", 3 } } }, 3,
		        "aa2345678zzz" },
	};
	struct arena *arena = arena_new(4096);

	for (size_t i = 0; i < COUNT(cases); i++)
		expect_str(splice_apply(STR("0123456789"), cases[i].splices, cases[i].count, arena),
		        cases[i].result, cases[i].result);
	arena_free(arena);
}
END_TEST

RUN("ocpi json_read", test_members_are_found_by_their_decoded_key, test_strings_are_decoded,
        test_a_string_without_escapes_is_not_copied,
        test_TYP_010_integers_are_integral_numbers_that_fit, test_pointers_lead_to_every_node,
        test_pointers_are_cut_between_characters, test_quoting_makes_valid_JSON_of_any_bytes,
        test_TRP_066_splicing_leaves_every_other_byte)
