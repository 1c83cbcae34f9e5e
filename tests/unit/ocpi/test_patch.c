/* patch: what a write leaves of the stored bytes. Every row is old bytes, a write and the exact
 * bytes due. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "../suite.h"
#include "roamhub/module.h"
#include "roamhub/patch.h"

#define C1 "{\"id\":\"1\",\"format\":\"CABLE\",\"last_updated\":\"T0\"}"
#define E1                                                                                   \
	"{\"uid\":\"E1\",\"status\":\"AVAILABLE\",\"connectors\":[" C1 "],\"last_updated\":" \
	"\"T0\"}"
#define E2 "{\"uid\":\"E2\",\"status\":\"BLOCKED\",\"last_updated\":\"T0\"}"
#define LOCATION \
	"{ \"id\" : \"L1\", \"x\":1e-7 ,\"evses\":[" E1 ", " E2 "],\"last_updated\":\"T0\"}"

static const struct row {
	const char *name, *module;
	bool patch;
	const char *evse, *connector, *old, *body;
	const char *due; /* NULL: an error */
	enum rh_err err;
} rows[] = {
	{ "PUT replaces everything", "tariffs", false, NULL, NULL, "{\"id\":\"1\"}",
	        "{ \"id\":\"1\",\"a\":0.1}", "{ \"id\":\"1\",\"a\":0.1}" },
	{ "PUT of a new object", "tariffs", false, NULL, NULL, NULL, "{\"id\":\"1\"}",
	        "{\"id\":\"1\"}" },
	{ "PATCH of nothing", "tokens", true, NULL, NULL, NULL, "{\"valid\":false}", NULL,
	        RH_UNKNOWN_OBJECT },
	{ "PATCH replaces one value and nothing else", "tokens", true, NULL, NULL,
	        "{\"uid\":\"1\" , \"valid\" : true,\"n\":12345678901234567890,\"m\":0.10}",
	        "{\"valid\":false}",
	        "{\"uid\":\"1\" , \"valid\" : false,\"n\":12345678901234567890,\"m\":0.10}" },
	{ "PATCH inserts behind the last member, spelled as it came", "tokens", true, NULL, NULL,
	        "{\"a\":1 }", "{\"b\":1.50,\"c\\u0064\":\"\\/\"}",
	        "{\"a\":1,\"b\":1.50,\"c\\u0064\":\"\\/\" }" },
	{ "PATCH into an empty object", "tokens", true, NULL, NULL, "{ }", "{\"b\":1,\"c\":2}",
	        "{\"b\":1,\"c\":2 }" },
	{ "null is like absent", "tokens", true, NULL, NULL, "{\"a\":1}", "{\"a\":null,\"b\":null}",
	        "{\"a\":1}" },
	{ "an escaped key is the same key", "tokens", true, NULL, NULL, "{\"valid\":true}",
	        "{\"v\\u0061lid\":false}", "{\"valid\":false}" },
	{ "session periods are appended", "sessions", true, NULL, NULL,
	        "{\"charging_periods\":[ {\"p\":1} ],\"kwh\":1}",
	        "{\"kwh\":2.0,\"charging_periods\":[{\"p\":2}, {\"p\":3}]}",
	        "{\"charging_periods\":[ {\"p\":1},{\"p\":2}, {\"p\":3} ],\"kwh\":2.0}" },
	{ "an empty list of periods changes nothing", "sessions", true, NULL, NULL,
	        "{\"charging_periods\":[{\"p\":1}]}", "{\"charging_periods\":[]}",
	        "{\"charging_periods\":[{\"p\":1}]}" },
	{ "periods where there were none", "sessions", true, NULL, NULL,
	        "{\"charging_periods\":null,\"a\":1}", "{\"charging_periods\":[{\"p\":2}]}",
	        "{\"charging_periods\":[{\"p\":2}],\"a\":1}" },
	{ "periods into an empty list", "sessions", true, NULL, NULL, "{\"charging_periods\":[]}",
	        "{\"charging_periods\":[{\"p\":2}]}", "{\"charging_periods\":[{\"p\":2}]}" },
	{ "PATCH of an EVSE lifts the Location", "locations", true, "E2", NULL, LOCATION,
	        "{\"status\":\"CHARGING\",\"last_updated\":\"T1\"}",
	        "{ \"id\" : \"L1\", \"x\":1e-7 ,\"evses\":[" E1 ", "
	        "{\"uid\":\"E2\",\"status\":\"CHARGING\",\"last_updated\":\"T1\"}],\"last_"
	        "updated\":\"T1\"}" },
	{ "PATCH of a Connector lifts EVSE and Location", "locations", true, "e1", "1", LOCATION,
	        "{\"format\":\"SOCKET\",\"last_updated\":\"T2\"}",
	        "{ \"id\" : \"L1\", \"x\":1e-7 "
	        ",\"evses\":[{\"uid\":\"E1\",\"status\":\"AVAILABLE\",\"connectors\":["
	        "{\"id\":\"1\",\"format\":\"SOCKET\",\"last_updated\":\"T2\"}],\"last_updated\":"
	        "\"T2\"}, " E2 "],\"last_updated\":\"T2\"}" },
	{ "PUT of a new EVSE", "locations", false, "E3", NULL, LOCATION,
	        " {\"uid\":\"E3\",\"last_updated\":\"T1\"} ",
	        "{ \"id\" : \"L1\", \"x\":1e-7 ,\"evses\":[" E1 ", " E2
	        ",{\"uid\":\"E3\",\"last_updated\":\"T1\"}],\"last_updated\":\"T1\"}" },
	{ "PUT of an EVSE replaces it", "locations", false, "E2", NULL, LOCATION,
	        "{\"uid\":\"E2\",\"last_updated\":\"T1\"}",
	        "{ \"id\" : \"L1\", \"x\":1e-7 ,\"evses\":[" E1
	        ", {\"uid\":\"E2\",\"last_updated\":\"T1\"}],\"last_updated\":\"T1\"}" },
	{ "PUT of the first EVSE", "locations", false, "E1", NULL,
	        "{\"id\":\"L1\",\"last_updated\":\"T0\"}",
	        "{\"uid\":\"E1\",\"last_updated\":\"T1\"}",
	        "{\"id\":\"L1\",\"last_updated\":\"T1\",\"evses\":[{\"uid\":\"E1\",\"last_"
	        "updated\":\"T1\"}]}" },
	{ "PUT of the first EVSE into an object without a member", "locations", false, "E1", NULL,
	        "{}", "{\"uid\":\"E1\",\"last_updated\":\"T1\"}",
	        "{\"evses\":[{\"uid\":\"E1\",\"last_updated\":\"T1\"}],\"last_updated\":\"T1\"}" },
	{ "PUT of an EVSE where the EVSEs are no list", "locations", false, "E1", NULL,
	        "{\"evses\":{\"a\":1}}", "{\"uid\":\"E1\",\"last_updated\":\"T1\"}", NULL,
	        RH_BAD_FIELD },
	{ "PUT of a Connector into an EVSE without any", "locations", false, "E2", "7", LOCATION,
	        "{\"id\":\"7\",\"last_updated\":\"T3\"}",
	        "{ \"id\" : \"L1\", \"x\":1e-7 ,\"evses\":[" E1
	        ", {\"uid\":\"E2\",\"status\":\"BLOCKED\",\"last_updated\":"
	        "\"T3\",\"connectors\":[{\"id\":\"7\",\"last_updated\":\"T3\"}]}],\"last_updated\":"
	        "\"T3\"}" },
	{ "PATCH of an unknown EVSE", "locations", true, "E9", NULL, LOCATION,
	        "{\"last_updated\":\"T1\"}", NULL, RH_UNKNOWN_OBJECT },
	{ "PUT of a Connector of an unknown EVSE", "locations", false, "E9", "1", LOCATION,
	        "{\"last_updated\":\"T1\"}", NULL, RH_UNKNOWN_OBJECT },
	{ "PUT of an EVSE of an unknown Location", "locations", false, "E9", NULL, NULL, "{}", NULL,
	        RH_UNKNOWN_OBJECT },
	{ "PATCH of a Location merges evses by uid and connectors by id", "locations", true, NULL,
	        NULL, LOCATION,
	        "{\"evses\":[{\"uid\":\"E1\",\"connectors\":[{\"id\":\"1\",\"format\":\"SOCKET\"},{"
	        "\"id\":\"2\"}]},"
	        "{\"uid\":\"E3\"}],\"last_updated\":\"T4\"}",
	        "{ \"id\" : \"L1\", \"x\":1e-7 "
	        ",\"evses\":[{\"uid\":\"E1\",\"status\":\"AVAILABLE\",\"connectors\":["
	        "{\"id\":\"1\",\"format\":\"SOCKET\",\"last_updated\":\"T0\"},{\"id\":\"2\"}],"
	        "\"last_updated\":\"T0\"}, " E2 ",{\"uid\":\"E3\"}],\"last_updated\":\"T4\"}" },
	{ "one EVSE twice in a PATCH", "locations", true, NULL, NULL, LOCATION,
	        "{\"evses\":[{\"uid\":\"E1\",\"status\":\"A\"},{\"uid\":\"E1\",\"status\":\"B\"}]}",
	        NULL, RH_BAD_FIELD },
	{ "parts of what has none", "tariffs", true, "E1", NULL, "{}", "{}", NULL, RH_BAD_FIELD },
	{ "old bytes that are no object", "tokens", true, NULL, NULL, "[1]", "{\"a\":1}", NULL,
	        RH_BAD_FIELD },
};

START_TEST(test_LOC_007_LOC_011_SES_007_TYP_016_a_write_changes_what_it_names_and_no_other_byte)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct row *row = &rows[i];
		const struct ocpi_module *module =
		        ocpi_module_find(ocpi_modules, str_of(row->module));
		struct ocpi_update update = { module->object, row->patch, str_of(row->evse),
			str_of(row->connector), str_of(row->body) };
		struct arena *arena = arena_new(256);
		struct fault fault = { 0 };
		struct str fresh = { 0 };

		ck_assert_msg(ocpi_update_apply(&update, str_of(row->old), arena, &fresh, &fault) ==
		                      row->err,
		        "%s: %s", row->name, fault.why);
		if (row->due != NULL)
			ck_assert_msg(
			        str_is(fresh, row->due), "%s: %.*s", row->name, STR_ARG(fresh));
		arena_free(arena);
	}
}
END_TEST

enum { MUCH = 300 };

/* More than is looked for one by one. Ids are CiStrings; members are not. */
START_TEST(test_much_in_much_is_merged_like_little_in_little)
{
	struct arena *arena = arena_new(65536);
	struct buf old = { .arena = arena }, body = { .arena = arena }, due = { .arena = arena };
	struct ocpi_update update = { .patch = true };
	struct fault fault = { 0 };
	struct str fresh = { 0 };

	update.class = ocpi_module_find(ocpi_modules, STR("locations"))->object;
	buf_add(&old, STR("{\"evses\":[1"));
	buf_add(&body, STR("{\"evses\":[{\"uid\":\"new\"}"));
	buf_add(&due, STR("{\"evses\":[1"));
	for (int i = 0; i < MUCH; i++) {
		buf_printf(&old, ",{\"uid\":\"E%d\"}", i);
		buf_printf(&body, ",{\"uid\":\"e%d\",\"n\":%d}", MUCH - 1 - i, MUCH - 1 - i);
		buf_printf(&due, ",{\"uid\":\"e%d\",\"n\":%d}", i, i);
	}
	buf_add(&old, STR("]"));
	buf_add(&body, STR(",{\"uid\":\"last\"}]"));
	buf_add(&due, STR(",{\"uid\":\"new\"},{\"uid\":\"last\"}]"));
	for (int i = 0; i < MUCH; i++) {
		buf_printf(&old, ",\"m%d\":0", i);
		buf_printf(&body, ",\"\\u006d%d\":%d,\"M%d\":1", i, i + 1, i);
		buf_printf(&due, ",\"m%d\":%d", i, i + 1);
	}
	for (int i = 0; i < MUCH; i++)
		buf_printf(&due, ",\"M%d\":1", i);
	buf_add(&old, STR("}"));
	buf_add(&body, STR("}"));
	buf_add(&due, STR("}"));
	update.body = buf_str(&body);
	ck_assert_msg(ocpi_update_apply(&update, buf_str(&old), arena, &fresh, &fault) == RH_OK,
	        "%s", fault.why);
	ck_assert_msg(str_eq(fresh, buf_str(&due)), "%.*s", STR_ARG(fresh));
	arena_free(arena);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("patch");
	TCase *tcase = tcase_create("patch");

	tcase_add_test(tcase,
	        test_LOC_007_LOC_011_SES_007_TYP_016_a_write_changes_what_it_names_and_no_other_byte);
	tcase_add_test(tcase, test_much_in_much_is_merged_like_little_in_little);
	suite_add_tcase(suite, tcase);
	return suite_run(suite, CK_NOFORK);
}
