/* test_registry: changes of who is connected, on a hub that keeps them in memory: whose token
 * counts when a handshake commits, whose a party is, what a refused save leaves, what coming and
 * going costs.
 *
 * The program stands before the store and the directory for the hub: it refuses saves on command
 * and counts the directories that are built. */
#include "../../../src/hub/parties/may_hub.h"
#include "../../../src/hub/parties/registry.h"
#include "../ocpi/helper.h"

#include <time.h>

static struct settings settings;
static struct hub *hub;
static struct arena *arena;

/* ---- before the store and the directory ---- */

static bool refuse_saves;
static size_t builds;

void __real_store_submit(struct store_session *session, struct store_op *op);
void __wrap_store_submit(struct store_session *session, struct store_op *op);
struct directory *__real_directory_build(const struct list *records, struct agreed *agreed);
struct directory *__wrap_directory_build(const struct list *records, struct agreed *agreed);

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
	if (refuse_saves && op->verb == STORE_PLATFORM_SAVE) {
		refused_done = op->done;
		op->verb = STORE_PROBE;
		op->done = refused;
	}
	__real_store_submit(session, op);
}

struct directory *
__wrap_directory_build(const struct list *records, struct agreed *agreed)
{
	builds++;
	return __real_directory_build(records, agreed);
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
	hub = hub_open(&settings, ocpi_modules, &fault);
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

static struct result {
	size_t pending;
	enum rh_err err;
	struct fault fault;
	int64_t platform;
	struct str token;
	size_t good, unknown; /* of several */
} result;

static void
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

static void
begin(void)
{
	result = (struct result){ .pending = 1 };
}

static void
turn_until_done(void)
{
	while (result.pending > 0)
		net_loop_turn(hub->loop, 100);
}

/* Changes without anybody who waits for them are followed by one with. */
static void
turn_until_idle(void)
{
	do
		net_loop_turn(hub->loop, 10);
	while (!registry_idle(hub) || store_session_open_operations(hub->session) > 0);
}

static enum rh_err
await(void)
{
	turn_until_done();
	return result.err;
}

static int64_t
invite(const char *claim, struct str *token)
{
	struct party_claim claims[1] = { 0 };
	size_t count = claim != NULL ? 1 : 0;

	if (claim != NULL) {
		ck_assert(ocpi_id_parse(str_of(claim), &claims[0].id));
		claims[0].role = ROLE_CPO;
	}
	begin();
	registry_invite(hub, STR("one"), claims, count, on_done, NULL);
	(void)await();
	*token = result.token;
	return result.platform;
}

static struct registration *
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

static enum rh_err
enrol(int64_t platform, struct str token, enum store_token_kind kind, const char *ids)
{
	begin();
	registry_register(hub, registration_of(platform, token, kind, ids), on_done, NULL);
	return await();
}

static int64_t
connected(const char *ids, struct str *token)
{
	struct str first;
	int64_t platform = invite(NULL, &first);

	ck_assert_int_eq(enrol(platform, first, TOKEN_A, ids), RH_OK);
	*token = result.token;
	return platform;
}

typedef void (*simple_fn)(struct hub *, int64_t, registry_done_fn, void *);

static enum rh_err
change(simple_fn what, int64_t platform)
{
	begin();
	what(hub, platform, on_done, NULL);
	return await();
}

static enum rh_err
set(int64_t platform, const char *text)
{
	struct str pair = str_of(text);

	begin();
	registry_set(hub, platform, &pair, 1, on_done, NULL);
	return await();
}

static const struct party *
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

static bool
speaks(const char *text, int64_t platform)
{
	struct ocpi_id id;

	ck_assert(ocpi_id_parse(str_of(text), &id));
	return may_speak(hub_directory(hub), platform, &id,
	               ocpi_module_find(ocpi_modules, STR("locations")), IFACE_RECEIVER, MAY_SHARE)
	               .reason == MAY_YES;
}

static bool
token_known(struct str token)
{
	uint8_t digest[RH_DIGEST_BYTES];
	enum store_token_kind kind;

	rh_digest(hub->digest_key, token, digest);
	return directory_token(hub_directory(hub), digest, &kind) != NULL;
}

/* ---- fault M3 ---- */

START_TEST(test_M3_of_six_handshakes_with_one_token_a_one_wins)
{
	struct str token;
	int64_t platform = invite(NULL, &token);

	result = (struct result){ .pending = 6 };
	for (int i = 0; i < 6; i++)
		registry_register(
		        hub, registration_of(platform, token, TOKEN_A, "DE*ONE"), on_done, NULL);
	turn_until_done();
	ck_assert_uint_eq(result.good, 1);
	ck_assert_uint_eq(result.unknown, 5);
}
END_TEST

START_TEST(test_M3_a_used_token_a_takes_nothing_over)
{
	struct str first, current;
	int64_t platform = invite(NULL, &first);

	ck_assert_int_eq(enrol(platform, first, TOKEN_A, "DE*ONE"), RH_OK);
	current = result.token;
	ck_assert_int_eq(enrol(platform, first, TOKEN_A, "DE*BAD"), RH_UNKNOWN_TOKEN);
	ck_assert(token_known(current));
	ck_assert(!token_known(first));
	ck_assert_ptr_null(party_of("DE*BAD", platform));
}
END_TEST

START_TEST(test_M3_a_token_that_was_rotated_away_does_not_come_back)
{
	struct str old, fresh;
	int64_t platform = connected("DE*ONE", &old);
	const struct platform *known;

	ck_assert_int_eq(enrol(platform, old, TOKEN_CURRENT, "DE*ONE"), RH_OK);
	fresh = result.token;
	/* a second PUT that began with it when it was current */
	ck_assert_int_eq(enrol(platform, old, TOKEN_CURRENT, "DE*ONE"), RH_UNKNOWN_TOKEN);
	ck_assert(token_known(fresh) && token_known(old));
	known = directory_platform(hub_directory(hub), platform);
	registry_forget_previous(hub, known->live, platform); /* the fresh one was used */
	turn_until_idle();
	ck_assert(!token_known(old));
	ck_assert_int_eq(enrol(platform, old, TOKEN_PREVIOUS, "DE*ONE"), RH_UNKNOWN_TOKEN);
	ck_assert(!token_known(old) && token_known(fresh));
}
END_TEST

START_TEST(test_M3_a_platform_that_was_removed_meanwhile_stays_removed)
{
	struct str token;
	int64_t platform = connected("DE*ONE", &token);

	ck_assert_int_eq(change(registry_remove, platform), RH_OK);
	ck_assert_int_eq(enrol(platform, token, TOKEN_CURRENT, "DE*ONE"), RH_UNKNOWN_TOKEN);
	ck_assert(!token_known(token));
}
END_TEST

/* ---- fault T4: a change whose save failed ---- */

START_TEST(test_T4_a_change_that_was_not_saved_leaves_nothing)
{
	struct str first, ignored;
	int64_t platform = invite(NULL, &first);
	size_t count;
	const struct platform *platforms;

	refuse_saves = true;
	ck_assert_int_eq(invite(NULL, &ignored), 0);
	ck_assert_int_eq(result.err, RH_STORE_FAILED);
	ck_assert_int_eq(set(platform, "validation=off"), RH_STORE_FAILED);
	ck_assert_int_eq(enrol(platform, first, TOKEN_A, "DE*ONE"), RH_STORE_FAILED);
	ck_assert_int_eq(change(registry_suspend, platform), RH_STORE_FAILED);
	ck_assert_int_eq(change(registry_remove, platform), RH_STORE_FAILED);
	refuse_saves = false;

	count = directory_platforms(hub_directory(hub), &platforms);
	ck_assert_uint_eq(count, 1);
	ck_assert_int_eq(platforms[0].state, STATE_PLANNED);
	ck_assert_int_eq(platforms[0].validation, -1);
	ck_assert_uint_eq(platforms[0].party_count, 0);
	ck_assert(!platforms[0].removed && token_known(first));
	ck_assert_int_eq(enrol(platform, first, TOKEN_A, "DE*ONE"), RH_OK);
	/* nor does a status that was not saved */
	refuse_saves = true;
	registry_state_changed(hub, party_of("DE*ONE", platform)->platform->live, STATE_OFFLINE);
	turn_until_idle();
	refuse_saves = false;
	ck_assert_int_eq(set(platform, "validation=off"), RH_OK);
	ck_assert_int_eq(party_of("DE*ONE", platform)->state, STATE_CONNECTED);
}
END_TEST

/* ---- faults M1, M12, M4: whose a party is ---- */

START_TEST(test_M1_a_party_that_its_platform_dropped_speaks_for_nobody_again)
{
	struct str token;
	int64_t platform = connected("DE*ONE DE*TWO", &token);
	struct live *live = party_of("DE*ONE", platform)->platform->live;

	ck_assert(speaks("DE*ONE", platform) && speaks("DE*TWO", platform));
	ck_assert_int_eq(enrol(platform, token, TOKEN_CURRENT, "DE*ONE"), RH_OK);
	ck_assert(speaks("DE*ONE", platform) && !speaks("DE*TWO", platform));

	ck_assert_int_eq(change(registry_suspend, platform), RH_OK);
	ck_assert_int_eq(party_state(party_of("DE*ONE", platform)), STATE_SUSPENDED);
	ck_assert(!speaks("DE*ONE", platform));
	ck_assert_int_eq(change(registry_resume, platform), RH_OK);
	ck_assert(speaks("DE*ONE", platform) && !speaks("DE*TWO", platform));
	ck_assert_int_eq(party_state(party_of("DE*TWO", platform)), STATE_SUSPENDED);

	for (int i = 0; i < 2; i++) {
		atomic_store(&live->state, i == 0 ? STATE_OFFLINE : STATE_CONNECTED);
		registry_state_changed(hub, live, i == 0 ? STATE_OFFLINE : STATE_CONNECTED);
		turn_until_idle();
		ck_assert_int_eq(party_state(party_of("DE*TWO", platform)), STATE_SUSPENDED);
	}
	ck_assert(!platform_has_party(
	        party_of("DE*TWO", platform)->platform, &party_of("DE*TWO", platform)->id));
}
END_TEST

/* It gets no shares and sees nobody, either. A platform of eMSPs, and a CPO that shares. */
START_TEST(test_M1_a_dropped_party_gets_no_shares_and_sees_nobody)
{
	const struct ocpi_module *tokens = ocpi_module_find(ocpi_modules, STR("tokens"));
	struct str first, second;
	int64_t id = connected("DE*ONE DE*TWO", &first);
	struct str emsp_token;
	int64_t emsp = invite(NULL, &emsp_token);
	struct registration *registration = registration_of(emsp, emsp_token, TOKEN_A, "NL*MSP");
	const struct party *owner;

	((struct store_party *)(uintptr_t)registration->parties)->role = ROLE_EMSP;
	begin();
	registry_register(hub, registration, on_done, NULL);
	ck_assert_int_eq(await(), RH_OK);
	owner = party_of("NL*MSP", emsp);
	ck_assert_int_eq(
	        may_get_of(hub, hub_directory(hub), &owner->id, party_of("DE*TWO", id), tokens)
	                .reason,
	        MAY_YES);
	ck_assert_int_eq(enrol(id, first, TOKEN_CURRENT, "DE*ONE"), RH_OK);
	second = result.token;
	owner = party_of("NL*MSP", emsp);
	ck_assert_int_eq(
	        may_get_of(hub, hub_directory(hub), &owner->id, party_of("DE*TWO", id), tokens)
	                .reason,
	        MAY_NOT_RECEIVER_STATE);
	ck_assert_int_eq(
	        may_get_of(hub, hub_directory(hub), &owner->id, party_of("DE*ONE", id), tokens)
	                .reason,
	        MAY_YES);
	ck_assert(may_see(hub, hub_directory(hub), party_of("DE*ONE", id)->platform, owner));
	/* with the other one dropped as well, nobody of the platform is left to see anything */
	ck_assert_int_eq(enrol(id, second, TOKEN_CURRENT, "DE*NEW"), RH_OK);
	((struct party *)(uintptr_t)party_of("DE*NEW", id))->state = STATE_SUSPENDED;
	ck_assert(!may_see(hub, hub_directory(hub), party_of("DE*NEW", id)->platform, owner));
}
END_TEST

START_TEST(test_M12_a_dropped_party_is_free_for_an_invite_that_names_it_alone)
{
	struct str token, unbound, bound;
	int64_t owner = connected("DE*ONE DE*TWO", &token), stranger, heir;

	stranger = invite(NULL, &unbound);
	ck_assert_int_eq(enrol(stranger, unbound, TOKEN_A, "DE*TWO"), RH_BAD_FIELD);
	ck_assert_int_eq(invite("DE*TWO", &bound), 0); /* it is held */
	ck_assert_int_eq(enrol(owner, token, TOKEN_CURRENT, "DE*ONE"), RH_OK);
	token = result.token;

	ck_assert_int_eq(enrol(stranger, unbound, TOKEN_A, "DE*TWO"), RH_BAD_FIELD);
	ck_assert_ptr_nonnull(strstr(result.fault.why, "invite that names it"));
	heir = invite("DE*TWO", &bound);
	ck_assert_int_gt(heir, 0);
	ck_assert_int_eq(enrol(heir, bound, TOKEN_A, "DE*TWO"), RH_OK);
	ck_assert(speaks("DE*TWO", heir) && !speaks("DE*TWO", owner));
	/* and not its former platform's any more */
	ck_assert_int_eq(enrol(owner, token, TOKEN_CURRENT, "DE*ONE DE*TWO"), RH_BAD_FIELD);
}
END_TEST

static enum rh_err
release(const char *text)
{
	struct ocpi_id id;

	ck_assert(ocpi_id_parse(str_of(text), &id));
	begin();
	registry_release(hub, &id, on_done, NULL);
	return await();
}

START_TEST(test_M12_a_dropped_party_is_free_after_its_release)
{
	struct str token, other;
	int64_t owner = connected("DE*ONE DE*TWO", &token), second = connected("DE*CPO", &other);

	ck_assert_int_eq(release("DE*TWO"), RH_BAD_FIELD);
	ck_assert_int_eq(release("DE*NON"), RH_NOT_FOUND);
	ck_assert_int_eq(enrol(owner, token, TOKEN_CURRENT, "DE*ONE"), RH_OK);
	ck_assert_int_eq(enrol(second, other, TOKEN_CURRENT, "DE*CPO DE*TWO"), RH_BAD_FIELD);
	ck_assert_int_eq(release("DE*TWO"), RH_OK);
	ck_assert_ptr_null(party_of("DE*TWO", owner));
	ck_assert_int_eq(enrol(second, other, TOKEN_CURRENT, "DE*CPO DE*TWO"), RH_OK);
	ck_assert(speaks("DE*TWO", second));
}
END_TEST

START_TEST(test_M4_what_was_addressed_belongs_to_the_platforms_row_until_it_is_moved)
{
	struct str token;
	int64_t first = connected("DE*ONE", &token), second;
	struct ocpi_id id = party_of("DE*ONE", first)->id;
	struct {
		int64_t from, to;
		const char *field; /* of the refusal; NULL: it moves */
	} moves[4];

	ck_assert_int_eq(change(registry_remove, first), RH_OK);
	second = connected("DE*ONE", &token);
	struct str scope = directory_scope(party_of("DE*ONE", second), arena),
	           old = directory_scope(party_of("DE*ONE", first), arena);
	ck_assert(str_eq(store_scope_party(scope), STR("DE*ONE")));
	ck_assert(!str_eq(scope, old));

	moves[0].from = second, moves[0].to = second, moves[0].field = "to";
	moves[1].from = 99, moves[1].to = second, moves[1].field = "from";
	moves[2].from = second, moves[2].to = first, moves[2].field = "from";
	moves[3].from = first, moves[3].to = second, moves[3].field = NULL;
	for (size_t i = 0; i < COUNT(moves); i++) {
		begin();
		registry_move(hub, &id, moves[i].from, moves[i].to, on_done, NULL);
		ck_assert_int_eq(await(), moves[i].field == NULL ? RH_OK : RH_BAD_FIELD);
		if (moves[i].field != NULL)
			ck_assert_str_eq(result.fault.field, moves[i].field);
	}
	ck_assert_int_eq(result.platform, second);
}
END_TEST

static void
on_loaded(struct store_op *op)
{
	(void)op;
	result.pending--;
}

static size_t
cursors(struct str key)
{
	struct store_op op = { .verb = STORE_CURSORS_LOAD, .done = on_loaded, .arena = arena };
	size_t found = 0;

	begin();
	store_submit(hub->session, &op);
	turn_until_done();
	for (size_t i = 0; i < op.u.cursors.count; i++)
		found += str_eq(op.u.cursors.cursors[i].receiver, key);
	return found;
}

START_TEST(test_M4_what_was_owed_to_a_removed_platform_goes)
{
	struct str token, key;
	int64_t platform = connected("DE*ONE", &token);

	key = arena_printf(arena, "platform/%lld", (long long)platform);
	turn_until_idle();
	ck_assert_uint_eq(cursors(key), 1);
	ck_assert_int_eq(change(registry_remove, platform), RH_OK);
	turn_until_idle();
	ck_assert_uint_eq(cursors(key), 0);
}
END_TEST

/* ---- fault M10 ---- */

START_TEST(test_M10_an_agreement_the_wrong_way_round_is_refused)
{
	struct str token;
	struct store_agreement wrong = { 0, "NL", "MSP", "DE", "ONE", { 0 }, 0, 0 },
	                       right = { 0, "DE", "ONE", "NL", "MSP", { 0 }, 0, 0 };

	(void)connected("DE*ONE", &token); /* NL*MSP is not here yet: it may be anything */
	begin();
	agreement_add(hub, &wrong, on_done, NULL);
	ck_assert_int_eq(await(), RH_BAD_FIELD);
	ck_assert_str_eq(result.fault.field, "emsp");
	ck_assert_ptr_nonnull(strstr(result.fault.why, "DE*ONE is registered as CPO"));
	begin();
	agreement_add(hub, &right, on_done, NULL);
	ck_assert_int_eq(await(), RH_OK);
}
END_TEST

/* ---- fault M5 ---- */

START_TEST(test_M5_the_token_goes_to_the_origins_of_a_platform_alone)
{
	static const struct {
		const char *url;
		bool own;
	} cases[] = {
		{ "https://p.example.com/anything", true },
		{ "https://P.example.com:443/x?y", true },
		{ "https://p.example.com:8443/x", false },
		{ "http://p.example.com/x", false },
		{ "http://p.example.com:443/x", false },
		{ "https://q.example.com/x", false },
		{ "https://p.example.com.evil.example/x", false },
	};
	struct str token;
	int64_t id = connected("DE*ONE", &token);
	const struct platform *platform = directory_platform(hub_directory(hub), id);
	struct net_url url;

	for (size_t i = 0; i < COUNT(cases); i++) {
		ck_assert_int_eq(net_url_parse(str_of(cases[i].url), arena, &url, NULL), RH_OK);
		ck_assert_msg(platform_owns_origin(platform, url.origin) == cases[i].own, "%s",
		        cases[i].url);
	}
}
END_TEST

/* ---- settings ---- */

START_TEST(test_what_is_set_is_known_by_the_table)
{
	static const char *const good[] = { "catch_up=skip", "errors_detail=data",
		"lists_without_to=refuse", "offline_authorize=off", "pull=60", "pull=default",
		"token_encoding=plain", "validation=lenient", "validation.tokens=off" };
	static const char *const bad[] = { "", "=", "validation", "validation=", "pull=soon",
		"validation.credentials=off", "validation.=off", "errors_detail=yes", "x=y" };
	struct str token;
	int64_t platform = connected("DE*ONE", &token);
	const struct platform *known;

	for (size_t i = 0; i < COUNT(bad); i++)
		ck_assert_msg(set(platform, bad[i]) == RH_BAD_FIELD, "%s", bad[i]);
	for (const struct registry_setting *row = registry_settings; row->key != NULL; row++) {
		ck_assert_ptr_nonnull(strstr(result.fault.why, row->key));
		ck_assert_msg(row == registry_settings || strcmp(row[-1].key, row->key) < 0,
		        "%s is not in the order of the alphabet", row->key);
	}
	for (size_t i = 0; i < COUNT(good); i++)
		ck_assert_msg(set(platform, good[i]) == RH_OK, "%s", good[i]);
	known = directory_platform(hub_directory(hub), platform);
	ck_assert(known->catch_up_skip && known->errors_data && known->lists_want_to &&
	          known->no_offline_authorize);
	ck_assert_int_eq(known->pull_ms, -1);
	ck_assert_int_eq(known->encoding, ENCODING_PLAIN);
	ck_assert_int_eq(known->validation, VALIDATION_LENIENT);
	ck_assert_uint_eq(known->validation_count, 1);
	ck_assert_int_eq(known->validation_of[0].mode, VALIDATION_OFF);
}
END_TEST

/* ---- fault P5 ---- */

enum { MANY = 1000 };

/* CPU of the control thread, to be read by people: no timing decides here. */
static int64_t
thread_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void
connect_many(void)
{
	struct str *tokens = arena_alloc(arena, MANY * sizeof *tokens);

	for (int i = 0; i < MANY; i++) {
		char ids[16];

		(void)snprintf(ids, sizeof ids, "C%d*%03d", i / 1000, i % 1000);
		(void)connected(ids, &tokens[i]);
	}
}

START_TEST(test_P5_coming_and_going_builds_no_directory)
{
	const struct directory *before;
	const struct platform *platforms;
	int64_t began_us, head;
	size_t count;

	connect_many();
	turn_until_idle();
	before = hub_directory(hub);
	count = directory_platforms(before, &platforms);
	ck_assert_uint_eq(count, MANY);
	builds = 0;
	head = hub_head(hub);
	began_us = thread_us();
	for (size_t i = 0; i < count; i++) {
		atomic_store(&platforms[i].live->state, STATE_OFFLINE);
		registry_state_changed(hub, platforms[i].live, STATE_OFFLINE);
	}
	turn_until_idle();
	printf("%d parties OFFLINE: %.1f ms of this thread, %zu directories\n", MANY,
	        (double)(thread_us() - began_us) / 1000, builds);
	ck_assert_uint_eq(builds, 0);
	ck_assert_ptr_eq(hub_directory(hub), before);
	ck_assert_int_eq(hub_head(hub), head + MANY); /* each was announced */
	for (size_t i = 0; i < count; i++) {
		ck_assert_int_eq(party_state(&platforms[i].parties[0]), STATE_OFFLINE);
		ck_assert_int_ge(party_updated_ms(&platforms[i].parties[0]),
		        platforms[i].parties[0].last_updated_ms);
	}
}
END_TEST

START_TEST(test_P5_changes_that_wait_share_a_directory)
{
	enum { WAITING = 200 };
	int64_t began_us;

	connect_many();
	turn_until_idle();
	builds = 0;
	result = (struct result){ .pending = WAITING };
	began_us = thread_us();
	for (int i = 0; i < WAITING; i++)
		registry_invite(hub, STR("one"), NULL, 0, on_done, NULL);
	turn_until_done();
	printf("%d invites beside %d platforms: %.1f ms of this thread, %zu directories\n", WAITING,
	        MANY, (double)(thread_us() - began_us) / 1000, builds);
	ck_assert_uint_eq(result.good, WAITING);
	ck_assert_uint_le(builds, WAITING / 8);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = { test_M3_of_six_handshakes_with_one_token_a_one_wins,
		test_M3_a_used_token_a_takes_nothing_over,
		test_M3_a_token_that_was_rotated_away_does_not_come_back,
		test_M3_a_platform_that_was_removed_meanwhile_stays_removed,
		test_T4_a_change_that_was_not_saved_leaves_nothing,
		test_M1_a_party_that_its_platform_dropped_speaks_for_nobody_again,
		test_M1_a_dropped_party_gets_no_shares_and_sees_nobody,
		test_M12_a_dropped_party_is_free_for_an_invite_that_names_it_alone,
		test_M12_a_dropped_party_is_free_after_its_release,
		test_M4_what_was_addressed_belongs_to_the_platforms_row_until_it_is_moved,
		test_M4_what_was_owed_to_a_removed_platform_goes,
		test_M10_an_agreement_the_wrong_way_round_is_refused,
		test_M5_the_token_goes_to_the_origins_of_a_platform_alone,
		test_what_is_set_is_known_by_the_table,
		test_P5_coming_and_going_builds_no_directory,
		test_P5_changes_that_wait_share_a_directory };
	Suite *suite = suite_create("registry");
	TCase *cases = tcase_create("registry");
	SRunner *runner;
	int failed;

	tcase_set_timeout(cases, 240);
	tcase_add_checked_fixture(cases, setup, teardown);
	for (size_t i = 0; i < COUNT(tests); i++)
		tcase_add_test(cases, tests[i]);
	suite_add_tcase(suite, cases);
	runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
