/* contract_owed: cursors, failures, agreements, hints, and what goes by age. */
#include "contract.h"

#include "share.h"

START_TEST(test_cursors_are_saved_in_batches_and_loaded_whole)
{
	static const struct store_cursor first[] = {
		{ { "NL*MSP/EMSP", 11 }, 5 }, { { "DE*ABC/CPO", 10 }, INT64_MAX },
	};
	static const struct store_cursor second[] = {
		{ { "NL*MSP/EMSP", 11 }, 9 }, { { "FR*X/EMSP", 9 }, 1 }, { { "FR*X/EMSP", 9 }, 2 },
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
	rig_end(&rig);
}
END_TEST

void
contract_owed(TCase *tests)
{
	tcase_add_loop_test(
	        tests, test_cursors_are_saved_in_batches_and_loaded_whole, 0, CONTRACT_SCHEMES);
}
