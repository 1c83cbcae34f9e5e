/* schema, objects: the rules between fields and the tolerances of the requirements, by objects that
 * hit them. */
#include <check.h>
#include <string.h>

#include "../suite.h"
#include "schema_cases.h"

#define RUN(cases) schema_cases_run(cases, COUNT(cases))

START_TEST(test_LOC_018_tokens_that_a_location_is_published_to)
{
	static const struct schema_case cases[] = {
		{ "PublishTokenType", 0, "{\"uid\":\"1\",\"type\":\"RFID\"}", "" },
		{ "PublishTokenType", 0, "{\"uid\":\"1\"}", "/type rule" },
		{ "PublishTokenType", 0, "{\"uid\":\"1\",\"type\":null}", "/type rule" },
		{ "PublishTokenType", 0, "{\"uid\":\"1\",\"type\":\"NFC\"}", "/type value" },
		{ "PublishTokenType", 0, "{\"visual_number\":\"V\"}", "/issuer rule" },
		{ "PublishTokenType", 0, "{\"visual_number\":\"V\",\"issuer\":\"\"}",
		        "/issuer rule" },
		{ "PublishTokenType", 0, "{\"visual_number\":\"V\",\"issuer\":\"I\"}", "" },
		{ "PublishTokenType", 0, "{\"group_id\":\"G\"}", "" },
		{ "PublishTokenType", 0, "{\"type\":\"RFID\",\"issuer\":\"I\"}", " rule" },
		{ "PublishTokenType", 0, "{}", " rule" },
	};

	RUN(cases);
}
END_TEST

#define MONDAY "{\"weekday\":1,\"period_begin\":\"08:00\",\"period_end\":\"20:00\"}"

START_TEST(test_LOC_019_opening_hours)
{
	static const struct schema_case cases[] = {
		{ "Hours", 0, "{\"twentyfourseven\":true}", "" },
		{ "Hours", 0, "{\"twentyfourseven\":true,\"regular_hours\":[]}", "" },
		{ "Hours", 0, "{\"twentyfourseven\":false}", "/regular_hours rule" },
		{ "Hours", 0, "{\"twentyfourseven\":false,\"regular_hours\":[]}",
		        "/regular_hours rule" },
		{ "Hours", 0, "{\"twentyfourseven\":false,\"regular_hours\":[" MONDAY "]}", "" },
		{ "Hours", 0, "{\"twentyfourseven\":true,\"regular_hours\":[" MONDAY "]}",
		        "/regular_hours rule" },
		{ "Hours", 0, "{\"regular_hours\":[" MONDAY "]}", "/twentyfourseven missing" },
		{ "Hours", 0, "{\"twentyfourseven\":\"false\"}", "/twentyfourseven type" },
		{ "RegularHours", 0,
		        "{\"weekday\":7,\"period_begin\":\"08:00\",\"period_end\":\"08:00\"}",
		        "/period_end rule" },
		{ "RegularHours", 0,
		        "{\"weekday\":8,\"period_begin\":\"09:00\",\"period_end\":\"1\\u0030:00\"}",
		        "/weekday range" },
		{ "RegularHours", 0,
		        "{\"weekday\":0,\"period_begin\":\"9:00\",\"period_end\":\"08:00\"}",
		        "/weekday range; /period_begin form" },
	};

	RUN(cases);
}
END_TEST

#define PRICE(type)  "{\"type\":\"" type "\",\"price\":1,\"step_size\":0}"
#define RESERVED_FOR "\"restrictions\":{\"reservation\":\"RESERVATION\"}"

START_TEST(test_TAR_012_TAR_014_price_components)
{
	static const struct schema_case cases[] = {
		{ "PriceComponent", 0, PRICE("FLAT"),
		        "" }, /* TAR-012: a step_size of 0 stands in the specification */
		{ "PriceComponent", 0, "{\"type\":\"FLAT\",\"price\":0}", "/step_size missing" },
		{ "TariffElement", 0,
		        "{\"price_components\":[" PRICE("TIME") "," PRICE("FLAT") "]," RESERVED_FOR
		                                                                  "}",
		        "" },
		{ "TariffElement", 0,
		        "{\"price_components\":[" PRICE("TIME") "," PRICE(
		                "ENERGY") "]," RESERVED_FOR "}",
		        "/price_components/1/type rule" },
		{ "TariffElement", 0,
		        "{\"price_components\":[" PRICE(
		                "ENERGY") "],\"restrictions\":{\"reservation\":null}}",
		        "" },
		{ "TariffElement", 0,
		        "{\"price_components\":[" PRICE("PARKING_TIME") "],\"restrictions\":{}}",
		        "" },
		{ "TariffElement", 0,
		        "{\"price_components\":[" PRICE("PARKING_TIME") "],\"restrictions\":null}",
		        "" },
	};

	RUN(cases);
}
END_TEST

#define PERIOD(type)                                                    \
	"{\"start_date_time\":\"2026-11-23T08:00:00Z\",\"dimensions\":" \
	"[{\"type\":\"" type "\",\"volume\":1}]}"
#define TOKEN                                                                                 \
	"\"cdr_token\":{\"country_code\":\"DE\",\"party_id\":\"ABC\",\"uid\":\"U\",\"type\":" \
	"\"RFID\","                                                                           \
	"\"contract_id\":\"C\"}"
#define SESSION(status, evse, period)                                                              \
	"{\"country_code\":\"NL\",\"party_id\":\"TNM\",\"id\":\"101\",\"start_date_time\":\"2026-" \
	"11-23T08:00:00Z\","                                                                       \
	"\"kwh\":0," TOKEN                                                                         \
	",\"auth_method\":\"COMMAND\",\"location_id\":\"L\",\"evse_uid\":\"" evse                  \
	"\",\"connector_id\":\"" evse "\",\"currency\":\"EUR\",\"charging_periods\":[" period      \
	"],\"status\":\"" status "\",\"last_updated\":\"2026-11-23T07:00:00Z\"}"

START_TEST(test_sessions_as_they_come)
{
	static const struct schema_case cases[] = {
		{ "Session", 0, SESSION("ACTIVE", "1", PERIOD("ENERGY")), "" },
		{ "Session", 0, SESSION("RESERVED", "1", ""), "/status warning" }, /* TRP-06 */
		{ "Session", 0, SESSION("reserved", "1", ""), "/status value" },
		{ "Session", CHECK_ANY_ENUM, SESSION("reserved", "1", ""), "/status warning" },
		{ "Session", 0, SESSION("RESERVATION", "#NA", ""), "" }, /* SES-017 */
		{ "Session", 0, SESSION("ACTIVE", "1", PERIOD("CURRENT")),
		        "" }, /* CDR-018: fine in a Session */
	};

	RUN(cases);
}
END_TEST

#define PLACE(address, state)                                                                 \
	"\"cdr_location\":{\"id\":\"L\",\"address\":\"" address                               \
	"\",\"city\":\"C\",\"state\":\"" state                                                \
	"\",\"country\":\"DEU\",\"coordinates\":{\"latitude\":\"1.12345\",\"longitude\":\"1." \
	"12345\"},"                                                                           \
	"\"evse_uid\":\"#NA\",\"evse_id\":\"#NA\",\"connector_id\":\"#NA\",\"connector_"      \
	"standard\":\"DOMESTIC_A\","                                                          \
	"\"connector_format\":\"CABLE\",\"connector_power_type\":\"DC\"}"
#define CDR(id, place, period, more)                                                              \
	"{\"country_code\":\"NL\",\"party_id\":\"TNM\",\"id\":\"" id                              \
	"\",\"start_date_time\":\"1970-1-1T00:00:00Z\",\"end_date_time\":\"2026-11-23T08:00:"     \
	"00Z\"," TOKEN ",\"auth_method\":\"WHITELIST\"," place                                    \
	",\"currency\":\"EUR\",\"charging_periods\":[" period                                     \
	"],\"total_cost\":{\"excl_vat\":-4.00},\"total_energy\":15.342,\"total_time\":1.973" more \
	",\"last_updated\":\"2015-09-13T15:00:00Z\"}"
#define A10 "aaaaaaaaaa"
#define A36 A10 A10 A10 "aaaaaa"
#define A250                                                                                    \
	A10 A10 A10 A10 A10 A10 A10 A10 A10 A10 A10 A10 A10 A10 A10 A10 A10 A10 A10 A10 A10 A10 \
	        A10 A10 A10
#define HOME PLACE("A", "S")

START_TEST(test_cdrs_as_they_come)
{
	static const struct schema_case cases[] = {
		/* CDR-019, CDR-020, TRP-34, TRP-38: no EVSE, no start, updated before its end */
		{ "CDR", 0, CDR("1", HOME, PERIOD("ENERGY"), ""), "" },
		{ "CDR", 0, CDR("1", HOME, "", ""), "/charging_periods empty" }, /* CDR-017 */
		{ "CDR", 0, CDR("1", HOME, PERIOD("CURRENT"), ""),
		        "/charging_periods/0/dimensions/0/type value" },
		{ "CDR", CHECK_ANY_ENUM, CDR("1", HOME, PERIOD("CURRENT"), ""),
		        "/charging_periods/0/dimensions/0/type warning" },
		/* CDR-014, CDR-015 */
		{ "CDR", 0, CDR(A36, HOME, PERIOD("TIME"), ""), "" },
		{ "CDR", 0, CDR(A36 "a", HOME, PERIOD("TIME"), ""), "/id rule" },
		{ "CDR", 0, CDR(A36 "a", HOME, PERIOD("TIME"), ",\"credit\":false"), "/id rule" },
		{ "CDR", 0,
		        CDR(A36 "aaa", HOME, PERIOD("TIME"),
		                ",\"credit\":true,\"credit_reference_id\":\"1\""),
		        "" },
		{ "CDR", 0,
		        CDR(A36 "aaaa", HOME, PERIOD("TIME"),
		                ",\"credit\":true,\"credit_reference_id\":\"1\""),
		        "/id long" },
		{ "CDR", 0, CDR("1-C", HOME, PERIOD("TIME"), ",\"credit\":true"),
		        "/credit_reference_id rule" },
		{ "CDR", 0,
		        CDR("1-C", HOME, PERIOD("TIME"),
		                ",\"credit\":true,\"credit_reference_id\":null"),
		        "/credit_reference_id rule" },
		{ "CDR", 0, CDR("1", HOME, PERIOD("TIME"), ",\"credit\":\"true\""),
		        "/credit type" },
		/* TRP-32: the longer limits of a Location */
		{ "CDR", 0, CDR("1", PLACE(A250 "aaaaa", A36 "aaaaaaaaa"), PERIOD("TIME"), ""),
		        "" },
		{ "CDR", 0, CDR("1", PLACE(A250 "aaaaaa", A36 A10), PERIOD("TIME"), ""),
		        "/cdr_location/address long; /cdr_location/state long" },
	};

	RUN(cases);
}
END_TEST

#define CARD                                                                                    \
	"{\"country_code\":\"DE\",\"party_id\":\"ABC\",\"uid\":\"U\",\"type\":\"RFID\","        \
	"\"contract_id\":\"C\","                                                                \
	"\"issuer\":\"I\",\"valid\":true,\"whitelist\":\"NEVER\",\"authorization_reference\":{" \
	"\"x\":[null]},"                                                                        \
	"\"last_updated\":\"2026-11-23T08:00:00Z\"}"
#define START(more)                                                                               \
	"{\"response_url\":\"https://x.example/1\",\"token\":" CARD ",\"location_id\":\"L\"" more \
	"}"

START_TEST(test_commands_and_profiles)
{
	static const struct schema_case cases[] = {
		{ "StartSession", 0, START(""), "" }, /* TRP-25: an unknown key in the token */
		{ "StartSession", 0, START(",\"evse_uid\":\"E\",\"connector_id\":\"1\""), "" },
		{ "StartSession", 0, START(",\"connector_id\":\"1\""),
		        "/evse_uid rule" }, /* CMD-020 */
		{ "CommandResponse", 0, "{\"result\":\"ACCEPTED\",\"timeout\":30}", "" },
		{ "CommandResponse", 0, "{\"result\":\"ACCEPTED\"}",
		        "/timeout missing" }, /* CMD-014: reported */
		{ "CommandResult", 0,
		        "{\"result\":\"FAILED\",\"message\":[{\"language\":\"en\",\"text\":\"\"}]}",
		        "/message/0/text empty" },
		{ "ActiveChargingProfileResult", 0, "{\"result\":\"REJECTED\"}", "" },
		{ "ActiveChargingProfileResult", 0,
		        "{\"result\":\"REJECTED\",\"profile\":{\"start_date_time\":\"2026-11-23T08:"
		        "00:00Z\","
		        "\"charging_profile\":{\"charging_rate_unit\":\"W\"}}}",
		        "/profile rule" }, /* CHP-010 */
		{ "ActiveChargingProfileResult", 0,
		        "{\"result\":\"ACCEPTED\",\"profile\":{\"start_date_time\":\"2026-11-23T08:"
		        "00:00Z\","
		        "\"charging_profile\":{\"charging_rate_unit\":\"W\",\"min_charging_rate\":"
		        "8.15}}}",
		        "/profile/charging_profile/min_charging_rate decimals" }, /* CHP-017 */
		{ "AuthorizationInfo", 0,
		        "{\"allowed\":\"ALLOWED\",\"token\":" CARD ",\"info\":[]}", "/info type" },
	};

	RUN(cases);
}
END_TEST

START_TEST(test_SES_004_charging_preferences_answer_with_a_bare_string)
{
	static const char values[][OCPI_VALUE_SIZE] = { "ACCEPTED", "NOT_POSSIBLE", "" };
	static const struct ocpi_enum preferences = { .name = "ChargingPreferencesResponse",
		.values = values };
	static const struct ocpi_class bare = { .name = "ChargingPreferencesResponse",
		.text = &preferences };
	static const struct {
		const char *body;
		bool sound;
	} rows[] = { { "\"ACCEPTED\"", true }, { "\"NOT_POSSIBL\\u0045\"", true },
		{ "\"LATER\"", false }, { "{\"result\":\"ACCEPTED\"}", false }, { "\"\"", false } };

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena *arena = arena_new(4096);
		struct ocpi_flaws flaws;
		struct json_doc doc;
		struct fault fault;

		ck_assert_int_eq(json_scan(str_of(rows[i].body), 100, arena, &doc, &fault), RH_OK);
		ck_assert_msg(
		        ocpi_check(&doc, 0, &bare, 0, &flaws) == rows[i].sound, "%s", rows[i].body);
		arena_free(arena);
	}
}
END_TEST

#define STAMP    "\"last_updated\":\"2026-11-23T08:00:00Z\""
#define UID(uid) "{\"uid\":\"" uid "\"}"
#define UIDS     UID("1") "," UID("2") "," UID("3") "," UID("4") "," UID("5") "," UID("6") "," UID("7")

/* fault O25: a PATCH would change the first of them. */
START_TEST(test_LOC_005_no_two_evses_of_a_uid_and_no_two_connectors_of_an_id)
{
	static const struct schema_case cases[] = {
		{ "Location", CHECK_PARTIAL, "{\"evses\":[" UIDS "]," STAMP "}", "" },
		{ "Location", CHECK_PARTIAL,
		        "{\"evses\":[" UID("a") "," UID("b") "," UID("A") "]," STAMP "}",
		        "/evses/2/uid rule" },
		{ "Location", CHECK_PARTIAL,
		        "{\"evses\":[" UID("a") "," UID("\\u0061") "," UID("a") "]," STAMP "}",
		        "/evses/1/uid rule; /evses/2/uid rule" },
		{ "Location", CHECK_PARTIAL,
		        "{\"evses\":[" UIDS "," UID("8") "," UID("9") "]," STAMP "}", "" },
		{ "Location", CHECK_PARTIAL,
		        "{\"evses\":[" UIDS
		        "," UID("8") "," UID("x") "," UID("X") "," UID("3") "]," STAMP "}",
		        "/evses/9/uid rule; /evses/10/uid rule" },
		{ "EVSE", CHECK_PARTIAL,
		        "{\"connectors\":[{\"id\":\"1\"},{\"id\":\"2\"},{\"id\":\"1\"}]," STAMP "}",
		        "/connectors/2/id rule" },
		/* a flaw of its own is all there is to say of the list */
		{ "EVSE", CHECK_PARTIAL,
		        "{\"connectors\":[{\"id\":\"1\"},{\"id\":1},{\"id\":\"1\"}]," STAMP "}",
		        "/connectors/1/id type" },
	};

	RUN(cases);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("schema objects");
	TCase *tcase = tcase_create("objects");

	tcase_add_test(tcase, test_LOC_018_tokens_that_a_location_is_published_to);
	tcase_add_test(tcase, test_LOC_019_opening_hours);
	tcase_add_test(tcase, test_LOC_005_no_two_evses_of_a_uid_and_no_two_connectors_of_an_id);
	tcase_add_test(tcase, test_TAR_012_TAR_014_price_components);
	tcase_add_test(tcase, test_sessions_as_they_come);
	tcase_add_test(tcase, test_cdrs_as_they_come);
	tcase_add_test(tcase, test_commands_and_profiles);
	tcase_add_test(tcase, test_SES_004_charging_preferences_answer_with_a_bare_string);
	suite_add_tcase(suite, tcase);
	return suite_run(suite, CK_NOFORK);
}
