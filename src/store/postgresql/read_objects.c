/* read_objects: one object, who has one of an id, a page, what was shared since. */
#include "parts.h"

enum { OBJECT_COLUMNS = 17 };

static struct store_object
object_of(const struct pg_result *r, int row, struct arena *arena)
{
	return (struct store_object){
		.key = { pg_text(r, row, 0, arena), pg_text(r, row, 1, arena),
		        pg_text(r, row, 2, arena), pg_text(r, row, 3, arena),
		        pg_text(r, row, 4, arena) },
		.body = pg_text(r, row, 5, arena),
		.last_updated_ns = pg_int(r, row, 6),
		.change = pg_int(r, row, 7),
		.previous = pg_int(r, row, 8),
		.seq = pg_int(r, row, 9),
		.method = pg_text(r, row, 10, arena),
		.suffix = pg_text(r, row, 11, arena),
		.patch = pg_text(r, row, 12, arena),
		.sender_platform = pg_int(r, row, 13),
		.correlation_id = pg_text(r, row, 14, arena),
		.at_ms = pg_int(r, row, 15),
		.accepted = pg_bool(r, row, 16),
	};
}

/* All rows but the last one, which says how it ended. */
static struct store_object *
objects_of(const struct pg_result *rows, struct arena *arena, size_t *count)
{
	struct store_object *objects;

	*count = pg_rows(rows) > 0 ? (size_t)pg_rows(rows) - 1 : 0;
	objects = arena_take(arena, (*count + 1) * sizeof(*objects));
	for (size_t i = 0; i < *count; i++)
		objects[i] = object_of(rows, (int)i, arena);
	return objects;
}

/* ---- one ---- */

static void
ask_object(struct pg_read *read)
{
	const struct store_key *key = &read->op->u.get.key;

	READ_ADD(read, PGS_OBJECT_GET, P_KEY(key->scope), P_KEY(key->module), P_KEY(key->owner),
	        P_KEY(key->id), P_KEY(key->type));
}

static void
take_object(struct pg_read *read)
{
	struct store_op *op = read->op;

	op->u.get.object = object_of(read->calls[0].result, 0, op->arena);
	op_result(op, RH_OK, "");
}

static void
ask_find(struct pg_read *read)
{
	const struct store_find_args *args = &read->op->u.find;

	READ_ADD(read, PGS_OBJECT_FIND, P_KEY(args->module), P_KEY(args->id), P_BYTES(args->type),
	        P_BYTES(args->viewer), P_INT(args->limit), P_BYTES(args->owner));
}

static void
take_find(struct pg_read *read)
{
	struct store_op *op = read->op;
	struct store_find_args *args = &op->u.find;
	const struct pg_result *rows = read->calls[0].result;
	size_t count = (size_t)pg_rows(rows);
	struct store_key *keys = arena_take(op->arena, (count + 1) * sizeof(*keys));

	for (size_t i = 0; i < count; i++)
		keys[i] = (struct store_key){
			.scope = pg_text(rows, (int)i, 0, op->arena),
			.module = args->module,
			.owner = pg_text(rows, (int)i, 1, op->arena),
			.id = args->id,
			.type = pg_text(rows, (int)i, 2, op->arena),
		};
	args->keys = keys;
	args->count = count;
	op_result(op, RH_OK, "");
}

static void
ask_quota(struct pg_read *read)
{
	const struct store_quota_args *args = &read->op->u.quota;
	const struct store_key *key = &args->key;

	READ_ADD(read, PGS_QUOTA, P_INT(args->platform), P_KEY(key->scope), P_KEY(key->module),
	        P_KEY(key->owner), P_KEY(key->id), P_KEY(key->type));
}

static void
take_quota(struct pg_read *read)
{
	struct store_quota_args *args = &read->op->u.quota;
	const struct pg_result *row = read->calls[0].result;

	args->has = (struct store_quota){ pg_int(row, 0, 0), pg_int(row, 0, 1) };
	args->there = args->key.module.p != NULL && pg_bool(row, 0, 2);
	op_result(read->op, RH_OK, "");
}

/* ---- many ---- */

/* Limits and offsets are added up. */
static int64_t
at_most_max(uint64_t n)
{
	static const int64_t most = INT64_MAX / 4;

	return n < (uint64_t)most ? (int64_t)n : most;
}

static void
ask_page(struct pg_read *read)
{
	const struct store_page_args *args = &read->op->u.page;
	struct pg_array hidden = pg_array(read->arena, PG_OF_TEXT, args->hidden_count);
	bool by_key = args->after_seq > 0;

	for (size_t i = 0; i < args->hidden_count; i++)
		pg_array_key(&hidden, args->hidden[i]);
	READ_ADD(read, PGS_PAGE, P_KEY(args->module), P_BYTES(args->viewer),
	        P_INT(by_key ? args->after_seq : 0), P_BOOL(args->has_from || args->has_to),
	        P_INT(args->has_from ? args->from_ns : INT64_MIN),
	        P_INT(args->has_to ? args->to_ns : INT64_MAX), P_BYTES(args->owner),
	        P_ARRAY(hidden), P_INT(at_most_max(args->limit)),
	        P_INT(by_key ? 0 : at_most_max(args->offset)), P_INT(at_most_max(args->max_bytes)));
}

static void
take_page(struct pg_read *read)
{
	struct store_op *op = read->op;
	struct store_page_args *args = &op->u.page;
	const struct pg_result *rows = read->calls[0].result;
	int last = pg_rows(rows) - 1;

	args->objects = objects_of(rows, op->arena, &args->count);
	args->passed = args->count;
	args->last_seq = args->count > 0 ? args->objects[args->count - 1].seq : args->after_seq;
	args->total = (uint64_t)pg_int(rows, last, OBJECT_COLUMNS);
	args->more = pg_bool(rows, last, OBJECT_COLUMNS + 1);
	op_result(op, RH_OK, "");
}

static void
ask_feed(struct pg_read *read)
{
	const struct store_feed_args *args = &read->op->u.feed;

	READ_ADD(read, PGS_FEED, P_INT(args->after), P_INT(at_most_max(args->limit)),
	        P_INT(at_most_max(args->max_bytes)));
}

static void
take_feed(struct pg_read *read)
{
	struct store_op *op = read->op;
	struct store_feed_args *args = &op->u.feed;
	const struct pg_result *rows = read->calls[0].result;
	int last = pg_rows(rows) - 1;

	args->objects = objects_of(rows, op->arena, &args->count);
	args->head = pg_int(rows, last, OBJECT_COLUMNS);
	args->more = pg_bool(rows, last, OBJECT_COLUMNS + 1);
	args->directory = pg_int(rows, last, OBJECT_COLUMNS + 2);
	op_result(op, RH_OK, "");
}

const struct pg_read_verb pg_read_object = { ask_object, take_object, .none = "no such object" };
const struct pg_read_verb pg_read_find = { ask_find, take_find };
const struct pg_read_verb pg_read_quota = { ask_quota, take_quota };
const struct pg_read_verb pg_read_page = { ask_page, take_page, PG_LANE_ASKED };
const struct pg_read_verb pg_read_feed = { ask_feed, take_feed, PG_LANE_OWN };
