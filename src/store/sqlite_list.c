/* sqlite_list: pages of what one party may see.
 *
 * The shared objects and those addressed to the viewer are walked side by side in the order of
 * their creation, along an index that holds all the filters look at; only the rows of the page are
 * then read. A page that begins behind a known object costs the same at any depth; one by offset
 * begins behind the counted blocks before it (sqlite_block.c) and steps over the rest. When the
 * filters leave few objects of many, these are gathered by owner and date and sorted instead. The
 * total comes from counters, and is counted along the index of the dates only when there are dates:
 * what has them, or what has not, whichever looks like less. */
#include "sqlite_objects.h"

enum {
	NEAR = 500, /* an offset that is stepped over in less time than blocks are looked for */
	FEW = 1000, /* gathered and sorted in less time than a long walk takes */
	FILTERS = 8 /* values ?1 to ?8 */
};

struct filter {
	struct db_value values[FILTERS + 2]; /* with limit and offset */
	int64_t shared, own;                 /* live objects of the owners that are left */
	bool narrow;                         /* it may leave out many */
};

/* Each between newlines, which no party id has: one search of the text tells. */
static struct str
join_hidden(const struct store_page_args *args, struct arena *arena)
{
	struct buf buf = { .arena = arena };

	if (args->hidden_count == 0)
		return (struct str){ 0 };
	for (size_t i = 0; i < args->hidden_count; i++) {
		buf_addc(&buf, '\n');
		buf_add(&buf, args->hidden[i]);
	}
	buf_addc(&buf, '\n');
	return buf_str(&buf);
}

static struct filter
filter_of(const struct store_page_args *args, struct arena *arena)
{
	bool by_key = args->after_seq > 0;

	return (struct filter){
		.values = {
			KEY_TEXT(args->module),
			TEXT(args->viewer),
			INT(by_key ? args->after_seq : 0),
			INT(args->has_from ? args->from_ns : INT64_MIN),
			INT(args->has_to ? args->to_ns : INT64_MAX),
			TEXT(args->owner),
			TEXT(join_hidden(args, arena)),
			INT(0),
			INT(args->limit < INT64_MAX ? args->limit + 1 : INT64_MAX),
			INT(by_key ? 0 : args->offset),
		},
		.narrow = args->has_from || args->has_to || args->owner.p != NULL ||
		          args->hidden_count > 0,
	};
}

static enum outcome
count_all(struct db *db, struct store_page_args *args, struct filter *filter)
{
	enum sql_id sql = SQL_PAGE_TOTALS;
	int64_t shadowing = 0;
	enum outcome outcome;

	db_bind(db, sql, filter->values, 7);
	if (db_next(db, sql)) {
		filter->shared = db_int(db, sql, 0);
		filter->own = db_int(db, sql, 1);
		shadowing = db_int(db, sql, 2);
	}
	outcome = db_end(db, sql);
	filter->values[FILTERS - 1] = INT(shadowing);
	args->total = (uint64_t)(filter->shared + filter->own - shadowing);
	return outcome;
}

/* Objects with dates of [@from_ns, @to_ns). */
static enum outcome
count_between(
        struct db *db, const struct filter *filter, int64_t from_ns, int64_t to_ns, uint64_t *out)
{
	struct filter between = *filter;

	*out = 0;
	between.values[3] = INT(from_ns);
	between.values[4] = INT(to_ns);
	db_bind(db, SQL_PAGE_COUNT, between.values, FILTERS);
	if (db_next(db, SQL_PAGE_COUNT))
		*out = (uint64_t)db_int(db, SQL_PAGE_COUNT, 0);
	return db_end(db, SQL_PAGE_COUNT);
}

/* Most objects of a long list have such dates, as far as some of them tell. */
static enum outcome
look_whether_wide(struct db *db, const struct filter *filter, bool *out)
{
	struct filter sample = *filter;

	*out = false;
	if (filter->shared >= filter->own)
		sample.values[1] = TEXT(STR("*"));
	db_bind(db, SQL_PAGE_SAMPLE, sample.values, 5);
	if (db_next(db, SQL_PAGE_SAMPLE))
		*out = 2 * db_int(db, SQL_PAGE_SAMPLE, 1) > db_int(db, SQL_PAGE_SAMPLE, 0);
	return db_end(db, SQL_PAGE_SAMPLE);
}

/* Those that a wide filter leaves out are fewer than those that it lets through. */
static enum outcome
count_around(struct db *db, struct store_page_args *args, const struct filter *filter)
{
	int64_t from_ns = filter->values[3].n, to_ns = filter->values[4].n;
	uint64_t before, behind = 0;
	enum outcome outcome = count_between(db, filter, INT64_MIN, from_ns, &before);

	if (outcome == OUTCOME_OK)
		outcome = count_between(db, filter, to_ns, INT64_MAX, &behind);
	args->total -= before + behind;
	return outcome;
}

static enum outcome
count_dates(struct db *db, struct store_page_args *args, const struct filter *filter)
{
	int64_t from_ns = filter->values[3].n, to_ns = filter->values[4].n;
	enum outcome outcome = OUTCOME_OK;
	bool wide = false;

	if (args->total > FEW && from_ns < to_ns)
		outcome = look_whether_wide(db, filter, &wide);
	if (outcome != OUTCOME_OK)
		return outcome;
	return wide ? count_around(db, args, filter)
	            : count_between(db, filter, from_ns, to_ns, &args->total);
}

/* The statement that walks least; one that walks a single scope takes it in place of the viewer. */
static enum sql_id
choose(const struct store_page_args *args, struct filter *filter)
{
	if (filter->narrow && args->total <= FEW)
		return SQL_PAGE_FEW;
	if (filter->own > 0 && filter->shared > 0)
		return SQL_PAGE_BOTH;
	if (filter->own == 0)
		filter->values[1] = TEXT(STR("*"));
	return filter->narrow ? SQL_PAGE_ONE : SQL_PAGE_ALL;
}

/* ---- the place of an offset ---- */

struct place {
	int64_t after; /* seq */
	uint64_t left; /* of the offset, behind it */
};

/* @live objects of the list stand in a block: false, the place is in it. */
static bool
pass_block(struct place *place, int64_t live)
{
	if (live > 0 && (uint64_t)live > place->left)
		return false;
	place->left -= (uint64_t)live;
	return true;
}

/* Blocks are numbered by where they begin; several rows in a row may be of the same one. False: all
 * of them come before the place. */
static bool
walk_blocks(struct db *db, enum sql_id sql, struct place *place)
{
	int64_t live = 0;

	while (db_next(db, sql)) {
		int64_t first = db_int(db, sql, 0);

		if (first != place->after) {
			if (!pass_block(place, live))
				return true;
			place->after = first;
			live = 0;
		}
		live += db_int(db, sql, 1);
	}
	return !pass_block(place, live);
}

/* Begin behind the blocks that the offset leaves out. Which of their objects have which date is not
 * counted. */
static enum outcome
seek(struct db *db, const struct store_page_args *args, struct filter *filter)
{
	bool owned = args->owner.p != NULL || args->hidden_count > 0;
	enum sql_id sql = owned ? SQL_BLOCKS_OWNED : SQL_BLOCKS;
	struct place place = { .left = args->offset };
	enum outcome outcome;
	bool found;

	if (args->after_seq > 0 || args->offset < NEAR || args->has_from || args->has_to)
		return OUTCOME_OK;
	db_bind(db, sql, filter->values, owned ? 7 : 2);
	found = walk_blocks(db, sql, &place);
	outcome = db_end(db, sql);
	if (outcome == OUTCOME_OK && !found)
		outcome = blocks_end(db, &place.after);
	filter->values[2] = INT(place.after);
	filter->values[FILTERS + 1] = INT(place.left);
	return outcome;
}

/* ---- rows ---- */

static enum outcome
read_object(struct db *db, struct store_op *op, int64_t seq, struct store_object *out, bool *whole)
{
	struct db_value values[] = { INT(seq) };

	*whole = false;
	db_bind(db, SQL_OBJECT_BY_SEQ, values, COUNT(values));
	if (db_next(db, SQL_OBJECT_BY_SEQ))
		*whole = object_row(db, SQL_OBJECT_BY_SEQ, op, out);
	return db_end(db, SQL_OBJECT_BY_SEQ);
}

static bool
is_full(const struct store_page_args *args, size_t bytes)
{
	return args->max_bytes > 0 && args->count > 0 && bytes > args->max_bytes;
}

/* A damaged object leaves a gap in its page: the others stay on theirs. */
static enum outcome
take_row(struct db *db, struct store_op *op, enum sql_id sql, struct store_object **objects,
        size_t *bytes)
{
	struct store_page_args *args = &op->u.page;
	int64_t seq = db_int(db, sql, 0);
	struct store_object *object;
	enum outcome outcome;
	bool whole;

	*objects = rows_grow(op->arena, *objects, args->count, sizeof(**objects));
	object = *objects + args->count;
	outcome = read_object(db, op, seq, object, &whole);
	*bytes += whole ? object->body.len : 0;
	args->more = is_full(args, *bytes);
	if (outcome != OUTCOME_OK || args->more)
		return outcome;
	args->last_seq = seq;
	args->passed++;
	args->count += whole;
	return outcome;
}

/* One row more than the page may have is asked for, and tells that there is one. */
static enum outcome
read_rows(struct db *db, struct store_op *op, enum sql_id sql, const struct filter *filter)
{
	struct store_page_args *args = &op->u.page;
	struct store_object *objects = NULL;
	enum outcome outcome = OUTCOME_OK, ended;
	size_t bytes = 0;

	db_bind(db, sql, filter->values, COUNT(filter->values));
	while (outcome == OUTCOME_OK && !args->more && db_next(db, sql)) {
		args->more = args->passed >= args->limit;
		if (!args->more)
			outcome = take_row(db, op, sql, &objects, &bytes);
	}
	args->objects = objects;
	ended = db_end(db, sql);
	return outcome == OUTCOME_OK ? ended : outcome;
}

static enum outcome
read_page(struct db *db, struct store_op *op)
{
	struct store_page_args *args = &op->u.page;
	struct filter filter = filter_of(args, op->arena);
	enum outcome outcome = count_all(db, args, &filter);

	args->objects = NULL;
	args->count = 0;
	args->passed = 0;
	args->more = false;
	args->last_seq = args->after_seq;
	if (outcome == OUTCOME_OK && (args->has_from || args->has_to))
		outcome = count_dates(db, args, &filter);
	if (outcome != OUTCOME_OK || args->total == 0)
		return outcome;
	if (args->limit == 0 || (args->after_seq <= 0 && args->offset >= args->total))
		return OUTCOME_OK;
	outcome = seek(db, args, &filter);
	return outcome == OUTCOME_OK ? read_rows(db, op, choose(args, &filter), &filter) : outcome;
}

/* Total and rows are of one snapshot. It is ended by ROLLBACK: a reader never says COMMIT. */
enum outcome
object_page(struct db *db, struct store_op *op)
{
	enum outcome outcome = db_do(db, SQL_SNAPSHOT);

	if (outcome != OUTCOME_OK)
		return outcome;
	outcome = read_page(db, op);
	op_result(op, RH_OK, "");
	db_do(db, SQL_ROLLBACK);
	return outcome;
}
