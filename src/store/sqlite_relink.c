/* sqlite_relink: URLs handed out, facts about the hub, and the probe. */
#include "sqlite_objects.h"

#include "quota.h"

enum { EXPIRE_ROWS = 2000 }; /* a call: more would hold up the commits behind it */

static enum outcome
find_room(struct db *db, struct store_op *op)
{
	struct store_quota has;
	enum outcome outcome;

	if (!op->u.relink_put.limited)
		return OUTCOME_OK;
	outcome = quota_count(db, quota_platform(op->u.relink_put.relink), &has);
	if (outcome == OUTCOME_OK)
		(void)quota_allows(
		        op, has.relinks, op->u.relink_put.quota, "URLs handed out", NULL);
	return outcome;
}

enum outcome
relink_put(struct db *db, struct store_op *op)
{
	const struct store_relink *r = op->u.relink_put.relink;
	uint8_t digest[RH_DIGEST_BYTES];
	enum outcome outcome = find_room(db, op);

	if (outcome != OUTCOME_OK || op->err != RH_OK)
		return outcome;
	relink_digest(r, digest);
	return DB_RUN(db, SQL_RELINK_PUT, TEXT(r->id), INT(r->kind), TEXT(r->target),
	        INT(r->caller_platform), INT(r->target_platform), TEXT(str_of(r->caller_country)),
	        TEXT(str_of(r->caller_party)), TEXT(str_of(r->target_country)),
	        TEXT(str_of(r->target_party)), TEXT(r->module), INT(r->interface),
	        TEXT(r->correlation_id), INT(r->created_ms), INT(r->expires_ms),
	        BLOB(((struct str){ (const char *)digest, sizeof(digest) })));
}

static void
read_relink(struct db *db, struct arena *arena, struct store_relink *out)
{
	enum sql_id sql = SQL_RELINK_GET;

	*out = (struct store_relink){
		.id = db_text(db, sql, 0, arena),
		.kind = (enum store_relink_kind)db_int(db, sql, 1),
		.target = db_text(db, sql, 2, arena),
		.caller_platform = db_int(db, sql, 3),
		.target_platform = db_int(db, sql, 4),
		.module = db_text(db, sql, 9, arena),
		.interface = (int)db_int(db, sql, 10),
		.correlation_id = db_text(db, sql, 11, arena),
		.created_ms = db_int(db, sql, 12),
		.expires_ms = db_int(db, sql, 13),
	};
	db_chars(db, sql, 5, out->caller_country, sizeof(out->caller_country));
	db_chars(db, sql, 6, out->caller_party, sizeof(out->caller_party));
	db_chars(db, sql, 7, out->target_country, sizeof(out->target_country));
	db_chars(db, sql, 8, out->target_party, sizeof(out->target_party));
}

/* One that is damaged might lead anywhere: nobody is sent there. */
static bool
is_good(struct db *db, struct store_op *op, const struct store_relink *relink)
{
	uint8_t own[RH_DIGEST_BYTES];

	relink_digest(relink, own);
	if (is_digest(db_text(db, SQL_RELINK_GET, 14, op->arena), own))
		return relink->expires_ms > op->u.relink.now_ms;
	op->damaged++;
	LOG(LOG_ERROR, "relink_damaged", KVS("id", relink->id));
	return false;
}

enum outcome
relink_get(struct db *db, struct store_op *op)
{
	struct db_value values[] = { TEXT(op->u.relink.id) };
	struct store_relink relink;

	op_result(op, RH_NOT_FOUND, "no such URL was handed out, or it expired");
	db_bind(db, SQL_RELINK_GET, values, COUNT(values));
	if (db_next(db, SQL_RELINK_GET)) {
		read_relink(db, op->arena, &relink);
		if (is_good(db, op, &relink)) {
			op->u.relink.relink = relink;
			op_result(op, RH_OK, "");
		}
	}
	return db_end(db, SQL_RELINK_GET);
}

enum outcome
relink_expire(struct db *db, struct store_op *op)
{
	enum outcome outcome =
	        DB_RUN(db, SQL_RELINK_EXPIRE, INT(op->u.expire.now_ms), INT(EXPIRE_ROWS));

	op->u.expire.dropped = (uint64_t)db_changes(db);
	return outcome;
}

enum outcome
meta_put(struct db *db, struct store_op *op)
{
	return DB_RUN(db, SQL_META_PUT, TEXT(op->u.meta.key), TEXT(op->u.meta.value));
}

enum outcome
meta_get(struct db *db, struct store_op *op)
{
	struct db_value values[] = { TEXT(op->u.meta.key) };

	op_result(op, RH_NOT_FOUND, "no such key");
	db_bind(db, SQL_META_GET, values, COUNT(values));
	if (db_next(db, SQL_META_GET)) {
		op->u.meta.value = db_text(db, SQL_META_GET, 0, op->arena);
		if (db_int(db, SQL_META_GET, 1) != 0)
			op_result(op, RH_OK, "");
		else {
			note_damaged_row(op, "meta", 0, op->u.meta.key);
			op_result(op, RH_STORE_FAILED,
			        "a fact about the hub (table meta) is damaged: see "
			        "docs/operations.md, \"A damaged database\"");
		}
	}
	return db_end(db, SQL_META_GET);
}

/* The fresh row goes in before the old one leaves, so that it finds no room of its own. */
enum outcome
probe(struct db *db, struct store_op *op)
{
	enum outcome outcome = db_do(db, SQL_PROBE_PUT);

	(void)op;
	if (outcome == OUTCOME_OK)
		outcome = DB_RUN(db, SQL_PROBE_DROP, INT(db_last_id(db)));
	return outcome;
}
