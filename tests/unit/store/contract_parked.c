/* contract_parked: what a receiver is owed beside its cursor. Faults D1, D9, D12, D18. */
#include "contract.h"

#include "owed.h"

#include <stdio.h>

enum { HOUR_MS = 3600 * 1000 };

START_TEST(test_a_parked_row_is_read_as_it_was_written)
{
	struct store_parked row = owed_row("platform/7", "NL*MSP", "* tokens DE*ABC T1 RFID");
	struct store_op op = { .verb = STORE_PARKED,
		.u.parked = { .receiver = STR("platform/7"), .now_ms = 2000, .limit = 5 } };
	const struct store_parked *got;
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	row.kind = PARKED_INTRODUCED;
	row.due_ms = 1500;
	owed_park(&rig, &row, 1);
	ck_assert_int_eq(rig_do(&rig, &op), RH_OK);
	ck_assert_uint_eq(op.u.parked.count, 1);
	got = op.u.parked.rows;
	ck_assert_str(got->receiver, row.receiver);
	ck_assert_str(got->to, row.to);
	ck_assert_str(got->key.scope, STR("*"));
	ck_assert_str(got->key.module, STR("tokens"));
	ck_assert_str(got->key.owner, STR("DE*ABC"));
	ck_assert_str(got->key.id, STR("T1"));
	ck_assert_str(got->key.type, STR("RFID"));
	ck_assert_int_eq(got->kind, PARKED_INTRODUCED);
	ck_assert_int_gt(got->seq, 0);
	ck_assert_int_eq(got->since_ms, 1000);
	ck_assert_int_eq(got->due_ms, 1500);
	ck_assert_int_eq(got->change, 3);
	ck_assert_int_eq(got->attempts, 3);
	ck_assert_int_eq(got->http, 500);
	ck_assert_int_eq(got->ocpi, 3000);
	ck_assert_str(got->why, row.why);
	rig_end(&rig);
}
END_TEST

/* fault D1: tried again later, the object keeps its place and the time since which it waits. */
START_TEST(test_parking_again_keeps_place_and_since_and_takes_the_rest)
{
	struct store_parked rows[] = { owed_row("R", "A", "* locations X L1"),
		owed_row("R", "A", "* locations X L2") };
	struct store_parked_args args = { .now_ms = 9000, .limit = 9 };
	struct store_parked later = rows[0];
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	owed_park(&rig, rows, 2);
	later.since_ms = 5000;
	later.attempts = 4;
	later.change = 8;
	later.kind = PARKED_REDRIVE;
	later.why = (struct str){ 0 };
	owed_park(&rig, &later, 1);
	ck_assert_str_eq(owed_due(&rig, &args), "R/A/L1 R/A/L2");
	ck_assert_int_lt(args.rows[0].seq, args.rows[1].seq);
	ck_assert_int_eq(args.rows[0].since_ms, 1000);
	ck_assert_int_eq(args.rows[0].attempts, 4);
	ck_assert_int_eq(args.rows[0].change, 8);
	ck_assert_int_eq(args.rows[0].kind, PARKED_REDRIVE);
	ck_assert_ptr_null(args.rows[0].why.p);
	ck_assert_uint_eq(args.total, 2);
	later.due_ms = 1001;
	owed_park(&rig, &later, 1);
	ck_assert_str_eq(owed_due(&rig, &args), "R/A/L2 R/A/L1");
	rig_end(&rig);
}
END_TEST

START_TEST(test_rows_differ_by_receiver_party_and_every_part_of_the_key)
{
	const struct store_parked rows[] = { owed_row("R", "A", "* locations X L1"),
		owed_row("R", "", "* locations X L1"), owed_row("S", "A", "* locations X L1"),
		owed_row("R", "A", "V@1 locations X L1"), owed_row("R", "A", "* tokens X L1"),
		owed_row("R", "A", "* locations Y L1"), owed_row("R", "A", "* locations X L2"),
		owed_row("R", "A", "* locations X L1 RFID") };
	struct store_parked_args all = { .now_ms = INT64_MAX, .limit = 99 };
	struct store_parked_args of = { .receiver = STR("R"), .now_ms = INT64_MAX, .limit = 99 };
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	owed_park(&rig, rows, COUNT(rows));
	owed_park(&rig, rows, COUNT(rows));
	ck_assert_str_eq(
	        owed_due(&rig, &all), "R/A/L1 R//L1 S/A/L1 R/A/L1 R/A/L1 R/A/L1 R/A/L2 R/A/L1");
	ck_assert_uint_eq(all.total, 8);
	owed_due(&rig, &of);
	ck_assert_uint_eq(of.count, 7);
	ck_assert_uint_eq(of.total, 7);
	owed_unpark(&rig, &rows[1], 1, false);
	owed_unpark(&rig, &rows[1], 1, false);
	owed_unpark(&rig, &rows[6], 2, false);
	ck_assert_str_eq(owed_due(&rig, &all), "R/A/L1 S/A/L1 R/A/L1 R/A/L1 R/A/L1");
	ck_assert_uint_eq(all.total, 5);
	rig_end(&rig);
}
END_TEST

/* Seven rows, three a slice: each comes once, whatever its receiver, and says what is counted. */
START_TEST(test_heads_of_all_rows_come_in_slices)
{
	static const char *const ids[] = { "L0", "L1", "L2", "L3", "L4", "L5" };
	static const size_t slices[] = { 3, 3, 1, 0 };
	struct store_op op = { .verb = STORE_PARKED_HEADS, .u.heads.limit = 3 };
	struct store_parked rows[COUNT(ids) + 1];
	size_t seen = 0, modules = 0;
	int64_t since_ms = 0;
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	ck_assert_int_eq(rig_do(&rig, &op), RH_OK);
	ck_assert_uint_eq(op.u.heads.count, 0);
	ck_assert(!op.u.heads.more);
	for (size_t i = 0; i < COUNT(ids); i++) {
		rows[i] = owed_row(i % 2 == 0 ? "R" : "S", "A", "* m X L0");
		rows[i].key.id = str_of(ids[i]);
		rows[i].since_ms = 1000 << i;
		rows[i].due_ms = 5000; /* of many that are due at once */
		rows[i].kind = i == 5 ? PARKED_PULLED : PARKED_FAILED;
	}
	rows[6] = owed_row("R", "A", "* m X L0");
	rows[6].key.id = STR(""); /* stands for a module */
	owed_park(&rig, rows, COUNT(rows));
	for (size_t slice = 0; slice < COUNT(slices); slice++) {
		ck_assert_int_eq(rig_do(&rig, &op), RH_OK);
		ck_assert_uint_eq(op.u.heads.count, slices[slice]);
		ck_assert(op.u.heads.more == (slice < 2));
		for (size_t i = 0; i < op.u.heads.count; i++) {
			const struct store_parked_head *head = &op.u.heads.rows[i];

			seen++;
			modules += !head->is_object;
			if (head->is_object)
				since_ms += head->since_ms;
			if (head->kind == PARKED_PULLED) {
				ck_assert_str(head->receiver, STR("S"));
				ck_assert_int_eq(head->since_ms, 32000);
			}
		}
	}
	ck_assert_uint_eq(seen, 7);
	ck_assert_uint_eq(modules, 1);
	ck_assert_int_eq(since_ms, 63000);
	rig_end(&rig);
}
END_TEST

/* Ten rows of two receivers, of which each third one is wanted: so many are looked at, and the read
 * says where it ended; a page that is full ends behind its last row. */
START_TEST(test_a_choice_looks_at_so_many_rows_and_goes_on)
{
	static const struct {
		const char *receiver, *module;
		size_t look, limit;
		const char *pages;
	} choices[] = {
		{ NULL, "w", 4, 9, "R/A/L0 S/A/L3|R/A/L6|S/A/L9|" },
		{ NULL, "w", 100, 9, "R/A/L0 S/A/L3 R/A/L6 S/A/L9|" },
		{ NULL, "w", 100, 2, "R/A/L0 S/A/L3|R/A/L6 S/A/L9|" },
		{ NULL, "n", 5, 9, "||" },
		{ "R", "w", 3, 9, "R/A/L0|R/A/L6|" },
		{ "R", NULL, 4, 9, "R/A/L0 R/A/L2 R/A/L4 R/A/L6|R/A/L8|" },
		{ "T", "w", 4, 9, "|" },
	};
	struct store_parked rows[10];
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	for (int i = 0; i < 10; i++) {
		rows[i] = owed_row(i % 2 == 0 ? "R" : "S", "A", "* m X L0");
		rows[i].key.module = i % 3 == 0 ? STR("w") : STR("m");
		rows[i].key.id = arena_printf(rig.arena, "L%d", i);
		rows[i].due_ms = 1000 + i / 2; /* two at once */
	}
	owed_park(&rig, rows, 10);
	for (size_t i = 0; i < COUNT(choices); i++) {
		struct store_parked_args args = {
			.receiver = str_of(choices[i].receiver),
			.key = { .module = str_of(choices[i].module) },
			.now_ms = INT64_MAX,
			.look = choices[i].look,
			.limit = choices[i].limit,
		};
		struct buf pages = { .arena = rig.arena };

		do
			buf_printf(&pages, "%s|", owed_due(&rig, &args));
		while (args.more);
		ck_assert_msg(str_is(buf_str(&pages), choices[i].pages), "%zu: %s", i, pages.p);
	}
	rig_end(&rig);
}
END_TEST

/* Rows are due at 1000, 2000, 3000 and, as after a clock that was set back, two hours later. */
START_TEST(test_what_is_due_is_read_by_its_time_and_tells_when_the_next_is)
{
	static const struct {
		int64_t now_ms;
		size_t limit;
		const char *due;
		int64_t next_due_ms;
	} rows[] = {
		{ 999, 9, "R/A/FAR", 1000 },
		{ 1000, 9, "R/A/L1 R/A/FAR", 2000 },
		{ 2500, 9, "R/A/L1 R/A/L2 R/A/FAR", 3000 },
		{ 3000, 9, "R/A/L1 R/A/L2 R/A/L3 R/A/FAR", 0 },
		{ 3000, 2, "R/A/L1 R/A/L2", 3000 },
		{ 3000, 3, "R/A/L1 R/A/L2 R/A/L3", 3000 }, /* the far one is due now */
		{ 3000, 0, "", 1000 },
		{ 3001 + HOUR_MS, 9, "R/A/L1 R/A/L2 R/A/L3", 2 * HOUR_MS + 3000 },
		{ 2 * HOUR_MS + 3000, 9, "R/A/L1 R/A/L2 R/A/L3 R/A/FAR", 0 },
		{ INT64_MAX, 9, "R/A/L1 R/A/L2 R/A/L3 R/A/FAR", 0 },
		{ INT64_MAX, 1, "R/A/L1", 2000 },
	};
	struct store_parked parked[] = { owed_row("R", "A", "* m X FAR"),
		owed_row("R", "A", "* m X L3"), owed_row("R", "A", "* m X L2"),
		owed_row("R", "A", "* m X L1"), owed_row("S", "B", "* m X L9") };
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	parked[0].due_ms = 2 * HOUR_MS + 3000;
	parked[1].due_ms = 3000;
	parked[2].due_ms = 2000;
	owed_park(&rig, parked, COUNT(parked));
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct store_parked_args args = {
			.receiver = STR("R"), .now_ms = rows[i].now_ms, .limit = rows[i].limit
		};

		ck_assert_str_eq(owed_due(&rig, &args), rows[i].due);
		ck_assert_msg(args.next_due_ms == rows[i].next_due_ms, "%zu: %lld", i,
		        (long long)args.next_due_ms);
		ck_assert_uint_eq(args.total, 4);
	}
	rig_end(&rig);
}
END_TEST

/* fault D12: all of them, whatever their number. */
START_TEST(test_thousands_of_introductions_are_kept_in_their_order)
{
	enum { ROWS = 3000, PAGE = 700 };
	static struct store_parked rows[ROWS];
	static char keys[ROWS][32];
	size_t seen = 0;
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	for (int i = 0; i < ROWS; i++) {
		snprintf(keys[i], sizeof(keys[i]), "* m X %d", i);
		rows[i] = owed_row("R", "", keys[i]);
		rows[i].kind = PARKED_INTRODUCED;
	}
	owed_park(&rig, rows, ROWS);
	while (seen < ROWS) {
		struct store_parked_args args = {
			.receiver = STR("R"), .now_ms = 1000, .limit = PAGE
		};

		owed_due(&rig, &args);
		ck_assert_uint_gt(args.count, 0);
		ck_assert_uint_eq(args.total, ROWS - seen);
		for (size_t i = 0; i < args.count; i++, seen++)
			ck_assert_str(args.rows[i].key.id, rows[seen].key.id);
		owed_unpark(&rig, args.rows, args.count, true);
		arena_reset(rig.arena);
	}
	ck_assert_str_eq(owed_all(&rig, "R"), "");
	rig_end(&rig);
}
END_TEST

/* fault D9: a refusal is over when the object was taken, and when it is old. */
START_TEST(test_what_was_taken_is_neither_parked_nor_refused_any_more)
{
	const struct store_parked rows[] = { owed_row("R", "A", "* m X L1"),
		owed_row("R", "A", "* m X L2"), owed_row("R", "A", "* m X L3") };
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	for (int i = 0; i < 2; i++) {
		owed_refuse(&rig, "R", "A", "* m X L1", 1, 100);
		owed_refuse(&rig, "R", "B", "* m X L1", 1, 101);
		owed_refuse(&rig, "R", "A", "* m X L2", 2, 102);
		owed_park(&rig, rows, 3);
		ck_assert_str_eq(owed_refusals(&rig, NULL), "R/A/L2@2 R/B/L1@1 R/A/L1@1");
		owed_unpark(&rig, rows, 2, i == 0);
		ck_assert_str_eq(owed_refusals(&rig, NULL),
		        i == 0 ? "R/B/L1@1" : "R/A/L2@2 R/B/L1@1 R/A/L1@1");
		ck_assert_str_eq(owed_all(&rig, NULL), "R/A/L3=1000");
	}
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_refusal_ends_the_parked_row_of_its_party_alone)
{
	const struct store_parked rows[] = { owed_row("R", "A", "* m X L1"),
		owed_row("R", "B", "* m X L1") };
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	owed_park(&rig, rows, 2);
	owed_refuse(&rig, "R", "A", "* m X L1", 4, 100);
	ck_assert_str_eq(owed_all(&rig, NULL), "R/B/L1=1000");
	ck_assert_str_eq(owed_refusals(&rig, NULL), "R/A/L1@4");
	rig_end(&rig);
}
END_TEST

START_TEST(test_several_refusals_are_put_and_dropped_in_one_write)
{
	struct store_failure rows[] = {
		{ .receiver = STR("R"), .to = STR("A"), .key = share_key("* m X L1"), .at_ms = 3 },
		{ .receiver = STR("R"), .to = STR("B"), .key = share_key("* m X L1"), .at_ms = 2 },
		{ .receiver = STR("S"), .key = share_key("* hubclientinfo X Y"), .at_ms = 1 },
	};
	struct store_op op = { .verb = STORE_FAILURE_PUT,
		.u.failures = { .failures = rows, .count = 3 } };
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	ck_assert_int_eq(rig_do(&rig, &op), RH_OK);
	ck_assert_str_eq(owed_refusals(&rig, NULL), "R/A/L1@0 R/B/L1@0 S//Y@0");
	op = (struct store_op){ .verb = STORE_FAILURE_DROP,
		.u.failures = { .failures = rows + 1, .count = 2 } };
	ck_assert_int_eq(rig_do(&rig, &op), RH_OK);
	ck_assert_str_eq(owed_refusals(&rig, NULL), "R/A/L1@0");
	rig_end(&rig);
}
END_TEST

/* fault D9 */
START_TEST(test_refusals_go_after_ninety_days)
{
	static const int64_t days_ms = 90LL * 24 * HOUR_MS;
	struct store_op op = { .verb = STORE_EXPIRE };
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	owed_refuse(&rig, "R", "A", "* m X L1", 1, 100);
	owed_refuse(&rig, "R", "A", "* m X L2", 1, 101);
	op.u.expire.now_ms = days_ms + 100;
	ck_assert_int_eq(rig_do(&rig, &op), RH_OK);
	ck_assert_uint_eq(op.u.expire.dropped, 0);
	op.u.expire.now_ms = days_ms + 101;
	ck_assert_int_eq(rig_do(&rig, &op), RH_OK);
	ck_assert_uint_eq(op.u.expire.dropped, 1);
	ck_assert_str_eq(owed_refusals(&rig, NULL), "R/A/L2@1");
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_removed_receiver_leaves_nothing_and_the_others_keep_theirs)
{
	enum { ROWS = 2500 };
	static struct store_parked rows[ROWS];
	static char keys[ROWS][32];
	const struct store_parked other = owed_row("S", "A", "* m X L1");
	struct store_cursor cursors[] = { { .receiver = STR("R"), .change = 1 },
		{ .receiver = STR("S"), .change = 2 } };
	struct store_op save = { .verb = STORE_CURSORS_SAVE, .u.cursors = { cursors, 2 } };
	struct store_op drop = { .verb = STORE_RECEIVER_DROP, .u.receiver.receiver = STR("R") };
	struct store_op load = { .verb = STORE_CURSORS_LOAD };
	uint64_t dropped = 0;
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	for (int i = 0; i < ROWS; i++) {
		snprintf(keys[i], sizeof(keys[i]), "* m X %d", i);
		rows[i] = owed_row("R", "A", keys[i]);
	}
	owed_park(&rig, rows, ROWS);
	owed_park(&rig, &other, 1);
	owed_refuse(&rig, "R", "A", "* m X L2", 1, 100);
	owed_refuse(&rig, "S", "A", "* m X L2", 1, 100);
	ck_assert_int_eq(rig_do(&rig, &save), RH_OK);
	do {
		ck_assert_int_eq(rig_do(&rig, &drop), RH_OK);
		dropped += drop.u.receiver.dropped;
	} while (drop.u.receiver.dropped > 0);
	ck_assert_uint_eq(dropped, ROWS + 2);
	ck_assert_str_eq(owed_all(&rig, NULL), "S/A/L1=1000");
	ck_assert_str_eq(owed_refusals(&rig, NULL), "S/A/L2@1");
	ck_assert_int_eq(rig_do(&rig, &load), RH_OK);
	ck_assert_uint_eq(load.u.cursors.count, 1);
	ck_assert_str(load.u.cursors.cursors[0].receiver, STR("S"));
	rig_end(&rig);
}
END_TEST

/* fault L4: with a new version it is owed, by the same commit; with the bytes that are there it is
 * not, nor with a refusal. */
START_TEST(test_a_share_may_owe_its_object_to_one_receiver)
{
	struct store_parked row = owed_row("platform/7", "NL*MSP", "NL*MSP@7 cdrs DE*CPO C1");
	struct share share = { .body = "one", .last_updated_ns = 1 };
	struct store_op op = share_op("NL*MSP@7 cdrs DE*CPO C1", &share);
	struct store_parked_args due = { .now_ms = INT64_MAX, .limit = 9 };
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	op.u.share.owe = &row;
	op.u.share.method = STR("POST");
	ck_assert_int_eq(rig_do(&rig, &op), RH_OK);
	ck_assert_str_eq(owed_all(&rig, "platform/7"), "platform/7/NL*MSP/C1=1000");
	owed_unpark(&rig, &row, 1, true);
	ck_assert_int_eq(rig_do(&rig, &op), RH_OK);
	ck_assert(op.u.share.unchanged);
	ck_assert_str_eq(owed_all(&rig, "platform/7"), "");
	share.err = RH_BAD_FIELD;
	ck_assert_int_eq(rig_do(&rig, &op), RH_BAD_FIELD);
	ck_assert_str_eq(owed_all(&rig, "platform/7"), "");
	share.err = RH_OK;
	share.body = "two";
	ck_assert_int_eq(rig_do(&rig, &op), RH_OK);
	ck_assert_str_eq(owed_all(&rig, "platform/7"), "platform/7/NL*MSP/C1=1000");
	owed_due(&rig, &due);
	ck_assert_int_eq(due.rows[0].change, op.u.share.change);
	rig_end(&rig);
}
END_TEST

/* fault L4: the answer to a version that was on its way when the next one came ends nothing of
 * that. */
START_TEST(test_what_is_owed_of_a_newer_version_outlives_the_answer_to_an_older_one)
{
	struct store_parked row = owed_row("R", "A", "* cdrs X C1"), older = row;
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	row.change = older.change + 1;
	owed_park(&rig, &row, 1);
	owed_unpark(&rig, &older, 1, true);
	ck_assert_str_eq(owed_all(&rig, "R"), "R/A/C1=1000");
	owed_refuse(&rig, "R", "A", "* cdrs X C1", older.change, 1000);
	ck_assert_str_eq(owed_all(&rig, "R"), "R/A/C1=1000");
	owed_refuse(&rig, "R", "A", "* cdrs X C1", row.change, 1000);
	ck_assert_str_eq(owed_all(&rig, "R"), "");
	owed_park(&rig, &row, 1);
	owed_unpark(&rig, &row, 1, true);
	ck_assert_str_eq(owed_all(&rig, "R"), "");
	rig_end(&rig);
}
END_TEST

void
contract_parked(TCase *tests)
{
	tcase_add_loop_test(tests,
	        test_what_is_owed_of_a_newer_version_outlives_the_answer_to_an_older_one,
	        contract_first, contract_end);
	tcase_add_loop_test(tests, test_a_share_may_owe_its_object_to_one_receiver, contract_first,
	        contract_end);
	tcase_add_loop_test(
	        tests, test_a_parked_row_is_read_as_it_was_written, contract_first, contract_end);
	tcase_add_loop_test(tests, test_parking_again_keeps_place_and_since_and_takes_the_rest,
	        contract_first, contract_end);
	tcase_add_loop_test(tests, test_rows_differ_by_receiver_party_and_every_part_of_the_key,
	        contract_first, contract_end);
	tcase_add_loop_test(tests, test_a_choice_looks_at_so_many_rows_and_goes_on, contract_first,
	        contract_end);
	tcase_add_loop_test(
	        tests, test_heads_of_all_rows_come_in_slices, contract_first, contract_end);
	tcase_add_loop_test(tests, test_what_is_due_is_read_by_its_time_and_tells_when_the_next_is,
	        contract_first, contract_end);
	tcase_add_loop_test(tests, test_thousands_of_introductions_are_kept_in_their_order,
	        contract_first, contract_end);
	tcase_add_loop_test(tests, test_what_was_taken_is_neither_parked_nor_refused_any_more,
	        contract_first, contract_end);
	tcase_add_loop_test(tests, test_a_refusal_ends_the_parked_row_of_its_party_alone,
	        contract_first, contract_end);
	tcase_add_loop_test(tests, test_several_refusals_are_put_and_dropped_in_one_write,
	        contract_first, contract_end);
	tcase_add_loop_test(
	        tests, test_refusals_go_after_ninety_days, contract_first, contract_end);
	tcase_add_loop_test(tests,
	        test_a_removed_receiver_leaves_nothing_and_the_others_keep_theirs, contract_first,
	        contract_end);
}
