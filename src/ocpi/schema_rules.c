/* schema_rules: rules between the fields of one object.
 *
 * A rule speaks when every field that it names was sound, so that one mistake is reported once. In
 * a PATCH the fields that are absent may be in the stored object: a rule that asks for something
 * more is silent there. */
#include <string.h>

#include "schema.h"

int
class_field(const struct ocpi_class *class, const char *name)
{
	for (int i = 0; name != NULL && class->fields[i].name[0] != '\0'; i++)
		if (class->fields[i].name[0] == name[0] && strcmp(class->fields[i].name, name) == 0)
			return i;
	return -1;
}

/** What a rule is about: the values of the fields that it names, 0 where there is none. */
struct subject {
	const struct ocpi_rule *rule;
	int fields[3]; /* indices, -1: the rule has no such field */
	uint32_t field, other, third;
};

static bool
subject_find(const struct object *object, const struct ocpi_rule *rule, struct subject *subject)
{
	uint32_t *const values[] = { &subject->field, &subject->other, &subject->third };
	/* what has to be unique is a field of the elements */
	const char *const names[] = { rule->field, rule->other,
		rule->kind == RULE_UNIQUE ? NULL : rule->third };

	*subject = (struct subject){ .rule = rule };
	for (size_t i = 0; i < COUNT(names); i++) {
		int at = class_field(object->class, names[i]);

		subject->fields[i] = at;
		if (at >= 0 && (object->bad & 1u << at))
			return false;
		*values[i] = at < 0 ? 0 : object->at[at];
	}
	return true;
}

static const struct ocpi_field *
row(const struct object *object, int at)
{
	return at < 0 ? NULL : &object->class->fields[at];
}

/** The rule does not like the value of @subject's field. */
static void
refuse_value(struct check *check, const struct object *object, const struct subject *subject)
{
	flaw_add(check, (struct ocpi_flaw){ FLAW_RULE, .node = subject->field,
	                        .field = row(object, subject->fields[0]), .class = object->class,
	                        .rule = subject->rule });
}

/** The rule wants a value of @name. */
static void
miss_value(struct check *check, const struct object *object, const struct subject *subject, int at,
        uint32_t value)
{
	struct ocpi_flaw flaw = { FLAW_RULE, .node = object->node, .class = object->class,
		.rule = subject->rule };

	flaw.field = row(object, at);
	if (value != 0)
		flaw.node = value;
	else
		flaw.lacks = flaw.field->name;
	flaw_add(check, flaw);
}

static void
check_among(struct check *check, const struct object *object, const struct subject *subject)
{
	const struct json_doc *doc = check->doc;
	const struct ocpi_rule *rule = subject->rule;
	uint32_t condition =
	        subject->other == 0 ? 0 : json_member(doc, subject->other, rule->value);
	uint32_t element = subject->field + 1;

	if (!has_content(doc, condition) || subject->field == 0)
		return;
	for (uint32_t i = 0; i < doc->nodes[subject->field].count; i++) {
		uint32_t value = json_member(doc, element, rule->third);
		char buf[64];

		if (value != 0 &&
		        !enum_has(rule->among->values, text_decoded(doc, value, buf, sizeof(buf))))
			flaw_add(check, (struct ocpi_flaw){ FLAW_RULE, .node = value,
			                        .class = object->class, .rule = rule });
		element = doc->nodes[element].next;
	}
}

/** Whether the text of @field sorts behind that of @other; both are short and sound. */
static bool
behind(const struct json_doc *doc, uint32_t field, uint32_t other)
{
	char a[32], b[32];
	struct str later = text_decoded(doc, field, a, sizeof(a));
	struct str earlier = text_decoded(doc, other, b, sizeof(b));
	size_t len = later.len < earlier.len ? later.len : earlier.len;
	int order = len == 0 ? 0 : memcmp(later.p, earlier.p, len);

	return order > 0 || (order == 0 && later.len > earlier.len);
}

static void
check_rule(struct check *check, const struct object *object, const struct subject *s)
{
	const struct json_doc *doc = check->doc;
	const struct ocpi_rule *rule = s->rule;
	bool whole = object->part == PART_WHOLE;
	bool holds =
	        s->other != 0 && rule->value != NULL && text_value_is(doc, s->other, rule->value);

	switch (rule->kind) {
	case RULE_NEEDS:
		if (whole && has_content(doc, s->field) && !has_content(doc, s->other))
			miss_value(check, object, s, s->fields[1], s->other);
		break;
	case RULE_ANY_OF:
		if (whole && !has_content(doc, s->field) && !has_content(doc, s->other) &&
		        !has_content(doc, s->third))
			flaw_add(check, (struct ocpi_flaw){ FLAW_RULE, .node = object->node,
			                        .class = object->class, .rule = rule });
		break;
	case RULE_NEEDED_IF:
		if (whole && holds && !has_content(doc, s->field))
			miss_value(check, object, s, s->fields[0], s->field);
		break;
	case RULE_ONLY_IF:
		if (s->other != 0 && !holds && has_content(doc, s->field))
			refuse_value(check, object, s);
		break;
	case RULE_MAX_UNLESS:
		if (s->field != 0 && !holds && doc->nodes[s->field].count > rule->max)
			refuse_value(check, object, s);
		break;
	case RULE_BEHIND:
		if (s->field != 0 && s->other != 0 && !behind(doc, s->field, s->other))
			refuse_value(check, object, s);
		break;
	case RULE_UNIQUE:
		check_unique(check, object, rule, s->field);
		break;
	case RULE_AMONG_IF:
		check_among(check, object, s);
		break;
	}
}

void
check_rules(struct check *check, const struct object *object)
{
	for (const struct ocpi_rule *rule = object->class->rules; rule != NULL && rule->kind != 0;
	        rule++) {
		struct subject subject;

		if (subject_find(object, rule, &subject))
			check_rule(check, object, &subject);
	}
}
