/* test_registry: whose token counts when a handshake commits, what a refused save leaves, where
 * tokens go, what is set, what coming and going costs, who is told of what is there. */
#include "registry_rig.h"

#include <time.h>

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

static void
use_token(struct live *live, struct str token)
{
	uint8_t digest[RH_DIGEST_BYTES];

	rh_digest(hub->digest_key, token, digest);
	registry_forget_previous(hub, live, digest);
}

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
	use_token(known->live, fresh);
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

/* DELETE credentials that was let in before the token was rotated, or before a suspension. */
START_TEST(test_M3_a_platform_leaves_by_a_token_that_is_still_good_alone)
{
	struct str old, fresh;
	int64_t platform = connected("DE*ONE", &old);

	result = (struct result){ .pending = 2 };
	registry_register(
	        hub, registration_of(platform, old, TOKEN_CURRENT, "DE*ONE"), on_done, NULL);
	registry_unregister(
	        hub, registration_of(platform, old, TOKEN_CURRENT, "DE*ONE"), on_done, NULL);
	turn_until_done();
	ck_assert_uint_eq(result.good, 1);
	ck_assert_uint_eq(result.unknown, 1);
	ck_assert(speaks("DE*ONE", platform));

	ck_assert_int_eq(enrol(platform, old, TOKEN_PREVIOUS, "DE*ONE"), RH_OK);
	fresh = result.token;
	ck_assert_int_eq(change(suspend, platform), RH_OK);
	begin();
	registry_unregister(
	        hub, registration_of(platform, fresh, TOKEN_CURRENT, "DE*ONE"), on_done, NULL);
	ck_assert_int_eq(await(), RH_SUSPENDED);
	ck_assert_int_eq(change(registry_resume, platform), RH_OK);
	ck_assert(speaks("DE*ONE", platform));
	begin();
	registry_unregister(
	        hub, registration_of(platform, fresh, TOKEN_CURRENT, "DE*ONE"), on_done, NULL);
	ck_assert_int_eq(await(), RH_OK);
	ck_assert(!token_known(fresh));
}
END_TEST

/* The partner that used it may never get the answer with the new one (CRD-019). */
START_TEST(test_M3_a_token_that_is_used_while_it_is_rotated_stays_for_its_grace)
{
	struct str first, second, third;
	int64_t platform = connected("DE*ONE", &first);
	struct live *live = party_of("DE*ONE", platform)->platform->live;

	ck_assert_int_eq(enrol(platform, first, TOKEN_CURRENT, "DE*ONE"), RH_OK);
	second = result.token;
	begin();
	registry_register(
	        hub, registration_of(platform, second, TOKEN_CURRENT, "DE*ONE"), on_done, NULL);
	use_token(live, second);
	ck_assert_int_eq(await(), RH_OK);
	third = result.token;
	turn_until_idle();
	ck_assert(token_known(second) && token_known(third));
	use_token(live, third);
	turn_until_idle();
	ck_assert(!token_known(second) && token_known(third));
}
END_TEST

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
	ck_assert_int_eq(change(suspend, platform), RH_STORE_FAILED);
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
	static const char *const good[] = { "catch_up=skip", "catch_up=default", "catch_up=skip",
		"datetime_offset=accept", "endpoint.cdrs.sender=https://a.b/cdrs?x=1",
		"endpoint.hubclientinfo.receiver=https://a.b/c",
		"endpoint.tokens.sender=", "endpoint_slash=on", "errors_detail=data", "flights=7",
		"endpoints=all", "from=owner", "objects=0", "relinks=8", "relinks=default",
		"requests_per_second=9", "lists_without_to=refuse", "offline_authorize=off",
		"pull=60", "pull=default", "token_encoding=plain", "validation=lenient",
		"validation.tokens=off" };
	static const char *const bad[] = { "", "=", "validation", "validation=", "pull=soon",
		"validation.credentials=off", "validation.MODULE=off",
		"validation.hubclientinfo=off", "endpoint.MODULE.sender=https://a.b/",
		"endpoint.cdrs=https://a.b/", "endpoint..sender=https://a.b/",
		"endpoint.cdrs.sender", "endpoint.cdrs.sender=a.b",
		"endpoint.credentials.sender=https://a.b/", "profile=", "profile=perfect",
		"validation.=off", "errors_detail=yes", "from=me", "datetime_offset=+01:00",
		"flights=-1", "objects=", "objects=10k", "requests_per_second=0.5",
		"relinks=1000000001", "x=y" };
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
	ck_assert(known->catch_up_skip && known->any_offset && known->endpoint_slash &&
	          known->errors_data && known->lists_want_to && known->no_offline_authorize);
	ck_assert_int_eq(known->pull_ms, -1);
	ck_assert_int_eq(known->quotas[QUOTA_FLIGHTS], 7);
	ck_assert_int_eq(known->quotas[QUOTA_OBJECTS], 0);
	ck_assert_int_eq(known->quotas[QUOTA_RELINKS], -1);
	ck_assert_int_eq(known->quotas[QUOTA_REQUESTS_PER_SECOND], 9);
	ck_assert_int_eq(known->encoding, ENCODING_PLAIN);
	ck_assert_int_eq(known->validation, VALIDATION_LENIENT);
	ck_assert_uint_eq(known->validation_count, 1);
	ck_assert_int_eq(known->validation_of[0].mode, VALIDATION_OFF);
}
END_TEST

/* What a profile names is a setting that takes it, and the table of settings knows all profiles. */
START_TEST(test_a_profile_is_made_of_settings)
{
	struct str token;
	int64_t platform = connected("DE*ONE", &token);

	for (const struct registry_profile *row = registry_profiles; row->name != NULL; row++) {
		ck_assert_int_eq(
		        set(platform, arena_printf(arena, "profile=%s", row->name).p), RH_OK);
		ck_assert_ptr_null(row->sets[PROFILE_SETTINGS].key);
		for (size_t i = 0; row->sets[i].key != NULL; i++) {
			const char *key = row->sets[i].key, *value = row->sets[i].value;
			struct str pair = arena_printf(arena, "%s=%s", key, value);

			ck_assert_msg(set(platform, pair.p) == RH_OK, "%s", pair.p);
			ck_assert_str_eq(
			        registry_profile_value(str_of(row->name), str_of(key)), value);
		}
	}
	ck_assert_ptr_null(registry_profile_value(STR("perfect"), STR("validation")));
}
END_TEST

/* What came last holds: a setting after a profile, a profile after a setting. */
START_TEST(test_what_is_set_last_holds)
{
	static const struct {
		const char *pair;
		bool any_offset, slash;
	} steps[] = { { "datetime_offset=refuse", false, false }, { "profile=fastapi", true, true },
		{ "datetime_offset=refuse", false, true },
		{ "datetime_offset=default", true, true },
		{ "profile=no-routing-headers", false, false },
		{ "endpoint_slash=on", false, true }, { "profile=strict", false, false },
		{ "profile=default", false, false } };
	struct str token;
	int64_t id = connected("DE*ONE", &token);

	for (size_t i = 0; i < COUNT(steps); i++) {
		const struct platform *platform;

		ck_assert_int_eq(set(id, steps[i].pair), RH_OK);
		platform = directory_platform(hub_directory(hub), id);
		ck_assert_msg(platform->any_offset == steps[i].any_offset &&
		                      platform->endpoint_slash == steps[i].slash,
		        "after %s", steps[i].pair);
	}
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
		registry_invite(hub, STR("one"), NULL, 0, 0, on_done, NULL);
	turn_until_done();
	printf("%d invites beside %d platforms: %.1f ms of this thread, %zu directories\n", WAITING,
	        MANY, (double)(thread_us() - began_us) / 1000, builds);
	ck_assert_uint_eq(result.good, WAITING);
	ck_assert_uint_le(builds, WAITING / 8);
}
END_TEST

/* ---- fault D18: who becomes entitled later ---- */

static struct {
	size_t count;
	bool newcomer, all;
	char module[32];
} told;

static void
on_entitled(struct hub *of, const struct platform *platform, const struct entitlement *what)
{
	(void)of, (void)platform;
	told.count++;
	told.newcomer = what->newcomer;
	told.all = what->module.p == NULL && what->owner.p == NULL;
	(void)snprintf(told.module, sizeof told.module, "%.*s", STR_ARG(what->module));
}

static enum rh_err
list_also(int64_t platform, struct str token, const char *module, enum ocpi_interface interface)
{
	struct registration *registration =
	        registration_of(platform, token, TOKEN_CURRENT, "DE*ONE");
	struct store_endpoint endpoints[2] = { registration->endpoints[0],
		{ str_of(module), (int)interface, STR("https://p.example.com/more") } };

	registration->endpoints = endpoints;
	registration->endpoint_count = 2;
	begin();
	registry_register(hub, registration, on_done, NULL);
	return await();
}

START_TEST(test_fault_D18_a_registration_and_a_newly_listed_endpoint_are_told)
{
	void (*real)(struct hub *, const struct platform *, const struct entitlement *) =
	        hub->entitled;
	struct str token;
	int64_t platform;

	hub->entitled = on_entitled;
	memset(&told, 0, sizeof told);
	platform = connected("DE*ONE", &token);
	turn_until_idle();
	ck_assert_uint_eq(told.count, 1);
	ck_assert(told.newcomer && told.all);
	/* PUT credentials with what was listed before, then with a Sender interface, then one more
	 */
	ck_assert_int_eq(enrol(platform, token, TOKEN_CURRENT, "DE*ONE"), RH_OK);
	ck_assert_int_eq(list_also(platform, result.token, "locations", IFACE_SENDER), RH_OK);
	ck_assert_uint_eq(told.count, 1);
	ck_assert_int_eq(
	        list_also(platform, result.token, "chargingprofiles", IFACE_RECEIVER), RH_OK);
	ck_assert_uint_eq(told.count, 2);
	ck_assert_str_eq(told.module, "chargingprofiles");
	ck_assert(!told.newcomer);
	hub->entitled = real;
}
END_TEST

/* ---- fault D12: where a newcomer's cursor begins ---- */

static int64_t newcomer_joined;

/* The agreement publishes a directory while the registration is committed and waits for its own. */
static void
on_agreed(void *ctx, enum rh_err err, const struct fault *fault, int64_t id, struct str token)
{
	const int64_t *newcomer = ctx;
	const struct platform *platform = directory_platform(hub_directory(hub), *newcomer);

	ck_assert_int_eq(platform->state, STATE_CONNECTED);
	newcomer_joined = atomic_load(&platform->live->joined);
	on_done(NULL, err, fault, id, token);
}

START_TEST(test_D12_no_directory_shows_a_newcomer_before_its_cursor_is_set)
{
	struct store_agreement agreement = {
		.cpo_country = "DE", .cpo_party = "ONE", .emsp_country = "NL", .emsp_party = "MSP"
	};
	struct str first, token, ignored;
	int64_t newcomer, head;

	(void)connected("DE*ONE", &ignored);
	turn_until_idle();
	head = hub_head(hub);
	ck_assert_int_gt(head, 0);
	newcomer = invite(NULL, &first);
	(void)invite(NULL, &token);

	result = (struct result){ .pending = 3 };
	registry_register(hub, registration_of(newcomer, first, TOKEN_A, "DE*TWO"), on_done, NULL);
	registry_invite(hub, STR("behind it"), NULL, 0, 0, on_done, NULL);
	while (list_empty(&hub->registry->under_way))
		net_loop_turn(hub->loop, 0);
	agreement_add(hub, &agreement, on_agreed, &newcomer);
	turn_until_done();
	ck_assert_uint_eq(result.good, 3);
	ck_assert_int_eq(newcomer_joined, head);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = { test_M3_of_six_handshakes_with_one_token_a_one_wins,
		test_M3_a_used_token_a_takes_nothing_over,
		test_M3_a_token_that_was_rotated_away_does_not_come_back,
		test_M3_a_platform_that_was_removed_meanwhile_stays_removed,
		test_M3_a_platform_leaves_by_a_token_that_is_still_good_alone,
		test_M3_a_token_that_is_used_while_it_is_rotated_stays_for_its_grace,
		test_T4_a_change_that_was_not_saved_leaves_nothing,
		test_M5_the_token_goes_to_the_origins_of_a_platform_alone,
		test_what_is_set_is_known_by_the_table, test_a_profile_is_made_of_settings,
		test_what_is_set_last_holds, test_P5_coming_and_going_builds_no_directory,
		test_P5_changes_that_wait_share_a_directory,
		test_fault_D18_a_registration_and_a_newly_listed_endpoint_are_told,
		test_D12_no_directory_shows_a_newcomer_before_its_cursor_is_set };

	return rig_run("registry", tests, COUNT(tests));
}
