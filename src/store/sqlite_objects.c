/* sqlite_objects: the newest version of each object, read one at a time, and what lists are made
 * of.
 *
 * A row is checked with its digest whenever it is read. A damaged one is not handed out and not
 * patched; a PUT, which does not need it, puts things right.
 *
 * A list is a walk over an index, so what a list must not show is kept apart when it is written: an
 * addressed version knows which shared one it hides (column shadows), and how many there are of
 * each kind is counted along (table object_count). Both change only when an object appears or
 * vanishes; a new version of one that lives costs its row alone. */
#include "sqlite_objects.h"

#include <string.h>

enum { FIRST_ROWS = 16 };

struct store_key
key_row(struct db *db, enum sql_id sql, int column, struct arena *arena)
{
	return (struct store_key){
		.scope = db_text(db, sql, column, arena),
		.module = db_text(db, sql, column + 1, arena),
		.owner = db_text(db, sql, column + 2, arena),
		.id = db_text(db, sql, column + 3, arena),
		.type = db_text(db, sql, column + 4, arena),
	};
}

void
note_damage(struct store_op *op, const struct store_key *key)
{
	op->damaged++;
	LOG(LOG_ERROR, "object_damaged", KVS("module", key->module), KVS("owner", key->owner),
	        KVS("id", key->id), KVS("scope", key->scope));
}

void
note_damaged_row(struct store_op *op, const char *table, int64_t id, struct str name)
{
	op->damaged++;
	LOG(LOG_ERROR, "row_damaged", KV("table", table), KVN("id", id), KVS("name", name));
}

/* False when it is not what was written. */
static bool
read_row(struct db *db, enum sql_id sql, struct arena *arena, struct store_object *out, bool *live)
{
	*live = db_int(db, sql, 5) != 0;
	*out = (struct store_object){
		.key = key_row(db, sql, 0, arena),
		.body = db_text(db, sql, 6, arena),
		.last_updated_ns = db_int(db, sql, 8),
		.change = db_int(db, sql, 9),
		.previous = db_int(db, sql, 10),
		.seq = db_int(db, sql, 11),
		.method = db_text(db, sql, 12, arena),
		.suffix = db_text(db, sql, 13, arena),
		.patch = db_text(db, sql, 14, arena),
		.sender_platform = db_int(db, sql, 15),
		.correlation_id = db_text(db, sql, 16, arena),
		.at_ms = db_int(db, sql, 17),
		.accepted = db_int(db, sql, 18) != 0,
	};
	return object_is_written(out, *live, db_text(db, sql, 7, arena)) &&
	       *live == (out->body.p != NULL);
}

bool
object_row(struct db *db, enum sql_id sql, struct store_op *op, struct store_object *out)
{
	bool live;

	if (read_row(db, sql, op->arena, out, &live))
		return true;
	note_damage(op, &out->key);
	return false;
}

struct version
version_row(struct db *db, enum sql_id sql, struct arena *arena)
{
	struct version version = { .known = true };

	version.whole = read_row(db, sql, arena, &version.row, &version.live);
	version.shadows = db_int(db, sql, 19);
	return version;
}

enum outcome
version_find(struct db *db, const struct store_key *key, struct arena *arena, struct version *out)
{
	struct db_value values[] = { KEY_VALUES(key) };

	*out = (struct version){ .whole = true };
	db_bind(db, SQL_OBJECT_OLD, values, COUNT(values));
	if (db_next(db, SQL_OBJECT_OLD))
		*out = version_row(db, SQL_OBJECT_OLD, arena);
	return db_end(db, SQL_OBJECT_OLD);
}

enum outcome
object_head(struct db *db, int64_t *out)
{
	*out = 0;
	db_bind(db, SQL_SEQUENCE, NULL, 0);
	if (db_next(db, SQL_SEQUENCE))
		*out = db_int(db, SQL_SEQUENCE, 0);
	return db_end(db, SQL_SEQUENCE);
}

void *
rows_grow(struct arena *arena, void *rows, size_t count, size_t row_bytes)
{
	void *more;

	if (count == 0)
		return arena_take(arena, FIRST_ROWS * row_bytes);
	if (count < FIRST_ROWS || (count & (count - 1)) != 0)
		return rows;
	more = arena_take(arena, 2 * count * row_bytes);
	return memcpy(more, rows, count * row_bytes);
}

/* ---- what lists are made of ---- */

static enum outcome
count_one(struct db *db, const struct store_key *key, int live, int shadowing)
{
	return DB_RUN(db, SQL_OBJECT_COUNT, KEY_TEXT(key->scope), KEY_TEXT(key->module),
	        KEY_TEXT(key->owner), INT(live), INT(shadowing));
}

enum outcome
object_shadow(struct db *db, const struct store_key *key, int64_t *out)
{
	struct db_value values[] = { KEY_TEXT(key->module), KEY_TEXT(key->owner), KEY_TEXT(key->id),
		KEY_TEXT(key->type) };

	*out = 0;
	if (str_is(key->scope, "*"))
		return OUTCOME_OK;
	db_bind(db, SQL_SHADOW_FIND, values, COUNT(values));
	if (db_next(db, SQL_SHADOW_FIND))
		*out = db_int(db, SQL_SHADOW_FIND, 0);
	return db_end(db, SQL_SHADOW_FIND);
}

/* A shared object came or went: the addressed versions of it hide it, or nothing any more. */
static enum outcome
move_shadows(struct db *db, const struct store_key *key, int64_t seq)
{
	struct db_value to = seq != 0 ? INT(seq) : TEXT(((struct str){ 0 }));
	struct db_value values[] = { to, KEY_TEXT(key->module), KEY_TEXT(key->owner),
		KEY_TEXT(key->id), KEY_TEXT(key->type) };
	enum outcome outcome =
	        db_run(db, seq != 0 ? SQL_SHADOW_CAST : SQL_SHADOW_LIFT, values, COUNT(values));

	if (outcome != OUTCOME_OK || db_changes(db) == 0)
		return outcome;
	values[0] = INT(seq != 0 ? 1 : -1);
	return db_run(db, SQL_SHADOW_COUNT, values, COUNT(values));
}

enum outcome
object_appear(struct db *db, const struct store_key *key, int64_t seq, int64_t shadows)
{
	enum outcome outcome = count_one(db, key, 1, shadows != 0);

	if (outcome == OUTCOME_OK && shadows != 0)
		outcome = block_hide(db, key, shadows, 1);
	if (outcome == OUTCOME_OK && str_is(key->scope, "*"))
		outcome = move_shadows(db, key, seq);
	return outcome;
}

enum outcome
object_vanish(struct db *db, const struct store_key *key, int64_t seq, int64_t shadows)
{
	enum outcome outcome = count_one(db, key, -1, shadows != 0 ? -1 : 0);

	if (outcome == OUTCOME_OK)
		outcome = block_add(db, key, seq, -1);
	if (outcome == OUTCOME_OK && shadows != 0)
		outcome = block_hide(db, key, shadows, -1);
	if (outcome == OUTCOME_OK && str_is(key->scope, "*"))
		outcome = block_show(db, key, seq);
	if (outcome == OUTCOME_OK && str_is(key->scope, "*"))
		outcome = move_shadows(db, key, 0);
	return outcome;
}

/* ---- reading one ---- */

enum outcome
object_get(struct db *db, struct store_op *op)
{
	struct db_value values[] = { KEY_VALUES(&op->u.get.key) };

	op_result(op, RH_NOT_FOUND, "no such object");
	db_bind(db, SQL_OBJECT_GET, values, COUNT(values));
	if (db_next(db, SQL_OBJECT_GET)) {
		if (!object_row(db, SQL_OBJECT_GET, op, &op->u.get.object))
			op_result(op, RH_STORE_FAILED, "the stored bytes are damaged");
		else if (op->u.get.object.body.p != NULL)
			op_result(op, RH_OK, "");
	}
	return db_end(db, SQL_OBJECT_GET);
}

enum outcome
object_find(struct db *db, struct store_op *op)
{
	struct store_find_args *args = &op->u.find;
	struct db_value values[] = { KEY_TEXT(args->module), KEY_TEXT(args->id), TEXT(args->type),
		INT(args->limit), TEXT(args->viewer), TEXT(args->owner) };
	enum sql_id sql = SQL_OBJECT_FIND;
	struct store_key *keys = NULL;
	size_t count = 0;

	db_bind(db, sql, values, COUNT(values));
	while (db_next(db, sql)) {
		keys = rows_grow(op->arena, keys, count, sizeof(*keys));
		keys[count++] = (struct store_key){
			.scope = db_text(db, sql, 0, op->arena),
			.module = args->module,
			.owner = db_text(db, sql, 1, op->arena),
			.id = args->id,
			.type = db_text(db, sql, 2, op->arena),
		};
	}
	args->keys = keys;
	args->count = count;
	op_result(op, RH_OK, "");
	return db_end(db, sql);
}
