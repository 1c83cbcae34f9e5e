/* sqlite_event: what happened to the hub, and who did it. */
#include "sqlite_objects.h"

#include <stdlib.h>

enum { TRIM_ROWS = 1000, MOST_TYPES = 64 };

/* ---- writing ---- */

static enum outcome
keep_most(struct db *db, const struct store_event_args *args)
{
	const struct store_event *event = args->event;

	return DB_RUN(
	        db, SQL_EVENT_MOST, INT(event->platform), KEY_TEXT(event->type), INT(args->most));
}

static enum outcome
change(struct db *db, struct store_op *op)
{
	const struct store_event *event = op->u.event.event;
	struct db_value values[] = { INT(event->at_ms), KEY_TEXT(event->type), INT(event->platform),
		KEY_TEXT(event->who), KEY_TEXT(event->address), KEY_TEXT(event->what),
		KEY_TEXT(event->subject), KEY_TEXT(event->data), INT(event->id) };
	bool fresh = event->id == 0;
	enum outcome outcome = db_run(
	        db, fresh ? SQL_EVENT_INSERT : SQL_EVENT_UPDATE, values, COUNT(values) - fresh);

	if (fresh)
		op->made_id = db_last_id(db);
	return outcome;
}

enum outcome
event_put(struct db *db, struct store_op *op)
{
	int64_t id = op->made_id = op->u.event.event->id;
	enum outcome outcome =
	        op->u.event.drop ? DB_RUN(db, SQL_EVENT_DROP, INT(id)) : change(db, op);

	if (outcome == OUTCOME_OK && db_changes(db) == 0)
		op_result(op, RH_NOT_FOUND, "no event has this id");
	if (outcome == OUTCOME_OK && id == 0 && op->u.event.most > 0)
		outcome = keep_most(db, &op->u.event);
	return outcome;
}

static size_t
read_types(struct db *db, struct arena *arena, struct str types[MOST_TYPES], enum outcome *outcome)
{
	size_t count = 0;

	db_bind(db, SQL_EVENT_TYPES, NULL, 0);
	while (count < MOST_TYPES && db_next(db, SQL_EVENT_TYPES))
		types[count++] = db_text(db, SQL_EVENT_TYPES, 0, arena);
	*outcome = db_end(db, SQL_EVENT_TYPES);
	return count;
}

static enum outcome
trim_types(struct db *db, struct store_event_trim_args *args)
{
	struct arena *arena = arena_new(1024);
	struct str types[MOST_TYPES];
	enum outcome outcome;
	size_t count = read_types(db, arena, types, &outcome);

	for (size_t i = 0; outcome == OUTCOME_OK && i < count; i++) {
		outcome =
		        DB_RUN(db, SQL_EVENT_TRIM, TEXT(types[i]), INT(args->most), INT(TRIM_ROWS));
		if (outcome == OUTCOME_OK)
			args->dropped += (uint64_t)db_changes(db);
	}
	arena_free(arena);
	return outcome;
}

enum outcome
event_trim(struct db *db, struct store_op *op)
{
	struct store_event_trim_args *args = &op->u.event_trim;
	enum outcome outcome = OUTCOME_OK;

	args->dropped = 0;
	if (args->before_ms > 0)
		outcome = DB_RUN(db, SQL_EVENT_EXPIRE, INT(args->before_ms), INT(TRIM_ROWS));
	if (outcome == OUTCOME_OK && args->before_ms > 0)
		args->dropped = (uint64_t)db_changes(db);
	return outcome == OUTCOME_OK ? trim_types(db, args) : outcome;
}

/* ---- reading ---- */

struct found {
	struct store_op *op;
	struct store_event *rows;
	size_t count;
};

static struct store_event
event_row(struct db *db, enum sql_id sql, struct arena *arena)
{
	return (struct store_event){
		.id = db_int(db, sql, 0),
		.at_ms = db_int(db, sql, 1),
		.type = db_text(db, sql, 2, arena),
		.platform = db_int(db, sql, 3),
		.who = db_text(db, sql, 4, arena),
		.address = db_text(db, sql, 5, arena),
		.what = db_text(db, sql, 6, arena),
		.subject = db_text(db, sql, 7, arena),
		.data = db_text(db, sql, 8, arena),
	};
}

static enum outcome
find(struct db *db, enum sql_id sql, struct str type, struct found *found)
{
	const struct store_events_args *args = &found->op->u.events;
	struct db_value values[] = { TEXT(type), INT(args->platform), TEXT(args->who),
		TEXT(args->what), INT(args->since_ms),
		INT(args->until_ms > 0 ? args->until_ms : INT64_MAX), INT(args->after),
		INT(args->before > 0 ? args->before : INT64_MAX), INT(args->limit) };

	db_bind(db, sql, values, COUNT(values));
	while (db_next(db, sql)) {
		found->rows = rows_grow(
		        found->op->arena, found->rows, found->count, sizeof(*found->rows));
		found->rows[found->count++] = event_row(db, sql, found->op->arena);
	}
	return db_end(db, sql);
}

static enum outcome
find_types(struct db *db, bool after, struct found *found)
{
	static const enum sql_id sql[2][2] = {
		{ SQL_EVENTS_OF_TYPE, SQL_EVENTS_OF_TYPE_AFTER },
		{ SQL_EVENTS_OF_BOTH, SQL_EVENTS_OF_BOTH_AFTER },
	};
	const struct store_events_args *args = &found->op->u.events;
	enum outcome outcome = OUTCOME_OK;

	for (size_t i = 0;
	        outcome == OUTCOME_OK && i < STORE_EVENT_TYPES && args->types[i].p != NULL; i++)
		outcome = find(db, sql[args->platform != 0][after], args->types[i], found);
	return outcome;
}

static int
by_id(const void *a, const void *b)
{
	const struct store_event *one = a, *other = b;

	return (one->id > other->id) - (one->id < other->id);
}

/* Of several types there may be more than were asked for. */
static void
take_rows(struct store_op *op, const struct found *found)
{
	struct store_events_args *args = &op->u.events;
	size_t over = found->count > args->limit ? found->count - args->limit : 0;

	if (found->count > 0)
		qsort(found->rows, found->count, sizeof(*found->rows), by_id);
	args->rows = found->rows;
	if (over > 0 && args->after == 0)
		args->rows += over;
	args->count = found->count - over;
	op_result(op, RH_OK, "");
}

enum outcome
events(struct db *db, struct store_op *op)
{
	const struct store_events_args *args = &op->u.events;
	struct found found = { .op = op };
	bool after = args->after > 0;
	enum outcome outcome;

	if (args->types[0].p != NULL)
		outcome = find_types(db, after, &found);
	else if (args->platform != 0)
		outcome = find(db, after ? SQL_EVENTS_OF_PLATFORM_AFTER : SQL_EVENTS_OF_PLATFORM,
		        (struct str){ 0 }, &found);
	else
		outcome = find(db, after ? SQL_EVENTS_ALL_AFTER : SQL_EVENTS_ALL, (struct str){ 0 },
		        &found);
	if (outcome == OUTCOME_OK)
		take_rows(op, &found);
	return outcome;
}
