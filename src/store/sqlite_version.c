/* sqlite_version: what a tariff was before: kept when another version takes its place, in the same
 * transaction. */
#include "sqlite_objects.h"

#include "versions.h"

enum outcome
version_keep(struct db *db, const struct version *old, int64_t until_ms)
{
	enum outcome outcome;

	if (!old->live || !old->whole || !versions_kept(&old->row.key))
		return OUTCOME_OK;
	outcome = DB_RUN(db, SQL_VERSION_KEEP, INT(old->row.seq), INT(until_ms));
	return outcome == OUTCOME_OK
	               ? DB_RUN(db, SQL_VERSION_CUT, INT(old->row.seq), INT(VERSIONS_MOST))
	               : outcome;
}

static struct store_version
read_version(struct db *db, enum sql_id sql, struct arena *arena)
{
	return (struct store_version){
		.until_ms = db_int(db, sql, 7),
		.object = {
		        .key = key_row(db, sql, 0, arena),
		        .change = db_int(db, sql, 5),
		        .at_ms = db_int(db, sql, 6),
		        .sender_platform = db_int(db, sql, 8),
		        .method = db_text(db, sql, 9, arena),
		        .correlation_id = db_text(db, sql, 10, arena),
		        .last_updated_ns = db_int(db, sql, 11),
		        .body = db_text(db, sql, 12, arena),
		        .accepted = true,
		},
	};
}

enum outcome
versions(struct db *db, struct store_op *op)
{
	struct store_versions_args *args = &op->u.versions;
	struct db_value values[] = { KEY_TEXT(args->key.module), KEY_TEXT(args->key.owner),
		KEY_TEXT(args->key.id), INT(args->at_ms), INT(args->limit) };
	struct store_version *rows = NULL;
	enum sql_id sql = SQL_VERSIONS;
	size_t count = 0;

	db_bind(db, sql, values, COUNT(values));
	while (db_next(db, sql)) {
		rows = rows_grow(op->arena, rows, count, sizeof(*rows));
		rows[count] = read_version(db, sql, op->arena);
		if (db_int(db, sql, 13) != 0)
			count++;
		else
			note_damage(op, &rows[count].object.key);
	}
	args->rows = rows;
	args->count = count;
	op_result(op, RH_OK, "");
	return db_end(db, sql);
}
