/* pusher_rig: a worker's half of the push engine. The test turns the worker's loop itself and
 * stands where requests go out (linked with --wrap), so that turns, reads and deliveries are
 * counted and no clock decides. */
#include "pusher_rig.h"

enum { QUIET_TURNS = 40 };

/* ---- before the loop: the worker's is turned by the test ---- */

pthread_t control;

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

struct sent sent[MOST_SENT];
size_t sent_count, touched, log_lines;

size_t __wrap_net_client_room(struct net_client *client, struct str origin);
size_t room = SIZE_MAX;

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

void
answer_first(size_t count)
{
	static const struct answer answer = { .http = 200, .ocpi = 1000, .why = "" };

	for (size_t i = 0; i < count; i++)
		sent[i].done(sent[i].channel, sent[i].owed, DELIVERED, &answer);
	memmove(sent, &sent[count], (sent_count - count) * sizeof *sent);
	sent_count -= count;
}

size_t
answer_all(void)
{
	size_t count = sent_count;

	answer_first(count);
	return count;
}

/* ---- the worker's turns ---- */

struct pusher *
pusher(void)
{
	return hub->workers->pusher;
}

void
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

void
turn_until_quiet(void)
{
	for (int quiet = 0; quiet < QUIET_TURNS; quiet = is_quiet() ? quiet + 1 : 0)
		turn_once();
}

void
turn_until_sent(size_t count)
{
	while (sent_count < count)
		turn_once();
}

/* ---- who is there, and what is shared ---- */

int64_t
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

void
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

void
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

void
share_many(int count)
{
	for (int i = 0; i < count; i++)
		share(i);
}

void
everybody_is(enum store_state state)
{
	const struct platform *platforms;
	size_t count = directory_platforms(hub_directory(hub), &platforms);

	for (size_t i = 0; i < count; i++)
		if (state == STATE_CONNECTED)
			live_seen(platforms[i].live);
		else
			atomic_store(&platforms[i].live->state, (int)state);
}

void
deliver_the_rest(size_t count)
{
	for (size_t taken = 0; taken < count; turn_once())
		taken += answer_all();
	turn_until_quiet();
}
