/* test_postgresql_plans: no statement reads much more than it gives, on tables that are empty, on
 * such that were filled since its plan was made, and on such that the server knows. What was read
 * is what the server counted; plans of statements in functions count too. It is started with a
 * server of its own: tests/postgresql/with. */
#include "../../../src/store/postgresql/pg.h"
#include "../suite.h"
#include "owed.h"

#include <check.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { PATIENCE_MS = 20000, FEW_ROWS = 6000 /* of two rounds; the tables have 50,000 and more */ };

/* clang-format off */
static const char *const fill[] = {
	"INSERT INTO object (seq, scope, module, owner, id, type, live, accepted, last_updated_ns, change, previous, sender_platform, at_ms, method, body) SELECT n, CASE WHEN n % 5 = 4 THEN 'NL*MSP@7' ELSE '*' END, 'locations', CASE WHEN n % 2000 = 0 THEN 'DE*FEW' ELSE 'DE*ABC' END, 'X' || n, '', true, true, n, n, 0, 7, n, 'PUT', 'body' FROM generate_series(1000, 200000) n",
	"SELECT setval('change_number', 200000)",
	"INSERT INTO object_count SELECT scope, module, owner, count(*), 0 FROM object GROUP BY 1, 2, 3 ON CONFLICT (module, scope, owner) DO UPDATE SET live = excluded.live",
	"INSERT INTO parked (receiver, party, scope, module, owner, id, type, kind, since_ms, due_ms, attempts, change, http, ocpi) SELECT 'platform/' || n % 3, 'A', '*', 'm', 'O', 'X' || n, '', 0, n, 1000000 + n, 3, 1, 500, 0 FROM generate_series(1, 60000) n ON CONFLICT DO NOTHING",
	"INSERT INTO push_failure (receiver, party, scope, module, owner, id, type, change, at_ms, http, ocpi) SELECT 'platform/' || n % 3, 'A', '*', 'm', 'O', 'X' || n, '', 1, 1000000 + n, 500, 0 FROM generate_series(1, 60000) n ON CONFLICT DO NOTHING",
	"INSERT INTO pulled SELECT n % 3, 'locations', 'DE*ABC', 'X' || n, '', 0 FROM generate_series(1, 60000) n ON CONFLICT DO NOTHING",
	"INSERT INTO relink SELECT 'r' || n, 1, 'u', 1, 2, 'DE', 'A', 'NL', 'B', 'm', 1, NULL, 1, 1000000 + n FROM generate_series(1, 60000) n",
	"INSERT INTO hint SELECT 'k', ('h' || n)::bytea, 'DE', 'A', 1000000 + n FROM generate_series(1, 60000) n ON CONFLICT DO NOTHING",
	"INSERT INTO event (at_ms, type, platform, who, address, what, subject, data) SELECT 1000000 + n, 't' || n % 5, n % 100, '', '', 'what', '', '' FROM generate_series(1, 60000) n",
	"INSERT INTO platform (id, state, removed, token_sealed, created_ms, updated_ms, last_contact_ms, claims_bound, changed) SELECT n, 1, false, 'sealed', 1, 1, 1, false, n FROM generate_series(100, 60000) n ON CONFLICT DO NOTHING",
	"INSERT INTO party SELECT n, 0, 'DE', 'P' || n, 1, 1, 1, NULL FROM generate_series(100, 60000) n ON CONFLICT DO NOTHING",
	"INSERT INTO endpoint SELECT n, 0, 'locations', 1, 'u' FROM generate_series(100, 60000) n ON CONFLICT DO NOTHING",
	"INSERT INTO token SELECT n, 0, 0, ('t' || n)::bytea, 0, 0 FROM generate_series(100, 60000) n ON CONFLICT DO NOTHING",
	"UPDATE directory SET changed = 60000",
	"INSERT INTO status SELECT n, n, 1, 1, '' FROM generate_series(100, 60000) n ON CONFLICT DO NOTHING",
	"SELECT setval('status_number', 60000)",
	"CREATE TABLE trace_1 PARTITION OF trace FOR VALUES IN (1)",
	"INSERT INTO trace SELECT 1, n, 1000000 + n, n % 100, CASE WHEN n % 100 = 0 THEN 1 ELSE 0 END, 'm', ('c' || n)::bytea, 'r', ('P' || n % 50)::bytea, ('Q' || n % 50)::bytea, ('o' || n)::bytea, '', 1000000 + n FROM generate_series(1, 60000) n",
};
/* clang-format on */

/* ---- some of everything, but for what counts rows that it leaves (STORE_EVENT_TRIM) ---- */

static void
do_op(struct rig *rig, struct store_op op)
{
	enum rh_err err = rig_do(rig, &op);

	ck_assert_msg(err == RH_OK || err == RH_NOT_FOUND, "verb %d: %s", op.verb, op.why);
}
#define DO(rig, ...) do_op(rig, (struct store_op){ __VA_ARGS__ })

static void
share_some(struct rig *rig, const char *format, int count)
{
	struct share share = { .body = "body" };
	char key[64];

	for (int i = 1; i <= count; i++) {
		struct store_op op;

		snprintf(key, sizeof(key), format, i);
		op = share_op(key, &share);
		op.u.share.skip_unchanged = i % 2 == 0;
		op.u.share.pulled = i % 3 == 0;
		op.u.share.limited = true;
		op.u.share.quota = INT64_MAX;
		do_op(rig, op);
	}
}

static void
read_objects(struct rig *rig)
{
	struct store_page_args page = { .module = STR("locations"), .limit = 20 };

	for (int way = 0; way < 6; way++) {
		page.viewer = way == 1 ? STR("NL*MSP@7") : (struct str){ 0 };
		page.owner = way == 2 ? STR("DE*FEW") : (struct str){ 0 };
		page.has_from = page.has_to = way == 3;
		page.from_ns = 5000;
		page.to_ns = 5050;
		page.after_seq = way == 4 ? 150000 : 0;
		page.offset = way == 5 ? 100 : 0;
		share_page(rig, &page);
	}
	share_get(rig, "* locations DE*ABC X1", NULL);
	share_feed(rig, 199950, 20, NULL);
	DO(rig, .verb = STORE_OBJECT_FIND,
	        .u.find = { .module = STR("locations"), .id = STR("X7"), .limit = 9 });
	DO(rig, .verb = STORE_QUOTA,
	        .u.quota = { .platform = 7, .key = share_key("* locations DE*ABC X1") });
	DO(rig, .verb = STORE_PULLED,
	        .u.pulled = { .platform = 1, .module = STR("locations"), .limit = 20 });
	DO(rig, .verb = STORE_HUBS);
}

static void
write_owed(struct rig *rig)
{
	struct store_parked row = owed_row("platform/1", "A", "* m O X1");
	struct store_cursor cursor = { .receiver = STR("platform/1"), .change = 3 };
	struct store_failure failure = { .receiver = STR("platform/1"),
		.to = STR("A"),
		.key = share_key("* m O X4"),
		.at_ms = 1000001 };
	struct store_pulled missed = { .key = share_key("* locations DE*ABC X1"), .missed = 1 };

	DO(rig, .verb = STORE_CURSORS_SAVE, .u.cursors = { &cursor, 1 });
	owed_park(rig, &row, 1);
	owed_unpark(rig, &row, 1, true);
	owed_refuse(rig, "platform/1", "A", "* m O X1", 1, 100);
	DO(rig, .verb = STORE_FAILURE_DROP, .u.failures = { .failures = &failure, .count = 1 });
	DO(rig, .verb = STORE_FAILURE_DROP,
	        .u.failures = { .receiver = STR("platform/1"), .key = share_key("* m O X1") });
	DO(rig, .verb = STORE_REDRIVE,
	        .u.redrive = {
	                .receiver = STR("platform/1"), .key = share_key("* m O X7"), .now_ms = 5 });
	DO(rig, .verb = STORE_RECEIVER_DROP, .u.receiver.receiver = STR("platform/9"));
	DO(rig, .verb = STORE_PULLED_MISSED,
	        .u.pulled = { .platform = 1, .rows = &missed, .count = 1 });
	DO(rig, .verb = STORE_SCOPE_MOVE, .u.scope = { STR("V@1"), STR("V@2"), 0 });
	DO(rig, .verb = STORE_OWNED_DROP, .u.owned = { .scope = STR("V@1") });
	DO(rig, .verb = STORE_OWNED_DROP, .u.owned = { STR("*"), STR("DE*NEW"), 0 });
	DO(rig, .verb = STORE_EXPIRE, .u.expire = { .now_ms = 1000, .before_ms = 5 });
}

static void
read_owed(struct rig *rig)
{
	DO(rig, .verb = STORE_PARKED,
	        .u.parked = { .receiver = STR("platform/1"), .now_ms = 1000500, .limit = 20 });
	DO(rig, .verb = STORE_PARKED, .u.parked = { .now_ms = 1000500, .limit = 20 });
	DO(rig, .verb = STORE_FAILURES,
	        .u.failures = { .receiver = STR("platform/1"), .limit = 20 });
	DO(rig, .verb = STORE_FAILURES, .u.failures = { .limit = 20 });
	DO(rig, .verb = STORE_FAILURES,
	        .u.failures = { .key = { .module = STR("m"), .owner = STR("O"), .id = STR("X8") },
	                .limit = 20 });
	DO(rig, .verb = STORE_PARKED_HEADS,
	        .u.heads = { .after = { .due_ms = 1000400 }, .limit = 20 });
	DO(rig, .verb = STORE_PARKED,
	        .u.parked = { .key = { .module = STR("m"), .owner = STR("O"), .id = STR("X8") },
	                .now_ms = INT64_MAX,
	                .limit = 20 });
	DO(rig, .verb = STORE_PARKED,
	        .u.parked = {
	                .key.module = STR("none"), .now_ms = INT64_MAX, .look = 50, .limit = 20 });
	DO(rig, .verb = STORE_PARKED,
	        .u.parked = { .receiver = STR("platform/1"),
	                .key.module = STR("none"),
	                .now_ms = INT64_MAX,
	                .look = 50,
	                .limit = 20 });
	DO(rig, .verb = STORE_CURSORS_LOAD);
}

static void
use_others(struct rig *rig)
{
	struct store_hint hint = { .kind = STR("k"),
		.key = STR("h5"),
		.country = "DE",
		.party = "A",
		.expires_ms = INT64_MAX };
	struct store_event event = { .type = STR("t1"), .platform = 1 };
	char id[32];

	snprintf(id, sizeof(id), "fresh%lld", (long long)rh_mono_us());
	rig_put(rig, id, INT64_MAX);
	rig_get(rig, "r77", 1, NULL);
	DO(rig, .verb = STORE_HINT_PUT, .u.hint.hint = hint);
	DO(rig, .verb = STORE_HINT_GET, .u.hint.hint = hint);
	DO(rig, .verb = STORE_EVENT_PUT, .u.event = { .event = &event, .most = 700 });
	DO(rig, .verb = STORE_EVENTS,
	        .u.events = { .types = { STR("t1"), STR("t9") }, .limit = 20 });
	DO(rig, .verb = STORE_EVENTS, .u.events = { .platform = 5, .limit = 20 });
	DO(rig, .verb = STORE_EVENTS,
	        .u.events = { .types = { STR("t3") }, .platform = 8, .limit = 20 });
	DO(rig, .verb = STORE_EVENTS, .u.events = { .limit = 20 });
	DO(rig, .verb = STORE_EVENTS, .u.events = { .limit = 20, .after = 59000 });
	DO(rig, .verb = STORE_PROBE);
}

static void
use_directory(struct rig *rig)
{
	struct store_token token = { TOKEN_CURRENT, { 77 }, 0, 0 };
	struct store_platform platform = { .id = 77, .tokens = &token, .token_count = 1 };
	struct store_status status = { .platform = 5, .state = 1, .doc = STR("{}") };

	DO(rig, .verb = STORE_IMPORT, .u.import = { .platforms = &platform, .platform_count = 1 });
	DO(rig, .verb = STORE_PLATFORM_SAVE, .u.save.platform = &platform);
	DO(rig, .verb = STORE_DIRECTORY, .u.directory.since = 59950);
	DO(rig, .verb = STORE_STATUS_SAVE, .u.statuses = { .rows = &status, .count = 1 });
	DO(rig, .verb = STORE_STATUSES, .u.statuses.since = 59950);
	DO(rig, .verb = STORE_WISH_PUT, .u.wishes.wish = { .platform = 5, .kind = WISH_PULL });
	DO(rig, .verb = STORE_TALLY_PUT, .u.tallies = { .nth = 1, .doc = STR("{}") });
	DO(rig, .verb = STORE_TALLIES, .u.tallies = { .nth = 1, .who = 1 });
	DO(rig, .verb = STORE_WISHES);
	DO(rig, .verb = STORE_WISH_DROP, .u.wishes.wish.nth = 1);
}

static void
read_trace(struct rig *rig)
{
	rig_find(rig, &(struct store_op){ .u.trace = { .correlation_id = STR("c5"), .limit = 9 } },
	        0);
	rig_find(rig, &(struct store_op){ .u.trace = { .object = STR("o5"), .limit = 9 } }, 0);
	rig_find(rig, &(struct store_op){ .u.trace = { .party = STR("P5"), .limit = 9 } }, 0);
	rig_find(rig,
	        &(struct store_op){ .u.trace = { .of_platform = true, .platform = 5, .limit = 9 } },
	        0);
	rig_find(rig, &(struct store_op){ .u.trace = { .module = STR("m"), .limit = 9 } }, 0);
	rig_find(rig,
	        &(struct store_op){ .u.trace = { .outcomes = ~(1U << TRACE_OK), .limit = 9 } }, 0);
	rig_find(rig, &(struct store_op){ .u.trace = { .limit = 9 } }, 0);
	rig_find(rig,
	        &(struct store_op){ .u.trace = { .text = STR("nothing"),
	                                    .of_platform = true,
	                                    .platform = 5,
	                                    .limit = 9 } },
	        0);
	rig_find(rig, &(struct store_op){ .u.trace = { .text = STR("nothing"), .limit = 9 } }, 0);
}

static void
use_everything(struct rig *rig)
{
	share_some(rig, "* locations DE*ABC X%d", 20);
	share_some(rig, "NL*MSP@7 locations DE*ABC NEW%d", 10);
	read_objects(rig);
	write_owed(rig);
	read_owed(rig);
	use_others(rig);
	use_directory(rig);
	read_trace(rig);
	arena_reset(rig->arena);
}

/* ---- what was read ---- */

static struct pg *
connect_to(const struct rig *rig)
{
	struct fault fault = { 0 };
	struct pg *pg = pg_open(rig->path, PG_LOOK, &fault);

	ck_assert_msg(pg != NULL, "%s", fault.why);
	return pg;
}

static void
say(struct pg *pg, const char *sql)
{
	ck_assert_msg(pg_do_long(pg, sql), "%s: %s", sql, pg_why(pg));
}

/* A connection reports what it did when it ends. */
static void
wait_until_alone(struct pg *pg)
{
	int64_t until_ms = rh_mono_ms() + PATIENCE_MS, others;

	do {
		struct pg_result *row = pg_ask(pg,
		        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
		        "AND pid <> pg_backend_pid()",
		        NULL);

		others = pg_int(row, 0, 0);
		pg_result_free(row);
		nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
	} while (others > 0 && rh_mono_ms() < until_ms);
	ck_assert_int_eq(others, 0);
}

/* What this connection did itself is not meant. */
static void
begin_anew(struct pg *pg)
{
	say(pg, "SELECT pg_stat_force_next_flush()");
	say(pg, "SELECT pg_stat_reset()");
}

#define TABLES                                                                                   \
	"(relname IN ('object', 'parked', 'push_failure', 'pulled', 'relink', 'hint', 'event', " \
	"'platform', 'party', 'endpoint', 'token', 'status') "                                   \
	"OR relname LIKE 'trace%') "

static void
check_reads(struct pg *pg, const char *when)
{
	static const char asked[] =
	        "SELECT relname::text, seq_tup_read::bigint FROM pg_stat_user_tables WHERE " TABLES
	        "UNION ALL SELECT indexrelname::text, idx_tup_read::bigint FROM "
	        "pg_stat_user_indexes "
	        "WHERE " TABLES;
	struct pg_result *rows;

	wait_until_alone(pg);
	say(pg, "SELECT pg_stat_clear_snapshot()");
	rows = pg_ask(pg, asked, NULL);
	ck_assert_ptr_nonnull(rows);
	for (int i = 0; i < pg_rows(rows); i++) {
		struct str name = pg_peek(rows, i, 0);

		ck_assert_msg(pg_int(rows, i, 1) <= FEW_ROWS, "%s: %lld rows are read by %.*s",
		        when, (long long)pg_int(rows, i, 1), STR_ARG(name));
	}
	pg_result_free(rows);
	say(pg, "SELECT pg_stat_reset()");
}

START_TEST(test_no_statement_reads_much_more_than_it_gives)
{
	struct rig rig;
	struct pg *pg;

	rig_begin(&rig, "postgresql:");
	rig_close(&rig);
	pg = connect_to(&rig);
	wait_until_alone(pg);
	say(pg, "SELECT pg_stat_reset()"); /* migrations make indexes */
	rig_open(&rig);
	use_everything(&rig);
	rig_close(&rig);
	check_reads(pg, "empty");
	rig_open(&rig);
	use_everything(&rig); /* on plans that are for tables that are as good as empty */
	for (size_t i = 0; i < COUNT(fill); i++)
		say(pg, fill[i]);
	begin_anew(pg);
	use_everything(&rig);
	rig_close(&rig);
	check_reads(pg, "filled since");
	say(pg, "ANALYZE");
	begin_anew(pg);
	rig_open(&rig);
	use_everything(&rig);
	rig_close(&rig);
	check_reads(pg, "known");
	pg_close(pg);
	rig_end(&rig);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("plans of PostgreSQL");
	TCase *tests = tcase_create("plans");

	tcase_set_timeout(tests, 0);
	tcase_add_test(tests, test_no_statement_reads_much_more_than_it_gives);
	suite_add_tcase(suite, tests);
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	return suite_run(suite, CK_NOFORK);
}
