/* test_path: request targets, queries and URLs put together. */
#include "helper.h"

START_TEST(test_TRN_047_paths_are_split_first_and_decoded_after)
{
	static const struct {
		const char *target;
		size_t count;
		const char *raw[4], *decoded[4], *query;
	} cases[] = {
		{ "/", 0, { NULL }, { NULL }, NULL },
		{ "/?a=b", 0, { NULL }, { NULL }, "a=b" },
		{ "/a", 1, { "a" }, { "a" }, NULL },
		{ "/a/", 1, { "a" }, { "a" }, NULL },
		{ "/a?", 1, { "a" }, { "a" }, "" },
		{ "/a/b/c?x=/y/&z=?", 3, { "a", "b", "c" }, { "a", "b", "c" }, "x=/y/&z=?" },
		{ "/a/?x", 1, { "a" }, { "a" }, "x" },
		{ "/a%2Fb/c", 2, { "a%2Fb", "c" }, { "a/b", "c" }, NULL },
		{ "/a%2fb%3Fc", 1, { "a%2fb%3Fc" }, { "a/b?c" }, NULL },
		{ "/DE*ABC:1+2%20%2B", 1, { "DE*ABC:1+2%20%2B" }, { "DE*ABC:1+2 +" },
		        NULL }, /* TRP-68 */
		{ "/%C3%A9/\xc3\xa9", 2, { "%C3%A9", "\xc3\xa9" }, { "\xc3\xa9", "\xc3\xa9" },
		        NULL },
		{ "/.../..a/a..", 3, { "...", "..a", "a.." }, { "...", "..a", "a.." }, NULL },
		{ "/%2525", 1, { "%2525" }, { "%25" }, NULL },
		/* fault O23 */
		{ "//", 0, { 0 }, { 0 }, NULL },
		{ "//a", 1, { "a" }, { "a" }, NULL },
		{ "/a///b//?c//d", 2, { "a", "b" }, { "a", "b" }, "c//d" },
		{ "/a/%2F//b", 3, { "a", "%2F", "b" }, { "a", "/", "b" }, NULL },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct arena *arena = arena_new(4096);
		struct str copy = exact(str_of(cases[i].target));
		struct ocpi_path path;

		ck_assert_msg(
		        ocpi_path_split(copy, arena, &path, NULL) == RH_OK, "%s", cases[i].target);
		ck_assert_msg(path.count == cases[i].count, "%s: %zu", cases[i].target, path.count);
		for (size_t k = 0; k < path.count; k++) {
			expect_str(path.raw[k], cases[i].raw[k], cases[i].target);
			expect_str(path.decoded[k], cases[i].decoded[k], cases[i].target);
		}
		expect_str(path.query, cases[i].query, cases[i].target);
		drop(copy);
		arena_free(arena);
	}
}
END_TEST

START_TEST(test_tails_are_the_raw_rest_of_the_path)
{
	static const char *const tails[] = { "ocpi/a%2Fb/c", "a%2Fb/c", "c", "" };
	struct arena *arena = arena_new(4096);
	struct ocpi_path path;

	ck_assert_int_eq(ocpi_path_split(STR("/ocpi/a%2Fb/c/?x=1"), arena, &path, NULL), RH_OK);
	ck_assert_uint_eq(path.count, 3);
	for (size_t i = 0; i < COUNT(tails); i++)
		expect_str(path.tail[i], tails[i], tails[i]);
	ck_assert_int_eq(ocpi_path_split(STR("//ocpi//a%2Fb///c//"), arena, &path, NULL), RH_OK);
	for (size_t i = 0; i < COUNT(tails); i++)
		expect_str(path.tail[i], tails[i], tails[i]);
	ck_assert_int_eq(ocpi_path_split(STR("/"), arena, &path, NULL), RH_OK);
	expect_str(path.tail[0], "", "no segments");
	arena_free(arena);
}
END_TEST

START_TEST(test_targets_that_are_refused)
{
	static const struct {
		const char *target;
		enum rh_err err;
	} cases[] = {
		{ "", RH_NOT_FOUND },
		{ "a", RH_NOT_FOUND },
		{ "*", RH_NOT_FOUND },
		{ "/.", RH_NOT_FOUND },
		{ "/..", RH_NOT_FOUND },
		{ "/a/../b", RH_NOT_FOUND },
		{ "/a/%2e%2E/b", RH_NOT_FOUND },
		{ "/a/.%2e", RH_NOT_FOUND },
		{ "/1/2/3/4/5/6/7/8/9/10/11/12/13", RH_NOT_FOUND },
		{ "/%", RH_BAD_FIELD },
		{ "/%4", RH_BAD_FIELD },
		{ "/%4/a", RH_BAD_FIELD },
		{ "/%g0", RH_BAD_FIELD },
		{ "/%0g", RH_BAD_FIELD },
		{ "/%00", RH_BAD_FIELD },
		{ "/a%0Ab", RH_BAD_FIELD },
		{ "/a%7F", RH_BAD_FIELD },
		{ "/%ff", RH_BAD_FIELD },
		{ "/%C3", RH_BAD_FIELD },
		{ "/%C3/%A9", RH_BAD_FIELD },
		{ "/%ED%A0%80", RH_BAD_FIELD },
		{ "/\xff", RH_BAD_FIELD },
		{ "/a b", RH_BAD_FIELD },
		{ "/a#b", RH_BAD_FIELD },
		{ "/a?b#c", RH_BAD_FIELD },
		{ "/a?b\r\nc", RH_BAD_FIELD },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct arena *arena = arena_new(4096);
		struct str copy = exact(str_of(cases[i].target));
		struct ocpi_path path;
		struct fault fault = { 0 };

		ck_assert_msg(ocpi_path_split(copy, arena, &path, &fault) == cases[i].err, "%s",
		        cases[i].target);
		ck_assert_int_eq(fault.err, cases[i].err);
		drop(copy);
		arena_free(arena);
	}
}
END_TEST

START_TEST(test_twelve_segments_are_taken)
{
	struct arena *arena = arena_new(4096);
	struct ocpi_path path;

	ck_assert_int_eq(
	        ocpi_path_split(STR("/1/2/3/4/5/6/7/8/9/10/11/12/"), arena, &path, NULL), RH_OK);
	ck_assert_uint_eq(path.count, OCPI_MAX_SEGMENTS);
	expect_str(path.raw[11], "12", "the last");
	expect_str(path.tail[12], "", "behind the last");
	arena_free(arena);
}
END_TEST

/* ---- queries ---- */

struct query_case {
	const char *query, *raw, *decoded; /* raw NULL: absent */
};

static void
check_query(const struct query_case *c, bool last)
{
	struct arena *arena = arena_new(4096);
	struct str query = exact(str_of(c->query));
	struct ocpi_query_value value;
	bool found = last ? ocpi_query_find_last(query, "response_url", arena, &value)
	                  : ocpi_query_find(query, "response_url", arena, &value);

	ck_assert_msg(found == (c->raw != NULL), "%s", c->query);
	expect_str(value.raw, c->raw, c->query);
	expect_str(value.decoded, c->decoded, c->query);
	if (found) /* to be spliced it must point into the query */
		ck_assert(value.raw.p >= query.p &&
		          value.raw.p + value.raw.len <= query.p + query.len);
	drop(query);
	arena_free(arena);
}

START_TEST(test_query_parameters_are_found)
{
	static const struct query_case cases[] = {
		{ NULL, NULL, NULL },
		{ "", NULL, NULL },
		{ "response_ur=1&esponse_url=2&Response_url=3", NULL, NULL },
		{ "a=response_url=5", NULL, NULL },
		{ "response_url", "", "" },
		{ "response_url=", "", "" },
		{ "response_url=&a", "", "" },
		{ "a&response_url&b", "", "" },
		{ "response_url=1", "1", "1" },
		{ "&&response_url=1&&", "1", "1" },
		{ "a=b&response_url=1&response_url=2", "1", "1" },
		{ "response%5furl=1", "1", "1" },
		{ "response_url=a%20b+c%2Bd%26e", "a%20b+c%2Bd%26e", "a b c+d&e" },
		{ "response_url=a=b", "a=b", "a=b" },
		{ "response_url=https%3A%2F%2Fx%2Fy%3Fa%3D1&d=2", "https%3A%2F%2Fx%2Fy%3Fa%3D1",
		        "https://x/y?a=1" },
		{ "response_url=https://x/y?a=1&d=2", "https://x/y?a=1", "https://x/y?a=1" },
		{ "response_url=%zz", "%zz", NULL },
		{ "response_url=%0a", "%0a", NULL },
		{ "response_url=%00", "%00", NULL },
		{ "response_url=%ff", "%ff", NULL },
		{ "%zz=1&response_url=2", "2", "2" },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		check_query(&cases[i], false);
}
END_TEST

START_TEST(test_CHP_003_a_nested_URL_that_is_not_encoded_runs_to_the_end)
{
	static const struct query_case cases[] = {
		{ NULL, NULL, NULL },
		{ "duration=900", NULL, NULL },
		{ "response_url", "", "" },
		{ "duration=900&response_url=https://client.com/12345/",
		        "https://client.com/12345/", "https://client.com/12345/" },
		{ "response_url=https://x/1&duration=900", "https://x/1", "https://x/1" },
		{ "response_url=https%3A%2F%2Fx%2F%3Fa%3D1%26b%3D2&duration=900",
		        "https%3A%2F%2Fx%2F%3Fa%3D1%26b%3D2", "https://x/?a=1&b=2" },
		{ "duration=900&response_url=https://x/?request_id=5678&b=2%20&c=+",
		        "https://x/?request_id=5678&b=2%20&c=+",
		        "https://x/?request_id=5678&b=2%20&c=+" },
		{ "response_url=https://x/?a&b", "https://x/?a&b", "https://x/?a&b" },
		{ "response_url=https://x/?a%3D1%26b%3D2", "https://x/?a%3D1%26b%3D2",
		        "https://x/?a=1&b=2" },
		{ "response_url=why?&a=https://x", "why?", "why?" },
		{ "response_url=https://x/y%3Fa=1&d=2", "https://x/y%3Fa=1", "https://x/y?a=1" },
		{ "response_url=https://x/?a=\xff", "https://x/?a=\xff", NULL },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		check_query(&cases[i], true);
}
END_TEST

/* ---- percent encoding ---- */

START_TEST(test_percent_encoding_there_and_back)
{
	struct arena *arena = arena_new(4096);
	char all[256];
	struct str encoded, back;

	for (size_t c = 0; c < sizeof(all); c++)
		all[c] = (char)c;
	encoded = ocpi_percent_encode((struct str){ all, sizeof(all) }, arena);
	ck_assert_uint_eq(encoded.len, 66 + 190 * 3);
	ck_assert(ocpi_percent_decode(encoded, false, arena, &back));
	ck_assert(str_eq(back, (struct str){ all, sizeof(all) }));
	ck_assert(ocpi_percent_decode(encoded, true, arena, &back));
	ck_assert(str_eq(back, (struct str){ all, sizeof(all) }));
	expect_str(ocpi_percent_encode(STR("https://x/a b?c=~-._"), arena),
	        "https%3A%2F%2Fx%2Fa%20b%3Fc%3D~-._", "URL");
	expect_str(ocpi_percent_encode(STR(""), arena), "", "empty");
	ck_assert(ocpi_percent_decode(STR("a+b%2b"), true, arena, &back));
	expect_str(back, "a b+", "plus is space");
	ck_assert(ocpi_percent_decode(STR("a+b%2b"), false, arena, &back));
	expect_str(back, "a+b+", "plus is plus");
	arena_free(arena);
}
END_TEST

START_TEST(test_TRP_015_joining_makes_exactly_one_slash)
{
	static const struct {
		const char *base, *tail, *query, *joined;
	} cases[] = {
		{ "https://x/ocpi", "a/b", NULL, "https://x/ocpi/a/b" },
		{ "https://x/ocpi/", "a/b", NULL, "https://x/ocpi/a/b" },
		{ "https://x/ocpi", "/a/b", NULL, "https://x/ocpi/a/b" },
		{ "https://x/ocpi//", "//a/b/", NULL, "https://x/ocpi/a/b/" },
		{ "https://x/ocpi", "a", "", "https://x/ocpi/a?" },
		{ "", "a%2Fb", "c=%20", "/a%2Fb?c=%20" },
		{ "", "", NULL, "" },
		/* fault O15: nothing follows, so the end is as it was listed */
		{ "https://x/cdrs/", "", NULL, "https://x/cdrs/" },
		{ "https://x/cdrs/", NULL, NULL, "https://x/cdrs/" },
		{ "https://x/cdrs", NULL, NULL, "https://x/cdrs" },
		{ "https://x/cdrs", "/", NULL, "https://x/cdrs" },
		{ "https://x/cdrs/", "/", "a=b", "https://x/cdrs/?a=b" },
		{ "https://x/cdrs", "", "a=b", "https://x/cdrs?a=b" },
		{ "/", "", NULL, "/" },
		{ "/", "a", NULL, "/a" },
		/* faults O15 and L5: the endpoint's own query stays behind the path */
		{ "https://x/cdrs?key=1", "", NULL, "https://x/cdrs?key=1" },
		{ "https://x/cdrs/?key=1", "", NULL, "https://x/cdrs/?key=1" },
		{ "https://x/cdrs/?key=1", "a/b", NULL, "https://x/cdrs/a/b?key=1" },
		{ "https://x/cdrs?key=1", "", "limit=50", "https://x/cdrs?key=1&limit=50" },
		{ "https://x/cdrs/?k=/", "a", "b=/&c=?", "https://x/cdrs/a?k=/&b=/&c=?" },
		{ "https://x/cdrs?key=1&", "", "b=2", "https://x/cdrs?key=1&b=2" },
		{ "https://x/cdrs?", "", "b=2", "https://x/cdrs?b=2" },
		{ "https://x/cdrs?", "", NULL, "https://x/cdrs?" },
		{ "https://x/cdrs?key=1", "a", "", "https://x/cdrs/a?key=1" },
		{ "https://x/cdrs?a=?", "", "b", "https://x/cdrs?a=?&b" },
		{ "/tokens/", "NL/MSP/T1?type=RFID", NULL, "/tokens/NL/MSP/T1?type=RFID" },
		{ "/tokens?k=1", "NL/MSP/T1?type=RFID", NULL, "/tokens/NL/MSP/T1?k=1&type=RFID" },
		{ "/tokens/?k=1", "T1?type=RFID", "b=2", "/tokens/T1?k=1&type=RFID&b=2" },
		{ "/tokens/", "?type=RFID", NULL, "/tokens/?type=RFID" },
	};
	struct arena *arena = arena_new(4096);

	for (size_t i = 0; i < COUNT(cases); i++)
		expect_str(ocpi_join(str_of(cases[i].base), str_of(cases[i].tail),
		                   str_of(cases[i].query), arena),
		        cases[i].joined, cases[i].joined);
	arena_free(arena);
}
END_TEST

RUN("ocpi path", test_TRN_047_paths_are_split_first_and_decoded_after,
        test_tails_are_the_raw_rest_of_the_path, test_targets_that_are_refused,
        test_twelve_segments_are_taken, test_query_parameters_are_found,
        test_CHP_003_a_nested_URL_that_is_not_encoded_runs_to_the_end,
        test_percent_encoding_there_and_back, test_TRP_015_joining_makes_exactly_one_slash)
