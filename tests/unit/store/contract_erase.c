/* contract_erase: what is kept of one driver's token goes, and nothing else does. */
#include "contract.h"

#include "owed.h"

#include <stdio.h>
#include <string.h>

/* The uid "U1" in a text is replaced. */
static bool
without(const void *ctx, struct str body, struct arena *arena, struct str *out)
{
	const char *at = memmem(body.p, body.len, "U1", 2);

	if (at == NULL)
		return false;
	*out = arena_printf(arena, "%.*s-%.*s", (int)(at - body.p), body.p,
	        (int)(body.len - (size_t)(at - body.p) - 2), at + 2);
	return ctx == NULL;
}

static struct store_erase_args
erase(struct rig *rig, bool dry_run)
{
	struct store_op op = { .verb = STORE_ERASE,
		.u.erase = { .owner = STR("NL*MSP"),
		        .id = STR("U1"),
		        .without = without,
		        .hints = STR("token"),
		        .reports = STR("check/"),
		        .names = { STR("u1"), STR("u1") },
		        .dry_run = dry_run } };
	struct store_erase_args sum = { 0 };

	do {
		ck_assert_int_eq(rig_do(rig, &op), RH_OK);
		sum.tokens += op.u.erase.tokens;
		sum.owed += op.u.erase.owed;
		sum.sessions += op.u.erase.sessions;
		sum.cdrs += op.u.erase.cdrs;
		sum.remembered += op.u.erase.remembered;
		sum.damaged += op.u.erase.damaged;
		sum.head = op.u.erase.head;
	} while (!op.u.erase.done);
	return sum;
}

static void
fill(struct rig *rig)
{
	const struct store_parked parked[] = { owed_row(
		"platform/1", "DE*CPO", "* tokens NL*MSP U1") };

	share_put(rig, "* tokens NL*MSP U1 RFID", "U1", 1);
	share_put(rig, "* tokens NL*MSP U1 OTHER", "U1", 1);
	share_put(rig, "DE*CPO@1 tokens NL*MSP U1 RFID", "U1", 1);
	share_put(rig, "* tokens NL*MSP U2 RFID", "U1 in another one's", 1);
	share_put(rig, "* tokens FR*MSP U1 RFID", "U1", 1);
	share_put(rig, "* locations DE*CPO L1", "U1", 1);
	share_put(rig, "NL*MSP@2 sessions DE*CPO S1", "a U1 b", 1);
	share_put(rig, "NL*MSP@2 sessions DE*CPO S2", "a U2 b", 1);
	share_put(rig, "NL*MSP@2 cdrs DE*CPO C1", "a U1 b", 1);
	owed_park(rig, parked, COUNT(parked));
	owed_refuse(rig, "platform/3", "BE*CPO", "* tokens NL*MSP U1", 1, 5);
	owed_refuse(rig, "platform/3", "BE*CPO", "* tokens NL*MSP U2", 1, 5);
}

static void
check_counts(const struct store_erase_args *sum, uint64_t each)
{
	ck_assert_uint_eq(sum->tokens, 3 * each);
	ck_assert_uint_eq(sum->owed, 2 * each);
	ck_assert_uint_eq(sum->sessions, each);
	ck_assert_uint_eq(sum->cdrs, each);
	ck_assert_uint_eq(sum->damaged, 0);
}

START_TEST(test_a_dry_run_counts_what_an_erasure_takes)
{
	struct store_page_args page = { .module = STR("tokens"), .limit = 10 };
	struct store_erase_args sum;
	struct store_object object;
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	fill(&rig);
	sum = erase(&rig, true);
	check_counts(&sum, 1);
	ck_assert_int_eq(share_get(&rig, "* tokens NL*MSP U1 RFID", &object), RH_OK);
	sum = erase(&rig, false);
	check_counts(&sum, 1);
	ck_assert_int_eq(share_get(&rig, "* tokens NL*MSP U1 RFID", &object), RH_NOT_FOUND);
	ck_assert_int_eq(share_get(&rig, "DE*CPO@1 tokens NL*MSP U1 RFID", &object), RH_NOT_FOUND);
	ck_assert_str_eq(share_page(&rig, &page), "U2 U1");
	ck_assert_str_eq(owed_all(&rig, NULL), "");
	ck_assert_str_eq(owed_refusals(&rig, NULL), "platform/3/BE*CPO/U2@1");
	sum = erase(&rig, false);
	check_counts(&sum, 0);
	rig_end(&rig);
}
END_TEST

START_TEST(test_records_stay_what_they_were_and_name_the_token_no_more)
{
	struct store_object object;
	struct store_erase_args sum;
	struct rig rig;
	int64_t change;

	rig_begin(&rig, contract_schemes[_i]);
	fill(&rig);
	change = share_put(&rig, "NL*MSP@2 cdrs DE*CPO C2", "of U1", 7);
	sum = erase(&rig, false);
	ck_assert_uint_eq(sum.cdrs, 2);
	ck_assert_int_eq(sum.head, change);
	ck_assert_int_eq(share_get(&rig, "NL*MSP@2 cdrs DE*CPO C2", &object), RH_OK);
	ck_assert_str(object.body, STR("of -"));
	ck_assert_int_eq(object.change, change);
	ck_assert_int_eq(object.last_updated_ns, 7);
	ck_assert_int_eq(share_get(&rig, "NL*MSP@2 sessions DE*CPO S1", &object), RH_OK);
	ck_assert_str(object.body, STR("a - b"));
	ck_assert_int_eq(share_get(&rig, "NL*MSP@2 sessions DE*CPO S2", &object), RH_OK);
	ck_assert_str(object.body, STR("a U2 b"));
	ck_assert_int_eq(share_get(&rig, "* locations DE*CPO L1", &object), RH_OK);
	ck_assert_str(object.body, STR("U1"));
	ck_assert_uint_eq(rig_damaged(&rig), 0);
	rig_end(&rig);
}
END_TEST

START_TEST(test_more_records_than_a_call_takes)
{
	struct store_erase_args sum;
	char key[64];
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	for (int i = 0; i < 700; i++) {
		snprintf(key, sizeof(key), "NL*MSP@2 cdrs DE*CPO C%d", i);
		share_put(&rig, key, "U1", 1);
	}
	sum = erase(&rig, false);
	ck_assert_uint_eq(sum.cdrs, 700);
	rig_end(&rig);
}
END_TEST

/* ---- what is remembered ---- */

static void
remember(struct rig *rig, const char *kind, const char *key, const char *party)
{
	struct store_op op = { .verb = STORE_HINT_PUT,
		.u.hint.hint = { .kind = str_of(kind),
		        .key = str_of(key),
		        .country = "NL",
		        .expires_ms = INT64_MAX } };

	(void)stpcpy(op.u.hint.hint.party, party);
	ck_assert_int_eq(rig_do(rig, &op), RH_OK);
}

static bool
is_remembered(struct rig *rig, const char *kind, const char *key)
{
	struct store_op op = { .verb = STORE_HINT_GET,
		.u.hint.hint = { .kind = str_of(kind), .key = str_of(key) } };

	return rig_do(rig, &op) == RH_OK;
}

static void
report(struct rig *rig, const char *key, const char *value)
{
	struct store_op op = { .verb = STORE_META_PUT, .u.meta = { str_of(key), str_of(value) } };

	ck_assert_int_eq(rig_do(rig, &op), RH_OK);
}

static bool
is_reported(struct rig *rig, const char *key)
{
	struct store_op op = { .verb = STORE_META_GET, .u.meta.key = str_of(key) };

	return rig_do(rig, &op) == RH_OK;
}

START_TEST(test_hints_and_reports_that_name_it_go)
{
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	remember(&rig, "token", "U1/RFID", "MSP");
	remember(&rig, "token", "U1/OTHER", "MSP");
	remember(&rig, "token", "U10/RFID", "MSP");
	remember(&rig, "token", "UX/RFID", "MSP");
	remember(&rig, "token", "U1/APP_USER", "MSQ");
	remember(&rig, "profile", "U1/RFID", "MSP");
	report(&rig, "check/1", "{\"found\":\"U1\"}");
	report(&rig, "check/2", "{\"found\":\"U12\"}");
	report(&rig, "told", "U1");
	ck_assert_uint_eq(erase(&rig, true).remembered, 3);
	ck_assert_uint_eq(erase(&rig, false).remembered, 3);
	ck_assert_uint_eq(erase(&rig, false).remembered, 0);
	ck_assert(!is_remembered(&rig, "token", "U1/RFID"));
	ck_assert(!is_remembered(&rig, "token", "U1/OTHER"));
	ck_assert(is_remembered(&rig, "token", "U10/RFID"));
	ck_assert(is_remembered(&rig, "token", "UX/RFID"));
	ck_assert(is_remembered(&rig, "token", "U1/APP_USER"));
	ck_assert(is_remembered(&rig, "profile", "U1/RFID"));
	ck_assert(!is_reported(&rig, "check/1"));
	ck_assert(is_reported(&rig, "check/2"));
	ck_assert(is_reported(&rig, "told"));
	rig_end(&rig);
}
END_TEST

/* ---- the trace ---- */

START_TEST(test_legs_that_name_a_token)
{
	static const struct {
		const char *from, *to, *object, *doc;
		bool named;
	} rows[] = {
		{ "NL*MSP", "DE*CPO", "tokens/NL*MSP/u1", "{}", true },
		{ "NL*MSP", "DE*CPO", "tokens/NL*MSP/U12", "{}", false },
		{ "NL*MSP", "DE*CPO", "tokens/NL*MSP/XU1", "{}", false },
		{ "DE*CPO", "NL*MSP", "tokens/DE*CPO/U1", "{}", true },
		{ "DE*CPO", NULL, "tokens/DE*CPO/U1", "{}", true },
		{ "DE*CPO", "FR*MSP", "tokens/FR*MSP/U1", "{}", false },
		{ "DE*CPO", "NL*MSP", "cdrs/DE*CPO/C1", "{\"why\":\"no token u1\"}", true },
		{ "DE*CPO", "NL*MSP", NULL, "{\"path\":\"/tokens/U%201/authorize\"}", true },
		{ "DE*CPO", "NL*MSP", NULL, "{\"path\":\"/tokens/U2/authorize\"}", false },
		{ "DE*CPO", "FR*MSP", "tokens/NL*MSP/U1", NULL, true },
		{ NULL, NULL, NULL, NULL, false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct store_trace_erase_args args = { .party = STR("NL*MSP"),
			.names = { STR("U1"), STR("U%201") } };
		const struct store_trace leg = { .from = str_of(rows[i].from),
			.to = str_of(rows[i].to),
			.object = str_of(rows[i].object),
			.doc = str_of(rows[i].doc) };

		ck_assert_msg(store_trace_names(&args, &leg) == rows[i].named, "row %zu", i);
	}
}
END_TEST

static uint64_t
erase_legs(struct rig *rig, bool dry_run)
{
	struct store_op op = { .verb = STORE_TRACE_ERASE,
		.u.trace_erase = { .party = STR("NL*MSP"),
		        .names = { STR("U1"), STR("U1") },
		        .dry_run = dry_run } };

	ck_assert_int_eq(rig_do(rig, &op), RH_OK);
	return op.u.trace_erase.count;
}

/* Those that wait for the disk, too. */
START_TEST(test_legs_go_from_the_trace)
{
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	rig_trace(&rig, 10, "c1", "NL*MSP", "DE*CPO", "tokens/NL*MSP/U1");
	rig_trace(&rig, 20, "c2", "NL*MSP", "DE*CPO", "tokens/NL*MSP/U2");
	for (int i = 0; i < 300; i++)
		rig_trace(&rig, 30 + i, "c3", "DE*CPO", "NL*MSP", "tokens/NL*MSP/U1");
	ck_assert_uint_eq(erase_legs(&rig, true), 301);
	ck_assert_uint_eq(erase_legs(&rig, false), 301);
	ck_assert_uint_eq(erase_legs(&rig, false), 0);
	ck_assert_uint_eq(
	        rig_find(&rig, &(struct store_op){ .u.trace.limit = 400 }, 0).u.trace.count, 1);
	rig_end(&rig);
}
END_TEST

void
contract_erase(TCase *tests)
{
	tcase_add_loop_test(
	        tests, test_a_dry_run_counts_what_an_erasure_takes, contract_first, contract_end);
	tcase_add_loop_test(tests, test_records_stay_what_they_were_and_name_the_token_no_more,
	        contract_first, contract_end);
	tcase_add_loop_test(
	        tests, test_more_records_than_a_call_takes, contract_first, contract_end);
	tcase_add_loop_test(
	        tests, test_hints_and_reports_that_name_it_go, contract_first, contract_end);
	tcase_add_test(tests, test_legs_that_name_a_token);
	tcase_add_loop_test(tests, test_legs_go_from_the_trace, contract_first, contract_end);
}
