/* copies: a copy made under load is whole and holds nobody up; every schema there was is upgraded,
 * also when the upgrade is killed at any of its steps. Figure 22.
 *
 * Stalls are judged by what the writer did between two commits, in pages of the copy: a time says
 * more of the machine than of the writer, and is only told. A step of an upgrade is a call of the
 * disk that changes it: a write, a truncation, a sync, a name. */
#include "content.h"
#include "filled.h"
#include "shim.h"

#include "migrate.h"
#include "sqlite.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	SLICE_PAGES_MOST = 640, /* 512 of src/store/sqlite_backup.c, and those of the commit */
	BODY_BYTES = 20000,
	LOADED = 8, /* slots that are written while it is copied */
};

/* ---- what the disk saw ---- */

static struct {
	_Atomic bool counting;
	_Atomic int pages, most_pages; /* of the copy, since the last commit */
	_Atomic int steps;             /* of an upgrade */
	int die_at;                    /* 0: never */
} disk;

static bool
ends_in(const char *path, const char *suffix)
{
	size_t len = strlen(path), tail = strlen(suffix);

	return len >= tail && strcmp(path + len - tail, suffix) == 0;
}

static void
count_page(const struct shim_call *call)
{
	int pages;

	if (call->kind == SHIM_SYNC && ends_in(call->path, "-wal"))
		atomic_store(&disk.pages, 0);
	if (call->kind != SHIM_WRITE || !ends_in(call->path, ".part"))
		return;
	pages = atomic_fetch_add(&disk.pages, 1) + 1;
	if (pages > atomic_load(&disk.most_pages))
		atomic_store(&disk.most_pages, pages);
}

static enum shim_verdict
before(const struct shim_call *call)
{
	if (atomic_load(&disk.counting))
		count_page(call);
	if (disk.die_at > 0 && call->kind != SHIM_READ &&
	        atomic_fetch_add(&disk.steps, 1) + 1 == disk.die_at)
		(void)kill(getpid(), SIGKILL);
	return SHIM_PASS;
}

/* Names are seen when they were changed. */
static void
after(const struct shim_call *call)
{
	if (call->kind == SHIM_DELETE || call->kind == SHIM_RENAME || call->kind == SHIM_CREATE)
		(void)before(call);
}

/* ---- a copy under load ---- */

struct load {
	struct place place;
	struct slot_ids ids;
	struct slot_write writes[LOADED];
	int64_t acknowledged[SLOTS], submitted[SLOTS], at_the_begin[SLOTS];
	size_t commits;
	int64_t longest_us;
};

static enum rh_err
make_bytes(void *ctx, struct str old, struct arena *arena, struct str *fresh, int64_t *ns,
        struct fault *fault)
{
	char *bytes = arena_alloc(arena, BODY_BYTES);

	(void)ctx, (void)old, (void)fault;
	memset(bytes, 'x', BODY_BYTES);
	*fresh = (struct str){ bytes, BODY_BYTES };
	*ns = 1;
	return RH_OK;
}

static void
fill_bytes(struct place *place, int64_t mib)
{
	enum { AT_ONCE = 100 };
	static struct place_op ops[AT_ONCE];
	static char ids[AT_ONCE][24];
	int64_t count = (mib << 20) / BODY_BYTES;

	for (int64_t at = 0; at < count; at += AT_ONCE) {
		for (int i = 0; i < AT_ONCE; i++) {
			snprintf(ids[i], sizeof(ids[i]), "B%lld", (long long)(at + i));
			ops[i].op = (struct store_op){ .verb = STORE_SHARE,
				.u.share = { .key = { STR("*"), STR("locations"), STR("DE*BIG"),
				                     str_of(ids[i]), STR("") },
				        .make = make_bytes,
				        .method = STR("PUT") } };
			place_submit(place, &ops[i]);
		}
		for (int i = 0; i < AT_ONCE; i++)
			place_wait(place, &ops[i]);
		if (ops[0].op.err != RH_OK)
			broken("filling: %s", ops[0].op.why);
	}
}

static void
write_round(struct load *load)
{
	int64_t began_us = rh_mono_us(), took_us;

	for (size_t i = 0; i < LOADED; i++) {
		int64_t version = ++load->submitted[i];

		slot_write(&load->writes[i], i, version, &load->ids);
		place_submit(&load->place, &load->writes[i].op);
	}
	for (size_t i = 0; i < LOADED; i++) {
		place_wait(&load->place, &load->writes[i].op);
		if (load->writes[i].op.op.err != RH_OK)
			broken("a write during the copy: %s", load->writes[i].op.op.why);
		load->acknowledged[i] = load->writes[i].version;
		slot_written(&load->writes[i], &load->ids);
	}
	load->commits++;
	took_us = rh_mono_us() - began_us;
	if (took_us > load->longest_us)
		load->longest_us = took_us;
	place_forget(&load->place);
}

/* Milliseconds that it took. */
static int64_t
copy_under_load(struct load *load, const char *path)
{
	struct place_op copy = { .op = { .verb = STORE_BACKUP, .u.backup.path = path } };
	int64_t began_ms = rh_mono_ms();

	memcpy(load->at_the_begin, load->acknowledged, sizeof(load->acknowledged));
	atomic_store(&disk.counting, true);
	place_submit(&load->place, &copy);
	while (!copy.done) {
		write_round(load);
		mailbox_deliver(load->place.box);
	}
	atomic_store(&disk.counting, false);
	if (copy.op.err != RH_OK)
		fault_found("the copy under load: %s", copy.op.why);
	return rh_mono_ms() - began_ms;
}

static void
restore(struct place *restored, const char *copy)
{
	place_make(restored, NULL);
	if (rename(copy, restored->file) != 0)
		broken("%s cannot be moved", copy);
}

/* What was acknowledged before it began, or later. */
static void
judge_copy_under_load(const struct load *load, const char *copy)
{
	struct place restored;
	int64_t versions[SLOTS];

	restore(&restored, copy);
	place_open(&restored);
	slots_read(&restored, versions);
	for (size_t i = 0; i < LOADED; i++) {
		int64_t version = versions[i];
		bool may_be_absent = false;

		for (int64_t v = load->at_the_begin[i]; v <= load->submitted[i]; v++)
			may_be_absent = may_be_absent || slot_is_deletion(i, v);
		if (version == SLOT_ABSENT
		                ? !may_be_absent
		                : version < load->at_the_begin[i] || version > load->submitted[i])
			fault_found("the copy has version %lld of %s, acknowledged before it was "
			            "%lld",
			        (long long)version, slot_name(i), (long long)load->at_the_begin[i]);
	}
	place_end(&restored);
}

/* While nobody writes the copy says what the database says, before and after it was opened. */
static void
judge_quiet_copy(struct load *load, const char *path)
{
	struct store_op copy = { .verb = STORE_BACKUP, .u.backup.path = path };
	char why[CONTENT_WHY] = "";
	struct place restored;
	uint64_t sum;

	if (place_do(&load->place, &copy) != RH_OK)
		fault_found("the quiet copy: %s", copy.why);
	sum = content_sum(load->place.file, why);
	if (content_sum(path, why) != sum)
		fault_found("the copy says something else than the database %s", why);
	restore(&restored, path);
	place_open(&restored);
	if (content_sum(restored.file, why) != sum)
		fault_found("the restored copy says something else than the database %s", why);
	place_end(&restored);
}

static void
judge_copies(struct load *load, int64_t mib, int64_t *took_ms)
{
	char path[128];

	place_make(&load->place, NULL);
	place_open(&load->place);
	fill(&load->place, 1, &load->ids);
	for (size_t i = 0; i < LOADED; i++)
		load->acknowledged[i] = load->submitted[i] = 1;
	fill_bytes(&load->place, mib);
	snprintf(path, sizeof(path), "%s/copy.db", load->place.dir);
	*took_ms = copy_under_load(load, path);
	if (atomic_load(&disk.most_pages) > SLICE_PAGES_MOST)
		fault_found("%d pages of the copy between two commits that waited",
		        atomic_load(&disk.most_pages));
	judge_copy_under_load(load, path);
	judge_quiet_copy(load, path);
	place_end(&load->place);
}

/* ---- upgrades ---- */

/* What is put in by the schema of each number; {B}: the digest of "body" as 0003 has it. */
static const char *const inserts[] = {
	[1] = "INSERT INTO platform VALUES (1, 'A', 1, 0, '2.2.1', 'https://a.example/', x'01', "
	      "NULL, '{}', 1, 2, 3, 0), (2, 'B', 3, 0, NULL, NULL, NULL, NULL, NULL, 1, 2, 3, 1);"
	      "INSERT INTO party VALUES (1, 0, 'DE', 'CPO', 1, 1, 5, NULL), (2, 0, 'NL', 'MSP', 2, "
	      "1, 5, '{}'), (2, 1, 'NL', 'TWO', 2, 1, 5, NULL);"
	      "INSERT INTO endpoint VALUES (1, 0, 'locations', 0, 'https://a.example/l');"
	      "INSERT INTO token VALUES (1, 0, 2, zeroblob(32), 0), (2, 0, 0, x'22', 99);"
	      "INSERT INTO meta VALUES ('wall_ms', '1700000000000');",
	[2] = "INSERT INTO relink VALUES ('rel', 1, 'https://a.example/', 1, 2, 'DE', 'CPO', 'NL', "
	      "'MSP', 'locations', 1, 'corr', 1, 4102444800000);",
	[3] = "INSERT INTO object VALUES (1, '*', 'locations', 'DE*CPO', 'L1', '', 1, NULL, 5, 1, "
	      "0, 'PUT', 's', 1, 'corr', 1000, x'{B}', NULL, 'body'), (2, 'NL*MSP', 'sessions', "
	      "'DE*CPO', 'S1', '', 1, NULL, 5, 2, 0, 'PUT', 's', 1, 'corr', 1000, x'{B}', NULL, "
	      "'body'), (3, '*', 'locations', 'DE*CPO', 'L2', '', 0, NULL, 5, 3, 0, 'DELETE', 's', "
	      "1, 'corr', 1000, NULL, NULL, NULL);"
	      "INSERT INTO object_count VALUES ('*', 'locations', 'DE*CPO', 1, 0), ('NL*MSP', "
	      "'sessions', 'DE*CPO', 1, 0);"
	      "UPDATE sequence SET change = 3;"
	      "INSERT INTO cursor VALUES ('platform/2', 2);"
	      "INSERT INTO push_failure VALUES ('platform/2', '*', 'locations', 'DE*CPO', 'L1', "
	      "'', "
	      "1, 100, 400, 2001, 'no');"
	      "INSERT INTO agreement VALUES (1, 'DE', 'CPO', 'NL', 'MSP', 'locations', 0, 0);"
	      "INSERT INTO hint VALUES ('profile', 'k', 'DE', 'CPO', 4102444800000);",
	[4] = "INSERT INTO parked VALUES (1, 'platform/2', 'NL*MSP', '*', 'locations', 'DE*CPO', "
	      "'L1', '', 0, 1, 2, 3, 1, 500, 0, 'why');"
	      "INSERT INTO pulled VALUES (1, 'locations', 'DE*CPO', 'L1', '', 0);",
};

static void
insert(struct db *db, size_t number)
{
	static const uint8_t no_key[RH_KEY_BYTES] = { 0 };
	uint8_t digest[RH_DIGEST_BYTES];
	struct buf sql = { 0 };
	const char *at,
	        *rest = number < COUNT(inserts) && inserts[number] != NULL ? inserts[number] : "";

	rh_digest(no_key, STR("body"), digest);
	while ((at = strstr(rest, "{B}")) != NULL) {
		buf_printf(&sql, "%.*s", (int)(at - rest), rest);
		for (size_t i = 0; i < sizeof(digest); i++)
			buf_printf(&sql, "%02x", digest[i]);
		rest = at + 3;
	}
	buf_printf(&sql, "%s", rest);
	if (db_exec(db, sql.p) != OUTCOME_OK)
		broken("schema %zu: %s", number, db_why(db));
	buf_free(&sql);
}

/* As the program left it that knew so many migrations. */
static void
make_older(struct place *place, size_t schema, struct files *files)
{
	struct fault fault = { 0 };
	struct db *db;

	place_clear(place);
	db = db_open(place->file, DB_WRITER, &fault);
	if (db == NULL)
		broken("%s", fault.why);
	for (size_t i = 1; i <= schema; i++) {
		if (migrate(db, migrations, i, &fault) != RH_OK)
			broken("%s", fault.why);
		insert(db, i);
	}
	db_close(db);
	files_take(files, place);
}

/* True: it was killed before it was ready. */
static bool
upgrade_killed_at(struct place *place, int step)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		struct fault fault;

		atomic_store(&disk.steps, 0);
		disk.die_at = step;
		_exit(place_try(place, &fault) == RH_OK ? 0 : 3);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		broken("no child");
	if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
		broken("an upgrade that nobody disturbs fails");
	return WIFSIGNALED(status);
}

static uint64_t
upgraded_sum(struct place *place, const char *when, size_t schema, int step)
{
	char why[CONTENT_WHY] = "";
	struct fault fault;
	uint64_t sum;

	if (place_try(place, &fault) != RH_OK) {
		fault_found(
		        "schema %zu, %s %d: it does not open: %s", schema, when, step, fault.why);
		return 0;
	}
	sum = content_sum(place->file, why);
	if (sum == 0)
		fault_found("schema %zu, %s %d: %s", schema, when, step, why);
	place_close(place);
	return sum;
}

/* What an object says must still be believed. */
static void
judge_content(struct place *place, size_t schema)
{
	struct store_op op = { .verb = STORE_FEED, .u.feed.limit = 9 };
	struct store_stats stats;

	place_open(place);
	if (place_do(place, &op) != RH_OK || (schema >= 3 && op.u.feed.count != 2))
		fault_found("schema %zu: its objects are not there: %zu", schema, op.u.feed.count);
	op = (struct store_op){ .verb = STORE_PLATFORMS_LOAD };
	if (place_do(place, &op) != RH_OK || op.u.load.count != 2 ||
	        op.u.load.platforms[0].token_count != 1)
		fault_found("schema %zu: its platforms are not there", schema);
	op = (struct store_op){ .verb = STORE_AGREEMENTS_LOAD };
	if (place_do(place, &op) != RH_OK || (schema >= 3 && op.u.agreements.count != 1))
		fault_found("schema %zu: its agreements are not there: %s", schema, op.why);
	store_stats(place->store, &stats);
	if (stats.damaged > 0)
		fault_found("schema %zu: %llu rows are taken for damaged", schema,
		        (unsigned long long)stats.damaged);
	place_close(place);
	place_forget(place);
}

static size_t
judge_upgrade(struct place *place, size_t schema, int stride)
{
	struct files files;
	uint64_t expected;
	size_t kills = 0;
	int step;

	make_older(place, schema, &files);
	files_put(&files, place);
	expected = upgraded_sum(place, "undisturbed", schema, 0);
	judge_content(place, schema);
	for (step = 1;; step += stride) {
		files_put(&files, place);
		if (!upgrade_killed_at(place, step))
			break;
		kills++;
		if (upgraded_sum(place, "killed at step", schema, step) != expected)
			fault_found("schema %zu, killed at step %d: it ends as something else",
			        schema, step);
	}
	files_free(&files);
	printf("%5zu kills from schema %zu, which has %d steps\n", kills, schema, step);
	return kills;
}

int
main(int argc, char **argv)
{
	int64_t mib = 16, stride = 5, took_ms = 0;
	const struct option options[] = { { "--mib", &mib }, { "--stride", &stride } };
	const struct shim_hooks hooks = { .before = before, .after = after };
	static struct load load;
	struct place place;
	size_t kills = 0;

	options_read(argc, argv, options, COUNT(options));
	rh_log_setup((enum rh_level) - 1, LOG_TEXT);
	shim_install(&hooks);
	place_make(&place, NULL);
	for (size_t schema = 1; schema < migration_count; schema++)
		kills += judge_upgrade(&place, schema, (int)stride);
	place_end(&place);
	judge_copies(&load, mib, &took_ms);
	return verdict(22,
	        "%lld MiB copied in %lld ms beside %zu commits: at most %d pages between two of "
	        "them, the longest took %lld ms; %zu schemas upgraded, %zu kills",
	        (long long)mib, (long long)took_ms, load.commits, atomic_load(&disk.most_pages),
	        (long long)(load.longest_us / 1000), migration_count - 1, kills);
}
