/* test_page: Link headers and the parameters of list requests. */
#include "helper.h"

START_TEST(test_TRP_051_the_next_page_is_found_in_any_Link_header)
{
	static const struct {
		const char *header, *target;
	} cases[] = {
		{ NULL, NULL },
		{ "", NULL },
		{ "   ", NULL },
		{ ",", NULL },
		{ ";", NULL },
		{ "<>; rel=\"next\"", NULL },
		{ "<  >; rel=\"next\"", NULL },
		{ "<https://x/?offset=50>; rel=\"next\"", "https://x/?offset=50" },
		{ "<https://x/>;rel=next", "https://x/" },
		{ " < https://x/ > ; rel = next ", "https://x/" },
		{ "</locations?offset=50>; rel=\"next\"", "/locations?offset=50" },
		{ "<?offset=50>; REL=\"NEXT\"", "?offset=50" },
		{ "<x>; rel=\"prev next last\"", "x" },
		{ "<x>; rel=\"  next\"", "x" },
		{ "<x>; rel=\"nexts\"", NULL },
		{ "<x>; rel=\"prev\"", NULL },
		{ "<x>", NULL },
		{ "<x>; next", NULL },
		{ "<x>; rel", NULL },
		{ "<x>; rel=", NULL },
		{ "<x>; title=next", NULL },
		{ "<x>; title=\"rel=next\"", NULL },
		{ "<x>; title=\"a;b,c\"; rel=next", "x" },
		{ "<x>; title=\"a\\\"; rel=prev; \\\"b\"; rel=next", "x" },
		{ "<x>; rel=\"n\\ext\"", "x" },
		{ "<x>; rel=prev; rel=next", NULL },
		{ "<x>; rel=next; rel=prev", "x" },
		{ "<x>; title*=UTF-8''a%20b; rel=next", "x" },
		{ "<x>;;; rel=next;", "x" },
		{ "<x>; rel=next junk; a", "x" },
		{ "<x> junk; rel=next", "x" },
		{ "<x>; anchor=\"#a\"; rel=next", NULL },
		{ "<a>; rel=prev, <b>; rel=next, <c>; rel=last", "b" },
		{ "<a>; rel=first,<b,;>;rel=\"next\"", "b,;" },
		{ "<a>; rel=next, <b>; rel=next", "a" },
		{ "<>; rel=next, <b>; rel=next", "b" },
		{ ", ,<b>; rel=next", "b" },
		{ "junk; rel=next, <b>; rel=next", "b" },
		{ "https://x/; rel=next", NULL },
		{ "<x", NULL },
		{ "<x; rel=next", NULL },
		{ "<", NULL },
		{ "<x>; rel=\"next", "x" },
		{ "<x>; rel=\"nex\\", NULL },
		{ "<x>; =next", NULL },
		{ "<x>; =", NULL },
		{ "<x>; \"next\"", NULL },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct arena *arena = arena_new(4096);
		struct str copy = exact(str_of(cases[i].header));

		expect_str(ocpi_link_next(copy, arena), cases[i].target,
		        cases[i].header == NULL ? "absent" : cases[i].header);
		drop(copy);
		arena_free(arena);
	}
}
END_TEST

START_TEST(test_TRN_026_page_parameters_are_read)
{
	static const struct {
		const char *query;
		struct ocpi_page_query page;
	} cases[] = {
		{ NULL, { 0 } },
		{ "", { 0 } },
		{ "other=1&limits=5", { 0 } },
		{ "offset=0&limit=1", { .has_limit = true, .limit = 1 } },
		{ "limit=0050&offset=007", { .has_limit = true, .limit = 50, .offset = 7 } },
		{ "date_from=1970-01-01T00:00:01Z", { .has_from = true, .from_ns = 1000000000 } },
		{ "date_to=1970-01-01T00:00:01.5", { .has_to = true, .to_ns = 1500000000 } },
		{ "date_from=1970-01-01T00%3A00%3A01Z&date_to=1970-01-01T01:00:02+01:00",
		        { .has_from = true,
		                .from_ns = 1000000000,
		                .has_to = true,
		                .to_ns = 2000000000 } }, /* TRP-59 */
		{ "date_from=1970-01-01T01:00:02%2B01:00",
		        { .has_from = true, .from_ns = 2000000000 } },
		{ "limit=9223372036854775807", { .has_limit = true, .limit = INT64_MAX } },
		{ "limit=9223372036854775808",
		        { .has_limit = true, .limit = INT64_MAX } }, /* TRP-63 */
		{ "offset=99999999999999999999999999999", { .offset = INT64_MAX } },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct arena *arena = arena_new(4096);
		const struct ocpi_page_query *expected = &cases[i].page;
		struct ocpi_page_query page;

		ck_assert_msg(
		        ocpi_page_query_read(str_of(cases[i].query), arena, &page, NULL) == RH_OK,
		        "%s", cases[i].query);
		ck_assert_int_eq(page.has_from, expected->has_from);
		ck_assert_int_eq(page.has_to, expected->has_to);
		ck_assert_int_eq(page.has_limit, expected->has_limit);
		ck_assert_int_eq(page.from_ns, expected->from_ns);
		ck_assert_int_eq(page.to_ns, expected->to_ns);
		ck_assert_uint_eq(page.offset, expected->offset);
		ck_assert_uint_eq(page.limit, expected->limit);
		arena_free(arena);
	}
}
END_TEST

START_TEST(test_TRN_035_malformed_page_parameters_are_refused)
{
	static const struct {
		const char *query, *field;
	} cases[] = {
		{ "limit=0", "limit" }, /* TRP-63 */
		{ "limit=000", "limit" },
		{ "limit=", "limit" },
		{ "limit", "limit" },
		{ "limit=-1", "limit" },
		{ "limit=+1", "limit" },
		{ "limit=1.5", "limit" },
		{ "limit=1e3", "limit" },
		{ "limit=ten", "limit" },
		{ "limit=1%20", "limit" },
		{ "limit=%zz", "limit" },
		{ "limit=0&limit=5", "limit" },
		{ "offset=", "offset" },
		{ "offset=-1", "offset" },
		{ "offset=a", "offset" },
		{ "limit=5&offset=0x10", "offset" },
		{ "date_from=", "date_from" },
		{ "date_from=yesterday", "date_from" },
		{ "date_from=2018-02-30T00:00:00Z", "date_from" },
		{ "date_from=2018-01-01", "date_from" },
		{ "date_to=2018-01-01T24:00:00Z", "date_to" },
		{ "date_from=2018-01-01T00:00:00Z&date_to=1", "date_to" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct arena *arena = arena_new(4096);
		struct ocpi_page_query page;
		struct fault fault = { 0 };

		ck_assert_msg(ocpi_page_query_read(str_of(cases[i].query), arena, &page, &fault) ==
		                      RH_BAD_FIELD,
		        "%s", cases[i].query);
		ck_assert_int_eq(fault.err, RH_BAD_FIELD);
		ck_assert_str_eq(fault.field, cases[i].field);
		arena_free(arena);
	}
}
END_TEST

RUN("ocpi page", test_TRP_051_the_next_page_is_found_in_any_Link_header,
        test_TRN_026_page_parameters_are_read, test_TRN_035_malformed_page_parameters_are_refused)
