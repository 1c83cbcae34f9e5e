/* test_survey_sent: what `party check --write` sends, and what counts as set already. */
#include "../../../src/hub/survey/survey.h"
#include "../suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *module;
	enum survey_ask ask;
	const char *path, *route;
} bodies[] = {
	{ "locations", ASK_PUT, "DE/TST/I", "{cc}/{party}/{id}" },
	{ "locations", ASK_PATCH, "DE/TST/I/I-E", "{cc}/{party}/{id}/{evse}" },
	{ "locations", ASK_TAKE_BACK, "DE/TST/I/I-E", "{cc}/{party}/{id}/{evse}" },
	{ "tariffs", ASK_PUT, "DE/TST/I", "{cc}/{party}/{id}" },
	{ "tariffs", ASK_PUT_OWNER, "DE/TST/I", "{cc}/{party}/{id}" },
	{ "sessions", ASK_PUT, "DE/TST/I", "{cc}/{party}/{id}" },
	{ "sessions", ASK_PATCH, "DE/TST/I", "{cc}/{party}/{id}" },
	{ "sessions", ASK_TAKE_BACK, "DE/TST/I", "{cc}/{party}/{id}" },
	{ "tokens", ASK_PUT, "DE/TST/I?type=OTHER", "{cc}/{party}/{id}" },
	{ "tokens", ASK_PATCH, "DE/TST/I?type=OTHER", "{cc}/{party}/{id}" },
	{ "tokens", ASK_TAKE_BACK, "DE/TST/I?type=OTHER", "{cc}/{party}/{id}" },
	{ "cdrs", ASK_POST, "", "" },
	{ "cdrs", ASK_TAKE_BACK, "", "" },
	{ "commands", ASK_COMMAND, "RESERVE_NOW", "RESERVE_NOW" },
	{ "commands", ASK_TAKE_BACK, "CANCEL_RESERVATION", "CANCEL_RESERVATION" },
};

static const struct ocpi_route *
route_of(const struct survey_step *step, const char *path)
{
	struct str method = survey_method(step);

	for (const struct ocpi_route *route = step->module->routes; route->interface != 0; route++)
		if (route->interface == step->interface && str_is(method, route->method) &&
		        strcmp(route->path, path) == 0)
			return route;
	ck_abort_msg("%s %s is no route", step->module->id, path);
	return NULL;
}

START_TEST(test_what_is_written_is_as_its_class_says)
{
	struct survey *survey = rh_alloc(sizeof *survey);
	struct survey_step step = { .ask = bodies[_i].ask,
		.module = ocpi_module_find(ocpi_modules, str_of(bodies[_i].module)),
		.interface = IFACE_RECEIVER,
		.to = { "NL", "MSP" } };
	const struct ocpi_route *route = route_of(&step, bodies[_i].route);
	struct str earlier, body;
	struct ocpi_flaws flaws;
	struct json_doc doc;
	struct fault fault = { 0 };

	survey->arena = arena_new(4096);
	survey->as = (struct ocpi_id){ "DE", "TST" };
	survey->id = STR("I");
	survey->location_id = STR("L \"1\"");
	survey->response_url = STR("https://hub.example/r");
	(void)survey_body(survey, &step, survey->arena);
	earlier = survey->wrote;
	body = survey_body(survey, &step, survey->arena);
	ck_assert_msg(
	        json_scan(body, 1000, survey->arena, &doc, &fault) == RH_OK, "%.*s", STR_ARG(body));
	if (!ocpi_check(&doc, 0, route->body, (route->flags & ROUTE_PATCH) ? CHECK_PARTIAL : 0,
	            &flaws)) {
		(void)ocpi_flaws_fault(&doc, &flaws, &fault);
		ck_abort_msg("%s %s", fault.field, fault.why);
	}
	ck_assert(str_is(survey_path(survey, &step, survey->arena), bodies[_i].path));
	ck_assert_msg(strncmp(earlier.p, survey->wrote.p, earlier.len) < 0, "each is newer");
	arena_free(survey->arena);
	free(survey);
}
END_TEST

START_TEST(test_a_setting_may_come_from_the_profile)
{
	struct platform set = { .settings = STR("{\"validation\":\"lenient\"}"),
		.profile = STR("fastapi") };

	ck_assert(survey_is_set(&set, "validation", "lenient"));
	ck_assert(survey_is_set(&set, "datetime_offset", "accept"));
	ck_assert(!survey_is_set(&set, "datetime_offset", "refuse"));
	ck_assert(!survey_is_set(&set, "sandbox", "true"));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("hub survey sent");
	TCase *tcase = tcase_create("survey sent");

	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, test_what_is_written_is_as_its_class_says, 0, COUNT(bodies));
	tcase_add_test(tcase, test_a_setting_may_come_from_the_profile);
	return suite_run(suite, CK_NOFORK);
}
