/* rig: what every test of the store needs.
 * Waiting is by the mailbox's descriptor, with a bound only so that a lost completion ends a test.
 */
#include "rig.h"

#include "../../../src/store/migrate.h"
#include "../../../src/store/postgresql/pg.h"
#include "../../../src/store/sqlite.h"

#include <check.h>
#include <ftw.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_MS = 60000 };

/* ---- databases of a PostgreSQL ---- */

static bool
is_postgresql(const struct rig *rig)
{
	return strncmp(rig->path, "postgresql:", 11) == 0;
}

static const char *
server_folder(void)
{
	const char *folder = getenv("POSTGRESQL_DIR");

	ck_assert_msg(folder != NULL, "no server: this is to be run by tests/postgresql/with");
	return folder;
}

void
rig_server(const char *sql)
{
	struct fault fault = { 0 };
	char url[96];
	struct pg *pg;

	snprintf(url, sizeof(url), "postgresql://postgres@/postgres?host=%s", server_folder());
	pg = pg_open(url, PG_LOOK, &fault);
	ck_assert_msg(pg != NULL, "%s", fault.why);
	ck_assert_msg(pg_do_long(pg, sql), "%s: %s", sql, pg_why(pg));
	pg_close(pg);
}

static void
make_database(struct rig *rig)
{
	static int number;
	char sql[64];

	snprintf(rig->database, sizeof(rig->database), "rig_%d", ++number);
	snprintf(rig->path, sizeof(rig->path), "postgresql://postgres@/%s?host=%s", rig->database,
	        server_folder());
	snprintf(sql, sizeof(sql), "CREATE DATABASE %s", rig->database);
	rig_server(sql);
}

static void
drop_database(struct rig *rig)
{
	char sql[64];

	snprintf(sql, sizeof(sql), "DROP DATABASE %s WITH (FORCE)", rig->database);
	rig_server(sql);
}

/* ---- opening and closing ---- */

void
rig_begin(struct rig *rig, const char *scheme)
{
	struct fault fault = { 0 };

	*rig = (struct rig){ 0 };
	ck_assert_int_eq(rh_crypt_init(&fault), RH_OK);
	snprintf(rig->dir, sizeof(rig->dir), "/tmp/roamhub-store-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(rig->dir));
	if (strcmp(scheme, "memory:") == 0)
		snprintf(rig->path, sizeof(rig->path), "memory:");
	else if (strcmp(scheme, "postgresql:") == 0)
		make_database(rig);
	else
		snprintf(rig->path, sizeof(rig->path), "%s%s/hub.db", scheme, rig->dir);
	rig->conf = (struct store_conf){
		.url = rig->path,
		.max_waiting = 10000,
		.trace_max_age_ms = 0,
		.trace_max_bytes = 64 << 20,
		.trace_max_rate = 100000,
	};
	rig->arena = arena_new(4096);
	rig->box = mailbox_new();
	rig_open(rig);
}

void
rig_open(struct rig *rig)
{
	struct fault fault = { 0 };

	rig->store = store_open(&rig->conf, &fault);
	ck_assert_msg(rig->store != NULL, "%s", fault.why);
	rig->session = store_session_open(rig->store, rig->box, &fault);
	ck_assert_msg(rig->session != NULL, "%s", fault.why);
}

void
rig_begin_before(struct rig *rig, size_t first, const char *sql)
{
	struct fault fault = { 0 };
	struct db *db;

	rig_begin(rig, "sqlite:");
	rig_close(rig);
	ck_assert_int_eq(remove(rig_file(rig)), 0);
	db = db_open(rig_file(rig), DB_WRITER, &fault);
	ck_assert_ptr_nonnull(db);
	ck_assert_msg(migrate(db, migrations, first - 1, &fault) == RH_OK, "%s", fault.why);
	ck_assert_msg(db_exec(db, sql) == OUTCOME_OK, "%s", db_why(db));
	db_close(db);
	rig_open(rig);
}

void
rig_tamper(struct rig *rig, const char *sql)
{
	struct fault fault = { 0 };
	struct db *db;

	rig_close(rig);
	db = db_open(rig_file(rig), DB_WRITER, &fault);
	ck_assert_msg(db != NULL, "%s", fault.why);
	ck_assert_msg(db_exec(db, "PRAGMA foreign_keys=OFF") == OUTCOME_OK &&
	                      db_exec(db, sql) == OUTCOME_OK,
	        "%s: %s", sql, db_why(db));
	db_close(db);
	rig_open(rig);
}

uint64_t
rig_damaged(struct rig *rig)
{
	struct store_stats stats;

	store_stats(rig->store, &stats);
	return stats.damaged;
}

void
rig_close(struct rig *rig)
{
	if (rig->store == NULL)
		return;
	store_session_close(rig->session);
	store_close(rig->store);
	rig->store = NULL;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

void
rig_end(struct rig *rig)
{
	rig_close(rig);
	if (is_postgresql(rig))
		drop_database(rig);
	mailbox_free(rig->box);
	arena_free(rig->arena);
	nftw(rig->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

const char *
rig_file(const struct rig *rig)
{
	return rig->path + strlen("sqlite:");
}

const char *
rig_beside(struct rig *rig, const char *suffix)
{
	snprintf(rig->beside, sizeof(rig->beside), "%s%s", rig_file(rig), suffix);
	return rig->beside;
}

static void
mark_done(struct store_op *op)
{
	container_of(op, struct rig_op, op)->done = true;
}

void
rig_submit(struct rig *rig, struct rig_op *op)
{
	op->done = false;
	op->op.done = mark_done;
	op->op.arena = rig->arena;
	store_submit(rig->session, &op->op);
	ck_assert_msg(!op->done, "a completion came from inside store_submit()");
}

void
rig_wait(struct rig *rig, const struct rig_op *op)
{
	struct pollfd fd = { .fd = mailbox_fd(rig->box), .events = POLLIN };
	int64_t until_ms = rh_mono_ms() + PATIENCE_MS;

	while (!op->done) {
		ck_assert_msg(rh_mono_ms() < until_ms, "no completion");
		poll(&fd, 1, 100);
		mailbox_deliver(rig->box);
	}
}

enum rh_err
rig_do(struct rig *rig, struct store_op *op)
{
	struct rig_op waited = { .op = *op };

	rig_submit(rig, &waited);
	rig_wait(rig, &waited);
	*op = waited.op;
	return op->err;
}

enum rh_err
rig_put(struct rig *rig, const char *id, int64_t expires_ms)
{
	struct store_relink relink = {
		.id = str_of(id),
		.kind = RELINK_LINK,
		.target = STR("https://party.example/ocpi/2.2.1/locations?offset=50"),
		.caller_platform = 1,
		.target_platform = 2,
		.caller_country = "DE",
		.caller_party = "ABC",
		.target_country = "NL",
		.target_party = "XYZ",
		.module = STR("locations"),
		.interface = 1,
		.created_ms = 1,
		.expires_ms = expires_ms,
	};
	struct store_op op = { .verb = STORE_RELINK_PUT, .u.relink_put.relink = &relink };

	return rig_do(rig, &op);
}

enum rh_err
rig_get(struct rig *rig, const char *id, int64_t now_ms, struct store_relink *out)
{
	struct store_op op = { .verb = STORE_RELINK_GET,
		.u.relink = { .id = str_of(id), .now_ms = now_ms } };
	enum rh_err err = rig_do(rig, &op);

	if (out != NULL)
		*out = op.u.relink.relink;
	return err;
}

void
rig_trace(struct rig *rig, int64_t at_ms, const char *correlation_id, const char *from,
        const char *to, const char *object)
{
	struct store_trace *row;

	if (!store_trace_wanted(rig->store, &(struct store_trace_claim){ 1, .rows = 1 }))
		return;
	row = store_trace_new(&(struct store_trace){
	        .at_ms = at_ms,
	        .platform = 1,
	        .correlation_id = str_of(correlation_id),
	        .request_id = STR("a request"),
	        .from = str_of(from),
	        .to = str_of(to),
	        .object = str_of(object),
	        .doc = STR("{\"flow\":\"forward\"}"),
	});

	store_trace_put(rig->store, &row);
	ck_assert_ptr_null(row);
}

struct store_op
rig_find(struct rig *rig, const struct store_op *like, size_t least)
{
	int64_t until_ms = rh_mono_ms() + PATIENCE_MS;

	for (int64_t nap_ms = 1;; nap_ms = nap_ms < 32 ? 2 * nap_ms : nap_ms) {
		struct store_op op = *like;

		op.verb = STORE_TRACE_FIND;
		ck_assert_msg(rig_do(rig, &op) == RH_OK, "%s", op.why);
		if (op.u.trace.count >= least || rh_mono_ms() > until_ms)
			return op;
		nanosleep(&(struct timespec){ .tv_nsec = nap_ms * 1000000 }, NULL);
	}
}
