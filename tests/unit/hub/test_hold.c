/* test_hold: what a process sends as slots come and go; the test says which it holds. */
#include "../../../src/hub/parties/view.h"
#include "../../../src/hub/pull.h"
#include "../../../src/hub/push/cursors.h"
#include "../../../src/hub/slots.h"
#include "pusher_rig.h"

static int64_t first, second;
static uint64_t held;
static bool view_knows; /* what the feed's answer rests on */
static uint64_t view_asked, view_read;

bool __wrap_view_has(const struct hub *of, int64_t changed);
uint64_t __wrap_view_ask(struct hub *of);
enum view_read __wrap_view_of(const struct hub *of, uint64_t read);

bool
__wrap_view_has(const struct hub *of, int64_t changed)
{
	(void)of, (void)changed;
	return view_knows;
}

uint64_t
__wrap_view_ask(struct hub *of)
{
	(void)of;
	return ++view_asked;
}

enum view_read
__wrap_view_of(const struct hub *of, uint64_t read)
{
	(void)of;
	return view_read >= read ? VIEW_READ : VIEW_WAITS;
}

/* The store gave it all of them, and others wait for those that are not among @slots. */
static void
hold(uint64_t slots)
{
	held = slots;
	slots_look(hub, &(struct store_together){ .held = UINT64_MAX, .wanted = ~slots });
}

static uint64_t
slot_of(int64_t platform)
{
	return (uint64_t)1 << store_slot(platform);
}

/* Two receivers, of two slots. */
static void
begin_both(void)
{
	hub->together.on = true;
	hold(UINT64_MAX);
	(void)join("DE*CPO", ROLE_CPO, "tokens");
	first = join("NL*AAA", ROLE_EMSP, "locations");
	second = join("NL*BBB", ROLE_EMSP, "locations");
	while (store_slot(first) == store_slot(second))
		second = join("NL*CCC", ROLE_EMSP, "locations");
	turn_until_quiet();
}

static size_t
sent_to(int64_t platform)
{
	size_t count = 0;

	for (size_t i = 0; i < sent_count; i++)
		count += sent[i].channel->platform == platform;
	return count;
}

static void
turn_until(bool (*is_so)(void))
{
	while (!is_so()) {
		turn_once();
		hold(held); /* as often as the store is asked */
	}
}

static bool
first_is_gone(void)
{
	return channel_find(pusher(), first) == NULL;
}

static bool
first_is_there(void)
{
	struct channel *channel = channel_find(pusher(), first);

	return channel != NULL && !channel->coming;
}

static bool
all_are_held(void)
{
	return atomic_load(&hub->together.held) == UINT64_MAX;
}

static bool stored;

static void
on_stored(struct store_op *op)
{
	ck_assert_int_eq(op->err, RH_OK);
	stored = true;
}

static bool
is_stored(void)
{
	return stored;
}

static void
end_both(void)
{
	hold(UINT64_MAX);
	turn_until(all_are_held);
	hub->together.on = false;
	for (int quiet = 0; quiet<50; quiet = answer_all()> 0 ? 0 : quiet + 1)
		turn_once();
	turn_until_quiet();
}

START_TEST(test_nobody_is_sent_what_another_process_sends)
{
	begin_both();
	hold(~slot_of(first));
	turn_until(first_is_gone);
	share(1);
	turn_until_sent(1);
	turn_until_quiet();
	ck_assert_uint_eq(sent_to(first), 0);
	ck_assert_uint_eq(sent_to(second), 1);
	(void)answer_all();
	turn_until_quiet();
	end_both();
}
END_TEST

START_TEST(test_what_is_in_the_air_ends_first_and_nothing_follows)
{
	begin_both();
	share(1);
	turn_until_sent(2);
	share(2);
	share(2); /* of which the next one sends the newest */
	hold(~slot_of(first));
	for (int i = 0; i < 200; i++)
		turn_once();
	ck_assert(!first_is_gone());
	ck_assert_uint_le(sent_to(first), 4);
	ck_assert((atomic_load(&hub->workers->slots) & slot_of(first)) != 0);
	while ((atomic_load(&hub->workers->slots) & slot_of(first)) != 0) { /* with others in it */
		turn_once();
		(void)answer_all();
	}
	ck_assert(first_is_gone());
	end_both();
}
END_TEST

/* Each object once, and the newest last. */
START_TEST(test_the_next_one_begins_where_this_one_ended)
{
	int64_t before;

	begin_both();
	share_many(20);
	turn_until_sent(8);
	hold(~slot_of(first)); /* some are in the air, the rest is owed */
	before = (int64_t)sent_to(first);
	while (!first_is_gone()) {
		turn_once();
		(void)answer_all();
	}
	while (sent_count > 0 || store_session_open_operations(hub->workers->session) > 0) {
		(void)answer_all();
		turn_once();
	}
	share(3); /* meanwhile, newer */
	hold(UINT64_MAX);
	turn_until(first_is_there);
	for (int quiet = 0; quiet < 50; quiet++) {
		turn_once();
		for (size_t i = 0; i < sent_count; i++)
			before += sent[i].channel->platform == first;
		if (answer_all() > 0)
			quiet = 0;
	}
	ck_assert_int_ge(before, 20);
	ck_assert_int_le(before, 21); /* the newer version of one that was sent */
	end_both();
}
END_TEST

/* The store has its cursor before the slot is anybody's again. */
START_TEST(test_the_cursor_is_written_before_it_is_given)
{
	struct channel *channel;

	begin_both();
	share(1);
	turn_until_sent(2);
	(void)answer_all();
	channel = channel_find(pusher(), first);
	ck_assert(!channel_is_saved(channel) || channel->saved.floor >= 1);
	hold(~slot_of(first));
	turn_until(first_is_gone);
	hold(UINT64_MAX);
	turn_until(first_is_there);
	channel = channel_find(pusher(), first);
	ck_assert_int_eq(channel->saved.floor, hub_head(hub));
	turn_until_quiet();
	ck_assert_uint_eq(sent_count, 0);
	end_both();
}
END_TEST

/* How far another process came with it, and not how far this one had, whatever else is met
 * meanwhile. */
START_TEST(test_who_comes_begins_where_the_other_one_ended)
{
	struct store_cursor cursor;
	struct store_op save = { .verb = STORE_CURSORS_SAVE, .u.cursors = { &cursor, 1 } };
	char key[STORE_RECEIVER_TEXT];

	begin_both();
	hold(~slot_of(first));
	turn_until(first_is_gone);
	share(1);
	turn_until_sent(1);
	(void)answer_all();
	turn_until_quiet();
	cursor = (struct store_cursor){ store_receiver(first, key), hub_head(hub), STR("") };
	save.done = on_stored;
	stored = false;
	store_submit(hub->session, &save);
	turn_until(is_stored);
	hold(UINT64_MAX);
	while (!first_is_there()) {
		receivers_forget(pusher());
		receivers_meet(pusher());
		turn_once();
		hold(held);
	}
	turn_until_quiet();
	ck_assert_uint_eq(sent_count, 0);
	end_both();
}
END_TEST

/* Else who holds it again would withdraw what nobody looked at. */
START_TEST(test_what_an_operator_accepted_goes_with_the_slot)
{
	const struct live_pull *pull;

	begin_both();
	pull = &directory_platform(hub_directory(hub), first)->live->pull;
	pull_wished(hub, first, 7);
	ck_assert(pull->accepted && pull->wish == 7);
	hold(~slot_of(first));
	turn_until(first_is_gone);
	ck_assert(!pull->accepted);
	hold(UINT64_MAX);
	turn_until(first_is_there);
	ck_assert(!pull->accepted);
	pull_wished(hub, first, 7); /* nobody did it meanwhile */
	ck_assert(pull->accepted);
	end_both();
}
END_TEST

/* One that goes in the moment in which it comes leaves nothing. */
START_TEST(test_a_slot_may_come_and_go_at_once)
{
	begin_both();
	for (int i = 0; i < 50; i++) {
		hold(~slot_of(first));
		for (int turns = 0; turns < i % 7; turns++)
			turn_once();
		hold(UINT64_MAX);
		for (int turns = 0; turns < i % 5; turns++)
			turn_once();
	}
	turn_until(first_is_there);
	share(1);
	turn_until_sent(2);
	(void)answer_all();
	turn_until_quiet();
	hold(0);
	while (atomic_load(&hub->workers->slots) != 0)
		turn_once();
	ck_assert_uint_eq(pusher()->channel_count, 0);
	share(2); /* which nobody reads here */
	feeds = 0;
	for (int i = 0; i < 100; i++)
		turn_once();
	ck_assert_uint_eq(feeds, 0);
	hold(UINT64_MAX);
	turn_until(first_is_there);
	turn_until_sent(2);
	(void)answer_all();
	end_both();
}
END_TEST

/* One that came by another process is known by then; nothing is asked for that is there. */
START_TEST(test_what_was_read_waits_for_the_directory_that_it_rests_on_alone)
{
	static char view;

	begin_both();
	hub->together.view = (struct view *)&view;
	view_knows = true;
	share(1);
	turn_until_sent(2);
	ck_assert_uint_eq(view_asked, 0);
	(void)answer_all();
	view_knows = false;
	share(2);
	while (view_asked == 0)
		turn_once();
	for (int i = 0; i < 200; i++)
		turn_once();
	ck_assert_uint_eq(sent_count, 0);
	view_read = view_asked;
	turn_until_sent(2);
	(void)answer_all();
	view_read = UINT64_MAX;
	turn_until_quiet();
	hub->together.view = NULL;
	end_both();
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = { test_nobody_is_sent_what_another_process_sends,
		test_what_is_in_the_air_ends_first_and_nothing_follows,
		test_the_next_one_begins_where_this_one_ended,
		test_the_cursor_is_written_before_it_is_given,
		test_who_comes_begins_where_the_other_one_ended,
		test_what_an_operator_accepted_goes_with_the_slot,
		test_a_slot_may_come_and_go_at_once,
		test_what_was_read_waits_for_the_directory_that_it_rests_on_alone };

	control = pthread_self();
	return rig_run("hold", tests, COUNT(tests));
}
