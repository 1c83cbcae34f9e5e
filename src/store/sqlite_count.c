/* sqlite_count: how many objects each list has is counted along, and counted anew at a start where
 * that is not what there is. A row of counts that the disk changed has no digest that would tell,
 * as it is written with every object that appears; and one that vanished could have none. */
#include "sqlite_verbs.h"

static bool
are_right(struct db *db)
{
	bool right = true;

	db_bind(db, SQL_COUNTS_WRONG, NULL, 0);
	if (db_next(db, SQL_COUNTS_WRONG))
		right = db_int(db, SQL_COUNTS_WRONG, 0) == 0;
	if (db_end(db, SQL_COUNTS_WRONG) == OUTCOME_OK)
		return right;
	LOG(LOG_ERROR, "counts_unknown", KV("why", db_why(db)));
	return true;
}

static enum outcome
count_anew(struct db *db)
{
	static const enum sql_id steps[] = { SQL_BEGIN, SQL_COUNTS_DROP, SQL_COUNTS_MAKE,
		SQL_COMMIT };
	enum outcome outcome = OUTCOME_OK;

	for (size_t i = 0; i < COUNT(steps) && outcome == OUTCOME_OK; i++)
		outcome = db_do(db, steps[i]);
	if (outcome != OUTCOME_OK && db_in_transaction(db))
		db_do(db, SQL_ROLLBACK);
	return outcome;
}

enum outcome
counts_check(struct db *db)
{
	if (are_right(db))
		return OUTCOME_OK;
	LOG(LOG_ERROR, "counts_damaged", KV("what", "how many objects lists have: counted anew"));
	return count_anew(db);
}
