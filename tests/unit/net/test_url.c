/* Tests of net/url.c: what a URL is taken for, what is refused, and references against a base after
 * RFC 3986. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "../suite.h"
#include "roamhub/net.h"

static struct arena *arena;

static void
set_up(void)
{
	arena = arena_new(4096);
}

static void
tear_down(void)
{
	arena_free(arena);
}

static const struct good {
	const char *text;
	bool tls;
	uint16_t port;
	const char *host, *origin, *target;
} good[] = {
	{ "http://example.com", false, 80, "example.com", "http://example.com:80", "/" },
	{ "https://example.com/", true, 443, "example.com", "https://example.com:443", "/" },
	{ "HTTPS://Example.COM:443/Ocpi", true, 443, "example.com", "https://example.com:443",
	        "/Ocpi" },
	{ "http://example.com:8080/a/b?c=d&e=%20f", false, 8080, "example.com",
	        "http://example.com:8080", "/a/b?c=d&e=%20f" },
	{ "http://example.com?x=1", false, 80, "example.com", "http://example.com:80", "/?x=1" },
	{ "http://example.com/a#frag?not-a-query", false, 80, "example.com",
	        "http://example.com:80", "/a" },
	{ "http://example.com#frag", false, 80, "example.com", "http://example.com:80", "/" },
	{ "http://example.com/a@b/100%25", false, 80, "example.com", "http://example.com:80",
	        "/a@b/100%25" },
	{ "https://[2001:DB8::0:1]:8443/x", true, 8443, "2001:db8::1", "https://[2001:db8::1]:8443",
	        "/x" },
	{ "http://[::1]/", false, 80, "::1", "http://[::1]:80", "/" },
	{ "http://127.0.0.1:1/", false, 1, "127.0.0.1", "http://127.0.0.1:1", "/" },
	{ "http://0x7f.1/", false, 80, "127.0.0.1", "http://127.0.0.1:80", "/" },
	{ "http://xn--bcher-kva.example/", false, 80, "xn--bcher-kva.example",
	        "http://xn--bcher-kva.example:80", "/" },
	{ "http://under_score.example./", false, 80, "under_score.example.",
	        "http://under_score.example.:80", "/" },
	{ "http://example.com:/a", false, 80, "example.com", "http://example.com:80", "/a" },
	{ "http://example.com:0080/a", false, 80, "example.com", "http://example.com:80", "/a" },
	{ "https://e.com/a;p=1/b,c/(d)/~e!$'*+", true, 443, "e.com", "https://e.com:443",
	        "/a;p=1/b,c/(d)/~e!$'*+" },
	{ "https://e.com/a?next=http://other/%2F", true, 443, "e.com", "https://e.com:443",
	        "/a?next=http://other/%2F" },
};

static void
ck_str(struct str got, const char *want)
{
	ck_assert_msg(str_is(got, want), "%.*s, not %s", STR_ARG(got), want);
}

START_TEST(test_a_url_is_taken_apart)
{
	for (size_t i = 0; i < COUNT(good); i++) {
		struct net_url url;
		struct fault fault = { 0 };

		ck_assert_msg(net_url_parse(str_of(good[i].text), arena, &url, &fault) == RH_OK,
		        "%s: %s", good[i].text, fault.why);
		ck_assert_int_eq(url.tls, good[i].tls);
		ck_assert_int_eq(url.port, good[i].port);
		ck_str(url.host, good[i].host);
		ck_str(url.origin, good[i].origin);
		ck_str(url.target, good[i].target);
	}
}
END_TEST

START_TEST(test_the_origin_of_a_url_is_a_url_of_the_same_origin)
{
	for (size_t i = 0; i < COUNT(good); i++) {
		struct net_url url, again;

		ck_assert_int_eq(net_url_parse(str_of(good[i].text), arena, &url, NULL), RH_OK);
		ck_assert_int_eq(net_url_parse(url.origin, arena, &again, NULL), RH_OK);
		ck_assert(str_eq(url.origin, again.origin));
		ck_str(again.target, "/");
	}
}
END_TEST

static const char *const bad[] = {
	"",
	"http",
	"http:",
	"http:/",
	"http://",
	"http:///",
	"http:///x",
	"http://?",
	"http://#",
	"http://:80",
	"example.com",
	"/path",
	"//example.com/",
	"http:/example.com/",
	"http:example.com",
	"ftp://example.com/",
	"file:///etc/passwd",
	"ws://example.com/",
	"httpx://example.com/",
	"http://user@example.com/",
	"http://user:word@example.com/",
	"http://@example.com/",
	"http://:@example.com/",
	"http://exa%6dple.com/",
	"http://example.com%00/",
	"http://[fe80::1%25eth0]/",
	"http://ex ample.com/",
	"http://example.com/a b",
	"http://example.com/\ta",
	"http://example.com/a\r\nb",
	"http://example.com\\a",
	"http://example.com/a\\b",
	"http://b\xc3\xbc"
	"cher.example/",
	"http://example.com/\xc3\xbc",
	"http://example.com:0/",
	"http://example.com:65536/",
	"http://example.com:-1/",
	"http://example.com:x/",
	"http://example.com:80:80/",
	"http://[::1",
	"http://[::1]x/",
	"http://[::g]/",
	"http://[]/",
	"http://[1.2.3.4]/",
	"http://exam*ple.com/",
	"http://exam<ple.com/",
	"http://a,b/",
	"http://a;b/",
	"http://a'b/",
	"http://a$b/",
	"http://a(b/",
	"http://example.com/\x7f",
	" http://example.com/",
	"http://example.com/ ",
};

START_TEST(test_what_is_no_plain_absolute_url_is_refused)
{
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct net_url url;
		struct fault fault = { 0 };

		ck_assert_msg(net_url_parse(str_of(bad[i]), arena, &url, &fault) == RH_BAD_FIELD,
		        "'%s' passes", bad[i]);
		ck_assert_int_eq(fault.err, RH_BAD_FIELD);
		ck_assert_str_ne(fault.why, "");
	}
}
END_TEST

START_TEST(test_a_nul_an_absent_and_an_endless_url_are_refused)
{
	struct net_url url;
	struct buf text = { .arena = arena };

	ck_assert_int_eq(
	        net_url_parse(STR("http://example.com/\0x"), arena, &url, NULL), RH_BAD_FIELD);
	ck_assert_int_eq(
	        net_url_parse(STR("http://example.com\0.evil/"), arena, &url, NULL), RH_BAD_FIELD);
	ck_assert_int_eq(net_url_parse((struct str){ 0 }, arena, &url, NULL), RH_BAD_FIELD);
	buf_add(&text, STR("http://example.com/"));
	while (text.len <= 8192)
		buf_add(&text, STR("0123456789"));
	ck_assert_int_eq(net_url_parse(buf_str(&text), arena, &url, NULL), RH_BAD_FIELD);
	text = (struct buf){ .arena = arena };
	buf_add(&text, STR("http://"));
	while (text.len < 7 + 254)
		buf_add(&text, STR("a"));
	ck_assert_int_eq(net_url_parse(buf_str(&text), arena, &url, NULL), RH_BAD_FIELD);
}
END_TEST

/* RFC 3986 section 5.4.1 and what Link headers really carry. */
static const struct reference {
	const char *reference, *url;
} references[] = {
	{ "g", "http://a/b/c/g" },
	{ "./g", "http://a/b/c/g" },
	{ "g/", "http://a/b/c/g/" },
	{ "/g", "http://a/g" },
	{ "//g", "http://g/" },
	{ "?y", "http://a/b/c/d;p?y" },
	{ "g?y", "http://a/b/c/g?y" },
	{ "g#s", "http://a/b/c/g" },
	{ "g?y#s", "http://a/b/c/g?y" },
	{ ";x", "http://a/b/c/;x" },
	{ "g;x", "http://a/b/c/g;x" },
	{ "", "http://a/b/c/d;p?q" },
	{ ".", "http://a/b/c/" },
	{ "./", "http://a/b/c/" },
	{ "..", "http://a/b/" },
	{ "../", "http://a/b/" },
	{ "../g", "http://a/b/g" },
	{ "../..", "http://a/" },
	{ "../../g", "http://a/g" },
	{ "../../../g", "http://a/g" },
	{ "/./g", "http://a/g" },
	{ "/../g", "http://a/g" },
	{ "g?y/../x", "http://a/b/c/g?y/../x" },
	{ "https://other:8443/x?y=1", "https://other:8443/x?y=1" },
	{ "?offset=50&limit=50", "http://a/b/c/d;p?offset=50&limit=50" },
	{ "#s", "http://a/b/c/d;p?q" },
};

START_TEST(test_a_reference_is_resolved_against_its_base)
{
	for (size_t i = 0; i < COUNT(references); i++) {
		struct str url = { 0 };
		struct fault fault = { 0 };

		ck_assert_msg(
		        net_url_resolve(STR("http://a/b/c/d;p?q"), str_of(references[i].reference),
		                arena, &url, &fault) == RH_OK,
		        "%s: %s", references[i].reference, fault.why);
		ck_assert_msg(str_is(url, references[i].url), "%s: %.*s, not %s",
		        references[i].reference, STR_ARG(url), references[i].url);
	}
}
END_TEST

/** A reference that leaves http may be refused at once or when its result is parsed; it never
 * becomes a net_url. */
START_TEST(test_a_reference_never_leads_to_another_scheme_or_user_info)
{
	static const char *const evil[] = { "ftp://x/", "file:///etc/passwd", "//user@host/",
		"http://u:p@host/", "javascript:alert(1)", "\\\\host\\share", "/a b", "/a\r\nX: y",
		"gopher://x/", "http:///x" };

	for (size_t i = 0; i < COUNT(evil); i++) {
		struct str text;
		struct net_url url = { 0 };

		if (net_url_resolve(STR("http://a/b"), str_of(evil[i]), arena, &text, NULL) ==
		                RH_OK &&
		        net_url_parse(text, arena, &url, NULL) == RH_OK)
			ck_assert_msg(str_is(url.host, "a"), "%s: %.*s", evil[i], STR_ARG(text));
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("url");
	TCase *tests = tcase_create("url");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, test_a_url_is_taken_apart);
	tcase_add_test(tests, test_the_origin_of_a_url_is_a_url_of_the_same_origin);
	tcase_add_test(tests, test_what_is_no_plain_absolute_url_is_refused);
	tcase_add_test(tests, test_a_nul_an_absent_and_an_endless_url_are_refused);
	tcase_add_test(tests, test_a_reference_is_resolved_against_its_base);
	tcase_add_test(tests, test_a_reference_never_leads_to_another_scheme_or_user_info);
	suite_add_tcase(suite, tests);
	return suite_run(suite, CK_NOFORK);
}
