/* schema: what the interpreter, its messages and the generator share. Private to the layer ocpi. */
#pragma once

#include <roamhub/schema.h>

#include "json.h"

/* ---- texts (schema_text.c) ---- */

/** The content decoded: as it stands when it has no escapes, in @buf otherwise; absent when @buf is
 * too small. */
struct str text_decoded(const struct json_doc *doc, uint32_t node, char *buf, size_t size);
/* The next two run for every member of every body: inline, and a loop because names are short. */

/** A string's content between its quotes, escapes as they stand. */
static inline struct str
text_content(const struct json_doc *doc, uint32_t node)
{
	const struct json_node *n = &doc->nodes[node];

	return (struct str){ doc->text.p + n->at + 1, n->end - n->at - 2 };
}

/** Whether @text, which has no NUL in it, is the C string @name; empty and absent texts are
 * nothing's name. */
static inline bool
text_is(struct str text, const char *name)
{
	size_t i = 0;

	while (i < text.len && name[i] == text.p[i])
		i++;
	return i > 0 && i == text.len && name[i] == '\0';
}
/** Whether the value at @node is @value: a string's content, or the literals true and false. */
bool text_value_is(const struct json_doc *doc, uint32_t node, const char *value);
bool enum_has(const char *const *values, struct str text); /* @values may be NULL */

/* ---- forms (schema_forms.c) ---- */

/** The form that a text of @field must have, whichever way the table says so; NULL: none. */
const struct ocpi_form *field_form(const struct ocpi_field *field);
/** Whether "" is a fault: text is due where the field is, in a list, and where the text has a form.
 */
bool field_wants_text(const struct ocpi_field *field);
/** Characters that are accepted, 0: any number. */
size_t field_limit(const struct ocpi_field *field);

/* ---- numbers (schema_number.c) ---- */

/** Whether the number at @node lies in [least, most], exactly, however it is written. */
bool number_within(const struct json_doc *doc, uint32_t node, int64_t least, int64_t most);
/** Digits behind the decimal point that mean something: 8.10 has one, 1e-7 has seven. */
int64_t number_decimals(const struct json_doc *doc, uint32_t node);

/* ---- rules (schema_rules.c) ---- */

struct check {
	const struct json_doc *doc;
	struct ocpi_flaws *flaws;
	bool any_enum;
};
/** What has to be there of an object's fields. */
enum part {
	PART_WHOLE,  /* all that is required */
	PART_PATCH,  /* the body of a PATCH: the stamp */
	PART_MERGED, /* an element that a PATCH merges: its key */
};
struct object {
	uint32_t node;
	const struct ocpi_class *class;
	enum part part;
	uint32_t at[OCPI_MAX_FIELDS]; /* values by field; 0: absent or null */
	uint32_t bad;                 /* bit by field: a fault was noted */
};
void flaw_add(struct check *check, struct ocpi_flaw flaw);
void check_rules(struct check *check, const struct object *object);
/** Index of the field called @name, -1 when @class has none. */
int class_field(const struct ocpi_class *class, const char *name);
/** Whether the value at @node says anything: not absent, not null, not "", not []. */
bool has_content(const struct json_doc *doc, uint32_t node);
