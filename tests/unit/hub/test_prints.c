/* test_prints: which repetition of an addressed write may be left out (fault C1). */
#include "../../../src/hub/message/prints.h"
#include "../suite.h"

#include <check.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static struct prints *prints;

static void
setup(void)
{
	prints = prints_new();
}

static void
teardown(void)
{
	prints_free(prints);
}

static const struct store_key key = {
	.scope = { "NL*MSP@2", 8 },
	.module = { "tokens", 6 },
	.owner = { "DE*CPO", 6 },
	.id = { "U1", 2 },
	.type = { "RFID", 4 },
};
static const struct str body = { "{\"uid\":\"U1\",\"valid\":true}", 25 };

/* One write from begin to end; a DELETE, a PATCH and the PUT of an EVSE leave no print. */
static void
write_it(const struct store_key *at, int64_t change, struct str whole, bool accepted)
{
	prints_begin(prints, at);
	prints_end(prints, at, change, whole.p != NULL ? print_of(at, whole) : 0, accepted);
}

static bool
same(const struct store_key *at, struct str whole, bool accepted)
{
	return prints_same(prints, at, print_of(at, whole), accepted);
}

START_TEST(test_only_what_was_kept_last_is_the_same)
{
	ck_assert(!same(&key, body, true));
	write_it(&key, 1, body, true);
	ck_assert(same(&key, body, true));
	ck_assert(!same(&key, STR("{}"), true));
}
END_TEST

START_TEST(test_fault_C1_a_write_of_any_kind_moves_the_print)
{
	static const struct str writes[] = { { "{}", 2 }, { 0 } };

	write_it(&key, 1, body, true);
	write_it(&key, 2, writes[_i], true);
	ck_assert(!same(&key, body, true));
	write_it(&key, 3, body, true);
	ck_assert(same(&key, body, true));
}
END_TEST

START_TEST(test_fault_C1_every_part_of_the_key_counts)
{
	static const struct {
		size_t at;
		struct str value;
	} parts[] = {
		{ offsetof(struct store_key, scope), { "BE*MSP@2", 8 } }, /* another country */
		{ offsetof(struct store_key, scope), { "NL*MSP@3", 8 } }, /* another holder */
		{ offsetof(struct store_key, module), { "tariffs", 7 } },
		{ offsetof(struct store_key, owner), { "FR*CPO", 6 } },
		{ offsetof(struct store_key, id), { "U2", 2 } },
		{ offsetof(struct store_key, type), { "OTHER", 5 } },
	};
	struct store_key other = key;

	*(struct str *)(void *)((char *)&other + parts[_i].at) = parts[_i].value;
	write_it(&key, 1, body, true);
	ck_assert(!same(&other, body, true));
}
END_TEST

START_TEST(test_fault_C1_a_write_that_failed_leaves_nothing)
{
	write_it(&key, 1, body, true);
	write_it(&key, 0, STR("{}"), true);
	ck_assert(!same(&key, body, true));
	ck_assert(!same(&key, STR("{}"), true));
}
END_TEST

START_TEST(test_nothing_is_known_while_a_write_is_under_way)
{
	write_it(&key, 1, body, true);
	prints_begin(prints, &key);
	ck_assert(!same(&key, body, true));
	prints_begin(prints, &key);
	prints_end(prints, &key, 2, print_of(&key, body), true);
	ck_assert(!same(&key, body, true));
	prints_end(prints, &key, 3, print_of(&key, STR("{}")), true);
	ck_assert(same(&key, STR("{}"), true));
}
END_TEST

START_TEST(test_the_newest_change_decides_in_whatever_order_they_end)
{
	prints_begin(prints, &key);
	prints_begin(prints, &key);
	prints_end(prints, &key, 3, print_of(&key, STR("{}")), true);
	prints_end(prints, &key, 2, print_of(&key, body), true);
	ck_assert(same(&key, STR("{}"), true));
	ck_assert(!same(&key, body, true));
}
END_TEST

/* ---- mutants that lived (tests/trust/mutation) ---- */

/* The bytes stand alone on the heap, so that none behind them is read. */
static uint64_t
print_of_bytes(const unsigned char *bytes, size_t len)
{
	unsigned char *copy = memcpy(malloc(len + 1), bytes, len);
	uint64_t print;

	ck_assert_ptr_nonnull(copy);
	copy = realloc(copy, len > 0 ? len : 1);
	print = print_of(&key, (struct str){ (char *)copy, len });
	free(copy);
	return print;
}

START_TEST(test_every_bit_of_a_body_counts)
{
	unsigned char bytes[25] = "{\"uid\":\"U1\",\"valid\":tr";
	size_t len = (size_t)_i;
	uint64_t print = print_of_bytes(bytes, len);

	for (size_t bit = 0; bit < 8 * len; bit++) {
		bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
		ck_assert(print_of_bytes(bytes, len) != print);
		bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
}
END_TEST

/* What multiplication alone would leave in the highest bit, where the next word takes it out. */
START_TEST(test_two_changes_do_not_make_up_for_each_other)
{
	unsigned char bytes[16] = "0123456789abcdef";
	uint64_t print = print_of_bytes(bytes, sizeof bytes);

	bytes[7] ^= 0x80;
	bytes[15] ^= 0x80;
	ck_assert(print_of_bytes(bytes, sizeof bytes) != print);
}
END_TEST

START_TEST(test_a_failed_write_leaves_no_print_at_all)
{
	write_it(&key, 0, body, true);
	ck_assert(!prints_same(prints, &key, 1, false)); /* the lowest that there is */
}
END_TEST

START_TEST(test_the_same_change_told_again_is_the_newest)
{
	write_it(&key, 1, STR("{}"), true);
	write_it(&key, 1, body, true);
	ck_assert(same(&key, body, true));
}
END_TEST

static void *
write_often(void *unused)
{
	for (int i = 0; i < 200000; i++)
		write_it(&key, 0, body, true);
	return unused;
}

/* Two threads of workers; that no write is left under way is asserted by prints_free(). */
START_TEST(test_writes_of_two_threads_are_counted)
{
	pthread_t other;

	ck_assert_int_eq(pthread_create(&other, NULL, write_often, NULL), 0);
	(void)write_often(NULL);
	ck_assert_int_eq(pthread_join(other, NULL), 0);
	write_it(&key, 1, body, true);
	ck_assert(same(&key, body, true));
}
END_TEST

START_TEST(test_fault_C4_an_undelivered_copy_is_written_again_when_it_was_accepted)
{
	write_it(&key, 1, body, false);
	ck_assert(same(&key, body, false));
	ck_assert(!same(&key, body, true));
	write_it(&key, 2, body, true);
	ck_assert(same(&key, body, true));
	ck_assert(same(&key, body, false));
}
END_TEST

/* What was under way when the store was changed beside it, and is told later, is not known either.
 */
START_TEST(test_what_is_forgotten_is_written_again)
{
	write_it(&key, 5, body, true);
	prints_begin(prints, &key);
	prints_forget(prints, 6);
	prints_end(prints, &key, 6, print_of(&key, body), true);
	ck_assert(!same(&key, body, true));
	write_it(&key, 7, body, true);
	ck_assert(same(&key, body, true));
	prints_forget(prints, 0);
	ck_assert(!same(&key, body, true));
	write_it(&key, 7, body, true);
	ck_assert(same(&key, body, true));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("hub prints");
	TCase *tcase = tcase_create("prints");

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_only_what_was_kept_last_is_the_same);
	tcase_add_loop_test(tcase, test_fault_C1_a_write_of_any_kind_moves_the_print, 0, 2);
	tcase_add_loop_test(tcase, test_fault_C1_every_part_of_the_key_counts, 0, 6);
	tcase_add_test(tcase, test_fault_C1_a_write_that_failed_leaves_nothing);
	tcase_add_test(tcase, test_nothing_is_known_while_a_write_is_under_way);
	tcase_add_test(tcase, test_the_newest_change_decides_in_whatever_order_they_end);
	tcase_add_loop_test(tcase, test_every_bit_of_a_body_counts, 0, 25);
	tcase_add_test(tcase, test_two_changes_do_not_make_up_for_each_other);
	tcase_add_test(tcase, test_a_failed_write_leaves_no_print_at_all);
	tcase_add_test(tcase, test_the_same_change_told_again_is_the_newest);
	tcase_add_test(tcase, test_writes_of_two_threads_are_counted);
	tcase_add_test(
	        tcase, test_fault_C4_an_undelivered_copy_is_written_again_when_it_was_accepted);
	tcase_add_test(tcase, test_what_is_forgotten_is_written_again);
	return suite_run(suite, CK_NOFORK);
}
