/* sqlite_feed: what was shared, how far each receiver is, and what goes by age. */
#include "sqlite_objects.h"

#include "versions.h"

enum {
	EXPIRE_ROWS = 2000,   /* a call: more would hold up the commits behind it */
	EXPIRE_RECORDS = 500, /* each is taken out of its list */
	SCRATCH_BYTES = 65536,
};
static const int64_t TOMBSTONE_MS = 30LL * 24 * 3600 * 1000;
static const int64_t REFUSAL_MS = 90LL * 24 * 3600 * 1000;

/* ---- changes ---- */

static bool
is_full(const struct store_feed_args *args, size_t count, size_t bytes)
{
	return count >= args->limit || (args->max_bytes > 0 && bytes > args->max_bytes);
}

static struct store_object
head_row(struct db *db, enum sql_id sql, struct arena *arena)
{
	return (struct store_object){
		.key = key_row(db, sql, 0, arena),
		.body = db_int(db, sql, 5) != 0 ? STR("") : (struct str){ 0 },
		.change = db_int(db, sql, 6),
		.at_ms = db_int(db, sql, 7),
	};
}

static bool
change_row(struct db *db, enum sql_id sql, struct store_op *op, struct store_object *out)
{
	if (!op->u.feed.heads)
		return object_row(db, sql, op, out);
	*out = head_row(db, sql, op->arena);
	return true;
}

static enum outcome
read_changes(struct db *db, struct store_op *op)
{
	struct store_feed_args *args = &op->u.feed;
	struct db_value values[] = { INT(args->after) };
	enum sql_id sql = args->heads ? SQL_FEED_HEADS : SQL_FEED;
	struct store_object *objects = NULL;
	size_t count = 0, bytes = 0;

	db_bind(db, sql, values, COUNT(values));
	while (!is_full(args, count, bytes) && db_next(db, sql)) {
		objects = rows_grow(op->arena, objects, count, sizeof(*objects));
		if (!change_row(db, sql, op, &objects[count]))
			continue;
		bytes += objects[count].body.len + objects[count].patch.len;
		count++;
	}
	args->objects = objects;
	args->count = count;
	args->more = is_full(args, count, bytes) && db_next(db, sql);
	return db_end(db, sql);
}

/* One snapshot: who got fewer changes than it asked for has everything up to the head. */
enum outcome
feed(struct db *db, struct store_op *op)
{
	enum outcome outcome = db_do(db, SQL_SNAPSHOT);

	if (outcome != OUTCOME_OK)
		return outcome;
	outcome = object_head(db, &op->u.feed.head);
	if (outcome == OUTCOME_OK)
		outcome = read_changes(db, op);
	op_result(op, RH_OK, "");
	db_do(db, SQL_ROLLBACK);
	return outcome;
}

/* ---- cursors ---- */

enum outcome
cursors_save(struct db *db, struct store_op *op)
{
	const struct store_cursors_args *args = &op->u.cursors;
	enum outcome outcome = OUTCOME_OK;

	for (size_t i = 0; i < args->count && outcome == OUTCOME_OK; i++)
		outcome = DB_RUN(db, SQL_CURSOR_SAVE, KEY_TEXT(args->cursors[i].receiver),
		        INT(args->cursors[i].change), TEXT(args->cursors[i].ahead));
	return outcome;
}

enum outcome
cursors_load(struct db *db, struct store_op *op)
{
	struct store_cursor *cursors = NULL;
	enum sql_id sql = SQL_CURSORS;
	size_t count = 0;

	db_bind(db, sql, NULL, 0);
	while (db_next(db, sql)) {
		cursors = rows_grow(op->arena, cursors, count, sizeof(*cursors));
		cursors[count].receiver = db_text(db, sql, 0, op->arena);
		if (db_int(db, sql, 3) == 0) { /* without one its receiver begins anew */
			note_damaged_row(op, "cursor", 0, cursors[count].receiver);
			continue;
		}
		cursors[count].change = db_int(db, sql, 1);
		cursors[count++].ahead = db_text(db, sql, 2, op->arena);
	}
	op->u.cursors.cursors = cursors;
	op->u.cursors.count = count;
	op_result(op, RH_OK, "");
	return db_end(db, sql);
}

/* ---- age ---- */

static enum outcome
find_records(
        struct db *db, int64_t before_ms, struct arena *arena, struct record *out, size_t *count)
{
	struct db_value values[] = { INT(before_ms), INT(EXPIRE_RECORDS) };
	enum sql_id sql = SQL_RECORDS_OLD;

	*count = 0;
	db_bind(db, sql, values, COUNT(values));
	while (*count < EXPIRE_RECORDS && db_next(db, sql))
		out[(*count)++] = record_row(db, sql, arena);
	return db_end(db, sql);
}

static enum outcome
expire_records(struct db *db, struct store_op *op)
{
	struct arena *arena = arena_new(SCRATCH_BYTES);
	struct record *records = arena_take(arena, EXPIRE_RECORDS * sizeof(*records));
	enum outcome outcome;
	size_t count;

	outcome = find_records(db, op->u.expire.before_ms, arena, records, &count);
	if (outcome == OUTCOME_OK)
		outcome = records_drop(db, records, count);
	op->u.expire.dropped += count;
	arena_free(arena);
	return outcome;
}

static enum outcome
expire_slice(struct db *db, struct store_op *op, enum sql_id sql, int64_t until_ms)
{
	enum outcome outcome = DB_RUN(db, sql, INT(until_ms), INT(EXPIRE_ROWS));

	op->u.expire.dropped += (uint64_t)db_changes(db);
	return outcome;
}

enum outcome
expire(struct db *db, struct store_op *op)
{
	int64_t now_ms = op->u.expire.now_ms;
	enum outcome outcome = relink_expire(db, op);

	if (outcome == OUTCOME_OK)
		outcome = expire_slice(db, op, SQL_HINT_EXPIRE, now_ms);
	if (outcome == OUTCOME_OK)
		outcome = expire_slice(db, op, SQL_TOMBSTONE_EXPIRE, now_ms - TOMBSTONE_MS);
	if (outcome == OUTCOME_OK)
		outcome = expire_slice(db, op, SQL_FAILURE_EXPIRE, now_ms - REFUSAL_MS);
	if (outcome == OUTCOME_OK && op->u.expire.before_ms > 0)
		outcome = expire_records(db, op);
	if (outcome == OUTCOME_OK && op->u.expire.before_ms > 0)
		outcome = expire_slice(
		        db, op, SQL_VERSION_EXPIRE, versions_before(op->u.expire.before_ms));
	return outcome;
}
