/* test_exempt: an origin is exempt by its exact text, at its exact address, as long as it is one.
 */
#include <arpa/inet.h>
#include <check.h>

#include "../suite.h"
#include "roamhub/net.h"

static bool
allows(const struct net_exempt *exempt, const char *origin, const char *ip, uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };

	ck_assert_int_eq(inet_pton(AF_INET, ip, &address.sin_addr), 1);
	return net_exempt_allows(exempt, str_of(origin), (const struct sockaddr *)&address);
}

START_TEST(test_the_origin_alone_is_exempt)
{
	static const struct {
		const char *origin, *ip;
		uint16_t port;
		bool allowed;
	} rows[] = {
		{ "http://127.0.0.1:4711", "127.0.0.1", 4711, true },
		{ "http://127.0.0.1:4711", "127.0.0.1", 4712, false },
		{ "http://127.0.0.1:4712", "127.0.0.1", 4711, false },
		{ "http://127.0.0.1:4712", "127.0.0.1", 4712, false },
		{ "http://127.0.0.1:4711", "127.0.0.2", 4711, false },
		{ "http://127.0.0.1:4711", "10.0.0.1", 4711, false },
		/* whatever else leads there is judged as ever */
		{ "https://127.0.0.1:4711", "127.0.0.1", 4711, false },
		{ "http://localhost:4711", "127.0.0.1", 4711, false },
		{ "http://partner.example:4711", "127.0.0.1", 4711, false },
		{ "http://127.0.0.1:04711", "127.0.0.1", 4711, false },
		{ "http://127.0.0.1:4711/", "127.0.0.1", 4711, false },
		{ "http://127.0.0.1:70247", "127.0.0.1", 4711, false }, /* 65536 above */
		{ "http://127.0.0.1:0", "127.0.0.1", 0, false },
		{ "http://127.0.0.1:", "127.0.0.1", 0, false },
		{ "http://127.0.0.1", "127.0.0.1", 80, false },
		{ "", "127.0.0.1", 4711, false },
	};
	struct net_exempt exempt = { 0 };
	struct sockaddr_in6 ipv6 = { .sin6_family = AF_INET6, .sin6_port = htons(4711) };

	ck_assert(!allows(&exempt, "http://127.0.0.1:4711", "127.0.0.1", 4711));
	ck_assert(net_exempt_add(&exempt, 4711, 7));
	for (size_t i = 0; i < COUNT(rows); i++)
		ck_assert_msg(allows(&exempt, rows[i].origin, rows[i].ip, rows[i].port) ==
		                      rows[i].allowed,
		        "row %zu", i);
	ck_assert_int_eq(inet_pton(AF_INET6, "::ffff:127.0.0.1", &ipv6.sin6_addr), 1);
	ck_assert(!net_exempt_allows(
	        &exempt, STR("http://127.0.0.1:4711"), (const struct sockaddr *)&ipv6));
	ck_assert(!allows(NULL, "http://127.0.0.1:4711", "127.0.0.1", 4711));
}
END_TEST

START_TEST(test_it_ends_when_it_is_taken_away)
{
	struct net_exempt exempt = { 0 };

	ck_assert(net_exempt_add(&exempt, 4711, 7));
	ck_assert(net_exempt_add(&exempt, 4712, 8));
	ck_assert_int_eq(net_exempt_platform(&exempt, STR("http://127.0.0.1:4712")), 8);
	net_exempt_remove(&exempt, 4711);
	ck_assert(!allows(&exempt, "http://127.0.0.1:4711", "127.0.0.1", 4711));
	ck_assert_int_eq(net_exempt_platform(&exempt, STR("http://127.0.0.1:4711")), 0);
	ck_assert(allows(&exempt, "http://127.0.0.1:4712", "127.0.0.1", 4712));
}
END_TEST

START_TEST(test_there_is_room_for_so_many)
{
	struct net_exempt exempt = { 0 };

	for (int i = 1; i <= NET_EXEMPT_MOST; i++)
		ck_assert(net_exempt_add(&exempt, (uint16_t)i, i));
	ck_assert(!net_exempt_add(&exempt, 4711, 7));
	net_exempt_remove(&exempt, 3);
	ck_assert(net_exempt_add(&exempt, 4711, 7));
	ck_assert(allows(&exempt, "http://127.0.0.1:4711", "127.0.0.1", 4711));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("exempt");
	TCase *tests = tcase_create("exempt");

	tcase_add_test(tests, test_the_origin_alone_is_exempt);
	tcase_add_test(tests, test_it_ends_when_it_is_taken_away);
	tcase_add_test(tests, test_there_is_room_for_so_many);
	suite_add_tcase(suite, tests);
	return suite_run(suite, CK_NOFORK);
}
