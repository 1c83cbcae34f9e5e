/* unit tests of the layer admin: who may ask, what is answered, and that it ends cleanly. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rig.h"

static struct rig *rig;

static void
setup(void)
{
	rig = rig_new();
}

static void
teardown(void)
{
	rig_end(rig);
}

struct expectation {
	const char *method, *target, *body;
	int status;
	const char *text; /* stands in the answer */
};

static void
check_all(const struct expectation *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct expectation *row = &rows[i];
		struct answer answer = rig_ask(rig, row->method, row->target, row->body);

		ck_assert_msg(answer.status == row->status && has(answer, row->text),
			"%s %s %s: expected %d with %s, got %d: %s", row->method, row->target,
			row->body != NULL ? row->body : "", row->status, row->text, answer.status, answer.body.p);
	}
}

/* ---- who may ask ---- */

START_TEST(test_only_the_token_opens_the_api)
{
	char other[160], longer[200];
	const char *const refused[] = { NULL, "", "Bearer", "Bearer ", "Bearer x", "Token abc", other, longer,
		rig->authorization + strlen("Bearer ") };
	struct answer answer;

	(void)snprintf(other, sizeof other, "%s", rig->authorization);
	other[strlen(other) - 1] ^= 1;
	(void)snprintf(longer, sizeof longer, "%sx", rig->authorization);
	for (size_t i = 0; i < COUNT(refused); i++) {
		answer = rig_ask_as(rig, refused[i], "GET", "/admin/v1/status", NULL);
		ck_assert_msg(answer.status == 401 && has(answer, "{\"error\":"), "%s: %d", refused[i], answer.status);
		answer = rig_ask_as(rig, refused[i], "GET", "/nothing/here", NULL);
		ck_assert_int_eq(answer.status, 401);
		answer = rig_ask_as(rig, refused[i], "POST", "/admin/v1/platforms", "{\"name\":\"x\"}");
		ck_assert_int_eq(answer.status, 401);
	}
	ck_assert_int_eq(rig_ask(rig, "GET", "/admin/v1/status", NULL).status, 200);
	memcpy(rig->authorization, "bEARER", 6);
	ck_assert_int_eq(rig_ask(rig, "GET", "/admin/v1/status", NULL).status, 200);
	ck_assert_str_eq(rig_ask(rig, "GET", "/admin/v1/platforms", NULL).body.p, "[]\n");
}
END_TEST

START_TEST(test_health_and_metrics_need_no_token)
{
	static const char *const targets[] = { "/healthz", "/readyz", "/metrics", "/metrics/", "/readyz?x=1" };

	for (size_t i = 0; i < COUNT(targets); i++)
		ck_assert_int_eq(rig_ask_as(rig, NULL, "GET", targets[i], NULL).status, 200);
}
END_TEST

START_TEST(test_every_verb_of_the_table_asks_for_the_token_but_the_open_ones)
{
	struct answer answer = rig_ask(rig, "GET", "/admin/v1", NULL);
	struct json_doc doc;
	size_t open = 0;

	ck_assert_int_eq(json_scan(answer.body, 10000, rig->arena, &doc, NULL), RH_OK);
	for (uint32_t i = 0, at = 1; i < doc.nodes[0].count; i++, at = doc.nodes[at].next) {
		char *target = arena_cstr(rig->arena, json_member_string(&doc, at, "path", rig->arena));
		char *method = arena_cstr(rig->arena, json_member_string(&doc, at, "method", rig->arena));
		bool token = doc.nodes[json_member(&doc, at, "token")].type == JSON_TRUE;
		char *id = strstr(target, "{id}");

		if (id != NULL)
			memcpy(id, "1111", 4);
		answer = rig_ask_as(rig, "Bearer wrong", method, target, strcmp(method, "GET") != 0 ? "{}" : NULL);
		ck_assert_msg((answer.status == 401) == token, "%s %s: %d", method, target, answer.status);
		open += !token;
	}
	ck_assert_uint_eq(open, 3);
	ck_assert_uint_gt(doc.nodes[0].count, 15);
	ck_assert_uint_eq(rig->reloads, 0);
}
END_TEST

START_TEST(test_the_token_file_is_the_owners_alone_and_stays)
{
	struct stat st;

	ck_assert_int_eq(stat(rig->token_file, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	ck_assert_uint_ge(strlen(rig->authorization), strlen("Bearer ") + 40);
}
END_TEST

static struct admin *
open_second(const char *text, struct fault *fault)
{
	char path[128], bound[64];
	struct admin_conf conf = { .hub = rig->hub, .version = "1", .token_file = path };
	FILE *out;

	(void)snprintf(path, sizeof path, "%s/second.token", rig->dir);
	out = fopen(path, "we");
	(void)fputs(text, out);
	(void)fclose(out);
	conf.listen_fd = net_listen("127.0.0.1:0", false, bound, fault);
	return admin_open(&conf, fault);
}

START_TEST(test_a_token_file_without_a_token_is_refused)
{
	static const char *const bad[] = { "", "\n", "short\n", "               \n" };
	struct fault fault;
	struct admin *admin;

	for (size_t i = 0; i < COUNT(bad); i++) {
		memset(&fault, 0, sizeof fault);
		ck_assert_ptr_null(open_second(bad[i], &fault));
		ck_assert_int_eq(fault.err, RH_BAD_CONFIG);
		ck_assert_ptr_nonnull(strstr(fault.field, "second.token"));
	}
	admin = open_second("a token that somebody chose\n", &fault);
	ck_assert_ptr_nonnull(admin);
	admin_close(admin);
}
END_TEST

/* ---- what is asked ---- */

START_TEST(test_wrong_requests_are_refused_with_the_reason)
{
	static const struct expectation rows[] = {
		{ "GET", "/", NULL, 404, "GET /admin/v1 lists" },
		{ "GET", "/admin/v1/platform", NULL, 404, "error" },
		{ "GET", "/admin/v1/platforms/0", NULL, 404, "error" },
		{ "GET", "/admin/v1/platforms/x", NULL, 404, "error" },
		{ "GET", "/admin/v1/platforms/1/2", NULL, 404, "error" },
		{ "GET", "/admin/v1/platforms/99999999999", NULL, 404, "error" },
		{ "GET", "/admin/v1/platforms/7", NULL, 404, "there is no platform 7" },
		{ "DELETE", "/admin/v1/platforms/7", NULL, 404, "there is no platform 7" },
		{ "PUT", "/admin/v1/status", NULL, 405, "method" },
		{ "GET", "/admin/v1/reload", NULL, 405, "method" },
		{ "POST", "/admin/v1/platforms", "", 400, "error" },
		{ "POST", "/admin/v1/platforms", "{", 400, "error" },
		{ "POST", "/admin/v1/platforms", "[]", 400, "expected a JSON object" },
		{ "POST", "/admin/v1/platforms", "{}", 400, "name: expected" },
		{ "POST", "/admin/v1/platforms", "{\"name\":\" \"}", 400, "name: expected" },
		{ "POST", "/admin/v1/platforms", "{\"name\":\"a\\u0007b\"}", 400, "name: expected" },
		{ "POST", "/admin/v1/platforms", "{\"name\":5}", 400, "name: expected" },
		{ "POST", "/admin/v1/platforms", "{\"name\":\"a\",\"parties\":5}", 400, "parties: expected" },
		{ "POST", "/admin/v1/platforms", "{\"name\":\"a\",\"parties\":[\"DE*ABC\"]}", 400, "parties: " },
		{ "POST", "/admin/v1/platforms", "{\"name\":\"a\",\"parties\":[\"DE*ABC:ABC\"]}", 400, "parties: " },
		{ "POST", "/admin/v1/platforms", "{\"name\":\"a\",\"parties\":[\"DEABC:CPO\"]}", 400, "parties: " },
		{ "POST", "/admin/v1/platforms", "{\"name\":\"a\",\"parties\":[{}]}", 400, "parties: " },
		{ "POST", "/admin/v1/platforms", "{\"name\":\"a\",\"parties\":[\"DE*HUB:CPO\"]}", 400, "hub itself" },
		{ "POST", "/admin/v1/platforms/connect", "{\"name\":\"a\"}", 400, "versions_url: expected" },
		{ "POST", "/admin/v1/platforms/connect", "{\"name\":\"a\",\"versions_url\":\"http://a/\"}", 400, "token: " },
		{ "POST", "/admin/v1/platforms/connect", "{\"platform\":\"x\"}", 400, "platform: expected" },
		{ "POST", "/admin/v1/platforms/connect", "{\"platform\":5}", 404, "not registered" },
		{ "POST", "/admin/v1/platforms/connect",
			"{\"name\":\"a\",\"versions_url\":\"ftp://a/\",\"token\":\"t\"}", 400, "error" },
		{ "PATCH", "/admin/v1/platforms/7/settings", "{}", 400, "settings: expected" },
		{ "PATCH", "/admin/v1/platforms/7/settings", "{\"validation\":5}", 400, "settings: expected" },
		{ "GET", "/admin/v1/log", NULL, 400, "correlation_id" },
		{ "GET", "/admin/v1/log?party=x", NULL, 400, "party: expected CC*PID" },
		{ "GET", "/admin/v1/log?object=tokens/DE*ABC", NULL, 400, "object: expected" },
		{ "GET", "/admin/v1/log?party=DE*ABC&since=yesterday", NULL, 400, "since: expected" },
		{ "GET", "/admin/v1/log?party=DE*ABC&limit=0", NULL, 400, "limit: expected" },
		{ "GET", "/admin/v1/log?party=DE*ABC&limit=10001", NULL, 400, "limit: expected" },
		{ "GET", "/admin/v1/route?from=DE*ABC&to=x&module=tokens", NULL, 400, "to: expected" },
		{ "GET", "/admin/v1/route?from=DE*ABC&to=NL*XYZ&module=t", NULL, 400, "sessions, tariffs, tokens" },
		{ "POST", "/admin/v1/backup", "{\"path\":\"relative\"}", 400, "path: expected an absolute path" },
		{ "POST", "/admin/v1/backup", "{\"path\":\"/no/such/folder/x\"}", 500, "error" },
	};

	check_all(rows, COUNT(rows));
}
END_TEST

START_TEST(test_CRD_003_an_invite_has_the_token_once_and_nothing_else_has_it)
{
	struct answer invite =
		rig_ask(rig, "POST", "/admin/v1/platforms", "{\"name\":\"Charge Co\",\"parties\":[\"DE*ABC:CPO\"]}");
	static const char *const targets[] = { "/admin/v1/platforms", "/admin/v1/platforms/1", "/admin/v1/status",
		"/admin/v1/check", "/metrics" };
	struct json_doc doc;
	char *token;

	ck_assert_int_eq(invite.status, 201);
	ck_assert_int_eq(json_scan(invite.body, 100, rig->arena, &doc, NULL), RH_OK);
	token = arena_cstr(rig->arena, json_member_string(&doc, 0, "token", rig->arena));
	ck_assert_uint_ge(strlen(token), 32);
	ck_assert(has(invite, "\"platform\":1,"));
	ck_assert(has(invite, "/ocpi/versions\""));
	for (size_t i = 0; i < COUNT(targets); i++)
		ck_assert(!has(rig_ask(rig, "GET", targets[i], NULL), token));
}
END_TEST

START_TEST(test_a_platform_goes_through_its_states)
{
	static const struct expectation rows[] = {
		{ "POST", "/admin/v1/platforms", "{\"name\":\"One\",\"parties\":[\"de*abc:CPO\"]}", 201, "\"platform\":1," },
		{ "POST", "/admin/v1/platforms", "{\"name\":\"Two\",\"parties\":[\"DE*ABC:EMSP\"]}", 400,
			"belongs to another platform" },
		{ "POST", "/admin/v1/platforms", "{\"name\":\"Two\"}", 201, "\"platform\":2," },
		{ "GET", "/admin/v1/platforms", NULL, 200, "\"name\":\"One\",\"status\":\"PLANNED\",\"version\":null,"
			"\"last_contact\":null,\"roles\":[{\"country_code\":\"de\",\"party_id\":\"abc\",\"role\":\"CPO\","
			"\"status\":\"PLANNED\",\"last_updated\":\"20" },
		{ "POST", "/admin/v1/platforms/1/resume", NULL, 400, "is not suspended" },
		{ "POST", "/admin/v1/platforms/1/suspend", NULL, 200, "\"status\":\"SUSPENDED\"" },
		{ "GET", "/admin/v1/platforms/1", NULL, 200, "\"role\":\"CPO\",\"status\":\"SUSPENDED\"" },
		{ "GET", "/admin/v1/status", NULL, 200, "\"parties\":{\"PLANNED\":0,\"CONNECTED\":0,\"OFFLINE\":0,"
			"\"SUSPENDED\":1}" },
		{ "POST", "/admin/v1/platforms/1/resume", NULL, 200, "\"status\":\"PLANNED\"" },
		{ "PATCH", "/admin/v1/platforms/1/settings", "{\"validation\":\"lenient\",\"token_encoding\":\"plain\"}",
			200, "\"settings\":{\"validation\":\"lenient\",\"token_encoding\":\"plain\"}" },
		{ "PATCH", "/admin/v1/platforms/1/settings", "{\"validation\":\"none\"}", 400,
			"validation: expected strict|lenient|off" },
		{ "PATCH", "/admin/v1/platforms/1/settings", "{\"colour\":\"red\"}", 400, "colour: unknown setting" },
		{ "GET", "/admin/v1/platforms/1", NULL, 200, "\"validation\":\"lenient\",\"token_encoding\":\"plain\"" },
		{ "DELETE", "/admin/v1/platforms/1", NULL, 200, "\"status\":\"REMOVED\"" },
		{ "DELETE", "/admin/v1/platforms/1", NULL, 404, "there is no platform 1" },
		{ "GET", "/admin/v1/platforms", NULL, 200, "[{\"id\":2," },
		{ "GET", "/admin/v1/route?from=DE*ABC&to=NL*XYZ&module=tokens", NULL, 200, "\"error\":" },
	};

	check_all(rows, COUNT(rows));
}
END_TEST

START_TEST(test_a_handshake_that_fails_leaves_no_platform)
{
	struct answer answer = rig_ask(rig, "POST", "/admin/v1/platforms/connect",
		"{\"name\":\"Nobody\",\"versions_url\":\"http://127.0.0.1:9/ocpi/versions\",\"token\":\"abc\"}");

	ck_assert_int_eq(answer.status, 409);
	ck_assert(has(answer, "versions: "));
	ck_assert(!has(answer, "abc\""));
	ck_assert_str_eq(rig_ask(rig, "GET", "/admin/v1/platforms", NULL).body.p, "[]\n");
}
END_TEST

/* ---- traces ---- */

static void
put_trace(const char *correlation_id, const char *from, const char *object, const char *leg)
{
	struct store_trace row = { .at_ms = rh_wall_ms(), .correlation_id = str_of(correlation_id),
		.request_id = STR("r"), .from = str_of(from), .to = STR("NL*XYZ"), .object = str_of(object) };
	struct store_trace *copy;

	row.doc = arena_printf(rig->arena, "{\"leg\":\"%s\",\"us\":12,\"steps_us\":{\"auth\":3}}", leg);
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
	ck_assert(has(answer, "\"correlation_id\":\"one\",\"request_id\":\"r\",\"from\":\"DE*ABC\",\"to\":\"NL*XYZ\","
			      "\"object\":\"tokens/DE*ABC/0/1\",\"leg\":\"requester\",\"us\":12,"
			      "\"steps_us\":{\"auth\":3}},{"));
	ck_assert(strstr(answer.body.p, "requester") < strstr(answer.body.p, "receiver"));
	(void)await_rows("/admin/v1/log?party=fr*qrs", 1);
	(void)await_rows("/admin/v1/log?party=NL*XYZ", 3);
	(void)await_rows("/admin/v1/log?party=NL*XYZ&limit=1", 1);
	(void)await_rows("/admin/v1/log?object=tokens/de*abc/0%2F1", 2);
	(void)await_rows("/admin/v1/log?party=NL*XYZ&correlation_id=two", 1);
	(void)await_rows("/admin/v1/log?party=NL*XYZ&since=2999-01-01T00:00:00Z", 0);
	answer = rig_ask(rig, "GET", "/admin/v1/log?correlation_id=nobody", NULL);
	ck_assert_int_eq(answer.status, 200);
	ck_assert_str_eq(answer.body.p, "[]\n");
}
END_TEST

/* ---- upkeep ---- */

START_TEST(test_a_refused_reload_says_why_and_shows_in_check_until_one_is_taken_over)
{
	static const struct expectation refused[] = {
		{ "POST", "/admin/v1/reload", NULL, 422, "\"faults\":[\"hub.conf:3: [log] level: no such level\"]}" },
		{ "GET", "/admin/v1/check", NULL, 200, "\"level\":1,\"status\":\"warning\"}" },
		{ "GET", "/metrics", NULL, 200, "\nroamhub_config_last_reload_refused 1\n" },
	};
	static const struct expectation taken[] = {
		{ "POST", "/admin/v1/reload", NULL, 200, "{\"changed\":[\"log.level\"],\"needs_restart\":[\"http.listen\"]}" },
		{ "GET", "/admin/v1/check", NULL, 200, "\"level\":0,\"status\":\"ok\"}" },
		{ "GET", "/metrics", NULL, 200, "\nroamhub_config_last_reload_refused 0\n" },
		{ "GET", "/admin/v1/config", NULL, 200, "\"origin\":\"default\"}]" },
	};

	rig->verdict = RH_BAD_CONFIG;
	check_all(refused, COUNT(refused));
	rig->verdict = RH_OK;
	check_all(taken, COUNT(taken));
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
	ck_assert_int_eq(rig_ask(rig, "POST", "/admin/v1/platforms", "{\"name\":\"late\"}").status, 503);
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
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
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
		if (len > strlen(ends[i]) && str_is((struct str){ sample.p + len - strlen(ends[i]), strlen(ends[i]) }, ends[i]))
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

		ck_assert(str_starts(line, "roamhub_") || str_starts(line, "# "));
		if (str_starts(line, "# HELP ")) {
			line = str_from(line, 7);
			family = str_cut(&line, ' ');
			ck_assert_msg(table_put(families, family, &family) == NULL, "%.*s twice", STR_ARG(family));
			ck_assert_uint_gt(line.len, 0);
			continue;
		}
		name = str_starts(line, "# TYPE ") ? str_from(line, 7) : line;
		name = str_starts(line, "# ") ? str_cut(&name, ' ') : family_of(name);
		ck_assert_msg(str_eq(name, family), "%.*s stands under %.*s", STR_ARG(line), STR_ARG(family));
		samples += !str_starts(line, "# ");
	}
	ck_assert_uint_gt(samples, 80);
	ck_assert(has(answer, "\nroamhub_build_info{version=\"9.8.7\"} 1\n"));
	ck_assert(has(answer, "\nroamhub_parties{status=\"PLANNED\"} 0\n"));
	ck_assert(has(answer, "\nroamhub_module_requests_total{module=\"tokens\"} 0\n"));
	ck_assert(has(answer, "\nroamhub_message_duration_seconds_bucket{le=\"+Inf\"} 0\n"));
	table_free(families);
}
END_TEST

START_TEST(test_messages_count_in_the_histogram_and_by_error)
{
	struct answer answer;
	struct net_header header = { STR("Authorization"), STR("Token YWJj") };
	struct net_call call = { .method = STR("GET"), .target = STR("/ocpi/versions"), .headers = &header,
		.header_count = 1, .deadline_ms = rh_mono_ms() + 60000, .max_answer = 65536, .arena = rig->arena };

	call.origin = arena_printf(rig->arena, "http://%s", hub_address(rig->hub));
	rig_call(rig, &call);
	ck_assert_int_eq(call.status, 401);
	answer = rig_ask(rig, "GET", "/metrics", NULL);
	ck_assert(has(answer, "\nroamhub_message_duration_seconds_count 1\n"));
	ck_assert(has(answer, "\nroamhub_refusals_total{error=\"UNKNOWN_TOKEN\"} 1\n"));
	ck_assert(has(answer, "\nroamhub_requests_total 1\n"));
}
END_TEST

/* ---- the end ---- */

START_TEST(test_requests_under_way_are_answered_before_the_end)
{
	struct net_call calls[20] = { 0 };
	size_t created = 0;

	for (size_t i = 0; i < COUNT(calls); i++)
		rig_begin(rig, &calls[i], "POST", "/admin/v1/platforms", "{\"name\":\"at the last moment\"}");
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

static void
add_cases(TCase *cases)
{
	tcase_set_timeout(cases, 120);
	tcase_add_checked_fixture(cases, setup, teardown);
	tcase_add_test(cases, test_only_the_token_opens_the_api);
	tcase_add_test(cases, test_health_and_metrics_need_no_token);
	tcase_add_test(cases, test_every_verb_of_the_table_asks_for_the_token_but_the_open_ones);
	tcase_add_test(cases, test_the_token_file_is_the_owners_alone_and_stays);
	tcase_add_test(cases, test_a_token_file_without_a_token_is_refused);
	tcase_add_test(cases, test_wrong_requests_are_refused_with_the_reason);
	tcase_add_test(cases, test_CRD_003_an_invite_has_the_token_once_and_nothing_else_has_it);
	tcase_add_test(cases, test_a_platform_goes_through_its_states);
	tcase_add_test(cases, test_a_handshake_that_fails_leaves_no_platform);
	tcase_add_test(cases, test_traces_are_found_by_id_party_and_object);
	tcase_add_test(cases, test_a_refused_reload_says_why_and_shows_in_check_until_one_is_taken_over);
	tcase_add_test(cases, test_a_backup_is_a_file_of_its_own_and_replaces_none);
	tcase_add_test(cases, test_ready_names_each_check_with_its_reason);
	tcase_add_test(cases, test_a_second_of_ready_questions_costs_one_commit);
	tcase_add_test(cases, test_while_draining_the_api_refuses_and_ready_says_why);
	tcase_add_test(cases, test_metrics_are_families_with_help_type_and_samples);
	tcase_add_test(cases, test_messages_count_in_the_histogram_and_by_error);
	tcase_add_test(cases, test_requests_under_way_are_answered_before_the_end);
}

int
main(void)
{
	Suite *suite = suite_create("admin");
	TCase *cases = tcase_create("api");
	SRunner *runner;
	int failed;

	add_cases(cases);
	suite_add_tcase(suite, cases);
	runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
