/* faults: the disk fails at every call of every operation, once and for ever. Figure 3.
 *
 * A case is an operation of a store, a kind of fault, and the number of the call that fails while
 * it runs; numbers go up until none is left that is met. Each case begins with the same files, so
 * what the database says afterwards is known: what an operation without a fault leaves when it was
 * acknowledged, else what was there before. When the fault is gone the same operation goes through
 * and leaves what it should; after a failed sync that takes a restart, and until then nothing is
 * acknowledged. */
#include "content.h"
#include "deeds.h"
#include "filled.h"
#include "shim.h"

#include "migrate.h"
#include "sqlite.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- faults ---- */

enum fault_kind { FAULT_READ, FAULT_WRITE, FAULT_SYNC, FAULT_FULL, FAULT_SHORT, FAULT_KINDS };
static const char *const fault_names[FAULT_KINDS] = { "EIO read", "EIO write", "EIO fsync",
	"ENOSPC", "short write" };

static struct {
	_Atomic bool armed;
	_Atomic int calls, hits;
	enum fault_kind kind;
	int number;
	bool for_ever;
	const char *suffix; /* of the files that fail; NULL: all */
} disk;

static bool
is_of_kind(const struct shim_call *call)
{
	switch (disk.kind) {
	case FAULT_READ:
		return call->kind == SHIM_READ;
	case FAULT_SYNC:
		return call->kind == SHIM_SYNC || call->kind == SHIM_SYNC_DIR;
	case FAULT_WRITE:
		return call->kind == SHIM_WRITE || call->kind == SHIM_TRUNCATE;
	default:
		return call->kind == SHIM_WRITE;
	}
}

static bool
is_meant(const struct shim_call *call)
{
	size_t len = strlen(call->path), suffix = disk.suffix == NULL ? 0 : strlen(disk.suffix);

	return disk.suffix == NULL ||
	       (len >= suffix && strcmp(call->path + len - suffix, disk.suffix) == 0);
}

static enum shim_verdict
before(const struct shim_call *call)
{
	int number;

	if (!atomic_load(&disk.armed) || !is_of_kind(call) || !is_meant(call))
		return SHIM_PASS;
	number = atomic_fetch_add(&disk.calls, 1) + 1;
	if (number != disk.number && !(disk.for_ever && number > disk.number))
		return SHIM_PASS;
	atomic_fetch_add(&disk.hits, 1);
	return disk.kind == FAULT_FULL    ? SHIM_FULL
	       : disk.kind == FAULT_SHORT ? SHIM_SHORT
	                                  : SHIM_EIO;
}

static void
arm(enum fault_kind kind, int number, bool for_ever, const char *suffix)
{
	disk.kind = kind;
	disk.number = number;
	disk.for_ever = for_ever;
	disk.suffix = suffix;
	atomic_store(&disk.calls, 0);
	atomic_store(&disk.hits, 0);
	atomic_store(&disk.armed, true);
}

static bool
disarm(void)
{
	atomic_store(&disk.armed, false);
	return atomic_load(&disk.hits) > 0;
}

/* ---- a case ---- */

struct sweep {
	struct place place;
	struct files now, before; /* as of today, and of an older program */
	size_t cases, refused, acknowledged, fatal;
	bool lie; /* --prove: an operation that failed is taken for acknowledged */
};
struct one {
	const struct deed *deed;
	enum fault_kind kind;
	int number;
	bool for_ever;
	uint64_t without, with; /* sums of the content: before, and after the operation */
	uint64_t in_the_end; /* the latter without numbers of changes, some of which may be lost */
	uint64_t told;
};

static void
say(const struct one *one, const char *what, const char *why)
{
	fault_found("%s, %s at call %d %s: %s%s%s", one->deed->name, fault_names[one->kind],
	        one->number, one->for_ever ? "and all after it" : "alone", what,
	        why[0] == '\0' ? "" : ": ", why);
}

static uint64_t
sum_now(const struct sweep *sweep, const struct one *one)
{
	char why[CONTENT_WHY] = "";
	uint64_t sum = content_sum(sweep->place.file, why);

	if (sum == 0 && one != NULL)
		say(one, "the database is not whole", why);
	return sum;
}

static bool
is_done(const struct sweep *sweep, const struct one *one)
{
	char why[CONTENT_WHY] = "";

	return content_sum_unnumbered(sweep->place.file, why) == one->in_the_end;
}

static enum rh_err
run(struct sweep *sweep, const struct deed *deed, struct store_op *op)
{
	struct memory memory = { 0 };
	struct slot_ids given = deed_ids;
	enum rh_err err;

	deed->make(op, &memory, &sweep->place);
	err = place_do(&sweep->place, op);
	if (memory.slot.slot != 0 || memory.slot.body != NULL)
		slot_written(&memory.slot, &given);
	return err;
}

static bool
store_is_failed(struct sweep *sweep)
{
	struct store_stats stats;

	store_stats(sweep->place.store, &stats);
	return stats.failed;
}

/* What it should be by what was said of it. */
static void
judge_content(struct sweep *sweep, const struct one *one, enum rh_err err, bool failed)
{
	uint64_t sum = sum_now(sweep, one);

	if (sum == 0)
		return;
	if (err == RH_OK && sum != one->with)
		say(one, "it was acknowledged and is not there", "");
	else if (err != RH_OK && sum != one->without && !(failed && sum == one->with))
		say(one, "it was refused, and something was changed", "");
}

static void
judge_again(struct sweep *sweep, const struct one *one, bool done)
{
	struct store_op op;
	char copy[128];

	if (done)
		return;
	snprintf(copy, sizeof(copy), "%s/copy.db", sweep->place.dir);
	if (access(copy, F_OK) == 0 && one->kind != FAULT_SYNC)
		say(one, "a copy that failed left a file", "");
	(void)remove(copy);
	if (run(sweep, one->deed, &op) != RH_OK)
		say(one, "the fault is gone, and it does not work again", op.why);
	else if (one->deed->told != NULL && one->deed->told(&op) != one->told)
		say(one, "the fault is gone, and something else is read", "");
	else if (!is_done(sweep, one))
		say(one, "the fault is gone, and it does not leave what it should", "");
}

static void
reopen(struct sweep *sweep, const struct one *one)
{
	struct fault fault;

	place_close(&sweep->place);
	if (place_try(&sweep->place, &fault) != RH_OK)
		say(one, "it does not open any more", fault.why);
}

static void
judge_failed_store(struct sweep *sweep, const struct one *one)
{
	struct store_op probe = { .verb = STORE_PROBE };

	sweep->fatal++;
	if (one->kind != FAULT_SYNC)
		say(one, "the store is failed, although no sync was", "");
	if (place_do(&sweep->place, &probe) == RH_OK)
		say(one, "after a failed sync something was acknowledged", "");
}

/* A copy that failed leaves no file behind, and is no reason to fail. */
static void
judge_outcome(struct sweep *sweep, const struct one *one, struct store_op *op)
{
	enum rh_err err = sweep->lie ? RH_OK : op->err;
	bool failed = store_is_failed(sweep);

	sweep->acknowledged += err == RH_OK;
	sweep->refused += err != RH_OK;
	if (err == RH_OK && one->deed->told != NULL && one->deed->told(op) != one->told)
		say(one, "something else was read than what is there", "");
	if (err != RH_OK && op->why[0] == '\0')
		say(one, "it was refused without a reason", "");
	if (failed) {
		judge_failed_store(sweep, one);
		reopen(sweep, one);
	}
	if (sweep->place.store == NULL)
		return;
	judge_content(sweep, one, err, failed);
	judge_again(sweep, one, err == RH_OK || (failed && sum_now(sweep, NULL) == one->with));
	reopen(sweep, one);
	if (sweep->place.store != NULL && !is_done(sweep, one))
		say(one, "it is not there after a restart", "");
}

/* True: the fault was met. */
static bool
try_operation(struct sweep *sweep, const struct one *one)
{
	struct store_op op, probe = { .verb = STORE_PROBE };
	struct memory memory = { 0 };
	struct slot_ids given = deed_ids;
	bool met;

	place_open(&sweep->place);
	one->deed->make(&op, &memory, &sweep->place);
	arm(one->kind, one->number, one->for_ever, one->deed->suffix);
	place_do(&sweep->place, &op);
	if (one->deed->behind && op.err == RH_OK)
		place_do(&sweep->place, &probe);
	met = disarm();
	if (memory.slot.slot != 0 || memory.slot.body != NULL)
		slot_written(&memory.slot, &given);
	if (met)
		judge_outcome(sweep, one, &op);
	return met;
}

static bool
try_opening(struct sweep *sweep, const struct one *one)
{
	struct fault fault;
	enum rh_err err;
	bool met;

	arm(one->kind, one->number, one->for_ever, NULL);
	err = place_try(&sweep->place, &fault);
	met = disarm();
	if (err != RH_OK && fault.why[0] == '\0')
		say(one, "it does not open, and does not say why", "");
	sweep->refused += met && err != RH_OK;
	sweep->acknowledged += met && err == RH_OK;
	if (err != RH_OK && place_try(&sweep->place, &fault) != RH_OK)
		say(one, "the fault is gone, and it does not open", fault.why);
	else if (sum_now(sweep, one) != one->with)
		say(one, "it holds something else than before", "");
	return met;
}

static bool
try_closing(struct sweep *sweep, const struct one *one)
{
	struct store_op op;
	struct fault fault;
	bool met;

	place_open(&sweep->place);
	if (run(sweep, &deeds[DEED_UPDATE], &op) != RH_OK)
		say(one, "before the fault", op.why);
	arm(one->kind, one->number, one->for_ever, NULL);
	place_close(&sweep->place);
	met = disarm();
	if (place_try(&sweep->place, &fault) != RH_OK)
		say(one, "it does not open any more", fault.why);
	else if (sum_now(sweep, one) != one->with)
		say(one, "something was lost", "");
	return met;
}

static bool
try_one(struct sweep *sweep, const struct one *one)
{
	bool met;

	files_put(one->deed->from_before ? &sweep->before : &sweep->now, &sweep->place);
	met = one->deed->opening   ? try_opening(sweep, one)
	      : one->deed->closing ? try_closing(sweep, one)
	                           : try_operation(sweep, one);
	sweep->cases += met;
	place_close(&sweep->place);
	place_forget(&sweep->place);
	return met;
}

/* What it leaves and tells when nothing fails. */
static void
learn(struct sweep *sweep, struct one *one)
{
	const struct deed *deed = one->deed->closing ? &deeds[DEED_UPDATE] : one->deed;
	char why[CONTENT_WHY] = "";
	struct store_op op = { 0 };

	files_put(deed->from_before ? &sweep->before : &sweep->now, &sweep->place);
	place_open(&sweep->place);
	one->without = sum_now(sweep, NULL);
	if (run(sweep, deed, &op) != RH_OK)
		broken("%s, without a fault: %s", deed->name, op.why);
	one->with = sum_now(sweep, NULL);
	one->in_the_end = content_sum_unnumbered(sweep->place.file, why);
	if (deed->told != NULL)
		one->told = deed->told(&op);
	else if (one->with == one->without && !deed->same)
		broken("%s changes nothing", deed->name);
	place_close(&sweep->place);
	place_forget(&sweep->place);
}

static void
sweep_deed(struct sweep *sweep, const struct deed *deed)
{
	struct one one = { .deed = deed };
	size_t before = sweep->cases;

	learn(sweep, &one);
	for (int i = 0; i < 2 * FAULT_KINDS; i++) {
		one.kind = (enum fault_kind)(i / 2);
		one.for_ever = i % 2 == 1;
		for (one.number = 1; try_one(sweep, &one);)
			one.number += deed->sparse && one.number > 8 ? one.number / 4 : 1;
	}
	printf("%5zu %s\n", sweep->cases - before, deed->name);
	fflush(stdout);
}

/* ---- what is there before ---- */

static void
take_older(struct sweep *sweep)
{
	struct fault fault = { 0 };
	struct db *db;

	place_clear(&sweep->place);
	db = db_open(sweep->place.file, DB_WRITER, &fault);
	if (db == NULL || migrate(db, migrations, 3, &fault) != RH_OK ||
	        db_exec(db, "INSERT INTO cursor (receiver, change) VALUES ('platform/3', 7)") !=
	                OUTCOME_OK)
		broken("%s", fault.why);
	db_close(db);
	files_take(&sweep->before, &sweep->place);
}

static void
prepare(struct sweep *sweep)
{
	static const struct shim_hooks hooks = { .before = before };

	shim_install(&hooks);
	place_make(&sweep->place, NULL);
	take_older(sweep);
	place_clear(&sweep->place);
	place_open(&sweep->place);
	fill(&sweep->place, 1, &deed_ids);
	place_close(&sweep->place);
	files_take(&sweep->now, &sweep->place);
}

int
main(int argc, char **argv)
{
	int64_t only = -1, prove = 0;
	const struct option options[] = { { "--only", &only }, { "--prove", &prove } };
	static struct sweep sweep;

	options_read(argc, argv, options, COUNT(options));
	rh_log_setup((enum rh_level) - 1, LOG_TEXT);
	sweep.lie = prove != 0;
	prepare(&sweep);
	for (size_t i = 0; i < deed_count; i++)
		if (only < 0 || only == (int64_t)i)
			sweep_deed(&sweep, &deeds[i]);
	files_free(&sweep.now);
	files_free(&sweep.before);
	place_end(&sweep.place);
	return verdict(3,
	        "cases %zu over %zu operations: acknowledged %zu, refused %zu, fatal %zu of them, "
	        "0 crashes",
	        sweep.cases, deed_count, sweep.acknowledged, sweep.refused, sweep.fatal);
}
