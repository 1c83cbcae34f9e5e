/* platforms: who is connected, as the operator sees it. */
#include "inside.h"

enum { MOST_REFUSALS = 20 };

void
platforms_list(struct inquiry *inquiry)
{
	struct hub *hub = inquiry->admin->hub;
	const struct platform *platforms;
	size_t count = directory_platforms(hub_directory(hub), &platforms);
	json_t *list = tree_list();

	for (size_t i = 0; i < count; i++)
		if (!platforms[i].removed)
			tree_add(list, platform_tree(inquiry->admin, &platforms[i], false));
	inquiry_json(inquiry, 200, list);
}

/* ---- one platform, with all that is known of it ---- */

static json_t *
refusals_tree(const struct store_failures_args *args)
{
	json_t *list = tree_list();

	for (size_t i = 0; i < args->count; i++)
		tree_add(list, refusal_tree(&args->failures[i]));
	return list;
}

static void
refusals_came(struct store_op *op)
{
	const struct backlog_row *row;
	const struct platform *platform;
	struct inquiry *inquiry;
	json_t *object;

	if (!inquiry_stored(op, &inquiry))
		return;
	platform = platform_of(inquiry);
	if (platform == NULL)
		return;
	row = backlog_find(inquiry, platform->id);
	object = platform_tree(inquiry->admin, platform, true);
	if (row != NULL)
		backlog_set(object, row, platform->live);
	tree_set(
	        object, "settings_in_force", platform_settings_tree(inquiry->admin->hub, platform));
	tree_set(object, "refusals", refusals_tree(&op->u.failures));
	inquiry_json(inquiry, 200, object);
}

static void
ask_refusals(struct inquiry *inquiry)
{
	refusals_ask(inquiry, MOST_REFUSALS, refusals_came);
}

void
platforms_show(struct inquiry *inquiry)
{
	if (platform_of(inquiry) != NULL)
		backlog_ask(inquiry, inquiry->id, ask_refusals);
}
