/* test_pusher: what a worker's half of the push engine costs and starts. The test turns the
 * worker's loop itself and stands where requests go out (linked with --wrap), so that turns, reads
 * and deliveries are counted and no clock decides. */
#include "../../../src/hub/news.h"
#include "../../../src/hub/push/deliver.h"
#include "../../../src/hub/push/receivers.h"
#include "registry_rig.h"

#include <pthread.h>

enum { MOST_SENT = 2048, QUIET_TURNS = 40 };

/* ---- before the loop: the worker's is turned by the test ---- */

static pthread_t control;
static size_t answer_all(void);

void __wrap_net_loop_run(struct net_loop *loop);

static bool
has_ended(void)
{
	return atomic_load(&hub->workers_draining) == 0 && hub->control_work == 0 &&
	       registry_idle(hub) && store_session_open_operations(hub->session) == 0;
}

void
__wrap_net_loop_run(struct net_loop *loop)
{
	if (!pthread_equal(pthread_self(), control))
		return;
	while (!has_ended()) {
		(void)answer_all(); /* of a test that failed */
		net_loop_turn(hub->workers->loop, 1);
		net_loop_turn(loop, 1);
	}
}

/* ---- before the requests ---- */

static struct {
	struct channel *channel;
	struct owed *owed;
	deliver_done_fn done;
} sent[MOST_SENT];
static size_t sent_count, touched, log_lines;

size_t __wrap_net_client_room(struct net_client *client, struct str origin);
static size_t room = SIZE_MAX;

size_t
__wrap_net_client_room(struct net_client *client, struct str origin)
{
	(void)client, (void)origin;
	return room;
}

void __wrap_deliver_start(struct channel *channel, struct owed *owed,
        const struct platform *platform, const struct endpoint *endpoint, deliver_done_fn done);
const struct platform *__real_directory_platform(const struct directory *directory, int64_t id);
const struct platform *__wrap_directory_platform(const struct directory *directory, int64_t id);
void __wrap_rh_log(enum rh_level level, const char *event, const struct log_kv *kv, size_t count);

void
__wrap_deliver_start(struct channel *channel, struct owed *owed, const struct platform *platform,
        const struct endpoint *endpoint, deliver_done_fn done)
{
	(void)platform, (void)endpoint;
	ck_assert_uint_lt(sent_count, MOST_SENT);
	sent[sent_count].channel = channel;
	sent[sent_count].owed = owed;
	sent[sent_count++].done = done;
}

/* Nobody is sent anything, or looked at for it, without this question. */
const struct platform *
__wrap_directory_platform(const struct directory *directory, int64_t id)
{
	touched++;
	return __real_directory_platform(directory, id);
}

void
__wrap_rh_log(enum rh_level level, const char *event, const struct log_kv *kv, size_t count)
{
	(void)kv, (void)count;
	log_lines += level == LOG_ERROR && str_is(str_of(event), "push");
}

static void
answer_first(size_t count)
{
	static const struct answer answer = { .http = 200, .ocpi = 1000, .why = "" };

	for (size_t i = 0; i < count; i++)
		sent[i].done(sent[i].channel, sent[i].owed, DELIVERED, &answer);
	memmove(sent, &sent[count], (sent_count - count) * sizeof *sent);
	sent_count -= count;
}

static size_t
answer_all(void)
{
	size_t count = sent_count;

	answer_first(count);
	return count;
}

/* ---- the worker's turns ---- */

static struct pusher *
pusher(void)
{
	return hub->workers->pusher;
}

static void
turn_once(void)
{
	net_loop_turn(hub->loop, 0);
	net_loop_turn(hub->workers->loop, 0);
}

/* Rows are looked at by turns, and those of who is away not at all. */
static bool
looks_at_rows(void)
{
	list_each (node, &pusher()->parked)
		if (!container_of(node, struct channel, parked)->away)
			return true;
	return false;
}

static bool
is_quiet(void)
{
	return store_session_open_operations(hub->session) == 0 &&
	       store_session_open_operations(hub->workers->session) == 0 &&
	       pusher()->state == PUSHER_READY && !looks_at_rows() &&
	       pusher()->head == hub_head(hub) && !pusher()->going_on;
}

static void
turn_until_quiet(void)
{
	for (int quiet = 0; quiet < QUIET_TURNS; quiet = is_quiet() ? quiet + 1 : 0)
		turn_once();
}

static void
turn_until_sent(size_t count)
{
	while (sent_count < count)
		turn_once();
}

/* ---- who is there, and what is shared ---- */

static int64_t
join(const char *id, enum ocpi_role role, const char *module)
{
	struct store_endpoint endpoint = { str_of(module), IFACE_RECEIVER,
		STR("https://p.example.com/x") };
	struct registration *registration;
	struct store_party party;
	struct str first;
	int64_t platform = invite(NULL, &first);

	registration = registration_of(platform, first, TOKEN_A, id);
	party = registration->parties[0];
	party.role = (int)role;
	registration->parties = &party;
	registration->endpoints = &endpoint;
	begin();
	registry_register(hub, registration, on_done, NULL);
	ck_assert_int_eq(await(), RH_OK);
	return platform;
}

static void
join_many(const char *country, int count, enum ocpi_role role, const char *module)
{
	char id[16];

	for (int i = 0; i < count; i++) {
		(void)snprintf(id, sizeof id, "%s*%03d", country, i);
		(void)join(id, role, module);
	}
}

static enum rh_err
make(void *ctx, struct str old, struct arena *memory, struct str *fresh, int64_t *last_updated_ns,
        struct fault *fault)
{
	(void)ctx, (void)old, (void)memory, (void)fault;
	*fresh = STR("{}");
	*last_updated_ns = 1;
	return RH_OK;
}

static bool shared;

static void
on_shared(struct store_op *op)
{
	ck_assert_int_eq(op->err, RH_OK);
	shared = true;
	news_committed(hub, op->u.share.change);
}

static void
share(int number)
{
	struct store_op op = { .verb = STORE_SHARE, .done = on_shared, .arena = arena };

	op.u.share.key = (struct store_key){ STR("*"), STR("locations"), STR("DE*CPO"),
		arena_printf(arena, "L%d", number), STR("") };
	op.u.share.make = make;
	op.u.share.method = STR("PUT");
	op.u.share.suffix = arena_printf(arena, "DE/CPO/L%d", number);
	shared = false;
	store_submit(hub->session, &op);
	while (!shared)
		net_loop_turn(hub->loop, 10);
}

static void
share_many(int count)
{
	for (int i = 0; i < count; i++)
		share(i);
}

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

static void
everybody_is(enum store_state state)
{
	const struct platform *platforms;
	size_t count = directory_platforms(hub_directory(hub), &platforms);

	for (size_t i = 0; i < count; i++)
		atomic_store(&platforms[i].live->state, (int)state);
}

START_TEST(test_fault_D6_twenty_that_lag_are_read_for_once)
{
	enum { OBJECTS = 200, RECEIVERS = 20 };
	size_t taken = 0;

	(void)join("DE*CPO", ROLE_CPO, "tokens");
	join_many("NL", RECEIVERS, ROLE_EMSP, "locations");
	turn_until_quiet();
	everybody_is(STATE_OFFLINE);
	share_many(OBJECTS);
	turn_until_quiet();
	ck_assert_uint_eq(sent_count, 0);

	everybody_is(STATE_CONNECTED);
	receivers_return(pusher());
	for (size_t i = 0; i < pusher()->channel_count; i++)
		pusher()->channels[i]->back_at_ms = 0; /* no spread */
	feeds = unbounded_feeds = 0;
	news_ring(hub);
	while (taken < OBJECTS * RECEIVERS) {
		turn_once();
		taken += answer_all();
	}
	ck_assert_uint_le(feeds, 2 * (OBJECTS / 64 + 1));
	ck_assert_uint_eq(unbounded_feeds, 0);
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
	for (size_t taken = 0; taken < 3; turn_once()) /* its window begins small again */
		taken += answer_all();
	turn_until_quiet();
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
	for (size_t taken = 5; taken < OBJECTS * RECEIVERS; turn_once())
		taken += answer_all();
	turn_until_quiet();
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
	enum { RECEIVERS = 200, SLICE = 32, TURNS = 3 /* by the mail, by news, by the timer */ };

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
		test_fault_D10_a_read_that_fails_waits_says_so_once_and_is_counted,
		test_fault_D4_without_room_nothing_starts,
		test_fault_D11_without_a_token_nothing_is_settled,
		test_fault_D14_all_together_have_a_bound_and_each_its_share,
		test_fault_D15_a_slice_at_most_goes_before_others };

	control = pthread_self();
	return rig_run("pusher", tests, COUNT(tests));
}
