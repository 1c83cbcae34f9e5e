/* test_tally: what several processes count of a platform, as one. */
#include "../../../src/admin/tally.h"
#include "../suite.h"

#include <check.h>

#define NUMBERS(n)                                                                                \
	"\"requests\":" n ",\"calls\":" n ",\"redirects\":0,\"refused\":" n ",\"fault_count\":" n \
	",\"flights\":0"
#define TALLY(since, n, faults, its, ours)                                                     \
	"{\"since\":\"" since "\"," NUMBERS(n) ",\"faults\":[" faults "],\"it_refused\":[" its \
	                                       "],\"hub_refused\":[" ours "]}"
#define COUNTED(field, count, refused, first, last, samples)                   \
	"{\"field\":\"" field                                                  \
	"\",\"class\":\"C\",\"rule\":null,\"expected\":\"e\",\"count\":" count \
	",\"refused\":" refused ",\"first\":\"" first "\",\"last\":\"" last    \
	"\",\"samples\":[" samples "]}"
#define SAID(at, first, count, path, words)                                                       \
	"{\"at\":\"" at "\",\"first\":\"" first "\",\"count\":" count                             \
	",\"method\":\"PUT\",\"path\":\"" path "\",\"http\":200,\"ocpi\":2001,\"words\":\"" words \
	"\"}"
#define FOUND(x) "{\"found\":\"" x "\",\"where\":\"/w\"}"

static const struct {
	const char *one, *other, *sum;
} rows[] = {
	{ TALLY("3", "1", "", "", ""), TALLY("2", "2", "", "", ""), TALLY("2", "3", "", "", "") },
	{ TALLY("2", "0", "", "", ""), TALLY("3", "0", "", "", ""), TALLY("2", "0", "", "", "") },
	/* the same field is counted together, and the most faulty comes first */
	{ TALLY("1", "0", COUNTED("a", "2", "1", "4", "6", FOUND("x")), "", ""),
	        TALLY("1", "0",
	                COUNTED("b", "9", "0", "1", "1", "") "," COUNTED(
	                        "a", "3", "3", "3", "5", FOUND("x") "," FOUND("y")),
	                "", ""),
	        TALLY("1", "0",
	                COUNTED("b", "9", "0", "1", "1", "") "," COUNTED(
	                        "a", "5", "4", "3", "6", FOUND("x") "," FOUND("y")),
	                "", "") },
	/* no more samples than of one */
	{ TALLY("1", "0", COUNTED("a", "1", "0", "1", "1", FOUND("x") "," FOUND("y")), "", ""),
	        TALLY("1", "0", COUNTED("a", "1", "0", "1", "1", FOUND("v") "," FOUND("w")), "",
	                ""),
	        TALLY("1", "0",
	                COUNTED("a", "2", "0", "1", "1", FOUND("x") "," FOUND("y") "," FOUND("v")),
	                "", "") },
	/* the same refusal is counted together, with the path of the last one; the newest first */
	{ TALLY("1", "0", "", SAID("5", "2", "2", "/five", "w"), SAID("3", "3", "1", "/", "o")),
	        TALLY("1", "0", "",
	                SAID("7", "7", "1", "/other", "v") "," SAID("6", "1", "3", "/six", "w"),
	                SAID("2", "1", "1", "/older", "o")),
	        TALLY("1", "0", "",
	                SAID("7", "7", "1", "/other", "v") "," SAID("6", "1", "5", "/six", "w"),
	                SAID("3", "1", "2", "/", "o")) },
};

START_TEST(test_two_are_one)
{
	json_t *sum = tree_read(str_of(rows[_i].one), NULL),
	       *other = tree_read(str_of(rows[_i].other), NULL),
	       *wanted = tree_read(str_of(rows[_i].sum), NULL);
	struct buf text = { 0 };

	ck_assert(sum != NULL && other != NULL && wanted != NULL);
	ck_assert(tally_add(sum, other));
	tree_print(sum, &text);
	ck_assert_msg(json_equal(sum, wanted), "%.*s", STR_ARG(buf_str(&text)));
	buf_free(&text);
	tree_drop(&sum);
	tree_drop(&other);
	tree_drop(&wanted);
}
END_TEST

START_TEST(test_what_is_no_tally_adds_nothing)
{
	static const char *const others[] = { "{}", "[]",
		"{\"requests\":9,\"faults\":[],\"it_refused\":{},\"hub_refused\":[]}" };
	json_t *sum = tree_read(STR(TALLY("1", "1", "", "", "")), NULL),
	       *before = json_deep_copy(sum);

	ck_assert(!tally_add(sum, NULL));
	for (size_t i = 0; i < COUNT(others); i++) {
		json_t *other = tree_read(str_of(others[i]), NULL);

		ck_assert(!tally_add(sum, other));
		ck_assert(json_equal(sum, before));
		tree_drop(&other);
	}
	tree_drop(&sum);
	tree_drop(&before);
}
END_TEST

START_TEST(test_no_more_refusals_are_shown_than_of_one)
{
	json_t *sum = tree_read(STR(TALLY("1", "0", "", "", "")), NULL);
	char text[512], row[256];

	for (int i = 0; i < 2 * COMPLAINTS; i++) {
		json_t *more;

		(void)snprintf(row, sizeof row, SAID("%02d", "1", "1", "/", "w%d"), i, i);
		(void)snprintf(text, sizeof text, TALLY("1", "0", "", "%s", ""), row);
		more = tree_read(str_of(text), NULL);
		ck_assert_ptr_nonnull(more);
		ck_assert(tally_add(sum, more));
		tree_drop(&more);
	}
	ck_assert_uint_eq(json_array_size(json_object_get(sum, "it_refused")), COMPLAINTS);
	ck_assert(str_is(
	        tree_get_str(json_array_get(json_object_get(sum, "it_refused"), 0), "at"), "19"));
	tree_drop(&sum);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("tally");
	TCase *tests = tcase_create("sum");

	tree_init();
	tcase_add_loop_test(tests, test_two_are_one, 0, COUNT(rows));
	tcase_add_test(tests, test_what_is_no_tally_adds_nothing);
	tcase_add_test(tests, test_no_more_refusals_are_shown_than_of_one);
	suite_add_tcase(suite, tests);
	return suite_run(suite, CK_NOFORK);
}
