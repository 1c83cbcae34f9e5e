/* registry_rig: see registry_rig.h. */
#include "registry_rig.h"
#include "../suite.h"

static struct settings settings;
struct hub *hub;
struct arena *arena;

/* ---- before the store and the directory ---- */

bool refuse_saves, refuse_feed;
void (*stand_in)(struct store_op *op);
size_t builds, feeds, unbounded_feeds;
atomic_size_t looks, most_cursors;

void __real_store_submit(struct store_session *session, struct store_op *op);
void __wrap_store_submit(struct store_session *session, struct store_op *op);
struct directory *__real_directory_build(
        const struct list *records, struct agreed *agreed, const struct digest_keys *foreign);
struct directory *__wrap_directory_build(
        const struct list *records, struct agreed *agreed, const struct digest_keys *foreign);

static void (*refused_done)(struct store_op *op);

static void
refused(struct store_op *op)
{
	op->err = RH_STORE_FAILED;
	op->done = refused_done;
	op->done(op);
}

void
__wrap_store_submit(struct store_session *session, struct store_op *op)
{
	if (stand_in != NULL)
		stand_in(op);
	if (op->verb == STORE_CURSORS_SAVE && op->u.cursors.count > atomic_load(&most_cursors))
		atomic_store(&most_cursors, op->u.cursors.count);
	if (op->verb == STORE_PARKED)
		atomic_fetch_add(&looks, 1);
	feeds += op->verb == STORE_FEED;
	unbounded_feeds +=
	        op->verb == STORE_FEED && (op->u.feed.limit == 0 || op->u.feed.max_bytes == 0);
	if ((refuse_saves && (op->verb == STORE_PLATFORM_SAVE || op->verb == STORE_IMPORT ||
	                             op->verb == STORE_STATUS_SAVE)) ||
	        (refuse_feed && op->verb == STORE_FEED)) {
		refused_done = op->done;
		op->verb = STORE_PROBE;
		op->done = refused;
	}
	__real_store_submit(session, op);
}

struct directory *
__wrap_directory_build(
        const struct list *records, struct agreed *agreed, const struct digest_keys *foreign)
{
	builds++;
	return __real_directory_build(records, agreed, foreign);
}

/* ---- a hub ---- */

static void
fail_fault(void *ctx, const char *message)
{
	(void)ctx;
	ck_abort_msg("%s", message);
}

static void
setup(void)
{
	const char *sets[] = { "http.listen=127.0.0.1:0", "admin.listen=127.0.0.1:0",
		"http.workers=1", "store.url=memory:", "log.level=error" };
	struct fault fault = { 0 };

	ck_assert_int_eq(rh_crypt_init(&fault), RH_OK);
	ck_assert_uint_eq(
	        settings_load(NULL, sets, COUNT(sets), &settings, NULL, fail_fault, NULL), 0);
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	arena = arena_new(4096);
	hub = hub_open(&settings, &(struct hub_choices){ 0 }, ocpi_modules, &fault);
	ck_assert_msg(hub != NULL, "%s: %s", fault.field, fault.why);
}

static void
teardown(void)
{
	hub_stop(hub, 0);
	hub_run(hub);
	hub_close(hub);
	conf_free(settings_keys, &settings);
	arena_free(arena);
}

/* ---- one change, until it is done ---- */

struct result result;

void
on_done(void *ctx, enum rh_err err, const struct fault *fault, int64_t platform, struct str token)
{
	(void)ctx;
	result.pending--;
	result.err = err;
	result.fault = *fault;
	result.platform = platform;
	result.token = arena_str(arena, token);
	result.good += err == RH_OK;
	result.unknown += err == RH_UNKNOWN_TOKEN;
}

void
begin(void)
{
	result = (struct result){ .pending = 1 };
}

void
turn_until_done(void)
{
	while (result.pending > 0)
		net_loop_turn(hub->loop, 100);
}

/* Changes without anybody who waits for them are followed by one with. */
void
turn_until_idle(void)
{
	do
		net_loop_turn(hub->loop, 10);
	while (!registry_idle(hub) || store_session_open_operations(hub->session) > 0);
}

enum rh_err
await(void)
{
	turn_until_done();
	return result.err;
}

int64_t
invite(const char *claim, struct str *token)
{
	struct party_claim claims[1] = { 0 };
	size_t count = claim != NULL ? 1 : 0;

	if (claim != NULL) {
		ck_assert(ocpi_id_parse(str_of(claim), &claims[0].id));
		claims[0].role = ROLE_CPO;
	}
	begin();
	registry_invite(hub, STR("one"), claims, count, 0, on_done, NULL);
	(void)await();
	*token = result.token;
	return result.platform;
}

struct registration *
registration_of(int64_t platform, struct str token, enum store_token_kind kind, const char *ids)
{
	struct registration *registration = arena_alloc(arena, sizeof *registration);
	struct store_party *parties = arena_alloc(arena, 8 * sizeof *parties);
	struct store_endpoint *endpoint = arena_alloc(arena, sizeof *endpoint);
	struct str left = str_of(ids);

	while (left.p != NULL) {
		struct store_party *party = &parties[registration->party_count++];
		struct ocpi_id id;

		ck_assert(ocpi_id_parse(str_cut(&left, ' '), &id));
		memcpy(party->country, id.country, sizeof party->country);
		memcpy(party->party, id.party, sizeof party->party);
		party->role = ROLE_CPO;
	}
	*endpoint = (struct store_endpoint){ STR("tokens"), IFACE_RECEIVER,
		STR("https://p.example.com/tokens") };
	registration->platform = platform;
	registration->parties = parties;
	registration->endpoints = endpoint;
	registration->endpoint_count = 1;
	registration->version = STR("2.2.1");
	registration->versions_url = STR("https://p.example.com/versions");
	registration->token = STR("theirs");
	registration->presented_kind = kind;
	registration->update = kind != TOKEN_A;
	rh_digest(hub->digest_key, token, registration->presented);
	return registration;
}

enum rh_err
enrol(int64_t platform, struct str token, enum store_token_kind kind, const char *ids)
{
	begin();
	registry_register(hub, registration_of(platform, token, kind, ids), on_done, NULL);
	return await();
}

int64_t
connected(const char *ids, struct str *token)
{
	struct str first;
	int64_t platform = invite(NULL, &first);

	ck_assert_int_eq(enrol(platform, first, TOKEN_A, ids), RH_OK);
	*token = result.token;
	return platform;
}

enum rh_err
change(simple_fn what, int64_t platform)
{
	begin();
	what(hub, platform, on_done, NULL);
	return await();
}

void
suspend(struct hub *of, int64_t platform, registry_done_fn done, void *ctx)
{
	registry_suspend(of, platform, &(struct suspension){ 0 }, done, ctx);
}

enum rh_err
set(int64_t platform, const char *text)
{
	struct str pair = str_of(text);

	begin();
	registry_set(hub, platform, &pair, 1, on_done, NULL);
	return await();
}

const struct party *
party_of(const char *text, int64_t platform)
{
	struct ocpi_id id;

	ck_assert(ocpi_id_parse(str_of(text), &id));
	for (const struct party *party = directory_party(hub_directory(hub), &id); party != NULL;
	        party = party->same)
		if (party->platform->id == platform)
			return party;
	return NULL;
}

bool
speaks(const char *text, int64_t platform)
{
	struct ocpi_id id;

	ck_assert(ocpi_id_parse(str_of(text), &id));
	return may_speak(hub_directory(hub), platform, &id,
	               ocpi_module_find(ocpi_modules, STR("locations")), IFACE_RECEIVER, MAY_SHARE)
	               .reason == MAY_YES;
}

bool
token_known(struct str token)
{
	uint8_t digest[RH_DIGEST_BYTES];
	enum store_token_kind kind;

	rh_digest(hub->digest_key, token, digest);
	return directory_token(hub_directory(hub), digest, &kind) != NULL;
}

int
rig_run(const char *name, const TTest *const *tests, size_t count)
{
	return suite_run_tests(name, tests, count, setup, teardown);
}
