/* contract_objects: objects shared, read, deleted, found and fed to receivers. */
#include "contract.h"

#include "share.h"

#include <string.h>

START_TEST(test_a_shared_object_is_read_as_it_was_written)
{
	struct share share = { .body = "{\"id\":\"L1\"}", .last_updated_ns = INT64_MAX - 1 };
	struct store_op op = share_op("* tokens DE*ABC T1 RFID", &share);
	struct store_object got;
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	op.u.share.method = STR("PATCH");
	op.u.share.suffix = STR("/3256/1?type=RFID");
	op.u.share.patch = STR("{\"x\":1}");
	ck_assert_int_eq(rig_do(&rig, &op), RH_OK);
	ck_assert(op.u.share.created);
	ck_assert_int_gt(op.u.share.change, 0);
	ck_assert_int_eq(share_get(&rig, "* tokens DE*ABC T1 RFID", &got), RH_OK);
	ck_assert_str(got.key.scope, STR("*"));
	ck_assert_str(got.key.module, STR("tokens"));
	ck_assert_str(got.key.owner, STR("DE*ABC"));
	ck_assert_str(got.key.id, STR("T1"));
	ck_assert_str(got.key.type, STR("RFID"));
	ck_assert_str(got.body, STR("{\"id\":\"L1\"}"));
	ck_assert_int_eq(got.last_updated_ns, INT64_MAX - 1);
	ck_assert_int_eq(got.change, op.u.share.change);
	ck_assert_int_eq(got.previous, 0);
	ck_assert_int_gt(got.seq, 0);
	ck_assert_str(got.method, STR("PATCH"));
	ck_assert_str(got.suffix, STR("/3256/1?type=RFID"));
	ck_assert_str(got.patch, STR("{\"x\":1}"));
	ck_assert_int_eq(got.sender_platform, 7);
	ck_assert_str(got.correlation_id, STR("corr"));
	ck_assert_int_eq(got.at_ms, 1000);
	rig_end(&rig);
}
END_TEST

START_TEST(test_every_part_of_a_key_is_compared_byte_by_byte)
{
	static const char *const others[] = {
		"X tokens DE*ABC T1 RFID",
		"* token DE*ABC T1 RFID",
		"* tokens DE*AB T1 RFID",
		"* tokens DE*ABC t1 RFID",
		"* tokens DE*ABC T RFID",
		"* tokens DE*ABC T1 APP_USER",
		"* tokens DE*ABC T1",
	};
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	share_put(&rig, "* tokens DE*ABC T1 RFID", "1", 1);
	for (size_t i = 0; i < COUNT(others); i++) {
		ck_assert_msg(share_get(&rig, others[i], NULL) == RH_NOT_FOUND, "%s", others[i]);
		share_put(&rig, others[i], "2", 1);
	}
	for (size_t i = 0; i < COUNT(others); i++)
		ck_assert_int_eq(share_get(&rig, others[i], NULL), RH_OK);
	rig_end(&rig);
}
END_TEST

START_TEST(test_make_gets_the_old_bytes_and_an_update_keeps_the_place)
{
	struct share share = { .body = "one", .last_updated_ns = 5 };
	struct store_op op = share_op("* locations DE*ABC L1", &share);
	struct store_object first, second;
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	ck_assert_int_eq(rig_do(&rig, &op), RH_OK);
	ck_assert_str_eq(share.old, "-");
	ck_assert_int_eq(share_get(&rig, "* locations DE*ABC L1", &first), RH_OK);
	share_put(&rig, "* locations DE*ABC L2", "other", 5);
	share.body = "two";
	op = share_op("* locations DE*ABC L1", &share);
	ck_assert_int_eq(rig_do(&rig, &op), RH_OK);
	ck_assert_str_eq(share.old, "one");
	ck_assert(!op.u.share.created);
	ck_assert_int_eq(share_get(&rig, "* locations DE*ABC L1", &second), RH_OK);
	ck_assert_str(second.body, STR("two"));
	ck_assert_int_eq(second.seq, first.seq);
	ck_assert_int_eq(second.previous, first.change);
	ck_assert_int_gt(second.change, first.change);
	rig_end(&rig);
}
END_TEST

START_TEST(test_an_error_of_make_is_the_answer_and_nothing_is_written)
{
	static const char *const olds[] = { NULL, "one" };
	struct rig rig;

	for (size_t i = 0; i < COUNT(olds); i++) {
		struct share share = { .body = "two", .err = RH_NOT_FOUND };
		struct store_op op = share_op("* locations DE*ABC L1", &share);
		struct store_object got = { 0 };
		int64_t head = 0, after = 0;

		rig_begin(&rig, contract_schemes[_i]);
		if (olds[i] != NULL)
			head = share_put(&rig, "* locations DE*ABC L1", olds[i], 1);
		ck_assert_int_eq(rig_do(&rig, &op), RH_NOT_FOUND);
		ck_assert_int_eq(op.u.share.fault.err, RH_NOT_FOUND);
		ck_assert_str_eq(op.u.share.fault.field, "/evse_uid");
		ck_assert_str_eq(op.u.share.fault.why, "refused by the test");
		ck_assert_str_eq(op.why, "refused by the test");
		share_feed(&rig, 0, 10, &after);
		ck_assert_int_eq(after, head);
		ck_assert_int_eq(share_get(&rig, "* locations DE*ABC L1", &got),
		        olds[i] == NULL ? RH_NOT_FOUND : RH_OK);
		ck_assert_str(got.body, str_of(olds[i]));
		rig_end(&rig);
	}
}
END_TEST

START_TEST(test_identical_bytes_are_a_change_for_everybody_and_none_for_one_party)
{
	static const struct {
		const char *key;
		bool changes;
	} rows[] = {
		{ "* locations DE*ABC L1", true },
		{ "NL*MSP sessions DE*ABC S1", false },
	};
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t first = share_put(&rig, rows[i].key, "same", 1);
		int64_t second = share_put(&rig, rows[i].key, "same", 1), head;
		struct store_object got;

		ck_assert_int_eq(second > first, rows[i].changes);
		ck_assert_int_ge(second, first);
		share_feed(&rig, 0, 10, &head);
		ck_assert_int_eq(head, second);
		ck_assert_int_eq(share_get(&rig, rows[i].key, &got), RH_OK);
		ck_assert_int_eq(got.change, second);
		ck_assert_int_gt(share_put(&rig, rows[i].key, "other", 1), second);
	}
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_deleted_object_is_gone_stays_in_the_feed_and_comes_back_at_a_new_place)
{
	struct store_object before, after;
	struct rig rig;
	int64_t head;

	rig_begin(&rig, contract_schemes[_i]);
	share_put(&rig, "* tariffs DE*ABC T1", "one", 1);
	share_put(&rig, "* tariffs DE*ABC T2", "two", 1);
	ck_assert_int_eq(share_get(&rig, "* tariffs DE*ABC T1", &before), RH_OK);
	share_put(&rig, "* tariffs DE*ABC T1", NULL, 2);
	ck_assert_int_eq(share_get(&rig, "* tariffs DE*ABC T1", NULL), RH_NOT_FOUND);
	ck_assert_str_eq(share_feed(&rig, 0, 10, &head), "T2:two T1:-");
	ck_assert_int_eq(share_put(&rig, "* tariffs DE*ABC T1", NULL, 2), head);
	share_put(&rig, "* tariffs DE*ABC T1", "one again", 3);
	ck_assert_int_eq(share_get(&rig, "* tariffs DE*ABC T1", &after), RH_OK);
	ck_assert_int_gt(after.seq, before.seq);
	ck_assert_int_eq(after.previous, head);
	ck_assert_str_eq(share_feed(&rig, 0, 10, NULL), "T2:two T1:one again");
	rig_end(&rig);
}
END_TEST

START_TEST(test_the_feed_is_what_was_shared_with_everybody_by_change)
{
	int64_t first, third, head;
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	ck_assert_str_eq(share_feed(&rig, 0, 10, &head), "");
	ck_assert_int_eq(head, 0);
	first = share_put(&rig, "* locations DE*ABC L1", "a", 1);
	share_put(&rig, "NL*MSP sessions DE*ABC S1", "private", 1);
	share_put(&rig, "* tokens NL*MSP T1 RFID", "b", 1);
	share_put(&rig, "* locations DE*ABC L1", "c", 1);
	third = share_put(&rig, "NL*MSP sessions DE*ABC S1", "private still", 1);
	ck_assert_str_eq(share_feed(&rig, 0, 10, &head), "T1:b L1:c");
	ck_assert_int_eq(head, third);
	ck_assert_str_eq(share_feed(&rig, first, 1, NULL), "T1:b");
	ck_assert_str_eq(share_feed(&rig, head - 2, 10, NULL), "L1:c");
	ck_assert_str_eq(share_feed(&rig, head, 10, NULL), "");
	ck_assert_str_eq(share_feed(&rig, 0, 0, NULL), "");
	rig_end(&rig);
}
END_TEST

START_TEST(test_heads_of_the_feed_say_whose_change_it_is_and_when_and_whether_it_is_there)
{
	struct store_op op = { .verb = STORE_FEED, .u.feed = { .limit = 2, .heads = true } };
	const struct store_object *got;
	struct rig rig;
	int64_t head;

	rig_begin(&rig, contract_schemes[_i]);
	share_put(&rig, "* tokens NL*MSP T1 RFID", "b", 1);
	share_put(&rig, "* tariffs DE*ABC T2", "c", 1);
	head = share_put(&rig, "* tariffs DE*ABC T2", NULL, 2);
	share_put(&rig, "* tariffs DE*ABC T3", "d", 3);
	ck_assert_int_eq(rig_do(&rig, &op), RH_OK);
	got = op.u.feed.objects;
	ck_assert_uint_eq(op.u.feed.count, 2);
	ck_assert(op.u.feed.more);
	ck_assert_str(got[0].key.owner, STR("NL*MSP"));
	ck_assert_str(got[0].key.type, STR("RFID"));
	ck_assert_ptr_nonnull(got[0].body.p);
	ck_assert_str(got[1].key.module, STR("tariffs"));
	ck_assert_ptr_null(got[1].body.p);
	ck_assert_int_eq(got[1].change, head);
	rig_end(&rig);
}
END_TEST

START_TEST(test_find_tells_every_owner_scope_and_type_of_an_id)
{
	static const struct {
		const char *id, *type;
		size_t limit;
		const char *found, *owner;
	} rows[] = {
		{ "X", NULL, 10, "DE*ABC//* DE*ABC//NL*MSP DE*XYZ/RFID/* " },
		{ "X", "RFID", 10, "DE*XYZ/RFID/* " },
		{ "X", "", 10, "DE*ABC//* DE*ABC//NL*MSP " },
		{ "X", NULL, 1, "DE*ABC//* " },
		{ "Y", NULL, 10, "" },
		{ "x", NULL, 10, "" },
		{ "X", NULL, 1, "DE*XYZ/RFID/* ", "DE*XYZ" }, /* the others do not count */
		{ "X", NULL, 10, "DE*ABC//* DE*ABC//NL*MSP ", "DE*ABC" },
		{ "X", NULL, 10, "", "DE*DEL" },
		{ "X", NULL, 10, "", "" },
	};
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	share_put(&rig, "* m DE*XYZ X RFID", "1", 1);
	share_put(&rig, "NL*MSP m DE*ABC X", "1", 1);
	share_put(&rig, "* m DE*ABC X", "1", 1);
	share_put(&rig, "* m DE*DEL X", "1", 1);
	share_put(&rig, "* m DE*DEL X", NULL, 1);
	share_put(&rig, "* n DE*OTH X", "1", 1);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct store_op op = { .verb = STORE_OBJECT_FIND,
			.u.find = { .module = STR("m"),
			        .id = str_of(rows[i].id),
			        .owner = str_of(rows[i].owner),
			        .type = str_of(rows[i].type),
			        .limit = rows[i].limit } };
		struct buf buf = { .arena = rig.arena };

		ck_assert_int_eq(rig_do(&rig, &op), RH_OK);
		buf_add(&buf, STR(""));
		for (size_t k = 0; k < op.u.find.count; k++) {
			const struct store_key *key = &op.u.find.keys[k];

			buf_printf(&buf, "%.*s/%.*s/%.*s ", STR_ARG(key->owner), STR_ARG(key->type),
			        STR_ARG(key->scope));
		}
		ck_assert_str(buf_str(&buf), str_of(rows[i].found));
	}
	rig_end(&rig);
}
END_TEST

/* Many shares of few objects in few commits: numbers grow in the order of submission. */
START_TEST(test_changes_grow_by_the_order_of_commit)
{
	enum { OPS = 200 };
	static const char *const keys[] = { "* locations A L1", "* locations A L2",
		"B sessions A S1" };
	struct share shares[OPS] = { 0 };
	struct rig_op ops[OPS] = { 0 };
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	for (int i = 0; i < OPS; i++) {
		shares[i] = (struct share){ .body = i % 2 == 0 ? "even" : "odd",
			.err = i % 7 == 6 ? RH_NOT_FOUND : RH_OK };
		ops[i].op = share_op(keys[i % 3], &shares[i]);
		rig_submit(&rig, &ops[i]);
	}
	for (int i = 0, last = 0; i < OPS; i++) {
		rig_wait(&rig, &ops[i]);
		ck_assert_int_eq(ops[i].op.err, i % 7 == 6 ? RH_NOT_FOUND : RH_OK);
		if (ops[i].op.err != RH_OK || (i % 3 == 2 && ops[i].op.u.share.change <= last))
			continue; /* the second: bytes that were there already */
		ck_assert_int_gt(ops[i].op.u.share.change, last);
		last = (int)ops[i].op.u.share.change;
	}
	rig_end(&rig);
}
END_TEST

void
contract_objects(TCase *tests)
{
	tcase_add_loop_test(tests, test_a_shared_object_is_read_as_it_was_written, contract_first,
	        contract_end);
	tcase_add_loop_test(tests, test_every_part_of_a_key_is_compared_byte_by_byte,
	        contract_first, contract_end);
	tcase_add_loop_test(tests, test_make_gets_the_old_bytes_and_an_update_keeps_the_place,
	        contract_first, contract_end);
	tcase_add_loop_test(tests, test_an_error_of_make_is_the_answer_and_nothing_is_written,
	        contract_first, contract_end);
	tcase_add_loop_test(tests,
	        test_identical_bytes_are_a_change_for_everybody_and_none_for_one_party,
	        contract_first, contract_end);
	tcase_add_loop_test(tests,
	        test_a_deleted_object_is_gone_stays_in_the_feed_and_comes_back_at_a_new_place,
	        contract_first, contract_end);
	tcase_add_loop_test(tests, test_the_feed_is_what_was_shared_with_everybody_by_change,
	        contract_first, contract_end);
	tcase_add_loop_test(tests, test_find_tells_every_owner_scope_and_type_of_an_id,
	        contract_first, contract_end);
	tcase_add_loop_test(tests,
	        test_heads_of_the_feed_say_whose_change_it_is_and_when_and_whether_it_is_there,
	        contract_first, contract_end);
	tcase_add_loop_test(
	        tests, test_changes_grow_by_the_order_of_commit, contract_first, contract_end);
}
