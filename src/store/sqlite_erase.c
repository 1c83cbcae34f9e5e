/* sqlite_erase: what is kept of one driver's token. Its rows go with their bytes: pages are
 * overwritten where they are freed, which costs too much for what merely expires. */
#include "sqlite_objects.h"

enum { ERASE_TOKENS = 500, ERASE_RECORDS = 300, SCRATCH_BYTES = 65536 };

/* ---- the token itself ---- */

static struct db_value
text_of(struct str text)
{
	return KEY_TEXT(text);
}

#define OF_TOKEN(args) text_of((args)->owner), text_of((args)->id)

static enum outcome
find_tokens(struct db *db, const struct store_erase_args *args, struct arena *arena,
        struct record *out, size_t *count)
{
	struct db_value values[] = { OF_TOKEN(args) };
	enum sql_id sql = SQL_ERASE_TOKEN;

	db_bind(db, sql, values, COUNT(values));
	while (*count < ERASE_TOKENS && db_next(db, sql))
		out[(*count)++] = record_row(db, sql, arena);
	return db_end(db, sql);
}

static enum outcome
count_owed(struct db *db, struct store_erase_args *args)
{
	struct db_value values[] = { OF_TOKEN(args) };
	enum sql_id sql = SQL_ERASE_OWED_COUNT;

	db_bind(db, sql, values, COUNT(values));
	if (db_next(db, sql))
		args->owed = (uint64_t)db_int(db, sql, 0);
	return db_end(db, sql);
}

static enum outcome
erase_owed(struct db *db, struct store_erase_args *args)
{
	enum outcome outcome = count_owed(db, args);

	if (outcome == OUTCOME_OK && !args->dry_run)
		outcome = DB_RUN(db, SQL_ERASE_PARKED, OF_TOKEN(args));
	if (outcome == OUTCOME_OK && !args->dry_run)
		outcome = DB_RUN(db, SQL_ERASE_REFUSED, OF_TOKEN(args));
	return outcome;
}

/* True: there are more of them than one call takes. */
static enum outcome
erase_token(struct db *db, struct store_erase_args *args, struct arena *arena, bool *more)
{
	struct record *records = arena_take(arena, ERASE_TOKENS * sizeof(*records));
	enum outcome outcome;
	size_t count = 0;

	outcome = find_tokens(db, args, arena, records, &count);
	for (size_t i = 0; i < count; i++)
		args->tokens += records[i].live;
	*more = count == ERASE_TOKENS && !args->dry_run;
	if (outcome == OUTCOME_OK && !args->dry_run)
		outcome = records_drop(db, records, count);
	return outcome == OUTCOME_OK ? erase_owed(db, args) : outcome;
}

/* ---- what is remembered of it ---- */

static enum outcome
erase_hints_of(struct db *db, struct store_erase_args *args, struct arena *arena)
{
	struct erase_hints of = erase_hints(args, arena);
	struct db_value values[] = { text_of(args->hints), TEXT(of.from), TEXT(of.below),
		text_of(args->owner) };
	enum sql_id sql = SQL_ERASE_HINT_COUNT;
	enum outcome outcome;

	db_bind(db, sql, values, COUNT(values));
	if (db_next(db, sql))
		args->remembered += (uint64_t)db_int(db, sql, 0);
	outcome = db_end(db, sql);
	if (outcome == OUTCOME_OK && !args->dry_run)
		outcome = db_run(db, SQL_ERASE_HINTS, values, COUNT(values));
	return outcome;
}

static enum outcome
find_reports(struct db *db, const struct store_erase_args *args, struct arena *arena,
        struct str **keys, size_t *count)
{
	struct db_value values[] = { TEXT(args->reports) };
	enum sql_id sql = SQL_ERASE_REPORTS;

	db_bind(db, sql, values, COUNT(values));
	while (db_next(db, sql)) {
		if (!erase_report(args, db_text(db, sql, 1, arena)))
			continue;
		*keys = rows_grow(arena, *keys, *count, sizeof(**keys));
		(*keys)[(*count)++] = db_text(db, sql, 0, arena);
	}
	return db_end(db, sql);
}

static enum outcome
erase_reports(struct db *db, struct store_erase_args *args, struct arena *arena)
{
	struct str *keys = NULL;
	size_t count = 0;
	enum outcome outcome = find_reports(db, args, arena, &keys, &count);

	args->remembered += count;
	for (size_t i = 0; i < count && outcome == OUTCOME_OK && !args->dry_run; i++)
		outcome = DB_RUN(db, SQL_ERASE_REPORT, TEXT(keys[i]));
	return outcome;
}

static enum outcome
erase_remembered(struct db *db, struct store_erase_args *args, struct arena *arena)
{
	enum outcome outcome = erase_hints_of(db, args, arena);

	return outcome == OUTCOME_OK ? erase_reports(db, args, arena) : outcome;
}

/* ---- records ---- */

static enum outcome
rewrite(struct db *db, const struct store_object *v)
{
	uint8_t digest[OBJECT_DIGEST_BYTES];
	struct str made = { (const char *)digest, sizeof(digest) };

	object_digest(v, v->body.p != NULL, digest);
	return DB_RUN(db, SQL_OBJECT_UPDATE, INT(v->seq), INT(v->last_updated_ns), INT(v->change),
	        INT(v->previous), TEXT(v->method), TEXT(v->suffix), INT(v->sender_platform),
	        TEXT(v->correlation_id), INT(v->at_ms), BLOB(made), TEXT(v->patch), TEXT(v->body),
	        INT(v->accepted));
}

static bool
names_token(const struct store_erase_args *args, struct str *body, struct arena *arena)
{
	struct str without;

	if (body->p == NULL || !args->without(args->ctx, *body, arena, &without))
		return false;
	*body = without;
	return true;
}

/* A part that came last is what the whole was made of. */
static enum outcome
erase_in(struct db *db, struct store_erase_args *args, struct version *version, struct arena *arena)
{
	bool in_body = names_token(args, &version->row.body, arena);
	bool in_patch = names_token(args, &version->row.patch, arena);

	if (!in_body && !in_patch)
		return OUTCOME_OK;
	if (!version->whole) {
		args->damaged++;
		return OUTCOME_OK;
	}
	if (str_is(version->row.key.module, "cdrs"))
		args->cdrs++;
	else
		args->sessions++;
	return args->dry_run ? OUTCOME_OK : rewrite(db, &version->row);
}

static enum outcome
find_records(struct db *db, const struct store_erase_args *args, struct arena *arena,
        struct version *out, size_t *count)
{
	struct db_value values[] = { INT(args->after_ms), INT(args->after_seq),
		INT(ERASE_RECORDS) };
	enum sql_id sql = SQL_ERASE_RECORDS;

	*count = 0;
	db_bind(db, sql, values, COUNT(values));
	while (*count < ERASE_RECORDS && db_next(db, sql))
		out[(*count)++] = version_row(db, sql, arena);
	return db_end(db, sql);
}

static enum outcome
erase_records(struct db *db, struct store_erase_args *args, struct arena *arena)
{
	struct version *versions = arena_take(arena, ERASE_RECORDS * sizeof(*versions));
	enum outcome outcome;
	size_t count;

	outcome = find_records(db, args, arena, versions, &count);
	for (size_t i = 0; i < count && outcome == OUTCOME_OK; i++) {
		args->after_ms = versions[i].row.at_ms;
		args->after_seq = versions[i].row.seq;
		outcome = erase_in(db, args, &versions[i], arena);
	}
	args->done = count < ERASE_RECORDS;
	return outcome;
}

/* ---- all of it ---- */

static enum outcome
erase_slice(struct db *db, struct store_erase_args *args)
{
	struct arena *arena = arena_new(SCRATCH_BYTES);
	bool first = args->after_ms == 0 && args->after_seq == 0, more = false;
	enum outcome outcome = object_head(db, &args->head);

	if (outcome == OUTCOME_OK && first)
		outcome = erase_token(db, args, arena, &more);
	if (outcome == OUTCOME_OK && first)
		outcome = erase_remembered(db, args, arena);
	if (outcome == OUTCOME_OK && !more)
		outcome = erase_records(db, args, arena);
	arena_free(arena);
	return outcome;
}

enum outcome
erase(struct db *db, struct store_op *op)
{
	struct store_erase_args *args = &op->u.erase;
	enum outcome outcome = db_exec(db, "PRAGMA secure_delete = ON");

	args->tokens = args->owed = args->sessions = args->cdrs = 0;
	args->remembered = args->damaged = 0;
	args->done = false;
	if (outcome == OUTCOME_OK)
		outcome = erase_slice(db, args);
	(void)db_exec(db, "PRAGMA secure_delete = OFF");
	return outcome;
}
