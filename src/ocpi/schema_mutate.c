/* schema_mutate: a valid object with exactly one fault, for every fault that the tables can tell.
 *
 * The walk goes over document and tables like the interpreter's and counts what it could break; the
 * one whose turn it is gets written: the document's bytes with one range replaced. Where the fault
 * must be found follows from where the range was, so the expectation does not come from the code
 * that is tested. */
#include <stdio.h>
#include <string.h>

#include "schema.h"
#include "schema_mutate.h"

static void mutate_object(struct mutate *m, uint32_t node, const struct ocpi_class *class);

/** Replace the value at @node by itself in brackets, or by its first element. */
static void
mutate_wrap(struct mutate *m, uint32_t node, const char *before, const char *after, uint32_t inner,
        const char *how)
{
	const struct json_node *nodes = m->doc->nodes;

	if (!mutate_turn(m))
		return;
	buf_add(m->out, (struct str){ m->doc->text.p, nodes[node].at });
	buf_add(m->out, str_of(before));
	buf_add(m->out, json_raw(m->doc, inner));
	buf_add(m->out, str_of(after));
	buf_add(m->out, str_from(m->doc->text, nodes[node].end));
	mutate_say(m, node, NULL, how);
}

/* ---- values ---- */

static void
mutate_types(struct mutate *m, uint32_t node, enum ocpi_kind kind)
{
	bool text =
	        kind != KIND_INT && kind != KIND_NUMBER && kind != KIND_BOOL && kind != KIND_OBJECT;

	mutate_value(m, node, text ? "7" : "\"7\"",
	        text ? "number for text" : "text for something else");
	if (kind != KIND_BOOL)
		mutate_value(m, node, "true", "true for something else");
	if (kind != KIND_OBJECT)
		mutate_value(m, node, "{}", "object for something else");
	mutate_value(m, node, "[]", "list for something else");
}

static void
mutate_length(struct mutate *m, uint32_t node, const struct ocpi_field *field)
{
	bool url = field->kind == KIND_URL;
	size_t limit = field_limit(field);
	struct buf with = { 0 };

	if (limit == 0 || !mutate_turn(m))
		return;
	buf_add(&with, url ? STR("\"https://example.com/") : STR("\""));
	while (with.len < limit + 2)
		buf_addc(&with, 'x');
	buf_addc(&with, '"');
	mutate_range(m, m->doc->nodes[node].at, m->doc->nodes[node].end, buf_str(&with));
	mutate_say(m, node, NULL, "too long by one");
	buf_free(&with);
}

static void
mutate_text(struct mutate *m, uint32_t node, const struct ocpi_field *field)
{
	const struct ocpi_form *form = field_form(field);

	if (field_wants_text(field))
		mutate_value(m, node, "\"\"", "empty text");
	mutate_value(m, node, "\"\\n\"", "control character");
	mutate_value(m, node, "\"\x7f\"", "control character");
	if (field->kind == KIND_CISTRING)
		mutate_value(m, node, "\"\xc3\xa9\"", "not ASCII");
	else
		mutate_value(m, node, "\"\\u0085\"", "control character");
	if (field->kind != KIND_DATETIME)
		mutate_length(m, node, field);
	for (size_t i = 0; form != NULL && form->bad[i] != NULL; i++) {
		struct buf with = { 0 };

		json_quote(&with, str_of(form->bad[i]));
		mutate_value(m, node, with.p, "form");
		buf_free(&with);
	}
}

static void
mutate_enum(struct mutate *m, uint32_t node, const struct ocpi_enum *values)
{
	char small[64];
	size_t len = 0;

	mutate_value(m, node, "\"\"", "empty enum");
	if (values->flags & ENUM_OPEN)
		return;
	mutate_value(m, node, "\"NO_SUCH_VALUE\"", "unknown enum value");
	small[len++] = '"';
	for (const char *p = values->values[0]; *p != '\0' && len < sizeof(small) - 2; p++)
		small[len++] = (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
	small[len++] = '"';
	small[len] = '\0';
	mutate_value(m, node, small, "enum value in lower case");
}

static void
mutate_number(struct mutate *m, uint32_t node, const struct ocpi_field *field)
{
	char with[40];

	if (field->kind == KIND_INT)
		mutate_value(m, node, "1.5", "fraction for integer");
	if (field->kind == KIND_INT)
		mutate_value(m, node, "1e30", "integer out of range");
	if (field->max > 0) {
		snprintf(with, sizeof(with), "1%0*d", field->max, 0);
		mutate_value(m, node, with, "too long by one");
	}
	if (field->decimals > 0) {
		snprintf(with, sizeof(with), "7.%0*d1", field->decimals, 0);
		mutate_value(m, node, with, "too many fractional digits");
	}
	if (!(field->flags & FIELD_RANGE))
		return;
	snprintf(with, sizeof(with), "%lld", (long long)field->least - 1);
	mutate_value(m, node, with, "below its range");
	if (field->most == INT64_MAX)
		return;
	snprintf(with, sizeof(with), "%lld%s", (long long)field->most + (field->kind == KIND_INT),
	        field->kind == KIND_INT ? "" : ".00000000000000000001");
	mutate_value(m, node, with, "above its range");
}

static void
mutate_one(struct mutate *m, uint32_t node, const struct ocpi_field *field)
{
	if (field->kind == KIND_ANY)
		return;
	mutate_types(m, node, field->kind);
	switch (field->kind) {
	case KIND_ENUM:
		mutate_enum(m, node, field->values);
		break;
	case KIND_INT:
	case KIND_NUMBER:
		mutate_number(m, node, field);
		break;
	case KIND_OBJECT:
		mutate_object(m, node, field->object);
		break;
	case KIND_BOOL:
		break;
	default:
		mutate_text(m, node, field);
		break;
	}
}

static void
mutate_list(struct mutate *m, uint32_t node, const struct ocpi_field *field)
{
	const struct json_node *nodes = m->doc->nodes;

	mutate_value(m, node, "{}", "object for a list");
	mutate_value(m, node, "7", "number for a list");
	if (field->card == SOME)
		mutate_value(m, node, "[]", "empty list");
	if (nodes[node].count == 0)
		return;
	mutate_wrap(m, node, "", "", node + 1, "element for a list");
	mutate_value(m, node + 1, "null", "null in a list");
	for (uint32_t child = node + 1; child < nodes[node].next; child = nodes[child].next)
		mutate_one(m, child, field);
}

static void
mutate_member(struct mutate *m, uint32_t object, uint32_t node, const struct ocpi_field *field)
{
	if (field->card == ONE || field->card == SOME) {
		if (mutate_turn(m)) {
			mutate_remove(m, object, node);
			mutate_say(m, object, field->name, "missing");
		}
		if (field->kind != KIND_ANY)
			mutate_value(m, node, "null", "null");
	}
	if (field->card == SOME || field->card == MANY) {
		mutate_list(m, node, field);
		return;
	}
	if (field->kind != KIND_ANY)
		mutate_wrap(m, node, "[", "]", node, "in a list");
	mutate_one(m, node, field);
}

static void
mutate_object(struct mutate *m, uint32_t node, const struct ocpi_class *class)
{
	const struct json_node *nodes = m->doc->nodes;

	for (uint32_t key = node + 1; key < nodes[node].next; key = nodes[key + 1].next) {
		for (const struct ocpi_field *field = class->fields; field->name[0] != '\0';
		        field++)
			if (str_is(json_content(m->doc, key), field->name))
				mutate_member(m, node, key + 1, field);
	}
	mutate_rules(m, node, class);
}

static void
mutate_root(struct mutate *m, const struct ocpi_class *class)
{
	mutate_value(m, 0, "7", "number for the whole");
	mutate_value(m, 0, "null", "null for the whole");
	mutate_wrap(m, 0, "[", "]", 0, "the whole in a list");
	if (class->text != NULL)
		mutate_enum(m, 0, class->text);
	else
		mutate_object(m, 0, class);
}

bool
ocpi_mutate(const struct json_doc *doc, const struct ocpi_class *class, size_t n, struct buf *out,
        struct ocpi_broken *broken)
{
	struct mutate m = { .doc = doc, .wanted = n, .out = out, .broken = broken };

	mutate_root(&m, class);
	return m.count > n;
}

void
ocpi_generate_broken(
        const struct ocpi_class *class, uint64_t seed, struct buf *out, struct ocpi_broken *broken)
{
	struct arena *arena = arena_new(16384);
	struct mutate counting = { .wanted = SIZE_MAX };
	struct buf valid = { .arena = arena };
	struct json_doc doc;
	struct fault fault;

	ocpi_generate(class, seed, &valid);
	if (json_scan(buf_str(&valid), UINT32_MAX, arena, &doc, &fault) == RH_OK) {
		counting.doc = &doc;
		mutate_root(&counting, class);
		ocpi_mutate(&doc, class,
		        (size_t)((seed * 0x9e3779b97f4a7c15 >> 20) % counting.count), out, broken);
	}
	arena_free(arena);
}
