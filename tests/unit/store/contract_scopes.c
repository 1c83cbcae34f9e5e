/* contract_scopes: to whom an object is addressed, and whether he took it. Faults M4, C3, C4. */
#include "contract.h"

#include "share.h"

#include <stdio.h>

START_TEST(test_a_scope_names_the_party_and_the_platform_that_holds_it)
{
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	ck_assert_str(store_scope(STR("NL*MSP"), 7, rig.arena), STR("NL*MSP@7"));
	ck_assert_str(store_scope_party(STR("NL*MSP@7")), STR("NL*MSP"));
	ck_assert_ptr_null(store_scope_party(STR("*")).p);
	ck_assert_ptr_null(store_scope_party(STR("")).p);
	rig_end(&rig);
}
END_TEST

/* fault C3: the viewer's own version is found however many others have one. */
START_TEST(test_a_viewer_finds_his_own_and_the_shared_version_among_a_hundred)
{
	struct store_op op = { .verb = STORE_OBJECT_FIND,
		.u.find = { .module = STR("cdrs"), .id = STR("C1"), .limit = 32 } };
	char key[64];
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	for (int i = 0; i < 100; i++) {
		snprintf(key, sizeof(key), "NL*%03d@7 cdrs DE*ABC C1", i);
		share_put(&rig, key, "b", 1);
	}
	op.u.find.viewer = STR("NL*099@7");
	ck_assert_int_eq(rig_do(&rig, &op), RH_OK);
	ck_assert_uint_eq(op.u.find.count, 1);
	ck_assert_str(op.u.find.keys[0].scope, STR("NL*099@7"));
	share_put(&rig, "* cdrs DE*ABC C1", "b", 1);
	ck_assert_int_eq(rig_do(&rig, &op), RH_OK);
	ck_assert_uint_eq(op.u.find.count, 2);
	op.u.find.viewer = STR("NL*099@8"); /* fault M4: whoever holds the party later */
	ck_assert_int_eq(rig_do(&rig, &op), RH_OK);
	ck_assert_uint_eq(op.u.find.count, 1);
	ck_assert_str(op.u.find.keys[0].scope, STR("*"));
	op.u.find.viewer = (struct str){ 0 };
	ck_assert_int_eq(rig_do(&rig, &op), RH_OK);
	ck_assert_uint_eq(op.u.find.count, 32);
	rig_end(&rig);
}
END_TEST

/* ---- fault C4 ---- */

static bool
accepted_after(struct rig *rig, const char *body, bool accepted)
{
	struct share share = { .body = body, .last_updated_ns = 1 };
	struct store_op op = share_op("V@1 cdrs A C1", &share);
	struct store_object object;

	op.u.share.accepted = accepted;
	ck_assert_int_eq(rig_do(rig, &op), RH_OK);
	ck_assert_int_eq(share_get(rig, "V@1 cdrs A C1", &object), RH_OK);
	ck_assert_str(object.body, str_of(body));
	return object.accepted;
}

START_TEST(test_whether_a_receiver_took_it_is_kept_with_the_version)
{
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	ck_assert(!accepted_after(&rig, "one", false));
	ck_assert(!accepted_after(&rig, "one", false));
	ck_assert(accepted_after(&rig, "one", true));
	ck_assert(accepted_after(&rig, "one", false)); /* the same bytes take nothing back */
	ck_assert(!accepted_after(&rig, "two", false));
	ck_assert(accepted_after(&rig, "three", true));
	rig_end(&rig);
}
END_TEST

/* ---- fault M4: party move ---- */

static uint64_t
move(struct rig *rig, const char *from, const char *to)
{
	struct store_op op = { .verb = STORE_SCOPE_MOVE,
		.u.scope = { .from = str_of(from), .to = str_of(to) } };
	uint64_t moved = 0;

	do {
		ck_assert_msg(rig_do(rig, &op) == RH_OK, "%s", op.why);
		moved += op.u.scope.moved;
	} while (op.u.scope.moved > 0);
	return moved;
}

static const char *
seen_by(struct rig *rig, const char *viewer, uint64_t total)
{
	struct store_page_args args = {
		.module = STR("cdrs"), .viewer = str_of(viewer), .limit = 9
	};
	const char *page = share_page(rig, &args);

	ck_assert_uint_eq(args.total, total);
	return page;
}

START_TEST(test_moved_objects_leave_one_list_for_the_other_and_the_newer_stays)
{
	struct store_object object;
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	share_put(&rig, "* cdrs A C1", "shared", 1);
	share_put(&rig, "* cdrs A C9", "shared", 1);
	share_put(&rig, "V@1 cdrs A C1", "hides the shared one", 1);
	share_put(&rig, "V@1 cdrs A C2", "old", 1);
	share_put(&rig, "V@1 cdrs A C4", "to be deleted", 1);
	share_put(&rig, "V@2 cdrs A C2", "new", 1);
	share_put(&rig, "V@2 cdrs A C3", "old", 1);
	share_put(&rig, "V@2 cdrs A C4", "old", 1);
	share_put(&rig, "V@1 cdrs A C3", "new", 1);
	share_put(&rig, "V@1 cdrs A C4", NULL, 1);
	share_put(&rig, "W@1 cdrs A C5", "another's", 1);
	ck_assert_str_eq(seen_by(&rig, "V@1", 4), "C9 C1 C2 C3");
	ck_assert_str_eq(seen_by(&rig, "V@2", 5), "C1 C9 C2 C3 C4");
	ck_assert_uint_eq(move(&rig, "V@1", "V@2"), 4);
	ck_assert_str_eq(seen_by(&rig, "V@1", 2), "C1 C9");
	ck_assert_str_eq(seen_by(&rig, "V@2", 4), "C9 C1 C2 C3");
	ck_assert_str_eq(seen_by(&rig, "W@1", 3), "C1 C9 C5");
	ck_assert_int_eq(share_get(&rig, "V@2 cdrs A C2", &object), RH_OK);
	ck_assert_str(object.body, STR("new"));
	ck_assert_int_eq(share_get(&rig, "V@2 cdrs A C3", &object), RH_OK);
	ck_assert_str(object.body, STR("new"));
	ck_assert_str(object.key.scope, STR("V@2"));
	ck_assert_int_eq(share_get(&rig, "V@1 cdrs A C1", NULL), RH_NOT_FOUND);
	share_put(&rig, "* cdrs A C1", NULL, 1);
	ck_assert_str_eq(seen_by(&rig, "V@2", 4), "C9 C1 C2 C3");
	share_put(&rig, "V@2 cdrs A C1", NULL, 1);
	ck_assert_str_eq(seen_by(&rig, "V@2", 3), "C9 C2 C3");
	rig_end(&rig);
}
END_TEST

START_TEST(test_many_objects_are_moved_in_slices)
{
	enum { OBJECTS = 1300 };
	struct store_page_args args = { .module = STR("cdrs"), .viewer = STR("V@2"), .limit = 1 };
	char key[64];
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	for (int i = 0; i < OBJECTS; i++) {
		snprintf(key, sizeof(key), "V@1 cdrs A C%d", i);
		share_put(&rig, key, "b", 1);
	}
	ck_assert_uint_eq(move(&rig, "V@1", "V@2"), OBJECTS);
	share_page(&rig, &args);
	ck_assert_uint_eq(args.total, OBJECTS);
	rig_end(&rig);
}
END_TEST

/* ---- sandboxes: what they leave behind goes with them ---- */

static uint64_t
drop(struct rig *rig, const char *scope, const char *owner)
{
	struct store_op op = { .verb = STORE_OWNED_DROP,
		.u.owned = { .scope = str_of(scope),
		        .owner = owner != NULL ? str_of(owner) : (struct str){ 0 } } };
	uint64_t dropped = 0;

	do {
		ck_assert_msg(rig_do(rig, &op) == RH_OK, "%s", op.why);
		dropped += op.u.owned.dropped;
	} while (op.u.owned.dropped > 0);
	return dropped;
}

START_TEST(test_what_an_owner_has_in_a_scope_is_dropped_and_nothing_else)
{
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	share_put(&rig, "* cdrs A C1", "shared", 1);
	share_put(&rig, "* cdrs X C2", "shared", 1);
	share_put(&rig, "* cdrs X C3", "deleted", 1);
	share_put(&rig, "* cdrs X C3", NULL, 1);
	share_put(&rig, "* tokens X T1", "token", 1);
	share_put(&rig, "* hubclientinfo X CPO", "told", 1);
	share_put(&rig, "V@1 cdrs X C2", "hides the shared one", 1);
	share_put(&rig, "V@1 cdrs A C4", "another's", 1);
	share_put(&rig, "X@9 cdrs A C5", "for it", 1);
	share_put(&rig, "X@8 cdrs A C5", "for another of its name", 1);
	ck_assert_str_eq(seen_by(&rig, "V@1", 3), "C1 C2 C4");
	ck_assert_uint_eq(drop(&rig, "*", "X"), 3);
	ck_assert_str_eq(seen_by(&rig, "V@1", 3), "C1 C2 C4");
	ck_assert_uint_eq(drop(&rig, "V@1", "X"), 1);
	ck_assert_str_eq(seen_by(&rig, "V@1", 2), "C1 C4");
	ck_assert_str_eq(seen_by(&rig, "X@9", 2), "C1 C5");
	ck_assert_uint_eq(drop(&rig, "X@9", NULL), 1);
	ck_assert_str_eq(seen_by(&rig, "X@9", 1), "C1");
	ck_assert_str_eq(seen_by(&rig, "X@8", 2), "C1 C5");
	ck_assert_int_eq(share_get(&rig, "* hubclientinfo X CPO", NULL), RH_OK);
	ck_assert_uint_eq(drop(&rig, "*", "X"), 0);
	share_put(&rig, "* cdrs X C2", "it comes again", 1);
	ck_assert_str_eq(seen_by(&rig, "W@1", 2), "C1 C2");
	rig_end(&rig);
}
END_TEST

START_TEST(test_many_objects_are_dropped_in_slices)
{
	enum { OBJECTS = 1300 };
	struct store_page_args args = { .module = STR("cdrs"), .viewer = STR("V@2"), .limit = 1 };
	char key[64];
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	for (int i = 0; i < OBJECTS; i++) {
		snprintf(key, sizeof(key), "* cdrs %s C%d", i % 2 == 0 ? "X" : "A", i);
		share_put(&rig, key, "b", 1);
	}
	ck_assert_uint_eq(drop(&rig, "*", "X"), OBJECTS / 2);
	share_page(&rig, &args);
	ck_assert_uint_eq(args.total, OBJECTS / 2);
	rig_end(&rig);
}
END_TEST

void
contract_scopes(TCase *tests)
{
	tcase_add_loop_test(tests, test_a_scope_names_the_party_and_the_platform_that_holds_it,
	        contract_first, contract_end);
	tcase_add_loop_test(tests,
	        test_a_viewer_finds_his_own_and_the_shared_version_among_a_hundred, contract_first,
	        contract_end);
	tcase_add_loop_test(tests, test_whether_a_receiver_took_it_is_kept_with_the_version,
	        contract_first, contract_end);
	tcase_add_loop_test(tests,
	        test_moved_objects_leave_one_list_for_the_other_and_the_newer_stays, contract_first,
	        contract_end);
	tcase_add_loop_test(
	        tests, test_many_objects_are_moved_in_slices, contract_first, contract_end);
	tcase_add_loop_test(tests, test_what_an_owner_has_in_a_scope_is_dropped_and_nothing_else,
	        contract_first, contract_end);
	tcase_add_loop_test(
	        tests, test_many_objects_are_dropped_in_slices, contract_first, contract_end);
}
