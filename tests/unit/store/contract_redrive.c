/* contract_redrive: refusals and parked rows that are tried again on command. Fault D8. */
#include "contract.h"

#include "owed.h"

#include <string.h>

static uint64_t
redrive(struct rig *rig, struct store_redrive_args args)
{
	struct store_op op = { .verb = STORE_REDRIVE, .u.redrive = args };

	ck_assert_msg(rig_do(rig, &op) == RH_OK, "%s", op.why);
	return op.u.redrive.count;
}

/* R refused L1 and L2 (for A) and L1 for B; L2 of A is parked beside it, and L3. S refused L1. */
static void
begin(struct rig *rig, const char *scheme)
{
	struct store_parked rows[] = { owed_row("R", "A", "* m X L3"),
		owed_row("R", "A", "* m X L2"), owed_row("S", "C", "* m X L9") };

	rows[0].due_ms = 9000;
	rows[0].since_ms = 50;
	rows[1].due_ms = 9500;
	rows[1].since_ms = 60;
	rows[2].due_ms = 9900;
	rig_begin(rig, scheme);
	owed_refuse(rig, "R", "A", "* m X L1", 4, 100);
	owed_refuse(rig, "R", "B", "* m X L1", 3, 200);
	owed_refuse(rig, "R", "A", "* m X L2", 6, 300);
	owed_refuse(rig, "S", "C", "* m X L1", 7, 400);
	owed_park(rig, rows, 3);
}

START_TEST(test_redrive_parks_what_was_refused_and_hastens_what_is_parked)
{
	static const char before[] = "R/A/L3=9000 R/A/L2=9500 S/C/L9=9900";
	static const struct {
		const char *receiver, *key;
		int64_t since_ms;
		uint64_t count;
		const char *left;
	} rows[] = {
		{ "R", NULL, 0, 4, "R/A/L3=500 R/A/L2=500 R/A/L1=500 R/B/L1=500 S/C/L9=9900" },
		{ "R", "* m X L1", 0, 2,
		        "R/A/L1=500 R/B/L1=500 R/A/L3=9000 R/A/L2=9500 S/C/L9=9900" },
		{ "R", "* m X L3", 0, 1, "R/A/L3=500 R/A/L2=9500 S/C/L9=9900" },
		{ "R", "* m X L2", 0, 1, "R/A/L2=500 R/A/L3=9000 S/C/L9=9900" },
		{ "R", NULL, 200, 2, "R/A/L2=500 R/B/L1=500 R/A/L3=9000 S/C/L9=9900" },
		{ "R", "* m X L7", 0, 0, before },
		{ "T", NULL, 0, 0, before },
		{ NULL, NULL, 0, 6,
		        "R/A/L3=500 R/A/L2=500 S/C/L9=500 R/A/L1=500 R/B/L1=500 S/C/L1=500" },
	};
	struct rig rig;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct store_redrive_args args = {
			.receiver = str_of(rows[i].receiver),
			.since_ms = rows[i].since_ms,
			.now_ms = 500,
			.dry_run = true,
		};

		if (rows[i].key != NULL)
			args.key = share_key(rows[i].key);
		begin(&rig, contract_schemes[_i]);
		ck_assert_uint_eq(redrive(&rig, args), rows[i].count);
		ck_assert_str_eq(owed_all(&rig, NULL), before);
		args.dry_run = false;
		ck_assert_uint_eq(redrive(&rig, args), rows[i].count);
		ck_assert_str_eq(owed_all(&rig, NULL), rows[i].left);
		ck_assert_str_eq(owed_refusals(&rig, NULL),
		        "S/C/L1@7 R/A/L2@6 R/B/L1@3 R/A/L1@4"); /* they stay until it is taken */
		rig_end(&rig);
	}
}
END_TEST

START_TEST(test_a_redriven_refusal_knows_what_was_refused)
{
	struct store_parked_args args = { .receiver = STR("S"), .now_ms = 500, .limit = 9 };
	struct rig rig;

	begin(&rig, contract_schemes[_i]);
	redrive(&rig, (struct store_redrive_args){
	                      .receiver = STR("S"), .key = share_key("* m X L1"), .now_ms = 500 });
	ck_assert_str_eq(owed_due(&rig, &args), "S/C/L1");
	ck_assert_int_eq(args.rows[0].kind, PARKED_REDRIVE);
	ck_assert_int_eq(args.rows[0].since_ms, 400);
	ck_assert_int_eq(args.rows[0].change, 7);
	ck_assert_int_eq(args.rows[0].attempts, 0);
	ck_assert_int_eq(args.rows[0].http, 400);
	ck_assert_int_eq(args.rows[0].ocpi, 2001);
	ck_assert_str(args.rows[0].why, STR("no such connector"));
	rig_end(&rig);
}
END_TEST

/* What stands in the store: begin(). An absent part is any; until is not among it. */
START_TEST(test_rows_are_chosen_by_receiver_parts_of_the_key_and_time)
{
	static const struct {
		const char *receiver, *module, *owner, *id;
		int64_t since_ms, until_ms;
		const char *refused, *parked;
		uint64_t redriven;
	} rows[] = {
		{ NULL, "m", NULL, NULL, 0, 0, "S/C/L1@7 R/A/L2@6 R/B/L1@3 R/A/L1@4",
		        "R/A/L3 R/A/L2 S/C/L9", 6 },
		{ NULL, "n", NULL, NULL, 0, 0, "", "", 0 },
		{ NULL, "m", "X", "L1", 0, 0, "S/C/L1@7 R/B/L1@3 R/A/L1@4", "", 3 },
		{ "R", "m", "X", "L1", 0, 0, "R/B/L1@3 R/A/L1@4", "", 2 },
		{ NULL, "m", "Y", NULL, 0, 0, "", "", 0 },
		{ NULL, NULL, NULL, "L2", 0, 0, "R/A/L2@6", "R/A/L2", 1 },
		{ "R", "m", NULL, NULL, 0, 0, "R/A/L2@6 R/B/L1@3 R/A/L1@4", "R/A/L3 R/A/L2", 4 },
		{ NULL, NULL, NULL, NULL, 100, 300, "R/B/L1@3 R/A/L1@4", "", 2 },
		{ NULL, NULL, NULL, NULL, 0, 100, "", "R/A/L3 R/A/L2", 2 },
		{ "S", NULL, NULL, NULL, 400, 0, "S/C/L1@7", "S/C/L9", 2 },
		{ "S", "m", NULL, NULL, 0, 400, "", "", 0 },
	};
	struct rig rig;

	begin(&rig, contract_schemes[_i]);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct store_key key = { .module = str_of(rows[i].module),
			.owner = str_of(rows[i].owner),
			.id = str_of(rows[i].id) };
		struct str receiver = str_of(rows[i].receiver);
		struct store_failures_args failures = {
			.receiver = receiver,
			.key = key,
			.since_ms = rows[i].since_ms,
			.until_ms = rows[i].until_ms,
			.limit = 9,
		};
		struct store_parked_args parked = {
			.receiver = receiver,
			.key = key,
			.since_ms = rows[i].since_ms,
			.until_ms = rows[i].until_ms,
			.now_ms = INT64_MAX,
			.limit = 9,
		};
		struct store_redrive_args again = {
			.receiver = receiver,
			.key = key,
			.since_ms = rows[i].since_ms,
			.until_ms = rows[i].until_ms,
			.now_ms = 500,
			.dry_run = true,
		};

		ck_assert_str_eq(owed_refused(&rig, &failures), rows[i].refused);
		ck_assert_str_eq(owed_due(&rig, &parked), rows[i].parked);
		ck_assert_uint_eq(parked.total, rows[i].receiver == NULL        ? 3
		                                : strcmp(rows[i].receiver, "R") ? 1
		                                                                : 2);
		ck_assert_uint_eq(redrive(&rig, again), rows[i].redriven);
	}
	rig_end(&rig);
}
END_TEST

/* Of the newest so many are looked at, of a time when one is said. */
START_TEST(test_of_all_refusals_so_many_are_looked_at)
{
	static const struct {
		const char *module, *id;
		int64_t since_ms, until_ms;
		size_t look, limit;
		const char *refused;
	} rows[] = {
		{ "m", "L1", 0, 0, 2, 9, "S/C/L1@7" },
		{ "m", NULL, 0, 0, 9, 2, "S/C/L1@7 R/A/L2@6" },
		{ NULL, NULL, 0, 300, 1, 9, "R/B/L1@3" },
		{ NULL, NULL, 0, 400, 9, 9, "R/A/L2@6 R/B/L1@3 R/A/L1@4" },
		{ NULL, NULL, 200, 0, 2, 9, "S/C/L1@7 R/A/L2@6" },
		{ "n", NULL, 0, 0, 9, 9, "" },
	};
	struct rig rig;

	begin(&rig, contract_schemes[_i]);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct store_failures_args args = {
			.key = { .module = str_of(rows[i].module), .id = str_of(rows[i].id) },
			.since_ms = rows[i].since_ms,
			.until_ms = rows[i].until_ms,
			.look = rows[i].look,
			.limit = rows[i].limit,
		};

		ck_assert_str_eq(owed_refused(&rig, &args), rows[i].refused);
	}
	rig_end(&rig);
}
END_TEST

void
contract_redrive(TCase *tests)
{
	tcase_add_loop_test(
	        tests, test_of_all_refusals_so_many_are_looked_at, contract_first, contract_end);
	tcase_add_loop_test(tests, test_rows_are_chosen_by_receiver_parts_of_the_key_and_time,
	        contract_first, contract_end);
	tcase_add_loop_test(tests, test_redrive_parks_what_was_refused_and_hastens_what_is_parked,
	        contract_first, contract_end);
	tcase_add_loop_test(tests, test_a_redriven_refusal_knows_what_was_refused, contract_first,
	        contract_end);
}
