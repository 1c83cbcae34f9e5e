/* test_inlet_parse: heads of requests, whole, in parts and broken. */
#include "../../../src/sim/inlet_parse.h"
#include "../suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const char good[] = "PUT /ocpi/2.2.1/receiver/tariffs/DE/CPO/T%201?a=b HTTP/1.1\r\n"
                           "Host: localhost\r\n"
                           "content-LENGTH: 2\r\n"
                           "X-Empty:\r\n"
                           "X-Spaces: \t a b \r\n"
                           "Expect: 100-continue\r\n"
                           "\r\n"
                           "{}GET ";

START_TEST(test_a_whole_request_is_taken_apart)
{
	struct inlet_head head;
	const char *why;
	struct arena *arena = arena_new(512);
	struct inlet_request request = { .arena = arena };

	ck_assert(inlet_head_read(STR(good), &head, &why));
	ck_assert(str_is(head.method, "PUT"));
	ck_assert_uint_eq(head.body_bytes, 2);
	ck_assert(head.expects_continue);
	inlet_copy(&head, STR(good), &request);
	ck_assert(str_is(request.target, "/ocpi/2.2.1/receiver/tariffs/DE/CPO/T%201?a=b"));
	ck_assert(str_is(request.body, "{}"));
	ck_assert(str_is(inlet_header(&request, "x-spaces"), "a b"));
	ck_assert(inlet_header(&request, "X-Empty").p != NULL);
	ck_assert(inlet_header(&request, "X-None").p == NULL);
	arena_free(arena);
}
END_TEST

START_TEST(test_every_part_of_a_head_is_incomplete)
{
	size_t head_bytes = (size_t)(strstr(good, "{}") - good);
	struct inlet_head head;
	const char *why;

	for (size_t len = 0; len < head_bytes; len++) {
		ck_assert(!inlet_head_read((struct str){ good, len }, &head, &why));
		ck_assert_ptr_null(why);
	}
}
END_TEST

static const struct {
	const char *text, *why;
} broken[] = {
	{ "nonsense\r\n\r\n", "the first line is not a request line" },
	{ "GET http://a/ HTTP/1.1\r\n\r\n", "the first line is not a request line" },
	{ "GET / HTTP/2\r\n\r\n", "the first line is not a request line" },
	{ "GET / HTTP/1.1\r\nno colon\r\n\r\n", "a header line without a name and a colon" },
	{ "GET / HTTP/1.1\r\n: x\r\n\r\n", "a header line without a name and a colon" },
	{ "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "Content-Length is not a number" },
	{ "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
	        "Transfer-Encoding is not supported: send a Content-Length" },
};

START_TEST(test_what_is_no_request_is_refused_with_the_reason)
{
	struct inlet_head head;
	const char *why;

	ck_assert(!inlet_head_read(str_of(broken[_i].text), &head, &why));
	ck_assert_str_eq(why, broken[_i].why);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("inlet_parse");
	TCase *tests = tcase_create("inlet_parse");

	tcase_add_test(tests, test_a_whole_request_is_taken_apart);
	tcase_add_test(tests, test_every_part_of_a_head_is_incomplete);
	tcase_add_loop_test(
	        tests, test_what_is_no_request_is_refused_with_the_reason, 0, COUNT(broken));
	suite_add_tcase(suite, tests);
	return suite_run(suite, CK_NOFORK);
}
