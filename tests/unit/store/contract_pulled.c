/* contract_pulled: objects that nobody but a pull brought here. Fault L6. */
#include "contract.h"

#include "share.h"

static void
pull(struct rig *rig, int64_t platform, const char *key, const char *body)
{
	struct share share = { .body = body, .last_updated_ns = 1 };
	struct store_op op = share_op(key, &share);

	op.u.share.pulled = true;
	op.u.share.skip_unchanged = true;
	op.u.share.sender_platform = platform;
	ck_assert_msg(rig_do(rig, &op) == RH_OK, "%s", op.why);
}

/* "id=missed" of each, joined by spaces; read in pages of @limit. */
static const char *
pulled(struct rig *rig, int64_t platform, const char *module, size_t limit)
{
	struct store_op op = { .verb = STORE_PULLED,
		.u.pulled = { .platform = platform, .module = str_of(module), .limit = limit } };
	struct buf buf = { .arena = rig->arena };

	buf_add(&buf, STR(""));
	do {
		ck_assert_msg(rig_do(rig, &op) == RH_OK, "%s", op.why);
		ck_assert_uint_le(op.u.pulled.count, limit);
		for (size_t i = 0; i < op.u.pulled.count; i++) {
			const struct store_pulled *row = &op.u.pulled.rows[i];

			ck_assert_str(row->key.scope, STR("*"));
			ck_assert_str(row->key.module, str_of(module));
			buf_printf(&buf, "%.*s%.*s=%d ", STR_ARG(row->key.id),
			        STR_ARG(row->key.type), row->missed);
			op.u.pulled.after = row->key;
		}
	} while (op.u.pulled.count > 0);
	return buf.p == NULL ? "" : buf.p;
}

static void
miss(struct rig *rig, int64_t platform, const char *key, int missed)
{
	const struct store_pulled row = { .key = share_key(key), .missed = missed };
	struct store_op op = { .verb = STORE_PULLED_MISSED,
		.u.pulled = { .platform = platform, .rows = &row, .count = 1 } };

	ck_assert_msg(rig_do(rig, &op) == RH_OK, "%s", op.why);
}

START_TEST(test_pulled_objects_are_listed_by_platform_and_module_in_pages)
{
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	ck_assert_str_eq(pulled(&rig, 7, "tokens", 9), "");
	pull(&rig, 7, "* tokens B T1 RFID", "x");
	pull(&rig, 7, "* tokens A T2 RFID", "x");
	pull(&rig, 7, "* tokens A T2 OTHER", "x");
	pull(&rig, 7, "* tokens A T3 RFID", "x");
	pull(&rig, 7, "* tariffs A T4", "x");
	pull(&rig, 8, "* tokens C T5 RFID", "x");
	pull(&rig, 7, "V@1 tokens A T6 RFID", "x"); /* addressed: it is nobody's list */
	for (size_t limit = 1; limit < 6; limit++)
		ck_assert_str_eq(
		        pulled(&rig, 7, "tokens", limit), "T2OTHER=0 T2RFID=0 T3RFID=0 T1RFID=0 ");
	ck_assert_str_eq(pulled(&rig, 7, "tariffs", 9), "T4=0 ");
	ck_assert_str_eq(pulled(&rig, 8, "tokens", 9), "T5RFID=0 ");
	rig_end(&rig);
}
END_TEST

START_TEST(test_missed_walks_are_counted_until_a_walk_finds_it_again)
{
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	pull(&rig, 7, "* m A 1", "x");
	pull(&rig, 7, "* m A 2", "x");
	miss(&rig, 7, "* m A 1", 1);
	miss(&rig, 7, "* m A 2", 2);
	miss(&rig, 8, "* m A 2", 9); /* not its list */
	miss(&rig, 7, "* m A 3", 1); /* not there */
	ck_assert_str_eq(pulled(&rig, 7, "m", 9), "1=1 2=2 ");
	pull(&rig, 7, "* m A 1", "x");
	pull(&rig, 7, "* m A 2", "y");
	ck_assert_str_eq(pulled(&rig, 7, "m", 9), "1=0 2=0 ");
	miss(&rig, 7, "* m A 1", 1);
	miss(&rig, 7, "* m A 1", 0);
	pull(&rig, 8, "* m A 2", "y");
	ck_assert_str_eq(pulled(&rig, 7, "m", 9), "1=0 ");
	ck_assert_str_eq(pulled(&rig, 8, "m", 9), "2=0 ");
	rig_end(&rig);
}
END_TEST

/* What was pushed is never withdrawn, whether the push came before the pull or after it. */
START_TEST(test_a_push_and_a_deletion_make_an_object_a_pulled_one_no_more)
{
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	pull(&rig, 7, "* m A 1", "x");
	pull(&rig, 7, "* m A 2", "x");
	pull(&rig, 7, "* m A 3", "x");
	share_put(&rig, "* m A 1", "x", 1);
	pull(&rig, 7, "* m A 2", NULL);
	ck_assert_str_eq(pulled(&rig, 7, "m", 9), "3=0 ");
	pull(&rig, 7, "* m A 1", "x");
	pull(&rig, 7, "* m A 1", "y");
	share_put(&rig, "* m A 4", "x", 1);
	pull(&rig, 7, "* m A 4", "x");
	ck_assert_str_eq(pulled(&rig, 7, "m", 9), "3=0 ");
	pull(&rig, 7, "* m A 2", "again");
	ck_assert_str_eq(pulled(&rig, 7, "m", 9), "2=0 3=0 ");
	rig_end(&rig);
}
END_TEST

/* Whoever withdraws read the row a while ago. */
START_TEST(test_what_was_pushed_meanwhile_is_not_withdrawn)
{
	struct share nothing = { .body = NULL };
	struct store_op op = share_op("* m A 1", &nothing);
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	pull(&rig, 7, "* m A 1", "x");
	share_put(&rig, "* m A 1", "x", 1);
	op.u.share.pulled = true;
	ck_assert_int_eq(rig_do(&rig, &op), RH_UNKNOWN_OBJECT);
	op.u.share.pulled = false;
	ck_assert_int_eq(rig_do(&rig, &op), RH_OK); /* so it was there */
	rig_end(&rig);
}
END_TEST

START_TEST(test_records_that_go_by_age_are_no_longer_pulled)
{
	struct store_op op = { .verb = STORE_EXPIRE, .u.expire = { .before_ms = 2000 } };
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	pull(&rig, 7, "* cdrs A 1", "x");
	pull(&rig, 7, "* tariffs A 1", "x");
	ck_assert_int_eq(rig_do(&rig, &op), RH_OK);
	ck_assert_uint_eq(op.u.expire.dropped, 1);
	ck_assert_str_eq(pulled(&rig, 7, "cdrs", 9), "");
	ck_assert_str_eq(pulled(&rig, 7, "tariffs", 9), "1=0 ");
	rig_end(&rig);
}
END_TEST

void
contract_pulled(TCase *tests)
{
	tcase_add_loop_test(tests, test_pulled_objects_are_listed_by_platform_and_module_in_pages,
	        contract_first, contract_end);
	tcase_add_loop_test(tests, test_missed_walks_are_counted_until_a_walk_finds_it_again,
	        contract_first, contract_end);
	tcase_add_loop_test(tests, test_a_push_and_a_deletion_make_an_object_a_pulled_one_no_more,
	        contract_first, contract_end);
	tcase_add_loop_test(tests, test_what_was_pushed_meanwhile_is_not_withdrawn, contract_first,
	        contract_end);
	tcase_add_loop_test(tests, test_records_that_go_by_age_are_no_longer_pulled, contract_first,
	        contract_end);
}
