/* test_forwarded: whose request it was that a reverse proxy passed on, one row each. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "../suite.h"
#include "forwarded.h"

static const char trusted[] = "10.0.0.0/8, fd00::/8";

static const struct {
	const char *what;
	bool is_7239;
	const char *peer, *lines[3], *asker;
} rows[] = {
	{ "no header", false, "10.0.0.1", { 0 }, "10.0.0.1" },
	{ "who is not trusted is not believed", false, "192.0.2.1", { "198.51.100.7" },
	        "192.0.2.1" },
	{ "one proxy", false, "10.0.0.1", { "198.51.100.7" }, "198.51.100.7" },
	{ "what the client wrote itself", false, "10.0.0.1", { "127.0.0.1, 198.51.100.7" },
	        "198.51.100.7" },
	{ "two proxies", false, "10.0.0.1", { "127.0.0.1, 198.51.100.7, 10.9.9.9" },
	        "198.51.100.7" },
	{ "all of them are trusted", false, "10.0.0.1", { "10.0.0.3,10.0.0.2" }, "10.0.0.3" },
	{ "a proxy adds a line", false, "10.0.0.1", { "127.0.0.1", "198.51.100.7" },
	        "198.51.100.7" },
	{ "lines go from right to left", false, "10.0.0.1", { "198.51.100.7", "10.0.0.2" },
	        "198.51.100.7" },
	{ "no address ends it", false, "10.0.0.1", { "198.51.100.7, unknown" }, "10.0.0.1" },
	{ "nothing ends it", false, "10.0.0.1", { "198.51.100.7," }, "10.0.0.1" },
	{ "a range is no address", false, "10.0.0.1", { "198.51.100.0/24" }, "10.0.0.1" },
	{ "with a port", false, "10.0.0.1", { "198.51.100.7:4711" }, "198.51.100.7" },
	{ "IPv6", false, "fd00::1", { "2001:DB8::7" }, "2001:db8::7" },
	{ "IPv6 with a port", false, "fd00::1", { "[2001:db8::7]:4711" }, "2001:db8::7" },
	{ "IPv4 in IPv6 is IPv4", false, "10.0.0.1", { "::ffff:198.51.100.7" }, "198.51.100.7" },
	{ "RFC 7239", true, "10.0.0.1", { "for=198.51.100.7;proto=https;by=10.0.0.1" },
	        "198.51.100.7" },
	{ "parameters in any order and case", true, "10.0.0.1", { "proto=http; For=198.51.100.7" },
	        "198.51.100.7" },
	{ "quoted", true, "10.0.0.1", { "for=\"[2001:db8::7]:4711\"" }, "2001:db8::7" },
	{ "two proxies", true, "10.0.0.1", { "for=127.0.0.1, for=198.51.100.7, for=10.0.0.2" },
	        "198.51.100.7" },
	{ "a quote that was left open hides nobody", true, "10.0.0.1",
	        { "for=\"x, for=198.51.100.7" }, "198.51.100.7" },
	{ "hidden on purpose", true, "10.0.0.1", { "for=_hidden" }, "10.0.0.1" },
	{ "no for", true, "10.0.0.1", { "by=10.0.0.1" }, "10.0.0.1" },
};

START_TEST(test_the_rightmost_address_that_is_not_trusted_is_who_asks)
{
	struct fault fault;
	struct net_ranges *ranges = net_ranges_new(trusted, "key", &fault);
	struct str lines[3];
	char address[INET6_ADDRSTRLEN] = "";
	size_t count = 0;

	ck_assert_ptr_nonnull(ranges);
	(void)stpcpy(address, rows[_i].peer);
	while (count < COUNT(lines) && rows[_i].lines[count] != NULL) {
		lines[count] = str_of(rows[_i].lines[count]);
		count++;
	}
	forwarded_resolve(ranges, rows[_i].is_7239, lines, count, address);
	ck_assert_msg(strcmp(address, rows[_i].asker) == 0, "%s: %s", rows[_i].what, address);
	net_ranges_free(ranges);
}
END_TEST

START_TEST(test_nobody_is_trusted_unless_it_is_said)
{
	struct fault fault;
	struct net_ranges *none = net_ranges_new("", "key", &fault);
	struct str line = STR("198.51.100.7");
	char address[INET6_ADDRSTRLEN] = "10.0.0.1";

	forwarded_resolve(none, false, &line, 1, address);
	forwarded_resolve(NULL, false, &line, 1, address);
	ck_assert_str_eq(address, "10.0.0.1");
	net_ranges_free(none);
	ck_assert_ptr_null(net_ranges_new("10.0.0.0/33", "http.trusted_proxies", &fault));
	ck_assert_str_eq(fault.field, "http.trusted_proxies");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("forwarded");
	TCase *tests = tcase_create("forwarded");

	tcase_add_loop_test(tests, test_the_rightmost_address_that_is_not_trusted_is_who_asks, 0,
	        (int)COUNT(rows));
	tcase_add_test(tests, test_nobody_is_trusted_unless_it_is_said);
	suite_add_tcase(suite, tests);
	return suite_run(suite, CK_FORK_GETENV);
}
