/* test_postgresql_reads: a read that takes long delays none that does not.
 *
 * What is slow waits here for a lock that the test has, so that no time decides: what is behind it
 * would not come at all. It is started with a server of its own: tests/postgresql/with. */
#include "../suite.h"
#include "other.h"
#include "share.h"

#include <check.h>
#include <stdio.h>

#define SLOW "4711"
enum { LISTS = 40 };

/* Lists and feeds are made as before, when the lock can be had. */
static void
make_slow(struct pg *pg, const char *function)
{
	char sql[512];

	snprintf(sql, sizeof(sql),
	        "DO $$ DECLARE def text := pg_get_functiondef('%s'::regproc); BEGIN "
	        "EXECUTE regexp_replace(regexp_replace(def, '\\mSTABLE\\M', 'VOLATILE'), 'BEGIN', "
	        "'BEGIN PERFORM pg_advisory_lock_shared(" SLOW ");'); END $$",
	        function);
	say(pg, sql);
}

static void
submit_lists(struct rig *rig, struct rig_op *ops, enum store_verb verb)
{
	for (int i = 0; i < LISTS; i++) {
		ops[i] = (struct rig_op){ .op.verb = verb };
		if (verb == STORE_FEED)
			ops[i].op.u.feed = (struct store_feed_args){ .limit = 9 };
		else
			ops[i].op.u.page =
			        (struct store_page_args){ .module = STR("m"), .limit = 9 };
		rig_submit(rig, &ops[i]);
	}
}

static void
wait_lists(struct rig *rig, const struct rig_op *ops)
{
	for (int i = 0; i < LISTS; i++) {
		rig_wait(rig, &ops[i]);
		ck_assert_msg(ops[i].op.err == RH_OK, "%s", ops[i].op.why);
	}
}

START_TEST(test_lists_that_take_long_delay_no_other_read)
{
	static struct rig_op lists[LISTS];
	struct rig rig;
	struct pg *pg;

	rig_begin(&rig, "postgresql:");
	pg = connect_to(&rig);
	make_slow(pg, "page");
	say(pg, "SELECT pg_advisory_lock(" SLOW ")");
	share_put(&rig, "* m A X", "b", 1);
	submit_lists(&rig, lists, STORE_OBJECT_PAGE);
	wait_until(pg, "SELECT count(*) " OTHERS "AND wait_event = 'advisory'");
	for (int i = 0; i < LISTS; i++)
		ck_assert_int_eq(share_get(&rig, "* m A X", NULL), RH_OK);
	ck_assert_str_eq(share_feed(&rig, 0, 9, NULL), "X:b");
	for (int i = 0; i < LISTS; i++)
		ck_assert(!lists[i].done);
	say(pg, "SELECT pg_advisory_unlock(" SLOW ")");
	wait_lists(&rig, lists);
	pg_close(pg);
	rig_end(&rig);
}
END_TEST

/* Nor do those of the hub's own delay what somebody asked for. */
START_TEST(test_feeds_that_take_long_delay_no_list)
{
	static struct rig_op feeds[LISTS];
	struct store_page_args args = { .module = STR("m"), .limit = 9 };
	struct rig rig;
	struct pg *pg;

	rig_begin(&rig, "postgresql:");
	pg = connect_to(&rig);
	make_slow(pg, "feed");
	say(pg, "SELECT pg_advisory_lock(" SLOW ")");
	share_put(&rig, "* m A X", "b", 1);
	submit_lists(&rig, feeds, STORE_FEED);
	wait_until(pg, "SELECT count(*) " OTHERS "AND wait_event = 'advisory'");
	ck_assert_str_eq(share_page(&rig, &args), "X");
	ck_assert_int_eq(share_get(&rig, "* m A X", NULL), RH_OK);
	say(pg, "SELECT pg_advisory_unlock(" SLOW ")");
	wait_lists(&rig, feeds);
	pg_close(pg);
	rig_end(&rig);
}
END_TEST

/* However many come at once, so many connections and no more. */
START_TEST(test_connections_are_bounded)
{
	enum { READERS_MOST = 7 };
	static struct rig_op lists[LISTS], feeds[LISTS];
	struct rig rig;
	struct pg *pg;

	rig_begin(&rig, "postgresql:");
	pg = connect_to(&rig);
	submit_lists(&rig, lists, STORE_OBJECT_PAGE);
	submit_lists(&rig, feeds, STORE_FEED);
	wait_lists(&rig, lists);
	wait_lists(&rig, feeds);
	ck_assert_int_le(ask(pg, "SELECT count(*) " OTHERS), READERS_MOST + 3);
	pg_close(pg);
	rig_end(&rig);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("reads of a PostgreSQL");
	TCase *tests = tcase_create("reads");

	tcase_add_test(tests, test_lists_that_take_long_delay_no_other_read);
	tcase_add_test(tests, test_feeds_that_take_long_delay_no_list);
	tcase_add_test(tests, test_connections_are_bounded);
	suite_add_tcase(suite, tests);
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	return suite_run(suite, CK_NOFORK);
}
