/* schema, names: which keys are a field's and which texts an enum's value.
 *
 * Names are compared by their ends and by eight bytes at a time, so each name of each table is
 * tried with every character changed, cut at every length and with one character more. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include <roamhub/schema.h>

#include "../suite.h"

static struct arena *arena;

static void
set_up(void)
{
	arena = arena_new(1 << 16);
}

static void
tear_down(void)
{
	arena_free(arena);
}

static struct json_doc
scan(const char *text)
{
	struct json_doc doc;
	struct fault fault;

	ck_assert_msg(json_scan(str_of(text), 1000, arena, &doc, &fault) == RH_OK, "%s: %s", text,
	        fault.why);
	return doc;
}

/** Calls @each with @name and with what is nearly @name. */
static void
each_near(
        const char *name, void (*each)(const void *context, const char *text), const void *context)
{
	size_t len = strlen(name);
	char text[80];

	ck_assert_uint_lt(len, sizeof text - 2);
	each(context, name);
	for (size_t i = 0; i <= len; i++) {
		snprintf(text, sizeof text, "%.*s", (int)i, name);
		each(context, text);
		snprintf(text, sizeof text, "%s%s", name, &name[i]);
		each(context, text);
		snprintf(text, sizeof text, "%s", name);
		text[i] = i == len ? '_' : (char)(name[i] ^ 1);
		text[i + 1] = i == len ? '\0' : text[i + 1];
		each(context, text);
	}
}

static const struct ocpi_field *
field_of(const struct ocpi_class *class, const char *name)
{
	for (size_t i = 0; class->fields[i].name[0] != '\0'; i++)
		if (strcmp(class->fields[i].name, name) == 0)
			return &class->fields[i];
	return NULL;
}

/** The field that refuses the value of member @key, which no kind of field can have. */
static const struct ocpi_field *
refuses(const struct ocpi_class *class, const char *key, const char *value)
{
	struct ocpi_flaws flaws;
	struct json_doc doc;
	char text[128];

	snprintf(text, sizeof text, "{\"%s\":%s}", key, value);
	doc = scan(text);
	(void)ocpi_check(&doc, 0, class, CHECK_PARTIAL, &flaws);
	for (size_t i = 0; i < flaws.count; i++)
		if (flaws.list[i].node == 2)
			return flaws.list[i].field;
	return NULL;
}

static void
expect_field(const void *context, const char *key)
{
	const struct ocpi_class *class = context;
	const struct ocpi_field *field = field_of(class, key),
	                        *found = refuses(class, key, "[[[]]]");
	char escaped[100];

	arena_reset(arena);
	if (field == NULL || field->kind == KIND_ANY) {
		ck_assert_msg(found == NULL, "%s: %s is no field", class->name, key);
		return;
	}
	ck_assert_msg(found == field || refuses(class, key, "0") == field, "%s has a field %s",
	        class->name, key);
	snprintf(escaped, sizeof escaped, "\\u%04x%s", (unsigned)key[0], key + 1);
	ck_assert_msg(
	        refuses(class, escaped, "[[[]]]") == field || refuses(class, escaped, "0") == field,
	        "%s has a field %s, escapes or not", class->name, key);
}

START_TEST(test_a_key_is_a_field_when_every_character_is_the_same)
{
	const struct ocpi_class *class = ocpi_classes[_i];

	for (size_t i = 0; class->fields != NULL && class->fields[i].name[0] != '\0'; i++) {
		const char *name = class->fields[i].name;

		ck_assert_msg(name[OCPI_NAME_SIZE - 1] == '\0', "%s.%.*s is too long", class->name,
		        OCPI_NAME_SIZE, name);
		each_near(name, expect_field, class);
	}
	if (class->fields != NULL)
		expect_field(class, "a_key_that_is_longer_than_any_name_of_a_field_may_be");
}
END_TEST

static void
expect_value(const void *context, const char *text)
{
	const struct ocpi_enum *values = context;
	const struct ocpi_class class = { .name = "Bare", .text = values };
	struct ocpi_flaws flaws;
	struct json_doc doc;
	char quoted[100];
	bool known = false;

	for (size_t i = 0; values->values[i][0] != '\0'; i++)
		known |= strcmp(values->values[i], text) == 0;
	snprintf(quoted, sizeof quoted, "\"%s\"", text);
	doc = scan(quoted);
	ck_assert_msg(
	        ocpi_check(&doc, 0, &class, 0, &flaws) == known, "%s: %s", values->name, text);
	ck_assert(known || flaws.list[0].kind == (text[0] == '\0' ? FLAW_EMPTY : FLAW_VALUE));
	if (text[0] != '\0') {
		snprintf(quoted, sizeof quoted, "\"\\u%04x%s\"", (unsigned)text[0], text + 1);
		doc = scan(quoted);
		ck_assert(ocpi_check(&doc, 0, &class, 0, &flaws) == known);
	}
	arena_reset(arena);
}

START_TEST(test_a_text_is_a_value_when_every_character_is_the_same)
{
	struct ocpi_enum values = *ocpi_enums[_i];

	values.flags &= ~(unsigned)ENUM_OPEN;
	values.tolerated = NULL;
	for (size_t i = 0; values.values[i][0] != '\0'; i++) {
		ck_assert_msg(values.values[i][OCPI_VALUE_SIZE - 1] == '\0', "%s: %.*s is too long",
		        values.name, OCPI_VALUE_SIZE, values.values[i]);
		each_near(values.values[i], expect_value, &values);
	}
	expect_value(&values, "A_TEXT_THAT_IS_LONGER_THAN_ANY_VALUE_OF_AN_ENUM");
}
END_TEST

/* What is passed over in the table's order is missing, wherever the others stand. */
START_TEST(test_fields_in_any_order_miss_the_same)
{
	static const char *const orders[] = {
		"{\"latitude\":\"50.77077\",\"longitude\":\"4.35171\"}",
		"{\"longitude\":\"4.35171\",\"latitude\":\"50.77077\"}",
		"{\"x\":1,\"longitude\":\"4.35171\",\"y\":2}",
		"{\"latitude\":\"50.77077\",\"y\":2}", "{\"longitude\":\"4.35171\"}", "{}",
		"{\"latitude\":null}"
	};
	static const char *const lacks[] = { "", "", "latitude", "longitude", "latitude",
		"latitude longitude", "longitude" };
	const struct ocpi_class *class = ocpi_class_find(ocpi_classes, STR("GeoLocation"));

	for (size_t i = 0; i < COUNT(orders); i++) {
		struct json_doc doc = scan(orders[i]);
		struct ocpi_flaws flaws;
		char found[80] = "";

		(void)ocpi_check(&doc, 0, class, 0, &flaws);
		for (size_t k = 0; k < flaws.count; k++)
			if (flaws.list[k].kind == FLAW_MISSING)
				snprintf(found + strlen(found), sizeof found - strlen(found),
				        "%s%s", found[0] == '\0' ? "" : " ", flaws.list[k].lacks);
		ck_assert_str_eq(found, lacks[i]);
		arena_reset(arena);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("schema names");
	TCase *tcase = tcase_create("names");
	int classes = 0, enums = 0;

	while (ocpi_classes[classes] != NULL)
		classes++;
	while (ocpi_enums[enums] != NULL)
		enums++;
	tcase_set_timeout(tcase, 300);
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_loop_test(
	        tcase, test_a_key_is_a_field_when_every_character_is_the_same, 0, classes);
	tcase_add_loop_test(
	        tcase, test_a_text_is_a_value_when_every_character_is_the_same, 0, enums);
	tcase_add_test(tcase, test_fields_in_any_order_miss_the_same);
	suite_add_tcase(suite, tcase);
	return suite_run(suite, CK_NOFORK);
}
