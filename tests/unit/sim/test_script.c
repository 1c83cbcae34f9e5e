/* test_script: lines to words and bodies, and what is no scenario. */
#include "../../../src/sim/steps.h"
#include "../suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* The steps are not played here: the table of verbs is linked, its functions come with it. */

static struct script script;
static struct fault fault;

static enum rh_err
reading(const char *text)
{
	return script_read(str_of(text), "test.scn", verbs, &script, &fault);
}

static const struct word *
arg(size_t step, const char *name)
{
	for (size_t i = 0; i < script.steps[step].arg_count; i++)
		if (str_is(script.steps[step].args[i].name, name))
			return &script.steps[step].args[i].word;
	return NULL;
}

START_TEST(test_words_quotes_and_comments)
{
	ck_assert_int_eq(reading("# a comment\n"
	                         "say \"two \\\"quoted\\\" words\"   # behind\n"
	                         "\tset A '${NOT}'\r\n"
	                         "set B a#b\n"),
	        RH_OK);
	ck_assert_uint_eq(script.count, 3);
	ck_assert(str_is(arg(0, "TEXT")->text, "two \"quoted\" words"));
	ck_assert_int_eq(script.steps[0].line.number, 2);
	ck_assert(str_is(arg(1, "VALUE")->text, "${NOT}"));
	ck_assert_int_eq(arg(1, "VALUE")->quote, '\'');
	ck_assert(str_is(arg(2, "VALUE")->text, "a#b"));
	script_free(&script);
}
END_TEST

START_TEST(test_bodies_of_three_kinds)
{
	ck_assert_int_eq(reading("platform p\n"
	                         "store p tariffs DE/CPO/1 {\"a\": \"}\", \"b\": [1]}\n"
	                         "store p tariffs DE/CPO/2 <<END\n"
	                         "    {\n"
	                         "      \"a\": \"${X}\"\n"
	                         "    }\n"
	                         "    END\n"
	                         "store p tariffs DE/CPO/3 <<'X'\n"
	                         "${Y}\n"
	                         "X\n"
	                         "say done\n"),
	        RH_OK);
	ck_assert_uint_eq(script.count, 5);
	ck_assert(str_is(script.steps[1].line.body, "{\"a\": \"}\", \"b\": [1]}"));
	ck_assert(str_is(script.steps[2].line.body, "{\n  \"a\": \"${X}\"\n}"));
	ck_assert(!script.steps[2].line.body_literal);
	ck_assert(str_is(script.steps[3].line.body, "${Y}"));
	ck_assert(script.steps[3].line.body_literal);
	ck_assert_int_eq(script.steps[4].line.number, 11);
	script_free(&script);
}
END_TEST

START_TEST(test_options_come_in_any_order_and_more_than_once)
{
	ck_assert_int_eq(
	        reading("platform p\n"
	                "send p DE*CPO to NL*MSP PUT tariffs without X-A with \"B: c\" without D "
	                "{}\n"
	                "expect p received PUT tariffs to NL*MSP at /a 1 at /b 2 from DE*CPO\n"),
	        RH_OK);
	ck_assert_ptr_null(arg(1, "PATH"));
	ck_assert(str_is(arg(1, "HEADER")->text, "B: c"));
	ck_assert(str_is(arg(1, "LEFT_OUT")->text, "X-A"));
	ck_assert(str_is(arg(2, "FROM")->text, "DE*CPO"));
	ck_assert(str_is(arg(2, "POINTER")->text, "/a"));
	script_free(&script);
}
END_TEST

/* fault T2: a negative without a fence is true on a machine that is slow enough. */
START_TEST(test_what_is_not_there_is_fenced)
{
	ck_assert_int_eq(reading("platform p\nplatform q\n"
	                         "wait p received GET tariffs\n"
	                         "expect p received no GET locations\n"
	                         "fence p to q\nfence q to p\n"
	                         "expect q received no GET locations\n"
	                         "expect p has no tariffs DE/CPO/T1\n"
	                         "down p\n"
	                         "expect q received GET tariffs\n"
	                         "expect p received no GET locations beside q\n"),
	        RH_OK);
	script_free(&script);
}
END_TEST

START_TEST(test_a_request_is_judged_by_the_status_behind_it)
{
	ck_assert_int_eq(reading("platform p\n"
	                         "request p GET http://a/\n"
	                         "expect at /data 1\n"
	                         "expect 401\n"
	                         "request p GET http://b/\n"
	                         "expect at /data 1\n"
	                         "say next\n"
	                         "expect 200\n"),
	        RH_OK);
	ck_assert(script.steps[1].judged);
	ck_assert(!script.steps[4].judged);
	script_free(&script);
}
END_TEST

static const struct {
	const char *text, *why;
} broken[] = {
	{ "dance\n", "1: 'dance' is no step" },
	{ "\nregister\n", "2: this line does not fit; one form is: register P at URL with TOKEN" },
	{ "say \"open\n", "1: a quote is not closed" },
	{ "platform p\nstore p tariffs a {\"b\": 1\n",
	        "2: the brackets of this JSON do not close on its line" },
	{ "platform p\nstore p tariffs a <<END\n{}\n", "2: the here-document has no end" },
	{ "platform p\nstore p tariffs a @no-such-file\n", "2: the file cannot be read" },
	{ "platform p\nstore p tariffs a {} {}\n", "2: a step has one body at most" },
	{ "say a {}\n", "1: this line does not fit; one form is: say TEXT" },
	{ "{}\n", "1: a body without a step" },
	{ "down cpo\n", "1: expected a platform that was declared, got 'cpo'" },
	{ "platform p\nexpect twohundred\n", "2: expected an HTTP status, got 'twohundred'" },
	{ "platform p\nfault p sulk\n", "2: expected a kind of fault, got 'sulk'" },
	{ "repeat 2 as I\nsay a\n", "1: expected an end of this, got 'repeat'" },
	{ "try 1s\nsay a\n", "1: expected an end of this, got 'try'" },
	{ "platform p\nexpect p received no GET tariffs\n",
	        "2: 'no' needs a fence: something that is received behind the last step that "
	        "acts" },
	{ "platform p\nexpect p received GET tariffs\nup p\nexpect p has no tariffs a\n",
	        "4: 'no' needs a fence: something that is received behind the last step that "
	        "acts" },
	{ "platform p\nplatform q\nfence q to q\nexpect p received no GET tariffs\n",
	        "4: 'no' needs a fence: something that is received behind the last step that "
	        "acts" },
	{ "platform p\nplatform q\nfence p to q r\n",
	        "3: expected a platform that was declared, got 'r'" },
	{ "platform p\nfence p to p\nexpect p received no GET tariffs beside q\n",
	        "3: expected a platform that was declared, got 'q'" },
	{ "say a\nend\n", "2: expected a repeat before, got 'end'" },
};

START_TEST(test_what_is_no_scenario_is_refused_with_its_line)
{
	ck_assert_int_eq(reading(broken[_i].text), RH_BAD_CONFIG);
	ck_assert_str_eq(fault.why, broken[_i].why);
	script_free(&script);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("script");
	TCase *tests = tcase_create("script");

	tcase_add_test(tests, test_words_quotes_and_comments);
	tcase_add_test(tests, test_bodies_of_three_kinds);
	tcase_add_test(tests, test_options_come_in_any_order_and_more_than_once);
	tcase_add_test(tests, test_what_is_not_there_is_fenced);
	tcase_add_test(tests, test_a_request_is_judged_by_the_status_behind_it);
	tcase_add_loop_test(
	        tests, test_what_is_no_scenario_is_refused_with_its_line, 0, COUNT(broken));
	suite_add_tcase(suite, tests);
	return suite_run(suite, CK_NOFORK);
}
