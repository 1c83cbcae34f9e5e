/* test_pusher_sleep: whom the push engine asks in a turn, and what wakes those it does not. */
#include "pusher_rig.h"

/* ---- fault D5: nor is anybody asked again who cannot be sent anything before an answer comes ----
 */

static size_t
cost_of_turns(int count)
{
	touched = 0;
	for (int i = 0; i < count; i++) {
		pusher()->turn_soon(pusher());
		turn_once();
	}
	return touched;
}

START_TEST(test_fault_D5_who_waits_for_answers_is_not_asked_again)
{
	enum { RECEIVERS = 60, OBJECTS = 10, WINDOW = 4, TURNS = 50 };

	(void)join("DE*CPO", ROLE_CPO, "tokens");
	join_many("NL", RECEIVERS, ROLE_EMSP, "locations");
	turn_until_quiet();
	share_many(OBJECTS);
	turn_until_sent((size_t)RECEIVERS * WINDOW);
	turn_until_quiet();
	ck_assert_uint_eq(sent_count, RECEIVERS * WINDOW);
	ck_assert_uint_le(cost_of_turns(TURNS), 4 * RECEIVERS); /* as ticks look them over */
	deliver_the_rest((size_t)RECEIVERS * OBJECTS);
}
END_TEST

START_TEST(test_fault_D5_without_room_a_turn_asks_few)
{
	enum { RECEIVERS = 200, TURNS = 50, FEW = 16 + 4 /* by ticks */ };

	(void)join("DE*CPO", ROLE_CPO, "tokens");
	join_many("NL", RECEIVERS, ROLE_EMSP, "locations");
	turn_until_quiet();
	room = 0;
	share(1);
	turn_until_quiet();
	ck_assert_uint_eq(sent_count, 0);
	ck_assert_uint_le(cost_of_turns(TURNS), TURNS * FEW);
	room = SIZE_MAX;
	deliver_the_rest(RECEIVERS);
}
END_TEST

/* ---- who sleeps is woken by more than time ---- */

static void
fail_first(void)
{
	static const struct answer answer = {
		.http = 429, .retry_after_ms = 300 * 1000, .why = ""
	};

	sent[0].done(sent[0].channel, sent[0].owed, SLOWER, &answer);
	sent_count = 0;
}

START_TEST(test_who_was_away_while_it_slept_is_sent_to_when_it_is_back)
{
	int64_t platform;

	(void)join("DE*CPO", ROLE_CPO, "tokens");
	platform = join("NL*MSP", ROLE_EMSP, "locations");
	turn_until_quiet();
	share(1);
	turn_until_sent(1);
	fail_first();
	turn_until_quiet();
	ck_assert_uint_eq(sent_count, 0);
	everybody_is(STATE_OFFLINE);
	while (!channel_find(pusher(), platform)->away)
		turn_once();
	everybody_is(STATE_CONNECTED);
	turn_until_sent(1);
	deliver_the_rest(1);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = { test_fault_D5_who_waits_for_answers_is_not_asked_again,
		test_fault_D5_without_room_a_turn_asks_few,
		test_who_was_away_while_it_slept_is_sent_to_when_it_is_back };

	control = pthread_self();
	return rig_run("pusher sleep", tests, COUNT(tests));
}
