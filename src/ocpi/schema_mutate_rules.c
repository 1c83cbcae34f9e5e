/* schema_mutate_rules: a valid object whose fields break one rule between them.
 *
 * Only where the object has what it takes: a rule about a field that is not there cannot be broken
 * by it. */
#include "schema_mutate.h"

struct parties { /* of a rule: the values of its fields, 0: absent */
	uint32_t object, field, other;
	const struct ocpi_field *row; /* of @other */
};

static void
need(struct mutate *m, const struct parties *p, const struct ocpi_rule *rule)
{
	if (p->field == 0 || p->other == 0 || !mutate_turn(m))
		return;
	mutate_remove(m, p->object, p->other);
	mutate_say(m, p->object, rule->other, "what another field needs is missing");
}

static void
need_if(struct mutate *m, const struct parties *p, const struct ocpi_rule *rule)
{
	if (p->field == 0 || p->other == 0 || !text_value_is(m->doc, p->other, rule->value) ||
	        !mutate_turn(m))
		return;
	mutate_remove(m, p->object, p->field);
	mutate_say(m, p->object, rule->field, "what a value calls for is missing");
}

/** Another sound value of @other makes @field one too many. */
static void
only_if(struct mutate *m, const struct parties *p, const struct ocpi_rule *rule)
{
	const struct json_node *node = &m->doc->nodes[p->other];
	struct buf with = { 0 };
	size_t pick = 0;

	if (p->field == 0 || p->other == 0 || !mutate_turn(m))
		return;
	if (p->row->kind == KIND_BOOL) {
		buf_add(&with, str_is(STR("true"), rule->value) ? STR("false") : STR("true"));
	} else {
		while (str_is(str_of(p->row->values->values[pick]), rule->value))
			pick++;
		json_quote(&with, str_of(p->row->values->values[pick]));
	}
	mutate_range(m, node->at, node->end, buf_str(&with));
	mutate_say(m, p->field, NULL, "there although a value forbids it");
	buf_free(&with);
}

static void
longer(struct mutate *m, const struct parties *p, const struct ocpi_rule *rule)
{
	const struct json_node *node = &m->doc->nodes[p->field];
	struct buf with = { 0 };

	if (p->field == 0 || (p->other != 0 && text_value_is(m->doc, p->other, rule->value)) ||
	        !mutate_turn(m))
		return;
	buf_addc(&with, '"');
	while (with.len < rule->max + 2)
		buf_addc(&with, 'x');
	buf_addc(&with, '"');
	mutate_range(m, node->at, node->end, buf_str(&with));
	mutate_say(m, p->field, NULL, "too long for what the object is");
	buf_free(&with);
}

static void
not_behind(struct mutate *m, const struct parties *p)
{
	const struct json_node *node = &m->doc->nodes[p->field];

	if (p->field == 0 || p->other == 0 || !mutate_turn(m))
		return;
	mutate_range(m, node->at, node->end, json_raw(m->doc, p->other));
	mutate_say(m, p->field, NULL, "not behind the other one");
}

/** The first value of the field's own enum that the rule does not name. */
static const char *
outside(const struct ocpi_class *class, const struct ocpi_rule *rule)
{
	const struct ocpi_class *element = class->fields[class_field(class, rule->field)].object;
	const struct ocpi_enum *own = element->fields[class_field(element, rule->third)].values;
	size_t i = 0;

	while (enum_has(rule->among->values, str_of(own->values[i])))
		i++;
	return own->values[i];
}

static void
not_among(struct mutate *m, const struct parties *p, const struct ocpi_class *class,
        const struct ocpi_rule *rule)
{
	uint32_t node;
	struct buf with = { 0 };

	if (p->field == 0 || p->other == 0 || json_member(m->doc, p->other, rule->value) == 0)
		return;
	node = json_member(m->doc, p->field + 1, rule->third);
	json_quote(&with, str_of(outside(class, rule)));
	mutate_value(m, node, with.p, "not among what a field allows");
	buf_free(&with);
}

/** The second element gets the id of the first. */
static void
twice(struct mutate *m, const struct parties *p, const struct ocpi_rule *rule)
{
	uint32_t first, second;

	if (p->field == 0 || m->doc->nodes[p->field].count < 2)
		return;
	first = json_member(m->doc, p->field + 1, rule->third);
	second = json_member(m->doc, m->doc->nodes[p->field + 1].next, rule->third);
	if (!mutate_turn(m))
		return;
	mutate_range(
	        m, m->doc->nodes[second].at, m->doc->nodes[second].end, json_raw(m->doc, first));
	mutate_say(m, second, NULL, "an id that another element has");
}

static bool
all_optional(const struct ocpi_class *class)
{
	for (const struct ocpi_field *field = class->fields; field->name[0] != '\0'; field++)
		if (field->card == ONE || field->card == SOME)
			return false;
	return true;
}

void
mutate_rules(struct mutate *m, uint32_t node, const struct ocpi_class *class)
{
	for (const struct ocpi_rule *rule = class->rules; rule != NULL && rule->kind != 0; rule++) {
		struct parties p = { node, json_member(m->doc, node, rule->field),
			json_member(m->doc, node, rule->other),
			&class->fields[class_field(class, rule->other)] };

		if (rule->kind == RULE_NEEDS)
			need(m, &p, rule);
		else if (rule->kind == RULE_NEEDED_IF)
			need_if(m, &p, rule);
		else if (rule->kind == RULE_ONLY_IF)
			only_if(m, &p, rule);
		else if (rule->kind == RULE_MAX_UNLESS)
			longer(m, &p, rule);
		else if (rule->kind == RULE_BEHIND)
			not_behind(m, &p);
		else if (rule->kind == RULE_UNIQUE)
			twice(m, &p, rule);
		else if (rule->kind == RULE_AMONG_IF)
			not_among(m, &p, class, rule);
		else if (all_optional(class))
			mutate_value(m, node, "{}", "nothing of what one is due of");
	}
}
