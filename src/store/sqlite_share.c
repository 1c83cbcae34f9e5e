/* sqlite_share: a new version of an object, made out of the old one inside the writer. */
#include "sqlite_objects.h"

#include "quota.h"

enum { SCRATCH_BYTES = 16384 };

/* Numbers go up from that of the newest change, and are saved once a transaction. One that was
 * taken by an operation or a transaction that is undone is left out: the next one saves a higher.
 */
static enum outcome
next_change(struct db *db, int64_t *out)
{
	struct db_numbers *numbers = db_numbers(db);

	if (numbers->newest == 0) {
		enum outcome outcome = object_head(db, &numbers->saved);

		if (outcome != OUTCOME_OK)
			return outcome;
		numbers->newest = numbers->saved;
	}
	*out = ++numbers->newest;
	return OUTCOME_OK;
}

enum outcome
changes_save(struct db *db)
{
	struct db_numbers *numbers = db_numbers(db);

	if (numbers->saved == numbers->newest)
		return OUTCOME_OK;
	numbers->saved = numbers->newest;
	return DB_RUN(db, SQL_SEQUENCE_SAVE, INT(numbers->newest));
}

struct writing {
	struct db *db;
	struct store_share_args *args;
	const struct version *old;
	struct str body;
	int64_t last_updated_ns;
};

/* Who gets a change as it came needs a version before it that is what it was. */
static struct store_object
version_of(const struct writing *w, int64_t seq)
{
	const struct store_share_args *args = w->args;

	return (struct store_object){
		.key = args->key,
		.body = w->body,
		.last_updated_ns = w->last_updated_ns,
		.change = args->change,
		.previous = w->old->whole ? w->old->row.change : 0,
		.seq = seq,
		.method = args->method,
		.suffix = args->suffix,
		.patch = args->patch,
		.sender_platform = args->sender_platform,
		.correlation_id = args->correlation_id,
		.at_ms = args->at_ms,
		.accepted = args->accepted,
	};
}

/* The first thirteen values are those of every statement that writes a version. */
static enum outcome
run_version(const struct writing *w, enum sql_id sql, int64_t seq, int64_t shadows)
{
	const struct store_object v = version_of(w, seq);
	uint8_t digest[OBJECT_DIGEST_BYTES];
	struct str none = { 0 }, made = { (const char *)digest, sizeof(digest) };
	struct db_value values[] = { INT(seq), INT(v.last_updated_ns), INT(v.change),
		INT(v.previous), TEXT(v.method), TEXT(v.suffix), INT(v.sender_platform),
		TEXT(v.correlation_id), INT(v.at_ms), BLOB(made), TEXT(v.patch), TEXT(v.body),
		INT(v.accepted), KEY_VALUES(&v.key), shadows != 0 ? INT(shadows) : TEXT(none) };

	object_digest(&v, v.body.p != NULL, digest);
	return db_run(w->db, sql, values, sql == SQL_OBJECT_INSERT ? COUNT(values) : 13);
}

/* Its place in lists is that of its creation, also when it was there before and was deleted. */
static enum outcome
create(const struct writing *w)
{
	enum outcome outcome = OUTCOME_OK;
	int64_t seq = w->args->change, shadows;

	w->args->created = true;
	if (w->old->known)
		outcome = DB_RUN(w->db, SQL_OBJECT_DROP, INT(w->old->row.seq));
	if (outcome == OUTCOME_OK)
		outcome = object_shadow(w->db, &w->args->key, &shadows);
	if (outcome == OUTCOME_OK)
		outcome = run_version(w, SQL_OBJECT_INSERT, seq, shadows);
	if (outcome == OUTCOME_OK)
		outcome = object_appear(w->db, &w->args->key, seq, shadows);
	return outcome == OUTCOME_OK ? block_created(w->db, &w->args->key, seq) : outcome;
}

static enum outcome
bury(const struct writing *w)
{
	enum outcome outcome = run_version(w, SQL_OBJECT_BURY, w->old->row.seq, 0);

	if (outcome == OUTCOME_OK)
		outcome = object_vanish(w->db, &w->args->key, w->old->row.seq, w->old->shadows);
	return outcome;
}

static bool
is_there(const struct writing *w)
{
	const struct version *old = w->old;

	return old->live && old->whole && str_eq(w->body, old->row.body) &&
	       (old->row.accepted || !w->args->accepted);
}

/* Bytes that are there already are written again only where receivers may have missed them. */
static bool
changes_nothing(const struct writing *w)
{
	const struct store_share_args *args = w->args;

	if (w->body.p == NULL)
		return w->old->whole && !w->old->live;
	return is_there(w) && (!str_is(args->key.scope, "*") ||
	                              (args->skip_unchanged && str_is(args->method, "PUT")));
}

static enum outcome
leave_alone(const struct writing *w)
{
	struct store_share_args *args = w->args;

	args->unchanged = w->body.p != NULL;
	args->change = w->old->row.change;
	if (!args->unchanged || !args->skip_unchanged)
		return OUTCOME_OK;
	return parked_wake(w->db, &args->key, args->at_ms, &args->woken);
}

/* What the lists count of a damaged row is not known, and so counted anew. */
static enum outcome
recount(const struct writing *w)
{
	const struct store_key *key = &w->args->key;
	enum outcome outcome;

	if (w->old->whole)
		return OUTCOME_OK;
	outcome = DB_RUN(w->db, SQL_OBJECT_RECOUNT, KEY_TEXT(key->scope), KEY_TEXT(key->module),
	        KEY_TEXT(key->owner));
	if (outcome == OUTCOME_OK)
		outcome = block_recount(w->db, key, w->old->row.seq);
	if (outcome == OUTCOME_OK && w->old->shadows != 0)
		outcome = block_recount(w->db, key, w->old->shadows);
	return outcome;
}

static enum outcome
owe(const struct writing *w)
{
	struct store_parked row;

	if (w->args->owe == NULL)
		return OUTCOME_OK;
	row = *w->args->owe;
	row.change = w->args->change;
	return park_one(w->db, &row);
}

static enum outcome
write_version(const struct writing *w)
{
	enum outcome outcome = next_change(w->db, &w->args->change);

	if (outcome != OUTCOME_OK)
		return outcome;
	outcome = version_keep(w->db, w->old, w->args->at_ms);
	if (outcome != OUTCOME_OK)
		return outcome;
	if (!w->old->live)
		outcome = create(w);
	else if (w->body.p == NULL)
		outcome = bury(w);
	else
		outcome = run_version(w, SQL_OBJECT_UPDATE, w->old->row.seq, 0);
	if (outcome == OUTCOME_OK)
		outcome = owe(w);
	return outcome == OUTCOME_OK ? recount(w) : outcome;
}

/* Refused when it is one more than its platform may have. */
static enum outcome
find_room(const struct writing *w, struct store_op *op)
{
	struct store_share_args *args = w->args;
	struct store_quota has;
	enum outcome outcome;

	if (!args->limited || w->old->live || w->body.p == NULL)
		return OUTCOME_OK;
	outcome = quota_count(w->db, args->sender_platform, &has);
	args->full = has.objects + 1 >= args->quota;
	if (outcome == OUTCOME_OK)
		(void)quota_allows(op, has.objects, args->quota, "objects", &args->fault);
	return outcome;
}

static enum outcome
settle(const struct writing *w, struct store_op *op)
{
	struct store_share_args *args = w->args;
	enum outcome outcome;

	args->created = args->unchanged = args->full = false;
	args->woken = 0;
	outcome = find_room(w, op);
	if (outcome != OUTCOME_OK || op->err != RH_OK)
		return outcome;
	outcome = changes_nothing(w) ? leave_alone(w) : write_version(w);
	return outcome == OUTCOME_OK ? pulled_note(w->db, args, w->body.p == NULL) : outcome;
}

static enum outcome
share_in(struct db *db, struct store_op *op, struct arena *arena)
{
	struct store_share_args *args = &op->u.share;
	struct version old;
	struct writing w = { .db = db, .args = args, .old = &old };
	enum outcome outcome = version_find(db, &args->key, arena, &old);
	enum rh_err err;

	if (outcome != OUTCOME_OK)
		return outcome;
	if (!old.whole) {
		note_damage(op, &args->key);
		old.row.body = (struct str){ 0 };
		if (!str_is(args->method, "PUT") && !str_is(args->method, "POST")) {
			op_result(op, RH_STORE_FAILED, "the stored bytes are damaged: PUT it anew");
			fault_set(&args->fault, RH_STORE_FAILED, "", "%s", op->why);
			return OUTCOME_OK;
		}
	}
	err = args->make(args->ctx, old.row.body, arena, &w.body, &w.last_updated_ns, &args->fault);
	if (err == RH_OK && w.body.p == NULL && args->pulled && !pulled_has(db, &args->key))
		err = fault_set(
		        &args->fault, RH_UNKNOWN_OBJECT, "", "it is here by more than pulls");
	if (err == RH_OK)
		return settle(&w, op);
	args->fault.err = err;
	op_result(op, err, args->fault.why);
	return OUTCOME_OK;
}

enum outcome
object_share(struct db *db, struct store_op *op)
{
	struct arena *arena = arena_new(SCRATCH_BYTES);
	enum outcome outcome = share_in(db, op, arena);

	arena_free(arena);
	return outcome;
}
