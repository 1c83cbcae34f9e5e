/* routes: the modules' tables against the endpoint sheets, row by row, and what a path finds in
 * them. */
#include <check.h>
#include <string.h>

#include <roamhub/module.h>

#include "../../../modules/routes.h"

#include "../suite.h"
#include "model.h"

/** The module that rows with this id belong to. */
static const char *
module_of(struct str id)
{
	static const struct {
		const char *prefix, *module;
	} areas[] = { { "LOC-", "locations" }, { "SES-", "sessions" }, { "CDR-", "cdrs" },
		{ "TRP-57", "cdrs" }, { "TAR-", "tariffs" }, { "TOK-", "tokens" },
		{ "CMD-", "commands" }, { "CHP-", "chargingprofiles" } };

	for (size_t i = 0; i < COUNT(areas); i++)
		if (str_starts(id, areas[i].prefix))
			return areas[i].module;
	ck_abort_msg("no module for %.*s", STR_ARG(id));
}

/** Same segments; what stands in braces is called otherwise in the sheets, but for owner, EVSE and
 * connector. */
static bool
same_path(struct str sheet, struct str table)
{
	while (sheet.p != NULL && table.p != NULL) {
		struct str a = str_cut(&sheet, '/'), b = str_cut(&table, '/');
		bool free = str_starts(a, "{") && str_starts(b, "{");
		bool named = str_starts(a, "{evse") || str_starts(a, "{connector") ||
		             str_is(a, "{cc}") || str_is(a, "{party}");

		if (free && named)
			free = str_starts(a, "{evse")  ? str_is(b, "{evse}")
			       : str_starts(a, "{con") ? str_is(b, "{connector}")
			                               : str_eq(a, b);
		else if (free)
			free = str_is(b, "{id}");
		if (!free && !str_eq(a, b))
			return false;
	}
	return sheet.p == NULL && table.p == NULL;
}

static const struct ocpi_route *
find_row(const struct model_row *sheet)
{
	const struct ocpi_module *module =
	        ocpi_module_find(ocpi_modules, str_of(module_of(sheet->cell[0])));

	ck_assert_ptr_nonnull(module);
	for (const struct ocpi_route *route = module->routes; route->interface != IFACE_NONE;
	        route++)
		if (str_is(sheet->cell[0], route->spec) &&
		        str_is(sheet->cell[1], ocpi_interface_name(route->interface)) &&
		        str_is(sheet->cell[2], route->method) &&
		        same_path(sheet->cell[3], str_of(route->path)))
			return route;
	return NULL;
}

static void
compare_bodies(const struct model_row *sheet, const struct ocpi_route *route)
{
	struct str body = sheet->cell[4], answer = sheet->cell[5];
	bool partial = str_starts(body, "partial "), optional = str_starts(body, "optional ");
	bool list = str_starts(answer, "list of ");
	const char *name = route->body == NULL ? "-" : route->body->name;

	body = str_from(body, partial ? 8 : optional ? 9 : 0);
	answer = str_from(answer, list ? 8 : 0);
	if (str_is(sheet->cell[0], "CHP-E4")) /* three results, told apart by the request; the hub's
	                                         URL knows which */
		ck_assert(memmem(body.p, body.len, name, strlen(name)) != NULL);
	else
		ck_assert_msg(str_is(body, name), "%s: body %s", route->spec, name);
	name = route->answer == NULL ? "-" : route->answer->name;
	ck_assert_msg(str_is(answer, name), "%s: answer %s", route->spec, name);
	ck_assert_msg(
	        ((route->flags & ROUTE_PATCH) != 0) == partial, "%s: ROUTE_PATCH", route->spec);
	ck_assert_msg(((route->flags & ROUTE_BODY_OPTIONAL) != 0) == optional, "%s: optional",
	        route->spec);
	ck_assert_msg(
	        ((route->flags & (ROUTE_BODY | ROUTE_BODY_OPTIONAL)) != 0) == (route->body != NULL),
	        "%s: ROUTE_BODY", route->spec);
	ck_assert_msg(((route->flags & ROUTE_LIST) != 0) == list, "%s: ROUTE_LIST", route->spec);
	ck_assert_msg(((route->flags & ROUTE_LINK) != 0) == list, "%s: ROUTE_LINK", route->spec);
}

START_TEST(test_every_row_of_the_sheets_is_in_the_tables_and_no_other)
{
	struct model model = model_open("Endpoints");
	struct model_row row;
	size_t sheets = 0, tables = 0;

	while (model_next(&model, &row)) {
		const struct ocpi_route *route = find_row(&row);

		ck_assert_msg(route != NULL, "no row for %.*s %.*s", STR_ARG(row.cell[0]),
		        STR_ARG(row.cell[3]));
		compare_bodies(&row, route);
		sheets++;
	}
	for (const struct ocpi_module *const *module = ocpi_modules; *module != NULL; module++)
		for (const struct ocpi_route *route = (*module)->routes;
		        route->interface != IFACE_NONE; route++)
			tables++;
	ck_assert_uint_eq(tables, sheets);
}
END_TEST

START_TEST(test_every_module_names_its_owner_object_and_key)
{
	static const struct {
		const char *id, *object, *key, *second;
		enum ocpi_role owner;
	} rows[] = {
		{ "cdrs", "CDR", "id", NULL, ROLE_CPO },
		{ "chargingprofiles", NULL, NULL, NULL, ROLE_NONE },
		{ "commands", NULL, NULL, NULL, ROLE_NONE },
		{ "locations", "Location", "id", NULL, ROLE_CPO },
		{ "sessions", "Session", "id", NULL, ROLE_CPO },
		{ "tariffs", "Tariff", "id", NULL, ROLE_CPO },
		{ "tokens", "Token", "uid", "type", ROLE_EMSP },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct ocpi_module *module = ocpi_modules[i];

		ck_assert_str_eq(module->id, rows[i].id);
		ck_assert_int_eq(module->owner, rows[i].owner);
		ck_assert_pstr_eq(
		        module->object == NULL ? NULL : module->object->name, rows[i].object);
		ck_assert_pstr_eq(module->key[0], rows[i].key);
		ck_assert_pstr_eq(module->key[1], rows[i].second);
	}
	ck_assert_ptr_null(ocpi_modules[COUNT(rows)]);
}
END_TEST

/** All rows with @flag, as "LOC-E6 LOC-E7 ...", each id once. */
static struct str
rows_with(unsigned flag, struct buf *out)
{
	const char *last = "";

	out->len = 0;
	buf_add(out, STR(""));
	for (const struct ocpi_module *const *module = ocpi_modules; *module != NULL; module++)
		for (const struct ocpi_route *route = (*module)->routes;
		        route->interface != IFACE_NONE; route++)
			if ((route->flags & flag) && strcmp(route->spec, last) != 0)
				buf_printf(
				        out, "%s%s", out->len > 0 ? " " : "", last = route->spec);
	return buf_str(out);
}

START_TEST(test_flags_stand_where_the_rules_want_them)
{
	static const struct {
		unsigned flag;
		const char *rows;
	} flags[] = {
		{ ROUTE_SHARE,
		        "LOC-E6 LOC-E7 LOC-E8 LOC-E9 TAR-E3 TAR-E4 TOK-E2 TOK-E3" }, /* RTE-043 */
		{ ROUTE_RESPONSE_URL_BODY, "CHP-E2 CMD-E1 CMD-E2 CMD-E3 CMD-E4 CMD-E5" },
		{ ROUTE_RESPONSE_URL_QUERY, "CHP-E1 CHP-E3" },
		{ ROUTE_DURATION, "CHP-E1" },
		{ ROUTE_LOCATION, "CDR-E2 TRP-57" },
		{ ROUTE_BODY_OWNER, "CDR-E2 TRP-57" },
		{ ROUTE_AUTHORIZE, "TOK-E5" },
		{ ROUTE_TOKEN_OF_SENDER, "CMD-E1 CMD-E3" },
		{ ROUTE_LIST, "CDR-E1 LOC-E1 SES-E1 TAR-E1 TOK-E4" },
	};
	struct buf found = { 0 };

	for (size_t i = 0; i < COUNT(flags); i++) {
		struct str rows = rows_with(flags[i].flag, &found);

		ck_assert_msg(
		        str_is(rows, flags[i].rows), "%.*s for %s", STR_ARG(rows), flags[i].rows);
	}
	buf_free(&found);
}
END_TEST

START_TEST(test_open_routing_is_deduced_as_RTE_050_says)
{
	static const struct {
		const char *spec;
		const struct ocpi_deduction *deduce;
	} rows[] = {
		{ "SES-E2", DEDUCE_SESSION_ID },
		{ "SES-E4", DEDUCE_CDR_TOKEN },
		{ "SES-E5", DEDUCE_SESSION_HOLDER },
		{ "CDR-E2", DEDUCE_CDR_TOKEN },
		{ "TOK-E5", DEDUCE_TOKEN },
		{ "CMD-E1", DEDUCE_LOCATION_ID },
		{ "CMD-E2", DEDUCE_SESSION_ID },
		{ "CMD-E3", DEDUCE_LOCATION_ID },
		{ "CMD-E4", DEDUCE_RESERVATION_ID },
		{ "CMD-E5", DEDUCE_LOCATION_ID },
		{ "CHP-E1", DEDUCE_SESSION_ID },
		{ "CHP-E5", DEDUCE_PROFILE },
		{ "LOC-E1", DEDUCE_NONE },
		{ "LOC-E2", DEDUCE_OBJECT },
		{ "LOC-E6", DEDUCE_NONE },
	};
	size_t found = 0;

	for (const struct ocpi_module *const *module = ocpi_modules; *module != NULL; module++)
		for (const struct ocpi_route *route = (*module)->routes;
		        route->interface != IFACE_NONE; route++)
			for (size_t i = 0; i < COUNT(rows); i++)
				if (strcmp(route->spec, rows[i].spec) == 0) {
					ck_assert_msg(
					        route->deduce == rows[i].deduce, "%s", route->spec);
					found++;
				}
	ck_assert_uint_eq(found, COUNT(rows));
}
END_TEST

START_TEST(test_CHP_006_the_class_of_a_callback_follows_from_the_request)
{
	static const struct {
		const char *spec, *callback;
	} rows[] = {
		{ "CMD-E1", "CommandResult" },
		{ "CMD-E5", "CommandResult" },
		{ "CHP-E1", "ActiveChargingProfileResult" },
		{ "CHP-E2", "ChargingProfileResult" },
		{ "CHP-E3", "ClearProfileResult" },
	};
	unsigned urls = ROUTE_RESPONSE_URL_BODY | ROUTE_RESPONSE_URL_QUERY;

	for (const struct ocpi_module *const *module = ocpi_modules; *module != NULL; module++)
		for (const struct ocpi_route *route = (*module)->routes;
		        route->interface != IFACE_NONE; route++) {
			ck_assert_msg((route->callback != NULL) == ((route->flags & urls) != 0),
			        "%s", route->spec);
			for (size_t i = 0; i < COUNT(rows); i++)
				if (strcmp(route->spec, rows[i].spec) == 0)
					ck_assert_str_eq(route->callback->name, rows[i].callback);
		}
}
END_TEST

/** What the table says of a request: the row's id, "405 <methods>" or "404". */
static void
ask(const char *module, enum ocpi_interface interface, const char *method, const char *target,
        char *out, size_t size)
{
	struct arena *arena = arena_new(4096);
	struct ocpi_matched matched;
	struct ocpi_path path;
	struct fault fault;
	enum ocpi_match match;

	ck_assert_int_eq(ocpi_path_split(str_of(target), arena, &path, &fault), RH_OK);
	match = ocpi_route_match(ocpi_module_find(ocpi_modules, str_of(module)), interface,
	        str_of(method), &path, 1, &matched);
	if (match == MATCH_FOUND)
		snprintf(out, size, "%s %.*s", matched.route->spec, STR_ARG(matched.id));
	else if (match == MATCH_NO_METHOD)
		snprintf(out, size, "405 %s", matched.allow);
	else
		snprintf(out, size, "404");
	arena_free(arena);
}

START_TEST(test_a_request_finds_its_row_or_405_or_404)
{
	static const struct {
		const char *module;
		enum ocpi_interface interface;
		const char *method, *target, *wanted;
	} rows[] = {
		{ "locations", IFACE_RECEIVER, "PUT", "/m/DE/ABC/LOC1", "LOC-E6 LOC1" },
		{ "locations", IFACE_RECEIVER, "PUT", "/m/DE/ABC/LOC1/3256/1", "LOC-E8 LOC1" },
		{ "locations", IFACE_RECEIVER, "DELETE", "/m/DE/ABC/LOC1",
		        "405 GET, PUT, PATCH" },                        /* LOC-002 */
		{ "locations", IFACE_SENDER, "POST", "/m", "405 GET" }, /* LOC-001 */
		{ "locations", IFACE_SENDER, "GET", "/m/LOC1/3256/", "LOC-E3 LOC1" },
		{ "locations", IFACE_RECEIVER, "PUT", "/m/DE/ABC/LOC1/3256/1/x", "404" },
		{ "sessions", IFACE_SENDER, "PUT", "/m/101/charging_preferences",
		        "SES-E2 101" },                               /* SES-003 */
		{ "sessions", IFACE_SENDER, "GET", "/m/101", "404" }, /* SES-001 */
		{ "sessions", IFACE_RECEIVER, "POST", "/m/DE/ABC/101",
		        "405 GET, PUT, PATCH" }, /* SES-002 */
		{ "cdrs", IFACE_RECEIVER, "POST", "/m", "CDR-E2 " },
		{ "cdrs", IFACE_RECEIVER, "POST", "/m/DE/ABC", "TRP-57 " },
		{ "cdrs", IFACE_RECEIVER, "PUT", "/m", "405 POST" }, /* CDR-002 */
		{ "cdrs", IFACE_SENDER, "PATCH", "/m", "405 GET" },  /* CDR-001 */
		{ "tariffs", IFACE_RECEIVER, "DELETE", "/m/DE/ABC/12", "TAR-E4 12" },
		{ "tariffs", IFACE_RECEIVER, "PATCH", "/m/DE/ABC/12",
		        "405 GET, PUT, DELETE" }, /* TAR-002 */
		{ "tokens", IFACE_RECEIVER, "PATCH", "/m/DE/ABC/012345?type=RFID",
		        "TOK-E3 012345" },
		{ "tokens", IFACE_SENDER, "POST", "/m/012345/authorize", "TOK-E5 012345" },
		{ "tokens", IFACE_SENDER, "GET", "/m/012345/authorize", "405 POST" }, /* TOK-002 */
		{ "tokens", IFACE_RECEIVER, "DELETE", "/m/DE/ABC/0",
		        "405 GET, PUT, PATCH" }, /* TOK-001 */
		{ "commands", IFACE_RECEIVER, "POST", "/m/START_SESSION", "CMD-E1 " },
		{ "commands", IFACE_RECEIVER, "GET", "/m/START_SESSION", "405 POST" }, /* CMD-001 */
		{ "commands", IFACE_RECEIVER, "POST", "/m/EXPLODE", "404" },           /* CMD-003 */
		{ "commands", IFACE_RECEIVER, "POST", "/m/start_session", "404" },
		{ "chargingprofiles", IFACE_RECEIVER, "DELETE", "/m/101?response_url=x",
		        "CHP-E3 101" },
		{ "chargingprofiles", IFACE_RECEIVER, "PATCH", "/m/101",
		        "405 GET, PUT, DELETE" }, /* CHP-001 */
		{ "chargingprofiles", IFACE_SENDER, "PUT", "/m/101", "CHP-E5 101" },
		{ "chargingprofiles", IFACE_SENDER, "GET", "/m/101",
		        "405 POST, PUT" }, /* CHP-001 */
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char found[96];

		ask(rows[i].module, rows[i].interface, rows[i].method, rows[i].target, found,
		        sizeof(found));
		ck_assert_msg(strcmp(found, rows[i].wanted) == 0, "%s %s %s: %s for %s",
		        rows[i].module, rows[i].method, rows[i].target, found, rows[i].wanted);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("routes");
	TCase *tcase = tcase_create("routes");

	tcase_add_test(tcase, test_every_row_of_the_sheets_is_in_the_tables_and_no_other);
	tcase_add_test(tcase, test_every_module_names_its_owner_object_and_key);
	tcase_add_test(tcase, test_flags_stand_where_the_rules_want_them);
	tcase_add_test(tcase, test_open_routing_is_deduced_as_RTE_050_says);
	tcase_add_test(tcase, test_CHP_006_the_class_of_a_callback_follows_from_the_request);
	tcase_add_test(tcase, test_a_request_finds_its_row_or_405_or_404);
	suite_add_tcase(suite, tcase);
	return suite_run(suite, CK_NOFORK);
}
