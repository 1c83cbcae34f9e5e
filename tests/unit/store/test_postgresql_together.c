/* test_postgresql_together: stores that work on one database at once: who holds which slots, who is
 * put out, and what they tell one another. It is started with a server of its own:
 * tests/postgresql/with. */
#include "../../../src/store/postgresql/parts.h"
#include "../../../src/store/writer.h"

#include "../suite.h"
#include "other.h"
#include "share.h"

#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { PATIENCE_MS = 20000, STEP_NS = 2000000 };

static struct store_together
now_of(const struct rig *rig)
{
	struct store_together now;

	store_together(rig->store, &now);
	return now;
}

static unsigned
count(uint64_t slots)
{
	return (unsigned)__builtin_popcountll(slots);
}

static void
rest(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = STEP_NS }, NULL);
}

#define AWAIT(condition)                                                                  \
	do {                                                                              \
		int64_t until_ms_ = rh_mono_ms() + PATIENCE_MS;                           \
		while (!(condition)) {                                                    \
			ck_assert_msg(rh_mono_ms() < until_ms_, "never: %s", #condition); \
			rest();                                                           \
		}                                                                         \
	} while (0)

/* What is wanted is given back at once. */
static void
hand_over(struct rig *const *rigs, size_t most, unsigned share)
{
	bool even = false;
	int64_t until_ms = rh_mono_ms() + PATIENCE_MS;

	while (!even) {
		ck_assert_int_lt(rh_mono_ms(), until_ms);
		even = true;
		for (size_t i = 0; i < most; i++) {
			struct store_together now = now_of(rigs[i]);

			store_release(rigs[i]->store, now.wanted);
			even = even && count(now.held) >= share && now.wanted == 0;
		}
		rest();
	}
}

/* Two, of which each holds its half of the slots. */
static void
begin_even(struct rig *a, struct rig *b)
{
	pair_begin(a, b);
	hand_over((struct rig *const[]){ a, b }, 2, 32);
}

static struct store_hub
hub_of(struct rig *rig, const char *about)
{
	struct store_op op = { .verb = STORE_HUBS };

	ck_assert_int_eq(rig_do(rig, &op), RH_OK);
	for (size_t i = 0; i < op.u.hubs.count; i++)
		if (str_is(op.u.hubs.rows[i].about, about))
			return op.u.hubs.rows[i];
	return (struct store_hub){ 0 };
}

/* ---- slots ---- */

START_TEST(test_who_is_alone_holds_every_slot_at_once)
{
	struct store_together now;
	struct store_hub hub;
	struct rig rig;

	first_begin(&rig);
	now = now_of(&rig);
	ck_assert(now.together && now.hubs == 1 && now.held == UINT64_MAX && now.wanted == 0);
	hub = hub_of(&rig, "{\"name\":\"a\"}");
	ck_assert(hub.works && !hub.leads && !hub.leaves);
	ck_assert_uint_eq(hub.slots, 64);
	ck_assert_int_gt(store_lease(rig.store).left_ms, 0);
	share_put(&rig, "* m A X", "b", 1);
	rig_close(&rig);
	rig_open(&rig);
	ck_assert(now_of(&rig).held == UINT64_MAX);
	rig_end(&rig);
}
END_TEST

START_TEST(test_slots_are_handed_over_when_they_are_given_back)
{
	struct rig a, b, c, *rigs[] = { &a, &b, &c };

	pair_begin(&a, &b);
	ck_assert_uint_eq(now_of(&b).held, 0);
	AWAIT(count(now_of(&a).wanted) == 32);
	ck_assert(now_of(&a).held == UINT64_MAX);
	ck_assert(now_of(&a).wanted == UINT64_MAX << 32);
	store_release(a.store, 1ULL << 63);
	AWAIT(now_of(&b).held == 1ULL << 63);
	ck_assert(now_of(&a).held == UINT64_MAX >> 1);
	hand_over(rigs, 2, 32);
	ck_assert((now_of(&a).held | now_of(&b).held) == UINT64_MAX);
	mate_begin(&c, &a, "{\"name\":\"c\"}");
	AWAIT(now_of(&a).hubs == 3 && now_of(&b).hubs == 3);
	hand_over(rigs, 3, 21);
	ck_assert((now_of(&a).held | now_of(&b).held | now_of(&c).held) == UINT64_MAX);
	ck_assert_uint_eq(
	        count(now_of(&a).held) + count(now_of(&b).held) + count(now_of(&c).held), 64);
	ck_assert_uint_eq(count(now_of(&a).held), 22);
	ck_assert_uint_eq(hub_of(&b, "{\"name\":\"a\"}").slots, 22);
	mate_end(&b);
	mate_end(&c);
	AWAIT(now_of(&a).held == UINT64_MAX && now_of(&a).hubs == 1);
	rig_end(&a);
}
END_TEST

START_TEST(test_who_leaves_is_given_nothing_any_more)
{
	struct rig a, b;
	struct pg *pg;

	begin_even(&a, &b);
	store_leave(b.store);
	AWAIT(now_of(&b).wanted == now_of(&b).held);
	ck_assert_uint_eq(count(now_of(&b).held), 32);
	ck_assert(hub_of(&a, "{\"name\":\"b\"}").leaves);
	ck_assert_uint_eq(count(now_of(&a).held), 32);
	store_release(b.store, UINT64_MAX);
	AWAIT(now_of(&a).held == UINT64_MAX);
	ck_assert_uint_eq(now_of(&b).held, 0);
	share_put(&b, "* m A X", "b", 1);
	mate_end(&b);
	pg = connect_to(&a);
	ck_assert_int_eq(ask(pg, "SELECT count(*) FROM process WHERE name <> 'hub'"), 1);
	ck_assert_int_eq(ask(pg, "SELECT count(*) FROM hub"), 1);
	pg_close(pg);
	rig_end(&a);
}
END_TEST

START_TEST(test_modes_exclude_one_another)
{
	struct store_conf conf;
	struct fault fault = { 0 };
	struct store_found found;
	struct store *other;
	struct rig rig;

	first_begin(&rig);
	conf = rig.conf;
	conf.together = false;
	ck_assert_ptr_null(store_open(&conf, &fault));
	ck_assert_msg(strstr(fault.why, "store.together") != NULL, "%s", fault.why);
	conf.stands_by = true;
	other = store_look(&conf, &found, &fault);
	ck_assert(other != NULL && found.led);
	store_close(other);
	conf.together = true;
	ck_assert_ptr_null(store_look(&conf, &found, &fault));
	ck_assert_str_eq(fault.field, "store.together");
	conf = (struct store_conf){ .url = "memory:", .together = true };
	ck_assert_ptr_null(store_look(&conf, &found, &fault));
	ck_assert_str_eq(fault.field, "store.together");
	rig_end(&rig);
}
END_TEST

static void *
open_mate(void *arg)
{
	struct rig *mate = arg;
	struct fault fault = { 0 };

	mate->store = store_open(&mate->conf, &fault);
	if (mate->store == NULL) /* an assertion is for the test's own thread */
		(void)fprintf(stderr, "%s\n", fault.why);
	return NULL;
}

START_TEST(test_those_who_begin_at_once_migrate_once)
{
	struct rig rig, mates[4];
	pthread_t threads[COUNT(mates)];
	struct pg *pg;

	first_begin(&rig);
	rig_close(&rig);
	pg = connect_to(&rig);
	say(pg, "DROP SCHEMA roamhub CASCADE");
	for (size_t i = 0; i < COUNT(mates); i++) {
		static const char *const abouts[] = { "{\"n\":1}", "{\"n\":2}", "{\"n\":3}",
			"{\"n\":4}" };

		mates[i] = (struct rig){
			.conf = rig.conf, .box = mailbox_new(), .arena = arena_new(64)
		};
		mates[i].conf.about = abouts[i];
		pthread_create(&threads[i], NULL, open_mate, &mates[i]);
	}
	/* A failed assertion leaves the frame: nobody may write to it any more. */
	for (size_t i = 0; i < COUNT(mates); i++)
		pthread_join(threads[i], NULL);
	for (size_t i = 0; i < COUNT(mates); i++) {
		struct fault fault = { 0 };

		ck_assert_ptr_nonnull(mates[i].store);
		mates[i].session = store_session_open(mates[i].store, mates[i].box, &fault);
	}
	ck_assert_int_eq(
	        ask(pg, "SELECT count(*) FROM hub WHERE state = 'together'"), COUNT(mates));
	share_put(&mates[3], "* m A X", "b", 1);
	for (size_t i = 0; i < COUNT(mates); i++)
		mate_end(&mates[i]);
	pg_close(pg);
	rig_end(&rig);
}
END_TEST

START_TEST(test_nobody_migrates_what_others_work_on)
{
	struct fault fault = { 0 };
	struct store_conf conf;
	struct rig rig;
	struct pg *pg;

	first_begin(&rig);
	pg = connect_to(&rig);
	say(pg, "DELETE FROM migration WHERE number = (SELECT max(number) FROM migration)");
	conf = rig.conf;
	conf.about = "{}";
	ck_assert_ptr_null(store_open(&conf, &fault));
	ck_assert_msg(strstr(fault.why, "1 migrations are due") != NULL, "%s", fault.why);
	share_put(&rig, "* m A X", "b", 1);
	pg_close(pg);
	rig_end(&rig);
}
END_TEST

/* ---- who is put out ---- */

#define END_CONNECTIONS \
	"SELECT pg_terminate_backend(backend::int), pg_terminate_backend(writer::int) FROM hub"

START_TEST(test_who_hangs_is_put_out_and_its_writes_are_refused)
{
	int64_t began_ms;
	struct rig a, b;
	struct store_stats stats;

	begin_even(&a, &b);
	backend_hang(b.store->backend, true);
	began_ms = rh_mono_ms();
	AWAIT(now_of(&a).held == UINT64_MAX);
	ck_assert_int_ge(rh_mono_ms() - began_ms, 3500);
	ck_assert_int_le(store_lease(b.store).left_ms, 0);
	ck_assert_int_eq(share_try(&b, "* m A X", "b"), RH_STORE_FAILED);
	store_stats(b.store, &stats);
	ck_assert(stats.failed);
	backend_hang(b.store->backend, false);
	AWAIT(store_lease(b.store).taken);
	ck_assert_uint_eq(now_of(&b).held, 0);
	share_put(&a, "* m A X", "b", 1);
	pair_end(&a, &b);
}
END_TEST

/* Its connections end, and it does not come back. */
START_TEST(test_who_is_killed_is_put_out)
{
	struct rig a, b;
	struct pg *pg;

	begin_even(&a, &b);
	pg = connect_to(&a);
	backend_hang(b.store->backend, true);
	say(pg, END_CONNECTIONS " WHERE about = '{\"name\":\"b\"}'");
	AWAIT(now_of(&a).held == UINT64_MAX);
	ck_assert_int_gt(store_lease(b.store).left_ms, 0); /* 1.5 s, and not 4 */
	ck_assert_int_eq(share_try(&b, "* m A X", "b"), RH_STORE_FAILED);
	pg_close(pg);
	pair_end(&a, &b);
}
END_TEST

/* A connection that is lost and had again is nobody's end. */
START_TEST(test_who_comes_back_in_time_goes_on)
{
	struct rig a, b;
	struct pg *pg;

	begin_even(&a, &b);
	pg = connect_to(&a);
	for (int i = 0; i < 4; i++) {
		say(pg, END_CONNECTIONS);
		ck_assert_int_eq(share_try(&b, "* m A X", "b"), RH_OK);
		ck_assert_int_eq(share_try(&a, "* m A X", "b"), RH_OK);
	}
	AWAIT(ask(pg, "SELECT count(*) FROM hub JOIN pg_stat_activity ON pid = hub.backend") == 2);
	ck_assert_uint_eq(count(now_of(&a).held), 32);
	ck_assert_uint_eq(count(now_of(&b).held), 32);
	ck_assert(!store_lease(a.store).taken && !store_lease(b.store).taken);
	pg_close(pg);
	pair_end(&a, &b);
}
END_TEST

/* All were away for longer than a lease: the server was. */
START_TEST(test_nobody_is_judged_for_what_the_server_did)
{
	struct rig a, b;
	struct pg *pg;

	begin_even(&a, &b);
	pg = connect_to(&a);
	backend_hang(a.store->backend, true);
	backend_hang(b.store->backend, true);
	say(pg, END_CONNECTIONS);
	AWAIT(store_lease(a.store).left_ms <= -500 && store_lease(b.store).left_ms <= -500);
	backend_hang(a.store->backend, false);
	AWAIT(store_lease(a.store).left_ms > 3000);
	AWAIT(ask(pg, "SELECT count(*) FROM hub WHERE gone IS NOT NULL") == 1);
	ck_assert_uint_eq(count(now_of(&a).held), 32);
	backend_hang(b.store->backend, false);
	AWAIT(store_lease(b.store).left_ms > 3000);
	ck_assert_uint_eq(count(now_of(&b).held), 32);
	ck_assert_int_eq(share_try(&b, "* m A X", "b"), RH_OK);
	ck_assert_int_eq(share_try(&a, "* m A X", "b"), RH_OK);
	pg_close(pg);
	pair_end(&a, &b);
}
END_TEST

/* ---- hints ---- */

static void
watched(void *ctx)
{
	atomic_fetch_add((_Atomic unsigned *)ctx, 1);
}

static bool
was_told(struct rig *rig, enum store_tell what, int64_t platform)
{
	struct store_told told;

	while (store_told(rig->store, &told, 1) > 0)
		if (told.what == what && told.platform == platform)
			return true;
	return false;
}

START_TEST(test_what_one_tells_the_others_hear)
{
	_Atomic unsigned calls = 0;
	struct rig a, b, *rigs[] = { &a, &b };
	struct pg *pg;

	first_begin(&a);
	store_tell(a.store, TELL_PARKED, 17); /* nobody is there */
	mate_begin(&b, &a, "{\"name\":\"b\"}");
	hand_over(rigs, 2, 32);
	store_watch(b.store, watched, &calls);
	for (int i = 0; i < 3; i++)
		store_tell(a.store, TELL_PARKED, 18);
	store_tell(a.store, TELL_WOKEN, 0);
	AWAIT(atomic_load(&calls) > 0 && was_told(&b, TELL_PARKED, 18));
	AWAIT(was_told(&b, TELL_WOKEN, 0));
	ck_assert(!was_told(&b, TELL_PARKED, 18));
	share_put(&a, "* m A X", "b", 1);
	store_tell(a.store, TELL_CHANGE, 0);
	AWAIT(now_of(&b).head == 1);
	ck_assert(!was_told(&a, TELL_PARKED, 18));
	pg = connect_to(&a);
	say(pg, "SELECT pg_terminate_backend(backend::int) FROM hub WHERE about = "
	        "'{\"name\":\"b\"}'");
	AWAIT(was_told(&b, TELL_ALL, 0));
	store_watch(b.store, NULL, NULL);
	pg_close(pg);
	pair_end(&a, &b);
}
END_TEST

START_TEST(test_what_could_not_be_told_the_others_look_for)
{
	struct rig a, b, *rigs[] = { &a, &b };
	struct pg *pg;

	first_begin(&a);
	mate_begin(&b, &a, "{\"name\":\"b\"}");
	hand_over(rigs, 2, 32);
	pg = connect_to(&a);
	say(pg, "ALTER FUNCTION hub_tells(text) RENAME TO hub_told");
	store_tell(a.store, TELL_PARKED, 19);
	AWAIT(was_told(&a, TELL_ALL, 0)); /* it has another connection */
	say(pg, "ALTER FUNCTION hub_told(text) RENAME TO hub_tells");
	AWAIT(was_told(&b, TELL_ALL, 0));
	pg_close(pg);
	mate_end(&b);
	rig_end(&a);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("together on PostgreSQL");
	TCase *tests = tcase_create("together");

	tcase_add_test(tests, test_who_is_alone_holds_every_slot_at_once);
	tcase_add_test(tests, test_slots_are_handed_over_when_they_are_given_back);
	tcase_add_test(tests, test_who_leaves_is_given_nothing_any_more);
	tcase_add_test(tests, test_modes_exclude_one_another);
	tcase_add_test(tests, test_those_who_begin_at_once_migrate_once);
	tcase_add_test(tests, test_nobody_migrates_what_others_work_on);
	tcase_add_test(tests, test_who_hangs_is_put_out_and_its_writes_are_refused);
	tcase_add_test(tests, test_who_is_killed_is_put_out);
	tcase_add_test(tests, test_who_comes_back_in_time_goes_on);
	tcase_add_test(tests, test_nobody_is_judged_for_what_the_server_did);
	tcase_add_test(tests, test_what_one_tells_the_others_hear);
	tcase_add_test(tests, test_what_could_not_be_told_the_others_look_for);
	suite_add_tcase(suite, tests);
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	return suite_run(suite, CK_NOFORK);
}
