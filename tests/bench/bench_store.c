/* bench_store: durable relinks and shares a second through the store, against batches of 512 on a
 * bare connection.
 *
 * Both write the same rows with synchronous=FULL into an empty database in the directory that is
 * given (default: the current one), in turns, so that the disk's mood meets both. One thread keeps
 * N operations in the air, as a worker does. A share is a new version of one of a thousand objects.
 * Then a database of some size is copied by STORE_BACKUP under a light load of single puts, whose
 * longest wait is what the backup costs. "raw" measures the batches of objects alone. Usage:
 * bench_store [DIRECTORY [SECONDS [BACKUP_MIB]]]
 * bench_store raw DIRECTORY SECONDS BODY_BYTES */
#include "store_bench.h"

#include "migrate.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	MOST_IN_FLIGHT = 4096,
	RAW_BATCH = 512,
	TURNS = 3,
	OBJECTS = 1000,
	MOST_BODY_BYTES = 8192,
	SHARED_BODY_BYTES = 3400
};

struct slot {
	struct store_op op;
	struct store_relink relink;
	char id[32];
	char *body; /* of a share */
	struct load *load;
};
struct load {
	void (*put)(struct slot *slot);
	struct store_session *session;
	uint64_t put_count, until_count; /* until_count 0: the time alone ends it */
	uint64_t done, failed;
	size_t in_flight;
	int64_t until_us;
	struct slot *slots;
};

void
store_bench_fill(struct store_relink *relink, char id[32])
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
put_relink(struct slot *slot)
{
	store_bench_fill(&slot->relink, slot->id);
	slot->op = (struct store_op){
		.verb = STORE_RELINK_PUT, .done = put_done, .u.relink_put.relink = &slot->relink
	};
}

/* A body like no other of this run. */
static struct str
write_body(char body[MOST_BODY_BYTES], size_t bytes, uint64_t number)
{
	int written = snprintf(body, MOST_BODY_BYTES, "{\"name\":\"%020llu\",\"text\":\"",
	        (unsigned long long)number);

	memset(body + written, 'x', bytes - (size_t)written);
	stpcpy(body + bytes - 2, "\"}");
	return (struct str){ body, bytes };
}

static enum rh_err
make_body(void *ctx, struct str old, struct arena *arena, struct str *fresh,
        int64_t *last_updated_ns, struct fault *fault)
{
	(void)old, (void)arena, (void)fault;
	*fresh = (struct str){ ctx, SHARED_BODY_BYTES };
	*last_updated_ns = rh_wall_ms() * 1000000;
	return RH_OK;
}

static void
put_share(struct slot *slot)
{
	uint64_t number = slot->load->put_count;

	if (slot->body == NULL)
		slot->body = rh_alloc(MOST_BODY_BYTES);
	write_body(slot->body, SHARED_BODY_BYTES, number);
	snprintf(slot->id, sizeof(slot->id), "LOC%llu", (unsigned long long)number % OBJECTS);
	slot->op = (struct store_op){
		.verb = STORE_SHARE,
		.done = put_done,
		.u.share = {
			.key = { STR("*"), STR("locations"), STR("DE*CPO"), str_of(slot->id), STR("") },
			.make = make_body,
			.ctx = slot->body,
			.method = STR("PUT"),
			.suffix = STR("/"),
			.correlation_id = STR("0b7c2f9e-3d1a-4c5b-8e6f-7a8b9c0d1e2f"),
			.sender_platform = 1,
			.at_ms = rh_wall_ms(),
		},
	};
}

static void
put(struct slot *slot)
{
	struct load *load = slot->load;

	load->put(slot);
	load->put_count++;
	load->in_flight++;
	store_submit(load->session, &slot->op);
}

static bool
goes_on(const struct load *load)
{
	if (load->until_count > 0)
		return load->put_count < load->until_count;
	return rh_mono_us() < load->until_us;
}

static void
put_done(struct store_op *op)
{
	struct slot *slot = container_of(op, struct slot, op);
	struct load *load = slot->load;

	load->in_flight--;
	load->done++;
	load->failed += op->err != RH_OK;
	if (goes_on(load))
		put(slot);
}

void
store_bench_die(const struct fault *fault)
{
	fprintf(stderr, "bench_store: %s\n", fault->why);
	exit(1);
}

void
store_bench_remove(const char *path)
{
	static const char *const suffixes[] = { "", "-wal", "-shm", "-trace", "-trace-wal",
		"-trace-shm" };
	char name[1100];

	for (size_t i = 0; i < COUNT(suffixes); i++) {
		snprintf(name, sizeof(name), "%s%s", path, suffixes[i]);
		unlink(name);
	}
}

/* The first puts are as many as may be in the air; each completion makes the next one. */
static void
keep_putting(struct load *load, size_t in_flight, struct mailbox *box)
{
	load->slots = rh_alloc(in_flight * sizeof(struct slot));
	for (size_t i = 0; i < in_flight; i++) {
		load->slots[i].load = load;
		put(&load->slots[i]);
	}
	while (load->in_flight > 0) {
		poll(&(struct pollfd){ .fd = mailbox_fd(box), .events = POLLIN }, 1, -1);
		mailbox_deliver(box);
	}
	for (size_t i = 0; i < in_flight; i++)
		free(load->slots[i].body);
	free(load->slots);
}

/* Puts a second; the database stays. */
static double
run_store(const char *path, size_t in_flight, struct load *load, struct store_stats *stats)
{
	char url[1100];
	struct store_conf conf = { .url = url, .max_waiting = MOST_IN_FLIGHT };
	struct fault fault = { 0 };
	struct mailbox *box = mailbox_new();
	int64_t began_us;
	struct store *store;
	double rate;

	snprintf(url, sizeof(url), "sqlite:%s", path);
	store = store_open(&conf, &fault);
	if (store == NULL)
		store_bench_die(&fault);
	load->session = store_session_open(store, box, &fault);
	if (load->session == NULL)
		store_bench_die(&fault);
	began_us = rh_mono_us();
	load->until_us += began_us;
	keep_putting(load, in_flight, box);
	rate = (double)(load->done - load->failed) * 1e6 / (double)(rh_mono_us() - began_us);
	store_stats(store, stats);
	store_session_close(load->session);
	store_close(store);
	mailbox_free(box);
	return rate;
}

static double
measure_store(const char *path, size_t in_flight, void (*what)(struct slot *), double seconds,
        struct store_stats *stats)
{
	struct load load = { .put = what, .until_us = (int64_t)(seconds * 1e6) };
	double rate = run_store(path, in_flight, &load, stats);

	store_bench_remove(path);
	return rate;
}

enum outcome
store_bench_put(struct db *db, const struct store_relink *r)
{
	uint8_t digest[RH_DIGEST_BYTES] = { 0 };

	return DB_RUN(db, SQL_RELINK_PUT, TEXT(r->id), INT(r->kind), TEXT(r->target),
	        INT(r->caller_platform), INT(r->target_platform), TEXT(str_of(r->caller_country)),
	        TEXT(str_of(r->caller_party)), TEXT(str_of(r->target_country)),
	        TEXT(str_of(r->target_party)), TEXT(r->module), INT(r->interface),
	        TEXT(r->correlation_id), INT(r->created_ms), INT(r->expires_ms),
	        BLOB(((struct str){ (char *)digest, sizeof(digest) })));
}

struct raw {
	struct db *db;
	enum outcome (*put)(struct raw *raw);
	uint64_t done;
	size_t body_bytes;
	char body[MOST_BODY_BYTES];
};

static enum outcome
put_raw_relink(struct raw *raw)
{
	struct store_relink relink;
	char id[32];

	store_bench_fill(&relink, id);
	return store_bench_put(raw->db, &relink);
}

static enum outcome
put_raw_object(struct raw *raw)
{
	uint8_t digest[RH_DIGEST_BYTES] = { 0 };
	struct str absent = { 0 }, body = write_body(raw->body, raw->body_bytes, raw->done);
	int64_t now_ms = rh_wall_ms();

	return DB_RUN(raw->db, SQL_OBJECT_UPDATE, INT(raw->done % OBJECTS + 1),
	        INT(now_ms * 1000000), INT(OBJECTS + 1 + (int64_t)raw->done), INT(1),
	        TEXT(STR("PUT")), TEXT(STR("/")), INT(1),
	        TEXT(STR("0b7c2f9e-3d1a-4c5b-8e6f-7a8b9c0d1e2f")), INT(now_ms),
	        BLOB(((struct str){ (char *)digest, sizeof(digest) })), TEXT(absent), TEXT(body),
	        INT(1));
}

static void
commit_batch(struct raw *raw)
{
	enum outcome outcome = db_do(raw->db, SQL_BEGIN);

	for (int i = 0; i < RAW_BATCH && outcome == OUTCOME_OK; i++, raw->done++)
		outcome = raw->put(raw);
	if (outcome != OUTCOME_OK || db_do(raw->db, SQL_COMMIT) != OUTCOME_OK ||
	        db_checkpoint(raw->db, false) != OUTCOME_OK) {
		fprintf(stderr, "bench_store: %s\n", db_why(raw->db));
		exit(1);
	}
}

static double
measure_raw(const char *path, struct raw *raw, double seconds)
{
	struct fault fault = { 0 };
	int64_t began_us, now_us;

	raw->db = db_open(path, DB_WRITER, &fault);
	if (raw->db == NULL || migrate(raw->db, migrations, migration_count, &fault) != RH_OK)
		store_bench_die(&fault);
	began_us = now_us = rh_mono_us();
	while ((double)(now_us - began_us) < seconds * 1e6) {
		commit_batch(raw);
		now_us = rh_mono_us();
	}
	db_close(raw->db);
	store_bench_remove(path);
	return (double)raw->done * 1e6 / (double)(now_us - began_us);
}

static double
measure_raw_relinks(const char *path, double seconds, size_t body_bytes)
{
	struct raw raw = { .put = put_raw_relink };

	(void)body_bytes;
	return measure_raw(path, &raw, seconds);
}

/* The objects are made by the store, so that only their new versions are measured. */
static double
measure_raw_objects(const char *path, double seconds, size_t body_bytes)
{
	struct raw raw = { .put = put_raw_object, .body_bytes = body_bytes };
	struct load load = { .put = put_share, .until_count = OBJECTS };
	struct store_stats stats;

	run_store(path, RAW_BATCH, &load, &stats);
	return measure_raw(path, &raw, seconds);
}

struct contest {
	const char *name;
	double (*raw)(const char *path, double seconds, size_t body_bytes);
	void (*put)(struct slot *slot);
};
static const struct contest relinks = { "relinks", measure_raw_relinks, put_relink };
static const struct contest shares = { "shares", measure_raw_objects, put_share };

static void
compare(const struct contest *contest, const char *path, size_t in_flight, double seconds)
{
	for (int turn = 0; turn < TURNS; turn++) {
		struct store_stats stats;
		double raw = contest->raw(path, seconds, SHARED_BODY_BYTES);
		double own = measure_store(path, in_flight, contest->put, seconds, &stats);

		printf("%s in_flight=%zu store_puts_per_s=%.0f raw_batches_per_s=%.0f ratio=%.2f "
		       "ops_per_commit=%.1f commit_us_max=%lld\n",
		        contest->name, in_flight, own, raw, own / raw,
		        (double)stats.operations / (double)stats.commits,
		        (long long)stats.commit_us_max);
	}
}

static int
compare_all(const char *path, double seconds, int backup_mib)
{
	static const size_t in_flight[] = { 1, 64, 512, 4096 };

	for (size_t i = 0; i < COUNT(in_flight); i++)
		compare(&relinks, path, in_flight[i], seconds);
	compare(&shares, path, RAW_BATCH, seconds);
	store_bench_backup(path, backup_mib);
	return 0;
}

static int
print_raw(const char *path, double seconds, size_t body_bytes)
{
	if (body_bytes < 100 || body_bytes > MOST_BODY_BYTES) {
		fprintf(stderr, "bench_store: a body has 100 to %d bytes\n", MOST_BODY_BYTES);
		return 2;
	}
	printf("raw_batches_per_s=%.0f\n", measure_raw_objects(path, seconds, body_bytes));
	return 0;
}

int
main(int argc, char **argv)
{
	bool raw = argc == 5 && strcmp(argv[1], "raw") == 0;
	char **rest = raw ? argv + 2 : argv + 1;
	int count = raw ? argc - 2 : argc - 1;
	double seconds = count > 1 ? atof(rest[1]) : 2.0;
	struct fault fault = { 0 };
	char path[1024];

	rh_log_setup(LOG_ERROR, LOG_TEXT);
	if (rh_crypt_init(&fault) != RH_OK)
		store_bench_die(&fault);
	snprintf(path, sizeof(path), "%s/bench-store.db", count > 0 ? rest[0] : ".");
	store_bench_remove(path);
	if (raw)
		return print_raw(path, seconds, (size_t)atol(rest[2]));
	return compare_all(path, seconds, count > 2 ? atoi(rest[2]) : 64);
}
