/* test_receiver: what one platform is still owed, with a clock that the test moves. */
#include "../../../src/hub/push/receiver.h"
#include "../../../src/hub/push/site.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST = 600 };

static struct {
	struct receiver receiver;
	struct batch *batch;
	size_t held;
	int64_t now_ms, change;
	struct owed *air[MOST];
	size_t count;
} t;

static void
setup(void)
{
	t.held = 0;
	t.batch = batch_new(&t.held, 65536);
	t.now_ms = 1000000;
	t.change = 0;
	t.count = 0;
	receiver_init(&t.receiver, 0);
}

static const struct store_object *
object(const char *module, const char *id, int64_t previous)
{
	struct store_object *object = arena_alloc(t.batch->arena, sizeof *object);

	object->key = (struct store_key){ STR("*"), arena_str(t.batch->arena, str_of(module)),
		STR("DE*CPO"), arena_str(t.batch->arena, str_of(id)), STR("") };
	object->body = STR("{}");
	object->change = ++t.change;
	object->previous = previous;
	object->at_ms = 5000 + t.change;
	return object;
}

static bool
owe_object(const struct store_object *object, bool announces, const struct store_parked *row)
{
	struct ocpi_id to;
	struct owing owing = {
		.to = &to, .object = object, .batch = t.batch, .announces = announces, .row = row
	};

	ck_assert(ocpi_id_make(STR("NL"), STR("MSP"), &to));
	return receiver_owe(&t.receiver, &owing);
}

static const struct store_object *
owe(const char *id)
{
	const struct store_object *fresh = object("locations", id, 0);

	ck_assert(owe_object(fresh, false, NULL));
	return fresh;
}

static void
owe_many(const char *prefix, int count)
{
	char id[32];

	for (int i = 0; i < count; i++) {
		(void)snprintf(id, sizeof id, "%s%d", prefix, i);
		owe(id);
	}
}

static const char *
send(void)
{
	struct owed *owed = receiver_next(&t.receiver, t.now_ms);

	if (owed == NULL)
		return "-";
	ck_assert(t.count < MOST);
	t.air[t.count++] = owed;
	return owed->object->key.id.p;
}

/* The oldest in the air is answered; true: it is to be parked. */
static bool
answer(enum verdict verdict, int64_t retry_after_ms)
{
	struct owed *owed = t.air[0];

	ck_assert(t.count > 0);
	for (size_t i = 1; i < t.count; i++)
		t.air[i - 1] = t.air[i];
	t.count--;
	return receiver_answered(owed, verdict, retry_after_ms, t.now_ms);
}

static void
park_all(void)
{
	list_each_safe (node, next, &t.receiver.places[OWED_PARKING])
		receiver_parked(container_of(node, struct owed, node), true, t.now_ms);
}

static void
teardown(void)
{
	while (t.count > 0)
		(void)answer(DROPPED, 0);
	park_all();
	receiver_free(&t.receiver);
	batch_release(t.batch);
	ck_assert_uint_eq(t.held, 0);
}

/* Answers what is in the air: POISON... fails, the rest is taken. How many were taken. */
static int
answer_all(void)
{
	int taken = 0;

	while (t.count > 0) {
		bool poison = str_starts(t.air[0]->object->key.id, "POISON");

		taken += !poison;
		(void)answer(poison ? FAILED : DELIVERED, 0);
	}
	park_all();
	return taken;
}

/* The same for all that may go within this time. */
static int
serve(int64_t for_ms)
{
	int taken = 0;

	for (int64_t end_ms = t.now_ms + for_ms; t.now_ms < end_ms; t.now_ms += 10) {
		while (send()[0] != '-') {
			while (send()[0] != '-')
				;
			taken += answer_all();
		}
	}
	return taken;
}

/* ---- fault D1 ---- */

START_TEST(test_fault_D1_one_object_that_fails_delays_no_other)
{
	owe("POISON");
	owe_many("L", 165);
	ck_assert_int_eq(serve(1000), 165);
	ck_assert_int_eq(receiver_floor(&t.receiver, t.change), t.change);
	ck_assert_uint_eq(t.receiver.count, 0);
}
END_TEST

START_TEST(test_fault_D1_what_failed_is_left_alone_until_its_time)
{
	owe("POISON");
	ck_assert_str_eq(send(), "POISON");
	ck_assert(!answer(FAILED, 0));
	for (int attempt = 1; attempt < RECEIVER_ATTEMPTS; attempt++) {
		int64_t due_ms = receiver_next_ms(&t.receiver, t.now_ms);

		ck_assert_int_ge(due_ms, t.now_ms + receiver_pause_ms((unsigned)attempt, 0));
		owe("GOOD");
		ck_assert_str_eq(send(), "GOOD");
		(void)answer(DELIVERED, 0);
		t.now_ms = due_ms - 1;
		ck_assert_str_eq(send(), "-");
		t.now_ms = due_ms;
		ck_assert_str_eq(send(), "POISON");
		(void)answer(FAILED, 0);
	}
	park_all();
}
END_TEST

START_TEST(test_fault_D1_three_hundred_that_fail_fill_no_queue)
{
	int taken = 0, left = 165;

	for (int i = 0; i < 300; i++) {
		char id[32];

		if (!receiver_has_room(&t.receiver))
			taken += serve(10);
		ck_assert(receiver_has_room(&t.receiver));
		(void)snprintf(id, sizeof id, "POISON%d", i);
		owe(id);
	}
	taken += serve(500);
	owe_many("L", left);
	ck_assert_int_eq(taken + serve(500), left);
	serve(1000);
	ck_assert_uint_eq(t.receiver.count, 0);
	ck_assert_int_eq(receiver_floor(&t.receiver, t.change), t.change);
}
END_TEST

/* What an object's failures make of it: after how many it is parked. */
static const struct {
	enum verdict verdict;
	bool others;      /* are taken in between */
	int parked_after; /* 0: never, -1: some time */
} attempts[] = {
	{ FAILED, false, 3 },
	{ FAILED, true, 3 },
	{ LATE, false, 3 },
	{ LATE, true, 3 },
	{ SLOWER, true, -1 },
	{ UNREACHED, true, -1 },
	{ SLOWER, false, 0 }, /* the site alone is to blame */
	{ UNREACHED, false, 0 },
	{ OURS, false, 0 },
	{ OURS, true, 0 },
};

START_TEST(test_fault_D1_an_object_is_parked_when_it_failed_three_times)
{
	int parked_after = 0;

	owe("X");
	for (int i = 1; i <= 6 && parked_after == 0; i++) {
		if (attempts[_i].others) {
			char id[16];

			(void)snprintf(id, sizeof id, "L%d", i);
			owe(id);
		}
		t.now_ms += RECEIVER_SITE_MOST_MS;
		while (send()[0] != '-')
			;
		while (t.count > 0) {
			bool x = str_is(t.air[0]->object->key.id, "X");

			if (!x)
				ck_assert(!answer(DELIVERED, 0));
			else if (answer(attempts[_i].verdict, 0))
				parked_after = i;
		}
	}
	if (attempts[_i].parked_after >= 0)
		ck_assert_int_eq(parked_after, attempts[_i].parked_after);
	else
		ck_assert_int_ge(parked_after, RECEIVER_ATTEMPTS);
}
END_TEST

START_TEST(test_fault_D1_a_row_is_tried_whole_and_parked_again)
{
	struct store_parked row = { .since_ms = 77, .attempts = 5, .kind = PARKED_FAILED };

	ck_assert(owe_object(object("locations", "X", 0), false, &row));
	ck_assert(!owe_object(object("locations", "X", 0), false, &row)); /* it is on its way */
	ck_assert_str_eq(send(), "X");
	ck_assert(t.air[0]->whole && t.air[0]->extra);
	ck_assert_int_eq(receiver_floor(&t.receiver, 99), 99); /* rows hold no cursor back */
	ck_assert(answer(FAILED, 0));
	list_each (node, &t.receiver.places[OWED_PARKING]) {
		const struct owed *owed = container_of(node, struct owed, node);

		ck_assert_uint_eq(owed->attempts, 6);
		ck_assert_int_eq(owed->kept_since_ms, 77);
	}
}
END_TEST

START_TEST(test_fault_D1_what_is_parked_leaves_half_of_the_window_to_the_rest)
{
	struct store_parked row = { 0 };

	for (int i = 0; i < 10; i++) {
		char id[16];

		(void)snprintf(id, sizeof id, "R%d", i);
		ck_assert(owe_object(object("locations", id, 0), false, &row));
	}
	owe_many("L", 2);
	ck_assert_str_eq(send(), "R0");
	ck_assert_str_eq(send(), "R1");
	ck_assert_str_eq(send(), "L0");
	ck_assert_str_eq(send(), "L1");
	ck_assert_str_eq(send(), "-");
}
END_TEST

START_TEST(test_a_newer_version_takes_the_place_of_what_is_parked)
{
	const struct store_object *first = owe("X"), *newer;

	for (int i = 0; i < 3; i++) {
		t.now_ms += 10000;
		ck_assert_str_eq(send(), "X");
		ck_assert(answer(FAILED, 0) == (i == 2));
	}
	newer = object("locations", "X", first->change);
	ck_assert(owe_object(newer, false, NULL)); /* while the row is being written */
	park_all();
	ck_assert_str_eq(send(), "X");
	ck_assert(t.air[0]->object == newer && t.air[0]->whole);
	ck_assert_int_eq(receiver_floor(&t.receiver, t.change), first->change - 1);
}
END_TEST

/* ---- faults D16, P6: the site ---- */

START_TEST(test_fault_D16_what_was_in_the_air_together_fails_once)
{
	owe_many("L", 4);
	for (int i = 0; i < 4; i++)
		ck_assert_str_ne(send(), "-");
	for (int i = 0; i < 4; i++)
		ck_assert(!answer(SLOWER, 1000));
	ck_assert_uint_eq(t.receiver.failures, 1);
	ck_assert_uint_eq(t.receiver.window, 2);
	t.now_ms += 999;
	ck_assert_str_eq(send(), "-");
	t.now_ms += 1;
	ck_assert_str_ne(send(), "-");
}
END_TEST

START_TEST(test_fault_D16_a_wait_is_five_minutes_at_most_and_an_operator_ends_it)
{
	owe("L");
	ck_assert_str_eq(send(), "L");
	ck_assert(!answer(SLOWER, 86400000));
	ck_assert_int_eq(receiver_next_ms(&t.receiver, t.now_ms), t.now_ms + 300000);
	t.now_ms += 299999;
	ck_assert_str_eq(send(), "-");
	receiver_hurry(&t.receiver);
	ck_assert_str_eq(send(), "L");
}
END_TEST

START_TEST(test_fault_D4_what_the_hub_had_no_room_for_counts_for_nobody)
{
	owe_many("L", 3);
	ck_assert_str_eq(send(), "L0");
	ck_assert(!answer(OURS, 0));
	ck_assert_uint_eq(t.receiver.failures, 0);
	ck_assert_uint_eq(t.receiver.window, RECEIVER_WINDOW_START);
	ck_assert_int_eq(t.receiver.retry_at_ms, 0);
	ck_assert_str_eq(send(), "L0"); /* in its place, at once */
	ck_assert_uint_eq(t.air[0]->attempts, 0);
}
END_TEST

START_TEST(test_a_site_is_suspect_when_eight_of_its_last_ten_objects_failed)
{
	t.receiver.window = RECEIVER_WINDOW_MOST;
	owe_many("POISON", 7);
	serve(10);
	ck_assert(!receiver_suspect(&t.receiver));
	ck_assert_uint_eq(site_window(&t.receiver), RECEIVER_WINDOW_MOST);
	owe("POISON0"); /* the same again is no other object */
	serve(2000);
	ck_assert(!receiver_suspect(&t.receiver));
	owe("POISON7");
	serve(10);
	ck_assert(receiver_suspect(&t.receiver));
	ck_assert_uint_eq(site_window(&t.receiver), RECEIVER_WINDOW_SUSPECT);
	ck_assert_int_eq(t.receiver.retry_at_ms, 0);
	owe_many("L", 3);
	serve(100);
	ck_assert(!receiver_suspect(&t.receiver));
}
END_TEST

/* ---- fault D2 ---- */

START_TEST(test_fault_D2_objects_wait_ten_seconds_for_a_client_info_that_fails)
{
	int64_t began_ms;

	ck_assert(owe_object(object("hubclientinfo", "CPO", 0), true, NULL));
	owe("L");
	ck_assert_str_eq(send(), "CPO");
	began_ms = t.now_ms;
	ck_assert_str_eq(send(), "-");
	for (;;) {
		ck_assert(!answer(FAILED, 0));
		t.now_ms = receiver_next_ms(&t.receiver, t.now_ms);
		if (t.now_ms >= began_ms + 10000)
			break;
		ck_assert_str_eq(send(), "CPO");
		ck_assert_str_eq(send(), "-");
	}
	t.now_ms = began_ms + 10000;
	ck_assert_str_eq(send(), "L");
}
END_TEST

START_TEST(test_fault_D2_a_client_info_that_is_refused_holds_nothing)
{
	ck_assert(owe_object(object("hubclientinfo", "CPO", 0), true, NULL));
	owe("L");
	ck_assert_str_eq(send(), "CPO");
	ck_assert_str_eq(send(), "-");
	ck_assert(!answer(REFUSED, 0));
	ck_assert_str_eq(send(), "L");
}
END_TEST

/* Another ClientInfo was taken, so nothing is held any more, and this one waits for itself: the
 * next time that something may go is its own, and not one long past, which would be a turn a
 * millisecond. */
START_TEST(test_fault_D2_what_is_held_behind_a_waiting_client_info_is_no_reason_to_look)
{
	ck_assert(owe_object(object("hubclientinfo", "P", 0), true, NULL));
	ck_assert(owe_object(object("hubclientinfo", "Q", 0), true, NULL));
	owe("L");
	(void)send(), (void)send();
	ck_assert(!answer(DELIVERED, 0));
	ck_assert(!answer(FAILED, 0));
	ck_assert_str_eq(send(), "-");
	ck_assert_int_gt(receiver_next_ms(&t.receiver, t.now_ms), t.now_ms);
}
END_TEST

/* After an absence a ClientInfo goes first again, whatever one before it had come to. */
START_TEST(test_fault_D2_a_client_info_holds_anew_when_it_was_forgotten)
{
	const struct store_object *info = object("hubclientinfo", "P", 0);

	ck_assert(owe_object(info, true, NULL));
	(void)send();
	ck_assert(!answer(FAILED, 0));
	t.now_ms += RECEIVER_HOLD_MS;
	receiver_forget(&t.receiver, t.change);
	ck_assert(owe_object(info, true, NULL));
	owe("L");
	ck_assert_str_eq(send(), "P");
	ck_assert_str_eq(send(), "-");
}
END_TEST

/* ---- fault D13 ---- */

START_TEST(test_fault_D13_what_was_taken_above_the_floor_is_not_sent_again)
{
	const struct store_object *first = owe("A"), *second = owe("B"), *third = owe("C");

	for (int i = 0; i < 3; i++)
		(void)send();
	ck_assert(!answer(FAILED, 0));
	ck_assert(!answer(DELIVERED, 0));
	ck_assert(!answer(DELIVERED, 0));
	receiver_forget(&t.receiver, t.change);
	ck_assert_int_eq(t.receiver.read_at, first->change - 1);
	ck_assert(owe_object(first, false, NULL));
	ck_assert(!owe_object(second, false, NULL));
	ck_assert(!owe_object(third, false, NULL));
}
END_TEST

static bool
owe_other(const struct store_object *shared)
{
	struct ocpi_id other;
	struct owing owing = { .to = &other, .object = shared, .batch = t.batch };

	ck_assert(ocpi_id_make(STR("FR"), STR("TWO"), &other));
	return receiver_owe(&t.receiver, &owing);
}

START_TEST(test_fault_D13_a_change_is_over_when_the_last_party_has_it)
{
	const struct store_object *shared = owe("A");

	ck_assert(owe_other(shared));
	(void)send(), (void)send();
	ck_assert(!answer(DELIVERED, 0));
	ck_assert(!ahead_has(&t.receiver.ahead, shared->change));
	ck_assert(!answer(DELIVERED, 0));
	ck_assert(ahead_has(&t.receiver.ahead, shared->change));
}
END_TEST

/* One of two parties is sent it while the rest is forgotten: the other one is still owed it. */
START_TEST(test_fault_D13_what_was_forgotten_for_one_party_is_over_for_none)
{
	const struct store_object *shared = owe("A"), *second, *alone = owe("B");

	ck_assert(owe_other(shared));
	(void)send(), (void)send();
	second = object("locations", "A", shared->change);
	ck_assert(owe_object(second, false, NULL));
	ck_assert(owe_other(second));
	receiver_forget(&t.receiver, t.change);
	ck_assert_int_eq(t.receiver.read_at, shared->change - 1);
	for (int i = 0; i < 2; i++)
		ck_assert(!answer(DELIVERED, 0));
	ck_assert_str_eq(send(), "A"); /* the newer one, before anything is read again */
	ck_assert(!answer(DELIVERED, 0));
	ck_assert(ahead_has(&t.receiver.ahead, alone->change));
	ck_assert(owe_other(second));
}
END_TEST

/* ---- versions ---- */

START_TEST(test_a_change_goes_as_it_came_only_on_the_version_before)
{
	const struct store_object *first = owe("A"), *second, *third;

	ck_assert_str_eq(send(), "A");
	ck_assert(!t.air[0]->whole);
	second = object("locations", "A", first->change);
	ck_assert(owe_object(second, false, NULL));
	ck_assert_str_eq(send(), "-"); /* order of an object */
	ck_assert(!answer(DELIVERED, 0));
	ck_assert_str_eq(send(), "A");
	ck_assert(t.air[0]->object == second && !t.air[0]->whole);
	ck_assert(!answer(FAILED, 0));
	third = object("locations", "A", second->change);
	ck_assert(owe_object(third, false, NULL));
	t.now_ms += 1000;
	ck_assert_str_eq(send(), "A");
	ck_assert(t.air[0]->object == third && t.air[0]->whole);
}
END_TEST

START_TEST(test_a_version_that_was_passed_over_makes_it_whole)
{
	t.receiver.sure = t.receiver.read_at = t.change = 10;
	ck_assert(owe_object(object("locations", "A", 10), false, NULL));
	ck_assert_str_eq(send(), "A");
	ck_assert(!t.air[0]->whole);
	t.change = 20;
	ck_assert(owe_object(object("locations", "B", 15), false, NULL));
	ck_assert_str_eq(send(), "B");
	ck_assert(t.air[1]->whole);
	ck_assert_int_eq(receiver_floor(&t.receiver, 21), 10);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("receiver");
	TCase *tcase = tcase_create("receiver");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_fault_D1_one_object_that_fails_delays_no_other);
	tcase_add_test(tcase, test_fault_D1_what_failed_is_left_alone_until_its_time);
	tcase_add_test(tcase, test_fault_D1_three_hundred_that_fail_fill_no_queue);
	tcase_add_loop_test(tcase, test_fault_D1_an_object_is_parked_when_it_failed_three_times, 0,
	        COUNT(attempts));
	tcase_add_test(tcase, test_fault_D1_a_row_is_tried_whole_and_parked_again);
	tcase_add_test(tcase, test_fault_D1_what_is_parked_leaves_half_of_the_window_to_the_rest);
	tcase_add_test(tcase, test_a_newer_version_takes_the_place_of_what_is_parked);
	tcase_add_test(tcase, test_fault_D16_what_was_in_the_air_together_fails_once);
	tcase_add_test(
	        tcase, test_fault_D16_a_wait_is_five_minutes_at_most_and_an_operator_ends_it);
	tcase_add_test(tcase, test_fault_D4_what_the_hub_had_no_room_for_counts_for_nobody);
	tcase_add_test(tcase, test_a_site_is_suspect_when_eight_of_its_last_ten_objects_failed);
	tcase_add_test(tcase, test_fault_D2_objects_wait_ten_seconds_for_a_client_info_that_fails);
	tcase_add_test(tcase, test_fault_D2_a_client_info_that_is_refused_holds_nothing);
	tcase_add_test(tcase,
	        test_fault_D2_what_is_held_behind_a_waiting_client_info_is_no_reason_to_look);
	tcase_add_test(tcase, test_fault_D2_a_client_info_holds_anew_when_it_was_forgotten);
	tcase_add_test(tcase, test_fault_D13_what_was_taken_above_the_floor_is_not_sent_again);
	tcase_add_test(tcase, test_fault_D13_a_change_is_over_when_the_last_party_has_it);
	tcase_add_test(tcase, test_fault_D13_what_was_forgotten_for_one_party_is_over_for_none);
	tcase_add_test(tcase, test_a_change_goes_as_it_came_only_on_the_version_before);
	tcase_add_test(tcase, test_a_version_that_was_passed_over_makes_it_whole);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
