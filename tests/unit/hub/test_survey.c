/* test_survey: each rule of `party check` as a table: an answer, and what is found in it. */
#include "../suite.h"
#include "survey_rows.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- an answer ---- */

static struct arena *arena;
static const struct party parties[] = { { .id = { "DE", "CPO" }, .role = ROLE_CPO } };
static struct endpoint endpoints[] = { { .module = { "tariffs", 7 },
	.interface = IFACE_SENDER,
	.url = { "https://p.example/x", 19 },
	.origin = { "https://p.example:443", 21 } } };
static const struct platform platform = { .parties = (struct party *)(uintptr_t)parties,
	.party_count = 1,
	.endpoints = endpoints,
	.endpoint_count = 1 };

static const char *const names[SEEN_COUNT] = {
	[OUT_LINK] = "Link",
	[OUT_LOCATION] = "Location",
	[OUT_TOTAL_COUNT] = "X-Total-Count",
	[OUT_LIMIT] = "X-Limit",
	[OUT_RETRY_AFTER] = "Retry-After",
	[SEEN_CONTENT_TYPE] = "Content-Type",
	[SEEN_CONTENT_ENCODING] = "Content-Encoding",
	[SEEN_CONNECTION] = "Connection",
	[SEEN_REQUEST_ID] = "X-Request-ID",
	[SEEN_CORRELATION_ID] = "X-Correlation-ID",
	[SEEN_FROM_COUNTRY] = "OCPI-from-country-code",
	[SEEN_FROM_PARTY] = "OCPI-from-party-id",
};

static void
set_headers(struct net_call *net, const char *text)
{
	struct str left = str_of(text);

	while (left.len > 0) {
		struct str value = str_cut(&left, '\n'), name = str_cut(&value, ':');
		bool known = false;

		for (size_t i = 0; i < COUNT(names); i++)
			if (names[i] != NULL && str_is(name, names[i])) {
				net->header[i] = value.p != NULL ? str_trim(value) : STR("");
				known = true;
			}
		ck_assert_msg(known, "%s", text);
	}
}

static void
make_call(struct partner_call *call, const struct row *row)
{
	struct fault fault = { 0 };

	call->request_id = STR("r-1");
	call->correlation_id = STR("c-1");
	call->net = (struct net_call){ .method = STR("GET"),
		.origin = STR("https://p.example"),
		.target = STR("/x/?limit=1"),
		.result = row->net,
		.status = row->http,
		.answer = str_of(row->body),
		.connected_anew = row->anew,
		.arena = arena };
	call->redirected_from = str_of(row->redirected);
	set_headers(&call->net, row->headers);
	call->result = row->net != NET_DONE ? PARTNER_UNREACHABLE : PARTNER_UNUSABLE;
	(void)snprintf(call->why, sizeof call->why,
	        row->net != NET_DONE ? "no answer" : "HTTP %d without a usable envelope",
	        row->http);
	if (row->net == NET_DONE && ocpi_envelope_read(str_of(row->body), 10000, arena,
	                                    &call->envelope, &fault) == RH_OK)
		call->result = PARTNER_ANSWERED;
}

static struct survey_list
list_before(const struct row *row)
{
	return (struct survey_list){
		.answered = row->before == LISTED,
		.refused = row->before == REFUSED_LIST,
		.total = row->before == LISTED ? 2 : -1,
		.count = row->before == LISTED ? 1 : 0,
		.first = rh_hash64(STR(T1)),
		.id = STR("T1"),
	};
}

static const struct survey_rule *
rule_of(const char *id)
{
	for (size_t i = 0; survey_tables[i] != NULL; i++)
		for (const struct survey_rule *rule = survey_tables[i]; rule->id != NULL; rule++)
			if (strcmp(rule->id, id) == 0)
				return rule;
	ck_abort_msg("there is no rule %s", id);
	return NULL;
}

START_TEST(test_a_rule_says_what_it_finds)
{
	const struct row *row = &rows[_i];
	const struct survey_rule *rule = rule_of(row->rule);
	struct survey_list list = list_before(row);
	struct survey_finding finding = { 0 };
	struct partner_call call = { 0 };
	struct ocpi_id to = parties[0].id;
	struct survey_seen seen = {
		.ask = row->ask,
		.module = row->module != NULL ? ocpi_module_find(ocpi_modules, str_of(row->module))
		                              : NULL,
		.interface = IFACE_SENDER,
		.call = &call,
		.plain = row->plain,
		.plain_before = !row->plain,
		.usual_refused = row->before == REFUSED_TOKEN,
		.platform = &platform,
		.list = &list,
		.wrote = STR(NOW),
		.arena = arena,
	};
	int64_t ns;

	arena = seen.arena = arena_new(4096);
	(void)ocpi_datetime_parse(STR(NOW), &ns);
	seen.now_ms = ns / 1000000;
	seen.to = seen.module != NULL ? &to : NULL;
	make_call(&call, row);
	ck_assert_msg((rule->asks & ASKED(row->ask)) != 0, "%s does not judge %s", row->rule,
	        survey_ask_name(row->ask));
	ck_assert_msg((int)rule->judge(&seen, &finding) == row->verdict, "row %d, %s: %s", _i,
	        row->rule, finding.found);
	if (row->found != NULL)
		ck_assert_msg(strstr(finding.found, row->found) != NULL ||
		                      strcmp(finding.cure, row->found) == 0,
		        "%s: %s, %s", row->rule, finding.found, finding.cure);
	ck_assert_str_eq(row->ask == ASK_NEXT ? finding.cure : "", ""); /* no setting rules it */
	arena_free(arena);
}
END_TEST

START_TEST(test_an_endpoint_that_does_not_fit_is_no_cure)
{
	struct survey_seen seen = { .module = ocpi_module_find(ocpi_modules, STR("tariffs")),
		.interface = IFACE_SENDER };
	struct survey_finding finding = { 0 };
	char url[sizeof finding.cure];
	const size_t most = sizeof url - sizeof "endpoint.tariffs.sender=";

	memset(url, 'x', sizeof url);
	survey_cure_endpoint(&seen, &finding, (struct str){ url, most });
	ck_assert_uint_eq(strlen(finding.cure), sizeof finding.cure - 1);
	survey_cure_endpoint(&seen, &finding, (struct str){ url, most + 1 });
	ck_assert_str_eq(finding.cure, "");
}
END_TEST

/* ---- the tables ---- */

static bool
has_row(const char *rule, int verdict)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		if (strcmp(rows[i].rule, rule) == 0 && rows[i].verdict == verdict)
			return true;
	return false;
}

/* By other tests: large pages, http, all modules, what came of a command. */
static bool
is_shown_elsewhere(const char *rule)
{
	static const char *const others[] = { "large-page", "https", "modules", "result" };

	for (size_t i = 0; i < COUNT(others); i++)
		if (strcmp(rule, others[i]) == 0)
			return true;
	return false;
}

static bool
is_setting(const char *cure)
{
	for (const struct registry_setting *row = registry_settings; row->key != NULL; row++)
		if (strncmp(cure, row->key, strlen(row->key)) == 0 && cure[strlen(row->key)] == '=')
			return true;
	return strncmp(cure, "from=", 5) == 0;
}

START_TEST(test_every_rule_is_tried_and_has_its_paragraph)
{
	for (size_t i = 0; survey_tables[i] != NULL; i++)
		for (const struct survey_rule *rule = survey_tables[i]; rule->id != NULL; rule++) {
			ck_assert_ptr_nonnull(rule->expected);
			ck_assert_ptr_nonnull(strchr(rule->spec, ','));
			ck_assert_msg(rule->asks != 0 && rule_of(rule->id) == rule, "%s", rule->id);
			ck_assert_msg(rule->cure == NULL || is_setting(rule->cure), "%s", rule->id);
			ck_assert_msg(
			        is_shown_elsewhere(rule->id) ||
			                (has_row(rule->id, FOUND) && has_row(rule->id, HOLDS)),
			        "%s has no row", rule->id);
		}
}
END_TEST

START_TEST(test_every_question_has_a_name_and_a_rule)
{
	uint64_t judged = 0;

	for (size_t i = 0; survey_tables[i] != NULL; i++)
		for (const struct survey_rule *rule = survey_tables[i]; rule->id != NULL; rule++)
			judged |= rule->asks;
	for (enum survey_ask ask = 0; ask < ASK_COUNT; ask++) {
		ck_assert_ptr_nonnull(survey_ask_name(ask));
		ck_assert_msg((judged & ASKED(ask)) != 0, "%s", survey_ask_name(ask));
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("hub survey");
	TCase *tcase = tcase_create("survey");
	struct fault fault;

	if (rh_crypt_init(&fault) != RH_OK)
		return EXIT_FAILURE;
	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, test_a_rule_says_what_it_finds, 0, COUNT(rows));
	tcase_add_test(tcase, test_an_endpoint_that_does_not_fit_is_no_cure);
	tcase_add_test(tcase, test_every_rule_is_tried_and_has_its_paragraph);
	tcase_add_test(tcase, test_every_question_has_a_name_and_a_rule);
	return suite_run(suite, CK_NOFORK);
}
