/* traces: the legs of messages, both legs, by correlation id, party or object. */
#include <ctype.h>
#include <string.h>

#include "inside.h"

enum { DEFAULT_LIMIT = 500, MOST_LIMIT = 10000, NS_PER_MS = 1000000 };

/** "DE*ABC" in upper case, as traces have it. */
static bool
read_party(struct arena *arena, struct str text, struct str *out)
{
	char key[OCPI_ID_TEXT];
	struct ocpi_id id;

	if (!ocpi_id_parse(text, &id))
		return false;
	*out = arena_str(arena, str_of(ocpi_id_key(&id, key)));
	return true;
}

/** "tokens/DE*ABC/ID": module, owner in upper case, and an id that may have slashes. */
static bool
read_object(struct arena *arena, struct str text, struct str *out)
{
	struct str id = text, module = str_cut(&id, '/'), party = str_cut(&id, '/'), owner;

	if (id.len == 0 || module.len == 0 || !read_party(arena, party, &owner))
		return false;
	*out = arena_printf(arena, "%.*s/%.*s/%.*s", STR_ARG(module), STR_ARG(owner), STR_ARG(id));
	return true;
}

static bool
read_filters(struct inquiry *inquiry)
{
	struct str party = inquiry_query(inquiry, "party"),
	           object = inquiry_query(inquiry, "object");
	struct store_op *op = &inquiry->op;

	op->u.trace.correlation_id = inquiry_query(inquiry, "correlation_id");
	if (party.p != NULL && !read_party(inquiry->arena, party, &op->u.trace.party))
		return inquiry_bad(inquiry, "party", "expected CC*PID");
	if (object.p != NULL && !read_object(inquiry->arena, object, &op->u.trace.object))
		return inquiry_bad(inquiry, "object", "expected MODULE/CC*PID/ID");
	if (op->u.trace.correlation_id.p == NULL && party.p == NULL && object.p == NULL)
		return inquiry_bad(inquiry, "correlation_id", "expected this, party or object");
	return true;
}

static bool
read_bounds(struct inquiry *inquiry)
{
	struct str since = inquiry_query(inquiry, "since"), limit = inquiry_query(inquiry, "limit");
	uint64_t rows = DEFAULT_LIMIT;
	int64_t since_ns = 0;

	if (since.p != NULL && !ocpi_datetime_parse(since, &since_ns))
		return inquiry_bad(
		        inquiry, "since", "expected a date and time such as 2026-11-23T08:00:00Z");
	if (limit.p != NULL && (!str_to_u64(limit, MOST_LIMIT, &rows) || rows == 0))
		return inquiry_bad(inquiry, "limit", "expected 1 to 10000");
	inquiry->op.u.trace.since_ms = since_ns / NS_PER_MS;
	inquiry->op.u.trace.limit = (size_t)rows;
	return true;
}

/** Its own members stand beside ours. */
static json_t *
row_tree(const struct store_trace *row)
{
	CLEANUP(tree_drop) json_t *doc = tree_read(row->doc, NULL);
	json_t *object = tree_object();

	tree_set_time(object, "at", row->at_ms);
	tree_set_str(object, "correlation_id", row->correlation_id);
	tree_set_str(object, "request_id", row->request_id);
	tree_set_str(object, "from", row->from);
	tree_set_str(object, "to", row->to);
	tree_set_str(object, "object", row->object);
	if (json_is_object(doc))
		(void)json_object_update(object, doc);
	else
		tree_set_str(object, "doc", row->doc);
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
	for (size_t i = 0; i < op->u.trace.count; i++)
		tree_add(list, row_tree(&op->u.trace.rows[i]));
	inquiry_json(inquiry, 200, list);
}

void
traces_find(struct inquiry *inquiry)
{
	if (!read_filters(inquiry) || !read_bounds(inquiry))
		return;
	inquiry->op.verb = STORE_TRACE_FIND;
	inquiry->op.done = found;
	inquiry_wait(inquiry);
	store_submit(hub_session(inquiry->admin->hub), &inquiry->op);
}
