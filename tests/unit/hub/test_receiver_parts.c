/* test_receiver_parts: what a receiver is made of: changes ahead of its cursor, marks, Retry-After.
 */
#include "../../../src/hub/push/ahead.h"
#include "../../../src/hub/push/marks.h"
#include "../../../src/hub/push/receiver.h"
#include "../../../src/hub/push/retry_after.h"
#include "../../../src/hub/push/site.h"
#include "../suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

START_TEST(test_fault_D13_what_is_ahead_is_stored_and_bounded)
{
	struct ahead ahead = { 0 }, again = { 0 };
	struct arena *arena = arena_new(1024);

	for (int64_t i = 2 * AHEAD_MOST; i > 0; i--)
		ahead_add(&ahead, i);
	ck_assert_uint_eq(ahead.count, AHEAD_MOST);
	ck_assert(ahead_has(&ahead, 1) && !ahead_has(&ahead, AHEAD_MOST + 1));
	ahead_passed(&ahead, AHEAD_MOST - 3);
	ck_assert_uint_eq(ahead.count, 3);
	ck_assert(str_is(ahead_text(&ahead, arena), "1022,1023,1024"));
	ahead_read(&again, STR("1022,1023,x,5"));
	ck_assert_uint_eq(again.count, 2);
	ahead_free(&ahead);
	ahead_free(&again);
	arena_free(arena);
}
END_TEST

static const struct {
	unsigned attempts;
	int64_t pause_ms;
} pauses[] = {
	{ 1, 250 },
	{ 2, 500 },
	{ 3, 1000 },
	{ 4, 2000 },
	{ 10, 128000 },
	{ 15, 3600000 },
	{ 40, 3600000 },
	{ 4000000000U, 3600000 },
};

START_TEST(test_fault_D1_pauses_grow_to_an_hour)
{
	ck_assert_int_eq(receiver_pause_ms(pauses[_i].attempts, 20), pauses[_i].pause_ms);
	ck_assert_int_le(receiver_pause_ms(pauses[_i].attempts, 40), 3600000);
	ck_assert_int_ge(receiver_pause_ms(pauses[_i].attempts, 0), pauses[_i].pause_ms * 8 / 10);
}
END_TEST

static const struct {
	const char *value;
	int64_t wait_ms;
} waits[] = {
	{ NULL, 0 },
	{ "", 0 },
	{ "0", 0 },
	{ "1", 1000 },
	{ " 120 ", 120000 },
	{ "99999999999999", 86400000 },
	{ "-1", 0 },
	{ "1.5", 0 },
	{ "soon", 0 },
	/* the clock shows Sun, 06 Nov 1994 08:49:37 GMT */
	{ "Sun, 06 Nov 1994 08:49:47 GMT", 10000 },
	{ "Sun, 06 Nov 1994 08:49:37 GMT", 0 },
	{ "Sun, 06 Nov 1994 08:49:27 GMT", 0 },
	{ "Fri, 06 Nov 2054 08:49:37 GMT", 86400000 },
	{ "06 Nov 1994", 0 },
};

START_TEST(test_fault_D16_retry_after_is_seconds_or_a_date)
{
	ck_assert_int_eq(retry_after_ms(str_of(waits[_i].value), 784111777000), waits[_i].wait_ms);
}
END_TEST

/* Hundreds of objects that fail beside others that are taken make a site suspect again and again:
 * their pauses grow all the same. */
static const struct {
	bool retried, was_suspect, is_suspect;
	enum early early;
} takings[] = {
	{ false, false, false, EARLY_NONE },
	{ false, true, true, EARLY_NONE },
	{ false, true, false, EARLY_ONE },
	{ true, false, false, EARLY_MANY },
	{ true, true, true, EARLY_MANY },
	{ true, true, false, EARLY_MANY },
};

START_TEST(
        test_fault_D1_one_is_tried_early_when_a_suspicion_ends_and_all_when_a_failed_one_is_taken)
{
	ck_assert_int_eq(
	        site_early(takings[_i].retried, takings[_i].was_suspect, takings[_i].is_suspect),
	        takings[_i].early);
}
END_TEST

START_TEST(test_fault_D9_marks_know_which_object_has_a_row)
{
	struct marks marks = { 0 };
	char key[32];

	ck_assert(!marks_has(&marks, STR("NL*MSP a")));
	marks_add(&marks, STR("NL*MSP a"));
	marks_add(&marks, STR("NL*MSP a"));
	ck_assert(marks_has(&marks, STR("NL*MSP a")) && !marks_has(&marks, STR("NL*MSP b")));
	marks_drop(&marks, STR("NL*MSP a"));
	marks_drop(&marks, STR("NL*MSP a"));
	ck_assert(!marks_has(&marks, STR("NL*MSP a")));
	for (int i = 0; i <= MARKS_MOST; i++) {
		(void)snprintf(key, sizeof key, "%d", i);
		marks_add(&marks, str_of(key));
		ck_assert(marks_has(&marks, str_of(key)));
	}
	ck_assert(marks.many && marks_has(&marks, STR("anything"))); /* more than are kept */
	marks_free(&marks);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("receiver parts");
	TCase *tcase = tcase_create("receiver parts");

	tcase_add_test(tcase, test_fault_D13_what_is_ahead_is_stored_and_bounded);
	tcase_add_loop_test(tcase, test_fault_D1_pauses_grow_to_an_hour, 0, COUNT(pauses));
	tcase_add_loop_test(
	        tcase, test_fault_D16_retry_after_is_seconds_or_a_date, 0, COUNT(waits));
	tcase_add_loop_test(tcase,
	        test_fault_D1_one_is_tried_early_when_a_suspicion_ends_and_all_when_a_failed_one_is_taken,
	        0, COUNT(takings));
	tcase_add_test(tcase, test_fault_D9_marks_know_which_object_has_a_row);
	suite_add_tcase(suite, tcase);
	return suite_run(suite, CK_FORK_GETENV);
}
