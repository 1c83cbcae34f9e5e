/* test_envelope: the JSON around every answer. */
#include "helper.h"

enum { NOW = 1000 };
#define NOW_TEXT "\"timestamp\":\"1970-01-01T00:00:01.000Z\"}"

START_TEST(test_TRN_011_envelopes_are_written)
{
	static const struct {
		int code;
		struct str message, data;
		const char *text;
	} cases[] = {
		{ 1000, { 0 }, { 0 }, "{\"status_code\":1000," NOW_TEXT },
		{ 1000, { 0 }, { "[]", 2 }, "{\"data\":[],\"status_code\":1000," NOW_TEXT },
		{ 2001, { "say \"x\"", 7 }, { 0 },
		        "{\"status_code\":2001,\"status_message\":\"say \\\"x\\\"\"," NOW_TEXT },
		{ 2001, { "", 0 }, { "{\"a\": 1.10}", 11 },
		        "{\"data\":{\"a\": "
		        "1.10},\"status_code\":2001,\"status_message\":\"\"," NOW_TEXT },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf buf = { 0 };

		ocpi_envelope_write(&buf, cases[i].code, cases[i].message, cases[i].data, NOW);
		expect_str(buf_str(&buf), cases[i].text, cases[i].text);
		buf_free(&buf);
	}
}
END_TEST

START_TEST(test_TRN_015_errors_say_what_and_where_and_why)
{
	static const struct {
		struct fault fault;
		const char *text;
	} cases[] = {
		{ { .err = RH_UNKNOWN_PARTY }, "{\"status_code\":4001,\"status_message\":"
		                               "\"receiver is not known to this hub\"," NOW_TEXT },
		{ { .err = RH_BAD_FIELD, .field = "/id" },
		        "{\"status_code\":2001,\"status_message\":\"invalid or missing parameter: "
		        "/id\"," NOW_TEXT },
		{ { .err = RH_BAD_JSON, .why = "offset 1: \"x\"" },
		        "{\"status_code\":2001,\"status_message\":\"body is not JSON: offset 1: "
		        "\\\"x\\\"\"," NOW_TEXT },
		{ { .err = RH_BAD_FIELD, .field = "limit", .why = "expected\xff" },
		        "{\"status_code\":2001,\"status_message\":"
		        "\"invalid or missing parameter: limit: expected\xef\xbf\xbd\"," NOW_TEXT },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf buf = { 0 };

		ocpi_envelope_error(&buf, &cases[i].fault, NOW);
		expect_str(buf_str(&buf), cases[i].text, cases[i].text);
		buf_free(&buf);
	}
}
END_TEST

START_TEST(test_every_error_of_the_registry_makes_an_envelope_that_can_be_read)
{
	for (int err = 1; err < RH_ERR_COUNT; err++) {
		struct arena *arena = arena_new(4096);
		struct buf buf = { .arena = arena };
		struct ocpi_envelope envelope;
		struct fault fault;

		fault_set(&fault, (enum rh_err)err, "/a", "b");
		ocpi_envelope_error(&buf, &fault, NOW);
		ck_assert_int_eq(
		        ocpi_envelope_read(buf_str(&buf), 100, arena, &envelope, &fault), RH_OK);
		ck_assert_int_eq(envelope.code, rh_err_info((enum rh_err)err)->ocpi);
		ck_assert(str_starts(envelope.message, rh_err_info((enum rh_err)err)->text));
		ck_assert_uint_eq(envelope.data, 0);
		arena_free(arena);
	}
}
END_TEST

START_TEST(test_TRN_014_envelopes_are_read_by_their_status_code)
{
	static const struct {
		const char *text;
		int code;
		const char *message, *data;
	} cases[] = {
		{ "{\"status_code\":1000}", 1000, NULL, NULL },
		{ "{\"status_code\":1000,\"data\":null}", 1000, NULL, NULL },
		{ "{\"data\":[1],\"status_code\":1000.0,\"timestamp\":5}", 1000, NULL, "[1]" },
		{ "{\"data\":false,\"status_code\":9999,\"status_message\":\"a\\nb\"}", 9999,
		        "a\nb", "false" },
		{ "{\"status_code\":2003,\"status_message\":null,\"data\":\"\"}", 2003, NULL,
		        "\"\"" },
		{ " {\"status_code\":2003,\"status_message\":{\"a\":1},\"other\":[]} ", 2003, NULL,
		        NULL },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct arena *arena = arena_new(4096);
		struct ocpi_envelope envelope;

		ck_assert_msg(ocpi_envelope_read(
		                      str_of(cases[i].text), 100, arena, &envelope, NULL) == RH_OK,
		        "%s", cases[i].text);
		ck_assert_int_eq(envelope.code, cases[i].code);
		expect_str(envelope.message, cases[i].message, cases[i].text);
		ck_assert_int_eq(envelope.data != 0, cases[i].data != NULL);
		if (envelope.data != 0)
			expect_str(json_raw(&envelope.doc, envelope.data), cases[i].data,
			        cases[i].text);
		arena_free(arena);
	}
}
END_TEST

START_TEST(test_RTE_018_what_is_no_envelope_is_a_bad_answer)
{
	static const struct {
		const char *text, *field, *why;
	} cases[] = {
		{ "", "", "offset 0: expected a value" },
		{ "<html>", "", "offset 0: expected a value" },
		{ "[]", "", "expected an object" },
		{ "1000", "", "expected an object" },
		{ "{}", "/status_code", "is missing" },
		{ "{\"message\":\"Unprocessable\",\"code\":422}", "/status_code", "is missing" },
		{ "{\"data\":{\"status_code\":1000}}", "/status_code", "is missing" },
		{ "{\"status_code\":\"1000\"}", "/status_code",
		        "expected an integer of four digits" },
		{ "{\"status_code\":null}", "/status_code", "expected an integer of four digits" },
		{ "{\"status_code\":999}", "/status_code", "expected an integer of four digits" },
		{ "{\"status_code\":10000}", "/status_code", "expected an integer of four digits" },
		{ "{\"status_code\":-1000}", "/status_code", "expected an integer of four digits" },
		{ "{\"status_code\":1000.5}", "/status_code",
		        "expected an integer of four digits" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct arena *arena = arena_new(4096);
		struct ocpi_envelope envelope;
		struct fault fault = { 0 };

		ck_assert_msg(ocpi_envelope_read(str_of(cases[i].text), 100, arena, &envelope,
		                      &fault) == RH_BAD_ANSWER,
		        "%s", cases[i].text);
		ck_assert_int_eq(fault.err, RH_BAD_ANSWER);
		ck_assert_str_eq(fault.field, cases[i].field);
		ck_assert_str_eq(fault.why, cases[i].why);
		arena_free(arena);
	}
}
END_TEST

RUN("ocpi envelope", test_TRN_011_envelopes_are_written,
        test_TRN_015_errors_say_what_and_where_and_why,
        test_every_error_of_the_registry_makes_an_envelope_that_can_be_read,
        test_TRN_014_envelopes_are_read_by_their_status_code,
        test_RTE_018_what_is_no_envelope_is_a_bad_answer)
