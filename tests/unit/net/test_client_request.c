/* Tests of net/request.c: what is sent, byte by byte, and what never is. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "../suite.h"
#include "client.h"
#include "peer.h"

static struct rig rig;
static struct peer peer;

static void
set_up(void)
{
	rig_init(&rig);
	rig_open(&rig);
}

static void
tear_down(void)
{
	rig_close(&rig);
}

static void
play_mirror(struct peer_conn *conn)
{
	char line[128];

	while (peer_request(conn)) {
		snprintf(line, sizeof(line), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n",
		        strlen(conn->request));
		if (!peer_say(conn, line) || !peer_say(conn, conn->request))
			return;
	}
}

START_TEST(test_the_request_is_what_the_call_says_and_no_more)
{
	static const struct net_header headers[] = {
		{ { "Authorization", 13 }, { "Token abc", 9 } }, { { "X-Empty", 7 }, { "", 0 } }
	};
	struct probe probe;
	char want[256];

	peer_open(&peer, play_mirror, NULL);
	probe_init(&probe, &rig, "PATCH", &peer, "/a/b?c=d&e=%20");
	probe.call.headers = headers;
	probe.call.header_count = COUNT(headers);
	probe_start(&probe);
	probe_wait(&probe);
	snprintf(want, sizeof(want),
	        "PATCH /a/b?c=d&e=%%20 HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nAuthorization: Token "
	        "abc\r\nX-Empty: \r\n"
	        "Content-Length: 7\r\n\r\n",
	        (unsigned)peer.port);
	probe_expect(&probe, NET_DONE, 200, want);
	probe_end(&probe);
	probe_init(&probe, &rig, "GET", &peer, "/");
	probe_start(&probe);
	probe_wait(&probe);
	snprintf(want, sizeof(want), "GET / HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n\r\n",
	        (unsigned)peer.port);
	probe_expect(&probe, NET_DONE, 200, want);
	probe_end(&probe);
	probe_init(&probe, &rig, "POST", &peer, "/");
	probe.call.body = (struct str){ 0 };
	probe_start(&probe);
	probe_wait(&probe);
	ck_assert_ptr_nonnull(
	        memmem(probe.call.answer.p, probe.call.answer.len, "Content-Length: 0\r\n", 19));
	probe_end(&probe);
	peer_close(&peer);
}
END_TEST

START_TEST(test_the_host_header_leaves_out_the_default_port_only)
{
	static const struct {
		const char *url, *host;
	} rows[] = { { "http://a.example", "a.example" },
		{ "http://a.example:443", "a.example:443" },
		{ "https://a.example:443", "a.example" },
		{ "https://a.example:80", "a.example:80" },
		{ "https://[2001:db8::1]", "[2001:db8::1]" },
		{ "http://[2001:db8::1]:8080", "[2001:db8::1]:8080" } };
	struct arena *arena = arena_new(1024);

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct net_url url;

		ck_assert_int_eq(net_url_parse(str_of(rows[i].url), arena, &url, NULL), RH_OK);
		ck_assert_msg(str_is(request_host(&url, arena), rows[i].host), "%s", rows[i].url);
	}
	arena_free(arena);
}
END_TEST

START_TEST(test_line_breaks_and_nul_never_get_into_a_request)
{
	static const struct {
		struct str method, target, name, value;
	} rows[] = {
		{ { "GE T", 4 }, { "/", 1 }, { "A", 1 }, { "b", 1 } },
		{ { "GET\r\n", 5 }, { "/", 1 }, { "A", 1 }, { "b", 1 } },
		{ { "", 0 }, { "/", 1 }, { "A", 1 }, { "b", 1 } },
		{ { "GET", 3 }, { "", 0 }, { "A", 1 }, { "b", 1 } },
		{ { "GET", 3 }, { "a", 1 }, { "A", 1 }, { "b", 1 } },
		{ { "GET", 3 }, { "/ HTTP/1.1", 10 }, { "A", 1 }, { "b", 1 } },
		{ { "GET", 3 }, { "/\r\nX: y", 7 }, { "A", 1 }, { "b", 1 } },
		{ { "GET", 3 }, { "/\n", 2 }, { "A", 1 }, { "b", 1 } },
		{ { "GET", 3 }, { "/\0", 2 }, { "A", 1 }, { "b", 1 } },
		{ { "GET", 3 }, { "/", 1 }, { "A:", 2 }, { "b", 1 } },
		{ { "GET", 3 }, { "/", 1 }, { "A\r\n", 3 }, { "b", 1 } },
		{ { "GET", 3 }, { "/", 1 }, { "", 0 }, { "b", 1 } },
		{ { "GET", 3 }, { "/", 1 }, { "A", 1 }, { "b\r\nC: d", 7 } },
		{ { "GET", 3 }, { "/", 1 }, { "A", 1 }, { "b\n", 2 } },
		{ { "GET", 3 }, { "/", 1 }, { "A", 1 }, { "b\rc", 3 } },
		{ { "GET", 3 }, { "/", 1 }, { "A", 1 }, { "b\0c", 3 } },
	};

	peer_open(&peer, play_mirror, NULL);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct net_header header = { rows[i].name, rows[i].value };
		struct probe probe;

		probe_init(&probe, &rig, "GET", &peer, "/");
		probe.call.method = rows[i].method;
		probe.call.target = rows[i].target;
		probe.call.headers = &header;
		probe.call.header_count = 1;
		probe_start(&probe);
		probe_wait(&probe);
		probe_expect(&probe, NET_BROKEN, 0, NULL);
		probe_end(&probe);
	}
	ck_assert_int_eq(peer.accepted, 0);
	peer_close(&peer);
}
END_TEST

/* Wherever it stands: what is looked at is several bytes at once. */
START_TEST(test_each_byte_at_each_place_is_judged_by_itself)
{
	char value[19], target[19];
	struct net_header header = { { "A", 1 }, { value, 0 } };
	struct net_call call = { .method = { "GET", 3 }, .headers = &header, .header_count = 1 };

	for (size_t len = 2; len < sizeof(value); len++) {
		for (size_t at = 1; at < len; at++) {
			for (int byte = 0; byte < 256; byte++) {
				memset(value, 'a', len);
				memset(target, 'a', len);
				target[0] = '/';
				value[at] = (char)byte;
				header.value.len = len;
				call.target = STR("/");
				ck_assert_int_eq(request_fault(&call) != NULL,
				        byte == '\r' || byte == '\n' || byte == '\0');
				header.value.len = 0;
				target[at] = (char)byte;
				call.target = (struct str){ target, len };
				ck_assert_int_eq(
				        request_fault(&call) != NULL, byte <= ' ' || byte == 0x7f);
			}
		}
	}
}
END_TEST

START_TEST(test_the_length_of_a_body_is_written_in_all_its_digits)
{
	static const size_t rows[] = { 0, 9, 10, 4294967296, SIZE_MAX };
	struct net_call call = { .method = { "PUT", 3 }, .target = { "/", 1 } };

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out = { 0 };
		char want[128];

		call.body = (struct str){ "", rows[i] };
		request_head(&out, &call, STR("h"));
		snprintf(want, sizeof(want),
		        "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: %zu\r\n\r\n", rows[i]);
		ck_assert_str_eq(out.p, want);
		ck_assert_uint_eq(out.len, strlen(want));
		buf_free(&out);
	}
}
END_TEST

START_TEST(test_lines_made_once_come_before_the_headers_of_a_call)
{
	static const struct net_header kept[] = { { { "A", 1 }, { "b", 1 } },
		{ { "Empty", 5 }, { "", 0 } } };
	static const struct net_header own = { { "C", 1 }, { "d", 1 } };
	struct net_call call = {
		.method = { "GET", 3 }, .target = { "/", 1 }, .headers = &own, .header_count = 1
	};
	struct buf lines = { 0 }, out = { 0 };

	ck_assert(net_header_lines(&lines, kept, COUNT(kept)));
	call.lines = buf_str(&lines);
	request_head(&out, &call, STR("h"));
	ck_assert_str_eq(out.p, "GET / HTTP/1.1\r\nHost: h\r\nA: b\r\nEmpty: \r\nC: d\r\n\r\n");
	buf_free(&lines);
	buf_free(&out);
}
END_TEST

START_TEST(test_lines_that_are_unfit_are_not_made)
{
	static const struct net_header rows[] = { { { "A:", 2 }, { "b", 1 } },
		{ { "", 0 }, { "b", 1 } }, { { "A", 1 }, { "b\r\nC: d", 7 } },
		{ { "A", 1 }, { "b\0", 2 } } };

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct net_header headers[] = { { { "A", 1 }, { "b", 1 } }, rows[i] };
		struct buf lines = { 0 };

		ck_assert(!net_header_lines(&lines, headers, COUNT(headers)));
		ck_assert_uint_eq(lines.len, 0);
		buf_free(&lines);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("client-request");
	TCase *tests = tcase_create("client-request");

	tcase_set_timeout(tests, 0);
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, test_the_request_is_what_the_call_says_and_no_more);
	tcase_add_test(tests, test_the_host_header_leaves_out_the_default_port_only);
	tcase_add_test(tests, test_line_breaks_and_nul_never_get_into_a_request);
	tcase_add_test(tests, test_each_byte_at_each_place_is_judged_by_itself);
	tcase_add_test(tests, test_the_length_of_a_body_is_written_in_all_its_digits);
	tcase_add_test(tests, test_lines_made_once_come_before_the_headers_of_a_call);
	tcase_add_test(tests, test_lines_that_are_unfit_are_not_made);
	suite_add_tcase(suite, tests);
	return suite_run(suite, CK_NOFORK);
}
