/* unit tests of the admin API: who is named in the metrics, and how old what is owed is. */
#include <stdlib.h>
#include <string.h>

#include "../../../src/admin/metrics.h"
#include "../../../src/hub/context.h"
#include "../suite.h"
#include "one_rig.h"

enum { MINUTE_MS = 60 * 1000, HOUR_MS = 60 * MINUTE_MS, RANK_MS = 10 * MINUTE_MS };

static void
setup(void)
{
	one_rig();
	invite(3);
}

/* ---- who is named ---- */

static struct live *
live(int64_t platform)
{
	return directory_platform(hub_directory(rig->hub), platform)->live;
}

static void
sends(int64_t platform, unsigned count, enum store_trace_outcome outcome)
{
	for (unsigned i = 0; i < count; i++) {
		series_note(&live(platform)->noted.in, 700, outcome);
		atomic_fetch_add(&live(platform)->requests, 1);
	}
}

/** "1:5 2:7 other:3" */
static const char *
told(struct busiest *busiest, int64_t now_ms)
{
	size_t count;
	const struct busiest_row *rows =
	        busiest_take(busiest, rig->hub, now_ms, rig->arena, &count);
	struct buf text = { .arena = rig->arena };

	for (size_t i = 0; i < count; i++) {
		if (rows[i].platform != NULL)
			buf_printf(&text, "%lld:", (long long)rows[i].platform->id);
		else
			buf_add(&text, STR("other:"));
		buf_printf(&text, "%llu%s", (unsigned long long)rows[i].in.count,
		        i + 1 < count ? " " : "");
	}
	return text.p;
}

START_TEST(test_who_is_busier_is_named_and_the_others_never_shrink)
{
	struct busiest *busiest = busiest_new(2);
	int64_t now_ms = RANK_MS;

	sends(1, 10, TRACE_OK);
	sends(2, 5, TRACE_OK);
	sends(3, 20, TRACE_OK);
	ck_assert_str_eq(told(busiest, now_ms), "1:10 3:20 other:5");
	sends(2, 50, TRACE_OK);
	ck_assert_str_eq(told(busiest, now_ms), "1:10 3:20 other:55");
	ck_assert_str_eq(told(busiest, now_ms += RANK_MS), "2:55 3:20 other:55");
	sends(2, 1, TRACE_OK);
	sends(1, 1, TRACE_OK);
	ck_assert_str_eq(told(busiest, now_ms), "2:56 3:20 other:56");
	busiest_free(busiest);
}
END_TEST

START_TEST(test_a_removed_platform_is_not_named_and_makes_room)
{
	struct busiest *busiest = busiest_new(2);

	sends(1, 10, TRACE_OK);
	sends(2, 5, TRACE_OK);
	ck_assert_str_eq(told(busiest, RANK_MS), "1:10 2:5 other:0");
	ck_assert_int_eq(rig_ask(rig, "DELETE", "/admin/v1/platforms/1", NULL).status, 200);
	ck_assert_str_eq(told(busiest, RANK_MS), "2:5 3:0 other:0");
	busiest_free(busiest);
}
END_TEST

START_TEST(test_what_was_before_the_first_question_is_told_under_the_name)
{
	struct busiest *busiest = busiest_new(500);

	sends(1, 3, TRACE_OK);
	sends(2, 3, TRACE_LATE);
	ck_assert_str_eq(told(busiest, 1), "1:3 2:3 3:0 other:0");
	busiest_free(busiest);
}
END_TEST

START_TEST(test_a_platform_is_shown_with_its_outcomes_and_times)
{
	static const char *const lines[] = {
		"\nroamhub_platform_info{platform=\"1\",name=\"One\",roles=\"\"} 1\n",
		"\nroamhub_platform_requests_total{platform=\"1\",direction=\"in\",outcome=\"ok\"} "
		"3\n",
		"\nroamhub_platform_requests_total{platform=\"1\",direction=\"in\",outcome="
		"\"late\"} 2\n",
		"\nroamhub_platform_duration_seconds_bucket{platform=\"1\",direction=\"in\",le="
		"\"0.001\"} 5\n",
		"\nroamhub_platform_duration_seconds_sum{platform=\"1\",direction=\"in\"} "
		"0.003500\n",
		"\nroamhub_platform_status{platform=\"1\",status=\"PLANNED\"} 1\n",
		"\nroamhub_platform_status{platform=\"other\",status=\"PLANNED\"} 0\n",
		"\nroamhub_backlog_objects{platform=\"1\",age=\"older\"} 0\n",
		"\nprocess_threads ",
	};
	struct answer answer;

	sends(1, 3, TRACE_OK);
	sends(1, 2, TRACE_LATE);
	answer = rig_ask(rig, "GET", "/metrics", NULL);
	for (size_t i = 0; i < COUNT(lines); i++)
		ck_assert_msg(has(answer, lines[i]), "%s is not in %s", lines[i], answer.body.p);
}
END_TEST

START_TEST(test_a_name_cannot_end_its_label)
{
	ck_assert_int_eq(
	        rig_ask(rig, "POST", "/admin/v1/platforms", "{\"name\":\"a\\\"} 7\\\\ \\u00fc\"}")
	                .status,
	        201);
	ck_assert(has(rig_ask(rig, "GET", "/metrics", NULL),
	        "name=\"a\\\"} 7\\\\ \u00fc\",roles=\"\"} 1\n"));
}
END_TEST

/* ---- how old what is owed is ---- */

START_TEST(test_changes_are_parted_by_the_milestones_above_a_cursor)
{
	static const struct milestones milestones = { .change = { 90, 70, 40, 10 } };
	static const struct {
		int64_t cursor, head;
		uint64_t counts[OWED_AGES];
	} rows[] = {
		{ 100, 100, { 0 } }, { 95, 100, { 5 } }, { 90, 100, { 10 } },
		{ 85, 100, { 10, 5 } }, { 40, 100, { 10, 20, 30 } },
		{ 0, 100, { 10, 20, 30, 30, 10 } },
		{ 0, 60, { 0, 0, 20, 30, 10 } }, /* looked at before the last changes came */
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct backlog_row row = { .cursor = rows[i].cursor, .head = rows[i].head };
		uint64_t counts[OWED_AGES];

		milestones_count(&milestones, &row, counts);
		for (size_t age = 0; age < OWED_AGES; age++)
			ck_assert_uint_eq(counts[age], rows[i].counts[age]);
	}
}
END_TEST

static enum rh_err
make(void *ctx, struct str old, struct arena *arena, struct str *fresh, int64_t *last_updated_ns,
        struct fault *fault)
{
	(void)ctx, (void)old, (void)arena, (void)fault;
	*fresh = STR("{}");
	*last_updated_ns = 1;
	return RH_OK;
}

/** An object changes so long ago. */
static int64_t
share(const char *id, int64_t ago_ms)
{
	struct store_op op = { .verb = STORE_SHARE };

	op.u.share = (struct store_share_args){
		.key = { STR("*"), STR("tariffs"), STR("DE*CPO"), str_of(id), STR("") },
		.make = make,
		.method = STR("PUT"),
		.at_ms = rh_wall_ms() - ago_ms,
	};
	ck_assert_int_eq(store_do(&op), RH_OK);
	atomic_store(&rig->hub->head, op.u.share.change);
	return op.u.share.change;
}

static bool done;

static void
on_milestones(struct inquiry *inquiry)
{
	(void)inquiry;
	done = true;
}

static struct milestones
milestones_from(int64_t cursor)
{
	struct backlog_row row = { .platform = 2, .cursor = cursor, .head = hub_head(rig->hub) };
	struct inquiry inquiry = {
		.admin = rig->admin, .arena = rig->arena, .backlog = { .rows = &row, .count = 1 }
	};

	row.lag = row.head - row.cursor;
	done = false;
	milestones_ask(&inquiry, on_milestones);
	while (!done)
		net_loop_turn(hub_loop(rig->hub), 1000);
	return *(struct milestones *)inquiry.work;
}

START_TEST(test_milestones_are_found_whatever_is_gone_between_them)
{
	int64_t older, hour, first = share("A", 50 * HOUR_MS), again;
	struct milestones found;

	older = share("B", 49 * HOUR_MS);
	(void)share("C", 23 * HOUR_MS);
	again = share("A", 22 * HOUR_MS);
	hour = share("D", 2 * HOUR_MS);
	(void)share("E", 30 * MINUTE_MS);
	(void)share("F", 5 * MINUTE_MS);
	for (int i = 0; i < 40; i++)
		(void)share("G", 0);
	found = milestones_from(first - 1);
	ck_assert_int_eq(found.change[3], older);
	ck_assert_int_eq(found.change[2], hour);
	ck_assert_int_eq(found.change[1], hour + 1);
	ck_assert_int_eq(found.change[0], hour + 2);
	ck_assert(llabs(found.oldest_ms - (rh_wall_ms() - 49 * HOUR_MS)) < MINUTE_MS);
	found = milestones_from(again);
	ck_assert_int_eq(found.change[3], again);
	ck_assert_int_eq(found.change[2], hour);
	found = milestones_from(hub_head(rig->hub));
	ck_assert_int_eq(found.change[0], hub_head(rig->hub));
	ck_assert_int_eq(found.oldest_ms, 0);
}
END_TEST

static void
park_row(const char *receiver, const char *id, int64_t ago_ms)
{
	struct store_parked row = {
		.receiver = str_of(receiver),
		.to = STR("NL*MSP"),
		.key = { STR("*"), STR("tariffs"), STR("DE*CPO"), str_of(id), STR("") },
		.since_ms = rh_schedule_ms() - ago_ms,
		.why = STR("HTTP 500"),
	};

	put_parked(&row, 1);
}

START_TEST(test_what_is_parked_has_an_age_of_its_own)
{
	static const uint64_t expected[OWED_AGES] = { 1, 0, 0, 2, 0 };
	struct milestones found;

	park_row("platform/2", "A", 2 * HOUR_MS);
	park_row("platform/2", "B", 23 * HOUR_MS);
	park_row("platform/2", "C", 0);
	park_row("platform/2", "", 30 * HOUR_MS); /* a module */
	park_row("platform/1", "A", 30 * HOUR_MS);
	found = milestones_from(hub_head(rig->hub));
	for (size_t age = 0; age < OWED_AGES; age++)
		ck_assert_uint_eq(found.parked[0][age], expected[age]);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		test_who_is_busier_is_named_and_the_others_never_shrink,
		test_a_removed_platform_is_not_named_and_makes_room,
		test_what_was_before_the_first_question_is_told_under_the_name,
		test_a_platform_is_shown_with_its_outcomes_and_times,
		test_a_name_cannot_end_its_label,
		test_changes_are_parted_by_the_milestones_above_a_cursor,
		test_milestones_are_found_whatever_is_gone_between_them,
		test_what_is_parked_has_an_age_of_its_own,
	};

	return suite_run_tests("admin-metrics", tests, COUNT(tests), setup, one_rig_end);
}
