/* test_registry_tokens: which tokens are accepted while one is exchanged, and how long an invite is
 * good. */
#include "registry_rig.h"

#include "../../../src/hub/parties/record.h"

#include <ctype.h>

static int64_t
rig_invite(int64_t expires_ms, struct str *token)
{
	begin();
	registry_invite(hub, STR("one"), NULL, 0, expires_ms, on_done, NULL);
	ck_assert_int_eq(await(), RH_OK);
	*token = result.token;
	return result.platform;
}

static struct str
offer(int64_t platform) /* a PUT of the hub begins */
{
	begin();
	registry_pending_token(hub, platform, (struct str){ 0 }, (struct str){ 0 }, on_done, NULL);
	ck_assert_int_eq(await(), RH_OK);
	return result.token;
}

static const uint8_t *
digest_of(struct str token)
{
	static uint8_t digest[RH_DIGEST_BYTES];

	rh_digest(hub->digest_key, token, digest);
	return digest;
}

static void
overlap(int64_t platform, const uint8_t *ours, struct str theirs)
{
	begin();
	registry_overlap(hub, platform, ours, theirs, on_done, NULL);
	ck_assert_int_eq(await(), RH_OK);
}

static enum store_token_kind
kind_of(struct str token)
{
	enum store_token_kind kind;

	ck_assert_ptr_nonnull(directory_token(hub_directory(hub), digest_of(token), &kind));
	return kind;
}

static const struct platform *
shown(int64_t platform)
{
	return directory_platform(hub_directory(hub), platform);
}

/* fault O28 */
START_TEST(test_O28_tokens_begin_with_a_letter_or_a_digit)
{
	for (int i = 0; i < 400; i++) {
		struct str token;

		(void)rig_invite(0, &token);
		ck_assert_msg(isalnum((unsigned char)token.p[0]), "%.*s", STR_ARG(token));
	}
}
END_TEST

START_TEST(test_CRD_043_both_tokens_are_good_until_one_of_them_is_used)
{
	struct str old, fresh;
	int64_t platform = connected("DE*ONE", &old);

	fresh = offer(platform);
	ck_assert(shown(platform)->has_pending);
	ck_assert_int_eq(kind_of(fresh), TOKEN_PENDING);
	overlap(platform, digest_of(fresh), (struct str){ 0 });
	ck_assert(!shown(platform)->has_pending && shown(platform)->has_previous);
	ck_assert_int_eq(kind_of(fresh), TOKEN_CURRENT);
	ck_assert_int_eq(kind_of(old), TOKEN_PREVIOUS);
	ck_assert(str_is(shown(platform)->token, "theirs"));
	registry_forget_previous(hub, shown(platform)->live, digest_of(fresh));
	turn_until_idle();
	ck_assert(token_known(fresh) && !token_known(old));
}
END_TEST

/* Whom a token led to is remembered, and not beyond the directory that said so. */
START_TEST(test_what_was_seen_of_a_token_ends_with_its_directory)
{
	struct token_seen seen_old = { 0 }, seen_fresh = { 0 };
	enum store_token_kind kind;
	struct str old, fresh;
	int64_t platform = connected("DE*ONE", &old);
	uint64_t generation = hub_directory(hub)->generation;

	for (int i = 0; i < 2; i++) {
		ck_assert_ptr_eq(
		        directory_token_again(hub_directory(hub), digest_of(old), &seen_old, &kind),
		        shown(platform));
		ck_assert_uint_eq(seen_old.generation, generation);
	}
	fresh = offer(platform);
	ck_assert_ptr_nonnull(
	        directory_token_again(hub_directory(hub), digest_of(fresh), &seen_fresh, &kind));
	ck_assert_int_eq(kind, TOKEN_PENDING);
	overlap(platform, digest_of(fresh), (struct str){ 0 });
	ck_assert_ptr_nonnull(
	        directory_token_again(hub_directory(hub), digest_of(fresh), &seen_fresh, &kind));
	ck_assert_int_eq(kind, TOKEN_CURRENT);
	registry_forget_previous(hub, shown(platform)->live, digest_of(fresh));
	turn_until_idle();
	ck_assert_ptr_null(
	        directory_token_again(hub_directory(hub), digest_of(old), &seen_old, &kind));
}
END_TEST

/* It said yes, and its roles were refused: its token is the one that it takes from now on. */
START_TEST(test_CRD_043_what_it_gave_is_kept_although_the_rest_is_refused)
{
	struct str old, fresh;
	int64_t platform = connected("DE*ONE", &old);

	fresh = offer(platform);
	overlap(platform, digest_of(fresh), STR("theirs-new"));
	ck_assert(str_is(shown(platform)->token, "theirs-new"));
	ck_assert(token_known(fresh) && token_known(old));
}
END_TEST

START_TEST(test_CRD_043_a_PUT_that_came_between_counts_and_ours_is_let_in_as_well)
{
	struct str old, fresh, theirs;
	int64_t platform = connected("DE*ONE", &old);

	fresh = offer(platform);
	ck_assert_int_eq(enrol(platform, old, TOKEN_CURRENT, "DE*ONE"), RH_OK);
	theirs = result.token;
	ck_assert(!token_known(fresh));
	overlap(platform, digest_of(fresh), (struct str){ 0 });
	ck_assert_int_eq(kind_of(theirs), TOKEN_CURRENT);
	ck_assert_int_eq(kind_of(fresh), TOKEN_PREVIOUS);
	ck_assert(token_known(old));
}
END_TEST

/* What a hub that died left: nobody knows which token it was. Asked for twice it is done once. */
START_TEST(test_CRD_043_what_a_crash_left_is_let_in)
{
	struct str old, fresh;
	int64_t platform = connected("DE*ONE", &old);

	fresh = offer(platform);
	overlap(platform, NULL, (struct str){ 0 });
	overlap(platform, NULL, STR("theirs-new"));
	ck_assert_int_eq(kind_of(fresh), TOKEN_CURRENT);
	ck_assert_int_eq(kind_of(old), TOKEN_PREVIOUS);
	ck_assert(str_is(shown(platform)->token, "theirs-new"));
}
END_TEST

START_TEST(test_tokens_of_which_nobody_knows_are_few)
{
	struct str old, fresh = { 0 }, before = { 0 };
	int64_t platform = connected("DE*ONE", &old);

	for (int i = 0; i < 50; i++) {
		before = fresh;
		fresh = offer(platform);
		overlap(platform, digest_of(fresh), (struct str){ 0 });
	}
	ck_assert(token_known(old) && token_known(before) && token_known(fresh));
	list_each (node, &hub->registry->records)
		ck_assert_uint_le(container_of(node, struct record, node)->row.token_count, 4);
}
END_TEST

/* As long as it may go on with the old one its age is that of the old one. */
START_TEST(test_CRD_034_an_exchange_of_unknown_outcome_makes_no_token_young)
{
	struct str old, fresh;
	int64_t platform = connected("DE*ONE", &old), made_ms = shown(platform)->token_made_ms;

	ck_assert_int_le(made_ms, rh_schedule_ms());
	ck_assert_int_gt(made_ms, rh_schedule_ms() - 60000);
	while (rh_schedule_ms() == made_ms)
		continue;
	fresh = offer(platform);
	overlap(platform, digest_of(fresh), (struct str){ 0 });
	ck_assert_int_eq(shown(platform)->token_made_ms, made_ms);
	registry_forget_previous(hub, shown(platform)->live, digest_of(fresh));
	turn_until_idle();
	ck_assert_int_gt(shown(platform)->token_made_ms, made_ms);
}
END_TEST

static const struct {
	const char *what;
	int64_t in_ms; /* 0: it has no end */
	bool good;
} invites[] = {
	{ "for ever", 0, true },
	{ "for a day", 86400000, true },
	{ "until a moment ago", -1, false },
	{ "until a year ago", -365LL * 86400000, false },
};

static void
try_invite(int64_t in_ms, bool good, const char *what)
{
	struct str token, again;
	int64_t platform = rig_invite(in_ms == 0 ? 0 : rh_schedule_ms() + in_ms, &token);
	enum store_token_kind kind;

	ck_assert_msg(token_known(token) == good, "%s", what);
	ck_assert(platform_invite_expired(shown(platform)) == !good);
	ck_assert((directory_expired(hub_directory(hub), digest_of(token), &kind) == NULL) == good);
	if (!good)
		ck_assert_int_eq(enrol(platform, token, TOKEN_A, "DE*ONE"), RH_UNKNOWN_TOKEN);
	begin();
	registry_reinvite(hub, platform, 0, on_done, NULL);
	ck_assert_int_eq(await(), RH_OK);
	again = result.token;
	ck_assert(!token_known(token) && token_known(again));
	ck_assert_int_eq(enrol(platform, token, TOKEN_A, "DE*ONE"), RH_UNKNOWN_TOKEN);
	ck_assert_int_eq(enrol(platform, again, TOKEN_A, "DE*ONE"), RH_OK);
	begin();
	registry_reinvite(hub, platform, 0, on_done, NULL);
	ck_assert_int_eq(await(), RH_BAD_FIELD);
	ck_assert_int_eq(change(registry_remove, platform), RH_OK);
}

START_TEST(test_an_invite_is_good_until_it_expires)
{
	for (size_t i = 0; i < COUNT(invites); i++)
		try_invite(invites[i].in_ms, invites[i].good, invites[i].what);
	begin();
	registry_reinvite(hub, 4711, 0, on_done, NULL);
	ck_assert_int_eq(await(), RH_NOT_FOUND);
}
END_TEST

/* VER-022 */
START_TEST(test_VER_022_what_a_handshake_told_is_noted)
{
	struct str token;
	int64_t platform = connected("DE*ONE", &token);
	struct hub_rotation rotation;

	ck_assert(str_is(shown(platform)->told, hub->told));
	hub_rotation(hub, shown(platform), &rotation);
	ck_assert(!rotation.untold && rotation.next_ms == 0 && !rotation.overdue);
	hub->told[0] = 'x'; /* it has another URL now */
	hub_rotation(hub, shown(platform), &rotation);
	ck_assert(rotation.untold);
	ck_assert_int_eq(enrol(platform, token, TOKEN_CURRENT, "DE*ONE"), RH_OK);
	hub_rotation(hub, shown(platform), &rotation);
	ck_assert(!rotation.untold);
	ck_assert_int_eq(set(platform, "rotate_days=30"), RH_OK);
	hub_rotation(hub, shown(platform), &rotation);
	ck_assert_int_eq(rotation.days, 30);
	ck_assert_int_gt(rotation.next_ms, rh_schedule_ms());
	ck_assert_int_eq(set(platform, "rotate_days=5000"), RH_BAD_FIELD);
	ck_assert_int_eq(set(platform, "rotate_days=default"), RH_OK);
	ck_assert_int_eq(shown(platform)->rotate_days, -1);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = { test_O28_tokens_begin_with_a_letter_or_a_digit,
		test_CRD_043_both_tokens_are_good_until_one_of_them_is_used,
		test_what_was_seen_of_a_token_ends_with_its_directory,
		test_CRD_043_what_it_gave_is_kept_although_the_rest_is_refused,
		test_CRD_043_a_PUT_that_came_between_counts_and_ours_is_let_in_as_well,
		test_CRD_043_what_a_crash_left_is_let_in, test_tokens_of_which_nobody_knows_are_few,
		test_CRD_034_an_exchange_of_unknown_outcome_makes_no_token_young,
		test_an_invite_is_good_until_it_expires,
		test_VER_022_what_a_handshake_told_is_noted };

	return rig_run("registry-tokens", tests, COUNT(tests));
}
