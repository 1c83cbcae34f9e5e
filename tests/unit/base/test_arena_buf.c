/* test_arena_buf: memory of a flight, and text built in it or on the heap.
 * Contents are checked after many allocations, so that two that overlap are seen. */
#include "../suite.h"
#include "roamhub/base.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { PIECES = 2000 };

static void
drop_arena(struct arena **arena)
{
	arena_free(*arena);
}

static size_t
piece_bytes(size_t i)
{
	return i % 97 == 0 ? 5000 : i * 7 % 120;
}

START_TEST(test_allocations_are_aligned_and_do_not_overlap)
{
	CLEANUP(drop_arena) struct arena *arena = arena_new(512);
	static unsigned char *pieces[PIECES];
	int overwritten = 0;

	for (size_t i = 0; i < PIECES; i++) {
		pieces[i] = arena_take(arena, piece_bytes(i));
		ck_assert_uint_eq((uintptr_t)pieces[i] % 16, 0);
		memset(pieces[i], (int)(i & 0xff), piece_bytes(i));
	}
	for (size_t i = 0; i < PIECES; i++)
		for (size_t at = 0; at < piece_bytes(i); at++)
			overwritten += pieces[i][at] != (i & 0xff);
	ck_assert_int_eq(overwritten, 0);
}
END_TEST

START_TEST(test_alloc_is_zeroed_also_after_a_reset)
{
	CLEANUP(drop_arena) struct arena *arena = arena_new(512);
	unsigned char *memory = arena_take(arena, 256);

	memset(memory, 0xff, 256);
	arena_reset(arena);
	memory = arena_alloc(arena, 256);
	for (size_t i = 0; i < 256; i++)
		ck_assert_uint_eq(memory[i], 0);
}
END_TEST

START_TEST(test_reset_keeps_one_block_and_gives_the_rest_back)
{
	CLEANUP(drop_arena) struct arena *arena = arena_new(1024);
	size_t fresh = arena_bytes(arena);
	void *first = arena_take(arena, 16);

	for (int i = 0; i < 100; i++)
		arena_take(arena, 1000);
	ck_assert_uint_gt(arena_bytes(arena), 100 * 1000);
	arena_reset(arena);
	ck_assert_uint_eq(arena_bytes(arena), fresh);
	ck_assert_ptr_eq(arena_take(arena, 16), first);
	ck_assert_uint_eq(arena_bytes(arena), fresh);
}
END_TEST

START_TEST(test_a_big_request_leaves_the_current_block_in_use)
{
	CLEANUP(drop_arena) struct arena *arena = arena_new(4096);
	char *before = arena_take(arena, 16), *after;

	arena_take(arena, 1 << 20);
	after = arena_take(arena, 16);
	ck_assert(after > before && after < before + 128);
	ck_assert_uint_lt(arena_bytes(arena), (1 << 20) + 8192);
}
END_TEST

/* A jump from one allocation to the next is a new block: they double, so there are few. */
START_TEST(test_many_small_requests_take_few_blocks)
{
	CLEANUP(drop_arena) struct arena *arena = arena_new(1024);
	char *last = arena_take(arena, 160);
	size_t asked = 160;
	int jumps = 0;

	for (; asked < 200000; asked += 160) {
		char *next = arena_take(arena, 160);

		jumps += next < last || next > last + 256;
		last = next;
	}
	ck_assert_int_le(jumps, 8);
	ck_assert_uint_lt(arena_bytes(arena), 3 * asked);
}
END_TEST

START_TEST(test_copies_end_in_a_nul_and_absent_stays_absent)
{
	CLEANUP(drop_arena) struct arena *arena = arena_new(256);
	struct str copy = arena_str(arena, STR("a\0b"));

	ck_assert_uint_eq(copy.len, 3);
	ck_assert_mem_eq(copy.p, "a\0b", 4);
	ck_assert_str_eq(arena_cstr(arena, STR("")), "");
	ck_assert_ptr_nonnull(arena_str(arena, STR("")).p);
	ck_assert_ptr_null(arena_str(arena, (struct str){ 0 }).p);
	ck_assert_ptr_null(arena_cstr(arena, (struct str){ 0 }));
}
END_TEST

START_TEST(test_printf_of_every_length_around_the_guess)
{
	CLEANUP(drop_arena) struct arena *arena = arena_new(256);

	for (int len = 0; len < 600; len++) {
		struct str text = arena_printf(arena, "%*s", len, "");

		ck_assert_uint_eq(text.len, (size_t)len);
		ck_assert_uint_eq(strlen(text.p), (size_t)len);
	}
}
END_TEST

static void
fill(struct buf *buf)
{
	ck_assert_ptr_nonnull(buf_str(buf).p);
	ck_assert_uint_eq(buf_str(buf).len, 0);
	for (int i = 0; i < 1000; i++) {
		buf_addc(buf, '<');
		buf_add(buf, STR("ab"));
		buf_printf(buf, "%d%*s>", i % 10, i % 7 == 0 ? 70 : 1, "");
		ck_assert_uint_eq(strlen(buf->p), buf->len);
	}
}

static void
check_filled(const struct buf *buf)
{
	struct str rest = buf_str(buf);

	for (int i = 0; i < 1000; i++) {
		struct str part = str_cut(&rest, '>');

		ck_assert(str_starts(part, "<ab"));
		ck_assert_int_eq(part.p[3], '0' + i % 10);
		ck_assert_uint_eq(part.len, i % 7 == 0 ? 74 : 5);
	}
	ck_assert_uint_eq(rest.len, 0);
}

START_TEST(test_buf_grows_in_an_arena_and_on_the_heap)
{
	CLEANUP(drop_arena) struct arena *arena = arena_new(256);
	struct buf heap = { 0 }, in_arena = { .arena = arena };

	fill(&heap);
	fill(&in_arena);
	check_filled(&heap);
	check_filled(&in_arena);
	buf_free(&heap);
	buf_free(&in_arena);
	ck_assert_ptr_null(heap.p);
	ck_assert_ptr_eq(in_arena.arena, arena);
}
END_TEST

START_TEST(test_reserve_makes_room_for_writes_behind_the_end)
{
	CLEANUP(buf_free) struct buf buf = { 0 };

	buf_add(&buf, STR("x"));
	buf_reserve(&buf, 5000);
	ck_assert_uint_ge(buf.cap - buf.len, 5001);
	ck_assert_str_eq(buf.p, "x");
	buf_add(&buf, (struct str){ 0 });
	ck_assert_str_eq(buf.p, "x");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("arena_buf");
	TCase *tcase = tcase_create("arena_buf");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, test_allocations_are_aligned_and_do_not_overlap);
	tcase_add_test(tcase, test_alloc_is_zeroed_also_after_a_reset);
	tcase_add_test(tcase, test_reset_keeps_one_block_and_gives_the_rest_back);
	tcase_add_test(tcase, test_a_big_request_leaves_the_current_block_in_use);
	tcase_add_test(tcase, test_many_small_requests_take_few_blocks);
	tcase_add_test(tcase, test_copies_end_in_a_nul_and_absent_stays_absent);
	tcase_add_test(tcase, test_printf_of_every_length_around_the_guess);
	tcase_add_test(tcase, test_buf_grows_in_an_arena_and_on_the_heap);
	tcase_add_test(tcase, test_reserve_makes_room_for_writes_behind_the_end);
	return suite_run(suite, CK_NOFORK);
}
