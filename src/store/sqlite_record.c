/* sqlite_record: rows of objects that go for good, with their places in lists. */
#include "sqlite_objects.h"

struct record
record_row(struct db *db, enum sql_id sql, struct arena *arena)
{
	return (struct record){
		.seq = db_int(db, sql, 0),
		.live = db_int(db, sql, 1) != 0,
		.shadows = db_int(db, sql, 2),
		.key = key_row(db, sql, 3, arena),
	};
}

static enum outcome
drop_record(struct db *db, const struct record *record)
{
	enum outcome outcome = DB_RUN(db, SQL_OBJECT_DROP, INT(record->seq));

	if (outcome == OUTCOME_OK && str_is(record->key.scope, "*"))
		outcome = pulled_drop(db, &record->key);
	if (outcome == OUTCOME_OK && record->live)
		outcome = object_vanish(db, &record->key, record->seq, record->shadows);
	return outcome;
}

/* Addressed ones first: what they hide is as it was read until a shared one goes. */
enum outcome
records_drop(struct db *db, const struct record *records, size_t count)
{
	enum outcome outcome = OUTCOME_OK;

	for (int shared = 0; shared < 2; shared++)
		for (size_t i = 0; i < count && outcome == OUTCOME_OK; i++)
			if (str_is(records[i].key.scope, "*") == (shared == 1))
				outcome = drop_record(db, &records[i]);
	return outcome;
}
