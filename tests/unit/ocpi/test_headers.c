/* test_headers: tokens and routing pairs as HTTP headers carry them. */
#include "helper.h"

START_TEST(test_header_names_stand_at_their_index)
{
	ck_assert_str_eq(ocpi_request_headers[IN_AUTHORIZATION], "Authorization");
	ck_assert_str_eq(ocpi_request_headers[IN_TO_COUNTRY], "OCPI-to-country-code");
	ck_assert_str_eq(ocpi_request_headers[IN_FROM_PARTY], "OCPI-from-party-id");
	ck_assert_str_eq(ocpi_answer_headers[OUT_TOTAL_COUNT], "X-Total-Count");
	for (size_t i = 0; i < IN_COUNT; i++)
		ck_assert_ptr_nonnull(ocpi_request_headers[i]);
	for (size_t i = 0; i < OUT_COUNT; i++)
		ck_assert_ptr_nonnull(ocpi_answer_headers[i]);
	ck_assert_ptr_null(ocpi_request_headers[IN_COUNT]);
	ck_assert_ptr_null(ocpi_answer_headers[OUT_COUNT]);
}
END_TEST

START_TEST(test_TRN_003_tokens_are_read_raw_and_decoded)
{
	static const struct {
		const char *header, *raw, *decoded;
	} cases[] = {
		{ "Token ZWJmM2IzOTktNzc5Zi00NDk3LTliOWQtYWM2YWQzY2M0NGQyCg==",
		        "ZWJmM2IzOTktNzc5Zi00NDk3LTliOWQtYWM2YWQzY2M0NGQyCg==",
		        "ebf3b399-779f-4497-9b9d-ac6ad3cc44d2" }, /* the sample and its line feed,
		                                                     TRP-01 */
		{ "Token dG9rZW4=", "dG9rZW4=", "token" },
		{ "token dG9rZW4=", "dG9rZW4=", "token" },
		{ "TOKEN  dG9rZW4= ", "dG9rZW4=", "token" },
		{ "Token \tdG9rZW4=", "dG9rZW4=", "token" },
		{ "Token dG9rZW4", "dG9rZW4", "token" },
		{ "Token dG9rZW4NCg==", "dG9rZW4NCg==", "token" },
		{ "Token dG9rZW4N", "dG9rZW4N", "token" },
		{ "Token dG9rZW4KCg==", "dG9rZW4KCg==", "token\n" },
		{ "Token ebf3b399-779f", "ebf3b399-779f", NULL }, /* TRP-49 */
		{ "Token abc*", "abc*", NULL },
		{ "Token abc$", "abc$", NULL },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct arena *arena = arena_new(4096);
		struct str copy = exact(str_of(cases[i].header));
		struct ocpi_authorization out;

		ck_assert_msg(ocpi_authorization_read(copy, arena, &out, NULL) == RH_OK, "%s",
		        cases[i].header);
		expect_str(out.raw, cases[i].raw, cases[i].header);
		expect_str(out.decoded, cases[i].decoded, cases[i].header);
		drop(copy);
		arena_free(arena);
	}
}
END_TEST

START_TEST(test_TRN_005_headers_without_a_token_are_refused)
{
	static const struct {
		const char *header;
		enum rh_err err;
	} cases[] = {
		{ NULL, RH_NO_TOKEN },
		{ "", RH_NO_TOKEN },
		{ "  ", RH_NO_TOKEN },
		{ "Token", RH_NO_TOKEN },
		{ "Token ", RH_NO_TOKEN },
		{ "Tokendd", RH_NO_TOKEN },
		{ "Bearer dG9rZW4=", RH_NO_TOKEN },
		{ "dG9rZW4=", RH_NO_TOKEN },
		{ "Token a b", RH_UNKNOWN_TOKEN },
		{ "Token a\x01", RH_UNKNOWN_TOKEN },
		{ "Token \xc3\xa9", RH_UNKNOWN_TOKEN },
	};
	struct arena *arena = arena_new(4096);
	struct ocpi_authorization out;
	char text[512] = "Token ";

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fault fault = { 0 };

		ck_assert_int_eq(
		        ocpi_authorization_read(str_of(cases[i].header), arena, &out, &fault),
		        cases[i].err);
		ck_assert_int_eq(fault.err, cases[i].err);
		ck_assert_ptr_null(out.raw.p);
	}
	memset(text + 6, 'a', 257);
	ck_assert_int_eq(
	        ocpi_authorization_read((struct str){ text, 262 }, arena, &out, NULL), RH_OK);
	ck_assert_int_eq(ocpi_authorization_read((struct str){ text, 263 }, arena, &out, NULL),
	        RH_UNKNOWN_TOKEN);
	arena_free(arena);
}
END_TEST

START_TEST(test_TRN_002_tokens_are_written_as_Base64_or_plain)
{
	struct arena *arena = arena_new(4096);

	expect_str(
	        ocpi_authorization_write(STR("token"), false, arena), "Token dG9rZW4=", "Base64");
	expect_str(ocpi_authorization_write(STR("token"), true, arena), "Token token", "plain");
	for (size_t len = 1; len <= 64; len++) {
		struct str token = {
			"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_", len
		};
		struct ocpi_authorization out;

		ck_assert_int_eq(
		        ocpi_authorization_read(
		                ocpi_authorization_write(token, false, arena), arena, &out, NULL),
		        RH_OK);
		ck_assert(str_eq(out.decoded, token));
	}
	arena_free(arena);
}
END_TEST

START_TEST(test_RTE_021_routing_headers_come_in_pairs)
{
	static const struct {
		const char *country, *party;
		enum rh_err err;
		bool present;
		const char *field;
	} cases[] = {
		{ NULL, NULL, RH_OK, false, "" },
		{ "", "", RH_OK, false, "" },
		{ NULL, " ", RH_OK, false, "" },
		{ "DE", "ABC", RH_OK, true, "" },
		{ " de ", "\tabc", RH_OK, true, "" },
		{ "DE", NULL, RH_BAD_FIELD, false, "OCPI-to-party-id" },
		{ "DE", "", RH_BAD_FIELD, false, "OCPI-to-party-id" },
		{ NULL, "ABC", RH_BAD_FIELD, false, "OCPI-to-country-code" },
		{ "DEU", "ABC", RH_BAD_FIELD, false, "OCPI-to-country-code" },
		{ "D", "ABC", RH_BAD_FIELD, false, "OCPI-to-country-code" },
		{ "D\x01", "ABC", RH_BAD_FIELD, false, "OCPI-to-country-code" },
		{ "DE", "AB", RH_BAD_FIELD, false, "OCPI-to-party-id" },
		{ "DE", "ABCD", RH_BAD_FIELD, false, "OCPI-to-party-id" },
		{ "DE", "A C", RH_BAD_FIELD, false, "OCPI-to-party-id" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fault fault = { 0 };
		struct ocpi_id id = { 0 };
		bool present = !cases[i].present;

		ck_assert_int_eq(ocpi_routing_pair(str_of(cases[i].country), str_of(cases[i].party),
		                         "to", &present, &id, &fault),
		        cases[i].err);
		ck_assert_int_eq(present, cases[i].present);
		ck_assert_int_eq(present, id.country[0] != '\0');
		ck_assert_str_eq(fault.field, cases[i].field);
	}
}
END_TEST

RUN("ocpi headers", test_header_names_stand_at_their_index,
        test_TRN_003_tokens_are_read_raw_and_decoded,
        test_TRN_005_headers_without_a_token_are_refused,
        test_TRN_002_tokens_are_written_as_Base64_or_plain,
        test_RTE_021_routing_headers_come_in_pairs)
