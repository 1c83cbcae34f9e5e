/* Tests of net/egress.c: every special range, addresses inside addresses, the operator's list, and
 * the spellings of an address that a URL can have, through net_url_parse() and the resolver as a
 * connect would see them. */
#include <arpa/inet.h>
#include <check.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "../suite.h"
#include "roamhub/net.h"

static struct sockaddr_storage
address_of(const char *text)
{
	struct sockaddr_storage address = { 0 };
	struct sockaddr_in *ipv4 = (struct sockaddr_in *)&address;
	struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *)&address;

	if (inet_pton(AF_INET, text, &ipv4->sin_addr) == 1) {
		address.ss_family = AF_INET;
		return address;
	}
	address.ss_family = AF_INET6;
	ck_assert_msg(inet_pton(AF_INET6, text, &ipv6->sin6_addr) == 1, "%s is no address", text);
	return address;
}

/** Why @egress refuses @text, "passes" when it does not. */
static const char *
verdict(const struct net_egress *egress, const char *text)
{
	struct sockaddr_storage address = address_of(text);
	const char *why = "";

	if (!net_egress_check(egress, (const struct sockaddr *)&address, &why))
		return why;
	ck_assert_ptr_null(why);
	return "passes";
}

static const struct row {
	const char *address, *verdict;
} rows[] = {
	{ "8.8.8.8", "passes" },
	{ "1.1.1.1", "passes" },
	{ "9.255.255.255", "passes" },
	{ "11.0.0.0", "passes" },
	{ "100.63.255.255", "passes" },
	{ "100.128.0.0", "passes" },
	{ "126.255.255.255", "passes" },
	{ "128.0.0.0", "passes" },
	{ "168.63.129.15", "passes" },
	{ "169.253.255.255", "passes" },
	{ "169.255.0.0", "passes" },
	{ "172.15.255.255", "passes" },
	{ "172.32.0.0", "passes" },
	{ "192.0.1.0", "passes" },
	{ "192.167.255.255", "passes" },
	{ "192.169.0.0", "passes" },
	{ "198.17.255.255", "passes" },
	{ "198.20.0.0", "passes" },
	{ "223.255.255.255", "passes" },
	{ "0.0.0.0", "unspecified" },
	{ "0.0.0.1", "this network" },
	{ "0.255.255.255", "this network" },
	{ "10.0.0.0", "private" },
	{ "10.255.255.255", "private" },
	{ "100.64.0.0", "carrier-grade NAT" },
	{ "100.127.255.255", "carrier-grade NAT" },
	{ "100.100.100.200", "metadata" },
	{ "127.0.0.1", "loopback" },
	{ "127.255.255.255", "loopback" },
	{ "168.63.129.16", "metadata" },
	{ "169.254.0.0", "link-local" },
	{ "169.254.169.254", "metadata" },
	{ "169.254.255.255", "link-local" },
	{ "172.16.0.0", "private" },
	{ "172.31.255.255", "private" },
	{ "192.0.0.0", "protocol assignments" },
	{ "192.0.0.192", "protocol assignments" },
	{ "192.0.2.1", "documentation" },
	{ "192.88.99.1", "6to4 relay" },
	{ "192.168.0.0", "private" },
	{ "192.168.255.255", "private" },
	{ "198.18.0.0", "benchmarking" },
	{ "198.19.255.255", "benchmarking" },
	{ "198.51.100.1", "documentation" },
	{ "203.0.113.1", "documentation" },
	{ "224.0.0.0", "multicast" },
	{ "239.255.255.255", "multicast" },
	{ "240.0.0.0", "reserved" },
	{ "255.255.255.254", "reserved" },
	{ "255.255.255.255", "broadcast" },
	{ "2606:4700:4700::1111", "passes" },
	{ "2a00:1450::1", "passes" },
	{ "::", "unspecified" },
	{ "::1", "loopback" },
	{ "::ffff:8.8.8.8", "passes" },
	{ "::ffff:127.0.0.1", "loopback" },
	{ "::ffff:a9fe:a9fe", "metadata" },
	{ "::8.8.8.8", "passes" },
	{ "::127.0.0.1", "loopback" },
	{ "::7f00:1", "loopback" },
	{ "::ffff:0:10.0.0.1", "private" },
	{ "64:ff9b::8.8.8.8", "passes" },
	{ "64:ff9b::10.0.0.1", "private" },
	{ "64:ff9b::a9fe:a9fe", "metadata" },
	{ "64:ff9b:1::8.8.8.8", "local NAT64" },
	{ "64:ff9c::1", "not global" },
	{ "100::1", "discard" },
	{ "100:0:0:1::1", "not global" },
	{ "2001::1", "unspecified" }, /* Teredo with the server 0.0.0.0 */
	{ "2001:0:808:808::f7f7:f7f7", "passes" },
	{ "2001:0:808:808::80ff:fffe", "loopback" },
	{ "2001:0:7f00:1::f7f7:f7f7", "loopback" },
	{ "2001:2::1", "benchmarking" },
	{ "2001:5::1", "protocol assignments" },
	{ "2001:10::1", "ORCHID" },
	{ "2001:1f:ffff::1", "ORCHID" },
	{ "2001:20::1", "ORCHID" },
	{ "2001:1ff::1", "protocol assignments" },
	{ "2001:200::1", "passes" },
	{ "2001:db8::1", "documentation" },
	{ "2002:808:808::1", "passes" },
	{ "2002:7f00:1::1", "loopback" },
	{ "2002:a9fe:a9fe::1", "metadata" },
	{ "3fff::1", "documentation" },
	{ "3fff:1000::1", "passes" },
	{ "4000::1", "not global" },
	{ "5f00::1", "segment routing" },
	{ "fc00::1", "private" },
	{ "fdff::1", "private" },
	{ "fd00:ec2::254", "metadata" },
	{ "fe80::1", "link-local" },
	{ "febf::1", "link-local" },
	{ "fec0::1", "site-local" },
	{ "ff02::1", "multicast" },
	{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "multicast" },
};

START_TEST(test_every_special_range_is_refused_up_to_its_edges)
{
	struct net_egress *egress = net_egress_new(false, NULL, NULL);

	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *got = verdict(egress, rows[i].address);

		ck_assert_msg(strcmp(got, rows[i].verdict) == 0, "%s: %s, not %s", rows[i].address,
		        got, rows[i].verdict);
	}
	net_egress_free(egress);
}
END_TEST

START_TEST(test_allow_private_passes_all_but_unspecified_and_multicast)
{
	struct net_egress *egress = net_egress_new(true, NULL, NULL);

	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *got = verdict(egress, rows[i].address);

		if (strcmp(got, "unspecified") != 0 && strcmp(got, "multicast") != 0)
			ck_assert_msg(strcmp(got, "passes") == 0, "%s: %s", rows[i].address, got);
	}
	ck_assert_str_eq(verdict(egress, "127.0.0.1"), "passes");
	ck_assert_str_eq(verdict(egress, "0.0.0.0"), "unspecified");
	ck_assert_str_eq(verdict(egress, "::ffff:0.0.0.0"), "unspecified");
	ck_assert_str_eq(verdict(egress, "ff02::1"), "multicast");
	net_egress_free(egress);
}
END_TEST

START_TEST(test_allow_list_passes_its_ranges_and_no_other)
{
	struct net_egress *egress = net_egress_new(
	        false, " 10.1.0.0/16,192.168.7.7 ,fd12::/16,,224.0.0.0/4,0.0.0.0/32", NULL);

	ck_assert_ptr_nonnull(egress);
	ck_assert_str_eq(verdict(egress, "10.1.2.3"), "passes");
	ck_assert_str_eq(verdict(egress, "::ffff:10.1.2.3"), "passes");
	ck_assert_str_eq(verdict(egress, "10.2.0.0"), "private");
	ck_assert_str_eq(verdict(egress, "192.168.7.7"), "passes");
	ck_assert_str_eq(verdict(egress, "192.168.7.6"), "private");
	ck_assert_str_eq(verdict(egress, "fd12:3::4"), "passes");
	ck_assert_str_eq(verdict(egress, "fd13::4"), "private");
	ck_assert_str_eq(verdict(egress, "127.0.0.1"), "loopback");
	ck_assert_str_eq(verdict(egress, "224.0.0.1"), "multicast");
	ck_assert_str_eq(verdict(egress, "0.0.0.0"), "unspecified");
	net_egress_free(egress);
}
END_TEST

START_TEST(test_allow_list_that_cannot_be_read_is_a_fault)
{
	static const char *const bad[] = { "10.0.0.0/33", "10.0.0/8", "fd00::/129", "localhost",
		"10.0.0.0/", "10.0.0.0/-1", "/8", "10.0.0.0/8/8", "10.0.0.0/8;11.0.0.0/8" };

	for (size_t i = 0; i < COUNT(bad); i++) {
		struct fault fault = { 0 };

		ck_assert_msg(net_egress_new(false, bad[i], &fault) == NULL, "%s", bad[i]);
		ck_assert_int_eq(fault.err, RH_BAD_CONFIG);
		ck_assert_str_eq(fault.field, "egress.allow");
	}
}
END_TEST

START_TEST(test_other_address_families_are_refused)
{
	struct net_egress *egress = net_egress_new(true, NULL, NULL);
	struct sockaddr address = { .sa_family = AF_UNIX };
	const char *why;

	ck_assert(!net_egress_check(egress, &address, &why));
	ck_assert_str_eq(why, "not an internet address");
	net_egress_free(egress);
}
END_TEST

/* Spellings of forbidden places. Each must end at the parser, at the
 * resolver, or at the gate. */
static const char *const spellings[] = {
	"http://127.0.0.1/",
	"http://127.1/",
	"http://127.0.1/",
	"http://2130706433/",
	"http://017700000001/",
	"http://0x7f000001/",
	"http://0x7f.0.0.1/",
	"http://0177.0.0.1/",
	"http://0x7f.1/",
	"http://0177.1/",
	"http://127.000.000.001/",
	"http://0/",
	"http://0.0.0.0/",
	"http://00000/",
	"http://0x0/",
	"http://[::]/",
	"http://[::1]/",
	"http://[0:0:0:0:0:0:0:1]/",
	"http://[::ffff:127.0.0.1]/",
	"http://[::ffff:7f00:1]/",
	"http://[0:0:0:0:0:ffff:7f00:0001]/",
	"http://[::127.0.0.1]/",
	"http://[::7f00:1]/",
	"http://[64:ff9b::127.0.0.1]/",
	"http://[64:ff9b::7f00:1]/",
	"http://[64:ff9b:1::a00:1]/",
	"http://[2002:7f00:1::]/",
	"http://[2002:a9fe:a9fe::1]/",
	"http://[2001:0:808:808::80ff:fffe]/",
	"http://[fe80::1]/",
	"http://[fe80::1%25lo]/",
	"http://[fe80::1%lo]/",
	"http://[fec0::1]/",
	"http://[fc00::1]/",
	"http://[fd00:ec2::254]/",
	"http://[ff02::1]/",
	"http://[100::1]/",
	"http://[2001:10::1]/",
	"http://[5f00::1]/",
	"http://[2001:db8::1]/",
	"http://10.0.0.1/",
	"http://10.1/",
	"http://0xa.1/",
	"http://012.1/",
	"http://167772161/",
	"http://100.64.0.1/",
	"http://100.100.100.200/",
	"http://168.63.129.16/",
	"http://169.254.169.254/",
	"http://2852039166/",
	"http://0xa9fea9fe/",
	"http://0251.0376.0251.0376/",
	"http://169.254.43518/",
	"http://0xA9.0xFE.0xA9.0xFE/",
	"http://[::ffff:169.254.169.254]/",
	"http://[::ffff:a9fe:a9fe]/",
	"http://172.16.0.1/",
	"http://172.31.255.255/",
	"http://192.0.0.1/",
	"http://192.0.2.1/",
	"http://192.168.1.1/",
	"http://192.168.257/",
	"http://3232235777/",
	"http://198.18.0.1/",
	"http://224.0.0.1/",
	"http://255.255.255.255/",
	"http://4294967295/",
	"http://localhost/",
	"http://LOCALHOST/",
	"http://localhost./",
	"http://sub.localhost/",
	"http://127.0.0.1./",
	"http://8.8.8.8@127.0.0.1/",
	"http://user:word@127.0.0.1/",
	"http://@127.0.0.1/",
	"http://8.8.8.8:80@127.0.0.1:80/",
	"http://8.8.8.8\\@127.0.0.1/",
	"http://127.0.0.1\\@8.8.8.8/",
	"http://8.8.8.8#@127.0.0.1:1/ ",
	"http://\t127.0.0.1/",
	"http://127.0.0.1\t/",
	"http://127.0.0.1%2f@8.8.8.8/",
	"http://%31%32%37.0.0.1/",
	"http://127%2e0%2e0%2e1/",
	"http://127\xe3\x80\x82"
	"0\xe3\x80\x82"
	"0\xe3\x80\x82"
	"1/",
	"http://\xe2\x91\xa0\xe2\x91\xa1\xe2\x91\xa6.0.0.1/",
	"http:/127.0.0.1/",
	"http:///127.0.0.1/",
	"http:127.0.0.1/",
	"//127.0.0.1/",
	"127.0.0.1",
	"http://",
	"http://:80/",
	"http:///",
	"http://?",
	"http://[]/",
	"http://[::1/",
	"http://::1/",
	"http://127.0.0.1:0/",
	"http://127.0.0.1:65536/",
	"http://127.0.0.1:80:80/",
	"http://127.0.0.1:+80/",
	"file:///etc/passwd",
	"gopher://127.0.0.1/",
	"dict://127.0.0.1/",
	"ftp://127.0.0.1/",
	"ldap://127.0.0.1/",
	"unix:/run/x.sock",
	"javascript:alert(1)",
	"data:text/plain,x",
	"http+unix://%2frun/",
	"httpss://127.0.0.1/",
	"http://127.0.0.1\r\nHost: x/",
	"http://127.0.0.1/\r\nX: y",
	"http://127.0.0.1 /",
	" http://127.0.0.1/",
	"url:http://127.0.0.1/",
	"http://127.0.0.1;x/",
	"http://127.0.0.1,8.8.8.8/",
	"http://[v1.x]/",
	"http://*/",
};

/** Ends @text at the parser, at the resolver or at the gate? */
static bool
is_stopped(const struct net_egress *egress, const char *text)
{
	struct arena *arena = arena_new(4096);
	struct addrinfo *found = NULL, hints = { .ai_socktype = SOCK_STREAM };
	struct net_url url;
	struct fault fault;
	const char *why;
	bool stopped = true;

	if (net_url_parse(str_of(text), arena, &url, &fault) == RH_OK &&
	        getaddrinfo(arena_cstr(arena, url.host), NULL, &hints, &found) == 0)
		for (struct addrinfo *at = found; at != NULL; at = at->ai_next)
			stopped = stopped && !net_egress_check(egress, at->ai_addr, &why);
	if (found != NULL)
		freeaddrinfo(found);
	arena_free(arena);
	return stopped;
}

START_TEST(test_no_spelling_of_a_forbidden_place_passes)
{
	struct net_egress *egress = net_egress_new(false, NULL, NULL);

	ck_assert_uint_ge(COUNT(spellings), 60);
	for (size_t i = 0; i < COUNT(spellings); i++)
		ck_assert_msg(is_stopped(egress, spellings[i]), "%s passes", spellings[i]);
	ck_assert(!is_stopped(egress, "http://8.8.8.8/"));
	ck_assert(!is_stopped(egress, "https://134744072:8443/ocpi"));
	ck_assert(!is_stopped(egress, "http://[2606:4700:4700::1111]/"));
	net_egress_free(egress);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("egress");
	TCase *tests = tcase_create("egress");

	tcase_add_test(tests, test_every_special_range_is_refused_up_to_its_edges);
	tcase_add_test(tests, test_allow_private_passes_all_but_unspecified_and_multicast);
	tcase_add_test(tests, test_allow_list_passes_its_ranges_and_no_other);
	tcase_add_test(tests, test_allow_list_that_cannot_be_read_is_a_fault);
	tcase_add_test(tests, test_other_address_families_are_refused);
	tcase_add_test(tests, test_no_spelling_of_a_forbidden_place_passes);
	suite_add_tcase(suite, tests);
	return suite_run(suite, CK_NOFORK);
}
