/* Timers of a loop: order, moving, stopping, and timers that change others while they fire.
 * Time is real, but no test depends on how long anything takes: deadlines lie in the past or far
 * ahead. */
#include <check.h>
#include <stdlib.h>

#include "../suite.h"
#include "roamhub/net.h"

enum { MANY = 1000 };

struct probe {
	struct net_timer timer;
	struct net_loop *loop;
	struct probe *other; /* stopped when this one fires */
	int64_t again_ms;    /* 0: not set again */
	int fired, at;
	int *clock;
};

static void
fire(struct net_timer *timer)
{
	struct probe *probe = container_of(timer, struct probe, timer);

	probe->fired++;
	probe->at = (*probe->clock)++;
	if (probe->other != NULL)
		net_timer_stop(probe->loop, &probe->other->timer);
	if (probe->again_ms != 0)
		net_timer_set(probe->loop, timer, probe->again_ms);
}

static struct probe *
probes_new(struct net_loop *loop, size_t count, int *clock)
{
	struct probe *probes = rh_alloc(count * sizeof(*probes));

	for (size_t i = 0; i < count; i++) {
		probes[i].timer.fire = fire;
		probes[i].loop = loop;
		probes[i].clock = clock;
	}
	return probes;
}

START_TEST(test_timers_fire_in_the_order_of_their_deadlines)
{
	struct net_loop *loop = net_loop_new();
	int clock = 0;
	struct probe *probes = probes_new(loop, MANY, &clock);

	for (size_t i = 0; i < MANY; i++)
		net_timer_set(loop, &probes[i * 7 % MANY].timer, (int64_t)(i * 7 % MANY) + 1);
	net_loop_turn(loop, -1);
	for (int i = 0; i < MANY; i++) {
		ck_assert_int_eq(probes[i].fired, 1);
		ck_assert_int_eq(probes[i].at, i);
		ck_assert_uint_eq(probes[i].timer.slot, 0);
	}
	free(probes);
	net_loop_free(loop);
}
END_TEST

START_TEST(test_a_running_timer_can_be_moved_both_ways)
{
	struct net_loop *loop = net_loop_new();
	int clock = 0;
	struct probe *probes = probes_new(loop, 3, &clock);
	int64_t far_ms = rh_mono_ms() + 3600 * 1000;

	net_timer_set(loop, &probes[0].timer, 1);
	net_timer_set(loop, &probes[1].timer, far_ms);
	net_timer_set(loop, &probes[2].timer, 2);
	net_timer_set(loop, &probes[0].timer, far_ms);
	net_timer_set(loop, &probes[1].timer, 3);
	net_loop_turn(loop, 0);
	ck_assert_int_eq(probes[0].fired, 0);
	ck_assert_int_eq(probes[1].at, 1);
	ck_assert_int_eq(probes[2].at, 0);
	net_timer_stop(loop, &probes[0].timer);
	free(probes);
	net_loop_free(loop);
}
END_TEST

/* A model beside the heap: random sets, moves and stops, then everything left fires, in order. */
START_TEST(test_random_sets_and_stops_leave_a_sound_heap)
{
	struct net_loop *loop = net_loop_new();
	int clock = 0, running = 0;
	struct probe *probes = probes_new(loop, MANY, &clock);
	unsigned seed = 4711;
	int64_t last_ms = 0;

	for (int i = 0; i < 20 * MANY; i++) {
		struct probe *probe = &probes[(size_t)rand_r(&seed) % MANY];

		if (rand_r(&seed) % 3 == 0)
			net_timer_stop(loop, &probe->timer);
		else
			net_timer_set(loop, &probe->timer, rand_r(&seed) % 10000 + 1);
	}
	for (size_t i = 0; i < MANY; i++)
		running += probes[i].timer.slot != 0;
	net_loop_turn(loop, 0);
	ck_assert_int_gt(running, MANY / 2);
	ck_assert_int_eq(clock, running);
	for (int at = 0; at < clock; at++) {
		for (size_t i = 0; i < MANY; i++) {
			if (probes[i].fired == 0 || probes[i].at != at)
				continue;
			ck_assert_int_ge(probes[i].timer.at_ms, last_ms);
			last_ms = probes[i].timer.at_ms;
		}
	}
	free(probes);
	net_loop_free(loop);
}
END_TEST

START_TEST(test_a_timer_stopped_by_another_that_is_due_does_not_fire)
{
	struct net_loop *loop = net_loop_new();
	int clock = 0;
	struct probe *probes = probes_new(loop, 2, &clock);

	probes[0].other = &probes[1];
	net_timer_set(loop, &probes[0].timer, 1);
	net_timer_set(loop, &probes[1].timer, 2);
	net_loop_turn(loop, 0);
	ck_assert_int_eq(probes[0].fired, 1);
	ck_assert_int_eq(probes[1].fired, 0);
	net_timer_stop(loop, &probes[1].timer);
	free(probes);
	net_loop_free(loop);
}
END_TEST

START_TEST(test_a_timer_that_sets_itself_in_the_past_cannot_hold_the_loop)
{
	struct net_loop *loop = net_loop_new();
	int clock = 0;
	struct probe *probes = probes_new(loop, 1, &clock);

	probes[0].again_ms = 1;
	net_timer_set(loop, &probes[0].timer, 1);
	net_loop_turn(loop, -1);
	ck_assert_int_eq(probes[0].fired, 1);
	net_loop_turn(loop, -1);
	ck_assert_int_eq(probes[0].fired, 2);
	net_timer_stop(loop, &probes[0].timer);
	free(probes);
	net_loop_free(loop);
}
END_TEST

START_TEST(test_a_timer_never_fires_before_its_time)
{
	struct net_loop *loop = net_loop_new();
	int clock = 0;
	struct probe *probes = probes_new(loop, 1, &clock);

	for (int64_t ms = 1; ms < 20; ms++) {
		int64_t at_ms = rh_mono_ms() + ms;
		int before = probes[0].fired;

		net_timer_set(loop, &probes[0].timer, at_ms);
		while (probes[0].fired == before)
			net_loop_turn(loop, -1);
		ck_assert_int_ge(rh_mono_ms(), at_ms);
	}
	free(probes);
	net_loop_free(loop);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("net timers");
	TCase *tcase = tcase_create("timers");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, test_timers_fire_in_the_order_of_their_deadlines);
	tcase_add_test(tcase, test_a_running_timer_can_be_moved_both_ways);
	tcase_add_test(tcase, test_random_sets_and_stops_leave_a_sound_heap);
	tcase_add_test(tcase, test_a_timer_stopped_by_another_that_is_due_does_not_fire);
	tcase_add_test(tcase, test_a_timer_that_sets_itself_in_the_past_cannot_hold_the_loop);
	tcase_add_test(tcase, test_a_timer_never_fires_before_its_time);
	return suite_run(suite, CK_NOFORK);
}
