/* traces: the legs of messages, both legs, by correlation id, party or object. */
#include "inside.h"

enum { DEFAULT_LIMIT = 500, MOST_LIMIT = 10000 };

/** As traces have it: in upper case. */
static struct str
party_key(struct arena *arena, const struct ocpi_id *id)
{
	char key[OCPI_ID_TEXT];

	return arena_str(arena, str_of(ocpi_id_key(id, key)));
}

/** "tokens/DE*ABC/ID": module, owner in upper case, and an id that may have slashes. */
static bool
read_object(struct arena *arena, struct str text, struct str *out)
{
	struct str id = text, module = str_cut(&id, '/'), party = str_cut(&id, '/'), key;
	struct ocpi_id owner;

	if (id.len == 0 || module.len == 0 || !ocpi_id_parse(party, &owner))
		return false;
	key = party_key(arena, &owner);
	*out = arena_printf(arena, "%.*s/%.*s/%.*s", STR_ARG(module), STR_ARG(key), STR_ARG(id));
	return true;
}

static bool
read_filters(struct inquiry *inquiry)
{
	struct str party = asked_query(inquiry, "party"), object = asked_query(inquiry, "object");
	struct store_op *op = &inquiry->op;
	struct ocpi_id id;

	op->u.trace.correlation_id = asked_query(inquiry, "correlation_id");
	if (party.p != NULL) {
		if (!asked_party(inquiry, "party", party, &id))
			return false;
		op->u.trace.party = party_key(inquiry->arena, &id);
	}
	if (object.p != NULL && !read_object(inquiry->arena, object, &op->u.trace.object))
		return inquiry_bad(inquiry, "object", "expected MODULE/CC*PID/ID");
	if (op->u.trace.correlation_id.p == NULL && party.p == NULL && object.p == NULL)
		return inquiry_bad(inquiry, "correlation_id", "expected this, party or object");
	return true;
}

static bool
read_bounds(struct inquiry *inquiry)
{
	struct str limit = asked_query(inquiry, "limit");
	uint64_t rows = DEFAULT_LIMIT;

	if (limit.p != NULL && (!str_to_u64(limit, MOST_LIMIT, &rows) || rows == 0))
		return inquiry_bad(inquiry, "limit", "expected 1 to 10000");
	inquiry->op.u.trace.limit = (size_t)rows;
	return asked_time(
	        inquiry, "since", asked_query(inquiry, "since"), &inquiry->op.u.trace.since_ms);
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
