/* test_postgresql_lease: who leads, who stands by, and who is put out.
 * It is started with a server of its own: tests/postgresql/with. */
#include "../suite.h"
#include "other.h"
#include "share.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static struct store_hub
only_hub(struct rig *rig)
{
	struct store_op op = { .verb = STORE_HUBS };

	ck_assert_int_eq(rig_do(rig, &op), RH_OK);
	ck_assert_uint_eq(op.u.hubs.count, 1);
	return op.u.hubs.rows[0];
}

static void
await_taken(const struct rig *rig, bool taken)
{
	int64_t until_ms = rh_mono_ms() + 10000;

	while (store_lease(rig->store).taken != taken && rh_mono_ms() < until_ms)
		;
	ck_assert_int_eq(store_lease(rig->store).taken, taken);
}

START_TEST(test_who_leads_has_a_lease_and_says_so)
{
	struct store_hub hub;
	struct rig rig;

	rig_begin(&rig, "postgresql:");
	ck_assert_int_gt(store_lease(rig.store).left_ms, 0);
	ck_assert_int_le(store_lease(rig.store).left_ms, 4000);
	hub = only_hub(&rig);
	ck_assert(str_is(hub.about, "{}") && hub.leads);
	ck_assert_int_lt(hub.seen_ms, 5000);
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_file_has_no_lease_and_nobody_stands_by)
{
	struct store_op op = { .verb = STORE_HUBS };
	struct fault fault = { 0 };
	struct store_found found;
	struct rig rig;

	rig_begin(&rig, "sqlite:");
	ck_assert(store_lease(rig.store).left_ms == INT64_MAX && !store_lease(rig.store).taken);
	ck_assert_int_eq(rig_do(&rig, &op), RH_OK);
	ck_assert_uint_eq(op.u.hubs.count, 0);
	rig.conf.stands_by = true;
	ck_assert_ptr_null(store_look(&rig.conf, &found, &fault));
	ck_assert_str_eq(fault.field, "store.standby");
	rig_end(&rig);
}
END_TEST

START_TEST(test_who_was_put_out_knows_it)
{
	struct rig rig;
	struct pg *pg;

	rig_begin(&rig, "postgresql:");
	pg = connect_to(&rig);
	say(pg, "UPDATE hub SET state = 'put out'");
	await_taken(&rig, true);
	ck_assert_int_le(store_lease(rig.store).left_ms, 0);
	pg_close(pg);
	rig_end(&rig);
}
END_TEST

/* A database that is away takes nobody's lease for good. */
START_TEST(test_a_lease_is_renewed_on_a_new_connection)
{
	int64_t until_ms = rh_mono_ms() + 10000, left_ms;
	struct rig rig;
	struct pg *pg;

	rig_begin(&rig, "postgresql:");
	pg = connect_to(&rig);
	wait_until(pg, "SELECT count(*) " OTHERS "AND strpos(query, 'hub_renews') > 0");
	say(pg, "SELECT pg_terminate_backend(pid) " OTHERS "AND strpos(query, 'hub_renews') > 0");
	left_ms = store_lease(rig.store).left_ms;
	while (store_lease(rig.store).left_ms <= left_ms && rh_mono_ms() < until_ms)
		left_ms = store_lease(rig.store).left_ms;
	ck_assert_int_gt(store_lease(rig.store).left_ms, 0);
	ck_assert(!store_lease(rig.store).taken);
	pg_close(pg);
	rig_end(&rig);
}
END_TEST

/* ---- standing by ---- */

struct waiter {
	struct pg *pg;
	const char *sql; /* said at each look; NULL: nothing */
	unsigned looks, most;
};

static bool
on_wait(void *ctx, int64_t ms)
{
	struct waiter *waiter = ctx;

	(void)ms;
	if (waiter->sql != NULL)
		say(waiter->pg, waiter->sql);
	return ++waiter->looks < waiter->most;
}

static struct store *
begin_beside(struct rig *rig, struct store_found *found)
{
	struct store_conf conf = rig->conf;
	struct fault fault = { 0 };
	struct store *store;

	conf.about = "{\"name\":\"b\"}";
	conf.stands_by = true;
	store = store_look(&conf, found, &fault);
	ck_assert_msg(store != NULL, "%s", fault.why);
	return store;
}

START_TEST(test_who_stands_by_is_seen_and_leaves)
{
	struct waiter waiter = { .most = 10 };
	struct store_waiting waiting = { on_wait, &waiter };
	struct fault fault = { 0 };
	struct store_found found;
	struct store *other;
	struct rig rig;

	rig_begin(&rig, "postgresql:");
	waiter.pg = connect_to(&rig);
	waiter.sql = "SELECT 1 / (count(*) - 1) FROM hub"; /* both are there */
	other = begin_beside(&rig, &found);
	ck_assert(found.led);
	ck_assert_int_eq(store_stand_by(other, &waiting, &found, &fault), RH_BUSY);
	ck_assert_uint_eq(waiter.looks, 10);
	store_close(other);
	(void)only_hub(&rig);
	ck_assert_int_gt(store_lease(rig.store).left_ms, 0);
	pg_close(waiter.pg);
	rig_end(&rig);
}
END_TEST

/* It hangs: its last renewal is long ago, each time that the other looks. */
START_TEST(test_who_hangs_is_put_out_and_writes_nothing_more)
{
	struct share share = { .body = "b" };
	struct store_op op = share_op("* m A X", &share);
	struct waiter waiter = { .most = 100000,
		.sql = "UPDATE hub SET seen = seen - interval '1 hour' WHERE state = 'leads'" };
	struct store_waiting waiting = { on_wait, &waiter };
	struct fault fault = { 0 };
	struct store_found found;
	struct store *other;
	struct rig rig;

	rig_begin(&rig, "postgresql:");
	waiter.pg = connect_to(&rig);
	other = begin_beside(&rig, &found);
	ck_assert_int_eq(store_stand_by(other, &waiting, &found, &fault), RH_OK);
	ck_assert(!found.led);
	ck_assert_int_eq(store_begin(other, (struct str){ 0 }, &fault), RH_OK);
	await_taken(&rig, true);
	ck_assert_int_eq(rig_do(&rig, &op), RH_STORE_FAILED);
	ck_assert_int_eq(ask(waiter.pg, "SELECT count(*) FROM object"), 0);
	ck_assert_int_eq(ask(waiter.pg, "SELECT count(*) FROM hub WHERE state = 'leads'"), 1);
	store_close(other);
	pg_close(waiter.pg);
	rig_end(&rig);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("lease on PostgreSQL");
	TCase *tests = tcase_create("lease");

	tcase_add_test(tests, test_who_leads_has_a_lease_and_says_so);
	tcase_add_test(tests, test_a_file_has_no_lease_and_nobody_stands_by);
	tcase_add_test(tests, test_who_was_put_out_knows_it);
	tcase_add_test(tests, test_a_lease_is_renewed_on_a_new_connection);
	tcase_add_test(tests, test_who_stands_by_is_seen_and_leaves);
	tcase_add_test(tests, test_who_hangs_is_put_out_and_writes_nothing_more);
	suite_add_tcase(suite, tests);
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	return suite_run(suite, CK_NOFORK);
}
