/* contract_quota: how much each platform has, and that it gets no more than it may. Fault H6. */
#include "contract.h"

#include "owed.h"

#include <stdio.h>

/* A PUT (body NULL: DELETE) of @platform that may have @quota objects. */
static enum rh_err
put(struct rig *rig, int64_t platform, int64_t quota, const char *key, const char *body,
        struct store_share_args *out)
{
	struct share share = { .body = body, .last_updated_ns = 1 };
	struct store_op op = share_op(key, &share);
	enum rh_err err;

	op.u.share.sender_platform = platform;
	op.u.share.at_ms = 5000;
	op.u.share.limited = quota >= 0;
	op.u.share.quota = quota;
	err = rig_do(rig, &op);
	if (err == RH_QUOTA)
		ck_assert_ptr_nonnull(strstr(op.u.share.fault.why, "quota of 2 objects reached"));
	if (out != NULL)
		*out = op.u.share;
	return err;
}

static struct store_quota_args
has(struct rig *rig, int64_t platform, const char *key)
{
	struct store_op op = { .verb = STORE_QUOTA, .u.quota.platform = platform };

	if (key != NULL)
		op.u.quota.key = share_key(key);
	ck_assert_int_eq(rig_do(rig, &op), RH_OK);
	return op.u.quota;
}

START_TEST(test_fault_H6_no_more_objects_than_the_quota)
{
	struct store_share_args got;
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	ck_assert_int_eq(put(&rig, 7, 2, "* m A X", "one", &got), RH_OK);
	ck_assert(got.created && !got.full);
	ck_assert_int_eq(put(&rig, 7, 2, "NL*MSP@2 m A X", "one", &got), RH_OK);
	ck_assert(got.created && got.full);
	ck_assert_int_eq(put(&rig, 7, 2, "* m A Y", "one", &got), RH_QUOTA);
	ck_assert(got.full && !got.created);
	ck_assert_int_eq(has(&rig, 7, "* m A Y").has.objects, 2);
	ck_assert(!has(&rig, 7, "* m A Y").there && has(&rig, 7, "* m A X").there);
	/* what is there may change, and go; others have room of their own */
	ck_assert_int_eq(put(&rig, 7, 2, "* m A X", "two", &got), RH_OK);
	ck_assert_int_eq(put(&rig, 8, 2, "* m B Y", "one", &got), RH_OK);
	ck_assert_int_eq(put(&rig, 7, 2, "* m A X", NULL, &got), RH_OK);
	ck_assert_int_eq(has(&rig, 7, NULL).has.objects, 1);
	ck_assert_int_eq(put(&rig, 7, 2, "* m A Y", "one", &got), RH_OK);
	ck_assert_int_eq(put(&rig, 7, 2, "* m A X", "back", &got), RH_QUOTA);
	ck_assert_int_eq(put(&rig, 7, -1, "* m A X", "back", &got), RH_OK);
	ck_assert_int_eq(has(&rig, 7, NULL).has.objects, 3);
	/* whoever writes an object last has it */
	ck_assert_int_eq(put(&rig, 8, 9, "* m A X", "theirs", &got), RH_OK);
	ck_assert_int_eq(has(&rig, 7, NULL).has.objects, 2);
	ck_assert_int_eq(has(&rig, 8, NULL).has.objects, 2);
	ck_assert_int_eq(put(&rig, 7, -1, "* m A X", NULL, &got), RH_OK);
	ck_assert_int_eq(has(&rig, 7, NULL).has.objects, 2);
	ck_assert_int_eq(has(&rig, 8, NULL).has.objects, 1);
	rig_end(&rig);
}
END_TEST

static enum rh_err
hand_out(struct rig *rig, const char *id, enum store_relink_kind kind, int64_t caller,
        int64_t target, int64_t quota)
{
	struct store_relink relink = { .id = str_of(id),
		.kind = kind,
		.target = STR("https://x.example/"),
		.caller_platform = caller,
		.target_platform = target,
		.caller_country = "DE",
		.caller_party = "ABC",
		.target_country = "NL",
		.target_party = "MSP",
		.expires_ms = 100 };
	struct store_op op = { .verb = STORE_RELINK_PUT,
		.u.relink_put = { .relink = &relink, .limited = true, .quota = quota } };
	enum rh_err err = rig_do(rig, &op);

	if (err == RH_QUOTA)
		ck_assert_ptr_nonnull(strstr(op.why, "quota of 2 URLs handed out reached"));
	return err;
}

START_TEST(test_fault_H6_no_more_urls_than_the_quota_until_they_expire)
{
	struct store_op expire = { .verb = STORE_EXPIRE, .u.expire.now_ms = 100 };
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	ck_assert_int_eq(hand_out(&rig, "a", RELINK_RESPONSE_URL, 1, 7, 2), RH_OK);
	ck_assert_int_eq(hand_out(&rig, "b", RELINK_LINK, 7, 1, 2), RH_OK);
	ck_assert_int_eq(hand_out(&rig, "c", RELINK_LOCATION, 7, 1, 2), RH_QUOTA);
	ck_assert_int_eq(hand_out(&rig, "d", RELINK_RESPONSE_URL, 1, 7, 2), RH_QUOTA);
	ck_assert_int_eq(hand_out(&rig, "e", RELINK_RESPONSE_URL, 7, 1, 2), RH_OK);
	ck_assert_int_eq(has(&rig, 7, NULL).has.relinks, 2);
	ck_assert_int_eq(has(&rig, 1, NULL).has.relinks, 1);
	ck_assert_int_eq(rig_do(&rig, &expire), RH_OK);
	ck_assert_int_eq(has(&rig, 7, NULL).has.relinks, 0);
	ck_assert_int_eq(hand_out(&rig, "c", RELINK_LOCATION, 7, 1, 2), RH_OK);
	rig_end(&rig);
}
END_TEST

void
contract_quota(TCase *tests)
{
	tcase_add_loop_test(
	        tests, test_fault_H6_no_more_objects_than_the_quota, contract_first, contract_end);
	tcase_add_loop_test(tests, test_fault_H6_no_more_urls_than_the_quota_until_they_expire,
	        contract_first, contract_end);
}
