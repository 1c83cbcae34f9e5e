/* The loop of one thread: epoll events -> mailbox -> timers -> NET_SERVE hooks -> NET_SEND hooks,
 * then sleep. The order makes a turn a batch: what came in is served, and what that started is
 * sent, before anybody sleeps.
 *
 * Events of patient watches stand in a line, as an edge comes once only, and a few of them are
 * served in each turn: answers to pushes that come at once delay a request by as much as these
 * few: p99 of forwards while 50 receivers return 1.7 instead of 2.5 ms.
 *
 * A turn ends asleep. Other threads free what the loop may still be looking at once its turn
 * counter has moved on, or while it says "asleep" (UINT64_MAX). The counter is therefore changed
 * and read by read-modify-write operations only: they are totally ordered, so either the reader
 * sees the loop awake, or the loop, waking up after it, sees whatever the reader had published
 * before it asked. Plain loads and stores would allow both to miss each other. */
#include "timer.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
	EVENTS = 256,      /* of one epoll_wait */
	PATIENT_MOST = 16, /* events of patient watches in one turn */
	MOST_ROUNDS = 8    /* of the hooks in one turn, before events are looked at again */
};
#define ASLEEP UINT64_MAX

struct net_loop {
	int epoll_fd;
	int64_t now_ms;
	bool busy; /* a hook did something in the last round: do not sleep */
	uint64_t turn;
	_Atomic uint64_t
	        *turns; /* what other threads see of it; a cell of its own for the cache's sake */
	atomic_bool stop;

	struct list patient; /* watches with held events, in the order they came */
	struct timers timers;
	struct list hooks[NET_SEND + 1];

	struct mailbox *mailbox;
	bool mail_waits;
	struct net_watch mail_watch, stop_watch;

	struct epoll_event *events; /* the batch in hand */
	int event_next, event_count;
};

static void
mail_ready(struct net_watch *watch, uint32_t events)
{
	(void)events;
	container_of(watch, struct net_loop, mail_watch)->mail_waits = true;
}

static void
stop_ready(struct net_watch *watch, uint32_t events)
{
	uint64_t count;

	(void)events;
	if (read(watch->fd, &count, sizeof(count)) < 0)
		assert(errno == EAGAIN);
}

struct net_loop *
net_loop_new(void)
{
	struct net_loop *loop = rh_alloc(sizeof(*loop));

	loop->events = rh_alloc(EVENTS * sizeof(*loop->events));
	loop->turns = aligned_alloc(64, 64);
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	loop->stop_watch.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (loop->turns == NULL || loop->epoll_fd < 0 || loop->stop_watch.fd < 0) {
		LOG(LOG_ERROR, "loop-failed", KV("why", strerror(errno)));
		abort();
	}
	atomic_init(loop->turns, ASLEEP);
	atomic_init(&loop->stop, false);
	loop->now_ms = rh_mono_ms();
	loop->busy = true; /* whatever was started before the first turn is looked at once */
	list_init(&loop->patient);
	list_init(&loop->hooks[NET_SERVE]);
	list_init(&loop->hooks[NET_SEND]);
	loop->mailbox = mailbox_new();
	loop->mail_watch = (struct net_watch){ mailbox_fd(loop->mailbox), mail_ready };
	loop->stop_watch.ready = stop_ready;
	net_watch_add(loop, &loop->mail_watch, EPOLLIN);
	net_watch_add(loop, &loop->stop_watch, EPOLLIN);
	return loop;
}

void
net_loop_free(struct net_loop *loop)
{
	assert(list_empty(&loop->hooks[NET_SERVE]) && list_empty(&loop->hooks[NET_SEND]));
	close(loop->epoll_fd);
	close(loop->stop_watch.fd);
	mailbox_free(loop->mailbox);
	timers_free(&loop->timers);
	free(loop->turns);
	free(loop->events);
	free(loop);
}

/* ---- watches ---- */

static void
watch_control(struct net_loop *loop, int how, struct net_watch *watch, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = watch };
	int failed = epoll_ctl(loop->epoll_fd, how, watch->fd, &event);

	/* Only our own mistakes and an exhausted kernel can fail this: nobody could go on without
	 * the event. */
	if (failed) {
		LOG(LOG_ERROR, "watch-failed", KVN("fd", watch->fd), KV("why", strerror(errno)));
		abort();
	}
}

void
net_watch_add(struct net_loop *loop, struct net_watch *watch, uint32_t events)
{
	watch_control(loop, EPOLL_CTL_ADD, watch, events);
}

void
net_watch_change(struct net_loop *loop, struct net_watch *watch, uint32_t events)
{
	watch_control(loop, EPOLL_CTL_MOD, watch, events);
}

void
net_watch_remove(struct net_loop *loop, struct net_watch *watch)
{
	watch_control(loop, EPOLL_CTL_DEL, watch, 0);
	if (watch->held != 0)
		list_remove(&watch->node);
	watch->held = 0;
	for (int i = loop->event_next; i < loop->event_count; i++)
		if (loop->events[i].data.ptr == watch)
			loop->events[i].data.ptr = NULL;
}

static void
hold(struct net_loop *loop, struct net_watch *watch, uint32_t events)
{
	if (watch->held == 0)
		list_add_tail(&loop->patient, &watch->node);
	watch->held |= events;
}

static void
run_held(struct net_loop *loop)
{
	for (int i = 0; i < PATIENT_MOST && !list_empty(&loop->patient); i++) {
		struct net_watch *watch = container_of(loop->patient.next, struct net_watch, node);
		uint32_t events = watch->held;

		list_remove(&watch->node);
		watch->held = 0;
		watch->ready(watch, events);
	}
}

static void
run_events(struct net_loop *loop)
{
	while (loop->event_next < loop->event_count) {
		struct epoll_event event = loop->events[loop->event_next++];
		struct net_watch *watch = event.data.ptr;

		if (watch == NULL)
			continue;
		if (watch->patient)
			hold(loop, watch, event.events);
		else
			watch->ready(watch, event.events);
	}
	run_held(loop);
}

/* ---- timers and hooks ---- */

void
net_timer_set(struct net_loop *loop, struct net_timer *timer, int64_t at_ms)
{
	timers_set(&loop->timers, timer, at_ms);
}

void
net_timer_stop(struct net_loop *loop, struct net_timer *timer)
{
	timers_stop(&loop->timers, timer);
}

void
net_hook_add(struct net_loop *loop, enum net_phase phase, struct net_hook *hook)
{
	list_add_tail(&loop->hooks[phase], &hook->node);
}

void
net_hook_remove(struct net_hook *hook)
{
	list_remove(&hook->node);
}

/* The hooks wait in a list of their own and go back one by one, so that any of them may be removed
 * by any other. */
static bool
run_hooks(struct list *hooks)
{
	struct list due = *hooks;
	bool did = false;

	if (list_empty(hooks))
		return false;
	due.next->prev = due.prev->next = &due;
	list_init(hooks);
	while (!list_empty(&due)) {
		struct net_hook *hook = container_of(due.next, struct net_hook, node);

		list_remove(&hook->node);
		list_add_tail(hooks, &hook->node);
		did = hook->run(hook) || did;
	}
	return did;
}

static bool
run_phases(struct net_loop *loop)
{
	bool did;

	if (loop->mail_waits) {
		loop->mail_waits = false;
		mailbox_deliver(loop->mailbox);
	}
	timers_fire(&loop->timers, loop->now_ms);
	did = run_hooks(&loop->hooks[NET_SERVE]);
	return run_hooks(&loop->hooks[NET_SEND]) || did;
}

/* ---- turns ---- */

static int64_t
sooner(int64_t a_ms, int64_t b_ms)
{
	if (a_ms < 0)
		return b_ms;
	return b_ms < 0 || a_ms < b_ms ? a_ms : b_ms;
}

static int
sleep_ms(struct net_loop *loop, int wait_ms)
{
	int64_t ms = wait_ms;

	if (loop->busy || wait_ms == 0 || !list_empty(&loop->patient))
		return 0;
	if (loop->timers.count > 0)
		ms = sooner(ms, timers_wait_ms(&loop->timers, rh_mono_ms()));
	for (int phase = NET_SERVE; phase <= NET_SEND; phase++) {
		list_each (node, &loop->hooks[phase]) {
			struct net_hook *hook = container_of(node, struct net_hook, node);

			if (hook->wait_ms != NULL)
				ms = sooner(ms, hook->wait_ms(hook));
		}
	}
	return ms > INT_MAX ? INT_MAX : (int)ms;
}

static void
wait_events(struct net_loop *loop, int ms)
{
	int count;

	atomic_exchange(loop->turns, ASLEEP);
	count = epoll_wait(loop->epoll_fd, loop->events, EVENTS, ms);
	assert(count >= 0 || errno == EINTR);
	atomic_exchange(loop->turns, ++loop->turn);
	loop->event_next = 0;
	loop->event_count = count < 0 ? 0 : count;
	loop->now_ms = rh_mono_ms();
}

void
net_loop_turn(struct net_loop *loop, int wait_ms)
{
	wait_events(loop, sleep_ms(loop, wait_ms));
	run_events(loop);
	for (int round = 0; round < MOST_ROUNDS; round++) {
		loop->busy = run_phases(loop);
		if (!loop->busy)
			break;
	}
}

void
net_loop_run(struct net_loop *loop)
{
	while (!atomic_load(&loop->stop))
		net_loop_turn(loop, -1);
	atomic_store(&loop->stop, false);
	atomic_exchange(loop->turns, ASLEEP);
}

void
net_loop_stop(struct net_loop *loop)
{
	uint64_t one = 1;

	atomic_store(&loop->stop, true);
	if (write(loop->stop_watch.fd, &one, sizeof(one)) < 0)
		assert(errno == EAGAIN);
}

int64_t
net_loop_now(const struct net_loop *loop)
{
	return loop->now_ms;
}

struct mailbox *
net_loop_mailbox(struct net_loop *loop)
{
	return loop->mailbox;
}

uint64_t
net_loop_turn_number(const struct net_loop *loop)
{
	return loop->turn;
}

uint64_t
net_loop_turns(const struct net_loop *loop)
{
	return atomic_fetch_add(loop->turns, 0);
}
