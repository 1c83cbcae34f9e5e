/* generate: valid objects out of the class tables, varied by a seed.
 *
 * Every object is planned before it is written: which optional fields come, and what the rules
 * between fields ask of their values. The rest is dice. CiStrings hold what may stand in a path as
 * it is, so that an id of a generated object makes a readable URL; strings hold other scripts,
 * emoji and escapes, because partners send them. */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "schema.h"

struct make {
	struct buf *out;
	uint64_t state;
	unsigned flags;
	const struct ocpi_rule *among; /* in force around us (RULE_AMONG_IF), NULL: none */
	bool condition;                /* whether its condition shall be there */
};
struct plan {
	const char *value[OCPI_MAX_FIELDS]; /* that the field must have */
	const char *avoid[OCPI_MAX_FIELDS]; /* that it must not have */
	size_t limit[OCPI_MAX_FIELDS];      /* a shorter one than the table's; 0: none */
	char half[OCPI_MAX_FIELDS]; /* of the form's examples: 1 the first, 2 the second; 0: all */
	bool want[OCPI_MAX_FIELDS];
};

static void make_object(struct make *make, const struct ocpi_class *class);

/** SplitMix64: a number below @sides. */
static uint64_t
roll(struct make *make, uint64_t sides)
{
	uint64_t x = make->state += 0x9e3779b97f4a7c15;

	assert(sides > 0);
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return (x ^ x >> 31) % sides;
}

static size_t
count_of(const char *const *values)
{
	size_t count = 0;

	while (values[count] != NULL)
		count++;
	return count;
}

/* ---- texts ---- */

static void
make_ids(struct make *make, size_t characters)
{
	static const char alphabet[] =
	        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_*";

	while (characters-- > 0)
		buf_addc(make->out, alphabet[roll(make, sizeof(alphabet) - 1)]);
}

/** Units of one character each, as they stand in JSON. */
static void
make_words(struct make *make, size_t characters)
{
	static const char *const units[] = { "a", "e", "i", "o", "n", "r", "s", "t", "A", "B", "7",
		".", "-", " ", "\xc3\xa4", "\xc3\x9f", "\xe2\x82\xac", "\xe6\xbc\xa2",
		"\xf0\x9f\x94\x8c", "\\u00e4", "\\/", "\\\"", "\\\\", "\\ud83d\\ude97" };

	for (; characters > 0; characters--)
		buf_add(make->out, str_of(units[roll(make, COUNT(units))]));
}

static void
make_text(struct make *make, const struct ocpi_field *field, const struct plan *plan, int at)
{
	size_t limit = field_limit(field), length;
	bool full = roll(make, 16) == 0;

	if (plan->limit[at] > 0 && plan->limit[at] < limit)
		limit = plan->limit[at];
	if (limit == 0)
		limit = 60;
	length = full ? limit : 1 + roll(make, limit < 20 ? limit : 20);
	buf_addc(make->out, '"');
	if (field->kind == KIND_CISTRING)
		make_ids(make, length);
	else
		make_words(make, length);
	buf_addc(make->out, '"');
}

static void
make_example(struct make *make, const struct ocpi_form *form, char half)
{
	size_t count = count_of(form->good), first = half == 2 ? count / 2 : 0;

	count = half == 0 ? count : half == 1 ? count / 2 : count - first;
	json_quote(make->out, str_of(form->good[first + roll(make, count)]));
}

static void
make_url(struct make *make)
{
	buf_printf(make->out, "\"http%s://host-%u.example.com/", roll(make, 4) ? "s" : "",
	        (unsigned)roll(make, 100));
	make_ids(make, roll(make, 30));
	buf_addc(make->out, '"');
}

static void
make_datetime(struct make *make)
{
	static const char *const tails[] = { "Z", "Z", ".5Z", ".250Z", ".1234Z", "" };

	buf_printf(make->out, "\"20%02u-%02u-%02uT", (unsigned)(20 + roll(make, 10)),
	        (unsigned)(1 + roll(make, 12)), (unsigned)(1 + roll(make, 28)));
	buf_printf(make->out, "%02u:%02u:%02u%s\"", (unsigned)roll(make, 24),
	        (unsigned)roll(make, 60), (unsigned)roll(make, 60),
	        tails[roll(make, COUNT(tails))]);
}

static void
make_enum(struct make *make, const struct ocpi_enum *values, const char *value, const char *avoid)
{
	size_t count = 0, pick;

	while (values->values[count][0] != '\0')
		count++;
	pick = roll(make, count);
	if (avoid != NULL && strcmp(values->values[pick], avoid) == 0)
		pick = (pick + 1) % count;
	json_quote(make->out, str_of(value != NULL ? value : values->values[pick]));
}

/* ---- numbers ---- */

static void
make_int(struct make *make, const struct ocpi_field *field)
{
	int64_t least = 0, most = 50000;

	for (unsigned i = 0, power = 1; i < field->max; i++, most = power - 1)
		power *= 10;
	if (field->flags & FIELD_RANGE) {
		least = field->least;
		most = field->most < most ? field->most : most;
	}
	buf_printf(
	        make->out, "%" PRId64, least + (int64_t)roll(make, (uint64_t)(most - least) + 1));
}

static void
make_number(struct make *make, const struct ocpi_field *field)
{
	uint64_t most = field->flags & FIELD_RANGE ? (uint64_t)field->most : 1000;
	unsigned digits = (unsigned)roll(make, field->decimals > 0 ? field->decimals + 1u : 5);

	buf_printf(make->out, "%" PRIu64, roll(make, most));
	if (digits > 0)
		buf_addc(make->out, '.');
	while (digits-- > 0)
		buf_addc(make->out, (char)('0' + roll(make, 10)));
}

static void
make_bool(struct make *make, const char *value, const char *avoid)
{
	if (value == NULL && avoid != NULL)
		value = strcmp(avoid, "true") == 0 ? "false" : "true";
	if (value == NULL)
		value = roll(make, 2) ? "true" : "false";
	buf_add(make->out, str_of(value));
}

/* ---- values ---- */

static void
make_value(struct make *make, const struct ocpi_field *field, const struct plan *plan, int at)
{
	static const char *const anything[] = { "null", "[]", "{\"id\":\"LOC1\"}", "\"ACCEPTED\"" };
	const struct ocpi_enum *values = field->values;

	switch (field->kind) {
	case KIND_ANY:
		buf_add(make->out, str_of(anything[roll(make, COUNT(anything))]));
		break;
	case KIND_URL:
		make_url(make);
		break;
	case KIND_DATETIME:
		make_datetime(make);
		break;
	case KIND_ENUM:
		if (make->among != NULL && make->condition &&
		        strcmp(field->name, make->among->third) == 0)
			values = make->among->among;
		make_enum(make, values, plan->value[at], plan->avoid[at]);
		break;
	case KIND_INT:
		make_int(make, field);
		break;
	case KIND_NUMBER:
		make_number(make, field);
		break;
	case KIND_BOOL:
		make_bool(make, plan->value[at], plan->avoid[at]);
		break;
	case KIND_OBJECT:
		make_object(make, field->object);
		break;
	default:
		if (field->form != NULL)
			make_example(make, field->form, plan->half[at]);
		else
			make_text(make, field, plan, at);
		break;
	}
}

static void
make_list(struct make *make, const struct ocpi_field *field, const struct plan *plan, int at)
{
	size_t count = 1 + roll(make, field->kind == KIND_OBJECT ? 2 : 4);

	buf_addc(make->out, '[');
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_addc(make->out, ',');
		make_value(make, field, plan, at);
	}
	buf_addc(make->out, ']');
}

/* ---- plans ---- */

static void
plan_fields(struct make *make, const struct ocpi_class *class, struct plan *plan)
{
	for (int i = 0; class->fields[i].name[0] != '\0'; i++) {
		const struct ocpi_field *field = &class->fields[i];
		bool optional = field->card == OPT || field->card == MANY;

		plan->want[i] = !optional || (make->flags & GENERATE_ALL) != 0 ||
		                (roll(make, 2) && !(make->flags & GENERATE_LEAST));
		if (optional && make->among != NULL && strcmp(field->name, make->among->value) == 0)
			plan->want[i] = make->condition;
	}
}

static void
plan_rule(struct make *make, const struct ocpi_class *class, const struct ocpi_rule *rule,
        struct plan *plan)
{
	int field = class_field(class, rule->field), other = class_field(class, rule->other);
	int third = class_field(class, rule->third);

	switch (rule->kind) {
	case RULE_NEEDS:
		plan->want[other] |= plan->want[field];
		break;
	case RULE_ANY_OF:
		if (!plan->want[field] && !plan->want[other] && !plan->want[third])
			plan->want[(const int[]){ field, other, third }[roll(make, 3)]] = true;
		break;
	case RULE_NEEDED_IF:
	case RULE_ONLY_IF:
		if (plan->want[field])
			plan->value[other] = rule->value;
		else if (rule->kind == RULE_NEEDED_IF)
			plan->avoid[other] = rule->value;
		break;
	case RULE_MAX_UNLESS:
		plan->limit[field] = rule->max;
		break;
	case RULE_BEHIND:
		plan->half[field] = 2;
		plan->half[other] = 1;
		break;
	case RULE_UNIQUE: /* an id is drawn for each */
		break;
	case RULE_AMONG_IF:
		make->among = rule;
		make->condition =
		        plan->want[other] && ((make->flags & GENERATE_ALL) || roll(make, 3) == 0);
		break;
	}
}

static void
make_object(struct make *make, const struct ocpi_class *class)
{
	const struct ocpi_rule *around = make->among;
	struct plan plan = { 0 };
	char comma = '{';

	plan_fields(make, class, &plan);
	for (const struct ocpi_rule *rule = class->rules; rule != NULL && rule->kind != 0; rule++)
		plan_rule(make, class, rule, &plan);
	for (int i = 0; class->fields[i].name[0] != '\0'; i++) {
		const struct ocpi_field *field = &class->fields[i];

		if (!plan.want[i])
			continue;
		buf_printf(make->out, "%c\"%s\":", comma, field->name);
		comma = ',';
		if (field->card == SOME || field->card == MANY)
			make_list(make, field, &plan, i);
		else
			make_value(make, field, &plan, i);
	}
	buf_add(make->out, comma == '{' ? STR("{}") : STR("}"));
	make->among = around;
}

void
ocpi_generate_with(const struct ocpi_class *class, uint64_t seed, unsigned flags, struct buf *out)
{
	struct make make = { .out = out, .state = seed, .flags = flags };

	if (class->text != NULL)
		make_enum(&make, class->text, NULL, NULL);
	else
		make_object(&make, class);
}

void
ocpi_generate(const struct ocpi_class *class, uint64_t seed, struct buf *out)
{
	ocpi_generate_with(class, seed, 0, out);
}
