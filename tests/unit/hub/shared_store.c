/* shared_store: see shared_store.h. */
#include "shared_store.h"

#include "../../../src/hub/parties/record.h"
#include "../../../src/hub/parties/view.h"

#include <string.h>

enum { KEPT_MOST = 512 };

struct shared shared;

/* ---- what is kept ---- */

static struct record *kept[KEPT_MOST]; /* texts of rows, also of those that were replaced */
static size_t kept_count;

struct store_platform *
shared_row(int64_t platform)
{
	for (size_t i = 0; i < shared.count; i++)
		if (shared.rows[i].id == platform)
			return &shared.rows[i];
	return NULL;
}

static void
keep_row(const struct store_platform *row)
{
	struct store_platform *at = shared_row(row->id);
	struct record *record = kept[kept_count++] = record_new();

	if (at == NULL)
		at = &shared.rows[shared.count++];
	record_fill(record, row);
	*at = record->row;
	at->changed = ++shared.changed;
}

int64_t
shared_write(const struct store_platform *row, int64_t joined, bool structural)
{
	struct store_platform copy = *row;

	if (copy.id == 0)
		copy.id = 100 + (int64_t)shared.count;
	keep_row(&copy);
	shared.joined[shared_row(copy.id) - shared.rows] = joined;
	shared.version += structural;
	return copy.id;
}

/* ---- answers ---- */

struct faked {
	struct store_op *op;
	enum store_verb verb;
	void (*done)(struct store_op *op);
};
static struct faked faked[SHARED_MOST];

static bool
is_overtaken(struct store_op *op, const struct store_platform *row)
{
	const struct store_platform *stored = row != NULL ? shared_row(row->id) : NULL;
	void (*meanwhile)(void) = shared.meanwhile;

	shared.meanwhile = NULL;
	if (meanwhile != NULL)
		meanwhile();
	op->overtaken = shared.overtake_all ||
	                (op->directory != 0 && op->directory != shared.version) ||
	                (row != NULL && row->changed != 0 && stored != NULL &&
	                        row->changed != stored->changed);
	if (op->overtaken)
		op->err = RH_BUSY;
	return op->overtaken;
}

static void
raise_version(struct store_op *op)
{
	shared.version += op->directory != 0;
	if (op->directory != 0)
		op->directory = shared.version;
}

static void
answer_save(struct store_op *op)
{
	struct store_platform *row = op->u.save.platform;

	if (shared.fail_saves) {
		op->err = RH_STORE_FAILED;
		return;
	}
	if (is_overtaken(op, row))
		return;
	if (row->id == 0)
		row->id = 1 + (int64_t)shared.count;
	keep_row(row);
	row->changed = shared.changed;
	raise_version(op);
	if (shared.lose_answers)
		op->err = RH_STORE_FAILED;
}

static void
answer_import(struct store_op *op)
{
	if (is_overtaken(op, NULL))
		return;
	for (size_t i = 0; i < op->u.import.platform_count; i++)
		keep_row(&op->u.import.platforms[i]);
	raise_version(op);
}

static void
answer_agreement(struct store_op *op)
{
	if (is_overtaken(op, NULL))
		return;
	op->u.agreements.agreements->id = 1 + (int64_t)shared.agreement_count;
	shared.agreements[shared.agreement_count++] = *op->u.agreements.agreements;
	shared.agreements_changed = ++shared.changed;
	raise_version(op);
}

static void
answer_directory(struct store_op *op)
{
	struct store_directory_args *args = &op->u.directory;
	struct store_platform *rows = arena_alloc(op->arena, SHARED_MOST * sizeof *rows);
	int64_t *joined = arena_alloc(op->arena, SHARED_MOST * sizeof *joined);

	if (shared.fail_reads) {
		op->err = RH_STORE_FAILED;
		return;
	}
	args->head = shared.head;
	args->platform_count = 0;
	for (size_t i = 0; i < shared.count; i++)
		if (shared.rows[i].changed > args->since) {
			joined[args->platform_count] = shared.joined[i];
			rows[args->platform_count++] = shared.rows[i];
		}
	args->platforms = rows;
	args->joined = joined;
	args->agreements_changed = shared.agreements_changed > args->since;
	args->agreements = shared.agreements;
	args->agreement_count = args->agreements_changed ? shared.agreement_count : 0;
	args->changed = shared.changed;
	args->version = shared.version;
}

static void
answer(struct store_op *op)
{
	for (size_t i = 0; i < SHARED_MOST; i++) {
		struct faked was = faked[i];

		if (was.op != op)
			continue;
		faked[i].op = NULL;
		op->verb = was.verb;
		op->done = was.done;
		if (was.verb == STORE_PLATFORM_SAVE)
			answer_save(op);
		else if (was.verb == STORE_IMPORT)
			answer_import(op);
		else if (was.verb == STORE_AGREEMENT_SAVE)
			answer_agreement(op);
		else
			answer_directory(op);
		op->done(op);
		return;
	}
	ck_abort_msg("an operation that nobody began");
}

static void
note(char what)
{
	size_t len = strlen(shared.order);

	if (len + 1 < sizeof shared.order)
		shared.order[len] = what;
}

static void
fake(struct store_op *op)
{
	for (size_t i = 0; i < SHARED_MOST; i++) {
		if (faked[i].op != NULL)
			continue;
		faked[i] = (struct faked){ op, op->verb, op->done };
		op->verb = STORE_PROBE;
		op->done = answer;
		return;
	}
	ck_abort_msg("too many operations at once");
}

static void
see(struct store_op *op)
{
	switch (op->verb) {
	case STORE_DIRECTORY:
		note('d');
		shared.reads++;
		fake(op);
		break;
	case STORE_PLATFORM_SAVE:
	case STORE_IMPORT:
	case STORE_AGREEMENT_SAVE:
		note('s');
		shared.saves++;
		fake(op);
		break;
	case STORE_CURSORS_SAVE:
		note('c');
		shared.cursors++;
		break;
	case STORE_SHARE:
		note('a');
		shared.announcements++;
		break;
	default:
		break;
	}
}

/* ---- its begin and end ---- */

void
shared_begin(void)
{
	shared = (struct shared){ .version = 1 };
	memset(faked, 0, sizeof faked);
	hub->together.on = true;
	view_open(hub);
	hub->registry->version = 1;
	stand_in = see;
}

void
shared_end(void)
{
	turn_until_idle();
	stand_in = NULL;
	hub->together.on = false; /* it stops as one that is alone */
	while (kept_count > 0)
		record_free(kept[--kept_count]);
}

void
shared_look(void)
{
	uint64_t read;

	view_look(hub, shared.changed);
	read = view_ask(hub);
	while (view_of(hub, read) == VIEW_WAITS)
		net_loop_turn(hub->loop, 10);
	turn_until_idle();
}
