/* contract_lists: pages of what one party may see. */
#include "contract.h"

#include "share.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VIEWER STR("NL*MSP")

static struct store_page_args
page_of(struct str viewer)
{
	return (struct store_page_args){
		.module = STR("locations"), .viewer = viewer, .limit = 100
	};
}

START_TEST(test_a_viewer_sees_what_was_shared_and_what_was_addressed_to_it_in_order)
{
	static const struct {
		const char *module, *viewer, *owner, *ids;
	} rows[] = {
		{ "locations", "NL*MSP", NULL, "L1 L2 L4 L5" },
		{ "locations", "FR*MSP", NULL, "L1 L3 L4" },
		{ "locations", "XX*YYY", NULL, "L1 L4" },
		{ "locations", NULL, NULL, "L1 L4" },
		{ "locations", "NL*MSP", "DE*ABC", "L1 L2" },
		{ "locations", "NL*MSP", "DE*XYZ", "L4 L5" },
		{ "locations", "NL*MSP", "de*abc", "" },
		{ "sessions", "NL*MSP", NULL, "S1" },
		{ "sessions", "FR*MSP", NULL, "" },
		{ "tariffs", "NL*MSP", NULL, "" },
	};
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	share_put(&rig, "* locations DE*ABC L1", "1", 1);
	share_put(&rig, "NL*MSP locations DE*ABC L2", "2", 1);
	share_put(&rig, "FR*MSP locations DE*ABC L3", "3", 1);
	share_put(&rig, "* locations DE*XYZ L4", "4", 1);
	share_put(&rig, "NL*MSP sessions DE*ABC S1", "5", 1);
	share_put(&rig, "NL*MSP locations DE*XYZ L5", "6", 1);
	share_put(&rig, "* locations DE*ABC L1", "1 again", 9);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct store_page_args args = page_of(str_of(rows[i].viewer));
		const char *ids;

		args.module = str_of(rows[i].module);
		args.owner = str_of(rows[i].owner);
		ids = share_page(&rig, &args);
		ck_assert_msg(strcmp(ids, rows[i].ids) == 0, "row %zu: %s", i, ids);
		ck_assert_uint_eq(args.total, args.count);
		if (args.count > 0)
			ck_assert_int_eq(args.last_seq, args.objects[args.count - 1].seq);
	}
	rig_end(&rig);
}
END_TEST

/* The same questions at every step of a life: shared, hidden, shown again. */
START_TEST(test_the_viewers_own_version_hides_the_shared_one_and_is_counted_once)
{
	static const struct {
		const char *key, *body; /* NULL: deleted */
		const char *own, *other;
	} steps[] = {
		{ "* locations A L1", "s1", "s1", "s1" },
		{ "NL*MSP locations A L1", "v1", "v1", "s1" },
		{ "* locations A L1", "s2", "v1", "s2" },
		{ "* locations A L1", NULL, "v1", "" },
		{ "* locations A L1", "s3", "v1", "s3" },
		{ "NL*MSP locations A L1", NULL, "s3", "s3" },
		{ "NL*MSP locations A L1", "v2", "v2", "s3" },
		{ "FR*MSP locations A L1", "f1", "v2", "f1" },
		{ "* locations A L1", NULL, "v2", "f1" },
		{ "NL*MSP locations A L1", NULL, "", "f1" },
		{ "* locations A L1", "s4", "s4", "f1" },
		{ "FR*MSP locations A L1", NULL, "s4", "s4" },
		/* Neither another owner's nor another type's. */
		{ "NL*MSP locations B L1", "b", "s4b", "s4" },
		{ "NL*MSP locations A L1 T", "t", "s4bt", "s4" },
	};
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	for (size_t i = 0; i < COUNT(steps); i++) {
		share_put(&rig, steps[i].key, steps[i].body, 100);
		for (size_t way = 0; way < 4; way++) { /* with dates, rows are found another way */
			const char *expected = way % 2 == 0 ? steps[i].own : steps[i].other;
			struct store_page_args args =
			        page_of(way % 2 == 0 ? VIEWER : STR("FR*MSP"));
			struct buf bodies = { .arena = rig.arena };

			args.has_from = way >= 2;
			args.from_ns = 100;
			share_page(&rig, &args);
			buf_add(&bodies, STR(""));
			for (size_t k = 0; k < args.count; k++)
				buf_add(&bodies, args.objects[k].body);
			ck_assert_msg(str_eq(buf_str(&bodies), str_of(expected)),
			        "step %zu way %zu: %s", i, way, bodies.p);
			ck_assert_uint_eq(args.total, args.count);
		}
	}
	rig_end(&rig);
}
END_TEST

START_TEST(test_hidden_owners_are_neither_shown_nor_counted)
{
	static const struct str hidden[] = { { "DE*ABC", 6 }, { "FR*X", 4 }, { "", 0 } };
	static const struct {
		size_t hidden;
		const char *owner, *ids;
	} rows[] = {
		{ 0, NULL, "L1 L2 L3 L4" },
		{ 1, NULL, "L2 L3 L4" },
		{ 3, NULL, "L2 L3" },
		{ 1, "DE*ABC", "" },
		{ 1, "DE*AB", "L2" },
	};
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	share_put(&rig, "* locations DE*ABC L1", "1", 1);
	share_put(&rig, "* locations DE*AB L2", "1", 1);
	share_put(&rig, "* locations DE*ABCD L3", "1", 1);
	share_put(&rig, "NL*MSP locations FR*X L4", "1", 1);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct store_page_args args = page_of(VIEWER);
		const char *ids;

		args.hidden = hidden;
		args.hidden_count = rows[i].hidden;
		args.owner = str_of(rows[i].owner);
		ids = share_page(&rig, &args);
		ck_assert_msg(strcmp(ids, rows[i].ids) == 0, "row %zu: %s", i, ids);
		ck_assert_uint_eq(args.total, args.count);
	}
	rig_end(&rig);
}
END_TEST

START_TEST(test_date_from_is_inclusive_and_date_to_is_exclusive)
{
	static const struct {
		bool has_from, has_to;
		int64_t from_ns, to_ns;
		const char *ids;
	} rows[] = {
		{ false, false, 0, 0, "L1 L2 L3" },
		{ true, false, 20, 0, "L2 L3" },
		{ true, false, 21, 0, "L3" },
		{ false, true, 0, 20, "L1" },
		{ false, true, 0, 21, "L1 L2" },
		{ true, true, 10, 30, "L1 L2" },
		{ true, true, 20, 20, "" },
		{ true, true, 30, 10, "" },
		{ true, false, 31, 0, "" },
		{ true, false, INT64_MIN, 0, "L1 L2 L3" },
		{ false, true, 0, INT64_MAX, "L1 L2 L3" },
	};
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	share_put(&rig, "* locations A L1", "1", 99);
	share_put(&rig, "NL*MSP locations A L2", "1", 20);
	share_put(&rig, "* locations B L3", "1", 30);
	share_put(&rig, "* locations A L1", "2",
	        10); /* it moves along the dates, not along the list */
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct store_page_args args = page_of(VIEWER);
		const char *ids;

		args.has_from = rows[i].has_from;
		args.from_ns = rows[i].from_ns;
		args.has_to = rows[i].has_to;
		args.to_ns = rows[i].to_ns;
		ids = share_page(&rig, &args);
		ck_assert_msg(strcmp(ids, rows[i].ids) == 0, "row %zu: %s", i, ids);
		ck_assert_uint_eq(args.total, args.count);
	}
	rig_end(&rig);
}
END_TEST

/* Enough objects that a narrow filter is worth a walk, and few enough that another is not. */
static void
fill(struct rig *rig, int count)
{
	struct rig_op *ops = calloc((size_t)count, sizeof(*ops));
	struct share *shares = calloc((size_t)count, sizeof(*shares));
	char(*keys)[48] = calloc((size_t)count, sizeof(*keys));

	for (int i = 0; i < count; i++) {
		snprintf(keys[i], sizeof(keys[i]), "%s locations %s L%d",
		        i % 5 == 4 ? "NL*MSP" : "*", i % 50 == 0 ? "DE*FEW" : "DE*ABC", i);
		shares[i] = (struct share){ .body = "b", .last_updated_ns = i };
		ops[i].op = share_op(keys[i], &shares[i]);
		rig_submit(rig, &ops[i]);
	}
	for (int i = 0; i < count; i++) {
		rig_wait(rig, &ops[i]);
		ck_assert_int_eq(ops[i].op.err, RH_OK);
	}
	free(ops);
	free(shares);
	free(keys);
}

static bool
expect(const struct store_page_args *like, int n)
{
	bool few = n % 50 == 0;

	if (n % 5 == 4 && like->viewer.p == NULL)
		return false;
	if ((like->owner.p != NULL && few != str_is(like->owner, "DE*FEW")) ||
	        (like->hidden_count > 0 && few))
		return false;
	return (!like->has_from || n >= like->from_ns) && (!like->has_to || n < like->to_ns);
}

/* Walk all pages of @like and hold them against the numbers of fill() that pass its filters. */
static void
check_walk(struct rig *rig, struct store_page_args like, int count, bool by_key)
{
	uint64_t want = 0, seen = 0;
	int at = 0;

	for (int n = 0; n < count; n++)
		want += expect(&like, n);
	for (;;) {
		struct store_page_args args = like;

		share_page(rig, &args);
		ck_assert_uint_eq(args.total, want);
		for (size_t i = 0; i < args.count; i++, at++) {
			char id[16];

			while (at < count && !expect(&like, at))
				at++;
			snprintf(id, sizeof(id), "L%d", at);
			ck_assert_str(args.objects[i].key.id, str_of(id));
		}
		seen += args.count;
		arena_reset(rig->arena);
		if (args.count == 0)
			break;
		if (by_key)
			like.after_seq = args.last_seq;
		else
			like.offset += args.count;
	}
	ck_assert_uint_eq(seen, want);
}

START_TEST(test_pages_by_offset_and_by_key_are_the_whole_list_in_order_whatever_the_filter)
{
	enum { OBJECTS = 3000 };
	static const struct str few[] = { { "DE*FEW", 6 } };
	static const struct store_page_args rows[] = {
		{ .limit = 999 },
		{ .limit = 333, .viewer = { "NL*MSP", 6 } },
		{ .limit = 7, .viewer = { "NL*MSP", 6 }, .owner = { "DE*FEW", 6 } },
		{ .limit = 700, .viewer = { "NL*MSP", 6 }, .owner = { "DE*ABC", 6 } },
		{ .limit = 700, .viewer = { "NL*MSP", 6 }, .hidden = few, .hidden_count = 1 },
		{ .limit = 100, .viewer = { "NL*MSP", 6 }, .has_from = true, .from_ns = 2500 },
		{ .limit = 600, .viewer = { "NL*MSP", 6 }, .has_from = true, .from_ns = 500 },
		{ .limit = 600, .has_to = true, .to_ns = 2001, .hidden = few, .hidden_count = 1 },
	};
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	fill(&rig, OBJECTS);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct store_page_args like = rows[i];

		like.module = STR("locations");
		check_walk(&rig, like, OBJECTS, false);
		check_walk(&rig, like, OBJECTS, true);
	}
	rig_end(&rig);
}
END_TEST

/* Between two pages objects are created, deleted and changed, before and behind the place. */
START_TEST(test_TRN_033_a_crawl_sees_every_object_that_existed_throughout_exactly_once)
{
	enum { OBJECTS = 300 };
	int seen[OBJECTS] = { 0 };
	struct store_page_args args = page_of(VIEWER);
	int64_t after = 0;
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	fill(&rig, OBJECTS);
	args.limit = 17;
	for (int page = 0; args.count == args.limit || page == 0; page++) {
		char key[48];

		args.after_seq = after;
		share_page(&rig, &args);
		after = args.last_seq;
		for (size_t i = 0; i < args.count; i++) {
			int n = atoi(args.objects[i].key.id.p + 1);

			if (n < OBJECTS)
				seen[n]++;
		}
		snprintf(key, sizeof(key), "* locations DE*ABC L%d", 1000 + page);
		if (page < 20)
			share_put(&rig, key, "new", 1);
		snprintf(key, sizeof(key), "* locations DE*ABC L%d",
		        page % 2 == 0 ? page * 2 + 1 : 201);
		if (page % 5 != 4)
			share_put(&rig, key, "changed", 1000 + page);
		snprintf(key, sizeof(key), "* locations DE*FEW L%d", page % 6 * 50);
		share_put(&rig, key, page % 12 < 6 ? NULL : "again", 1);
	}
	for (int n = 0; n < OBJECTS; n++)
		if (n % 50 != 0)
			ck_assert_msg(seen[n] == 1, "L%d was seen %d times", n, seen[n]);
	rig_end(&rig);
}
END_TEST

START_TEST(test_the_total_is_that_of_the_filters_whatever_the_page)
{
	static const struct {
		uint64_t offset, limit;
		size_t count;
	} rows[] = {
		{ 0, 10, 10 },
		{ 0, 0, 0 },
		{ 35, 10, 5 },
		{ 39, 10, 1 },
		{ 40, 10, 0 },
		{ 1000, 10, 0 },
		{ UINT64_MAX, 10, 0 },
		{ 0, UINT64_MAX, 40 },
	};
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	fill(&rig, 40);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct store_page_args args = page_of(VIEWER);

		args.offset = rows[i].offset;
		args.limit = rows[i].limit;
		share_page(&rig, &args);
		ck_assert_msg(args.count == rows[i].count, "row %zu: %zu", i, args.count);
		ck_assert_uint_eq(args.total, 40);
	}
	rig_end(&rig);
}
END_TEST

/* fault H2: the first object comes whatever its size, and whether others follow is always told. */
START_TEST(test_H2_a_page_ends_at_its_bytes_and_tells_whether_others_follow)
{
	static const struct {
		size_t max_bytes;
		uint64_t limit, offset;
		const char *ids;
		bool more;
	} rows[] = {
		{ 0, 10, 0, "L1 L2 L3 L4", false },
		{ 0, 4, 0, "L1 L2 L3 L4", false },
		{ 0, 3, 0, "L1 L2 L3", true },
		{ 100, 10, 0, "L1 L2 L3 L4", false },
		{ 14, 10, 0, "L1 L2 L3 L4", false },
		{ 13, 10, 0, "L1 L2 L3", true },
		{ 5, 10, 0, "L1", true },
		{ 6, 10, 0, "L1 L2", true },
		{ 1, 10, 0, "L1", true },
		{ 1, 10, 1, "L2", true },
		{ 1, 10, 3, "L4", false },
		{ 1, 1, 3, "L4", false },
		{ 6, 2, 2, "L3", true },
		{ 6, 2, 4, "", false },
	};
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	share_put(&rig, "* locations A L1", "1234", 1);
	share_put(&rig, "NL*MSP locations A L2", "12", 1);
	share_put(&rig, "* locations B L3", "12", 1);
	share_put(&rig, "* locations A L4", "123456", 1);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct store_page_args args = page_of(VIEWER);
		const char *ids;

		args.max_bytes = rows[i].max_bytes;
		args.limit = rows[i].limit;
		args.offset = rows[i].offset;
		ids = share_page(&rig, &args);
		ck_assert_msg(strcmp(ids, rows[i].ids) == 0, "row %zu: %s", i, ids);
		ck_assert_msg(args.more == rows[i].more, "row %zu", i);
		ck_assert_uint_eq(args.passed, args.count);
		ck_assert_uint_eq(args.total, 4);
		if (args.count > 0)
			ck_assert_int_eq(args.last_seq, args.objects[args.count - 1].seq);
	}
	rig_end(&rig);
}
END_TEST

START_TEST(test_totals_hold_after_deletion_and_creation)
{
	struct store_page_args args;
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	for (int round = 0; round < 3; round++) {
		fill(&rig, 30);
		args = page_of(VIEWER);
		share_page(&rig, &args);
		ck_assert_uint_eq(args.total, 30);
		share_put(&rig, "* locations DE*FEW L0", NULL, 1);
		share_put(&rig, "* locations DE*FEW L0", NULL, 1);
		share_put(&rig, "NL*MSP locations DE*ABC L4", NULL, 1);
		args = page_of(VIEWER);
		share_page(&rig, &args);
		ck_assert_uint_eq(args.total, 28);
		ck_assert_uint_eq(args.count, 28);
	}
	rig_end(&rig);
}
END_TEST

void
contract_lists(TCase *tests)
{
	tcase_add_loop_test(tests,
	        test_a_viewer_sees_what_was_shared_and_what_was_addressed_to_it_in_order,
	        contract_first, contract_end);
	tcase_add_loop_test(tests,
	        test_the_viewers_own_version_hides_the_shared_one_and_is_counted_once,
	        contract_first, contract_end);
	tcase_add_loop_test(tests, test_hidden_owners_are_neither_shown_nor_counted, contract_first,
	        contract_end);
	tcase_add_loop_test(tests, test_date_from_is_inclusive_and_date_to_is_exclusive,
	        contract_first, contract_end);
	tcase_add_loop_test(tests,
	        test_pages_by_offset_and_by_key_are_the_whole_list_in_order_whatever_the_filter,
	        contract_first, contract_end);
	tcase_add_loop_test(tests,
	        test_TRN_033_a_crawl_sees_every_object_that_existed_throughout_exactly_once,
	        contract_first, contract_end);
	tcase_add_loop_test(tests, test_the_total_is_that_of_the_filters_whatever_the_page,
	        contract_first, contract_end);
	tcase_add_loop_test(tests, test_H2_a_page_ends_at_its_bytes_and_tells_whether_others_follow,
	        contract_first, contract_end);
	tcase_add_loop_test(
	        tests, test_totals_hold_after_deletion_and_creation, contract_first, contract_end);
}
