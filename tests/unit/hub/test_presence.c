/* test_presence: what makes a party OFFLINE and CONNECTED again, when it is probed, and what of it
 * others are told. */
#include <check.h>
#include <stdlib.h>

#include "../../../src/hub/parties/partner.h"
#include "../../../src/hub/parties/presence.h"
#include "../suite.h"

/* ---- whose word says what ---- */

static const struct {
	enum partner_purpose purpose;
	enum partner_result result;
	int status;
	enum live_event says;
} sayings[] = {
	{ PARTNER_FORWARD, PARTNER_ANSWERED, 200, LIVE_HEARD },
	{ PARTNER_DELIVERY, PARTNER_ANSWERED, 500, LIVE_HEARD },
	{ PARTNER_DELIVERY, PARTNER_ANSWERED, 503, LIVE_HEARD },
	{ PARTNER_PROBE, PARTNER_ANSWERED, 401, LIVE_HEARD },
	{ PARTNER_PULL, PARTNER_ANSWERED, 200, LIVE_HEARD },
	/* fault P1: a failure for a requester is a reason to probe, and only that */
	{ PARTNER_FORWARD, PARTNER_UNREACHABLE, 0, LIVE_FAILED },
	{ PARTNER_FORWARD, PARTNER_UNUSABLE, 500, LIVE_FAILED },
	{ PARTNER_PULL, PARTNER_UNREACHABLE, 0, LIVE_FAILED },
	{ PARTNER_HANDSHAKE, PARTNER_UNREACHABLE, 0, LIVE_FAILED },
	{ PARTNER_DELIVERY, PARTNER_UNUSABLE, 502, LIVE_FAILED },
	{ PARTNER_DELIVERY, PARTNER_UNREACHABLE, 0, LIVE_LOST },
	{ PARTNER_PROBE, PARTNER_UNREACHABLE, 0, LIVE_MISSED },
	{ PARTNER_PROBE, PARTNER_UNUSABLE, 502, LIVE_MISSED },
	/* fault P6: slower, never away */
	{ PARTNER_FORWARD, PARTNER_UNUSABLE, 429, LIVE_SLOWER },
	{ PARTNER_DELIVERY, PARTNER_UNUSABLE, 503, LIVE_SLOWER },
	{ PARTNER_PROBE, PARTNER_UNUSABLE, 429, LIVE_SLOWER },
	{ PARTNER_PROBE, PARTNER_UNUSABLE, 503, LIVE_SLOWER },
	/* fault O3: who waits for an answer of the hub may be unable to answer it */
	{ PARTNER_ASIDE, PARTNER_ANSWERED, 200, LIVE_HEARD },
	{ PARTNER_ASIDE, PARTNER_UNREACHABLE, 0, LIVE_NOTHING },
	{ PARTNER_ASIDE, PARTNER_UNUSABLE, 500, LIVE_NOTHING },
	{ PARTNER_ASIDE, PARTNER_UNUSABLE, 429, LIVE_SLOWER },
	/* fault D4: the hub's own limits say nothing about anybody */
	{ PARTNER_FORWARD, PARTNER_OURS, 0, LIVE_NOTHING },
	{ PARTNER_DELIVERY, PARTNER_OURS, 0, LIVE_NOTHING },
	{ PARTNER_PROBE, PARTNER_OURS, 0, LIVE_NOTHING },
};

START_TEST(test_an_outcome_says_whose_it_is)
{
	ck_assert_int_eq(partner_says(sayings[_i].purpose, sayings[_i].result, sayings[_i].status),
	        sayings[_i].says);
}
END_TEST

/* ---- what it makes of the facts ---- */

enum { AFTER = 3, NOW = 1000 };

static const struct {
	const char *what;
	struct live_facts before;
	enum live_event event;
	int64_t started;
	struct live_facts after;
} steps[] = {
	{ "the hub's own limit", { STATE_CONNECTED, 2, 1, 500, false }, LIVE_NOTHING, 900,
	        { STATE_CONNECTED, 2, 1, 500, false } },
	{ "a word ends it all", { STATE_OFFLINE, 3, 2, 500, false }, LIVE_HEARD, 900,
	        { STATE_CONNECTED, 0, 0, 500, false } },
	{ "slower is not away", { STATE_CONNECTED, 2, 1, 500, false }, LIVE_SLOWER, 900,
	        { STATE_CONNECTED, 0, 0, 500, false } },
	{ "slower is no proof of being back", { STATE_OFFLINE, 0, 2, 500, false }, LIVE_SLOWER, 900,
	        { STATE_OFFLINE, 0, 0, 500, false } },
	{ "a failed forward asks for a probe, fault P1", { STATE_CONNECTED, 2, 0, 500, false },
	        LIVE_FAILED, 900, { STATE_CONNECTED, 2, 0, 500, true } },
	{ "the first lost delivery", { STATE_CONNECTED, 0, 0, 0, false }, LIVE_LOST, 900,
	        { STATE_CONNECTED, 1, 0, NOW, true } },
	{ "in the air with the one counted", { STATE_CONNECTED, 2, 0, 950, false }, LIVE_LOST, 900,
	        { STATE_CONNECTED, 2, 0, 950, true } },
	{ "started when that one was counted", { STATE_CONNECTED, 2, 0, 900, false }, LIVE_LOST,
	        900, { STATE_CONNECTED, 2, 0, 900, true } },
	{ "the third one in a row", { STATE_CONNECTED, 2, 0, 500, false }, LIVE_LOST, 900,
	        { STATE_OFFLINE, 3, 0, NOW, true } },
	{ "one missed probe is asked again", { STATE_CONNECTED, 0, 0, 0, false }, LIVE_MISSED, 900,
	        { STATE_CONNECTED, 0, 1, 0, true } },
	{ "two are an absence", { STATE_CONNECTED, 0, 1, 0, false }, LIVE_MISSED, 900,
	        { STATE_OFFLINE, 0, 2, 0, false } },
	{ "OFFLINE stays OFFLINE", { STATE_OFFLINE, 0, 2, 0, false }, LIVE_MISSED, 900,
	        { STATE_OFFLINE, 0, 2, 0, false } },
};

START_TEST(test_facts_follow_from_events)
{
	struct live_facts after =
	        live_after(steps[_i].before, steps[_i].event, steps[_i].started, NOW, AFTER);
	const struct live_facts *wanted = &steps[_i].after;

	ck_assert_msg(after.state == wanted->state && after.failures == wanted->failures &&
	                      after.misses == wanted->misses &&
	                      after.counted_us == wanted->counted_us &&
	                      after.probe_due == wanted->probe_due,
	        "%s: state %d failures %u misses %u counted %lld due %d", steps[_i].what,
	        after.state, after.failures, after.misses, (long long)after.counted_us,
	        after.probe_due);
}
END_TEST

/* Fault P1: however many forwards fail, and whatever is in the air at once. */
START_TEST(test_forwards_never_make_offline)
{
	struct live_facts facts = { .state = STATE_CONNECTED };

	for (int i = 0; i < 1000; i++)
		facts = live_after(facts, LIVE_FAILED, 2 * i, 2 * i + 1, 1);
	ck_assert_int_eq(facts.state, STATE_CONNECTED);
	for (int i = 0; i < 1000; i++)
		facts = live_after(facts, LIVE_LOST, 5000, 5001 + i, 2);
	ck_assert_int_eq(facts.state, STATE_CONNECTED);
	ck_assert_uint_eq(facts.failures, 1);
}
END_TEST

/* The same through the atomics of a live. */
START_TEST(test_what_is_noted_is_what_follows)
{
	struct live live = { .state = STATE_CONNECTED };

	for (int i = 0; i < 50; i++)
		live_note(&live, LIVE_LOST, 1, 2);
	ck_assert_int_eq(atomic_load(&live.state), STATE_CONNECTED);
	ck_assert(atomic_load(&live.probe_due));
	live_note(&live, LIVE_LOST, INT64_MAX, 2);
	ck_assert_int_eq(atomic_load(&live.state), STATE_OFFLINE);
	live_note(&live, LIVE_HEARD, 0, 2);
	ck_assert_int_eq(atomic_load(&live.state), STATE_CONNECTED);
	ck_assert_uint_eq(atomic_load(&live.failures), 0);
	live_note(&live, LIVE_MISSED, 0, 2);
	live_note(&live, LIVE_MISSED, 0, 2);
	ck_assert_int_eq(atomic_load(&live.state), STATE_OFFLINE);
}
END_TEST

/* ---- when to probe ---- */

static const struct presence_times times = { .still_alive_ms = 300000, .retry_ms = 30000 };

static const struct {
	const char *what;
	int state;
	bool due;
	int64_t met, heard, probed, from, to;
} probes[] = {
	{ "silent since it was met", STATE_CONNECTED, false, 1000, 0, 0, 301000, 301000 + 37500 },
	{ "heard since", STATE_CONNECTED, false, 1000, 50000, 0, 350000, 350000 + 37500 },
	{ "probed since", STATE_CONNECTED, false, 1000, 50000, 90000, 390000, 390000 + 37500 },
	{ "a call failed", STATE_CONNECTED, true, 1000, 50000, 0, 0, 0 },
	{ "a call failed again", STATE_CONNECTED, true, 1000, 50000, 90000, 91000, 91000 },
	{ "OFFLINE at the start, OFF-013", STATE_OFFLINE, true, 1000, 0, 0, 0, 0 },
	{ "OFFLINE", STATE_OFFLINE, false, 1000, 50000, 90000, 120000, 120000 + 3750 },
	{ "OFFLINE, a call failed", STATE_OFFLINE, true, 1000, 50000, 90000, 120000, 123750 },
};

/* fault P2: no wall clock stands in it. fault P4: not all in one tick. */
START_TEST(test_a_probe_is_due)
{
	struct live live = { .state = probes[_i].state,
		.probe_due = probes[_i].due,
		.heard_ms = probes[_i].heard,
		.presence = { .met_ms = probes[_i].met, .probed_ms = probes[_i].probed } };
	int64_t first = 0, differ = 0;

	for (live.platform = 1; live.platform <= 100; live.platform++) {
		int64_t at = presence_probe_at(&live, &times);

		ck_assert_msg(at >= probes[_i].from && at <= probes[_i].to, "%s: %lld",
		        probes[_i].what, (long long)at);
		ck_assert_int_eq(at, presence_probe_at(&live, &times));
		first = live.platform == 1 ? at : first;
		differ += at != first;
	}
	if (probes[_i].from != probes[_i].to)
		ck_assert_int_ge(differ, 90);
}
END_TEST

/* ---- what others are told ---- */

static unsigned
announcements(struct live_presence *presence, int64_t from_ms, int64_t to_ms, int64_t every_ms)
{
	unsigned count = 0;

	/* ticks of 100 ms; its state is another one each every_ms */
	for (int64_t now = from_ms; now < to_ms; now += 100)
		count += presence_announce_now(
		        presence, now / every_ms % 2 == 0 ? STATE_OFFLINE : STATE_CONNECTED, now);
	return count;
}

START_TEST(test_the_first_change_is_told_at_once)
{
	struct live_presence presence = { .announced = STATE_CONNECTED };

	ck_assert(!presence_announce_now(&presence, STATE_CONNECTED, 5000000));
	ck_assert(presence_announce_now(&presence, STATE_OFFLINE, 5000000));
	ck_assert(!presence_announce_now(&presence, STATE_OFFLINE, 5000100));
	ck_assert(!presence_announce_now(&presence, STATE_CONNECTED, 5000900));
	ck_assert(presence_announce_now(&presence, STATE_CONNECTED, 5001000));
}
END_TEST

/* fault P3: what flaps is told at growing distances, and truly when it has come to rest. */
START_TEST(test_flapping_is_damped)
{
	struct live_presence presence = { .announced = STATE_CONNECTED };
	int64_t hour = 3600000;

	ck_assert_uint_le(announcements(&presence, hour, hour + 20000, 200), 6);
	ck_assert_uint_le(announcements(&presence, hour + 20000, 2 * hour, 200), 20);
	ck_assert_int_le(presence.hold_ms, 300000);
	for (int64_t now = 2 * hour; now < 2 * hour + 300000; now += 100)
		(void)presence_announce_now(&presence, STATE_CONNECTED, now);
	ck_assert_int_eq(presence.announced, STATE_CONNECTED);
	ck_assert(presence_announce_now(&presence, STATE_OFFLINE, 3 * hour));
	ck_assert_int_eq(presence.hold_ms, 1000);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("hub presence");
	TCase *tcase = tcase_create("presence");

	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, test_an_outcome_says_whose_it_is, 0, COUNT(sayings));
	tcase_add_loop_test(tcase, test_facts_follow_from_events, 0, COUNT(steps));
	tcase_add_test(tcase, test_forwards_never_make_offline);
	tcase_add_test(tcase, test_what_is_noted_is_what_follows);
	tcase_add_loop_test(tcase, test_a_probe_is_due, 0, COUNT(probes));
	tcase_add_test(tcase, test_the_first_change_is_told_at_once);
	tcase_add_test(tcase, test_flapping_is_damped);
	return suite_run(suite, CK_NOFORK);
}
