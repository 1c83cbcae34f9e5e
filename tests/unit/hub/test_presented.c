/* test_presented: headers that led to a platform are found again byte for byte, are few, and leave
 * nothing behind. */
#include "../../../src/hub/message/presented.h"
#include "../suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IDLE_MS = 60000, PLACES = 64 };

static struct presented_all *all;
static const struct presented_form forms[] = { { .digest = { 1, 2, 3 } },
	{ .plain = true, .digest = { 4, 5, 6 } } };

static void
setup(void)
{
	ck_assert_int_eq(rh_crypt_init(NULL), RH_OK);
	all = presented_new();
}

static void
teardown(void)
{
	presented_free(all);
}

static void
keep(struct str header, int64_t now_ms)
{
	presented_keep(all, header, forms, COUNT(forms), now_ms);
}

START_TEST(test_a_header_is_found_with_its_forms_and_no_other_is)
{
	static const struct str header = { "Token abcd", 10 };
	static const char *const others[] = { "Token abce", "token abcd", "Token abc",
		"Token abcde", "Token  abcd", "" };
	const struct presented *found;

	ck_assert_ptr_null(presented_find(all, header, 0));
	keep(header, 0);
	found = presented_find(all, header, 0);
	ck_assert_ptr_nonnull(found);
	ck_assert_uint_eq(found->form_count, 2);
	ck_assert_mem_eq(found->forms, forms, sizeof forms);
	for (size_t i = 0; i < COUNT(others); i++)
		ck_assert_ptr_null(presented_find(all, str_of(others[i]), 0));
	ck_assert_ptr_null(presented_find(all, (struct str){ 0 }, 0));
}
END_TEST

START_TEST(test_what_was_kept_of_a_header_last_counts)
{
	keep(STR("Token a"), 0);
	presented_keep(all, STR("Token a"), &forms[1], 1, 0);
	ck_assert_uint_eq(presented_find(all, STR("Token a"), 0)->form_count, 1);
	ck_assert(presented_find(all, STR("Token a"), 0)->forms[0].plain);
}
END_TEST

START_TEST(test_a_header_that_is_too_long_is_not_kept)
{
	char text[129];

	memset(text, 'a', sizeof text);
	keep((struct str){ text, 128 }, 0);
	keep((struct str){ text, 129 }, 0);
	ck_assert_ptr_nonnull(presented_find(all, (struct str){ text, 128 }, 0));
	ck_assert_ptr_null(presented_find(all, (struct str){ text, 129 }, 0));
}
END_TEST

static bool
is_wiped(const struct presented *place)
{
	static const struct presented nothing;

	return memcmp(place, &nothing, sizeof nothing) == 0;
}

START_TEST(test_what_is_forgotten_is_wiped)
{
	struct presented *place;

	keep(STR("Token secret"), 0);
	place = presented_find(all, STR("Token secret"), 0);
	presented_forget(place);
	ck_assert(is_wiped(place));
	ck_assert_ptr_null(presented_find(all, STR("Token secret"), 0));
}
END_TEST

/* Many more than there are places: each new one takes one that was there, and the last is found. */
START_TEST(test_no_more_are_kept_than_there_are_places)
{
	size_t found = 0;
	char text[32];

	for (int i = 0; i < 1000; i++) {
		(void)snprintf(text, sizeof text, "Token %d", i);
		keep(str_of(text), 0);
		ck_assert_ptr_nonnull(presented_find(all, str_of(text), 0));
	}
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(text, sizeof text, "Token %d", i);
		found += presented_find(all, str_of(text), 0) != NULL ? 1 : 0;
	}
	ck_assert_uint_gt(found, 0);
	ck_assert_uint_le(found, PLACES);
}
END_TEST

/* Which of the short ones takes its place is the hash's matter: one of thousands does. */
START_TEST(test_a_shorter_one_leaves_nothing_of_the_longer_before_it)
{
	static const struct str first = { "Token a-long-one-that-stands-in-its-place", 41 };
	const struct presented *place;
	char text[16];

	keep(first, 0);
	place = presented_find(all, first, 0);
	for (int i = 0; place->len == first.len; i++) {
		ck_assert_int_lt(i, 100000);
		(void)snprintf(text, sizeof text, "Token %d", i);
		keep(str_of(text), 0);
	}
	for (size_t i = place->len; i < sizeof place->header; i++)
		ck_assert_int_eq(place->header[i], '\0');
}
END_TEST

START_TEST(test_what_is_not_presented_for_a_minute_is_forgotten)
{
	struct presented *place = NULL;
	char used[16];

	for (int i = 0; place == NULL; i++) { /* one of 64 takes its place */
		(void)snprintf(used, sizeof used, "Token %d", i);
		keep(STR("Token idle"), 0);
		keep(str_of(used), 0);
		place = presented_find(all, STR("Token idle"), 0);
	}
	for (int i = 0; i < PLACES; i++)
		presented_age(all, IDLE_MS - 1);
	ck_assert(!is_wiped(place));
	ck_assert_ptr_nonnull(presented_find(all, str_of(used), IDLE_MS - 1));
	for (int i = 0; i < PLACES; i++)
		presented_age(all, IDLE_MS);
	ck_assert(is_wiped(place));
	ck_assert_ptr_nonnull(presented_find(all, str_of(used), IDLE_MS));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("presented");
	TCase *tests = tcase_create("presented");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, test_a_header_is_found_with_its_forms_and_no_other_is);
	tcase_add_test(tests, test_what_was_kept_of_a_header_last_counts);
	tcase_add_test(tests, test_a_header_that_is_too_long_is_not_kept);
	tcase_add_test(tests, test_what_is_forgotten_is_wiped);
	tcase_add_test(tests, test_no_more_are_kept_than_there_are_places);
	tcase_add_test(tests, test_a_shorter_one_leaves_nothing_of_the_longer_before_it);
	tcase_add_test(tests, test_what_is_not_presented_for_a_minute_is_forgotten);
	suite_add_tcase(suite, tests);
	return suite_run(suite, CK_NOFORK);
}
