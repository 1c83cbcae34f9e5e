/* events: what happened to the hub, and who did it, as it was written down. */
#include "inside.h"

enum { LIMIT = 100, MOST_LIMIT = 1000, MOST_ID = INT32_MAX };

/* ---- what is asked ---- */

static bool
asked_number(struct inquiry *inquiry, const char *name, uint64_t most, int64_t *out)
{
	struct str text = asked_query(inquiry, name);
	uint64_t number;

	if (text.p == NULL)
		return true;
	if (!str_to_u64(text, most, &number) || number == 0)
		return inquiry_bad(inquiry, name, "expected a number from 1 to %llu",
		        (unsigned long long)most);
	*out = (int64_t)number;
	return true;
}

static bool
read_page(struct inquiry *inquiry, struct store_events_args *args)
{
	int64_t limit = LIMIT;

	if (!asked_number(inquiry, "platform", MOST_ID, &args->platform) ||
	        !asked_number(inquiry, "before", INT64_MAX, &args->before) ||
	        !asked_number(inquiry, "after", INT64_MAX, &args->after) ||
	        !asked_number(inquiry, "limit", MOST_LIMIT, &limit))
		return false;
	args->limit = (size_t)limit;
	args->who = asked_query(inquiry, "who");
	return asked_time(inquiry, "since", asked_query(inquiry, "since"), &args->since_ms) &&
	       asked_time(inquiry, "until", asked_query(inquiry, "until"), &args->until_ms);
}

static bool
read_types(struct inquiry *inquiry, struct store_events_args *args)
{
	struct str left = asked_query(inquiry, "types");
	size_t count = 0;

	while (left.p != NULL) {
		if (count == STORE_EVENT_TYPES)
			return inquiry_bad(inquiry, "types",
			        "expected at most %d types with commas", STORE_EVENT_TYPES);
		args->types[count++] = str_trim(str_cut(&left, ','));
	}
	return true;
}

/* ---- what is answered ---- */

/** The members of @data that are shown beside the columns. */
static void
set_data(json_t *object, struct str data)
{
	json_t *read = tree_read(data, NULL);

	if (read == NULL)
		return;
	(void)json_object_update_missing(object, read);
	tree_drop(&read);
}

json_t *
event_tree(const struct store_event *event)
{
	json_t *object = tree_object();

	tree_set_number(object, "id", event->id);
	tree_set_time(object, "at", event->at_ms);
	tree_set_str(object, "type", event->type);
	tree_set(object, "platform",
	        event->platform != 0 ? json_integer(event->platform) : json_null());
	tree_set_str(object, "who", event->who);
	tree_set_str(object, "address", event->address);
	tree_set_str(object, "what", event->what);
	tree_set_str(object, "subject", event->subject);
	set_data(object, event->data);
	return object;
}

static void
found(struct store_op *op)
{
	struct inquiry *inquiry;
	json_t *list;

	if (!inquiry_stored(op, &inquiry))
		return;
	list = tree_list();
	for (size_t i = 0; i < op->u.events.count; i++)
		tree_add(list, event_tree(&op->u.events.rows[i]));
	inquiry_json(inquiry, 200, list);
}

static void
find(struct inquiry *inquiry, const struct store_events_args *args)
{
	inquiry->op.u.events = *args;
	inquiry_store(inquiry, STORE_EVENTS, found);
}

void
events_list(struct inquiry *inquiry)
{
	struct store_events_args args = { 0 };

	if (!read_page(inquiry, &args) || !read_types(inquiry, &args))
		return;
	args.what = asked_query(inquiry, "what");
	find(inquiry, &args);
}

void
audit_list(struct inquiry *inquiry)
{
	struct store_events_args args = { 0 };

	if (!read_page(inquiry, &args))
		return;
	args.types[0] = STR("admin.verb");
	args.types[1] = STR("admin.refused");
	args.what = asked_query(inquiry, "verb");
	find(inquiry, &args);
}
