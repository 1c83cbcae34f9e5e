/* The reserve of docs/adr/0021: given up at the first refusal, held again when there is room.
 * The program is linked with --wrap for the allocators that the reserve stands behind; mmap() is
 * mmap64() where files may be large. */
#include "../suite.h"
#include "roamhub/base.h"

#include <check.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>

enum { RESERVE = 1 << 20 };

static unsigned refusals;  /* of the next so many allocations */
static size_t space_there; /* that may be mapped at once */

void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *old, size_t bytes);
void *__real_mmap64(void *at, size_t bytes, int rights, int flags, int fd, off_t offset);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *old, size_t bytes);
void *__wrap_mmap64(void *at, size_t bytes, int rights, int flags, int fd, off_t offset);

static bool
refused(void)
{
	if (refusals == 0)
		return false;
	refusals--;
	return true;
}

void *
__wrap_calloc(size_t count, size_t bytes)
{
	return refused() ? NULL : __real_calloc(count, bytes);
}

void *
__wrap_realloc(void *old, size_t bytes)
{
	return refused() ? NULL : __real_realloc(old, bytes);
}

void *
__wrap_mmap64(void *at, size_t bytes, int rights, int flags, int fd, off_t offset)
{
	return bytes > space_there ? MAP_FAILED
	                           : __real_mmap64(at, bytes, rights, flags, fd, offset);
}

static void
begin(void)
{
	refusals = 0;
	space_there = SIZE_MAX;
	rh_memory_hold(RESERVE);
}

START_TEST(test_what_is_refused_once_is_had_from_the_reserve)
{
	char *text;

	ck_assert(!rh_memory_short());
	refusals = 1;
	text = rh_alloc(100);
	ck_assert_int_eq(text[99], 0);
	ck_assert_uint_eq(rh_memory_shortages(), 1);
	free(text);
	ck_assert(!rh_memory_short()); /* held again */
	refusals = 1;
	text = rh_realloc(NULL, 100);
	ck_assert_uint_eq(rh_memory_shortages(), 2);
	free(text);
}
END_TEST

START_TEST(test_memory_is_short_until_the_reserve_is_held_again)
{
	refusals = 1;
	free(rh_alloc(1));
	space_there = RESERVE - 1;
	ck_assert(rh_memory_short());
	ck_assert(!rh_memory_room(1));
	space_there = RESERVE;
	ck_assert(!rh_memory_short());
	ck_assert(rh_memory_room(RESERVE));
	ck_assert(!rh_memory_room(RESERVE + 1));
}
END_TEST

START_TEST(test_arenas_and_texts_have_it_too)
{
	struct buf text = { 0 };

	refusals = 1;
	arena_free(arena_new(100));
	refusals = 1;
	buf_add(&text, STR("text"));
	buf_free(&text);
	ck_assert_uint_eq(rh_memory_shortages(), 1); /* for the reserve is not held in between */
}
END_TEST

START_TEST(test_what_the_reserve_does_not_help_ends_the_process)
{
	refusals = 2;
	free(rh_alloc(1));
}
END_TEST

START_TEST(test_without_a_reserve_to_hold_nobody_is_short)
{
	rh_memory_hold(0);
	ck_assert(!rh_memory_short());
	ck_assert(rh_memory_room(1));
}
END_TEST

/* Under a sanitizer it bounds nothing, and says that all is well. */
START_TEST(test_a_process_that_is_bounded_gets_no_more)
{
	enum { BOUND = 256 << 20, MORE = 512 << 20 };
	struct rlimit limit;
	void *more;

	ck_assert(rh_memory_bound(BOUND));
	ck_assert_int_eq(getrlimit(RLIMIT_AS, &limit), 0);
	if (limit.rlim_cur != BOUND)
		return;
	more = malloc(MORE);
	ck_assert_ptr_null(more);
	free(more);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("memory");
	TCase *tests = tcase_create("memory");

	suite_add_tcase(suite, tests);
	tcase_add_checked_fixture(tests, begin, NULL);
	tcase_add_test(tests, test_what_is_refused_once_is_had_from_the_reserve);
	tcase_add_test(tests, test_memory_is_short_until_the_reserve_is_held_again);
	tcase_add_test(tests, test_arenas_and_texts_have_it_too);
	tcase_add_exit_test(tests, test_what_the_reserve_does_not_help_ends_the_process, 1);
	tcase_add_test(tests, test_without_a_reserve_to_hold_nobody_is_short);
	tcase_add_test(tests, test_a_process_that_is_bounded_gets_no_more);
	return suite_run(suite, CK_FORK_GETENV);
}
