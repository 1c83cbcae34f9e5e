/* platforms: who is connected, as the operator sees it. */
#include "inside.h"

enum { MOST_REFUSALS = 20 };

void
platforms_list(struct inquiry *inquiry)
{
	struct hub *hub = inquiry->admin->hub;
	const struct platform *platforms;
	size_t count = directory_platforms(hub_directory(hub), &platforms);

	put_open(&inquiry->text, NULL, '[');
	for (size_t i = 0; i < count; i++)
		if (!platforms[i].removed)
			platform_write(inquiry->admin, &platforms[i], false, &inquiry->text);
	buf_addc(&inquiry->text, ']');
	inquiry_json(inquiry, 200);
}

/* ---- one platform, with all that is known of it ---- */

static void
refusals_came(struct store_op *op)
{
	const struct backlog_row *row;
	const struct platform *platform;
	struct inquiry *inquiry;
	struct buf *json;

	if (!inquiry_stored(op, &inquiry))
		return;
	platform = platform_of(inquiry);
	if (platform == NULL)
		return;
	json = &inquiry->text;
	row = backlog_find(inquiry, platform->id);
	platform_write_open(inquiry->admin, platform, true, json);
	if (row != NULL)
		backlog_write(row, platform->live, json);
	platform_settings_write(inquiry->admin->hub, platform, json);
	put_open(json, "refusals", '[');
	for (size_t i = 0; i < op->u.failures.count; i++)
		refusal_write(&op->u.failures.failures[i], json);
	buf_addc(json, ']');
	buf_addc(json, '}');
	inquiry_json(inquiry, 200);
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
