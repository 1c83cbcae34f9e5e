/* sqlite_failure: versions that receivers finally refused. */
#include "sqlite_objects.h"

/* A refusal ends what was parked of it, but not what is owed of a newer version. */
static enum outcome
put_one(struct db *db, const struct store_failure *f)
{
	enum outcome outcome = DB_RUN(db, SQL_FAILURE_PUT, KEY_VALUES(&f->key),
	        KEY_TEXT(f->receiver), KEY_TEXT(f->to), INT(f->change), INT(f->at_ms), INT(f->http),
	        INT(f->ocpi), TEXT(f->why));

	if (outcome != OUTCOME_OK)
		return outcome;
	return DB_RUN(db, SQL_UNPARK, KEY_VALUES(&f->key), KEY_TEXT(f->receiver), KEY_TEXT(f->to),
	        INT(f->change));
}

enum outcome
failure_put(struct db *db, struct store_op *op)
{
	const struct store_failures_args *args = &op->u.failures;
	enum outcome outcome = OUTCOME_OK;

	for (size_t i = 0; i < args->count && outcome == OUTCOME_OK; i++)
		outcome = put_one(db, &args->failures[i]);
	return outcome;
}

enum outcome
failure_drop(struct db *db, struct store_op *op)
{
	const struct store_failures_args *args = &op->u.failures;
	const struct store_key *key = &args->key;
	enum outcome outcome = OUTCOME_OK;

	if (args->count == 0)
		return DB_RUN(db, SQL_FAILURE_DROP, KEY_TEXT(key->scope), TEXT(key->module),
		        KEY_TEXT(key->owner), KEY_TEXT(key->id), KEY_TEXT(key->type),
		        TEXT(args->receiver));
	for (size_t i = 0; i < args->count && outcome == OUTCOME_OK; i++)
		outcome = DB_RUN(db, SQL_FAILURE_DROP_ONE, KEY_VALUES(&args->failures[i].key),
		        KEY_TEXT(args->failures[i].receiver), KEY_TEXT(args->failures[i].to));
	return outcome;
}

static struct store_failure
failure_row(struct db *db, enum sql_id sql, struct arena *arena)
{
	return (struct store_failure){
		.key = key_row(db, sql, 0, arena),
		.receiver = db_text(db, sql, 5, arena),
		.to = db_text(db, sql, 6, arena),
		.change = db_int(db, sql, 7),
		.at_ms = db_int(db, sql, 8),
		.http = (int)db_int(db, sql, 9),
		.ocpi = (int)db_int(db, sql, 10),
		.why = db_text(db, sql, 11, arena),
	};
}

static enum sql_id
best_of(const struct choice *choice, size_t look)
{
	if (choice_has_object(choice))
		return SQL_FAILURES_OF_OBJECT;
	if (look > 0 && choice->receiver.p == NULL)
		return SQL_FAILURES_LOOK;
	return choice_is_all(choice) ? SQL_FAILURES : SQL_FAILURES_CHOSEN;
}

enum outcome
failures(struct db *db, struct store_op *op)
{
	struct store_failures_args *args = &op->u.failures;
	const struct choice choice = CHOICE_OF(args);
	enum sql_id sql = best_of(&choice, args->look);
	struct db_value chosen[] = { CHOICE_VALUES(&choice),
		INT(sql == SQL_FAILURES_LOOK ? args->look : args->limit) };
	struct db_value all[] = { INT(args->limit) };
	struct store_failure *rows = NULL;
	size_t count = 0;

	if (sql == SQL_FAILURES)
		db_bind(db, sql, all, COUNT(all));
	else
		db_bind(db, sql, chosen, COUNT(chosen));
	while (count < args->limit && db_next(db, sql)) {
		if (db_int(db, sql, 12) == 2)
			continue;
		rows = rows_grow(op->arena, rows, count, sizeof(*rows));
		rows[count] = failure_row(db, sql, op->arena);
		if (db_int(db, sql, 12) != 0)
			count++;
		else
			note_damaged_row(op, "push_failure", 0, rows[count].receiver);
	}
	args->failures = rows;
	args->count = count;
	op_result(op, RH_OK, "");
	return db_end(db, sql);
}
