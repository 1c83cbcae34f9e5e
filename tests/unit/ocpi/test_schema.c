/* schema: what the interpreter takes and refuses, by kinds of values; partial mode; the words of a
 * refusal. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "../suite.h"
#include "schema_cases.h"

#define RUN(cases) schema_cases_run(cases, COUNT(cases))

START_TEST(test_TYP_015_cardinalities)
{
	static const struct schema_case cases[] = {
		{ "Price", 0, "{\"excl_vat\":1}", "" },
		{ "Price", 0, "{\"excl_vat\":1,\"incl_vat\":null}", "" },
		{ "Price", 0, "{\"incl_vat\":1}", "/excl_vat missing" },
		{ "Price", 0, "{\"excl_vat\":null}", "/excl_vat null" },
		{ "Price", 0, "{}", "/excl_vat missing" },
		{ "Price", 0, "[]", " type" },
		{ "Price", 0, "7", " type" },
		{ "LocationReferences", 0, "{\"location_id\":\"L\",\"evse_uids\":null}", "" },
		{ "LocationReferences", 0, "{\"location_id\":\"L\",\"evse_uids\":[]}", "" },
		{ "LocationReferences", 0, "{\"location_id\":\"L\",\"evse_uids\":[\"E\",null]}",
		        "/evse_uids/1 null" },
		{ "LocationReferences", 0, "{\"location_id\":\"L\",\"evse_uids\":\"E\"}",
		        "/evse_uids type" },
		{ "LocationReferences", 0, "{\"location_id\":[\"L\"]}", "/location_id type" },
		{ "TariffElement", 0, "{\"price_components\":[]}", "/price_components empty" },
		{ "TariffElement", 0, "{\"price_components\":null}", "/price_components null" },
		{ "TariffElement", 0, "{}", "/price_components missing" },
	};

	RUN(cases);
}
END_TEST

START_TEST(test_unknown_fields_pass_whatever_they_hold)
{
	static const struct schema_case cases[] = {
		{ "Price", 0, "{\"x\":null,\"excl_vat\":1,\"y\":{\"excl_vat\":\"no\"},\"\":[]}",
		        "" },
		{ "Price", 0, "{\"Excl_vat\":1,\"excl_va\":1,\"excl_vatt\":1}",
		        "/excl_vat missing" },
	};

	RUN(cases);
}
END_TEST

START_TEST(test_members_are_found_in_any_order_and_with_escapes_in_their_names)
{
	static const struct schema_case cases[] = {
		{ "CdrToken", 0,
		        "{\"contract_id\":\"C\",\"type\":\"RFID\",\"uid\":\"U\",\"party_id\":"
		        "\"ABC\",\"country_code\":\"DE\"}",
		        "" },
		{ "DisplayText", 0, "{\"te\\u0078t\":\"\",\"language\":\"\\u0065n\"}",
		        "/text empty" },
		{ "CdrToken", 0,
		        "{\"type\":\"\\u0052FID\",\"uid\":\"U\",\"party_id\":\"AB\",\"contract_"
		        "id\":7,\"country_code\":\"DE\"}",
		        "/party_id form; /contract_id type" },
	};

	RUN(cases);
}
END_TEST

#define A10 "aaaaaaaaaa"
#define A40 A10 A10 A10 A10
#define U10                                                                                \
	"\xf0\x9f\x94\x8c\xf0\x9f\x94\x8c\xf0\x9f\x94\x8c\xf0\x9f\x94\x8c\xf0\x9f\x94\x8c" \
	"\xf0\x9f\x94\x8c\xf0\x9f\x94\x8c\xf0\x9f\x94\x8c\xf0\x9f\x94\x8c\xf0\x9f\x94\x8c"
#define GROUP(text)  "{\"group_id\":\"" text "\"}"
#define ENERGY(text) "{\"supplier_name\":\"" text "\"}"

START_TEST(test_TYP_001_TYP_002_TYP_003_texts)
{
	static const struct schema_case cases[] = {
		{ "PublishTokenType", 0, GROUP("a ~!\\\"\\\\"), "" },
		{ "PublishTokenType", 0, GROUP(A10 A10 A10 "aaaaaa"), "" },
		{ "PublishTokenType", 0, GROUP(A10 A10 A10 "aaaaaaa"), "/group_id long" },
		{ "PublishTokenType", 0, GROUP("\xc3\xa4"), "/group_id character" },
		{ "PublishTokenType", 0, GROUP("\\u00e4"), "/group_id character" },
		{ "PublishTokenType", 0, GROUP("\x7f"), "/group_id character" },
		{ "PublishTokenType", 0, GROUP("a\\tb"), "/group_id character" },
		{ "EnergyContract", 0, ENERGY(A40 A10 A10 "aaaa"), "" },
		{ "EnergyContract", 0, ENERGY(A40 A10 A10 "aaaaa"), "/supplier_name long" },
		{ "EnergyContract", 0,
		        ENERGY(U10 U10 U10 U10 U10 U10 "\xc3\xa4\xc3\xa4\\u00e4\\ud83d\\ude97"),
		        "" },
		{ "EnergyContract", 0,
		        ENERGY(U10 U10 U10 U10 U10 U10 "\xc3\xa4\xc3\xa4\\u00e4\\ud83d\\ude97x"),
		        "/supplier_name long" },
		{ "EnergyContract", 0, ENERGY("a\\/b\\\\c"), "" },
		{ "EnergyContract", 0, ENERGY("a\\nb"), "/supplier_name character" },
		{ "EnergyContract", 0,
		        ENERGY("a\xc2\x85"
		               "b"),
		        "/supplier_name character" },
		{ "EnergyContract", 0,
		        ENERGY("a\xe2\x80\xa8"
		               "b"),
		        "/supplier_name character" },
		{ "EnergyContract", 0,
		        ENERGY("a\xc2\xa0"
		               "b"),
		        "" },
		{ "EnergyContract", 0, ENERGY(""), "/supplier_name empty" },
		{ "EnergyContract", 0, "{\"supplier_name\":\"S\",\"contract_id\":\"\"}", "" },
		{ "EnergyContract", 0, "{\"supplier_name\":12}", "/supplier_name type" },
	};

	RUN(cases);
}
END_TEST

START_TEST(test_TYP_004_enum_values_are_exact)
{
	static const struct schema_case cases[] = {
		{ "ChargingProfileResult", 0, "{\"result\":\"ACCEPTED\"}", "" },
		{ "ChargingProfileResult", 0, "{\"result\":\"Accepted\"}", "/result value" },
		{ "ChargingProfileResult", 0, "{\"result\":\"ACCEPTED \"}", "/result value" },
		{ "ChargingProfileResult", 0, "{\"result\":\"ACCEPT\"}", "/result value" },
		{ "ChargingProfileResult", 0, "{\"result\":\"\"}", "/result empty" },
		{ "ChargingProfileResult", CHECK_ANY_ENUM, "{\"result\":\"LATER\"}",
		        "/result warning" },
		{ "ChargingProfileResult", CHECK_ANY_ENUM, "{\"result\":\"\"}", "/result empty" },
		{ "ChargingProfileResult", CHECK_ANY_ENUM, "{\"result\":5}", "/result type" },
		{ "Version", 0, "{\"version\":\"2.3.0\",\"url\":\"https://x.example/2.3.0\"}", "" },
		{ "Endpoint", 0,
		        "{\"identifier\":\"nltnm-custom\",\"role\":\"SENDER\",\"url\":\"http://"
		        "x.example\"}",
		        "" },
		{ "Endpoint", 0,
		        "{\"identifier\":\"\",\"role\":\"BOTH\",\"url\":\"http://x.example\"}",
		        "/identifier empty; /role value" },
	};

	RUN(cases);
}
END_TEST

#define SOURCE(number) "{\"source\":\"WIND\",\"percentage\":" number "}"
#define LIMIT(number)  "{\"start_period\":0,\"limit\":" number "}"
#define START(number)  "{\"limit\":0,\"start_period\":" number "}"
#define SIZE(number)                    \
	"{\"url\":\"https://x.example/" \
	"i\",\"category\":\"OTHER\",\"type\":\"png\",\"width\":" number "}"

START_TEST(test_TYP_009_TYP_010_numbers)
{
	static const struct schema_case cases[] = {
		{ "Price", 0, "{\"excl_vat\":0.12345678901234567}", "" },
		{ "Price", 0, "{\"excl_vat\":-1e-7}", "" },
		{ "Price", 0, "{\"excl_vat\":\"1.00\"}", "/excl_vat type" }, /* TRP-61 */
		{ "EnergySource", 0, SOURCE("0"), "" },
		{ "EnergySource", 0, SOURCE("-0.0"), "" },
		{ "EnergySource", 0, SOURCE("100.000"), "" },
		{ "EnergySource", 0, SOURCE("1e2"), "" },
		{ "EnergySource", 0, SOURCE("1000e-1"), "" },
		{ "EnergySource", 0, SOURCE("100.0000000000000000000001"), "/percentage range" },
		{ "EnergySource", 0, SOURCE("-0.0000000000000000000001"), "/percentage range" },
		{ "EnergySource", 0, SOURCE("101"), "/percentage range" },
		{ "EnergySource", 0, SOURCE("1e999999999999999999999"), "/percentage range" },
		{ "EnergySource", 0, SOURCE("1e-999999999999999999999"), "" },
		{ "EnergySource", 0, SOURCE("0e999999999999"), "" },
		{ "EnergySource", 0, SOURCE("18446744073709551617"), "/percentage range" },
		{ "ChargingProfilePeriod", 0, LIMIT("8.1"), "" },
		{ "ChargingProfilePeriod", 0, LIMIT("8.100"), "" },
		{ "ChargingProfilePeriod", 0, LIMIT("81e-1"), "" },
		{ "ChargingProfilePeriod", 0, LIMIT("8.12"), "/limit decimals" },
		{ "ChargingProfilePeriod", 0, LIMIT("81e-2"), "/limit decimals" },
		{ "ChargingProfilePeriod", 0, START("60.0"), "" },
		{ "ChargingProfilePeriod", 0, START("6e1"), "" },
		{ "ChargingProfilePeriod", 0, START("0.5"), "/start_period decimals" },
		{ "ChargingProfilePeriod", 0, START("-1"), "/start_period range" },
		{ "ChargingProfilePeriod", 0, START("9223372036854775807"), "" },
		{ "ChargingProfilePeriod", 0, START("9223372036854775808"), "/start_period range" },
		{ "ChargingProfilePeriod", 0, START("\"5\""), "/start_period type" },
		{ "Image", 0, SIZE("99999"), "" },
		{ "Image", 0, SIZE("100000"), "/width long" },
	};

	RUN(cases);
}
END_TEST

#define STAMP "\"last_updated\":\"2026-11-23T08:00:00Z\""

#define SCHEDULE(begin)  "{\"status\":\"PLANNED\",\"period_begin\":\"" begin "\"}"
#define COORDS(lat, lon) "{\"latitude\":\"" lat "\",\"longitude\":\"" lon "\"}"
#define URL_OF(url)      "{\"name\":\"N\",\"website\":\"" url "\"}"
#define STOP(url)        "{\"session_id\":\"S\",\"response_url\":\"" url "\"}"

START_TEST(test_TYP_005_TYP_011_TYP_019_TYP_020_forms)
{
	static const struct schema_case cases[] = {
		{ "StatusSchedule", 0, SCHEDULE("2026-11-23T08:00:00Z"), "" },
		{ "StatusSchedule", 0, SCHEDULE("2026-11-23T08:00:00"), "" },
		{ "StatusSchedule", 0, SCHEDULE("2026-11-23T08:00:00.123456789Z"),
		        "" }, /* TRP-33 */
		/* fault O10 */
		{ "StatusSchedule", 0, SCHEDULE("2026-11-23T08:00:00+02:00"),
		        "/period_begin form" },
		{ "StatusSchedule", 0, SCHEDULE("2026-11-23T08:00:00.5-11:30"),
		        "/period_begin form" },
		{ "StatusSchedule", 0, SCHEDULE("2026-11-23T08:00:\\u00300\\u005A"), "" },
		{ "StatusSchedule", 0, SCHEDULE("2026-11-23T08:00:00\\u002B01:00"),
		        "/period_begin form" },
		{ "StatusSchedule", CHECK_ANY_OFFSET, SCHEDULE("2026-11-23T08:00:00.5-11:30"),
		        "/period_begin warning" },
		{ "StatusSchedule", CHECK_ANY_OFFSET, SCHEDULE("2026-11-23T08:00:00+25:00"),
		        "/period_begin form" },
		{ "StatusSchedule", 0, SCHEDULE("1970-1-1T00:00:00Z"), "" }, /* TRP-34 */
		{ "StatusSchedule", 0, SCHEDULE("1970-01-01T00:00:00Z"), "" },
		{ "StatusSchedule", 0, SCHEDULE("2026-02-29T08:00:00Z"), "/period_begin form" },
		{ "StatusSchedule", 0, SCHEDULE("2026-11-23"), "/period_begin form" },
		{ "StatusSchedule", 0, SCHEDULE(""), "/period_begin empty" },
		{ "StatusSchedule", 0, SCHEDULE(A40 A40 A40 "\\u0041"), "/period_begin form" },
		{ "TariffRestrictions", 0,
		        "{\"start_date\":\"2028-02-29\",\"end_date\":\"2026-02-29\"}",
		        "/end_date form" },
		{ "TariffRestrictions", 0, "{\"start_time\":\"23:59\",\"end_time\":\"24:00\"}",
		        "/end_time form" },
		{ "TariffRestrictions", 0, "{\"start_time\":\"22:00\",\"end_time\":\"06:00\"}",
		        "" }, /* TAR-013 */
		{ "GeoLocation", 0, COORDS("50.77077", "-126.104965"), "" },
		{ "GeoLocation", 0, COORDS("-50.770774", "4.12345"), "" },
		/* fault O26: as the pattern has it, one longer than the type */
		{ "GeoLocation", 0, COORDS("-33.8688197", "-122.0840897"), "" },
		{ "GeoLocation", 0, COORDS("-33.86881970", "-122.08408970"),
		        "/latitude long; /longitude long" },
		/* fault O9 */
		{ "CredentialsRole", 0,
		        "{\"role\":\"CPO\",\"business_details\":{\"name\":\"N\"},\"party_id\":"
		        "\"ABC\","
		        "\"country_code\":\"12\"}",
		        "/country_code form" },
		{ "Token", CHECK_PARTIAL, "{\"country_code\":\"S1\"," STAMP "}",
		        "/country_code form" },
		{ "GeoLocation", 0, COORDS("50.7707", "126"), "/latitude form; /longitude form" },
		{ "GeoLocation", 0, "{\"latitude\":50.77077,\"longitude\":\"4.12345\"}",
		        "/latitude type" },
		{ "BusinessDetails", 0, URL_OF("https:\\/\\/example.com\\/x"), "" },
		{ "BusinessDetails", 0, URL_OF("example.com"), "/website form" },
		{ "BusinessDetails", 0, URL_OF(""), "/website empty" },
		{ "StopSession", 0, STOP("https://example.com/1?a=b&c=d"), "" },
		{ "StopSession", 0, STOP("mailto:a@example.com"), "/response_url form" },
		{ "StopSession", 0, STOP("http://"), "/response_url form" },
		{ "StopSession", 0, STOP("HTTPS://example.com"), "" },
		{ "CredentialsRole", 0,
		        "{\"role\":\"CPO\",\"business_details\":{\"name\":\"N\"},\"party_id\":\"A "
		        "C\",\"country_code\":\"D\"}",
		        "/party_id form; /country_code form" },
		{ "Credentials", 0,
		        "{\"token\":\"a b\",\"url\":\"http://x.example/v\",\"roles\":[]}",
		        "/token form; /roles empty" },
	};

	RUN(cases);
}
END_TEST

#define TEXT(language, text) "{\"language\":\"" language "\",\"text\":\"" text "\"}"
#define A100                 A40 A40 A10 A10
#define PAID_IN(currency)    "{\"currency\":\"" currency "\"," STAMP "}"
#define SET_IN(zone)         "{\"time_zone\":\"" zone "\"," STAMP "}"

/* Form and length: markup, codes and names that do not exist are not looked up. */
START_TEST(test_TYP_012_TYP_018_languages_texts_currencies_and_time_zones)
{
	static const struct schema_case cases[] = {
		{ "DisplayText", 0, TEXT("en", "a <b>text</b>"), "" },
		{ "DisplayText", 0, TEXT("e1", "t"), "/language form" },
		{ "DisplayText", 0, TEXT("eng", "t"), "/language long" },
		{ "DisplayText", 0, TEXT("en", A100 A100 A100 A100 A100 A10 "aa"), "" },
		{ "DisplayText", 0, TEXT("en", A100 A100 A100 A100 A100 A10 "aaa"), "/text long" },
		{ "DisplayText", 0, "{\"language\":\"en\"}", "/text missing" },
		{ "DisplayText", 0, "{\"text\":\"t\"}", "/language missing" },
		{ "Tariff", CHECK_PARTIAL, PAID_IN("EUR"), "" },
		{ "Tariff", CHECK_PARTIAL, PAID_IN("EU"), "/currency form" },
		{ "Tariff", CHECK_PARTIAL, PAID_IN("EU1"), "/currency form" },
		{ "Tariff", CHECK_PARTIAL, PAID_IN("EURO"), "/currency long" },
		{ "Session", CHECK_PARTIAL, PAID_IN("EU1"), "/currency form" },
		{ "Location", CHECK_PARTIAL, SET_IN("America/Argentina/Buenos_Aires"), "" },
		{ "Location", CHECK_PARTIAL, SET_IN("+01:00"), "/time_zone form" },
		{ "Location", CHECK_PARTIAL, SET_IN("Europe Oslo"), "/time_zone form" },
	};

	RUN(cases);
}
END_TEST

START_TEST(test_LOC_009_SES_010_a_patch_needs_last_updated_and_nothing_else)
{
	static const struct schema_case cases[] = {
		{ "Location", CHECK_PARTIAL, "{" STAMP "}", "" },
		{ "Location", CHECK_PARTIAL, "{\"name\":\"N\"}", "/last_updated missing" },
		{ "Location", CHECK_PARTIAL, "{\"last_updated\":null}", "/last_updated null" },
		{ "EVSE", CHECK_PARTIAL, "{\"status\":\"CHARGING\"," STAMP "}", "" },
		{ "EVSE", CHECK_PARTIAL, "{\"status\":\"BUSY\"," STAMP "}", "/status value" },
		{ "Connector", CHECK_PARTIAL, "{\"tariff_ids\":[\"12\",\"\"]," STAMP "}",
		        "/tariff_ids/1 empty" },
		{ "Session", CHECK_PARTIAL, "{\"kwh\":1}", "/last_updated missing" },
		{ "Token", CHECK_PARTIAL, "{\"valid\":\"no\"}",
		        "/valid type; /last_updated missing" },
		/* TYP-016: null is no removal, it is like absent; fault O27: where something is
		   due it is none of the values that may be there */
		{ "Location", CHECK_PARTIAL, "{\"name\":null,\"evses\":null," STAMP "}", "" },
		{ "Location", CHECK_PARTIAL, "{\"city\":null," STAMP "}", "/city null" },
		{ "EVSE", CHECK_PARTIAL, "{\"connectors\":null," STAMP "}", "/connectors null" },
		/* LOC-011: elements of evses and connectors are merged by their keys */
		{ "Location", CHECK_PARTIAL,
		        "{\"evses\":[{\"uid\":\"1\",\"status\":\"BLOCKED\"}]," STAMP "}", "" },
		{ "Location", CHECK_PARTIAL, "{\"evses\":[{\"status\":\"BLOCKED\"}]," STAMP "}",
		        "/evses/0/uid missing" },
		{ "EVSE", CHECK_PARTIAL,
		        "{\"connectors\":[{\"id\":\"1\"},{\"id\":null}]," STAMP "}",
		        "/connectors/1/id null" },
		/* what is not merged by key replaces what was there, so it is whole */
		{ "Location", CHECK_PARTIAL,
		        "{\"coordinates\":{\"latitude\":\"1.12345\"}," STAMP "}",
		        "/coordinates/longitude missing" },
		/* rules that the stored object may satisfy are silent, the others speak */
		{ "Location", CHECK_PARTIAL,
		        "{\"publish_allowed_to\":[{\"group_id\":\"G\"}]," STAMP "}", "" },
		{ "Location", CHECK_PARTIAL,
		        "{\"publish\":true,\"publish_allowed_to\":[{\"group_id\":\"G\"}]," STAMP
		        "}",
		        "/publish_allowed_to rule" },
	};

	RUN(cases);
}
END_TEST

START_TEST(test_a_list_is_checked_element_by_element)
{
	static const struct schema_case cases[] = {
		{ "Price", CHECK_LIST, "[]", "" },
		{ "Price", CHECK_LIST, "[{\"excl_vat\":1},{\"excl_vat\":\"1\"},7]",
		        "/1/excl_vat type; /2 type" },
		{ "Price", CHECK_LIST, "{\"excl_vat\":1}", " type" },
	};

	RUN(cases);
}
END_TEST

static struct json_doc
scan(struct str body, struct arena *arena)
{
	struct json_doc doc;
	struct fault fault;

	ck_assert_int_eq(json_scan(body, UINT32_MAX, arena, &doc, &fault), RH_OK);
	return doc;
}

START_TEST(test_the_first_64_faults_are_kept_and_all_are_counted)
{
	struct arena *arena = arena_new(1 << 16);
	struct buf body = { .arena = arena };
	struct ocpi_flaws flaws;
	struct ocpi_flaw_text text;
	struct json_doc doc;
	struct fault fault;

	for (int i = 0; i < 100000; i++)
		buf_add(&body, i == 0 ? STR("[7") : STR(",7"));
	buf_addc(&body, ']');
	doc = scan(buf_str(&body), arena);
	ck_assert(!ocpi_check(
	        &doc, 0, ocpi_class_find(ocpi_classes, STR("price")), CHECK_LIST, &flaws));
	ck_assert_uint_eq(flaws.count, 100000);
	ocpi_flaw_text(&doc, &flaws.list[OCPI_MAX_FLAWS - 1], &text);
	ck_assert_str_eq(text.pointer, "/63");
	ck_assert_int_eq(ocpi_flaws_fault(&doc, &flaws, &fault), RH_BAD_FIELD);
	ck_assert_ptr_nonnull(strstr(fault.why, "and 99999 more"));
	arena_free(arena);
}
END_TEST

START_TEST(test_a_refusal_says_where_what_and_what_instead)
{
	static const struct {
		const char *class, *body, *json;
	} rows[] = {
		{ "ChargingProfileResult", "{\"result\":\"NO\"}",
		        "[{\"field\":\"/result\",\"found\":\"\\\"NO\\\"\","
		        "\"expected\":\"ChargingProfileResultType: one of ACCEPTED, REJECTED, "
		        "UNKNOWN\"}]" },
		{ "LocationReferences", "{}",
		        "[{\"field\":\"/location_id\",\"found\":\"nothing\","
		        "\"expected\":\"CiString(36) of printable ASCII, not empty\"}]" },
		{ "LocationReferences", "{\"location_id\":\"" A40 A10 "\",\"evse_uids\":{}}",
		        "[{\"field\":\"/location_id\",\"found\":\"\\\"" A10 A10 A10
		        "aaaaaaaaa... (50 characters)\","
		        "\"expected\":\"CiString(36) of printable ASCII, not empty\"},"
		        "{\"field\":\"/evse_uids\",\"found\":\"an object\","
		        "\"expected\":\"list of CiString(36) of printable ASCII\"}]" },
		{ "EnergySource", "{\"source\":\"WIND\",\"percentage\":101}",
		        "[{\"field\":\"/percentage\",\"found\":\"101\",\"expected\":\"number from "
		        "0 to 100\"}]" },
		{ "PublishTokenType", "{\"uid\":\"1\"}",
		        "[{\"field\":\"/type\",\"found\":\"nothing\","
		        "\"expected\":\"type, because uid is set (LOC-018)\"}]" },
		{ "Credentials",
		        "{\"token\":\"my secret\",\"url\":\"http://x.example\",\"roles\":[{}]}",
		        "[{\"field\":\"/token\",\"found\":\"a value that is not shown\","
		        "\"expected\":\"string(64) without control characters, characters U+0021 "
		        "to U+007E, not empty\"},"
		        "{\"field\":\"/roles/0/role\",\"found\":\"nothing\","
		        "\"expected\":\"Role: one of CPO, EMSP, HUB, NAP, NSP, OTHER, SCSP\"},"
		        "{\"field\":\"/roles/0/business_details\",\"found\":\"nothing\","
		        "\"expected\":\"BusinessDetails object\"},"
		        "{\"field\":\"/roles/0/party_id\",\"found\":\"nothing\",\"expected\":"
		        "\"CiString(3) of printable ASCII, party id of 3 characters, not empty\"},"
		        "{\"field\":\"/roles/0/country_code\",\"found\":\"nothing\",\"expected\":"
		        "\"CiString(2) of printable ASCII, country code of 2 letters (ISO "
		        "3166-1 alpha-2), not empty\"}]" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena *arena = arena_new(8192);
		struct json_doc doc = scan(str_of(rows[i].body), arena);
		struct buf out = { .arena = arena };
		struct ocpi_flaws flaws;

		ocpi_check(
		        &doc, 0, ocpi_class_find(ocpi_classes, str_of(rows[i].class)), 0, &flaws);
		ocpi_flaws_json(&doc, &flaws, &out);
		ck_assert_str_eq(out.p, rows[i].json);
		arena_free(arena);
	}
}
END_TEST

START_TEST(test_a_long_expectation_ends_in_dots)
{
	struct arena *arena = arena_new(8192);
	struct json_doc doc = scan(STR("{\"standard\":\"MCS\"," STAMP "}"), arena);
	struct ocpi_flaws flaws;
	struct ocpi_flaw_text text;

	ck_assert(!ocpi_check(
	        &doc, 0, ocpi_class_find(ocpi_classes, STR("Connector")), CHECK_PARTIAL, &flaws));
	ocpi_flaw_text(&doc, &flaws.list[0], &text);
	ck_assert_uint_eq(strlen(text.expected), sizeof(text.expected) - 1);
	ck_assert_str_eq(text.expected + sizeof(text.expected) - 4, "...");
	arena_free(arena);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("schema");
	TCase *tcase = tcase_create("schema");

	tcase_add_test(tcase, test_TYP_015_cardinalities);
	tcase_add_test(tcase, test_unknown_fields_pass_whatever_they_hold);
	tcase_add_test(tcase, test_members_are_found_in_any_order_and_with_escapes_in_their_names);
	tcase_add_test(tcase, test_TYP_001_TYP_002_TYP_003_texts);
	tcase_add_test(tcase, test_TYP_004_enum_values_are_exact);
	tcase_add_test(tcase, test_TYP_009_TYP_010_numbers);
	tcase_add_test(tcase, test_TYP_012_TYP_018_languages_texts_currencies_and_time_zones);
	tcase_add_test(tcase, test_TYP_005_TYP_011_TYP_019_TYP_020_forms);
	tcase_add_test(tcase, test_LOC_009_SES_010_a_patch_needs_last_updated_and_nothing_else);
	tcase_add_test(tcase, test_a_list_is_checked_element_by_element);
	tcase_add_test(tcase, test_the_first_64_faults_are_kept_and_all_are_counted);
	tcase_add_test(tcase, test_a_refusal_says_where_what_and_what_instead);
	tcase_add_test(tcase, test_a_long_expectation_ends_in_dots);
	suite_add_tcase(suite, tcase);
	return suite_run(suite, CK_NOFORK);
}
