/* sqlite_import: what one hub had becomes what another one has, in one savepoint: one row that is
 * refused undoes them all. */
#include "sqlite_verbs.h"

static enum outcome
add_agreement(struct db *db, struct store_agreement *agreement)
{
	struct store_op save = { .u.agreements.agreements = agreement };
	enum outcome outcome;

	agreement->id = 0; /* a try before this one may have set it */
	outcome = agreement_save(db, &save);
	agreement->id = save.made_id;
	return outcome;
}

enum outcome
import_all(struct db *db, struct store_op *op)
{
	const struct store_import_args *args = &op->u.import;
	enum outcome outcome = OUTCOME_OK;

	for (size_t i = 0; outcome == OUTCOME_OK && i < args->platform_count; i++)
		outcome = platform_put(db, &args->platforms[i]);
	for (size_t i = 0; outcome == OUTCOME_OK && i < args->agreement_count; i++)
		outcome = add_agreement(db, &args->agreements[i]);
	if (outcome == OUTCOME_OK && args->meta_key.p != NULL)
		outcome = DB_RUN(db, SQL_META_PUT, TEXT(args->meta_key), TEXT(args->meta_value));
	op->err = RH_OK;
	return outcome;
}
