/* route_question: what the hub would do with a message, and by which rule. */
#include "inside.h"

static bool
read_id(struct inquiry *inquiry, const char *name, struct ocpi_id *id)
{
	struct str text = inquiry_query(inquiry, name);

	if (text.p != NULL && ocpi_id_parse(text, id))
		return true;
	return inquiry_bad(inquiry, name, "expected CC*PID");
}

static void
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
	struct str module = inquiry_query(inquiry, "module");
	struct buf answer = { .arena = inquiry->arena };
	struct fault fault;
	json_t *object;
	struct ocpi_id from, to;

	if (!read_id(inquiry, "from", &from) || !read_id(inquiry, "to", &to))
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
