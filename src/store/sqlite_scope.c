/* sqlite_scope: addressed objects of one holder of a party become another's. */
#include "sqlite_objects.h"

enum { MOVE_ROWS = 500, SCRATCH_BYTES = 16384 }; /* a call: each leaves its list for another */

struct moving {
	struct db *db;
	struct store_op *op;
	struct version version; /* as it is now */
	struct store_key key;   /* as it will be */
	struct version other;   /* what stands there */
};

static enum outcome
drop(const struct moving *m, const struct version *version)
{
	enum outcome outcome = DB_RUN(m->db, SQL_OBJECT_DROP, INT(version->row.seq));

	if (outcome == OUTCOME_OK && version->live)
		outcome =
		        object_vanish(m->db, &version->row.key, version->row.seq, version->shadows);
	return outcome;
}

/* A damaged one goes along and stays damaged: no digest is right for it. */
static enum outcome
take_over(const struct moving *m)
{
	struct store_object row = m->version.row;
	uint8_t digest[OBJECT_DIGEST_BYTES];
	struct str none = { 0 }, made = { (const char *)digest, sizeof(digest) };
	enum outcome outcome;

	row.key = m->key;
	object_digest(&row, m->version.live, digest);
	outcome = DB_RUN(m->db, SQL_OBJECT_MOVE, INT(row.seq), TEXT(m->key.scope),
	        BLOB(m->version.whole ? made : none));
	if (outcome != OUTCOME_OK || !m->version.live)
		return outcome;
	outcome = object_vanish(m->db, &m->version.row.key, row.seq, m->version.shadows);
	if (outcome == OUTCOME_OK)
		outcome = object_appear(m->db, &m->key, row.seq, m->version.shadows);
	return outcome == OUTCOME_OK ? block_move(m->db, &m->key, row.seq) : outcome;
}

static enum outcome
move_one(const struct moving *m)
{
	enum outcome outcome = OUTCOME_OK;

	if (!m->version.whole)
		note_damage(m->op, &m->version.row.key);
	if (m->other.known && m->other.row.change > m->version.row.change)
		return drop(m, &m->version);
	if (m->other.known)
		outcome = drop(m, &m->other);
	return outcome == OUTCOME_OK ? take_over(m) : outcome;
}

static enum outcome
move_next(struct db *db, struct store_op *op, struct arena *arena, bool *found)
{
	struct db_value values[] = { TEXT(op->u.scope.from) };
	struct moving m = { .db = db, .op = op };
	enum outcome outcome;

	db_bind(db, SQL_SCOPE_FIRST, values, COUNT(values));
	*found = db_next(db, SQL_SCOPE_FIRST);
	if (*found)
		m.version = version_row(db, SQL_SCOPE_FIRST, arena);
	outcome = db_end(db, SQL_SCOPE_FIRST);
	if (outcome != OUTCOME_OK || !*found)
		return outcome;
	m.key = m.version.row.key;
	m.key.scope = op->u.scope.to;
	outcome = version_find(db, &m.key, arena, &m.other);
	return outcome == OUTCOME_OK ? move_one(&m) : outcome;
}

enum outcome
scope_move(struct db *db, struct store_op *op)
{
	struct arena *arena = arena_new(SCRATCH_BYTES);
	enum outcome outcome = OUTCOME_OK;
	bool found = true;

	op->u.scope.moved = 0;
	while (op->u.scope.moved < MOVE_ROWS && outcome == OUTCOME_OK) {
		outcome = move_next(db, op, arena, &found);
		if (!found)
			break;
		op->u.scope.moved++;
		arena_reset(arena);
	}
	arena_free(arena);
	return outcome;
}
