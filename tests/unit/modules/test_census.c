/* census: every class, field, type, length, cardinality and enum value of the requirements, and no
 * other.
 *
 * The tables in C are printed in the spelling of the requirements and compared as text. */
#include <check.h>
#include <string.h>

#include <roamhub/module.h>

#include "../suite.h"
#include "model.h"

static const char *
card_text(const struct ocpi_field *field)
{
	static const char *const cards[] = { [ONE] = "1", [OPT] = "?", [SOME] = "+", [MANY] = "*" };

	return cards[field->card];
}

static void
type_text(const struct ocpi_field *field, char *out, size_t size)
{
	static const char *const names[] = { [KIND_ANY] = "Array or Object or String",
		[KIND_CISTRING] = "CiString",
		[KIND_STRING] = "string",
		[KIND_URL] = "URL",
		[KIND_DATETIME] = "DateTime",
		[KIND_INT] = "int",
		[KIND_NUMBER] = "number",
		[KIND_BOOL] = "boolean" };
	const char *name = field->kind == KIND_OBJECT ? field->object->name
	                   : field->kind == KIND_ENUM ? field->values->name
	                                              : names[field->kind];

	if (field->max > 0)
		snprintf(out, size, "%s(%d)", name, field->max);
	else
		snprintf(out, size, "%s", name);
}

/* Reports name the section in which a field stands. */
START_TEST(test_every_class_names_its_section)
{
	for (size_t i = 0; ocpi_classes[i] != NULL; i++)
		ck_assert_msg(ocpi_classes[i]->spec != NULL, "%s has none", ocpi_classes[i]->name);
}
END_TEST

static size_t
class_length(const struct ocpi_class *class)
{
	size_t count = 0;

	while (class->fields[count].name[0] != '\0')
		count++;
	return count;
}

static void
compare_field(const struct ocpi_class *class, size_t at, const struct model_row *row)
{
	const struct ocpi_field *field = &class->fields[at];
	char type[64];

	ck_assert_msg(field->name[0] != '\0', "%s has no row %zu: %.*s", class->name, at,
	        STR_ARG(row->cell[1]));
	type_text(field, type, sizeof(type));
	ck_assert_msg(str_is(row->cell[1], field->name), "%s row %zu: %s for %.*s", class->name, at,
	        field->name, STR_ARG(row->cell[1]));
	ck_assert_msg(str_is(row->cell[2], type), "%s.%s: %s for %.*s", class->name, field->name,
	        type, STR_ARG(row->cell[2]));
	ck_assert_msg(str_is(row->cell[3], card_text(field)), "%s.%s: cardinality %s for %.*s",
	        class->name, field->name, card_text(field), STR_ARG(row->cell[3]));
}

START_TEST(test_every_class_is_the_one_of_the_requirements)
{
	struct model model = model_open("Classes");
	const struct ocpi_class *const *classes = ocpi_classes;
	struct model_row row;
	size_t at = 0, rows = 0;

	while (model_next(&model, &row)) {
		if (at > 0 && !str_is(row.cell[0], (*classes)->name)) {
			ck_assert_msg(at == class_length(*classes), "%s has more fields",
			        (*classes)->name);
			classes++;
			at = 0;
		}
		ck_assert_msg(*classes != NULL, "no class %.*s", STR_ARG(row.cell[0]));
		ck_assert_msg(str_is(row.cell[0], (*classes)->name), "%s for %.*s",
		        (*classes)->name, STR_ARG(row.cell[0]));
		compare_field(*classes, at++, &row);
		rows++;
	}
	ck_assert_uint_eq(at, class_length(*classes));
	ck_assert_ptr_null(classes[1]);
	ck_assert_uint_gt(rows, 270);
}
END_TEST

START_TEST(test_every_enum_is_the_one_of_the_requirements)
{
	struct model model = model_open("Enumerations");
	const struct ocpi_enum *const *values = ocpi_enums;
	struct model_row row;
	size_t count = 0;

	for (; model_next(&model, &row); values++) {
		size_t i;

		ck_assert_msg(*values != NULL, "no enum %.*s", STR_ARG(row.cell[0]));
		ck_assert_msg(str_is(row.cell[0], (*values)->name), "%s for %.*s", (*values)->name,
		        STR_ARG(row.cell[0]));
		for (i = 0; row.cell[1].p != NULL; i++, count++) {
			struct str wanted = str_trim(str_cut(&row.cell[1], ','));
			const char *value = (*values)->values[i];

			ck_assert_msg(value[0] != '\0', "%s lacks %.*s", (*values)->name,
			        STR_ARG(wanted));
			ck_assert_msg(str_is(wanted, value), "%s: %s for %.*s", (*values)->name,
			        value, STR_ARG(wanted));
		}
		ck_assert_msg(
		        (*values)->values[i][0] == '\0', "%s has more values", (*values)->name);
	}
	ck_assert_ptr_null(*values);
	ck_assert_uint_gt(count, 200);
}
END_TEST

/** How deep @class nests; a circle would never come back, so it fails beyond what any table needs.
 */
static size_t
nesting(const struct ocpi_class *class, size_t above)
{
	size_t deepest = above;

	ck_assert_msg(above < 10, "%s contains itself", class->name);
	for (const struct ocpi_field *field = class->fields;
	        field != NULL && field->name[0] != '\0'; field++)
		if (field->kind == KIND_OBJECT) {
			size_t depth = nesting(field->object, above + 1);

			deepest = depth > deepest ? depth : deepest;
		}
	return deepest;
}

START_TEST(test_the_tables_nest_no_deeper_than_the_recursion_may_be)
{
	size_t deepest = 0;

	for (const struct ocpi_class *const *class = ocpi_classes; *class != NULL; class ++) {
		size_t depth = nesting(*class, 1);

		ck_assert_uint_le(class_length(*class), OCPI_MAX_FIELDS);
		deepest = depth > deepest ? depth : deepest;
	}
	ck_assert_uint_le(deepest, 7);
}
END_TEST

static bool
in_enum(const struct ocpi_enum *values, const char *value)
{
	for (size_t i = 0; values->values[i][0] != '\0'; i++)
		if (strcmp(values->values[i], value) == 0)
			return true;
	return false;
}

static const struct ocpi_class *
class_of(const char *name)
{
	const struct ocpi_class *class = ocpi_class_find(ocpi_classes, str_of(name));

	ck_assert_msg(class != NULL, "no class %s", name);
	return class;
}

static const struct ocpi_field *
field_of(const struct ocpi_class *class, const char *name)
{
	for (const struct ocpi_field *field = class->fields; field->name[0] != '\0'; field++)
		if (strcmp(field->name, name) == 0)
			return field;
	ck_abort_msg("%s has no field %s", class->name, name);
}

static void
same_but_enum(const struct ocpi_class *one, const struct ocpi_class *other)
{
	ck_assert_uint_eq(class_length(one), class_length(other));
	for (size_t i = 0; one->fields[i].name[0] != '\0'; i++) {
		const struct ocpi_field *a = &one->fields[i], *b = &other->fields[i];

		ck_assert_str_eq(a->name, b->name);
		ck_assert(a->card == b->card && a->kind == b->kind && a->max == b->max &&
		          a->form == b->form);
		if (a->kind == KIND_OBJECT)
			same_but_enum(a->object, b->object);
	}
}

/* Session only: CURRENT, ENERGY_EXPORT, ENERGY_IMPORT, POWER, STATE_OF_CHARGE. */
START_TEST(test_CDR_018_a_period_of_a_cdr_is_that_of_a_session_with_a_shorter_enum)
{
	static const char *const session_only[] = { "CURRENT", "ENERGY_EXPORT", "ENERGY_IMPORT",
		"POWER", "STATE_OF_CHARGE" };
	const struct ocpi_class *session = class_of("ChargingPeriod");
	const struct ocpi_class *cdr = field_of(class_of("CDR"), "charging_periods")->object;
	const struct ocpi_enum *all = field_of(class_of("CdrDimension"), "type")->values;
	const struct ocpi_enum *final =
	        field_of(field_of(cdr, "dimensions")->object, "type")->values;
	size_t missing = 0;

	same_but_enum(session, cdr);
	for (size_t i = 0; all->values[i][0] != '\0'; i++)
		missing += !in_enum(final, all->values[i]);
	ck_assert_uint_eq(missing, COUNT(session_only));
	for (size_t i = 0; i < COUNT(session_only); i++)
		ck_assert(in_enum(all, session_only[i]) && !in_enum(final, session_only[i]));
}
END_TEST

START_TEST(test_every_rule_names_fields_of_its_class)
{
	size_t rules = 0;

	for (const struct ocpi_class *const *class = ocpi_classes; *class != NULL; class ++)
		for (const struct ocpi_rule *rule = (*class)->rules;
		        rule != NULL && rule->kind != 0; rule++) {
			ck_assert_ptr_nonnull(field_of(*class, rule->field));
			if (rule->kind == RULE_UNIQUE) /* of the elements */
				ck_assert_ptr_nonnull(field_of(
				        field_of(*class, rule->field)->object, rule->third));
			else
				ck_assert_ptr_nonnull(field_of(*class, rule->other));
			ck_assert_ptr_nonnull(rule->spec);
			rules++;
		}
	ck_assert_uint_eq(rules, 14);
}
END_TEST

/* Where the requirements' notes name the form, the range or the tolerance, the row has it. */
START_TEST(test_notes_are_in_the_rows)
{
	static const struct {
		const char *class, *field, *form;
		int64_t least, most;
		uint16_t accept;
		uint8_t decimals;
	} notes[] = {
		{ "GeoLocation", "latitude", "latitude", .accept = 11 }, /* fault O26 */
		{ "AdditionalGeoLocation", "longitude", "longitude", .accept = 12 },
		{ "Location", "country", "alpha-3" },
		{ "CdrLocation", "country", "alpha-3" },
		{ "Token", "country_code", "alpha-2" },
		{ "CdrToken", "party_id", "party" },
		{ "Session", "currency", "4217" },
		{ "Token", "language", "639" },
		{ "RegularHours", "period_begin", "HH:MM" },
		{ "TariffRestrictions", "end_time", "HH:MM" },
		{ "TariffRestrictions", "start_date", "YYYY-MM-DD" },
		{ "Location", "time_zone", "IANA" },
		{ "Credentials", "token", "U+0021" },
		{ "RegularHours", "weekday", NULL, 1, 7 },
		{ "EnergySource", "percentage", NULL, 0, 100 },
		{ "PriceComponent", "step_size", NULL, 0, INT64_MAX },
		{ "Response", "status_code", NULL, 1000, 9999 },
		{ "CdrLocation", "address", .accept = 255 },
		{ "CdrLocation", "state", .accept = 45 },
		{ "ChargingProfile", "min_charging_rate", .decimals = 1 },
		{ "ChargingProfilePeriod", "limit", .decimals = 1 },
	};

	for (size_t i = 0; i < COUNT(notes); i++) {
		const struct ocpi_field *field = field_of(class_of(notes[i].class), notes[i].field);

		if (notes[i].form != NULL)
			ck_assert_ptr_nonnull(strstr(field->form->expected, notes[i].form));
		ck_assert(field->least == notes[i].least && field->most == notes[i].most);
		ck_assert(((field->flags & FIELD_RANGE) != 0) == (notes[i].most != 0));
		ck_assert(field->accept == notes[i].accept && field->decimals == notes[i].decimals);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("census");
	TCase *tcase = tcase_create("census");

	tcase_add_test(tcase, test_every_class_names_its_section);
	tcase_add_test(tcase, test_every_class_is_the_one_of_the_requirements);
	tcase_add_test(tcase, test_every_enum_is_the_one_of_the_requirements);
	tcase_add_test(tcase, test_the_tables_nest_no_deeper_than_the_recursion_may_be);
	tcase_add_test(
	        tcase, test_CDR_018_a_period_of_a_cdr_is_that_of_a_session_with_a_shorter_enum);
	tcase_add_test(tcase, test_every_rule_names_fields_of_its_class);
	tcase_add_test(tcase, test_notes_are_in_the_rows);
	suite_add_tcase(suite, tcase);
	return suite_run(suite, CK_NOFORK);
}
