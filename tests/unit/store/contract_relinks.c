/* contract_relinks: URLs handed out, facts about the hub, and the probe. */
#include "contract.h"

#include <stdio.h>
#include <stdlib.h>

START_TEST(test_a_relink_is_found_as_it_was_put)
{
	struct store_relink relink = {
		.id = STR("Zk3-_9"),
		.kind = RELINK_LOCATION,
		.target = STR("https://x.example/?a=b&c=%20"),
		.caller_platform = 3,
		.target_platform = INT64_MAX,
		.caller_country = "DE",
		.caller_party = "A*C",
		.target_country = "n",
		.target_party = "",
		.module = STR("cdrs"),
		.interface = 2,
		.correlation_id = STR("corr"),
		.created_ms = 5,
		.expires_ms = 100,
	};
	struct store_op put = { .verb = STORE_RELINK_PUT, .u.relink_put.relink = &relink };
	struct store_relink found;
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	ck_assert_int_eq(rig_do(&rig, &put), RH_OK);
	ck_assert_int_eq(rig_get(&rig, "Zk3-_9", 99, &found), RH_OK);
	ck_assert_str(found.id, relink.id);
	ck_assert_int_eq(found.kind, relink.kind);
	ck_assert_str(found.target, relink.target);
	ck_assert_int_eq(found.caller_platform, relink.caller_platform);
	ck_assert_int_eq(found.target_platform, relink.target_platform);
	ck_assert_str_eq(found.caller_country, relink.caller_country);
	ck_assert_str_eq(found.caller_party, relink.caller_party);
	ck_assert_str_eq(found.target_country, relink.target_country);
	ck_assert_str_eq(found.target_party, relink.target_party);
	ck_assert_str(found.module, relink.module);
	ck_assert_int_eq(found.interface, relink.interface);
	ck_assert_str(found.correlation_id, relink.correlation_id);
	ck_assert_int_eq(found.created_ms, relink.created_ms);
	ck_assert_int_eq(found.expires_ms, relink.expires_ms);
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_relink_is_unknown_before_its_time_is_over_only_under_another_id)
{
	static const struct {
		const char *id;
		int64_t now_ms;
		enum rh_err err;
	} rows[] = {
		{ "abc", 0, RH_OK },
		{ "abc", 99, RH_OK },
		{ "abc", 100, RH_NOT_FOUND },
		{ "abc", 101, RH_NOT_FOUND },
		{ "ABC", 0, RH_NOT_FOUND },
		{ "ab", 0, RH_NOT_FOUND },
		{ "abcd", 0, RH_NOT_FOUND },
		{ "", 0, RH_NOT_FOUND },
		{ "abc' OR '1'='1", 0, RH_NOT_FOUND },
	};
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	ck_assert_int_eq(rig_put(&rig, "abc", 100), RH_OK);
	for (size_t i = 0; i < COUNT(rows); i++)
		ck_assert_msg(rig_get(&rig, rows[i].id, rows[i].now_ms, NULL) == rows[i].err,
		        "row %zu", i);
	rig_end(&rig);
}
END_TEST

START_TEST(test_an_id_is_put_once)
{
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	ck_assert_int_eq(rig_put(&rig, "abc", 100), RH_OK);
	ck_assert_int_eq(rig_put(&rig, "abc", 200), RH_STORE_FAILED);
	ck_assert_int_eq(rig_get(&rig, "abc", 150, NULL), RH_NOT_FOUND);
	rig_end(&rig);
}
END_TEST

START_TEST(test_expiry_drops_what_is_over_and_says_how_many)
{
	struct store_op expire = { .verb = STORE_EXPIRE };
	char id[16];
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	for (int i = 1; i <= 20; i++) {
		snprintf(id, sizeof(id), "r%d", i);
		ck_assert_int_eq(rig_put(&rig, id, i * 10), RH_OK);
	}
	expire.u.expire.now_ms = 50;
	ck_assert_int_eq(rig_do(&rig, &expire), RH_OK);
	ck_assert_uint_eq(expire.u.expire.dropped, 5);
	ck_assert_int_eq(rig_get(&rig, "r5", 0, NULL), RH_NOT_FOUND);
	ck_assert_int_eq(rig_get(&rig, "r6", 0, NULL), RH_OK);
	ck_assert_int_eq(rig_do(&rig, &expire), RH_OK);
	ck_assert_uint_eq(expire.u.expire.dropped, 0);
	rig_end(&rig);
}
END_TEST

START_TEST(test_expiry_is_bounded_and_comes_to_an_end)
{
	enum { PUTS = 4500 };
	struct rig_op *puts = calloc(PUTS, sizeof(*puts));
	struct store_relink *relinks = calloc(PUTS, sizeof(*relinks));
	char(*ids)[16] = calloc(PUTS, sizeof(*ids));
	uint64_t dropped = 0, calls = 0;
	struct store_op expire;
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	for (int i = 0; i < PUTS; i++) {
		snprintf(ids[i], sizeof(ids[i]), "x%d", i);
		relinks[i] = (struct store_relink){
			.id = str_of(ids[i]), .target = STR("u"), .expires_ms = 1
		};
		puts[i].op = (struct store_op){ .verb = STORE_RELINK_PUT,
			.u.relink_put.relink = &relinks[i] };
		rig_submit(&rig, &puts[i]);
	}
	for (int i = 0; i < PUTS; i++) {
		rig_wait(&rig, &puts[i]);
		ck_assert_int_eq(puts[i].op.err, RH_OK);
	}
	do {
		expire = (struct store_op){ .verb = STORE_EXPIRE, .u.expire.now_ms = 1 };
		ck_assert_int_eq(rig_do(&rig, &expire), RH_OK);
		ck_assert_uint_lt(expire.u.expire.dropped, PUTS);
		dropped += expire.u.expire.dropped;
		calls++;
	} while (expire.u.expire.dropped > 0);
	ck_assert_uint_eq(dropped, PUTS);
	ck_assert_uint_ge(calls, 3);
	rig_end(&rig);
	free(puts);
	free(relinks);
	free(ids);
}
END_TEST

START_TEST(test_a_meta_value_is_absent_then_put_then_replaced)
{
	struct store_op get = { .verb = STORE_META_GET, .u.meta.key = STR("hub.id") };
	struct store_op put = { .verb = STORE_META_PUT, .u.meta = { STR("hub.id"), STR("one") } };
	struct store_op again;
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	again = get;
	ck_assert_int_eq(rig_do(&rig, &again), RH_NOT_FOUND);
	ck_assert_int_eq(rig_do(&rig, &put), RH_OK);
	again = get;
	ck_assert_int_eq(rig_do(&rig, &again), RH_OK);
	ck_assert_str(again.u.meta.value, STR("one"));
	put.u.meta.value = STR("");
	ck_assert_int_eq(rig_do(&rig, &put), RH_OK);
	again = get;
	ck_assert_int_eq(rig_do(&rig, &again), RH_OK);
	ck_assert_str(again.u.meta.value, STR(""));
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_probe_is_a_commit)
{
	struct store_op op = { .verb = STORE_PROBE };
	struct store_stats before, after;
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	store_stats(rig.store, &before);
	ck_assert_int_eq(rig_do(&rig, &op), RH_OK);
	ck_assert_int_eq(rig_do(&rig, &op), RH_OK);
	store_stats(rig.store, &after);
	ck_assert_uint_eq(after.commits, before.commits + 2);
	ck_assert_uint_eq(after.operations, before.operations + 2);
	ck_assert_uint_eq(after.waiting, 0);
	ck_assert(!after.failed);
	rig_end(&rig);
}
END_TEST

void
contract_relinks(TCase *tests)
{
	tcase_add_loop_test(
	        tests, test_a_relink_is_found_as_it_was_put, contract_first, contract_end);
	tcase_add_loop_test(tests,
	        test_a_relink_is_unknown_before_its_time_is_over_only_under_another_id,
	        contract_first, contract_end);
	tcase_add_loop_test(tests, test_an_id_is_put_once, contract_first, contract_end);
	tcase_add_loop_test(tests, test_expiry_drops_what_is_over_and_says_how_many, contract_first,
	        contract_end);
	tcase_add_loop_test(
	        tests, test_expiry_is_bounded_and_comes_to_an_end, contract_first, contract_end);
	tcase_add_loop_test(tests, test_a_meta_value_is_absent_then_put_then_replaced,
	        contract_first, contract_end);
	tcase_add_loop_test(tests, test_a_probe_is_a_commit, contract_first, contract_end);
}
