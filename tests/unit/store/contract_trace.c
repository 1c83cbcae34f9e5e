/* contract_trace: rows of the trace are found, bounded, and never held up or lost without being
 * counted. */
#include "contract.h"

#include <string.h>
#include <time.h>

START_TEST(test_a_trace_is_found_by_correlation_party_and_object_newest_last)
{
	struct rig rig;
	static const struct {
		const char *correlation_id, *party, *object;
		int64_t since_ms;
		size_t limit;
		const char *at; /* of the rows expected, in tens of milliseconds */
	} rows[] = {
		{ NULL, NULL, NULL, 0, 100, "123456" },
		{ NULL, NULL, NULL, 0, 2, "56" },
		{ NULL, NULL, NULL, 30, 100, "3456" },
		{ NULL, NULL, NULL, 0, 0, "" },
		{ "c1", NULL, NULL, 0, 100, "12" },
		{ "c1", NULL, NULL, 0, 1, "2" },
		{ "c", NULL, NULL, 0, 100, "" },
		{ NULL, "DE*ABC", NULL, 0, 100, "1346" },
		{ NULL, "DE*ABC", NULL, 0, 3, "346" },
		{ NULL, "DE*ABC", NULL, 40, 100, "46" },
		{ NULL, "NL*XYZ", NULL, 0, 100, "126" },
		{ NULL, "FR*NON", NULL, 0, 100, "" },
		{ NULL, NULL, "tokens/DE*ABC/1", 0, 100, "14" },
		{ "c1", NULL, "tokens/DE*ABC/1", 0, 100, "1" },
		{ "c2", "DE*ABC", NULL, 0, 100, "34" },
		{ "c2", "NL*XYZ", NULL, 0, 100, "" },
		{ NULL, "DE*ABC", "tokens/DE*ABC/1", 20, 100, "4" },
	};

	rig_begin(&rig, contract_schemes[_i]);
	rig_trace(&rig, 10, "c1", "DE*ABC", "NL*XYZ", "tokens/DE*ABC/1");
	rig_trace(&rig, 20, "c1", "NL*XYZ", NULL, NULL);
	rig_trace(&rig, 30, "c2", "DE*ABC", NULL, "cdrs/DE*ABC/9");
	rig_trace(&rig, 40, "c2", NULL, "DE*ABC", "tokens/DE*ABC/1");
	rig_trace(&rig, 50, NULL, NULL, NULL, NULL);
	rig_trace(&rig, 60, "c3", "NL*XYZ", "DE*ABC", NULL);
	rig_find(&rig, &(struct store_op){ .u.trace.limit = 100 }, 6);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct store_op like = { .u.trace = { str_of(rows[i].correlation_id),
			                         str_of(rows[i].party), str_of(rows[i].object),
			                         rows[i].since_ms, rows[i].limit } };
		struct store_op found = rig_find(&rig, &like, 0);

		ck_assert_msg(found.u.trace.count == strlen(rows[i].at), "row %zu: %zu", i,
		        found.u.trace.count);
		for (size_t n = 0; n < found.u.trace.count; n++)
			ck_assert_msg(found.u.trace.rows[n].at_ms == (rows[i].at[n] - '0') * 10,
			        "row %zu", i);
	}
	rig_end(&rig);
}
END_TEST

/* Three legs of one moment among others, two a page: each comes once. */
START_TEST(test_a_search_goes_on_behind_its_last_row)
{
	struct store_op op = { .u.trace = { .limit = 2, .party = STR("DE*ABC") } }, found;
	struct buf seen = { 0 };
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	rig_trace(&rig, 10, "1", "DE*ABC", "NL*XYZ", NULL);
	rig_trace(&rig, 20, "2", "DE*ABC", NULL, NULL);
	rig_trace(&rig, 20, "other", "NL*XYZ", NULL, NULL);
	rig_trace(&rig, 20, "3", "NL*XYZ", "DE*ABC", NULL);
	rig_trace(&rig, 20, "4", "DE*ABC", "DE*ABC", NULL);
	rig_trace(&rig, 30, "5", NULL, "DE*ABC", NULL);
	rig_find(&rig, &(struct store_op){ .u.trace.limit = 100 }, 6);
	do {
		found = rig_find(&rig, &op, 0);
		for (size_t i = found.u.trace.count; i > 0; i--)
			buf_add(&seen, found.u.trace.rows[i - 1].correlation_id);
		buf_addc(&seen, '|');
		op.u.trace.until_ms = found.u.trace.next_ms;
		op.u.trace.before_id = found.u.trace.next_id;
	} while (found.u.trace.next_ms != 0);
	ck_assert_str(buf_str(&seen), STR("54|32|1|"));
	buf_free(&seen);
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_search_finds_text_anywhere_in_a_row_whatever_its_case)
{
	static const struct {
		const char *text;
		size_t count;
	} rows[] = { { "c1", 2 }, { "de*abc", 1 }, { "TOKENS/de", 1 }, { "%", 0 }, { "_", 0 },
		{ "\\", 0 }, { "flow", 2 }, { "nothing", 0 } };
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	rig_trace(&rig, 10, "xC1x", "DE*ABC", "NL*XYZ", "tokens/DE*ABC/1");
	rig_trace(&rig, 20, "c1", "NL*XYZ", NULL, NULL);
	rig_find(&rig, &(struct store_op){ .u.trace.limit = 100 }, 2);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct store_op op = { .u.trace = { .limit = 9, .text = str_of(rows[i].text) } };

		ck_assert_msg(
		        rig_find(&rig, &op, 0).u.trace.count == rows[i].count, "%s", rows[i].text);
	}
	rig_end(&rig);
}
END_TEST

/* 2,500 legs, of which the oldest alone has the text: two reads find it, and the first says where
 * it ended. With an index that finds few, those are all that is looked at. */
START_TEST(test_a_search_looks_at_so_many_rows_and_says_where_it_goes_on)
{
	enum { ROWS = 2500 };
	static const struct {
		const char *text, *party, *correlation_id;
		size_t counts[3];
		int reads;
	} rows[] = {
		{ "needle", NULL, NULL, { 0, 1 }, 2 },
		{ "needle", "DE*ABC", NULL, { 0, 1 }, 2 },
		{ "nothing", NULL, NULL, { 0, 0 }, 2 },
		{ "nothing", NULL, "c7", { 0 }, 1 },
		{ NULL, NULL, NULL, { 9, 9, 9 }, 3 },
	};
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	for (int i = 0; i < ROWS; i++)
		rig_trace(&rig, 10 + i,
		        i == 0          ? "needle"
		        : i == 7        ? "c7"
		        : i == ROWS - 1 ? "last"
		                        : "c",
		        "DE*ABC", i % 2 == 0 ? "NL*XYZ" : "DE*ABC", "tokens/DE*ABC/1");
	rig_find(&rig, &(struct store_op){ .u.trace = { STR("last"), .limit = 1 } }, 1);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct store_op op = { .u.trace = { .limit = 9,
			                       .text = str_of(rows[i].text),
			                       .party = str_of(rows[i].party),
			                       .correlation_id = str_of(rows[i].correlation_id) } };

		for (int read = 0; read < rows[i].reads; read++) {
			struct store_op found = rig_find(&rig, &op, 0);

			ck_assert_msg(found.u.trace.count == rows[i].counts[read], "%zu, %d: %zu",
			        i, read, found.u.trace.count);
			ck_assert_msg((found.u.trace.next_ms != 0) ==
			                      (read + 1 < rows[i].reads || rows[i].text == NULL),
			        "%zu, %d", i, read);
			op.u.trace.until_ms = found.u.trace.next_ms;
			op.u.trace.before_id = found.u.trace.next_id;
		}
	}
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_trace_row_comes_back_whole)
{
	struct store_op found;
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	rig_trace(&rig, 77, "c", "DE*ABC", NULL, "x");
	found = rig_find(&rig, &(struct store_op){ .u.trace.limit = 10 }, 1);
	ck_assert_uint_eq(found.u.trace.count, 1);
	ck_assert_int_eq(found.u.trace.rows->at_ms, 77);
	ck_assert_int_eq(found.u.trace.rows->platform, 1);
	ck_assert_str(found.u.trace.rows->correlation_id, STR("c"));
	ck_assert_str(found.u.trace.rows->request_id, STR("a request"));
	ck_assert_str(found.u.trace.rows->from, STR("DE*ABC"));
	ck_assert_ptr_null(found.u.trace.rows->to.p);
	ck_assert_str(found.u.trace.rows->object, STR("x"));
	ck_assert_str(found.u.trace.rows->doc, STR("{\"flow\":\"forward\"}"));
	rig_end(&rig);
}
END_TEST

START_TEST(test_trace_rows_over_the_rate_are_dropped_and_counted)
{
	struct store_stats stats;
	struct store_op found;
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	rig.conf.trace_max_rate = 10;
	store_configure(rig.store, &rig.conf);
	for (int i = 0; i < 1000; i++)
		rig_trace(&rig, i, "c", NULL, NULL, NULL);
	found = rig_find(&rig, &(struct store_op){ .u.trace.limit = 1000 }, 6);
	store_stats(rig.store, &stats);
	ck_assert_uint_ge(found.u.trace.count, 6); /* two thirds of a second's */
	ck_assert_uint_lt(found.u.trace.count, 1000);
	ck_assert_uint_eq(stats.trace_dropped, 1000 - found.u.trace.count);
	ck_assert_uint_eq(found.u.trace.dropped, stats.trace_dropped);
	ck_assert_int_eq(found.u.trace.rows[0].at_ms, 0);
	ck_assert_uint_le(found.u.trace.kept, found.u.trace.count);
	found = rig_find(&rig, &(struct store_op){ .u.trace = { .until_ms = 1, .limit = 1 } }, 0);
	ck_assert_uint_eq(found.u.trace.dropped, 0);
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_trace_rate_of_nothing_writes_nothing)
{
	struct store_stats stats;
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	rig.conf.trace_max_rate = 0;
	store_configure(rig.store, &rig.conf);
	rig_trace(&rig, 1, "c", NULL, NULL, NULL);
	store_stats(rig.store, &stats);
	ck_assert_uint_eq(stats.trace_dropped, 1);
	rig_end(&rig);
}
END_TEST

START_TEST(test_every_trace_row_is_either_written_or_counted_as_dropped)
{
	enum { ROWS = 20000 };
	struct store_stats stats;
	int64_t until_ms = rh_mono_ms() + 10000;
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	for (int i = 0; i < ROWS; i++)
		rig_trace(&rig, i, "c", "DE*ABC", "NL*XYZ", "o");
	do
		store_stats(rig.store, &stats);
	while (stats.trace_rows + stats.trace_dropped < ROWS && rh_mono_ms() < until_ms);
	ck_assert_uint_eq(stats.trace_rows + stats.trace_dropped, ROWS);
	ck_assert_uint_gt(stats.trace_rows, 0);
	rig_end(&rig);
}
END_TEST

static void
put_message(struct rig *rig, const struct store_trace_claim *claim, const char *correlation_id)
{
	struct store_trace *row;

	if (!store_trace_wanted(rig->store, claim))
		return;
	row = store_trace_new(&(struct store_trace){ .at_ms = 1,
	        .platform = claim->platform,
	        .outcome = claim->failed ? TRACE_UNAUTHORISED : TRACE_OK,
	        .correlation_id = str_of(correlation_id) });
	store_trace_put(rig->store, &row);
}

/* Whose turn it is when: test_permits.c. */
START_TEST(test_fault_S9_neither_strangers_nor_a_noisy_platform_hide_the_others)
{
	struct store_op found;
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	rig.conf.trace_max_rate = 1000;
	store_configure(rig.store, &rig.conf);
	for (int i = 0; i < 5000; i++) {
		put_message(&rig, &(struct store_trace_claim){ 0, .failed = true, .rows = 1 }, "s");
		put_message(&rig, &(struct store_trace_claim){ 1, .rows = 1 }, "noisy");
	}
	for (int i = 0; i < 40; i++)
		put_message(&rig, &(struct store_trace_claim){ 2, .rows = 1 }, "quiet");
	found = rig_find(&rig,
	        &(struct store_op){
	                .u.trace = { .limit = 1000, .of_platform = true, .platform = 2 } },
	        40);
	ck_assert_uint_eq(found.u.trace.count, 40);
	found = rig_find(
	        &rig, &(struct store_op){ .u.trace = { .limit = 1000, .of_platform = true } }, 0);
	ck_assert_uint_ge(found.u.trace.count, 20);
	ck_assert_uint_le(found.u.trace.count, 100);
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_trace_is_found_by_platform_module_outcome_and_until)
{
	struct rig rig;
	static const struct store_trace rows[] = {
		{ .at_ms = 10, .platform = 1, .module = STR("tokens"), .from = STR("DE*ABC") },
		{ .at_ms = 20, .platform = 2, TRACE_LATE, STR("tokens"), .to = STR("DE*ABC") },
		{ .at_ms = 30, .platform = 0, TRACE_UNAUTHORISED },
		{ .at_ms = 40, .platform = 1, TRACE_REFUSED_BY_HUB, STR("cdrs") },
		{ .at_ms = 50, .platform = 2, .module = STR("cdrs"), .from = STR("DE*ABC") },
	};
	static const struct {
		int64_t platform; /* -1: any */
		const char *module;
		unsigned outcomes;
		int64_t since_ms, until_ms;
		size_t limit;
		const char *party;
		const char *at; /* of the rows expected, in tens of milliseconds */
	} finds[] = {
		{ 1, NULL, 0, 0, 0, 9, NULL, "14" },
		{ 0, NULL, 0, 0, 0, 9, NULL, "3" },
		{ 7, NULL, 0, 0, 0, 9, NULL, "" },
		{ 1, NULL, 0, 0, 30, 9, NULL, "1" },
		{ 1, NULL, 0, 11, 0, 9, NULL, "4" },
		{ -1, "cdrs", 0, 0, 0, 9, NULL, "45" },
		{ -1, "cdrs", 0, 0, 40, 9, NULL, "4" },
		{ -1, "cdrs", 0, 0, 0, 1, NULL, "5" },
		{ -1, "tariffs", 0, 0, 0, 9, NULL, "" },
		{ 1, "cdrs", 0, 0, 0, 9, NULL, "4" },
		{ -1, NULL, 1U << TRACE_LATE, 0, 0, 9, NULL, "2" },
		{ -1, NULL, 1U << TRACE_OK, 0, 0, 9, NULL, "15" },
		{ -1, NULL, ~(1U << TRACE_OK), 0, 0, 9, NULL, "234" },
		{ -1, NULL, ~(1U << TRACE_OK), 0, 30, 9, NULL, "23" },
		{ 1, NULL, ~(1U << TRACE_OK), 0, 0, 9, NULL, "4" },
		{ -1, NULL, 0, 0, 20, 9, NULL, "12" },
		{ -1, NULL, 0, 20, 40, 9, NULL, "234" },
		{ -1, NULL, 0, 0, 40, 2, NULL, "34" },
		{ -1, NULL, 0, 0, 20, 9, "DE*ABC", "12" },
		{ 2, NULL, 0, 0, 0, 1, "DE*ABC", "5" },
		{ -1, "tokens", 0, 0, 0, 1, "DE*ABC", "2" },
		{ -1, NULL, 1U << TRACE_LATE, 0, 0, 9, "DE*ABC", "2" },
	};

	rig_begin(&rig, contract_schemes[_i]);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct store_trace *row = store_trace_new(&rows[i]);

		store_trace_put(rig.store, &row);
	}
	rig_find(&rig, &(struct store_op){ .u.trace.limit = 9 }, COUNT(rows));
	for (size_t i = 0; i < COUNT(finds); i++) {
		struct store_op like = { .u.trace = { .party = str_of(finds[i].party),
			                         .module = str_of(finds[i].module),
			                         .of_platform = finds[i].platform >= 0,
			                         .platform = finds[i].platform,
			                         .outcomes = finds[i].outcomes,
			                         .since_ms = finds[i].since_ms,
			                         .until_ms = finds[i].until_ms,
			                         .limit = finds[i].limit } };
		struct store_op found = rig_find(&rig, &like, 0);

		ck_assert_msg(found.u.trace.count == strlen(finds[i].at), "find %zu: %zu", i,
		        found.u.trace.count);
		for (size_t n = 0; n < found.u.trace.count; n++)
			ck_assert_msg(found.u.trace.rows[n].at_ms == (finds[i].at[n] - '0') * 10,
			        "find %zu", i);
	}
	rig_end(&rig);
}
END_TEST

/* Page after page. */
static size_t
count_all(struct rig *rig)
{
	struct store_op op = { .u.trace.limit = 10000 }, found;
	size_t count = 0;

	do {
		found = rig_find(rig, &op, 0);
		count += found.u.trace.count;
		op.u.trace.until_ms = found.u.trace.next_ms;
		op.u.trace.before_id = found.u.trace.next_id;
	} while (found.u.trace.next_ms != 0);
	return count;
}

START_TEST(test_rows_that_are_queued_when_a_store_is_closed_are_written)
{
	struct rig rig;

	rig_begin(&rig, "sqlite:");
	for (int i = 0; i < 3000; i++)
		rig_trace(&rig, 1 + i, "c", NULL, NULL, NULL);
	rig_close(&rig);
	rig_open(&rig);
	ck_assert_uint_eq(count_all(&rig), 3000);
	rig_end(&rig);
}
END_TEST

/* The trimming has nobody to tell, so it is waited for: thousands of rows are not read over and
 * over meanwhile, which would hold it up. */
static struct store_op
find_until_at_most(struct rig *rig, size_t most)
{
	int64_t until_ms = rh_mono_ms() + 60000;

	for (;;) {
		struct store_op found;

		arena_reset(rig->arena);
		found = rig_find(rig, &(struct store_op){ .u.trace.limit = 10000 }, 0);
		if (found.u.trace.count <= most || rh_mono_ms() > until_ms)
			return found;
		nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL);
	}
}

START_TEST(test_trace_rows_over_their_age_are_deleted)
{
	struct store_op found;
	int64_t now_ms = rh_wall_ms();
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	for (int i = 0; i < 600; i++)
		rig_trace(&rig, now_ms - 100000, "old", NULL, NULL, NULL);
	for (int i = 0; i < 5; i++)
		rig_trace(&rig, now_ms, "new", NULL, NULL, NULL);
	rig_find(&rig, &(struct store_op){ .u.trace.limit = 10000 }, 605);
	rig.conf.trace_max_age_ms = 60000;
	store_configure(rig.store, &rig.conf);
	found = find_until_at_most(&rig, 5);
	ck_assert_uint_eq(found.u.trace.count, 5);
	ck_assert_str(found.u.trace.rows[0].correlation_id, STR("new"));
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_trace_over_its_size_loses_its_oldest_rows)
{
	enum { ROWS = 5000 };
	struct store_stats stats;
	struct store_op found;
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	for (int i = 0; i < ROWS; i++)
		rig_trace(&rig, i, "c", "DE*ABC", "NL*XYZ", "an object with a long name");
	rig_find(&rig, &(struct store_op){ .u.trace.limit = 10000 }, ROWS);
	rig.conf.trace_max_bytes = 200000;
	store_configure(rig.store, &rig.conf);
	found = find_until_at_most(&rig, ROWS / 2);
	ck_assert_uint_gt(found.u.trace.count, 0);
	ck_assert_uint_le(found.u.trace.count, ROWS / 2);
	ck_assert_int_eq(found.u.trace.rows[found.u.trace.count - 1].at_ms, ROWS - 1);
	store_stats(rig.store, &stats);
	ck_assert_uint_eq(stats.trace_rows, ROWS);
	rig_end(&rig);
}
END_TEST

void
contract_trace(TCase *tests)
{
	tcase_add_loop_test(tests,
	        test_a_trace_is_found_by_correlation_party_and_object_newest_last, contract_first,
	        contract_end);
	tcase_add_loop_test(tests, test_a_search_looks_at_so_many_rows_and_says_where_it_goes_on,
	        contract_first, contract_end);
	tcase_add_loop_test(tests, test_a_trace_row_comes_back_whole, contract_first, contract_end);
	tcase_add_loop_test(tests, test_trace_rows_over_the_rate_are_dropped_and_counted,
	        contract_first, contract_end);
	tcase_add_loop_test(
	        tests, test_a_trace_rate_of_nothing_writes_nothing, contract_first, contract_end);
	tcase_add_loop_test(tests, test_every_trace_row_is_either_written_or_counted_as_dropped,
	        contract_first, contract_end);
	tcase_add_loop_test(tests,
	        test_fault_S9_neither_strangers_nor_a_noisy_platform_hide_the_others,
	        contract_first, contract_end);
	tcase_add_loop_test(tests, test_a_trace_is_found_by_platform_module_outcome_and_until,
	        contract_first, contract_end);
	tcase_add_test(tests, test_rows_that_are_queued_when_a_store_is_closed_are_written);
	tcase_add_loop_test(
	        tests, test_a_search_goes_on_behind_its_last_row, contract_first, contract_end);
	tcase_add_loop_test(tests, test_a_search_finds_text_anywhere_in_a_row_whatever_its_case,
	        contract_first, contract_end);
	tcase_add_loop_test(
	        tests, test_trace_rows_over_their_age_are_deleted, contract_first, contract_end);
	tcase_add_loop_test(tests, test_a_trace_over_its_size_loses_its_oldest_rows, contract_first,
	        contract_end);
}
