/* test_view: a hub beside another process that changes who is connected: what is taken of it, and
 * what becomes of a change that it was faster than. */
#include "shared_store.h"

#include "../../../src/hub/parties/live.h"
#include "../../../src/hub/parties/record.h"
#include "../../../src/hub/parties/settings.h"
#include "../../../src/hub/parties/view.h"

#include <string.h>

/* ---- rows of the other process ---- */

static struct store_party their_party = { "NL", "MSP", ROLE_EMSP, STATE_CONNECTED, 1000, { 0 } };
static struct store_token their_token;
static struct store_endpoint their_endpoint = { { "tokens", 6 }, IFACE_RECEIVER,
	{ "https://o.example.com/tokens", 28 } };

static struct store_platform
their_row(int64_t id, const char *token, enum store_token_kind kind)
{
	their_token.kind = kind;
	rh_digest(hub->digest_key, str_of(token), their_token.digest);
	return (struct store_platform){ .id = id,
		.name = STR("other"),
		.state = kind == TOKEN_A ? STATE_PLANNED : STATE_CONNECTED,
		.version = STR("2.2.1"),
		.versions_url = STR("https://o.example.com/versions"),
		.told = kind == TOKEN_A ? (struct str){ 0 } : str_of(hub->told),
		.token_sealed = rh_seal(hub->seal_key, STR("sent"), arena),
		.updated_ms = 5000,
		.parties = &their_party,
		.party_count = kind == TOKEN_A ? 0 : 1,
		.endpoints = &their_endpoint,
		.endpoint_count = 1,
		.tokens = &their_token,
		.token_count = 1 };
}

static const struct platform *
shown(int64_t platform)
{
	return directory_platform(hub_directory(hub), platform);
}

/* ---- what is taken ---- */

static void
newcomer(bool raw)
{
	struct store_platform row;
	int64_t id;

	shared_begin();
	row = their_row(0, "token A", TOKEN_A);
	id = shared_write(&row, -1, true);
	shared_look();
	ck_assert(token_known(STR("token A")));
	ck_assert_int_eq(shown(id)->live->survey.shaken_ms, 0);
	row = their_row(id, "token C", TOKEN_CURRENT);
	row.settings = raw ? STR("{\"" SETTING_TOKEN_RAW "\":\"yes\"}") : (struct str){ 0 };
	atomic_store(&shown(id)->live->previous_unneeded, true);
	(void)shared_write(&row, 77, true);
	shared_look();
	ck_assert(!token_known(STR("token A")));
	ck_assert(token_known(STR("token C")));
	ck_assert_int_eq(atomic_load(&shown(id)->live->joined), 77);
	ck_assert(atomic_load(&shown(id)->live->plain_token) == raw);
	ck_assert(!atomic_load(&shown(id)->live->previous_unneeded));
	ck_assert_int_gt(shown(id)->live->survey.shaken_ms, 0);
	ck_assert(str_is(shown(id)->token, "sent"));
	ck_assert_uint_eq(shared.announcements, 0); /* who made the change says it */
	ck_assert_uint_eq(shared.saves + shared.cursors, 0);
	shared_end();
}

START_TEST(test_a_newcomer_is_known_with_all_that_its_registration_set)
{
	newcomer(false);
}
END_TEST

START_TEST(test_one_that_wants_raw_tokens_is_known_for_it)
{
	newcomer(true);
}
END_TEST

START_TEST(test_one_without_a_cursor_begins_at_the_head)
{
	struct store_platform row;
	int64_t id;

	shared_begin();
	atomic_store(&hub->head, 41);
	row = their_row(0, "token C", TOKEN_CURRENT);
	id = shared_write(&row, -1, true);
	shared_look();
	ck_assert_int_eq(atomic_load(&shown(id)->live->joined), 41);
	shared_end();
}
END_TEST

START_TEST(test_who_joins_is_owed_nothing_of_before)
{
	struct str token;
	int64_t id;

	shared_begin();
	atomic_store(&hub->head, 41);
	shared.head = 43;
	shared_look();
	id = connected("DE*ONE", &token);
	ck_assert_int_eq(atomic_load(&shown(id)->live->joined), 43);
	shared.head = 42; /* of a read that began before this process committed */
	shared_look();
	ck_assert_int_eq(atomic_load(&hub->head), 43);
	shared_end();
}
END_TEST

START_TEST(test_an_older_row_replaces_no_newer_one_of_its_own)
{
	struct str token;
	int64_t id;

	shared_begin();
	id = connected("DE*ONE", &token);
	ck_assert_int_eq(set(id, "validation=off"), RH_OK);
	shared_row(id)->settings = (struct str){ 0 }; /* as if it were of before */
	shared_look();
	ck_assert(strstr(shown(id)->settings.p, "validation") != NULL);
	ck_assert(token_known(token));
	shared_end();
}
END_TEST

START_TEST(test_who_was_removed_elsewhere_is_let_in_no_more)
{
	struct store_platform row;
	struct str token;
	int64_t id;

	shared_begin();
	id = connected("DE*ONE", &token);
	row = *shared_row(id);
	row.removed = true;
	row.state = STATE_SUSPENDED;
	row.token_count = row.endpoint_count = 0;
	(void)shared_write(&row, -1, true);
	shared_look();
	ck_assert(!token_known(token));
	ck_assert(shown(id)->removed);
	shared_end();
}
END_TEST

START_TEST(test_status_alone_builds_no_directory)
{
	struct store_platform row;
	struct store_party party;
	struct str token;
	size_t before;
	int64_t id;

	shared_begin();
	id = connected("DE*ONE", &token);
	turn_until_idle();
	before = builds;
	row = *shared_row(id);
	party = row.parties[0];
	party.state = STATE_OFFLINE;
	party.last_updated_ms = row.updated_ms = 99000;
	row.parties = &party;
	(void)shared_write(&row, 1, false);
	shared_look();
	ck_assert_uint_eq(builds, before);
	ck_assert_int_eq(atomic_load(&shown(id)->live->status_ms), 99000);
	row.name = STR("renamed");
	(void)shared_write(&row, 1, true);
	shared_look();
	ck_assert_uint_gt(builds, before);
	ck_assert(str_is(shown(id)->name, "renamed"));
	shared_end();
}
END_TEST

START_TEST(test_agreements_are_those_of_the_store)
{
	const struct store_agreement *rows;
	struct store_agreement mine = { 0, "DE", "ONE", "NL", "MSP", { 0 }, 0, 0 };

	shared_begin();
	begin();
	agreement_add(hub, &mine, on_done, NULL);
	ck_assert_int_eq(await(), RH_OK);
	shared.agreements[shared.agreement_count++] =
	        (struct store_agreement){ 9, "DE", "TWO", "NL", "MSP", { 0 }, 0, 0 };
	shared.agreements_changed = ++shared.changed;
	shared.version++;
	shared_look();
	ck_assert_uint_eq(directory_agreements(hub_directory(hub), &rows), 2);
	ck_assert_int_eq(rows[1].id, 9);
	shared_end();
}
END_TEST

/* ---- what was overtaken ---- */

static void
they_take_de_one(void)
{
	struct store_platform row;

	row = their_row(0, "token of theirs", TOKEN_CURRENT);
	(void)memcpy(their_party.country, "DE", 3);
	(void)memcpy(their_party.party, "ONE", 4);
	(void)shared_write(&row, 1, true);
	(void)memcpy(their_party.country, "NL", 3);
	(void)memcpy(their_party.party, "MSP", 4);
}

static void
they_change_something(void)
{
	struct store_platform row = their_row(0, "token of theirs", TOKEN_CURRENT);

	(void)shared_write(&row, 1, true);
}

static void
register_while(void (*meanwhile)(void), enum rh_err err)
{
	struct str token_a;
	int64_t id;

	shared_begin();
	id = invite(NULL, &token_a);
	turn_until_idle();
	shared.announcements = 0;
	shared.order[0] = '\0';
	shared.meanwhile = meanwhile;
	ck_assert_int_eq(enrol(id, token_a, TOKEN_A, "DE*ONE"), err);
	turn_until_idle();
	if (err != RH_OK) {
		ck_assert_ptr_nonnull(strstr(result.fault.why, "belongs to another platform"));
		ck_assert_uint_eq(shared.announcements, 0);
		ck_assert(token_known(token_a)); /* nothing of it stays */
	} else {
		ck_assert(token_known(result.token));
		ck_assert(!token_known(token_a));
		ck_assert_uint_eq(shared.announcements, 1);
		ck_assert_ptr_nonnull(party_of("DE*ONE", id));
	}
	ck_assert_int_eq(shared.order[0], 'c'); /* its cursor goes before its registration */
	ck_assert_int_eq(shared.order[1], 's');
	shared_end();
}

START_TEST(test_a_registration_follows_its_cursor)
{
	register_while(NULL, RH_OK);
}
END_TEST

START_TEST(test_one_that_was_overtaken_is_made_anew)
{
	register_while(they_change_something, RH_OK);
}
END_TEST

START_TEST(test_of_two_that_claim_a_party_at_once_one_wins)
{
	register_while(they_take_de_one, RH_BAD_FIELD);
}
END_TEST

START_TEST(test_who_is_always_overtaken_is_told_so)
{
	struct str token;
	int64_t id;

	shared_begin();
	id = connected("DE*ONE", &token);
	shared.overtake_all = true;
	shared.saves = 0;
	ck_assert_int_eq(set(id, "validation=off"), RH_BUSY);
	ck_assert_uint_gt(shared.saves, 8);
	ck_assert_uint_lt(shared.saves, 100);
	shared.overtake_all = false;
	ck_assert_int_eq(set(id, "validation=off"), RH_OK);
	shared_end();
}
END_TEST

/* The connection to the database is lost in the middle of a commit. */
START_TEST(test_what_was_done_and_told_as_failed_is_looked_up)
{
	struct str token_a, token;
	int64_t id;

	shared_begin();
	shared.lose_answers = true;
	id = invite(NULL, &token_a);
	ck_assert_int_ne(id, 0);
	ck_assert(token_known(token_a));
	shared.announcements = 0;
	ck_assert_int_eq(enrol(id, token_a, TOKEN_A, "DE*ONE"), RH_OK);
	token = result.token;
	turn_until_idle();
	ck_assert(token_known(token));
	ck_assert_uint_eq(shared.announcements, 1);
	shared.lose_answers = false;
	shared.fail_saves = true;
	ck_assert_int_eq(enrol(id, token, TOKEN_CURRENT, "DE*ONE"), RH_STORE_FAILED);
	ck_assert(token_known(token));
	shared_end();
}
END_TEST

static int64_t common;

static void
they_set_a_quota(void)
{
	struct store_platform row = *shared_row(common);

	row.settings = STR("{\"flights\":\"7\"}");
	(void)shared_write(&row, 1, false);
}

START_TEST(test_two_changes_of_one_platform_both_hold)
{
	struct str token;

	shared_begin();
	common = connected("DE*ONE", &token);
	shared.meanwhile = they_set_a_quota;
	ck_assert_int_eq(set(common, "validation=off"), RH_OK);
	ck_assert_ptr_nonnull(strstr(shown(common)->settings.p, "flights"));
	ck_assert_ptr_nonnull(strstr(shown(common)->settings.p, "validation"));
	shared_end();
}
END_TEST

START_TEST(test_a_status_depends_on_its_platform_alone)
{
	struct str token;
	int64_t version;

	shared_begin();
	common = connected("DE*ONE", &token);
	version = shared.version++; /* somebody registers at the other process */
	shared.saves = 0;
	registry_state_changed(hub, shown(common)->live, STATE_OFFLINE);
	turn_until_idle();
	ck_assert_uint_eq(shared.saves, 1);
	ck_assert_int_eq(shared.version, version + 1);
	shared.meanwhile = they_set_a_quota;
	registry_state_changed(hub, shown(common)->live, STATE_CONNECTED);
	turn_until_idle();
	ck_assert_uint_eq(shared.saves, 3);
	ck_assert_int_eq(shared_row(common)->parties[0].state, STATE_CONNECTED);
	ck_assert_ptr_nonnull(strstr(shared_row(common)->settings.p, "flights"));
	shared_end();
}
END_TEST

START_TEST(test_what_this_process_does_not_know_is_looked_for_first)
{
	struct store_platform row;
	int64_t id;

	shared_begin();
	row = their_row(0, "token C", TOKEN_CURRENT);
	id = shared_write(&row, 1, true);
	ck_assert_int_eq(set(id, "validation=off"), RH_OK);
	shared.reads = 0;
	ck_assert_int_eq(set(id + 1, "validation=off"), RH_NOT_FOUND);
	ck_assert_uint_ge(shared.reads, 1);
	shared_end();
}
END_TEST

START_TEST(test_an_agreement_is_checked_by_who_is_there_by_then)
{
	struct store_agreement wrong = { 0, "NL", "MSP", "DE", "ONE", { 0 }, 0, 0 };

	shared_begin();
	shared.meanwhile = they_change_something; /* NL*MSP, an eMSP */
	begin();
	agreement_add(hub, &wrong, on_done, NULL);
	ck_assert_int_eq(await(), RH_BAD_FIELD);
	ck_assert_uint_eq(shared.agreement_count, 0);
	shared_end();
}
END_TEST

/* ---- reads on demand ---- */

START_TEST(test_one_read_serves_all_who_ask)
{
	uint64_t first, last = 0;

	shared_begin();
	first = view_ask(hub);
	for (int i = 0; i < 1000; i++)
		last = view_ask(hub);
	ck_assert_uint_eq(first, last);
	ck_assert_int_eq(view_of(hub, first), VIEW_WAITS);
	while (view_of(hub, first) == VIEW_WAITS)
		net_loop_turn(hub->loop, 10);
	ck_assert_int_eq(view_of(hub, first), VIEW_READ);
	ck_assert_uint_eq(shared.reads, 1);
	ck_assert_uint_gt(view_ask(hub), first); /* that one began before this was asked */
	shared_end();
}
END_TEST

START_TEST(test_reads_begin_apart)
{
	int64_t began_ms = rh_mono_ms(), most;

	shared_begin();
	for (int i = 0; i < 10; i++) {
		uint64_t read = view_ask(hub);

		while (view_of(hub, read) == VIEW_WAITS)
			net_loop_turn(hub->loop, 10);
	}
	most = 2 + (rh_mono_ms() - began_ms) / 20; /* however slow this machine is */
	ck_assert_int_le((int64_t)shared.reads, most);
	shared_end();
}
END_TEST

START_TEST(test_one_that_fails_is_told)
{
	uint64_t read;

	shared_begin();
	shared.fail_reads = true;
	read = view_ask(hub);
	while (view_of(hub, read) == VIEW_WAITS)
		net_loop_turn(hub->loop, 10);
	ck_assert_int_eq(view_of(hub, read), VIEW_FAILED);
	shared.fail_reads = false;
	shared_look();
	ck_assert_int_eq(view_of(hub, read), VIEW_READ); /* by a later one */
	shared_end();
}
END_TEST

START_TEST(test_how_far_it_is_behind_is_known)
{
	shared_begin();
	ck_assert_int_eq(view_behind_ms(hub), 0);
	shared.fail_reads = true;
	they_change_something();
	view_look(hub, shared.changed);
	while (view_behind_ms(hub) == 0)
		net_loop_turn(hub->loop, 10);
	turn_until_idle();
	shared.fail_reads = false;
	while (view_behind_ms(hub) > 0) { /* nobody asks, and nothing else changes */
		view_look(hub, shared.changed);
		net_loop_turn(hub->loop, 10);
	}
	turn_until_idle();
	ck_assert_int_eq(view_behind_ms(hub), 0);
	shared_end();
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = { test_a_newcomer_is_known_with_all_that_its_registration_set,
		test_one_that_wants_raw_tokens_is_known_for_it,
		test_a_registration_follows_its_cursor, test_one_that_was_overtaken_is_made_anew,
		test_of_two_that_claim_a_party_at_once_one_wins,
		test_one_without_a_cursor_begins_at_the_head,
		test_who_joins_is_owed_nothing_of_before,
		test_an_older_row_replaces_no_newer_one_of_its_own,
		test_who_was_removed_elsewhere_is_let_in_no_more,
		test_status_alone_builds_no_directory, test_agreements_are_those_of_the_store,
		test_who_is_always_overtaken_is_told_so,
		test_what_was_done_and_told_as_failed_is_looked_up,
		test_two_changes_of_one_platform_both_hold,
		test_a_status_depends_on_its_platform_alone,
		test_what_this_process_does_not_know_is_looked_for_first,
		test_an_agreement_is_checked_by_who_is_there_by_then,
		test_one_read_serves_all_who_ask, test_reads_begin_apart,
		test_one_that_fails_is_told, test_how_far_it_is_behind_is_known };

	return rig_run("view", tests, COUNT(tests));
}
