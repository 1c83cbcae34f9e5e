/* openapi: the admin API as an OpenAPI 3.1 document, made of the table of verbs (api.c) and of the
 * table of names (fields.c). What a verb takes stands at the beginning of its help: "?NAME= NAME=:"
 * in a query, "{"NAME", "NAME"}:" in a body. */
#include <ctype.h>
#include <string.h>

#include "fields.h"
#include "inside.h"

/* ---- types ---- */

static const struct {
	const char *name, *json, *format, *unit;
} plain[] = {
	{ "text", "string", NULL, NULL },
	{ "time", "string", "date-time", NULL },
	{ "bool", "boolean", NULL, NULL },
	{ "count", "integer", NULL, NULL },
	{ "number", "integer", NULL, NULL },
	{ "real", "number", NULL, NULL },
	{ "us", "integer", NULL, "us" },
	{ "ms", "number", NULL, "ms" },
	{ "s", "integer", NULL, "s" },
	{ "days", "integer", NULL, "days" },
	{ "bytes", "integer", NULL, "bytes" },
};

static json_t *
one_of(json_t *schema, const char *or_else)
{
	json_t *object = tree_object(), *list = tree_list(), *other = tree_object();

	tree_set_text(other, "type", or_else);
	tree_add(list, schema);
	tree_add(list, other);
	tree_set(object, "anyOf", list);
	return object;
}

static json_t *
reference(struct str shape)
{
	CLEANUP(buf_free) struct buf path = { 0 };
	json_t *object = tree_object();

	buf_printf(&path, "#/components/schemas/%.*s", STR_ARG(shape));
	tree_set_str(object, "$ref", buf_str(&path));
	return object;
}

static json_t *
plain_type(const char *json, const char *format, const char *unit)
{
	json_t *object = tree_object();

	tree_set_text(object, "type", json);
	if (format != NULL)
		tree_set_text(object, "format", format);
	if (unit != NULL)
		tree_set_text(object, "x-unit", unit);
	return object;
}

/** A word of the table, or the name of a shape. */
static json_t *
named_type(struct str name)
{
	for (size_t i = 0; i < COUNT(plain); i++)
		if (str_is(name, plain[i].name))
			return plain_type(plain[i].json, plain[i].format, plain[i].unit);
	if (str_is(name, "any"))
		return tree_object();
	return reference(name);
}

static json_t *
list_type(json_t *items)
{
	json_t *object = plain_type("array", NULL, NULL);

	tree_set(object, "items", items);
	return object;
}

static json_t *
map_type(struct str name)
{
	json_t *object = plain_type("object", NULL, NULL);
	json_t *points = NULL;

	if (str_is(name, "points"))
		points = list_type(one_of(plain_type("number", NULL, NULL), "null"));
	tree_set(object, "additionalProperties", points != NULL ? points : named_type(name));
	return object;
}

/** What stands between the first and the last character of @text. */
static struct str
within(struct str text)
{
	return (struct str){ text.p + 1, text.len - 2 };
}

static json_t *
type_of(struct str text)
{
	bool or_null = text.len > 0 && text.p[text.len - 1] == '?';
	json_t *schema;

	if (or_null)
		text.len--;
	if (text.p[0] == '[')
		schema = list_type(named_type(within(text)));
	else if (text.p[0] == '{' && text.p[1] == ':')
		schema = map_type(str_from(within(text), 1));
	else if (text.p[0] == '{')
		schema = named_type(within(text));
	else
		schema = named_type(text);
	return or_null ? one_of(schema, "null") : schema;
}

/* ---- shapes ---- */

/** "ages" is all that has no name of its own: how many objects are younger than what. */
static void
add_ages(json_t *schemas)
{
	tree_set(schemas, "ages", map_type(STR("count")));
}

static json_t *
shape_of(json_t *schemas, struct str name)
{
	CLEANUP(buf_free) struct buf key = { 0 };
	json_t *shape;

	buf_printf(&key, "%.*s", STR_ARG(name));
	shape = json_object_get(schemas, key.p);
	if (shape != NULL)
		return shape;
	shape = plain_type("object", NULL, NULL);
	tree_set(shape, "properties", tree_object());
	tree_set_bool(shape, "additionalProperties", false);
	tree_set(schemas, key.p, shape);
	return shape;
}

static void
add_field(json_t *schemas, const struct field *field)
{
	struct str left = str_of(field->in);

	while (left.p != NULL) {
		json_t *shape = shape_of(schemas, str_cut(&left, ' '));
		json_t *schema = type_of(str_of(field->type));

		tree_set_text(schema, "description", field->help);
		tree_set(json_object_get(shape, "properties"), field->name, schema);
	}
}

static json_t *
schemas_tree(void)
{
	json_t *schemas = tree_object();

	for (const struct field *field = admin_fields; field->name != NULL; field++)
		add_field(schemas, field);
	add_ages(schemas);
	return schemas;
}

/* ---- what a verb takes ---- */

static json_t *
parameter(struct str name, const char *in)
{
	json_t *object = tree_object();

	tree_set_str(object, "name", name);
	tree_set_text(object, "in", in);
	if (strcmp(in, "path") == 0)
		tree_set_bool(object, "required", true);
	tree_set(object, "schema", plain_type("string", NULL, NULL));
	return object;
}

static void
add_path_parameters(json_t *list, const char *path)
{
	struct str left = str_of(path);

	for (;;) {
		(void)str_cut(&left, '{');
		if (left.p == NULL)
			return;
		tree_add(list, parameter(str_cut(&left, '}'), "path"));
	}
}

/** "?types= what= limit=: help": names, each up to a "=". */
static void
add_query_parameters(json_t *list, const char *help)
{
	const char *at = help + 1, *begin = at;

	if (help[0] != '?')
		return;
	for (; *at != '\0' && *at != ':'; at++) {
		if (*at == '=')
			tree_add(list,
			        parameter((struct str){ begin, (size_t)(at - begin) }, "query"));
		if (*at == '=' || *at == ' ' || *at == '|')
			begin = at + 1;
	}
}

/** "{"name", "role": "ROLE"}: help": the quoted words that are no value. */
static json_t *
body_members(const char *help)
{
	json_t *members = tree_object();
	bool is_value = false;

	for (const char *at = help; help[0] == '{' && *at != '\0' && *at != '}'; at++) {
		const char *end;

		if (*at == ':' || *at == ',')
			is_value = *at == ':';
		if (*at != '"')
			continue;
		end = strchr(at + 1, '"');
		if (end == NULL)
			break;
		if (!is_value) {
			CLEANUP(buf_free) struct buf name = { 0 };

			buf_printf(&name, "%.*s", (int)(end - at - 1), at + 1);
			tree_set(members, name.p, tree_object());
		}
		at = end;
	}
	return members;
}

static json_t *
content(json_t *schema)
{
	json_t *object = tree_object(), *media = tree_object(), *types = tree_object();

	tree_set(media, "schema", schema);
	tree_set(types, "application/json", media);
	tree_set(object, "content", types);
	return object;
}

static json_t *
request_body(const struct verb *verb)
{
	json_t *schema = plain_type("object", NULL, NULL), *body;

	tree_set(schema, "properties", body_members(verb->help));
	body = content(schema);
	tree_set_bool(body, "required", (verb->flags & VERB_BODY) != 0);
	return body;
}

/* ---- what it answers ---- */

/** "[leg]|log": one or the other. */
static json_t *
answer_schema(const char *gives)
{
	struct str left = str_of(gives);
	json_t *first = type_of(str_cut(&left, '|')), *object, *list;

	if (left.p == NULL)
		return first;
	object = tree_object();
	list = tree_list();
	tree_add(list, first);
	while (left.p != NULL)
		tree_add(list, type_of(str_cut(&left, '|')));
	tree_set(object, "anyOf", list);
	return object;
}

static json_t *
described(json_t *response, const char *description)
{
	tree_set_text(response, "description", description);
	return response;
}

static json_t *
responses(const struct verb *verb)
{
	json_t *object = tree_object();
	json_t *good = verb->gives != NULL ? content(answer_schema(verb->gives)) : tree_object();

	tree_set(object, "2XX", described(good, "done"));
	tree_set(object, "default",
	        described(content(reference(STR("refused"))), "refused, or failed: why"));
	return object;
}

/* ---- operations ---- */

static json_t *
operation(const struct verb *verb)
{
	json_t *object = tree_object(), *parameters = tree_list();

	tree_set_text(object, "summary", verb->help);
	add_path_parameters(parameters, verb->path);
	add_query_parameters(parameters, verb->help);
	if (json_array_size(parameters) > 0)
		tree_set(object, "parameters", json_incref(parameters));
	tree_drop(&parameters);
	if ((verb->flags & (VERB_BODY | VERB_MAY_BODY)) != 0)
		tree_set(object, "requestBody", request_body(verb));
	if ((verb->flags & (VERB_OPEN | VERB_NEAR)) != 0)
		tree_set(object, "security", tree_list());
	tree_set(object, "responses", responses(verb));
	return object;
}

static void
add_operation(json_t *paths, const struct verb *verb)
{
	json_t *path = json_object_get(paths, verb->path);
	char method[8] = "";

	if (path == NULL) {
		path = tree_object();
		tree_set(paths, verb->path, path);
	}
	for (size_t i = 0; i + 1 < sizeof method && verb->method[i] != '\0'; i++)
		method[i] = (char)tolower((unsigned char)verb->method[i]);
	tree_set(path, method, operation(verb));
}

static json_t *
paths_tree(const struct verb *verbs)
{
	json_t *paths = tree_object();

	for (const struct verb *verb = verbs; verb->method != NULL; verb++)
		add_operation(paths, verb);
	return paths;
}

/* ---- the whole ---- */

static json_t *
info_tree(void)
{
	json_t *info = tree_object(), *licence = tree_object();

	tree_set_text(info, "title", "roamhub admin API");
	tree_set_text(info, "version", ADMIN_API_VERSION);
	tree_set_text(info, "description",
	        "A moment is RFC 3339 in UTC. A number has its unit in its name, unless it is a "
	        "count.");
	tree_set_text(licence, "name", "Apache-2.0");
	tree_set_text(licence, "identifier", "Apache-2.0");
	tree_set(info, "license", licence);
	return info;
}

static json_t *
components_tree(void)
{
	json_t *components = tree_object(), *schemes = tree_object(), *token = tree_object();

	tree_set_text(token, "type", "http");
	tree_set_text(token, "scheme", "bearer");
	tree_set(schemes, "token", token);
	tree_set(components, "securitySchemes", schemes);
	tree_set(components, "schemas", schemas_tree());
	return components;
}

static json_t *
security_tree(void)
{
	json_t *list = tree_list(), *one = tree_object();

	tree_set(one, "token", tree_list());
	tree_add(list, one);
	return list;
}

void
openapi_show(struct inquiry *inquiry)
{
	json_t *document = tree_object();

	tree_set_text(document, "openapi", "3.1.0");
	tree_set(document, "info", info_tree());
	tree_set(document, "security", security_tree());
	tree_set(document, "paths", paths_tree(inquiry->desk->verbs));
	tree_set(document, "components", components_tree());
	inquiry_json(inquiry, 200, document);
}
