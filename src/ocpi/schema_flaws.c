/* schema_flaws: what a flaw says to the engineer who has to mend it: where, what was found, what
 * was expected.
 *
 * The words come from the row that refused the value, so they agree with the specification's table.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "schema.h"

void
flaw_add(struct check *check, struct ocpi_flaw flaw)
{
	if (check->flaws->count < OCPI_MAX_FLAWS)
		check->flaws->list[check->flaws->count] = flaw;
	check->flaws->count++;
}

/** Text of a fixed size under construction; what does not fit ends in three dots. */
struct words {
	char *out;
	size_t size, len;
};

static void PRINTF_LIKE(2, 3) say(struct words *words, const char *fmt, ...)
{
	size_t room = words->size - words->len;
	va_list args;
	int wrote;

	va_start(args, fmt);
	wrote = vsnprintf(words->out + words->len, room, fmt, args);
	va_end(args);
	if (wrote < 0)
		return;
	if ((size_t)wrote >= room && words->size > 4) {
		memcpy(words->out + words->size - 4, "...", 4);
		wrote = (int)room - 1;
	}
	words->len += (size_t)wrote;
}

static void
say_values(struct words *words, const struct ocpi_enum *values)
{
	say(words, "%s: one of", values->name);
	for (size_t i = 0; values->values[i][0] != '\0'; i++)
		say(words, "%s %s", i == 0 ? "" : ",", values->values[i]);
}

static void
say_number(struct words *words, const struct ocpi_field *field)
{
	say(words, "%s", field->kind == KIND_INT ? "integer" : "number");
	if (field->max > 0)
		say(words, " of at most %d digits", field->max);
	if ((field->flags & FIELD_RANGE) && field->most == INT64_MAX)
		say(words, " not below %lld", (long long)field->least);
	else if (field->flags & FIELD_RANGE)
		say(words, " from %lld to %lld", (long long)field->least, (long long)field->most);
	if (field->decimals > 0)
		say(words, " with at most %d fractional digit", field->decimals);
}

static void
say_text(struct words *words, const struct ocpi_field *field)
{
	const struct ocpi_form *form = field_form(field);
	bool ascii = field->kind == KIND_CISTRING;

	if (field->kind == KIND_DATETIME) {
		say(words, "%s", form->expected);
		return;
	}
	say(words, "%s", field->kind == KIND_URL ? "URL" : ascii ? "CiString" : "string");
	if (field_limit(field) > 0)
		say(words, "(%zu)", field_limit(field));
	say(words, "%s", ascii ? " of printable ASCII" : " without control characters");
	if (form != NULL)
		say(words, ", %s", form->expected);
}

static void
say_type(struct words *words, const struct ocpi_field *field)
{
	if (field->card == SOME || field->card == MANY)
		say(words, "list of ");
	switch (field->kind) {
	case KIND_ANY:
		say(words, "a value");
		break;
	case KIND_ENUM:
		say_values(words, field->values);
		break;
	case KIND_INT:
	case KIND_NUMBER:
		say_number(words, field);
		break;
	case KIND_BOOL:
		say(words, "true or false");
		break;
	case KIND_OBJECT:
		say(words, "%s object", field->object->name);
		break;
	default:
		say_text(words, field);
		break;
	}
	if (field->card == SOME)
		say(words, " with at least one element");
	if (field->card == ONE && (field->kind == KIND_STRING || field->kind == KIND_CISTRING))
		say(words, ", not empty");
}

static void
say_rule(struct words *words, const struct ocpi_rule *rule)
{
	switch (rule->kind) {
	case RULE_NEEDS:
		say(words, "%s, because %s is set", rule->other, rule->field);
		break;
	case RULE_ANY_OF:
		say(words, "at least one of %s, %s, %s", rule->field, rule->other, rule->third);
		break;
	case RULE_NEEDED_IF:
		say(words, "%s, because %s is %s", rule->field, rule->other, rule->value);
		break;
	case RULE_ONLY_IF:
		say(words, "%s only when %s is %s", rule->field, rule->other, rule->value);
		break;
	case RULE_MAX_UNLESS:
		say(words, "at most %zu characters unless %s is %s", rule->max, rule->other,
		        rule->value);
		break;
	case RULE_BEHIND:
		say(words, "%s later than %s", rule->field, rule->other);
		break;
	case RULE_UNIQUE:
		say(words, "another %s than those before it in %s", rule->third, rule->field);
		break;
	case RULE_AMONG_IF:
		say(words, "because %s is set, ", rule->value);
		say_values(words, rule->among);
		break;
	}
	say(words, " (%s)", rule->spec);
}

static void
say_expected(struct words *words, const struct ocpi_flaw *flaw, uint8_t type)
{
	if (flaw->kind == FLAW_RULE)
		say_rule(words, flaw->rule);
	else if (flaw->field != NULL)
		say_type(words, flaw->field);
	else if (flaw->class->text != NULL)
		say_values(words, flaw->class->text);
	else
		say(words, type == JSON_OBJECT ? "list of %s" : "%s object", flaw->class->name);
}

/** At most @room bytes of @text, without half a character at the end. */
static struct str
cut(struct str text, size_t room)
{
	if (text.len <= room)
		return text;
	while (room > 0 && ((unsigned char)text.p[room] & 0xc0) == 0x80)
		room--;
	return (struct str){ text.p, room };
}

static void
say_found(struct words *words, const struct json_doc *doc, const struct ocpi_flaw *flaw)
{
	const struct json_node *node = &doc->nodes[flaw->node];
	struct str raw = json_raw(doc, flaw->node), head = cut(raw, 40);

	if (flaw->lacks != NULL)
		say(words, "nothing");
	else if (node->type == JSON_ARRAY)
		say(words, node->count == 0 ? "an empty list" : "a list");
	else if (node->type == JSON_OBJECT)
		say(words, "an object");
	else if (flaw->hidden || (flaw->field != NULL && (flaw->field->flags & FIELD_SECRET)))
		say(words, "a value that is not shown");
	else
		say(words, "%.*s%s", STR_ARG(head), head.len < raw.len ? "..." : "");
	if (flaw->kind == FLAW_TOO_LONG && node->type == JSON_STRING)
		say(words, " (%u characters)", node->count);
}

/* ---- which class is it in? ---- */

enum { MOST_DEPTH = 12 };

static const struct ocpi_class *
class_with(const struct ocpi_class *class, const struct ocpi_field *wanted, int depth)
{
	const struct ocpi_class *found = NULL;

	if (class->fields == NULL || depth == MOST_DEPTH)
		return NULL;
	for (const struct ocpi_field *field = class->fields; field->name[0] != '\0'; field++)
		if (field == wanted)
			return class;
	for (const struct ocpi_field *field = class->fields;
	        found == NULL && field->name[0] != '\0'; field++)
		if (field->object != NULL)
			found = class_with(field->object, wanted, depth + 1);
	return found;
}

const struct ocpi_class *
ocpi_flaw_class(const struct ocpi_flaw *flaw, const struct ocpi_class *root)
{
	const struct ocpi_class *found = flaw->class;

	if (flaw->field != NULL && flaw->rule == NULL)
		found = class_with(root, flaw->field, 0);
	return found != NULL ? found : root;
}

void
ocpi_flaw_text(const struct json_doc *doc, const struct ocpi_flaw *flaw, struct ocpi_flaw_text *out)
{
	struct words found = { out->found, sizeof(out->found), 0 };
	struct words expected = { out->expected, sizeof(out->expected), 0 };
	size_t len;

	json_pointer(doc, flaw->node, out->pointer, sizeof(out->pointer));
	len = strlen(out->pointer);
	if (flaw->lacks != NULL)
		snprintf(out->pointer + len, sizeof(out->pointer) - len, "/%s", flaw->lacks);
	say_found(&found, doc, flaw);
	say_expected(&expected, flaw, doc->nodes[flaw->node].type);
}

enum rh_err
ocpi_flaws_fault(const struct json_doc *doc, const struct ocpi_flaws *flaws, struct fault *fault)
{
	struct ocpi_flaw_text text;
	char more[40] = "";

	if (flaws->count == 0)
		return fault_set(fault, RH_OK, "", "%s", "");
	ocpi_flaw_text(doc, &flaws->list[0], &text);
	if (flaws->count > 1)
		snprintf(more, sizeof(more), " (and %zu more)", flaws->count - 1);
	return fault_set(fault, RH_BAD_FIELD, text.pointer, "found %s, expected %.*s%s", text.found,
	        110, text.expected, more);
}

void
ocpi_flaws_json(const struct json_doc *doc, const struct ocpi_flaws *flaws, struct buf *out)
{
	size_t count = flaws->count < OCPI_MAX_FLAWS ? flaws->count : OCPI_MAX_FLAWS;

	json_put_list(out, NULL);
	for (size_t i = 0; i < count; i++) {
		struct ocpi_flaw_text text;

		ocpi_flaw_text(doc, &flaws->list[i], &text);
		json_put_object(out, NULL);
		json_put_text(out, "field", str_of(text.pointer));
		json_put_text(out, "found", str_of(text.found));
		json_put_text(out, "expected", str_of(text.expected));
		json_end_object(out);
	}
	json_end_list(out);
}
