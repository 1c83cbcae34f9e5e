/* test_status: what is told of platforms by who holds them, and what the others make of it. The
 * test stands where hints go out (linked with --wrap). */
#include "../../../src/hub/parties/presence.h"
#include "../../../src/hub/status.h"
#include "../../../src/hub/status_doc.h"
#include "registry_rig.h"

enum { SILENT_MS = 10 * 60 * 1000, LONG_AGO_MS = 60 * 60 * 1000, PATIENCE_MS = 10000 };

static size_t told, saved;
static int64_t saved_of;

void __wrap_store_tell(struct store *store, enum store_tell what, int64_t platform);

void
__wrap_store_tell(struct store *store, enum store_tell what, int64_t platform)
{
	(void)store, (void)platform;
	told += what == TELL_HEARD;
}

static struct live *
live_one(void)
{
	struct str token;
	int64_t id = connected("DE*ONE", &token);

	turn_until_idle();
	return directory_platform(hub_directory(hub), id)->live;
}

static void
hold(uint64_t slots)
{
	hub->together.on = slots != UINT64_MAX;
	atomic_store(&hub->together.held, slots);
}

/* ---- the last contact ---- */

/* Else one that is gone would be heard, and CONNECTED again, by the word of the other. */
START_TEST(test_HCI_020_what_its_holder_said_is_not_told_back_as_heard)
{
	struct live *live = live_one();
	struct status_clock clock = { .boot_ms = rh_wall_ms() - rh_boot_ms() };
	char doc[64];

	(void)snprintf(doc, sizeof doc, "{\"heard\":%lld}", (long long)(rh_wall_ms() - SILENT_MS));
	hold(0);
	told = 0;
	live->presence.met_ms = live->presence.stored_ms = rh_boot_ms() - LONG_AGO_MS;
	atomic_store(&live->heard_ms, 0);
	status_doc_take(live, str_of(doc), &clock);
	ck_assert_int_gt(live_heard_wall_ms(live), rh_wall_ms() - SILENT_MS - 1000);
	presence_tick(hub);
	ck_assert_uint_eq(told, 0);
	live_seen(live); /* now it spoke here */
	live_follows(live, STATE_OFFLINE);
	presence_tick(hub);
	ck_assert_uint_eq(told, 0); /* and was gone before that was told */
	live_follows(live, STATE_CONNECTED);
	presence_tick(hub);
	ck_assert_uint_eq(told, 1);
	hold(UINT64_MAX);
}
END_TEST

/* ---- a write that failed ---- */

static void
see(struct store_op *op)
{
	if (op->verb != STORE_STATUS_SAVE)
		return;
	saved++;
	saved_of = op->u.statuses.rows[0].platform;
}

static bool
is_saved(void)
{
	int64_t until_ms = rh_mono_ms() + PATIENCE_MS;

	for (saved = 0; saved == 0 && rh_mono_ms() < until_ms;)
		turn_until_idle();
	turn_until_idle();
	return saved > 0;
}

START_TEST(test_what_could_not_be_told_of_one_that_is_suspended_is_told_again)
{
	struct live *live = live_one();

	stand_in = see;
	hold(UINT64_MAX - 1);
	ck_assert(is_saved());
	ck_assert_int_eq(saved_of, live->platform);
	hold(UINT64_MAX);
	ck_assert_int_eq(change(suspend, live->platform), RH_OK);
	turn_until_idle();
	hold(UINT64_MAX - 1);
	(void)snprintf(live->presence.last_failure, sizeof live->presence.last_failure, "new");
	refuse_saves = true;
	ck_assert(is_saved());
	refuse_saves = false;
	ck_assert(is_saved());
	ck_assert_int_eq(saved_of, live->platform);
	stand_in = NULL;
	hold(UINT64_MAX);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		test_HCI_020_what_its_holder_said_is_not_told_back_as_heard,
		test_what_could_not_be_told_of_one_that_is_suspended_is_told_again,
	};

	return rig_run("status", tests, COUNT(tests));
}
