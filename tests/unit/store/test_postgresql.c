/* test_postgresql: what PostgreSQL is asked beyond the contract: order of changes between writers,
 * connections that are lost, a batch whose answer is, one row that is refused.
 * It is started with a server of its own: tests/postgresql/with. */
#include "../suite.h"
#include "other.h"
#include "share.h"

#include <check.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PATIENCE_MS = 20000 };

/* ---- one bad row ---- */

START_TEST(test_one_row_that_is_refused_is_refused_alone)
{
	enum { OPS = 40, BAD = 23 };
	struct share shares[OPS];
	struct rig_op ops[OPS] = { 0 };
	char keys[OPS][32];
	struct rig rig;

	rig_begin(&rig, "postgresql:");
	for (int i = 0; i < OPS; i++) {
		snprintf(keys[i], sizeof(keys[i]), "* m A %s%d", i == BAD ? "\xff" : "L", i);
		shares[i] = (struct share){ .body = "b" };
		ops[i].op = share_op(keys[i], &shares[i]);
		rig_submit(&rig, &ops[i]);
	}
	for (int i = 0; i < OPS; i++) {
		rig_wait(&rig, &ops[i]);
		ck_assert_int_eq(ops[i].op.err, i == BAD ? RH_STORE_FAILED : RH_OK);
		ck_assert_int_eq(ops[i].op.why[0] != '\0', i == BAD);
		ck_assert_int_eq(share_get(&rig, keys[i], NULL) == RH_OK, i != BAD);
	}
	rig_end(&rig);
}
END_TEST

/* ---- one damaged row ---- */

/* What a disk did: of the only body that lies apart nothing is found any more. */
static void
damage(struct rig *rig, struct pg *pg, const char *key)
{
	enum { BYTES = 9000 };
	char body[BYTES + 1];
	uint32_t x = 1;

	for (size_t i = 0; i < BYTES; i++)
		body[i] = (char)('!' + ((x = x * 1664525 + 1013904223) >> 24) % 90);
	body[BYTES] = '\0';
	share_put(rig, key, body, 1);
	say(pg, "CREATE EXTENSION pg_surgery");
	say(pg, "DO $$ DECLARE t regclass; c tid[]; BEGIN "
	        "t := (SELECT reltoastrelid FROM pg_class WHERE oid = 'object'::regclass); "
	        "EXECUTE format('SELECT array_agg(ctid) FROM %s', t) INTO c; "
	        "PERFORM heap_force_kill(t, c); END $$");
}

/* Growth, "one bad row in a batch": those that wait beside it are not lost with it. What builds on
 * it is refused, and the owner's next PUT puts it right. */
START_TEST(test_one_row_that_is_damaged_is_refused_alone)
{
	enum { OPS = 20, BAD = 13 };
	struct share shares[OPS];
	struct share share;
	struct rig_op ops[OPS] = { 0 };
	char keys[OPS][32];
	struct pg *pg;
	struct rig rig;

	rig_begin(&rig, "postgresql:");
	pg = connect_to(&rig);
	damage(&rig, pg, "* m A X13");
	for (int i = 0; i < OPS; i++) {
		snprintf(keys[i], sizeof(keys[i]), "* m A X%d", i);
		shares[i] = (struct share){ .body = "b" };
		ops[i].op = share_op(keys[i], &shares[i]);
		if (i == BAD)
			ops[i].op.u.share.patch = STR("{}");
	}
	batch_write(&rig, pg, ops, OPS);
	for (int i = 0; i < OPS; i++) {
		ck_assert_msg(ops[i].op.err == (i == BAD ? RH_STORE_FAILED : RH_OK), "%d: %s", i,
		        ops[i].op.why);
	}
	ck_assert_msg(strstr(ops[BAD].op.why, "toast") != NULL, "%s", ops[BAD].op.why);
	ck_assert_int_eq(share_get(&rig, keys[BAD], NULL), RH_STORE_FAILED);
	share = (struct share){ .body = "right again" };
	ops[BAD].op = share_op(keys[BAD], &share);
	ck_assert_msg(rig_do(&rig, &ops[BAD].op) == RH_OK, "%s", ops[BAD].op.why);
	ck_assert_str_eq(share.old, "-");
	ck_assert(!ops[BAD].op.u.share.created);
	ck_assert_int_eq(share_get(&rig, keys[BAD], NULL), RH_OK);
	ck_assert_int_eq(ask(pg, "SELECT live FROM object_count"), OPS);
	ck_assert_int_eq(ask(pg, "SELECT rows FROM stored"), OPS);
	pg_close(pg);
	rig_end(&rig);
}
END_TEST

/* ---- several versions of one object in a batch ---- */

START_TEST(test_versions_of_a_batch_build_on_each_other)
{
	enum { OPS = 6 };
	static const char *const bodies[OPS] = { "one", "two", NULL, "three", "three", "four" };
	struct share shares[OPS];
	struct rig_op ops[OPS] = { 0 };
	struct store_page_args args = { .module = STR("m"), .limit = 9 };
	struct store_object got;
	struct pg *pg;
	struct rig rig;

	rig_begin(&rig, "postgresql:");
	pg = connect_to(&rig);
	for (int i = 0; i < OPS; i++) {
		shares[i] = (struct share){ .body = bodies[i], .last_updated_ns = i };
		ops[i].op = share_op("* m A X", &shares[i]);
	}
	batch_write(&rig, pg, ops, OPS);
	for (int i = 0; i < OPS; i++) {
		ck_assert_msg(ops[i].op.err == RH_OK, "%d: %s", i, ops[i].op.why);
		ck_assert_str_eq(
		        shares[i].old, i == 0 || bodies[i - 1] == NULL ? "-" : bodies[i - 1]);
		ck_assert_int_eq(ops[i].op.u.share.created, i == 0 || i == 3);
		if (i > 0)
			ck_assert_int_gt(ops[i].op.u.share.change, ops[i - 1].op.u.share.change);
	}
	ck_assert_int_eq(share_get(&rig, "* m A X", &got), RH_OK);
	ck_assert_int_eq(got.change, ops[5].op.u.share.change);
	ck_assert_int_eq(got.previous, ops[4].op.u.share.change);
	ck_assert_int_eq(got.seq, ops[3].op.u.share.change);
	ck_assert_str_eq(share_page(&rig, &args), "X");
	ck_assert_uint_eq(args.total, 1);
	pg_close(pg);
	rig_end(&rig);
}
END_TEST

/* ---- the order of changes ---- */

/* Another hub's shares, on a connection of its own: one object, one transaction. */
#define SHARE_OF(name, id, counting)                                                            \
	"SELECT share_batch('" name "', 0, 1, 1, " counting ", '{*}', '{m}', '{A}', '{" id      \
	"}', '{\"\"}', "                                                                        \
	"'{0}', '{0}', '{-1}', '{0}', '{0}', '{0}', '{false}', '{0}', '{true}', '{1}', '{7}', " \
	"'{1}', "                                                                               \
	"'{PUT}', '{NULL}', '{NULL}', '{NULL}', '{\"\\\\x62\"}')"

/* What a reader by cursor sees while one of two writers is slow: "A", "B", both or less. */
static void
read_on(struct rig *rig, int64_t *cursor, char *seen)
{
	struct store_feed_args args = { .after = *cursor, .limit = 9 };

	strcat(seen, share_read_feed(rig, &args));
	*cursor = args.head;
}

/* The slow one draws its number first, and commits last if nothing keeps the other one back. */
static void
write_by_two(struct rig *rig, char *seen)
{
	struct pg *slow = connect_to(rig), *quick = connect_to(rig), *pg = connect_to(rig);
	int64_t cursor = 0;

	say(pg, "INSERT INTO process VALUES ('slow', 0, 0, 0, '{}'), ('quick', 0, 0, 0, '{}')");
	say(slow, "BEGIN");
	say(slow, SHARE_OF("slow", "A", "false"));
	ck_assert(pg_begin(quick, SHARE_OF("quick", "B", "false")));
	wait_until(pg, "SELECT count(*) " OTHERS "AND query LIKE '%quick%' "
	               "AND (wait_event = 'advisory' OR state = 'idle')");
	read_on(rig, &cursor, seen);
	say(slow, "COMMIT");
	pg_result_free(pg_finish(quick));
	read_on(rig, &cursor, seen);
	pg_close(slow);
	pg_close(quick);
	pg_close(pg);
}

START_TEST(test_a_reader_by_cursor_skips_nothing_of_a_slow_writer)
{
	char seen[64] = "";
	struct rig rig;

	rig_begin(&rig, "postgresql:");
	write_by_two(&rig, seen);
	ck_assert_str_eq(seen, "A:b B:b");
	rig_end(&rig);
}
END_TEST

/* So that one is known to fail where numbers are drawn without the lock. */
START_TEST(test_without_the_lock_a_reader_by_cursor_skips_what_is_committed_late)
{
	char seen[64] = "";
	struct rig rig;
	struct pg *pg;

	rig_begin(&rig, "postgresql:");
	pg = connect_to(&rig);
	say(pg, "CREATE OR REPLACE FUNCTION batch_lock() RETURNS void LANGUAGE sql AS ''");
	write_by_two(&rig, seen);
	ck_assert_str_eq(seen, "B:b");
	pg_close(pg);
	rig_end(&rig);
}
END_TEST

/* What another writer put meanwhile is seen by what is made: no update is lost. */
START_TEST(test_a_share_that_was_overtaken_is_made_anew)
{
	struct share share = { .body = "mine" };
	struct rig_op op = { .op = share_op("* m A B", &share) };
	struct store_object got;
	struct pg *pg, *other;
	struct rig rig;

	rig_begin(&rig, "postgresql:");
	pg = connect_to(&rig);
	other = connect_to(&rig);
	say(pg, "INSERT INTO process VALUES ('quick', 0, 0, 0, '{}')");
	say(other, "BEGIN");
	say(other, SHARE_OF("quick", "B", "true"));
	rig_submit(&rig, &op);
	wait_until(pg, "SELECT count(*) " OTHERS "AND wait_event = 'advisory'");
	ck_assert_str_eq(share.old, "-");
	say(other, "COMMIT");
	rig_wait(&rig, &op);
	ck_assert_int_eq(op.op.err, RH_OK);
	ck_assert_str_eq(share.old, "b");
	ck_assert_uint_eq(share.calls, 2);
	ck_assert_int_eq(share_get(&rig, "* m A B", &got), RH_OK);
	ck_assert_int_gt(got.previous, 0);
	ck_assert_int_eq(ask(pg, "SELECT live FROM object_count"), 1);
	pg_close(pg);
	pg_close(other);
	rig_end(&rig);
}
END_TEST

/* ---- connections that are lost ---- */

START_TEST(test_after_lost_connections_reads_and_writes_go_on)
{
	struct rig rig;
	struct pg *pg;

	rig_begin(&rig, "postgresql:");
	pg = connect_to(&rig);
	for (int i = 0; i < 3; i++) {
		char key[32];

		snprintf(key, sizeof(key), "* m A X%d", i);
		share_put(&rig, key, "b", 1);
		ck_assert_int_eq(share_get(&rig, key, NULL), RH_OK);
		say(pg, "SELECT pg_terminate_backend(pid) " OTHERS);
	}
	ck_assert_str_eq(share_feed(&rig, 0, 9, NULL), "X0:b X1:b X2:b");
	pg_close(pg);
	rig_end(&rig);
}
END_TEST

START_TEST(test_while_it_is_away_nothing_is_acknowledged_and_it_comes_back_by_itself)
{
	struct share share = { .body = "b" };
	struct store_op op = share_op("* m A X", &share), get = { .verb = STORE_OBJECT_GET };
	char sql[96];
	struct rig rig;
	struct pg *pg;

	rig_begin(&rig, "postgresql:");
	snprintf(sql, sizeof(sql), "ALTER DATABASE %s ALLOW_CONNECTIONS false", rig.database);
	rig_server(sql);
	snprintf(sql, sizeof(sql),
	        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '%s'",
	        rig.database);
	rig_server(sql);
	get.u.get.key = share_key("* m A X");
	ck_assert_int_eq(rig_do(&rig, &op), RH_STORE_FAILED);
	ck_assert_ptr_nonnull(strstr(op.why, "is away"));
	ck_assert_int_eq(rig_do(&rig, &get), RH_STORE_FAILED);
	ck_assert_str_ne(get.why, "");
	snprintf(sql, sizeof(sql), "ALTER DATABASE %s ALLOW_CONNECTIONS true", rig.database);
	rig_server(sql);
	pg = connect_to(&rig);
	ck_assert_int_eq(ask(pg, "SELECT count(*) FROM object"), 0);
	for (int64_t until_ms = rh_mono_ms() + PATIENCE_MS; op.err != RH_OK;) {
		ck_assert(rh_mono_ms() < until_ms);
		op = share_op("* m A X", &share);
		rig_do(&rig, &op);
	}
	while (rig_do(&rig, &get) != RH_OK)
		continue;
	pg_close(pg);
	rig_end(&rig);
}
END_TEST

/* ---- a batch whose answer is lost ---- */

/* It waits for the lock, so it is not committed; the connection goes; it is tried once more. */
START_TEST(test_a_batch_that_is_lost_before_its_commit_is_tried_again)
{
	struct share share = { .body = "b" };
	struct rig_op op = { .op = share_op("* m A X", &share) };
	char sql[96];
	struct pg *pg;
	struct rig rig;

	rig_begin(&rig, "postgresql:");
	pg = connect_to(&rig);
	snprintf(sql, sizeof(sql),
	        "SELECT (session <> %lld)::int::bigint FROM process WHERE name = 'hub'",
	        (long long)ask(pg, "SELECT session FROM process WHERE name = 'hub'"));
	say(pg, "SELECT pg_advisory_lock(" LOCK ")");
	rig_submit(&rig, &op);
	wait_until(pg, "SELECT count(*) " OTHERS "AND wait_event = 'advisory'");
	say(pg, "SELECT pg_terminate_backend(pid) " WRITER);
	wait_until(pg, sql);
	say(pg, "SELECT pg_advisory_unlock(" LOCK ")");
	rig_wait(&rig, &op);
	ck_assert_msg(op.op.err == RH_OK, "%s", op.op.why);
	ck_assert_int_eq(ask(pg, "SELECT count(*) FROM object"), 1);
	ck_assert_int_eq(ask(pg, "SELECT live FROM object_count"), 1);
	pg_close(pg);
	rig_end(&rig);
}
END_TEST

/* The commit waits for a standby that is not there: it is done here, and its answer never comes.
 * The new connection finds it, but its own write waits for the standby too. */
START_TEST(test_a_batch_whose_answer_is_lost_is_found_and_not_written_twice)
{
	struct share shares[2] = { { .body = "b" }, { .body = "c" } };
	struct rig_op ops[2] = { { .op = share_op("* m A X", &shares[0]) },
		{ .op = share_op("* m A X", &shares[1]) } };
	struct store_object got;
	struct pg *pg;
	struct rig rig;

	rig_begin(&rig, "postgresql:");
	pg = connect_to(&rig);
	share_put(&rig, "* m A Y", "before", 1);
	await_standby(&rig, pg);
	rig_submit(&rig, &ops[0]);
	wait_until(pg, "SELECT count(*) " OTHERS "AND wait_event = 'SyncRep'");
	rig_submit(&rig, &ops[1]);
	say(pg, "SELECT pg_terminate_backend(pid) " WRITER);
	wait_until(pg, "SELECT count(*) " OTHERS
	               "AND wait_event = 'SyncRep' AND query LIKE '%UPDATE process %'");
	ck_assert(!ops[0].done);
	say(pg, "ALTER SYSTEM RESET synchronous_standby_names");
	say(pg, "SELECT pg_reload_conf()");
	for (int i = 0; i < 2; i++) {
		rig_wait(&rig, &ops[i]);
		ck_assert_msg(ops[i].op.err == RH_OK, "%s", ops[i].op.why);
	}
	ck_assert_uint_eq(shares[0].calls, 1);
	ck_assert(ops[0].op.u.share.created && !ops[1].op.u.share.created);
	ck_assert_int_eq(share_get(&rig, "* m A X", &got), RH_OK);
	ck_assert_int_eq(got.seq, ops[0].op.u.share.change);
	ck_assert_int_eq(got.previous, ops[0].op.u.share.change);
	ck_assert_int_eq(got.change, ops[1].op.u.share.change);
	pg_close(pg);
	rig_end(&rig);
}
END_TEST

/* ---- what stays ---- */

START_TEST(test_what_was_written_is_there_after_a_restart)
{
	struct store_object got;
	int64_t change, head;
	struct rig rig;

	rig_begin(&rig, "postgresql:");
	share_put(&rig, "* m A X", "one", 1);
	change = share_put(&rig, "* m A X", "two", 1);
	rig_close(&rig);
	rig_open(&rig);
	ck_assert_int_eq(share_get(&rig, "* m A X", &got), RH_OK);
	ck_assert_int_eq(got.change, change);
	ck_assert_int_gt(share_put(&rig, "* m A X", "three", 1), change);
	share_feed(&rig, 0, 9, &head);
	ck_assert_int_gt(head, change);
	rig_end(&rig);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("store on PostgreSQL");
	TCase *tests = tcase_create("postgresql");

	tcase_add_test(tests, test_one_row_that_is_refused_is_refused_alone);
	tcase_add_test(tests, test_one_row_that_is_damaged_is_refused_alone);
	tcase_add_test(tests, test_versions_of_a_batch_build_on_each_other);
	tcase_add_test(tests, test_a_reader_by_cursor_skips_nothing_of_a_slow_writer);
	tcase_add_test(
	        tests, test_without_the_lock_a_reader_by_cursor_skips_what_is_committed_late);
	tcase_add_test(tests, test_a_share_that_was_overtaken_is_made_anew);
	tcase_add_test(tests, test_after_lost_connections_reads_and_writes_go_on);
	tcase_add_test(
	        tests, test_while_it_is_away_nothing_is_acknowledged_and_it_comes_back_by_itself);
	tcase_add_test(tests, test_a_batch_that_is_lost_before_its_commit_is_tried_again);
	tcase_add_test(tests, test_a_batch_whose_answer_is_lost_is_found_and_not_written_twice);
	tcase_add_test(tests, test_what_was_written_is_there_after_a_restart);
	suite_add_tcase(suite, tests);
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	return suite_run(suite, CK_NOFORK);
}
