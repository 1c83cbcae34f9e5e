/* test_complaints: the last refusals of either side, and which answers are none. */
#include "../../../src/hub/parties/complaints.h"
#include "../suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
note(struct live *live, const char *words)
{
	struct complaint complaint = { .http = 200, .ocpi = 2001, .method = "PUT" };

	complaints_text(complaint.words, sizeof complaint.words, str_of(words));
	complaints_note(live, COMPLAINT_OURS, &complaint);
}

/* "WORDS COUNT ...", the newest first. */
static const char *
kept(const struct live *live, char text[512])
{
	struct complaint rows[COMPLAINTS];
	size_t count = live_complaints(live, COMPLAINT_OURS, rows);
	int len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < count; i++)
		len += snprintf(text + len, 512 - (size_t)len, "%s%s %llu", i > 0 ? " " : "",
		        rows[i].words, (unsigned long long)rows[i].count);
	return text;
}

START_TEST(test_the_newest_ten_are_kept_and_the_same_is_counted)
{
	struct live *live = rh_alloc(sizeof *live);
	char text[512], name[8];

	ck_assert_str_eq(kept(live, text), "");
	note(live, "a");
	note(live, "b");
	note(live, "a");
	ck_assert_str_eq(kept(live, text), "a 2 b 1");
	for (int i = 0; i < 9; i++) {
		(void)snprintf(name, sizeof name, "n%d", i);
		note(live, name);
	}
	ck_assert_str_eq(kept(live, text), "n8 1 n7 1 n6 1 n5 1 n4 1 n3 1 n2 1 n1 1 n0 1 a 2");
	note(live, "n0");
	ck_assert_str_eq(kept(live, text), "n0 2 n8 1 n7 1 n6 1 n5 1 n4 1 n3 1 n2 1 n1 1 a 2");
	note(live, "c");
	ck_assert_str_eq(kept(live, text), "c 1 n0 2 n8 1 n7 1 n6 1 n5 1 n4 1 n3 1 n2 1 n1 1");
	complaints_free(live);
	free(live);
}
END_TEST

START_TEST(test_what_names_a_token_is_forgotten)
{
	const struct str names[2] = { STR("U/1"), STR("U%2F1") };
	struct complaint by_path = { .http = 404, .method = "GET", .path = "/tokens/NL/MSP/u%2f1" };
	struct live *live = rh_alloc(sizeof *live);
	char text[512];

	ck_assert_uint_eq(complaints_forget(live, names, false), 0);
	note(live, "a");
	note(live, "no such token: U/1");
	note(live, "no such token: U/12");
	complaints_note(live, COMPLAINT_ITS, &by_path);
	ck_assert_uint_eq(complaints_forget(live, names, true), 2);
	ck_assert_str_eq(kept(live, text), "no such token: U/12 1 no such token: U/1 1 a 1");
	ck_assert_uint_eq(complaints_forget(live, names, false), 2);
	ck_assert_uint_eq(complaints_forget(live, names, false), 0);
	ck_assert_str_eq(kept(live, text), "no such token: U/12 1 a 1");
	ck_assert_uint_eq(complaints_forget(live, NULL, false), 2);
	ck_assert_str_eq(kept(live, text), "");
	complaints_free(live);
	free(live);
}
END_TEST

START_TEST(test_words_end_with_a_whole_character)
{
	char text[6];

	complaints_text(text, sizeof text, STR("abcd\xc3\xa4"));
	ck_assert_str_eq(text, "abcd");
	complaints_text(text, sizeof text, STR("abc\xc3\xa4"));
	ck_assert_str_eq(text, "abc\xc3\xa4");
	complaints_text(text, sizeof text, (struct str){ 0 });
	ck_assert_str_eq(text, "");
}
END_TEST

static const struct {
	enum partner_result result;
	int status, code;
	const char *method, *words; /* NULL: it is no refusal */
} answers[] = {
	{ PARTNER_ANSWERED, 200, 1000, "PUT", NULL },
	{ PARTNER_ANSWERED, 200, 2001, "PUT", "said" },
	{ PARTNER_ANSWERED, 200, 3000, "GET", "said" },
	{ PARTNER_ANSWERED, 404, 1000, "PUT", "said" },
	{ PARTNER_ANSWERED, 404, 2003, "PUT", "said" },
	{ PARTNER_ANSWERED, 404, 2003, "GET", NULL },
	{ PARTNER_ANSWERED, 404, 2000, "GET", NULL },
	{ PARTNER_ANSWERED, 404, 2004, "POST", NULL },
	{ PARTNER_UNUSABLE, 404, 0, "GET", "page" },
	{ PARTNER_UNUSABLE, 200, 0, "GET", "why" },
	{ PARTNER_UNREACHABLE, 0, 0, "GET", NULL },
};

START_TEST(test_what_is_not_there_is_no_refusal)
{
	struct live *live = rh_alloc(sizeof *live);
	struct partner_call call = { .live = live, .result = answers[_i].result, .why = "why" };
	struct complaint rows[COMPLAINTS];
	size_t count;

	call.net.arena = arena_new(512);
	call.net.result = answers[_i].status != 0 ? NET_DONE : NET_LATE;
	call.net.status = answers[_i].status;
	call.net.method = str_of(answers[_i].method);
	call.net.target = STR("/path?query");
	call.net.answer = STR("page");
	call.envelope.code = answers[_i].code;
	call.envelope.message = STR("said");
	complaints_of_call(&call);
	count = live_complaints(live, COMPLAINT_ITS, rows);
	ck_assert_uint_eq(count, answers[_i].words != NULL);
	if (count > 0) {
		ck_assert_str_eq(rows[0].words, answers[_i].words);
		ck_assert_str_eq(rows[0].path, "/path");
	}
	arena_free(call.net.arena);
	complaints_free(live);
	free(live);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("complaints");
	TCase *tests = tcase_create("complaints");

	tcase_add_test(tests, test_the_newest_ten_are_kept_and_the_same_is_counted);
	tcase_add_test(tests, test_what_names_a_token_is_forgotten);
	tcase_add_test(tests, test_words_end_with_a_whole_character);
	tcase_add_loop_test(tests, test_what_is_not_there_is_no_refusal, 0, COUNT(answers));
	suite_add_tcase(suite, tests);
	return suite_run(suite, CK_FORK_GETENV);
}
