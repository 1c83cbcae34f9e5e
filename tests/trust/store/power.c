/* power: the power goes at any moment; what was acknowledged is there afterwards. Figure 2.
 *
 * A store works for a while under a recording of its disk: it is made by an older program and
 * migrated, opened and closed, and all that it keeps is changed in small batches while it is
 * copied. Then states of that disk are rebuilt (recording.h), and each is opened by a store:
 * - it opens, and SQLite finds it whole;
 * - each slot has the version that was acknowledged, or one that was submitted later;
 * - all tables together are what they were after the last commit, or after the one under way;
 * - a copy that was acknowledged is whole. */
#include "content.h"
#include "recording.h"
#include "slots.h"

#include "migrate.h"
#include "sqlite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	BATCH_MOST = 8,
	NOISE = 5, /* verbs without a slot */
	COPY_EVERY = 8,
	OLD_SCHEMA = 3,
	DISTURB = 1, /* of --prove */
};
enum mark { MARK_SUBMITTED, MARK_ACKNOWLEDGED, MARK_COPIED };

struct ledger {
	int64_t submitted[SLOTS], acknowledged[SLOTS];
	bool copied;
};

/* ---- the work that is recorded ---- */

struct work {
	struct place place;
	struct slot_ids ids;
	struct chance chance;
	int64_t versions[SLOTS];
	size_t acknowledged;
	struct place_op noise, copy;
	struct store_failure failure;
	bool copying;
	char copy_path[128];
};

static void
make_noise(struct work *work)
{
	struct store_op ops[NOISE] = {
		{ .verb = STORE_PROBE },
		{ .verb = STORE_EXPIRE, .u.expire.now_ms = 1000 },
		{ .verb = STORE_PLATFORM_TOUCH, .u.touch = { 1, (int64_t)work->acknowledged } },
		{ .verb = STORE_FAILURE_PUT,
		        .u.failures = { .failures = &work->failure, .count = 1 } },
		{ .verb = STORE_REDRIVE,
		        .u.redrive = { .receiver = STR("platform/9"), .now_ms = 5 } },
	};

	work->failure = (struct store_failure){
		.receiver = STR("platform/9"),
		.to = STR("NL*MSP"),
		.key = { STR("*"), STR("tariffs"), STR("DE*CPO"), STR("REFUSED"), STR("") },
		.change = (int64_t)work->acknowledged,
		.at_ms = 1000000,
		.http = 400,
		.why = STR("no"),
	};
	work->noise.op = ops[chance_below(&work->chance, NOISE)];
	place_submit(&work->place, &work->noise);
	place_wait(&work->place, &work->noise);
}

static size_t
choose_slot(struct work *work, const struct slot_write *writes, size_t count)
{
	for (;;) {
		size_t slot = chance_below(&work->chance, SLOTS);
		bool taken = slot_kind(slot) == SLOT_RELINK && work->versions[slot] > 0;

		for (size_t i = 0; i < count; i++)
			taken = taken || writes[i].slot == slot;
		if (!taken)
			return slot;
	}
}

/* A deletion of what there is none of is refused, and then it is no version. */
static void
begin_write(struct work *work, struct slot_write *write, size_t slot)
{
	int64_t version = ++work->versions[slot];

	if (slot_kind(slot) == SLOT_AGREEMENT && work->ids.ids[slot] == 0 &&
	        slot_is_deletion(slot, version))
		version = ++work->versions[slot];
	slot_write(write, slot, version, &work->ids);
	recording_mark(MARK_SUBMITTED, slot, version);
	place_submit(&work->place, &write->op);
}

static void
end_write(struct work *work, struct slot_write *write)
{
	place_wait(&work->place, &write->op);
	if (write->op.op.err != RH_OK)
		broken("%s: %s", slot_name(write->slot), write->op.op.why);
	recording_mark(MARK_ACKNOWLEDGED, write->slot, write->version);
	work->acknowledged++;
	slot_written(write, &work->ids);
}

static void
work_batch(struct work *work)
{
	static struct slot_write writes[BATCH_MOST];
	size_t count = 1 + chance_below(&work->chance, BATCH_MOST);

	for (size_t i = 0; i < count; i++)
		begin_write(work, &writes[i], choose_slot(work, writes, i));
	for (size_t i = 0; i < count; i++)
		end_write(work, &writes[i]);
	if (chance_below(&work->chance, 4) == 0)
		make_noise(work);
	place_forget(&work->place);
}

static void
begin_copy(struct work *work)
{
	snprintf(work->copy_path, sizeof(work->copy_path), "%s/copy.db", work->place.dir);
	work->copy.op = (struct store_op){ .verb = STORE_BACKUP, .u.backup.path = work->copy_path };
	place_submit(&work->place, &work->copy);
	work->copying = true;
}

static void
end_copy(struct work *work)
{
	place_wait(&work->place, &work->copy);
	if (work->copy.op.err != RH_OK)
		broken("backup: %s", work->copy.op.why);
	recording_mark(MARK_COPIED, 0, 0);
	work->copying = false;
}

/* As a program left it that knew the first migrations alone. */
static void
begin_as_before(struct work *work)
{
	struct fault fault = { 0 };
	struct db *db = db_open(work->place.file, DB_WRITER, &fault);

	if (db == NULL || migrate(db, migrations, OLD_SCHEMA, &fault) != RH_OK)
		broken("%s", fault.why);
	if (db_exec(db, "INSERT INTO cursor (receiver, change) VALUES ('platform/3', 7);"
	                "INSERT INTO platform (name, state, removed, created_ms, updated_ms, "
	                "last_contact_ms, claims_bound) VALUES ('old', 0, 0, 0, 0, 0, 0)") !=
	        OUTCOME_OK)
		broken("%s", db_why(db));
	db_close(db);
}

static void
work_on(struct work *work, int64_t batches)
{
	begin_as_before(work);
	place_open(&work->place);
	for (int64_t i = 0; i < batches; i++) {
		work_batch(work);
		if (i == batches / 3)
			begin_copy(work);
		if (work->copying && work->copy.done)
			end_copy(work);
		if (i % 97 == 96 && !work->copying) {
			place_close(&work->place);
			place_open(&work->place);
		}
	}
	if (work->copying)
		end_copy(work);
	place_close(&work->place);
	recording_end();
}

/* ---- judging ---- */

struct judge {
	struct place place; /* where states are rebuilt */
	struct work *work;
	struct disk *disk;
	struct ledger ledger; /* as of the moment the disk stands at */
	size_t ledger_at;
	uint64_t *sums; /* after each commit; 0: not known yet */
	size_t *commits, commit_count;
	size_t states, lost, tears[TEARS];
};

static void
ledger_move(struct judge *judge, size_t until)
{
	for (; judge->ledger_at < until; judge->ledger_at++) {
		const struct event *event = recording_event(judge->ledger_at);

		if (event->kind != EVENT_MARK)
			continue;
		if (event->mark == MARK_SUBMITTED)
			judge->ledger.submitted[event->slot] = event->version;
		else if (event->mark == MARK_ACKNOWLEDGED)
			judge->ledger.acknowledged[event->slot] = event->version;
		else
			judge->ledger.copied = true;
	}
}

static bool
may_be_absent(const struct ledger *ledger, size_t slot)
{
	int64_t version = ledger->acknowledged[slot];

	if (version == 0)
		return true;
	while (version <= ledger->submitted[slot])
		if (slot_is_deletion(slot, version++))
			return true;
	return false;
}

static bool
is_right(const struct ledger *ledger, size_t slot, int64_t version)
{
	if (version == SLOT_ABSENT)
		return may_be_absent(ledger, slot);
	return version >= ledger->acknowledged[slot] && version <= ledger->submitted[slot] &&
	       !slot_is_deletion(slot, version);
}

/* How often was it committed before @event? */
static size_t
commits_before(const struct judge *judge, size_t event)
{
	size_t count = 0;

	while (count < judge->commit_count && judge->commits[count] < event)
		count++;
	return count;
}

static bool
is_after_a_commit(const struct judge *judge, uint64_t sum, size_t event)
{
	size_t done = commits_before(judge, event);

	if (done == 0)
		return true; /* the first commits are of who made it */
	return sum == judge->sums[done - 1] ||
	       (done < judge->commit_count && sum == judge->sums[done]);
}

struct said {
	size_t event;
	const char *tear;
	uint64_t seed;
};

static void
keep(const struct judge *judge, const struct said *said, const char *why)
{
	fault_found("the power goes before event %zu (%s, state %zu): %s", said->event, said->tear,
	        judge->states, why);
}

static void
judge_copy(const struct judge *judge, const struct said *said)
{
	char path[128], why[160], text[256];
	struct stat st;

	snprintf(path, sizeof(path), "%s/copy.db", judge->place.dir);
	if (stat(path, &st) != 0) {
		if (judge->ledger.copied)
			keep(judge, said, "the copy that was acknowledged is not there");
		return;
	}
	if (content_sum(path, why) != 0)
		return;
	snprintf(text, sizeof(text), "the copy is not whole: %s", why);
	keep(judge, said, text);
}

static void
judge_slots(struct judge *judge, const struct said *said)
{
	int64_t versions[SLOTS];
	char text[256];

	slots_read(&judge->place, versions);
	for (size_t i = 0; i < SLOTS; i++) {
		if (is_right(&judge->ledger, i, versions[i]))
			continue;
		judge->lost++;
		snprintf(text, sizeof(text),
		        "%s has version %lld, acknowledged was %lld, submitted %lld", slot_name(i),
		        (long long)versions[i], (long long)judge->ledger.acknowledged[i],
		        (long long)judge->ledger.submitted[i]);
		keep(judge, said, text);
	}
}

static void
judge_state(struct judge *judge, const struct said *said)
{
	struct fault fault;
	char why[CONTENT_WHY], text[256];
	uint64_t sum;

	if (judge->states % COPY_EVERY == 0)
		judge_copy(judge, said);
	if (place_try(&judge->place, &fault) != RH_OK) {
		snprintf(text, sizeof(text), "it does not open: %.150s", fault.why);
		keep(judge, said, text);
		return;
	}
	sum = content_sum(judge->place.file, why);
	if (sum == 0) {
		snprintf(text, sizeof(text), "it is not whole: %s", why);
		keep(judge, said, text);
	} else if (!is_after_a_commit(judge, sum, said->event)) {
		keep(judge, said, "it is neither what was committed last nor what comes next");
	}
	judge_slots(judge, said);
	place_close(&judge->place);
}

static void
rebuild(struct judge *judge, size_t event, enum tear tear, uint64_t seed)
{
	static const char *const names[TEARS] = { "nothing unsynced", "a torn beginning",
		"some writes", "some sectors", "rubbish", "all" };
	struct chance chance = { seed };
	struct said said = { event, names[tear], seed };

	disk_move(judge->disk, event);
	ledger_move(judge, event);
	place_clear(&judge->place);
	disk_write(judge->disk, tear, &chance, judge->place.dir);
	judge->states++;
	judge->tears[tear]++;
	judge_state(judge, &said);
}

/* What it was after each commit: with all that was written until then. */
static void
sum_commits(struct judge *judge)
{
	struct disk *disk = disk_new();
	struct chance chance = { 1 };

	judge->sums = calloc(recording_count() + 1, sizeof(*judge->sums));
	judge->commits = calloc(recording_count() + 1, sizeof(*judge->commits));
	for (size_t i = 0; i < recording_count(); i++) {
		char why[CONTENT_WHY];

		if (!recording_is_commit(i))
			continue;
		disk_move(disk, i + 1);
		place_clear(&judge->place);
		disk_write(disk, TEAR_WHOLE, &chance, judge->place.dir);
		place_open(&judge->place);
		judge->sums[judge->commit_count] = content_sum(judge->place.file, why);
		place_close(&judge->place);
		judge->commits[judge->commit_count++] = i;
	}
	disk_free(disk);
}

static int
by_number(const void *a, const void *b)
{
	const size_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static void
judge_states(struct judge *judge, size_t count, uint64_t seed)
{
	size_t *moments = calloc(count, sizeof(*moments));
	struct chance chance = { seed };

	for (size_t i = 0; i < count; i++)
		moments[i] = chance_below(&chance, recording_count() + 1);
	qsort(moments, count, sizeof(*moments), by_number);
	for (size_t i = 0; i < count; i++)
		rebuild(judge, moments[i], (enum tear)(i % TEAR_WHOLE), chance_next(&chance));
	free(moments);
}

int
main(int argc, char **argv)
{
	int64_t states = 2000, batches = 200, prove = 0;
	const struct option options[] = { { "--states", &states }, { "--batches", &batches },
		{ "--prove", &prove } };
	static struct work work;
	static struct judge judge;
	uint64_t seed = seed_given();

	options_read(argc, argv, options, COUNT(options));
	rh_log_setup((enum rh_level) - 1, LOG_TEXT);
	recording_begin(prove == DISTURB ? "NORMAL" : NULL);
	work.chance.state = seed;
	place_make(&work.place, NULL);
	work_on(&work, batches);
	place_make(&judge.place, NULL);
	judge.work = &work;
	sum_commits(&judge);
	judge.disk = disk_new();
	judge_states(&judge, (size_t)states, seed);
	if (faults_found > 0)
		printf("again: SEED=%llu (the order of two threads is not part of it)\n",
		        (unsigned long long)seed);
	place_end(&work.place);
	place_end(&judge.place);
	return verdict(2, "states %zu of %zu events and %zu commits: acknowledged %zu lost %zu",
	        judge.states, recording_count(), judge.commit_count, work.acknowledged, judge.lost);
}
