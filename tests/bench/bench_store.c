/* bench_store: durable relink puts a second through the store, against batches of 512 on a bare
 * connection.
 *
 * Both write the same rows with synchronous=FULL into an empty database in the directory that is
 * given (default: the current one), in turns, so that the disk's mood meets both. One thread keeps
 * N operations in the air, as a worker does. Then a database of some size is copied by STORE_BACKUP
 * under a light load of single puts, whose longest wait is what the backup costs. Usage:
 * bench_store [DIRECTORY [SECONDS [BACKUP_MIB]]] */
#include "roamhub/store.h"

#include "migrate.h"
#include "sqlite.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_IN_FLIGHT = 4096, RAW_BATCH = 512, TURNS = 3, BACKUP_ROW_BYTES = 4000 };

struct slot {
	struct store_op op;
	struct store_relink relink;
	char id[32];
	struct load *load;
};
struct load {
	struct store_session *session;
	uint64_t done, failed;
	size_t in_flight;
	int64_t until_us;
	struct slot *slots;
};

static void
fill(struct store_relink *relink, char id[32])
{
	rh_random_text(id, 22);
	*relink = (struct store_relink){
		.id = str_of(id),
		.kind = RELINK_RESPONSE_URL,
		.target = STR("https://emsp.example.com/ocpi/2.2.1/commands/START_SESSION/"
		              "0123456789abcdef"),
		.caller_platform = 1,
		.target_platform = 2,
		.caller_country = "DE",
		.caller_party = "CPO",
		.target_country = "NL",
		.target_party = "MSP",
		.module = STR("commands"),
		.interface = 1,
		.correlation_id = STR("0b7c2f9e-3d1a-4c5b-8e6f-7a8b9c0d1e2f"),
		.created_ms = rh_wall_ms(),
		.expires_ms = rh_wall_ms() + 600000,
	};
}

static void put_done(struct store_op *op);

static void
put(struct slot *slot)
{
	fill(&slot->relink, slot->id);
	slot->op = (struct store_op){
		.verb = STORE_RELINK_PUT, .done = put_done, .u.relink_put.relink = &slot->relink
	};
	slot->load->in_flight++;
	store_submit(slot->load->session, &slot->op);
}

static void
put_done(struct store_op *op)
{
	struct slot *slot = container_of(op, struct slot, op);
	struct load *load = slot->load;

	load->in_flight--;
	load->done++;
	load->failed += op->err != RH_OK;
	if (rh_mono_us() < load->until_us)
		put(slot);
}

static void
die(const struct fault *fault)
{
	fprintf(stderr, "bench_store: %s\n", fault->why);
	exit(1);
}

static void
remove_database(const char *path)
{
	static const char *const suffixes[] = { "", "-wal", "-shm", "-lock", "-trace", "-trace-wal",
		"-trace-shm" };
	char name[1100];

	for (size_t i = 0; i < COUNT(suffixes); i++) {
		snprintf(name, sizeof(name), "%s%s", path, suffixes[i]);
		unlink(name);
	}
}

static double
measure_store(const char *path, size_t in_flight, double seconds, struct store_stats *stats)
{
	char url[1100];
	struct store_conf conf = { .url = url, .max_waiting = MOST_IN_FLIGHT };
	struct fault fault = { 0 };
	struct mailbox *box = mailbox_new();
	struct load load = { .slots = rh_alloc(in_flight * sizeof(struct slot)) };
	int64_t began_us;
	struct store *store;
	double rate;

	snprintf(url, sizeof(url), "sqlite:%s", path);
	store = store_open(&conf, &fault);
	if (store == NULL)
		die(&fault);
	load.session = store_session_open(store, box, &fault);
	if (load.session == NULL)
		die(&fault);
	began_us = rh_mono_us();
	load.until_us = began_us + (int64_t)(seconds * 1e6);
	for (size_t i = 0; i < in_flight; i++) {
		load.slots[i].load = &load;
		put(&load.slots[i]);
	}
	while (load.in_flight > 0) {
		poll(&(struct pollfd){ .fd = mailbox_fd(box), .events = POLLIN }, 1, -1);
		mailbox_deliver(box);
	}
	rate = (double)(load.done - load.failed) * 1e6 / (double)(rh_mono_us() - began_us);
	store_stats(store, stats);
	store_session_close(load.session);
	store_close(store);
	mailbox_free(box);
	free(load.slots);
	remove_database(path);
	return rate;
}

static enum outcome
put_raw(struct db *db, const struct store_relink *r)
{
	uint8_t digest[RH_DIGEST_BYTES] = { 0 };

	return DB_RUN(db, SQL_RELINK_PUT, TEXT(r->id), INT(r->kind), TEXT(r->target),
	        INT(r->caller_platform), INT(r->target_platform), TEXT(str_of(r->caller_country)),
	        TEXT(str_of(r->caller_party)), TEXT(str_of(r->target_country)),
	        TEXT(str_of(r->target_party)), TEXT(r->module), INT(r->interface),
	        TEXT(r->correlation_id), INT(r->created_ms), INT(r->expires_ms),
	        BLOB(((struct str){ (char *)digest, sizeof(digest) })));
}

static double
measure_raw(const char *path, double seconds)
{
	struct fault fault = { 0 };
	struct db *db = db_open(path, DB_WRITER, &fault);
	int64_t began_us = rh_mono_us(), now_us = began_us;
	struct store_relink relink;
	uint64_t done = 0;
	char id[32];

	if (db == NULL || migrate(db, migrations, migration_count, &fault) != RH_OK)
		die(&fault);
	while ((double)(now_us - began_us) < seconds * 1e6) {
		enum outcome outcome = db_do(db, SQL_BEGIN);

		for (int i = 0; i < RAW_BATCH && outcome == OUTCOME_OK; i++) {
			fill(&relink, id);
			outcome = put_raw(db, &relink);
		}
		if (outcome != OUTCOME_OK || db_do(db, SQL_COMMIT) != OUTCOME_OK ||
		        db_checkpoint(db) != OUTCOME_OK)
			exit(1);
		done += RAW_BATCH;
		now_us = rh_mono_us();
	}
	db_close(db);
	remove_database(path);
	return (double)done * 1e6 / (double)(now_us - began_us);
}

/* ---- backup ---- */

static void
fill_database(const char *path, int mib)
{
	static char text[BACKUP_ROW_BYTES];
	struct fault fault = { 0 };
	struct db *db = db_open(path, DB_WRITER, &fault);
	struct store_relink relink;
	char id[32];

	if (db == NULL || migrate(db, migrations, migration_count, &fault) != RH_OK)
		die(&fault);
	memset(text, 'x', sizeof(text));
	for (int i = 0; i < mib; i++) {
		db_do(db, SQL_BEGIN);
		for (int n = 0; n < (1 << 20) / BACKUP_ROW_BYTES; n++) {
			fill(&relink, id);
			relink.target = (struct str){ text, sizeof(text) };
			if (put_raw(db, &relink) != OUTCOME_OK)
				exit(1);
		}
		if (db_do(db, SQL_COMMIT) != OUTCOME_OK || db_checkpoint(db) != OUTCOME_OK)
			exit(1);
	}
	db_close(db);
}

struct paced {
	struct store_op op;
	bool done;
};

static void
paced_done(struct store_op *op)
{
	container_of(op, struct paced, op)->done = true;
}

static int
compare_us(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* One put after the other for as long as *@until is false; the times into @took_us. */
static size_t
time_puts(struct store_session *session, struct mailbox *box, const bool *until, size_t most,
        int64_t *took_us)
{
	struct paced put = { 0 };
	struct store_relink relink;
	size_t count = 0;
	char id[32];

	while (count < most && (until == NULL || !*until)) {
		int64_t began_us = rh_mono_us();

		fill(&relink, id);
		put.op = (struct store_op){
			.verb = STORE_RELINK_PUT, .done = paced_done, .u.relink_put.relink = &relink
		};
		put.done = false;
		store_submit(session, &put.op);
		while (!put.done) {
			poll(&(struct pollfd){ .fd = mailbox_fd(box), .events = POLLIN }, 1, -1);
			mailbox_deliver(box);
		}
		took_us[count++] = rh_mono_us() - began_us;
	}
	qsort(took_us, count, sizeof(*took_us), compare_us);
	return count;
}

static void
print_times(const char *what, const int64_t *took_us, size_t count)
{
	printf("%s puts=%zu p50_us=%lld p99_us=%lld max_us=%lld\n", what, count,
	        (long long)took_us[count / 2], (long long)took_us[count * 99 / 100],
	        (long long)took_us[count - 1]);
}

static void
measure_backup(const char *path, int mib)
{
	enum { MOST = 1 << 20 };
	int64_t *took_us = rh_alloc(MOST * sizeof(*took_us));
	struct mailbox *box = mailbox_new();
	struct fault fault = { 0 };
	struct store_session *session;
	struct paced backup = { 0 };
	struct store *store;
	char url[1100], copy[1100];
	int64_t began_us;
	size_t count;

	fill_database(path, mib);
	snprintf(url, sizeof(url), "sqlite:%s", path);
	snprintf(copy, sizeof(copy), "%s-copy", path);
	store = store_open(&(struct store_conf){ .url = url, .max_waiting = 100 }, &fault);
	session = store == NULL ? NULL : store_session_open(store, box, &fault);
	if (session == NULL)
		die(&fault);
	count = time_puts(session, box, NULL, 2000, took_us);
	print_times("without backup:", took_us, count);
	began_us = rh_mono_us();
	backup.op = (struct store_op){
		.verb = STORE_BACKUP, .done = paced_done, .u.backup.path = copy
	};
	store_submit(session, &backup.op);
	count = time_puts(session, box, &backup.done, MOST, took_us);
	print_times("during backup: ", took_us, count);
	printf("backup_mib=%lld seconds=%.2f %s\n", (long long)backup.op.u.backup.bytes >> 20,
	        (double)(rh_mono_us() - began_us) / 1e6,
	        backup.op.err == RH_OK ? "ok" : backup.op.why);
	store_session_close(session);
	store_close(store);
	mailbox_free(box);
	free(took_us);
	unlink(copy);
	remove_database(path);
}

int
main(int argc, char **argv)
{
	static const size_t in_flight[] = { 1, 64, 512, 4096 };
	double seconds = argc > 2 ? atof(argv[2]) : 2.0;
	struct fault fault = { 0 };
	char path[1024];

	rh_log_setup(LOG_ERROR, LOG_TEXT);
	if (rh_crypt_init(&fault) != RH_OK)
		die(&fault);
	snprintf(path, sizeof(path), "%s/bench-store.db", argc > 1 ? argv[1] : ".");
	remove_database(path);
	for (size_t i = 0; i < COUNT(in_flight); i++) {
		double raw = 0, own = 0;
		struct store_stats stats;

		for (int turn = 0; turn < TURNS; turn++) {
			raw += measure_raw(path, seconds) / TURNS;
			own += measure_store(path, in_flight[i], seconds, &stats) / TURNS;
		}
		printf("in_flight=%zu store_puts_per_s=%.0f raw_batches_per_s=%.0f ratio=%.2f "
		       "ops_per_commit=%.1f commit_us_max=%lld\n",
		        in_flight[i], own, raw, own / raw,
		        (double)stats.operations / (double)stats.commits,
		        (long long)stats.commit_us_max);
	}
	measure_backup(path, argc > 3 ? atoi(argv[3]) : 64);
	return 0;
}
