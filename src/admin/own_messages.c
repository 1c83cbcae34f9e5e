/* own_messages: what went between one platform and the hub, as its partner sees it: its own legs in
 * either direction, and of the other party's side no more than status and code.
 *
 * A correlation id is anybody's to choose, so it proves nothing: a leg is the other side of one of
 * the platform's own when both are between the same two parties, and one of these is the
 * platform's. */
#include "portal.h"

enum { MOST_ROWS = 100, MOST_OF_ONE = 200 };

/* ---- as JSON ---- */

/* What the hub thought by itself is not among it. */
static json_t *
own_tree(const struct store_trace *row)
{
	static const char *const keys[] = { "at", "correlation_id", "request_id", "from", "to",
		"object", "module", "outcome", "leg", "method", "origin", "path", "flow", "http",
		"ocpi", "result", "error", "field", "why", "said", "us", "faults_let_through",
		"faults_reported", "body", "body_bytes", "answer", "answer_bytes" };
	CLEANUP(tree_drop) json_t *all = trace_tree(row);
	json_t *object = tree_object();

	for (size_t i = 0; i < COUNT(keys); i++) {
		json_t *value = json_object_get(all, keys[i]);

		if (value != NULL)
			tree_set(object, keys[i], json_incref(value));
	}
	return object;
}

static json_t *
other_tree(const struct store_trace *row)
{
	static const char *const keys[] = { "http", "ocpi" };
	CLEANUP(tree_drop) json_t *doc = tree_read(row->doc, NULL);
	json_t *object = tree_object();

	for (size_t i = 0; i < COUNT(keys); i++) {
		const json_t *value = json_object_get(doc, keys[i]);

		tree_set(object, keys[i],
		        json_is_integer(value) ? json_integer(json_integer_value(value))
		                               : json_null());
	}
	return object;
}

/* ---- whose ---- */

static bool
is_of(const struct platform *platform, struct str party)
{
	struct ocpi_id id;

	return party.p != NULL && ocpi_id_parse(party, &id) && platform_has_party(platform, &id);
}

static bool
is_other_side(const struct inquiry *inquiry, const struct store_trace *row,
        const struct platform *platform)
{
	const struct store_op *op = &inquiry->op;

	if (row->platform == platform->id || row->from.p == NULL || row->to.p == NULL ||
	        (!is_of(platform, row->from) && !is_of(platform, row->to)))
		return false;
	for (size_t i = 0; i < op->u.trace.count; i++) {
		const struct store_trace *own = &op->u.trace.rows[i];

		if (own->platform == platform->id && str_eq(own->from, row->from) &&
		        str_eq(own->to, row->to))
			return true;
	}
	return false;
}

/* ---- answers ---- */

static void
found(struct store_op *op)
{
	struct inquiry *inquiry;
	const struct platform *platform;
	json_t *object, *rows, *others;

	if (!inquiry_stored(op, &inquiry))
		return;
	platform = platform_present(inquiry);
	if (platform == NULL)
		return;
	rows = tree_list();
	others = tree_list();
	for (size_t i = 0; i < op->u.trace.count; i++) {
		const struct store_trace *row = &op->u.trace.rows[i];

		if (row->platform == platform->id)
			tree_add(rows, own_tree(row));
		else if (is_other_side(inquiry, row, platform))
			tree_add(others, other_tree(row));
	}
	object = tree_object();
	tree_set(object, "rows", rows);
	tree_set(object, "other_side", others);
	tree_set_str(object, "next_cursor",
	        op->u.trace.of_platform ? traces_next(inquiry) : (struct str){ 0 });
	inquiry_json(inquiry, 200, object);
}

/* Both sides of one message: its id alone is asked for, and what is not the platform's is left out
 * of the answer. */
static void
ask_one(struct inquiry *inquiry, struct str correlation_id)
{
	inquiry->op = (struct store_op){ 0 };
	inquiry->op.u.trace.correlation_id = correlation_id;
	inquiry->op.u.trace.limit = MOST_OF_ONE;
	inquiry_store(inquiry, STORE_TRACE_FIND, found);
}

void
portal_messages(struct inquiry *inquiry)
{
	struct store_op *op = &inquiry->op;

	if (!traces_question(inquiry) ||
	        (op->u.trace.text.p != NULL && !guest_may_search(inquiry->guest) &&
	                !guest_slower(inquiry)))
		return;
	if (op->u.trace.correlation_id.p != NULL) {
		ask_one(inquiry, op->u.trace.correlation_id);
		return;
	}
	op->u.trace.of_platform = true;
	op->u.trace.platform = inquiry->id;
	if (op->u.trace.limit > MOST_ROWS)
		op->u.trace.limit = MOST_ROWS;
	inquiry_store(inquiry, STORE_TRACE_FIND, found);
}
