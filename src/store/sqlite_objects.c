/* sqlite_objects: the newest version of each object, written and read one at a time.
 *
 * Its bytes are checked with their digest whenever they are read. Damaged ones are not handed out
 * and not patched; a PUT, which does not need them, puts things right.
 *
 * A list is a walk over an index, so what a list must not show is kept apart when it is written: an
 * addressed version knows which shared one it hides (column shadows), and how many there are of
 * each kind is counted along (table object_count). Both change only when an object appears or
 * vanishes; a new version of one that lives costs its row alone. */
#include "sqlite_objects.h"

#include <string.h>

enum { SCRATCH_BYTES = 16384, FIRST_ROWS = 16 };

void
object_digest(struct str body, uint8_t out[RH_DIGEST_BYTES])
{
	static const uint8_t no_key[RH_KEY_BYTES] = { 0 };

	rh_digest(no_key, body, out);
}

static bool
is_whole(struct str body, struct str digest)
{
	uint8_t own[RH_DIGEST_BYTES];

	if (body.p == NULL || digest.len != sizeof(own))
		return false;
	object_digest(body, own);
	return memcmp(own, digest.p, sizeof(own)) == 0;
}

static void
note_damage(struct store_op *op, const struct store_key *key)
{
	op->damaged++;
	LOG(LOG_ERROR, "object_damaged", KVS("module", key->module), KVS("owner", key->owner),
	        KVS("id", key->id), KVS("scope", key->scope));
}

bool
object_row(struct db *db, enum sql_id sql, struct store_op *op, struct store_object *out)
{
	struct arena *arena = op->arena;
	bool live = db_int(db, sql, 5) != 0;

	*out = (struct store_object){
		.key = {
			.scope = db_text(db, sql, 0, arena),
			.module = db_text(db, sql, 1, arena),
			.owner = db_text(db, sql, 2, arena),
			.id = db_text(db, sql, 3, arena),
			.type = db_text(db, sql, 4, arena),
		},
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
	};
	if (!live || is_whole(out->body, db_text(db, sql, 7, arena)))
		return true;
	note_damage(op, &out->key);
	return false;
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

/* Which shared object an addressed one hides, 0: none. */
static enum outcome
find_shadow(struct db *db, const struct store_key *key, int64_t *out)
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

static enum outcome
object_appear(struct db *db, const struct store_key *key, int64_t seq, int64_t shadows)
{
	enum outcome outcome = count_one(db, key, 1, shadows != 0);

	if (outcome == OUTCOME_OK && str_is(key->scope, "*"))
		outcome = move_shadows(db, key, seq);
	return outcome;
}

enum outcome
object_vanish(struct db *db, const struct store_key *key, int64_t shadows)
{
	enum outcome outcome = count_one(db, key, -1, shadows != 0 ? -1 : 0);

	if (outcome == OUTCOME_OK && str_is(key->scope, "*"))
		outcome = move_shadows(db, key, 0);
	return outcome;
}

/* ---- sharing ---- */

struct version {
	bool known, live, whole; /* known: there is a row, a tombstone perhaps */
	int64_t seq, change, shadows;
	struct str body; /* absent: there is no object */
};

static enum outcome
find_version(struct db *db, const struct store_key *key, struct arena *arena, struct version *out)
{
	struct db_value values[] = { KEY_VALUES(key) };
	enum sql_id sql = SQL_OBJECT_OLD;

	*out = (struct version){ .whole = true };
	db_bind(db, sql, values, COUNT(values));
	if (db_next(db, sql)) {
		*out = (struct version){
			.known = true,
			.seq = db_int(db, sql, 0),
			.live = db_int(db, sql, 1) != 0,
			.change = db_int(db, sql, 2),
			.shadows = db_int(db, sql, 3),
			.body = db_text(db, sql, 5, arena),
		};
		out->whole = !out->live || is_whole(out->body, db_text(db, sql, 4, arena));
	}
	return db_end(db, sql);
}

/* Numbers go up from that of the newest change, and are saved once a transaction. One that was
 * taken by an operation or a transaction that is undone is left out: the next one saves a higher.
 */
static enum outcome
next_change(struct db *db, int64_t *out)
{
	struct db_numbers *numbers = db_numbers(db);

	if (numbers->newest == 0) {
		enum outcome outcome = object_head(db, &numbers->saved);

		if (outcome != OUTCOME_OK)
			return outcome;
		numbers->newest = numbers->saved;
	}
	*out = ++numbers->newest;
	return OUTCOME_OK;
}

enum outcome
changes_save(struct db *db)
{
	struct db_numbers *numbers = db_numbers(db);

	if (numbers->saved == numbers->newest)
		return OUTCOME_OK;
	numbers->saved = numbers->newest;
	return DB_RUN(db, SQL_SEQUENCE_SAVE, INT(numbers->newest));
}

struct writing {
	struct db *db;
	struct store_share_args *args;
	const struct version *old;
	struct str body;
	int64_t last_updated_ns;
};

/* The first twelve values are those of every statement that writes a version. */
static enum outcome
run_version(const struct writing *w, enum sql_id sql, int64_t seq, int64_t shadows)
{
	const struct store_share_args *args = w->args;
	const struct store_key *key = &args->key;
	uint8_t digest[RH_DIGEST_BYTES];
	struct str none = { 0 }, made = { (const char *)digest, sizeof(digest) };
	struct db_value values[] = { INT(seq), INT(w->last_updated_ns), INT(args->change),
		INT(w->old->change), TEXT(args->method), TEXT(args->suffix),
		INT(args->sender_platform), TEXT(args->correlation_id), INT(args->at_ms),
		BLOB(w->body.p == NULL ? none : made), TEXT(args->patch), TEXT(w->body),
		KEY_TEXT(key->scope), KEY_TEXT(key->module), KEY_TEXT(key->owner),
		KEY_TEXT(key->id), KEY_TEXT(key->type), shadows != 0 ? INT(shadows) : TEXT(none) };

	if (w->body.p != NULL)
		object_digest(w->body, digest);
	return db_run(w->db, sql, values, sql == SQL_OBJECT_INSERT ? COUNT(values) : 12);
}

/* Its place in lists is that of its creation, also when it was there before and was deleted. */
static enum outcome
create(const struct writing *w)
{
	enum outcome outcome = OUTCOME_OK;
	int64_t seq = w->args->change, shadows;

	w->args->created = true;
	if (w->old->known)
		outcome = DB_RUN(w->db, SQL_OBJECT_DROP, INT(w->old->seq));
	if (outcome == OUTCOME_OK)
		outcome = find_shadow(w->db, &w->args->key, &shadows);
	if (outcome == OUTCOME_OK)
		outcome = run_version(w, SQL_OBJECT_INSERT, seq, shadows);
	if (outcome == OUTCOME_OK)
		outcome = object_appear(w->db, &w->args->key, seq, shadows);
	return outcome;
}

static enum outcome
bury(const struct writing *w)
{
	enum outcome outcome = run_version(w, SQL_OBJECT_BURY, w->old->seq, 0);

	if (outcome == OUTCOME_OK)
		outcome = object_vanish(w->db, &w->args->key, w->old->shadows);
	return outcome;
}

/* Bytes that are there already are written again only where receivers may have missed them. */
static bool
changes_nothing(const struct writing *w)
{
	if (w->body.p == NULL)
		return !w->old->live;
	return w->old->live && w->old->whole && str_eq(w->body, w->old->body) &&
	       !str_is(w->args->key.scope, "*");
}

static enum outcome
write_version(const struct writing *w)
{
	enum outcome outcome;

	w->args->created = false;
	w->args->change = w->old->change;
	if (changes_nothing(w))
		return OUTCOME_OK;
	outcome = next_change(w->db, &w->args->change);
	if (outcome != OUTCOME_OK)
		return outcome;
	if (!w->old->live)
		return create(w);
	if (w->body.p == NULL)
		return bury(w);
	return run_version(w, SQL_OBJECT_UPDATE, w->old->seq, 0);
}

static enum outcome
share_in(struct db *db, struct store_op *op, struct arena *arena)
{
	struct store_share_args *args = &op->u.share;
	struct version old;
	struct writing w = { .db = db, .args = args, .old = &old };
	enum outcome outcome = find_version(db, &args->key, arena, &old);
	enum rh_err err;

	if (outcome != OUTCOME_OK)
		return outcome;
	if (!old.whole) {
		note_damage(op, &args->key);
		old.body = (struct str){ 0 };
		if (!str_is(args->method, "PUT")) {
			op_result(op, RH_STORE_FAILED, "the stored bytes are damaged: PUT it anew");
			fault_set(&args->fault, RH_STORE_FAILED, "", "%s", op->why);
			return OUTCOME_OK;
		}
	}
	err = args->make(args->ctx, old.body, arena, &w.body, &w.last_updated_ns, &args->fault);
	if (err == RH_OK)
		return write_version(&w);
	args->fault.err = err;
	op_result(op, err, args->fault.why);
	return OUTCOME_OK;
}

enum outcome
object_share(struct db *db, struct store_op *op)
{
	struct arena *arena = arena_new(SCRATCH_BYTES);
	enum outcome outcome = share_in(db, op, arena);

	arena_free(arena);
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
		op_result(op, RH_OK, "");
		if (!object_row(db, SQL_OBJECT_GET, op, &op->u.get.object))
			op_result(op, RH_STORE_FAILED, "the stored bytes are damaged");
	}
	return db_end(db, SQL_OBJECT_GET);
}

enum outcome
object_find(struct db *db, struct store_op *op)
{
	struct store_find_args *args = &op->u.find;
	struct db_value values[] = { KEY_TEXT(args->module), KEY_TEXT(args->id), TEXT(args->type),
		INT(args->limit) };
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
