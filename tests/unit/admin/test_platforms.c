/* unit tests of the admin API: who may ask, and what the operator does to platforms. */
#include <string.h>
#include <sys/stat.h>

#include "../suite.h"
#include "one_rig.h"

/* ---- who may ask ---- */

START_TEST(test_only_the_token_opens_the_api)
{
	char other[160], longer[200];
	const char *const refused[] = { NULL, "", "Bearer", "Bearer ", "Bearer x", "Token abc",
		other, longer, rig->authorization + strlen("Bearer ") };
	struct answer answer;

	(void)snprintf(other, sizeof other, "%s", rig->authorization);
	other[strlen(other) - 1] ^= 1;
	(void)snprintf(longer, sizeof longer, "%sx", rig->authorization);
	for (size_t i = 0; i < COUNT(refused); i++) {
		answer = rig_ask_as(rig, refused[i], "GET", "/admin/v1/status", NULL);
		ck_assert_msg(answer.status == 401 && has(answer, "{\"error\":"), "%s: %d",
		        refused[i], answer.status);
		answer = rig_ask_as(rig, refused[i], "GET", "/nothing/here", NULL);
		ck_assert_int_eq(answer.status, 401);
		answer = rig_ask_as(
		        rig, refused[i], "POST", "/admin/v1/platforms", "{\"name\":\"x\"}");
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
	static const char *const targets[] = { "/healthz", "/readyz", "/metrics", "/metrics/",
		"/readyz?x=1" };

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
		char *target =
		        arena_cstr(rig->arena, json_member_string(&doc, at, "path", rig->arena));
		char *method =
		        arena_cstr(rig->arena, json_member_string(&doc, at, "method", rig->arena));
		bool token = doc.nodes[json_member(&doc, at, "needs_token")].type == JSON_TRUE;
		char *id = strstr(target, "{id}");

		if (id != NULL)
			memset(id, '1', sizeof "{id}" - 1);
		if (strcmp(target, "/admin/v1/login") == 0)
			continue; /* it is where a token is shown: test_views.c */
		answer = rig_ask_as(rig, "Bearer wrong", method, target,
		        strcmp(method, "GET") != 0 ? "{}" : NULL);
		ck_assert_msg((answer.status == 401) == token, "%s %s: %d", method, target,
		        answer.status);
		open += !token;
	}
	ck_assert_uint_eq(open, 5);
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
	struct admin_conf conf = {
		.hub = rig->hub, .version = "1", .portal_fd = -1, .token_file = path
	};
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
		{ "GET", "/nothing", NULL, 404, "GET /admin/v1 lists" },
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
		{ "POST", "/admin/v1/platforms", "{\"name\":\"a\\u0007b\"}", 400,
		        "name: expected" },
		{ "POST", "/admin/v1/platforms", "{\"name\":5}", 400, "name: expected" },
		{ "POST", "/admin/v1/platforms", "{\"name\":\"a\",\"parties\":5}", 400,
		        "parties: expected" },
		{ "POST", "/admin/v1/platforms", "{\"name\":\"a\",\"parties\":[\"DE*ABC\"]}", 400,
		        "parties: " },
		{ "POST", "/admin/v1/platforms", "{\"name\":\"a\",\"parties\":[\"DE*ABC:ABC\"]}",
		        400, "parties: " },
		{ "POST", "/admin/v1/platforms", "{\"name\":\"a\",\"parties\":[\"DEABC:CPO\"]}",
		        400, "parties: " },
		{ "POST", "/admin/v1/platforms", "{\"name\":\"a\",\"parties\":[{}]}", 400,
		        "parties: " },
		{ "POST", "/admin/v1/platforms", "{\"name\":\"a\",\"parties\":[\"DE*HUB:CPO\"]}",
		        400, "hub itself" },
		{ "POST", "/admin/v1/platforms/connect", "{\"name\":\"a\"}", 400,
		        "versions_url: expected" },
		{ "POST", "/admin/v1/platforms/connect",
		        "{\"name\":\"a\",\"versions_url\":\"http://a/\"}", 400, "token: " },
		{ "POST", "/admin/v1/platforms/connect", "{\"platform\":\"x\"}", 400,
		        "platform: expected" },
		{ "POST", "/admin/v1/platforms/connect", "{\"platform\":5}", 404,
		        "not registered" },
		{ "POST", "/admin/v1/platforms/connect",
		        "{\"name\":\"a\",\"versions_url\":\"ftp://a/\",\"token\":\"t\"}", 400,
		        "error" },
		{ "PATCH", "/admin/v1/platforms/7/settings", "{}", 400, "settings: expected" },
		{ "PATCH", "/admin/v1/platforms/7/settings", "{\"validation\":5}", 400,
		        "settings: expected" },
		{ "GET", "/admin/v1/log", NULL, 400, "correlation_id" },
		{ "GET", "/admin/v1/log?platform=DE*ABC", NULL, 400, "platform: expected the id" },
		{ "GET", "/admin/v1/log?module=token", NULL, 400, "module: expected one of" },
		{ "GET", "/admin/v1/log?module=token", NULL, 400, "tokens" },
		{ "GET", "/admin/v1/log?outcome=bad", NULL, 400,
		        "outcome: expected one of ok, unauthorised, refused_by_hub, "
		        "refused_by_partner, partner_failed, unreachable, late, hub_failed, or "
		        "failed for all but ok" },
		{ "GET", "/admin/v1/log?party=DE*ABC&until=tomorrow", NULL, 400,
		        "until: expected a date" },
		{ "GET", "/admin/v1/log?party=x", NULL, 400, "party: expected CC*PID" },
		{ "GET", "/admin/v1/log?object=tokens/DE*ABC", NULL, 400, "object: expected" },
		{ "GET", "/admin/v1/log?party=DE*ABC&since=yesterday", NULL, 400,
		        "since: expected" },
		{ "GET", "/admin/v1/log?party=DE*ABC&limit=0", NULL, 400, "limit: expected" },
		{ "GET", "/admin/v1/log?party=DE*ABC&limit=10001", NULL, 400, "limit: expected" },
		{ "GET", "/admin/v1/route?from=DE*ABC&to=x&module=tokens", NULL, 400,
		        "to: expected" },
		{ "GET", "/admin/v1/route?from=DE*ABC&to=NL*XYZ&module=t", NULL, 400,
		        "sessions, tariffs, tokens" },
	};

	check_all(rig, rows, COUNT(rows));
}
END_TEST

START_TEST(test_wrong_copies_are_refused_with_the_reason)
{
	static const struct expectation rows[] = {
		{ "POST", "/admin/v1/export", "{\"key\":\"c2hvcnQ=\"}", 400,
		        "key: expected 32 bytes" },
		{ "POST", "/admin/v1/export", "{\"key\":1}", 400, "key: expected a string" },
		{ "POST", "/admin/v1/import", "{}", 400, "document: expected" },
		{ "POST", "/admin/v1/import", "{\"document\":{}}", 400, "format: expected" },
		{ "POST", "/admin/v1/import", "{\"document\":{},\"dry_run\":1}", 400,
		        "dry_run: expected true or false" },
		{ "POST", "/admin/v1/backup", "{\"path\":\"relative\"}", 400,
		        "path: expected an absolute path" },
		{ "POST", "/admin/v1/backup", "{\"path\":\"/no/such/folder/x\"}", 500, "error" },
	};

	check_all(rig, rows, COUNT(rows));
}
END_TEST

START_TEST(test_CRD_003_an_invite_has_the_token_once_and_nothing_else_has_it)
{
	struct answer invite = rig_ask(rig, "POST", "/admin/v1/platforms",
	        "{\"name\":\"Charge Co\",\"parties\":[\"DE*ABC:CPO\"]}");
	static const char *const targets[] = { "/admin/v1/platforms", "/admin/v1/platforms/1",
		"/admin/v1/status", "/admin/v1/check", "/metrics" };
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
		{ "POST", "/admin/v1/platforms", "{\"name\":\"One\",\"parties\":[\"de*abc:CPO\"]}",
		        201, "\"platform\":1," },
		{ "POST", "/admin/v1/platforms", "{\"name\":\"Two\",\"parties\":[\"DE*ABC:EMSP\"]}",
		        400, "belongs to another platform" },
		{ "POST", "/admin/v1/platforms", "{\"name\":\"Two\"}", 201, "\"platform\":2," },
		{ "GET", "/admin/v1/platforms", NULL, 200,
		        "\"name\":\"One\",\"status\":\"PLANNED\",\"version\":null,"
		        "\"last_contact\":null,\"roles\":[{\"country_code\":\"de\",\"party_id\":"
		        "\"abc\",\"role\":\"CPO\","
		        "\"status\":\"PLANNED\",\"last_updated\":\"20" },
		{ "POST", "/admin/v1/platforms/1/resume", NULL, 400, "is not suspended" },
		{ "POST", "/admin/v1/platforms/1/suspend", NULL, 200, "\"status\":\"SUSPENDED\"" },
		{ "GET", "/admin/v1/route?from=DE*ABC&to=DE*ABC&module=tokens", NULL, 200,
		        "{\"flow\":\"refused\",\"rule\":\"the sending platform is "
		        "SUSPENDED\",\"error\":\"403\"}" },
		{ "GET", "/admin/v1/platforms/1", NULL, 200,
		        "\"role\":\"CPO\",\"status\":\"SUSPENDED\"" },
		{ "GET", "/admin/v1/status", NULL, 200,
		        "\"parties_by_status\":{\"PLANNED\":0,\"CONNECTED\":0,\"OFFLINE\":0,"
		        "\"SUSPENDED\":1}" },
		{ "POST", "/admin/v1/platforms/1/resume", NULL, 200, "\"status\":\"PLANNED\"" },
		{ "PATCH", "/admin/v1/platforms/1/settings",
		        "{\"validation\":\"lenient\",\"token_encoding\":\"plain\"}", 200,
		        "\"settings\":{\"validation\":\"lenient\",\"token_encoding\":\"plain\"}" },
		{ "PATCH", "/admin/v1/platforms/1/settings", "{\"validation\":\"none\"}", 400,
		        "validation: expected strict|lenient|off" },
		{ "PATCH", "/admin/v1/platforms/1/settings", "{\"colour\":\"red\"}", 400,
		        "colour: unknown setting" },
		{ "GET", "/admin/v1/platforms/1", NULL, 200,
		        "\"validation\":\"lenient\",\"token_encoding\":\"plain\"" },
		{ "DELETE", "/admin/v1/platforms/1", NULL, 200, "\"status\":\"REMOVED\"" },
		{ "DELETE", "/admin/v1/platforms/1", NULL, 404, "there is no platform 1" },
		{ "GET", "/admin/v1/platforms", NULL, 200, "[{\"id\":2," },
		{ "GET", "/admin/v1/route?from=DE*ABC&to=NL*XYZ&module=tokens", NULL, 200,
		        "\"error\":" },
	};

	check_all(rig, rows, COUNT(rows));
}
END_TEST

START_TEST(test_a_handshake_that_fails_leaves_no_platform)
{
	struct answer answer = rig_ask(rig, "POST", "/admin/v1/platforms/connect",
	        "{\"name\":\"Nobody\",\"versions_url\":\"http://127.0.0.1:9/ocpi/"
	        "versions\",\"token\":\"abc\"}");

	ck_assert_int_eq(answer.status, 409);
	ck_assert(has(answer, "versions: "));
	ck_assert(!has(answer, "abc\""));
	ck_assert_str_eq(rig_ask(rig, "GET", "/admin/v1/platforms", NULL).body.p, "[]\n");
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		test_only_the_token_opens_the_api,
		test_health_and_metrics_need_no_token,
		test_every_verb_of_the_table_asks_for_the_token_but_the_open_ones,
		test_the_token_file_is_the_owners_alone_and_stays,
		test_a_token_file_without_a_token_is_refused,
		test_wrong_requests_are_refused_with_the_reason,
		test_wrong_copies_are_refused_with_the_reason,
		test_CRD_003_an_invite_has_the_token_once_and_nothing_else_has_it,
		test_a_platform_goes_through_its_states,
		test_a_handshake_that_fails_leaves_no_platform,
	};

	return suite_run_tests("admin-platforms", tests, COUNT(tests), one_rig, one_rig_end);
}
