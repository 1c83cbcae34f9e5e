/* test_receiver_order: what goes before what, what is over, and what goes whole. */
#include "receiver_rig.h"

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

/* ---- what was passed over (found by tests/trust/sim, seeds 74 and 133) ---- */

static bool
goes_whole(int64_t previous)
{
	struct owed *owed;

	ck_assert(owe_object(object("locations", "A", previous), false, NULL));
	ck_assert_str_eq(send(), "A");
	owed = t.air[t.count - 1];
	return owed->whole;
}

/* Versions 5 and 12 of it: 5 was passed over while the feed was read in parts, and then the
 * receiver was away. What was read up to is no proof that all below it was seen. */
START_TEST(test_an_absence_does_not_hide_what_was_passed_over)
{
	t.change = 11;
	t.receiver.sure = 2;
	receiver_forget(&t.receiver, 9);
	ck_assert_int_eq(t.receiver.read_at, 9);
	ck_assert(goes_whole(5));
}
END_TEST

START_TEST(test_an_absence_forgets_what_was_seen_above_the_floor)
{
	t.change = 11;
	t.receiver.sure = 10;
	receiver_forget(&t.receiver, 9);
	ck_assert(goes_whole(10));
}
END_TEST

START_TEST(test_a_stored_cursor_does_not_tell_what_was_passed_over)
{
	receiver_free(&t.receiver);
	receiver_init(&t.receiver, 9);
	t.change = 11;
	ck_assert(goes_whole(5));
}
END_TEST

START_TEST(test_what_was_seen_goes_as_it_came)
{
	t.change = 11;
	t.receiver.sure = 10;
	ck_assert(!goes_whole(5));
}
END_TEST

/* ---- mutants that lived (tests/trust/mutation) ---- */

START_TEST(test_the_oldest_is_that_of_all_that_is_owed)
{
	int64_t first_ms;

	ck_assert_int_eq(receiver_oldest_ms(&t.receiver), 0);
	first_ms = owe("A")->at_ms;
	ck_assert_int_eq(receiver_oldest_ms(&t.receiver), first_ms);
	owe("B");
	(void)send();
	ck_assert_int_eq(receiver_oldest_ms(&t.receiver), first_ms);
}
END_TEST

START_TEST(test_a_pause_holds_although_nothing_is_in_the_air)
{
	owe("A"), owe("B");
	(void)send();
	ck_assert(!answer(SLOWER, 5000));
	ck_assert_uint_eq(t.receiver.in_air, 0);
	ck_assert_str_eq(send(), "-");
	t.now_ms = t.receiver.retry_at_ms;
	ck_assert_str_ne(send(), "-");
}
END_TEST

/* What others took before it was owed is no reason to blame it. */
START_TEST(test_what_is_new_is_not_blamed_for_what_was_taken_before)
{
	owe("A");
	(void)send();
	ck_assert(!answer(DELIVERED, 0));
	owe("B");
	(void)send();
	ck_assert(!answer(SLOWER, 0));
	ck_assert_uint_eq(
	        container_of(t.receiver.places[OWED_WAITING].next, struct owed, node)->attempts, 0);
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

static void
add(TCase *tcase)
{
	tcase_add_test(tcase, test_the_oldest_is_that_of_all_that_is_owed);
	tcase_add_test(tcase, test_a_pause_holds_although_nothing_is_in_the_air);
	tcase_add_test(tcase, test_what_is_new_is_not_blamed_for_what_was_taken_before);
	tcase_add_test(tcase, test_an_absence_does_not_hide_what_was_passed_over);
	tcase_add_test(tcase, test_an_absence_forgets_what_was_seen_above_the_floor);
	tcase_add_test(tcase, test_a_stored_cursor_does_not_tell_what_was_passed_over);
	tcase_add_test(tcase, test_what_was_seen_goes_as_it_came);
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
}

int
main(void)
{
	return receiver_run("receiver order", add);
}
