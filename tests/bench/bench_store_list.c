/* bench_store_list: durable shares a second against batches of 512 on a bare connection, and what a
 * page costs among many objects.
 *
 * All write bodies of 2.9 kB with synchronous=FULL into an empty database in the directory that is
 * given (default: the current one), in turns, so that the disk's mood meets all. "raw" writes the
 * same rows without looking at the old ones, "bare" writes bodies into a table of a key and a body
 * with nothing around it. Then the store is filled and pages are read, warm, one after the other;
 * the database is opened anew in between. Usage: bench_store_list [DIRECTORY [SECONDS [OBJECTS]]]
 */
#include "roamhub/store.h"

#include "migrate.h"
#include "sqlite.h"

#include <poll.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	IN_FLIGHT = 4096,
	RAW_BATCH = 512,
	TURNS = 3,
	BODY_BYTES = 2900,
	UPDATED = 20000, /* how many objects the updates are about */
	PAGE = 50,
	SAMPLES = 301,
};

struct slot {
	struct store_op op;
	struct load *load;
	char id[24], body[BODY_BYTES];
};
struct load {
	struct store_session *session;
	struct mailbox *box;
	struct slot *slots;
	uint64_t next, most, among; /* objects are numbered from 0; @among 0: each is new */
	uint64_t done, failed;
	size_t in_flight;
	int64_t until_us;
};

static void
die(const char *why)
{
	fprintf(stderr, "bench_store_list: %s\n", why);
	exit(1);
}

/* A body is different each time; its first bytes say which. */
static void
fill_body(char *body, uint64_t n)
{
	char head[32];
	int len = snprintf(head, sizeof(head), "{\"n\":%020llu", (unsigned long long)n);

	memcpy(body, head, (size_t)len);
}

static uint64_t
object_number(const struct load *load)
{
	return load->among == 0 ? load->next : load->next * 7919 % load->among;
}

static enum rh_err
make(void *ctx, struct str old, struct arena *arena, struct str *fresh, int64_t *last_updated_ns,
        struct fault *fault)
{
	struct slot *slot = ctx;

	(void)old, (void)arena, (void)fault;
	*fresh = (struct str){ slot->body, BODY_BYTES };
	*last_updated_ns = rh_wall_ms() * 1000000;
	return RH_OK;
}

static void share_done(struct store_op *op);

static void
share(struct slot *slot)
{
	struct load *load = slot->load;

	snprintf(slot->id, sizeof(slot->id), "LOC%012llu", (unsigned long long)object_number(load));
	fill_body(slot->body, load->next++);
	slot->op = (struct store_op){
		.verb = STORE_SHARE,
		.done = share_done,
		.u.share = {
			.key = { STR("*"), STR("locations"), STR("DE*ABC"), str_of(slot->id), STR("") },
			.make = make,
			.ctx = slot,
			.method = STR("PUT"),
			.suffix = STR("/"),
			.correlation_id = STR("0b7c2f9e-3d1a-4c5b-8e6f-7a8b9c0d1e2f"),
			.sender_platform = 1,
			.at_ms = rh_wall_ms(),
		},
	};
	load->in_flight++;
	store_submit(load->session, &slot->op);
}

static void
share_done(struct store_op *op)
{
	struct slot *slot = container_of(op, struct slot, op);
	struct load *load = slot->load;

	load->in_flight--;
	load->done++;
	load->failed += op->err != RH_OK;
	if (load->next < load->most && rh_mono_us() < load->until_us)
		share(slot);
}

static void
run(struct load *load, size_t in_flight)
{
	for (size_t i = 0; i < in_flight; i++) {
		load->slots[i].load = load;
		memset(load->slots[i].body, 'x', BODY_BYTES);
		share(&load->slots[i]);
	}
	while (load->in_flight > 0) {
		poll(&(struct pollfd){ .fd = mailbox_fd(load->box), .events = POLLIN }, 1, -1);
		mailbox_deliver(load->box);
	}
	if (load->failed > 0)
		die("shares failed");
}

/* ---- a store for a while ---- */

struct bench {
	char path[1024], url[1040];
	struct store *store;
	struct load load;
};

static void
remove_database(const struct bench *bench)
{
	static const char *const suffixes[] = { "", "-wal", "-shm", "-trace", "-trace-wal",
		"-trace-shm" };
	char name[1100];

	for (size_t i = 0; i < COUNT(suffixes); i++) {
		snprintf(name, sizeof(name), "%s%s", bench->path, suffixes[i]);
		unlink(name);
	}
}

static void
open_store(struct bench *bench)
{
	struct store_conf conf = { .url = bench->url, .max_waiting = IN_FLIGHT };
	struct fault fault = { 0 };

	bench->store = store_open(&conf, &fault);
	if (bench->store == NULL)
		die(fault.why);
	bench->load.session = store_session_open(bench->store, bench->load.box, &fault);
	if (bench->load.session == NULL)
		die(fault.why);
}

static void
close_store(struct bench *bench)
{
	store_session_close(bench->load.session);
	store_close(bench->store);
}

static double
measure_store(struct bench *bench, size_t in_flight, double seconds, uint64_t among)
{
	struct load *load = &bench->load;
	int64_t began_us;

	open_store(bench);
	*load = (struct load){ .session = load->session,
		.box = load->box,
		.slots = load->slots,
		.most = UINT64_MAX,
		.until_us = INT64_MAX };
	if (among > 0) { /* first they have to be there */
		load->most = among;
		run(load, IN_FLIGHT);
		load->most = UINT64_MAX;
		load->among = among;
	}
	load->done = 0;
	began_us = rh_mono_us();
	load->until_us = began_us + (int64_t)(seconds * 1e6);
	run(load, in_flight);
	began_us = rh_mono_us() - began_us;
	close_store(bench);
	remove_database(bench);
	return (double)load->done * 1e6 / (double)began_us;
}

/* ---- without a store ---- */

static enum outcome
put_raw(struct db *db, struct slot *slot, uint64_t n)
{
	uint8_t digest[RH_DIGEST_BYTES] = { 0 };
	struct db_value values[] = { INT(n + 1), INT(rh_wall_ms() * 1000000), INT(n + 1), INT(0),
		TEXT(STR("PUT")), TEXT(STR("/")), INT(1),
		TEXT(STR("0b7c2f9e-3d1a-4c5b-8e6f-7a8b9c0d1e2f")), INT(rh_wall_ms()),
		BLOB(((struct str){ (char *)digest, sizeof(digest) })), TEXT(((struct str){ 0 })),
		TEXT(((struct str){ slot->body, BODY_BYTES })), INT(0), TEXT(STR("*")),
		TEXT(STR("locations")), TEXT(STR("DE*ABC")), TEXT(str_of(slot->id)), TEXT(STR("")),
		TEXT(((struct str){ 0 })) };

	snprintf(slot->id, sizeof(slot->id), "LOC%012llu", (unsigned long long)n);
	values[16].s = str_of(slot->id);
	fill_body(slot->body, n);
	return db_run(db, SQL_OBJECT_INSERT, values, COUNT(values));
}

static double
measure_raw(struct bench *bench, double seconds)
{
	struct fault fault = { 0 };
	struct db *db = db_open(bench->path, DB_WRITER, &fault);
	int64_t began_us = rh_mono_us(), now_us = began_us;
	uint64_t done = 0;

	if (db == NULL || migrate(db, migrations, migration_count, &fault) != RH_OK)
		die(fault.why);
	while ((double)(now_us - began_us) < seconds * 1e6) {
		enum outcome outcome = db_do(db, SQL_BEGIN);

		for (int i = 0; i < RAW_BATCH && outcome == OUTCOME_OK; i++)
			outcome = put_raw(db, &bench->load.slots[0], done++);
		if (outcome != OUTCOME_OK || db_do(db, SQL_COMMIT) != OUTCOME_OK ||
		        db_checkpoint(db, false) != OUTCOME_OK)
			die(db_why(db));
		now_us = rh_mono_us();
	}
	db_close(db);
	remove_database(bench);
	return (double)done * 1e6 / (double)(now_us - began_us);
}

static double
measure_bare(struct bench *bench, double seconds, uint64_t among)
{
	struct slot *slot = &bench->load.slots[0];
	sqlite3_stmt *stmt = NULL;
	sqlite3 *db = NULL;
	int64_t began_us, now_us;
	uint64_t done = 0, before = 0;

	if (sqlite3_open(bench->path, &db) != SQLITE_OK ||
	        sqlite3_exec(db,
	                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA "
	                "cache_size=-16384;"
	                "CREATE TABLE bare (id TEXT PRIMARY KEY, body TEXT)",
	                NULL, NULL, NULL) != SQLITE_OK ||
	        sqlite3_prepare_v2(db,
	                "INSERT INTO bare (id, body) VALUES (?1, ?2) "
	                "ON CONFLICT (id) DO UPDATE SET body = ?2",
	                -1, &stmt, NULL) != SQLITE_OK)
		die(sqlite3_errmsg(db));
	began_us = now_us = rh_mono_us();
	while ((double)(now_us - began_us) < seconds * 1e6) {
		sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
		for (int i = 0; i < RAW_BATCH; i++, done++) {
			uint64_t n = among == 0 ? done : done < among ? done : done * 7919 % among;

			snprintf(slot->id, sizeof(slot->id), "LOC%012llu", (unsigned long long)n);
			fill_body(slot->body, done);
			sqlite3_bind_text(stmt, 1, slot->id, -1, SQLITE_STATIC);
			sqlite3_bind_text(stmt, 2, slot->body, BODY_BYTES, SQLITE_STATIC);
			if (sqlite3_step(stmt) != SQLITE_DONE)
				die(sqlite3_errmsg(db));
			sqlite3_reset(stmt);
		}
		if (sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
			die(sqlite3_errmsg(db));
		now_us = rh_mono_us();
		if (done < among) /* they are not all there yet */
			began_us = now_us;
		else if (among > 0 && before == 0)
			began_us = now_us, before = done;
	}
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	remove_database(bench);
	return (double)(done - before) * 1e6 / (double)(now_us - began_us);
}

static void
bench_shares(struct bench *bench, double seconds)
{
	static const size_t in_flight[] = { 1, 64, 512, 4096 };

	for (size_t i = 0; i < COUNT(in_flight); i++) {
		double raw = 0, bare = 0, fresh = 0, again = 0, bare_again = 0;

		for (int turn = 0; turn < TURNS; turn++) {
			raw += measure_raw(bench, seconds) / TURNS;
			fresh += measure_store(bench, in_flight[i], seconds, 0) / TURNS;
			bare += measure_bare(bench, seconds, 0) / TURNS;
			again += measure_store(bench, in_flight[i], seconds, UPDATED) / TURNS;
			bare_again += measure_bare(bench, seconds, UPDATED) / TURNS;
		}
		printf("in_flight=%zu creates_per_s=%.0f raw_per_s=%.0f bare_per_s=%.0f "
		       "to_raw=%.2f "
		       "to_bare=%.2f updates_per_s=%.0f bare_updates_per_s=%.0f to_bare=%.2f\n",
		        in_flight[i], fresh, raw, bare, fresh / raw, fresh / bare, again,
		        bare_again, again / bare_again);
	}
}

/* ---- pages ---- */

static int
compare_us(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void
page_done(struct store_op *op)
{
	(void)op;
}

/* Microseconds a page, the median. */
static int64_t
time_page(struct bench *bench, const char *what, struct store_page_args args, size_t samples)
{
	struct arena *arena = arena_new(1 << 20);
	int64_t took_us[SAMPLES];
	struct store_op op;

	args.module = STR("locations");
	args.limit = PAGE;
	for (size_t i = 0; i < samples; i++) {
		int64_t began_us = rh_mono_us();

		op = (struct store_op){
			.verb = STORE_OBJECT_PAGE, .done = page_done, .arena = arena, .u.page = args
		};
		store_submit(bench->load.session, &op);
		took_us[i] = rh_mono_us() - began_us;
		mailbox_deliver(bench->load.box);
		arena_reset(arena);
		if (op.err != RH_OK)
			die(op.why);
	}
	qsort(took_us, samples, sizeof(*took_us), compare_us);
	printf("%-28s rows=%zu total=%llu p50_us=%lld max_us=%lld\n", what, op.u.page.count,
	        (unsigned long long)op.u.page.total, (long long)took_us[samples / 2],
	        (long long)took_us[samples - 1]);
	arena_free(arena);
	return took_us[samples / 2];
}

static void
fill_store(struct bench *bench, uint64_t objects)
{
	struct load *load = &bench->load;
	int64_t began_us;

	open_store(bench);
	*load = (struct load){ .session = load->session,
		.box = load->box,
		.slots = load->slots,
		.most = objects,
		.until_us = INT64_MAX };
	began_us = rh_mono_us();
	run(load, IN_FLIGHT);
	printf("filled objects=%llu seconds=%.1f\n", (unsigned long long)load->done,
	        (double)(rh_mono_us() - began_us) / 1e6);
	close_store(bench);
}

static void
bench_pages(struct bench *bench, uint64_t objects)
{
	static const struct str hidden[] = { { "NL*MSP", 6 } };
	struct store_stats stats;
	int64_t began_us, middle_ns = 0, first_us, last_us;

	began_us = rh_wall_ms();
	fill_store(bench, objects);
	middle_ns = (began_us + rh_wall_ms()) / 2 * 1000000;
	began_us = rh_mono_us();
	open_store(bench);
	printf("open_us=%lld\n", (long long)(rh_mono_us() - began_us));
	store_stats(bench->store, &stats);
	printf("database_mib=%lld\n", (long long)stats.database_bytes >> 20);
	first_us = time_page(bench, "first page", (struct store_page_args){ 0 }, SAMPLES);
	last_us = time_page(bench, "last page by key",
	        (struct store_page_args){ .after_seq = (int64_t)objects - PAGE }, SAMPLES);
	time_page(bench, "middle page by key",
	        (struct store_page_args){ .after_seq = (int64_t)objects / 2 }, SAMPLES);
	printf("last_to_first=%.2f\n", (double)last_us / (double)first_us);
	time_page(bench, "last page by offset",
	        (struct store_page_args){ .offset = objects - PAGE }, 11);
	time_page(bench, "first page, one hidden",
	        (struct store_page_args){ .hidden = hidden, .hidden_count = 1 }, SAMPLES);
	time_page(bench, "last by offset, one hidden",
	        (struct store_page_args){
	                .hidden = hidden, .hidden_count = 1, .offset = objects - PAGE },
	        11);
	time_page(bench, "newer half, first page",
	        (struct store_page_args){ .has_from = true, .from_ns = middle_ns }, 11);
	time_page(bench, "nothing newer",
	        (struct store_page_args){ .has_from = true, .from_ns = rh_wall_ms() * 1000000 },
	        SAMPLES);
	close_store(bench);
	remove_database(bench);
}

int
main(int argc, char **argv)
{
	double seconds = argc > 2 ? atof(argv[2]) : 2.0;
	struct bench bench = { 0 };
	struct fault fault = { 0 };

	rh_log_setup(LOG_ERROR, LOG_TEXT);
	if (rh_crypt_init(&fault) != RH_OK)
		die(fault.why);
	snprintf(bench.path, sizeof(bench.path), "%s/bench-list.db", argc > 1 ? argv[1] : ".");
	snprintf(bench.url, sizeof(bench.url), "sqlite:%s", bench.path);
	bench.load.box = mailbox_new();
	bench.load.slots = rh_alloc(IN_FLIGHT * sizeof(struct slot));
	remove_database(&bench);
	if (seconds > 0)
		bench_shares(&bench, seconds);
	bench_pages(&bench, argc > 3 ? strtoull(argv[3], NULL, 10) : 1000000);
	mailbox_free(bench.load.box);
	free(bench.load.slots);
	return 0;
}
