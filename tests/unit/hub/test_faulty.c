/* test_faulty: what is wrong with the data of a platform, by field. */
#include "../../../src/hub/parties/faulty.h"
#include "../suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct ocpi_field part_fields[] = {
	{ .name = "n", .card = ONE, .kind = KIND_INT },
	{ "" },
};
static const struct ocpi_class part = {
	.name = "Part", .fields = part_fields, .spec = "mod_things_part_class"
};
static const struct ocpi_field thing_fields[] = {
	{ .name = "a", .card = ONE, .kind = KIND_BOOL },
	{ .name = "parts", .card = MANY, .kind = KIND_OBJECT, .object = &part },
	{ "" },
};
static const struct ocpi_class thing = {
	.name = "Thing", .fields = thing_fields, .spec = "mod_things_thing_object"
};

static void
meet(struct live *live, const char *module, const char *body, const char *where, bool refused)
{
	struct arena *arena = arena_new(4096);
	struct ocpi_flaws flaws;
	struct json_doc doc;

	ck_assert_int_eq(json_scan(str_of(body), 1000, arena, &doc, NULL), RH_OK);
	ck_assert(!ocpi_check(&doc, 0, &thing, 0, &flaws));
	faulty_note(live, &(struct faulty_met){ .module = module,
	                          .doc = &doc,
	                          .class = &thing,
	                          .flaws = &flaws,
	                          .refused = refused,
	                          .where = str_of(where),
	                          .authorization = STR("Token secret-0123"),
	                          .token = STR("another-0123456789012345") });
	arena_free(arena);
}

START_TEST(test_a_field_has_its_class_section_and_samples)
{
	struct live *live = rh_alloc(sizeof *live);
	struct arena *arena = arena_new(4096);
	const struct faulty_finding *rows;

	ck_assert_uint_eq(live_faulty_findings(live, arena, &rows), 0);
	meet(live, "things", "{\"a\":true,\"parts\":[{\"n\":1},{\"n\":\"x\"}]}", "/p?q", false);
	meet(live, "things", "{\"a\":true,\"parts\":[{\"n\":\"x\"}]}", "/p", false);
	meet(live, "things", "{\"a\":true,\"parts\":[{\"n\":\"y\"}]}", "/p", true);
	ck_assert_uint_eq(live_faulty_findings(live, arena, &rows), 1);
	ck_assert_str_eq(rows->field, "things/parts/n");
	ck_assert_str_eq(rows->pointer, "/parts/1/n");
	ck_assert_str_eq(rows->class, "Part");
	ck_assert_str_eq(rows->spec, "mod_things_part_class");
	ck_assert_ptr_null(rows->rule);
	ck_assert_str_eq(rows->expected, "integer");
	ck_assert_uint_eq(rows->count, 3);
	ck_assert_uint_eq(rows->refused, 1);
	ck_assert_int_ge(rows->last_ms, rows->first_ms);
	ck_assert_uint_eq(rows->sample_count, 2);
	ck_assert_str_eq(rows->samples[0].found, "\"x\"");
	ck_assert_str_eq(rows->samples[0].where, "/p");
	ck_assert_str_eq(rows->samples[1].found, "\"y\"");
	arena_free(arena);
	faulty_free(live);
	free(live);
}
END_TEST

START_TEST(test_what_is_missing_is_of_its_object)
{
	struct live *live = rh_alloc(sizeof *live);
	struct arena *arena = arena_new(4096);
	const struct faulty_finding *rows;

	for (int i = 0; i < 9; i++) {
		char where[8];

		(void)snprintf(where, sizeof where, "/%d", i);
		meet(live, "things", "{\"parts\":[]}", where, false);
	}
	ck_assert_uint_eq(live_faulty_findings(live, arena, &rows), 1);
	ck_assert_str_eq(rows->field, "things/a");
	ck_assert_str_eq(rows->pointer, "/a");
	ck_assert_str_eq(rows->class, "Thing");
	ck_assert_uint_eq(rows->sample_count, FAULTY_SAMPLES);
	ck_assert_str_eq(rows->samples[2].where, "/2");
	arena_free(arena);
	faulty_free(live);
	free(live);
}
END_TEST

START_TEST(test_samples_hold_no_token)
{
	struct live *live = rh_alloc(sizeof *live);
	struct arena *arena = arena_new(4096);
	const struct faulty_finding *rows;

	meet(live, "things", "{\"a\":\"secret-0123\"}", "/p/secret-0123", false);
	meet(live, "things", "{\"a\":\"another-0123456789012345\"}", "/p", false);
	ck_assert_uint_eq(live_faulty_findings(live, arena, &rows), 1);
	ck_assert_str_eq(rows->samples[0].found, "\"***********\"");
	ck_assert_str_eq(rows->samples[0].where, "/p/***********");
	ck_assert_str_eq(rows->samples[1].found, "\"************************\"");
	arena_free(arena);
	faulty_free(live);
	free(live);
}
END_TEST

/* A module more is a field more: names of modules are never freed. */
START_TEST(test_the_table_is_bounded)
{
	static char names[2 * FAULTY_FIELDS][8];
	struct live *live = rh_alloc(sizeof *live);
	struct arena *arena = arena_new(4096);
	const struct faulty_finding *rows;

	for (size_t i = 0; i < COUNT(names); i++) {
		(void)snprintf(names[i], sizeof names[i], "m%zu", i);
		meet(live, names[i], "{\"a\":1}", NULL, true);
	}
	ck_assert_uint_eq(live_faulty_findings(live, arena, &rows), FAULTY_FIELDS);
	ck_assert_str_eq(rows->field, "other");
	ck_assert_uint_eq(rows->count, COUNT(names) - FAULTY_FIELDS + 1);
	ck_assert_ptr_null(rows->module);
	arena_free(arena);
	faulty_free(live);
	free(live);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("faulty");
	TCase *tests = tcase_create("faulty");

	tcase_add_test(tests, test_a_field_has_its_class_section_and_samples);
	tcase_add_test(tests, test_what_is_missing_is_of_its_object);
	tcase_add_test(tests, test_samples_hold_no_token);
	tcase_add_test(tests, test_the_table_is_bounded);
	suite_add_tcase(suite, tests);
	return suite_run(suite, CK_FORK_GETENV);
}
