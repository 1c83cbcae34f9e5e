/* test_values: DateTime, CiString, tokens and lengths. */
#include "helper.h"

static const int64_t second = 1000000000;

START_TEST(test_http_dates)
{
	static const struct {
		const char *text;
		int64_t seconds; /* -1: refused */
	} cases[] = {
		{ "Sun, 06 Nov 1994 08:49:37 GMT", 784111777 },
		{ "Thu, 29 Feb 2024 23:59:59 GMT", 1709251199 },
		{ "Thu, 01 Jan 1970 00:00:00 GMT", 0 },
		{ "Wed, 29 Feb 2023 23:59:59 GMT", -1 },
		{ "Sun, 00 Nov 1994 08:49:37 GMT", -1 },
		{ "Sun, 06 Nov 1994 08:49:37 CET", -1 },
		{ "Sun, 06 Nov 1994 08:49:37", -1 },
		{ "Sun, 06 Nox 1994 08:49:37 GMT", -1 },
		{ "Sun, 06 Nov 1994 24:49:37 GMT", -1 },
		{ "1994-11-06T08:49:37Z", -1 },
		{ "120", -1 },
		{ "", -1 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		int64_t ms = -1;
		bool taken = ocpi_http_date_parse(str_of(cases[i].text), &ms);

		ck_assert_msg(taken == (cases[i].seconds >= 0), "%s", cases[i].text);
		if (taken)
			ck_assert_int_eq(ms, cases[i].seconds * 1000);
	}
}
END_TEST

START_TEST(test_TYP_005_date_times_that_are_taken)
{
	static const struct {
		const char *text;
		int64_t seconds, ns;
	} cases[] = {
		{ "1970-01-01T00:00:00Z", 0, 0 },
		{ "1970-1-1T00:00:00Z", 0, 0 }, /* TRP-34 */
		{ "1969-12-31T23:59:59Z", -1, 0 },
		{ "1969-12-31T23:59:59.5Z", -1, 500000000 },
		{ "2015-06-29T20:39:09Z", 1435610349, 0 },
		{ "2015-06-29T20:39:09", 1435610349, 0 },
		{ "2015-06-29t20:39:09z", 1435610349, 0 },
		{ "2016-12-29T17:45:09.2Z", 1483033509, 200000000 },
		{ "2016-12-29T17:45:09.2", 1483033509, 200000000 },
		{ "2018-01-01T01:08:01.123Z", 1514768881, 123000000 },
		{ "2018-01-01T01:08:01.123456Z", 1514768881, 123456000 }, /* TRP-33 */
		{ "2018-01-01T01:08:01.123456789Z", 1514768881, 123456789 },
		{ "2018-01-01T01:08:01.000000001", 1514768881, 1 },
		{ "2018-01-01T01:08:01+00:00", 1514768881, 0 }, /* TYP-006 */
		{ "2018-01-01T01:08:01-00:00", 1514768881, 0 },
		{ "2018-01-01T01:08:01 00:00", 1514768881, 0 }, /* TRP-59 */
		{ "2018-01-01T03:08:01 02:00", 1514768881, 0 },
		{ "2018-01-01T03:08:01+02:00", 1514768881, 0 },
		{ "2017-12-31T19:38:01-05:30", 1514768881, 0 },
		{ "2018-01-02T01:07:01.25+23:59", 1514768881, 250000000 },
		{ "2000-02-29T00:00:00Z", 951782400, 0 },
		{ "2024-02-29T23:59:59Z", 1709251199, 0 },
		{ "2100-02-28T23:59:59Z", 4107542399, 0 },
		{ "2016-12-31T23:59:60Z", 1483228799, 999999999 },
		{ "2016-12-31T23:59:60.5Z", 1483228799, 999999999 },
		{ "2017-01-01T00:59:60+01:00", 1483228799, 999999999 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct str copy = exact(str_of(cases[i].text));
		int64_t ns = 0;

		ck_assert_msg(ocpi_datetime_parse(copy, &ns), "%s", cases[i].text);
		ck_assert_msg(ns == cases[i].seconds * second + cases[i].ns, "%s: %lld",
		        cases[i].text, (long long)ns);
		drop(copy);
	}
}
END_TEST

START_TEST(test_TYP_005_dates_that_do_not_fit_count_as_the_ends_of_time)
{
	int64_t ns = 0;

	ck_assert(ocpi_datetime_parse(STR("2999-12-31T00:00:00Z"), &ns));
	ck_assert(ns == INT64_MAX);
	ck_assert(ocpi_datetime_parse(STR("9999-12-31T23:59:59.999999999Z"), &ns));
	ck_assert(ns == INT64_MAX);
	ck_assert(ocpi_datetime_parse(STR("0000-01-01T00:00:00Z"), &ns));
	ck_assert(ns == INT64_MIN);
	ck_assert(ocpi_datetime_parse(STR("2262-04-11T23:47:16.854775807Z"), &ns));
	ck_assert(ns == INT64_MAX);
	ck_assert(ocpi_datetime_parse(STR("2262-04-11T23:47:16.854775806Z"), &ns));
	ck_assert(ns == INT64_MAX - 1);
}
END_TEST

/** Whether @text, 20 characters, is a date and time with a Z, read one by one. */
static bool
plainly_a_date_time(const char *text)
{
	static const char form[] = "0000-00-00T00:00:00Z";
	int month, day, hour, minute, sec;

	for (size_t i = 0; i < 20; i++) {
		bool digit = text[i] >= '0' && text[i] <= '9';

		if (form[i] == '0' ? !digit : text[i] != form[i] && text[i] != (form[i] | 0x20))
			return false;
		if ((form[i] == '-' || form[i] == ':') && text[i] != form[i])
			return false;
	}
	ck_assert_int_eq(
	        sscanf(text + 5, "%d-%d%*c%d:%d:%d", &month, &day, &hour, &minute, &sec), 5);
	return month >= 1 && month <= 12 && day >= 1 && day <= 30 && hour <= 23 && minute <= 59 &&
	       sec <= 59;
}

/* Of a month with 30 days, so that no digit of the month alone makes a day too many. */
START_TEST(test_every_character_at_every_place_of_a_date_time)
{
	for (size_t at = 0; at < 20; at++)
		for (int c = 0; c < 256; c++) {
			char text[] = "2026-11-23T08:10:05Z";
			struct str copy;
			int64_t ns;

			text[at] = (char)c;
			copy = exact((struct str){ text, 20 });
			ck_assert_msg(ocpi_datetime_ok(copy) == plainly_a_date_time(text),
			        "%d at %zu", c, at);
			ck_assert(ocpi_datetime_parse(copy, &ns) == ocpi_datetime_ok(copy));
			drop(copy);
		}
}
END_TEST

START_TEST(test_a_date_time_cut_anywhere)
{
	struct str text = STR("2026-11-23T08:10:05.123+01:30");

	for (size_t len = 0; len <= text.len; len++) {
		struct str copy = exact((struct str){ text.p, len });
		int64_t ns = 42;
		bool whole = len == 19 || (len >= 21 && len <= 23) || len == text.len;

		ck_assert_msg(ocpi_datetime_ok(copy) == whole, "%zu", len);
		ck_assert(ocpi_datetime_parse(copy, &ns) == whole);
		ck_assert_msg((ns == 42) == !whole, "untouched when it is refused: %zu", len);
		drop(copy);
	}
}
END_TEST

START_TEST(test_TYP_005_date_times_that_are_refused)
{
	static const char *const bad[] = { "", "2018", "2018-01-01", "2018-01-01T",
		"2018-01-01T01:08", "2018-01-01T01:08Z", "2018-01-01 01:08:01Z",
		"2018-1-1T01:08:01Z", "1970-1-1T00:00:00", "1970-1-1T00:00:01Z",
		"18-01-01T01:08:01Z", "20180101T010801Z", "2018-00-01T00:00:00Z",
		"2018-13-01T00:00:00Z", "2018-01-00T00:00:00Z", "2018-01-32T00:00:00Z",
		"2018-04-31T00:00:00Z", "2018-02-29T00:00:00Z", "2100-02-29T00:00:00Z",
		"1900-02-29T00:00:00Z", "2018-01-01T24:00:00Z", "2018-01-01T23:60:00Z",
		"2018-01-01T23:59:61Z", "2018-01-01T12:00:60Z", "2018-01-01T23:59:60+01:00",
		"2018-01-01T01:08:01.Z", "2018-01-01T01:08:01.", "2018-01-01T01:08:01.1234567890Z",
		"2018-01-01T01:08:01,5Z", "2018-01-01T01:08:01ZZ", "2018-01-01T01:08:01Z ",
		" 2018-01-01T01:08:01Z", "2018-01-01T01:08:01+", "2018-01-01T01:08:01+02",
		"2018-01-01T01:08:01+0200", "2018-01-01T01:08:01+24:00",
		"2018-01-01T01:08:01+02:60", "2018-01-01T01:08:01+2:00",
		"2018-01-01T01:08:01+02:00Z", "2018-01-01T01:08:01CET", "-2018-01-01T01:08:01Z",
		"+2018-01-01T01:08:01Z", "2018-01-01T-1:08:01Z", "2018-01-01T01:08:0 Z",
		"1514768881", "#NA" };
	int64_t ns;

	for (size_t i = 0; i < COUNT(bad); i++) {
		struct str copy = exact(str_of(bad[i]));

		ck_assert_msg(!ocpi_datetime_parse(copy, &ns), "%s", bad[i]);
		drop(copy);
	}
	ck_assert(!ocpi_datetime_parse((struct str){ 0 }, &ns));
}
END_TEST

START_TEST(test_TYP_007_date_times_are_printed_with_milliseconds_and_Z)
{
	static const struct {
		int64_t unix_ms;
		const char *text;
	} cases[] = {
		{ 0, "1970-01-01T00:00:00.000Z" },
		{ -1, "1969-12-31T23:59:59.999Z" },
		{ 1795420800000, "2026-11-23T08:00:00.000Z" },
		{ 951782400007, "2000-02-29T00:00:00.007Z" },
		{ 1709251199999, "2024-02-29T23:59:59.999Z" },
		{ 1735689599999, "2024-12-31T23:59:59.999Z" },
		{ 253402300799999, "9999-12-31T23:59:59.999Z" },
		{ -62167219200000, "0000-01-01T00:00:00.000Z" },
	};
	char out[OCPI_DATETIME_LEN + 1];

	for (size_t i = 0; i < COUNT(cases); i++) {
		ocpi_datetime_print(cases[i].unix_ms, out);
		ck_assert_str_eq(out, cases[i].text);
	}
}
END_TEST

START_TEST(test_every_day_of_four_centuries_is_read_back_as_printed)
{
	char out[OCPI_DATETIME_LEN + 1];
	int64_t ns;

	for (int64_t day = -73000; day < 83000; day++) {
		int64_t ms = day * 86400000 + (day + 73000) * 541;

		ocpi_datetime_print(ms, out);
		ck_assert_msg(ocpi_datetime_parse(str_of(out), &ns), "%s", out);
		ck_assert_msg(ns == ms * 1000000, "%s", out);
	}
}
END_TEST

START_TEST(test_tokens_are_printable_ASCII_without_spaces)
{
	for (int c = 0; c < 256; c++) {
		char text[2] = { 'a', (char)c };

		ck_assert_int_eq(ocpi_token_ok((struct str){ text, 2 }), c >= 0x21 && c <= 0x7e);
	}
}
END_TEST

START_TEST(test_tokens_have_1_to_64_characters)
{
	char text[65];

	memset(text, 'a', sizeof(text));
	for (size_t len = 0; len <= 65; len++)
		ck_assert_int_eq(ocpi_token_ok((struct str){ text, len }), len >= 1 && len <= 64);
	ck_assert(!ocpi_token_ok((struct str){ 0 }));
}
END_TEST

START_TEST(test_TYP_003_lengths_count_characters)
{
	ck_assert_uint_eq(ocpi_characters(STR("")), 0);
	ck_assert_uint_eq(ocpi_characters((struct str){ 0 }), 0);
	ck_assert_uint_eq(ocpi_characters(STR("abc")), 3);
	ck_assert_uint_eq(ocpi_characters(STR("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80x")), 4);
}
END_TEST

RUN("ocpi values", test_http_dates, test_every_character_at_every_place_of_a_date_time,
        test_a_date_time_cut_anywhere, test_TYP_005_date_times_that_are_taken,
        test_TYP_005_dates_that_do_not_fit_count_as_the_ends_of_time,
        test_TYP_005_date_times_that_are_refused,
        test_TYP_007_date_times_are_printed_with_milliseconds_and_Z,
        test_every_day_of_four_centuries_is_read_back_as_printed,
        test_tokens_are_printable_ASCII_without_spaces, test_tokens_have_1_to_64_characters,
        test_TYP_003_lengths_count_characters)
