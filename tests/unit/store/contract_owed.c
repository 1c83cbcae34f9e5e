/* contract_owed: cursors, failures, agreements, hints, and what goes by age. */
#include "contract.h"

#include "share.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

START_TEST(test_cursors_are_saved_in_batches_and_loaded_whole)
{
	static const struct store_cursor first[] = {
		{ { "NL*MSP/EMSP", 11 }, 5, { "7,9", 3 } },
		{ { "DE*ABC/CPO", 10 }, INT64_MAX, { "12,15,20", 8 } },
	};
	static const struct store_cursor second[] = {
		{ { "NL*MSP/EMSP", 11 }, 9, { 0 } },
		{ { "FR*X/EMSP", 9 }, 1, { 0 } },
		{ { "FR*X/EMSP", 9 }, 2, { "", 0 } },
	};
	struct store_op load = { .verb = STORE_CURSORS_LOAD };
	struct store_op save = { .verb = STORE_CURSORS_SAVE, .u.cursors = { first, 2 } };
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	ck_assert_int_eq(rig_do(&rig, &load), RH_OK);
	ck_assert_uint_eq(load.u.cursors.count, 0);
	ck_assert_int_eq(rig_do(&rig, &save), RH_OK);
	save.u.cursors.cursors = second;
	save.u.cursors.count = 3;
	ck_assert_int_eq(rig_do(&rig, &save), RH_OK);
	save.u.cursors.count = 0;
	ck_assert_int_eq(rig_do(&rig, &save), RH_OK);
	ck_assert_int_eq(rig_do(&rig, &load), RH_OK);
	ck_assert_uint_eq(load.u.cursors.count, 3);
	ck_assert_str(load.u.cursors.cursors[0].receiver, STR("DE*ABC/CPO"));
	ck_assert_int_eq(load.u.cursors.cursors[0].change, INT64_MAX);
	ck_assert_str(load.u.cursors.cursors[1].receiver, STR("FR*X/EMSP"));
	ck_assert_int_eq(load.u.cursors.cursors[1].change, 2);
	ck_assert_int_eq(load.u.cursors.cursors[2].change, 9);
	ck_assert_str(load.u.cursors.cursors[0].ahead, STR("12,15,20")); /* fault D13 */
	ck_assert_str(load.u.cursors.cursors[1].ahead, STR(""));
	ck_assert_ptr_null(load.u.cursors.cursors[2].ahead.p);
	rig_end(&rig);
}
END_TEST

/* More rows than the first piece of an array has room for. */
START_TEST(test_many_cursors_are_loaded)
{
	enum { CURSORS = 100 };
	struct store_cursor cursors[CURSORS];
	struct store_op load = { .verb = STORE_CURSORS_LOAD };
	struct store_op save = { .verb = STORE_CURSORS_SAVE, .u.cursors = { cursors, CURSORS } };
	char names[CURSORS][16];
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	for (int i = 0; i < CURSORS; i++) {
		snprintf(names[i], sizeof(names[i]), "R%03d", i);
		cursors[i] = (struct store_cursor){ .receiver = str_of(names[i]), .change = i };
	}
	ck_assert_int_eq(rig_do(&rig, &save), RH_OK);
	ck_assert_int_eq(rig_do(&rig, &load), RH_OK);
	ck_assert_uint_eq(load.u.cursors.count, CURSORS);
	for (int i = 0; i < CURSORS; i++) {
		ck_assert_str(load.u.cursors.cursors[i].receiver, str_of(names[i]));
		ck_assert_int_eq(load.u.cursors.cursors[i].change, i);
	}
	rig_end(&rig);
}
END_TEST

/* ---- failures ---- */

static void
put_failure(struct rig *rig, const char *receiver, const char *key, int64_t change, int64_t at_ms)
{
	struct store_failure failure = {
		.receiver = str_of(receiver),
		.key = share_key(key),
		.change = change,
		.at_ms = at_ms,
		.http = 400,
		.ocpi = 2001,
		.why = STR("no such connector"),
	};
	struct store_op op = { .verb = STORE_FAILURE_PUT,
		.u.failures = { .failures = &failure, .count = 1 } };

	ck_assert_int_eq(rig_do(rig, &op), RH_OK);
}

/* "receiver/id@change" of each, joined by spaces. */
static const char *
list_failures(struct rig *rig, const char *receiver, size_t limit)
{
	struct store_op op = { .verb = STORE_FAILURES,
		.u.failures = { .receiver = str_of(receiver), .limit = limit } };
	struct buf buf = { .arena = rig->arena };

	ck_assert_int_eq(rig_do(rig, &op), RH_OK);
	buf_printf(&buf, "%s", "");
	for (size_t i = 0; i < op.u.failures.count; i++) {
		const struct store_failure *f = &op.u.failures.failures[i];

		ck_assert_int_eq(f->http, 400);
		ck_assert_int_eq(f->ocpi, 2001);
		ck_assert_str(f->why, STR("no such connector"));
		ck_assert_str(f->key.module, STR("locations"));
		buf_printf(&buf, "%s%.*s/%.*s@%lld", i == 0 ? "" : " ", STR_ARG(f->receiver),
		        STR_ARG(f->key.id), (long long)f->change);
	}
	return buf.p;
}

START_TEST(test_failures_are_listed_newest_first_one_an_object_and_receiver)
{
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	ck_assert_str_eq(list_failures(&rig, NULL, 10), "");
	put_failure(&rig, "R", "* locations A L1", 5, 100);
	put_failure(&rig, "S", "* locations A L1", 5, 102);
	put_failure(&rig, "R", "* locations A L2", 6, 101);
	put_failure(&rig, "R", "* locations A L1", 9, 103);
	ck_assert_str_eq(list_failures(&rig, NULL, 10), "R/L1@9 S/L1@5 R/L2@6");
	ck_assert_str_eq(list_failures(&rig, "R", 10), "R/L1@9 R/L2@6");
	ck_assert_str_eq(list_failures(&rig, NULL, 2), "R/L1@9 S/L1@5");
	ck_assert_str_eq(list_failures(&rig, "r", 10), "");
	rig_end(&rig);
}
END_TEST

START_TEST(test_failures_are_dropped_by_receiver_and_by_object)
{
	static const struct {
		const char *receiver, *key, *left;
	} rows[] = {
		{ "R", "* locations A L1", "S/L1@3 R/L2@2" },
		{ "R", "* locations A L9", "S/L1@3 R/L2@2 R/L1@1" },
		{ "R", "X locations A L1", "S/L1@3 R/L2@2 R/L1@1" },
		{ "R", NULL, "S/L1@3" },
		{ NULL, "* locations A L1", "R/L2@2" },
		{ NULL, NULL, "" },
	};
	struct rig rig;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct store_op drop = { .verb = STORE_FAILURE_DROP,
			.u.failures.receiver = str_of(rows[i].receiver) };

		if (rows[i].key != NULL)
			drop.u.failures.key = share_key(rows[i].key);
		rig_begin(&rig, contract_schemes[_i]);
		put_failure(&rig, "R", "* locations A L1", 1, 100);
		put_failure(&rig, "R", "* locations A L2", 2, 101);
		put_failure(&rig, "S", "* locations A L1", 3, 102);
		ck_assert_int_eq(rig_do(&rig, &drop), RH_OK);
		ck_assert_str_eq(list_failures(&rig, NULL, 10), rows[i].left);
		rig_end(&rig);
	}
}
END_TEST

/* ---- agreements ---- */

static struct store_op
save_agreement(struct rig *rig, struct store_agreement *agreement)
{
	struct store_op op = { .verb = STORE_AGREEMENT_SAVE,
		.u.agreements = { .agreements = agreement, .count = 1 } };

	rig_do(rig, &op);
	return op;
}

START_TEST(test_agreements_are_saved_changed_dropped_and_never_get_an_old_id)
{
	struct store_agreement first = {
		.cpo_country = "DE", .cpo_party = "ABC", .emsp_country = "NL", .emsp_party = "MSP"
	};
	struct store_agreement second = { .cpo_country = "FR",
		.cpo_party = "X*Y",
		.emsp_country = "NL",
		.emsp_party = "Q",
		.modules = STR("locations,tokens"),
		.from_ms = 5,
		.until_ms = INT64_MAX };
	struct store_agreement unknown = second, third = first;
	struct store_op load = { .verb = STORE_AGREEMENTS_LOAD }, drop;
	const struct store_agreement *got;
	struct rig rig;
	int64_t id;

	rig_begin(&rig, contract_schemes[_i]);
	ck_assert_int_eq(save_agreement(&rig, &first).err, RH_OK);
	ck_assert_int_eq(save_agreement(&rig, &second).err, RH_OK);
	ck_assert_int_gt(first.id, 0);
	ck_assert_int_gt(second.id, first.id);
	unknown.id = 999;
	ck_assert_int_eq(save_agreement(&rig, &unknown).err, RH_NOT_FOUND);
	first.until_ms = 77;
	first.modules = STR("cdrs");
	ck_assert_int_eq(save_agreement(&rig, &first).err, RH_OK);
	ck_assert_int_eq(rig_do(&rig, &load), RH_OK);
	ck_assert_uint_eq(load.u.agreements.count, 2);
	got = load.u.agreements.agreements;
	ck_assert_int_eq(got[0].id, first.id);
	ck_assert_str_eq(got[0].cpo_country, "DE");
	ck_assert_str_eq(got[0].emsp_party, "MSP");
	ck_assert_str(got[0].modules, STR("cdrs"));
	ck_assert_int_eq(got[0].until_ms, 77);
	ck_assert_int_eq(got[1].id, second.id);
	ck_assert_str_eq(got[1].cpo_country, "FR");
	ck_assert_str_eq(got[1].cpo_party, "X*Y");
	ck_assert_str_eq(got[1].emsp_country, "NL");
	ck_assert_str_eq(got[1].emsp_party, "Q");
	ck_assert_str(got[1].modules, STR("locations,tokens"));
	ck_assert_int_eq(got[1].from_ms, 5);
	ck_assert_int_eq(got[1].until_ms, INT64_MAX);
	id = second.id;
	drop = (struct store_op){ .verb = STORE_AGREEMENT_DROP, .u.agreements.id = id };
	ck_assert_int_eq(rig_do(&rig, &drop), RH_OK);
	ck_assert_int_eq(rig_do(&rig, &drop), RH_NOT_FOUND);
	ck_assert_int_eq(save_agreement(&rig, &third).err, RH_OK);
	ck_assert_int_gt(third.id, id);
	ck_assert_int_eq(rig_do(&rig, &load), RH_OK);
	ck_assert_uint_eq(load.u.agreements.count, 2);
	ck_assert_ptr_null(load.u.agreements.agreements[1].modules.p);
	rig_end(&rig);
}
END_TEST

/* ---- hints ---- */

static enum rh_err
hint(struct rig *rig, enum store_verb verb, const char *kind, const char *key,
        struct store_hint *inout)
{
	struct store_op op = { .verb = verb, .u.hint.hint = *inout };

	op.u.hint.hint.kind = str_of(kind);
	op.u.hint.hint.key = str_of(key);
	rig_do(rig, &op);
	*inout = op.u.hint.hint;
	return op.err;
}

START_TEST(test_a_hint_is_found_until_it_expires_and_the_newest_counts)
{
	int64_t later_ms = rh_wall_ms() + 600000;
	struct store_hint one = { .country = "DE", .party = "ABC", .expires_ms = later_ms };
	struct store_hint two = { .country = "FR", .party = "X", .expires_ms = later_ms + 1 };
	struct store_hint old = { .country = "FR", .party = "X", .expires_ms = rh_wall_ms() - 1 };
	struct store_hint got = { 0 };
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	ck_assert_int_eq(hint(&rig, STORE_HINT_GET, "reservation", "R1", &got), RH_NOT_FOUND);
	ck_assert_int_eq(hint(&rig, STORE_HINT_PUT, "reservation", "R1", &one), RH_OK);
	ck_assert_int_eq(hint(&rig, STORE_HINT_PUT, "reservation", "R2", &old), RH_OK);
	ck_assert_int_eq(hint(&rig, STORE_HINT_GET, "reservation", "R1", &got), RH_OK);
	ck_assert_str_eq(got.country, "DE");
	ck_assert_str_eq(got.party, "ABC");
	ck_assert_int_eq(got.expires_ms, later_ms);
	ck_assert_int_eq(hint(&rig, STORE_HINT_GET, "profile", "R1", &got), RH_NOT_FOUND);
	ck_assert_int_eq(hint(&rig, STORE_HINT_GET, "reservation", "R2", &got), RH_NOT_FOUND);
	ck_assert_int_eq(hint(&rig, STORE_HINT_PUT, "reservation", "R1", &two), RH_OK);
	ck_assert_int_eq(hint(&rig, STORE_HINT_GET, "reservation", "R1", &got), RH_OK);
	ck_assert_str_eq(got.party, "X");
	ck_assert_int_eq(got.expires_ms, later_ms + 1);
	rig_end(&rig);
}
END_TEST

/* ---- age ---- */

static uint64_t
expire(struct rig *rig, int64_t now_ms, int64_t before_ms)
{
	struct store_op op = { .verb = STORE_EXPIRE,
		.u.expire = { .now_ms = now_ms, .before_ms = before_ms } };

	ck_assert_msg(rig_do(rig, &op) == RH_OK, "%s", op.why);
	return op.u.expire.dropped;
}

START_TEST(test_hints_go_when_they_are_over)
{
	struct store_hint one = { .country = "DE", .party = "A", .expires_ms = 100 };
	struct store_hint two = { .country = "DE", .party = "A", .expires_ms = 101 };
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	ck_assert_int_eq(hint(&rig, STORE_HINT_PUT, "k", "1", &one), RH_OK);
	ck_assert_int_eq(hint(&rig, STORE_HINT_PUT, "k", "2", &two), RH_OK);
	ck_assert_uint_eq(expire(&rig, 99, 0), 0);
	ck_assert_uint_eq(expire(&rig, 100, 0), 1);
	ck_assert_uint_eq(expire(&rig, 100, 0), 0);
	ck_assert_uint_eq(expire(&rig, 101, 0), 1);
	rig_end(&rig);
}
END_TEST

/* Shares of a rig are of the time 1000. */
START_TEST(test_tombstones_go_after_thirty_days_and_their_numbers_do_not_come_back)
{
	static const int64_t due_ms = 1000 + 30LL * 24 * 3600 * 1000;
	struct rig rig;
	int64_t newest, head;

	rig_begin(&rig, contract_schemes[_i]);
	share_put(&rig, "* tariffs A T1", "1", 1);
	share_put(&rig, "* tariffs A T2", "2", 1);
	newest = share_put(&rig, "* tariffs A T1", NULL, 1);
	ck_assert_uint_eq(expire(&rig, due_ms, 0), 0);
	ck_assert_str_eq(share_feed(&rig, 0, 10, NULL), "T2:2 T1:-");
	ck_assert_uint_eq(expire(&rig, due_ms + 1, 0), 1);
	ck_assert_str_eq(share_feed(&rig, 0, 10, &head), "T2:2");
	ck_assert_int_eq(head, newest);
	ck_assert_int_gt(share_put(&rig, "* tariffs A T1", "3", 1), newest);
	rig_end(&rig);
}
END_TEST

START_TEST(test_only_old_sessions_and_cdrs_go_by_age_and_totals_follow)
{
	struct store_page_args args = { .module = STR("sessions"), .viewer = STR("V"), .limit = 9 };
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	share_put(&rig, "V sessions A S1", "1", 1);
	share_put(&rig, "V sessions A S2", "2", 1);
	share_put(&rig, "V sessions A S2", NULL, 1);
	share_put(&rig, "* sessions A S1", "1", 1);
	share_put(&rig, "V cdrs A C1", "3", 1);
	share_put(&rig, "* locations A L1", "4", 1);
	share_put(&rig, "V tokens A L1", "4", 1);
	ck_assert_uint_eq(expire(&rig, 0, 0), 0);
	ck_assert_uint_eq(expire(&rig, 0, 1000), 0);
	ck_assert_str_eq(share_page(&rig, &args), "S1");
	ck_assert_uint_eq(args.total, 1);
	ck_assert_uint_eq(expire(&rig, 0, 1001), 4);
	ck_assert_str_eq(share_page(&rig, &args), "");
	ck_assert_uint_eq(args.total, 0);
	ck_assert_int_eq(share_get(&rig, "V cdrs A C1", NULL), RH_NOT_FOUND);
	ck_assert_int_eq(share_get(&rig, "* locations A L1", NULL), RH_OK);
	ck_assert_int_eq(share_get(&rig, "V tokens A L1", NULL), RH_OK);
	share_put(&rig, "V sessions A S1", "again", 1);
	ck_assert_str_eq(share_page(&rig, &args), "S1");
	ck_assert_uint_eq(args.total, 1);
	rig_end(&rig);
}
END_TEST

START_TEST(test_expiry_of_records_is_bounded_and_comes_to_an_end)
{
	enum { RECORDS = 4500 };
	struct rig_op *ops = calloc(RECORDS, sizeof(*ops));
	struct share share = { .body = "b" };
	char(*keys)[32] = calloc(RECORDS, sizeof(*keys));
	uint64_t dropped = 0, slice;
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	for (int i = 0; i < RECORDS; i++) {
		snprintf(keys[i], sizeof(keys[i]), "V cdrs A C%d", i);
		ops[i].op = share_op(keys[i], &share);
		rig_submit(&rig, &ops[i]);
	}
	for (int i = 0; i < RECORDS; i++)
		rig_wait(&rig, &ops[i]);
	do {
		slice = expire(&rig, 0, 2000);
		ck_assert_uint_lt(slice, RECORDS);
		dropped += slice;
	} while (slice > 0);
	ck_assert_uint_eq(dropped, RECORDS);
	rig_end(&rig);
	free(ops);
	free(keys);
}
END_TEST

void
contract_owed(TCase *tests)
{
	tcase_add_loop_test(tests, test_cursors_are_saved_in_batches_and_loaded_whole,
	        contract_first, contract_end);
	tcase_add_loop_test(tests, test_many_cursors_are_loaded, contract_first, contract_end);
	tcase_add_loop_test(tests, test_failures_are_listed_newest_first_one_an_object_and_receiver,
	        contract_first, contract_end);
	tcase_add_loop_test(tests, test_failures_are_dropped_by_receiver_and_by_object,
	        contract_first, contract_end);
	tcase_add_loop_test(tests,
	        test_agreements_are_saved_changed_dropped_and_never_get_an_old_id, contract_first,
	        contract_end);
	tcase_add_loop_test(tests, test_a_hint_is_found_until_it_expires_and_the_newest_counts,
	        contract_first, contract_end);
	tcase_add_loop_test(tests, test_hints_go_when_they_are_over, contract_first, contract_end);
	tcase_add_loop_test(tests,
	        test_tombstones_go_after_thirty_days_and_their_numbers_do_not_come_back,
	        contract_first, contract_end);
	tcase_add_loop_test(tests, test_only_old_sessions_and_cdrs_go_by_age_and_totals_follow,
	        contract_first, contract_end);
	tcase_add_loop_test(tests, test_expiry_of_records_is_bounded_and_comes_to_an_end,
	        contract_first, contract_end);
}
