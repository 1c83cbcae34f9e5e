/* sqlite_quota: how much each platform has. The counts are kept by triggers (migration "quota"), in
 * the transaction of what they count, so that they are right whatever ends it. */
#include "sqlite_objects.h"

enum outcome
quota_count(struct db *db, int64_t platform, struct store_quota *out)
{
	struct db_value values[] = { INT(platform) };

	*out = (struct store_quota){ 0 };
	db_bind(db, SQL_QUOTA, values, COUNT(values));
	if (db_next(db, SQL_QUOTA))
		*out = (struct store_quota){ db_int(db, SQL_QUOTA, 0), db_int(db, SQL_QUOTA, 1) };
	return db_end(db, SQL_QUOTA);
}

enum outcome
quota(struct db *db, struct store_op *op)
{
	struct store_quota_args *args = &op->u.quota;
	enum outcome outcome = quota_count(db, args->platform, &args->has);
	struct version version = { 0 };

	if (outcome == OUTCOME_OK && args->key.module.p != NULL)
		outcome = version_find(db, &args->key, op->arena, &version);
	args->there = version.live;
	return outcome;
}
