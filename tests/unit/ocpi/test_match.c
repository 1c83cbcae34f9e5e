/* test_match: rows of endpoint tables. The tables here are the test's own. */
#include "roamhub/module.h"

#include "helper.h"

/* clang-format off */
static const struct ocpi_route routes[] = {
	{ IFACE_SENDER,   "GET",    "" },
	{ IFACE_SENDER,   "GET",    "{id}" },
	{ IFACE_SENDER,   "POST",   "{id}/authorize" },
	{ IFACE_SENDER,   "GET",    "{id}/{evse}/{connector}" },
	{ IFACE_RECEIVER, "GET",    "{cc}/{party}/{id}" },
	{ IFACE_RECEIVER, "PUT",    "{cc}/{party}/{id}" },
	{ IFACE_RECEIVER, "PATCH",  "{cc}/{party}/{id}" },
	{ IFACE_RECEIVER, "POST",   "START_SESSION" },
	{ IFACE_RECEIVER, "DELETE", "{session}" },
	{ IFACE_RECEIVER, "PUT",    "{session}" },
	{ IFACE_RECEIVER, "PUT",    "{session}" },
	{ 0 },
};
/* clang-format on */
static const struct ocpi_module module = { .id = "tokens", .routes = routes };
static const struct ocpi_module other = { .id = "cdrs", .routes = routes + COUNT(routes) - 1 };

struct match_case {
	enum ocpi_interface interface;
	const char *method, *target;
	enum ocpi_match match;
	int row;            /* of routes, when found */
	const char *values; /* cc|party|id|evse|connector, or Allow */
};

static void
check_match(const struct match_case *c)
{
	struct arena *arena = arena_new(4096);
	struct ocpi_path path;
	struct ocpi_matched out;
	struct str values;

	ck_assert_int_eq(ocpi_path_split(str_of(c->target), arena, &path, NULL), RH_OK);
	ck_assert_msg(ocpi_route_match(&module, c->interface, str_of(c->method), &path, 2, &out) ==
	                      c->match,
	        "%s %s", c->method, c->target);
	ck_assert_uint_eq(out.first, 2);
	if (c->match != MATCH_FOUND) {
		ck_assert_ptr_null(out.route);
		ck_assert_ptr_null(out.id.p);
		expect_str(str_of(out.allow), c->values, c->target);
		arena_free(arena);
		return;
	}
	ck_assert_ptr_eq(out.route, &routes[c->row]);
	values = arena_printf(arena, "%.*s|%.*s|%.*s|%.*s|%.*s", STR_ARG(out.cc),
	        STR_ARG(out.party), STR_ARG(out.id), STR_ARG(out.evse), STR_ARG(out.connector));
	expect_str(values, c->values, c->target);
	ck_assert_str_eq(out.allow, "");
	arena_free(arena);
}

START_TEST(test_TRN_025_routes_are_matched_by_path_and_then_by_method)
{
	static const struct match_case cases[] = {
		{ IFACE_SENDER, "GET", "/a/b", MATCH_FOUND, 0, "||||" },
		{ IFACE_SENDER, "GET", "/a/b/", MATCH_FOUND, 0, "||||" },
		{ IFACE_SENDER, "GET", "/a/b/x", MATCH_FOUND, 1, "||x||" },
		{ IFACE_SENDER, "GET", "/a/b/x%2Fy%20", MATCH_FOUND, 1, "||x/y ||" },
		{ IFACE_SENDER, "POST", "/a/b/x/authorize", MATCH_FOUND, 2, "||x||" },
		{ IFACE_SENDER, "POST", "/a/b/x/Authorize", MATCH_NO_PATH, 0, "" },
		{ IFACE_SENDER, "GET", "/a/b/x/authorize", MATCH_NO_METHOD, 0, "POST" },
		{ IFACE_SENDER, "GET", "/a/b/x/y/z", MATCH_FOUND, 3, "||x|y|z" },
		{ IFACE_SENDER, "GET", "/a/b/x/y/z/w", MATCH_NO_PATH, 0, "" },
		{ IFACE_SENDER, "GET", "/a/b/x/y", MATCH_NO_PATH, 0, "" },
		{ IFACE_SENDER, "get", "/a/b", MATCH_NO_METHOD, 0, "GET" },
		{ IFACE_SENDER, "PUT", "/a/b", MATCH_NO_METHOD, 0, "GET" },
		{ IFACE_RECEIVER, "GET", "/a/b", MATCH_NO_PATH, 0, "" },
		{ IFACE_RECEIVER, "PATCH", "/a/b/DE/ABC/1", MATCH_FOUND, 6, "DE|ABC|1||" },
		{ IFACE_RECEIVER, "DELETE", "/a/b/DE/ABC/1", MATCH_NO_METHOD, 0,
		        "GET, PUT, PATCH" },
		{ IFACE_RECEIVER, "GET", "/a/b/DE/ABC", MATCH_NO_PATH, 0, "" },
		{ IFACE_RECEIVER, "POST", "/a/b/START_SESSION", MATCH_FOUND, 7, "||||" },
		{ IFACE_RECEIVER, "POST", "/a/b/START%5FSESSION", MATCH_FOUND, 7, "||||" },
		{ IFACE_RECEIVER, "DELETE", "/a/b/S1", MATCH_FOUND, 8, "||S1||" },
		{ IFACE_RECEIVER, "POST", "/a/b/S1", MATCH_NO_METHOD, 0, "DELETE, PUT" },
		{ IFACE_RECEIVER, "GET", "/a/b/START_SESSION", MATCH_NO_METHOD, 0,
		        "POST, DELETE, PUT" },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		check_match(&cases[i]);
}
END_TEST

START_TEST(test_a_path_that_ends_before_the_base_has_no_route)
{
	struct ocpi_path path = { .count = 1 };
	struct ocpi_matched out;

	ck_assert_int_eq(
	        ocpi_route_match(&module, IFACE_SENDER, STR("GET"), &path, 2, &out), MATCH_NO_PATH);
}
END_TEST

START_TEST(test_modules_are_found_by_their_exact_id)
{
	const struct ocpi_module *const modules[] = { &other, &module, NULL };

	ck_assert_ptr_eq(ocpi_module_find(modules, STR("tokens")), &module);
	ck_assert_ptr_eq(ocpi_module_find(modules, STR("cdrs")), &other);
	ck_assert_ptr_null(ocpi_module_find(modules, STR("Tokens")));
	ck_assert_ptr_null(ocpi_module_find(modules, STR("token")));
	ck_assert_ptr_null(ocpi_module_find(modules, STR("")));
	ck_assert_ptr_null(ocpi_module_find(modules, (struct str){ 0 }));
}
END_TEST

RUN("ocpi match", test_TRN_025_routes_are_matched_by_path_and_then_by_method,
        test_a_path_that_ends_before_the_base_has_no_route,
        test_modules_are_found_by_their_exact_id)
