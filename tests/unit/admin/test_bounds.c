/* unit tests of the admin API: what is asked of many is answered in pieces, with other work
 * between, and tells what it leaves out. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../../src/admin/inside.h"
#include "../suite.h"
#include "one_rig.h"

enum { PARKED = 9000, CERTIFICATES = 150, LARGE = 3 << 20 };

/* ---- what is parked ---- */

static void
park_many(int64_t since_ms)
{
	struct store_parked *rows = arena_alloc(rig->arena, PARKED * sizeof *rows);

	for (size_t i = 0; i < PARKED; i++)
		rows[i] = (struct store_parked){
			.receiver = i % 3 == 0 ? STR("platform/1") : STR("platform/2"),
			.to = STR("NL*MSP"),
			.key = { STR("*"), i % 1000 == 999 ? STR("tariffs") : STR("locations"),
			        STR("DE*CPO"), arena_printf(rig->arena, "L%zu", i), STR("") },
			.kind = PARKED_FAILED,
			.since_ms = since_ms,
			.due_ms = since_ms + (int64_t)i,
			.why = STR("HTTP 500"),
		};
	put_parked(rows, PARKED);
}

/* Both come at once: who asks for little is not kept waiting by who asks for much. */
static void
check_answered_before(struct net_call *much)
{
	struct net_call little = { 0 };

	rig_begin(rig, &little, "GET", "/healthz", NULL);
	while (little.status == 0)
		net_loop_turn(hub_loop(rig->hub), 1000);
	ck_assert_int_eq(little.status, 200);
	ck_assert_int_eq(much->status, 0);
	while (net_client_calls(rig->client) > 0)
		net_loop_turn(hub_loop(rig->hub), 1000);
	ck_assert_int_eq(much->status, 200);
}

START_TEST(test_what_is_parked_is_counted_in_slices_and_once_for_all)
{
	struct net_call call = { 0 };
	struct answer answer;

	invite(1);
	park_many(rh_schedule_ms() - 120 * 1000);
	rig_begin(rig, &call, "GET", "/metrics", NULL);
	check_answered_before(&call);
	ck_assert_ptr_nonnull(strstr(
	        arena_cstr(rig->arena, call.answer), "\nroamhub_push_parked_objects 9000\n"));
	ck_assert_uint_eq(census_of(rig->admin->census, 1)->by[PARKED_FAILED][1], 3000);
	ck_assert_uint_eq(census_of(rig->admin->census, 2)->by[PARKED_FAILED][1], 6000);
	ck_assert_uint_eq(census_of(rig->admin->census, 3)->by[PARKED_FAILED][1], 0);
	answer = rig_ask(rig, "GET", "/admin/v1/push?buckets=true", NULL);
	ck_assert_int_eq(answer.status, 200);
}
END_TEST

/* Nine of 9,000, of which the first is the thousandth: more than one look finds them. */
START_TEST(test_a_redrive_shows_what_is_chosen_among_many)
{
	struct answer answer;

	invite(1);
	(void)rig_ask(rig, "POST", "/admin/v1/platforms", "{\"name\":\"Two\"}");
	park_many(1600000000000);
	answer = rig_ask(
	        rig, "POST", "/admin/v1/push/redrive", "{\"module\":\"tariffs\",\"dry_run\":true}");
	ck_assert_int_eq(answer.status, 200);
	ck_assert(has(answer, "\"count\":9,\"more\":false,"));
	ck_assert(has(answer, "\"id\":\"L999\""));
	ck_assert(has(answer, "\"id\":\"L8999\""));
}
END_TEST

/* ---- certificates ---- */

static void
write_many(const char *path)
{
	FILE *in = fopen(TLS_DATA "/certificate.pem", "re"), *out = fopen(path, "we");
	char pem[65536];
	size_t len;

	ck_assert_ptr_nonnull(in);
	ck_assert_ptr_nonnull(out);
	len = fread(pem, 1, sizeof pem, in);
	for (int i = 0; i < CERTIFICATES; i++)
		ck_assert_uint_eq(fwrite(pem, 1, len, out), len);
	(void)fprintf(out, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
	(void)fclose(in);
	(void)fclose(out);
}

START_TEST(test_certificates_come_in_pages_and_one_that_is_broken_hides_no_other)
{
	static const struct expectation rows[] = {
		{ "GET", "/admin/v1/certificates", NULL, 200, "\"number\":100,\"of\":151}]" },
		{ "GET", "/admin/v1/certificates?after=100", NULL, 200,
		        "\"number\":101,\"of\":151}" },
		{ "GET", "/admin/v1/certificates?after=100", NULL, 200,
		        "\"status\":\"unreadable\",\"why\":" },
		{ "GET", "/admin/v1/certificates?after=100", NULL, 200,
		        "\"number\":151,\"of\":151}]" },
		{ "GET", "/admin/v1/certificates?after=149&limit=1", NULL, 200,
		        "\"status\":\"good\",\"number\":150,\"of\":151}]" },
		{ "GET", "/admin/v1/certificates?after=151", NULL, 200, "[]" },
		{ "GET", "/admin/v1/certificates?limit=0", NULL, 400, "limit: expected 1 to 100" },
		{ "GET", "/admin/v1/certificates?after=x", NULL, 400, "after: expected a number" },
	};
	char path[128];

	(void)snprintf(path, sizeof path, "%s/many.pem", rig->dir);
	write_many(path);
	rig->settings.ca_file = rh_strdup(path);
	check_all(rig, rows, COUNT(rows));
}
END_TEST

/* ---- bodies ---- */

START_TEST(test_a_document_may_be_large_and_nothing_else)
{
	static const char head[] = "{\"document\":{\"x\":\"", tail[] = "\"}}";
	char *body = arena_alloc(rig->arena, LARGE + sizeof head + sizeof tail), *at;
	struct answer answer;

	at = stpcpy(body, head);
	memset(at, 'x', LARGE);
	(void)stpcpy(at + LARGE, tail);
	answer = rig_ask(rig, "POST", "/admin/v1/import", body);
	ck_assert_int_eq(answer.status, 400);
	ck_assert(has(answer, "format: expected a document of roamhubctl export"));
	ck_assert_int_eq(rig_ask(rig, "POST", "/admin/v1/platforms", body).status, 413);
	ck_assert_int_eq(
	        rig_ask_as(rig, "Bearer nobody's token, as it is", "POST", "/admin/v1/import", body)
	                .status,
	        413);
}
END_TEST

/* ---- the store's trouble ---- */

START_TEST(test_trouble_begins_with_what_fails_and_is_over_after_a_quiet_minute)
{
	static const struct {
		uint64_t failures;
		int64_t at_s;
		enum trouble_news news;
	} looks[] = {
		{ 3, 0, TROUBLE_NONE },
		{ 4, 5, TROUBLE_BEGAN },
		{ 9, 10, TROUBLE_NONE },
		{ 9, 65, TROUBLE_NONE },
		{ 10, 69, TROUBLE_NONE },
		{ 10, 128, TROUBLE_NONE },
		{ 10, 129, TROUBLE_OVER },
		{ 10, 500, TROUBLE_NONE },
		{ 9, 505, TROUBLE_NONE },
		{ 9, 510, TROUBLE_NONE },
		{ 10, 515, TROUBLE_BEGAN },
	};
	struct trouble trouble = { .seen = 3 };

	for (size_t i = 0; i < COUNT(looks); i++)
		ck_assert_msg(trouble_look(&trouble, looks[i].failures, looks[i].at_s * 1000) ==
		                      looks[i].news,
		        "look %zu", i);
}
END_TEST

/* An operation that failed, and nobody was told so. */
static void
fail_one(void)
{
	struct store_op op = { .verb = STORE_BACKUP, .u.backup.path = "/nowhere/at/all" };

	ck_assert_int_ne(store_do(&op), RH_OK);
	lapses_look(rig->admin);
	while (rig->admin->trouble.running)
		net_loop_turn(hub_loop(rig->hub), 1000);
}

START_TEST(test_trouble_of_the_store_is_written_down)
{
	struct store_stats stats;
	struct answer answer;

	fail_one();
	answer = rig_ask(rig, "GET", "/admin/v1/events?types=store.trouble", NULL);
	ck_assert(has(answer, "\"what\":\"fails\",\"subject\":\"store\",\"since\":\"20"));
	ck_assert(has(answer, "\"failed\":1"));
	fail_one();
	ck_assert_str_eq(rig_ask(rig, "GET", "/admin/v1/events?types=store.trouble", NULL).body.p,
	        answer.body.p);
	store_stats(hub_store(rig->hub), &stats);
	trouble_tick(&rig->admin->trouble, &stats, rig->admin->trouble.seen,
	        rig->admin->trouble.last_ms + 60 * 1000);
	while (rig->admin->trouble.running)
		net_loop_turn(hub_loop(rig->hub), 1000);
	answer = rig_ask(rig, "GET", "/admin/v1/events?types=store.trouble", NULL);
	ck_assert(has(answer, "\"what\":\"works again\""));
	ck_assert(has(answer, "\"failed\":2"));
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		test_what_is_parked_is_counted_in_slices_and_once_for_all,
		test_a_redrive_shows_what_is_chosen_among_many,
		test_certificates_come_in_pages_and_one_that_is_broken_hides_no_other,
		test_a_document_may_be_large_and_nothing_else,
		test_trouble_begins_with_what_fails_and_is_over_after_a_quiet_minute,
		test_trouble_of_the_store_is_written_down,
	};

	return suite_run_tests("admin-bounds", tests, COUNT(tests), one_rig, one_rig_end);
}
