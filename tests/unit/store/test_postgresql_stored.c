/* test_postgresql_stored: what limits.disk counts on a PostgreSQL is what lives, and not the files.
 * It is started with a server of its own: tests/postgresql/with. */
#include "../suite.h"
#include "other.h"
#include "share.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

enum { PATIENCE_MS = 20000 };

/* Rows, and bytes of bodies and patches, as they are and as they were counted. */
#define THERE                                                                                    \
	"SELECT (SELECT count(*) FROM object) + (SELECT count(*) FROM version), "                \
	"((SELECT coalesce(sum(coalesce(octet_length(body), 0) + coalesce(octet_length(patch), " \
	"0)), "                                                                                  \
	"0) FROM object) + (SELECT coalesce(sum(octet_length(body)), 0) FROM version))::bigint"

static void
check_counted(struct pg *pg, const char *after)
{
	struct pg_result *there = pg_ask(pg, THERE, NULL);
	struct pg_result *counted = pg_ask(pg, "SELECT rows, bytes FROM stored", NULL);

	ck_assert_msg(there != NULL && counted != NULL, "%s", pg_why(pg));
	for (int i = 0; i < 2; i++)
		ck_assert_msg(pg_int(there, 0, i) == pg_int(counted, 0, i),
		        "%s: there are %lld %s, %lld are counted", after,
		        (long long)pg_int(there, 0, i), i == 0 ? "rows" : "bytes",
		        (long long)pg_int(counted, 0, i));
	pg_result_free(there);
	pg_result_free(counted);
}

static void
run(struct rig *rig, struct store_op *op)
{
	ck_assert_msg(rig_do(rig, op) == RH_OK, "%s", op->why);
}

/* Several of one object, tariffs among them, in one batch. */
static void
share_at_once(struct rig *rig, struct pg *pg)
{
	enum { OPS = 9 };
	static const char *const keys[] = { "* m A X", "* tariffs A T1", "* m A N" };
	struct share shares[OPS];
	struct rig_op ops[OPS] = { 0 };
	char bodies[OPS][32];

	for (int i = 0; i < OPS; i++) {
		snprintf(bodies[i], sizeof(bodies[i]), "%*s", 3 + 2 * i, "b");
		shares[i] = (struct share){ .body = i == 5 ? NULL : bodies[i] };
		ops[i].op = share_op(keys[i % 3], &shares[i]);
		ops[i].op.u.share.patch = i == 7 ? STR("{\"a\":1}") : (struct str){ 0 };
	}
	batch_write(rig, pg, ops, OPS);
	for (int i = 0; i < OPS; i++)
		ck_assert_msg(ops[i].op.err == RH_OK, "%s", ops[i].op.why);
}

START_TEST(test_what_is_counted_is_what_is_there)
{
	struct store_op drop = { .verb = STORE_OWNED_DROP,
		.u.owned = { .scope = STR("*"), .owner = STR("B") } };
	struct store_op move = { .verb = STORE_SCOPE_MOVE,
		.u.scope = { .from = STR("V@1"), .to = STR("V@2") } };
	struct store_op expire = { .verb = STORE_EXPIRE,
		.u.expire = {
		        .now_ms = 40LL * 24 * 3600 * 1000, .before_ms = 93LL * 24 * 3600 * 1000 } };
	struct rig rig;
	struct pg *pg;

	rig_begin(&rig, "postgresql:");
	pg = connect_to(&rig);
	share_put(&rig, "* m A X", "12345", 1);
	check_counted(pg, "a new one");
	share_put(&rig, "* m A X", "123", 2);
	check_counted(pg, "a smaller one");
	share_put(&rig, "* m A X", NULL, 3);
	check_counted(pg, "a deletion");
	share_at_once(&rig, pg);
	check_counted(pg, "several in a batch");
	share_put(&rig, "* tariffs B T1", "one", 1);
	share_put(&rig, "* tariffs B T1", "another", 2);
	share_put(&rig, "* m B X", "b", 2);
	check_counted(pg, "a tariff");
	run(&rig, &drop);
	check_counted(pg, "a drop");
	share_put(&rig, "V@1 cdrs A C1", "old", 1);
	share_put(&rig, "V@2 cdrs A C1", "newer", 1);
	run(&rig, &move);
	check_counted(pg, "a move");
	say(pg, "SELECT record_erase(scope, module, owner, id, type, change, 'x', NULL) FROM "
	        "object "
	        "WHERE module = 'cdrs'");
	check_counted(pg, "an erasure");
	run(&rig, &expire);
	ck_assert_int_gt((int64_t)expire.u.expire.dropped, 2);
	check_counted(pg, "age");
	pg_close(pg);
	rig_end(&rig);
}
END_TEST

/* One that was overtaken is not written, and counts when it is made anew. */
START_TEST(test_what_was_overtaken_counts_once)
{
	struct share share = { .body = "mine" };
	struct rig_op op = { .op = share_op("* m A X", &share) };
	struct pg *pg, *other;
	struct rig rig;

	rig_begin(&rig, "postgresql:");
	pg = connect_to(&rig);
	other = connect_to(&rig);
	share_put(&rig, "* m A X", "12345", 1);
	say(other, "BEGIN");
	say(other, "SELECT pg_advisory_xact_lock(" LOCK ")");
	rig_submit(&rig, &op);
	wait_until(pg, "SELECT count(*) " OTHERS "AND wait_event = 'advisory'");
	say(other, "UPDATE object SET change = nextval('change_number')");
	say(other, "COMMIT");
	rig_wait(&rig, &op);
	ck_assert_msg(op.op.err == RH_OK, "%s", op.op.why);
	ck_assert_uint_eq(share.calls, 2);
	check_counted(pg, "one that was overtaken");
	pg_close(other);
	pg_close(pg);
	rig_end(&rig);
}
END_TEST

/* The files stay as they are, since nobody vacuums here. */
START_TEST(test_room_comes_back_when_what_was_kept_is_gone)
{
	enum { OBJECTS = 60, BYTES = 20000, ROOM = 600000 };
	int64_t until_ms = rh_mono_ms() + PATIENCE_MS;
	struct store_op drop = { .verb = STORE_OWNED_DROP,
		.u.owned = { .scope = STR("*"), .owner = STR("A") } };
	static char body[BYTES + 1];
	char key[32];
	struct rig rig;

	rig_begin(&rig, "postgresql:");
	for (int i = 0; i < OBJECTS; i++) {
		snprintf(key, sizeof(key), "* tokens A X%d", i);
		memset(body, 'a' + i % 26, BYTES);
		share_put(&rig, key, body, 1);
	}
	rig.conf.max_bytes = ROOM;
	store_configure(rig.store, &rig.conf);
	ck_assert_int_eq(share_try(&rig, "* tokens A Y", "one more"), RH_STORE_FAILED);
	run(&rig, &drop);
	ck_assert_uint_eq(drop.u.owned.dropped, OBJECTS);
	while (share_try(&rig, "* tokens A Y", "one more") != RH_OK)
		ck_assert_msg(rh_mono_ms() < until_ms, "it never lets go");
	rig_end(&rig);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("what a PostgreSQL keeps");
	TCase *tests = tcase_create("stored");

	tcase_add_test(tests, test_what_is_counted_is_what_is_there);
	tcase_add_test(tests, test_what_was_overtaken_counts_once);
	tcase_add_test(tests, test_room_comes_back_when_what_was_kept_is_gone);
	suite_add_tcase(suite, tests);
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	return suite_run(suite, CK_NOFORK);
}
