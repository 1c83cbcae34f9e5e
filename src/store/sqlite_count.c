/* sqlite_count: what is counted along with the objects is looked at when the store is opened, and
 * counted anew where that is not what there is. A row of counts that the disk changed has no digest
 * that would tell, as it is written with every object that appears; and one that vanished could
 * have none. */
#include "sqlite_verbs.h"

#include "sqlite_anew.h"

/* One that cannot be looked at counts as right: what needs it says so. */
static bool
are_right(struct db *db, enum sql_id wrong)
{
	bool right = true;

	db_bind(db, wrong, NULL, 0);
	if (db_next(db, wrong))
		right = db_int(db, wrong, 0) == 0;
	if (db_end(db, wrong) == OUTCOME_OK)
		return right;
	LOG(LOG_ERROR, "counts_unknown", KV("why", db_why(db)));
	return true;
}

static enum outcome
lists_anew(struct db *db)
{
	enum outcome outcome = db_do(db, SQL_COUNTS_DROP);

	return outcome == OUTCOME_OK ? db_do(db, SQL_COUNTS_MAKE) : outcome;
}

static enum outcome
platforms_anew(struct db *db)
{
	return db_exec(db, sqlite_platforms_anew);
}

static enum outcome
blocks_anew(struct db *db)
{
	return db_exec(db, sqlite_blocks_anew);
}

/* In this order: each is held against the one before. */
static const struct count {
	enum sql_id wrong;
	enum outcome (*anew)(struct db *db);
	const char *what;
} counts[] = {
	{ SQL_COUNTS_WRONG, lists_anew, "how many objects lists have: counted anew" },
	{ SQL_PLATFORMS_WRONG, platforms_anew, "how much platforms have: counted anew" },
	{ SQL_BLOCKS_WRONG, blocks_anew, "where pages of lists begin: counted anew" },
};

static enum outcome
count_anew(struct db *db, const struct count *count)
{
	enum outcome outcome = db_do(db, SQL_BEGIN);

	if (outcome == OUTCOME_OK)
		outcome = count->anew(db);
	if (outcome == OUTCOME_OK)
		outcome = db_do(db, SQL_COMMIT);
	if (outcome != OUTCOME_OK && db_in_transaction(db))
		db_do(db, SQL_ROLLBACK);
	return outcome;
}

enum outcome
counts_check(struct db *db)
{
	enum outcome outcome = OUTCOME_OK;

	for (size_t i = 0; i < COUNT(counts) && outcome == OUTCOME_OK; i++) {
		if (are_right(db, counts[i].wrong))
			continue;
		LOG(LOG_ERROR, "counts_damaged", KV("what", counts[i].what));
		outcome = count_anew(db, &counts[i]);
	}
	return outcome;
}
