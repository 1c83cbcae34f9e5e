/* sqlite_block: counted blocks of objects, so that a page by offset begins near its place.
 *
 * Every so many objects that are created end a block: what it holds is counted once, for each list,
 * and kept right by what goes later. So an object that is created costs its share of one count, and
 * one that is changed nothing. Objects of all lists share the blocks; a list has numbers in those
 * alone in which it has objects. */
#include "sqlite_objects.h"

enum {
	BLOCK_OBJECTS = 1024,
	LARGE_BLOCKS = 16, /* a large one, of which each owner is counted by itself */
	BY_LIST = 1,       /* levels of block_count */
	BY_OWNER = 2,
};

struct block {
	int64_t last, first, large, nth; /* all 0: there is none */
};

static enum outcome
read_block(struct db *db, enum sql_id sql, const struct db_value *seq, struct block *out)
{
	*out = (struct block){ 0 };
	db_bind(db, sql, seq, seq != NULL);
	if (db_next(db, sql))
		*out = (struct block){ db_int(db, sql, 0), db_int(db, sql, 1), db_int(db, sql, 2),
			db_int(db, sql, 3) };
	return db_end(db, sql);
}

/* The block of the object @seq; it may be in none yet. */
static enum outcome
find_block(struct db *db, int64_t seq, struct block *out)
{
	struct db_value at = INT(seq);

	return read_block(db, SQL_BLOCK_OF, &at, out);
}

enum outcome
blocks_end(struct db *db, int64_t *out)
{
	struct block last;
	enum outcome outcome = read_block(db, SQL_BLOCK_LAST, NULL, &last);

	*out = last.last;
	return outcome;
}

/* ---- counts ---- */

static enum outcome
add_level(struct db *db, int level, const struct store_key *key, int64_t first, int64_t live,
        int64_t shadowing)
{
	return DB_RUN(db, SQL_BLOCK_ADD, INT(level), KEY_TEXT(key->module), KEY_TEXT(key->scope),
	        INT(first), TEXT(level == BY_OWNER ? key->owner : STR("")), INT(live),
	        INT(shadowing));
}

static enum outcome
add(struct db *db, const struct store_key *key, const struct block *block, int live, int shadowing)
{
	enum outcome outcome;

	if (block->nth == 0)
		return OUTCOME_OK;
	outcome = add_level(db, BY_LIST, key, block->first, live, shadowing);
	if (outcome != OUTCOME_OK)
		return outcome;
	return add_level(db, BY_OWNER, key, block->large, live, shadowing);
}

/* ---- a block ends ---- */

enum { LISTS = 64, SCRATCH_BYTES = 16384 };

struct ending {
	struct db *db;
	struct block block;
	struct arena *arena;
};

static enum outcome
add_owners(const struct ending *ending, struct store_key *key, const struct table *owners)
{
	enum outcome outcome = OUTCOME_OK;
	int64_t total = 0;
	size_t at = 0;
	void *count;

	while (outcome == OUTCOME_OK && table_next(owners, &at, &key->owner, &count)) {
		int64_t live = *(int64_t *)count;

		total += live;
		outcome = add_level(ending->db, BY_OWNER, key, ending->block.large, live, 0);
	}
	if (outcome == OUTCOME_OK && total > 0)
		outcome = add_level(ending->db, BY_LIST, key, ending->block.first, total, 0);
	return outcome;
}

static void
count_owner(const struct ending *ending, struct table *owners, struct str owner)
{
	int64_t *count = table_get(owners, owner);

	if (count == NULL) {
		count = arena_alloc(ending->arena, sizeof(*count));
		table_put(owners, owner, count);
	}
	++*count;
}

/* What the block holds of one list. */
static enum outcome
count_list(const struct ending *ending, struct store_key key)
{
	struct db_value values[] = { INT(ending->block.first), INT(ending->block.last),
		TEXT(key.scope), TEXT(key.module) };
	struct table *owners = table_new(LISTS);
	struct db *db = ending->db;
	enum outcome outcome;

	db_bind(db, SQL_BLOCK_LIVE, values, COUNT(values));
	while (db_next(db, SQL_BLOCK_LIVE))
		count_owner(ending, owners, db_text(db, SQL_BLOCK_LIVE, 0, ending->arena));
	outcome = db_end(db, SQL_BLOCK_LIVE);
	if (outcome == OUTCOME_OK)
		outcome = add_owners(ending, &key, owners);
	table_free(owners);
	return outcome;
}

static enum outcome
count_lists(const struct ending *ending, const struct table *lists)
{
	enum outcome outcome = OUTCOME_OK;
	size_t at = 0;
	struct str name;
	void *value;

	while (outcome == OUTCOME_OK && table_next(lists, &at, &name, &value)) {
		struct store_key key = { .scope = str_cut(&name, '\n') };

		key.module = name;
		outcome = count_list(ending, key);
	}
	return outcome;
}

/* Few shared objects are hidden before they are old. */
static enum outcome
count_hidden(const struct ending *ending)
{
	struct db_value values[] = { INT(ending->block.first), INT(ending->block.last) };
	enum sql_id sql = SQL_BLOCK_HIDDEN;
	enum outcome outcome = OUTCOME_OK, ended;
	struct db *db = ending->db;

	db_bind(db, sql, values, COUNT(values));
	while (outcome == OUTCOME_OK && db_next(db, sql)) {
		struct store_key key = { .scope = db_text(db, sql, 0, ending->arena),
			.module = db_text(db, sql, 1, ending->arena),
			.owner = db_text(db, sql, 2, ending->arena) };

		outcome = add(db, &key, &ending->block, 0, 1);
	}
	ended = db_end(db, sql);
	return outcome == OUTCOME_OK ? ended : outcome;
}

static enum outcome
begin_block(struct db *db, int64_t last, struct block *out)
{
	struct block before;
	enum outcome outcome = read_block(db, SQL_BLOCK_LAST, NULL, &before);
	bool same = before.nth > 0 && before.nth < LARGE_BLOCKS;

	*out = (struct block){ last, before.last, same ? before.large : before.last,
		same ? before.nth + 1 : 1 };
	if (outcome != OUTCOME_OK)
		return outcome;
	return DB_RUN(db, SQL_BLOCK_INSERT, INT(out->last), INT(out->first), INT(out->large),
	        INT(out->nth));
}

static enum outcome
end_block(struct db *db, int64_t last)
{
	struct ending ending = { .db = db, .arena = arena_new(SCRATCH_BYTES) };
	enum outcome outcome = begin_block(db, last, &ending.block);

	if (outcome == OUTCOME_OK)
		outcome = count_lists(&ending, db_numbers(db)->lists);
	if (outcome == OUTCOME_OK)
		outcome = count_hidden(&ending);
	arena_free(ending.arena);
	return outcome;
}

/* ---- an object is created ---- */

void
blocks_forget(struct db *db)
{
	struct db_numbers *numbers = db_numbers(db);

	table_free(numbers->lists);
	numbers->lists = NULL;
}

static void
begin_lists(struct db_numbers *numbers)
{
	table_free(numbers->lists);
	numbers->lists = table_new(LISTS);
	if (numbers->arena == NULL)
		numbers->arena = arena_new(SCRATCH_BYTES);
	arena_reset(numbers->arena);
	numbers->created = 0;
}

static void
note_list(struct db_numbers *numbers, struct str scope, struct str module)
{
	struct str name =
	        arena_printf(numbers->arena, "%.*s\n%.*s", STR_ARG(scope), STR_ARG(module));

	if (table_get(numbers->lists, name) == NULL)
		table_put(numbers->lists, name, numbers);
}

/* After the start, and after something was undone. */
static enum outcome
look_at_tail(struct db *db)
{
	struct db_numbers *numbers = db_numbers(db);
	enum sql_id sql = SQL_BLOCK_TAIL;
	int64_t end = 0;
	enum outcome outcome = blocks_end(db, &end);
	struct db_value value = INT(end);

	if (outcome != OUTCOME_OK)
		return outcome;
	begin_lists(numbers);
	db_bind(db, sql, &value, 1);
	while (db_next(db, sql)) {
		note_list(numbers, db_text(db, sql, 0, numbers->arena),
		        db_text(db, sql, 1, numbers->arena));
		numbers->created += db_int(db, sql, 2);
	}
	outcome = db_end(db, sql);
	if (outcome != OUTCOME_OK)
		blocks_forget(db);
	return outcome;
}

enum outcome
block_created(struct db *db, const struct store_key *key, int64_t seq)
{
	struct db_numbers *numbers = db_numbers(db);
	enum outcome outcome;

	if (numbers->lists == NULL) /* it finds this one too */
		outcome = look_at_tail(db);
	else {
		outcome = OUTCOME_OK;
		numbers->created++;
		note_list(numbers, key->scope, key->module);
	}
	if (outcome != OUTCOME_OK || numbers->created < BLOCK_OBJECTS)
		return outcome;
	outcome = end_block(db, seq);
	begin_lists(numbers);
	return outcome;
}

/* ---- an object of before comes or goes ---- */

enum outcome
block_move(struct db *db, const struct store_key *key, int64_t seq)
{
	struct db_numbers *numbers = db_numbers(db);

	if (numbers->lists != NULL) /* it may be in none yet */
		note_list(numbers, key->scope, key->module);
	return block_add(db, key, seq, 1);
}

enum outcome
block_add(struct db *db, const struct store_key *key, int64_t seq, int live)
{
	struct block block;
	enum outcome outcome = find_block(db, seq, &block);

	return outcome == OUTCOME_OK ? add(db, key, &block, live, 0) : outcome;
}

enum outcome
block_hide(struct db *db, const struct store_key *key, int64_t shadows, int hidden)
{
	struct block block;
	enum outcome outcome = find_block(db, shadows, &block);

	return outcome == OUTCOME_OK ? add(db, key, &block, 0, hidden) : outcome;
}

enum outcome
block_show(struct db *db, const struct store_key *key, int64_t seq)
{
	struct block block;
	enum outcome outcome = find_block(db, seq, &block);

	if (outcome != OUTCOME_OK || block.nth == 0)
		return outcome;
	outcome = DB_RUN(
	        db, SQL_BLOCK_SHOW, KEY_VALUES(key), INT(BY_LIST), INT(block.first), TEXT(STR("")));
	if (outcome != OUTCOME_OK)
		return outcome;
	return DB_RUN(db, SQL_BLOCK_SHOW, KEY_VALUES(key), INT(BY_OWNER), INT(block.large),
	        KEY_TEXT(key->owner));
}

/* ---- after damage ---- */

static enum outcome
large_end(struct db *db, const struct block *block, int64_t *out)
{
	struct block at = *block;
	enum outcome outcome = OUTCOME_OK;

	for (*out = at.last; outcome == OUTCOME_OK && at.nth > 0 && at.large == block->large;) {
		*out = at.last;
		outcome = find_block(db, at.last + 1, &at);
	}
	return outcome;
}

enum outcome
block_recount(struct db *db, const struct store_key *key, int64_t seq)
{
	struct block block;
	int64_t end;
	enum outcome outcome = find_block(db, seq, &block);

	if (outcome != OUTCOME_OK || block.nth == 0)
		return outcome;
	outcome = DB_RUN(db, SQL_BLOCK_RECOUNT, KEY_TEXT(key->scope), KEY_TEXT(key->module),
	        KEY_TEXT(key->owner), INT(block.first), INT(block.first), INT(block.last));
	if (outcome == OUTCOME_OK)
		outcome = large_end(db, &block, &end);
	if (outcome != OUTCOME_OK)
		return outcome;
	return DB_RUN(db, SQL_BLOCK_RECOUNT_OWNED, KEY_TEXT(key->scope), KEY_TEXT(key->module),
	        KEY_TEXT(key->owner), INT(block.large), INT(block.large), INT(end));
}
