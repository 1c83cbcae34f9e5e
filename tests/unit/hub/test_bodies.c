/* test_bodies: what the trace keeps of what was said in full. */
#include "../../../src/hub/parties/bodies.h"
#include "../suite.h"

#include <check.h>
#include <string.h>

static struct arena *arena;

static void
setup(void)
{
	arena = arena_new(1024);
}

static void
teardown(void)
{
	arena_free(arena);
}

static struct str
put(struct str asked, struct str answered, struct str secret)
{
	const struct bodies bodies = { asked, answered, &secret, 1 };
	struct buf doc = { .arena = arena };

	json_put_object(&doc, NULL);
	bodies_put(&doc, &bodies, arena);
	json_end_object(&doc);
	return buf_str(&doc);
}

static struct str
letters(char letter, size_t count)
{
	char *text = arena_alloc(arena, count + 1);

	memset(text, letter, count);
	return (struct str){ text, count };
}

static size_t
count_of(struct str text, char letter)
{
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		count += text.p[i] == letter;
	return count;
}

START_TEST(test_a_leg_keeps_four_kib_of_both_and_says_what_was_cut)
{
	static const struct {
		size_t asked, answered, kept, kept_answer;
	} rows[] = { { 0, 0, 0, 0 }, { 100, 200, 100, 200 }, { 4096, 0, 4096, 0 },
		{ 5000, 0, 4096, 0 }, { 0, 5000, 0, 4096 }, { 5000, 100, 3996, 100 },
		{ 100, 5000, 100, 3996 }, { 5000, 5000, 2048, 2048 }, { 2048, 2048, 2048, 2048 } };

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str doc = put(letters('X', rows[i].asked), letters('Z', rows[i].answered),
		        (struct str){ 0 });

		ck_assert_uint_eq(count_of(doc, 'X'), rows[i].kept);
		ck_assert_uint_eq(count_of(doc, 'Z'), rows[i].kept_answer);
		ck_assert_int_eq(memmem(doc.p, doc.len, "\"body_bytes\":", 13) != NULL,
		        rows[i].kept < rows[i].asked);
		ck_assert_int_eq(memmem(doc.p, doc.len, "\"answer_bytes\":", 15) != NULL,
		        rows[i].kept_answer < rows[i].answered);
	}
}
END_TEST

START_TEST(test_tokens_are_hidden_wherever_they_stand)
{
	static const struct {
		const char *asked, *kept;
	} rows[] = {
		{ "{\"a\":\"sesame-open\"}", "{\"body\":\"{\\\"a\\\":\\\"***********\\\"}\"}" },
		{ "{\"token\":\"of-another\"}",
		        "{\"body\":\"{\\\"token\\\":\\\"**********\\\"}\"}" },
		{ "c2VzYW1lLW9wZW4=", "{\"body\":\"***************=\"}" },
		{ "nothing of it", "{\"body\":\"nothing of it\"}" },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		ck_assert_str_eq(
		        put(str_of(rows[i].asked), (struct str){ 0 }, STR("sesame-open")).p,
		        rows[i].kept);
}
END_TEST

/* As a call has it whose token stands in its ready lines. */
START_TEST(test_what_is_absent_whatever_its_length_is_passed_over)
{
	const struct str absent = { NULL, 66 };

	ck_assert_str_eq(put(absent, letters('Z', 3), absent).p, "{\"answer\":\"ZZZ\"}");
	ck_assert_str_eq(put(letters('Z', 99), absent, absent).p,
	        arena_printf(arena, "{\"body\":\"%.99s\"}", letters('Z', 99).p).p);
}
END_TEST

/* A secret across the cut, and a character of three bytes. */
START_TEST(test_nothing_is_cut_in_its_middle)
{
	struct str secret = STR("sesame-open"), euro = STR("\xe2\x82\xac"), doc;
	char text[BODIES_MOST + 100];

	memset(text, 'X', sizeof text);
	(void)memcpy(text + BODIES_MOST - 5, secret.p, secret.len);
	doc = put((struct str){ text, sizeof text }, (struct str){ 0 }, secret);
	ck_assert_ptr_null(memmem(doc.p, doc.len, "sesa", 4));
	ck_assert_uint_eq(count_of(doc, '*'), 5);
	memset(text, 'X', sizeof text);
	(void)memcpy(text + BODIES_MOST - 1, euro.p, euro.len);
	doc = put((struct str){ text, sizeof text }, (struct str){ 0 }, (struct str){ 0 });
	ck_assert_uint_eq(count_of(doc, 'X'), BODIES_MOST - 1);
	ck_assert_ptr_null(memmem(doc.p, doc.len, "\xef\xbf\xbd", 3));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("bodies");
	TCase *tests = tcase_create("bodies");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, test_a_leg_keeps_four_kib_of_both_and_says_what_was_cut);
	tcase_add_test(tests, test_tokens_are_hidden_wherever_they_stand);
	tcase_add_test(tests, test_what_is_absent_whatever_its_length_is_passed_over);
	tcase_add_test(tests, test_nothing_is_cut_in_its_middle);
	suite_add_tcase(suite, tests);
	return suite_run(suite, CK_FORK_GETENV);
}
