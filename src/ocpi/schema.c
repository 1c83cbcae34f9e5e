/* schema: one interpreter over the class tables.
 *
 * The body was scanned before (json_scan), so every value has its place and its type already; what
 * is left is to walk the members of an object beside the rows of its class. Bodies mostly come in
 * the order of the specification: the row after the last one is tried first, and a search through
 * the others is the exception. A fault is a few pointers into document and tables; its words are
 * made when somebody wants to read them (schema_flaws.c).
 *
 * The recursion object - field - value - object follows the tables, which nest seven deep at most
 * and have no circle: a test holds them to it. What the tables do not name is not descended into.
 */
#include <string.h>

#include "schema.h"

static bool check_object(
        struct check *check, uint32_t node, const struct ocpi_class *class, enum part part);

static void
warn(struct check *check, struct ocpi_flaw flaw)
{
	if (check->flaws->warnings < OCPI_MAX_WARNINGS)
		check->flaws->warning[check->flaws->warnings] = flaw;
	check->flaws->warnings++;
}

/** Note a flaw of the value at @node; false, so that `return flaw(...)` reads well. */
static bool
flaw(struct check *check, enum ocpi_flaw_kind kind, uint32_t node, const struct ocpi_field *field)
{
	flaw_add(check, (struct ocpi_flaw){ kind, .node = node, .field = field });
	return false;
}

static bool
escaped_form_holds(const struct json_doc *doc, uint32_t node, const struct ocpi_form *form)
{
	char buf[1024]; /* the longest text with a form is a URL of 255 characters */
	struct str text = text_decoded(doc, node, buf, sizeof(buf));

	return text.p != NULL && form->ok(text);
}

static bool
form_holds(const struct json_doc *doc, uint32_t node, const struct ocpi_form *form)
{
	if (doc->nodes[node].escaped)
		return escaped_form_holds(doc, node, form);
	return form->ok(text_content(doc, node));
}

static bool
check_text(struct check *check, uint32_t node, const struct ocpi_field *field)
{
	const struct json_node *text = &check->doc->nodes[node];
	const struct ocpi_form *form = field_form(field);
	size_t limit = field_limit(field);

	if (text->count == 0 && field_wants_text(field))
		return flaw(check, FLAW_EMPTY, node, field);
	if (limit > 0 && text->count > limit)
		return flaw(check, FLAW_TOO_LONG, node, field);
	if (!(field->kind == KIND_CISTRING ? text->ascii : text->printable))
		return flaw(check, FLAW_CHARACTER, node, field);
	if (form != NULL && !form_holds(check->doc, node, form))
		return flaw(check, FLAW_FORM, node, field);
	return true;
}

/** @field is NULL where the whole value is the enum. */
static bool
check_enum(
        struct check *check, uint32_t node, const struct ocpi_enum *values, struct ocpi_flaw flaw)
{
	char buf[64];
	struct str text = text_decoded(check->doc, node, buf, sizeof(buf));

	if (enum_has(values->values, text))
		return true;
	flaw.node = node;
	flaw.kind = check->doc->nodes[node].end - check->doc->nodes[node].at == 2 ? FLAW_EMPTY
	                                                                          : FLAW_VALUE;
	if (flaw.kind == FLAW_VALUE && (values->flags & ENUM_OPEN))
		return true;
	if (flaw.kind == FLAW_VALUE && (check->any_enum || enum_has(values->tolerated, text))) {
		warn(check, flaw);
		return true;
	}
	flaw_add(check, flaw);
	return false;
}

static int64_t
power_of_ten(unsigned digits)
{
	int64_t power = 1;

	while (digits-- > 0)
		power *= 10;
	return power;
}

static bool
check_int(struct check *check, uint32_t node, const struct ocpi_field *field)
{
	int64_t value, beyond = power_of_ten(field->max);

	if (!json_int(check->doc, node, &value))
		return flaw(check,
		        number_decimals(check->doc, node) > 0 ? FLAW_DECIMALS : FLAW_RANGE, node,
		        field);
	if (field->max > 0 && (value >= beyond || value <= -beyond))
		return flaw(check, FLAW_TOO_LONG, node, field);
	if ((field->flags & FIELD_RANGE) && (value < field->least || value > field->most))
		return flaw(check, FLAW_RANGE, node, field);
	return true;
}

static bool
check_number(struct check *check, uint32_t node, const struct ocpi_field *field)
{
	if (field->decimals > 0 && number_decimals(check->doc, node) > field->decimals)
		return flaw(check, FLAW_DECIMALS, node, field);
	if ((field->flags & FIELD_RANGE) &&
	        !number_within(check->doc, node, field->least, field->most))
		return flaw(check, FLAW_RANGE, node, field);
	return true;
}

static bool
type_fits(uint8_t type, enum ocpi_kind kind)
{
	switch (kind) {
	case KIND_ANY:
		return true;
	case KIND_INT:
	case KIND_NUMBER:
		return type == JSON_NUMBER;
	case KIND_BOOL:
		return type == JSON_TRUE || type == JSON_FALSE;
	case KIND_OBJECT:
		return type == JSON_OBJECT;
	default:
		return type == JSON_STRING;
	}
}

static bool
check_value(struct check *check, uint32_t node, const struct ocpi_field *field, enum part part)
{
	uint8_t type = check->doc->nodes[node].type;

	if (type == JSON_NULL && field->kind != KIND_ANY)
		return flaw(check, FLAW_NULL, node, field);
	if (!type_fits(type, field->kind))
		return flaw(check, FLAW_TYPE, node, field);
	switch (field->kind) {
	case KIND_ENUM:
		return check_enum(check, node, field->values, (struct ocpi_flaw){ .field = field });
	case KIND_INT:
		return check_int(check, node, field);
	case KIND_NUMBER:
		return check_number(check, node, field);
	case KIND_OBJECT:
		return check_object(check, node, field->object, part);
	case KIND_ANY:
	case KIND_BOOL:
		return true;
	default:
		return check_text(check, node, field);
	}
}

static bool
check_list(struct check *check, uint32_t node, const struct ocpi_field *field, enum part part)
{
	const struct json_node *list = &check->doc->nodes[node];
	bool sound = true;

	if (list->type != JSON_ARRAY)
		return flaw(check, FLAW_TYPE, node, field);
	if (list->count == 0 && field->card == SOME)
		return flaw(check, FLAW_EMPTY, node, field);
	for (uint32_t child = node + 1; child < list->next; child = check->doc->nodes[child].next)
		sound &= check_value(check, child, field, part);
	return sound;
}

/** Note where field @i of @object stands, and check it. */
static void
check_member(struct check *check, struct object *object, int i, uint32_t node)
{
	const struct ocpi_field *field = &object->class->fields[i];
	bool list = field->card == SOME || field->card == MANY;
	bool required = field->card == ONE || field->card == SOME;
	enum part inside = PART_WHOLE;

	if (object->part != PART_WHOLE) {
		required = field->flags & (object->part == PART_PATCH ? FIELD_STAMP : FIELD_KEY);
		inside = field->flags & FIELD_MERGED ? PART_MERGED : PART_WHOLE;
	}
	if (check->doc->nodes[node].type == JSON_NULL && field->kind != KIND_ANY) {
		if (required && !flaw(check, FLAW_NULL, node, field))
			object->bad |= 1u << i;
		return;
	}
	object->at[i] = node;
	if (!(list ? check_list : check_value)(check, node, field, inside))
		object->bad |= 1u << i;
}

static void
check_missing(struct check *check, const struct object *object)
{
	const struct ocpi_field *field = object->class->fields;

	for (int i = 0; field->name != NULL; i++, field++) {
		bool required = field->card == ONE || field->card == SOME;

		if (object->part != PART_WHOLE)
			required = field->flags &
			           (object->part == PART_PATCH ? FIELD_STAMP : FIELD_KEY);
		if (required && object->at[i] == 0 && !(object->bad & 1u << i))
			flaw_add(check, (struct ocpi_flaw){ FLAW_MISSING, .node = object->node,
			                        .lacks = field->name, .field = field,
			                        .class = object->class });
	}
}

/** Index of the row called @key, -1: unknown. The search begins at @from and goes round. */
static int
find_row(const struct ocpi_field *fields, struct str key, int from)
{
	int i = from;

	for (; fields[i].name != NULL; i++)
		if (text_is(key, fields[i].name))
			return i;
	for (i = 0; i < from; i++)
		if (text_is(key, fields[i].name))
			return i;
	return -1;
}

/** The same for a key with escapes, which nobody sends. */
static int
find_escaped_row(const struct json_doc *doc, const struct ocpi_field *fields, uint32_t key)
{
	char buf[64]; /* longer than any name of a field */

	return find_row(fields, text_decoded(doc, key, buf, sizeof(buf)), 0);
}

static bool
check_object(struct check *check, uint32_t node, const struct ocpi_class *class, enum part part)
{
	const struct json_node *nodes = check->doc->nodes;
	struct object object = { .node = node, .class = class, .part = part };
	size_t before = check->flaws->count;
	int expected = 0;

	for (uint32_t key = node + 1; key < nodes[node].next; key = nodes[key + 1].next) {
		int i = nodes[key].escaped
		                ? find_escaped_row(check->doc, class->fields, key)
		                : find_row(class->fields, text_content(check->doc, key), expected);

		if (i < 0)
			continue;
		check_member(check, &object, i, key + 1);
		expected = i + 1;
	}
	check_missing(check, &object);
	if (class->rules != NULL)
		check_rules(check, &object);
	return check->flaws->count == before;
}

static void
check_root(struct check *check, uint32_t node, const struct ocpi_class *class, enum part part)
{
	uint8_t type = check->doc->nodes[node].type;
	uint8_t wanted = class->text != NULL ? JSON_STRING : JSON_OBJECT;

	if (type != wanted)
		flaw_add(check, (struct ocpi_flaw){ FLAW_TYPE, .node = node, .class = class });
	else if (class->text != NULL)
		check_enum(check, node, class->text, (struct ocpi_flaw){ .class = class });
	else
		check_object(check, node, class, part);
}

bool
ocpi_check(const struct json_doc *doc, uint32_t node, const struct ocpi_class *class,
        unsigned flags, struct ocpi_flaws *flaws)
{
	struct check check = { doc, flaws, (flags & CHECK_ANY_ENUM) != 0 };
	enum part part = flags & CHECK_PARTIAL ? PART_PATCH : PART_WHOLE;

	flaws->count = flaws->warnings = 0;
	if (!(flags & CHECK_LIST)) {
		check_root(&check, node, class, part);
		return flaws->count == 0;
	}
	if (doc->nodes[node].type != JSON_ARRAY)
		flaw_add(&check, (struct ocpi_flaw){ FLAW_TYPE, .node = node, .class = class });
	else
		for (uint32_t child = node + 1; child < doc->nodes[node].next;
		        child = doc->nodes[child].next)
			check_root(&check, child, class, part);
	return flaws->count == 0;
}

const struct ocpi_class *
ocpi_class_find(const struct ocpi_class *const *classes, struct str name)
{
	for (; *classes != NULL; classes++)
		if (str_ieq(str_of((*classes)->name), name))
			return *classes;
	return NULL;
}
