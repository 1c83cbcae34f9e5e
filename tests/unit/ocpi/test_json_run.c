/* test_json_run: what json_scan() makes of strings and white space wherever they stand.
 *
 * It reads them 16 or eight bytes at a time, so every text here is tried at every place relative to
 * such a block, and ends where the next byte must not be read: at the end of a page that no
 * readable page follows. */
#include <sys/mman.h>
#include <unistd.h>

#include "helper.h"

enum { MANY = 1000, FURTHEST = 40 }; /* two blocks and a half */

static const char plain[] = "plain text, longer than three of the blocks that are read at once, ~";

static struct {
	char *bytes;
	size_t size;
} page;

static void
page_map(void)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	void *memory =
	        mmap(NULL, 2 * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED || mprotect((char *)memory + size, size, PROT_NONE) != 0)
		abort();
	page.bytes = memory;
	page.size = size;
}

/** @text at the very end of the readable page. */
static struct str
at_the_end(struct str text)
{
	char *copy = page.bytes + page.size - text.len;

	memcpy(copy, text.p, text.len);
	return (struct str){ copy, text.len };
}

static struct arena *arena;

static enum rh_err
scan(struct str text, struct json_doc *doc, struct fault *fault)
{
	arena_reset(arena);
	return json_scan(at_the_end(text), MANY, arena, doc, fault);
}

static void
expect_bad(const char *text, size_t offset, const char *why)
{
	struct fault fault = { 0 };
	struct json_doc doc;
	char expected[128];

	snprintf(expected, sizeof expected, "offset %zu: %s", offset, why);
	ck_assert_int_eq(scan(str_of(text), &doc, &fault), RH_BAD_JSON);
	ck_assert_msg(strcmp(fault.why, expected) == 0, "%s: found '%s', expected '%s'", text,
	        fault.why, expected);
}

/* ---- strings ---- */

/** Scan @text as one string, and the same with @padding plain characters before and behind it. */
static void
expect_content(const char *text, uint32_t characters, bool ascii, bool printable)
{
	for (uint32_t padding = 0; padding < FURTHEST; padding++) {
		char quoted[256];
		struct json_doc doc;

		snprintf(quoted, sizeof quoted, "\"%.*s%s%.*s\"", (int)padding, plain, text,
		        (int)padding, plain);
		ck_assert_int_eq(scan(str_of(quoted), &doc, NULL), RH_OK);
		ck_assert_uint_eq(doc.nodes[0].count, characters + 2 * padding);
		ck_assert_msg(doc.nodes[0].ascii == ascii, "ascii of %s", quoted);
		ck_assert_msg(doc.nodes[0].printable == printable, "printable of %s", quoted);
		ck_assert_int_eq(doc.nodes[0].escaped, strchr(text, '\\') != NULL);
	}
}

START_TEST(test_what_a_string_means_is_noted)
{
	static const struct {
		const char *text;
		uint32_t characters;
		bool ascii, printable;
	} rows[] = {
		{ "", 0, true, true },
		{ " ~az", 4, true, true },
		{ "\x7f", 1, false, false },
		{ "\xc3\xa9", 1, false, true },
		{ "\xc3\xa9x\xc3\xa9\xe2\x82\xac", 4, false, true },
		{ "\xf0\x9f\x98\x80", 1, false, true },
		{ "\xc2\x80", 1, false, false }, /* U+0080 to U+009F are controls */
		{ "\xc2\x9f", 1, false, false },
		{ "\xc2\xa0", 1, false, true },
		{ "\xe2\x80\xa7", 1, false, true },
		{ "\xe2\x80\xa8", 1, false, false }, /* line breaks */
		{ "\xe2\x80\xa9", 1, false, false },
		{ "\xe2\x80\xaa", 1, false, true },
		{ "\\u0041\\/\\\\\\\"", 4, true, true },
		{ "\\n", 1, false, false },
		{ "\\b\\f\\r\\t", 4, false, false },
		{ "\\u001f", 1, false, false },
		{ "\\u0020", 1, true, true },
		{ "\\u007e", 1, true, true },
		{ "\\u007f", 1, false, false },
		{ "\\u009F", 1, false, false },
		{ "\\u00a0", 1, false, true },
		{ "\\u2028", 1, false, false },
		{ "\\u2029", 1, false, false },
		{ "\\ud83d\\ude00", 1, false, true },
		{ "\\ud83d\\ude00\xf0\x9f\x98\x80\\n", 3, false, false },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		expect_content(rows[i].text, rows[i].characters, rows[i].ascii, rows[i].printable);
}
END_TEST

START_TEST(test_a_string_ends_at_its_quote_at_every_place)
{
	for (int before = 0; before < FURTHEST; before++)
		for (int len = 0; len < FURTHEST; len++)
			for (int behind = 0; behind < FURTHEST; behind += 3) {
				char text[256];
				struct json_doc doc;

				snprintf(text, sizeof text, "%*s[\"%.*s\",%*s7]", before, "", len,
				        plain, behind, "");
				ck_assert_int_eq(scan(str_of(text), &doc, NULL), RH_OK);
				ck_assert_uint_eq(doc.count, 3);
				ck_assert_uint_eq(doc.nodes[1].at, (unsigned)before + 1);
				ck_assert_uint_eq(doc.nodes[1].end, (unsigned)(before + len) + 3);
				ck_assert_uint_eq(doc.nodes[1].count, (unsigned)len);
				ck_assert_uint_eq(doc.nodes[2].end, doc.nodes[0].end - 1);
			}
}
END_TEST

START_TEST(test_a_string_without_an_end_is_refused_at_every_length)
{
	for (int len = 0; len < FURTHEST; len++) {
		char text[256];

		snprintf(text, sizeof text, "\"%.*s", len, plain);
		expect_bad(text, (size_t)len + 1, "string without an end");
		snprintf(text, sizeof text, "\"%.*s\xc3\xa9", len, plain);
		expect_bad(text, (size_t)len + 3, "string without an end");
		snprintf(text, sizeof text, "\"%.*s\xe2\x82", len, plain);
		expect_bad(text, (size_t)len + 1, "invalid UTF-8");
		snprintf(text, sizeof text, "\"%.*s\\", len, plain);
		expect_bad(text, (size_t)len + 1, "unknown escape in a string");
		snprintf(text, sizeof text, "\"%.*s\\ud83d\\ude0", len, plain);
		expect_bad(text, (size_t)len + 1, "half of a surrogate pair");
	}
}
END_TEST

START_TEST(test_one_control_character_is_found_at_every_place)
{
	for (int before = 0; before < FURTHEST; before++)
		for (int control = 1; control < 0x20; control++) {
			char text[256];

			snprintf(text, sizeof text, "{\"%.*s%c%s\":1}", before, plain, control,
			        plain);
			expect_bad(text, (size_t)before + 2, "control character in a string");
		}
}
END_TEST

/* ---- white space ---- */

START_TEST(test_white_space_of_every_kind_and_length)
{
	static const char kinds[] = " \t\r\n";

	for (int len = 0; len < FURTHEST; len++)
		for (size_t kind = 0; kind < 16; kind++) {
			char blanks[FURTHEST + 1] = "", text[512];
			struct json_doc doc;

			for (int i = 0; i < len; i++)
				blanks[i] = kinds[i % 7 == 0 ? kind / 4 : kind % 4];
			snprintf(text, sizeof text, "%s{%s\"a\"%s:%s[%s]%s,%s\"b\":%s1%s}%s",
			        blanks, blanks, blanks, blanks, blanks, blanks, blanks, blanks,
			        blanks, blanks);
			ck_assert_int_eq(scan(str_of(text), &doc, NULL), RH_OK);
			ck_assert_uint_eq(doc.count, 5);
			ck_assert_uint_eq(doc.nodes[0].at, (unsigned)len);
			ck_assert_uint_eq(doc.nodes[2].end - doc.nodes[2].at, (unsigned)len + 2);
		}
}
END_TEST

START_TEST(test_what_looks_like_white_space_is_none)
{
	for (int before = 0; before < FURTHEST; before++)
		for (int c = 1; c < 0x100; c++) {
			char text[256];

			if (strchr(" \t\r\n", c) != NULL || strchr("\"-0123456789[{", c) != NULL)
				continue;
			snprintf(text, sizeof text, "%*s%c%*s1", before, "", c, before, "");
			expect_bad(text, (size_t)before, "expected a value");
		}
}
END_TEST

/* ---- keys that share what is compared first ---- */

START_TEST(test_keys_that_differ_in_the_middle_only_are_two)
{
	static const char *const good[] = {
		"{\"abc\":1,\"adc\":2,\"aec\":3,\"afc\":4}", "{\"a\":1,\"aa\":2,\"aaa\":3,\"\":4}",
		"{\"max_one_power\":1,\"max_two_power\":{\"max_one_power\":1},\"max_six_power\":1}"
	};
	static const struct {
		const char *text;
		size_t offset;
	} bad[] = {
		{ "{\"abc\":1,\"adc\":2,\"aec\":3,\"adc\":4}", 25 },
		{ "{\"abc\":[{\"abc\":1}],\"adc\":2,\"abc\":3}", 27 },
		{ "{\"abc\":{\"adc\":1},\"a\\u0062c\":3}", 17 },
	};
	struct fault fault;
	struct json_doc doc;
	char begin[32];

	for (size_t i = 0; i < COUNT(good); i++)
		ck_assert_int_eq(scan(str_of(good[i]), &doc, NULL), RH_OK);
	for (size_t i = 0; i < COUNT(bad); i++) {
		ck_assert_int_eq(scan(str_of(bad[i].text), &doc, &fault), RH_BAD_JSON);
		snprintf(begin, sizeof begin, "offset %zu: key \"a", bad[i].offset);
		ck_assert_msg(
		        str_starts(str_of(fault.why), begin), "%s: %s", bad[i].text, fault.why);
	}
}
END_TEST

static int
run_all(const TTest *const *tests, size_t count)
{
	int failed;

	page_map();
	arena = arena_new(4096);
	failed = suite_run_tests("ocpi json-run", tests, count, NULL, NULL);
	arena_free(arena);
	munmap(page.bytes, 2 * page.size);
	return failed;
}

int
main(void)
{
	const TTest *const tests[] = { test_what_a_string_means_is_noted,
		test_a_string_ends_at_its_quote_at_every_place,
		test_a_string_without_an_end_is_refused_at_every_length,
		test_one_control_character_is_found_at_every_place,
		test_white_space_of_every_kind_and_length, test_what_looks_like_white_space_is_none,
		test_keys_that_differ_in_the_middle_only_are_two };

	return run_all(tests, COUNT(tests));
}
