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
has_form(const struct json_doc *doc, uint32_t node, const struct ocpi_form *form)
{
	if (doc->nodes[node].escaped)
		return escaped_has_form(doc, node, form);
	return form->ok(text_content(doc, node));
}

/** Whether a DateTime that is sound otherwise may say a zone of its own. */
static bool
check_offset(struct check *check, uint32_t node, const struct ocpi_field *field)
{
	struct ocpi_flaw tolerated = { FLAW_FORM, .node = node, .field = field };
	char buf[64];

	if (!datetime_has_offset(text_decoded(check->doc, node, buf, sizeof(buf))))
		return true;
	if (!check->any_offset)
		return flaw(check, FLAW_FORM, node, field);
	warn(check, tolerated);
	return true;
}

static bool
check_text(struct check *check, uint32_t node, const struct ocpi_field *field, enum part part)
{
	const struct json_node *text = &check->doc->nodes[node];
	const struct ocpi_form *form = field_form(field);
	size_t limit = field_limit(field);

	(void)part;
	if (text->count == 0 && field_wants_text(field))
		return flaw(check, FLAW_EMPTY, node, field);
	if (limit > 0 && text->count > limit)
		return flaw(check, FLAW_TOO_LONG, node, field);
	if (!(field->kind == KIND_CISTRING ? text->ascii : text->printable))
		return flaw(check, FLAW_CHARACTER, node, field);
	if (form != NULL && !has_form(check->doc, node, form))
		return flaw(check, FLAW_FORM, node, field);
	return field->kind != KIND_DATETIME || check_offset(check, node, field);
}

static bool
in_enum(const struct json_doc *doc, uint32_t node, const char (*values)[OCPI_VALUE_SIZE])
{
	if (doc->nodes[node].escaped)
		return escaped_in_enum(doc, node, values);
	return enum_has(values, text_content(doc, node));
}

/** A value that the enum does not name, unless it is spelled with escapes: of @field, or, where
 * that is NULL, all of a @class. */
static bool
check_odd_value(struct check *check, uint32_t node, const struct ocpi_enum *values,
        const struct ocpi_field *field, const struct ocpi_class *class)
{
	struct ocpi_flaw flaw = { FLAW_VALUE, .node = node, .field = field, .class = class };

	if (in_enum(check->doc, node, values->values))
		return true;
	if (check->doc->nodes[node].count == 0) {
		flaw.kind = FLAW_EMPTY;
		flaw_add(check, flaw);
		return false;
	}
	if (values->flags & ENUM_OPEN)
		return true;
	if (check->any_enum || in_enum(check->doc, node, values->tolerated)) {
		warn(check, flaw);
		return true;
	}
	flaw_add(check, flaw);
	return false;
}

static bool
check_enum(struct check *check, uint32_t node, const struct ocpi_field *field, enum part part)
{
	(void)part;
	return enum_has(field->values->values, text_content(check->doc, node)) ||
	       check_odd_value(check, node, field->values, field, NULL);
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
check_int(struct check *check, uint32_t node, const struct ocpi_field *field, enum part part)
{
	int64_t value, beyond = power_of_ten(field->max);

	(void)part;
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
check_number(struct check *check, uint32_t node, const struct ocpi_field *field, enum part part)
{
	(void)part;
	if (field->decimals > 0 && number_decimals(check->doc, node) > field->decimals)
		return flaw(check, FLAW_DECIMALS, node, field);
	if ((field->flags & FIELD_RANGE) &&
	        !number_within(check->doc, node, field->least, field->most))
		return flaw(check, FLAW_RANGE, node, field);
	return true;
}

static bool
check_member_object(
        struct check *check, uint32_t node, const struct ocpi_field *field, enum part part)
{
	return check_object(check, node, field->object, part);
}

static bool
check_nothing(struct check *check, uint32_t node, const struct ocpi_field *field, enum part part)
{
	(void)check, (void)node, (void)field, (void)part;
	return true;
}

/* What a value of a kind may be, a bit for each type of JSON, and what is left to be seen to. */
static const struct {
	uint8_t types;
	bool (*check)(
	        struct check *check, uint32_t node, const struct ocpi_field *field, enum part part);
} kinds[] = {
	[KIND_ANY] = { 0xff, check_nothing },
	[KIND_CISTRING] = { 1 << JSON_STRING, check_text },
	[KIND_STRING] = { 1 << JSON_STRING, check_text },
	[KIND_URL] = { 1 << JSON_STRING, check_text },
	[KIND_DATETIME] = { 1 << JSON_STRING, check_text },
	[KIND_ENUM] = { 1 << JSON_STRING, check_enum },
	[KIND_INT] = { 1 << JSON_NUMBER, check_int },
	[KIND_NUMBER] = { 1 << JSON_NUMBER, check_number },
	[KIND_BOOL] = { 1 << JSON_TRUE | 1 << JSON_FALSE, check_nothing },
	[KIND_OBJECT] = { 1 << JSON_OBJECT, check_member_object },
};

static inline bool
check_value(struct check *check, uint32_t node, uint8_t type, const struct ocpi_field *field,
        enum part part)
{
	if (!(kinds[field->kind].types >> type & 1))
		return flaw(check, type == JSON_NULL ? FLAW_NULL : FLAW_TYPE, node, field);
	return kinds[field->kind].check(check, node, field, part);
}

static bool
check_list(struct check *check, uint32_t node, const struct ocpi_field *field, enum part part)
{
	const struct json_node *nodes = check->doc->nodes, *list = &nodes[node];
	bool sound = true;

	if (list->type != JSON_ARRAY)
		return flaw(check, FLAW_TYPE, node, field);
	if (list->count == 0 && field->card == SOME)
		return flaw(check, FLAW_EMPTY, node, field);
	for (uint32_t child = node + 1; child < list->next; child = nodes[child].next)
		sound &= check_value(check, child, nodes[child].type, field, part);
	return sound;
}

static inline bool
is_due(const struct ocpi_field *field)
{
	return field->card == ONE || field->card == SOME;
}

/** Whether the part of the class that is checked has to have @field. */
static inline bool
is_required(const struct object *object, const struct ocpi_field *field)
{
	if (object->part == PART_WHOLE)
		return is_due(field);
	return field->flags & (object->part == PART_PATCH ? FIELD_STAMP : FIELD_KEY);
}

/** Note where field @i of @object stands, and check it. */
static inline void
check_member(struct check *check, struct object *object, int i, uint32_t node, uint8_t type)
{
	const struct ocpi_field *field = &object->class->fields[i];
	enum part inside = PART_WHOLE;
	bool sound;

	if (object->part != PART_WHOLE && (field->flags & FIELD_MERGED))
		inside = PART_MERGED;
	if (type == JSON_NULL && field->kind != KIND_ANY) {
		if ((is_required(object, field) || is_due(field)) &&
		        !flaw(check, FLAW_NULL, node, field))
			object->bad |= 1u << i;
		return;
	}
	object->at[i] = node;
	if (field->card == SOME || field->card == MANY)
		sound = check_list(check, node, field, inside);
	else
		sound = check_value(check, node, type, field, inside);
	if (!sound)
		object->bad |= 1u << i;
}

static inline bool
is_missing(const struct object *object, int i)
{
	return is_required(object, &object->class->fields[i]) && object->at[i] == 0 &&
	       !(object->bad & 1u << i);
}

static void
miss(struct check *check, const struct object *object, int i)
{
	const struct ocpi_field *field = &object->class->fields[i];

	flaw_add(check, (struct ocpi_flaw){ FLAW_MISSING, .node = object->node,
	                        .lacks = field->name, .field = field, .class = object->class });
}

/** Of the rows below @expected only those can be missing that were @passed over. */
static void
check_missing(struct check *check, const struct object *object, uint64_t passed, int expected)
{
	const struct ocpi_field *fields = object->class->fields;

	passed &= (UINT64_C(1) << expected) - 1;
	for (; passed != 0; passed &= passed - 1)
		if (is_missing(object, __builtin_ctzll(passed)))
			miss(check, object, __builtin_ctzll(passed));
	for (int i = expected; fields[i].name[0] != '\0'; i++)
		if (is_missing(object, i))
			miss(check, object, i);
}

/** Index of the row called @key, -1: unknown. The search begins at @from and goes round. */
static int
find_row(const struct ocpi_field *fields, struct str key, int from)
{
	int i = from;

	if (!name_fits(key, OCPI_NAME_SIZE))
		return -1;
	for (; fields[i].name[0] != '\0'; i++)
		if (name_is(fields[i].name, key))
			return i;
	for (i = 0; i < from; i++)
		if (name_is(fields[i].name, key))
			return i;
	return -1;
}

/** The same for a key with escapes, which nobody sends. */
static int
find_escaped_row(const struct json_doc *doc, const struct ocpi_field *fields, uint32_t key)
{
	char buf[OCPI_NAME_SIZE];

	return find_row(fields, text_decoded(doc, key, buf, sizeof(buf)), 0);
}

static bool
check_object(struct check *check, uint32_t node, const struct ocpi_class *class, enum part part)
{
	const struct json_node *nodes = check->doc->nodes;
	struct object object = { .node = node, .class = class, .part = part };
	size_t before = check->flaws->count;
	uint32_t end = nodes[node].next;
	uint64_t passed = 0; /* a bit for each row that was */
	int expected = 0;

	for (uint32_t key = node + 1; key < end; key = nodes[key + 1].next) {
		int i = nodes[key].escaped
		                ? find_escaped_row(check->doc, class->fields, key)
		                : find_row(class->fields, text_content(check->doc, key), expected);

		if (i < 0)
			continue;
		if (i > expected)
			passed |= (UINT64_C(1) << i) - (UINT64_C(1) << expected);
		check_member(check, &object, i, key + 1, nodes[key + 1].type);
		expected = i + 1;
	}
	check_missing(check, &object, passed, expected);
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
	else if (class->text == NULL)
		check_object(check, node, class, part);
	else
		check_odd_value(check, node, class->text, NULL, class);
}

bool
ocpi_check(const struct json_doc *doc, uint32_t node, const struct ocpi_class *class,
        unsigned flags, struct ocpi_flaws *flaws)
{
	struct check check = { doc, flaws, (flags & CHECK_ANY_ENUM) != 0,
		(flags & CHECK_ANY_OFFSET) != 0 };
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
