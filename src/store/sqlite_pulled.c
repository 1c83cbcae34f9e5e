/* sqlite_pulled: which shared objects nobody but a pull brought here. */
#include "sqlite_objects.h"

enum outcome
pulled_drop(struct db *db, const struct store_key *key)
{
	return DB_RUN(db, SQL_PULLED_DROP, KEY_VALUES(key));
}

bool
pulled_has(struct db *db, const struct store_key *key)
{
	struct db_value values[] = { KEY_VALUES(key) };
	bool found;

	db_bind(db, SQL_PULLED_HAS, values, COUNT(values));
	found = db_next(db, SQL_PULLED_HAS);
	return db_end(db, SQL_PULLED_HAS) == OUTCOME_OK && found;
}

/* What was pushed once stays pushed: a pull that finds it there too changes nothing. */
enum outcome
pulled_note(struct db *db, const struct store_share_args *args, bool deleted)
{
	if (!str_is(args->key.scope, "*"))
		return OUTCOME_OK;
	if (deleted || !args->pulled)
		return pulled_drop(db, &args->key);
	return DB_RUN(db, args->created ? SQL_PULLED_PUT : SQL_PULLED_FOUND, KEY_VALUES(&args->key),
	        INT(args->sender_platform));
}

enum outcome
pulled_missed(struct db *db, struct store_op *op)
{
	const struct store_pulled_args *args = &op->u.pulled;
	enum outcome outcome = OUTCOME_OK;

	for (size_t i = 0; i < args->count && outcome == OUTCOME_OK; i++)
		outcome = DB_RUN(db, SQL_PULLED_MISSED, KEY_VALUES(&args->rows[i].key),
		        INT(args->platform), INT(args->rows[i].missed));
	return outcome;
}

enum outcome
pulled(struct db *db, struct store_op *op)
{
	struct store_pulled_args *args = &op->u.pulled;
	const struct store_key *after = &args->after;
	struct db_value values[] = { INT(args->platform), KEY_TEXT(args->module),
		KEY_TEXT(after->owner), KEY_TEXT(after->id), KEY_TEXT(after->type),
		INT(args->limit) };
	struct store_pulled *rows = NULL;
	size_t count = 0;

	db_bind(db, SQL_PULLED, values, COUNT(values));
	while (db_next(db, SQL_PULLED)) {
		rows = rows_grow(op->arena, rows, count, sizeof(*rows));
		rows[count].key = key_row(db, SQL_PULLED, 0, op->arena);
		rows[count].missed = (int)db_int(db, SQL_PULLED, 5);
		if (db_int(db, SQL_PULLED, 6) != 0)
			count++;
		else
			note_damaged_row(op, "pulled", 0, rows[count].key.id);
	}
	args->rows = rows;
	args->count = count;
	op_result(op, RH_OK, "");
	return db_end(db, SQL_PULLED);
}
