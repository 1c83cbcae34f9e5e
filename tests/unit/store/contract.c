/* contract: one suite for every backend. What passes here on memory holds on SQLite, and the other way round.
 * The backend of a run is the loop index of the test. */
#include "rig.h"

#include <check.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const schemes[] = { "memory:", "sqlite:" };

#define ck_assert_str(a, b) ck_assert_msg(str_eq(a, b), "'%.*s' is not '%.*s'", STR_ARG(a), STR_ARG(b))

static const struct store_party two_parties[] = {
	{ "DE", "ABC", 1, STATE_CONNECTED, 1000, { "{\"name\":\"ABC GmbH\"}", 19 } },
	{ "de", "abc", 2, STATE_PLANNED, 1001, { NULL, 0 } },
};
static const struct store_endpoint two_endpoints[] = {
	{ { "locations", 9 }, 1, { "https://abc.example/2.2.1/locations", 35 } },
	{ { "tokens", 6 }, 2, { "https://abc.example/2.2.1/tokens", 32 } },
};
static const struct store_token two_tokens[] = {
	{ TOKEN_CURRENT, { 1, 2, 0, 3 }, 0 },
	{ TOKEN_PREVIOUS, { 9, 9, 9, 9 }, 5000 },
};

static struct store_platform
a_platform(void)
{
	return (struct store_platform){
		.name = STR("ABC \xc3\xa4"),
		.state = STATE_CONNECTED,
		.version = STR("2.2.1"),
		.versions_url = STR("https://abc.example/versions"),
		.token_sealed = { "\0\1\2\xff", 4 },
		.settings = STR("{}"),
		.created_ms = 11,
		.updated_ms = 22,
		.last_contact_ms = 33,
		.parties = two_parties,
		.party_count = COUNT(two_parties),
		.endpoints = two_endpoints,
		.endpoint_count = COUNT(two_endpoints),
		.tokens = two_tokens,
		.token_count = COUNT(two_tokens),
		.claims_bound = true,
	};
}

static enum rh_err
save(struct rig *rig, struct store_platform *platform)
{
	struct store_op op = { .verb = STORE_PLATFORM_SAVE, .u.save.platform = platform };

	return rig_do(rig, &op);
}

static const struct store_platform *
load(struct rig *rig, size_t count)
{
	struct store_op op = { .verb = STORE_PLATFORMS_LOAD };

	ck_assert_int_eq(rig_do(rig, &op), RH_OK);
	ck_assert_uint_eq(op.u.load.count, count);
	return op.u.load.platforms;
}

static void
assert_same_platform(const struct store_platform *a, const struct store_platform *b)
{
	ck_assert_int_eq(a->id, b->id);
	ck_assert_str(a->name, b->name);
	ck_assert_int_eq(a->state, b->state);
	ck_assert_int_eq(a->removed, b->removed);
	ck_assert_str(a->version, b->version);
	ck_assert_str(a->versions_url, b->versions_url);
	ck_assert_str(a->token_sealed, b->token_sealed);
	ck_assert_str(a->token_old_sealed, b->token_old_sealed);
	ck_assert_str(a->settings, b->settings);
	ck_assert_int_eq(a->created_ms, b->created_ms);
	ck_assert_int_eq(a->updated_ms, b->updated_ms);
	ck_assert_int_eq(a->last_contact_ms, b->last_contact_ms);
	ck_assert_int_eq(a->claims_bound, b->claims_bound);
}

static void
assert_same_children(const struct store_platform *a, const struct store_platform *b)
{
	ck_assert_uint_eq(a->party_count, b->party_count);
	ck_assert_uint_eq(a->endpoint_count, b->endpoint_count);
	ck_assert_uint_eq(a->token_count, b->token_count);
	for (size_t i = 0; i < a->party_count; i++) {
		ck_assert_str_eq(a->parties[i].country, b->parties[i].country);
		ck_assert_str_eq(a->parties[i].party, b->parties[i].party);
		ck_assert_int_eq(a->parties[i].role, b->parties[i].role);
		ck_assert_int_eq(a->parties[i].state, b->parties[i].state);
		ck_assert_int_eq(a->parties[i].last_updated_ms, b->parties[i].last_updated_ms);
		ck_assert_str(a->parties[i].business, b->parties[i].business);
	}
	for (size_t i = 0; i < a->endpoint_count; i++) {
		ck_assert_str(a->endpoints[i].module, b->endpoints[i].module);
		ck_assert_int_eq(a->endpoints[i].interface, b->endpoints[i].interface);
		ck_assert_str(a->endpoints[i].url, b->endpoints[i].url);
	}
	for (size_t i = 0; i < a->token_count; i++) {
		ck_assert_int_eq(a->tokens[i].kind, b->tokens[i].kind);
		ck_assert_mem_eq(a->tokens[i].digest, b->tokens[i].digest, RH_DIGEST_BYTES);
		ck_assert_int_eq(a->tokens[i].expires_ms, b->tokens[i].expires_ms);
	}
}

START_TEST(test_a_platform_is_loaded_as_it_was_saved)
{
	struct store_platform platform = a_platform();
	const struct store_platform *loaded;
	struct rig rig;

	rig_begin(&rig, schemes[_i]);
	ck_assert_int_eq(save(&rig, &platform), RH_OK);
	ck_assert_int_gt(platform.id, 0);
	loaded = load(&rig, 1);
	assert_same_platform(loaded, &platform);
	assert_same_children(loaded, &platform);
	rig_end(&rig);
}
END_TEST

START_TEST(test_saving_again_replaces_the_platform_with_all_that_hangs_on_it)
{
	struct store_platform platform = a_platform(), other = a_platform();
	struct store_token token = { TOKEN_A, { 7 }, 0 };
	const struct store_platform *loaded;
	struct rig rig;

	rig_begin(&rig, schemes[_i]);
	other.token_count = 0;
	ck_assert_int_eq(save(&rig, &other), RH_OK);
	ck_assert_int_eq(save(&rig, &platform), RH_OK);
	ck_assert_int_ne(platform.id, other.id);
	platform.name = (struct str){ 0 };
	platform.removed = true;
	platform.state = STATE_SUSPENDED;
	platform.party_count = 1;
	platform.endpoint_count = 0;
	platform.tokens = &token;
	platform.token_count = 1;
	ck_assert_int_eq(save(&rig, &platform), RH_OK);
	loaded = load(&rig, 2);
	assert_same_platform(&loaded[0], &other);
	assert_same_children(&loaded[0], &other);
	assert_same_platform(&loaded[1], &platform);
	assert_same_children(&loaded[1], &platform);
	rig_end(&rig);
}
END_TEST

START_TEST(test_many_platforms_keep_their_own_parties_endpoints_and_tokens)
{
	struct store_platform saved[40];
	struct store_token tokens[40][2] = { 0 };
	const struct store_platform *loaded;
	struct rig rig;

	rig_begin(&rig, schemes[_i]);
	for (size_t i = 0; i < COUNT(saved); i++) {
		saved[i] = a_platform();
		tokens[i][0].digest[0] = (uint8_t)(2 * i);
		tokens[i][1].digest[0] = (uint8_t)(2 * i + 1);
		saved[i].tokens = tokens[i];
		saved[i].party_count = i % 3;
		saved[i].endpoint_count = (i + 1) % 3;
		saved[i].token_count = (i + 2) % 3;
		ck_assert_int_eq(save(&rig, &saved[i]), RH_OK);
	}
	loaded = load(&rig, COUNT(saved));
	for (size_t i = 0; i < COUNT(saved); i++) {
		assert_same_platform(&loaded[i], &saved[i]);
		assert_same_children(&loaded[i], &saved[i]);
	}
	rig_end(&rig);
}
END_TEST

START_TEST(test_empty_text_and_absent_text_stay_apart)
{
	struct store_platform platform = a_platform();
	const struct store_platform *loaded;
	struct rig rig;

	rig_begin(&rig, schemes[_i]);
	platform.name = STR("");
	platform.token_sealed = STR("");
	platform.version = (struct str){ 0 };
	ck_assert_int_eq(save(&rig, &platform), RH_OK);
	loaded = load(&rig, 1);
	ck_assert_ptr_nonnull(loaded->name.p);
	ck_assert_ptr_nonnull(loaded->token_sealed.p);
	ck_assert_ptr_null(loaded->version.p);
	ck_assert_ptr_null(loaded->token_old_sealed.p);
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_token_of_another_platform_is_refused_and_changes_nothing)
{
	struct store_platform first = a_platform(), second = a_platform();
	const struct store_platform *loaded;
	struct rig rig;

	rig_begin(&rig, schemes[_i]);
	ck_assert_int_eq(save(&rig, &first), RH_OK);
	ck_assert_int_eq(save(&rig, &second), RH_STORE_FAILED);
	ck_assert_int_eq(second.id, 0);
	load(&rig, 1);
	second.token_count = 0;
	ck_assert_int_eq(save(&rig, &second), RH_OK);
	second.token_count = 1;
	second.name = STR("changed");
	ck_assert_int_eq(save(&rig, &second), RH_STORE_FAILED);
	loaded = load(&rig, 2);
	ck_assert_str(loaded[1].name, a_platform().name);
	ck_assert_uint_eq(loaded[1].party_count, 2);
	ck_assert_int_eq(save(&rig, &first), RH_OK); /* its own tokens are no obstacle */
	rig_end(&rig);
}
END_TEST

START_TEST(test_an_unknown_platform_is_neither_saved_nor_touched)
{
	struct store_op touch = { .verb = STORE_PLATFORM_TOUCH, .u.touch = { 4711, 1 } };
	struct store_platform platform = a_platform();
	struct rig rig;

	rig_begin(&rig, schemes[_i]);
	platform.id = 4711;
	ck_assert_int_eq(save(&rig, &platform), RH_NOT_FOUND);
	ck_assert_int_eq(rig_do(&rig, &touch), RH_NOT_FOUND);
	load(&rig, 0);
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_touch_changes_the_last_contact_alone)
{
	struct store_op touch = { .verb = STORE_PLATFORM_TOUCH };
	struct store_platform platform = a_platform();
	const struct store_platform *loaded;
	struct rig rig;

	rig_begin(&rig, schemes[_i]);
	ck_assert_int_eq(save(&rig, &platform), RH_OK);
	touch.u.touch.platform = platform.id;
	touch.u.touch.at_ms = 1700000000123;
	ck_assert_int_eq(rig_do(&rig, &touch), RH_OK);
	platform.last_contact_ms = 1700000000123;
	loaded = load(&rig, 1);
	assert_same_platform(loaded, &platform);
	assert_same_children(loaded, &platform);
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_relink_is_found_as_it_was_put)
{
	struct store_relink relink = {
		.id = STR("Zk3-_9"),
		.kind = RELINK_LOCATION,
		.target = STR("https://x.example/?a=b&c=%20"),
		.caller_platform = 3,
		.target_platform = INT64_MAX,
		.caller_country = "DE",
		.caller_party = "A*C",
		.target_country = "n",
		.target_party = "",
		.module = STR("cdrs"),
		.interface = 2,
		.correlation_id = STR("corr"),
		.created_ms = 5,
		.expires_ms = 100,
	};
	struct store_op put = { .verb = STORE_RELINK_PUT, .u.relink_put.relink = &relink };
	struct store_relink found;
	struct rig rig;

	rig_begin(&rig, schemes[_i]);
	ck_assert_int_eq(rig_do(&rig, &put), RH_OK);
	ck_assert_int_eq(rig_get(&rig, "Zk3-_9", 99, &found), RH_OK);
	ck_assert_str(found.id, relink.id);
	ck_assert_int_eq(found.kind, relink.kind);
	ck_assert_str(found.target, relink.target);
	ck_assert_int_eq(found.caller_platform, relink.caller_platform);
	ck_assert_int_eq(found.target_platform, relink.target_platform);
	ck_assert_str_eq(found.caller_country, relink.caller_country);
	ck_assert_str_eq(found.caller_party, relink.caller_party);
	ck_assert_str_eq(found.target_country, relink.target_country);
	ck_assert_str_eq(found.target_party, relink.target_party);
	ck_assert_str(found.module, relink.module);
	ck_assert_int_eq(found.interface, relink.interface);
	ck_assert_str(found.correlation_id, relink.correlation_id);
	ck_assert_int_eq(found.created_ms, relink.created_ms);
	ck_assert_int_eq(found.expires_ms, relink.expires_ms);
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_relink_is_unknown_before_its_time_is_over_only_under_another_id)
{
	static const struct {
		const char *id;
		int64_t now_ms;
		enum rh_err err;
	} rows[] = {
		{ "abc", 0, RH_OK },
		{ "abc", 99, RH_OK },
		{ "abc", 100, RH_NOT_FOUND },
		{ "abc", 101, RH_NOT_FOUND },
		{ "ABC", 0, RH_NOT_FOUND },
		{ "ab", 0, RH_NOT_FOUND },
		{ "abcd", 0, RH_NOT_FOUND },
		{ "", 0, RH_NOT_FOUND },
		{ "abc' OR '1'='1", 0, RH_NOT_FOUND },
	};
	struct rig rig;

	rig_begin(&rig, schemes[_i]);
	ck_assert_int_eq(rig_put(&rig, "abc", 100), RH_OK);
	for (size_t i = 0; i < COUNT(rows); i++)
		ck_assert_msg(rig_get(&rig, rows[i].id, rows[i].now_ms, NULL) == rows[i].err, "row %zu", i);
	rig_end(&rig);
}
END_TEST

START_TEST(test_an_id_is_put_once)
{
	struct rig rig;

	rig_begin(&rig, schemes[_i]);
	ck_assert_int_eq(rig_put(&rig, "abc", 100), RH_OK);
	ck_assert_int_eq(rig_put(&rig, "abc", 200), RH_STORE_FAILED);
	ck_assert_int_eq(rig_get(&rig, "abc", 150, NULL), RH_NOT_FOUND);
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_dropped_relink_is_gone_and_the_others_stay)
{
	struct store_op drop = { .verb = STORE_RELINK_DROP, .u.relink.id = STR("a") };
	struct rig rig;

	rig_begin(&rig, schemes[_i]);
	ck_assert_int_eq(rig_put(&rig, "a", 100), RH_OK);
	ck_assert_int_eq(rig_put(&rig, "b", 100), RH_OK);
	ck_assert_int_eq(rig_do(&rig, &drop), RH_OK);
	ck_assert_int_eq(rig_get(&rig, "a", 0, NULL), RH_NOT_FOUND);
	ck_assert_int_eq(rig_get(&rig, "b", 0, NULL), RH_OK);
	ck_assert_int_eq(rig_do(&rig, &drop), RH_NOT_FOUND);
	rig_end(&rig);
}
END_TEST

START_TEST(test_expiry_drops_what_is_over_and_says_how_many)
{
	struct store_op expire = { .verb = STORE_EXPIRE };
	char id[16];
	struct rig rig;

	rig_begin(&rig, schemes[_i]);
	for (int i = 1; i <= 20; i++) {
		snprintf(id, sizeof(id), "r%d", i);
		ck_assert_int_eq(rig_put(&rig, id, i * 10), RH_OK);
	}
	expire.u.expire.now_ms = 50;
	ck_assert_int_eq(rig_do(&rig, &expire), RH_OK);
	ck_assert_uint_eq(expire.u.expire.dropped, 5);
	ck_assert_int_eq(rig_get(&rig, "r5", 0, NULL), RH_NOT_FOUND);
	ck_assert_int_eq(rig_get(&rig, "r6", 0, NULL), RH_OK);
	ck_assert_int_eq(rig_do(&rig, &expire), RH_OK);
	ck_assert_uint_eq(expire.u.expire.dropped, 0);
	rig_end(&rig);
}
END_TEST

START_TEST(test_expiry_is_bounded_and_comes_to_an_end)
{
	enum { PUTS = 4500 };
	struct rig_op *puts = calloc(PUTS, sizeof(*puts));
	struct store_relink *relinks = calloc(PUTS, sizeof(*relinks));
	char(*ids)[16] = calloc(PUTS, sizeof(*ids));
	uint64_t dropped = 0, calls = 0;
	struct store_op expire;
	struct rig rig;

	rig_begin(&rig, schemes[_i]);
	for (int i = 0; i < PUTS; i++) {
		snprintf(ids[i], sizeof(ids[i]), "x%d", i);
		relinks[i] = (struct store_relink){ .id = str_of(ids[i]), .target = STR("u"), .expires_ms = 1 };
		puts[i].op = (struct store_op){ .verb = STORE_RELINK_PUT, .u.relink_put.relink = &relinks[i] };
		rig_submit(&rig, &puts[i]);
	}
	for (int i = 0; i < PUTS; i++) {
		rig_wait(&rig, &puts[i]);
		ck_assert_int_eq(puts[i].op.err, RH_OK);
	}
	do {
		expire = (struct store_op){ .verb = STORE_EXPIRE, .u.expire.now_ms = 1 };
		ck_assert_int_eq(rig_do(&rig, &expire), RH_OK);
		ck_assert_uint_lt(expire.u.expire.dropped, PUTS);
		dropped += expire.u.expire.dropped;
		calls++;
	} while (expire.u.expire.dropped > 0);
	ck_assert_uint_eq(dropped, PUTS);
	ck_assert_uint_ge(calls, 3);
	rig_end(&rig);
	free(puts);
	free(relinks);
	free(ids);
}
END_TEST

START_TEST(test_a_meta_value_is_absent_then_put_then_replaced)
{
	struct store_op get = { .verb = STORE_META_GET, .u.meta.key = STR("hub.id") };
	struct store_op put = { .verb = STORE_META_PUT, .u.meta = { STR("hub.id"), STR("one") } };
	struct store_op again;
	struct rig rig;

	rig_begin(&rig, schemes[_i]);
	again = get;
	ck_assert_int_eq(rig_do(&rig, &again), RH_NOT_FOUND);
	ck_assert_int_eq(rig_do(&rig, &put), RH_OK);
	again = get;
	ck_assert_int_eq(rig_do(&rig, &again), RH_OK);
	ck_assert_str(again.u.meta.value, STR("one"));
	put.u.meta.value = STR("");
	ck_assert_int_eq(rig_do(&rig, &put), RH_OK);
	again = get;
	ck_assert_int_eq(rig_do(&rig, &again), RH_OK);
	ck_assert_str(again.u.meta.value, STR(""));
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_probe_is_a_commit)
{
	struct store_op op = { .verb = STORE_PROBE };
	struct store_stats before, after;
	struct rig rig;

	rig_begin(&rig, schemes[_i]);
	store_stats(rig.store, &before);
	ck_assert_int_eq(rig_do(&rig, &op), RH_OK);
	ck_assert_int_eq(rig_do(&rig, &op), RH_OK);
	store_stats(rig.store, &after);
	ck_assert_uint_eq(after.commits, before.commits + 2);
	ck_assert_uint_eq(after.operations, before.operations + 2);
	ck_assert_uint_eq(after.waiting, 0);
	ck_assert(!after.failed);
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_refused_operation_does_not_undo_its_neighbours)
{
	enum { OPS = 60 };
	struct store_relink relinks[OPS];
	struct rig_op ops[OPS] = { 0 };
	struct store_stats stats;
	char ids[OPS][16];
	struct rig rig;

	rig_begin(&rig, schemes[_i]);
	for (int i = 0; i < OPS; i++) {
		snprintf(ids[i], sizeof(ids[i]), "id%d", i % 3 == 2 ? i - 1 : i); /* every third is a double */
		relinks[i] = (struct store_relink){ .id = str_of(ids[i]), .target = STR("u"), .expires_ms = 9 };
		ops[i].op = (struct store_op){ .verb = STORE_RELINK_PUT, .u.relink_put.relink = &relinks[i] };
		rig_submit(&rig, &ops[i]);
	}
	for (int i = 0; i < OPS; i++) {
		rig_wait(&rig, &ops[i]);
		ck_assert_int_eq(ops[i].op.err, i % 3 == 2 ? RH_STORE_FAILED : RH_OK);
		ck_assert_int_eq(ops[i].op.why[0] != '\0', i % 3 == 2);
		ck_assert_int_eq(rig_get(&rig, ids[i], 1, NULL), RH_OK);
	}
	store_stats(rig.store, &stats);
	ck_assert_uint_eq(stats.failures, OPS / 3);
	rig_end(&rig);
}
END_TEST

START_TEST(test_too_many_waiting_writes_are_refused_as_busy)
{
	struct store_op probe = { .verb = STORE_PROBE };
	struct rig rig;

	rig_begin(&rig, schemes[_i]);
	rig_close(&rig);
	rig.conf.max_waiting = 0;
	rig_open(&rig);
	ck_assert_int_eq(rig_do(&rig, &probe), RH_BUSY);
	rig_close(&rig);
	rig.conf.max_waiting = 1;
	rig_open(&rig);
	ck_assert_int_eq(rig_do(&rig, &probe), RH_OK);
	ck_assert_int_eq(rig_do(&rig, &probe), RH_OK);
	rig_end(&rig);
}
END_TEST

/* ---- from several threads ---- */

enum { THREADS = 4, PUTS_EACH = 1500, IN_FLIGHT = 64 };

struct submitter {
	struct store *store;
	int number;
	size_t done, failed, unseen;
	pthread_t thread;
};
struct slot {
	struct store_op op;
	struct store_relink relink;
	char id[24];
	struct submitter *owner;
	bool busy;
};

static void
put_done(struct store_op *op)
{
	struct slot *slot = container_of(op, struct slot, op);

	slot->owner->done++;
	slot->owner->failed += op->err != RH_OK;
	slot->busy = false;
}

static void
wait_for_mail(struct mailbox *box)
{
	poll(&(struct pollfd){ .fd = mailbox_fd(box), .events = POLLIN }, 1, 1000);
	mailbox_deliver(box);
}

static void
get_done(struct store_op *op)
{
	struct slot *slot = container_of(op, struct slot, op);

	slot->owner->unseen += op->err != RH_OK;
	slot->busy = false;
}

static void
submit_put(struct store_session *session, struct slot *slot, int number)
{
	snprintf(slot->id, sizeof(slot->id), "t%d-%d", slot->owner->number, number);
	slot->relink = (struct store_relink){ .id = str_of(slot->id), .target = STR("u"), .expires_ms = 9 };
	slot->op = (struct store_op){
		.verb = STORE_RELINK_PUT, .done = put_done, .u.relink_put.relink = &slot->relink
	};
	slot->busy = true;
	store_submit(session, &slot->op);
}

static void
submit_get(struct store_session *session, struct slot *slot, struct arena *arena)
{
	slot->op = (struct store_op){
		.verb = STORE_RELINK_GET, .done = get_done, .arena = arena, .u.relink.id = str_of(slot->id)
	};
	slot->busy = true;
	store_submit(session, &slot->op);
}

/* Every put is read back by the same session as soon as it is acknowledged. */
static void *
submit_many(void *arg)
{
	struct submitter *self = arg;
	struct mailbox *box = mailbox_new();
	struct arena *arena = arena_new(4096);
	struct store_session *session = store_session_open(self->store, box, NULL);
	struct slot slots[IN_FLIGHT];

	for (int round = 0; round * IN_FLIGHT < PUTS_EACH; round++) {
		for (int i = 0; i < IN_FLIGHT; i++) {
			slots[i].owner = self;
			submit_put(session, &slots[i], round * IN_FLIGHT + i);
		}
		for (int i = 0; i < IN_FLIGHT; i++) {
			while (slots[i].busy)
				wait_for_mail(box);
			submit_get(session, &slots[i], arena);
		}
		for (int i = 0; i < IN_FLIGHT; i++)
			while (slots[i].busy)
				wait_for_mail(box);
		arena_reset(arena);
	}
	store_session_close(session);
	arena_free(arena);
	mailbox_free(box);
	return NULL;
}

START_TEST(test_four_threads_submit_and_commits_are_shared)
{
	struct submitter submitters[THREADS];
	struct store_stats stats;
	size_t done = 0;
	struct rig rig;

	rig_begin(&rig, schemes[_i]);
	for (int i = 0; i < THREADS; i++) {
		submitters[i] = (struct submitter){ .store = rig.store, .number = i };
		pthread_create(&submitters[i].thread, NULL, submit_many, &submitters[i]);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(submitters[i].thread, NULL);
		ck_assert_uint_eq(submitters[i].failed, 0);
		ck_assert_uint_eq(submitters[i].unseen, 0);
		done += submitters[i].done;
	}
	store_stats(rig.store, &stats);
	ck_assert_uint_ge(done, THREADS * PUTS_EACH);
	ck_assert_uint_eq(stats.operations, done);
	ck_assert_uint_lt(stats.commits, stats.operations);
	rig_end(&rig);
}
END_TEST

/* ---- trace ---- */

START_TEST(test_a_trace_is_found_by_correlation_party_and_object_newest_last)
{
	struct rig rig;
	static const struct {
		const char *correlation_id, *party, *object;
		int64_t since_ms;
		size_t limit;
		const char *at; /* of the rows expected, in tens of milliseconds */
	} rows[] = {
		{ NULL, NULL, NULL, 0, 100, "123456" },
		{ NULL, NULL, NULL, 0, 2, "56" },
		{ NULL, NULL, NULL, 30, 100, "3456" },
		{ NULL, NULL, NULL, 0, 0, "" },
		{ "c1", NULL, NULL, 0, 100, "12" },
		{ "c1", NULL, NULL, 0, 1, "2" },
		{ "c", NULL, NULL, 0, 100, "" },
		{ NULL, "DE*ABC", NULL, 0, 100, "1346" },
		{ NULL, "DE*ABC", NULL, 0, 3, "346" },
		{ NULL, "DE*ABC", NULL, 40, 100, "46" },
		{ NULL, "NL*XYZ", NULL, 0, 100, "126" },
		{ NULL, "FR*NON", NULL, 0, 100, "" },
		{ NULL, NULL, "tokens/DE*ABC/1", 0, 100, "14" },
		{ "c1", NULL, "tokens/DE*ABC/1", 0, 100, "1" },
		{ "c2", "DE*ABC", NULL, 0, 100, "34" },
		{ "c2", "NL*XYZ", NULL, 0, 100, "" },
		{ NULL, "DE*ABC", "tokens/DE*ABC/1", 20, 100, "4" },
	};

	rig_begin(&rig, schemes[_i]);
	rig_trace(&rig, 10, "c1", "DE*ABC", "NL*XYZ", "tokens/DE*ABC/1");
	rig_trace(&rig, 20, "c1", "NL*XYZ", NULL, NULL);
	rig_trace(&rig, 30, "c2", "DE*ABC", NULL, "cdrs/DE*ABC/9");
	rig_trace(&rig, 40, "c2", NULL, "DE*ABC", "tokens/DE*ABC/1");
	rig_trace(&rig, 50, NULL, NULL, NULL, NULL);
	rig_trace(&rig, 60, "c3", "NL*XYZ", "DE*ABC", NULL);
	rig_find(&rig, &(struct store_op){ .u.trace.limit = 100 }, 6);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct store_op like = { .u.trace = { str_of(rows[i].correlation_id), str_of(rows[i].party),
						 str_of(rows[i].object), rows[i].since_ms, rows[i].limit } };
		struct store_op found = rig_find(&rig, &like, 0);

		ck_assert_msg(found.u.trace.count == strlen(rows[i].at), "row %zu: %zu", i, found.u.trace.count);
		for (size_t n = 0; n < found.u.trace.count; n++)
			ck_assert_msg(found.u.trace.rows[n].at_ms == (rows[i].at[n] - '0') * 10, "row %zu", i);
	}
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_trace_row_comes_back_whole)
{
	struct store_op found;
	struct rig rig;

	rig_begin(&rig, schemes[_i]);
	rig_trace(&rig, 77, "c", "DE*ABC", NULL, "x");
	found = rig_find(&rig, &(struct store_op){ .u.trace.limit = 10 }, 1);
	ck_assert_uint_eq(found.u.trace.count, 1);
	ck_assert_int_eq(found.u.trace.rows->at_ms, 77);
	ck_assert_str(found.u.trace.rows->correlation_id, STR("c"));
	ck_assert_str(found.u.trace.rows->request_id, STR("a request"));
	ck_assert_str(found.u.trace.rows->from, STR("DE*ABC"));
	ck_assert_ptr_null(found.u.trace.rows->to.p);
	ck_assert_str(found.u.trace.rows->object, STR("x"));
	ck_assert_str(found.u.trace.rows->doc, STR("{\"flow\":\"forward\"}"));
	rig_end(&rig);
}
END_TEST

START_TEST(test_trace_rows_over_the_rate_are_dropped_and_counted)
{
	struct store_stats stats;
	struct store_op found;
	struct rig rig;

	rig_begin(&rig, schemes[_i]);
	rig.conf.trace_max_rate = 10;
	store_configure(rig.store, &rig.conf);
	for (int i = 0; i < 1000; i++)
		rig_trace(&rig, i, "c", NULL, NULL, NULL);
	found = rig_find(&rig, &(struct store_op){ .u.trace.limit = 1000 }, 10);
	store_stats(rig.store, &stats);
	ck_assert_uint_ge(found.u.trace.count, 10);
	ck_assert_uint_lt(found.u.trace.count, 1000);
	ck_assert_uint_gt(stats.trace_dropped, 0);
	ck_assert_int_eq(found.u.trace.rows[0].at_ms, 0);
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_trace_rate_of_nothing_writes_nothing)
{
	struct store_stats stats;
	struct rig rig;

	rig_begin(&rig, schemes[_i]);
	rig.conf.trace_max_rate = 0;
	store_configure(rig.store, &rig.conf);
	rig_trace(&rig, 1, "c", NULL, NULL, NULL);
	store_stats(rig.store, &stats);
	ck_assert_uint_eq(stats.trace_dropped, 1);
	rig_end(&rig);
}
END_TEST

START_TEST(test_every_trace_row_is_either_written_or_counted_as_dropped)
{
	enum { ROWS = 20000 };
	struct store_stats stats;
	int64_t until_ms = rh_mono_ms() + 10000;
	struct rig rig;

	rig_begin(&rig, schemes[_i]);
	for (int i = 0; i < ROWS; i++)
		rig_trace(&rig, i, "c", "DE*ABC", "NL*XYZ", "o");
	do
		store_stats(rig.store, &stats);
	while (stats.trace_rows + stats.trace_dropped < ROWS && rh_mono_ms() < until_ms);
	ck_assert_uint_eq(stats.trace_rows + stats.trace_dropped, ROWS);
	ck_assert_uint_gt(stats.trace_rows, 0);
	rig_end(&rig);
}
END_TEST

/* The trimming has nobody to tell, so it is waited for. */
static struct store_op
find_until_at_most(struct rig *rig, size_t most)
{
	int64_t until_ms = rh_mono_ms() + 10000;
	struct store_op found;

	do {
		arena_reset(rig->arena);
		found = rig_find(rig, &(struct store_op){ .u.trace.limit = 10000 }, 0);
	} while (found.u.trace.count > most && rh_mono_ms() < until_ms);
	return found;
}

START_TEST(test_trace_rows_over_their_age_are_deleted)
{
	struct store_op found;
	int64_t now_ms = rh_wall_ms();
	struct rig rig;

	rig_begin(&rig, schemes[_i]);
	for (int i = 0; i < 600; i++)
		rig_trace(&rig, now_ms - 100000, "old", NULL, NULL, NULL);
	for (int i = 0; i < 5; i++)
		rig_trace(&rig, now_ms, "new", NULL, NULL, NULL);
	rig_find(&rig, &(struct store_op){ .u.trace.limit = 10000 }, 605);
	rig.conf.trace_max_age_ms = 60000;
	store_configure(rig.store, &rig.conf);
	found = find_until_at_most(&rig, 5);
	ck_assert_uint_eq(found.u.trace.count, 5);
	ck_assert_str(found.u.trace.rows[0].correlation_id, STR("new"));
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_trace_over_its_size_loses_its_oldest_rows)
{
	enum { ROWS = 5000 };
	struct store_stats stats;
	struct store_op found;
	struct rig rig;

	rig_begin(&rig, schemes[_i]);
	for (int i = 0; i < ROWS; i++)
		rig_trace(&rig, i, "c", "DE*ABC", "NL*XYZ", "an object with a long name");
	rig_find(&rig, &(struct store_op){ .u.trace.limit = 10000 }, ROWS);
	rig.conf.trace_max_bytes = 200000;
	store_configure(rig.store, &rig.conf);
	found = find_until_at_most(&rig, ROWS / 2);
	ck_assert_uint_gt(found.u.trace.count, 0);
	ck_assert_uint_le(found.u.trace.count, ROWS / 2);
	ck_assert_int_eq(found.u.trace.rows[found.u.trace.count - 1].at_ms, ROWS - 1);
	store_stats(rig.store, &stats);
	ck_assert_uint_eq(stats.trace_rows, ROWS);
	rig_end(&rig);
}
END_TEST

START_TEST(test_an_unknown_url_is_refused)
{
	static const char *const urls[] = { NULL, "", "postgresql://x", "sqlite", "sqlite:", "memory", "memory:x",
		"sqlite::memory:", "sqlite:/nonexistent-directory/x.db", "sqlite:/tmp" };

	for (size_t i = 0; i < COUNT(urls); i++) {
		struct store_conf conf = { .url = urls[i], .max_waiting = 10 };
		struct fault fault = { 0 };

		ck_assert_msg(store_open(&conf, &fault) == NULL, "%s", urls[i]);
		ck_assert_str_ne(fault.why, "");
	}
}
END_TEST

static TCase *
add_tests(TCase *tests)
{
	const int n = COUNT(schemes);

	tcase_add_loop_test(tests, test_a_platform_is_loaded_as_it_was_saved, 0, n);
	tcase_add_loop_test(tests, test_saving_again_replaces_the_platform_with_all_that_hangs_on_it, 0, n);
	tcase_add_loop_test(tests, test_many_platforms_keep_their_own_parties_endpoints_and_tokens, 0, n);
	tcase_add_loop_test(tests, test_empty_text_and_absent_text_stay_apart, 0, n);
	tcase_add_loop_test(tests, test_a_token_of_another_platform_is_refused_and_changes_nothing, 0, n);
	tcase_add_loop_test(tests, test_an_unknown_platform_is_neither_saved_nor_touched, 0, n);
	tcase_add_loop_test(tests, test_a_touch_changes_the_last_contact_alone, 0, n);
	tcase_add_loop_test(tests, test_a_relink_is_found_as_it_was_put, 0, n);
	tcase_add_loop_test(tests, test_a_relink_is_unknown_before_its_time_is_over_only_under_another_id, 0, n);
	tcase_add_loop_test(tests, test_an_id_is_put_once, 0, n);
	tcase_add_loop_test(tests, test_a_dropped_relink_is_gone_and_the_others_stay, 0, n);
	tcase_add_loop_test(tests, test_expiry_drops_what_is_over_and_says_how_many, 0, n);
	tcase_add_loop_test(tests, test_expiry_is_bounded_and_comes_to_an_end, 0, n);
	tcase_add_loop_test(tests, test_a_meta_value_is_absent_then_put_then_replaced, 0, n);
	tcase_add_loop_test(tests, test_a_probe_is_a_commit, 0, n);
	tcase_add_loop_test(tests, test_a_refused_operation_does_not_undo_its_neighbours, 0, n);
	tcase_add_loop_test(tests, test_too_many_waiting_writes_are_refused_as_busy, 0, n);
	tcase_add_loop_test(tests, test_four_threads_submit_and_commits_are_shared, 0, n);
	tcase_add_loop_test(tests, test_a_trace_is_found_by_correlation_party_and_object_newest_last, 0, n);
	tcase_add_loop_test(tests, test_a_trace_row_comes_back_whole, 0, n);
	tcase_add_loop_test(tests, test_trace_rows_over_the_rate_are_dropped_and_counted, 0, n);
	tcase_add_loop_test(tests, test_a_trace_rate_of_nothing_writes_nothing, 0, n);
	tcase_add_loop_test(tests, test_every_trace_row_is_either_written_or_counted_as_dropped, 0, n);
	tcase_add_loop_test(tests, test_trace_rows_over_their_age_are_deleted, 0, n);
	tcase_add_loop_test(tests, test_a_trace_over_its_size_loses_its_oldest_rows, 0, n);
	tcase_add_test(tests, test_an_unknown_url_is_refused);
	return tests;
}

int
main(void)
{
	Suite *suite = suite_create("store contract");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, add_tests(tcase_create("every backend")));
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
