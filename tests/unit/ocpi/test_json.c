/* test_json: what json_scan() takes and what it refuses.
 * Every text is scanned from a copy without a byte to spare. */
#include "helper.h"

enum { MANY = 1000000 };

static enum rh_err
scan(struct str text, uint32_t max_nodes, struct fault *fault)
{
	struct arena *arena = arena_new(4096);
	struct str copy = exact(text);
	struct json_doc doc;
	enum rh_err err = json_scan(copy, max_nodes, arena, &doc, fault);

	drop(copy);
	arena_free(arena);
	return err;
}

static void
expect_good(struct str text)
{
	struct fault fault = { 0 };

	ck_assert_msg(scan(text, MANY, &fault) == RH_OK, "'%.*s' was refused: %s", STR_ARG(text),
	        fault.why);
}

static void
expect_bad(struct str text, const char *why)
{
	struct fault fault = { 0 };

	ck_assert_msg(scan(text, MANY, &fault) == RH_BAD_JSON, "'%.*s' was taken", STR_ARG(text));
	ck_assert_int_eq(fault.err, RH_BAD_JSON);
	ck_assert_str_eq(fault.field, "");
	ck_assert_msg(strcmp(fault.why, why) == 0, "'%.*s': found '%s', expected '%s'",
	        STR_ARG(text), fault.why, why);
	ck_assert_int_eq(scan(text, MANY, NULL), RH_BAD_JSON);
}

START_TEST(test_values_of_every_type_are_taken)
{
	static const char *const good[] = { "null", "true", "false", "0", "\"\"", "[]", "{}",
		" \t\r\n1\n ", "[ ]", "{ }", "[1,2]", "[[],[[]],{}]", "{\"a\":1}",
		"{ \"a\" : [ ] , \"b\" : { } }", "{\"\":{\"\":{\"\":0}}}",
		"                    1                    ", "[\n        1,\n                2\n]",
		"{\"a\":{\"a\":1},\"b\":{\"a\":1}}", "{\"a\":1,\"A\":2}", "\"\x7f\"" };

	for (size_t i = 0; i < COUNT(good); i++)
		expect_good(str_of(good[i]));
}
END_TEST

START_TEST(test_TRN_009_what_is_not_one_value_is_refused)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{ "", "offset 0: expected a value" },
		{ "  ", "offset 2: expected a value" },
		{ "nul", "offset 0: expected a value" },
		{ "nulL", "offset 0: expected a value" },
		{ "True", "offset 0: expected a value" },
		{ "nullx", "offset 4: expected the end of the text" },
		{ "1 2", "offset 2: expected the end of the text" },
		{ "{}{}", "offset 2: expected the end of the text" },
		{ "[1", "offset 2: expected ',' or ']'" },
		{ "[", "offset 1: expected a value" },
		{ "[1,", "offset 3: expected a value" },
		{ "[1,]", "offset 3: expected a value" },
		{ "[,1]", "offset 1: expected a value" },
		{ "[1 2]", "offset 3: expected ',' or ']'" },
		{ "[1}", "offset 2: expected ',' or ']'" },
		{ "{", "offset 1: expected a key in quotes" },
		{ "{]", "offset 1: expected a key in quotes" },
		{ "{\"a\"", "offset 4: expected ':' behind a key" },
		{ "{\"a\" 1}", "offset 5: expected ':' behind a key" },
		{ "{\"a\":", "offset 5: expected a value" },
		{ "{\"a\":}", "offset 5: expected a value" },
		{ "{\"a\":1", "offset 6: expected ',' or '}'" },
		{ "{\"a\":1]", "offset 6: expected ',' or '}'" },
		{ "{\"a\":1,}", "offset 7: expected a key in quotes" },
		{ "{a:1}", "offset 1: expected a key in quotes" },
		{ "{'a':1}", "offset 1: expected a key in quotes" },
		{ "{1:1}", "offset 1: expected a key in quotes" },
		{ "]", "offset 0: expected a value" },
		{ "// x\n1", "offset 0: expected a value" },
		{ "1 /* x */", "offset 2: expected the end of the text" },
		/* fault O29 */
		{ "\xef\xbb\xbf{}",
		        "offset 0: a byte order mark (U+FEFF) stands before the value" },
		{ "\f1", "offset 0: expected a value" },
		{ "NaN", "offset 0: expected a value" },
		{ "Infinity", "offset 0: expected a value" },
		{ "<html>", "offset 0: expected a value" },
		{ "\"abc", "offset 4: string without an end" },
		{ "\"abcdefghijk", "offset 12: string without an end" },
		{ "[\"a\"\"b\"]", "offset 4: expected ',' or ']'" },
	};

	for (size_t i = 0; i < COUNT(bad); i++)
		expect_bad(str_of(bad[i].text), bad[i].why);
	expect_bad((struct str){ 0 }, "no text");
	expect_bad(STR("1\0"), "offset 1: expected the end of the text");
}
END_TEST

START_TEST(test_numbers_follow_the_grammar)
{
	static const char *const good[] = { "0", "-0", "1", "-1", "10",
		"1234567890123456789012345678901234567890", "0.0", "0.10", "-1.5", "1e5", "1E5",
		"1e+5", "1e-05", "1.25e10", "-0.0e-0", "[0]", "[1.5,2]" };
	static const struct {
		const char *text, *why;
	} bad[] = {
		{ "01", "offset 1: leading zero in a number" },
		{ "-01", "offset 2: leading zero in a number" },
		{ "00", "offset 1: leading zero in a number" },
		{ "-", "offset 1: expected a digit" },
		{ "--1", "offset 1: expected a digit" },
		{ "+1", "offset 0: expected a value" },
		{ ".5", "offset 0: expected a value" },
		{ "1.", "offset 2: expected a digit" },
		{ "1.e5", "offset 2: expected a digit" },
		{ "-.5", "offset 1: expected a digit" },
		{ "1e", "offset 2: expected a digit" },
		{ "1e+", "offset 3: expected a digit" },
		{ "1e1.5", "offset 3: expected the end of the text" },
		{ "0x10", "offset 1: expected the end of the text" },
		{ "1a", "offset 1: expected the end of the text" },
		{ "1,5", "offset 1: expected the end of the text" },
	};

	for (size_t i = 0; i < COUNT(good); i++)
		expect_good(str_of(good[i]));
	for (size_t i = 0; i < COUNT(bad); i++)
		expect_bad(str_of(bad[i].text), bad[i].why);
}
END_TEST

START_TEST(test_TRP_067_escapes_are_checked)
{
	static const char *const good[] = { "\\\"", "\\\\", "\\/", "\\b\\f\\n\\r\\t", "\\u0041",
		"\\u00e9", "\\uABCD", "\\uabcd", "\\ud83d\\ude00", "\\uD800\\uDC00",
		"\\uDBFF\\uDFFF", "\\uFFFF", "\\u0001" };
	static const struct {
		const char *text, *why;
	} bad[] = {
		{ "\\u0000", "\\u0000 is not allowed" },
		{ "\\x41", "unknown escape in a string" },
		{ "\\a", "unknown escape in a string" },
		{ "\\'", "unknown escape in a string" },
		{ "\\U0041", "unknown escape in a string" },
		{ "\\", "string without an end" },
		{ "\\u", "expected four hexadecimal digits behind \\u" },
		{ "\\u004", "expected four hexadecimal digits behind \\u" },
		{ "\\u00g0", "expected four hexadecimal digits behind \\u" },
		{ "\\u+041", "expected four hexadecimal digits behind \\u" },
		{ "\\ud800", "half of a surrogate pair" },
		{ "\\udc00", "half of a surrogate pair" },
		{ "\\ud800x", "half of a surrogate pair" },
		{ "\\ud800\\n12345", "half of a surrogate pair" },
		{ "\\ud800\\ud800", "half of a surrogate pair" },
		{ "\\ud800\\u0041", "half of a surrogate pair" },
		{ "\\ud800\\udc0", "half of a surrogate pair" },
		{ "\\udc00\\ud800", "half of a surrogate pair" },
	};
	char text[64], why[96];

	for (size_t i = 0; i < COUNT(good); i++) {
		snprintf(text, sizeof(text), "\"%s\"", good[i]);
		expect_good(str_of(text));
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		bool open =
		        strcmp(bad[i].text, "\\") == 0; /* its backslash takes the closing quote */

		snprintf(text, sizeof(text), "\"%s\"", bad[i].text);
		snprintf(why, sizeof(why), "offset %d: %s", open ? 3 : 1, bad[i].why);
		expect_bad(str_of(text), why);
	}
	expect_bad(STR("\"\\"), "offset 1: unknown escape in a string");
	expect_bad(STR("\"\\u"), "offset 1: expected four hexadecimal digits behind \\u");
	expect_bad(STR("\"\\u12"), "offset 1: expected four hexadecimal digits behind \\u");
	expect_bad(STR("\"\\ud83d\\ude0"), "offset 1: half of a surrogate pair");
}
END_TEST

START_TEST(test_TRP_067_invalid_UTF_8_is_refused_wherever_it_stands_in_a_string)
{
	static const char *const good[] = { "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
		"\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf",
		"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80" };
	static const char *const bad[] = { "\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2",
		"\xc2\x41", "\xc2\xc2", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xe2\x82", "\xe2\x82\x41",
		"\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf",
		"\xf0\x9f\x98", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf8\x88\x80\x80\x80",
		"\xfc\x84\x80\x80\x80\x80", "\xfe", "\xff", "\xe2\x28\xa1", "\xf0\x28\x8c\xbc" };
	char text[64], why[64];

	for (int before = 0; before < 20; before++) {
		for (size_t i = 0; i < COUNT(good); i++) {
			snprintf(text, sizeof(text), "\"%.*s%s tail\"", before,
			        "aaaaaaaaaaaaaaaaaaaa", good[i]);
			expect_good(str_of(text));
		}
		for (size_t i = 0; i < COUNT(bad); i++) {
			snprintf(why, sizeof(why), "offset %d: invalid UTF-8", before + 1);
			snprintf(text, sizeof(text), "\"%.*s%s tail\"", before,
			        "aaaaaaaaaaaaaaaaaaaa", bad[i]);
			expect_bad(str_of(text), why);
			snprintf(text, sizeof(text), "\"%.*s%s", before, "aaaaaaaaaaaaaaaaaaaa",
			        bad[i]);
			expect_bad(str_of(text), why);
		}
	}
}
END_TEST

START_TEST(test_every_byte_in_a_string_at_every_position_of_a_word)
{
	char why[64];

	for (int before = 0; before < 17; before++)
		for (int byte = 0; byte < 0x80; byte++) {
			char text[32] = "\"aaaaaaaaaaaaaaaaaaaaaaaa\"";
			struct str s = { text, 26 };

			text[1 + before] = (char)byte;
			snprintf(why, sizeof(why), "offset %d: control character in a string",
			        before + 1);
			if (byte < 0x20)
				expect_bad(s, why);
			else if (byte == '"')
				ck_assert_int_eq(scan(s, MANY, NULL), RH_BAD_JSON);
			else if (byte != '\\')
				expect_good(s);
		}
}
END_TEST

/* ---- nesting ---- */

/** @depth arrays or objects in each other, closed again when @closed. */
static struct str
nested(size_t depth, bool objects, bool closed)
{
	struct buf buf = { 0 };

	for (size_t i = 0; i < depth; i++)
		buf_add(&buf, objects ? STR("{\"a\":") : STR("["));
	buf_addc(&buf, '1');
	for (size_t i = 0; closed && i < depth; i++)
		buf_addc(&buf, objects ? '}' : ']');
	return buf_str(&buf);
}

START_TEST(test_TRP_067_depth_64_is_taken_and_65_is_refused)
{
	for (int objects = 0; objects < 2; objects++) {
		struct str good = nested(JSON_MAX_DEPTH, objects, true),
		           bad = nested(JSON_MAX_DEPTH + 1, objects, true);

		expect_good(good);
		expect_bad(bad,
		        objects ? "offset 320: nested too deep" : "offset 64: nested too deep");
		drop(good);
		drop(bad);
	}
}
END_TEST

START_TEST(test_TRP_067_ten_thousand_levels_are_refused)
{
	for (int i = 0; i < 4; i++) {
		struct str text = nested(10000, i % 2, i / 2);

		ck_assert_int_eq(scan(text, MANY, NULL), RH_BAD_JSON);
		drop(text);
	}
}
END_TEST

/* ---- keys ---- */

START_TEST(test_TRP_067_a_key_stands_once_in_an_object)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{ "{\"a\":1,\"a\":2}", "offset 7: key \"a\" stands twice in one object" },
		{ "{\"\":1,\"\":2}", "offset 6: key \"\" stands twice in one object" },
		{ "{\"a\":1,\"b\":2,\"a\":3}", "offset 13: key \"a\" stands twice in one object" },
		{ "{\"a\":1,\"\\u0061\":2}",
		        "offset 7: key \"\\u0061\" stands twice in one object" },
		{ "{\"\\/\":1,\"/\":2}", "offset 8: key \"/\" stands twice in one object" },
		{ "{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":2}",
		        "offset 18: key \"\xf0\x9f\x98\x80\" stands twice in one object" },
		{ "[{\"x\":{\"party_identifier\":1,\"party_identifier\":2}}]",
		        "offset 28: key \"party_identifier\" stands twice in one object" },
		{ "{\"a\":{\"b\":[1,2]},\"a\":0}",
		        "offset 17: key \"a\" stands twice in one object" },
	};
	static const char *const good[] = { "{\"a\":1,\"aa\":2,\"aaa\":3,\"aaaa\":4,\"aaaaa\":5}",
		"{\"a\":{\"a\":{\"a\":1}}}", "[{\"a\":1},{\"a\":1}]", "{\"a\":\"a\",\"b\":\"a\"}",
		"{\"country_code\":1,\"country_node\":2,\"dountry_code\":3,\"country_codes\":4}",
		"{\"\\u0061\":1,\"u0061\":2,\"\\\\u0061\":3}",
		"{\"ab\":1,\"ba\":2,\"abc\":3,\"acb\":4}" };

	for (size_t i = 0; i < COUNT(bad); i++)
		expect_bad(str_of(bad[i].text), bad[i].why);
	for (size_t i = 0; i < COUNT(good); i++)
		expect_good(str_of(good[i]));
}
END_TEST

/** An object of @count members; with @twice the last has the key of number @twice - 1, its first
 * letter an escape. */
static struct str
object_of(unsigned count, unsigned twice)
{
	struct buf buf = { 0 };

	for (unsigned i = 0; i < count; i++)
		if (twice > 0 && i == count - 1)
			buf_printf(&buf, ",\"\\u006dember %u\":%u}", twice - 1, i);
		else
			buf_printf(&buf, "%c\"member %u\":%u%s", i == 0 ? '{' : ',', i, i,
			        i == count - 1 ? "}" : "");
	return buf_str(&buf);
}

START_TEST(test_TRP_067_a_key_is_found_twice_in_objects_of_every_size)
{
	for (unsigned count = 2; count < 200; count++)
		for (unsigned twice = 0; twice < count; twice += 1 + count / 7) {
			struct str text = object_of(count, twice);

			ck_assert_int_eq(scan(text, MANY, NULL), twice == 0 ? RH_OK : RH_BAD_JSON);
			drop(text);
		}
}
END_TEST

START_TEST(test_an_object_of_a_hundred_thousand_members)
{
	struct str good = object_of(100000, 0), bad = object_of(100000, 50000);

	expect_good(good);
	ck_assert_int_eq(scan(bad, MANY, NULL), RH_BAD_JSON);
	drop(good);
	drop(bad);
}
END_TEST

/* ---- sizes ---- */

START_TEST(test_an_array_of_a_hundred_thousand_elements)
{
	struct arena *arena = arena_new(4096);
	struct buf buf = { 0 };
	struct json_doc doc;

	for (unsigned i = 0; i < 100000; i++)
		buf_printf(&buf, "%c%u", i == 0 ? '[' : ',', i % 10);
	buf_addc(&buf, ']');
	ck_assert_int_eq(json_scan(buf_str(&buf), MANY, arena, &doc, NULL), RH_OK);
	ck_assert_uint_eq(doc.count, 100001);
	ck_assert_uint_eq(doc.nodes[0].count, 100000);
	ck_assert_uint_eq(doc.nodes[0].next, 100001);
	for (uint32_t i = 0; i < 100000; i++) {
		ck_assert_uint_eq(doc.nodes[i + 1].at, 1 + 2 * i);
		ck_assert_uint_eq(doc.nodes[i + 1].end, 2 + 2 * i);
	}
	buf_free(&buf);
	arena_free(arena);
}
END_TEST

START_TEST(test_nodes_are_counted_against_the_limit)
{
	struct str text = STR("{\"a\":[1,2],\"b\":{}}"); /* root, a, array, 1, 2, b, object */
	struct fault fault = { 0 };

	ck_assert_int_eq(scan(text, 7, &fault), RH_OK);
	for (uint32_t max = 0; max < 7; max++)
		ck_assert_int_eq(scan(text, max, &fault), RH_BAD_JSON);
	ck_assert_str_eq(fault.why, "offset 15: too many values");
}
END_TEST

START_TEST(test_nodes_stand_in_document_order)
{
	static const struct {
		uint32_t at, end, next, count;
		int type;
		bool escaped;
	} expected[] = {
		{ 1, 41, 12, 4, JSON_OBJECT, false },
		{ 2, 5, 2, 1, JSON_STRING, false },
		{ 6, 15, 6, 3, JSON_ARRAY, false },
		{ 7, 8, 4, 0, JSON_NUMBER, false },
		{ 9, 11, 5, 0, JSON_ARRAY, false },
		{ 12, 14, 6, 0, JSON_OBJECT, false },
		{ 16, 20, 7, 1, JSON_STRING, true },
		{ 21, 25, 8, 0, JSON_TRUE, false },
		{ 26, 28, 9, 0, JSON_STRING, false },
		{ 29, 33, 10, 0, JSON_NULL, false },
		{ 34, 37, 11, 1, JSON_STRING, false },
		{ 38, 40, 12, 0, JSON_NUMBER, false },
	};
	struct arena *arena = arena_new(4096);
	struct json_doc doc;

	ck_assert_int_eq(json_scan(STR(" {\"a\":[1,[],{}],\"\\n\":true,\"\":null,\"b\":-2} "), MANY,
	                         arena, &doc, NULL),
	        RH_OK);
	ck_assert_uint_eq(doc.count, COUNT(expected));
	for (size_t i = 0; i < COUNT(expected); i++) {
		ck_assert_uint_eq(doc.nodes[i].at, expected[i].at);
		ck_assert_uint_eq(doc.nodes[i].end, expected[i].end);
		ck_assert_uint_eq(doc.nodes[i].next, expected[i].next);
		ck_assert_uint_eq(doc.nodes[i].count, expected[i].count);
		ck_assert_int_eq(doc.nodes[i].type, expected[i].type);
		ck_assert_int_eq(doc.nodes[i].escaped, expected[i].escaped);
	}
	arena_free(arena);
}
END_TEST

START_TEST(test_a_text_cut_anywhere_is_refused)
{
	struct str text = STR("{\"id\":\"LOC1\",\"c\":[1.5e3,true,null,{\"x\":"
	                      "\"\\u00e9\\ud83d\\ude00\xc3\xa9\"}],\"b\":false}");

	expect_good(text);
	for (size_t len = 0; len < text.len; len++)
		ck_assert_msg(scan((struct str){ text.p, len }, MANY, NULL) == RH_BAD_JSON,
		        "cut at %zu", len);
}
END_TEST

RUN("ocpi json", test_values_of_every_type_are_taken, test_TRN_009_what_is_not_one_value_is_refused,
        test_numbers_follow_the_grammar, test_TRP_067_escapes_are_checked,
        test_TRP_067_invalid_UTF_8_is_refused_wherever_it_stands_in_a_string,
        test_every_byte_in_a_string_at_every_position_of_a_word,
        test_TRP_067_depth_64_is_taken_and_65_is_refused,
        test_TRP_067_ten_thousand_levels_are_refused, test_TRP_067_a_key_stands_once_in_an_object,
        test_TRP_067_a_key_is_found_twice_in_objects_of_every_size,
        test_an_object_of_a_hundred_thousand_members, test_an_array_of_a_hundred_thousand_elements,
        test_nodes_are_counted_against_the_limit, test_nodes_stand_in_document_order,
        test_a_text_cut_anywhere_is_refused)
