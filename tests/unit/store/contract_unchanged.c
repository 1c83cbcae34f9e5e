/* contract_unchanged: the same bytes again, and a feed that is bounded in bytes. Faults D17, D6. */
#include "contract.h"

#include "owed.h"

/* A share of @body with skip_unchanged, as it was answered. */
static struct store_share_args
again(struct rig *rig, const char *key, const char *method, const char *body)
{
	struct share share = { .body = body, .last_updated_ns = 1 };
	struct store_op op = share_op(key, &share);

	op.u.share.method = str_of(method);
	op.u.share.skip_unchanged = true;
	op.u.share.at_ms = 5000;
	ck_assert_msg(rig_do(rig, &op) == RH_OK, "%s", op.why);
	return op.u.share;
}

START_TEST(test_a_put_of_the_same_bytes_is_no_change_where_that_is_asked_for)
{
	static const struct {
		const char *method, *body;
		bool unchanged;
	} rows[] = {
		{ "PUT", "one", true },
		{ "PUT", "two", false },
		{ "PUT", "on", false },
		{ "PATCH", "one", false },
		{ "DELETE", NULL, false },
	};
	struct store_share_args got;
	struct store_object object;
	int64_t first, head;
	struct rig rig;

	for (size_t i = 0; i < COUNT(rows); i++) {
		rig_begin(&rig, contract_schemes[_i]);
		first = share_put(&rig, "* m A X", "one", 1);
		got = again(&rig, "* m A X", rows[i].method, rows[i].body);
		ck_assert_int_eq(got.unchanged, rows[i].unchanged);
		ck_assert(!got.created);
		ck_assert_uint_eq(got.woken, 0);
		ck_assert_int_eq(got.change == first, rows[i].unchanged);
		share_feed(&rig, 0, 9, &head);
		ck_assert_int_eq(head, got.change);
		if (rows[i].unchanged) {
			ck_assert_int_eq(share_get(&rig, "* m A X", &object), RH_OK);
			ck_assert_int_eq(object.at_ms, 1000);
		}
		rig_end(&rig);
	}
}
END_TEST

START_TEST(test_the_first_bytes_and_those_after_a_deletion_are_changes)
{
	struct store_share_args got;
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	got = again(&rig, "* m A X", "PUT", "one");
	ck_assert(got.created && !got.unchanged);
	share_put(&rig, "* m A X", NULL, 1);
	got = again(&rig, "* m A X", "PUT", "one");
	ck_assert(got.created && !got.unchanged);
	ck_assert_str_eq(share_feed(&rig, 0, 9, NULL), "X:one");
	rig_end(&rig);
}
END_TEST

/* Never skipped for who holds a refusal or a parked version: those get it now. */
START_TEST(test_the_same_bytes_wake_refusals_and_parked_rows_of_that_object)
{
	struct store_parked rows[] = { owed_row("R", "A", "* m A X"), owed_row("R", "A", "* m A Y"),
		owed_row("S", "A", "* m A X") };
	struct store_share_args got;
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	rows[0].due_ms = rows[1].due_ms = 9000;
	share_put(&rig, "* m A X", "one", 1);
	owed_park(&rig, rows, 3);
	owed_refuse(&rig, "R", "A", "* m A X", 1, 100); /* it ends the parked row */
	owed_park(&rig, rows, 1);
	owed_refuse(&rig, "R", "B", "* m A X", 1, 100);
	owed_refuse(&rig, "R", "B", "* m A Y", 1, 100);
	got = again(&rig, "* m A X", "PUT", "one");
	ck_assert(got.unchanged);
	ck_assert_uint_eq(got.woken, 2);
	ck_assert_str_eq(owed_all(&rig, NULL), "S/A/X=1000 R/A/X=5000 R/B/X=5000 R/A/Y=9000");
	ck_assert_uint_eq(again(&rig, "* m A X", "PUT", "one").woken, 0);
	ck_assert_uint_eq(again(&rig, "* m A X", "PUT", "two").woken, 0);
	rig_end(&rig);
}
END_TEST

/* fault D6: a batch is bounded in bytes, and always goes on. */
START_TEST(test_a_feed_ends_with_the_object_that_exceeds_its_bytes)
{
	static const struct {
		int64_t after;
		size_t limit, max_bytes;
		const char *got;
		bool more;
	} rows[] = {
		{ 0, 9, 0, "L1:1234 L2:5678 L3:- L4:90", false },
		{ 0, 9, 1, "L1:1234", true },
		{ 0, 9, 3, "L1:1234", true },
		{ 0, 9, 4, "L1:1234 L2:5678", true },
		{ 0, 9, 8, "L1:1234 L2:5678 L3:- L4:90", false },
		{ 0, 2, 0, "L1:1234 L2:5678", true },
		{ 0, 4, 0, "L1:1234 L2:5678 L3:- L4:90", false },
		{ 0, 0, 0, "", true },
		{ 9, 0, 0, "", false },
		{ 9, 9, 1, "", false },
	};
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	share_put(&rig, "* m A L3", "gone", 1);
	share_put(&rig, "* m A L1", "1234", 1);
	share_put(&rig, "* m A L2", "5678", 1);
	share_put(&rig, "* m A L3", NULL, 1);
	share_put(&rig, "* m A L4", "90", 1);
	share_put(&rig, "V@1 m A L5", "x", 1);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct store_feed_args args = { .after = rows[i].after,
			.limit = rows[i].limit,
			.max_bytes = rows[i].max_bytes };

		ck_assert_str_eq(share_read_feed(&rig, &args), rows[i].got);
		ck_assert_msg(args.more == rows[i].more, "%zu", i);
	}
	rig_end(&rig);
}
END_TEST

void
contract_unchanged(TCase *tests)
{
	tcase_add_loop_test(tests,
	        test_a_put_of_the_same_bytes_is_no_change_where_that_is_asked_for, contract_first,
	        contract_end);
	tcase_add_loop_test(tests, test_the_first_bytes_and_those_after_a_deletion_are_changes,
	        contract_first, contract_end);
	tcase_add_loop_test(tests, test_the_same_bytes_wake_refusals_and_parked_rows_of_that_object,
	        contract_first, contract_end);
	tcase_add_loop_test(tests, test_a_feed_ends_with_the_object_that_exceeds_its_bytes,
	        contract_first, contract_end);
}
