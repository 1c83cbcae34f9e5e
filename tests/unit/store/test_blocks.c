/* test_blocks: a page by offset begins near its place, and at the right one (fault H7): held
 * against plain counting after random writes, deletions, moves and expiry, and counted in steps. */
#include "share.h"

#include "../suite.h"
#include "migrate.h"
#include "sqlite_verbs.h"

#include <check.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	IDS = 16000,
	OWNERS = 7,
	SCOPES = 3,
	ROUNDS = 9,
	ROUND_WRITES = 3000,
	ROUND_PAGES = 25,
	MOST_ENTRIES = ROUNDS * ROUND_WRITES,
	LIMIT = 20,
	BIG = 20000,
};
static const char *const scopes[SCOPES] = { "*", "NL*MSP@1", "FR*MSP@2" };
static const struct str hidden_owners[] = { { "DE*O1", 5 }, { "DE*O4", 5 }, { "DE*O6", 5 } };

/* ---- the model: entries in the order of creation ---- */

struct entry {
	int scope, id;
	bool live;
};
struct model {
	struct entry entries[MOST_ENTRIES];
	int count;
	int at[SCOPES][IDS];      /* the entry that is live; -1: none */
	int written[SCOPES][IDS]; /* number of the write that made the version; 0: unknown */
	int writes;
};

static void
model_write(struct model *model, int scope, int id, bool deletes)
{
	int *at = &model->at[scope][id];

	model->writes++;
	if (deletes && *at < 0)
		return;
	model->written[scope][id] = model->writes;
	if (deletes) {
		model->entries[*at].live = false;
		*at = -1;
	} else if (*at < 0) {
		*at = model->count;
		model->entries[model->count++] = (struct entry){ scope, id, true };
	}
}

static void
model_drop(struct model *model, int scope, int id)
{
	if (model->at[scope][id] >= 0)
		model->entries[model->at[scope][id]].live = false;
	model->at[scope][id] = -1;
	model->written[scope][id] = 0;
}

/* The newer version stays, a deletion too. */
static void
model_move(struct model *model, int from, int to)
{
	for (int id = 0; id < IDS; id++) {
		int at = model->at[from][id], written = model->written[from][id];

		if (written == 0)
			continue;
		if (model->written[to][id] > written) {
			model_drop(model, from, id);
			continue;
		}
		model_drop(model, to, id);
		model->at[to][id] = at;
		model->written[to][id] = written;
		if (at >= 0)
			model->entries[at].scope = to;
		model->at[from][id] = -1;
		model->written[from][id] = 0;
	}
}

static void
model_expire(struct model *model, int before)
{
	for (int scope = 0; scope < SCOPES; scope++)
		for (int id = 0; id < IDS; id++)
			if (model->written[scope][id] < before)
				model_drop(model, scope, id);
}

static bool
model_shows(const struct model *model, const struct entry *entry, int viewer,
        const struct store_page_args *args, int owner)
{
	int own = entry->id % OWNERS, ns = model->written[entry->scope][entry->id];

	if (!entry->live || (owner >= 0 && own != owner))
		return false;
	if ((args->has_from && ns < args->from_ns) || (args->has_to && ns >= args->to_ns))
		return false;
	for (size_t i = 0; i < args->hidden_count; i++)
		if (own == hidden_owners[i].p[4] - '0')
			return false;
	if (entry->scope != 0)
		return entry->scope == viewer;
	return viewer <= 0 || model->at[viewer][entry->id] < 0;
}

/* ---- the store ---- */

struct writing {
	struct rig_op ops[ROUND_WRITES];
	struct share shares[ROUND_WRITES];
	char keys[ROUND_WRITES][48], bodies[ROUND_WRITES][16];
};

static void
submit(struct rig *rig, struct writing *writing, int n, int write, int scope, int id, bool deletes)
{
	struct rig_op *op = &writing->ops[n];

	snprintf(writing->keys[n], sizeof(writing->keys[n]), "%s sessions DE*O%d L%d",
	        scopes[scope], id % OWNERS, id);
	snprintf(writing->bodies[n], sizeof(writing->bodies[n]), "%d", write);
	writing->shares[n] = (struct share){ .body = deletes ? NULL : writing->bodies[n],
		.last_updated_ns = write };
	op->op = share_op(writing->keys[n], &writing->shares[n]);
	op->op.u.share.at_ms = write;
	op->done = false;
	rig_submit(rig, op);
}

static void
wait_all(struct rig *rig, struct writing *writing, int count)
{
	for (int n = 0; n < count; n++) {
		rig_wait(rig, &writing->ops[n]);
		ck_assert_int_eq(writing->ops[n].op.err, RH_OK);
	}
}

/* Most writes are new objects, and most of them shared. */
static void
write_round(struct rig *rig, struct model *model, struct writing *writing, int deletes_of_ten)
{
	for (int n = 0; n < ROUND_WRITES; n++) {
		int scope = rand() % 10 < 6 ? 0 : 1 + rand() % 2, id = rand() % IDS;
		bool deletes = rand() % 10 < deletes_of_ten;

		model_write(model, scope, id, deletes);
		submit(rig, writing, n, model->writes, scope, id, deletes);
	}
	wait_all(rig, writing, ROUND_WRITES);
}

static void
move_all(struct rig *rig, const char *from, const char *to)
{
	struct store_op op;

	do {
		op = (struct store_op){ .verb = STORE_SCOPE_MOVE,
			.u.scope = { .from = str_of(from), .to = str_of(to) } };
		ck_assert_int_eq(rig_do(rig, &op), RH_OK);
	} while (op.u.scope.moved > 0);
}

static void
expire_all(struct rig *rig, int before)
{
	struct store_op op;

	do {
		op = (struct store_op){ .verb = STORE_EXPIRE,
			.u.expire = { .now_ms = 1, .before_ms = before } };
		ck_assert_int_eq(rig_do(rig, &op), RH_OK);
	} while (op.u.expire.dropped > 0);
}

static void
check_page(struct rig *rig, const struct model *model, int viewer, size_t hidden, int owner)
{
	char owner_text[8];
	struct store_page_args args = { .module = STR("sessions"),
		.limit = LIMIT,
		.hidden = hidden_owners,
		.hidden_count = hidden };
	uint64_t total = 0, seen = 0;

	if (viewer >= 0)
		args.viewer = str_of(scopes[viewer]);
	snprintf(owner_text, sizeof(owner_text), "DE*O%d", owner);
	if (owner >= 0)
		args.owner = str_of(owner_text);
	args.has_from = rand() % 4 == 0;
	args.from_ns = rand() % model->writes;
	args.has_to = rand() % 4 == 0;
	args.to_ns = rand() % model->writes;
	for (int i = 0; i < model->count; i++)
		total += model_shows(model, &model->entries[i], viewer, &args, owner);
	args.offset = (uint64_t)rand() % (total + 10);
	share_page(rig, &args);
	ck_assert_uint_eq(args.total, total);
	for (int i = 0, at = 0; i < model->count && at < LIMIT; i++) {
		char id[16];

		if (!model_shows(model, &model->entries[i], viewer, &args, owner) ||
		        seen++ < args.offset)
			continue;
		snprintf(id, sizeof(id), "L%d", model->entries[i].id);
		ck_assert_msg((size_t)at < args.count && str_is(args.objects[at].key.id, id),
		        "viewer %d hidden %zu owner %d offset %llu: %d is not %s", viewer, hidden,
		        owner, (unsigned long long)args.offset, at, id);
		at++;
	}
	arena_reset(rig->arena);
}

static void
check_pages(struct rig *rig, const struct model *model)
{
	static const int viewers[] = { -1, 1, 1, 2 };

	for (int i = 0; i < ROUND_PAGES; i++)
		check_page(rig, model, viewers[rand() % (int)COUNT(viewers)],
		        rand() % 2 == 0 ? 0 : (size_t)rand() % 4,
		        rand() % 4 > 0 ? -1 : rand() % OWNERS);
}

START_TEST(test_H7_pages_by_offset_are_those_of_plain_counting_whatever_was_written)
{
	struct model *model = rh_alloc(sizeof(*model));
	struct writing *writing = rh_alloc(sizeof(*writing));
	struct rig rig;

	memset(model->at, -1, sizeof(model->at));
	srand(20261123);
	rig_begin(&rig, "sqlite:");
	for (int round = 0; round < ROUNDS; round++) {
		write_round(&rig, model, writing, round % 4 == 3 ? 6 : 1);
		check_pages(&rig, model);
		if (round % 5 == 2) {
			rig_close(&rig);
			rig_open(&rig);
		}
		if (round == 5) {
			move_all(&rig, scopes[2], scopes[1]);
			model_move(model, 2, 1);
		}
		if (round == 8) {
			expire_all(&rig, model->writes / 3);
			model_expire(model, model->writes / 3);
		}
		check_pages(&rig, model);
	}
	rig_end(&rig);
	free(writing);
	free(model);
}
END_TEST

/* ---- steps ---- */

static void
fill(struct rig *rig, int count)
{
	struct writing *writing = rh_alloc(sizeof(*writing));

	for (int done = 0; done < count;) {
		int part = count - done < ROUND_WRITES ? count - done : ROUND_WRITES;

		for (int n = 0; n < part; n++, done++)
			submit(rig, writing, n, done, done % 10 == 9, done, false);
		wait_all(rig, writing, part);
	}
	free(writing);
}

static _Atomic int64_t steps; /* of SQLite's machine, by statements that were reset */

int __real_sqlite3_reset(sqlite3_stmt *stmt);
int __wrap_sqlite3_reset(sqlite3_stmt *stmt);

int
__wrap_sqlite3_reset(sqlite3_stmt *stmt)
{
	steps += sqlite3_stmt_status(stmt, SQLITE_STMTSTATUS_VM_STEP, 1);
	return __real_sqlite3_reset(stmt);
}

static int64_t
steps_of(struct db *db, const struct store_page_args *args, uint64_t total)
{
	struct arena *arena = arena_new(65536);
	struct store_op op = { .verb = STORE_OBJECT_PAGE, .arena = arena, .u.page = *args };

	steps = 0;
	ck_assert_int_eq(object_page(db, &op), OUTCOME_OK);
	ck_assert_uint_eq(op.u.page.total, total);
	ck_assert_uint_eq(op.u.page.count, args->limit);
	arena_free(arena);
	return steps;
}

START_TEST(test_H7_the_last_page_by_offset_and_a_wide_filter_cost_few_steps)
{
	static const struct {
		const char *viewer;
		size_t hidden;
		uint64_t total;
		int64_t most;
		int64_t from_ns; /* 0: without dates; the first page is looked at */
	} rows[] = {
		{ NULL, 0, BIG / 10 * 9, 5000 },
		{ "NL*MSP@1", 0, BIG, 25000 },
		{ "FR*MSP@2", 0, BIG / 10 * 9, 5000 },
		{ NULL, 3, 10286, 20000 },
		{ "NL*MSP@1", 3, 11429, 30000 },
		{ NULL, 0, BIG / 10 * 9 - 90, 10000, 100 },
		{ "NL*MSP@1", 0, BIG - 100, 10000, 100 },
		{ NULL, 0, 9, 10000, BIG - 10 },
	};
	struct fault fault = { 0 };
	struct rig rig;
	struct db *db;

	rig_begin(&rig, "sqlite:");
	fill(&rig, BIG);
	db = db_open(rig_file(&rig), DB_READER, &fault);
	ck_assert_msg(db != NULL, "%s", fault.why);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct store_page_args args = { .module = STR("sessions"),
			.viewer = str_of(rows[i].viewer),
			.hidden = hidden_owners,
			.hidden_count = rows[i].hidden,
			.has_from = rows[i].from_ns > 0,
			.from_ns = rows[i].from_ns,
			.limit = rows[i].total < LIMIT ? rows[i].total : LIMIT };
		int64_t first = steps_of(db, &args, rows[i].total), last;

		args.offset = args.has_from ? 0 : rows[i].total - LIMIT;
		last = steps_of(db, &args, rows[i].total);
		ck_assert_msg(last < rows[i].most, "row %zu: %lld steps, the first page %lld", i,
		        (long long)last, (long long)first);
	}
	db_close(db);
	rig_end(&rig);
}
END_TEST

/* ---- what was there before blocks were, and after damage ---- */

static size_t
migration_number(const char *part)
{
	for (size_t i = 0; i < migration_count; i++)
		if (strstr(migrations[i].name, part) != NULL)
			return i;
	ck_abort_msg("no migration %s", part);
}

static struct store_page_args
page_at(struct rig *rig, const char *viewer, uint64_t offset, uint64_t limit)
{
	struct store_page_args args = { .module = STR("sessions"),
		.viewer = str_of(viewer),
		.offset = offset,
		.limit = limit };

	share_page(rig, &args);
	arena_reset(rig->arena);
	return args;
}

#define OBJECTS "40000"
/* Every third number is an object; every tenth of these is the viewer's, and hides the one before
 * it; every fifth is deleted. Without digests: nobody gets
 * them, but pages pass them. */
static const char old_objects[] =
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " OBJECTS ") "
        "INSERT INTO object (seq, scope, module, owner, id, type, live, shadows, "
        "last_updated_ns, change, previous, sender_platform, at_ms) "
        "SELECT 3 * i, iif(i % 10 = 0, 'NL*MSP@1', '*'), 'sessions', 'DE*O' || (i % 7), "
        "'L' || i, '', i % 5 <> 1, iif(i % 10 = 0, 3 * i - 3, NULL), 1, 3 * i, 0, 1, 1 FROM n;"
        "INSERT INTO object_count SELECT scope, module, owner, count(*), count(shadows) "
        "FROM object WHERE live = 1 GROUP BY scope, module, owner;"
        "UPDATE sequence SET change = 3 * " OBJECTS;

static bool
old_shows(int i, bool viewer)
{
	if (i % 5 == 1 || (i % 10 == 0 && !viewer))
		return false;
	return !(viewer && i % 10 == 9);
}

static int64_t
old_last(bool viewer, uint64_t behind)
{
	int i = 0;

	for (uint64_t seen = 0; seen < behind;)
		seen += old_shows(++i, viewer);
	return 3 * i;
}

START_TEST(test_H7_the_migration_counts_what_is_there_already)
{
	struct fault fault = { 0 };
	struct rig rig;
	struct db *db;

	rig_begin(&rig, "sqlite:");
	rig_close(&rig);
	ck_assert_int_eq(remove(rig_file(&rig)), 0);
	db = db_open(rig_file(&rig), DB_WRITER, &fault);
	ck_assert_int_eq(migrate(db, migrations, migration_number("blocks"), &fault), RH_OK);
	ck_assert_msg(db_exec(db, old_objects) == OUTCOME_OK, "%s", db_why(db));
	db_close(db);
	rig_open(&rig);
	for (uint64_t offset = 0; offset < 28000; offset += 1999) {
		ck_assert_int_eq(
		        page_at(&rig, NULL, offset, 1).last_seq, old_last(false, offset + 1));
		ck_assert_int_eq(
		        page_at(&rig, "NL*MSP@1", offset, 1).last_seq, old_last(true, offset + 1));
	}
	rig_end(&rig);
}
END_TEST

static const char *const damages[] = {
	"UPDATE object SET live = 0 WHERE id = 'L500'",
	"UPDATE object SET body = 'other' WHERE id = 'L500'",
	"UPDATE object SET shadows = NULL, body = 'other' WHERE id = 'L509'",
};

/* A deleted one that looks alive, or the other way round, was counted as nobody knows. */
START_TEST(test_H7_blocks_are_right_again_after_a_damaged_object_was_put_anew)
{
	bool moves = _i == 0;
	struct rig rig;

	rig_begin(&rig, "sqlite:");
	fill(&rig, ROUND_WRITES);
	rig_tamper(&rig, damages[_i]);
	share_put(
	        &rig, _i == 2 ? "NL*MSP@1 sessions DE*O5 L509" : "* sessions DE*O3 L500", "new", 1);
	for (uint64_t offset = 400; offset < 2000; offset += 20) {
		/* nine of ten are shared; the one that moved to the end left its place */
		uint64_t place = offset + LIMIT - 1 + (moves && offset + LIMIT > 450);
		int64_t seq = (int64_t)(place / 9 * 10 + place % 9 + 1);

		ck_assert_int_eq(page_at(&rig, NULL, offset, LIMIT).last_seq, seq);
	}
	rig_end(&rig);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("store blocks");
	TCase *tests = tcase_create("blocks");

	tcase_add_test(
	        tests, test_H7_pages_by_offset_are_those_of_plain_counting_whatever_was_written);
	tcase_add_test(tests, test_H7_the_last_page_by_offset_and_a_wide_filter_cost_few_steps);
	tcase_add_test(tests, test_H7_the_migration_counts_what_is_there_already);
	tcase_add_loop_test(tests,
	        test_H7_blocks_are_right_again_after_a_damaged_object_was_put_anew, 0,
	        (int)COUNT(damages));
	suite_add_tcase(suite, tests);
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	return suite_run(suite, CK_NOFORK);
}
