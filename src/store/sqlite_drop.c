/* sqlite_drop: all that one owner has in one scope goes without a trace. */
#include "sqlite_objects.h"

#include "versions.h"

enum { DROP_RECORDS = 500 /* a call: each is taken out of its list */, SCRATCH_BYTES = 65536 };

static enum outcome
find_owned(struct db *db, const struct store_owned_args *args, struct arena *arena,
        struct record *out, size_t *count)
{
	struct db_value values[] = { TEXT(args->scope), INT(DROP_RECORDS), TEXT(args->owner) };
	enum sql_id sql = args->owner.p != NULL ? SQL_OBJECTS_OF_OWNER : SQL_OBJECTS_IN_SCOPE;

	*count = 0;
	db_bind(db, sql, values, args->owner.p != NULL ? COUNT(values) : 2);
	while (*count < DROP_RECORDS && db_next(db, sql))
		out[(*count)++] = record_row(db, sql, arena);
	return db_end(db, sql);
}

/* What was noted of refusals, whoever refused. */
static enum outcome
drop_refusals(struct db *db, const struct record *records, size_t count)
{
	enum outcome outcome = OUTCOME_OK;

	for (size_t i = 0; i < count && outcome == OUTCOME_OK; i++)
		outcome = DB_RUN(
		        db, SQL_FAILURE_DROP, KEY_VALUES(&records[i].key), TEXT((struct str){ 0 }));
	return outcome;
}

/* What tariffs were before goes ahead of them, so that it is found by them. */
static enum outcome
drop_versions(struct db *db, const struct record *records, size_t count, size_t *dropped)
{
	enum outcome outcome = OUTCOME_OK;

	for (size_t i = 0; i < count && outcome == OUTCOME_OK && *dropped < DROP_RECORDS; i++) {
		const struct store_key *key = &records[i].key;

		if (!versions_kept(key))
			continue;
		outcome = DB_RUN(db, SQL_VERSION_DROP, KEY_TEXT(key->scope), KEY_TEXT(key->module),
		        KEY_TEXT(key->owner), KEY_TEXT(key->id),
		        INT((size_t)DROP_RECORDS - *dropped));
		*dropped += outcome == OUTCOME_OK ? (size_t)db_changes(db) : 0;
	}
	return outcome;
}

static enum outcome
drop_records(struct db *db, const struct record *records, size_t count)
{
	enum outcome outcome = records_drop(db, records, count);

	return outcome == OUTCOME_OK ? drop_refusals(db, records, count) : outcome;
}

enum outcome
owned_drop(struct db *db, struct store_op *op)
{
	struct arena *arena = arena_new(SCRATCH_BYTES);
	struct record *records = arena_take(arena, DROP_RECORDS * sizeof(*records));
	enum outcome outcome;
	size_t count, dropped = 0;

	outcome = find_owned(db, &op->u.owned, arena, records, &count);
	if (outcome == OUTCOME_OK)
		outcome = drop_versions(db, records, count, &dropped);
	if (outcome == OUTCOME_OK && dropped < DROP_RECORDS) {
		outcome = drop_records(db, records, count);
		dropped += count;
	}
	op->u.owned.dropped = dropped;
	arena_free(arena);
	return outcome;
}
