/* schema: what the interpreter, its messages and the generator share. Private to the layer ocpi. */
#pragma once

#include <string.h>

#include <roamhub/schema.h>

#include "json.h"

/* ---- texts (schema_text.c) ---- */

/* Much of this runs for every member of every body, hence inline. */

/** A string's content between its quotes, escapes as they stand. */
static inline struct str
text_content(const struct json_doc *doc, uint32_t node)
{
	const struct json_node *n = &doc->nodes[node];

	return (struct str){ doc->text.p + n->at + 1, n->end - n->at - 2 };
}

/** The content with its escapes decoded into @buf; absent when that is too small. */
struct str text_unescaped(const struct json_doc *doc, uint32_t node, char *buf, size_t size);
/** The content decoded: as it stands when it has no escapes. */
static inline struct str
text_decoded(const struct json_doc *doc, uint32_t node, char *buf, size_t size)
{
	return doc->nodes[node].escaped ? text_unescaped(doc, node, buf, size)
	                                : text_content(doc, node);
}

static inline uint64_t
load_8(const char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

static inline uint32_t
load_4(const char *p)
{
	uint32_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

/** Whether the first @len bytes are the same: memcmp() for what is short and mostly is. */
static inline bool
same_bytes(const char *a, const char *b, size_t len)
{
	if (len < 4)
		return len == 0 ||
		       (a[0] == b[0] && a[len / 2] == b[len / 2] && a[len - 1] == b[len - 1]);
	if (len < 8)
		return load_4(a) == load_4(b) && load_4(a + len - 4) == load_4(b + len - 4);
	for (size_t i = 0; i + 8 < len; i += 8)
		if (load_8(a + i) != load_8(b + i))
			return false;
	return load_8(a + len - 8) == load_8(b + len - 8);
}

/** Whether @text, which has no NUL in it and is neither empty nor @size bytes long, is the name at
 * @name, which zeros follow up to @size. Its end tells nearly all names apart. */
static inline bool
name_is(const char *name, struct str text)
{
	return name[text.len - 1] == text.p[text.len - 1] && name[text.len] == '\0' &&
	       same_bytes(name, text.p, text.len);
}
/** Whether @text may be given to name_is() beside names of @size bytes. */
static inline bool
name_fits(struct str text, size_t size)
{
	return text.len - 1 < size - 1;
}

/** Whether the value at @node is @value: a string's content, or the literals true and false. */
bool text_value_is(const struct json_doc *doc, uint32_t node, const char *value);
/** Whether @text is one of @values, which may be NULL. */
static inline bool
enum_has(const char (*values)[OCPI_VALUE_SIZE], struct str text)
{
	if (values == NULL || !name_fits(text, OCPI_VALUE_SIZE))
		return false;
	for (; (*values)[0] != '\0'; values++)
		if (name_is(*values, text))
			return true;
	return false;
}
/** Whether the string at @node, which has escapes, is one of @values, or has @form. */
bool escaped_in_enum(
        const struct json_doc *doc, uint32_t node, const char (*values)[OCPI_VALUE_SIZE]);
bool escaped_has_form(const struct json_doc *doc, uint32_t node, const struct ocpi_form *form);

/* ---- forms (schema_forms.c) ---- */

extern const struct ocpi_form ocpi_form_datetime, ocpi_form_url, ocpi_form_callable_url;

/** The form that a text of @field must have, whichever way the table says so; NULL: none. */
static inline const struct ocpi_form *
field_form(const struct ocpi_field *field)
{
	if (field->kind == KIND_DATETIME)
		return &ocpi_form_datetime;
	if (field->kind == KIND_URL)
		return field->flags & FIELD_CALLABLE ? &ocpi_form_callable_url : &ocpi_form_url;
	return field->form;
}

/** Whether "" is a fault: text is due where the field is, in a list, and where the text has a form.
 */
static inline bool
field_wants_text(const struct ocpi_field *field)
{
	return field->card != OPT || field_form(field) != NULL;
}

/** Characters that are accepted, 0: any number. */
static inline size_t
field_limit(const struct ocpi_field *field)
{
	if (field->kind == KIND_URL)
		return 255;
	return field->accept > 0 ? field->accept : field->max;
}

/** Whether a sound DateTime says a zone of its own, such as +01:00 (TYP-005 has none). */
bool datetime_has_offset(struct str text);

/* ---- numbers (schema_number.c) ---- */

/** Whether the number at @node lies in [least, most], exactly, however it is written. */
bool number_within(const struct json_doc *doc, uint32_t node, int64_t least, int64_t most);
/** Digits behind the decimal point that mean something: 8.10 has one, 1e-7 has seven. */
int64_t number_decimals(const struct json_doc *doc, uint32_t node);

/* ---- rules (schema_rules.c) ---- */

struct check {
	const struct json_doc *doc;
	struct ocpi_flaws *flaws;
	bool any_enum, any_offset;
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
/** RULE_UNIQUE over the list at @list; 0: there is none (schema_unique.c). */
void check_unique(struct check *check, const struct object *object, const struct ocpi_rule *rule,
        uint32_t list);
void check_rules(struct check *check, const struct object *object);
/** Index of the field called @name, -1 when @class has none. */
int class_field(const struct ocpi_class *class, const char *name);
/** Whether the value at @node says anything: not absent, not null, not "", not []. */
bool has_content(const struct json_doc *doc, uint32_t node);
