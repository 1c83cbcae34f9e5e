/* test_receiver: what fails waits for itself, and what a receiver as a whole waits for. */
#include "receiver_rig.h"

#include "../../../src/hub/push/site.h"

#include <stdio.h>

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
	ck_assert_str_eq(send(), "POISON");
	(void)answer(FAILED, 0);
	ck_assert_str_eq(send(), "-"); /* left alone until its time */
	owe_many("L", 165);
	ck_assert_int_eq(serve(1000), 165);
	ck_assert_int_eq(receiver_floor(&t.receiver, t.change), t.change);
	ck_assert_uint_eq(t.receiver.count, 0);
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

/* Eight that fail and three that are taken, again and again: what is parked is not tried each time,
 * which would be more often than what is good. */
START_TEST(test_fault_D1_who_wavers_recovers_once_a_minute)
{
	int said = 0, minutes = 5;

	for (int i = 0; i < 60 * minutes; i++, t.now_ms += 1000) {
		char prefix[32];

		(void)snprintf(prefix, sizeof prefix, "POISON%d-", i);
		owe_many(prefix, 8);
		(void)snprintf(prefix, sizeof prefix, "GOOD%d-", i);
		owe_many(prefix, 3);
		while (send()[0] != '-' || t.count > 0) {
			bool suspect = receiver_suspect(&t.receiver),
			     poison = str_starts(t.air[0]->object->key.id, "POISON");

			if (answer(poison ? REFUSED : DELIVERED, 0))
				park_all();
			said += receiver_recovered(&t.receiver, suspect, t.now_ms);
		}
		for (int k = 0; k < RECEIVER_RECENT_ILL; k++)
			t.receiver.recent[k].failed = true;
	}
	ck_assert_int_ge(said, 1);
	ck_assert_int_le(said, minutes);
}
END_TEST

static void
add(TCase *tcase)
{
	tcase_add_test(tcase, test_fault_D1_one_object_that_fails_delays_no_other);
	tcase_add_test(tcase, test_fault_D1_three_hundred_that_fail_fill_no_queue);
	tcase_add_loop_test(tcase, test_fault_D1_an_object_is_parked_when_it_failed_three_times, 0,
	        COUNT(attempts));
	tcase_add_test(tcase, test_fault_D1_who_wavers_recovers_once_a_minute);
	tcase_add_test(tcase, test_fault_D1_a_row_is_tried_whole_and_parked_again);
	tcase_add_test(tcase, test_fault_D1_what_is_parked_leaves_half_of_the_window_to_the_rest);
	tcase_add_test(tcase, test_a_newer_version_takes_the_place_of_what_is_parked);
	tcase_add_test(tcase, test_fault_D16_what_was_in_the_air_together_fails_once);
	tcase_add_test(
	        tcase, test_fault_D16_a_wait_is_five_minutes_at_most_and_an_operator_ends_it);
	tcase_add_test(tcase, test_fault_D4_what_the_hub_had_no_room_for_counts_for_nobody);
	tcase_add_test(tcase, test_a_site_is_suspect_when_eight_of_its_last_ten_objects_failed);
}

int
main(void)
{
	return receiver_run("receiver", add);
}
