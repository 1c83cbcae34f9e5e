/* test_hints: what all workers share of what passed by (faults O16, M7, M8), with a clock that the
 * test moves. */
#include "../../../src/hub/message/memo.h"
#include "../../../src/hub/message/poll.h"
#include "../suite.h"

#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct ocpi_id msp = { "NL", "MSP" }, emp = { "BE", "EMP" };
static struct memo *memo;
static struct ocpi_id found;

static void
setup(void)
{
	memo = memo_new(4);
}

static void
teardown(void)
{
	memo_free(memo);
}

static enum memo_found
get(const char *kind, const char *key, int64_t now_ms)
{
	return memo_get(memo, kind, str_of(key), now_ms, &found);
}

START_TEST(test_fault_O16_what_was_put_is_found_at_once)
{
	ck_assert_int_eq(get("session", "NL*MSP/S1", 0), MEMO_NOTHING);
	memo_put(memo, "session", STR("NL*MSP/S1"), &msp, 100);
	ck_assert_int_eq(get("session", "NL*MSP/S1", 0), MEMO_PARTY);
	ck_assert(ocpi_id_same(&found, &msp));
	ck_assert_int_eq(get("session", "NL*MSP/S2", 0), MEMO_NOTHING);
	ck_assert_int_eq(get("token", "NL*MSP/S1", 0), MEMO_NOTHING);
}
END_TEST

START_TEST(test_the_newest_word_holds)
{
	memo_put(memo, "token", STR("U1"), &msp, 100);
	memo_put(memo, "token", STR("U1"), &emp, 100);
	ck_assert_int_eq(get("token", "U1", 0), MEMO_PARTY);
	ck_assert(ocpi_id_same(&found, &emp));
	ck_assert_uint_eq(memo_count(memo), 1);
}
END_TEST

START_TEST(test_fault_M7_a_hint_that_is_over_hides_the_stored_one)
{
	memo_put(memo, "token", STR("U1"), &msp, 100);
	memo_put(memo, "token", STR("U1"), NULL, 100);
	ck_assert_int_eq(get("token", "U1", 0), MEMO_NOBODY);
	memo_put(memo, "token", STR("U1"), &emp, 100);
	ck_assert_int_eq(get("token", "U1", 0), MEMO_PARTY);
}
END_TEST

START_TEST(test_fault_M8_what_nobody_knew_is_forgotten_soon)
{
	memo_put(memo, "unknown", STR("U1"), &msp, 5000);
	ck_assert_int_eq(get("unknown", "U1", 4999), MEMO_PARTY);
	ck_assert_int_eq(get("unknown", "U1", 5000), MEMO_NOTHING);
	ck_assert_uint_eq(memo_count(memo), 0);
	memo_put(memo, "unknown", STR("U1"), &msp, 9000);
	memo_drop(memo, "unknown", STR("U1"));
	ck_assert_int_eq(get("unknown", "U1", 6000), MEMO_NOTHING);
}
END_TEST

START_TEST(test_it_is_bounded_and_the_oldest_make_room)
{
	char key[8], long_key[MEMO_KEY_MOST + 2];

	for (int i = 0; i < 6; i++) {
		(void)snprintf(key, sizeof key, "U%d", i);
		memo_put(memo, "token", str_of(key), &msp, 100);
	}
	ck_assert_uint_eq(memo_count(memo), 4);
	ck_assert_int_eq(get("token", "U1", 0), MEMO_NOTHING);
	ck_assert_int_eq(get("token", "U2", 0), MEMO_PARTY);
	memset(long_key, 'x', sizeof long_key);
	memo_put(memo, "token", (struct str){ long_key, MEMO_KEY_MOST + 1 }, &msp, 100);
	ck_assert_uint_eq(memo_count(memo), 4);
	memo_put(memo, "token", (struct str){ long_key, MEMO_KEY_MOST }, &msp, 100);
	ck_assert_int_eq(
	        memo_get(memo, "token", (struct str){ long_key, MEMO_KEY_MOST }, 0, &found),
	        MEMO_PARTY);
}
END_TEST

/* ---- on several threads: a pair is a write on one and the need of it on another ---- */

enum { THREADS = 4, PAIRS = 10000 };
struct hand_over {
	struct memo *shared;
	_Atomic int written[THREADS]; /* pairs that the thread in front has put */
};
static struct hand_over hand;

static void *
write_pairs(void *arg)
{
	int thread = (int)(intptr_t)arg;
	char key[32];

	for (int i = 0; i < PAIRS; i++) {
		(void)snprintf(key, sizeof key, "%d/%d", thread, i);
		memo_put(hand.shared, "session", str_of(key), &msp, 100);
		atomic_store(&hand.written[thread], i + 1);
	}
	return NULL;
}

static void *
need_pairs(void *arg)
{
	int thread = (int)(intptr_t)arg;
	intptr_t missed = 0;
	struct ocpi_id party;
	char key[32];

	for (int i = 0; i < PAIRS; i++) {
		while (atomic_load(&hand.written[thread]) <= i)
			;
		(void)snprintf(key, sizeof key, "%d/%d", thread, i);
		missed += memo_get(hand.shared, "session", str_of(key), 0, &party) != MEMO_PARTY;
	}
	return (void *)missed;
}

START_TEST(test_fault_O16_no_thread_misses_what_another_has_put)
{
	pthread_t writer[THREADS], reader[THREADS];
	intptr_t missed = 0;
	void *result;

	hand.shared = memo_new(MEMO_MOST);
	for (intptr_t i = 0; i < THREADS; i++) {
		ck_assert_int_eq(pthread_create(&writer[i], NULL, write_pairs, (void *)i), 0);
		ck_assert_int_eq(pthread_create(&reader[i], NULL, need_pairs, (void *)i), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(writer[i], NULL);
		pthread_join(reader[i], &result);
		missed += (intptr_t)result;
	}
	memo_free(hand.shared);
	ck_assert_int_eq(missed, 0);
}
END_TEST

/* ---- the budget of questions ---- */

START_TEST(test_fault_M8_a_platform_has_a_budget_of_questions)
{
	_Atomic int64_t until_ms = 0;
	int64_t now_ms = 1000000;
	size_t taken = 0;

	while (poll_take(&until_ms, now_ms, 512))
		taken += 512;
	ck_assert_uint_eq(taken, POLL_ASKS_AT_ONCE);
	ck_assert(!poll_take(&until_ms, now_ms + 511, 512));
	ck_assert(poll_take(&until_ms, now_ms + 512, 512));
	ck_assert(!poll_take(&until_ms, now_ms + 512, 512));
	for (taken = 0; poll_take(&until_ms, now_ms + 1000000, 512);)
		taken += 512;
	ck_assert_uint_eq(taken, POLL_ASKS_AT_ONCE); /* nothing is saved up beyond it */
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("hub hints");
	TCase *tcase = tcase_create("hints");

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, test_fault_O16_what_was_put_is_found_at_once);
	tcase_add_test(tcase, test_the_newest_word_holds);
	tcase_add_test(tcase, test_fault_M7_a_hint_that_is_over_hides_the_stored_one);
	tcase_add_test(tcase, test_fault_M8_what_nobody_knew_is_forgotten_soon);
	tcase_add_test(tcase, test_it_is_bounded_and_the_oldest_make_room);
	tcase_add_test(tcase, test_fault_O16_no_thread_misses_what_another_has_put);
	tcase_add_test(tcase, test_fault_M8_a_platform_has_a_budget_of_questions);
	return suite_run(suite, CK_NOFORK);
}
