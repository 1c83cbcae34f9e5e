/* unit tests of the admin API: what platforms are owed beside the feed, and what the operator does
 * about it. */
#include <string.h>

#include "../../../src/admin/inside.h"
#include "../suite.h"
#include "one_rig.h"

static void
setup(void)
{
	one_rig();
	invite(2);
}

static struct store_parked
row(enum store_parked_kind kind, const char *id, int64_t since_ms)
{
	return (struct store_parked){
		.receiver = STR("platform/1"),
		.to = STR("NL*MSP"),
		.key = { STR("*"), STR("tariffs"), STR("DE*CPO"), str_of(id), STR("") },
		.kind = kind,
		.since_ms = since_ms,
		.due_ms = since_ms + 60000,
		.change = 7,
		.attempts = 4,
		.http = 500,
		.why = STR("HTTP 500: no room"),
	};
}

START_TEST(test_a_platform_shows_what_it_could_not_take_before_what_it_was_introduced_to)
{
	static const struct expectation rows[] = {
		{ "GET", "/admin/v1/platforms/1", NULL, 200,
		        "\"parked\":3,\"parked_objects\":[{\"since\":\"2020-09-13T12:26:50.000Z\","
		        "\"age_s\":" },
		{ "GET", "/admin/v1/platforms/1", NULL, 200,
		        ",\"kind\":\"failed\",\"module\":\"tariffs\",\"owner\":\"DE*CPO\","
		        "\"id\":\"T1\",\"to\":\"NL*MSP\",\"change\":7,\"attempts\":4,"
		        "\"next_try\":\"2020-09-13T12:27:50.000Z\",\"http\":500,\"ocpi\":0,"
		        "\"why\":\"HTTP 500: no room\"},{" },
		{ "GET", "/admin/v1/platforms/1", NULL, 200, "\"kind\":\"introduced\"" },
		{ "GET", "/admin/v1/platforms/2", NULL, 200, "\"parked\":0,\"parked_objects\":[]" },
	};
	const struct store_parked parked[] = {
		row(PARKED_INTRODUCED, "T0", 1600000000000),
		row(PARKED_FAILED, "T2", 1600000020000), row(PARKED_FAILED, "T1", 1600000010000),
		row(PARKED_INTRODUCED, "", 1600000000000), /* a module */
	};

	put_parked(parked, COUNT(parked));
	check_all(rig, rows, COUNT(rows));
}
END_TEST

START_TEST(test_of_many_the_first_twenty_are_shown)
{
	struct store_parked parked[30];
	struct answer answer;
	size_t shown = 0;

	for (size_t i = 0; i < COUNT(parked); i++)
		parked[i] = row(PARKED_FAILED, arena_printf(rig->arena, "T%zu", i).p,
		        1600000000000 + (int64_t)i);
	put_parked(parked, COUNT(parked));
	answer = rig_ask(rig, "GET", "/admin/v1/platforms/1", NULL);
	ck_assert(has(answer, "\"parked\":30,"));
	for (const char *at = answer.body.p; (at = strstr(at, "\"attempts\":")) != NULL; at++)
		shown++;
	ck_assert_uint_eq(shown, 20);
	ck_assert(has(answer, "\"id\":\"T19\""));
	ck_assert(!has(answer, "\"id\":\"T20\""));
	ck_assert(has(rig_ask(rig, "GET", "/metrics", NULL), "\nroamhub_push_parked_objects 30\n"));
}
END_TEST

START_TEST(test_a_redrive_counts_what_is_parked_too_and_a_dry_one_changes_nothing)
{
	static const struct expectation rows[] = {
		/* fault D8 */
		{ "POST", "/admin/v1/platforms/1/redrive", "{\"dry_run\":true}", 200,
		        "{\"platform\":1,\"status\":\"PLANNED\",\"dry_run\":true,\"count\":2,"
		        "\"more\":false,\"objects\":[{" },
		{ "POST", "/admin/v1/platforms/1/redrive",
		        "{\"dry_run\":true,\"since\":\"2020-09-13T12:26:45Z\"}", 200,
		        "\"count\":1," },
		{ "GET", "/admin/v1/platforms/1", NULL, 200,
		        "\"next_try\":\"2999-01-01T00:01:00.000Z\"" },
		{ "POST", "/admin/v1/platforms/1/redrive", "{}", 200, "\"count\":2," },
		{ "POST", "/admin/v1/platforms/2/redrive", "{}", 200, "\"count\":0," },
	};
	struct store_parked parked[] = {
		row(PARKED_FAILED, "T1", 1600000000000),
		row(PARKED_FAILED, "T2", 1600000010000),
	};

	parked[0].due_ms = 32472144060000; /* 2999-01-01T00:01:00Z */
	put_parked(parked, COUNT(parked));
	check_all(rig, rows, COUNT(rows));
	ck_assert(!has(rig_ask(rig, "GET", "/admin/v1/platforms/1", NULL), "2999-01-01"));
}
END_TEST

START_TEST(test_a_redrive_takes_what_is_chosen_of_one_platform_or_of_all)
{
	static const struct expectation rows[] = {
		{ "POST", "/admin/v1/platforms/1/redrive",
		        "{\"dry_run\":true,\"object\":\"tariffs/de*cpo/t1\"}", 200,
		        "\"count\":1," },
		{ "POST", "/admin/v1/platforms/1/redrive",
		        "{\"dry_run\":true,\"module\":\"locations\"}", 200,
		        "\"count\":0,\"more\":false,\"objects\":[]" },
		{ "POST", "/admin/v1/platforms/1/redrive",
		        "{\"dry_run\":true,\"since\":\"2020-09-13T12:26:45Z\","
		        "\"until\":\"2020-09-13T12:27:00Z\"}",
		        200, "\"count\":1," },
		{ "POST", "/admin/v1/platforms/1/redrive",
		        "{\"dry_run\":true,\"until\":\"2020-09-13T12:26:45Z\"}", 200,
		        "\"count\":1," },
		{ "POST", "/admin/v1/push/redrive", "{\"dry_run\":true}", 200,
		        "{\"platforms\":[{\"platform\":1,\"name\":\"One\",\"status\":\"PLANNED\","
		        "\"count\":2},{\"platform\":2,\"name\":\"One\",\"status\":\"PLANNED\","
		        "\"count\":1}],\"dry_run\":true,\"count\":3,\"more\":false,\"objects\":["
		        "{" },
		{ "POST", "/admin/v1/push/redrive",
		        "{\"dry_run\":true,\"object\":\"tariffs/DE*CPO/T2\"}", 200,
		        "{\"platforms\":[{\"platform\":1," },
		{ "POST", "/admin/v1/push/redrive", "{\"module\":\"lokations\"}", 400,
		        "module: expected one of" },
		{ "POST", "/admin/v1/push/redrive", "{\"module\":5}", 400,
		        "module: expected a string" },
		{ "POST", "/admin/v1/push/redrive", "{\"object\":\"tariffs/T2\"}", 400,
		        "object: expected MODULE/CC*PID/ID" },
		{ "POST", "/admin/v1/push/redrive",
		        "{\"object\":\"tariffs/DE*CPO/T2\",\"module\":\"tariffs\"}", 400,
		        "module: object says it" },
		{ "POST", "/admin/v1/push/redrive", "{\"until\":\"noon\"}", 400,
		        "until: expected a date" },
		{ "GET", "/admin/v1/platforms/1", NULL, 200,
		        "\"next_try\":\"2999-01-01T00:01:00.000Z\"" },
		{ "POST", "/admin/v1/push/redrive", "{\"module\":\"tariffs\"}", 200,
		        "\"dry_run\":false,\"count\":3," },
	};
	struct store_parked parked[] = {
		row(PARKED_FAILED, "T1", 1600000000000),
		row(PARKED_FAILED, "T2", 1600000010000),
		row(PARKED_FAILED, "T1", 1600000010000),
	};

	parked[0].due_ms = 32472144060000; /* 2999-01-01T00:01:00Z */
	parked[2].receiver = STR("platform/2");
	put_parked(parked, COUNT(parked));
	check_all(rig, rows, COUNT(rows));
	ck_assert(!has(rig_ask(rig, "GET", "/admin/v1/platforms/1", NULL), "2999-01-01"));
}
END_TEST

START_TEST(test_verbs_that_do_not_fit_are_refused_by_name_and_change_nothing)
{
	static const struct expectation rows[] = {
		{ "POST", "/admin/v1/platforms/9/sync", "{}", 404, "there is no platform 9" },
		{ "POST", "/admin/v1/platforms/1/sync", "{\"module\":5}", 400,
		        "module: expected a string" },
		{ "POST", "/admin/v1/platforms/1/sync", "{\"module\":\"lokations\"}", 400,
		        "module: expected one of" },
		{ "POST", "/admin/v1/platforms/1/sync", "{\"module\":\"tariffs\"}", 400,
		        "platform: 1 is PLANNED, expected one that is registered" },
		{ "POST", "/admin/v1/platforms/9/pull/accept", NULL, 404,
		        "there is no platform 9" },
		{ "POST", "/admin/v1/platforms/1/pull/accept", NULL, 400,
		        "pull: nothing of platform 1 waits to be withdrawn" },
		{ "POST", "/admin/v1/parties/release", "{}", 400, "party: expected CC*PID" },
		{ "POST", "/admin/v1/parties/release", "{\"party\":5}", 400,
		        "party: expected CC*PID" },
		{ "POST", "/admin/v1/parties/release", "{\"party\":\"DE*NON\"}", 404,
		        "party: no platform has DE*NON" },
		{ "POST", "/admin/v1/parties/move", "{\"party\":\"DE*NON\"}", 400,
		        "from: expected the id of a platform" },
		{ "POST", "/admin/v1/parties/move", "{\"party\":\"DE*NON\",\"from\":1}", 400,
		        "to: expected the id of a platform" },
		{ "POST", "/admin/v1/parties/move", "{\"party\":\"DE*NON\",\"from\":1,\"to\":1}",
		        400, "to: is the same platform as from" },
		{ "POST", "/admin/v1/parties/move", "{\"party\":\"DE*NON\",\"from\":9,\"to\":1}",
		        400, "from: there is no platform 9" },
		{ "POST", "/admin/v1/parties/move", "{\"party\":\"DE*NON\",\"from\":1,\"to\":2}",
		        400, "to: platform 2 does not hold DE*NON" },
		{ "GET", "/admin/v1/platforms/1", NULL, 200, "\"parked\":0," },
		{ "DELETE", "/admin/v1/platforms/1", NULL, 200, "REMOVED" },
		{ "POST", "/admin/v1/platforms/1/sync", "{}", 404, "platform: 1 was removed" },
		{ "POST", "/admin/v1/platforms/1/redrive", "{}", 404, "platform: 1 was removed" },
		{ "POST", "/admin/v1/platforms/1/pull/accept", NULL, 404,
		        "platform: 1 was removed" },
		{ "POST", "/admin/v1/expiry/resume", NULL, 200,
		        "{\"was_held\":false,\"since\":null,\"why\":null}" },
		{ "GET", "/admin/v1/check", NULL, 200,
		        "{\"check\":\"expiry\",\"level\":0,\"status\":\"good\"," },
	};

	check_all(rig, rows, COUNT(rows));
}
END_TEST

/* ---- a pull that found too little ---- */

START_TEST(test_a_pull_that_holds_warns_until_it_is_accepted)
{
	static const struct expectation waiting[] = {
		/* fault L6 */
		{ "GET", "/admin/v1/check", NULL, 200,
		        "{\"check\":\"pulls\",\"level\":1,\"status\":\"warning\",\"detail\":\"much "
		        "is missing, party show says what, party pull accept withdraws it: One "
		        "(1)\"}" },
		{ "GET", "/metrics", NULL, 200, "\nroamhub_pulls_held 1\n" },
		{ "GET", "/admin/v1/platforms/1", NULL, 200,
		        "\"held\":\"locations: 2 of 4 are missing\",\"awaits_accept\":true," },
		{ "POST", "/admin/v1/platforms/1/pull/accept", NULL, 400,
		        "pull: the platform is not pulled" },
		{ "PATCH", "/admin/v1/platforms/1/settings", "{\"pull\":\"3600\"}", 200, "" },
		{ "POST", "/admin/v1/platforms/1/pull/accept", NULL, 200,
		        "{\"platform\":1,\"held\":\"locations: 2 of 4 are missing\"}" },
	};
	static const struct expectation accepted[] = {
		{ "GET", "/admin/v1/check", NULL, 200,
		        "{\"check\":\"pulls\",\"level\":0,\"status\":\"good\"," },
		{ "GET", "/metrics", NULL, 200, "\nroamhub_pulls_held 0\n" },
		{ "GET", "/admin/v1/platforms/1", NULL, 200, "\"awaits_accept\":false," },
	};
	struct pull_report *report =
	        &directory_platform(hub_directory(rig->hub), 1)->live->pull.report;

	report->at_ms = 1600000000000;
	(void)snprintf(report->held, sizeof report->held, "locations: 2 of 4 are missing");
	check_all(rig, waiting, COUNT(waiting));
	ck_assert(directory_platform(hub_directory(rig->hub), 1)->live->pull.accepted);
	check_all(rig, accepted, COUNT(accepted));
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		test_a_platform_shows_what_it_could_not_take_before_what_it_was_introduced_to,
		test_of_many_the_first_twenty_are_shown,
		test_a_redrive_counts_what_is_parked_too_and_a_dry_one_changes_nothing,
		test_a_redrive_takes_what_is_chosen_of_one_platform_or_of_all,
		test_verbs_that_do_not_fit_are_refused_by_name_and_change_nothing,
		test_a_pull_that_holds_warns_until_it_is_accepted,
	};

	return suite_run_tests("admin-owed", tests, COUNT(tests), setup, one_rig_end);
}
