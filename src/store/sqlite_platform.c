/* sqlite_platform: a platform with its parties, endpoints and tokens, saved and loaded as a whole.
 * A save deletes what hung on the platform and writes it again: a handful of rows, and no code that
 * compares. */
#include "sqlite_verbs.h"

#include <string.h>

static struct str
digest_of(const struct store_token *token)
{
	return (struct str){ (const char *)token->digest, sizeof(token->digest) };
}

static enum outcome
save_parties(struct db *db, int64_t id, const struct store_platform *platform)
{
	enum outcome outcome = DB_RUN(db, SQL_PARTY_DELETE, INT(id));

	for (size_t i = 0; i < platform->party_count && outcome == OUTCOME_OK; i++) {
		const struct store_party *party = &platform->parties[i];

		outcome = DB_RUN(db, SQL_PARTY_INSERT, INT(id), INT(i),
		        TEXT(str_of(party->country)), TEXT(str_of(party->party)), INT(party->role),
		        INT(party->state), INT(party->last_updated_ms), TEXT(party->business));
	}
	return outcome;
}

static enum outcome
save_endpoints(struct db *db, int64_t id, const struct store_platform *platform)
{
	enum outcome outcome = DB_RUN(db, SQL_ENDPOINT_DELETE, INT(id));

	for (size_t i = 0; i < platform->endpoint_count && outcome == OUTCOME_OK; i++) {
		const struct store_endpoint *endpoint = &platform->endpoints[i];

		outcome = DB_RUN(db, SQL_ENDPOINT_INSERT, INT(id), INT(i), TEXT(endpoint->module),
		        INT(endpoint->interface), TEXT(endpoint->url));
	}
	return outcome;
}

static enum outcome
save_tokens(struct db *db, int64_t id, const struct store_platform *platform)
{
	enum outcome outcome = DB_RUN(db, SQL_TOKEN_DELETE, INT(id));

	for (size_t i = 0; i < platform->token_count && outcome == OUTCOME_OK; i++) {
		const struct store_token *token = &platform->tokens[i];

		outcome = DB_RUN(db, SQL_TOKEN_INSERT, INT(id), INT(i), INT(token->kind),
		        BLOB(digest_of(token)), INT(token->expires_ms), INT(token->made_ms));
	}
	return outcome;
}

static enum outcome
save_row(struct db *db, enum sql_id sql, const struct store_platform *p)
{
	return DB_RUN(db, sql, INT(p->id), TEXT(p->name), INT(p->state), INT(p->removed),
	        TEXT(p->version), TEXT(p->versions_url), BLOB(p->token_sealed), TEXT(p->settings),
	        INT(p->created_ms), INT(p->updated_ms), INT(p->last_contact_ms),
	        INT(p->claims_bound), TEXT(p->told));
}

static enum outcome
save_children(struct db *db, int64_t id, const struct store_platform *p)
{
	enum outcome outcome = save_parties(db, id, p);

	if (outcome == OUTCOME_OK)
		outcome = save_endpoints(db, id, p);
	if (outcome == OUTCOME_OK)
		outcome = save_tokens(db, id, p);
	return outcome == OUTCOME_OK ? DB_RUN(db, SQL_PLATFORM_SEAL, INT(id)) : outcome;
}

/* The id of a new row goes to op->made_id: the owner's struct gets it when it is committed. */
enum outcome
platform_save(struct db *db, struct store_op *op)
{
	const struct store_platform *p = op->u.save.platform;
	enum outcome outcome =
	        save_row(db, p->id == 0 ? SQL_PLATFORM_INSERT : SQL_PLATFORM_UPDATE, p);

	if (outcome != OUTCOME_OK)
		return outcome;
	if (db_changes(db) == 0) {
		op_result(op, RH_NOT_FOUND, "no platform has this id");
		return OUTCOME_OK;
	}
	op->made_id = p->id == 0 ? db_last_id(db) : p->id;
	op->err = RH_OK;
	return save_children(db, op->made_id, p);
}

enum outcome
platform_put(struct db *db, const struct store_platform *platform)
{
	enum outcome outcome = save_row(db, SQL_PLATFORM_UPDATE, platform);

	if (outcome == OUTCOME_OK && db_changes(db) == 0)
		outcome = save_row(db, SQL_PLATFORM_INSERT, platform);
	return outcome == OUTCOME_OK ? save_children(db, platform->id, platform) : outcome;
}

enum outcome
platform_touch(struct db *db, struct store_op *op)
{
	enum outcome outcome =
	        DB_RUN(db, SQL_PLATFORM_TOUCH, INT(op->u.touch.platform), INT(op->u.touch.at_ms));

	if (db_changes(db) == 0)
		op_result(op, RH_NOT_FOUND, "no platform has this id");
	return outcome;
}

/* ---- loading ---- */

/* An array that grows in an arena: what it leaves behind is at most as much as it holds. */
struct rows {
	struct arena *arena;
	size_t row_bytes, count, cap;
	char *p;
};

static void *
add_row(struct rows *rows)
{
	if (rows->count == rows->cap) {
		size_t cap = rows->cap == 0 ? 16 : 2 * rows->cap;
		char *p = arena_alloc(rows->arena, cap * rows->row_bytes);

		if (rows->count > 0)
			memcpy(p, rows->p, rows->count * rows->row_bytes);
		rows->p = p;
		rows->cap = cap;
	}
	return rows->p + rows->row_bytes * rows->count++;
}

/* Not what was written: it stays in its place, but may do nothing and is nobody. */
static void
close_off(struct store_op *op, struct store_platform *platform)
{
	note_damaged_row(op, "platform", platform->id, (struct str){ 0 });
	*platform = (struct store_platform){
		.id = platform->id,
		.name = STR("(damaged)"),
		.state = STATE_SUSPENDED,
		.damaged = true,
	};
}

static struct store_platform *
load_platforms(struct db *db, struct store_op *op, size_t *count, enum outcome *outcome)
{
	struct arena *arena = op->arena;
	struct rows rows = { .arena = arena, .row_bytes = sizeof(struct store_platform) };
	enum sql_id sql = SQL_PLATFORMS;

	db_bind(db, sql, NULL, 0);
	while (db_next(db, sql)) {
		struct store_platform *platform = add_row(&rows);

		*platform = (struct store_platform){
			.id = db_int(db, sql, 0),
			.name = db_text(db, sql, 1, arena),
			.state = (enum store_state)db_int(db, sql, 2),
			.removed = db_int(db, sql, 3) != 0,
			.version = db_text(db, sql, 4, arena),
			.versions_url = db_text(db, sql, 5, arena),
			.token_sealed = db_text(db, sql, 6, arena),
			.settings = db_text(db, sql, 7, arena),
			.created_ms = db_int(db, sql, 8),
			.updated_ms = db_int(db, sql, 9),
			.last_contact_ms = db_int(db, sql, 10),
			.claims_bound = db_int(db, sql, 11) != 0,
			.told = db_text(db, sql, 12, arena),
		};
		if (db_int(db, sql, 13) == 0)
			close_off(op, platform);
	}
	*outcome = db_end(db, sql);
	*count = rows.count;
	return (void *)rows.p;
}

/* The rows of every table come in the order of the platforms' ids, so each list is one walk along
 * both. All rows are read first: the array moves while it grows. */
struct child_rows {
	struct rows rows;
	struct rows owners; /* of int64_t: the platform of each row */
};

static void *
add_child(struct child_rows *children, int64_t owner)
{
	*(int64_t *)add_row(&children->owners) = owner;
	return add_row(&children->rows);
}

static struct child_rows
children_of(struct arena *arena, size_t row_bytes)
{
	return (struct child_rows){
		.rows = { .arena = arena, .row_bytes = row_bytes },
		.owners = { .arena = arena, .row_bytes = sizeof(int64_t) },
	};
}

/* The run of rows that belong to platform @id, from *@at on. Those before it are nobody's: their
 * platform is damaged or there is none. */
static const void *
next_children(const struct child_rows *children, int64_t id, size_t *at, size_t *count)
{
	const int64_t *owners = (const void *)children->owners.p;
	size_t begin = *at;

	while (begin < children->rows.count && owners[begin] < id)
		begin++;
	*at = begin;
	while (*at < children->rows.count && owners[*at] == id)
		++*at;
	*count = *at - begin;
	return *count == 0 ? NULL : children->rows.p + begin * children->rows.row_bytes;
}

static enum outcome
load_parties(struct db *db, struct arena *arena, struct child_rows *out)
{
	enum sql_id sql = SQL_PARTIES;

	*out = children_of(arena, sizeof(struct store_party));
	db_bind(db, sql, NULL, 0);
	while (db_next(db, sql)) {
		struct store_party *party = add_child(out, db_int(db, sql, 0));

		db_chars(db, sql, 1, party->country, sizeof(party->country));
		db_chars(db, sql, 2, party->party, sizeof(party->party));
		party->role = (int)db_int(db, sql, 3);
		party->state = (enum store_state)db_int(db, sql, 4);
		party->last_updated_ms = db_int(db, sql, 5);
		party->business = db_text(db, sql, 6, arena);
	}
	return db_end(db, sql);
}

static enum outcome
load_endpoints(struct db *db, struct arena *arena, struct child_rows *out)
{
	enum sql_id sql = SQL_ENDPOINTS;

	*out = children_of(arena, sizeof(struct store_endpoint));
	db_bind(db, sql, NULL, 0);
	while (db_next(db, sql)) {
		struct store_endpoint *endpoint = add_child(out, db_int(db, sql, 0));

		endpoint->module = db_text(db, sql, 1, arena);
		endpoint->interface = (int)db_int(db, sql, 2);
		endpoint->url = db_text(db, sql, 3, arena);
	}
	return db_end(db, sql);
}

static enum outcome
load_tokens(struct db *db, struct arena *arena, struct child_rows *out)
{
	enum sql_id sql = SQL_TOKENS;

	*out = children_of(arena, sizeof(struct store_token));
	db_bind(db, sql, NULL, 0);
	while (db_next(db, sql)) {
		struct store_token *token = add_child(out, db_int(db, sql, 0));
		char digest[RH_DIGEST_BYTES + 1] = { 0 };

		token->kind = (enum store_token_kind)db_int(db, sql, 1);
		db_chars(db, sql, 2, digest, sizeof(digest));
		memcpy(token->digest, digest, sizeof(token->digest));
		token->expires_ms = db_int(db, sql, 3);
		token->made_ms = db_int(db, sql, 4);
	}
	return db_end(db, sql);
}

/* A damaged id may be another platform's. */
static size_t
without_doubles(struct store_platform *platforms, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		bool as_before = kept > 0 && platforms[kept - 1].id == platforms[i].id;

		if (as_before && platforms[i].damaged)
			continue;
		platforms[as_before ? kept - 1 : kept++] = platforms[i];
	}
	return kept;
}

static enum outcome
load_all(struct db *db, struct store_op *op)
{
	struct child_rows parties, endpoints, tokens;
	size_t party = 0, endpoint = 0, token = 0;
	struct store_platform *platforms;
	enum outcome outcome;

	platforms = load_platforms(db, op, &op->u.load.count, &outcome);
	if (outcome == OUTCOME_OK)
		outcome = load_parties(db, op->arena, &parties);
	if (outcome == OUTCOME_OK)
		outcome = load_endpoints(db, op->arena, &endpoints);
	if (outcome == OUTCOME_OK)
		outcome = load_tokens(db, op->arena, &tokens);
	if (outcome != OUTCOME_OK)
		return outcome;
	op->u.load.count = without_doubles(platforms, op->u.load.count);
	for (size_t i = 0; i < op->u.load.count; i++) {
		struct store_platform *p = &platforms[i];

		if (p->damaged)
			continue;
		p->parties = next_children(&parties, p->id, &party, &p->party_count);
		p->endpoints = next_children(&endpoints, p->id, &endpoint, &p->endpoint_count);
		p->tokens = next_children(&tokens, p->id, &token, &p->token_count);
	}
	op->u.load.platforms = platforms;
	return OUTCOME_OK;
}

/* One snapshot for the four tables. It is ended by ROLLBACK, so that a reader never says COMMIT. */
enum outcome
platforms_load(struct db *db, struct store_op *op)
{
	enum outcome outcome = db_do(db, SQL_SNAPSHOT);

	if (outcome != OUTCOME_OK)
		return outcome;
	outcome = load_all(db, op);
	op->err = RH_OK;
	db_do(db, SQL_ROLLBACK);
	return outcome;
}
