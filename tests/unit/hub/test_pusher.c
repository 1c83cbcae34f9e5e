/* test_pusher: what a worker's half of the push engine costs and starts. */
#include "pusher_rig.h"

/* ---- fault D5: a share costs the same, however many have nothing to do with it ---- */

static size_t
cost_of_a_share(int number)
{
	size_t cost;

	turn_until_quiet();
	touched = 0;
	share(number);
	turn_until_sent(1);
	(void)answer_all();
	cost = touched;
	turn_until_quiet();
	return cost;
}

START_TEST(test_fault_D5_a_share_touches_nobody_who_has_nothing_of_it)
{
	size_t few, many;

	(void)join("DE*CPO", ROLE_CPO, "tokens");
	(void)join("NL*MSP", ROLE_EMSP, "locations");
	join_many("FR", 10, ROLE_CPO, "tokens");
	few = cost_of_a_share(1);
	join_many("BE", 400, ROLE_CPO, "tokens");
	many = cost_of_a_share(2);
	ck_assert_uint_gt(few, 0);
	ck_assert_uint_le(many, few + 4); /* more than one turn of the loop may have gone by */
}
END_TEST

/* ---- fault D6: what lags is read once for all who stand near each other ---- */

/* They come back at once, and nothing was read for them so far. */
static void
let_lag(int receivers, int objects)
{
	(void)join("DE*CPO", ROLE_CPO, "tokens");
	join_many("NL", receivers, ROLE_EMSP, "locations");
	turn_until_quiet();
	everybody_is(STATE_OFFLINE);
	share_many(objects);
	turn_until_quiet();
	ck_assert_uint_eq(sent_count, 0);

	everybody_is(STATE_CONNECTED);
	receivers_return(pusher());
	for (size_t i = 0; i < pusher()->channel_count; i++)
		pusher()->channels[i]->back_at_ms = 0; /* no spread */
}

START_TEST(test_fault_D6_twenty_that_lag_are_read_for_once)
{
	enum { OBJECTS = 200, RECEIVERS = 20 };

	let_lag(RECEIVERS, OBJECTS);
	feeds = unbounded_feeds = 0;
	news_ring(hub);
	deliver_the_rest(OBJECTS * RECEIVERS);
	ck_assert_uint_le(feeds, 2 * (OBJECTS / 16 + 1));
	ck_assert_uint_eq(unbounded_feeds, 0);
}
END_TEST

/* However many listen, who lags alone is given as much of a read as one that lags among few. */
START_TEST(test_one_that_lags_is_read_for_by_pages_beside_many_that_do_not)
{
	enum { OBJECTS = 64, RECEIVERS = 300, BEHIND = 16 };
	size_t last, changes; /* of which some say who is away, if there was time for it */

	let_lag(RECEIVERS, OBJECTS);
	last = pusher()->channel_count - 1;
	for (size_t i = 0; i < last; i++) {
		pusher()->channels[i]->receiver.read_at = pusher()->head;
		channel_steps(pusher()->channels[i]);
	}
	changes = (size_t)(pusher()->head - pusher()->channels[last]->receiver.read_at);
	ck_assert_uint_ge(changes, OBJECTS);
	feeds = 0;
	news_ring(hub);
	deliver_the_rest(OBJECTS);
	ck_assert_uint_le(feeds, changes / BEHIND + 2);
}
END_TEST

/* ---- a burst holds up no request for longer than a slice ---- */

START_TEST(test_a_turn_of_the_loop_starts_a_slice_however_often_it_is_woken)
{
	enum { RECEIVERS = 60, SLICE = 8 };
	size_t taken = 0;

	(void)join("DE*CPO", ROLE_CPO, "tokens");
	join_many("NL", RECEIVERS, ROLE_EMSP, "locations");
	turn_until_quiet();
	share(1);
	while (taken < RECEIVERS) {
		net_timer_set(hub->workers->loop, &pusher()->timer, 0);
		news_ring(hub);
		turn_once();
		ck_assert_uint_le(sent_count, SLICE);
		taken += answer_all();
	}
}
END_TEST

/* ---- fault D10: a feed that cannot be read is left alone for a while ---- */

static uint64_t
unread(void)
{
	return atomic_load(&hub->workers->counters.total[COUNT_PUSH_UNREAD]);
}

START_TEST(test_fault_D10_a_read_that_fails_waits_says_so_once_and_is_counted)
{
	(void)join("DE*CPO", ROLE_CPO, "tokens");
	(void)join("NL*MSP", ROLE_EMSP, "locations");
	turn_until_quiet();
	refuse_feed = true;
	feeds = log_lines = 0;
	share(1);
	for (int i = 0; i < 2000; i++)
		turn_once();
	ck_assert_uint_le(feeds, 20);
	while (unread() < 3) /* the waits are over sooner or later */
		net_loop_turn(hub->workers->loop, 10);
	ck_assert_uint_eq(log_lines, 1);
	refuse_feed = false;
	turn_until_sent(1);
	ck_assert_uint_eq(answer_all(), 1);
	turn_until_quiet();
}
END_TEST

/* ---- fault D4: room is asked for before anything starts, and some is left to forwards ---- */

START_TEST(test_fault_D4_without_room_nothing_starts)
{
	const struct settings *settings = hub_settings(hub);

	(void)join("DE*CPO", ROLE_CPO, "tokens");
	(void)join("NL*MSP", ROLE_EMSP, "locations");
	turn_until_quiet();
	room = (size_t)(settings->waiting_per_party + settings->connections_per_party / 8);
	share(1);
	turn_until_quiet();
	ck_assert_uint_eq(sent_count, 0);
	room++;
	turn_until_sent(1);
	ck_assert_uint_eq(answer_all(), 1);
	turn_until_quiet();
	room = SIZE_MAX;
}
END_TEST

/* ---- fault D11: want of a token settles nothing ---- */

static void
swap_token(int64_t platform, struct str *token)
{
	struct record *record = table_get(
	        hub->registry->by_id, (struct str){ (const char *)&platform, sizeof platform });
	struct str before = record->token;

	record->token = *token; /* the record that comes of the change below has a copy */
	*token = arena_str(arena, before);
	ck_assert_int_eq(set(platform, "validation=off"), RH_OK);
}

START_TEST(test_fault_D11_without_a_token_nothing_is_settled)
{
	struct str token = { 0 };
	int64_t platform;

	(void)join("DE*CPO", ROLE_CPO, "tokens");
	platform = join("NL*MSP", ROLE_EMSP, "locations");
	turn_until_quiet();
	swap_token(platform, &token);
	share_many(3);
	turn_until_quiet();
	ck_assert_uint_eq(sent_count, 0);
	ck_assert_int_lt(channel_head(channel_find(pusher(), platform)), hub_head(hub) - 2);

	swap_token(platform, &token);
	deliver_the_rest(3); /* its window begins small again */
}
END_TEST

/* ---- fault D14: a sum for the hub, shared fairly ---- */

START_TEST(test_fault_D14_all_together_have_a_bound_and_each_its_share)
{
	enum { RECEIVERS = 100, OBJECTS = 4, AIR_MOST = 256 };
	size_t of[2 * RECEIVERS + 10] = { 0 };

	(void)join("DE*CPO", ROLE_CPO, "tokens");
	join_many("NL", RECEIVERS, ROLE_EMSP, "locations");
	turn_until_quiet();
	share_many(OBJECTS);
	turn_until_sent(AIR_MOST);
	turn_until_quiet();
	ck_assert_uint_eq(sent_count, AIR_MOST);
	for (size_t i = 0; i < sent_count; i++)
		of[sent[i].channel->platform]++;
	for (size_t i = 0; i < pusher()->channel_count; i++)
		if (pusher()->channels[i]->receiver.count > 0)
			ck_assert_uint_ge(of[pusher()->channels[i]->platform], 1);
	answer_first(5); /* as many come for them, not a slice */
	turn_until_quiet();
	ck_assert_uint_eq(sent_count, AIR_MOST);
	deliver_the_rest(OBJECTS * RECEIVERS - 5);
}
END_TEST

/* ---- fault D15: what others want goes between the slices ---- */

static struct {
	struct mail mail;
	size_t seen, most;
	bool stop;
} other;

static void
other_comes(struct mail *mail)
{
	size_t fresh = sent_count - other.seen;

	if (fresh > other.most)
		other.most = fresh;
	other.seen = sent_count;
	if (!other.stop)
		mailbox_post(net_loop_mailbox(hub->workers->loop), mail);
}

START_TEST(test_fault_D15_a_slice_at_most_goes_before_others)
{
	enum { RECEIVERS = 200, SLICE = 8, TURNS = 2 /* before the other's mail, and behind it */ };

	(void)join("DE*CPO", ROLE_CPO, "tokens");
	join_many("NL", RECEIVERS, ROLE_EMSP, "locations");
	turn_until_quiet();
	memset(&other, 0, sizeof other);
	other.mail.deliver = other_comes;
	mailbox_post(net_loop_mailbox(hub->workers->loop), &other.mail);
	share(1);
	turn_until_sent(RECEIVERS);
	other.stop = true;
	turn_until_quiet();
	ck_assert_uint_gt(other.most, 0);
	ck_assert_uint_le(other.most, SLICE * TURNS);
	ck_assert_uint_eq(answer_all(), RECEIVERS);
	turn_until_quiet();
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = { test_fault_D5_a_share_touches_nobody_who_has_nothing_of_it,
		test_fault_D6_twenty_that_lag_are_read_for_once,
		test_one_that_lags_is_read_for_by_pages_beside_many_that_do_not,
		test_a_turn_of_the_loop_starts_a_slice_however_often_it_is_woken,
		test_fault_D10_a_read_that_fails_waits_says_so_once_and_is_counted,
		test_fault_D4_without_room_nothing_starts,
		test_fault_D11_without_a_token_nothing_is_settled,
		test_fault_D14_all_together_have_a_bound_and_each_its_share,
		test_fault_D15_a_slice_at_most_goes_before_others };

	control = pthread_self();
	return rig_run("pusher", tests, COUNT(tests));
}
