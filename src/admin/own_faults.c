/* own_faults: what a partner pastes is checked by the tables that its messages are checked by. */
#include "portal.h"

#include "roamhub/schema.h"

enum { MOST_NODES = 50000 };

void
portal_classes(struct inquiry *inquiry)
{
	json_t *list = tree_list();

	for (size_t i = 0; inquiry->admin->conf.classes[i] != NULL; i++) {
		const struct ocpi_class *class = inquiry->admin->conf.classes[i];
		json_t *object = tree_object();

		tree_set_text(object, "name", class->name);
		tree_set_text(object, "spec", class->spec);
		tree_add(list, object);
	}
	inquiry_json(inquiry, 200, list);
}

struct pasted {
	const struct ocpi_class *class;
	unsigned flags; /* of ocpi_check() */
	struct json_doc doc;
};

static json_t *
flaw_tree(const struct pasted *pasted, const struct ocpi_flaw *flaw)
{
	const struct ocpi_class *class = ocpi_flaw_class(flaw, pasted->class);
	struct ocpi_flaw_text text;
	json_t *object = tree_object();

	ocpi_flaw_text(&pasted->doc, flaw, &text);
	tree_set_text(object, "pointer", text.pointer);
	tree_set_text(object, "found", text.found);
	tree_set_text(object, "expected", text.expected);
	tree_set_text(object, "class", class->name);
	tree_set_text(object, "spec", class->spec);
	tree_set_text(object, "rule", flaw->rule != NULL ? flaw->rule->spec : NULL);
	return object;
}

static json_t *
flaws_tree(const struct pasted *pasted, const struct ocpi_flaw *flaws, size_t count)
{
	json_t *list = tree_list();

	for (size_t i = 0; i < count; i++)
		tree_add(list, flaw_tree(pasted, &flaws[i]));
	return list;
}

static void
answer(struct inquiry *inquiry, const struct pasted *pasted, const struct ocpi_flaws *flaws)
{
	size_t shown = flaws->count < OCPI_MAX_FLAWS ? flaws->count : OCPI_MAX_FLAWS;
	size_t tolerated =
	        flaws->warnings < OCPI_MAX_WARNINGS ? flaws->warnings : OCPI_MAX_WARNINGS;
	json_t *object = tree_object();

	tree_set_text(object, "class", pasted->class->name);
	tree_set_bool(object, "valid", flaws->count == 0);
	tree_set_count(object, "count", flaws->count);
	tree_set(object, "flaws", flaws_tree(pasted, flaws->list, shown));
	tree_set(object, "tolerated", flaws_tree(pasted, flaws->warning, tolerated));
	inquiry_json(inquiry, 200, object);
}

static bool
read_method(struct inquiry *inquiry, struct pasted *pasted)
{
	struct str method;

	if (!asked_text(inquiry, "method", &method))
		return false;
	if (str_is(method, "PATCH"))
		pasted->flags |= CHECK_PARTIAL;
	return method.p == NULL || str_is(method, "PATCH") || str_is(method, "PUT") ||
	       inquiry_bad(inquiry, "method", "expected PUT or PATCH");
}

static bool
read_pasted(struct inquiry *inquiry, struct pasted *pasted)
{
	struct str text = asked_member(inquiry, "text"), class = asked_member(inquiry, "class");
	struct fault fault = { 0 };

	pasted->class = ocpi_class_find(inquiry->admin->conf.classes, class);
	if (pasted->class == NULL)
		return inquiry_bad(inquiry, "class", "expected a class of OCPI 2.2.1");
	if (text.p == NULL)
		return inquiry_bad(inquiry, "text", "expected JSON");
	if (json_scan(text, MOST_NODES, inquiry->arena, &pasted->doc, &fault) != RH_OK)
		return inquiry_bad(inquiry, "text", "is no JSON: %s", fault.why);
	return true;
}

void
portal_validate(struct inquiry *inquiry)
{
	struct pasted *pasted = arena_alloc(inquiry->arena, sizeof *pasted);
	struct ocpi_flaws *flaws = arena_alloc(inquiry->arena, sizeof *flaws);

	if (!read_method(inquiry, pasted) || !read_pasted(inquiry, pasted))
		return;
	if (pasted->doc.nodes[0].type == OCPI_JSON_ARRAY)
		pasted->flags |= CHECK_LIST;
	(void)ocpi_check(&pasted->doc, 0, pasted->class, pasted->flags, flaws);
	answer(inquiry, pasted, flaws);
}
