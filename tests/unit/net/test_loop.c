/* The loop: order of the phases, watches that go while their event waits, hooks, mail, and the turn
 * counter that other threads trust when they free what the loop may be looking at. */
#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "../suite.h"
#include "roamhub/net.h"

/* What happened, one letter each, in order. */
struct diary {
	char text[64];
	size_t len;
};

struct actor {
	struct net_watch watch;
	struct net_timer timer;
	struct net_hook hook;
	struct mail mail;
	struct net_loop *loop;
	struct diary *diary;
	struct actor *removes; /* the watch or hook of another */
	char letter;
	int busy;        /* so often the hook says that it did something */
	int64_t wait_ms; /* of the hook */
};

static void
note(struct diary *diary, char letter)
{
	ck_assert_uint_lt(diary->len, sizeof(diary->text) - 1);
	diary->text[diary->len++] = letter;
}

static void
on_event(struct net_watch *watch, uint32_t events)
{
	struct actor *actor = container_of(watch, struct actor, watch);

	ck_assert(events & EPOLLIN);
	note(actor->diary, actor->letter);
	if (actor->removes != NULL)
		net_watch_remove(actor->loop, &actor->removes->watch);
}

static void
on_timer(struct net_timer *timer)
{
	struct actor *actor = container_of(timer, struct actor, timer);

	note(actor->diary, actor->letter);
}

static void
on_mail(struct mail *mail)
{
	struct actor *actor = container_of(mail, struct actor, mail);

	note(actor->diary, actor->letter);
}

static bool
on_hook(struct net_hook *hook)
{
	struct actor *actor = container_of(hook, struct actor, hook);

	note(actor->diary, actor->letter);
	if (actor->removes != NULL)
		net_hook_remove(&actor->removes->hook);
	return actor->busy > 0 && actor->busy-- > 0;
}

static int64_t
hook_wait(struct net_hook *hook)
{
	return container_of(hook, struct actor, hook)->wait_ms;
}

static struct actor
actor_of(struct net_loop *loop, struct diary *diary, char letter)
{
	return (struct actor){
		.watch = { -1, on_event },
		.timer.fire = on_timer,
		.hook = { .run = on_hook, .wait_ms = hook_wait },
		.mail.deliver = on_mail,
		.loop = loop,
		.diary = diary,
		.letter = letter,
		.wait_ms = -1,
	};
}

static void
make_ready(struct actor *actor, uint32_t events)
{
	actor->watch.fd = eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC);
	net_watch_add(actor->loop, &actor->watch, events);
}

START_TEST(test_a_turn_is_events_mail_timers_serve_send)
{
	struct diary diary = { 0 };
	struct net_loop *loop = net_loop_new();
	struct actor event = actor_of(loop, &diary, 'e'), timer = actor_of(loop, &diary, 't'),
	             mail = actor_of(loop, &diary, 'm'), serve = actor_of(loop, &diary, 's'),
	             send = actor_of(loop, &diary, 'S');

	net_hook_add(loop, NET_SEND, &send.hook);
	net_hook_add(loop, NET_SERVE, &serve.hook);
	net_timer_set(loop, &timer.timer, 1);
	mailbox_post(net_loop_mailbox(loop), &mail.mail);
	make_ready(&event, EPOLLIN);
	net_loop_turn(loop, -1);
	ck_assert_str_eq(diary.text, "emtsS");
	net_watch_remove(loop, &event.watch);
	close(event.watch.fd);
	net_hook_remove(&send.hook);
	net_hook_remove(&serve.hook);
	net_loop_free(loop);
}
END_TEST

START_TEST(test_the_phases_run_again_while_a_hook_did_something)
{
	struct diary diary = { 0 };
	struct net_loop *loop = net_loop_new();
	struct actor serve = actor_of(loop, &diary, 's'), send = actor_of(loop, &diary, 'S');

	send.busy = 2;
	net_hook_add(loop, NET_SERVE, &serve.hook);
	net_hook_add(loop, NET_SEND, &send.hook);
	net_loop_turn(loop, -1);
	ck_assert_str_eq(diary.text, "sSsSsS");
	net_hook_remove(&send.hook);
	net_hook_remove(&serve.hook);
	net_loop_free(loop);
}
END_TEST

START_TEST(test_a_hook_that_is_always_busy_lets_events_through)
{
	struct diary diary = { 0 };
	struct net_loop *loop = net_loop_new();
	struct actor serve = actor_of(loop, &diary, 's'), event = actor_of(loop, &diary, 'e');

	serve.busy = 1000;
	net_hook_add(loop, NET_SERVE, &serve.hook);
	net_loop_turn(loop, -1);
	make_ready(&event, EPOLLIN);
	net_loop_turn(loop, -1);
	ck_assert_ptr_nonnull(strchr(diary.text, 'e'));
	net_watch_remove(loop, &event.watch);
	close(event.watch.fd);
	net_hook_remove(&serve.hook);
	net_loop_free(loop);
}
END_TEST

START_TEST(test_a_watch_removed_by_another_of_the_same_batch_gets_nothing)
{
	struct diary diary = { 0 };
	struct net_loop *loop = net_loop_new();
	struct actor a = actor_of(loop, &diary, 'a'), b = actor_of(loop, &diary, 'b');

	a.removes = &b;
	b.removes = &a;
	make_ready(&a, EPOLLIN);
	make_ready(&b, EPOLLIN);
	net_loop_turn(loop, -1);
	ck_assert_uint_eq(diary.len, 1);
	a.removes = b.removes = NULL;
	net_loop_turn(loop, 0);
	ck_assert_uint_eq(diary.len, 2);
	ck_assert_int_eq(diary.text[0], diary.text[1]);
	close(a.watch.fd);
	close(b.watch.fd);
	net_loop_free(loop);
}
END_TEST

START_TEST(test_level_is_the_default_and_edge_on_request)
{
	struct diary diary = { 0 };
	struct net_loop *loop = net_loop_new();
	struct actor level = actor_of(loop, &diary, 'l'), edge = actor_of(loop, &diary, 'e');

	make_ready(&edge, EPOLLIN | EPOLLET);
	net_loop_turn(loop, -1);
	net_loop_turn(loop, 0);
	ck_assert_str_eq(diary.text, "e");
	make_ready(&level, EPOLLIN);
	net_loop_turn(loop, -1);
	net_loop_turn(loop, -1);
	ck_assert_str_eq(diary.text, "ell");
	net_watch_change(loop, &level.watch, 0);
	net_watch_change(loop, &edge.watch, EPOLLIN);
	net_loop_turn(loop, -1);
	ck_assert_str_eq(diary.text, "elle");
	close(level.watch.fd);
	close(edge.watch.fd);
	net_loop_free(loop);
}
END_TEST

START_TEST(test_a_hook_may_remove_another_and_itself)
{
	struct diary diary = { 0 };
	struct net_loop *loop = net_loop_new();
	struct actor a = actor_of(loop, &diary, 'a'), b = actor_of(loop, &diary, 'b'),
	             c = actor_of(loop, &diary, 'c');

	a.removes = &b;
	c.removes = &c;
	net_hook_add(loop, NET_SERVE, &a.hook);
	net_hook_add(loop, NET_SERVE, &b.hook);
	net_hook_add(loop, NET_SERVE, &c.hook);
	net_loop_turn(loop, -1);
	ck_assert_str_eq(diary.text, "ac");
	a.removes = NULL;
	net_loop_turn(loop, 0);
	ck_assert_str_eq(diary.text, "aca");
	net_hook_remove(&a.hook);
	net_loop_free(loop);
}
END_TEST

START_TEST(test_the_loop_sleeps_no_longer_than_a_hook_allows)
{
	struct diary diary = { 0 };
	struct net_loop *loop = net_loop_new();
	struct actor hook = actor_of(loop, &diary, 'h'), timer = actor_of(loop, &diary, 't');

	hook.wait_ms = 1;
	net_hook_add(loop, NET_SEND, &hook.hook);
	net_timer_set(loop, &timer.timer, rh_mono_ms() + 3600 * 1000);
	for (int i = 0; i < 3; i++)
		net_loop_turn(loop, -1);
	ck_assert_str_eq(diary.text, "hhh");
	net_timer_stop(loop, &timer.timer);
	net_hook_remove(&hook.hook);
	net_loop_free(loop);
}
END_TEST

/* ---- other threads ---- */

static void *
run_loop(void *loop)
{
	net_loop_run(loop);
	return NULL;
}

START_TEST(test_a_sleeping_loop_is_stopped_and_given_mail_by_another_thread)
{
	struct diary diary = { 0 };
	struct net_loop *loop = net_loop_new();
	struct actor mail = actor_of(loop, &diary, 'm');
	pthread_t thread;

	pthread_create(&thread, NULL, run_loop, loop);
	while (net_loop_turns(loop) != UINT64_MAX)
		usleep(1000);
	mailbox_post(net_loop_mailbox(loop), &mail.mail);
	net_loop_stop(loop);
	pthread_join(thread, NULL);
	net_loop_turn(loop, 0);
	ck_assert_str_eq(diary.text, "m");
	net_loop_free(loop);
}
END_TEST

/* One thread publishes a value and frees the old one as soon as the counter permits, the loop reads
 * the value all the time. A reader of freed memory is found by the sanitizers and, without them, by
 * the value. */
struct shared {
	_Atomic(int *) current;
	struct net_hook hook;
	atomic_int seen;
};

static bool
read_shared(struct net_hook *hook)
{
	struct shared *shared = container_of(hook, struct shared, hook);
	int *value = atomic_load_explicit(&shared->current, memory_order_acquire);

	for (int i = 0; i < 50; i++)
		ck_assert_int_eq(*(volatile int *)value, 4711);
	atomic_fetch_add(&shared->seen, 1);
	return false;
}

static int64_t
at_once(struct net_hook *hook)
{
	return atomic_load(&container_of(hook, struct shared, hook)->seen) % 2;
}

static void
await_turn(const struct net_loop *loop)
{
	uint64_t turns = net_loop_turns(loop);

	while (turns != UINT64_MAX && net_loop_turns(loop) == turns)
		sched_yield();
}

START_TEST(test_what_is_freed_after_a_turn_is_not_read_any_more)
{
	struct net_loop *loop = net_loop_new();
	struct shared shared = { .hook = { .run = read_shared, .wait_ms = at_once } };
	pthread_t thread;
	int *value = rh_alloc(sizeof(*value));

	*value = 4711;
	atomic_store(&shared.current, value);
	net_hook_add(loop, NET_SERVE, &shared.hook);
	pthread_create(&thread, NULL, run_loop, loop);
	for (int i = 0; i < 20000 || atomic_load(&shared.seen) < 1000; i++) {
		int *next = rh_alloc(sizeof(*next));

		*next = 4711;
		value = atomic_exchange_explicit(&shared.current, next, memory_order_acq_rel);
		await_turn(loop);
		*(volatile int *)value = 0;
		free(value);
	}
	net_loop_stop(loop);
	pthread_join(thread, NULL);
	ck_assert(net_loop_turns(loop) == UINT64_MAX);
	free(atomic_load(&shared.current));
	net_hook_remove(&shared.hook);
	net_loop_free(loop);
}
END_TEST

/* Edges come once: what is not served in this turn is kept for the next ones, which do not sleep.
 */
START_TEST(test_patient_watches_come_behind_the_others_and_some_in_a_turn)
{
	enum { MANY = 40, TURN = 16 };
	struct diary diary = { 0 };
	struct net_loop *loop = net_loop_new();
	struct actor urgent = actor_of(loop, &diary, 'u'), many[MANY];

	for (int i = 0; i < MANY; i++) {
		many[i] = actor_of(loop, &diary, 'p');
		many[i].watch.patient = true;
		make_ready(&many[i], EPOLLIN | EPOLLET);
	}
	make_ready(&urgent, EPOLLIN | EPOLLET);
	net_loop_turn(loop, -1);
	ck_assert_uint_eq(diary.len, 1 + TURN);
	ck_assert_int_eq(diary.text[0], 'u');
	diary.len = 0;
	net_watch_remove(loop, &many[MANY - 1].watch);
	net_loop_turn(loop, -1);
	net_loop_turn(loop, -1);
	ck_assert_uint_eq(diary.len, MANY - 1 - TURN);
	net_loop_turn(loop, 0);
	ck_assert_uint_eq(diary.len, MANY - 1 - TURN);
	for (int i = 0; i < MANY; i++) {
		if (i < MANY - 1)
			net_watch_remove(loop, &many[i].watch);
		close(many[i].watch.fd);
	}
	net_watch_remove(loop, &urgent.watch);
	close(urgent.watch.fd);
	net_loop_free(loop);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("net loop");
	TCase *tcase = tcase_create("loop");

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, test_a_turn_is_events_mail_timers_serve_send);
	tcase_add_test(tcase, test_the_phases_run_again_while_a_hook_did_something);
	tcase_add_test(tcase, test_a_hook_that_is_always_busy_lets_events_through);
	tcase_add_test(tcase, test_a_watch_removed_by_another_of_the_same_batch_gets_nothing);
	tcase_add_test(tcase, test_patient_watches_come_behind_the_others_and_some_in_a_turn);
	tcase_add_test(tcase, test_level_is_the_default_and_edge_on_request);
	tcase_add_test(tcase, test_a_hook_may_remove_another_and_itself);
	tcase_add_test(tcase, test_the_loop_sleeps_no_longer_than_a_hook_allows);
	tcase_add_test(tcase, test_a_sleeping_loop_is_stopped_and_given_mail_by_another_thread);
	tcase_add_test(tcase, test_what_is_freed_after_a_turn_is_not_read_any_more);
	return suite_run(suite, CK_NOFORK);
}
