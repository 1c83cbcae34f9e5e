/* test_slots: when a process takes a slot, and when it gives it back; what of a platform the others
 * are told. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "../../../src/hub/push/hold.h"
#include "../../../src/hub/slots.h"
#include "../../../src/hub/status_doc.h"
#include "../suite.h"

/* ---- of the hub ---- */

static const struct {
	const char *what;
	struct slots_state before;
	struct slots_seen seen;
	struct slots_state after;
	uint64_t given;
} steps[] = {
	{ "nothing", { 0 }, { 0 }, { 0 }, 0 },
	{ "one comes, and is read first", { 0 }, { .held = 1 }, { .coming = 1 }, 0 },
	{ "it is not read yet", { .coming = 1 }, { .held = 1 }, { .coming = 1 }, 0 },
	{ "it was read", { .coming = 1 }, { .held = 1, .known = 1 }, { .open = 1 }, 0 },
	{ "another one comes beside it", { .open = 1 }, { .held = 3 }, { .open = 1, .coming = 2 },
	        0 },
	{ "one that was never opened is given at once", { .coming = 1 }, { .held = 1, .wanted = 1 },
	        { 0 }, 1 },
	{ "even when it was read just now", { .coming = 1 }, { .held = 1, .wanted = 1, .known = 1 },
	        { 0 }, 1 },
	{ "one that is wanted as it comes", { 0 }, { .held = 1, .wanted = 1 }, { 0 }, 1 },
	{ "one that is wanted closes first", { .open = 3 }, { .held = 3, .wanted = 1 },
	        { .open = 2, .closing = 1 }, 0 },
	{ "what was quiet before it closed says nothing", { .open = 1 },
	        { .held = 1, .wanted = 1, .busy = 0 }, { .closing = 1 }, 0 },
	{ "while something is under way", { .closing = 1 }, { .held = 1, .wanted = 1, .busy = 1 },
	        { .closing = 1 }, 0 },
	{ "then it is given", { .closing = 1 }, { .held = 1, .wanted = 1 }, { 0 }, 1 },
	{ "though nobody wants it any more", { .closing = 1 }, { .held = 1 }, { 0 }, 1 },
	{ "one busy, one not", { .closing = 3 }, { .held = 3, .wanted = 3, .busy = 2 },
	        { .closing = 2 }, 1 },
	{ "the hub stops: all close", { .open = 6, .coming = 1 }, { .held = 7, .stopping = true },
	        { .closing = 6 }, 1 },
	{ "and none is taken", { 0 }, { .held = 4, .stopping = true }, { 0 }, 4 },
	{ "it was put out", { .open = 1, .coming = 2, .closing = 4 }, { .held = 0 }, { 0 }, 0 },
};

START_TEST(test_a_slot_is_taken_and_given)
{
	struct slots_state state = steps[_i].before;
	uint64_t given = slots_after(&state, &steps[_i].seen);

	ck_assert_msg(memcmp(&state, &steps[_i].after, sizeof state) == 0, "%s", steps[_i].what);
	ck_assert_msg(given == steps[_i].given, "%s", steps[_i].what);
}
END_TEST

/* ---- of a channel that closes ---- */

static const struct {
	struct hold_seen seen;
	enum hold_next next;
} ends[] = {
	{ { .sending = true, .now_ms = 1, .cut_at_ms = 2 }, HOLD_WAIT },
	{ { .sending = true, .now_ms = 2, .cut_at_ms = 2 }, HOLD_CUT },
	{ { .sending = true, .saved = true, .now_ms = 1, .cut_at_ms = 2 }, HOLD_WAIT },
	{ { .writing = true, .saved = true, .now_ms = 9, .cut_at_ms = 2 }, HOLD_WAIT },
	{ { .saved = false }, HOLD_SAVE },
	{ { .saved = true }, HOLD_FREE },
};

START_TEST(test_a_channel_ends_when_nothing_of_it_is_left)
{
	ck_assert_int_eq(hold_next(&ends[_i].seen), ends[_i].next);
}
END_TEST

/* ---- what the others are told ---- */

static const struct status_clock here = { 1000000, 2000000 }, there = { 5000000, 7000000 };

static void
fill(struct live *live)
{
	live->presence.since_ms = 17;
	(void)strcpy(live->presence.last_failure, "probe: no \"connection\"");
	live->presence.last_failure_ms = 18;
	live->presence.probes = 3;
	live->presence.probed_ms = 6000000;
	live->presence.probing = true;
	live->presence.announced = STATE_OFFLINE;
	atomic_store(&live->failures, 4);
	atomic_store(&live->push.cursor, INT64_MAX);
	atomic_store(&live->push.wait_until_ms, 9000000);
	live->rotation.under_way = true;
	live->rotation.failures = 2;
	live->pull.report.seen = 1234567890123;
	live->pull.accepted = true;
	atomic_store(&live->plain_token, true);
	atomic_store(&live->heard_ms, 60000000 - 1000000);
}

START_TEST(test_what_is_told_is_kept_by_the_others)
{
	static struct live_sandbox sandboxes[LIVE_SANDBOXES] = {
		[1] = { .platform = 9, .role = ROLE_EMSP, .port = 4711, .state = "running" }
	};
	static struct live told, taken;
	CLEANUP(buf_free) struct buf doc = { 0 }, again = { 0 };

	fill(&told);
	told.status.sandboxes = sandboxes;
	status_doc_put(&told, &here, &doc);
	taken.push.owed = 7; /* what is not said is nothing */
	status_doc_take(&taken, buf_str(&doc), &there);
	ck_assert_int_eq(taken.presence.since_ms, 17);
	ck_assert_str_eq(taken.presence.last_failure, told.presence.last_failure);
	ck_assert_uint_eq(taken.presence.probes, 3);
	ck_assert_int_eq(taken.presence.probed_ms, 6000000 + 1000000 - 5000000);
	ck_assert_int_eq(taken.presence.announced, STATE_OFFLINE);
	ck_assert_int_eq(taken.push.cursor, INT64_MAX);
	ck_assert_uint_eq(taken.push.owed, 0);
	ck_assert_int_eq(taken.push.wait_until_ms, 9000000 + 2000000 - 7000000);
	ck_assert_uint_eq(taken.failures, 4);
	ck_assert_uint_eq(taken.pull.report.seen, 1234567890123);
	ck_assert(taken.pull.accepted && taken.plain_token);
	ck_assert_int_eq(taken.heard_ms, 60000000 - 5000000);
	/* what is under way there is not under way here */
	ck_assert(taken.status.probing && !taken.presence.probing);
	ck_assert(taken.rotation.elsewhere && !taken.rotation.under_way);
	ck_assert_int_eq(taken.status.sandboxes[1].port, 4711);
	ck_assert_str_eq(taken.status.sandboxes[1].state, "running");
	ck_assert_int_eq(taken.status.sandboxes[0].platform, 0);

	taken.presence.probing = taken.rotation.under_way = true; /* as if it held it now */
	status_doc_put(&taken, &there, &again);
	ck_assert(str_eq(buf_str(&doc), buf_str(&again)));
	free(taken.status.sandboxes);
}
END_TEST

START_TEST(test_what_is_strange_is_passed_over)
{
	static struct live live;

	status_doc_take(&live, STR("[1]"), &here);
	status_doc_take(&live, STR("{\"since\":"), &here);
	ck_assert_int_eq(live.presence.since_ms, 0);
	status_doc_take(
	        &live, STR("{\"since\":5,\"failure\":7,\"what\":{\"is\":[\"this\"]}}"), &here);
	ck_assert_int_eq(live.presence.since_ms, 5);
	ck_assert_str_eq(live.presence.last_failure, "");
}
END_TEST

/* How its tokens look this process may know better than who holds it does so far. */
START_TEST(test_the_word_of_before_does_not_undo_what_was_seen_since)
{
	static struct live live;

	status_doc_take(&live, STR("{\"raw\":1}"), &here);
	ck_assert(live.plain_token);
	live.plain_token = false;
	status_doc_take(&live, STR("{\"raw\":1,\"since\":1}"), &here);
	ck_assert(!live.plain_token);
	status_doc_take(&live, STR("{}"), &here);
	status_doc_take(&live, STR("{\"raw\":1}"), &here);
	ck_assert(live.plain_token);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("slots");
	TCase *tests = tcase_create("slots");

	tcase_add_loop_test(tests, test_a_slot_is_taken_and_given, 0, (int)COUNT(steps));
	tcase_add_loop_test(
	        tests, test_a_channel_ends_when_nothing_of_it_is_left, 0, (int)COUNT(ends));
	tcase_add_test(tests, test_what_is_told_is_kept_by_the_others);
	tcase_add_test(tests, test_what_is_strange_is_passed_over);
	tcase_add_test(tests, test_the_word_of_before_does_not_undo_what_was_seen_since);
	suite_add_tcase(suite, tests);
	return suite_run(suite, CK_FORK_GETENV);
}
