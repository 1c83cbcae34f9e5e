/* test_flaws: all that is wrong with a body in one text (fault O2). */
#include "../../../src/hub/message/flaws.h"
#include "../suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const struct ocpi_field fields[] = {
	{ .name = "a", .card = ONE, .kind = KIND_BOOL },
	{ .name = "b", .card = ONE, .kind = KIND_BOOL },
	{ .name = "list", .card = MANY, .kind = KIND_BOOL },
	{ "" },
};
static const struct ocpi_class class = { .name = "Thing", .fields = fields };

static struct str
text_of(struct arena *arena, const char *body, size_t most)
{
	struct ocpi_flaws flaws;
	struct json_doc doc;

	ck_assert_int_eq(json_scan(str_of(body), 1000, arena, &doc, NULL), RH_OK);
	(void)ocpi_check(&doc, 0, &class, 0, &flaws);
	return flaws_text(&doc, &flaws, most, arena);
}

START_TEST(test_fault_O2_every_fault_is_told)
{
	struct arena *arena = arena_new(4096);
	const char *text = text_of(arena, "{\"a\": 1, \"list\": [true, \"x\"]}", 2048).p;

	ck_assert_msg(strstr(text, "/a: found 1, expected ") != NULL, "%s", text);
	ck_assert_msg(strstr(text, "; ") != NULL, "%s", text);
	ck_assert_msg(strstr(text, "/list/1: found \"x\", expected ") != NULL, "%s", text);
	ck_assert_msg(strstr(text, "/b") != NULL, "%s", text);
	ck_assert_msg(strstr(text, "more") == NULL, "%s", text);
	arena_free(arena);
}
END_TEST

/* Of one fault as long as it is, of many whole ones, and how many more there are. */
START_TEST(test_fault_O2_the_text_is_bounded_and_counts_the_rest)
{
	static const size_t most[] = { 0, 200, 2048 };
	struct arena *arena = arena_new(65536);
	struct buf body = { .arena = arena };
	struct str text;

	buf_add(&body, STR("{\"a\": true, \"b\": true, \"list\": [0"));
	for (int i = 1; i < 200; i++)
		buf_printf(&body, ", %d", i);
	buf_add(&body, STR("]}"));
	text = text_of(arena, body.p, most[_i]);
	ck_assert_uint_le(text.len, most[_i] + 600);
	ck_assert_msg(strstr(text.p, "/list/0: ") != NULL, "%s", text.p);
	ck_assert_msg(strstr(text.p, " more") != NULL, "%s", text.p);
	if (most[_i] == 0)
		ck_assert_msg(strstr(text.p, "; and 199 more") != NULL, "%s", text.p);
	arena_free(arena);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("hub flaws");
	TCase *tcase = tcase_create("flaws");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, test_fault_O2_every_fault_is_told);
	tcase_add_loop_test(tcase, test_fault_O2_the_text_is_bounded_and_counts_the_rest, 0, 3);
	return suite_run(suite, CK_NOFORK);
}
