/* test_postgresql_beside: two stores write to one database side by side: nothing is lost, and who
 * reads by number skips nothing. It is started with a server of its own: tests/postgresql/with. */
#include "../suite.h"
#include "other.h"
#include "share.h"

#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 300, KEY_BYTES = 32, TRACES = 600 };

/* ---- one object ---- */

static enum rh_err
add_one(void *ctx, struct str old, struct arena *arena, struct str *fresh, int64_t *last_updated_ns,
        struct fault *fault)
{
	(void)ctx, (void)fault;
	*fresh = arena_printf(arena, "%ld", strtol(old.p, NULL, 10) + 1);
	*last_updated_ns = 1;
	return RH_OK;
}

START_TEST(test_of_two_writers_of_one_object_none_loses_anything)
{
	static struct rig_op ops[2][ROUNDS];
	struct share share = { .body = "" };
	struct store_object object;
	struct rig a, b, *rigs[] = { &a, &b };
	char sum[16];

	pair_begin(&a, &b);
	share_put(&a, "* m A X", "0", 1);
	for (size_t i = 0; i < ROUNDS; i++)
		for (size_t j = 0; j < COUNT(rigs); j++) {
			ops[j][i] = (struct rig_op){ .op = share_op("* m A X", &share) };
			ops[j][i].op.u.share.make = add_one;
			rig_submit(rigs[j], &ops[j][i]);
		}
	for (size_t i = 0; i < ROUNDS; i++)
		for (size_t j = 0; j < COUNT(rigs); j++) {
			rig_wait(rigs[j], &ops[j][i]);
			ck_assert_int_eq(ops[j][i].op.err, RH_OK);
		}
	ck_assert_int_eq(share_get(&b, "* m A X", &object), RH_OK);
	snprintf(sum, sizeof(sum), "%d", 2 * ROUNDS);
	ck_assert_msg(str_is(object.body, sum), "%.*s", STR_ARG(object.body));
	pair_end(&a, &b);
}
END_TEST

/* ---- the order of numbers ---- */

struct writer { /* one share at a time */
	struct rig *rig;
	struct rig_op op;
	struct share share;
	char key[KEY_BYTES], name;
	int written;
};

/* True: all is written. */
static bool
write_on(struct writer *w)
{
	mailbox_deliver(w->rig->box);
	if (w->written > 0 && !w->op.done)
		return false;
	ck_assert(w->written == 0 || w->op.op.err == RH_OK);
	if (w->written == ROUNDS)
		return true;
	snprintf(w->key, sizeof(w->key), "* m %c X%d", w->name, w->written++);
	w->share.body = "b";
	w->op = (struct rig_op){ .op = share_op(w->key, &w->share) };
	rig_submit(w->rig, &w->op);
	return false;
}

/* How many there are behind @after, which goes to the last of them. */
static size_t
read_on(struct rig *rig, int64_t *after)
{
	struct store_op op = { .verb = STORE_FEED, .u.feed = { .after = *after, .limit = 100 } };

	ck_assert_int_eq(rig_do(rig, &op), RH_OK);
	for (size_t i = 0; i < op.u.feed.count; i++) {
		ck_assert_int_gt(op.u.feed.objects[i].change, *after);
		*after = op.u.feed.objects[i].change;
	}
	arena_reset(rig->arena);
	return op.u.feed.count;
}

/* One that commits some time after it drew its number. It does not sleep meanwhile: nobody ends
 * it. */
struct slow {
	struct pg *pg;
	pthread_t thread;
	_Atomic bool stop;
	size_t written;
};

static void *
write_slowly(void *arg)
{
	struct slow *slow = arg;
	char sql[1024];

	while (!atomic_load(&slow->stop)) {
		(void)snprintf(sql, sizeof(sql),
		        "BEGIN; SELECT share_batch('hub', session, 1, 1, false, '{*}', '{m}', "
		        "'{S}', "
		        "'{X%zu}', '{\"\"}', '{0}', '{0}', '{-1}', '{0}', '{0}', '{0}', '{f}', "
		        "'{0}', "
		        "'{t}', '{1}', '{7}', '{1}', '{PUT}', '{NULL}', '{NULL}', '{NULL}', '{b}') "
		        "FROM "
		        "process WHERE name = 'hub'; SELECT pg_sleep(0.005); COMMIT",
		        slow->written);
		say(slow->pg, sql);
		slow->written++;
	}
	return NULL;
}

static void
begin_slow(struct slow *slow, const struct rig *rig)
{
	slow->pg = connect_to(rig);
	ck_assert_int_eq(pthread_create(&slow->thread, NULL, write_slowly, slow), 0);
}

static size_t
end_slow(struct slow *slow)
{
	atomic_store(&slow->stop, true);
	pthread_join(slow->thread, NULL);
	pg_close(slow->pg);
	return slow->written;
}

START_TEST(test_who_reads_by_number_skips_nothing_that_is_committed_later)
{
	struct rig a, b, c;
	struct writer writers[] = { { .rig = &a, .name = 'A' }, { .rig = &b, .name = 'B' } };
	struct slow slow = { 0 };
	int64_t after = 0;
	size_t seen = 0, got, written = 2 * (size_t)ROUNDS;
	bool done[2] = { false, false };

	pair_begin(&a, &b);
	mate_begin(&c, &a, "{\"name\":\"c\"}");
	begin_slow(&slow, &a);
	while (!done[0] || !done[1]) {
		for (size_t i = 0; i < COUNT(writers); i++)
			done[i] = done[i] || write_on(&writers[i]);
		seen += read_on(&c, &after);
	}
	written += end_slow(&slow);
	while ((got = read_on(&c, &after)) > 0)
		seen += got;
	ck_assert_msg(seen == written, "skipped %zu of %zu", written - seen, written);
	mate_end(&c);
	pair_end(&a, &b);
}
END_TEST

/* ---- the trace ---- */

static void
await_traces(struct pg *pg, int64_t count)
{
	char sql[64];

	snprintf(sql, sizeof(sql), "SELECT (count(*) = %lld)::int::bigint FROM trace",
	        (long long)count);
	wait_until(pg, sql);
}

START_TEST(test_two_write_one_trace_and_no_leg_is_lost)
{
	struct rig a, b, *rigs[] = { &a, &b };
	struct pg *pg;

	pair_begin(&a, &b);
	pg = connect_to(&a);
	for (int i = 0; i < TRACES; i++)
		rig_trace(rigs[i % 2], 1000 + i, "c", "DE*A", "NL*B", NULL);
	await_traces(pg, TRACES);
	ck_assert_int_eq(ask(pg, "SELECT count(DISTINCT id) FROM trace"), TRACES);
	ck_assert_int_eq(ask(pg, "SELECT count(*) FROM pg_inherits WHERE inhparent = "
	                         "'trace'::regclass"),
	        1);
	/* what one writes to is dropped by another, which goes on in a newer one */
	say(pg, "SELECT trace_part(max(part) + 1) FROM trace");
	say(pg, "DO $$ BEGIN EXECUTE (SELECT format('DROP TABLE trace_%s', min(part)) FROM trace); "
	        "END $$");
	for (size_t i = 0; i < COUNT(rigs); i++)
		rig_trace(rigs[i], 2000, "c", "DE*A", "NL*B", NULL);
	await_traces(pg, 2);
	pg_close(pg);
	pair_end(&a, &b);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("side by side on PostgreSQL");
	TCase *tests = tcase_create("beside");

	tcase_add_test(tests, test_of_two_writers_of_one_object_none_loses_anything);
	tcase_add_test(tests, test_who_reads_by_number_skips_nothing_that_is_committed_later);
	tcase_add_test(tests, test_two_write_one_trace_and_no_leg_is_lost);
	suite_add_tcase(suite, tests);
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	return suite_run(suite, CK_NOFORK);
}
