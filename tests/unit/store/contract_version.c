/* contract_version: what a tariff was before it became what it is. */
#include "contract.h"

#include "share.h"

#include <stdio.h>
#include <string.h>

#define TARIFF "* tariffs DE*CPO T1"

/* @body NULL: DELETE. */
static void
put_at(struct rig *rig, const char *key, const char *body, int64_t at_ms)
{
	struct share share = { .body = body, .last_updated_ns = 7 };
	struct store_op op = share_op(key, &share);

	op.u.share.at_ms = at_ms;
	op.u.share.sender_platform = 3;
	ck_assert_int_eq(rig_do(rig, &op), RH_OK);
}

/** "body@at-until" of each, newest first, joined by spaces. */
static const char *
versions(struct rig *rig, const char *key, int64_t at_ms, size_t limit)
{
	struct store_op op = { .verb = STORE_VERSIONS,
		.u.versions = { .key = share_key(key), .at_ms = at_ms, .limit = limit } };
	struct buf text = { .arena = rig->arena };

	ck_assert_int_eq(rig_do(rig, &op), RH_OK);
	for (size_t i = 0; i < op.u.versions.count; i++) {
		const struct store_version *row = &op.u.versions.rows[i];

		ck_assert_int_eq(row->object.sender_platform, 3);
		ck_assert_int_eq(row->object.last_updated_ns, 7);
		ck_assert_int_gt(row->object.change, 0);
		buf_printf(&text, "%s%.*s@%lld-%lld", i > 0 ? " " : "", STR_ARG(row->object.body),
		        (long long)row->object.at_ms, (long long)row->until_ms);
	}
	buf_addc(&text, '\0');
	return text.p;
}

START_TEST(test_each_version_of_a_tariff_is_kept_when_the_next_one_comes)
{
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	put_at(&rig, TARIFF, "a", 10);
	ck_assert_str_eq(versions(&rig, TARIFF, 0, 10), "");
	put_at(&rig, TARIFF, "b", 20);
	put_at(&rig, TARIFF, "c", 30);
	ck_assert_str_eq(versions(&rig, TARIFF, 0, 10), "b@20-30 a@10-20");
	ck_assert_str_eq(versions(&rig, TARIFF, 0, 1), "b@20-30");
	ck_assert_str_eq(versions(&rig, TARIFF, 9, 10), "");
	ck_assert_str_eq(versions(&rig, TARIFF, 10, 10), "a@10-20");
	ck_assert_str_eq(versions(&rig, TARIFF, 20, 10), "b@20-30");
	ck_assert_str_eq(versions(&rig, TARIFF, 30, 10), "");
	put_at(&rig, TARIFF, NULL, 40);
	ck_assert_str_eq(versions(&rig, TARIFF, 0, 10), "c@30-40 b@20-30 a@10-20");
	put_at(&rig, TARIFF, "d", 50);
	put_at(&rig, TARIFF, "e", 60);
	ck_assert_str_eq(versions(&rig, TARIFF, 45, 10), "");
	ck_assert_str_eq(versions(&rig, TARIFF, 55, 10), "d@50-60");
	rig_end(&rig);
}
END_TEST

START_TEST(test_of_tariffs_alone_and_of_each_for_itself)
{
	static const char *const keys[] = { "* locations DE*CPO T1", "V@1 sessions DE*CPO T1",
		"* tokens DE*CPO T1", "* tariffs DE*OTH T1", "* tariffs DE*CPO T2" };
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	put_at(&rig, TARIFF, "a", 10);
	put_at(&rig, TARIFF, "b", 20);
	put_at(&rig, "NL*MSP@2 tariffs DE*CPO T1", "x", 15);
	put_at(&rig, "NL*MSP@2 tariffs DE*CPO T1", "y", 25);
	for (size_t i = 0; i < COUNT(keys); i++) {
		put_at(&rig, keys[i], "k", 10);
		put_at(&rig, keys[i], "l", 20);
	}
	ck_assert_str_eq(versions(&rig, TARIFF, 0, 10), "x@15-25 a@10-20");
	ck_assert_str_eq(versions(&rig, "* locations DE*CPO T1", 0, 10), "");
	ck_assert_str_eq(versions(&rig, "* sessions DE*CPO T1", 0, 10), "");
	ck_assert_str_eq(versions(&rig, "* tokens DE*CPO T1", 0, 10), "");
	ck_assert_str_eq(versions(&rig, "* tariffs DE*OTH T1", 0, 10), "k@10-20");
	rig_end(&rig);
}
END_TEST

static uint64_t
expire(struct rig *rig, int64_t before_ms)
{
	struct store_op op = { .verb = STORE_EXPIRE,
		.u.expire = { .now_ms = 1, .before_ms = before_ms } };

	ck_assert_int_eq(rig_do(rig, &op), RH_OK);
	return op.u.expire.dropped;
}

/* A CDR may come that late. */
START_TEST(test_versions_go_some_time_after_the_records_that_may_name_them)
{
	static const int64_t late_ms = 92LL * 24 * 3600 * 1000;
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	put_at(&rig, TARIFF, "a", 10);
	put_at(&rig, TARIFF, "b", 20);
	put_at(&rig, TARIFF, "c", 30);
	ck_assert_uint_eq(expire(&rig, 0), 0);
	ck_assert_uint_eq(expire(&rig, late_ms + 20), 0);
	ck_assert_str_eq(versions(&rig, TARIFF, 0, 10), "b@20-30 a@10-20");
	ck_assert_uint_eq(expire(&rig, late_ms + 21), 1);
	ck_assert_str_eq(versions(&rig, TARIFF, 0, 10), "b@20-30");
	ck_assert_uint_eq(expire(&rig, late_ms + 31), 1);
	ck_assert_str_eq(versions(&rig, TARIFF, 0, 10), "");
	rig_end(&rig);
}
END_TEST

START_TEST(test_of_one_tariff_so_many_versions_are_kept)
{
	enum { MOST = 10000 };
	struct rig rig;
	char body[16];

	rig_begin(&rig, contract_schemes[_i]);
	for (int i = 0; i < MOST + 3; i++) {
		snprintf(body, sizeof(body), "%d", i);
		put_at(&rig, TARIFF, body, i + 1);
	}
	ck_assert_str_eq(versions(&rig, TARIFF, 2, 10), "");
	ck_assert_str_eq(versions(&rig, TARIFF, 3, 10), "2@3-4");
	rig_end(&rig);
}
END_TEST

static uint64_t
drop_slice(struct rig *rig, const char *scope, const char *owner)
{
	struct store_op op = { .verb = STORE_OWNED_DROP,
		.u.owned = { .scope = str_of(scope),
		        .owner = owner != NULL ? str_of(owner) : (struct str){ 0 } } };

	ck_assert_msg(rig_do(rig, &op) == RH_OK, "%s", op.why);
	return op.u.owned.dropped;
}

/* A sandbox is over: what its tariffs were goes with them, and nobody else's. */
START_TEST(test_versions_go_with_the_owner_that_is_dropped)
{
	static const char *const keys[] = { TARIFF, "* tariffs DE*OTH T1",
		"NL*MSP@2 tariffs DE*CPO T1", "NL*MSP@3 tariffs DE*CPO T3" };
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	for (size_t i = 0; i < COUNT(keys); i++) {
		put_at(&rig, keys[i], "a", 10 + (int64_t)i);
		put_at(&rig, keys[i], "b", 20);
	}
	put_at(&rig, TARIFF, NULL, 30);
	ck_assert_uint_eq(drop_slice(&rig, "*", "DE*CPO"), 3);
	ck_assert_str_eq(versions(&rig, TARIFF, 0, 10), "a@12-20");
	ck_assert_uint_eq(drop_slice(&rig, "NL*MSP@2", NULL), 2);
	ck_assert_str_eq(versions(&rig, TARIFF, 0, 10), "");
	ck_assert_uint_eq(drop_slice(&rig, "NL*MSP@2", NULL), 0);
	ck_assert_str_eq(versions(&rig, keys[1], 0, 10), "a@11-20");
	ck_assert_str_eq(versions(&rig, keys[3], 0, 10), "a@13-20");
	rig_end(&rig);
}
END_TEST

START_TEST(test_many_versions_go_in_slices)
{
	enum { VERSIONS = 1100 };
	uint64_t dropped = 0, slice;
	struct rig rig;
	char body[16];

	rig_begin(&rig, contract_schemes[_i]);
	for (int i = 0; i <= VERSIONS; i++) {
		snprintf(body, sizeof(body), "%d", i);
		put_at(&rig, TARIFF, body, i + 1);
	}
	while ((slice = drop_slice(&rig, "*", "DE*CPO")) > 0)
		dropped += slice;
	ck_assert_uint_eq(dropped, VERSIONS + 1);
	ck_assert_str_eq(versions(&rig, TARIFF, 0, 10), "");
	rig_end(&rig);
}
END_TEST

void
contract_version(TCase *tests)
{
	tcase_add_loop_test(tests, test_each_version_of_a_tariff_is_kept_when_the_next_one_comes,
	        contract_first, contract_end);
	tcase_add_loop_test(
	        tests, test_of_tariffs_alone_and_of_each_for_itself, contract_first, contract_end);
	tcase_add_loop_test(tests, test_versions_go_some_time_after_the_records_that_may_name_them,
	        contract_first, contract_end);
	tcase_add_loop_test(tests, test_versions_go_with_the_owner_that_is_dropped, contract_first,
	        contract_end);
	tcase_add_loop_test(tests, test_many_versions_go_in_slices, contract_first, contract_end);
	/* the one of memory walks through its list for each */
	tcase_add_loop_test(tests, test_of_one_tariff_so_many_versions_are_kept,
	        contract_first > 0 ? contract_first : 1, contract_end);
}
