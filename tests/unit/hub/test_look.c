/* test_look: who waits for what other processes know, for how long, and how many at once. The test
 * stands where it is read (linked with --wrap). */
#include "../../../src/hub/message/look.h"
#include "../../../src/hub/parties/view.h"
#include "../ocpi/helper.h"
#include "../suite.h"

static struct hub hub;
static struct settings settings;
static struct worker worker;
static uint64_t asked;       /* numbers of reads: of the next one */
static uint64_t ended, good; /* and of the last that ended, and that was good */
static size_t ends, refusals;

uint64_t __wrap_view_ask(struct hub *of);
enum view_read __wrap_view_of(const struct hub *of, uint64_t read);

uint64_t
__wrap_view_ask(struct hub *of)
{
	(void)of;
	return asked;
}

enum view_read
__wrap_view_of(const struct hub *of, uint64_t read)
{
	(void)of;
	if (good >= read)
		return VIEW_READ;
	return ended >= read ? VIEW_FAILED : VIEW_WAITS;
}

static void
done(struct look *look, enum rh_err err)
{
	(void)look;
	ends++;
	refusals += err == RH_STALE;
	ck_assert(err == RH_OK || err == RH_STALE);
}

static void
setup(void)
{
	worker = (struct worker){ .hub = &hub, .loop = net_loop_new() };
	settings = (struct settings){ .stale_ms = 2000 };
	atomic_init(&hub.settings, &settings);
	hub.workers = &worker;
	hub.worker_count = 1;
	asked = 1;
	ended = good = 0;
	ends = refusals = 0;
	looks_open(&worker);
}

static void
teardown(void)
{
	ck_assert_uint_eq(atomic_load(&worker.looking), 0);
	net_loop_free(worker.loop);
}

/* As the view says that a read ended. */
static void
tell(uint64_t read, bool was_good)
{
	ended = read;
	good = was_good ? read : good;
	mailbox_post(net_loop_mailbox(worker.loop), &worker.looked_mail);
	net_loop_turn(worker.loop, 0);
}

static const struct {
	int64_t stale_ms;
	bool good;
	size_t refused;
} reads[] = {
	{ 2000, true, 0 }, { 2000, false, 1 }, { 0, true, 0 },
	{ 0, false, 0 }, /* what the hub knows counts, however long the database is away */
};

START_TEST(test_he_is_judged_when_that_is_read_or_refused)
{
	struct look look = { .done = done };

	settings.stale_ms = reads[_i].stale_ms;
	asked = 5;
	ck_assert(look_begin(&worker, &look));
	tell(4, true); /* it began before he came */
	ck_assert_uint_eq(ends, 0);
	tell(5, reads[_i].good);
	ck_assert_uint_eq(ends, 1);
	ck_assert_uint_eq(refusals, reads[_i].refused);
}
END_TEST

START_TEST(test_a_later_read_will_do)
{
	struct look look = { .done = done };

	ck_assert(look_begin(&worker, &look));
	ended = 1;
	tell(2, true);
	ck_assert_uint_eq(ends, 1);
	ck_assert_uint_eq(refusals, 0);
}
END_TEST

START_TEST(test_they_are_bounded)
{
	static struct look looks[LOOK_MOST + 1];
	size_t let_in = 0;

	for (size_t i = 0; i < COUNT(looks); i++) {
		looks[i] = (struct look){ .done = done };
		let_in += look_begin(&worker, &looks[i]);
	}
	ck_assert_uint_eq(let_in, LOOK_MOST);
	tell(1, true);
	ck_assert_uint_eq(ends, LOOK_MOST);
	ck_assert(look_begin(&worker, &looks[LOOK_MOST]));
	tell(2, true);
}
END_TEST

START_TEST(test_nobody_waits_for_ever)
{
	struct look early = { .done = done }, late = { .done = done };

	ck_assert(look_begin(&worker, &early));
	ck_assert(look_begin(&worker, &late));
	look_tick(&worker);
	ck_assert_uint_eq(ends, 0);
	early.until_ms = net_loop_now(worker.loop);
	look_tick(&worker);
	ck_assert_uint_eq(ends, 1);
	ck_assert_uint_eq(refusals, 1);
	tell(1, true);
	ck_assert_uint_eq(ends, 2);
	ck_assert_uint_eq(refusals, 1);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("look");
	TCase *cases = tcase_create("look");

	tcase_add_checked_fixture(cases, setup, teardown);
	tcase_add_loop_test(
	        cases, test_he_is_judged_when_that_is_read_or_refused, 0, (int)COUNT(reads));
	tcase_add_test(cases, test_a_later_read_will_do);
	tcase_add_test(cases, test_they_are_bounded);
	tcase_add_test(cases, test_nobody_waits_for_ever);
	suite_add_tcase(suite, cases);
	return suite_run(suite, CK_NOFORK);
}
