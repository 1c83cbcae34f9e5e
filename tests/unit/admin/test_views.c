/* unit tests of the admin API: what lists, charts and pages are made of. */
#include "roamhub/tree.h" /* before what includes ocpi.h */

#include "../suite.h"
#include "one_rig.h"

#include <stdlib.h>

START_TEST(test_a_platform_says_since_when_and_why)
{
	struct answer answer;

	invite(1);
	answer = rig_ask(rig, "GET", "/admin/v1/platforms", NULL);
	ck_assert(has(answer, "\"since\":\"20"));
	ck_assert(has(answer, "\"reason\":\"invited, did not register yet\",\"recent\":null"));
	ck_assert(has(rig_ask(rig, "GET", "/admin/v1/platforms/1", NULL), "\"reason\":\"invited"));
}
END_TEST

START_TEST(test_platforms_are_listed_page_by_page_and_by_what_is_asked_for)
{
	static const struct expectation rows[] = {
		{ "GET", "/admin/v1/platforms?limit=1", NULL, 200, "[{\"id\":1," },
		{ "GET", "/admin/v1/platforms?limit=1&after=1", NULL, 200, "[{\"id\":2," },
		{ "GET", "/admin/v1/platforms?limit=9&after=2", NULL, 200, "[{\"id\":3," },
		{ "GET", "/admin/v1/platforms?after=3", NULL, 200, "[]" },
		{ "GET", "/admin/v1/platforms?text=TWO", NULL, 200, "[{\"id\":2," },
		{ "GET", "/admin/v1/platforms?text=nl*msp", NULL, 200, "[{\"id\":3," },
		{ "GET", "/admin/v1/platforms?text=%25", NULL, 200, "[]" },
		{ "GET", "/admin/v1/platforms?status=OFFLINE", NULL, 200, "[]" },
		{ "GET", "/admin/v1/platforms?status=PLANNED&limit=1", NULL, 200, "[{\"id\":1," },
		{ "GET", "/admin/v1/platforms?limit=0", NULL, 400, "limit: expected 1 to 1000" },
		{ "GET", "/admin/v1/platforms?limit=1001", NULL, 400, "limit: expected 1 to 1000" },
		{ "GET", "/admin/v1/platforms?after=x", NULL, 400, "after: expected the id" },
	};

	invite(1);
	(void)rig_ask(rig, "POST", "/admin/v1/platforms", "{\"name\":\"Two of two\"}");
	(void)rig_ask(rig, "POST", "/admin/v1/platforms",
	        "{\"name\":\"Three\",\"parties\":[\"NL*MSP:EMSP\"]}");
	check_all(rig, rows, COUNT(rows));
	ck_assert(!has(rig_ask(rig, "GET", "/admin/v1/platforms?limit=1", NULL), "\"id\":2"));
}
END_TEST

/* Steps of handshakes, "SECOND TRY BY TOKEN END URL", as processes wrote them down, and the tries
 * that are told: who began each, its steps, a point behind the end. */
static const struct {
	const char *steps[8], *told;
} stories[] = {
	{ { "1 1 platform A - a", "2 1 hub - - b", "3 1 platform A end c" }, "platform abc." },
	{ { "1 1 platform A end a", "2 2 platform A end b" }, "platform a. platform b." },
	/* it came to two, and once more to the one that did not see the end */
	{ { "1 1 platform A - a", "2 2 platform A - b", "3 1 platform A end c",
	          "9 2 platform A - d", "10 2 platform A end e" },
	        "platform abc. platform de." },
	{ { "1 1 platform A - a", "3601 2 platform A - b" }, "platform a platform b" },
	/* the hub began it, and is called at another process meanwhile */
	{ { "1 1 hub - - a", "2 2 platform new - b", "3 1 hub - end c", "4 3 platform new - d" },
	        "hub abc. platform d" },
	/* that one died in it: later steps are not its own */
	{ { "1 1 hub - - a", "4000 2 platform A - b", "4001 3 platform new - c" },
	        "hub a platform bc" },
	{ { "1 1 hub - - a", "2 2 platform A - b", "3 3 platform new - c" }, "hub a platform bc" },
	/* of what came to the database the wrong way round */
	{ { "2.5 1 platform A end b", "2 2 platform A - a" }, "platform ab." },
	{ { "9 1 platform A end b", "2 2 platform A - a" }, "platform b. platform a" },
};

static void
write_down(int64_t platform, const char *step)
{
	char id[8], by[16], token[8], end[8], url[8], data[256];
	double at_s;
	struct store_event event = { .type = STR("handshake.step"), .platform = platform };
	struct store_op op = { .verb = STORE_EVENT_PUT, .u.event.event = &event };

	ck_assert_int_eq(
	        sscanf(step, "%lf %7s %15s %7s %7s %7s", &at_s, id, by, token, end, url), 6);
	(void)snprintf(data, sizeof data,
	        "{\"try\":\"%s\",\"by\":\"%s\",\"token\":\"%s token, raw\",\"end\":%s,"
	        "\"ok\":true,\"url\":\"%s\"}",
	        id, by, token, strcmp(end, "end") == 0 ? "true" : "false", url);
	event.at_ms = 1700000000000 + (int64_t)(at_s * 1000);
	event.data = str_of(data);
	ck_assert_int_eq(store_do(&op), RH_OK);
}

/* As in stories. */
static void
tell(const json_t *tries, char *told, size_t size)
{
	json_t *one, *step;
	size_t at, i, used = 0;

	told[0] = '\0';
	json_array_foreach(tries, at, one)
	{
		used += (size_t)snprintf(told + used, size - used, "%s%s ", at > 0 ? " " : "",
		        json_string_value(json_object_get(one, "by")));
		json_array_foreach(json_object_get(one, "steps"), i, step) used +=
		        (size_t)snprintf(told + used, size - used, "%s",
		                json_string_value(json_object_get(step, "url")));
		if (!json_is_null(json_object_get(one, "ended")))
			used += (size_t)snprintf(told + used, size - used, ".");
	}
}

START_TEST(test_a_handshake_is_told_as_one_whoever_noted_it)
{
	char target[64], told[256];

	invite(COUNT(stories));
	for (size_t i = 0; i < COUNT(stories); i++) {
		json_t *tree;

		for (size_t k = 0; stories[i].steps[k] != NULL; k++)
			write_down((int64_t)i + 1, stories[i].steps[k]);
		(void)snprintf(target, sizeof target, "/admin/v1/platforms/%zu/handshakes", i + 1);
		tree = tree_read(rig_ask(rig, "GET", target, NULL).body, NULL);
		tell(json_object_get(tree, "tries"), told, sizeof told);
		ck_assert_str_eq(told, stories[i].told);
		tree_drop(&tree);
	}
}
END_TEST

START_TEST(test_a_series_is_shown_by_metric)
{
	static const struct expectation rows[] = {
		{ "GET", "/admin/v1/series?metric=requests&window=30", NULL, 200,
		        "\"unit\":\"1/s\",\"platform\":null,\"step_s\":10" },
		{ "GET", "/admin/v1/series?metric=requests&window=30", NULL, 200,
		        "\"series\":{\"in\":[null,null,null],\"out\":[null,null,null]}" },
		{ "GET", "/admin/v1/series?metric=latency&window=60&step=30", NULL, 200,
		        "\"in_p50\":[null,null],\"in_p99\":[null,null],\"out_p50\"" },
		{ "GET", "/admin/v1/series", NULL, 400, "metric: expected requests" },
		{ "GET", "/admin/v1/series?metric=errors&window=5", NULL, 400, "window: " },
		{ "GET", "/admin/v1/series?metric=errors&window=3601", NULL, 400, "window: " },
		{ "GET", "/admin/v1/series?metric=errors&window=60&step=61", NULL, 400, "step: " },
		{ "GET", "/admin/v1/series?metric=errors&platform=x", NULL, 400, "platform: " },
		{ "GET", "/admin/v1/series?metric=errors&platform=7", NULL, 404, "no platform 7" },
	};

	check_all(rig, rows, COUNT(rows));
}
END_TEST

START_TEST(test_certificates_are_shown_with_the_days_that_are_left)
{
	static const struct expectation none[] = {
		{ "GET", "/admin/v1/certificates", NULL, 200, "[]" },
	};
	static const struct expectation one[] = {
		{ "GET", "/admin/v1/certificates", NULL, 200,
		        "[{\"use\":\"authority\",\"setting\":\"egress.ca_file\",\"file\":"
		        "\"" TLS_DATA "/certificate.pem\",\"subject\":\"CN=roamhub test\"," },
		{ "GET", "/admin/v1/certificates", NULL, 200, "\"names\":[\"127.0.0.1\"]," },
		{ "GET", "/admin/v1/certificates", NULL, 200, "\"days_left\":3" },
		{ "GET", "/admin/v1/certificates", NULL, 200,
		        "\"status\":\"good\",\"number\":1,\"of\":1}]" },
	};
	static const struct expectation broken[] = {
		{ "GET", "/admin/v1/certificates", NULL, 200,
		        "\"status\":\"unreadable\",\"why\":\"No such file or "
		        "directory\",\"number\":1,\"of\":1}]" },
	};
	check_all(rig, none, COUNT(none));
	rig->settings.ca_file = rh_strdup(TLS_DATA "/certificate.pem");
	check_all(rig, one, COUNT(one));
	free(rig->settings.ca_file);
	rig->settings.ca_file = rh_strdup(TLS_DATA "/missing.pem");
	check_all(rig, broken, COUNT(broken));
}
END_TEST

START_TEST(test_the_console_is_files_of_ours)
{
	static const struct expectation rows[] = {
		{ "GET", "/", NULL, 200, "<script type=\"module\" src=\"/console/console.js\"" },
		{ "GET", "/console/dom.js", NULL, 200, "createTextNode" },
		{ "GET", "/console/nothing.js", NULL, 404, "no such file" },
		{ "GET", "/console/..%2Fapi.c", NULL, 404, "no such" },
		{ "POST", "/admin/v1/login", "{\"token\":\"wrong wrong wrong\"}", 401,
		        "this is no token of this hub" },
		{ "POST", "/admin/v1/login", "{}", 401, "this is no token of this hub" },
		{ "GET", "/admin/v1/login", NULL, 200, "{\"who\":null}" },
		{ "POST", "/admin/v1/logout", NULL, 200, "{}" },
	};

	check_all(rig, rows, COUNT(rows));
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		test_a_platform_says_since_when_and_why,
		test_platforms_are_listed_page_by_page_and_by_what_is_asked_for,
		test_a_handshake_is_told_as_one_whoever_noted_it,
		test_a_series_is_shown_by_metric,
		test_certificates_are_shown_with_the_days_that_are_left,
		test_the_console_is_files_of_ours,
	};

	return suite_run_tests("admin-views", tests, COUNT(tests), one_rig, one_rig_end);
}
