/* test_shelf: what a simulated platform keeps, merges and lists. */
#include "../../../src/sim/shelf.h"
#include "../suite.h"

#include <check.h>
#include <stdlib.h>

static struct shelf *shelf;

static void
setup(void)
{
	shelf = shelf_new();
}

static void
teardown(void)
{
	shelf_free(shelf);
}

static struct shelf_key
key(const char *module, const char *id)
{
	return (struct shelf_key){ .module = module, .owner = { "DE", "CPO" }, .id = str_of(id) };
}

static enum shelf_put
put(const char *module, const char *id, const struct shelf_place *place, const char *text)
{
	struct shelf_key at = key(module, id);
	json_t *object = json_loads(text, 0, NULL);
	enum shelf_put result;

	ck_assert_ptr_nonnull(object);
	result = shelf_put(shelf, &at, place, object);
	json_decref(object);
	return result;
}

static bool
patch(const char *module, const char *id, const struct shelf_place *place, const char *text)
{
	struct shelf_key at = key(module, id);
	json_t *object = json_loads(text, 0, NULL);
	bool result;

	ck_assert_ptr_nonnull(object);
	result = shelf_patch(shelf, &at, place, object);
	json_decref(object);
	return result;
}

static void
assert_is(const char *module, const char *id, const char *expected)
{
	struct shelf_key at = key(module, id);
	json_t *object = json_loads(expected, 0, NULL);

	ck_assert_ptr_nonnull(object);
	ck_assert(json_equal(shelf_get(shelf, &at, NULL), object));
	json_decref(object);
}

START_TEST(test_SES_014_objects_are_found_in_any_case_of_their_ids)
{
	struct shelf_key other = { "tariffs", { "de", "cpo" }, STR("t1"), { 0 } };

	ck_assert_int_eq(put("tariffs", "T1", NULL, "{\"a\":1}"), SHELF_CREATED);
	ck_assert_int_eq(put("tariffs", "t1", NULL, "{\"a\":2}"), SHELF_REPLACED);
	ck_assert_ptr_nonnull(shelf_get(shelf, &other, NULL));
	ck_assert(shelf_remove(shelf, &other));
	ck_assert(!shelf_remove(shelf, &other));
}
END_TEST

START_TEST(test_TOK_004_uid_and_type_are_the_identity_of_a_token)
{
	struct shelf_key rfid = key("tokens", "U1"), app = key("tokens", "U1");

	app.type = STR("APP_USER");
	put("tokens", "U1", NULL, "{\"a\":1}");
	ck_assert_ptr_null(shelf_get(shelf, &app, NULL));
	rfid.type = STR("RFID");
	ck_assert_ptr_nonnull(shelf_get(shelf, &rfid, NULL));
}
END_TEST

START_TEST(test_LOC_007_a_part_takes_its_parents_last_updated_along)
{
	const struct shelf_place evse = { STR("E1"), { 0 } }, connector = { STR("E1"), STR("2") };

	ck_assert_int_eq(put("locations", "L1", &evse, "{\"uid\":\"E1\"}"), SHELF_NO_PARENT);
	put("locations", "L1", NULL, "{\"id\":\"L1\",\"last_updated\":\"1\"}");
	ck_assert_int_eq(put("locations", "L1", &connector, "{\"id\":\"2\"}"), SHELF_NO_PARENT);
	ck_assert_int_eq(put("locations", "L1", &evse, "{\"uid\":\"E1\",\"last_updated\":\"2\"}"),
	        SHELF_CREATED);
	ck_assert_int_eq(
	        put("locations", "L1", &connector, "{\"id\":\"2\",\"last_updated\":\"3\"}"),
	        SHELF_CREATED);
	assert_is("locations", "L1",
	        "{\"id\":\"L1\",\"last_updated\":\"3\",\"evses\":[{\"uid\":\"E1\",\"last_updated\":"
	        "\"3\","
	        "\"connectors\":[{\"id\":\"2\",\"last_updated\":\"3\"}]}]}");
	ck_assert(
	        patch("locations", "L1", &evse, "{\"status\":\"REMOVED\",\"last_updated\":\"4\"}"));
	ck_assert_int_eq(put("locations", "L1", &connector, "{\"id\":\"2\"}"), SHELF_REPLACED);
	assert_is("locations", "L1",
	        "{\"id\":\"L1\",\"last_updated\":\"4\",\"evses\":[{\"uid\":\"E1\",\"status\":"
	        "\"REMOVED\","
	        "\"last_updated\":\"4\",\"connectors\":[{\"id\":\"2\"}]}]}");
}
END_TEST

START_TEST(test_LOC_011_a_patch_of_a_location_merges_evses_by_uid)
{
	put("locations", "L1", NULL,
	        "{\"evses\":[{\"uid\":\"E1\",\"status\":\"AVAILABLE\"},{\"uid\":\"E2\",\"status\":"
	        "\"AVAILABLE\"}]}");
	ck_assert(patch("locations", "L1", NULL,
	        "{\"evses\":[{\"uid\":\"e2\",\"status\":\"CHARGING\"},{\"uid\":\"E3\"}]}"));
	assert_is("locations", "L1",
	        "{\"evses\":[{\"uid\":\"E1\",\"status\":\"AVAILABLE\"},{\"uid\":\"e2\",\"status\":"
	        "\"CHARGING\"},"
	        "{\"uid\":\"E3\"}]}");
}
END_TEST

START_TEST(test_SES_007_a_patch_adds_charging_periods)
{
	ck_assert(!patch("sessions", "S1", NULL, "{\"kwh\":1}"));
	put("sessions", "S1", NULL, "{\"kwh\":0,\"charging_periods\":[1]}");
	ck_assert(patch("sessions", "S1", NULL, "{\"kwh\":1,\"charging_periods\":[2]}"));
	assert_is("sessions", "S1", "{\"kwh\":1,\"charging_periods\":[1,2]}");
	ck_assert(patch("sessions", "S1", NULL, "{\"charging_periods\":[]}"));
	assert_is("sessions", "S1", "{\"kwh\":1,\"charging_periods\":[1,2]}");
}
END_TEST

START_TEST(test_TRN_033_lists_come_oldest_first)
{
	const struct shelf_item *item = NULL;
	int order[3] = { 0 };

	put("tariffs", "B", NULL, "{\"n\":1}");
	put("locations", "X", NULL, "{\"n\":9}");
	put("tariffs", "A", NULL, "{\"n\":2}");
	put("tariffs", "B", NULL, "{\"n\":3}");
	for (int i = 0; (item = shelf_next(shelf, "tariffs", item)) != NULL; i++)
		order[i] = (int)json_integer_value(json_object_get(shelf_object(item), "n"));
	ck_assert_int_eq(order[0], 3);
	ck_assert_int_eq(order[1], 2);
	ck_assert_int_eq(order[2], 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("shelf");
	TCase *tests = tcase_create("shelf");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, test_SES_014_objects_are_found_in_any_case_of_their_ids);
	tcase_add_test(tests, test_TOK_004_uid_and_type_are_the_identity_of_a_token);
	tcase_add_test(tests, test_LOC_007_a_part_takes_its_parents_last_updated_along);
	tcase_add_test(tests, test_LOC_011_a_patch_of_a_location_merges_evses_by_uid);
	tcase_add_test(tests, test_SES_007_a_patch_adds_charging_periods);
	tcase_add_test(tests, test_TRN_033_lists_come_oldest_first);
	suite_add_tcase(suite, tests);
	return suite_run(suite, CK_NOFORK);
}
