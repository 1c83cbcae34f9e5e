/* validate_class: which class a document is of.
 *
 * It is named, or guessed: the class that knows the most members of the object, and of several such
 * the one that misses the fewest; when there are still several, the operator has to say it. */
#include <string.h>

#include "roamhub/module.h"
#include "validate.h"

enum { MOST_NAMES = 128 };

/* ---- named ---- */

/* What is no module of its own in the tables of modules/. */
static const struct {
	const char *module;
	const struct ocpi_class *class;
} configuration[] = {
	{ "credentials", &ocpi_class_credentials },
	{ "hubclientinfo", &ocpi_class_client_info },
	{ "versions", &ocpi_class_version },
};

static bool
class_named(struct choice *choice, const char *name)
{
	const char *names[MOST_NAMES] = { 0 }, *near;

	choice->class = ocpi_class_find(ocpi_classes, str_of(name));
	if (choice->class != NULL)
		return true;
	for (size_t i = 0; ocpi_classes[i] != NULL && i + 1 < MOST_NAMES; i++)
		names[i] = ocpi_classes[i]->name;
	near = ctl_nearest(name, names);
	ctl_complain("--class: there is no class '%s'%s%s%s", name,
	        near != NULL ? ", did you mean " : "", near != NULL ? near : "",
	        near != NULL ? "?" : "");
	return false;
}

static bool
class_of_module(struct choice *choice, const char *name)
{
	const struct ocpi_module *module = ocpi_module_find(ocpi_modules, str_of(name));

	for (size_t i = 0; i < COUNT(configuration); i++)
		if (strcmp(configuration[i].module, name) == 0)
			choice->class = configuration[i].class;
	if (module != NULL && module->object != NULL)
		choice->class = module->object;
	if (choice->class != NULL)
		return true;
	if (module != NULL)
		ctl_complain("--module: %s has no object of its own, name one of its classes with "
		             "--class",
		        name);
	else
		ctl_complain("--module: there is no module '%s', expected for example locations or "
		             "tokens",
		        name);
	return false;
}

bool
validate_choose(const struct ctl *ctl, struct choice *choice)
{
	const char *class = ctl_option(ctl, "class"), *module = ctl_option(ctl, "module");
	const char *method = ctl_option(ctl, "method");

	if (method != NULL && strcmp(method, "PATCH") == 0)
		choice->flags = CHECK_PARTIAL;
	else if (method != NULL && strcmp(method, "PUT") != 0 && strcmp(method, "POST") != 0) {
		ctl_complain("--method: found '%s', expected PUT, POST or PATCH", method);
		return false;
	}
	if (module != NULL && !class_of_module(choice, module))
		return false;
	return class == NULL || class_named(choice, class);
}

/* ---- guessed ---- */

static void
complain(const struct document *document, const char *why)
{
	if (document->line > 0)
		ctl_complain("%s:%zu: %s, name it with --class or --module", document->file,
		        document->line, why);
	else
		ctl_complain("%s: %s, name it with --class or --module", document->file, why);
}

static bool
is_required(const struct ocpi_field *field)
{
	return field->card == ONE || field->card == SOME;
}

/** How many members of @object @class knows, and how many that it requires are not there. */
static void
rate(const struct json_doc *doc, uint32_t object, const struct ocpi_class *class, size_t *known,
        size_t *missing)
{
	*known = *missing = 0;
	for (const struct ocpi_field *field = class->fields;
	        field != NULL && field->name[0] != '\0'; field++) {
		bool there = json_member(doc, object, field->name) != 0;

		*known += there;
		*missing += !there && is_required(field);
	}
}

static bool
guess(struct document *document, uint32_t object, unsigned flags)
{
	size_t best_known = 0, least_missing = 0, known, missing;

	for (size_t i = 0; ocpi_classes[i] != NULL; i++) {
		rate(&document->doc, object, ocpi_classes[i], &known, &missing);
		if (flags & CHECK_PARTIAL)
			missing = 0;
		if (known < best_known || (known == best_known && missing > least_missing))
			continue;
		document->class =
		        known == best_known && missing == least_missing ? NULL : ocpi_classes[i];
		best_known = known;
		least_missing = missing;
	}
	document->guessed = true;
	if (document->class != NULL && best_known * 2 >= document->doc.nodes[object].count)
		return true;
	complain(document, best_known > 0 && document->class == NULL ? "several classes fit"
	                                                             : "no class fits");
	return false;
}

/* ---- of a document ---- */

/** An answer, and not an object that happens to have such a member: no class but Response has it.
 */
static bool
is_envelope(const struct json_doc *doc)
{
	return json_member(doc, 0, "status_code") != 0 &&
	       (json_member(doc, 0, "timestamp") != 0 || json_member(doc, 0, "data") != 0);
}

static void
find_body(const struct choice *choice, struct document *document)
{
	document->class = choice->class;
	if (choice->class == &ocpi_class_response || !is_envelope(&document->doc))
		return;
	document->body = json_member(&document->doc, 0, "data");
	document->envelope = document->body != 0;
	if (document->body == 0 || document->doc.nodes[document->body].type == JSON_NULL) {
		document->body = 0; /* nothing but the envelope: a refusal, an answer to a PUT */
		document->envelope = false;
		document->class = &ocpi_class_response;
	}
}

bool
validate_settle(const struct choice *choice, struct document *document)
{
	const struct json_node *nodes = document->doc.nodes;
	uint32_t first;

	find_body(choice, document);
	first = document->body;
	if (nodes[first].type == JSON_ARRAY && nodes[first].count > 0)
		first++;
	if (document->class != NULL || (nodes[first].type == JSON_ARRAY && first == document->body))
		return true;
	if (nodes[first].type != JSON_ARRAY)
		return guess(document, first, choice->flags);
	ctl_complain("%s: expected an object or a list of objects", document->file);
	return false;
}
