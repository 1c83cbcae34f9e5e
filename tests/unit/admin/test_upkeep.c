/* unit tests of the admin API: traces, upkeep, health, metrics, and that it ends cleanly. */
#include <string.h>
#include <sys/stat.h>

#include "../../../src/admin/inside.h"
#include "../suite.h"
#include "one_rig.h"

/* ---- traces ---- */

static void
put_trace(const char *correlation_id, const char *from, const char *object, const char *leg)
{
	struct store_trace row = { .at_ms = rh_wall_ms(),
		.correlation_id = str_of(correlation_id),
		.request_id = STR("r"),
		.from = str_of(from),
		.to = STR("NL*XYZ"),
		.object = str_of(object) };
	struct store_trace *copy;

	row.doc = arena_printf(
	        rig->arena, "{\"leg\":\"%s\",\"us\":12,\"steps_us\":{\"auth\":3}}", leg);
	copy = store_trace_new(&row);
	store_trace_put(hub_store(rig->hub), &copy);
}

/** The writer takes traces when it comes to them. */
static struct answer
await_rows(const char *target, size_t count)
{
	struct json_doc doc;

	for (;;) {
		struct answer answer = rig_ask(rig, "GET", target, NULL);

		ck_assert_int_eq(answer.status, 200);
		ck_assert_int_eq(json_scan(answer.body, 10000, rig->arena, &doc, NULL), RH_OK);
		if (doc.nodes[0].count == count)
			return answer;
	}
}

START_TEST(test_traces_are_found_by_id_party_and_object)
{
	struct answer answer;

	put_trace("one", "DE*ABC", "tokens/DE*ABC/0/1", "requester");
	put_trace("one", "DE*ABC", "tokens/DE*ABC/0/1", "receiver");
	put_trace("two", "FR*QRS", NULL, "requester");
	answer = await_rows("/admin/v1/log?correlation_id=one", 2);
	ck_assert(has(answer,
	        "\"correlation_id\":\"one\",\"request_id\":\"r\",\"from\":\"DE*ABC\","
	        "\"to\":\"NL*XYZ\","
	        "\"object\":\"tokens/DE*ABC/0/"
	        "1\",\"module\":null,\"outcome\":\"ok\",\"leg\":\"requester\",\"us\":12,"
	        "\"steps_us\":{\"auth\":3}},{"));
	ck_assert(strstr(answer.body.p, "requester") < strstr(answer.body.p, "receiver"));
	(void)await_rows("/admin/v1/log?party=fr*qrs", 1);
	(void)await_rows("/admin/v1/log?party=NL*XYZ", 3);
	(void)await_rows("/admin/v1/log?party=NL*XYZ&limit=1", 1);
	(void)await_rows("/admin/v1/log?object=tokens/de*abc/0%2F1", 2);
	(void)await_rows("/admin/v1/log?party=NL*XYZ&correlation_id=two", 1);
	(void)await_rows("/admin/v1/log?party=NL*XYZ&since=2999-01-01T00:00:00Z", 0);
	(void)await_rows("/admin/v1/log?party=NL*XYZ&until=2020-01-01", 0);
	(void)await_rows("/admin/v1/log?platform=0", 3);
	(void)await_rows("/admin/v1/log?platform=1", 0);
	(void)await_rows("/admin/v1/log?outcome=ok", 3);
	(void)await_rows("/admin/v1/log?outcome=failed", 0);
	(void)await_rows("/admin/v1/log?module=versions", 0);
	answer = rig_ask(rig, "GET", "/admin/v1/log?correlation_id=nobody&sample=true", NULL);
	ck_assert(has(answer, "{\"rows\":[],\"sample\":{\"kept\":"));
	ck_assert(has(answer, ",\"left_out\":0},\"next_cursor\":null}"));
	answer = rig_ask(rig, "GET", "/admin/v1/log?correlation_id=nobody", NULL);
	ck_assert_int_eq(answer.status, 200);
	ck_assert_str_eq(answer.body.p, "[]\n");
}
END_TEST

/* ---- what was refused for good ---- */

static void
put_failure(const char *receiver, const char *id, int64_t at_ms)
{
	struct store_failure failure = { .receiver = str_of(receiver),
		.key = { STR("*"), STR("locations"), STR("DE*CPO"), str_of(id), STR("") },
		.change = 7,
		.at_ms = at_ms,
		.http = 200,
		.ocpi = 2001,
		.why = STR("no such thing") };
	struct store_op op = { .verb = STORE_FAILURE_PUT };

	op.u.failures.failures = &failure;
	op.u.failures.count = 1;
	ck_assert_int_eq(store_do(&op), RH_OK);
}

static const char *
stamp(int64_t at_ms)
{
	char text[OCPI_DATETIME_LEN + 1];

	ocpi_datetime_print(at_ms, text);
	return arena_cstr(rig->arena, str_of(text));
}

START_TEST(test_refusals_are_shown_and_stay_until_what_is_sent_again_was_taken)
{
	/* not long ago: what is old is expired, whenever that runs */
	int64_t last_ms = rh_wall_ms() - 3600 * 1000, first_ms = last_ms - 10 * 1000;
	struct str shown = arena_printf(rig->arena,
	        "\"refusals\":[{\"at\":\"%s\",\"module\":\"locations\",\"owner\":\"DE*CPO\","
	        "\"id\":\"L2\",\"change\":7,\"http\":200,\"ocpi\":2001,"
	        "\"why\":\"no such thing\"},{",
	        stamp(last_ms));
	struct str later = arena_printf(
	        rig->arena, "{\"dry_run\":true,\"since\":\"%s\"}", stamp(last_ms - 5000));
	const struct expectation rows[] = {
		{ "GET", "/admin/v1/platforms/1", NULL, 200, arena_cstr(rig->arena, shown) },
		{ "POST", "/admin/v1/platforms/1/redrive", "{\"dry_run\":true}", 200,
		        "\"count\":2,\"more\":false," },
		{ "POST", "/admin/v1/platforms/1/redrive", arena_cstr(rig->arena, later), 200,
		        "\"count\":1," },
		{ "POST", "/admin/v1/platforms/1/redrive", "{}", 200, /* fault D8 */
		        "\"dry_run\":false,\"count\":2," },
		{ "POST", "/admin/v1/platforms/1/redrive", "{\"dry_run\":1}", 400,
		        "dry_run: expected true or false" },
		{ "POST", "/admin/v1/platforms/1/redrive", "{\"since\":\"now\"}", 400,
		        "since: expected" },
		{ "POST", "/admin/v1/platforms/9/redrive", "{}", 404, "there is no platform 9" },
		{ "GET", "/admin/v1/platforms/2", NULL, 200, "\"id\":\"L3\"" },
		{ "POST", "/admin/v1/platforms/1/redrive", "{\"dry_run\":true}", 200,
		        "\"count\":2,\"more\":false," },
	};

	ck_assert_int_eq(
	        rig_ask(rig, "POST", "/admin/v1/platforms", "{\"name\":\"One\"}").status, 201);
	ck_assert_int_eq(
	        rig_ask(rig, "POST", "/admin/v1/platforms", "{\"name\":\"Two\"}").status, 201);
	put_failure("platform/1", "L1", first_ms);
	put_failure("platform/1", "L2", last_ms);
	put_failure("platform/2", "L3", last_ms);
	check_all(rig, rows, COUNT(rows));
}
END_TEST

/* ---- upkeep ---- */

START_TEST(test_a_refused_reload_says_why_and_shows_in_check_until_one_is_taken_over)
{
	static const struct expectation refused[] = {
		{ "POST", "/admin/v1/reload", NULL, 422,
		        "\"config_faults\":[\"hub.conf:3: [log] level: no such level\"]}" },
		{ "GET", "/admin/v1/check", NULL, 200, "\"level\":1,\"status\":\"warning\"}" },
		{ "GET", "/metrics", NULL, 200, "\nroamhub_config_last_reload_successful 0\n" },
	};
	static const struct expectation taken[] = {
		{ "POST", "/admin/v1/reload", NULL, 200,
		        "{\"changed\":[\"log.level\"],\"needs_restart\":[\"http.listen\"]}" },
		{ "GET", "/admin/v1/check", NULL, 200, "\"level\":0,\"status\":\"good\"}" },
		{ "GET", "/metrics", NULL, 200, "\nroamhub_config_last_reload_successful 1\n" },
		{ "GET", "/admin/v1/config", NULL, 200, "\"origin\":\"default\"}]" },
	};

	rig->verdict = RH_BAD_CONFIG;
	check_all(rig, refused, COUNT(refused));
	rig->verdict = RH_OK;
	check_all(rig, taken, COUNT(taken));
	ck_assert_uint_eq(rig->reloads, 2);
}
END_TEST

START_TEST(test_a_backup_is_a_file_of_its_own_and_replaces_none)
{
	char body[128], path[96];
	struct stat st;

	(void)snprintf(path, sizeof path, "%s/copy.db", rig->dir);
	(void)snprintf(body, sizeof body, "{\"path\":\"%s\"}", path);
	ck_assert_int_eq(rig_ask(rig, "POST", "/admin/v1/backup", body).status, 200);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_gt(st.st_size, 4096);
	ck_assert(has(rig_ask(rig, "POST", "/admin/v1/backup", body), "exists already"));
}
END_TEST

/* ---- health and metrics ---- */

START_TEST(test_ready_names_each_check_with_its_reason)
{
	struct answer answer = rig_ask_as(rig, NULL, "GET", "/readyz", NULL);

	ck_assert(has(answer, "[{\"check\":\"store\",\"ok\":true,\"since\":\"20"));
	ck_assert(has(answer, "\"detail\":\"committed in "));
	ck_assert(has(answer, "{\"check\":\"accepting\",\"ok\":true,"));
}
END_TEST

START_TEST(test_a_second_of_ready_questions_costs_one_commit)
{
	struct store_stats before, after;
	int64_t began_ms = rh_mono_ms(), seconds;

	store_stats(hub_store(rig->hub), &before);
	for (int i = 0; i < 50; i++)
		ck_assert_int_eq(rig_ask_as(rig, NULL, "GET", "/readyz", NULL).status, 200);
	store_stats(hub_store(rig->hub), &after);
	seconds = (rh_mono_ms() - began_ms) / 1000;
	/* one for each second that was begun, and the hub's own sweep after expired rows */
	ck_assert_uint_le(after.operations - before.operations, (uint64_t)seconds + 2);
}
END_TEST

START_TEST(test_while_draining_the_api_refuses_and_ready_says_why)
{
	admin_stop(rig->admin);
	ck_assert_int_eq(rig_ask(rig, "GET", "/admin/v1/status", NULL).status, 503);
	ck_assert_int_eq(
	        rig_ask(rig, "POST", "/admin/v1/platforms", "{\"name\":\"late\"}").status, 503);
	ck_assert_int_eq(rig_ask(rig, "GET", "/readyz", NULL).status, 503);
	ck_assert(has(rig_ask(rig, "GET", "/readyz", NULL), "\"ok\":false"));
	ck_assert(has(rig_ask(rig, "GET", "/readyz", NULL), "draining"));
	ck_assert_int_eq(rig_ask(rig, "GET", "/healthz", NULL).status, 200);
	ck_assert(has(rig_ask(rig, "GET", "/metrics", NULL), "\nroamhub_draining 1\n"));
}
END_TEST

static bool
name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

/** The name of a sample without what a histogram adds. */
static struct str
family_of(struct str sample)
{
	static const char *const ends[] = { "_bucket", "_sum", "_count" };
	size_t len = 0;

	while (len < sample.len && name_char(sample.p[len]))
		len++;
	for (size_t i = 0; i < COUNT(ends); i++)
		if (len > strlen(ends[i]) &&
		        str_is((struct str){ sample.p + len - strlen(ends[i]), strlen(ends[i]) },
		                ends[i]))
			return (struct str){ sample.p, len - strlen(ends[i]) };
	return (struct str){ sample.p, len };
}

START_TEST(test_metrics_are_families_with_help_type_and_samples)
{
	struct answer answer = rig_ask_as(rig, NULL, "GET", "/metrics", NULL);
	struct table *families = table_new(64);
	struct str left = answer.body, family = { 0 };
	size_t samples = 0;

	while (left.len > 0) {
		struct str line = str_cut(&left, '\n'), name;

		ck_assert(str_starts(line, "roamhub_") || str_starts(line, "process_") ||
		          str_starts(line, "# "));
		if (str_starts(line, "# HELP ")) {
			line = str_from(line, 7);
			family = str_cut(&line, ' ');
			ck_assert_msg(table_put(families, family, &family) == NULL, "%.*s twice",
			        STR_ARG(family));
			ck_assert_uint_gt(line.len, 0);
			continue;
		}
		name = str_starts(line, "# TYPE ") ? str_from(line, 7) : line;
		name = str_starts(line, "# ") ? str_cut(&name, ' ') : family_of(name);
		ck_assert_msg(str_eq(name, family), "%.*s stands under %.*s", STR_ARG(line),
		        STR_ARG(family));
		samples += !str_starts(line, "# ");
	}
	ck_assert_uint_gt(samples, 80);
	ck_assert(has(answer, "\nroamhub_build_info{version=\"9.8.7\"} 1\n"));
	ck_assert(has(answer, "\nroamhub_parties{status=\"PLANNED\"} 0\n"));
	ck_assert(has(answer, "\nroamhub_push_platforms_behind 0\n"));
	ck_assert(has(answer, "\nroamhub_push_oldest_undelivered_timestamp_seconds 0.000000\n"));
	ck_assert(has(answer, "\nroamhub_module_requests_total{module=\"tokens\"} 0\n"));
	ck_assert(has(answer, "\nroamhub_message_duration_seconds_bucket{le=\"+Inf\"} 0\n"));
	table_free(families);
}
END_TEST

START_TEST(test_messages_count_in_the_histogram_and_by_error)
{
	struct answer answer;
	struct net_header header = { STR("Authorization"), STR("Token YWJj") };
	struct net_call call = { .method = STR("GET"),
		.target = STR("/ocpi/versions"),
		.headers = &header,
		.header_count = 1,
		.deadline_ms = rh_mono_ms() + 60000,
		.max_answer = 65536,
		.arena = rig->arena };

	call.origin = arena_printf(rig->arena, "http://%s", hub_address(rig->hub));
	rig_call(rig, &call);
	ck_assert_int_eq(call.status, 401);
	answer = rig_ask(rig, "GET", "/metrics", NULL);
	ck_assert(has(answer, "\nroamhub_message_duration_seconds_count 1\n"));
	ck_assert(has(answer, "\nroamhub_refusals_total{error=\"UNKNOWN_TOKEN\"} 1\n"));
	ck_assert(has(answer, "\nroamhub_requests_total 1\n"));
}
END_TEST

/* ---- what cannot be seen is not watched ---- */

/** An operation of the store that is bound to fail, behind the back of the admin API. */
static void
fail_in_store(void)
{
	struct store_op op = { .verb = STORE_BACKUP };

	op.u.backup.path = "/no/such/folder/copy.db";
	ck_assert_int_ne(store_do(&op), RH_OK);
}

/* fault S14 */
START_TEST(test_check_warns_of_what_the_store_refused_although_its_probing_row_is_fine)
{
	static const struct expectation before[] = {
		{ "GET", "/admin/v1/check", NULL, 200,
		        "{\"check\":\"operations\",\"level\":0,\"status\":\"good\"," },
		{ "POST", "/admin/v1/backup", "{\"path\":\"/no/such/folder/x\"}", 500, "error" },
		{ "GET", "/admin/v1/check", NULL, 200, "\"level\":0,\"status\":\"good\"}" },
	};
	static const struct expectation after[] = {
		{ "GET", "/admin/v1/check", NULL, 200,
		        "{\"check\":\"store\",\"level\":0,\"status\":\"good\"," },
		{ "GET", "/admin/v1/check", NULL, 200,
		        "{\"check\":\"operations\",\"level\":1,\"status\":\"warning\","
		        "\"detail\":\"1 of the store failed" },
		{ "GET", "/admin/v1/check", NULL, 200, "\"level\":1,\"status\":\"warning\"}" },
	};

	check_all(rig, before, COUNT(before));
	fail_in_store();
	check_all(rig, after, COUNT(after));
}
END_TEST

/* fault S14: a warning that never ends is read by nobody. */
START_TEST(test_a_lapse_is_over_after_five_quiet_minutes)
{
	struct lapse lapse = { 0 };

	lapse_look(&lapse, 0, 1000);
	ck_assert(!lapse_lately(&lapse, 1000));
	lapse_look(&lapse, 3, 2000);
	lapse_look(&lapse, 4, 200000);
	ck_assert_uint_eq(lapse.count, 4);
	ck_assert(lapse_lately(&lapse, 499999));
	ck_assert(!lapse_lately(&lapse, 500000));
	lapse_look(&lapse, 6, 600000);
	ck_assert(lapse_lately(&lapse, 600000));
	ck_assert_uint_eq(lapse.count, 2);
}
END_TEST

START_TEST(test_what_is_taken_back_is_no_lapse)
{
	struct lapse lapse = { 0 };

	lapse_look(&lapse, 5, 1000);
	lapse_look(&lapse, 4, 2000);
	ck_assert_uint_eq(lapse.count, 4);
	lapse_look(&lapse, 0, 3000);
	ck_assert(!lapse_lately(&lapse, 3000));
	lapse_look(&lapse, 1, 4000);
	ck_assert_uint_eq(lapse.count, 1);
}
END_TEST

/* fault S13 */
START_TEST(test_every_counter_of_hub_and_store_can_be_seen)
{
	static const struct expectation rows[] = {
		{ "GET", "/metrics", NULL, 200, "\nroamhub_store_damaged_total 0\n" },
		{ "GET", "/metrics", NULL, 200, "\nroamhub_faults_let_through_total 0\n" },
		{ "GET", "/metrics", NULL, 200, "\nroamhub_answer_faults_total 0\n" },
		{ "GET", "/metrics", NULL, 200, "\nroamhub_probe_failures_total 0\n" },
		{ "GET", "/metrics", NULL, 200, "\nroamhub_connections " },
		{ "GET", "/metrics", NULL, 200, "\nroamhub_calls_under_way 0\n" },
		{ "GET", "/admin/v1/status", NULL, 200, "\"damaged\":0," },
		{ "GET", "/admin/v1/status", NULL, 200, "\"faults_let_through\":0," },
		{ "GET", "/admin/v1/check", NULL, 200,
		        "{\"check\":\"objects\",\"level\":0,\"status\":\"good\"," },
		{ "POST", "/admin/v1/platforms", "{\"name\":\"One\"}", 201, "\"platform\":1," },
		{ "GET", "/admin/v1/platforms/1", NULL, 200, "\"fault_count\":0," },
	};

	check_all(rig, rows, COUNT(rows));
}
END_TEST

/* ---- the end ---- */

START_TEST(test_requests_under_way_are_answered_before_the_end)
{
	struct net_call calls[20] = { 0 };
	size_t created = 0;

	for (size_t i = 0; i < COUNT(calls); i++)
		rig_begin(rig, &calls[i], "POST", "/admin/v1/platforms",
		        "{\"name\":\"at the last moment\"}");
	while (net_client_calls(rig->client) == COUNT(calls))
		net_loop_turn(hub_loop(rig->hub), 1000);
	admin_stop(rig->admin);
	while (net_client_calls(rig->client) > 0)
		net_loop_turn(hub_loop(rig->hub), 1000);
	for (size_t i = 0; i < COUNT(calls); i++) {
		ck_assert_int_eq(calls[i].result, NET_DONE);
		ck_assert(calls[i].status == 201 || calls[i].status == 503);
		created += calls[i].status == 201;
	}
	ck_assert_uint_ge(created, 1);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		test_traces_are_found_by_id_party_and_object,
		test_refusals_are_shown_and_stay_until_what_is_sent_again_was_taken,
		test_a_refused_reload_says_why_and_shows_in_check_until_one_is_taken_over,
		test_a_backup_is_a_file_of_its_own_and_replaces_none,
		test_ready_names_each_check_with_its_reason,
		test_a_second_of_ready_questions_costs_one_commit,
		test_while_draining_the_api_refuses_and_ready_says_why,
		test_metrics_are_families_with_help_type_and_samples,
		test_messages_count_in_the_histogram_and_by_error,
		test_check_warns_of_what_the_store_refused_although_its_probing_row_is_fine,
		test_a_lapse_is_over_after_five_quiet_minutes,
		test_what_is_taken_back_is_no_lapse,
		test_every_counter_of_hub_and_store_can_be_seen,
		test_requests_under_way_are_answered_before_the_end,
	};

	return suite_run_tests("admin-upkeep", tests, COUNT(tests), one_rig, one_rig_end);
}
