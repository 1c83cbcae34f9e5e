/* test_receiver_edges: what mutants of receiver.c showed that no other test tells
 * (tests/trust/mutation). */
#include "receiver_rig.h"

#include "../../../src/hub/push/site.h"

#include <stdlib.h>

static void
drop_all(void)
{
	while (t.count > 0 || send()[0] != '-')
		if (t.count > 0)
			(void)answer(DROPPED, 0);
}

/* ---- room ---- */

START_TEST(test_there_is_room_below_both_bounds_alone)
{
	owe_many("L", RECEIVER_ROOM - 1);
	ck_assert(receiver_has_room(&t.receiver));
	owe("LAST");
	ck_assert(!receiver_has_room(&t.receiver));
	drop_all();
	t.receiver.bytes = RECEIVER_ROOM_BYTES - 1;
	ck_assert(receiver_has_room(&t.receiver));
	t.receiver.bytes++;
	ck_assert(!receiver_has_room(&t.receiver));
	t.receiver.bytes = 0;
}
END_TEST

/* ---- keys ---- */

START_TEST(test_a_key_names_every_part_and_ends)
{
	const struct store_key whole = { STR("*"), STR("tokens"), STR("DE*CPO"), STR("U1"),
		STR("RFID") };
	const struct store_key short_one = { STR("*"), STR("locations"), STR("DE*CPO"), STR("L"),
		{ NULL, 0 } };
	struct str key = receiver_key(STR("NL*MSP"), &whole);

	ck_assert_str_eq(key.p, "NL*MSP tokens/DE*CPO/U1/RFID");
	ck_assert_uint_eq(key.len, 28);
	free((void *)(uintptr_t)key.p);
	key = receiver_key((struct str){ NULL, 0 }, &short_one);
	ck_assert_str_eq(key.p, " locations/DE*CPO/L/");
	ck_assert_uint_eq(key.len, 20);
	free((void *)(uintptr_t)key.p);
}
END_TEST

START_TEST(test_what_is_owed_knows_its_party_and_its_row)
{
	struct store_parked row = { .since_ms = 77, .attempts = 1, .kind = PARKED_INTRODUCED };
	struct ocpi_id to;

	ck_assert(ocpi_id_make(STR("NL"), STR("MSP"), &to));
	ck_assert(owe_object(object("locations", "X", 0), false, &row));
	(void)send();
	ck_assert(ocpi_id_same(&t.air[0]->to, &to));
	ck_assert_int_eq(t.air[0]->kind, PARKED_INTRODUCED);
}
END_TEST

/* ---- a row whose object comes on the feed ---- */

START_TEST(test_the_cursor_waits_for_a_row_that_is_on_the_feed_again)
{
	struct store_parked row = { 0 };
	const struct store_object *newer;

	ck_assert(owe_object(object("locations", "X", 0), false, &row));
	if (_i == 1)
		(void)send();
	newer = object("locations", "X", 1);
	ck_assert(owe_object(newer, false, NULL));
	ck_assert_uint_eq(t.receiver.extra_count, 0);
	ck_assert_uint_eq(t.receiver.extra_in_air, 0);
	ck_assert_uint_eq(t.receiver.in_air, (size_t)_i);
	ck_assert_int_eq(receiver_floor(&t.receiver, 99), newer->change - 1);
	if (_i == 0)
		ck_assert_str_eq(send(), "X");
	ck_assert(!answer(DELIVERED, 0));
	ck_assert_uint_eq(t.receiver.count, (size_t)_i);
}
END_TEST

/* ---- versions ---- */

START_TEST(test_the_same_version_again_changes_nothing)
{
	const struct store_object *first = owe("A");

	ck_assert(owe_object(first, false, NULL));
	(void)send();
	ck_assert(!t.air[0]->whole);
	ck_assert(owe_object(first, false, NULL));
	ck_assert_ptr_null(t.air[0]->next);
}
END_TEST

START_TEST(test_what_is_to_go_whole_does_so_behind_one_in_the_air)
{
	const struct store_object *first = owe("A");
	struct ocpi_id to;
	struct owing owing = { .to = &to, .batch = t.batch, .whole = true };

	ck_assert(ocpi_id_make(STR("NL"), STR("MSP"), &to));
	(void)send();
	owing.object = object("locations", "A", first->change);
	ck_assert(receiver_owe(&t.receiver, &owing));
	ck_assert_ptr_eq(t.air[0]->next_batch, t.batch);
	ck_assert(!answer(DELIVERED, 0));
	ck_assert_str_eq(send(), "A");
	ck_assert(t.air[0]->whole);
}
END_TEST

/* The version in the air was the first; what the newest builds upon, and where the cursor stays. */
static const struct {
	int newer;            /* versions that came meanwhile */
	int64_t previous;     /* of the last of them */
	enum verdict verdict; /* of the first */
	bool whole;
	int64_t floor;
} meanwhile[] = {
	{ 1, 1, DELIVERED, false, 1 }, /* it is change 2 */
	{ 2, 2, DELIVERED, true, 1 },  /* 2 was passed over */
	{ 1, 0, DELIVERED, true, 1 },  /* made anew */
	{ 2, 2, TRY_WHOLE, true, 0 },
	{ 2, 2, FAILED, true, 0 },
	{ 2, 2, OURS, true, 0 },
};

START_TEST(test_the_cursor_stays_below_what_was_passed_over)
{
	owe("A");
	(void)send();
	for (int i = 1; i <= meanwhile[_i].newer; i++)
		ck_assert(owe_object(object("locations", "A",
		                             i < meanwhile[_i].newer ? i : meanwhile[_i].previous),
		        false, NULL));
	ck_assert(!answer(meanwhile[_i].verdict, 0));
	ck_assert_int_eq(receiver_floor(&t.receiver, 99), meanwhile[_i].floor);
	t.now_ms += RECEIVER_BACKOFF_MS;
	ck_assert_str_eq(send(), "A");
	ck_assert_int_eq(t.air[0]->object->change, t.change);
	ck_assert_int_eq(t.air[0]->whole, meanwhile[_i].whole);
	ck_assert(!answer(DELIVERED, 0));
	ck_assert_uint_eq(t.receiver.count, 0);
}
END_TEST

START_TEST(test_a_change_that_cannot_be_applied_goes_whole_at_once_and_first)
{
	owe("A"), owe("B");
	(void)send();
	ck_assert(!answer(TRY_WHOLE, 0));
	ck_assert_str_eq(send(), "A");
	ck_assert(t.air[0]->whole);
	ck_assert(!answer(OURS, 0));
	ck_assert_uint_eq(t.receiver.in_air, 0);
	ck_assert_str_eq(send(), "A");
	ck_assert_int_eq(t.air[0]->place, OWED_AIR);
	ck_assert_uint_eq(t.receiver.in_air, 1);
}
END_TEST

START_TEST(test_a_change_waits_for_the_party_that_it_was_not_sent_to)
{
	const struct store_object *shared = owe("A");
	struct ocpi_id other;
	struct owing owing = { .to = &other, .object = shared, .batch = t.batch };

	ck_assert_int_eq(receiver_floor(&t.receiver, 99), shared->change - 1); /* not sent yet */
	ck_assert(ocpi_id_make(STR("FR"), STR("TWO"), &other));
	ck_assert(receiver_owe(&t.receiver, &owing));
	(void)send();
	ck_assert(!answer(DELIVERED, 0));
	ck_assert(!ahead_has(&t.receiver.ahead, shared->change));
}
END_TEST

/* ---- attempts ---- */

static void
fails_in_the_air(int times)
{
	for (int i = 0; i < times; i++) {
		t.now_ms += RECEIVER_PAUSE_MOST_MS;
		(void)send();
		ck_assert(!answer(FAILED, 0));
	}
}

START_TEST(test_a_newer_version_begins_anew_when_the_old_one_is_settled)
{
	const struct store_object *first = owe("A");

	fails_in_the_air(2);
	t.now_ms += RECEIVER_PAUSE_MOST_MS;
	(void)send();
	ck_assert(owe_object(object("locations", "A", first->change), false, NULL));
	ck_assert(!answer(DELIVERED, 0));
	(void)send();
	ck_assert_uint_eq(t.air[0]->attempts, 0);
}
END_TEST

START_TEST(test_what_others_took_counts_once)
{
	struct owed *owed;

	owe("X"), owe("L");
	(void)send(), (void)send();
	owed = t.air[0];
	t.air[0] = t.air[1], t.air[1] = owed;
	ck_assert(!answer(DELIVERED, 0));
	ck_assert(!answer(SLOWER, 0));
	ck_assert_uint_eq(owed->attempts, 1);
	t.now_ms += RECEIVER_SITE_MOST_MS;
	(void)send();
	ck_assert(!answer(SLOWER, 0));
	ck_assert_uint_eq(owed->attempts, 1);
}
END_TEST

START_TEST(test_a_row_that_the_site_failed_is_read_again)
{
	struct store_parked row = { 0 };

	ck_assert(owe_object(object("locations", "X", 0), false, &row));
	ck_assert_int_eq(receiver_oldest_ms(&t.receiver), 0); /* the cursor does not wait for it */
	(void)send();
	ck_assert(!answer(SLOWER, 0));
	ck_assert_uint_eq(t.receiver.count, 0);
}
END_TEST

START_TEST(test_the_sixty_fifth_that_fails_is_parked_at_once)
{
	owe("FIRST");
	(void)send();
	ck_assert(!answer(FAILED, 0));
	t.receiver.waiting += RECEIVER_WAITING - 1;
	owe("LAST");
	ck_assert_str_eq(send(), "LAST");
	ck_assert(answer(FAILED, 0));
	t.receiver.waiting -= RECEIVER_WAITING - 1;
}
END_TEST

START_TEST(test_what_cannot_be_parked_waits_for_itself)
{
	struct owed *owed;

	owe("X");
	fails_in_the_air(2);
	t.now_ms += RECEIVER_PAUSE_MOST_MS;
	(void)send();
	owed = t.air[0];
	ck_assert(answer(FAILED, 0));
	receiver_parked(owed, false, t.now_ms);
	ck_assert_int_eq(receiver_next_ms(&t.receiver, t.now_ms), t.now_ms + 1000);
}
END_TEST

/* What is forgotten for one party while it is parked for another one is read again for that. */
START_TEST(test_what_is_being_parked_for_one_party_is_not_over_for_another)
{
	const struct store_object *shared = owe("A");
	struct ocpi_id other;
	struct owing owing = { .to = &other, .object = shared, .batch = t.batch };

	fails_in_the_air(2);
	t.now_ms += RECEIVER_PAUSE_MOST_MS;
	(void)send();
	ck_assert(ocpi_id_make(STR("FR"), STR("TWO"), &other));
	ck_assert(receiver_owe(&t.receiver, &owing));
	ck_assert(answer(FAILED, 0));
	receiver_forget(&t.receiver, t.change);
	park_all();
	ck_assert(!ahead_has(&t.receiver.ahead, shared->change));
	ck_assert(receiver_owe(&t.receiver, &owing));
}
END_TEST

/* ---- ClientInfos ---- */

START_TEST(test_a_client_info_is_parked_when_its_hold_is_over)
{
	ck_assert(owe_object(object("hubclientinfo", "P", 0), true, NULL));
	(void)send();
	ck_assert(!answer(FAILED, 0));
	fails_in_the_air(1);
	t.now_ms += RECEIVER_PAUSE_MOST_MS;
	(void)send();
	t.receiver.hold_since_ms = t.now_ms - RECEIVER_HOLD_MS;
	ck_assert(answer(FAILED, 0));
}
END_TEST

START_TEST(test_a_hold_keeps_no_object_from_being_parked)
{
	owe("X");
	fails_in_the_air(2);
	t.now_ms += RECEIVER_PAUSE_MOST_MS;
	(void)send();
	t.receiver.hold_since_ms = t.now_ms;
	ck_assert(answer(FAILED, 0));
}
END_TEST

START_TEST(test_an_object_waits_for_the_client_infos_before_it_alone)
{
	ck_assert(owe_object(object("hubclientinfo", "P", 0), true, NULL));
	owe("L");
	ck_assert(owe_object(object("hubclientinfo", "Q", 0), true, NULL));
	owe("M");
	ck_assert_str_eq(send(), "P");
	ck_assert_str_eq(send(), "Q");
	ck_assert_str_eq(send(), "-");
	ck_assert(!answer(DELIVERED, 0));
	ck_assert_str_eq(send(), "L");
	ck_assert_str_eq(send(), "-");
	ck_assert(!answer(DELIVERED, 0));
	ck_assert_str_eq(send(), "M");
}
END_TEST

START_TEST(test_a_client_info_of_a_row_holds_nothing)
{
	struct store_parked row = { 0 };

	ck_assert(owe_object(object("hubclientinfo", "P", 0), true, &row));
	owe("L");
	ck_assert_str_eq(send(), "P");
	ck_assert_str_eq(send(), "L");
}
END_TEST

START_TEST(test_objects_of_a_newcomer_go_when_its_time_is_over)
{
	owe("L");
	t.receiver.introduced_by_ms = t.now_ms + 700;
	ck_assert_str_eq(send(), "-");
	ck_assert_int_eq(receiver_next_ms(&t.receiver, t.now_ms), t.now_ms + 700);
	t.now_ms += 700;
	ck_assert_int_eq(receiver_next_ms(&t.receiver, t.now_ms), INT64_MAX);
	ck_assert_str_eq(send(), "L");
}
END_TEST

/* ---- windows and waits ---- */

START_TEST(test_a_row_goes_through_a_window_of_one)
{
	struct store_parked row = { 0 };

	t.receiver.window = 1;
	ck_assert(owe_object(object("locations", "X", 0), false, &row));
	ck_assert_str_eq(send(), "X");
}
END_TEST

START_TEST(test_a_full_window_waits_for_an_answer_alone)
{
	owe("FAILS");
	(void)send();
	ck_assert(!answer(FAILED, 0));
	ck_assert_int_eq(receiver_next_ms(&t.receiver, t.now_ms), t.now_ms + 250);
	owe_many("L", RECEIVER_WINDOW_MOST + 1);
	for (unsigned i = 0; i < site_window(&t.receiver); i++)
		ck_assert_str_ne(send(), "-");
	ck_assert_str_eq(send(), "-");
	ck_assert_int_eq(receiver_next_ms(&t.receiver, t.now_ms), INT64_MAX);
	drop_all();
}
END_TEST

START_TEST(test_what_is_ready_goes_when_the_site_may_be_asked)
{
	owe("L");
	t.receiver.retry_at_ms = t.now_ms + 500;
	ck_assert_int_eq(receiver_next_ms(&t.receiver, t.now_ms), t.now_ms + 500);
	t.now_ms += 500;
	ck_assert_int_eq(receiver_next_ms(&t.receiver, t.now_ms), INT64_MAX);
}
END_TEST

START_TEST(test_what_is_held_goes_when_the_hold_is_over)
{
	ck_assert(owe_object(object("hubclientinfo", "P", 0), true, NULL));
	owe("L");
	(void)send();
	ck_assert_int_eq(receiver_next_ms(&t.receiver, t.now_ms), t.now_ms + RECEIVER_HOLD_MS);
	ck_assert_int_eq(receiver_next_ms(&t.receiver, t.now_ms + RECEIVER_HOLD_MS), INT64_MAX);
}
END_TEST

START_TEST(test_a_site_that_is_slow_again_failed_twice)
{
	owe("L");
	for (unsigned i = 1; i <= 2; i++) {
		t.now_ms += RECEIVER_SITE_MOST_MS;
		ck_assert_str_eq(send(), "L");
		ck_assert(!answer(SLOWER, 0));
		ck_assert_uint_eq(t.receiver.failures, i);
	}
}
END_TEST

static void
add(TCase *tcase)
{
	tcase_add_test(tcase, test_there_is_room_below_both_bounds_alone);
	tcase_add_test(tcase, test_a_key_names_every_part_and_ends);
	tcase_add_test(tcase, test_what_is_owed_knows_its_party_and_its_row);
	tcase_add_loop_test(tcase, test_the_cursor_waits_for_a_row_that_is_on_the_feed_again, 0, 2);
	tcase_add_test(tcase, test_the_same_version_again_changes_nothing);
	tcase_add_test(tcase, test_what_is_to_go_whole_does_so_behind_one_in_the_air);
	tcase_add_loop_test(
	        tcase, test_the_cursor_stays_below_what_was_passed_over, 0, COUNT(meanwhile));
	tcase_add_test(tcase, test_an_object_waits_for_the_client_infos_before_it_alone);
	tcase_add_test(tcase, test_a_client_info_of_a_row_holds_nothing);
	tcase_add_test(tcase, test_objects_of_a_newcomer_go_when_its_time_is_over);
	tcase_add_test(tcase, test_a_row_goes_through_a_window_of_one);
	tcase_add_test(tcase, test_a_full_window_waits_for_an_answer_alone);
	tcase_add_test(tcase, test_what_is_ready_goes_when_the_site_may_be_asked);
	tcase_add_test(tcase, test_what_is_held_goes_when_the_hold_is_over);
	tcase_add_test(tcase, test_a_site_that_is_slow_again_failed_twice);
	tcase_add_test(tcase, test_a_change_that_cannot_be_applied_goes_whole_at_once_and_first);
	tcase_add_test(tcase, test_a_change_waits_for_the_party_that_it_was_not_sent_to);
	tcase_add_test(tcase, test_a_newer_version_begins_anew_when_the_old_one_is_settled);
	tcase_add_test(tcase, test_what_others_took_counts_once);
	tcase_add_test(tcase, test_a_row_that_the_site_failed_is_read_again);
	tcase_add_test(tcase, test_the_sixty_fifth_that_fails_is_parked_at_once);
	tcase_add_test(tcase, test_what_cannot_be_parked_waits_for_itself);
	tcase_add_test(tcase, test_what_is_being_parked_for_one_party_is_not_over_for_another);
	tcase_add_test(tcase, test_a_client_info_is_parked_when_its_hold_is_over);
	tcase_add_test(tcase, test_a_hold_keeps_no_object_from_being_parked);
}

int
main(void)
{
	return receiver_run("receiver edges", add);
}
