/* test_table: the hash table against a model, an array of all possible keys.
 * The operations come from a seeded generator: a failure names its seed and comes back with it. */
#include "../suite.h"
#include "roamhub/base.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS = 300, STEPS = 18000, SEEDS = 4 };

struct model {
	char names[KEYS][16];
	int values[KEYS];
	void *held[KEYS]; /* NULL: not in the table */
	size_t count;
};

static uint32_t
next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static void
model_init(struct model *model)
{
	memset(model, 0, sizeof(*model));
	for (int i = 0; i < KEYS; i++)
		snprintf(model->names[i], sizeof(model->names[i]), "%s%d", i % 2 == 0 ? "loc-" : "",
		        i);
}

static void
check_walk(const struct table *table, const struct model *model)
{
	bool seen[KEYS] = { false };
	size_t cursor = 0, walked = 0;
	struct str key;
	void *value;

	for (; table_next(table, &cursor, &key, &value); walked++) {
		ptrdiff_t i = (int *)value - model->values;

		if (!str_is(key, model->names[i]) || seen[i] || model->held[i] != value)
			ck_abort_msg("%s is wrong or seen twice", model->names[i]);
		seen[i] = true;
	}
	ck_assert_uint_eq(walked, model->count);
}

/* Phases of growing and of shrinking, so that tombstones gather and tables are rebuilt. */
static void
step(struct table *table, struct model *model, uint32_t *random, int at)
{
	size_t i = next_random(random) % KEYS;
	bool growing = at / 3000 % 2 == 0;
	struct str key = str_of(model->names[i]);

	ck_assert_ptr_eq(table_get(table, key), model->held[i]);
	if (next_random(random) % 10 < (growing ? 7 : 3)) {
		ck_assert_ptr_eq(table_put(table, key, &model->values[i]), model->held[i]);
		model->count += model->held[i] == NULL;
		model->held[i] = &model->values[i];
	} else {
		ck_assert_ptr_eq(table_remove(table, key), model->held[i]);
		model->count -= model->held[i] != NULL;
		model->held[i] = NULL;
	}
	ck_assert_uint_eq(table_count(table), model->count);
}

START_TEST(test_random_operations_agree_with_the_model)
{
	static struct model model;

	for (uint32_t seed = 1; seed <= SEEDS; seed++) {
		struct table *table = table_new(seed % 2 == 0 ? 0 : KEYS);
		uint32_t random = seed * 2654435761u;

		model_init(&model);
		for (int at = 0; at < STEPS; at++) {
			step(table, &model, &random, at);
			if (at % 500 == 0)
				check_walk(table, &model);
		}
		check_walk(table, &model);
		table_free(table);
	}
}
END_TEST

START_TEST(test_keys_are_compared_byte_by_byte)
{
	struct table *table = table_new(4);
	int a, b, c;

	table_put(table, STR("DE*A"), &a);
	table_put(table, STR("de*a"), &b);
	table_put(table, STR("DE*A\0x"), &c);
	ck_assert_ptr_eq(table_get(table, STR("DE*A")), &a);
	ck_assert_ptr_eq(table_get(table, STR("de*a")), &b);
	ck_assert_ptr_eq(table_get(table, STR("DE*A\0x")), &c);
	ck_assert_ptr_null(table_get(table, STR("DE*")));
	table_free(table);
}
END_TEST

START_TEST(test_empty_key_is_a_key_and_absent_is_none)
{
	struct table *table = table_new(0);
	int a;

	ck_assert_ptr_null(table_get(table, STR("")));
	ck_assert_ptr_null(table_put(table, STR(""), &a));
	ck_assert_ptr_eq(table_get(table, STR("")), &a);
	ck_assert_ptr_null(table_get(table, (struct str){ 0 }));
	ck_assert_ptr_null(table_remove(table, (struct str){ 0 }));
	ck_assert_ptr_eq(table_remove(table, STR("")), &a);
	ck_assert_uint_eq(table_count(table), 0);
	table_free(table);
}
END_TEST

START_TEST(test_replacing_a_value_takes_over_its_key_memory)
{
	struct table *table = table_new(4);
	char *old = rh_strdup("key"), *new = rh_strdup("key");

	ck_assert_ptr_null(table_put(table, str_of(old), old));
	ck_assert_ptr_eq(table_put(table, str_of(new), new), old);
	free(old);
	ck_assert_ptr_eq(table_get(table, STR("key")), new);
	ck_assert_uint_eq(table_count(table), 1);
	table_free(table);
	free(new);
}
END_TEST

START_TEST(test_what_a_walk_returns_may_be_removed_during_it)
{
	struct table *table = table_new(0);
	char names[200][16];
	size_t cursor = 0;
	struct str key;
	int removed = 0;

	for (int i = 0; i < 200; i++) {
		snprintf(names[i], sizeof(names[i]), "k%d", i);
		table_put(table, str_of(names[i]), names[i]);
	}
	for (; table_next(table, &cursor, &key, NULL); removed++)
		ck_assert_ptr_nonnull(table_remove(table, key));
	ck_assert_int_eq(removed, 200);
	ck_assert_uint_eq(table_count(table), 0);
	table_free(table);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("table");
	TCase *tcase = tcase_create("table");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, test_random_operations_agree_with_the_model);
	tcase_add_test(tcase, test_keys_are_compared_byte_by_byte);
	tcase_add_test(tcase, test_empty_key_is_a_key_and_absent_is_none);
	tcase_add_test(tcase, test_replacing_a_value_takes_over_its_key_memory);
	tcase_add_test(tcase, test_what_a_walk_returns_may_be_removed_during_it);
	return suite_run(suite, CK_NOFORK);
}
