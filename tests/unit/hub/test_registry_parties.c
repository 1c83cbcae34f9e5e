/* test_registry_parties: whose a party is, what was addressed to it, and what it may once its
 * platform dropped it. */
#include "registry_rig.h"

#include "../../../src/hub/parties/suspension.h"

#include <stdio.h>

/* ---- faults M1, M12, M4: whose a party is ---- */

START_TEST(test_M1_a_party_that_its_platform_dropped_speaks_for_nobody_again)
{
	struct str token;
	int64_t platform = connected("DE*ONE DE*TWO", &token);
	struct live *live = party_of("DE*ONE", platform)->platform->live;

	ck_assert(speaks("DE*ONE", platform) && speaks("DE*TWO", platform));
	ck_assert_int_eq(enrol(platform, token, TOKEN_CURRENT, "DE*ONE"), RH_OK);
	ck_assert(speaks("DE*ONE", platform) && !speaks("DE*TWO", platform));

	ck_assert_int_eq(change(suspend, platform), RH_OK);
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
	struct str scope = directory_scope(&id, second, arena),
	           old = directory_scope(&id, first, arena);
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

/* A party that was dropped stays in the record, so that nobody else takes its name. */
START_TEST(test_M12_what_a_platform_drops_is_bounded)
{
	enum { ROLES = 900, PUTS = 3 };
	struct store_party *parties = arena_alloc(arena, ROLES * sizeof *parties);
	struct registration *registration;
	struct str token;
	int64_t platform = connected("DE*ONE", &token);
	enum rh_err err = RH_OK;

	for (int put = 0; put < PUTS; put++) {
		for (int i = 0; i < ROLES; i++) {
			(void)snprintf(
			        parties[i].country, sizeof parties->country, "N%c", 'A' + put);
			(void)snprintf(parties[i].party, sizeof parties->party, "%03d", i);
			parties[i].role = ROLE_EMSP;
		}
		ck_assert_int_eq(err, RH_OK);
		registration = registration_of(platform, token, TOKEN_CURRENT, "DE*ONE");
		registration->parties = parties;
		registration->party_count = ROLES;
		begin();
		registry_register(hub, registration, on_done, NULL);
		err = await();
		token = result.token;
	}
	ck_assert_int_eq(err, RH_BAD_FIELD);
	ck_assert_str_eq(result.fault.field, "/roles");
	ck_assert_uint_eq(
	        directory_platform(hub_directory(hub), platform)->party_count, 2 * ROLES + 1);
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

/* ---- a suspension, its reason and its end ---- */

static enum rh_err
suspend_until(int64_t platform, const char *reason, int64_t until_ms)
{
	struct suspension suspension = { str_of(reason), until_ms };

	begin();
	registry_suspend(hub, platform, &suspension, on_done, NULL);
	return await();
}

static const struct suspension_row {
	const char *what, *reason;
	int64_t from_now_ms; /* 0: it has no end */
	bool ends;
} suspensions[] = {
	{ "for good", NULL, 0, false },
	{ "with a reason", "unpaid \"since\" May", 0, false },
	{ "until a time to come", "repairs", 3600 * 1000, false },
	{ "until a time that is over", "repairs", -1, true },
	{ "the same without a reason", NULL, -1000, true },
};

static void
check_suspension(const struct suspension_row *row, const char *party)
{
	struct str token;
	int64_t platform = connected(party, &token);
	int64_t until_ms = row->from_now_ms != 0 ? rh_schedule_ms() + row->from_now_ms : 0;
	const struct platform *known;

	ck_assert_int_eq(set(platform, "validation=lenient"), RH_OK);
	ck_assert_int_eq(suspend_until(platform, row->reason, until_ms), RH_OK);
	known = party_of(party, platform)->platform;
	ck_assert_int_eq(known->state, STATE_SUSPENDED);
	ck_assert_int_eq(known->suspension.until_ms, until_ms);
	ck_assert_msg(str_eq(known->suspension.reason, str_of(row->reason)), "%s", row->what);

	suspension_tick(hub);
	turn_until_idle();
	known = party_of(party, platform)->platform;
	ck_assert_msg(
	        known->state == (row->ends ? STATE_CONNECTED : STATE_SUSPENDED), "%s", row->what);
	ck_assert_int_eq(known->validation, VALIDATION_LENIENT);
	ck_assert_int_eq(change(registry_resume, platform), row->ends ? RH_BAD_FIELD : RH_OK);
	known = party_of(party, platform)->platform;
	ck_assert(known->suspension.until_ms == 0 && known->suspension.reason.len == 0);
}

START_TEST(test_a_suspension_keeps_its_reason_and_ends_at_its_time_alone)
{
	char party[8];

	for (size_t i = 0; i < COUNT(suspensions); i++) {
		(void)snprintf(party, sizeof party, "DE*S%02zu", i);
		check_suspension(&suspensions[i], party);
	}
}
END_TEST

START_TEST(test_the_last_word_on_a_suspension_holds)
{
	struct str token;
	int64_t platform = connected("DE*ONE", &token);
	const struct platform *known;

	ck_assert_int_eq(suspend_until(platform, "first", rh_schedule_ms() - 1), RH_OK);
	ck_assert_int_eq(suspend_until(platform, NULL, 0), RH_OK);
	registry_lift(hub, platform);
	turn_until_idle();
	known = party_of("DE*ONE", platform)->platform;
	ck_assert_int_eq(known->state, STATE_SUSPENDED);
	ck_assert(known->suspension.reason.len == 0);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		test_M1_a_party_that_its_platform_dropped_speaks_for_nobody_again,
		test_M1_a_dropped_party_gets_no_shares_and_sees_nobody,
		test_M12_a_dropped_party_is_free_for_an_invite_that_names_it_alone,
		test_M12_a_dropped_party_is_free_after_its_release,
		test_M12_what_a_platform_drops_is_bounded,
		test_M4_what_was_addressed_belongs_to_the_platforms_row_until_it_is_moved,
		test_M4_what_was_owed_to_a_removed_platform_goes,
		test_M10_an_agreement_the_wrong_way_round_is_refused,
		test_a_suspension_keeps_its_reason_and_ends_at_its_time_alone,
		test_the_last_word_on_a_suspension_holds,
	};

	return rig_run("registry parties", tests, COUNT(tests));
}
