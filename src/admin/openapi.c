/* openapi: the admin API as an OpenAPI 3.1 document, made of the table of verbs (api.c) and of the
 * tables of names (fields.c, takes.c). The portal is another listener, with a way in of its own:
 * its verbs are told beside, under x-portal, in the same form. */
#include <ctype.h>
#include <string.h>

#include "fields.h"
#include "openapi.h"
#include "portal.h"

/* ---- what a verb takes ---- */

/** "{id}" is the number of a thing, all else a text. */
static json_t *
path_parameter(struct str name)
{
	json_t *object = tree_object(), *schema;

	schema = str_is(name, "id") ? openapi_plain("integer", "int64", NULL)
	                            : openapi_plain("string", NULL, NULL);
	tree_set_str(object, "name", name);
	tree_set_text(object, "in", "path");
	tree_set_bool(object, "required", true);
	tree_set(object, "schema", schema);
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
		tree_add(list, path_parameter(str_cut(&left, '}')));
	}
}

static bool
has_body(const struct verb *verb)
{
	return (verb->flags & (VERB_BODY | VERB_MAY_BODY)) != 0;
}

static json_t *
parameters(const struct verb *verb)
{
	json_t *list = tree_list();

	add_path_parameters(list, verb->path);
	if (verb->takes != NULL && !has_body(verb))
		openapi_add_query(list, verb->takes);
	return list;
}

/** One more kind of content, to @types. */
static void
add_content(json_t *types, const char *type, json_t *schema)
{
	json_t *media = tree_object();

	tree_set(media, "schema", schema);
	tree_set(types, type, media);
}

static json_t *
json_content(json_t *schema)
{
	json_t *object = tree_object(), *types = tree_object();

	add_content(types, "application/json", schema);
	tree_set(object, "content", types);
	return object;
}

static json_t *
request_body(const struct verb *verb)
{
	json_t *body = json_content(openapi_type(str_of(verb->takes)));

	tree_set_bool(body, "required", (verb->flags & VERB_BODY) != 0);
	return body;
}

/* ---- what it answers ---- */

/** What each event of a stream has as its data: OpenAPI 3.1 has no word for it. */
static json_t *
told(const char *tells)
{
	json_t *events = tree_object();
	struct str left = str_of(tells);

	while (left.p != NULL) {
		CLEANUP(buf_free) struct buf event = { 0 };
		struct str shape = str_cut(&left, ' ');

		buf_add(&event, str_cut(&shape, ':'));
		tree_set(events, event.p, openapi_reference(shape));
	}
	return events;
}

static json_t *
good_answer(const struct verb *verb)
{
	json_t *response = tree_object(), *types = tree_object(), *schema;

	if (verb->gives != NULL)
		add_content(types, "application/json", openapi_type(str_of(verb->gives)));
	if (verb->media != NULL) {
		schema = strcmp(verb->media, "*/*") == 0 ? tree_object()
		                                         : openapi_plain("string", NULL, NULL);
		if (verb->tells != NULL)
			tree_set(schema, "x-events", told(verb->tells));
		add_content(types, verb->media, schema);
	}
	tree_set_text(response, "description", "done");
	tree_set(response, "content", types);
	return response;
}

static json_t *
responses(const struct verb *verb)
{
	json_t *object = tree_object(), *refused = json_content(openapi_reference(STR("refused")));
	struct str left = str_of(verb->status != NULL ? verb->status : "200");

	while (left.p != NULL) {
		CLEANUP(buf_free) struct buf status = { 0 };

		buf_add(&status, str_cut(&left, ' '));
		tree_set(object, status.p, good_answer(verb));
	}
	tree_set_text(refused, "description", "refused, or failed: why");
	tree_set(object, "default", refused);
	return object;
}

/* ---- operations ---- */

/** "get_platforms_id" of GET /admin/v1/platforms/{id}, "get_page" of GET /. */
static json_t *
operation_id(const struct verb *verb)
{
	CLEANUP(buf_free) struct buf id = { 0 };
	struct str path = str_of(verb->path);
	bool between = true;

	if (str_starts(path, "/admin/v1/"))
		path = str_from(path, sizeof "/admin/v1/" - 1);
	for (const char *at = verb->method; *at != '\0'; at++)
		buf_printf(&id, "%c", tolower((unsigned char)*at));
	for (size_t i = 0; i < path.len; i++) {
		bool of_word = isalnum((unsigned char)path.p[i]) != 0;

		if (of_word)
			buf_printf(&id, "%s%c", between ? "_" : "", path.p[i]);
		between = !of_word;
	}
	if (path.len == 1)
		buf_add(&id, STR("_page"));
	return tree_str(buf_str(&id));
}

/** [] is nobody's, [{}, ...] anybody's, too. */
static json_t *
security(bool anybody)
{
	json_t *list = tree_list(), *token = tree_object();

	if (anybody)
		tree_add(list, tree_object());
	tree_set(token, "token", tree_list());
	tree_add(list, token);
	return list;
}

static json_t *
operation(const struct verb *verb)
{
	json_t *object = tree_object(), *list = parameters(verb);

	tree_set(object, "operationId", operation_id(verb));
	tree_set_text(object, "summary", verb->help);
	if (json_array_size(list) > 0)
		tree_set(object, "parameters", json_incref(list));
	tree_drop(&list);
	if (has_body(verb))
		tree_set(object, "requestBody", request_body(verb));
	if ((verb->flags & VERB_OPEN) != 0)
		tree_set(object, "security", tree_list());
	else if ((verb->flags & VERB_NEAR) != 0)
		tree_set(object, "security", security(true));
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
components_tree(const struct verb *verbs)
{
	json_t *components = tree_object(), *schemes = tree_object(), *token = tree_object();
	json_t *shapes = openapi_shapes();

	openapi_add_bodies(shapes, verbs);
	openapi_add_bodies(shapes, portal_verbs);
	tree_set_text(token, "type", "http");
	tree_set_text(token, "scheme", "bearer");
	tree_set(schemes, "token", token);
	tree_set(components, "securitySchemes", schemes);
	tree_set(components, "schemas", shapes);
	return components;
}

static json_t *
portal_tree(void)
{
	json_t *portal = tree_object();

	tree_set(portal, "paths", paths_tree(portal_verbs));
	return portal;
}

void
openapi_show(struct inquiry *inquiry)
{
	const struct verb *verbs = inquiry->desk->verbs;
	json_t *document = tree_object();

	tree_set_text(document, "openapi", "3.1.0");
	tree_set(document, "info", info_tree());
	tree_set(document, "security", security(false));
	tree_set(document, "paths", paths_tree(verbs));
	tree_set(document, "components", components_tree(verbs));
	tree_set(document, "x-portal", portal_tree());
	inquiry_json(inquiry, 200, document);
}
