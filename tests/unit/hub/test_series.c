/* test_series: slots of the last hour, and what is told of them. */
#include <check.h>
#include <stdlib.h>

#include "../../../src/hub/parties/live.h"
#include "../../../src/hub/series.h"
#include "../suite.h"

static struct hub hub;
static int64_t now_ms;

static void
setup(void)
{
	hub = (struct hub){ 0 };
	series_open(&hub);
	now_ms = rh_boot_ms();
}

static void
teardown(void)
{
	live_free_all(&hub);
	series_close(&hub);
}

static void
slot_ends(void)
{
	now_ms += SERIES_SLOT_MS;
	series_tick(&hub, now_ms);
}

static struct live *
platform(int64_t id)
{
	return live_of(&hub, id, STATE_CONNECTED);
}

static struct series_sum
sum_of(const struct live *live, unsigned first, unsigned count)
{
	struct series_sum sum;

	series_sum(&hub, live, first, count, &sum);
	return sum;
}

START_TEST(test_a_latency_has_one_bucket)
{
	static const struct {
		int64_t us;
		unsigned bucket;
	} rows[] = { { -5, 0 }, { 0, 0 }, { 250, 0 }, { 251, 1 }, { 500, 1 }, { 501, 2 },
		{ 30000000, 15 }, { 30000001, 16 }, { INT64_MAX, 16 } };

	for (size_t i = 0; i < COUNT(rows); i++)
		ck_assert_uint_eq(series_bucket(rows[i].us), rows[i].bucket);
}
END_TEST

START_TEST(test_a_quantile_lies_in_its_bucket)
{
	uint64_t buckets[SERIES_BUCKETS] = { 0 };

	ck_assert_int_eq(series_quantile_us(buckets, 990), -1);
	buckets[3] = 98;
	buckets[10] = 2;
	ck_assert_int_gt(series_quantile_us(buckets, 500), 1000);
	ck_assert_int_le(series_quantile_us(buckets, 500), 2500);
	ck_assert_int_gt(series_quantile_us(buckets, 990), 250000);
	ck_assert_int_le(series_quantile_us(buckets, 990), 500000);
	ck_assert_int_eq(series_quantile_us(buckets, 1000), 500000);
}
END_TEST

START_TEST(test_a_message_is_in_the_slot_in_which_it_came)
{
	struct live *one = platform(1), *two = platform(2);

	ck_assert_uint_eq(sum_of(NULL, 0, 30).slots, 0);
	series_note(&one->noted.in, 300, TRACE_OK);
	series_tick(&hub, now_ms); /* not over yet */
	ck_assert_uint_eq(sum_of(one, 0, 30).in_count, 0);
	slot_ends();
	series_note(&one->noted.out, 300, TRACE_OK);
	series_note(&two->noted.out, 300, TRACE_LATE);
	series_add(&two->noted.out.failed, 1);
	slot_ends();
	ck_assert_uint_eq(sum_of(one, 1, 1).in_count, 1);
	ck_assert_uint_eq(sum_of(one, 0, 1).in_count, 0);
	ck_assert_uint_eq(sum_of(one, 0, 1).out_count, 1);
	ck_assert_uint_eq(sum_of(two, 0, 30).out_failed, 1);
	ck_assert_uint_eq(sum_of(NULL, 0, 1).out_count, 2);
	ck_assert_uint_eq(sum_of(NULL, 0, 360).in_count, 1);
	ck_assert_uint_eq(sum_of(NULL, 0, 360).slots, 2);
}
END_TEST

START_TEST(test_slots_go_after_an_hour)
{
	struct live *live = platform(1);

	series_note(&live->noted.in, 300, TRACE_OK);
	slot_ends();
	for (int i = 0; i < SERIES_SLOTS - 1; i++)
		slot_ends();
	ck_assert_uint_eq(sum_of(live, 0, SERIES_SLOTS).in_count, 1);
	slot_ends();
	ck_assert_uint_eq(sum_of(live, 0, SERIES_SLOTS).in_count, 0);
	ck_assert_ptr_null(live->series);
	slot_ends();
	ck_assert_ptr_null(live->series);
	series_note(&live->noted.in, 300, TRACE_OK);
	slot_ends();
	ck_assert_uint_eq(sum_of(live, 0, SERIES_SLOTS).in_count, 1);
	ck_assert_uint_eq(sum_of(NULL, 0, SERIES_SLOTS).in_count, 1);
}
END_TEST

START_TEST(test_slots_are_kept_of_so_many_platforms)
{
	for (int64_t id = 1; id <= SERIES_PLATFORMS + 1; id++)
		series_note(&platform(id)->noted.in, 300, TRACE_OK);
	slot_ends();
	ck_assert_uint_eq(sum_of(NULL, 0, 1).in_count, SERIES_PLATFORMS + 1);
	size_t kept = 0;
	for (int64_t id = 1; id <= SERIES_PLATFORMS + 1; id++)
		kept += platform(id)->series != NULL;
	ck_assert_uint_eq(kept, SERIES_PLATFORMS);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("hub series");
	TCase *tcase = tcase_create("series");

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_a_latency_has_one_bucket);
	tcase_add_test(tcase, test_a_quantile_lies_in_its_bucket);
	tcase_add_test(tcase, test_a_message_is_in_the_slot_in_which_it_came);
	tcase_add_test(tcase, test_slots_go_after_an_hour);
	tcase_add_test(tcase, test_slots_are_kept_of_so_many_platforms);
	return suite_run(suite, CK_NOFORK);
}
