/* test_registry_owed: rows that others write are looked at by the worker, in a whole hub. */
#include "registry_rig.h"

#include "../../../src/hub/news.h"

#include <semaphore.h>

/* ---- the worker stands still ---- */

static struct {
	struct mail mail;
	sem_t stands, go;
} still;

static void
stand(struct mail *mail)
{
	(void)mail;
	ck_assert_int_eq(sem_post(&still.stands), 0);
	ck_assert_int_eq(sem_wait(&still.go), 0);
}

static void
hold_worker(void)
{
	ck_assert_int_eq(sem_init(&still.stands, 0, 0), 0);
	ck_assert_int_eq(sem_init(&still.go, 0, 0), 0);
	still.mail.deliver = stand;
	mailbox_post(net_loop_mailbox(hub->workers[0].loop), &still.mail);
	ck_assert_int_eq(sem_wait(&still.stands), 0);
}

/* ---- rows ---- */

static enum rh_err
do_op(struct store_op *op)
{
	store_submit(hub->session, op);
	while (store_session_open_operations(hub->session) > 0)
		net_loop_turn(hub->loop, 10);
	return op->err;
}

static void
nothing(struct store_op *op)
{
	(void)op;
}

/* Of an object that is nowhere: the worker that looks at it ends it. */
static void
write_row(int64_t platform)
{
	struct store_parked row = {
		.receiver = arena_printf(arena, "platform/%lld", (long long)platform),
		.to = STR("DE*ONE"),
		.key = { STR("*"), STR("tokens"), STR("NL*MSP"), STR("U1"), STR("RFID") },
		.since_ms = 1,
		.due_ms = 1,
		.why = STR(""),
	};
	struct store_op op = { .verb = STORE_PARK, .done = nothing };

	op.u.parked.rows = &row;
	op.u.parked.count = 1;
	ck_assert_int_eq(do_op(&op), RH_OK);
}

static uint64_t
rows_left(void)
{
	struct store_op op = { .verb = STORE_PARKED, .done = nothing, .arena = arena };

	op.u.parked.now_ms = INT64_MAX;
	op.u.parked.limit = 1;
	ck_assert_int_eq(do_op(&op), RH_OK);
	return op.u.parked.total;
}

/* Fails by the time limit of the test. */
static void
wait_until_none_is_left(void)
{
	while (rows_left() > 0)
		net_loop_turn(hub->loop, 20);
}

static struct live *
live_of_platform(int64_t platform)
{
	return directory_platform(hub_directory(hub), platform)->live;
}

/* Two platforms have news of rows before their worker turns: both are heard. A worker that looked
 * at a row of each and found no more looks at none by itself. */
START_TEST(test_fault_D12_news_of_two_platforms_at_once_is_heard_by_both)
{
	struct str token;
	int64_t platforms[] = { connected("DE*ONE", &token), connected("DE*TWO", &token) };

	for (size_t i = 0; i < COUNT(platforms); i++) {
		write_row(platforms[i]);
		news_parked(hub, live_of_platform(platforms[i]));
	}
	wait_until_none_is_left();
	for (int i = 0; i < 50; i++)
		net_loop_turn(hub->loop, 20);
	hold_worker();
	for (size_t i = 0; i < COUNT(platforms); i++) {
		write_row(platforms[i]);
		news_parked(hub, live_of_platform(platforms[i]));
	}
	ck_assert_int_eq(sem_post(&still.go), 0);
	wait_until_none_is_left();
}
END_TEST

/* A share that makes rows due ends nobody's wait; an operator does. */
START_TEST(test_fault_D16_news_of_a_share_is_for_who_is_marked_alone)
{
	struct str token;
	int64_t platform = connected("DE*ONE", &token);

	hold_worker();
	news_woken(hub);
	ck_assert(!atomic_load(&live_of_platform(platform)->push.news));
	news_parked(hub, live_of_platform(platform));
	ck_assert(atomic_load(&live_of_platform(platform)->push.news));
	ck_assert_int_eq(sem_post(&still.go), 0);
}
END_TEST

/* What is read for rows at once is bounded, whoever has some, and all have their turn. */
START_TEST(test_fault_D6_rows_of_many_are_read_some_at_a_time)
{
	enum { MANY = 40, AT_ONCE = 16 };
	struct mail again = { .deliver = stand };
	int64_t platforms[MANY];
	struct str token;

	for (int i = 0; i < MANY; i++) {
		char id[8];

		(void)snprintf(id, sizeof id, "DE*P%02d", i);
		platforms[i] = connected(id, &token);
	}
	hold_worker();
	for (int i = 0; i < MANY; i++) {
		write_row(platforms[i]);
		news_parked(hub, live_of_platform(platforms[i]));
	}
	mailbox_post(net_loop_mailbox(hub->workers[0].loop), &again);
	atomic_store(&looks, 0);
	ck_assert_int_eq(sem_post(&still.go), 0);
	ck_assert_int_eq(sem_wait(&still.stands), 0);
	ck_assert_uint_le(atomic_load(&looks), AT_ONCE);
	ck_assert_int_eq(sem_post(&still.go), 0);
	wait_until_none_is_left();
}
END_TEST

/* No save holds up what is to be committed behind it for long. */
START_TEST(test_fault_D5_cursors_of_many_are_stored_some_at_a_time)
{
	enum { MANY = 600, AT_ONCE = 500 };
	struct str token;

	hold_worker();
	atomic_store(&most_cursors, 0);
	for (int i = 0; i < MANY; i++) {
		char id[8];

		(void)snprintf(id, sizeof id, "DE*%c%02d", 'A' + i / 100, i % 100);
		(void)connected(id, &token);
	}
	ck_assert_int_eq(sem_post(&still.go), 0);
	while (atomic_load(&most_cursors) < 2) /* the first of the worker's */
		net_loop_turn(hub->loop, 20);
	ck_assert_uint_le(atomic_load(&most_cursors), AT_ONCE);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		test_fault_D12_news_of_two_platforms_at_once_is_heard_by_both,
		test_fault_D16_news_of_a_share_is_for_who_is_marked_alone,
		test_fault_D6_rows_of_many_are_read_some_at_a_time,
		test_fault_D5_cursors_of_many_are_stored_some_at_a_time,
	};

	return rig_run("registry owed", tests, COUNT(tests));
}
