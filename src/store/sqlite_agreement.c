/* sqlite_agreement: who may roam with whom, and whom an id belongs to. */
#include "sqlite_objects.h"

#include <stdio.h>

enum outcome
agreement_save(struct db *db, struct store_op *op)
{
	const struct store_agreement *a = &op->u.agreements.agreements[0];
	struct db_value values[] = { TEXT(str_of(a->cpo_country)), TEXT(str_of(a->cpo_party)),
		TEXT(str_of(a->emsp_country)), TEXT(str_of(a->emsp_party)), TEXT(a->modules),
		INT(a->from_ms), INT(a->until_ms), INT(a->id) };
	bool fresh = a->id == 0;
	enum outcome outcome = db_run(db, fresh ? SQL_AGREEMENT_INSERT : SQL_AGREEMENT_UPDATE,
	        values, COUNT(values) - fresh);

	if (outcome == OUTCOME_OK && db_changes(db) == 0)
		op_result(op, RH_NOT_FOUND, "no agreement has this id");
	op->made_id = fresh ? db_last_id(db) : a->id;
	return outcome == OUTCOME_OK ? DB_RUN(db, SQL_AGREEMENT_SEAL, INT(op->made_id)) : outcome;
}

enum outcome
agreement_drop(struct db *db, struct store_op *op)
{
	enum outcome outcome = DB_RUN(db, SQL_AGREEMENT_DROP, INT(op->u.agreements.id));

	if (outcome == OUTCOME_OK && db_changes(db) == 0)
		op_result(op, RH_NOT_FOUND, "no agreement has this id");
	return outcome;
}

static struct store_agreement
agreement_row(struct db *db, struct arena *arena)
{
	enum sql_id sql = SQL_AGREEMENTS;
	struct store_agreement row = {
		.id = db_int(db, sql, 0),
		.modules = db_text(db, sql, 5, arena),
		.from_ms = db_int(db, sql, 6),
		.until_ms = db_int(db, sql, 7),
	};

	db_chars(db, sql, 1, row.cpo_country, sizeof(row.cpo_country));
	db_chars(db, sql, 2, row.cpo_party, sizeof(row.cpo_party));
	db_chars(db, sql, 3, row.emsp_country, sizeof(row.emsp_country));
	db_chars(db, sql, 4, row.emsp_party, sizeof(row.emsp_party));
	return row;
}

/* Nobody knows any more who was to be kept from whom, and without it more might be allowed than was
 * agreed. */
static void
refuse_damaged(struct store_op *op, int64_t id)
{
	note_damaged_row(op, "agreement", id, (struct str){ 0 });
	op->err = RH_STORE_FAILED;
	snprintf(op->why, sizeof(op->why),
	        "agreement %lld is damaged: see docs/operations.md, \"A damaged database\"",
	        (long long)id);
}

enum outcome
agreements_load(struct db *db, struct store_op *op)
{
	struct store_agreement *rows = NULL;
	size_t count = 0;

	op_result(op, RH_OK, "");
	db_bind(db, SQL_AGREEMENTS, NULL, 0);
	while (db_next(db, SQL_AGREEMENTS)) {
		rows = rows_grow(op->arena, rows, count, sizeof(*rows));
		rows[count++] = agreement_row(db, op->arena);
		if (db_int(db, SQL_AGREEMENTS, 8) == 0)
			refuse_damaged(op, rows[count - 1].id);
	}
	op->u.agreements.agreements = rows;
	op->u.agreements.count = count;
	return db_end(db, SQL_AGREEMENTS);
}

enum outcome
hint_put(struct db *db, struct store_op *op)
{
	const struct store_hint *hint = &op->u.hint.hint;

	return DB_RUN(db, SQL_HINT_PUT, KEY_TEXT(hint->kind), KEY_TEXT(hint->key),
	        TEXT(str_of(hint->country)), TEXT(str_of(hint->party)), INT(hint->expires_ms));
}

enum outcome
hint_get(struct db *db, struct store_op *op)
{
	struct store_hint *hint = &op->u.hint.hint;
	struct db_value values[] = { KEY_TEXT(hint->kind), KEY_TEXT(hint->key), INT(rh_wall_ms()) };
	enum sql_id sql = SQL_HINT_GET;

	op_result(op, RH_NOT_FOUND, "no such hint, or it expired");
	db_bind(db, sql, values, COUNT(values));
	if (db_next(db, sql)) {
		db_chars(db, sql, 0, hint->country, sizeof(hint->country));
		db_chars(db, sql, 1, hint->party, sizeof(hint->party));
		hint->expires_ms = db_int(db, sql, 2);
		if (db_int(db, sql, 3) != 0)
			op_result(op, RH_OK, "");
		else
			note_damaged_row(op, "hint", 0, hint->key);
	}
	return db_end(db, sql);
}
