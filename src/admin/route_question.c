/* route_question: what the hub would do with a message, and by which rule. */
#include "inside.h"

void
refuse_module(struct inquiry *inquiry)
{
	const struct ocpi_module *const *module = hub_modules(inquiry->admin->hub);
	struct buf names = { .arena = inquiry->arena };

	for (; *module != NULL; module++)
		buf_printf(&names, "%s%s", names.len > 0 ? ", " : "one of ", (*module)->id);
	(void)inquiry_bad(inquiry, "module", "expected %s", names.p != NULL ? names.p : "a module");
}

void
route_ask(struct inquiry *inquiry)
{
	struct hub *hub = inquiry->admin->hub;
	struct str module = asked_query(inquiry, "module");
	struct buf answer = { .arena = inquiry->arena };
	struct fault fault;
	json_t *object;
	struct ocpi_id from, to;

	if (!asked_party(inquiry, "from", asked_query(inquiry, "from"), &from) ||
	        !asked_party(inquiry, "to", asked_query(inquiry, "to"), &to))
		return;
	if (module.p == NULL || ocpi_module_find(hub_modules(hub), module) == NULL) {
		refuse_module(inquiry);
		return;
	}
	route_explain(hub, &from, &to, module, &answer);
	object = tree_read(buf_str(&answer), &fault);
	if (object != NULL)
		inquiry_json(inquiry, 200, object);
	else
		inquiry_fail(inquiry, &fault);
}
