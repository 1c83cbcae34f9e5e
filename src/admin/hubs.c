/* hubs: the processes that share the database: which of them leads, and who stands by, or which
 * slots those hold that work together. Of a database that cannot be shared it is this one alone. */
#include "inside.h"

static json_t *
row_of(struct str about)
{
	json_t *row = tree_read_any(about);

	return row != NULL ? row : tree_object();
}

static const char *
status_of(const struct store_hub *hub)
{
	if (hub->works)
		return hub->leaves ? "leaves" : "works";
	return hub->leads ? "leads" : "stands by";
}

static void
add_hub(const struct inquiry *inquiry, json_t *list, const struct store_hub *hub)
{
	const struct admin *admin = inquiry->admin;
	json_t *row = row_of(hub->about);

	tree_set_text(row, "status", status_of(hub));
	tree_set_time(row, "since", hub->since_ms);
	tree_set_time(row, "last_seen", rh_wall_ms() - hub->seen_ms);
	if (hub->works) {
		tree_set_number(row, "slots", hub->slots);
		tree_set_number(row, "behind", hub->behind);
	}
	tree_set_bool(row, "is_this", str_is(hub->about, hub_about(admin->hub)));
	tree_add(list, row);
}

static void
found(struct store_op *op)
{
	struct inquiry *inquiry;
	json_t *list;

	if (!inquiry_stored(op, &inquiry))
		return;
	list = tree_list();
	for (size_t i = 0; i < op->u.hubs.count; i++)
		add_hub(inquiry, list, &op->u.hubs.rows[i]);
	if (op->u.hubs.count == 0)
		add_hub(inquiry, list,
		        &(struct store_hub){ .about = str_of(hub_about(inquiry->admin->hub)),
		                .leads = true,
		                .since_ms = inquiry->admin->started_ms });
	inquiry_json(inquiry, 200, list);
}

void
hubs_list(struct inquiry *inquiry)
{
	inquiry_store(inquiry, STORE_HUBS, found);
}
