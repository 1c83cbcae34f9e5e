/* openapi_shapes: the tables of names (fields.c, takes.c) as schemas of OpenAPI. */
#include <string.h>

#include "fields.h"
#include "openapi.h"

/* ---- types ---- */

static const struct {
	const char *name, *json, *format, *unit;
} plain[] = {
	{ "text", "string", NULL, NULL },
	{ "time", "string", "date-time", NULL },
	{ "moment", "string", NULL, NULL },
	{ "bool", "boolean", NULL, NULL },
	{ "count", "integer", "int64", NULL },
	{ "number", "integer", "int64", NULL },
	{ "real", "number", NULL, NULL },
	{ "us", "integer", "int64", "us" },
	{ "ms", "number", NULL, "ms" },
	{ "s", "integer", "int64", "s" },
	{ "days", "integer", "int64", "days" },
	{ "bytes", "integer", "int64", "bytes" },
};

static json_t *
any_of(json_t *one, json_t *other)
{
	json_t *object = tree_object(), *list = tree_list();

	tree_add(list, one);
	tree_add(list, other);
	tree_set(object, "anyOf", list);
	return object;
}

static json_t *
or_null(json_t *schema)
{
	return any_of(schema, openapi_plain("null", NULL, NULL));
}

json_t *
openapi_reference(struct str shape)
{
	CLEANUP(buf_free) struct buf path = { 0 };
	json_t *object = tree_object();

	buf_printf(&path, "#/components/schemas/%.*s", STR_ARG(shape));
	tree_set_str(object, "$ref", buf_str(&path));
	return object;
}

json_t *
openapi_plain(const char *json, const char *format, const char *unit)
{
	json_t *object = tree_object();

	tree_set_text(object, "type", json);
	if (format != NULL)
		tree_set_text(object, "format", format);
	if (unit != NULL)
		tree_set_text(object, "x-unit", unit);
	return object;
}

/** A moment may be a day, so no format says what it is. */
static void
add_examples(json_t *schema)
{
	json_t *examples = tree_list();

	tree_add(examples, tree_text("2026-11-23T08:00:00Z"));
	tree_add(examples, tree_text("2026-11-23"));
	tree_set(schema, "examples", examples);
}

/** A word of the table, or the name of a shape. */
static json_t *
named_type(struct str name)
{
	json_t *schema;

	for (size_t i = 0; i < COUNT(plain); i++) {
		if (!str_is(name, plain[i].name))
			continue;
		schema = openapi_plain(plain[i].json, plain[i].format, plain[i].unit);
		if (str_is(name, "moment"))
			add_examples(schema);
		return schema;
	}
	if (str_is(name, "any"))
		return tree_object();
	return openapi_reference(name);
}

static json_t *
list_type(json_t *items)
{
	json_t *object = openapi_plain("array", NULL, NULL);

	tree_set(object, "items", items);
	return object;
}

static json_t *
map_type(struct str name)
{
	json_t *object = openapi_plain("object", NULL, NULL);
	json_t *points = NULL;

	if (str_is(name, "points"))
		points = list_type(or_null(openapi_plain("number", NULL, NULL)));
	tree_set(object, "additionalProperties", points != NULL ? points : named_type(name));
	return object;
}

/** "PUT|PATCH" */
static json_t *
words_type(struct str left)
{
	json_t *object = openapi_plain("string", NULL, NULL), *list = tree_list();

	while (left.p != NULL)
		tree_add(list, tree_str(str_cut(&left, '|')));
	tree_set(object, "enum", list);
	return object;
}

/** What stands between the first and the last character of @text. */
static struct str
within(struct str text)
{
	return (struct str){ text.p + 1, text.len - 2 };
}

/** Without a "|". */
static json_t *
one_type(struct str text)
{
	bool nullable = text.len > 0 && text.p[text.len - 1] == '?';
	json_t *schema;

	if (nullable)
		text.len--;
	if (text.p[0] == '[')
		schema = list_type(named_type(within(text)));
	else if (text.p[0] == '{' && text.p[1] == ':')
		schema = map_type(str_from(within(text), 1));
	else if (text.p[0] == '{')
		schema = named_type(within(text));
	else
		schema = named_type(text);
	return nullable ? or_null(schema) : schema;
}

json_t *
openapi_type(struct str text)
{
	json_t *one = one_type(str_cut(&text, '|'));

	return text.p == NULL ? one : any_of(one, one_type(text));
}

/** Of a field: what stands around a "|" are words. */
static json_t *
field_type(const struct field *field)
{
	json_t *schema = strchr(field->type, '|') != NULL ? words_type(str_of(field->type))
	                                                  : one_type(str_of(field->type));

	tree_set_text(schema, "description", field->help);
	return schema;
}

/* ---- shapes ---- */

/** The next of the shapes that a field is in; *@always: it is never absent there. */
static struct str
next_shape(struct str *left, bool *always)
{
	struct str name = str_cut(left, ' ');

	*always = name.len == 0 || name.p[name.len - 1] != '?';
	if (!*always)
		name.len--;
	return name;
}

static json_t *
shape_new(void)
{
	json_t *shape = openapi_plain("object", NULL, NULL);

	tree_set(shape, "properties", tree_object());
	return shape;
}

static void
shape_add(json_t *shape, const struct field *field, bool always)
{
	json_t *required = json_object_get(shape, "required");

	tree_set(json_object_get(shape, "properties"), field->name, field_type(field));
	if (!always)
		return;
	if (required == NULL) {
		required = tree_list();
		tree_set(shape, "required", required);
	}
	tree_add(required, tree_text(field->name));
}

static void
add_answered(json_t *shapes, const struct field *field)
{
	struct str left = str_of(field->in);

	while (left.p != NULL) {
		CLEANUP(buf_free) struct buf name = { 0 };
		bool always;
		struct str in = next_shape(&left, &always);
		json_t *shape;

		buf_add(&name, in);
		shape = json_object_get(shapes, name.p);
		if (shape == NULL) {
			shape = shape_new();
			tree_set(shapes, name.p, shape);
		}
		shape_add(shape, field, always);
	}
}

json_t *
openapi_shapes(void)
{
	json_t *shapes = tree_object();

	for (const struct field *field = admin_fields; field->name != NULL; field++)
		add_answered(shapes, field);
	/* no name of its own: how many objects are younger than what, and what tells of a gap */
	tree_set(shapes, "ages", map_type(STR("count")));
	tree_set(shapes, "gap", map_type(STR("text")));
	return shapes;
}

/* ---- what is taken ---- */

/** Is @field in @shape? */
static bool
is_in(const struct field *field, struct str shape, bool *always)
{
	struct str left = str_of(field->in);

	while (left.p != NULL)
		if (str_eq(next_shape(&left, always), shape))
			return true;
	return false;
}

static void
add_body(json_t *shapes, struct str name)
{
	CLEANUP(buf_free) struct buf key = { 0 };
	json_t *shape = shape_new();
	bool always;

	buf_add(&key, name);
	for (const struct field *field = admin_takes; field->name != NULL; field++)
		if (is_in(field, name, &always))
			shape_add(shape, field, always);
	tree_set(shapes, key.p, shape);
}

void
openapi_add_bodies(json_t *shapes, const struct verb *verbs)
{
	for (; verbs->method != NULL; verbs++) {
		struct str left = str_of(verbs->takes);

		if ((verbs->flags & (VERB_BODY | VERB_MAY_BODY)) == 0)
			continue;
		while (left.p != NULL && left.p[0] != '{')
			add_body(shapes, str_cut(&left, '|'));
	}
}

void
openapi_add_query(json_t *parameters, const char *takes)
{
	bool always;

	for (const struct field *field = admin_takes; field->name != NULL; field++) {
		json_t *parameter, *schema;

		if (!is_in(field, str_of(takes), &always))
			continue;
		parameter = tree_object();
		schema = field_type(field);
		tree_set_text(parameter, "name", field->name);
		tree_set_text(parameter, "in", "query");
		tree_set_text(parameter, "description", field->help);
		(void)json_object_del(schema, "description");
		tree_set_bool(parameter, "required", always);
		tree_set(parameter, "schema", schema);
		tree_add(parameters, parameter);
	}
}
